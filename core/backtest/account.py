"""One account for both sides: the same settings on the strategy's own broker and on the trusted one.

Cash is `plan.cash`. Commission is a fraction of the traded value, charged on each side. Slippage is a fraction of the price
against the order, with Backtrader's own flags: it applies to opens too (`slip_open`), is capped at the bar's high or low
(`slip_match`), never worsens a limit (`slip_limit`), and never leaves the bar (`slip_out` is off).
Leverage L lets a long position tie up 1/L of its value; without it a purchase needs its full value in cash. A short sale
brings its proceeds into cash and needs no margin, as in stock Backtrader.
"""

from typing import Any

from core.domain.backtest import BacktestPlan


def configure(broker: Any, plan: BacktestPlan) -> None:
    """Set cash, costs and leverage on a Backtrader broker that has not started yet."""
    broker.setcash(plan.cash)
    broker.setcommission(commission=plan.commission, leverage=plan.leverage)
    if plan.slippage:
        broker.set_slippage_perc(plan.slippage, slip_open=True, slip_limit=True, slip_match=True, slip_out=False)
