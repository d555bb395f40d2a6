"""Leaps of a strategy over stretches of bars on which nothing can happen.

In lock-step such a stretch is handed out at once, with the bar that ends it. A strategy cannot order on a bar that it leapt over, so it
learns nothing before it acts that it would not have known. Imports Backtrader.
"""

from collections.abc import Callable, Sequence
from typing import Any

from core.backtest.building_blocks import BEFORE_VALUES, FEED_LINES
from core.backtest.given_values import BARS_BETWEEN_FILLS, NOTHING, GivenValues
from core.backtest.shared_clock import Clock
from core.backtest.wake_conditions import ALWAYS, BOUNDED, WakeCondition, read_condition
from core.backtest.wake_reader import WakeReader
from core.backtest.wide_rows import take_columns

_MOMENT = BEFORE_VALUES - 1
"""Place of a bar's moment among its numbers; every other line is at its own number."""
_SHORT = 3
"""A leap over fewer bars costs more than it saves."""
_MOST_SHORT = 4
_LONGEST_PAUSE = 64
"""Bars for which no leap is tried, after several that were not worth it."""


class _Pauses:
    """Says when to look for a leap: not where several were not worth it, until a position is opened or closed."""

    def __init__(self) -> None:
        self._pause = self._short = self._side = 0
        self._next = 1

    def wait(self, size: float) -> bool:
        """Let a bar go by, with so much held; True where no leap is looked for."""
        if (side := 1 if size > 0 else -1 if size < 0 else 0) != self._side:
            self._side, self._pause, self._next = side, 0, 1
        if self._pause:
            self._pause -= 1
            return True
        return False

    def note_leap(self, bars: int) -> None:
        """Note how many bars a leap went over."""
        if bars >= _SHORT:
            self._short, self._next = 0, 1
            return
        self._short += 1
        if self._short >= _MOST_SHORT:
            self.rest()

    def rest(self) -> None:
        """Look for no leap for some bars."""
        self._pause, self._short = self._next, 0
        self._next = min(_LONGEST_PAUSE, 2 * self._next)


class _Leaper:
    """Finds out when a strategy can leap, and until when."""

    def __init__(self, cerebro: Any, strategy: Any, reader: WakeReader) -> None:
        self._broker, self._strategy, self._data = cerebro._broker, strategy, cerebro.datas[0]
        self._reader, self._pauses = reader, _Pauses()

    def _find_end(self) -> tuple[WakeCondition, Any] | None:
        """Find the condition that ends a leap, and bounds of prices where orders wait; None where none can be made, or is worth it."""
        broker, strategy = self._broker, self._strategy
        if self._pauses.wait(broker.positions[self._data].size):
            return None
        if broker.notifs or broker.submitted or broker._toactivate or broker._cash_addition or broker.altered:
            return None
        waits = broker.pending or broker._resting
        if strategy._orderspending or strategy._tradespending or (waits and broker.bounds is None):
            return None
        condition = self._reader.read()
        if condition is None or condition.text == ALWAYS:
            self._pauses.rest()
            return None
        return condition, broker.bounds if waits else None

    def _go_over(self, condition: WakeCondition, bars: int, read: Callable[[int], Sequence[float]]) -> None:
        """Do to the strategy's counters and extremes what `next()` would have done on so many bars, whose lines `read` gives by number."""
        kept = vars(self._strategy)
        for name, step in condition.steps.items():
            kept[name] += step * bars
        if condition.extremes and bars:
            said = read_condition(condition.text, self._reader.count)
            assert said.carry is not None
            after = said.carry(0, bars, 0, condition.numbers, (), [read(line) for line in said.columns])
            changed = zip(condition.extremes, after, strict=True)
            kept.update((name, value) for name, value in changed if type(kept[name]) is float or value != kept[name])
        self._pauses.note_leap(bars)


