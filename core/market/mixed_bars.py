"""Bars of two lengths in one file, as joined downloads hold them, told from their times alone."""

import numpy as np

from core.domain.bars import TimeArray
from core.domain.instrument import Timeframe
from core.market.spacing import DAY

FEWEST_DAYS = 3
"""Days with bars of another length that are no chance."""
FEWEST_STEPS = 4
"""Equal steps within one day, or steps of a week or a month behind each other, that are no gaps."""


def find_other_length(time: TimeArray, frame: Timeframe) -> str:
    """Words about bars of another length than `frame` among sorted times; empty without them."""
    seconds = time.astype("datetime64[s]").astype(np.int64)
    return _within_days(seconds, frame) if frame.intraday else _in_runs(seconds, frame)


def _within_days(seconds: np.ndarray, frame: Timeframe) -> str:
    """Days of one bar at midnight, or of bars that all stand as far apart as those of another length."""
    day = seconds // DAY
    starts = np.flatnonzero(np.append(True, day[1:] != day[:-1]))
    sizes = np.diff(np.append(starts, len(seconds)))
    lone = (sizes == 1) & (seconds[starts] % DAY == 0)
    if lone.sum() >= FEWEST_DAYS and (sizes > 1).any():
        return _describe("1d", frame, seconds[starts[lone][0]])
    steps = np.append(np.diff(seconds), DAY)
    steps[np.append(starts[1:], len(seconds)) - 1] = DAY  # the step into the next day counts for none
    least = np.minimum.reduceat(steps, starts)
    steps[steps == DAY] = 0
    most = np.maximum.reduceat(steps, starts)
    even = (sizes > FEWEST_STEPS) & (least == most)
    for other in (each for each in Timeframe if each.intraday and each.minutes > frame.minutes):
        found = even & (least == other.minutes * 60)
        if found.sum() >= FEWEST_DAYS and (even & (least == frame.minutes * 60)).any():
            return _describe(other.value, frame, seconds[starts[found][0]])
    return ""


def _in_runs(seconds: np.ndarray, frame: Timeframe) -> str:
    """Steps of weeks or months behind each other among days, or of days among weeks."""
    steps = np.rint(np.diff(seconds) / DAY).astype(np.int64)
    ranges = {"1w": (7, 7), "1 month": (28, 31)} if frame is Timeframe.D1 else {"1d": (1, 1), "1 month": (28, 35)}
    for words, (least, most) in ranges.items():
        fits = np.append(0, np.cumsum((steps >= least) & (steps <= most)))
        runs = np.flatnonzero(fits[FEWEST_STEPS:] - fits[:-FEWEST_STEPS] == FEWEST_STEPS) if len(fits) > FEWEST_STEPS else np.empty(0, int)
        if len(runs):
            return _describe(words, frame, seconds[runs[0]])
    return ""


def _describe(other: str, frame: Timeframe, first: np.int64) -> str:
    shown = str(first.astype("datetime64[s]")).replace("T", " ")[:16].removesuffix(" 00:00")
    return f"bars of {other} stand among those of {frame.value}, the first on {shown}: save those of one length in a file"
