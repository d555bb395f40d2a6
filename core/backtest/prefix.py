"""The prefix check of fast mode: a run over fewer bars must place the same orders. What differs has read the future. No Backtrader here."""

from collections.abc import Sequence

from core.backtest.orders import OrderRecord, canonical


def cut_points(records: Sequence[OrderRecord], n: int) -> tuple[int, ...]:
    """How many bars to keep in each repeat: right after the first bar with an order, the quartiles and the last.

    At most five cuts, ascending, each in 1..n-1: a repeat over all bars would prove nothing. Empty when no order was placed
    before the last bar.
    """
    cycles = sorted({record.cycle for record in records if record.cycle < n})
    if not cycles:
        return ()
    last = len(cycles) - 1
    return tuple(sorted({cycles[round(last * quarter / 4)] for quarter in range(5)}))


def compare_prefix(full: Sequence[OrderRecord], cut: Sequence[OrderRecord], at: int) -> int | None:
    """First bar (0-based) on which the run over the first `at` bars acted differently from the full run; None when they agree."""
    long = [record for record in full if record.cycle <= at]
    short = [record for record in cut if record.cycle <= at]
    for one, other in zip(long, short, strict=False):
        if canonical(one) != canonical(other):
            return min(one.cycle, other.cycle) - 1
    rest = long[len(short) :] or short[len(long) :]
    return rest[0].cycle - 1 if rest else None
