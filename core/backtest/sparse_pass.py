"""A pass over proved programs in which `next()` runs where something can happen: elsewhere it is shown to do nothing.

Signals are computed on whole columns; between the bars on which they, or an order, ask for a turn, the bars go by unseen. Orders, fills and
account are those of the full pass, to the last bit; a program of which anything is not known is left to that. Imports Backtrader on use.
"""

import copy
from array import array
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.backtest.bar_source import day_numbers
from core.backtest.column_expressions import Column, ColumnReader, NotColumnarError, Value
from core.backtest.direct_orders import DirectBroker
from core.backtest.direct_strategy import BarClock, DirectFeed, DirectIndicator, DirectLine, DirectStrategy, DirectTimes, TradeTeller
from core.backtest.feed import to_backtrader_timeframe
from core.backtest.indicator_columns import IndicatorColumns, IndicatorComputer, KnownColumns
from core.backtest.plain_broker import PlainMarket
from core.backtest.program_shape import ProgramShape, UnknownProgramError
from core.backtest.program_text import Number
from core.backtest.quiet_paths import Rest, Way, find_way
from core.backtest.signal_statements import DirectProgram
from core.domain.backtest import BacktestPlan
from core.domain.bars import Bars

_SIDES = (0, 1, -1)
_CONTAINERS = frozenset({list, set, dict, bytearray})


class SparsePass:
    """Passes over programs of one shape, on one series of bars."""

    def __init__(self, shape: ProgramShape, bars: Bars, columns: KnownColumns | None = None) -> None:
        """`columns` are the indicators that passes of other shapes on the same bars have computed. Raises UnknownProgramError."""
        self._shape, self._bars = shape, bars
        self.memory = tuple(sorted(shape.memory))
        """Attributes that a program remembers."""
        self._program = DirectProgram(shape)
        self._indicators = IndicatorComputer(shape, bars, columns)
        self._market = PlainMarket(bars)
        self._times = array("d", day_numbers(bars.time).tobytes())
        self._columns = {name: getattr(bars, name) for name in ("open", "high", "low", "close", "volume")}
        self._values = {name: array("d", column.tobytes()) for name, column in self._columns.items()}
        self._ways: dict[tuple[int, int], Way] = {}

    def read_numbers(self, code: str) -> dict[str, Number] | None:
        """Read the numbers of a program of this shape; None for any other one."""
        return self._shape.text.read_numbers(code)

    def run(self, numbers: Mapping[str, Number], plan: BacktestPlan, watch: Callable[[Any, int], None] | None = None) -> DirectBroker:
        """Run the program with these numbers; gives the broker after the last bar.

        Raises UnknownProgramError and NotPlainError, and whatever the program itself raises: then the full pass has to be taken.
        """
        made = self._indicators.compute(numbers)
        warm_up = max((one.warm_up for one in made.values()), default=1)
        first = warm_up - 1 + self._program.count_ready(numbers)
        clock = BarClock()
        broker = DirectBroker(plan, self._bars, self._market)
        strategy = self._make_strategy(made, numbers, clock, broker)
        if first < len(self._bars):
            codes = self._find_signals(made, numbers, first, strategy, clock)
            _Play(self, strategy, broker, clock, first, codes).run(watch)
        broker.bar = clock.bar = len(self._bars) - 1
        return broker

    def find_way(self, side: int, code: int) -> Way:
        """Find the way of a bar with these signals, while so much is held."""
        found = self._ways.get((side, code))
        if found is None:
            program = self._program
            signals = {name: bool(code >> place & 1) for place, name in enumerate(program.signals)}
            found = self._ways[side, code] = find_way(program.statements, side, signals, self._shape.changing, program.others)
        return found

    def _make_strategy(
        self, made: Mapping[str, IndicatorColumns], numbers: Mapping[str, Number], clock: BarClock, broker: DirectBroker
    ) -> DirectStrategy:
        lines: dict[str, DirectLine] = {name: DirectLine(values, clock) for name, values in self._values.items()}
        lines["datetime"] = DirectTimes(self._times, clock)
        feed = DirectFeed(lines, clock, to_backtrader_timeframe(self._bars.timeframe))
        strategy = self._program.kind(feed, broker, SimpleNamespace(**numbers))
        for name, one in made.items():
            setattr(strategy, name, DirectIndicator(one.values, clock))
        strategy.set_up()
        return strategy

    def _find_signals(
        self, made: Mapping[str, IndicatorColumns], numbers: Mapping[str, Number], first: int, strategy: DirectStrategy, clock: BarClock
    ) -> NDArray[np.int64]:
        """For each bar from `first` on its signals, a bit each."""

        def find_line(path: Sequence[str]) -> Column | None:
            if path[0] == "data":
                return self._columns.get(path[1]) if len(path) == 2 else None
            lines = made[path[0]].lines if path[0] in made else {}
            if len(path) == 1:
                return next(iter(lines.values()), None)
            return lines.get(path[-1]) if list(path[1:-1]) in ([], ["lines"]) else None

        count, program = len(self._bars) - first, self._program
        reader, known = ColumnReader(find_line, numbers, first), dict[str, Value]()
        codes = np.zeros(count, dtype=np.int64)
        for name, expression in program.pure.items():
            try:
                known[name] = reader.compute(expression, known)
            except NotColumnarError:
                found = self._step(program.find_stepper(name), strategy, clock, first)
                if name in program.signals:
                    known[name] = found
        for place, name in enumerate(program.signals):
            value = known[name]
            if not (isinstance(value, bool) or (isinstance(value, np.ndarray) and value.dtype == np.bool_)):
                raise UnknownProgramError(f"the signal {name} is no truth")
            codes |= np.asarray(value).astype(np.int64) << place
        return codes

    def _step(self, stepper: Callable[[Any], Any], strategy: DirectStrategy, clock: BarClock, first: int) -> NDArray[np.bool_]:
        """The truth of a local name that Python computes bar by bar; it raises where `next()` would."""
        found = np.zeros(len(self._bars) - first, dtype=np.bool_)
        for bar in range(first, len(self._bars)):
            clock.bar = bar
            found[bar - first] = bool(stepper(strategy))
        return found


