"""The broker of a pass whose own account counts: it keeps orders and executions as values beside simulating them. Imports Backtrader."""

from collections.abc import Callable
from time import monotonic
from typing import Any

from core.backtest.account_book import AccountBook
from core.backtest.orders import OrderRecord
from core.backtest.recorder import PROGRESS_SECONDS, RecordingBroker
from core.domain.backtest import BacktestPlan, Side
from core.domain.bars import Bars


class AccountKeepingBroker(RecordingBroker):
    """A recording broker that hands nothing out: what was ordered and executed stays here."""

    def __init__(self, plan: BacktestPlan, bars: Bars, watch: Callable[[AccountBook, int], None] | None) -> None:
        """`watch` is told now and then of the account, and how many bars are over."""
        super().__init__()
        self.records: list[OrderRecord] = []
        self._plan, self._bars, self._watch = plan, bars, watch
        self._placed: dict[int, Any] = {}
        if watch is not None:
            self.tell_progress = self._tell

    def init(self) -> None:
        """Empty books, as the simulator makes them."""
        super().init()
        self._executions: list[tuple[Any, Any]] = []

    def attach(self, emit: Any, most: int, signals: bool, traded: Any) -> None:
        """Say which feeds can be traded; records go nowhere else."""
        super().attach(emit, most, signals, traded)
        self.book = AccountBook(self._plan, self._bars, self._traded)

    def next(self) -> None:
        """Simulate one bar, and write down what was executed on it."""
        if self._watch is not None:
            self._tell()
        super().next()
        if self._executions:
            taken, self._executions = self._executions, []
            self.book.note_executions(self.bars_seen - 1, taken, self._numbers, self)

    def _pay_in(self, amount: float) -> None:
        """Pay into the account, and write it down."""
        super()._pay_in(amount)
        self.book.note_holdings(self.bars_seen - 1, self)

    def notify(self, order: Any) -> None:
        """Keep what was executed since the last word about the order."""
        super().notify(order)
        executed = order.executed
        if executed.p1 < executed.p2:
            self._executions.extend((order, part) for part in executed.iterpending())

    def read_states(self) -> dict[int, str]:
        """The end of each order: its number to Backtrader's status in lower case."""
        return {number: order.getstatusname().lower() for number, order in self._placed.items()}

    def _record(self, order: Any, side: Side, oco: Any) -> None:
        number = self.written
        super()._record(order, side, oco)
        if self.written > number:
            self._placed[number] = order

    def _send(self, said: dict[str, Any]) -> None:
        self.records.append(OrderRecord(**said))

    def _tell(self) -> None:
        if (moment := monotonic()) >= self.next_mark and self._watch is not None:
            self.next_mark = moment + PROGRESS_SECONDS
            if over := self.bars_seen - 1:
                self._watch(self.book, over)
