"""Difference of two strategies on the same bars, with its error: what a table of figures side by side cannot tell.

Both are resampled together, in the same blocks of the same days, so that what moves both of them cancels.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from core.domain.bars import FloatArray
from core.domain.value import Value
from core.evidence.selection import choose_block, draw_counts

DRAWS = 1_000
NOISE = (0.1, 0.9)
"""Chances of being the better one between which two strategies cannot be told apart."""
LEAST_RETURNS = 30
"""Returns under which nothing is said."""
SMALLEST_DEVIATION = 1e-12


class PairDifference(Value):
    """Sharpe ratio of one strategy minus that of another on the same days, annualized."""

    difference: float
    low: float
    high: float
    """The middle 95% of the resampled differences."""
    chance: float
    """Part of the resamples in which the first one has the higher Sharpe ratio; ties count half."""

    @property
    def is_noise(self) -> bool:
        """True when the two cannot be told apart on these bars."""
        return NOISE[0] < self.chance < NOISE[1]


@dataclass(frozen=True, slots=True)
class ResampledSharpes:
    """Annualized Sharpe ratios of several strategies, measured and in the same resamples."""

    measured: FloatArray
    """Shape (k,)."""
    resampled: NDArray[np.float64]
    """Shape (draws, k)."""

    def compare(self, first: int, second: int) -> PairDifference:
        """Compare two of them, by their places."""
        gaps = self.resampled[:, first] - self.resampled[:, second]
        low, high = np.quantile(gaps, (0.025, 0.975))
        return PairDifference(
            difference=float(self.measured[first] - self.measured[second]),
            low=float(low),
            high=float(high),
            chance=float(np.mean(gaps > 0) + np.mean(gaps == 0) / 2),
        )


def resample_sharpes(returns: Sequence[FloatArray], *, periods_per_year: int, seed: int = 0, draws: int = DRAWS) -> ResampledSharpes | None:
    """Resample the returns of several strategies on the same days; None where there are too few or their lengths differ.

    Source: Politis and Romano, The Stationary Bootstrap (Journal of the American Statistical Association, 1994); for differences of
    Sharpe ratios Ledoit and Wolf, Robust Performance Hypothesis Testing with the Sharpe Ratio (Journal of Empirical Finance, 2008).
    """
    lengths = {len(each) for each in returns}
    if len(lengths) != 1 or (count := lengths.pop()) < LEAST_RETURNS or not all(np.isfinite(each).all() for each in returns):
        return None
    values = np.column_stack(returns)
    draws_of_days = draw_counts(count, block=choose_block(count), seed=seed, resamples=draws)
    parts = [_compute_sharpes(counts, values, periods_per_year) for counts in draws_of_days]
    whole = _compute_sharpes(np.ones((1, count)), values, periods_per_year)[0]
    return ResampledSharpes(whole, np.concatenate(parts))


def _compute_sharpes(counts: NDArray[np.float64], values: NDArray[np.float64], periods_per_year: int) -> NDArray[np.float64]:
    """Compute annualized Sharpe ratios of weighted returns, shape (draws, k); 0 where nothing varies."""
    count = values.shape[0]
    mean = counts @ values / count
    spread = np.sqrt(np.maximum(counts @ values**2 / count - mean**2, 0.0) * count / (count - 1))
    moves = spread > SMALLEST_DEVIATION
    return np.where(moves, mean / np.where(moves, spread, 1.0) * sqrt(periods_per_year), 0.0)
