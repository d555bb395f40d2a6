"""The second opinion on every run: each fill and the account re-computed from orders and bars by arithmetic. No Backtrader here.

It lives beside the replay and not in `core.evidence`, because it reads order records, which do not leave this room.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.backtest.bulk_audit import confirm_plain_orders
from core.backtest.faults import NO_DEADLINE, Deadline
from core.backtest.lifetimes import Lifetime, compute_lifetimes
from core.backtest.matching import ExpectedFill, SidedBars, expected_fill, resolve_prices
from core.backtest.orders import OrderAction, OrderKind, OrderRecord
from core.backtest.replay import ReplayResult
from core.domain.backtest import BacktestPlan, Fill, Side
from core.domain.bars import Bars, FloatArray
from core.domain.deposits import find_deposits
from core.domain.trading_costs import compute_fill_commission, slip_against

TOLERANCE = 1e-9
MAX_DISAGREEMENTS = 20
"""Disagreements that are written out."""
_ALIVE = frozenset(("created", "submitted", "accepted", "partial"))


def audit(
    records: Sequence[OrderRecord], replayed: ReplayResult, plan: BacktestPlan, bars: Bars, *, deadline: Deadline = NO_DEADLINE
) -> tuple[str, ...]:
    """List where the replayed figures disagree with arithmetic, in words; empty when every fill, cash and equity hold.

    Checked: every fill belongs to an order, on its side, of its size, on the bar and at the price that the rules call for, not
    before the bar after its order, not after a cancel, an expiry or a fill of its one-cancels-others partner, a bracket's leg only
    after its entry; no due fill is missing; commission; cash, position and equity at every close; trades and counts.
    Not checked, because the broker alone decides it: whether an order that was rejected for lack of cash could have been afforded
    together with others (see `describe_unchecked`). Raises OverdueCheckError after the deadline.
    """
    book = _IndexedRun.of(records, replayed, plan, bars, deadline)
    found: list[str] = []
    for remarks in (_check_fills(book), _check_orders(book), _check_account(book), _check_summary(book)):
        for remark in remarks:
            if len(found) == MAX_DISAGREEMENTS:
                return (*found, "and more")
            found.append(remark)
    return tuple(found)


def describe_unchecked(records: Sequence[OrderRecord], replayed: ReplayResult) -> tuple[str, ...]:
    """Describe what the audit leaves to the broker in this run; empty when nothing."""
    rejected = [record.id for record in records if replayed.states.get(record.id) == "margin"]
    if not rejected:
        return ()
    if len(rejected) == 1:
        return ("1 order was rejected for lack of cash; that it could not be afforded is the broker's word alone.",)
    return (f"{len(rejected):,} orders were rejected for lack of cash; that they could not be afforded is the broker's word alone.",)


@dataclass(frozen=True, slots=True)
class _AuditedInstrument:
    """One instrument of the run: its own bars, and where they lie among the run's moments."""

    bars: Bars
    """On the run's moments."""
    places: NDArray[np.int64]
    """Moment of each of its own bars, ascending."""
    markets: Mapping[Side, SidedBars]

    @classmethod
    def of(cls, bars: Bars, plan: BacktestPlan) -> "_AuditedInstrument":
        places = np.arange(len(bars)) if bars.present is None else np.flatnonzero(bars.present)
        own = bars.drop_repeated()
        return cls(bars, places, {side: SidedBars.from_bars(own, plan.slippage, side, plan.slippage_price) for side in Side})

    def count_bars(self, moments: int) -> int:
        """Count its own bars among the first moments."""
        return moments if len(self.places) == len(self.bars) else int(np.searchsorted(self.places, moments))

    def on_own_bars(self, order: OrderRecord) -> OrderRecord:
        """The order with its place in time counted in bars of the instrument."""
        seen = self.count_bars(order.cycle)
        return order if seen == order.cycle else order.changed(cycle=seen)

    def expect_fill(self, order: OrderRecord, start: int, stop: int) -> ExpectedFill | None:
        """The first fill that the rules call for on moments `start` to `stop - 1`."""
        own = self.on_own_bars(order)
        found = expected_fill(own, self.markets[order.side], self.count_bars(start), self.count_bars(min(stop, len(self.bars))))
        return None if found is None else ExpectedFill(int(self.places[found.bar]), found.price)


