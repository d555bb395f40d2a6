"""The bars on which each order could fill, and the reason for the end: transmission, brackets, cancels, dates, one-cancels-others. Pure."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.backtest.bar_source import day_numbers
from core.backtest.faults import NO_DEADLINE, Deadline
from core.backtest.orders import OrderAction, OrderKind, OrderRecord
from core.domain.backtest import Fill
from core.domain.bars import Bars, FloatArray

_REFUSED = ("margin", "rejected")


@dataclass(frozen=True, slots=True)
class Lifetime:
    """Bars on which an order could fill: `start` to `stop - 1`."""

    start: int | None
    """None: it never became active."""
    stop: int
    """First bar on which it could no longer fill by its own cancel or date; the number of bars when it had neither."""
    why: str = ""
    """Its end, or the reason that it never began."""
    partner: int | None = None
    """Bar on which another order of its group (one-cancels-others, or the other leg of a bracket) filled: it ends there."""
    released: int | None = None
    """First bar on which anything it is tied to ended: from there on it may be canceled too. None: nothing such ended."""
    expires: bool = False
    canceled: bool = False
    """True when the strategy took it back."""
    lapsed: int | None = None
    """Bar whose opening was the only one for the order; None: it waits for longer, or there was no such bar."""


class _Group(NamedTuple):
    """Orders of which only one may fill; shared by its members, because a group may be large."""

    dissolved: bool
    """True when one of them was rejected: Backtrader then forgets the group."""
    fills: Sequence[tuple[int, int]]
    """Bar and order of each fill, ascending."""


@dataclass(frozen=True, slots=True)
class _Log:
    """All that is known of the orders together."""

    orders: Mapping[int, OrderRecord]
    sent: Mapping[int, int]
    cancels: Mapping[int, int]
    filled: Mapping[int, int]
    states: Mapping[int, str]
    clocks: Sequence[FloatArray]
    """For each instrument, the time of its last bar at each moment."""
    places: Sequence[NDArray[np.int64]]
    """For each instrument, the moments of its own bars."""
    parents: frozenset[int]
    count: int
    """Number of moments."""

    def expiry(self, number: int) -> int:
        """First bar whose time is past the order's date; a market order has no date."""
        order = self.orders[number]
        if not order.valid or order.kind is OrderKind.MARKET or number not in self.sent:
            return self.count
        return max(self.sent[number], int(np.searchsorted(self.clocks[order.data], order.valid, side="right")))

    def ended(self, number: int, *, by_filling: bool = True) -> int:
        """Bar on which an order ended, past the number of bars when it did not; a fill of its parent ends no order."""
        never = self.count + 1
        if self.states.get(number) in _REFUSED:
            return self.sent.get(number, never)  # at the earliest: the broker alone knows the bar
        filled = self.filled.get(number, never) if by_filling else never
        expiry = self.expiry(number)
        lapsed = self.find_opening(number, self.sent.get(number)) if number in self.parents and number not in self.filled else None
        over = never if lapsed is None else lapsed
        return min(filled, self.cancels.get(number, never), expiry if expiry < self.count else never, over)

    def find_opening(self, number: int, start: int | None) -> int | None:
        """Find the bar whose opening is the only one for an order that is active from `start` on; None: any other order, or no such bar."""
        order = self.orders[number]
        if start is None or order.kind is not OrderKind.LIMIT_ON_OPEN:
            return None
        places = self.places[order.data]
        first = int(np.searchsorted(places, start))
        return int(places[first]) if first < len(places) else None


def compute_lifetimes(
    records: Sequence[OrderRecord],
    fills: Mapping[int, Sequence[Fill]],
    states: Mapping[int, str],
    bars: Bars,
    *,
    deadline: Deadline = NO_DEADLINE,
) -> dict[int, Lifetime]:
    """Compute a lifetime for each order of the log, given what filled and what the broker says became of each.

    Raises OverdueCheckError after the deadline.
    """
    orders = {record.id: record for record in records if record.action is OrderAction.PLACE}
    sent = _transmission(orders.values())
    filled = {number: parts[0].bar for number, parts in fills.items() if parts and number in orders}
    log = _Log(
        orders,
        sent,
        _cancels(records, sent),
        filled,
        states,
        clocks=[_clock(one) for one in bars.instruments],
        places=[np.arange(len(bars)) if one.present is None else np.flatnonzero(one.present) for one in bars.instruments],
        parents=frozenset(order.parent for order in orders.values() if order.parent is not None),
        count=len(bars),
    )
    rivals, tied = _groups(orders.values())
    groups: dict[int, _Group] = {}
    ends: dict[int, list[tuple[int, int]]] = {}
    lives = {}
    for number, order in orders.items():
        deadline.check()
        for members in rivals[number]:
            if id(members) not in groups:
                groups[id(members)] = _group(members, log)
        if id(tied[number]) not in ends:
            ends[id(tied[number])] = sorted((log.ended(other), other) for other in tied[number])
        partner = _partner(order, [groups[id(members)] for members in rivals[number]])
        lives[number] = _lifetime(order, log, partner, _released(order, log, ends[id(tied[number])]))
    return lives


