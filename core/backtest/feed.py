"""The platform's Backtrader feeds: filled with a memory copy per column, asking for each bar, or for each moment. Imports Backtrader."""

import math
from array import array
from collections.abc import Sequence
from typing import Any

import backtrader as bt
import numpy as np

from core.backtest.bar_source import AllBars, BarRow, BarSource, Moment, MomentStream, day_number, day_numbers
from core.domain.bars import FloatArray
from core.domain.instrument import Timeframe

PRICES = ("open", "high", "low", "close", "volume")


def to_backtrader_timeframe(timeframe: Timeframe) -> tuple[int, int]:
    """Backtrader's pair (unit, number of units) for a timeframe."""
    if timeframe is Timeframe.W1:
        return bt.TimeFrame.Weeks, 1
    if timeframe is Timeframe.D1:
        return bt.TimeFrame.Days, 1
    return bt.TimeFrame.Minutes, timeframe.minutes


def make_feeds(source: BarSource, names: Sequence[str] = ()) -> tuple[Any, ...]:
    """The feeds for a source, one an instrument, with the timeframe set as a user would set it.

    `names` are used for the feeds, in place of the symbols of several instruments.
    """
    unit, number = to_backtrader_timeframe(source.timeframe)
    if isinstance(source, MomentStream):
        clock = MomentClock(source)
        feeds = []
        for place, symbol in enumerate(source.symbols):
            feed = AlignedFeed(timeframe=unit, compression=number, name=names[place] if place < len(names) and names[place] else symbol)
            feed.clock, feed.place = clock, place
            feeds.append(feed)
        return tuple(feeds)
    kind = BulkFeed if isinstance(source, AllBars) else LockStepFeed
    feed = kind(timeframe=unit, compression=number, name=names[0] if names and names[0] else "data")
    feed.source = source
    return (feed,)


def _tick(name: str) -> Any:
    """The current bar's value, read when somebody asks: a stock feed writes it down on every bar."""

    def read(self: Any) -> float | None:
        line = self._own[name]
        return line.array[line._idx] if line._idx >= 0 else None

    return property(read)


class _Feed(bt.feed.DataBase):  # type: ignore[misc]
    """Ticks are worked out when the broker, or anybody, reads them."""

    source: Any = None
    over: Any = False
    """True once the last bar has been read and another was asked for."""
    is_current = True
    """False while another instrument has a bar and this one has none."""
    tick_open, tick_high, tick_low, tick_close, tick_volume = (_tick(name) for name in PRICES)

    def start(self) -> None:
        """Called by Cerebro before anything is read."""
        super().start()
        self._own = {name: getattr(self.lines, name) for name in PRICES}

    @property
    def shown(self) -> int:
        """Bars that the strategy was shown; with several instruments the moments."""
        return len(self)

    def _tick_nullify(self) -> None:
        return

    def _tick_fill(self, force: bool = False) -> None:
        return

    def advance(self, size: int = 1, datamaster: Any = None, ticks: bool = True) -> None:
        """Move to the next bar; with another feed as the clock the stock way is taken."""
        if datamaster is None:
            self.lines.advance(size)
        else:
            super().advance(size, datamaster, ticks)


class BulkFeed(_Feed):
    """All bars at once: `preload` copies each column into its line; without preload it hands out one bar after the other."""

    def start(self) -> None:
        """Called by Cerebro before anything is read."""
        super().start()
        source: AllBars = self.source
        self._columns = {"datetime": day_numbers(source.time)} | {name: getattr(source, name) for name in PRICES}
        self._next = 0

    def preload(self) -> None:
        """Fill every line with one copy; the open-interest line stays NaN, as with a feed that has no such column."""
        size = len(self._columns["datetime"])
        empty = np.full(size, np.nan)
        for line, alias in zip(self.lines, self.getlinealiases(), strict=True):
            line.array = _copy(self._columns.get(alias, empty))
        self._next = size
        self.home()

    def advance_peek(self) -> float:
        """Time of the next bar, for Cerebro's clock."""
        line = self.lines.datetime
        if line.lencount < len(line.array):
            return float(line.array[line._idx + 1])
        self.over = True
        return float("inf")

    def _load(self) -> bool:
        if self._next >= len(self._columns["datetime"]):
            self.over = True
            return False
        for name, column in self._columns.items():
            getattr(self.lines, name)[0] = float(column[self._next])
        self._next += 1
        return True


