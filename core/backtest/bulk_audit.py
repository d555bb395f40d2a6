"""The second opinion on plain market orders, all of them at once: each is either beyond doubt here, or looked at one by one.

Nothing is found wrong here and nothing is put into words: whoever is not confirmed is left to `fill_audit`, whose rules these are.
No Backtrader here.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from core.backtest.orders import OrderRecord
from core.backtest.plain_orders import allows_plain_orders, is_plain
from core.domain.backtest import BacktestPlan, Fill, Side
from core.domain.bars import Bars, BoolArray, FloatArray

_ROOM = 5e-10
"""Relative difference that is beyond doubt: half of what the audit allows."""


def confirm_plain_orders(
    records: Sequence[OrderRecord], fills: Mapping[int, Sequence[Fill]], states: Mapping[int, str], plan: BacktestPlan, bars: Bars
) -> frozenset[int]:
    """Numbers of the orders about which nothing is left to check: market orders that no other order names, filled as the rules call for.

    An order that was refused for lack of cash, and has no fill, is one of them: that is the broker's word alone.
    """
    if not allows_plain_orders(bars) or plan.has_flat_commission:
        return frozenset()
    named = {other for record in records for other in (record.target, record.oco, record.parent) if other is not None}
    plain = [record for record in records if is_plain(record) and record.id not in named and record.data == 0]
    refused = [record.id for record in plain if states.get(record.id) == "margin" and not fills.get(record.id)]
    done = [record for record in plain if states.get(record.id) == "completed" and len(fills.get(record.id, ())) == 1]
    if not done:
        return frozenset(refused)
    right = _check(done, [fills[record.id][0] for record in done], plan, bars)
    return frozenset(refused).union(record.id for record, good in zip(done, right.tolist(), strict=True) if good)


def _check(orders: Sequence[OrderRecord], fills: Sequence[Fill], plan: BacktestPlan, bars: Bars) -> BoolArray:
    """Check for each order that its one fill is on the bar after it, of its size, at the open with slippage, for its commission."""
    buys = np.array([order.side is Side.BUY for order in orders])
    due = np.array([order.cycle for order in orders], dtype=np.int64)
    told = np.array([(fill.bar, fill.size, fill.price, fill.commission) for fill in fills])
    size, price, commission = told[:, 1], told[:, 2], told[:, 3]
    there = (told[:, 0] == due) & (due < len(bars)) & np.array([not fill.instrument for fill in fills])
    bar = np.where(there, due, 0)
    opened, high, low = bars.open[bar], bars.high[bar], bars.low[bar]
    slip = np.abs(opened) * plan.slippage + plan.slippage_price
    wanted = np.where(buys, np.minimum(opened + slip, high), np.maximum(opened - slip, low)) if slip.any() else opened
    right = there & ((size > 0) == buys) & (price >= low) & (price <= high)
    right &= _is_near(np.abs(size), np.array([order.size for order in orders])) & _is_near(price, wanted)
    cost = np.abs(size) * plan.commission * price
    checked: BoolArray = right & (np.abs(commission - cost) <= _ROOM * np.maximum(1e-9, cost))
    return checked


def _is_near(one: FloatArray, other: FloatArray) -> BoolArray:
    near: BoolArray = np.abs(one - other) <= _ROOM * np.maximum(np.abs(one), np.abs(other))
    return near
