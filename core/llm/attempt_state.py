"""State of one attempt while its stream is read, and what its end means."""

import math
import time
from dataclasses import dataclass, field, replace

from core.domain.errors import ProviderReason
from core.domain.usage import LedgerStatus, Usage, UsageSource
from core.llm.attempt import AsideChunk
from core.llm.continuation import has_open_fence
from core.llm.errors import ERROR_TABLE, CallFailure, build_own_failure
from core.llm.litellm_import import load_litellm


@dataclass(slots=True)
class AttemptState:
    """Text, reasoning and outcome of one attempt so far."""

    started: float
    pieces: list[str] = field(default_factory=list)
    reasoning: list[str] = field(default_factory=list)
    refusal: str = ""
    tool_call: str = ""
    """Pieces that came beside an answer."""
    letters: int = 0
    looked: int = 0
    """Letters at the last look for a repetition."""
    first: float | None = None
    """Seconds until the first piece."""
    status: LedgerStatus | None = None
    """None while it runs."""
    sent: bool = False
    """The request was sent, or is being sent."""
    finish_reason: str = ""
    usage: Usage | None = None
    """As the provider counted."""
    failure: CallFailure | None = None

    @property
    def text(self) -> str:
        """The answer so far, as it came."""
        return "".join(self.pieces)

    @property
    def tokens(self) -> int:
        """Estimated tokens of answer and reasoning so far."""
        return math.ceil(self.letters / 4)

    def add_piece(self, pieces: list[str], text: str) -> None:
        """Keep a piece."""
        if self.first is None:
            self.first = time.monotonic() - self.started
        pieces.append(text)
        self.letters += len(text)

    def grown(self) -> bool:
        """True when enough came since the last time that a look for a repetition is worth it."""
        if self.letters - self.looked < 600:
            return False
        self.looked = self.letters
        return True

    def fail(self, failure: CallFailure) -> None:
        """It failed."""
        self.failure = failure
        self.status = LedgerStatus.TIMEOUT if failure.rule.reason is ProviderReason.TIMEOUT else LedgerStatus.ERROR

    def end(self, finish_reason: str, status: LedgerStatus = LedgerStatus.OK) -> None:
        """It is over, by itself or because it was stopped."""
        self.finish_reason, self.status = finish_reason, status

    def add_aside(self, aside: AsideChunk) -> None:
        """Keep a piece of what is no answer."""
        self.refusal += aside.refusal
        self.tool_call += aside.tool_call
        self.letters += len(aside.refusal) + len(aside.tool_call)


_SPENT = ("length", "max_tokens", "max_output_tokens")
_REFUSED = ("content_filter", "refusal", "safety", "prohibited_content", "recitation", "blocklist", "spii")


def interpret_end(reason: str, state: AttemptState) -> None:
    """Read the provider's word for the end. Without one, an open code block is a truncation; without an answer, it failed."""
    reason = reason.lower()
    thought = bool(state.reasoning) or (state.usage is not None and state.usage.reasoning_tokens > 0)
    if reason in _REFUSED:
        state.fail(CallFailure("ContentPolicyViolationError", replace(ERROR_TABLE["ContentPolicyViolationError"], billed=True)))
    elif state.text.strip():
        truncated = reason in _SPENT or (not reason and has_open_fence(state.text))
        state.end("length" if truncated else "stop")
    elif state.refusal:
        state.fail(build_own_failure("Refusal", " ".join(state.refusal.split())[:300]))
    elif state.tool_call:
        state.fail(build_own_failure("OnlyToolCall"))
    elif reason in _SPENT and thought:
        state.fail(build_own_failure("OnlyThought"))
    elif state.reasoning:
        state.fail(build_own_failure("OnlyReasoning"))
    elif reason or state.letters:
        state.end("length" if reason in _SPENT else "stop")
    else:
        state.fail(build_own_failure("EmptyStream"))


def find_partial(state: AttemptState) -> str:
    """Find what came where no answer did: it may hold a program all the same."""
    return state.text or state.tool_call or "".join(state.reasoning)


def count_usage(state: AttemptState, model: str, prompt: str) -> Usage:
    """Count the tokens of one attempt: as the provider did, else as the library does, else none where nothing can have been charged."""
    if not state.sent:
        return Usage()
    if state.usage is not None:
        return state.usage
    if state.failure is not None and not state.failure.rule.billed and not state.letters:
        return Usage()
    count = load_litellm().token_counter
    reasoning = count(model=model, text="".join(state.reasoning)) if state.reasoning else 0
    written = count(model=model, text=state.text) if state.pieces else 0
    return Usage(
        prompt_tokens=count(model=model, text=prompt),
        completion_tokens=written + reasoning,
        reasoning_tokens=reasoning,
        source=UsageSource.ESTIMATED,
    )
