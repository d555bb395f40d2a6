"""The trusted side: an order log placed again through Backtrader's unmodified broker, on the platform's own bars."""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.backtest.account import configure
from core.backtest.faults import NO_DEADLINE, Deadline
from core.backtest.orders import LogCheck, OrderAction, OrderKind, OrderRecord
from core.backtest.runner_report import StrategyReport
from core.backtest.trades import round_trips_of_each
from core.domain.backtest import BacktestPlan, Fill, OrderCounts, Side, Trade
from core.domain.bars import Bars, FloatArray

TOLERANCE = 1e-9
"""Relative difference between two accounts that counts as none."""


@dataclass(frozen=True, slots=True)
class ReplayResult:
    """Result of placing the log with the platform's broker. Every figure of a run is computed from this."""

    fills: tuple[Fill, ...]
    trades: tuple[Trade, ...]
    orders: OrderCounts
    equity: FloatArray
    """Account value at each bar's close, shape (n,), account currency."""
    position: FloatArray
    """Units of the first instrument held at each bar's close, shape (n,)."""
    cash: FloatArray
    """Cash at each bar's close, shape (n,)."""
    states: dict[int, str]
    """End of each order: record id to Backtrader's status in lower case (`completed`, `canceled`, `margin`, ...)."""
    other_positions: tuple[FloatArray, ...] = ()
    """Units of each further instrument, as `position`."""
    held_back: int = 0
    """Orders that stock Backtrader would have executed on an old bar, on a moment without a bar of their instrument."""

    @property
    def final_value(self) -> float:
        """Account value at the last close."""
        return float(self.equity[-1])


def replay(records: Sequence[OrderRecord], plan: BacktestPlan, bars: Bars) -> ReplayResult:
    """Place the log again and give what the broker did.

    Raises ValueError when the log cannot belong to these bars.
    """
    replayer = OrderReplayer(plan, bars)
    for record in records:
        replayer.take(record)
    return replayer.finish()


def is_altered(report: StrategyReport, replayed: ReplayResult, *, bars: int | None = None) -> bool:
    """True when the strategy's own account says something else than the platform's: the code changed the engine.

    Compared at the last bar, or at the last of the first `bars`, after which the code ended its run.
    """
    last = bars - 1 if bars is not None and 0 < bars <= len(replayed.equity) else -1
    pairs = ((report.claimed_value, float(replayed.equity[last])), (report.claimed_cash, float(replayed.cash[last])))
    return any(claim is None or abs(claim - fact) > TOLERANCE * max(1.0, abs(fact)) for claim, fact in pairs)


