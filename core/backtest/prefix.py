"""The prefix check of fast mode: a run over fewer bars must place the same orders. What differs has read the future. No Backtrader here."""

from bisect import bisect_right
from collections.abc import Sequence

from core.backtest.orders import OrderRecord, to_canonical

SHARES = (1 / 32, 1 / 16, 1 / 8, 1 / 4)
"""Parts of the data that the repeats reach: together half a run. All of it once more, bar by bar, is what lock-step is for."""
MIN_CUTS = 3


def cut_points(records: Sequence[OrderRecord], n: int) -> tuple[int, ...]:
    """Bars to keep in each repeat: right after bars with orders, where an order that knew the next bar has to come out otherwise.

    The first bar with orders, and the last ones within a 32nd, 16th, 8th and quarter of the data; at least three where there are
    as many. Ascending, each in 1..n-1, because a repeat over all bars proves nothing; empty when nothing was ordered before the last bar.
    """
    cycles = sorted({record.cycle for record in records if record.cycle < n})
    reached = (bisect_right(cycles, n * share) - 1 for share in SHARES)
    chosen = {cycles[place] for place in reached if place >= 0} | set(cycles[:1])
    missing = [cycle for cycle in cycles if cycle not in chosen]
    return tuple(sorted(chosen | set(missing[: max(0, MIN_CUTS - len(chosen))])))


def compare_prefix(full: Sequence[OrderRecord], cut: Sequence[OrderRecord], at: int) -> int | None:
    """First bar (0-based) on which the run over the first `at` bars acted differently from the full run; None when they agree."""
    long = [record for record in full if record.cycle <= at]
    short = [record for record in cut if record.cycle <= at]
    for one, other in zip(long, short, strict=False):
        if to_canonical(one) != to_canonical(other):
            return min(one.cycle, other.cycle) - 1
    rest = long[len(short) :] or short[len(long) :]
    return rest[0].cycle - 1 if rest else None
