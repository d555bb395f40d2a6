"""What a model call used and what that cost, and how sure we are of both."""

from enum import StrEnum

from core.domain.value import Value


class UsageSource(StrEnum):
    """Who counted the tokens."""

    PROVIDER = "provider"
    ESTIMATED = "estimated"
    NONE = "none"
    """Not a language model (the built-in optimiser), or nothing was sent."""


class Usage(Value):
    """Tokens of one call. Reasoning tokens are part of `completion_tokens`, cached ones part of `prompt_tokens`."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0
    reasoning_tokens: int = 0
    source: UsageSource = UsageSource.NONE


class Cost(Value):
    """Money for one call or the sum of several."""

    usd: float | None = 0.0
    """US dollars; None when the model has no known price (never shown as zero)."""
    price_source: str = "free"
    """`free` (runs here), `litellm <version>`, `user`, or `unpriced`."""
