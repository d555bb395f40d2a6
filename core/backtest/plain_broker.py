"""An account whose orders are plain, without Backtrader's order objects: market, limit and stop orders, alone, in groups and in brackets.

The arithmetic is the simulator's, operation for operation (`lean_broker`, `resting`), so that the account is the same to the last bit;
whoever asks for anything else is sent the ordinary way. No Backtrader here.
"""

import math
import sys
from collections import deque
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from core.backtest.account_book import AccountBook
from core.backtest.orders import find_order_kind
from core.backtest.positions import combine
from core.domain.backtest import BacktestPlan, Fill
from core.domain.bars import Bars
from core.domain.trading_costs import compute_commission

MARKET, LIMIT, STOP = 0, 2, 3
"""Backtrader's numbers of the types of orders that are known here."""
NEVER = sys.maxsize
"""A bar that does not come."""
_FIRST_LOOK = 64
"""Bars that are looked at together, at first, for one that concerns an order."""


class NotPlainError(Exception):
    """The simulator itself has to play this order."""


class Executed:
    """Execution of an order, or of a part of it."""

    __slots__ = ("price", "size")

    def __init__(self) -> None:
        self.size: float = 0
        self.price = 0.0

    def add(self, size: float, price: float) -> None:
        """Add the one execution, as the simulator adds it up."""
        before, now = self.size * self.price, size * price
        self.size += size
        self.price = (before + now) / self.size


class PlainOrder:
    """An order, with what a program reads of one."""

    __slots__ = (
        "active", "executed", "expires", "family", "group", "kind", "leader", "on_open", "parent", "price", "ref", "size", "status",
    )  # fmt: skip
    __hash__ = None  # type: ignore[assignment]
    Created, Submitted, Accepted, Partial, Completed, Canceled, Expired, Margin, Rejected = range(9)
    NAMES: ClassVar[tuple[str, ...]] = (
        "created",
        "submitted",
        "accepted",
        "partial",
        "completed",
        "canceled",
        "expired",
        "margin",
        "rejected",
    )

    def __init__(self, ref: int, size: float, kind: int, price: float, on_open: bool) -> None:
        self.ref, self.size, self.kind, self.price, self.on_open = ref, size, kind, price, on_open
        self.leader: PlainOrder | None = None
        """The order that its group began with, when that is another one."""
        self.group: set[int] | None = None
        """Of a leader: numbers of the orders of which one cancels the others."""
        self.family: deque[PlainOrder] | None = None
        """The bracket it belongs to, as far as it is still on: the parent, then its children."""
        self.parent: PlainOrder | None = None
        self.active = True
        """False for the child of a bracket whose parent was not executed yet."""
        self.expires = NEVER
        """First bar that is later than the last moment of the order."""
        self.status = self.Created
        self.executed = Executed()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PlainOrder) and self.ref == other.ref

    def alive(self) -> bool:
        """True while it may still be executed."""
        return self.status < self.Completed

    def isbuy(self) -> bool:
        """True for a purchase."""
        return self.size > 0

    def issell(self) -> bool:
        """True for a sale."""
        return self.size < 0


class PlainPosition:
    """Units held, and their price."""

    __slots__ = ("price", "size")

    def __init__(self) -> None:
        self.size: float = 0
        self.price = 0.0

    def __bool__(self) -> bool:
        return bool(self.size != 0)

    def __len__(self) -> int:
        return abs(self.size)  # type: ignore[return-value]


class PlainMarket:
    """Prices of the bars, as plain numbers and as columns."""

    def __init__(self, bars: Bars) -> None:
        self.opens, self.highs, self.lows, self.closes = map(_read_directly, (bars.open, bars.high, bars.low, bars.close))
        self._high, self._low = bars.high, bars.low
        self._odd = ~((bars.low <= bars.open) & (bars.open <= bars.high))
        self._count = len(bars)

    def find_touch(self, start: int, rise: float, fall: float) -> int:
        """Find the first bar from `start` on whose prices come up to `rise` or down to `fall`; the number of bars when none does."""
        step = _FIRST_LOOK
        while start < self._count:
            part = slice(start, start + step)
            touched = (self._high[part] >= rise) | (self._low[part] <= fall) | self._odd[part]
            place = int(np.argmax(touched))
            if touched[place]:
                return start + place
            start, step = start + step, step * 4
        return self._count


