"""Wording of spending: dollars with their alias, and how sure a sum is. Unknown never looks like zero. Pure text, no widgets."""

from collections.abc import Sequence

from core.domain.iteration import Iteration
from core.domain.usage import CREDIT_USD, Balance, BalanceState, LedgerRow, LedgerStatus, Spent, UsageSource
from core.report.number_format import DASH, format_count, format_dollars
from pages.components import formatting

STATE: dict[BalanceState, tuple[str, formatting.Color, str]] = {
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


def format_credits(usd: float) -> str:
    """The alias of an amount, always shown beside it.

    >>> format_credits(1.5), format_credits(0.0042), format_credits(0.00001), format_credits(0.001)
    ('1,500 credits', '4.2 credits', '0.01 credits', '1 credit')
    """
    text = _number_of_credits(usd)
    return f"{text} {'credit' if text == '1' else 'credits'}"


def _number_of_credits(usd: float) -> str:
    number = usd / CREDIT_USD
    return f"{number:,.0f}" if number >= 100 or number == round(number) else f"{number:.1f}" if number >= 1 else f"{number:.1g}"


def format_amount(spent: Spent) -> str:
    """A sum in dollars: `free` when nothing was charged, and what is unknown said as such.

    >>> format_amount(Spent(usd_micros=1_200_000, calls=3)), format_amount(Spent(calls=2)), format_amount(Spent())
    ('$1.20', 'free', '$0')
    >>> format_amount(Spent(calls=2, unpriced=2)), format_amount(Spent(usd_micros=40_000, calls=3, unpriced=1))
    ('unknown', '$0.040 + unknown')
    """
    if not spent.calls:
        return "$0"
    if spent.unpriced:
        return f"{format_dollars(spent.usd)} + unknown" if spent.usd_micros else "unknown"
    return format_dollars(spent.usd) if spent.usd_micros else "free"


def format_amount_in_credits(spent: Spent) -> str:
    """The same sum in credits.

    >>> format_amount_in_credits(Spent(calls=2, unpriced=2)), format_amount_in_credits(Spent(usd_micros=40_000, calls=3, unpriced=1))
    ('unknown credits', '40 credits + unknown')
    """
    if not spent.unpriced:
        return format_credits(spent.usd)
    return f"{format_credits(spent.usd)} + unknown" if spent.usd_micros else "unknown credits"


def format_amount_under_credits(spent: Spent) -> str:
    """The same where the head of a column names the unit.

    >>> format_amount_under_credits(Spent(calls=2, unpriced=2)), format_amount_under_credits(Spent(usd_micros=1_000, calls=3, unpriced=1))
    ('unknown', '1 + unknown')
    """
    if not spent.unpriced:
        return _number_of_credits(spent.usd)
    return f"{_number_of_credits(spent.usd)} + unknown" if spent.usd_micros else "unknown"


def describe_certainty(spent: Spent) -> str:
    """Describe what a sum rests on besides finished calls that the provider counted.

    >>> describe_certainty(Spent(usd_micros=500, reserved_micros=500, calls=3, unpriced=1, estimated=2))
    '$0.0005 reserved for calls under way · tokens of 2 calls estimated · 1 call without a known price'
    """
    parts = []
    if spent.reserved_micros:
        parts.append(f"{format_dollars(spent.reserved_micros / 1e6)} reserved for calls under way")
    if spent.estimated:
        parts.append(f"tokens of {format_count(spent.estimated, 'call')} estimated")
    if spent.unpriced:
        parts.append(f"{format_count(spent.unpriced, 'call')} without a known price")
    return " · ".join(parts)


def describe_limit(balance: Balance) -> str:
    """Describe a sum against its limit.

    >>> describe_limit(Balance(scope="day", spent=Spent(usd_micros=900_000), cap_usd=1.0, state=BalanceState.CRITICAL))
    '$0.100 of $1.00 left'
    """
    if balance.cap_usd is None or balance.left_usd is None:
        return "no limit is set"
    return f"{format_dollars(balance.left_usd)} of {format_dollars(balance.cap_usd)} left"


def format_row_cost(row: LedgerRow) -> str:
    """Format the cost of one call."""
    if row.status is LedgerStatus.REFUSED:
        return "not sent"
    if row.price is None:
        return "unknown"
    if row.status is LedgerStatus.PENDING:
        return f"up to {format_dollars(row.reserved_micros / 1e6)}"
    return format_dollars((row.usd_micros or 0) / 1e6) if row.usd_micros else "free"


def format_row_tokens(row: LedgerRow) -> str:
    """Tokens of one call; a tilde marks an estimate."""
    if row.status is LedgerStatus.REFUSED:
        return DASH
    mark = "~" if row.usage.source is UsageSource.ESTIMATED else "up to " if row.status is LedgerStatus.PENDING else ""
    return f"{mark}{row.counted_tokens:,}"


def count_improvements(iterations: Sequence[Iteration]) -> int:
    """Count the new best scores after iteration 0."""
    best, found = float("-inf"), 0
    for iteration in iterations:
        if iteration.score is not None and iteration.score > best:
            found += iteration.number > 0
            best = iteration.score
    return found


def format_cost_per_improvement(spent: Spent, found: int) -> str:
    """Dollars for each new best score; a dash when there was none, or when the sum is not known.

    >>> format_cost_per_improvement(Spent(usd_micros=60_000, calls=4), 3), format_cost_per_improvement(Spent(calls=1), 0)
    ('$0.020', '—')
    """
    if not found or spent.unpriced:
        return DASH
    return format_dollars(spent.usd / found) if spent.usd_micros else "free"
