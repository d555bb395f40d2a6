"""Backtrader's simulator for accounts with many resting orders: those that a bar cannot touch are not walked through. Imports Backtrader.

Stock Backtrader looks at every open order on every bar. Here, from a crowd on, plain limit and stop orders wait beside the queue, sorted by
price, and return to their place in it on the bars that reach their price or pass their date; the simulator's own code then does the rest.
Orders of groups and brackets, trailing and triggered ones never leave the queue.
"""

import heapq
import math
from bisect import bisect_left, bisect_right, insort
from collections import deque
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from backtrader import Order

from core.backtest.faults import NO_DEADLINE
from core.backtest.lean_broker import LeanBroker
from core.backtest.lean_orders import LeanBuyOrder, LeanSellOrder, make_order

QUEUE_LIMIT = 2
"""Open orders up to which the simulator's own walk is all there is."""
_ORDER_FIELDS = ("valid", "tradeid", "trailamount", "trailpercent", "parent", "transmit", "histnotify")
_AHEAD = 1_000_000_000
"""Places by which orders for the opening stand before all others."""
_Entry = tuple[float, int, Any]
"""Price, place in the queue, order. Places are unique, so orders are never compared."""


class RestingBroker(LeanBroker):
    """A BackBroker that does the same, to the bit, in less time when there are many open orders."""

    deadline = NO_DEADLINE
    several = False
    """True for several instruments: each has prices of its own, so every order stays in the queue."""

    def init(self) -> None:
        """Empty books, as the simulator makes them."""
        super().init()
        self.pending: deque[Any] = deque()
        self._places: dict[int, int] = {}
        self._tied: set[int] = set()
        self._apart = True
        self._resting: dict[int, _Entry] = {}
        self._above: list[_Entry] = []
        """Sales at a limit and purchases at a stop: the market has to rise to them."""
        self._below: list[_Entry] = []
        self._dates: list[tuple[float, int]] = []
        self._sent: set[int] = set()
        self.bounds: PriceBounds | None = None
        self.held_back: set[int] = set()
        """Orders whose price the last bar of their instrument would have met again on a moment without one."""

    bounds: "PriceBounds | None"
    """While nothing happens to any order: the prices and the date short of which a bar concerns none of them. None: they are not known."""

    def note_untouched(self) -> None:
        """Work out how far the market may go without concerning an order, on a bar that touched none."""
        if self.bounds is None and not (self.submitted or self._toactivate or self.several):
            self.bounds = find_bounds(self.pending, self._above, self._below, self._dates)

    @property
    def waiting(self) -> bool:
        """True when this bar can change anything, once the resting orders that it touches are back in the queue."""
        return bool(self.pending or self.submitted or self._toactivate)

    @property
    def open_orders(self) -> int:
        """Number of orders that may still fill."""
        return len(self.pending) + len(self._resting) + len(self.submitted)

    def next(self) -> None:
        """Simulate one bar, after `requeue_touched_orders`. Raises OverdueCheckError after the deadline."""
        self.deadline.check()
        self.bounds = None
        super().next()
        if self._apart and not self.several and len(self.pending) > QUEUE_LIMIT:
            self._move_to_resting()

    def requeue_touched_orders(self) -> None:
        """The first thing on every bar: return resting orders that it touches to their places in the queue."""
        if not self._resting:
            return
        data = next(iter(self._resting.values()))[2].data
        opened, high, low = data.open[0], data.high[0], data.low[0]
        if not (low <= opened <= high):
            self._requeue(list(self._resting.values()))
            return
        touched = self._above[: bisect_right(self._above, high, key=_price)] + self._below[bisect_left(self._below, low, key=_price) :]
        if touched:
            self._requeue(touched)
        moment = data.datetime[0]
        while self._dates and self._dates[0][0] < moment:
            _, number = heapq.heappop(self._dates)
            if number in self._resting:
                self._requeue([self._resting[number]])

    def is_untouched(self) -> bool:
        """Check that this bar changes nothing about any order: none is new, and none can fill, expire or follow the price."""
        if self.submitted or self._toactivate or self.several or not self.pending:
            return False
        data = self.pending[0].data
        opened, high, low = data.open[0], data.high[0], data.low[0]
        if not (low <= opened <= high):
            return False
        moment = data.datetime[0]
        for order in self.pending:  # noqa: SIM110 - on every bar with a waiting order: a generator costs more than what it looks at
            if _is_touched(order, high, low, moment):
                return False
        return True

    def _try_exec(self, order: Any) -> None:
        """Match an order with the present bar of its instrument. Stock Backtrader matches it again with an old bar where there is none."""
        if order.data.is_current:
            super()._try_exec(order)
        elif _meets_old_bar(order):
            self.held_back.add(order.ref)

    def _try_exec_limit(self, order: Any, popen: float, phigh: float, plow: float, plimit: float) -> None:
        """Fill a limit order. Stock Backtrader lets a sale at the open slip to its limit, below the bar's low; here it ends at the low.

        One for the opening alone is over with it.
        """
        if order.on_open and not (popen <= plimit if order.isbuy() else popen >= plimit):
            self._lapse(order)
        elif not order.isbuy() and plimit <= popen:
            price = self._slip_down(max(plow, plimit), popen, doslip=self.p.slip_open, lim=True)
            self._execute(order, ago=0, price=price)
        else:
            super()._try_exec_limit(order, popen, phigh, plow, plimit)
        if order.on_open and order.alive():
            self._lapse(order)

    def _lapse(self, order: Any) -> None:
        """End an order that the opening left over. Others of its group stay; the legs of its bracket have nothing to close."""
        order.status, order.executed.dt = Order.Expired, order.data.datetime[0]
        self.notify(order)
        if order.parent is None:
            self._bracketize(order, cancel=True)

    def buy(self, owner: Any, data: Any, size: Any, price: Any = None, plimit: Any = None, exectype: Any = None, **words: Any) -> Any:
        """Make a purchase and take it, as the simulator does."""
        return self._take(LeanBuyOrder, words, owner=owner, data=data, size=size, price=price, pricelimit=plimit, exectype=exectype)

    def sell(self, owner: Any, data: Any, size: Any, price: Any = None, plimit: Any = None, exectype: Any = None, **words: Any) -> Any:
        """Make a sale and take it, as the simulator does."""
        return self._take(LeanSellOrder, words, owner=owner, data=data, size=size, price=price, pricelimit=plimit, exectype=exectype)

    def _take(self, kind: type, words: dict[str, Any], **fields: Any) -> Any:
        oco, check = words.pop("oco", None), words.pop("_checksubmit", True)
        more = {name: words.pop(name) for name in _ORDER_FIELDS if name in words}
        order = make_order(kind, **fields, **more)
        if words:
            order.addinfo(**words)
            order.on_open = bool(words.get("on_open")) and order.exectype == Order.Limit
        self._ocoize(order, oco)
        return self.submit(order, check=check)

    def submit_accept(self, order: Any) -> None:
        """Open an order; its place in the queue is the next one. One for the opening goes before all that wait for a price."""
        self._places[order.ref] = len(self._places) - (_AHEAD if order.on_open else 0)
        super().submit_accept(order)
        if order.on_open:
            self.pending = deque(sorted(self.pending, key=_waits_for_price))

    def submit(self, order: Any, check: bool = True) -> Any:
        """Take an order; what belongs to a bracket stays in the queue."""
        if order.parent is not None:
            self._tie(order.parent)
            self._tie(order)
        return super().submit(order, check)

    def transmit(self, order: Any, check: bool = True) -> Any:
        """Send an order off. A parent to which a child is attached later is sent twice and then has two places: nothing rests any more."""
        self.bounds = None
        if order.ref in self._sent:
            self._requeue(list(self._resting.values()))
            self._apart = False
        self._sent.add(order.ref)
        return super().transmit(order, check)

    def cancel(self, order: Any, bracket: bool = False) -> Any:
        """Cancel an order, resting or not."""
        self.bounds = None
        if self._remove_resting(order.ref):
            self.pending.appendleft(order)
        return super().cancel(order, bracket)

    def get_orders_open(self, safe: bool = False) -> Any:
        """Every open order, in the order of the queue."""
        self._requeue(list(self._resting.values()))
        return super().get_orders_open(safe)

    def _take_children(self, order: Any) -> Any:
        """Called for each order that is submitted, and again when it is looked at. Raises OverdueCheckError after the deadline."""
        self.deadline.check()
        return super()._take_children(order)

    def _ocoize(self, order: Any, oco: Any) -> None:
        if oco is not None:
            self._tie(oco)
            self._tie(order)
        super()._ocoize(order, oco)

    def _tie(self, order: Any) -> None:
        self._tied.add(order.ref)
        if order.ref in self._resting:
            self._requeue([self._resting[order.ref]])

    def _move_to_resting(self) -> None:
        staying = []
        for order in self.pending:
            if self._can_rest(order):
                self._move_one_to_resting(order)
            else:
                staying.append(order)
        self.pending = deque(staying)

    def _move_one_to_resting(self, order: Any) -> None:
        entry = (float(order.created.price), self._places[order.ref], order)
        self._resting[order.ref] = entry
        insort(self._side(order), entry)
        if order.valid:
            heapq.heappush(self._dates, (float(order.valid), order.ref))

    def _can_rest(self, order: Any) -> bool:
        """Check that nothing but its own price and date can concern it."""
        if (
            order.on_open
            or order.ref in self._tied
            or order.exectype not in (Order.Limit, Order.Stop)
            or order.parent is not None
            or not order.transmit
        ):
            return False
        price, valid = order.created.price, order.valid
        plain = isinstance(price, int | float) and math.isfinite(price) and (valid is None or isinstance(valid, int | float))
        return plain and valid == valid

    def _side(self, order: Any) -> list[_Entry]:
        return self._above if order.isbuy() is (order.exectype == Order.Stop) else self._below

    def _remove_resting(self, number: int) -> bool:
        entry = self._resting.pop(number, None)
        if entry is None:
            return False
        side = self._side(entry[2])
        del side[bisect_left(side, entry[:2], key=_price_and_place)]
        return True

    def _requeue(self, entries: list[_Entry]) -> None:
        """Put orders back into the queue, each where it would be now."""
        self.bounds = None
        for entry in entries:
            self._remove_resting(entry[2].ref)
        back = [entry[2] for entry in sorted(entries, key=_place)]
        self.pending = deque(heapq.merge(back, self.pending, key=lambda order: self._places[order.ref]))


