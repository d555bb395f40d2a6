"""Hours that bars without a zone keep, against those of their instrument: where they differ, the zone of the times is asked."""

import numpy as np

from core.domain.bars import TimeArray
from core.domain.instrument import AssetClass, Instrument, Timeframe
from core.market.resample import SessionShape
from core.market.spacing import detect_hours, detect_spacing
from core.market.table import RefusedTableError
from core.market.wall_times import count_weekend_days, is_weekend

DAY, HOUR = 1440, 60
WEEK_END = 17 * HOUR
"""Minute of a Friday in New York at which the week of currencies ends, and that of American futures."""
WEEKEND_HOURS = (45, 55)
"""Hours between the last bar of a week and the first one of the next where it is traded around the clock."""
FEWEST_WEEKS = 2
EARLY, LATE = 330, 240
"""Minutes before the open and after the close at which shares are traded besides, as in New York."""
FEW_OUTSIDE = 0.02
FIRST_COIN = np.datetime64("2009-01-03", "s")


def ask_zone(instrument: Instrument, time: TimeArray, timeframe: Timeframe) -> tuple[str, ...]:
    """The question for the zone of times that are written without one; empty where they fit the instrument's hours, or nothing tells."""
    week = _find_week_end(time, timeframe.minutes)
    if instrument.asset_class in (AssetClass.FOREX, AssetClass.FUTURE) and instrument.zone == "America/New_York" and week is not None:
        away = (week - WEEK_END + DAY // 2) % DAY - DAY // 2
        if away >= max(HOUR, timeframe.minutes + 1) or away <= -max(HOUR, timeframe.minutes):
            return (
                f"the weeks end at {_clock(week)}, and those of {instrument.symbol} at 17:00 in New York: say the zone of the times, "
                "which is often that of the broker",
            )
    opening, closing = instrument.session_open, instrument.session_close
    if (opening, closing) == (0, DAY):
        return ()
    hours = detect_hours(time, timeframe)
    begins, ends = hours.open - opening, hours.close - closing
    late, early = min(begins, ends) >= max(HOUR, timeframe.minutes + 1), max(begins, ends) <= -HOUR  # the end of a bar may stand for it
    minute = time.astype("datetime64[m]").astype(np.int64) % DAY
    outside = float(np.mean((minute < opening - EARLY - timeframe.minutes) | (minute >= closing + LATE + timeframe.minutes)))
    if (hours == SessionShape() or not (late or early)) and outside <= FEW_OUTSIDE:
        return ()
    kept = "around the clock" if hours == SessionShape() else f"from {_clock(hours.open)} to {_clock(hours.close)}"
    usual = f"from {_clock(opening)} to {_clock(closing)} in {instrument.zone}"
    return (f"the bars run {kept}, and {instrument.symbol} trades {usual}: say the zone of the times",)


def ask_times(instrument: Instrument, time: TimeArray, timeframe: Timeframe) -> tuple[str, ...]:
    """The question for bars of shares within weekends."""
    shares = instrument.asset_class in (AssetClass.EQUITY, AssetClass.ETF) and instrument.calendar not in ("", "24/7", "XTAE", "XSAU")
    count = count_weekend_days(time) if shares and timeframe.intraday else 0
    if not count:
        return ()
    first = str(time[is_weekend(time)][0])[:10]
    said = f"{count} bar{'s' * (count > 1)} fall on a weekend, the first on {first}, though {instrument.symbol} trades on weekdays"
    return (f"{said}: is it this instrument, and are the times right?",)


def refuse_early_coin(instrument: Instrument, time: TimeArray) -> None:
    """Raise RefusedTableError for counted times of what is, or trades like, a coin, before there were coins."""
    if instrument.asset_class is AssetClass.CRYPTO and time[0] < FIRST_COIN:
        first = str(time[0])[:10]
        raise RefusedTableError(f"its first bar is of {first}, before there were coins: the times are counted from another start than 1970")


def keeps_hours(instrument: Instrument, time: TimeArray) -> bool:
    """True for bars that begin and end with the instrument's own session, which no other zone's clock would make them do."""
    known = np.unique(time[~np.isnat(time)])
    timeframe = detect_spacing(known).timeframe
    session = (instrument.session_open, instrument.session_close)
    if timeframe is None or not timeframe.intraday or session == (0, DAY):
        return False
    hours = detect_hours(known, timeframe)
    return (hours.open, hours.close) == session


def _find_week_end(time: TimeArray, minutes: int) -> int | None:
    """Minute of the day at which most weeks end, 0 for midnight; None where there are too few weekends."""
    steps = np.diff(time.astype("datetime64[m]").astype(np.int64))
    last = np.flatnonzero((steps >= WEEKEND_HOURS[0] * HOUR) & (steps <= WEEKEND_HOURS[1] * HOUR))
    if len(last) < FEWEST_WEEKS:
        return None
    ends = (time[last].astype("datetime64[m]").astype(np.int64) + minutes) % DAY
    usual = np.bincount((ends + HOUR // 2) // HOUR % 24, minlength=24)
    return int(np.argmax(usual)) * HOUR if usual.max() > len(last) / 2 else None


def _clock(minute: int) -> str:
    return f"{minute // HOUR}:{minute % HOUR:02}"
