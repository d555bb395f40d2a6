"""Longer bars from shorter ones, complete bars only: bins are anchored to the session's open, days to the trading day, weeks to Monday."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.domain.bars import TimeArray
from core.domain.instrument import Instrument, Timeframe
from core.domain.sessions import WEEK_SHIFT, compute_day_numbers, compute_longer_bars
from core.market.price_series import PriceSeries

DAY = 86_400


@dataclass(frozen=True, slots=True)
class SessionShape:
    """A usual trading day in minutes of exchange-local wall time.

    `roll` is the minute at which the trading day begins when that is not midnight: 17:00 in New York for forex, so that
    Sunday evening belongs to Monday. `close` counts from the day's midnight and is 1440 for a market that never closes.
    """

    open: int = 0
    close: int = 1440
    roll: int = 0


AROUND_THE_CLOCK = SessionShape()


def shape_of(instrument: Instrument) -> SessionShape:
    """The hours of an instrument."""
    return SessionShape(instrument.session_open, instrument.session_close, instrument.day_roll)


def resample(
    series: PriceSeries,
    base: Timeframe,
    target: Timeframe,
    shape: SessionShape = AROUND_THE_CLOCK,
    open_days: NDArray[np.int64] | None = None,
) -> PriceSeries:
    """Bars of `target` from bars of `base`; the first and the last are left out when the series does not cover them.

    `open_days` are the trading days of the first and the last week, in days since 1970: a week that lacks holidays alone is complete.

    A bar inside the series counts as complete however many base bars it holds: a minute without a trade has no bar.
    The factor of a result is that of its last base bar, so adjust before resampling.
    """
    if target is base or not len(series):
        return series
    start, end = _bins(series.time, base, target, shape)
    first = np.flatnonzero(np.append(True, start[1:] != start[:-1]))
    last = np.append(first[1:], len(series)) - 1
    merged = PriceSeries(
        start[first].astype("datetime64[s]"),
        series.open[first],
        np.maximum.reduceat(series.high, first),
        np.minimum.reduceat(series.low, first),
        series.close[last],
        np.add.reduceat(series.volume, first),
        series.factor[last],
    )
    return merged.take(_complete(series, base, target, shape, start, end, open_days))


def to_trading_days(time: TimeArray, shape: SessionShape = AROUND_THE_CLOCK) -> NDArray[np.int64]:
    """Trading day of each bar in days since 1970, shape (n,)."""
    return compute_day_numbers(time, day_roll=shape.roll)


def _bins(time: TimeArray, base: Timeframe, target: Timeframe, shape: SessionShape) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Start and nominal end of the bin of each bar, in seconds since 1970; ascending as the bars are."""
    start, end = compute_longer_bars(time, target.minutes, session_open=shape.open, day_roll=shape.roll, base=base.minutes)
    return start * 60, end * 60


def _complete(
    series: PriceSeries,
    base: Timeframe,
    target: Timeframe,
    shape: SessionShape,
    start: NDArray[np.int64],
    end: NDArray[np.int64],
    open_days: NDArray[np.int64] | None,
) -> slice:
    """Mark the merged bars that the series covers: all but, perhaps, the first and the last."""
    seconds = series.time.astype(np.int64)
    width = base.minutes * 60
    if target.intraday and shape.roll:
        head, tail = int(seconds[0]) > int(start[0]), int(seconds[-1]) + width < int(end[-1])
    elif target.intraday:
        opening = max(int(start[0]), int(seconds[0]) // DAY * DAY + shape.open * 60) if _in_hours(seconds[0], shape) else int(start[0])
        closing = min(int(end[-1]), int(seconds[-1]) // DAY * DAY + shape.close * 60) if _in_hours(seconds[-1], shape) else int(end[-1])
        head, tail = int(seconds[0]) > opening, int(seconds[-1]) + width < closing
    elif target is Timeframe.W1:
        head, tail = _partial_week(series, base, shape, open_days)
    else:
        head, tail = _partial_day(seconds, width, shape)
    count = int(np.count_nonzero(np.diff(start))) + 1
    return slice(1 if head else 0, count - 1 if tail else count)


def _in_hours(second: int, shape: SessionShape) -> bool:
    return shape.open * 60 <= int(second) % DAY < shape.close * 60


def _partial_day(seconds: NDArray[np.int64], width: int, shape: SessionShape) -> tuple[bool, bool]:
    """Check whether the first day begins late and the last one stops early, against the session's hours."""
    if shape.roll:
        into_day = (seconds - shape.roll * 60) % DAY
        return bool(into_day[0] > 0), bool(into_day[-1] + width < DAY)
    into_day = seconds % DAY
    return bool(into_day[0] > shape.open * 60), bool(into_day[-1] + width < shape.close * 60)


def _partial_week(series: PriceSeries, base: Timeframe, shape: SessionShape, open_days: NDArray[np.int64] | None) -> tuple[bool, bool]:
    """Check whether the first week begins after its usual first day and the last one ends before its usual last day."""
    days = to_trading_days(series.time, shape)
    weekday = (days + WEEK_SHIFT) % 7
    seven = bool(np.mean(weekday == 6) > 0.05)
    head, tail = bool(weekday[0] > 0), bool(weekday[-1] < (6 if seven else 4))
    if open_days is not None:
        monday, sunday = days[0] - weekday[0], days[-1] - weekday[-1] + 6
        head = bool(((open_days >= monday) & (open_days < days[0])).any())
        tail = bool(((open_days > days[-1]) & (open_days <= sunday)).any())
    if base.intraday:
        late, early = _partial_day(series.time.astype(np.int64), base.minutes * 60, shape)
        return head or late, tail or early
    return head, tail