class ReplayBroker(RestingBroker):
    """A broker whose orders have no owner who wants to be told: it keeps the executions, and copies nothing."""

    def init(self) -> None:
        """Empty books, as the simulator makes them."""
        super().init()
        self._executions: list[tuple[Any, Any]] = []

    def notify(self, order: Any) -> None:
        """Keep what was executed since the last word about the order."""
        executed = order.executed
        executed.markpending()
        if executed.p1 < executed.p2:
            self._executions.extend((order, part) for part in executed.iterpending())

    def _close_bar(self) -> None:
        """Nobody asks this broker for a value: the account is worked out for all bars at once."""

    def take_executions(self) -> list[tuple[Any, Any]]:
        """Executions since this was asked last, in their order: the order, and the part of it."""
        taken, self._executions = self._executions, []
        return taken


class PriceBounds(NamedTuple):
    """A bar concerns no order while its high is below `rise`, its low above `fall`, and its time not after `date`."""

    rise: float
    fall: float
    date: float

    def hold(self, opened: float, high: float, low: float, moment: float) -> bool:
        """Check a bar; one whose open lies outside its high and low is left to the simulator."""
        return self.fall < low <= opened <= high < self.rise and moment <= self.date


def find_bounds(pending: Iterable[Any], above: Sequence[_Entry], below: Sequence[_Entry], dates: Sequence[Any]) -> PriceBounds | None:
    """Find the bounds of all orders that wait, in the queue or beside it; None when one of them waits for something else."""
    rise = above[0][0] if above else math.inf
    fall, date = below[-1][0] if below else -math.inf, dates[0][0] if dates else math.inf
    for order in pending:
        kind, valid = order.exectype, order.valid
        if valid is not None and not isinstance(valid, int | float):
            return None
        date = min(date, valid) if valid else date
        if not order._active:
            continue
        if order.on_open:
            return None
        limit = kind == Order.Limit or (kind == Order.StopLimit and order.triggered)
        if not limit and kind not in (Order.Stop, Order.StopLimit):
            return None
        price = order.created.pricelimit if kind == Order.StopLimit and order.triggered else order.created.price
        if not math.isfinite(price):
            return None
        if order.isbuy() is limit:
            fall = max(fall, price)
        else:
            rise = min(rise, price)
    return PriceBounds(rise, fall, date) if date == date else None


