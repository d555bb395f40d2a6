"""Usage and cost of a model call, how sure we are of both, and the ledger's row. Money here is US dollars."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from core.domain.value import Value

CREDIT_USD = 0.001
"""One credit is a tenth of a cent: an alias for money, always shown beside it."""


class UsageSource(StrEnum):
    """Counter of the tokens."""

    PROVIDER = "provider"
    ESTIMATED = "estimated"
    NONE = "none"
    """Not a language model (the built-in optimizer), or nothing was sent."""


class Usage(Value):
    """Tokens of one call. Reasoning tokens are part of `completion_tokens`, cached and written ones part of `prompt_tokens`."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0
    written_tokens: int = 0
    """Prompt tokens that were written to the provider's cache, which some bill at a price of its own."""
    reasoning_tokens: int = 0
    source: UsageSource = UsageSource.NONE


class Cost(Value):
    """Money for one call or the sum of several."""

    usd: float | None = 0.0
    """US dollars; None when the model has no known price (never shown as zero)."""
    price_source: str = "free"
    """`free` (runs here), `litellm <version>`, `user`, or `unpriced`."""


def sum_usages(usages: Sequence[Usage]) -> Usage:
    """Sum the tokens of several calls; estimated as soon as one of them is."""
    sources = {usage.source for usage in usages} - {UsageSource.NONE}
    both = UsageSource.ESTIMATED if UsageSource.ESTIMATED in sources else UsageSource.PROVIDER
    return Usage(
        prompt_tokens=sum(usage.prompt_tokens for usage in usages),
        completion_tokens=sum(usage.completion_tokens for usage in usages),
        cached_tokens=sum(usage.cached_tokens for usage in usages),
        written_tokens=sum(usage.written_tokens for usage in usages),
        reasoning_tokens=sum(usage.reasoning_tokens for usage in usages),
        source=both if sources else UsageSource.NONE,
    )


def sum_costs(costs: Sequence[Cost]) -> Cost:
    """Sum the money of several calls; unknown as soon as one of them is."""
    known = [cost.usd for cost in costs if cost.usd is not None]
    return Cost(usd=sum(known) if len(known) == len(costs) else None, price_source=costs[-1].price_source if costs else "free")


class Price(Value):
    """Charges of a model, in US dollars per million tokens."""

    input: float
    output: float
    cache_read: float | None = None
    """For prompt tokens read from the provider's cache; None when it charges the input price."""
    cache_write: float | None = None
    """For prompt tokens written to it; None when it charges the input price."""
    reasoning: float | None = None
    """For reasoning tokens; None when it charges the output price."""
    source: str
    """`free` (runs here), `litellm <version>`, or `user`."""


class LedgerStatus(StrEnum):
    """State of one paid attempt. A pending row counts at its reserve, so a crash can only over-count."""

    PENDING = "pending"
    OK = "ok"
    CANCELLED = "cancelled"
    ERROR = "error"
    TIMEOUT = "timeout"
    REFUSED = "refused"
    """A cap forbade it: nothing was sent, nothing is counted."""


class LedgerRow(Value):
    """One HTTP attempt: written as pending with its worst case before anything is sent, closed once with the facts."""

    id: int | None = None
    """Given by the store."""
    run_id: str = ""
    """Empty for a single generation."""
    owner: str = ""
    """Id of the person whose credits it takes; empty for nobody's."""
    loop: int = 0
    attempt: int = 1
    purpose: str = "generate"
    provider: str
    model: str
    started: datetime
    """UTC."""
    ended: datetime | None = None
    first_token_seconds: float | None = None
    status: LedgerStatus = LedgerStatus.PENDING
    finish_reason: str = ""
    usage: Usage = Usage()
    price: Price | None = None
    """Price used; None when the model is unpriced."""
    reserved_micros: int = 0
    """Worst case in millionths of a US dollar; 0 for free and for unpriced models."""
    reserved_tokens: int = 0
    """Worst case of prompt and answer together."""
    prompt_tokens: int = 0
    """Our estimate of the prompt's tokens: what is spent for sure once it was sent; 0 where nothing is counted."""
    usd_micros: int | None = 0
    """Cost once closed, in millionths of a US dollar; None when unpriced."""
    prompt_hash: str = ""
    error: str = ""
    """Name of the provider's error class, never its text."""

    @property
    def counted_micros(self) -> int:
        """Amount that counts against a cap: the reserve while pending, then the cost; unpriced counts nothing here, only in tokens."""
        return self.reserved_micros if self.status is LedgerStatus.PENDING else self.usd_micros or 0

    @property
    def counted_tokens(self) -> int:
        """Tokens that count against a token cap: the reserve while pending, then what was used."""
        if self.status is LedgerStatus.PENDING:
            return self.reserved_tokens
        return self.usage.prompt_tokens + self.usage.completion_tokens


class Spent(Value):
    """Sum over ledger rows of one run, or since a moment."""

    usd_micros: int = 0
    """Sum of `counted_micros`: what was spent plus what is reserved."""
    reserved_micros: int = 0
    """The part of it that is only reserved."""
    tokens: int = 0
    """Sum of `counted_tokens`."""
    calls: int = 0
    """Attempts that were sent, pending ones included."""
    unpriced: int = 0
    """Sent attempts whose cost is unknown."""
    estimated: int = 0
    """Sent attempts whose tokens were estimated by us."""

    @property
    def usd(self) -> float:
        """The sum in US dollars."""
        return self.usd_micros / 1_000_000


class BalanceState(StrEnum):
    """Share of a cap that is left."""

    FINE = "fine"
    LOW = "low"
    """A quarter or less."""
    CRITICAL = "critical"
    """A tenth or less."""
    EXHAUSTED = "exhausted"
    """Nothing."""
    UNLIMITED = "unlimited"
    """No cap is set."""


class Balance(Value):
    """Spending against one cap."""

    scope: str
    """`run`, `day` or `month`; `own day` and `own month` for what one person may spend of them."""
    spent: Spent
    cap_usd: float | None
    state: BalanceState

    @property
    def left_usd(self) -> float | None:
        """Amount that may still be spent; None without a cap."""
        return None if self.cap_usd is None else max(0.0, self.cap_usd - self.spent.usd)
