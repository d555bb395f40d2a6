"""Base that a proved program finds in place of Backtrader's strategy: lines to read, an account, orders, and word of its trades.

Only what the compiler's programs ask for is there; for anything else Python raises, and the program runs the ordinary way.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from core.backtest.direct_orders import DirectBroker
from core.backtest.plain_broker import PlainOrder
from core.domain.backtest import Side


class BarClock:
    """The bar that all lines stand on."""

    __slots__ = ("bar",)

    def __init__(self) -> None:
        self.bar = 0


class DirectLine:
    """One line: [0] is this bar, [-1] the one before it."""

    __slots__ = ("_clock", "_values")

    def __init__(self, values: Sequence[float], clock: BarClock) -> None:
        self._values, self._clock = values, clock

    def __getitem__(self, ago: int) -> float:
        place = self._clock.bar + ago
        if ago > 0 or place < 0:
            raise IndexError("there is no such bar")
        return self._values[place]


class DirectTimes(DirectLine):
    """The line of times, by Backtrader's clock."""

    __slots__ = ()

    def datetime(self, ago: int = 0) -> dt.datetime:
        """Wall time of a bar."""
        from backtrader import num2date

        moment: dt.datetime = num2date(self[ago])
        return moment

    def date(self, ago: int = 0) -> dt.date:
        """Calendar day of a bar."""
        return self.datetime(ago).date()

    def time(self, ago: int = 0) -> dt.time:
        """Time of day of a bar."""
        return self.datetime(ago).time()


class DirectIndicator(DirectLine):
    """An indicator: itself its first line, and each line under its name."""

    def __init__(self, lines: Mapping[str, Sequence[float]], clock: BarClock) -> None:
        first = next(iter(lines.values()))
        super().__init__(first, clock)
        for name, values in lines.items():
            setattr(self, name, DirectLine(values, clock))

    @property
    def lines(self) -> "DirectIndicator":
        """The lines by name, as in Backtrader."""
        return self


class DirectFeed:
    """The run's bars."""

    def __init__(self, lines: dict[str, DirectLine], clock: BarClock, timeframe: tuple[int, int]) -> None:
        self._clock = clock
        self._timeframe, self._compression = timeframe
        self.datetime = lines["datetime"]
        self.open, self.high, self.low, self.close, self.volume = (lines[name] for name in ("open", "high", "low", "close", "volume"))

    def __len__(self) -> int:
        return self._clock.bar + 1


class DirectTrade:
    """A trade as it grows, by the arithmetic of Backtrader's."""

    __slots__ = ("commission", "isclosed", "isopen", "justopened", "pnl", "pnlcomm", "price", "size", "value")

    def __init__(self) -> None:
        self.size: float = 0
        self.price = self.value = self.commission = self.pnl = self.pnlcomm = 0.0
        self.justopened = self.isopen = self.isclosed = False

    def update(self, size: float, price: float, commission: float) -> None:
        """Take an execution, or the part of one that concerns this trade."""
        self.commission += commission
        before = self.size
        self.size += size
        self.justopened = bool(not before and size)
        self.isclosed = bool(before and not self.size)
        self.isopen = bool(self.size)
        pnl = 0.0
        if abs(self.size) > abs(before):
            self.price = (before * self.price + size * price) / self.size
        else:
            pnl = -size * (price - self.price) * 1.0
        self.pnl += pnl
        self.pnlcomm = self.pnl - self.commission
        self.value = self.size * self.price

    def copy(self) -> "DirectTrade":
        """The trade as it is now."""
        copied = object.__new__(DirectTrade)
        copied.size, copied.price, copied.value, copied.commission = self.size, self.price, self.value, self.commission
        copied.pnl, copied.pnlcomm = self.pnl, self.pnlcomm
        copied.justopened, copied.isopen, copied.isclosed = self.justopened, self.isopen, self.isclosed
        return copied


class DirectStrategy:
    """Base of the class that a program's own methods are put into."""

    next: Any
    set_up: Any
    """Begins what is remembered."""
    notify_order: Any = None
    notify_trade: Any = None

    def __init__(self, data: DirectFeed, broker: DirectBroker, numbers: Any) -> None:
        self.data, self.broker, self.p = data, broker, numbers
        self.position = broker.position

    def buy(
        self, size: Any = None, price: Any = None, exectype: Any = None, oco: PlainOrder | None = None, on_open: bool = False
    ) -> PlainOrder | None:
        """Place a purchase."""
        return self.broker.place(Side.BUY, abs(size), price, exectype, oco, on_open) if size else None

    def sell(
        self, size: Any = None, price: Any = None, exectype: Any = None, oco: PlainOrder | None = None, on_open: bool = False
    ) -> PlainOrder | None:
        """Place a sale."""
        return self.broker.place(Side.SELL, abs(size), price, exectype, oco, on_open) if size else None

    def close(self) -> PlainOrder | None:
        """Close the position at the next open."""
        held = self.broker.position.size
        if held > 0:
            return self.sell(size=abs(held))
        return self.buy(size=abs(held)) if held < 0 else None

    def cancel(self, order: PlainOrder) -> None:
        """Take back an order."""
        self.broker.cancel(order)


class TradeTeller:
    """Tells a strategy what became of its orders, in Backtrader's order: first each order, then each trade."""

    def __init__(self, strategy: DirectStrategy) -> None:
        kind = type(strategy)
        self._tell_order = strategy.notify_order if kind.notify_order is not None else None
        self._tell_trade = strategy.notify_trade if kind.notify_trade is not None else None
        self._trade: DirectTrade | None = None

    def tell(self, broker: DirectBroker) -> None:
        """Tell what was executed on this bar."""
        executions, broker.executions = broker.executions, []
        trades: list[DirectTrade] = []
        for _, (closed, opened, price, closed_cost, opened_cost) in executions:
            self._follow(closed, opened, price, (closed_cost, opened_cost), trades)
        if self._tell_order is not None:
            for order, _ in executions:
                if order.status == PlainOrder.Completed:
                    self._tell_order(order)
        if self._tell_trade is not None:
            for trade in trades:
                self._tell_trade(trade)

    def _follow(self, closed: float, opened: float, price: float, costs: tuple[float, float], told: list[DirectTrade]) -> None:
        trade = self._trade = self._trade or DirectTrade()
        if closed:
            trade.update(closed, price, costs[0])
            if trade.isclosed:
                told.append(trade.copy())
        if opened:
            if trade.isclosed:
                trade = self._trade = DirectTrade()
            trade.update(opened, price, costs[1])
            if trade.isclosed:
                told.append(trade.copy())
        if trade.justopened:
            told.append(trade.copy())
