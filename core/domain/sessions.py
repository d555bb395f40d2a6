"""Places of bars in their trading day, by the instrument's own hours: wall time in, so daylight saving needs no thought."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.domain.bars import Bars, TimeArray

MINUTES_A_DAY = 1440


@dataclass(frozen=True, slots=True, eq=False)
class SessionBounds:
    """For each bar, shape (n,): its trading day and its place in it."""

    day: TimeArray
    """datetime64[D]; an evening after `Instrument.day_roll` belongs to the next day."""
    bar_of_day: NDArray[np.int64]
    """1 for the first bar of the day."""
    minutes_from_open: NDArray[np.int64]
    """From the session's open to the bar's start; negative before the open."""
    minutes_to_close: NDArray[np.int64]
    """From the bar's end to the session's close, 0 for the last bar; negative for bars that begin after it."""

    @property
    def starts(self) -> NDArray[np.int64]:
        """Index of the first bar of each day."""
        return np.flatnonzero(self.bar_of_day == 1)


def compute_day_numbers(time: TimeArray, *, day_roll: int = 0) -> NDArray[np.int64]:
    """Compute the trading day of each moment in days since 1970, shape (n,); from minute `day_roll` on it is the next one.

    >>> compute_day_numbers(np.array(["1970-01-04T16:59", "1970-01-04T17:00"], dtype="datetime64[s]"), day_roll=1020).tolist()
    [3, 4]
    """
    minute = time.astype("datetime64[m]").astype(np.int64)
    number: NDArray[np.int64] = (minute + (MINUTES_A_DAY - day_roll) % MINUTES_A_DAY) // MINUTES_A_DAY
    return number


def compute_session_bounds(bars: Bars, *, early_closes: dict[np.datetime64, int] | None = None) -> SessionBounds:
    """Compute trading day, number in the day, and distance to open and close of intraday bars.

    `early_closes` maps days (datetime64[D]) to the minute after midnight at which they end; every other day ends as usual.
    Daily and weekly bars are a day of their own, with nothing before and after.
    """
    instrument = bars.instrument
    roll = instrument.day_roll if bars.timeframe.intraday else 0
    number = compute_day_numbers(bars.time, day_roll=roll)
    day = number.astype("datetime64[D]")
    first = np.append(True, number[1:] != number[:-1]) if len(bars) else np.zeros(0, dtype=bool)
    place = np.arange(len(bars)) - np.maximum.accumulate(np.where(first, np.arange(len(bars)), 0)) + 1
    if not bars.timeframe.intraday:
        nothing = np.zeros(len(bars), dtype=np.int64)
        return SessionBounds(day, place, nothing, nothing)
    minute = bars.time.astype("datetime64[m]").astype(np.int64)
    into_day = minute + (MINUTES_A_DAY - roll) % MINUTES_A_DAY - number * MINUTES_A_DAY
    opening = 0 if roll else instrument.session_open
    closes = np.full(len(bars), MINUTES_A_DAY if roll else instrument.session_close, dtype=np.int64)
    for early, close in (early_closes or {}).items():
        closes[day == early] = close
    left = closes - into_day
    return SessionBounds(day, place, into_day - opening, left - np.where(left > 0, np.minimum(left, bars.timeframe.minutes), 0))


def session_gaps(bars: Bars) -> NDArray[np.float64]:
    """Return from each day's last close to the next day's first open, shape (days - 1,): what happens while nobody can trade."""
    starts = compute_session_bounds(bars).starts[1:]
    gaps: NDArray[np.float64] = bars.open[starts] / bars.close[starts - 1] - 1.0
    return gaps
