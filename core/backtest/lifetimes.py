"""From when to when each order could fill, and why not longer: transmission, brackets, cancels, dates, one-cancels-others. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.backtest.orders import Action, Kind, OrderRecord
from core.backtest.source import day_numbers
from core.domain.backtest import Fill
from core.domain.bars import Bars, FloatArray


@dataclass(frozen=True, slots=True)
class Lifetime:
    """Bars on which an order could fill: `start` to `stop - 1`."""

    start: int | None
    """None: it never became active."""
    stop: int
    """First bar on which it could no longer fill; the number of bars when it had no end."""
    why: str = ""
    """What ended it, or why it never began."""
    partner: int | None = None
    """Bar on which another order of its group (one-cancels-others, or the other leg of a bracket) filled; it may end there."""
    linked: bool = False
    """Whether it belongs to such a group or bracket at all."""
    expires: bool = False


def lifetimes(records: Sequence[OrderRecord], fills: Mapping[int, Sequence[Fill]], bars: Bars) -> dict[int, Lifetime]:
    """A lifetime for each order of the log, given what filled."""
    orders = [record for record in records if record.action is Action.PLACE]
    sent = _transmission(orders)
    cancels = _cancels(records, sent)
    groups = _groups(orders)
    clock = day_numbers(bars.time)
    filled = {number: parts[0].bar for number, parts in fills.items() if parts}
    return {order.id: _lifetime(order, sent, cancels, groups, filled, clock) for order in orders}


def _lifetime(
    order: OrderRecord,
    sent: Mapping[int, int],
    cancels: Mapping[int, int],
    groups: Mapping[int, Sequence[OrderRecord]],
    filled: Mapping[int, int],
    clock: FloatArray,
) -> Lifetime:
    end = len(clock)
    linked = len(groups[order.id]) > 1 or order.parent is not None
    start = sent.get(order.id)
    if start is None:
        return Lifetime(None, end, "it was never transmitted", linked=linked)
    if order.parent is not None:
        entry = filled.get(order.parent)
        if entry is None or entry < start:
            return Lifetime(None, end, f"its entry, order {order.parent}, had not filled by then", linked=True)
        start = entry + 1
    expiry = _expiry(order, sent[order.id], clock)
    canceled = cancels.get(order.id, end)
    stop = min(expiry, canceled, end)
    why = "" if stop == end else ("its date had passed" if expiry <= canceled else "it was canceled")
    others = [
        filled[other.id] for other in groups[order.id] if other.id != order.id and other.id in filled and order.cycle <= filled[other.id]
    ]
    return Lifetime(start, stop, why, min(others, default=None), linked, expiry < end)


def _transmission(orders: Sequence[OrderRecord]) -> dict[int, int]:
    """The bar on which each order reaches the broker: its own, or that of the order that sends its bracket off."""
    sent: dict[int, int] = {}
    kept: dict[int, list[int]] = {}
    for order in orders:
        family = order.id if order.parent is None else order.parent
        waiting = kept.setdefault(family, [])
        waiting.append(order.id)
        if order.transmit:
            for number in waiting:
                sent.setdefault(number, order.cycle)
            waiting.clear()
    return sent


def _cancels(records: Sequence[OrderRecord], sent: Mapping[int, int]) -> dict[int, int]:
    """First bar without each canceled order. A cancel at the close at which the order was sent comes too early and does nothing."""
    over: dict[int, int] = {}
    for record in records:
        if record.action is Action.CANCEL and record.target is not None:
            reached = sent.get(record.target)
            if reached is not None and record.cycle > reached:
                over.setdefault(record.target, record.cycle)
    return over


def _groups(orders: Sequence[OrderRecord]) -> dict[int, list[OrderRecord]]:
    """For each order, those of which only one may fill: its one-cancels-others group, or the legs of its bracket."""
    leader: dict[int, int] = {}
    members: dict[tuple[str, int], list[OrderRecord]] = {}
    keys: dict[int, list[tuple[str, int]]] = {}
    for order in orders:
        leader[order.id] = order.id if order.oco is None else leader[order.oco]
        keys[order.id] = [("oco", leader[order.id])]
        if order.parent is not None:
            keys[order.id].append(("bracket", order.parent))
        for key in keys[order.id]:
            members.setdefault(key, []).append(order)
    return {number: [other for key in own for other in members[key]] for number, own in keys.items()}


def _expiry(order: OrderRecord, sent: int, clock: FloatArray) -> int:
    """First bar whose time is past the order's date; a market order has no date."""
    if not order.valid or order.kind is Kind.MARKET:
        return len(clock)
    return max(sent, int(np.searchsorted(clock, order.valid, side="right")))
