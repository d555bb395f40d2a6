"""One account for both sides: the same settings on the strategy's own broker and on the trusted one.

Cash is `plan.cash`. Commission is a fraction of the traded value, charged on each side; where the plan has amounts for units,
orders or a minimum, it is what `core.domain.trading_costs` says. Slippage is a fraction or an amount of the price
against the order, with Backtrader's own flags: it applies to opens too (`slip_open`), is capped at the bar's high or low
(`slip_match`), never worsens a limit (`slip_limit`), and never leaves the bar (`slip_out` is off).
Leverage L lets a long position tie up 1/L of its value; without it a purchase needs its full value in cash. A short sale
brings its proceeds into cash and needs no margin, as in stock Backtrader.
"""

from typing import Any

from core.domain.backtest import BacktestPlan
from core.domain.trading_costs import compute_commission


def configure(broker: Any, plan: BacktestPlan) -> None:
    """Set cash, costs and leverage on a Backtrader broker that has not started yet."""
    broker.setcash(plan.cash)
    if plan.has_flat_commission:
        broker.addcommissioninfo(_make_commission_info(plan))
    else:
        broker.setcommission(commission=plan.commission, leverage=plan.leverage)
    if plan.slippage:
        broker.set_slippage_perc(plan.slippage, slip_open=True, slip_limit=True, slip_match=True, slip_out=False)
    elif plan.slippage_price:
        broker.set_slippage_fixed(plan.slippage_price, slip_open=True, slip_limit=True, slip_match=True, slip_out=False)


def _make_commission_info(plan: BacktestPlan) -> Any:
    """Backtrader's own way to say commissions that are no fraction."""
    import backtrader

    class PlanCommission(backtrader.CommInfoBase):  # type: ignore[misc]
        """The plan's amounts for value, units, orders and a minimum."""

        params = (("stocklike", True), ("commtype", backtrader.CommInfoBase.COMM_PERC), ("percabs", True))

        def _getcommission(self, size: float, price: float, pseudoexec: bool) -> float:
            return compute_commission(plan, size, price)

    return PlanCommission(commission=plan.commission, leverage=plan.leverage)
