"""Expected failures, sorted by who can put them right."""

from enum import StrEnum

from core.domain.usage import Cost, Usage
from core.domain.value import Value


class Severity(StrEnum):
    """Weight of a problem: an error stops the work, a warning is only shown."""

    ERROR = "error"
    WARNING = "warning"


class Problem(Value):
    """One thing that is wrong with a workflow: where, what, and what would be right."""

    severity: Severity = Severity.ERROR
    row: str | None = None
    """Id of the row, or None when the whole document is meant."""
    column: str | None = None
    """Name of the row's field, for example `thresholds`."""
    message: str
    remedy: str = ""

    def __str__(self) -> str:
        place = " ".join(part for part in (f"row {self.row}" if self.row else "", f"({self.column})" if self.column else "") if part)
        text = f"{place}: {self.message}" if place else self.message
        return _join_sentences(text, self.remedy)


class StratloopError(Exception):
    """Base of every expected failure: a message for people, and a hint at what to do next."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return _join_sentences(self.message, self.hint)


def _join_sentences(first: str, second: str) -> str:
    """Two sentences as one text; the first one is ended where it has no end of its own and another follows."""
    end = "." if first and second and first[-1] not in ".!?:" else ""
    return f"{first}{end} {second}".strip()


class InputError(StratloopError):
    """The caller's input is off in a way that is neither workflow nor bars: an unknown run, a bad number, an unreadable file."""


class WorkflowError(StratloopError):
    """The analyst fixes it; carries every problem with its row and column."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class MarketDataError(StratloopError):
    """The analyst or the source fixes it: unknown symbol, range outside the data, dirty file, rate limit."""


class RefusedBarsError(MarketDataError):
    """Bars that cannot be used, because repairing them would be guessing; carries every reason. Nothing was imported."""

    def __init__(self, message: str, *, reasons: tuple[str, ...], hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.reasons = reasons


class CodeError(StratloopError):
    """The model, or the person editing, fixes it: where in the code, what happened, and a hint."""

    def __init__(self, message: str, *, stage: str, line: int | None = None, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.stage = stage
        self.line = line


class ProviderAction(StrEnum):
    """Action that a provider's error asks of the caller."""

    RETRY = "retry"
    WAIT = "wait"
    STOP = "stop"
    SHRINK = "shrink"


class ProviderReason(StrEnum):
    """Reason why a model gave no usable answer, in the product's own terms; every decision about such a failure is made by it."""

    AUTHENTICATION = "authentication"
    """The key is missing, or the provider does not accept it."""
    PERMISSION = "permission"
    """The key may not use this model."""
    QUOTA = "quota"
    """The account has no credit left."""
    SPENDING_LIMIT = "spending_limit"
    """A limit outside the run forbids to spend more."""
    UNKNOWN_MODEL = "unknown_model"
    UNPRICED_MODEL = "unpriced_model"
    RATE_LIMIT = "rate_limit"
    CONTEXT_TOO_LONG = "context_too_long"
    CONTENT_REFUSED = "content_refused"
    """A rule about contents stopped the prompt or the answer."""
    BAD_REQUEST = "bad_request"
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    """No server answered at the address."""
    UNAVAILABLE = "unavailable"
    """The provider is overloaded, or failed by a fault of its own."""
    INTERRUPTED = "interrupted"
    """The answer broke off, or went round in circles."""
    UNREADABLE_ANSWER = "unreadable_answer"
    """An answer came back that is no model's."""
    NOT_INSTALLED = "not_installed"
    """A package that this provider needs is not installed here."""
    NO_ANSWER = "no_answer"
    """The model thought, called a tool or refused, and wrote no answer."""
    NOTHING_LEFT = "nothing_left"
    """The model itself says that it has nothing more to propose."""
    UNKNOWN = "unknown"

    @property
    def action(self) -> ProviderAction:
        """Action that the caller owes this reason."""
        return _ACTIONS.get(self, ProviderAction.STOP)

    @property
    def passes(self) -> bool:
        """True for an outage: nothing is wrong with the request, and the provider will answer again some day."""
        return self in _OUTAGES

    @property
    def concerns_one_answer(self) -> bool:
        """True for what another prompt, or the same one again, need not meet."""
        return self in _ONE_ANSWER

    @property
    def concerns_every_answer(self) -> bool:
        """True for what lies with the key, the account or the model: the next answer would fail the same way."""
        return self in _EVERY_ANSWER


