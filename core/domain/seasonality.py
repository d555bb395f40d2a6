"""Volatility of an instrument by hour, weekday and month against its own mean. Pure formulas over bars."""

import numpy as np
from numpy.typing import NDArray

from core.domain.bars import Bars
from core.domain.value import Value

MINIMUM_RETURNS = 20
"""Returns under which a season has no figure."""
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")
NOTABLE_RATIO = 1.25
"""Ratio to the mean from which a season is mentioned."""


class Season(Value):
    """One hour, weekday or month."""

    name: str
    """`09:00`, `Monday`, `March`."""
    volatility: float
    """Mean absolute return of its bars over that of all bars: 1 is usual."""
    returns: int
    """Number of bars that the figure rests on."""


class Seasonality(Value):
    """Volatility by season; a season with fewer than FEWEST bars is left out."""

    hours: tuple[Season, ...] = ()
    """Empty for daily and weekly bars."""
    weekdays: tuple[Season, ...] = ()
    """Empty for weekly bars."""
    months: tuple[Season, ...] = ()


def compute_seasonality(bars: Bars) -> Seasonality:
    """Compute the bars' moves by the time at which they begin. The jump between two sessions counts as no bar's own move."""
    moves = np.abs(np.log(bars.close / bars.open))
    first = bars.time.astype("datetime64[D]")
    hour = ((bars.time - first).astype("timedelta64[s]").astype(np.int64)) // 3600
    weekday = (first.astype(np.int64) + 3) % 7
    month = bars.time.astype("datetime64[M]").astype(np.int64) % 12
    if not bars.timeframe.intraday:
        moves = np.append(0.0, np.abs(np.diff(np.log(bars.close)))) if len(bars) else moves
    hours = _seasons(moves, hour, tuple(f"{number:02}:00" for number in range(24))) if bars.timeframe.intraday else ()
    weekdays = _seasons(moves, weekday, WEEKDAYS) if bars.timeframe.minutes <= 1440 else ()
    return Seasonality(hours=hours, weekdays=weekdays, months=_seasons(moves, month, MONTHS))


def describe_seasonality(found: Seasonality) -> tuple[str, ...]:
    """Describe the seasons that stand out, in short lines without dates or prices, fit for a prompt."""
    lines = []
    for kind, seasons in (("hour", found.hours), ("weekday", found.weekdays), ("month", found.months)):
        if len(seasons) < 2:
            continue
        wild, calm = max(seasons, key=lambda season: season.volatility), min(seasons, key=lambda season: season.volatility)
        if wild.volatility >= NOTABLE_RATIO or calm.volatility <= 1 / NOTABLE_RATIO:
            lines.append(
                f"wildest {kind}: {wild.name} ({wild.volatility:.1f} times the mean move), calmest: {calm.name} ({calm.volatility:.1f})"
            )
    return tuple(lines)


def _seasons(moves: NDArray[np.float64], season: NDArray[np.int64], names: tuple[str, ...]) -> tuple[Season, ...]:
    usual = float(moves.mean()) if len(moves) else 0.0
    if not usual:
        return ()
    counts = np.bincount(season, minlength=len(names))
    sums = np.bincount(season, weights=moves, minlength=len(names))
    enough = [number for number in range(len(names)) if counts[number] >= MINIMUM_RETURNS]
    return tuple(
        Season(name=names[number], volatility=float(sums[number] / counts[number]) / usual, returns=int(counts[number]))
        for number in enough
    )
