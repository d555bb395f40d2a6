"""Sums and extremes over windows, and sums of rows, for whole columns: bit for bit what `math.fsum`, `max` and `min` give one by one."""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from core.domain.bars import FloatArray

IntArray = NDArray[np.int64]

_LARGEST_EXPONENT = 900
_FEWEST_BITS = 20


def sum_windows(values: FloatArray, period: int) -> FloatArray | None:
    """The correctly rounded sum of every window, shape (n - period + 1,); None when that cannot be certified."""

    def add(whole: IntArray) -> IntArray:
        running = np.cumsum(whole)  # may overflow: differences of it are exact all the same
        sums = running[period - 1 :].copy()
        sums[1:] -= running[:-period]
        return sums

    return _sum_exactly(values, period, add)


def sum_rows(values: FloatArray) -> FloatArray | None:
    """The correctly rounded sum of every row of a matrix; None when that cannot be certified."""
    return _sum_exactly(values, values.shape[1], lambda whole: whole.sum(axis=1))


def count_certain_values(values: FloatArray, terms: int) -> int:
    """Number of values from the first one on whose sums of `terms` each can be certified; each is judged by itself and those before it."""
    return _count_certain(np.abs(values), _find_lowest_bits(values), terms)


def count_certain_rows(values: FloatArray, terms: int) -> int:
    """Number of rows from the first one on whose sums can be certified; each is judged by itself and those before it."""
    return _count_certain(np.abs(values).max(axis=1), _find_lowest_bits(values).min(axis=1), terms)


def _count_certain(sizes: FloatArray, lowest: IntArray, terms: int) -> int:
    finite = np.isfinite(sizes)
    largest = np.maximum.accumulate(np.where(finite, sizes, 0.0))
    exponents = np.frexp(largest)[1]
    fits = np.minimum.accumulate(lowest) >= exponents - 2 * _count_bits(terms)
    certain = finite & ((largest == 0.0) | (fits & (np.abs(exponents) < _LARGEST_EXPONENT)))
    wrong = np.flatnonzero(~certain)
    return int(wrong[0]) if len(wrong) else len(certain)


def _find_lowest_bits(values: FloatArray) -> IntArray:
    """Exponent of the lowest bit that is set in each value; a very large one for zero."""
    mantissas, exponents = np.frexp(np.where(np.isfinite(values), values, 0.0))
    whole = np.ldexp(mantissas, 53).astype(np.int64)
    lowest = np.frexp((whole & -whole).astype(np.float64))[1] - 1
    found: IntArray = np.where(whole == 0, 1 << 20, exponents + lowest - 53).astype(np.int64)
    return found


def _count_bits(terms: int) -> int:
    """Bits of a value that so many terms leave room for in a whole number."""
    return 52 - max(1, math.ceil(math.log2(terms)))


def _sum_exactly(values: FloatArray, terms: int, add: Callable[[IntArray], IntArray]) -> FloatArray | None:
    """Sums of `terms` values each, which `add` adds without any error when they are whole numbers.

    Each value is split into two whole numbers; the two exact sums are then added with one rounding, which is what `math.fsum` does.
    Values too far apart in size do not fit, and are left to it.
    """
    if not np.isfinite(values).all():
        return None
    largest = float(np.abs(values).max(initial=0.0))
    if largest == 0.0:
        return add(np.zeros(values.shape, dtype=np.int64)).astype(np.float64)
    exponent = math.frexp(largest)[1]
    bits = _count_bits(terms)
    if abs(exponent) >= _LARGEST_EXPONENT or bits < _FEWEST_BITS:
        return None
    rest = np.ldexp(values, bits - exponent)
    if not np.array_equal(np.ldexp(rest, exponent - bits), values):
        return None
    high, rest = _split(rest, add)
    high = np.ldexp(high, exponent - bits)
    if not rest.any():
        return high
    low, rest = _split(np.ldexp(rest, bits), add)
    if rest.any():
        return None
    total: FloatArray = high + np.ldexp(low, exponent - 2 * bits)
    return total


def _split(values: FloatArray, add: Callable[[IntArray], IntArray]) -> tuple[FloatArray, FloatArray]:
    """Sums of the values' whole parts, exact, and what is left of each value."""
    whole = np.trunc(values)
    return add(whole.astype(np.int64)).astype(np.float64), values - whole


def find_extremes(values: FloatArray, period: int, choose: Callable[[FloatArray, FloatArray], FloatArray]) -> FloatArray | None:
    """The largest (`np.maximum`) or smallest value of every window, shape (n - period + 1,).

    None where the order of equal or incomparable values would matter: NaN, and zeros of both signs.
    """
    if count_ordered_values(values) < len(values):
        return None
    width, found = 1, values
    while 2 * width <= period:
        found = choose(found[:-width], found[width:])
        width *= 2
    count = len(values) - period + 1
    return found if width == period else choose(found[:count], found[period - width : period - width + count])


def count_ordered_values(values: FloatArray) -> int:
    """Number of values from the first one on that have one order: up to a NaN or a negative zero."""
    wrong = np.flatnonzero(np.isnan(values) | ((values == 0.0) & np.signbit(values)))
    return int(wrong[0]) if len(wrong) else len(values)