_ACTIONS = {
    ProviderReason.RATE_LIMIT: ProviderAction.WAIT,
    ProviderReason.CONTEXT_TOO_LONG: ProviderAction.SHRINK,
    ProviderReason.TIMEOUT: ProviderAction.RETRY,
    ProviderReason.UNREACHABLE: ProviderAction.RETRY,
    ProviderReason.UNAVAILABLE: ProviderAction.RETRY,
    ProviderReason.INTERRUPTED: ProviderAction.RETRY,
    ProviderReason.UNREADABLE_ANSWER: ProviderAction.RETRY,
}
"""Reasons that ask for something else than to stop."""

_OUTAGES = frozenset({ProviderReason.RATE_LIMIT, ProviderReason.TIMEOUT, ProviderReason.UNREACHABLE, ProviderReason.UNAVAILABLE})
_ONE_ANSWER = frozenset(
    {ProviderReason.CONTENT_REFUSED, ProviderReason.INTERRUPTED, ProviderReason.UNREADABLE_ANSWER, ProviderReason.NO_ANSWER}
)
_EVERY_ANSWER = frozenset(
    {
        ProviderReason.AUTHENTICATION,
        ProviderReason.PERMISSION,
        ProviderReason.QUOTA,
        ProviderReason.SPENDING_LIMIT,
        ProviderReason.UNKNOWN_MODEL,
        ProviderReason.UNPRICED_MODEL,
        ProviderReason.NOT_INSTALLED,
    }
)


class ProviderError(StratloopError):
    """A model provider failed: `reason` says what went wrong, `action` what to do about it. `name` is the library's word, for display."""

    def __init__(
        self,
        message: str,
        *,
        name: str,
        reason: ProviderReason,
        hint: str = "",
        partial: str = "",
        usage: Usage | None = None,
        cost: Cost | None = None,
        retry_after: float | None = None,
    ) -> None:
        """`partial` is the part of an answer that came before it; `usage` and `cost` are those of the failed call; `retry_after` are the
        seconds that the provider asks to wait.
        """
        super().__init__(message, hint=hint)
        self.name = name
        self.reason = reason
        self.partial = partial
        self.usage = usage or Usage()
        self.cost = cost or Cost()
        self.retry_after = retry_after

    @property
    def action(self) -> ProviderAction:
        """Action that the reason asks for."""
        return self.reason.action


class BudgetError(StratloopError):
    """The next step could cost more than the cap allows: raise the budget or stop."""


class SandboxUnavailableError(StratloopError):
    """The isolation that was asked for cannot be had on this machine: the operator decides."""


class RunKilledError(SandboxUnavailableError):
    """The machine killed the processes of one run, also when they were started again; other runs may go well."""


class StoreTrouble(StrEnum):
    """Kind of what keeps the history from being read or written."""

    LOCKED = "locked"
    DISCONNECTED = "disconnected"
    REFUSED = "refused"
    FULL = "full"
    READ_ONLY = "read_only"
    OTHER = "other"

    @property
    def passing(self) -> bool:
        """True for trouble that usually passes by itself within a minute."""
        return self in (StoreTrouble.LOCKED, StoreTrouble.DISCONNECTED)

    @property
    def curable(self) -> bool:
        """True for trouble after which the same thing can succeed, once somebody has done something about it."""
        return self is not StoreTrouble.OTHER


class StoreError(StratloopError):
    """The history cannot be read or written: locked, read-only, or written by a newer version."""

    def __init__(self, message: str, *, hint: str = "", trouble: StoreTrouble = StoreTrouble.OTHER, writing: bool = False) -> None:
        super().__init__(message, hint=hint)
        self.trouble = trouble
        self.writing = writing


class BusyError(StoreError):
    """A run is being worked on already, or is over: whoever wants it tries again in a moment, or looks how it stands."""


class SessionTrouble(StrEnum):
    """Reason why a session takes nothing from its author now."""

    UNKNOWN = "unknown"
    """There is no session of that id, or no such iteration in it."""
    OVER = "over"
    PAUSED = "paused"
    """A person has paused it."""
    FULL = "full"
    """As many submissions as were agreed are in."""
    BUSY = "busy"
    """Another submission is being worked on."""
    ID_USED = "id_used"
    """The id of the submission stands for another program."""
    BARS_CHANGED = "bars_changed"
    """The bars are no longer those that it began on."""


class SessionError(StratloopError):
    """A session's author asked for something that cannot be had as it stands; `trouble` says why."""

    def __init__(self, message: str, trouble: SessionTrouble, *, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.trouble = trouble


class LeaseLostError(StoreError):
    """A worker wrote to a run that is not its own any more: another carries it, or it is over. Whoever gets this leaves the run alone."""
