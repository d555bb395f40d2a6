"""The platform's two Backtrader feeds: one filled with a memory copy per column, one that asks for each bar. Imports Backtrader."""

import math
from array import array
from typing import Any

import backtrader as bt
import numpy as np

from core.backtest.bar_source import AllBars, BarRow, BarSource, day_number, day_numbers
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


def make_feed(source: BarSource) -> Any:
    """The feed for a source, with the timeframe set as a user would set it."""
    unit, number = to_backtrader_timeframe(source.timeframe)
    kind = BulkFeed if isinstance(source, AllBars) else LockStepFeed
    feed = kind(timeframe=unit, compression=number, name="data")
    feed.source = source
    return feed


def _tick(name: str) -> Any:
    """The current bar's value, read when somebody asks: a stock feed writes it down on every bar."""

    def read(self: Any) -> float | None:
        line = self._own[name]
        return line.array[line._idx] if line._idx >= 0 else None

    return property(read)


class _Feed(bt.feed.DataBase):  # type: ignore[misc]
    """Ticks are worked out when the broker, or anybody, reads them."""

    source: Any = None
    over = False
    """True once the last bar has been read and another was asked for."""
    tick_open, tick_high, tick_low, tick_close, tick_volume = (_tick(name) for name in PRICES)

    def start(self) -> None:
        """Called by Cerebro before anything is read."""
        super().start()
        self._own = {name: getattr(self.lines, name) for name in PRICES}

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
        self._order = (lines.datetime, lines.open, lines.high, lines.low, lines.close, lines.volume, lines.openinterest)

    def next(self, datamaster: Any = None, ticks: bool = True) -> Any:
        """Append the next bar to the lines; with other feeds beside it the stock way is taken."""
        if datamaster is not None or self._filters or self._barstack:
            return super().next(datamaster, ticks)
        row: BarRow | None = self.source.next_bar()
        if row is None:
            self.over = True
            return False
        for line, value in zip(self._order, (day_number(row[0]), *row[1:], math.nan), strict=True):
            line._idx += 1
            line.lencount += 1
            line.array.append(value)
        return True

    def _load(self) -> bool:
        row: BarRow | None = self.source.next_bar()
        if row is None:
            self.over = True
            return False
        for line, value in zip(self._order, (day_number(row[0]), *row[1:]), strict=False):
            line[0] = value
        return True


def _copy(column: FloatArray) -> "array[float]":
    values = array("d")
    values.frombytes(np.ascontiguousarray(column, dtype=np.float64).data.cast("B"))
    return values
