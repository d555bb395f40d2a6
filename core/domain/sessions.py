"""Places of bars in their trading day, by the instrument's own hours: wall time in, so daylight saving needs no thought."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.domain.bars import Bars, TimeArray

MINUTES_A_DAY, MINUTES_A_WEEK = 1440, 10_080
WEEK_SHIFT = 3
"""Days between the epoch's Thursday and the Monday before it."""


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


def compute_day_numbers(time: TimeArray, *, day_roll: int = 0) -> NDArray[np.int64]:
    """Compute the trading day of each moment in days since 1970, shape (n,); from minute `day_roll` on it is the next one.

    >>> compute_day_numbers(np.array(["1970-01-04T16:59", "1970-01-04T17:00"], dtype="datetime64[s]"), day_roll=1020).tolist()
    [3, 4]
    """
    minute = time.astype("datetime64[m]").astype(np.int64)
    number: NDArray[np.int64] = (minute + (MINUTES_A_DAY - day_roll) % MINUTES_A_DAY) // MINUTES_A_DAY
    return number


def compute_longer_bars(
    time: TimeArray, minutes: int, *, session_open: int = 0, day_roll: int = 0, base: int = 0
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Compute start and end of the longer bar that each moment lies in, in minutes since 1970, each shape (n,).

    The one rule for the run's own bars and for the higher timeframes of a workflow: bars of `minutes` count from the session's open (from
    the day's beginning where a market has a `day_roll`), and none reaches beyond its trading day; a day is the trading day, a week begins
    with its Monday. So an hour is never half an hour at the open, and a bar is the same from whatever shorter bars it is made. A bar of
    `base` minutes that begins before the open and ends after it belongs to the open's bar.

    >>> hours = np.array(["2024-03-04T09:30", "2024-03-04T10:25", "2024-03-04T10:30"], dtype="datetime64[s]")
    >>> start, end = compute_longer_bars(hours, 60, session_open=570)
    >>> start.astype("datetime64[m]").astype(str).tolist(), int(end[0] - start[0])
    (['2024-03-04T09:30', '2024-03-04T09:30', '2024-03-04T10:30'], 60)
    >>> evening = np.array(["2024-03-03T17:00", "2024-03-03T23:00"], dtype="datetime64[s]")
    >>> compute_longer_bars(evening, 240, day_roll=1020)[0].astype("datetime64[m]").astype(str).tolist()
    ['2024-03-03T17:00', '2024-03-03T21:00']
    """
    day = compute_day_numbers(time, day_roll=day_roll)
    if minutes >= MINUTES_A_WEEK:
        monday = (day + WEEK_SHIFT) // 7 * 7 - WEEK_SHIFT
        return monday * MINUTES_A_DAY, (monday + 7) * MINUTES_A_DAY
    if minutes >= MINUTES_A_DAY:
        return day * MINUTES_A_DAY, (day + 1) * MINUTES_A_DAY
    minute = time.astype("datetime64[m]").astype(np.int64)
    begins = day * MINUTES_A_DAY - (MINUTES_A_DAY - day_roll) % MINUTES_A_DAY
    opening = begins if day_roll else begins + session_open
    minute = np.where((minute < opening) & (minute + base > opening), opening, minute)
    start = np.maximum(opening + (minute - opening) // minutes * minutes, begins)
    end = np.where(start < opening, np.minimum(start + minutes, opening), np.minimum(start + minutes, begins + MINUTES_A_DAY))
    return start, end


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