def _clock(bars: Bars) -> FloatArray:
    """Time of the instrument's last bar at each moment, on Backtrader's clock; a moment without a bar does not move it."""
    moments = day_numbers(bars.time)
    return moments if bars.present is None else moments[np.maximum.accumulate(np.where(bars.present, np.arange(len(bars)), 0))]


def _lifetime(order: OrderRecord, log: _Log, partner: int | None, released: int) -> Lifetime:
    end = log.count
    loose = None if released > end else released
    expiry, canceled = log.expiry(order.id), log.cancels.get(order.id, end)
    stop = min(expiry, canceled, end)
    start, why = _start(order, log)
    if start is not None and stop < end:
        why = "its date had passed" if expiry <= canceled else "it was canceled"
    opening = log.find_opening(order.id, start)
    if opening is not None and opening < stop:
        stop, why = opening + 1, f"the opening of bar {opening} was the only one for it"
        return Lifetime(start, stop, why, partner, loose, True, order.id in log.cancels, opening)
    return Lifetime(start, stop, why, partner, loose, expiry < end, order.id in log.cancels)


def _released(order: OrderRecord, log: _Log, ends: Sequence[tuple[int, int]]) -> int:
    """Bar on which the first of those that the order is tied to ended; past the number of bars when none did. `ends` ascend."""
    others = (bar for bar, number in ends if number not in (order.id, order.parent))
    first = next(others, log.count + 1)
    return first if order.parent is None else min(first, log.ended(order.parent, by_filling=False))


def _start(order: OrderRecord, log: _Log) -> tuple[int | None, str]:
    """First bar on which the order is active, or why it never is."""
    sent = log.sent.get(order.id)
    if sent is None:
        return None, "it was never transmitted"
    if order.parent is None:
        return sent, ""
    entry = log.filled.get(order.parent)
    if entry is None or entry < sent:
        return None, f"its entry, order {order.parent}, had not filled by then"
    return entry + 1, ""


def _group(members: Sequence[int], log: _Log) -> _Group:
    dissolved = any(log.states.get(number) in _REFUSED for number in members)
    return _Group(dissolved, sorted((log.filled[number], number) for number in members if number in log.filled))


def _partner(order: OrderRecord, groups: Sequence[_Group]) -> int | None:
    """Bar on which a rival filled; not told when one was rejected, because Backtrader then dissolves the group."""
    if any(group.dissolved for group in groups):
        return None
    starts = ((group.fills, bisect_left(group.fills, (order.cycle, -1))) for group in groups)
    later = (pair for fills, start in starts for pair in fills[start : start + 2])
    return min((bar for bar, number in later if number != order.id), default=None)


def _transmission(orders: Iterable[OrderRecord]) -> dict[int, int]:
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
        if record.action is OrderAction.CANCEL and record.target is not None:
            reached = sent.get(record.target)
            if reached is not None and record.cycle > reached:
                over.setdefault(record.target, record.cycle)
    return over


def _groups(orders: Iterable[OrderRecord]) -> tuple[dict[int, list[list[int]]], dict[int, list[int]]]:
    """For each order, its groups (only one of each may fill) and all it is tied to, directly or through others; itself included."""
    leader: dict[int, int] = {}
    groups: dict[tuple[str, int], list[int]] = defaultdict(list)
    keys: dict[int, list[tuple[str, int]]] = {}
    root: dict[int, int] = {}
    for order in orders:
        leader[order.id] = order.id if order.oco is None else leader[order.oco]
        keys[order.id] = [("oco", leader[order.id])] + ([("legs", order.parent)] if order.parent is not None else [])
        for key in keys[order.id]:
            groups[key].append(order.id)
        root[order.id] = order.id
        for other in (order.oco, order.parent):
            if other is not None:
                root[_find_root(root, order.id)] = _find_root(root, other)
    tied: dict[int, list[int]] = defaultdict(list)
    for number in root:
        tied[_find_root(root, number)].append(number)
    rivals = {number: [groups[key] for key in own] for number, own in keys.items()}
    return rivals, {number: tied[_find_root(root, number)] for number in root}


def _find_root(root: dict[int, int], number: int) -> int:
    while root[number] != number:
        root[number] = root[root[number]]
        number = root[number]
    return number