class PlainBroker:
    """Orders and account. The bars go by outside: `bar` is the present one."""

    def __init__(self, plan: BacktestPlan, market: PlainMarket, book: AccountBook) -> None:
        self.bar = 0
        self.book = book
        self.position = PlainPosition()
        self.executions: list[tuple[PlainOrder, tuple[float, ...]]] = []
        """Executions that nobody has taken yet: order, units closed and opened, price, and the commission of both."""
        self._plan, self._market = plan, market
        self._cash: float = plan.cash
        self._touch = -1
        """The next bar that reaches an order in the market; -1: not known."""
        self._submitted: deque[PlainOrder] = deque()
        self._pending: deque[PlainOrder | None] = deque()
        self._released: list[PlainOrder] = []
        """Children whose parent was executed on the last bar that was played."""

    @property
    def open_orders(self) -> int:
        """Number of orders that may still fill."""
        return len(self._pending) + len(self._submitted)

    # ------------------------------------------------------------------ orders

    def pay_in(self, amount: float) -> None:
        """Pay into the account at this bar's close, when its orders are done."""
        self._cash += amount
        self._note_account()

    def submit(self, order: PlainOrder) -> None:
        """Send an order off; it is looked at on the next bar."""
        order.status = PlainOrder.Submitted
        self._submitted.append(order)

    def join(self, order: PlainOrder, other: PlainOrder) -> None:
        """Put an order into the group of another one: the first that is done cancels the rest."""
        leader = order.leader = other.leader or other
        if leader.group is None:
            leader.group = {leader.ref}
        leader.group.add(order.ref)

    def take_back(self, order: PlainOrder) -> None:
        """Take back an order, and with it its bracket; one that is not in the market yet, or no more, stays as it is."""
        if self._remove(order):
            self._end_family(order)

    def _remove(self, order: PlainOrder) -> bool:
        try:
            self._pending.remove(order)
        except ValueError:
            return False
        order.status, self._touch = PlainOrder.Canceled, -1
        self._end_group(order)
        return True

    # ------------------------------------------------------------------ a bar

    def find_turn(self) -> int:
        """Find the next bar that concerns an order; the number of bars when none does."""
        if self._submitted or self._released:
            return self.bar + 1
        if not self._pending:
            return len(self._market.closes)
        if self._touch > self.bar:
            return self._touch
        rise, fall, last = math.inf, -math.inf, NEVER
        for order in self._pending:
            assert order is not None
            if order.expires < last and order.kind != MARKET:
                last = order.expires
            if not order.active:
                continue
            if order.kind == MARKET or order.on_open:
                return self.bar + 1
            if (order.size > 0) is (order.kind == STOP):
                rise = min(rise, order.price)
            else:
                fall = max(fall, order.price)
        touch = self._market.find_touch(self.bar + 1, rise, fall)
        self._touch = touch if touch <= last else max(last, self.bar + 1)
        return self._touch

    def take_turn(self) -> None:
        """Play this bar: open what was placed, and execute what it reaches. Raises NotPlainError."""
        filled, self._touch = len(self.book.fills), -1
        if self._released:
            for child in self._released:
                child.active = True
            self._released.clear()
        if self._submitted:
            self._open_submitted()
        self._pending.append(None)
        while (order := self._pending.popleft()) is not None:
            if order.expires <= self.bar and order.kind != MARKET:
                self._refuse(order, PlainOrder.Expired)
                continue
            if order.active:
                self._try(order)
            if order.status < PlainOrder.Completed:
                self._pending.append(order)
            elif order.family is not None and order.status == PlainOrder.Completed:
                self._go_on_with_family(order)
        if len(self.book.fills) > filled:
            self._note_account()

    def _note_account(self) -> None:
        """Write down the account from this bar on."""
        self.book.note_account(self.bar, self._cash, self.position.size, self.position.price)

    def _open_submitted(self) -> None:
        cash, held = self._cash, self.position.size
        while self._submitted:
            order = self._submitted.popleft()
            if order.parent is not None and order.family is None:
                order.status = PlainOrder.Rejected
                continue
            price = order.price
            held, _, opened, closed = combine(held, 0.0, order.size, price)
            if closed:
                cash += self._unlever(-closed * price) + 0
                cash -= compute_commission(self._plan, closed, price)
            if opened:
                cash -= self._unlever(opened * price)
                cash -= compute_commission(self._plan, opened, price)
            if cash >= 0.0:
                order.status = PlainOrder.Accepted
                self._pending.append(order)
                if order.on_open:
                    self._pending = deque(sorted(self._pending, key=_waits_for_price))
            else:
                self._refuse(order, PlainOrder.Margin)

    def _try(self, order: PlainOrder) -> None:
        """Execute an order when this bar reaches it."""
        market, bar, price, buys = self._market, self.bar, order.price, order.size > 0
        opened, high, low = market.opens[bar], market.highs[bar], market.lows[bar]
        if order.kind == MARKET:
            self._execute(order, self._slip(opened, high if buys else low, buys))
        elif order.on_open and not (price >= opened if buys else price <= opened):
            order.status = PlainOrder.Expired
            if order.parent is None:
                self._end_family(order)
        elif order.kind == STOP:
            if opened >= price if buys else opened <= price:
                self._execute(order, self._slip(opened, high if buys else low, buys))
            elif high >= price if buys else low <= price:
                self._execute(order, self._slip(price, high if buys else low, buys))
        elif price >= opened if buys else price <= opened:
            self._execute(order, self._slip(opened, min(high, price) if buys else max(low, price), buys))
        elif price >= low if buys else price <= high:
            self._execute(order, price)

    def _slip(self, price: float, most: float, buys: bool) -> float:
        """A price moved by the slippage against the order, not beyond `most`."""
        plan = self._plan
        if not plan.slippage and not plan.slippage_price:
            return price
        if buys:
            slipped = price * (1 + plan.slippage) if plan.slippage else price + plan.slippage_price
            return slipped if slipped <= most else most
        slipped = price * (1 - plan.slippage) if plan.slippage else price - plan.slippage_price
        return slipped if slipped >= most else most

    def _execute(self, order: PlainOrder, price: float) -> None:
        position, plan = self.position, self._plan
        paid = position.price
        total, _, opened, closed = combine(position.size, paid, order.size, price)
        cash, wanted, closed_cost, opened_cost = self._cash, opened, 0.0, 0.0
        if closed:
            closed_cost = compute_commission(plan, closed, price)
            cash += self._unlever(-closed * paid) + -closed * (price - paid)
            cash -= closed_cost
            cash += 0.0
            self._cash = cash
        if opened:
            opened_cost = compute_commission(plan, opened, price)
            cash -= self._unlever(opened * price)
            cash -= opened_cost
            if cash < 0.0:
                opened, opened_cost = 0, 0.0
            else:
                self._cash = cash + 0.0 if abs(total) > abs(opened) else cash
        refused = bool(wanted and not opened)
        if size := closed + opened:
            if not refused and size != order.size:
                raise NotPlainError("an execution leaves a rest behind")
            position.size, position.price, _, _ = combine(position.size, paid, size, price)
            order.executed.add(size, price)
            order.status = PlainOrder.Completed
            fill = Fill(
                order=order.ref,
                bar=self.bar,
                size=size,
                price=price,
                commission=closed_cost + opened_cost,
                kind=find_order_kind(order.kind, on_open=order.on_open).value,
            )
            self.book.fills.append(fill)
            self.executions.append((order, (closed, opened, price, closed_cost, opened_cost)))
            self._end_group(order)
        if refused:
            self._refuse(order, PlainOrder.Margin)

    # ------------------------------------------------------------------ orders that hang together

    def _refuse(self, order: PlainOrder, status: int) -> None:
        """End an order that comes to nothing, with its group and its bracket."""
        order.status = status
        self._end_group(order)
        self._end_family(order)

    def _end_group(self, order: PlainOrder) -> None:
        """Cancel the others of an order's group that are in the market, the newest first."""
        leader = order.leader or order
        group = leader.group
        if not group:
            return
        for place in range(len(self._pending) - 1, -1, -1):
            other = self._pending[place]
            if other is not None and other.ref in group:
                del self._pending[place]
                other.status = PlainOrder.Canceled
        group.clear()

    def _end_family(self, order: PlainOrder) -> None:
        """Cancel what is left of an order's bracket; children that are not in the market yet are rejected when it is their turn."""
        family = order.family
        if family is None:
            return
        left = list(family)
        family.clear()
        order.family = None
        for one in left:
            self._remove(one)
            one.family = None

    def _go_on_with_family(self, order: PlainOrder) -> None:
        """Let the children of an executed parent take part from the next bar on; an executed child ends its bracket."""
        family = order.family
        assert family is not None
        if order.parent is not None:
            self._end_family(order)
        else:
            family.popleft()
            self._released += family

    def _unlever(self, value: float) -> float:
        return value / self._plan.leverage if value > 0 else value


def _read_directly(column: Any) -> Sequence[float]:
    """The numbers of a column one by one, as Python's own, without a copy."""
    plain: Any = np.ascontiguousarray(column)
    return memoryview(plain)


def _waits_for_price(order: PlainOrder | None) -> bool:
    return order is not None and not (order.on_open or (order.kind == MARKET and order.active))
