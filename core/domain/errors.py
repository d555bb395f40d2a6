"""Expected failures, sorted by who can put them right."""

from enum import StrEnum

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
        return f"{text} {self.remedy}".strip()


class StratloopError(Exception):
    """Base of every expected failure: a message for people, and a hint at what to do next."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


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


class ProviderError(StratloopError):
    """A model provider failed; `action` says whether to retry, to wait, to shrink the prompt or to stop."""

    def __init__(self, message: str, *, name: str, action: ProviderAction, hint: str = "", partial: str = "") -> None:
        super().__init__(message, hint=hint)
        self.name = name
        self.action = action
        self.partial = partial


class BudgetError(StratloopError):
    """The next step could cost more than the cap allows: raise the budget or stop."""


class SandboxUnavailableError(StratloopError):
    """The isolation that was asked for cannot be had on this machine: the operator decides."""


class StoreError(StratloopError):
    """The history cannot be read or written: locked, read-only, or written by a newer version."""


class LeaseLostError(StoreError):
    """A worker wrote to a run that is not its own any more: another carries it, or it is over. Whoever gets this leaves the run alone."""


class RunCancelledError(StratloopError):
    """The user asked a step to stop; not a failure."""
