"""The second opinion on every run: each fill and the account re-computed from orders and bars by arithmetic. No Backtrader here.

It lives beside the replay and not in `core.evidence`, because it reads order records, which do not leave this room.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.backtest.faults import NO_DEADLINE, Deadline
from core.backtest.lifetimes import Lifetime, compute_lifetimes
from core.backtest.matching import SidedBars, expected_fill, resolve_prices
from core.backtest.orders import OrderAction, OrderKind, OrderRecord
from core.backtest.replay import ReplayResult
from core.domain.backtest import BacktestPlan, Fill, Side
from core.domain.bars import Bars, FloatArray
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
class _IndexedRun:
    """One run, indexed."""

    orders: Mapping[int, OrderRecord]
    fills: Mapping[int, list[Fill]]
    lives: Mapping[int, Lifetime]
    replayed: ReplayResult
    plan: BacktestPlan
    bars: Bars
    markets: Mapping[Side, SidedBars]
    deadline: Deadline

    @classmethod
    def of(
        cls, records: Sequence[OrderRecord], replayed: ReplayResult, plan: BacktestPlan, bars: Bars, deadline: Deadline
    ) -> "_IndexedRun":
        orders = {record.id: record for record in records if record.action is OrderAction.PLACE}
        fills: dict[int, list[Fill]] = defaultdict(list)
        for fill in replayed.fills:
            fills[fill.order].append(fill)
        markets = {side: SidedBars.from_bars(bars, plan.slippage, side, plan.slippage_price) for side in Side}
        lives = compute_lifetimes(records, fills, replayed.states, bars, deadline=deadline)
        return cls(orders, fills, lives, replayed, plan, bars, markets, deadline)


def _check_fills(book: _IndexedRun) -> Iterator[str]:
    last, held = 0, 0.0
    for number, fill in enumerate(book.replayed.fills):
        book.deadline.check()
        order = book.orders.get(fill.order)
        if order is None:
            yield f"fill {number} belongs to no order (it names {fill.order})"
        elif not 0 <= fill.bar < len(book.bars):
            yield f"fill {number} of order {order.id} is on bar {fill.bar}, which does not exist"
        else:
            yield from _check_fill(book, order, fill, held)
        if fill.bar < last:
            yield f"fill {number} is on bar {fill.bar}, before the fill ahead of it (bar {last})"
        last = fill.bar
        held = 0.0 if abs(held + fill.size) < TOLERANCE * abs(fill.size) else held + fill.size


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
    low, high = float(book.bars.low[fill.bar]), float(book.bars.high[fill.bar])
    slack = high * TOLERANCE
    slipped_limit = (
        order.kind is not OrderKind.MARKET and order.side is Side.SELL and fill.price >= low - slip_against(book.plan, low) - slack
    )
    if order.kind is not OrderKind.CLOSE and not (low - slack <= fill.price <= high + slack) and not slipped_limit:
        yield f"{name} filled at {fill.price!r} on bar {fill.bar}, outside its range {low!r} to {high!r}"
    market = book.markets[order.side]
    if order.kind is OrderKind.LIMIT:
        limit = resolve_prices(order, market).trigger
        if fill.price * market.sign > limit + abs(limit) * TOLERANCE:
            yield f"{name} filled at {fill.price!r}, worse than its limit {limit * market.sign!r}"
    life = book.lives[order.id]
    if life.start is None:
        return
    expected = expected_fill(order, market, life.start, fill.bar + 1)
    if expected is None:
        yield f"{name} filled on bar {fill.bar}, on which its price was not reached"
    elif expected.bar != fill.bar:
        yield f"{name} filled on bar {fill.bar}, but was due on bar {expected.bar}"
    elif not _is_close(fill.price, expected.price):
        yield f"{name} filled at {fill.price!r} on bar {fill.bar}; the rules give {expected.price!r}"


def _check_orders(book: _IndexedRun) -> Iterator[str]:
    """Orders without a fill: each must have a reason, and no due fill may be missing."""
    for number, order in book.orders.items():
        book.deadline.check()
        state = book.replayed.states.get(number, "")
        life = book.lives[number]
        name = f"order {number} ({order.side} {order.kind})"
        if not state:
            yield f"{name} has no state"
        elif book.fills.get(number):
            if state not in ("completed", "partial", "margin"):
                yield f"{name} filled and is said to be {state}"
        elif state == "completed":
            yield f"{name} is said to be completed, but has no fill"
        elif state != "margin":
            yield from _check_unfilled(book, order, state, life, name)


def _check_unfilled(book: _IndexedRun, order: OrderRecord, state: str, life: Lifetime, name: str) -> Iterator[str]:
    if state in _ALIVE and life.stop < len(book.bars):
        yield f"{name} is said to be open at the end, but was over on bar {life.stop}: {life.why}"
    if state == "expired" and not life.expires:
        yield f"{name} is said to have expired, but had no such date"
    if state in ("canceled", "rejected") and not life.canceled and life.released is None:
        yield f"{name} is said to be {state}, but nobody canceled it"
    if life.start is None:
        return
    stop = life.stop if life.released is None else min(life.stop, life.released)
    due = expected_fill(order, book.markets[order.side], life.start, stop)
    if due is not None:
        yield f"{name} was due to fill on bar {due.bar} at {due.price!r} and did not"


def _check_account(book: _IndexedRun) -> Iterator[str]:
    cash, size, value, overdrawn = _recompute_account(book)
    yield from overdrawn
    replayed = book.replayed
    scale = max(1.0, book.plan.cash, float(np.max(np.abs(size * book.bars.close), initial=0.0)))
    for name, own, said in (("cash", cash, replayed.cash), ("position", size, replayed.position), ("equity", value, replayed.equity)):
        if said.shape != own.shape:
            yield f"{name} has {said.size} values for {own.size} bars"
            continue
        room = TOLERANCE * (scale if name != "position" else max(1.0, float(np.max(np.abs(own), initial=0.0))))
        wrong = np.flatnonzero(~(np.abs(said - own) <= room))
        if wrong.size:
            bar = int(wrong[0])
            yield f"{name} at the close of bar {bar} is said to be {said[bar]!r}; the fills add up to {own[bar]!r}"


def _recompute_account(book: _IndexedRun) -> tuple[FloatArray, FloatArray, FloatArray, list[str]]:
    """Cash, position and account value at each close, shape (n,), added up from the fills.

    A long position ties up its cost divided by the leverage; everything else moves cash by size times price. The account value is
    what all fills brought and cost plus the position at the close, whatever the leverage.
    """
    bars, plan = book.bars, book.plan
    cash, held, average = plan.cash, 0.0, 0.0
    moves = np.zeros((3, len(bars)))
    overdrawn: list[str] = []
    for fill in book.replayed.fills:
        if not 0 <= fill.bar < len(bars):
            continue
        closed = -_clamp(fill.size, -held) if held * fill.size < 0 else 0.0
        opened = fill.size + closed
        change = closed * average / plan.leverage + closed * (fill.price - average) if held > 0 else closed * fill.price
        if opened:
            change -= opened * fill.price / (plan.leverage if opened > 0 else 1.0)
            rest = held - closed
            average = (average * rest + opened * fill.price) / (rest + opened)
        change -= fill.commission
        held += fill.size
        if abs(held) < TOLERANCE * abs(fill.size):
            held = 0.0
        cash += change
        if opened and cash < -TOLERANCE * max(plan.cash, abs(fill.size * fill.price)):
            overdrawn.append(f"order {fill.order} opened a position on bar {fill.bar} without the cash for it ({cash:.2f} left)")
        paid = -fill.size * fill.price - fill.commission
        moves[:, fill.bar] += (change, fill.size, paid)
    added = np.cumsum(moves, axis=1)
    return plan.cash + added[0], added[1], plan.cash + added[2] + added[1] * bars.close, overdrawn


def _check_summary(book: _IndexedRun) -> Iterator[str]:
    counts, states = book.replayed.orders, book.replayed.states
    said = (counts.placed, counts.filled, counts.margin_rejected, counts.expired)
    own = (len(book.orders), *(_count(states.values(), name) for name in ("completed", "margin", "expired")))
    if said != own:
        yield f"orders placed, filled, rejected for cash and expired are said to be {said}; counted are {own}"
    profit = sum(trade.profit for trade in book.replayed.trades)
    paid = sum(-fill.size * fill.price - fill.commission for fill in book.replayed.fills)
    held = sum(fill.size for fill in book.replayed.fills)
    own_profit = paid + held * float(book.bars.close[-1])
    if not _is_close(profit, own_profit, max(1.0, book.plan.cash, abs(own_profit))):
        yield f"the trades' profits add up to {profit!r}; the fills brought {own_profit!r}"


def _count(states: Iterable[str], name: str) -> int:
    return sum(state == name for state in states)


def _clamp(size: float, most: float) -> float:
    """The part of `size` that goes no further than `most`; both have the same sign."""
    return min(size, most) if most > 0 else max(size, most)


def _is_close(one: float, other: float, scale: float | None = None) -> bool:
    return abs(one - other) <= TOLERANCE * (max(1e-12, abs(one), abs(other)) if scale is None else scale)