@dataclass(frozen=True, slots=True)
class _IndexedRun:
    """One run, indexed."""

    orders: Mapping[int, OrderRecord]
    fills: Mapping[int, list[Fill]]
    confirmed: frozenset[int]
    """Orders about which nothing is left to check but that their fills add up."""
    lives: Mapping[int, Lifetime]
    """Of the other orders."""
    replayed: ReplayResult
    plan: BacktestPlan
    bars: Bars
    instruments: Sequence[_AuditedInstrument]
    deadline: Deadline

    @classmethod
    def of(
        cls, records: Sequence[OrderRecord], replayed: ReplayResult, plan: BacktestPlan, bars: Bars, deadline: Deadline
    ) -> "_IndexedRun":
        deadline.check()
        orders = {record.id: record for record in records if record.action is OrderAction.PLACE}
        fills: dict[int, list[Fill]] = defaultdict(list)
        for fill in replayed.fills:
            fills[fill.order].append(fill)
        instruments = [_AuditedInstrument.of(one, plan) for one in bars.instruments]
        confirmed = confirm_plain_orders(records, fills, replayed.states, plan, bars)
        doubtful = [record for record in records if record.id not in confirmed]
        some = any(record.action is OrderAction.PLACE for record in doubtful)
        lives = compute_lifetimes(doubtful, fills, replayed.states, bars, deadline=deadline) if some else {}
        return cls(orders, fills, confirmed, lives, replayed, plan, bars, instruments, deadline)


def _check_fills(book: _IndexedRun) -> Iterator[str]:
    last = 0
    held: dict[int, float] = defaultdict(float)
    for number, fill in enumerate(book.replayed.fills):
        order = book.orders.get(fill.order)
        if fill.order not in book.confirmed:
            book.deadline.check()
        if order is None:
            yield f"fill {number} belongs to no order (it names {fill.order})"
        elif not 0 <= fill.bar < len(book.bars):
            yield f"fill {number} of order {order.id} is on bar {fill.bar}, which does not exist"
        elif order.id not in book.confirmed:
            yield from _check_fill(book, order, fill, held[order.data])
        if fill.bar < last:
            yield f"fill {number} is on bar {fill.bar}, before the fill ahead of it (bar {last})"
        last = fill.bar
        place = 0 if order is None else order.data
        now = held[place] + fill.size
        held[place] = 0.0 if abs(now) < TOLERANCE * abs(fill.size) else now


def _check_fill(book: _IndexedRun, order: OrderRecord, fill: Fill, held: float) -> Iterator[str]:
    name = f"order {order.id} ({order.side} {order.kind})"
    if (fill.size > 0) is not (order.side is Side.BUY):
        yield f"{name} filled {fill.size:g} units: the wrong side"
    filled = sum(part.size for part in book.fills[order.id])
    complete = book.replayed.states.get(order.id) == "completed"
    if abs(filled) > order.size * (1 + TOLERANCE) or (complete and not _is_close(abs(filled), order.size)):
        yield f"{name} of {order.size:g} units filled {abs(filled):g}"
    yield from _check_timing(book, order, fill, name)
    yield from _check_price(book, order, fill, name)
    commission = compute_fill_commission(book.plan, held, fill.size, fill.price)
    if not _is_close(fill.commission, commission, max(1e-9, commission)):
        yield f"{name} paid a commission of {fill.commission!r}, {commission!r} is due"


def _check_timing(book: _IndexedRun, order: OrderRecord, fill: Fill, name: str) -> Iterator[str]:
    life = book.lives[order.id]
    if fill.bar < order.cycle:
        yield f"{name} was placed at the close of bar {order.cycle - 1} and filled on bar {fill.bar}: not on a later bar"
    elif life.start is None:
        yield f"{name} filled on bar {fill.bar}, but was never active: {life.why}"
    elif fill.bar < life.start:
        yield f"{name} filled on bar {fill.bar}, before bar {life.start}, on which it became active"
    elif fill.bar >= life.stop:
        yield f"{name} filled on bar {fill.bar}, but was over on bar {life.stop}: {life.why}"
    elif life.partner is not None and fill.bar > life.partner:
        yield f"{name} filled on bar {fill.bar}, but another order of its group had filled on bar {life.partner}"


