"""Sums and extremes over sliding windows for whole columns, bit for bit what `math.fsum`, `max` and `min` give window by window."""

import math
from collections.abc import Callable

import numpy as np

from core.domain.bars import FloatArray

_LARGEST_EXPONENT = 900
_FEWEST_BITS = 20


def sum_windows(values: FloatArray, period: int) -> FloatArray | None:
    """The correctly rounded sum of every window, shape (n - period + 1,); None when that cannot be certified.

    Each value is split into two whole numbers that a running sum of int64 adds without any error; the two exact sums of a window are
    then added with one rounding, which is what `math.fsum` does. Values too far apart in size do not fit, and are left to it.
    """
    if not np.isfinite(values).all():
        return None
    largest = float(np.abs(values).max(initial=0.0))
    if largest == 0.0:
        return np.zeros(len(values) - period + 1)
    exponent = math.frexp(largest)[1]
    bits = 52 - max(1, math.ceil(math.log2(period)))
    if abs(exponent) >= _LARGEST_EXPONENT or bits < _FEWEST_BITS:
        return None
    rest = np.ldexp(values, bits - exponent)
    if not np.array_equal(np.ldexp(rest, exponent - bits), values):
        return None
    high, rest = _sum_whole_parts(rest, period)
    high = np.ldexp(high, exponent - bits)
    if not rest.any():
        return high
    low, rest = _sum_whole_parts(np.ldexp(rest, bits), period)
    if rest.any():
        return None
    total: FloatArray = high + np.ldexp(low, exponent - 2 * bits)
    return total


def _sum_whole_parts(values: FloatArray, period: int) -> tuple[FloatArray, FloatArray]:
    """Sums of the windows' whole parts, exact, and what is left of each value."""
    whole = np.trunc(values)
    running = np.cumsum(whole.astype(np.int64))  # may overflow: differences of it are exact all the same
    sums = running[period - 1 :].copy()
    sums[1:] -= running[:-period]
    return sums.astype(np.float64), values - whole


def find_extremes(values: FloatArray, period: int, choose: Callable[[FloatArray, FloatArray], FloatArray]) -> FloatArray | None:
    """The largest (`np.maximum`) or smallest value of every window, shape (n - period + 1,).

    None where the order of equal or incomparable values would matter: NaN, and zeros of both signs.
    """
    if np.isnan(values).any() or np.any((values == 0.0) & np.signbit(values)):
        return None
    width, found = 1, values
    while 2 * width <= period:
        found = choose(found[:-width], found[width:])
        width *= 2
    count = len(values) - period + 1
    return found if width == period else choose(found[:count], found[period - width : period - width + count])
