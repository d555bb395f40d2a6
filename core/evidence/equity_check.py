"""The second opinion on an account: re-added from its fills by plain arithmetic, without the engine that produced it."""

from collections.abc import Sequence

import numpy as np

from core.domain.backtest import BacktestPlan, Fill
from core.domain.bars import Bars, FloatArray
from core.domain.deposits import PaidAccount, find_deposits
from core.domain.iteration import Evaluation

TOLERANCE = 1e-6
"""Relative to the starting cash: far above rounding, far below a cent on a usual account."""


def recompute_equity(fills: Sequence[Fill], bars: Bars, cash: float) -> FloatArray:
    """Account value at each close from cash, fills and closes alone; shape (n,), account currency.

    Buys take money out of the cash and sells put it back, commission is paid at the fill, and what is held is worth its
    close. No interest, no financing.
    """
    money = np.zeros(len(bars))
    units: dict[str, FloatArray] = {}
    for fill in fills:
        money[fill.bar] -= fill.size * fill.price + fill.commission
        units.setdefault(fill.instrument, np.zeros(len(bars)))[fill.bar] += fill.size
    equity: FloatArray = cash + np.cumsum(money)
    for instrument, changes in units.items():
        equity = equity + np.cumsum(changes) * bars.find_instrument(instrument).close
    return equity


def recall_paid_account(fills: Sequence[Fill], bars: Bars, plan: BacktestPlan) -> PaidAccount | None:
    """Recall the account of a whole run in money from its fills, where the plan pays into it; None for any other.

    The history keeps its value per unit.
    """
    if not plan.deposits:
        return None
    paid_in = find_deposits(bars.time, plan.deposits)
    return PaidAccount(recompute_equity(fills, bars, plan.cash) + np.cumsum(paid_in), paid_in, plan.cash)


def list_positions(evaluation: Evaluation) -> tuple[FloatArray, ...]:
    """Units of every instrument of the run, the first one's at the front, each of shape (n,)."""
    return (evaluation.position, *evaluation.other_positions)


def find_first_difference(evaluation: Evaluation, bars: Bars, plan: BacktestPlan) -> int | None:
    """Find the first bar on which the reported account differs from the re-added one; None when they agree.

    Also None when the check does not apply: the run began with a position that its fills do not show, or a single order
    was so large that the sums lose their last digits.
    """
    for one, held in zip(("", *(other.instrument.symbol for other in bars.others)), list_positions(evaluation), strict=False):
        first = float(held[0]) if len(held) else 0.0
        if abs(first - sum(fill.size for fill in evaluation.fills if fill.bar == 0 and fill.instrument == one)) > 1e-9:
            return None
    again, said = recompute_equity(evaluation.fills, bars, plan.cash), evaluation.equity
    if evaluation.paid is not None:
        again, said = again + np.cumsum(evaluation.paid.paid_in), evaluation.paid.value
    scale = max(plan.cash, float(np.max(np.abs(said), initial=0.0)))
    traded = max((abs(fill.size) * fill.price for fill in evaluation.fills), default=0.0)
    apart = np.abs(again - said) > TOLERANCE * scale
    return int(np.argmax(apart)) if apart.any() and traded < 1e6 * scale else None
