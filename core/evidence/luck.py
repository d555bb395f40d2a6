"""Luck in a Sharpe ratio: the value that chance alone would have reached, and how sure the measured one is.

Every function is arithmetic on a handful of numbers or on one array of returns; random draws are seeded.
"""

from functools import lru_cache
from math import sqrt
from statistics import NormalDist

import numpy as np

from core.domain.bars import FloatArray
from core.domain.value import Value

NORMAL = NormalDist()
GRID_EDGE = 12.0
"""Standard deviations beyond which the normal density is taken as zero."""
GRID_POINTS = 4_801
RESAMPLES_AT_ONCE = 50
"""Bootstrap paths held in memory together."""


class Interval(Value):
    """A range that holds the true value with the stated confidence, as far as resampling can tell."""

    low: float
    high: float
    confidence: float


@lru_cache(maxsize=10_000)
def expected_maximum(trials: int) -> float:
    """Expected largest of `trials` independent standard normal draws; 0 for one draw.

    Computed as the integral of the order statistic. The closed form of Bailey and López de Prado, The Deflated Sharpe
    Ratio (Journal of Portfolio Management, 2014), is an approximation of the same number, 2 % higher at 10 trials.

    >>> round(expected_maximum(2), 6), round(expected_maximum(10), 4)
    (0.56419, 1.5388)
    """
    if trials <= 1:
        return 0.0
    points, density, cumulative = _normal_grid()
    return float(np.trapezoid(points * trials * density * cumulative ** (trials - 1), points))


def expected_best_sharpe(trials: int, years: float) -> float:
    """The luck line: expected best annualized Sharpe ratio of `trials` skill-less, independent strategies over `years`.

    A Sharpe ratio measured over `years` has a standard error of about one over their root when the true value is zero.
    Source: Bailey and López de Prado, The Deflated Sharpe Ratio (2014), equation 1.

    >>> round(expected_best_sharpe(10, 1.0), 2)
    1.54
    """
    return expected_maximum(trials) / sqrt(years) if years > 0 else 0.0


def probabilistic_sharpe(sharpe: float, *, benchmark: float, periods: int, skew: float, kurtosis: float) -> float:
    """Probability that the true Sharpe ratio is above `benchmark`, given length, skewness and fat tails of the returns.

    `sharpe` and `benchmark` are per period, not annualized; `kurtosis` is 3 for a normal distribution.
    Source: Bailey and López de Prado, The Sharpe Ratio Efficient Frontier (Journal of Risk, 2012), equation 11.

    >>> round(probabilistic_sharpe(0.1, benchmark=0.0, periods=252, skew=0.0, kurtosis=3.0), 3)
    0.943
    """
    if periods < 2:
        return 0.5
    variance = 1.0 - skew * sharpe + (kurtosis - 1.0) / 4.0 * sharpe**2
    return NORMAL.cdf((sharpe - benchmark) * sqrt(periods - 1) / sqrt(max(variance, 1e-12)))


def deflated_sharpe(sharpe: float, *, trials: int, variance: float, periods: int, skew: float, kurtosis: float) -> float:
    """Probability that the best of `trials` candidates has a true Sharpe ratio above what luck alone would have reached.

    `sharpe` is per period; `variance` is that of the candidates' Sharpe ratios per period, or `1 / periods` when the
    candidates are unknown.
    Source: Bailey and López de Prado, The Deflated Sharpe Ratio (2014), equations 1 and 2.

    >>> round(deflated_sharpe(0.1, trials=10, variance=0.002, periods=500, skew=0.0, kurtosis=3.0), 3)
    0.756
    """
    luck = sqrt(max(variance, 0.0)) * expected_maximum(trials)
    return probabilistic_sharpe(sharpe, benchmark=luck, periods=periods, skew=skew, kurtosis=kurtosis)


def sharpe_interval(
    returns: FloatArray,
    *,
    periods_per_year: int,
    seed: int,
    confidence: float = 0.95,
    resamples: int = 1_000,
    block: int | None = None,
) -> Interval | None:
    """Bootstrap range of the annualized Sharpe ratio; None under 20 returns or without variance.

    Blocks of random length (mean `block`, by default the cube root of the number of returns) keep the dependence
    between neighboring days. Same seed, same range.
    Source: Politis and Romano, The Stationary Bootstrap (Journal of the American Statistical Association, 1994).

    >>> interval = sharpe_interval(np.tile([0.02, -0.01, 0.005, -0.004], 50), periods_per_year=252, seed=1)
    >>> interval.low < 3.7 < interval.high
    True
    """
    count = len(returns)
    if count < 20 or float(np.std(returns)) < 1e-12:
        return None
    generator = np.random.default_rng(seed)
    length = block or max(2, round(count ** (1 / 3)))
    values = np.concatenate(
        [
            _sharpes(returns[draw_stationary_indexes(count, min(RESAMPLES_AT_ONCE, resamples - done), length, generator)])
            for done in range(0, resamples, RESAMPLES_AT_ONCE)
        ]
    ) * sqrt(periods_per_year)
    tail = (1.0 - confidence) / 2.0
    low, high = np.quantile(values, [tail, 1.0 - tail])
    return Interval(low=float(low), high=float(high), confidence=confidence)


def draw_stationary_indexes(count: int, paths: int, block: int, generator: np.random.Generator) -> np.ndarray:
    """Draw positions for `paths` resampled series, int64 of shape (paths, count): blocks of geometric length, wrapped round."""
    starts = generator.integers(0, count, size=(paths, count))
    fresh = generator.random((paths, count)) < 1.0 / block
    fresh[:, 0] = True
    steps = np.arange(count)
    begun = np.maximum.accumulate(np.where(fresh, steps, 0), axis=1)
    indexes: np.ndarray = (np.take_along_axis(starts, begun, axis=1) + steps - begun) % count
    return indexes


def _sharpes(paths: np.ndarray) -> FloatArray:
    deviation = np.std(paths, axis=1, ddof=1)
    safe = np.where(deviation > 1e-12, deviation, 1.0)
    ratios: FloatArray = np.where(deviation > 1e-12, np.mean(paths, axis=1) / safe, 0.0)
    return ratios


@lru_cache(maxsize=1)
def _normal_grid() -> tuple[FloatArray, FloatArray, FloatArray]:
    points = np.linspace(-GRID_EDGE, GRID_EDGE, GRID_POINTS)
    density = np.exp(-(points**2) / 2.0) / sqrt(2.0 * np.pi)
    cumulative = np.array([NORMAL.cdf(float(point)) for point in points])
    return points, density, cumulative
