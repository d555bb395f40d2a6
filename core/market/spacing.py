"""Spacing and trading hours of bars, told from their times alone."""

from dataclasses import dataclass

import numpy as np

from core.domain.bars import TimeArray
from core.domain.instrument import Timeframe
from core.market.resample import SessionShape

DAY = 86_400
USUAL_SHARE = 0.5
"""Share of the steps that must be the usual one for the bars to count as evenly spaced."""
BY_SECONDS = {timeframe.minutes * 60: timeframe for timeframe in Timeframe}


@dataclass(frozen=True, slots=True)
class Spacing:
    """The spacing found; `timeframe` is None when bars of that spacing cannot be used, and then `problem` says why."""

    timeframe: Timeframe | None
    problem: str = ""
    irregular: bool = False


def detect_spacing(time: TimeArray) -> Spacing:
    """Timeframe of sorted, unique times by their most common step."""
    if len(time) < 2:
        return Spacing(None, "one bar alone does not tell its timeframe")
    steps = np.diff(time.astype("datetime64[s]").astype(np.int64))
    values, counts = np.unique(steps, return_counts=True)
    usual = int(values[np.argmax(counts)])
    share = float(counts.max() / len(steps))
    daily = _daily(steps)
    if daily is not None:
        return daily
    timeframe = BY_SECONDS.get(usual)
    if timeframe is None:
        return Spacing(None, _unusable(usual))
    if share < USUAL_SHARE and not _mostly_multiples(steps, usual):
        return Spacing(None, f"the bars are not evenly spaced: the most common step, {timeframe.value}, makes up {share:.0%} only")
    return Spacing(timeframe, irregular=share < 0.8 and timeframe.intraday)


def detect_hours(time: TimeArray, timeframe: Timeframe) -> SessionShape:
    """Hours that intraday bars keep: the most common first and last stamp of a day; around the clock when they span it."""
    seconds = time.astype("datetime64[s]").astype(np.int64)
    day = seconds // DAY
    cuts = np.flatnonzero(np.append(True, day[1:] != day[:-1]))
    first = (seconds[cuts] % DAY) // 60
    last = (seconds[np.append(cuts[1:], len(seconds)) - 1] % DAY) // 60 + timeframe.minutes
    opening, closing = _mode(first), min(_mode(last), 1440)
    if closing - opening >= 22 * 60 or closing <= opening:
        return SessionShape()
    return SessionShape(open=opening, close=closing)


def has_end_stamps(time: TimeArray, timeframe: Timeframe) -> bool:
    """True when stamps look like the end of the bar: days begin one bar after a full quarter hour and end on one."""
    shape = detect_hours(time, timeframe)
    if not timeframe.intraday or timeframe.minutes > 15 or shape == SessionShape():
        return False
    width = timeframe.minutes
    begins_late = (shape.open - width) % 15 == 0 and shape.open % 15 != 0
    return begins_late and (shape.close - width) % 15 == 0


def _daily(steps: np.ndarray) -> Spacing | None:
    """Days, weeks and longer, told by steps of whole days (or nearly, where the clock was changed)."""
    days = np.rint(steps / DAY)
    if np.mean((np.abs(steps - days * DAY) <= 3700) & (days >= 1)) < 0.9:
        return None
    median = float(np.median(days))
    if median < 4:
        return Spacing(Timeframe.D1)
    if 5 <= median <= 9:
        return Spacing(Timeframe.W1)
    return Spacing(None, f"the bars are about {median:.0f} days apart; daily and weekly bars are the longest that can be used")


def _mostly_multiples(steps: np.ndarray, usual: int) -> bool:
    return bool(np.mean(steps % usual == 0) > 0.9)


def _unusable(seconds: int) -> str:
    if seconds < 60:
        return f"the bars are {seconds} seconds apart; one minute is the shortest that can be used"
    offered = ", ".join(timeframe.value for timeframe in Timeframe)
    return f"the bars are {seconds / 60:g} minutes apart, which is none of {offered}"


def _mode(values: np.ndarray) -> int:
    found, counts = np.unique(values, return_counts=True)
    return int(found[np.argmax(counts)])