def _check_price(book: _IndexedRun, order: OrderRecord, fill: Fill, name: str) -> Iterator[str]:
    traded = book.instruments[order.data]
    if traded.bars.present is not None and not traded.bars.present[fill.bar]:
        yield f"{name} filled on bar {fill.bar}, on which {traded.bars.instrument.symbol} has no bar"
        return
    if fill.instrument != ("" if order.data == 0 else traded.bars.instrument.symbol):
        yield f"{name} is said to have traded {fill.instrument or 'the first instrument'}, not {traded.bars.instrument.symbol}"
    low, high = float(traded.bars.low[fill.bar]), float(traded.bars.high[fill.bar])
    slack = high * TOLERANCE
    slipped_limit = (
        order.kind is not OrderKind.MARKET and order.side is Side.SELL and fill.price >= low - slip_against(book.plan, low) - slack
    )
    if order.kind is not OrderKind.CLOSE and not (low - slack <= fill.price <= high + slack) and not slipped_limit:
        yield f"{name} filled at {fill.price!r} on bar {fill.bar}, outside its range {low!r} to {high!r}"
    market = traded.markets[order.side]
    if order.kind in (OrderKind.LIMIT, OrderKind.LIMIT_ON_OPEN):
        limit = resolve_prices(traded.on_own_bars(order), market).trigger
        if fill.price * market.sign > limit + abs(limit) * TOLERANCE:
            yield f"{name} filled at {fill.price!r}, worse than its limit {limit * market.sign!r}"
    life = book.lives[order.id]
    if life.start is None:
        return
    expected = traded.expect_fill(order, life.start, fill.bar + 1)
    if expected is None:
        yield f"{name} filled on bar {fill.bar}, on which its price was not reached"
    elif expected.bar != fill.bar:
        yield f"{name} filled on bar {fill.bar}, but was due on bar {expected.bar}"
    elif not _is_close(fill.price, expected.price):
        yield f"{name} filled at {fill.price!r} on bar {fill.bar}; the rules give {expected.price!r}"


def _check_orders(book: _IndexedRun) -> Iterator[str]:
    """Orders without a fill: each must have a reason, and no due fill may be missing."""
    for number, order in book.orders.items():
        if number in book.confirmed:
            continue
        book.deadline.check()
        state = book.replayed.states.get(number, "")
        life = book.lives[number]
        name = f"order {number} ({order.side} {order.kind})"
        if not state:
            yield f"{name} has no state"
        elif book.fills.get(number):
            if state not in ("completed", "partial", "margin") and not (state == "expired" and life.lapsed is not None):
                yield f"{name} filled and is said to be {state}"
        elif state == "completed":
            yield f"{name} is said to be completed, but has no fill"
        elif state != "margin":
            yield from _check_unfilled(book, order, state, life, name)


def _check_unfilled(book: _IndexedRun, order: OrderRecord, state: str, life: Lifetime, name: str) -> Iterator[str]:
    if state in _ALIVE and (life.stop < len(book.bars) or (life.lapsed is not None and life.released is None)):
        yield f"{name} is said to be open at the end, but was over on bar {life.stop}: {life.why}"
    if state == "expired" and not life.expires:
        yield f"{name} is said to have expired, but had no such date"
    if state in ("canceled", "rejected") and not life.canceled and life.released is None:
        yield f"{name} is said to be {state}, but nobody canceled it"
    if life.start is None:
        return
    stop = life.stop if life.released is None else min(life.stop, life.released)
    due = book.instruments[order.data].expect_fill(order, life.start, stop)
    if due is not None:
        yield f"{name} was due to fill on bar {due.bar} at {due.price!r} and did not"


def _check_account(book: _IndexedRun) -> Iterator[str]:
    found = _recompute_account(book)
    yield from found.overdrawn
    replayed = book.replayed
    worth = [float(np.max(np.abs(held * one.bars.close), initial=0.0)) for held, one in zip(found.held, book.instruments, strict=True)]
    scale = max(1.0, book.plan.cash + found.paid_in, *worth)
    said = (replayed.position, *replayed.other_positions)
    for place, (own, told) in enumerate(zip(found.held, said, strict=True)):
        name = "position" if place == 0 else f"position in {book.instruments[place].bars.instrument.symbol}"
        yield from _compare(name, own, told, TOLERANCE * max(1.0, float(np.max(np.abs(own), initial=0.0))))
    yield from _compare("cash", found.cash, replayed.cash, TOLERANCE * scale)
    yield from _compare("equity", found.value, replayed.equity, TOLERANCE * scale)


def _compare(name: str, own: FloatArray, said: FloatArray, room: float) -> Iterator[str]:
    if said.shape != own.shape:
        yield f"{name} has {said.size} values for {own.size} bars"
        return
    wrong = np.flatnonzero(~(np.abs(said - own) <= room))
    if wrong.size:
        bar = int(wrong[0])
        yield f"{name} at the close of bar {bar} is said to be {said[bar]!r}; the fills add up to {own[bar]!r}"


@dataclass(frozen=True, slots=True)
class _RecomputedAccount:
    cash: FloatArray
    held: Sequence[FloatArray]
    """Units of each instrument."""
    value: FloatArray
    overdrawn: Sequence[str]
    paid_in: float
    """All that was paid in."""


