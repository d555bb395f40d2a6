"""Words on an account that is paid into: what it was given, what became of it, and what the figures beside it are of."""

from core.domain.backtest import BacktestPlan
from core.domain.deposits import describe_deposits
from core.domain.metrics import Metrics
from core.report.figures import find_figure

PER_UNIT = "Returns, ratios, drawdowns and curves are those of a unit of the account: what is paid in is no gain."


def describe_paid_account(plan: BacktestPlan, metrics: Metrics | None, *, currency: str = "USD") -> str:
    """Describe the money of an account that is paid into; empty for any other.

    >>> from core.domain.deposits import Deposit, Rhythm
    >>> plan = BacktestPlan(cash=1_000, deposits=(Deposit(amount=500, every=Rhythm.MONTHLY),))
    >>> found = Metrics(total_return=0.1, final_value=6_600, paid_in=5_000, profit=600, money_weighted=0.055)
    >>> describe_paid_account(plan, found).partition(" Returns")[0]
    '500 paid in each month: $1,000 at the start and $5,000 since became $6,600, a profit of $600.00 or 5.5% a year on the money.'
    """
    if not plan.deposits:
        return ""
    told = describe_deposits(plan.deposits)
    if metrics is None or metrics.paid_in is None or metrics.profit is None:
        return f"{told}. {PER_UNIT}"
    given = metrics.final_value - metrics.profit - metrics.paid_in
    names = ("final_value", "paid_in", "final_value", "profit")
    values = (given, metrics.paid_in, metrics.final_value, abs(metrics.profit))
    start, since, end, gain = (find_figure(name).format(value, currency=currency) for name, value in zip(names, values, strict=True))
    what = "a loss" if metrics.profit < 0 else "a profit"
    rate = find_figure("money_weighted").format(metrics.money_weighted, missing="")
    yearly = f" or {rate} a year on the money" if rate else ""
    return f"{told}: {start} at the start and {since} since became {end}, {what} of {gain}{yearly}. {PER_UNIT}"
