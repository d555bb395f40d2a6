"""The account of a proved program, without Backtrader's order objects: market, limit and stop orders, alone or one cancelling the other.

The arithmetic is the simulator's, operation for operation (`lean_broker`, `resting`), so that the account is the same to the last bit;
whoever asks for anything else is sent the ordinary way. No Backtrader here.
"""

import math
from array import array
from collections import deque
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from core.backtest.account_book import AccountBook
from core.backtest.orders import LARGEST_SIZE, OrderAction, OrderRecord, find_order_kind
from core.backtest.positions import combine
from core.domain.backtest import BacktestPlan, Fill, Side
from core.domain.bars import Bars
from core.domain.trading_costs import compute_commission

MARKET, LIMIT, STOP = 0, 2, 3
"""Backtrader's numbers of the types of orders that are known here."""
_FIRST_LOOK = 64
"""Bars that are looked at together, at first, for one that concerns an order."""


class UnknownOrderError(Exception):
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


class DirectOrder:
    """An order, with what a program reads of one."""

    __slots__ = ("alone", "executed", "group", "kind", "made", "on_open", "price", "ref", "size", "status")
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

    def __init__(self, ref: int, size: float, kind: int, price: float, made: int, on_open: bool) -> None:
        self.ref, self.size, self.kind, self.price, self.made, self.on_open = ref, size, kind, price, made, on_open
        self.group: set[int] | None = None
        self.status = self.Submitted
        self.executed = Executed()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DirectOrder) and self.ref == other.ref

    def alive(self) -> bool:
        """True while it may still be executed."""
        return self.status < self.Completed

    def isbuy(self) -> bool:
        """True for a purchase."""
        return self.size > 0

    def issell(self) -> bool:
        """True for a sale."""
        return self.size < 0


class DirectPosition:
    """Units held, and their price."""

    __slots__ = ("price", "size")

    def __init__(self) -> None:
        self.size: float = 0
        self.price = 0.0

    def __bool__(self) -> bool:
        return bool(self.size != 0)

    def __len__(self) -> int:
        return abs(self.size)  # type: ignore[return-value]


class Market:
    """Prices of the bars, as plain numbers and as columns."""

    def __init__(self, bars: Bars) -> None:
        self.opens, self.highs, self.lows, self.closes = (array("d", one.tobytes()) for one in (bars.open, bars.high, bars.low, bars.close))
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


