"""Trading days and hours of markets: exchange_calendars for exchanges, simple rules for markets that trade around the clock.

The library is imported only when an exchange's days are asked for.
"""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.domain.bars import TimeArray
from core.domain.instrument import Instrument

WEEKDAYS, EVERY_DAY = "weekdays", "every day"


@dataclass(frozen=True, slots=True, eq=False)
class Sessions:
    """Trading days of a range, shape (days,), in exchange-local wall time."""

    calendar: str
    """The code, or `weekdays` or `every day` where only a rule is known."""
    day: TimeArray
    """datetime64[D]."""
    open: TimeArray
    """datetime64[m]; the evening before for markets whose day begins then."""
    close: TimeArray
    """datetime64[m]."""
    pause: NDArray[np.int64]
    """Minutes of a lunch break."""
    pause_start: TimeArray
    """datetime64[m], NaT without a break."""

    @property
    def minutes(self) -> NDArray[np.int64]:
        """Trading minutes of each day."""
        whole: NDArray[np.int64] = (self.close - self.open).astype("timedelta64[m]").astype(np.int64) - self.pause
        return whole


def find_sessions(instrument: Instrument, first: date, last: date, *, every_day: bool = False) -> Sessions:
    """The trading days of an instrument from `first` to `last`; `every_day` says what an unknown calendar does at weekends."""
    known = _exchange_sessions(instrument.calendar, first, last) if instrument.calendar not in ("", "24/5", "24/7") else None
    if known is not None:
        return known
    weekends = instrument.calendar == "24/7" or (not instrument.calendar and every_day)
    rule = instrument.calendar if instrument.calendar in ("24/5", "24/7") else EVERY_DAY if weekends else WEEKDAYS
    days = np.arange(np.datetime64(first), np.datetime64(last) + 1)
    days = days if weekends else days[(days.astype(np.int64) + 3) % 7 < 5]
    midnight = days.astype("datetime64[m]")
    begins, ends = (
        (instrument.day_roll - 1440, instrument.day_roll) if instrument.day_roll else (instrument.session_open, instrument.session_close)
    )
    opening: TimeArray = np.asarray(midnight + np.timedelta64(begins, "m"))
    close: TimeArray = np.asarray(midnight + np.timedelta64(ends, "m"))
    return Sessions(rule, days, opening, close, np.zeros(len(days), dtype=np.int64), np.full(len(days), "NaT", dtype="datetime64[m]"))


def find_open_days(instrument: Instrument, time: TimeArray) -> NDArray[np.int64] | None:
    """Trading days of the weeks in which bars begin and end, in days since 1970; None where no exchange's calendar is known."""
    if not len(time) or instrument.calendar in ("", "24/5", "24/7"):
        return None
    first, last = (time[place].astype("datetime64[D]") for place in (0, -1))
    found = _exchange_sessions(instrument.calendar, (first - np.timedelta64(7, "D")).item(), (last + np.timedelta64(7, "D")).item())
    return None if found is None else found.day.astype(np.int64)


def find_early_closes(instrument: Instrument, first: date, last: date) -> dict[np.datetime64, int]:
    """Days that end sooner than usual, with the minute after midnight at which they do; for `core.domain.sessions`."""
    if instrument.day_roll or not instrument.calendar:
        return {}
    found = find_sessions(instrument, first, last)
    minute = (found.close - found.day.astype("datetime64[m]")).astype(np.int64)
    return {day: int(close) for day, close in zip(found.day, minute, strict=True) if close < instrument.session_close}


def _exchange_sessions(code: str, first: date, last: date) -> Sessions | None:
    """An exchange's own days; None when the library does not know it or does not reach that far."""
    calendar = _load_calendar(code)
    if calendar is None:
        return None
    schedule = calendar.schedule
    low, high = np.datetime64(first), np.datetime64(last)
    days = schedule.index.to_numpy().astype("datetime64[D]")
    if not len(days) or low < days[0] - 10 or high > days[-1]:
        return None
    begin, stop = int(np.searchsorted(days, low)), int(np.searchsorted(days, high, side="right"))
    part = schedule.iloc[begin:stop]
    opening, close, pause_start, pause_end = (
        part[name].dt.tz_convert(calendar.tz).dt.tz_localize(None).to_numpy().astype("datetime64[m]")
        for name in ("open", "close", "break_start", "break_end")
    )
    pause = np.where(np.isnat(pause_start), 0, (pause_end - pause_start).astype(np.int64))
    return Sessions(code, days[begin:stop], opening, close, pause, pause_start)


@lru_cache(maxsize=16)
def _load_calendar(code: str) -> Any:
    """The library's calendar from as early as it can; None for an unknown code."""
    import exchange_calendars

    if code not in exchange_calendars.get_calendar_names(include_aliases=True):
        return None
    for start in ("1970-01-01", "1990-01-01", "2000-01-01"):
        try:
            return exchange_calendars.get_calendar(code, start=start)
        except ValueError:
            continue
    return exchange_calendars.get_calendar(code)