class LockStepFeed(_Feed):
    """One bar at a time: the bar after this one does not exist in this process until the orders of this one are out."""

    def start(self) -> None:
        """Called by Cerebro before anything is read."""
        super().start()
        lines = self.lines
        self.in_order = (lines.datetime, lines.open, lines.high, lines.low, lines.close, lines.volume, lines.openinterest)

    def next(self, datamaster: Any = None, ticks: bool = True) -> Any:
        """Append the next bar to the lines; with other feeds beside it the stock way is taken."""
        if datamaster is not None or self._filters or self._barstack:
            return super().next(datamaster, ticks)
        row: BarRow | None = self.source.next_bar()
        if row is None:
            self.over = True
            return False
        for line, value in zip(self.in_order, (day_number(row[0]), *row[1:], math.nan), strict=True):
            line._idx += 1
            line.lencount += 1
            line.array.append(value)
        return True

    def _load(self) -> bool:
        row: BarRow | None = self.source.next_bar()
        if row is None:
            self.over = True
            return False
        for line, value in zip(self.in_order, (day_number(row[0]), *row[1:]), strict=False):
            line[0] = value
        return True


def _name_alike(*kinds: Any) -> None:
    """Give feeds one name: messages and texts with it would tell a strategy in which way its run computes."""
    for kind in kinds:
        for made, name in ((kind, "Feed"), (kind.params, "Parameters"), (kind.lines, "Lines")):
            made.__name__ = made.__qualname__ = name


_name_alike(BulkFeed, LockStepFeed)


class MomentClock:
    """The moment that several feeds are at: the first of them that goes on asks for the next one, the others take their rows of it."""

    def __init__(self, source: MomentStream) -> None:
        self._ask = source.next_moment
        self._rows: Moment = ()
        self.count = 0
        """Moments that were asked for and are there."""
        self.over = False

    def take_row(self, turn: int, place: int) -> BarRow | None:
        """The row of the feed at `place`, which has taken `turn` moments so far; None when it has none, or when all are over."""
        if turn == self.count and not self.over:
            moment = self._ask()
            self.over = moment is None
            if moment is not None:
                self._rows, self.count = moment, self.count + 1
        return None if self.over else self._rows[place]


class AlignedFeed(_Feed):
    """One of several instruments: it grows on the moments on which it has a bar, and nothing later than the moment is in the process."""

    clock: MomentClock
    place = 0
    turn = 0

    def start(self) -> None:
        """Called by Cerebro before anything is read."""
        super().start()
        lines = self.lines
        self._order = (lines.datetime, lines.open, lines.high, lines.low, lines.close, lines.volume, lines.openinterest)

    @property
    def shown(self) -> int:
        """Moments that the strategy was shown."""
        return self.clock.count

    @property
    def over(self) -> bool:
        """True once the last moment has gone by and another was asked for."""
        return self.clock.over

    def next(self, datamaster: Any = None, ticks: bool = True) -> Any:
        """Append this moment's bar; nothing on a moment without one, however often Cerebro asks."""
        if datamaster is not None:
            return False
        row = self.clock.take_row(self.turn, self.place)
        self.turn = self.clock.count
        self.is_current = row is not None
        if row is None:
            return False
        for line, value in zip(self._order, (day_number(row[0]), *row[1:], math.nan), strict=True):
            line._idx += 1
            line.lencount += 1
            line.array.append(value)
        return True


def _copy(column: FloatArray) -> "array[float]":
    values = array("d")
    values.frombytes(np.ascontiguousarray(column, dtype=np.float64).data.cast("B"))
    return values
