"""The trusted side: an order log placed again with Backtrader's account, on the platform's own bars."""

from bisect import bisect_left
from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from core.backtest.account_book import AccountBook, count_orders
from core.backtest.faults import NO_DEADLINE, Deadline
from core.backtest.orders import LogCheck, OrderKind, OrderRecord
from core.backtest.plain_broker import NotPlainError
from core.backtest.plain_orders import PlainAccount, allows_plain_orders
from core.backtest.runner_report import StrategyReport
from core.backtest.trades import round_trips_of_each
from core.domain.backtest import BacktestPlan, Fill, OrderCounts, Trade
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


class _Account(Protocol):
    """The account that orders are placed with: the simulator, or plain arithmetic as long as all of them are plain."""

    @property
    def held_back(self) -> int: ...

    @property
    def open_orders(self) -> int: ...

    @property
    def waiting(self) -> bool: ...

    def find_next(self, bar: int, known: int) -> int: ...

    def place(self, record: OrderRecord) -> None: ...

    def pay_in(self, bar: int, amount: float) -> None: ...

    def play(self, bar: int) -> None: ...

    def read_states(self) -> dict[int, str]: ...


class OrderReplayer:
    """One run of the trusted broker, bar by bar, as its orders become known: places, steps, writes down fills and the account.

    The broker is stepped on every bar on which an order is waiting; on the others nothing can happen, and the account value follows
    from cash, position and close by its own formula. A log of plain orders needs no simulator: with the first order that is something else,
    the log is placed again from its beginning.
    """

    def __init__(self, plan: BacktestPlan, bars: Bars, *, deadline: Deadline = NO_DEADLINE) -> None:
        """Raises ValueError when there are no bars; everything else raises OverdueCheckError after the deadline."""
        if not len(bars):
            raise ValueError("there are no bars to replay on")
        self.bar = 0
        """The first bar that is not over yet."""
        self._bars = bars
        self._plan = plan
        self._check = LogCheck(most=plan.limits.orders, cycles=len(bars), instruments=len(bars.instruments))
        self._deadline = deadline
        self._taken: list[OrderRecord] = []
        self._openings: list[int] = []
        self._coming: deque[OrderRecord] = deque()
        self._book = AccountBook(plan, bars)
        self._paid: list[int] = np.flatnonzero(self._book.deposits).tolist()
        self._plain = allows_plain_orders(bars)
        self._account: _Account = PlainAccount(plan, bars, self._book) if self._plain else self._make_simulator()

    def take(self, record: OrderRecord) -> None:
        """Take the next record of the log. Raises ValueError when it cannot belong to these bars, or comes too late."""
        self._check.add(record)
        if record.cycle <= self.bar:
            raise ValueError(f"order {record.id} was placed on bar {record.cycle}, but {self.bar} bars are over")
        if record.kind is OrderKind.LIMIT_ON_OPEN:
            self._openings.append(record.id)
        if self._plain:
            self._taken.append(record)
        self._coming.append(record)

    def advance(self, known: int) -> None:
        """Play the first `known` bars: every order placed at their closes has been taken. Raises ValueError where Backtrader breaks."""
        self._deadline.check()  # what was given up in the middle of a bar is never taken up again
        while self.bar < known:
            orders = min(self._coming[0].cycle - 1 if self._coming else known, self._find_deposit())
            if self._account.waiting:
                self.bar = self._account.find_next(self.bar, min(known, orders))
            if self.bar < known and (self._account.waiting or orders <= self.bar):
                try:
                    self._step(self.bar)
                except NotPlainError:
                    self._simulate()
                    continue
                self.bar += 1
            else:
                self.bar = min(known, orders)

    @property
    def open_orders(self) -> int:
        """Number of orders that may still fill."""
        return self._account.open_orders

    def compute_unit_value(self, bars: Sequence[int]) -> FloatArray:
        """Account value per unit at the close of each of `bars`, which are over; without deposits bit for bit what `finish` will say."""
        return self._book.compute_unit_value(bars)

    def finish(self) -> ReplayResult:
        """Play what is left; fills, account columns and counts of the whole run. Raises ValueError where Backtrader breaks."""
        self.advance(len(self._bars))
        states = self._account.read_states()
        return summarize_account(self._book, self._bars, states, openings=self._openings, held_back=self._account.held_back)

    def _simulate(self) -> None:
        """Place what was taken again with the simulator, up to the bar that is reached."""
        known, self.bar, self._plain = self.bar, 0, False
        self._book = AccountBook(self._plan, self._bars)
        self._account = self._make_simulator()
        self._coming = deque(self._taken)
        self._taken = []
        self.advance(known)

    def _find_deposit(self) -> int:
        """The next bar on which money is paid in, from the present one on."""
        place = bisect_left(self._paid, self.bar)
        return self._paid[place] if place < len(self._paid) else len(self._bars)

    def _make_simulator(self) -> _Account:
        from core.backtest.simulated_account import SimulatedAccount

        return SimulatedAccount(self._plan, self._bars, self._book, self._deadline)

    def _step(self, bar: int) -> None:
        """One bar: first the broker, then what the strategy did at its close."""
        try:
            self._account.play(bar)
            if amount := float(self._book.deposits[bar]):
                self._account.pay_in(bar, amount)
            while self._coming and self._coming[0].cycle == bar + 1:
                self._deadline.check()
                self._account.place(self._coming.popleft())
        except (LookupError, ArithmeticError, AttributeError, TypeError) as error:
            text = f"Backtrader's broker breaks on bar {bar} of this order log ({type(error).__name__}: {error})"
            raise ValueError(text) from error


def summarize_account(book: AccountBook, bars: Bars, states: dict[int, str], *, openings: Collection[int], held_back: int) -> ReplayResult:
    """Summarize a run whose every bar was played: fills, trades, account columns and counts.

    `states` are the ends of its orders, `openings` those of them that were for one opening alone.
    """
    closes = [one.close for one in bars.instruments]
    cash, *positions = book.expand_account()
    equity = book.value_account(cash, positions, closes)
    for column in (cash, *positions, equity):
        column.setflags(write=False)
    fills, sizes = tuple(book.fills), positions[::2]
    trades = round_trips_of_each(fills, {symbol: float(close[-1]) for symbol, close in zip(book.symbols, closes, strict=True)})
    return ReplayResult(
        fills, trades, count_orders(states, openings), equity, sizes[0], cash, states, tuple(sizes[1:]), held_back=held_back
    )
