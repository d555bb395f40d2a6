"""Compares bars with the calendar they should follow: gaps, bars out of hours, days that are there."""

import numpy as np
from numpy.typing import NDArray

from core.domain.bars import Bars
from core.domain.instrument import Timeframe
from core.domain.quality import Coverage, Gap, Quality
from core.domain.sessions import compute_day_numbers
from core.market.calendars import Sessions, find_sessions
from core.market.cleaning import find_suspected_spikes, find_suspected_splits
from core.market.price_series import PriceSeries, make_series

MOST_GAPS = 20
MINUTE = np.timedelta64(1, "m")


def assess_quality(bars: Bars) -> Quality:
    """The report on bars as they are used; gaps are counted between the first and the last bar."""
    found = _sessions(bars)
    expected = _expected_times(bars, found)
    present = bars.time.astype("datetime64[m]")
    gaps, missing = _gaps(expected[~_find_among(expected, present)], expected)
    series = _series(bars)
    moves = np.diff(bars.close) / bars.close[:-1]
    largest = int(np.argmax(np.abs(moves))) if len(moves) else None
    return Quality(
        bars=len(bars),
        expected=len(expected),
        calendar=found.calendar,
        gaps=gaps,
        missing=missing,
        outside=int((~_find_among(present, expected)).sum()),
        flat_share=float(np.mean(bars.high == bars.low)),
        silent_share=float(np.mean(bars.volume == 0)),
        suspected_splits=tuple(f"{ratio} at {_when(bars, place)}" for place, ratio in find_suspected_splits(series)),
        suspected_spikes=tuple(_when(bars, place) for place in find_suspected_spikes(series)),
        largest_move=float(moves[largest]) if largest is not None else 0.0,
        largest_move_at=bars.time[largest + 1].item() if largest is not None else None,
    )


def _find_among(moments: np.ndarray, ordered: np.ndarray) -> NDArray[np.bool_]:
    """Find which moments are among others that stand in order: on a million of them in a tenth of the time of `isin`."""
    if not len(ordered):
        return np.zeros(len(moments), dtype=np.bool_)
    place = np.minimum(np.searchsorted(ordered, moments), len(ordered) - 1)
    return np.asarray(ordered[place] == moments)


def measure_coverage(bars: Bars) -> Coverage:
    """Bars expected and present on each trading day from the first bar to the last (each week for weekly bars)."""
    found = _sessions(bars)
    days = _bar_days(bars)
    expected_days, expected = np.unique(_days_of(_expected_times(bars, found), bars), return_counts=True)
    present_days, present = np.unique(days, return_counts=True)
    every = np.union1d(expected_days, present_days)
    return Coverage(every, _align_counts(every, expected_days, expected), _align_counts(every, present_days, present))


def _align_counts(every: np.ndarray, days: np.ndarray, counts: np.ndarray) -> NDArray[np.int64]:
    result = np.zeros(len(every), dtype=np.int64)
    result[np.searchsorted(every, days)] = counts
    return result


def _sessions(bars: Bars) -> Sessions:
    days = _bar_days(bars)
    weekends = float(np.mean((days.astype(np.int64) + 3) % 7 >= 5))
    last = days[-1] + (6 if bars.timeframe is Timeframe.W1 else 0)
    return find_sessions(bars.instrument, days[0].item(), last.item(), every_day=bars.timeframe is not Timeframe.W1 and weekends > 0.1)


def _bar_days(bars: Bars) -> np.ndarray:
    return _days_of(bars.time, bars)


def _days_of(time: np.ndarray, bars: Bars) -> np.ndarray:
    """Trading day of each moment, by the instrument's day roll for intraday bars."""
    roll = bars.instrument.day_roll if bars.timeframe.intraday else 0
    return compute_day_numbers(time, day_roll=roll).astype("datetime64[D]")


def _expected_times(bars: Bars, found: Sessions) -> np.ndarray:
    """Start of every bar that the calendar has between the first and the last bar, datetime64[m]."""
    if bars.timeframe is Timeframe.W1:
        days = found.day.astype(np.int64)
        times = np.unique((days + 3) // 7 * 7 - 3).astype("datetime64[D]").astype("datetime64[m]")
    elif bars.timeframe is Timeframe.D1:
        times = found.day.astype("datetime64[m]")
    else:
        times = _intraday_times(bars, found)
    first, last = bars.time[0].astype("datetime64[m]"), bars.time[-1].astype("datetime64[m]")
    return np.asarray(times[(times >= first) & (times <= last)])


def _intraday_times(bars: Bars, found: Sessions) -> np.ndarray:
    width = bars.timeframe.minutes
    lengths = (found.close - found.open).astype(np.int64)
    counts = -(-lengths // width)
    within = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
    times = np.repeat(found.open, counts) + (within * width) * MINUTE
    pause_start, pause = np.repeat(found.pause_start, counts), np.repeat(found.pause, counts)
    in_pause = ~np.isnat(pause_start) & (times >= pause_start) & (times < pause_start + pause * MINUTE)
    return np.asarray(times[~in_pause])


def _gaps(missing: np.ndarray, expected: np.ndarray) -> tuple[tuple[Gap, ...], int]:
    """Runs of neighboring expected bars that are missing, the largest first, and how many bars are missing in all."""
    if not len(missing):
        return (), 0
    place = np.searchsorted(expected, missing)
    cuts = np.flatnonzero(np.diff(place) > 1) + 1
    starts, ends = np.append(0, cuts), np.append(cuts, len(place)) - 1
    runs = sorted(zip(starts, ends, strict=True), key=lambda run: (-(int(run[1]) - int(run[0])), int(run[0])))
    gaps = tuple(
        Gap(
            first=missing[start].astype("datetime64[s]").item(), last=missing[end].astype("datetime64[s]").item(), bars=int(end - start) + 1
        )
        for start, end in runs[:MOST_GAPS]
    )
    return gaps, len(missing)


def _series(bars: Bars) -> PriceSeries:
    return make_series(bars.time, bars.open, bars.high, bars.low, bars.close, bars.volume)


def _when(bars: Bars, place: int) -> str:
    return str(bars.time[place]).replace("T", " ").removesuffix(" 00:00:00").removesuffix(":00")
