"""Uncertainty of a Sharpe ratio: its standard error when returns remember those before them, and the range that follows."""

from math import sqrt

import numpy as np

from core.domain.bars import FloatArray
from core.domain.value import Value

LAGS = 20
"""Returns of the past that one may depend on."""
FEWEST_RETURNS = 30


class Interval(Value):
    """A range that holds the true value with the stated confidence."""

    low: float
    high: float
    confidence: float


def sharpe_error(returns: FloatArray, *, periods_per_year: int, lags: int = LAGS) -> float | None:
    """Standard error of the annualized Sharpe ratio, never under that of independent returns; None where there is too little.

    Sources: Lo, The Statistics of Sharpe Ratios (2002); Ledoit and Wolf, Robust Performance Hypothesis Testing with the Sharpe Ratio
    (2008), with the weights of Newey and West.

    >>> draws = np.random.default_rng(1).normal(0.0005, 0.01, 1_260)
    >>> round(sharpe_error(draws, periods_per_year=252), 2)
    0.45
    """
    count = len(returns)
    if count < FEWEST_RETURNS or not np.all(np.isfinite(returns)):
        return None
    deviation = float(returns.std())
    if deviation < 1e-12:
        return None
    mean = float(returns.mean())
    z = (returns - mean) / deviation
    influence = z - 0.5 * (mean / deviation) * (z * z - 1.0)
    influence = influence - influence.mean()
    plain = variance = float(influence @ influence) / count
    for lag in range(1, min(lags, count - 1) + 1):
        variance += 2.0 * (1.0 - lag / (lags + 1.0)) * float(influence[lag:] @ influence[:-lag]) / count
    return sqrt(max(variance, plain) / count * periods_per_year)


def sharpe_interval(returns: FloatArray, *, periods_per_year: int) -> Interval | None:
    """Range of the annualized Sharpe ratio of returns that nothing was selected by; None where there is too little."""
    error = sharpe_error(returns, periods_per_year=periods_per_year)
    if error is None:
        return None
    ratio = float(returns.mean()) / float(returns.std(ddof=1)) * sqrt(periods_per_year)
    return Interval(low=ratio - 1.96 * error, high=ratio + 1.96 * error, confidence=0.95)