class _Play:
    """One program on its way over the bars."""

    def __init__(
        self, owner: SparsePass, strategy: DirectStrategy, broker: DirectBroker, clock: BarClock, first: int, codes: NDArray[np.int64]
    ) -> None:
        self._strategy, self._broker, self._clock, self._first = strategy, broker, clock, first
        self._count = first + len(codes)
        distinct, self._kinds = np.unique(codes, return_inverse=True)
        self._codes = self._kinds.tolist()
        self._ways = {side: [owner.find_way(side, int(code)) for code in distinct] for side in _SIDES}
        self._memory = owner.memory
        self._turns: dict[tuple[int, tuple[object, ...] | None], list[int]] = {}
        self._teller = TradeTeller(strategy)

    def run(self, watch: Callable[[Any, int], None] | None) -> None:
        """Go over the bars."""
        broker, strategy, clock = self._broker, self._strategy, self._clock
        known: list[Any] | None = None
        position, codes, first, count = broker.position, self._codes, self._first, self._count
        bar, turn = first, count
        while bar < count:
            broker.bar = clock.bar = bar
            if turn <= bar:
                broker.take_turn()
                if broker.executions:
                    self._teller.tell(broker)
                    known = None
            side = (position.size > 0) - (position.size < 0)
            way = self._ways[side][codes[bar - first]]
            if way.rest is Rest.NOTHING:
                quiet = self._find_turn(side, None, bar)
            elif way.rest is Rest.EACH:
                strategy.next()
                known, quiet = None, bar + 1
            else:
                before, said = known or self._remember(), len(broker.records)
                strategy.next()
                known = self._remember()
                same = said == len(broker.records) and before == known
                quiet = self._find_turn(side, way.marks, bar) if same else bar + 1
            turn = broker.find_turn()
            if watch is not None:
                watch(broker.book, bar + 1)
            bar = min(turn, quiet)

    def _remember(self) -> list[Any]:
        """Memory as it stands now: the contents of what can be changed in place."""
        memory = self._strategy.__dict__
        values = [memory[name] for name in self._memory if name in memory]
        return [copy.copy(value) if type(value) in _CONTAINERS else value for value in values]

    def _find_turn(self, side: int, marks: tuple[object, ...] | None, bar: int) -> int:
        """Find the next bar whose way is another one than `marks`, and asks for a turn."""
        turns = self._turns.get((side, marks))
        if turns is None:
            asks = np.array([way.rest is not Rest.NOTHING and way.marks != marks for way in self._ways[side]])
            turns = self._turns[side, marks] = (np.flatnonzero(asks[self._kinds]) + self._first).tolist()
        place = bisect_right(turns, bar)
        return turns[place] if place < len(turns) else self._count