def _recompute_account(book: _IndexedRun) -> _RecomputedAccount:
    """Cash, positions and account value at each close, shape (n,), added up from the fills.

    A long position ties up its cost divided by the leverage; everything else moves cash by size times price. The account value is
    what all fills brought and cost plus the positions at the close, whatever the leverage. What is paid in at a close is there for the
    fills of later bars.
    """
    bars, plan = book.bars, book.plan
    paid_in = np.cumsum(find_deposits(bars.time, plan.deposits))
    cash = plan.cash
    held = [0.0] * len(book.instruments)
    average = [0.0] * len(book.instruments)
    bar_of, moved, paid, units_of = list[int](), list[float](), list[float](), [list[tuple[int, float]]() for _ in held]
    overdrawn: list[str] = []
    for fill in book.replayed.fills:
        order = book.orders.get(fill.order)
        if order is None or not 0 <= fill.bar < len(bars):
            continue
        place = order.data
        change, opened, average[place] = _move_cash(plan, held[place], average[place], fill)
        held[place] += fill.size
        if abs(held[place]) < TOLERANCE * abs(fill.size):
            held[place] = 0.0
        cash += change
        left = cash + (float(paid_in[fill.bar - 1]) if fill.bar else 0.0)
        if opened and left < -TOLERANCE * max(plan.cash, abs(fill.size * fill.price)):
            overdrawn.append(f"order {fill.order} opened a position on bar {fill.bar} without the cash for it ({left:.2f} left)")
        bar_of.append(fill.bar)
        moved.append(change)
        paid.append(-fill.size * fill.price - fill.commission)
        units_of[place].append((fill.bar, fill.size))
    cash_at, paid_at = (_add_up(bar_of, amounts, len(bars)) for amounts in (moved, paid))
    units = [_add_up([bar for bar, _ in own], [size for _, size in own], len(bars)) for own in units_of]
    worth = sum((own * one.bars.close for own, one in zip(units, book.instruments, strict=True)), np.zeros(len(bars)))
    money = plan.cash + paid_in
    return _RecomputedAccount(money + cash_at, units, money + paid_at + worth, overdrawn, float(paid_in[-1]))


def _add_up(bars: Sequence[int], amounts: Sequence[float], count: int) -> FloatArray:
    """The running sum of amounts that fall on some bars, at each of `count` bars."""
    added: FloatArray = np.cumsum(np.bincount(np.array(bars, dtype=np.int64), weights=np.array(amounts), minlength=count))
    return added


def _move_cash(plan: BacktestPlan, held: float, average: float, fill: Fill) -> tuple[float, float, float]:
    """Change of cash by a fill, the part of it that opens a position, and the average price of the position afterwards."""
    closed = -_clamp(fill.size, -held) if held * fill.size < 0 else 0.0
    opened = fill.size + closed
    change = closed * average / plan.leverage + closed * (fill.price - average) if held > 0 else closed * fill.price
    if opened:
        change -= opened * fill.price / (plan.leverage if opened > 0 else 1.0)
        rest = held - closed
        average = (average * rest + opened * fill.price) / (rest + opened)
    return change - fill.commission, opened, average


def _check_summary(book: _IndexedRun) -> Iterator[str]:
    counts, states = book.replayed.orders, book.replayed.states
    said = (counts.placed, counts.filled, counts.margin_rejected, counts.expired)
    own = (len(book.orders), *(_count(states.values(), name) for name in ("completed", "margin", "expired")))
    if said != own:
        yield f"orders placed, filled, rejected for cash and expired are said to be {said}; counted are {own}"
    profit = sum(trade.profit for trade in book.replayed.trades)
    paid = sum(-fill.size * fill.price - fill.commission for fill in book.replayed.fills)
    last = [float(one.bars.close[-1]) for one in book.instruments]
    own_profit = paid + sum(fill.size * last[book.orders[fill.order].data] for fill in book.replayed.fills if fill.order in book.orders)
    if not _is_close(profit, own_profit, max(1.0, book.plan.cash, abs(own_profit))):
        yield f"the trades' profits add up to {profit!r}; the fills brought {own_profit!r}"


def _count(states: Iterable[str], name: str) -> int:
    return sum(state == name for state in states)


def _clamp(size: float, most: float) -> float:
    """The part of `size` that goes no further than `most`; both have the same sign."""
    return min(size, most) if most > 0 else max(size, most)


def _is_close(one: float, other: float, scale: float | None = None) -> bool:
    return abs(one - other) <= TOLERANCE * (max(1e-12, abs(one), abs(other)) if scale is None else scale)
