"""The check of fast mode: where later bars do not exist, the same orders must come out; else the future was read. No Backtrader."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from math import isqrt

from core.backtest.orders import OrderRecord, to_canonical

MINIMUM_CUTS = 8
"""With fewer bars that have both orders and later bars, nothing is proved either way."""
MOST_CUTS = 16

DrawNumber = Callable[[int], int]
"""A number from 0 below its argument, that nobody can predict."""


def choose_cuts(records: Sequence[OrderRecord], n: int, draw: DrawNumber) -> tuple[int, ...]:
    """Choose bars right after which the future is taken away or changed, ascending, each in 1..n-1; as many as the orders give reason for.

    Each is a bar with orders, where an order that knew the next bar has to come out otherwise. They are drawn from equal parts of those
    bars, so that they reach over the whole run and can be foreseen by nobody. Empty when nothing was ordered before the last bar.
    """
    cycles = sorted({record.cycle for record in records if record.cycle < n})
    count = min(len(cycles), MOST_CUTS, max(MINIMUM_CUTS, isqrt(len(cycles))))
    edges = [len(cycles) * part // count for part in range(count + 1)] if count else [0]
    return tuple(cycles[first + draw(stop - first)] for first, stop in pairwise(edges))


def compare_prefix(full: Sequence[OrderRecord], cut: Sequence[OrderRecord], at: int) -> int | None:
    """First bar (0-based) on which a repeat acted differently from the full run up to bar `at`; None when they agree."""
    long = [record for record in full if record.cycle <= at]
    short = [record for record in cut if record.cycle <= at]
    for one, other in zip(long, short, strict=False):
        if to_canonical(one) != to_canonical(other):
            return min(one.cycle, other.cycle) - 1
    rest = long[len(short) :] or short[len(long) :]
    return rest[0].cycle - 1 if rest else None
