"""Trades of two strategies on the same bars, paired by their overlap in time, so that what differs stands out."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.domain.backtest import Trade


@dataclass(frozen=True, slots=True)
class TradePair:
    """A trade of the first strategy and the one of the second that overlaps it most; one side may be missing."""

    first: Trade | None
    second: Trade | None

    @property
    def alike(self) -> bool:
        """True when both were opened and closed on the same bars, on the same side."""
        one, other = self.first, self.second
        return (
            one is not None
            and other is not None
            and (one.entry_bar, one.exit_bar, one.size > 0) == (other.entry_bar, other.exit_bar, other.size > 0)
        )

    @property
    def gap(self) -> float:
        """Move of the first minus that of the second, as fractions; a side without a trade moved nothing."""
        return (compute_move(self.first) or 0.0) - (compute_move(self.second) or 0.0)

    @property
    def start(self) -> int:
        """Bar on which the earlier one was opened."""
        return min(trade.entry_bar for trade in (self.first, self.second) if trade)


def compute_move(trade: Trade | None) -> float | None:
    """Move of the price between entry and exit in the direction of the trade, a fraction; None while it is open.

    >>> compute_move(Trade(entry_bar=1, exit_bar=2, size=-1, entry_price=100, exit_price=75, profit=25, commission=0))
    0.25
    """
    if trade is None or trade.exit_price is None or not trade.entry_price:
        return None
    return (trade.exit_price / trade.entry_price - 1) * (1 if trade.size > 0 else -1)


def pair_trades(first: Sequence[Trade], second: Sequence[Trade], *, last_bar: int) -> list[TradePair]:
    """Pair the trades of two strategies, each at most once, the longest overlap first; in the order of their entries.

    `last_bar` stands for the exit of a trade that is still open.
    """
    overlaps = sorted(
        (
            (shared, -place, -other)
            for place, one in enumerate(first)
            for other, candidate in enumerate(second)
            if (shared := _count_shared_bars(one, candidate, last_bar)) > 0 and (one.size > 0) is (candidate.size > 0)
        ),
        reverse=True,
    )
    partner: dict[int, int] = {}
    taken: set[int] = set()
    for _, place, other in overlaps:
        if -place not in partner and -other not in taken:
            partner[-place] = -other
            taken.add(-other)
    pairs = [TradePair(one, second[partner[place]] if place in partner else None) for place, one in enumerate(first)]
    pairs += [TradePair(None, one) for other, one in enumerate(second) if other not in taken]
    return sorted(pairs, key=lambda pair: pair.start)


def _count_shared_bars(one: Trade, other: Trade, last_bar: int) -> int:
    ends = [last_bar if trade.exit_bar is None else trade.exit_bar for trade in (one, other)]
    return min(ends) - max(one.entry_bar, other.entry_bar)