class DirectBroker:
    """Orders and account. The bars go by outside: `bar` is the present one."""

    def __init__(self, plan: BacktestPlan, bars: Bars, market: Market) -> None:
        self.bar = 0
        self.book = AccountBook(plan, bars)
        self.records: list[OrderRecord] = []
        self.placed: list[DirectOrder] = []
        self.position = DirectPosition()
        self.executions: list[tuple[DirectOrder, tuple[float, ...]]] = []
        """Executions on this bar: order, units closed and opened, price, and the commission of both."""
        self._plan, self._market = plan, market
        self._cash: float = plan.cash
        self._touch = -1
        """The next bar that reaches an order in the market; -1: not known."""
        self._submitted: deque[DirectOrder] = deque()
        self._pending: deque[DirectOrder | None] = deque()

    # ------------------------------------------------------------------ what a program asks

    def getvalue(self) -> float:
        """Value of the account at the close of this bar."""
        size, price = self.position.size, self.position.price
        close = self._market.closes[self.bar]
        value, gain = size * close, size * (close - price)
        if value > 0:
            unlevered = 0.0 + (value - gain) / self._plan.leverage
            unlevered += gain
        else:
            unlevered = 0.0 + value
        worth: float = self._cash + unlevered
        return worth

    def getcash(self) -> float:
        """Cash."""
        return self._cash

    def getcommissioninfo(self, data: Any) -> "DirectBroker":
        """The costs, as far as a program asks for them."""
        return self

    def get_leverage(self) -> float:
        """Leverage of the account."""
        return self._plan.leverage

    # ------------------------------------------------------------------ what a program does

    def place(self, side: Side, size: Any, price: Any, exectype: Any, oco: DirectOrder | None, on_open: bool = False) -> DirectOrder:
        """Take an order at the close of this bar; with `on_open` a limit for the next opening alone. Raises UnknownOrderError."""
        kind = MARKET if exectype is None else exectype
        asked = None if price is None else float(price)
        if kind not in (MARKET, LIMIT, STOP) or type(size) not in (int, float) or not 0 < size <= LARGEST_SIZE:
            raise UnknownOrderError(f"an order of {size} units")
        if asked is not None and not math.isfinite(asked):
            raise UnknownOrderError(f"an order at {asked}")
        if on_open and kind != LIMIT:
            raise UnknownOrderError("another order for the opening")
        number = self._count_record()
        signed = size if side is Side.BUY else -size
        order = DirectOrder(number, signed, kind, asked or self._market.closes[self.bar], self.bar, bool(on_open))
        self._join(order, oco)
        said: dict[str, Any] = {"id": number, "cycle": self.bar + 1, "size": abs(float(size))}
        if side is Side.SELL:
            said["side"] = side
        if kind:
            said["kind"] = find_order_kind(kind, on_open=order.on_open)
        if asked is not None:
            said["price"] = asked
        if oco is not None:
            said["oco"] = oco.ref
        self.records.append(OrderRecord(**said))
        self.placed.append(order)
        self._submitted.append(order)
        return order

    def cancel(self, order: DirectOrder) -> None:
        """Take back an order; one that was placed on this very bar is not in the market yet, and stays."""
        number = self._count_record()
        self.records.append(OrderRecord(id=number, cycle=self.bar + 1, action=OrderAction.CANCEL, target=order.ref))
        try:
            self._pending.remove(order)
        except ValueError:
            return
        order.status, self._touch = DirectOrder.Canceled, -1
        self._release(order)

    def _count_record(self) -> int:
        number = len(self.records)
        if number >= self._plan.limits.orders:
            raise UnknownOrderError("too many orders")
        return number

    def _join(self, order: DirectOrder, oco: DirectOrder | None) -> None:
        if oco is not None:
            if oco.group is None:
                oco.group = {oco.ref}
            order.group = oco.group
            order.group.add(order.ref)

    # ------------------------------------------------------------------ a bar

    def find_turn(self) -> int:
        """Find the next bar that concerns an order; the number of bars when none does."""
        if self._submitted:
            return self.bar + 1
        if not self._pending:
            return len(self._market.closes)
        if self._touch > self.bar:
            return self._touch
        rise, fall = math.inf, -math.inf
        for order in self._pending:
            assert order is not None
            if order.kind == MARKET or order.on_open:
                return self.bar + 1
            if (order.size > 0) is (order.kind == STOP):
                rise = min(rise, order.price)
            else:
                fall = max(fall, order.price)
        self._touch = self._market.find_touch(self.bar + 1, rise, fall)
        return self._touch

    def take_turn(self) -> None:
        """Play this bar: open what was placed, and execute what it reaches. Raises UnknownOrderError."""
        filled, self._touch = len(self.book.fills), -1
        if self._submitted:
            self._open_submitted()
        self._pending.append(None)
        while (order := self._pending.popleft()) is not None:
            self._try(order)
            if order.status < DirectOrder.Completed:
                self._pending.append(order)
        if len(self.book.fills) > filled:
            self.book.note_account(self.bar, self._cash, self.position.size, self.position.price)

    def _open_submitted(self) -> None:
        cash, held = self._cash, self.position.size
        while self._submitted:
            order = self._submitted.popleft()
            price = order.price
            held, _, opened, closed = combine(held, 0.0, order.size, price)
            if closed:
                cash += self._unlever(-closed * price) + 0
                cash -= compute_commission(self._plan, closed, price)
            if opened:
                cash -= self._unlever(opened * price)
                cash -= compute_commission(self._plan, opened, price)
            if cash >= 0.0:
                order.status = DirectOrder.Accepted
                self._pending.append(order)
                if order.on_open:
                    self._pending = deque(sorted(self._pending, key=_waits_for_price))
            else:
                order.status = DirectOrder.Margin
                self._release(order)

    def _try(self, order: DirectOrder) -> None:
        """Execute an order when this bar reaches it."""
        market, bar, price, buys = self._market, self.bar, order.price, order.size > 0
        opened, high, low = market.opens[bar], market.highs[bar], market.lows[bar]
        if order.kind == MARKET:
            self._execute(order, self._slip(opened, high if buys else low, buys))
        elif order.on_open and not (price >= opened if buys else price <= opened):
            order.status = DirectOrder.Expired
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

    def _execute(self, order: DirectOrder, price: float) -> None:
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
                raise UnknownOrderError("an execution leaves a rest behind")
            position.size, position.price, _, _ = combine(position.size, paid, size, price)
            order.executed.add(size, price)
            order.status = DirectOrder.Completed
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
            self._release(order)
        if refused:
            order.status = DirectOrder.Margin
            self._release(order)

    def _release(self, order: DirectOrder) -> None:
        """Cancel the others of an order's group that are in the market, the newest first."""
        group, order.group = order.group, None
        if not group:
            return
        for place in range(len(self._pending) - 1, -1, -1):
            other = self._pending[place]
            if other is not None and other.ref in group:
                del self._pending[place]
                other.status = DirectOrder.Canceled
        group.clear()

    def _unlever(self, value: float) -> float:
        return value / self._plan.leverage if value > 0 else value

    def read_states(self) -> dict[int, str]:
        """The end of each order: its number to Backtrader's status in lower case."""
        return {order.ref: DirectOrder.NAMES[order.status] for order in self.placed}


def _waits_for_price(order: DirectOrder | None) -> bool:
    return order is not None and not (order.on_open or order.kind == MARKET)


def find_bars_in_order(bars: Bars) -> bool:
    """Check that each bar is later than the one before it, and that all prices are numbers."""
    columns: Sequence[Any] = (bars.open, bars.high, bars.low, bars.close)
    return bool(np.all(np.diff(bars.time.astype(np.int64)) > 0)) and all(bool(np.all(np.isfinite(one))) for one in columns)