def _waits_for_price(order: Any) -> bool:
    return not (order.on_open or (order.exectype == Order.Market and order._active))


def _is_touched(order: Any, high: float, low: float, moment: float) -> bool:
    """Check whether a bar whose open lies between its high and low can concern an order at all."""
    valid = order.valid
    if valid is not None and (not isinstance(valid, int | float) or (valid and moment > valid)):
        return True
    if not order._active:
        return False
    if order.on_open:
        return True
    kind, created = order.exectype, order.created
    if kind == Order.Limit:
        return bool(created.price >= low if order.isbuy() else created.price <= high)
    if kind == Order.StopLimit and order.triggered:
        return bool(created.pricelimit >= low if order.isbuy() else created.pricelimit <= high)
    if kind in (Order.Stop, Order.StopLimit):
        return bool(created.price <= high if order.isbuy() else created.price >= low)
    return True


def _meets_old_bar(order: Any) -> bool:
    """Check whether stock Backtrader would execute an order on the last bar of an instrument that has none at this moment."""
    if order.exectype in (Order.Market, Order.Close):
        return False
    data, buys = order.data, order.isbuy()
    rises = buys is (order.exectype != Order.Limit and not order.triggered)
    price = order.created.pricelimit if order.triggered else order.created.price
    return bool(data.high[0] >= price if rises else data.low[0] <= price)


def _price(entry: _Entry) -> float:
    return entry[0]


def _place(entry: _Entry) -> int:
    return entry[1]


def _price_and_place(entry: _Entry) -> tuple[float, int]:
    return entry[:2]
