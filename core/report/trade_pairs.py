"""Trades of two strategies on the same bars, paired by their overlap in time, so that what differs stands out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

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
    """Pair the trades of two strategies in the same instrument, each at most once, the longest overlap first; in the order of entries.

    `last_bar` stands for the exit of a trade that is still open.
    """
    overlaps = sorted(_find_overlaps(first, second, last_bar), reverse=True)
    partner: dict[int, int] = {}
    taken: set[int] = set()
    for _, place, other in overlaps:
        if -place not in partner and -other not in taken:
            partner[-place] = -other
            taken.add(-other)
    pairs = [TradePair(one, second[partner[place]] if place in partner else None) for place, one in enumerate(first)]
    pairs += [TradePair(None, one) for other, one in enumerate(second) if other not in taken]
    return sorted(pairs, key=lambda pair: pair.start)


def _find_overlaps(first: Sequence[Trade], second: Sequence[Trade], last_bar: int) -> Iterator[tuple[int, int, int]]:
    """Find the bars that trades on the same side of the same instrument share, with the negated places of both."""
    starts = np.array([trade.entry_bar for trade in second], dtype=np.int64)
    ends = np.array([_find_end(trade, last_bar) for trade in second], dtype=np.int64)
    kinds = [(trade.size > 0, trade.instrument) for trade in second]
    alike = {kind: np.array([each == kind for each in kinds], dtype=bool) for kind in set(kinds)}
    for place, one in enumerate(first):
        same = alike.get((one.size > 0, one.instrument))
        if same is None:
            continue
        shared = np.minimum(ends, _find_end(one, last_bar)) - np.maximum(starts, one.entry_bar)
        yield from ((int(shared[other]), -place, -int(other)) for other in np.flatnonzero((shared > 0) & same))


def _find_end(trade: Trade, last_bar: int) -> int:
    return last_bar if trade.exit_bar is None else trade.exit_bar