class BulkLeaper(_Leaper):
    """Leaps of a run that has all bars: to the next on which something may happen."""

    @classmethod
    def prepare(cls, cerebro: Any, strategy: Any, lines: Sequence[Any]) -> "BulkLeaper | None":
        """Prepare for leaps over complete lines; None where the text of the strategy is not at hand."""
        if cerebro._broker.calendar is not None:
            return None
        own = cerebro.datas[0].lines
        numbered = list({id(line): line for line in (*(getattr(own, name) for name in FEED_LINES), *lines)}.values())
        reader = WakeReader.prepare(strategy, {id(line): place for place, line in enumerate(numbered) if line is not own.openinterest})
        return None if reader is None else cls(cerebro, strategy, reader, numbered)

    def __init__(self, cerebro: Any, strategy: Any, reader: WakeReader, lines: Sequence[Any]) -> None:
        super().__init__(cerebro, strategy, reader)
        self._lines = lines
        self._bounded = [lines[FEED_LINES.index(name)].array for name in BOUNDED]

    def find(self, bar: int, bars: int) -> int:
        """Find the first of the bars from `bar` to the last on which something may happen; `bars` where there is none."""
        end = self._find_end()
        if end is None:
            return bar
        said, bounds = end
        condition = read_condition(said.text, self._reader.count)
        columns = [self._lines[line].array for line in condition.columns]
        if bounds is None:
            found: int = condition.find(bar, bars, 1, said.numbers, (), columns)
        else:
            found = condition.find_bounded(bar, bars, 1, said.numbers, bounds, [*self._bounded, *columns])
        self._go_over(said, found - bar, lambda line: self._lines[line].array[bar:found])
        return found


class Leaper(_Leaper):
    """Leaps of one run in lock-step."""

    @classmethod
    def prepare(cls, cerebro: Any, strategy: Any, clock: Clock, given: GivenValues | None) -> "Leaper | None":
        """Prepare for leaps; None where the values of lines, or the text of the strategy, are not all at hand."""
        if given is None or not given.lines or cerebro._broker.calendar is not None:
            return None
        reader = WakeReader.prepare(strategy, given.lines)
        return None if reader is None else cls(cerebro, strategy, reader, clock, given)

    def __init__(self, cerebro: Any, strategy: Any, reader: WakeReader, clock: Clock, given: GivenValues) -> None:
        super().__init__(cerebro, strategy, reader)
        self._clock, self._given = clock, given
        moments, *prices, interest = (line.array for line in self._data.in_order)
        self._feed = [
            (moments, _MOMENT),
            (strategy.lines.datetime.array, _MOMENT),
            *((line, place) for place, line in enumerate(prices, 1)),
        ]
        self._interest = interest

    def leap(self) -> bytes | None:
        """Go on to the next bar on which something may happen, which is handed over as it came; nothing when none of those that came is.

        None where no leap can be made, or is worth it: then the next bar is asked for as ever.
        """
        end = self._find_end()
        if end is None:
            return None
        condition, bounds = end
        limits = None if bounds is None else [float(one) for one in bounds]  # a moment may be a whole number
        data, reached = self._given.leap(condition.text, condition.numbers, limits)
        passed = len(data) - (self._given.width if reached else 0)
        bars = passed // self._given.width
        if bars:
            self._take(data[:passed], bars)
        self._go_over(condition, bars, lambda line: take_columns(data[:passed], self._given.width)[line or _MOMENT].tolist())
        return data[passed:]

    def _take(self, data: bytes, bars: int) -> None:
        """Take so many bars that were leapt over."""
        self._given.take(data, bars)
        size = 8 * bars
        for line, place in self._feed:
            line.frombytes(data[place * size : place * size + size])
        self._interest.frombytes(NOTHING * bars)
        before, self._clock.bar = self._clock.bar, self._clock.bar + bars
        self._broker.behind = True
        if before // BARS_BETWEEN_FILLS != self._clock.bar // BARS_BETWEEN_FILLS:
            self._clock.relieve()
