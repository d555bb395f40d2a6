"""Own bars behind the interface that Backtrader's broker reads: `data.close[0]`, `data.datetime[0]` and little more. Trusted side only."""

import datetime as dt
from types import SimpleNamespace
from typing import Any

import numpy as np
from backtrader import date2num, num2date

from core.backtest.bar_source import day_numbers
from core.domain.bars import Bars

END_OF_DAY = dt.time(23, 59, 59, 999990)
"""Backtrader's own end of a session when none is given."""


class BarColumn:
    """One line of bars, indexed from the current bar: [0] now, [-1] the bar before."""

    __slots__ = ("_feed", "_values")

    def __init__(self, feed: "BarFeedAdapter", values: list[float]) -> None:
        self._feed = feed
        self._values = values

    def __getitem__(self, ago: int) -> float:
        return self._values[self._feed.bar + ago]


class TimeColumn(BarColumn):
    """The line of times, with the date functions that orders ask for."""

    __slots__ = ()

    def datetime(self, ago: int = 0) -> dt.datetime:
        """Wall time of a bar."""
        moment: dt.datetime = num2date(self[ago])
        return moment

    def date(self, ago: int = 0) -> dt.date:
        """Calendar day of a bar."""
        return self.datetime(ago).date()


class BarFeedAdapter:
    """Bars with a pointer, in place of a Backtrader feed: the broker is unmodified, only what it reads from does less."""

    _name = "data"
    _compensate = None

    def __init__(self, bars: Bars) -> None:
        self.bar = -1
        """Index of the current bar."""
        self.is_current = True
        """False on a moment on which only other instruments have a bar."""
        present = np.ones(len(bars), dtype=np.bool_) if bars.present is None else bars.present
        self._rows = (np.cumsum(present) - 1).tolist()
        self._present = present.tolist()
        bars = bars.drop_repeated()
        self.datetime = TimeColumn(self, day_numbers(bars.time).tolist())
        self.open = BarColumn(self, bars.open.tolist())
        self.high = BarColumn(self, bars.high.tolist())
        self.low = BarColumn(self, bars.low.tolist())
        self.close = BarColumn(self, bars.close.tolist())
        self.p = SimpleNamespace(sessionend=END_OF_DAY)
        self.lines = self
        """As in a stock feed, where the columns can be had without a detour."""

    def move(self, moment: int) -> None:
        """Make the bar of a moment the current one; its prices are at hand as ticks, as in a stock feed."""
        self.bar, self.is_current = self._rows[moment], self._present[moment]
        self.tick_open, self.tick_high, self.tick_low, self.tick_close = self.open[0], self.high[0], self.low[0], self.close[0]

    def __len__(self) -> int:
        return self.bar + 1

    def date2num(self, moment: Any) -> float:
        """Backtrader's clock for a moment in wall time."""
        return float(date2num(moment))
