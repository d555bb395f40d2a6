"""Money: what a call costs, the most it can cost, and what a run will probably cost. Prices come from `catalogue` or the user."""

import math

from core.domain.usage import Price, Usage
from core.llm.catalogue import find_price

_MILLION = 1_000_000
TYPICAL_ANSWER = 1_800
"""Tokens of a typical strategy with its two lines of explanation."""
RETRY_FACTOR = 1.3
"""The upper estimate allows for three calls in ten being sent again."""


def compute_micros(usage: Usage, price: Price) -> int:
    """Cost in millionths of a US dollar, rounded up, so that a sum of calls never falls below the bill.

    >>> compute_micros(Usage(prompt_tokens=3000, completion_tokens=1500), Price(input=3, output=15, source="user"))
    31500
    """
    cached = min(usage.cached_tokens, usage.prompt_tokens)
    written = min(usage.written_tokens, usage.prompt_tokens - cached)
    reasoning = min(usage.reasoning_tokens, usage.completion_tokens)
    total = (usage.prompt_tokens - cached - written) * price.input
    total += written * (price.input if price.cache_write is None else price.cache_write)
    total += cached * (price.input if price.cache_read is None else price.cache_read)
    total += (usage.completion_tokens - reasoning) * price.output
    total += reasoning * (price.output if price.reasoning is None else price.reasoning)
    return math.ceil(round(total, 6))


def worst_micros(prompt_tokens: int, max_tokens: int, price: Price) -> int:
    """The most that one attempt can cost: nothing read from a cache, every token of the answer used, at the dearer rates."""
    into = max(price.input, price.cache_write or 0.0)
    out = max(price.output, price.reasoning or 0.0)
    return math.ceil(prompt_tokens * into + max_tokens * out)


def worst_prompt_tokens(text: str) -> int:
    """An upper bound of a prompt's tokens under any tokenizer: one for two bytes (English and code take three to four)."""
    return math.ceil(len(text.encode()) / 2) + 16


def estimate_tokens(text: str) -> int:
    """A quick estimate while text arrives: four bytes a token."""
    return math.ceil(len(text.encode()) / 4)


def estimate_cost(
    model_id: str,
    *,
    loops: int,
    prompt_tokens: int,
    max_tokens: int,
    price: Price | None = None,
) -> tuple[float, float] | None:
    """US dollars that a run will probably cost: (expected, most). None when the model is unpriced.

    `prompt_tokens` is of one typical prompt; `price` replaces the catalogue's.
    """
    used = price or find_price(model_id)
    if used is None:
        return None
    typical = Usage(prompt_tokens=prompt_tokens, completion_tokens=min(TYPICAL_ANSWER, max_tokens))
    low = loops * compute_micros(typical, used)
    high = max(low, math.ceil(loops * RETRY_FACTOR * worst_micros(prompt_tokens, max_tokens, used)))
    return low / _MILLION, high / _MILLION
