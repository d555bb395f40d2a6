"""The trusted side: an order log placed again through Backtrader's unmodified broker, on the platform's own bars."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.backtest.account import configure
from core.backtest.account_book import AccountBook, count_orders
from core.backtest.faults import NO_DEADLINE, Deadline
from core.backtest.orders import ORDER_KINDS, LogCheck, OrderAction, OrderRecord
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
        self._book = AccountBook(plan, bars, self._feeds)

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
        return self._book.compute_equity(bars)

    def finish(self) -> ReplayResult:
        """Play what is left; fills, account columns and counts of the whole run. Raises ValueError where Backtrader breaks."""
        self.advance(len(self._bars))
        states = {number: order.getstatusname().lower() for number, order in self._orders.items()}
        return summarize_account(self._book, self._bars, states, held_back=len(self._broker.held_back))

    def _step(self, bar: int) -> None:
        """One bar: first the broker, then what the strategy did at its close."""
        for feed in self._feeds:
            feed.move(bar)
        try:
            self._broker.requeue_touched_orders()
            if self._broker.waiting and not self._broker.is_untouched():
                self._broker.next()
                self._book.note_executions(bar, self._broker.take_executions(), self._numbers, self._broker)
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


def summarize_account(book: AccountBook, bars: Bars, states: dict[int, str], *, held_back: int) -> ReplayResult:
    """Summarize a run whose every bar was played: fills, trades, account columns and counts. `states` are the ends of its orders."""
    closes = [one.close for one in bars.instruments]
    cash, *positions = book.expand_account()
    equity = book.value_account(cash, positions, closes)
    for column in (cash, *positions, equity):
        column.setflags(write=False)
    fills, sizes = tuple(book.fills), positions[::2]
    trades = round_trips_of_each(fills, {symbol: float(close[-1]) for symbol, close in zip(book.symbols, closes, strict=True)})
    return ReplayResult(fills, trades, count_orders(states.values()), equity, sizes[0], cash, states, tuple(sizes[1:]), held_back=held_back)


_EXECUTION_TYPES = {kind: number for number, kind in enumerate(ORDER_KINDS)}
"""Backtrader's number of each execution type."""
