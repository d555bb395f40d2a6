"""Cost of the calls of some iterations together, in words."""

from collections.abc import Iterable, Sequence
from enum import StrEnum

from core.domain.iteration import Iteration
from core.report.number_format import format_dollars


class Payment(StrEnum):
    """Kind of cost that the calls of some iterations have together."""

    FREE = "free"
    """Nothing was paid for."""
    UNKNOWN = "unknown"
    """A price is missing."""
    PAID = "paid"


def find_payment(iterations: Iterable[Iteration]) -> Payment:
    """Find the kind of cost that the calls of some iterations have together."""
    calls = [iteration.cost for iteration in iterations]
    if any(call.usd is None for call in calls):
        return Payment.UNKNOWN
    return Payment.FREE if all(call.price_source == "free" for call in calls) else Payment.PAID


def format_cost(iterations: Sequence[Iteration]) -> str:
    """Format the cost of the calls of some iterations: `free`, `unknown` or dollars."""
    payment = find_payment(iterations)
    return payment.value if payment is not Payment.PAID else format_dollars(sum(each.cost.usd or 0.0 for each in iterations))
