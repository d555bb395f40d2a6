"""Longer bars as a further feed of a strategy: what a run adds, and what an exported program carries word by word. No Backtrader here."""

import inspect
from typing import Any

from core.domain.instrument import Instrument

DayHours = tuple[int, int, int]
"""Minutes after midnight: at which the trading day begins (0 is midnight), the session opens and closes; -1 where they are not known."""
UNKNOWN_HOURS: DayHours = (0, -1, -1)
ALL_DAY = (0, 1440)
ROUND_THE_CLOCK = "24/7"


def read_day_hours(instrument: Instrument) -> DayHours:
    """Read the trading day of an instrument; hours that it does not know are learned from the bars.

    >>> read_day_hours(Instrument(symbol="S", session_open=570, session_close=960))
    (0, 570, 960)
    """
    if instrument.day_roll:
        return instrument.day_roll, -1, -1
    session = (instrument.session_open, instrument.session_close)
    return (0, *session) if session != ALL_DAY or instrument.calendar == ROUND_THE_CLOCK else UNKNOWN_HOURS


class LongerPeriods:
    """Tells of each bar in which longer bar it lies, and whether that one is over with it as far as anybody can know then.

    Longer bars count from the session's open, or from minute `roll` where days begin in the evening, and none reaches beyond its trading
    day. Where the hours are -1 they are learned from the days before. An end that nobody could know, before a holiday or on a half day, is
    noticed with the first bar after it.
    """

    def __init__(self, length: int, own: int, roll: int = 0, opens: int = -1, closes: int = -1) -> None:
        self.length, self.own, self.roll, self.opens, self.closes = length, own, roll, opens, closes
        self.opening = 0 if roll else opens if opens >= 0 else 1440
        self.closing, self.latest, self.last_weekday = -1, -1, 4
        self.day: int | None = None
        self.period: object = None
        self.changes = 0

    def place(self, at: Any) -> tuple[object, bool]:
        """Place the bar that begins at a moment: its longer bar, and True when the next bar is expected in another one."""
        minute = at.hour * 60 + at.minute
        day, minute = at.toordinal() + (0 < self.roll <= minute), (minute - self.roll) % 1440
        self.learn(day, minute)
        period = self.find(day, minute)
        self.changes += self.period not in (None, period)
        self.period = period
        return period, bool(self.changes or self.length <= 1440) and self.find_next(day, minute) != period

    def learn(self, day: int, minute: int) -> None:
        """Learn from the days before when a session opens and closes, and which is the last weekday."""
        if day != self.day:
            if self.day is not None:
                self.closing = max(self.closing, self.latest)
            if self.opens < 0 and not self.roll:
                self.opening = min(self.opening, minute)
            self.day, self.latest = day, -1
        ends = minute + self.own
        told = self.closes if self.closes >= 0 and not self.roll else 1440
        self.latest = max(self.latest, min(ends, told) if minute < told else ends)
        self.last_weekday = max(self.last_weekday, (day - 1) % 7)

    def find(self, day: int, minute: int) -> Any:
        """Find the longer bar of a moment."""
        if self.length < 1440:
            if minute < self.opening < minute + self.own:
                minute = self.opening
            return day, (minute - self.opening) // self.length
        return day if self.length == 1440 else (day - 1) // 7

    def find_next(self, day: int, minute: int) -> Any:
        """Find the longer bar in which the next bar is expected."""
        if self.own >= 10080:
            return self.find(day + 7, 0)
        known = self.closes if self.closes >= 0 else self.closing
        known = max(known, self.closing) if self.closing >= 0 else 1440
        if self.roll and not 1320 <= known <= 1440:
            known = 1440
        if minute + self.own < min(known, 1440):
            return self.find(day, minute + self.own)
        day += 1
        while (day - 1) % 7 > self.last_weekday:
            day += 1
        return self.find(day, self.opening if self.opening < 1440 else 0)


class LongerBarFilter:
    """A filter of a Backtrader feed that makes longer bars of the shorter ones, each visible at its close; an unfinished one never is."""

    def __init__(self, periods: LongerPeriods) -> None:
        self.periods = periods
        self.period: object = None
        self.bar: list[float] = []
        self.told = False
        self.waiting: list[list[float]] = []

    def __call__(self, data: Any) -> bool:
        """Take a bar out of the feed; where it ends a longer one, or shows that one had ended, that one comes in its place."""
        values = [line[0] for line in data.itersize()]  # close, low, high, open, volume, open interest, time
        period, over = self.periods.place(data.datetime.datetime(0))
        data.backwards()
        if period != self.period:
            if self.bar and not self.told:
                self.waiting.append(self.bar)
            self.period, self.bar, self.told = period, values, False
        elif not self.told:
            bar = self.bar
            bar[0], bar[1], bar[2] = values[0], min(bar[1], values[1]), max(bar[2], values[2])
            bar[4], bar[5], bar[6] = bar[4] + values[4], values[5], values[6]
        if over and not self.told:
            self.told = True
            self.waiting.append(self.bar)
        if self.waiting:
            data._add2stack(self.waiting.pop(0))
        return True


def add_longer_bars(cerebro: Any, feed: Any, length: str, hours: tuple[int, int, int], name: str | None = None) -> Any:
    """Add a feed of longer bars (`1h`, `1d`, `1w`) made of those of `feed`."""
    minutes = int(length[:-1]) * {"m": 1, "h": 60, "d": 1440, "w": 10080}[length[-1]]
    unit = {"d": 5, "w": 6}.get(length[-1], 4)  # TimeFrame.Days, Weeks, Minutes
    own = {4: 1, 5: 1440, 6: 10080}[feed._timeframe] * feed._compression
    longer = cerebro.resampledata(feed, timeframe=unit, compression=minutes if unit == 4 else int(length[:-1]), name=name)
    periods = LongerPeriods(minutes, own, *(hours if own < 1440 else (0, -1, -1)))
    longer._filters[:] = [(LongerBarFilter(periods), [], {})]  # in place of the clock's hours
    longer._ffilters.clear()  # no unfinished bar, and no extra call, after the last one
    return longer


def render_longer_bars() -> str:
    """Render the text of what makes longer bars, for a program that runs without this product."""
    parts = "\n\n".join(inspect.getsource(part).rstrip() + "\n" for part in (LongerPeriods, LongerBarFilter, add_longer_bars))
    return f"from typing import Any\n\n{parts}"
