"""How spending reads: dollars with their alias, and how sure a sum is. What is unknown never looks like zero. Pure text, no widgets."""

from collections.abc import Sequence

from core.domain.iteration import Iteration
from core.domain.usage import CREDIT_USD, Balance, BalanceState, LedgerRow, LedgerStatus, Spent, UsageSource
from pages.components import words

STATE: dict[BalanceState, tuple[str, words.Color, str]] = {
    BalanceState.FINE: ("Fine", "green", ":material/check:"),
    BalanceState.LOW: ("Low", "orange", ":material/battery_low:"),
    BalanceState.CRITICAL: ("Critical", "red", ":material/battery_alert:"),
    BalanceState.EXHAUSTED: ("Exhausted", "red", ":material/block:"),
    BalanceState.UNLIMITED: ("No limit", "gray", ":material/all_inclusive:"),
}

CALL = {
    LedgerStatus.PENDING: "under way",
    LedgerStatus.OK: "ok",
    LedgerStatus.CANCELLED: "cancelled",
    LedgerStatus.ERROR: "failed",
    LedgerStatus.TIMEOUT: "timed out",
    LedgerStatus.REFUSED: "refused by a limit",
}

ERROR = {"WorkerGone": "its process ended; the prompt is estimated"}
"""Errors that are no provider's."""

PURPOSE = {"generate": "generate", "repair": "repair", "continue": "continue", "test_key": "test of a key"}


def credits(usd: float) -> str:
    """The alias of an amount, always shown beside it.

    >>> credits(1.5), credits(0.0042), credits(0.00001), credits(0.001)
    ('1,500 credits', '4.2 credits', '0.01 credits', '1 credit')
    """
    number = usd / CREDIT_USD
    text = f"{number:,.0f}" if number >= 100 or number == round(number) else f"{number:.1f}" if number >= 1 else f"{number:.1g}"
    return f"{text} {'credit' if text == '1' else 'credits'}"


def amount(spent: Spent) -> str:
    """A sum in dollars: `free` when nothing was charged, and what is unknown said as such.

    >>> amount(Spent(usd_micros=1_200_000, calls=3)), amount(Spent(calls=2)), amount(Spent())
    ('$1.20', 'free', '$0')
    >>> amount(Spent(calls=2, unpriced=2)), amount(Spent(usd_micros=40_000, calls=3, unpriced=1))
    ('unknown', '$0.040 + unknown')
    """
    if not spent.calls:
        return "$0"
    if spent.unpriced:
        return f"{words.dollars(spent.usd)} + unknown" if spent.usd_micros else "unknown"
    return words.dollars(spent.usd) if spent.usd_micros else "free"


def amount_in_credits(spent: Spent) -> str:
    """The same sum in credits.

    >>> amount_in_credits(Spent(calls=2, unpriced=2)), amount_in_credits(Spent(usd_micros=40_000, calls=3, unpriced=1))
    ('unknown credits', '40 credits + unknown')
    """
    if not spent.unpriced:
        return credits(spent.usd)
    return f"{credits(spent.usd)} + unknown" if spent.usd_micros else "unknown credits"


def sureness(spent: Spent) -> str:
    """What a sum rests on besides finished calls that the provider counted.

    >>> sureness(Spent(usd_micros=500, reserved_micros=500, calls=3, unpriced=1, estimated=2))
    '$0.0005 reserved for calls under way · tokens of 2 calls estimated · 1 call without a known price'
    """
    parts = []
    if spent.reserved_micros:
        parts.append(f"{words.dollars(spent.reserved_micros / 1e6)} reserved for calls under way")
    if spent.estimated:
        parts.append(f"tokens of {words.count(spent.estimated, 'call')} estimated")
    if spent.unpriced:
        parts.append(f"{words.count(spent.unpriced, 'call')} without a known price")
    return " · ".join(parts)


def against(balance: Balance) -> str:
    """How a sum stands to its limit.

    >>> against(Balance(scope="day", spent=Spent(usd_micros=900_000), cap_usd=1.0, state=BalanceState.CRITICAL))
    '$0.100 of $1.00 left'
    """
    if balance.cap_usd is None or balance.left_usd is None:
        return "no limit is set"
    return f"{words.dollars(balance.left_usd)} of {words.dollars(balance.cap_usd)} left"


def row_cost(row: LedgerRow) -> str:
    """What one call cost."""
    if row.status is LedgerStatus.REFUSED:
        return "not sent"
    if row.price is None:
        return "unknown"
    if row.status is LedgerStatus.PENDING:
        return f"up to {words.dollars(row.reserved_micros / 1e6)}"
    return words.dollars((row.usd_micros or 0) / 1e6) if row.usd_micros else "free"


def row_tokens(row: LedgerRow) -> str:
    """Tokens of one call; a tilde marks an estimate."""
    if row.status is LedgerStatus.REFUSED:
        return words.DASH
    mark = "~" if row.usage.source is UsageSource.ESTIMATED else "up to " if row.status is LedgerStatus.PENDING else ""
    return f"{mark}{row.counted_tokens:,}"


def improvements(iterations: Sequence[Iteration]) -> int:
    """How often a new best score was found after iteration 0."""
    best, found = float("-inf"), 0
    for iteration in iterations:
        if iteration.score is not None and iteration.score > best:
            found += iteration.number > 0
            best = iteration.score
    return found


def per_improvement(spent: Spent, found: int) -> str:
    """Dollars for each new best score; a dash when there was none, or when the sum is not known.

    >>> per_improvement(Spent(usd_micros=60_000, calls=4), 3), per_improvement(Spent(calls=4), 3), per_improvement(Spent(calls=1), 0)
    ('$0.020', 'free', '—')
    """
    if not found or spent.unpriced:
        return words.DASH
    return words.dollars(spent.usd / found) if spent.usd_micros else "free"