class OrderReplayer:
    """One run of the trusted broker, bar by bar, as its orders become known: places, steps, writes down fills and the account.

    The broker is stepped on every bar on which an order is waiting; on the others nothing can happen, and the account value follows
    from cash, position and close by its own formula.
    """

    def __init__(self, plan: BacktestPlan, bars: Bars, *, deadline: Deadline = NO_DEADLINE) -> None:
        """Raises ValueError when there are no bars; everything else raises OverdueCheckError after the deadline."""
        if not len(bars):
            raise ValueError("there are no bars to replay on")
        from core.backtest.bar_feed_adapter import BarFeedAdapter
        from core.backtest.resting import ReplayBroker

        self.bar = 0
        """The first bar that is not over yet."""
        self._bars = bars
        self._plan = plan
        self._feeds = tuple(BarFeedAdapter(one) for one in bars.instruments)
        self._symbols = ("", *(other.instrument.symbol for other in bars.others))
        self._broker = ReplayBroker()
        self._broker.several = len(self._feeds) > 1
        configure(self._broker, plan)
        self._broker.start()
        self._broker.deadline = deadline
        self._check = LogCheck(most=plan.limits.orders, cycles=len(bars), instruments=len(self._feeds))
        self._deadline = deadline
        self._coming: deque[OrderRecord] = deque()
        self._orders: dict[int, Any] = {}
        self._numbers: dict[int, int] = {}
        self._kinds: dict[int, OrderKind] = {}
        self._fills: list[Fill] = []
        self._account: list[tuple[float, ...]] = [(0, plan.cash, *(0.0 for _ in self._feeds for _ in range(2)))]
        """Bar from which on it holds, cash, then size and price of each instrument's position."""

    def take(self, record: OrderRecord) -> None:
        """Take the next record of the log. Raises ValueError when it cannot belong to these bars, or comes too late."""
        self._check.add(record)
        if record.cycle <= self.bar:
            raise ValueError(f"order {record.id} was placed on bar {record.cycle}, but {self.bar} bars are over")
        self._coming.append(record)

    def advance(self, known: int) -> None:
        """Play the first `known` bars: every order placed at their closes has been taken. Raises ValueError where Backtrader breaks."""
        self._deadline.check()  # what was given up in the middle of a bar is never taken up again
        while self.bar < known:
            if self._broker.open_orders or self._broker._toactivate or (self._coming and self._coming[0].cycle <= self.bar + 1):
                self._step(self.bar)
                self.bar += 1
            else:
                self.bar = min(known, self._coming[0].cycle - 1) if self._coming else known

    @property
    def open_orders(self) -> int:
        """Number of orders that may still fill."""
        return self._broker.open_orders

    def compute_equity(self, bars: Sequence[int]) -> FloatArray:
        """Account value at the close of each of `bars`, which are over: bit for bit what `finish` will say."""
        chosen = np.array(bars, dtype=np.int64)
        entries = np.array(self._account, dtype=np.float64)
        cash, *positions = entries[np.searchsorted(entries[:, 0], chosen, side="right") - 1, 1:].T
        return self._compute_equity(cash, positions, [one.close[chosen] for one in self._bars.instruments])

    def finish(self) -> ReplayResult:
        """Play what is left; fills, account columns and counts of the whole run. Raises ValueError where Backtrader breaks."""
        self.advance(len(self._bars))
        closes = [one.close for one in self._bars.instruments]
        cash, *positions = self._expand_account(len(self._bars))
        equity = self._compute_equity(cash, positions, closes)
        for column in (cash, *positions, equity):
            column.setflags(write=False)
        fills = tuple(self._fills)
        states = {number: order.getstatusname().lower() for number, order in self._orders.items()}
        counts = _count_orders(states.values())
        trades = round_trips_of_each(fills, {symbol: float(close[-1]) for symbol, close in zip(self._symbols, closes, strict=True)})
        sizes = positions[::2]
        return ReplayResult(fills, trades, counts, equity, sizes[0], cash, states, tuple(sizes[1:]), held_back=len(self._broker.held_back))

    def _compute_equity(self, cash: FloatArray, positions: Sequence[FloatArray], closes: Sequence[FloatArray]) -> FloatArray:
        """The account value from cash and the positions of every instrument, sizes and prices in turn."""
        worth = [
            _compute_worth(size, price, close, self._plan.leverage)
            for size, price, close in zip(positions[::2], positions[1::2], closes, strict=True)
        ]
        value: FloatArray = cash + sum(worth[1:], worth[0])
        return value

    def _step(self, bar: int) -> None:
        """One bar: first the broker, then what the strategy did at its close."""
        for feed in self._feeds:
            feed.move(bar)
        try:
            self._broker.requeue_touched_orders()
            if self._broker.waiting and not self._broker.is_untouched():
                self._broker.next()
                self._collect_fills(bar)
            while self._coming and self._coming[0].cycle == bar + 1:
                self._deadline.check()
                self._execute(self._coming.popleft())
        except (LookupError, ArithmeticError, AttributeError, TypeError) as error:
            text = f"Backtrader's broker breaks on bar {bar} of this order log ({type(error).__name__}: {error})"
            raise ValueError(text) from error

    def _execute(self, record: OrderRecord) -> None:
        if record.action is OrderAction.CANCEL:
            self._broker.cancel(self._orders[record.target if record.target is not None else -1])
        else:
            self._place(record)

    def _place(self, record: OrderRecord) -> None:
        if self._feeds[record.data].bar < 0:
            raise ValueError(f"order {record.id} was placed before its instrument's first bar")
        act = self._broker.buy if record.side is Side.BUY else self._broker.sell
        order = act(
            owner=None,
            data=self._feeds[record.data],
            size=record.size,
            price=record.price,
            plimit=record.limit_price,
            exectype=_EXECUTION_TYPES[record.kind],
            valid=record.valid,
            tradeid=record.tradeid,
            oco=None if record.oco is None else self._orders[record.oco],
            trailamount=record.trail_amount,
            trailpercent=record.trail_percent,
            parent=None if record.parent is None else self._orders[record.parent],
            transmit=record.transmit,
        )
        self._orders[record.id] = order
        self._numbers[order.ref] = record.id
        self._kinds[record.id] = record.kind

    def _collect_fills(self, bar: int) -> None:
        before = len(self._fills)
        for order, part in self._broker.take_executions():
            number = self._numbers[order.ref]
            fill = Fill(
                order=number,
                bar=bar,
                size=part.size,
                price=part.price,
                commission=part.closedcomm + part.openedcomm,
                instrument=self._symbols[self._feeds.index(order.data)],
                kind=self._kinds[number].value,
            )
            self._fills.append(fill)
        if len(self._fills) > before:
            positions = [self._broker.getposition(feed) for feed in self._feeds]
            held = [number for position in positions for number in (position.size, position.price)]
            self._account.append((bar, self._broker.getcash(), *held))

    def _expand_account(self, bars: int) -> list[FloatArray]:
        """Cash, then size and price of each instrument's position, at each bar's close."""
        entries = np.array(self._account, dtype=np.float64)
        lengths = np.diff(np.append(entries[:, 0].astype(np.int64), bars))
        return [np.repeat(column, lengths) for column in entries[:, 1:].T]


_EXECUTION_TYPES = {
    kind: number
    for number, kind in enumerate(
        (
            OrderKind.MARKET,
            OrderKind.CLOSE,
            OrderKind.LIMIT,
            OrderKind.STOP,
            OrderKind.STOP_LIMIT,
            OrderKind.STOP_TRAIL,
            OrderKind.STOP_TRAIL_LIMIT,
        )
    )
}
"""Backtrader's number of each execution type."""


def _compute_worth(size: FloatArray, price: FloatArray, close: FloatArray, leverage: float) -> FloatArray:
    """A position's part of the broker's account value, operation for operation, for every bar at once: bit for bit what it would say."""
    worth = size * close
    unrealized = size * (close - price) * 1.0
    long = (worth - unrealized) / leverage + unrealized
    return np.where(worth > 0, long, worth)


def _count_orders(states: Iterable[str]) -> OrderCounts:
    values = list(states)
    return OrderCounts(
        placed=len(values),
        filled=values.count("completed"),
        cancelled=values.count("canceled") + values.count("rejected"),
        expired=values.count("expired"),
        margin_rejected=values.count("margin"),
        open_at_end=sum(values.count(name) for name in ("created", "submitted", "accepted", "partial")),
    )
