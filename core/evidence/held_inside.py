"""Holdings between the open and the close of bars: what limits, stops and targets that fill inside a bar leave out of its two ends.

A position that is bought at the open and sold at a target before the close stands at no close, and yet it had its part in what the market
gave to everybody that day. Bars do not tell for how long. Prices do on average: of a price that nobody can foresee, the square of a move
is as large as the time that it took, whatever ended it (Wald's second identity), so squares add up to the time held.
"""

from collections.abc import Sequence

import numpy as np

from core.domain.backtest import Fill
from core.domain.bars import Bars, FloatArray

WINDOW = 63
"""Bars around one, at the same time of the day, that tell how much a whole bar moves."""
_AT_THE_OPEN = ("", "market")
"""Kinds of orders that are filled at the open; those of older results are not known."""


def measure_held_inside(fills: Sequence[Fill], position: FloatArray, bars: Bars, account: FloatArray) -> float | None:
    """Measure the mean share of the account that was held from the opens to the closes of the bars.

    `fills` are those of this instrument, `position` its units at each close, `account` its worth before each bar. None where everything
    was filled at an open: there the closes tell all. Bars on which nothing was filled are measured in the same way, because which ones
    they are depends on how far they moved. Where no bar around one moves, as of fixings, it is what was carried into it.
    """
    if all(fill.kind in _AT_THE_OPEN for fill in fills):
        return None
    moves = np.log(bars.close / bars.open) ** 2
    held = position * moves
    for bar, own in _group_by_bar(fills).items():
        held[bar] = _add_up(float(position[bar]), own, float(bars.open[bar]), float(bars.close[bar]))
    whole = _measure_whole_moves(moves, bars)
    before = np.concatenate((bars.open[:1], bars.close[:-1]))
    carried = np.concatenate(([0.0], position[:-1])) * before / account
    shares = np.divide(held * before, whole * account, out=carried, where=whole > 0)
    return float(shares.mean())


def measure_session_moves(bars: Bars) -> FloatArray:
    """Measure what the market moved from the open to the close of each bar, as a share of the close before; shape (n,)."""
    before = np.concatenate((bars.open[:1], bars.close[:-1]))
    moves: FloatArray = (bars.close - bars.open) / before
    return moves


def _group_by_bar(fills: Sequence[Fill]) -> dict[int, list[Fill]]:
    found: dict[int, list[Fill]] = {}
    for fill in fills:
        found.setdefault(fill.bar, []).append(fill)
    return found


def _add_up(units: float, fills: Sequence[Fill], opened: float, close: float) -> float:
    """Add up the squares of the moves from the close back over the fills to the open, each with the units held in it."""
    total, price = 0.0, close
    for fill in reversed(fills):
        total += units * float(np.log(price / fill.price)) ** 2
        units, price = units - fill.size, fill.price
    return total + units * float(np.log(price / opened)) ** 2


def _measure_whole_moves(moves: FloatArray, bars: Bars) -> FloatArray:
    """Mean of the squared moves of the bars around each one, itself among them; within a day of those at the same time of the day."""
    slots = bars.time.astype("datetime64[s]").astype(np.int64) % 86_400 if bars.timeframe.intraday else np.zeros(len(moves), np.int64)
    whole = np.empty(len(moves))
    order = np.argsort(slots, kind="stable")
    for places in np.split(order, np.flatnonzero(np.diff(slots[order])) + 1):
        sums = np.concatenate(([0.0], np.cumsum(moves[places])))
        at = np.arange(len(places))
        first, last = np.maximum(at - WINDOW // 2, 0), np.minimum(at + WINDOW // 2 + 1, len(places))
        whole[places] = (sums[last] - sums[first]) / (last - first)
    return whole
