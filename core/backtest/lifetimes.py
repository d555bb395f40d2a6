"""From when to when each order could fill, and why not longer: transmission, brackets, cancels, dates, one-cancels-others. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.backtest.faults import NEVER, Deadline
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
    """First bar on which it could no longer fill by its own cancel or date; the number of bars when it had neither."""
    why: str = ""
    """What ended it, or why it never began."""
    partner: int | None = None
    """Bar on which another order of its group (one-cancels-others, or the other leg of a bracket) filled: it ends there."""
    released: int | None = None
    """First bar on which anything it is tied to ended: from there on it may be canceled too. None: nothing such ended."""
    expires: bool = False
    canceled: bool = False
    """Whether the strategy took it back."""


@dataclass(frozen=True, slots=True)
class _Log:
    """What is known of all orders together."""

    orders: Mapping[int, OrderRecord]
    sent: Mapping[int, int]
    cancels: Mapping[int, int]
    filled: Mapping[int, int]
    states: Mapping[int, str]
    rivals: Mapping[int, Sequence[Sequence[int]]]
    """The groups of each order, shared by their members."""
    tied: Mapping[int, Sequence[int]]
    clock: FloatArray

    def expiry(self, number: int) -> int:
        """First bar whose time is past the order's date; a market order has no date."""
        order = self.orders[number]
        if not order.valid or order.kind is Kind.MARKET or number not in self.sent:
            return len(self.clock)
        return max(self.sent[number], int(np.searchsorted(self.clock, order.valid, side="right")))

    def ended(self, number: int, of: OrderRecord) -> int:
        """Bar on which an order ended as far as another is concerned; past the number of bars when it did not."""
        never = len(self.clock) + 1
        if self.states.get(number) in ("margin", "rejected"):
            return self.sent.get(number, never)  # at the earliest: the broker alone knows the bar
        filled = never if number == of.parent else self.filled.get(number, never)
        expiry = self.expiry(number)
        return min(filled, self.cancels.get(number, never), expiry if expiry < len(self.clock) else never)


def lifetimes(
    records: Sequence[OrderRecord],
    fills: Mapping[int, Sequence[Fill]],
    states: Mapping[int, str],
    bars: Bars,
    *,
    deadline: Deadline = NEVER,
) -> dict[int, Lifetime]:
    """A lifetime for each order of the log, given what filled and what the broker says became of each.

    Raises OverdueCheckError after the deadline.
    """
    orders = {record.id: record for record in records if record.action is Action.PLACE}
    sent = _transmission(orders.values())
    filled = {number: parts[0].bar for number, parts in fills.items() if parts and number in orders}
    rivals, tied = _groups(orders.values())
    log = _Log(orders, sent, _cancels(records, sent), filled, states, rivals, tied, day_numbers(bars.time))
    lives = {}
    for number, order in orders.items():
        deadline.check()
        lives[number] = _lifetime(order, log)
    return lives


def _lifetime(order: OrderRecord, log: _Log) -> Lifetime:
    end = len(log.clock)
    released = min((log.ended(number, order) for number in log.tied[order.id] if number != order.id), default=end + 1)
    loose = None if released > end else released
    expiry, canceled = log.expiry(order.id), log.cancels.get(order.id, end)
    stop = min(expiry, canceled, end)
    start, why = _start(order, log)
    if start is not None and stop < end:
        why = "its date had passed" if expiry <= canceled else "it was canceled"
    return Lifetime(start, stop, why, _partner(order, log), loose, expiry < end, order.id in log.cancels)


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


def _partner(order: OrderRecord, log: _Log) -> int | None:
    """When a rival filled; not told when one was rejected, because Backtrader then dissolves the group."""
    rivals = [number for group in log.rivals[order.id] for number in group if number != order.id]
    if any(log.states.get(number) in ("margin", "rejected") for number in (order.id, *rivals)):
        return None
    return min((log.filled[number] for number in rivals if number in log.filled and order.cycle <= log.filled[number]), default=None)


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
        if record.action is Action.CANCEL and record.target is not None:
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
                root[_find(root, order.id)] = _find(root, other)
    tied: dict[int, list[int]] = defaultdict(list)
    for number in root:
        tied[_find(root, number)].append(number)
    rivals = {number: [groups[key] for key in own] for number, own in keys.items()}
    return rivals, {number: tied[_find(root, number)] for number in root}


def _find(root: dict[int, int], number: int) -> int:
    while root[number] != number:
        root[number] = root[root[number]]
        number = root[number]
    return number
