"""Values that go to a model and come back: prompt, request, stream events."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from core.domain.usage import Cost, Usage
from core.domain.value import Value

BUNDLED_LABELS = {"built-in": "Built-in optimizer (not an AI model)", "demo": "Demo (a replay, not a model)"}
"""Authors that ship with the product in place of a model, by id."""


class Prompt(Value):
    """Text for a model: a constant prefix that providers can cache, and the part of this iteration."""

    system: str
    user: str
    tokens: int
    """Estimate for display; the provider's count is authoritative."""
    hash: str
    """SHA-256 of both parts."""


class ModelRequest(Value):
    """One call to a model. Holds no key: the gateway finds it when it calls."""

    model: str
    prompt: Prompt
    api_base: str = ""
    temperature: float | None = None
    """None leaves it to the model."""
    max_tokens: int = 8_000
    effort: str = ""
    """Time that a reasoning model may think, in its provider's words; empty leaves it to the model."""
    seed: int = 0
    silence_seconds: float | None = None
    """Seconds without a sign of life after which the call counts as broken; thinking that is streamed is a sign. None: the usual ones."""
    deadline_seconds: float = 3_600.0
    """Seconds after which the call ends in any case."""
    run_id: str = ""
    """For the ledger: which run pays; empty for a single generation."""
    loop: int = 0
    purpose: str = "generate"
    """generate | repair | continue | test_key"""
    run_cap_usd: float | None = None
    """Most that the run `run_id` may cost in all, in US dollars; None for no cap of its own."""

    @property
    def settings(self) -> "RequestSettings":
        """The settings, without the prompt."""
        return RequestSettings(**{name: getattr(self, name) for name in RequestSettings.model_fields})


class RequestSettings(Value):
    """Exact settings of a call, kept with what came of it; holds neither prompt nor key."""

    model: str
    api_base: str = ""
    temperature: float | None = None
    """None: left to the model."""
    max_tokens: int
    effort: str = ""
    """Empty: left to the model."""
    seed: int
    silence_seconds: float | None = None
    deadline_seconds: float


@dataclass(frozen=True, slots=True)
class TextDelta:
    """A piece of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    """A piece of the model's reasoning: shown in a fold, never parsed as the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Retrying:
    """An attempt failed and another follows. The text so far belonged to the failed one: what comes next starts the answer afresh."""

    attempt: int
    wait_seconds: float
    message: str


class Finished(Value):
    """The end of a call: always the last event."""

    text: str
    """The whole answer."""
    finish_reason: str
    """`stop`, `length`, or `cancelled`."""
    usage: Usage
    cost: Cost
    seconds: float
    sent: RequestSettings | None = None
    """The settings as they were sent, which leave out what the model was found not to take; None where nothing was sent."""


ModelEvent = TextDelta | ReasoningDelta | Retrying | Finished


class AnswerProblem(StrEnum):
    """Reason why a whole answer cannot be used as it is."""

    EMPTY = "empty"
    NO_CODE = "no_code"
    CUT_OFF = "cut_off"
    """It ends inside the code, or before any came."""
    UNPARSABLE = "unparsable"
    ELIDED = "elided"
    """Parts of the program are left out ("rest unchanged")."""
    NO_NEXT = "no_next"
    """The strategy has no method in which it could act."""
    EDIT_REFUSED = "edit_refused"
    """It holds edits, and one of them does not fit the program exactly once."""
    TOO_LONG = "too_long"


class ModelInfo(Value):
    """One entry of the model picker."""

    id: str
    """Value for `ModelRequest.model`: `built-in` or `provider/name`."""
    provider: str
    name: str
    label: str
    """For the picker."""
    context: int | None = None
    """Largest prompt in tokens."""
    max_output: int | None = None
    input_price: float | None = None
    """US dollars per million prompt tokens; None when unknown."""
    output_price: float | None = None
    free: bool = False
    """Runs on this machine."""
    needs_key: bool = True
    deprecated: bool = False
    """Past the day on which the provider retires it."""
    retires: date | None = None
    """That day, when it is known."""
    retires_soon: bool = False
    """True within sixty days of it."""
    preselectable: bool = True
    """False for what nobody means when he names only a provider: retired, guard, audio, research and search models."""
    missing_package: str = ""
    """Package without which it cannot be called here; empty when it can."""
    capabilities: tuple[str, ...] = ()
    """Of `reasoning`, `vision`, `structured output`, `prompt caching`, `function calling`, `web search`."""
    price_source: str = "unpriced"
    """`free`, `litellm <version>`, `user`, or `unpriced`."""

    @property
    def unpriced(self) -> bool:
        """True when nobody here knows what it costs; never the same as free."""
        return self.price_source == "unpriced"


class ProviderInfo(Value):
    """One group of the model picker."""

    id: str
    """The part of a model id before the slash; `stratloop` for what ships with the product."""
    label: str
    models: int
    """Models in the catalogue; 0 when ids have to be typed or asked of a local server."""
    needs_key: bool = True
    local: bool = False
    """Runs on a machine of the user's own: free."""
    key_variable: str = ""
    """Environment variable that is read for its key; empty when there is none or when it takes several."""
    api_base: str = ""
    """Usual address, when one has to be given."""
