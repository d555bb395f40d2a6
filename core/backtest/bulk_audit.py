"""The second opinion on plain orders, all of them at once: each is either beyond doubt here, or looked at one by one.

Plain are market orders, and limits and stops that belong to no group and have no date; these may be taken back. Limits for the opening
alone are the same, and over with it.

Nothing is found wrong here and nothing is put into words: whoever is not confirmed is left to `fill_audit`, whose rules these are.
No Backtrader here.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from core.backtest.orders import OrderAction, OrderKind, OrderRecord
from core.backtest.plain_orders import allows_plain_orders, is_plain_market
from core.domain.backtest import BacktestPlan, Fill, Side
from core.domain.bars import Bars, BoolArray, FloatArray

_OPEN = ("submitted", "accepted")
"""Ends of orders that nobody took back, and no bar reached."""
_ROOM = 5e-10
"""Relative difference that is beyond doubt: half of what the audit allows."""


def confirm_plain_orders(
    records: Sequence[OrderRecord], fills: Mapping[int, Sequence[Fill]], states: Mapping[int, str], plan: BacktestPlan, bars: Bars
) -> frozenset[int]:
    """Numbers of the orders about which nothing is left to check: plain ones that no other order names, filled as the rules call for.

    An order that was refused for lack of cash, and has no fill, is one of them: that is the broker's word alone.
    """
    if not allows_plain_orders(bars) or plan.has_flat_commission:
        return frozenset()
    named = {other for record in records for other in (record.target, record.oco, record.parent) if other is not None}
    plain = [record for record in records if is_plain_market(record) and record.id not in named and record.data == 0]
    refused = [record.id for record in plain if states.get(record.id) == "margin" and not fills.get(record.id)]
    done = [record for record in plain if states.get(record.id) == "completed" and len(fills.get(record.id, ())) == 1]
    confirmed = frozenset(refused)
    if done:
        confirmed |= _pick(done, _check(done, [fills[record.id][0] for record in done], plan, bars))
    return confirmed | _confirm_resting(records, fills, states, plan, bars)


def _pick(orders: Sequence[OrderRecord], right: BoolArray) -> frozenset[int]:
    return frozenset(order.id for order, good in zip(orders, right.tolist(), strict=True) if good)


def _confirm_resting(
    records: Sequence[OrderRecord], fills: Mapping[int, Sequence[Fill]], states: Mapping[int, str], plan: BacktestPlan, bars: Bars
) -> frozenset[int]:
    """Confirm limits and stops that no other order names: filled on the first bar that reaches them, or reached by none until their end."""
    tied = {other for record in records for other in (record.oco, record.parent) if other is not None}
    alone = [record for record in records if _rests(record) and record.id not in tied and record.cycle <= len(bars)]
    resting = [record for record in alone if record.kind is not OrderKind.LIMIT_ON_OPEN]
    found = _confirm_openings([record for record in alone if record.kind is OrderKind.LIMIT_ON_OPEN], fills, states, plan, bars)
    if not resting:
        return found
    placed = {record.id: record.cycle for record in resting}
    over: dict[int, int] = {}
    for record in records:
        if record.target in placed and record.cycle > placed[record.target]:
            over.setdefault(record.target, record.cycle)
    ends = {number: over.get(number, len(bars)) for number in placed}
    done = [one for one in resting if states.get(one.id) == "completed" and len(fills.get(one.id, ())) == 1]
    done = [one for one in done if one.cycle <= fills[one.id][0].bar < ends[one.id]]
    waited = [one for one in resting if not fills.get(one.id) and states.get(one.id) in (("canceled",) if one.id in over else _OPEN)]
    if done:
        told = [fills[one.id][0] for one in done]
        right = _is_untouched(done, [fill.bar for fill in told], bars) & _check_resting(done, told, plan, bars)
        found |= _pick(done, right)
    if waited:
        found |= _pick(waited, _is_untouched(waited, [ends[one.id] for one in waited], bars))
    return found


def _confirm_openings(
    orders: Sequence[OrderRecord], fills: Mapping[int, Sequence[Fill]], states: Mapping[int, str], plan: BacktestPlan, bars: Bars
) -> frozenset[int]:
    """Confirm limits for the opening alone: filled at the one after them, or over because it was beyond them."""
    due = [one for one in orders if one.cycle < len(bars)]
    done = [one for one in due if states.get(one.id) == "completed" and [fill.bar for fill in fills.get(one.id, ())] == [one.cycle]]
    lapsed = [one for one in due if states.get(one.id) == "expired" and not fills.get(one.id)]
    found = frozenset(one.id for one in orders if one.cycle == len(bars) and states.get(one.id) in _OPEN and not fills.get(one.id))
    if done:
        found |= _pick(
            done, _compare_with_open(done, bars, beyond=False) & _check_resting(done, [fills[one.id][0] for one in done], plan, bars)
        )
    return found | (_pick(lapsed, _compare_with_open(lapsed, bars, beyond=True)) if lapsed else frozenset())


def _compare_with_open(orders: Sequence[OrderRecord], bars: Bars, *, beyond: bool) -> BoolArray:
    """Check for each order that the open after it is beyond its limit, or that it is not."""
    opened, asked = bars.open[[one.cycle for one in orders]], np.array([one.price for one in orders], dtype=np.float64)
    buys = np.array([one.side is Side.BUY for one in orders])
    worse: BoolArray = np.where(buys, opened > asked, opened < asked)
    return worse if beyond else np.where(buys, opened <= asked, opened >= asked)


def _rests(record: OrderRecord) -> bool:
    """True for a limit or a stop that has a price of its own, and to do with no other order."""
    alone = record.oco is None and record.parent is None and record.transmit and record.valid is None and record.data == 0
    priced = bool(record.price) and record.limit_price is None and record.trail_amount is None and record.trail_percent is None
    return (
        alone
        and priced
        and record.kind in (OrderKind.LIMIT, OrderKind.STOP, OrderKind.LIMIT_ON_OPEN)
        and record.action is OrderAction.PLACE
    )


def _list_rising(orders: Sequence[OrderRecord]) -> BoolArray:
    """List which of them the market has to rise to: purchases at a stop, and sales at a limit."""
    return np.array([(order.side is Side.BUY) is (order.kind is OrderKind.STOP) for order in orders])


def _is_untouched(orders: Sequence[OrderRecord], ends: Sequence[int], bars: Bars) -> BoolArray:
    """Check for each order that no bar from the one after it on, up to the one before its end, reaches its price."""
    stretches = np.array([(order.cycle, end) for order, end in zip(orders, ends, strict=True)], dtype=np.int64)
    empty, price = stretches[:, 0] >= stretches[:, 1], np.array([order.price for order in orders], dtype=np.float64)
    places = np.where(empty[:, None], 0, stretches) + np.where(empty[:, None], [0, 1], 0)
    highest = np.maximum.reduceat(np.append(np.maximum(bars.open, bars.high), -np.inf), places.ravel())[::2]
    lowest = np.minimum.reduceat(np.append(np.minimum(bars.open, bars.low), np.inf), places.ravel())[::2]
    untouched: BoolArray = empty | np.where(_list_rising(orders), highest < price, lowest > price)
    return untouched


def _check_resting(orders: Sequence[OrderRecord], fills: Sequence[Fill], plan: BacktestPlan, bars: Bars) -> BoolArray:
    """Check for each order that the bar of its one fill reaches it, and that size, price and commission are those of the rules."""
    buys, stops = np.array([order.side is Side.BUY for order in orders]), np.array([order.kind is OrderKind.STOP for order in orders])
    told = np.array([(fill.size, fill.price, fill.commission) for fill in fills])
    bar, asked = np.array([fill.bar for fill in fills], dtype=np.int64), np.array([order.price for order in orders], dtype=np.float64)
    opened, high, low = bars.open[bar], bars.high[bar], bars.low[bar]
    size, price, commission = told.T
    right = np.where(_list_rising(orders), np.maximum(opened, high) >= asked, np.minimum(opened, low) <= asked)
    base = np.where(stops, np.where(buys, np.maximum(opened, asked), np.minimum(opened, asked)), opened)
    slip = np.abs(base) * plan.slippage + plan.slippage_price
    most = np.where(stops, np.where(buys, high, low), np.where(buys, np.minimum(high, asked), np.maximum(low, asked)))
    slipped = np.where(buys, np.minimum(base + slip, most), np.maximum(base - slip, most)) if plan.slippage or plan.slippage_price else base
    beyond = ~stops & np.where(buys, opened > asked, opened < asked)
    wanted = np.where(beyond, asked, slipped)
    right &= ((size > 0) == buys) & (price >= low) & (price <= high) & np.array([not fill.instrument for fill in fills])
    right &= _is_near(np.abs(size), np.array([order.size for order in orders])) & _is_near(price, wanted)
    cost = np.abs(size) * plan.commission * price
    checked: BoolArray = right & (np.abs(commission - cost) <= _ROOM * np.maximum(1e-9, cost))
    return checked


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
