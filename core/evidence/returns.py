"""The returns of an instrument as series and distributions, for charts of its character: what `character` says in one number each."""

from dataclasses import dataclass
from math import erf, sqrt

import numpy as np
from numpy.typing import NDArray

from core.domain.bars import Bars, FloatArray, TimeArray
from core.domain.metrics import find_trading_days

MAXIMUM_BINS = 41
EDGE_DEVIATIONS = 4.0
"""Standard deviations at which a distribution is cut; what lies beyond is counted in the outermost bins."""


@dataclass(frozen=True, slots=True, eq=False)
class Returns:
    """Log returns from one trading day (or week) to the next, shape (n,), and the day on which each ended, datetime64[D]."""

    day: TimeArray
    value: FloatArray
    periods_per_year: int


@dataclass(frozen=True, slots=True, eq=False)
class Distribution:
    """Frequency of returns by size, shape (bins,)."""

    left: FloatArray
    """Lower edge of each bin, a fraction; all bins are `width` wide."""
    width: float
    share: FloatArray
    """Part of all returns."""
    normal: FloatArray
    """The same for a normal distribution of the same mean and deviation."""


def compute_log_returns(bars: Bars) -> Returns:
    """Compute log returns between the closes of trading days (weeks for weekly bars); empty with fewer than two."""
    periods = bars.instrument.periods_per_year(bars.timeframe)
    if bars.timeframe.intraday:
        days = find_trading_days(bars.time, periods_per_year=periods, day_roll=bars.instrument.day_roll)
    else:
        days = bars.time.astype("datetime64[D]")
    last = np.append(days[1:] != days[:-1], True) if len(days) else np.zeros(0, dtype=bool)
    return Returns(days[last][1:], np.diff(np.log(bars.close[last])), periods)


def rolling_volatility(returns: Returns, *, window: int) -> FloatArray:
    """Annualized deviation of the last `window` returns, shape (n,); NaN before the window is full.

    >>> found = Returns(np.arange(4).astype("datetime64[D]"), np.array([0.0, 0.02, 0.0, 0.02]), 1)
    >>> rolling_volatility(found, window=2).round(4).tolist()
    [nan, 0.0141, 0.0141, 0.0141]
    """
    found = np.full(len(returns.value), np.nan)
    if window >= 2 and len(returns.value) >= window:
        views = np.lib.stride_tricks.sliding_window_view(returns.value, window)
        found[window - 1 :] = views.std(axis=1, ddof=1) * sqrt(returns.periods_per_year)
    return found


def autocorrelations(value: FloatArray, *, lags: int) -> FloatArray:
    """Correlation of a series with itself 1 to `lags` steps before, shape (lags,); 0 where nothing varies.

    Source: Box, Jenkins, Reinsel and Ljung, Time Series Analysis, section 2.1.

    >>> autocorrelations(np.array([1.0, -1.0, 1.0, -1.0]), lags=2).tolist()
    [-0.75, 0.5]
    """
    centered = value - value.mean() if len(value) else value
    total = float(np.dot(centered, centered))
    if total < 1e-18:
        return np.zeros(lags)
    return np.array([float(np.dot(centered[lag:], centered[:-lag])) / total if lag < len(value) else 0.0 for lag in range(1, lags + 1)])


def autocorrelation_bound(count: int) -> float:
    """Bound that an autocorrelation of `count` independent values stays under 95 times out of 100.

    >>> autocorrelation_bound(400)
    0.098
    """
    return 1.96 / sqrt(count) if count else 0.0


def compute_distribution(value: FloatArray) -> Distribution | None:
    """Compute shares of returns by size, at most MAXIMUM_BINS bins; None where nothing varies."""
    deviation = float(value.std()) if len(value) else 0.0
    if deviation < 1e-12:
        return None
    bins = int(np.clip(round(sqrt(len(value))) | 1, 9, MAXIMUM_BINS))
    mean = float(value.mean())
    edges = np.linspace(mean - EDGE_DEVIATIONS * deviation, mean + EDGE_DEVIATIONS * deviation, bins + 1)
    counts, _ = np.histogram(np.clip(value, edges[0], edges[-1]), bins=edges)
    return Distribution(edges[:-1], float(edges[1] - edges[0]), counts / len(value), _normal(edges, mean, deviation))


def _normal(edges: NDArray[np.float64], mean: float, deviation: float) -> FloatArray:
    below = np.array([0.5 * (1 + erf((edge - mean) / (deviation * sqrt(2)))) for edge in edges])
    below[0], below[-1] = 0.0, 1.0
    return np.diff(below)
