"""What goes to a model and what comes back, as values: prompt, request, stream events."""

from core.domain.usage import Cost, Usage
from core.domain.value import Value


class Prompt(Value):
    """Text for a model: a constant prefix that providers can cache, and the part of this turn."""

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
    max_tokens: int = 8_000
    seed: int = 0
    deadline_seconds: float = 300.0
    run_id: str = ""
    """For the ledger: which run pays; empty for a single generation."""
    loop: int = 0
    purpose: str = "generate"
    """generate | repair | continue | test_key"""


class TextDelta(Value):
    """A piece of the answer."""

    text: str


class ReasoningDelta(Value):
    """A piece of the model's reasoning: shown in a fold, never parsed as the answer."""

    text: str


class Retrying(Value):
    """An attempt failed and another follows."""

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


ModelEvent = TextDelta | ReasoningDelta | Retrying | Finished


class ModelInfo(Value):
    """One entry of the model picker."""

    id: str
    """What `ModelRequest.model` takes: `built-in` or `provider/name`."""
    provider: str
    name: str
    label: str
    """For the picker; the built-in one reads `Built-in optimiser (not an AI model)`."""
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
