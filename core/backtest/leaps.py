"""Leaps of a strategy over stretches of bars on which nothing can happen.

In lock-step such a stretch is handed out at once, with the bar that ends it. A strategy cannot order on a bar that it leapt over, so it
learns nothing before it acts that it would not have known. Imports Backtrader.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from core.backtest.building_blocks import FEED_LINES
from core.backtest.given_values import BARS_BETWEEN_FILLS, GivenValues
from core.backtest.shared_clock import Clock
from core.backtest.wake_conditions import BOUNDED, read_condition
from core.backtest.wake_reader import ALWAYS, WakeReader

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


def _find_bounds(broker: Any, strategy: Any) -> tuple[bool, Any]:
    """Find whether nothing is to be done about orders as long as prices stay inside bounds, and these; None where no order waits."""
    if broker.notifs or broker.submitted or broker._toactivate or broker._cash_addition or broker.altered:
        return False, None
    if strategy._orderspending or strategy._tradespending:
        return False, None
    if not broker.pending and not broker._resting:
        return True, None
    return broker.bounds is not None, broker.bounds


def _move_counters(strategy: Any, steps: Mapping[str, int], bars: int) -> None:
    """Do to a strategy's counters what `next()` would have done on so many bars."""
    for name, step in steps.items():
        vars(strategy)[name] += step * bars


class BulkLeaper:
    """Leaps of a run that has all bars: to the next on which something may happen."""

    @classmethod
    def prepare(cls, cerebro: Any, strategy: Any, data: Any, lines: Sequence[Any]) -> "BulkLeaper | None":
        """Prepare for leaps over complete lines; None where the text of the strategy is not at hand."""
        if cerebro._broker.calendar is not None:
            return None
        feed = [getattr(data.lines, name) for name in FEED_LINES]
        known = {id(line): line for line in lines} | {id(line): line for line in feed}
        others = [line for number, line in known.items() if number not in set(map(id, feed))]
        numbered = [*feed, *others]
        numbers = {id(line): place for place, line in enumerate(numbered) if line is not data.lines.openinterest}
        reader = WakeReader.prepare(strategy, numbers)
        return None if reader is None else cls(cerebro, strategy, data, numbered, reader)

    def __init__(self, cerebro: Any, strategy: Any, data: Any, lines: Sequence[Any], reader: WakeReader) -> None:
        self._broker, self._strategy, self._data = cerebro._broker, strategy, data
        self._lines, self._reader, self._pauses = lines, reader, _Pauses()
        self._bounded = [lines[FEED_LINES.index(name)].array for name in BOUNDED]

    def find(self, bar: int, bars: int) -> int:
        """Find the first of the bars from `bar` to the last on which something may happen; `bars` where there is none."""
        if self._pauses.wait(self._broker.positions[self._data].size):
            return bar
        quiet, bounds = _find_bounds(self._broker, self._strategy)
        if not quiet:
            return bar
        said = self._reader.read()
        if said is None or said.text == ALWAYS:
            self._pauses.rest()
            return bar
        condition = read_condition(said.text, len(self._lines))
        columns = [self._lines[line].array for line in condition.columns]
        if bounds is None:
            found = condition.find(bar, bars, 1, said.numbers, (), columns)
        else:
            found = condition.find_bounded(bar, bars, 1, said.numbers, bounds, [*self._bounded, *columns])
        _move_counters(self._strategy, said.steps, found - bar)
        self._pauses.note_leap(found - bar)
        return found


class Leaper:
    """Leaps of one run in lock-step."""

    @classmethod
    def prepare(cls, cerebro: Any, strategy: Any, clock: Clock, given: GivenValues | None) -> "Leaper | None":
        """Prepare for leaps; None where the values of lines, or the text of the strategy, are not all at hand."""
        if given is None or not given.lines or cerebro._broker.calendar is not None:
            return None
        reader = WakeReader.prepare(strategy, given.lines)
        return None if reader is None else cls(cerebro, strategy, clock, given, reader)

    def __init__(self, cerebro: Any, strategy: Any, clock: Clock, given: GivenValues, reader: WakeReader) -> None:
        self._broker, self._strategy, self._data = cerebro._broker, strategy, cerebro.datas[0]
        self._clock, self._given, self._reader, self._pauses = clock, given, reader, _Pauses()
        self._feed = [line.array for line in self._data.in_order]

    def leap(self) -> bytes | None:
        """Go on to the next bar on which something may happen, which is handed over as it came; nothing when none of those that came is.

        None where no leap can be made, or is worth it: then the next bar is asked for as ever.
        """
        if self._pauses.wait(self._broker.positions[self._data].size):
            return None
        quiet, bounds = _find_bounds(self._broker, self._strategy)
        if not quiet:
            return None
        condition = self._reader.read()
        if condition is None or condition.text == ALWAYS:
            self._pauses.rest()
            return None
        limits = None if bounds is None else [float(one) for one in bounds]  # a moment may be a whole number
        data, reached = self._given.leap(condition.text, condition.numbers, limits)
        _move_counters(self._strategy, condition.steps, len(data) // self._given.width - reached)
        return self._take(data, reached)

    def _take(self, data: bytes, reached: bool) -> bytes:
        """Take the bars that were leapt over; gives the last one if it is the one that was waited for."""
        width = self._given.width
        passed = len(data) - width if reached else len(data)
        if passed:
            values = self._given.take(data[:passed])
            columns = [values[:, 6], *(values[:, place] for place in range(1, 6)), np.full(len(values), np.nan)]
            for line, column in zip(self._feed, columns, strict=True):
                line.frombytes(column.tobytes())
            self._strategy.lines.datetime.array.frombytes(columns[0].tobytes())
            before, self._clock.bar = self._clock.bar, self._clock.bar + len(values)
            self._broker.behind = True
            if before // BARS_BETWEEN_FILLS != self._clock.bar // BARS_BETWEEN_FILLS:
                self._clock.fill()
        self._pauses.note_leap(passed // width)
        return data[passed:]
