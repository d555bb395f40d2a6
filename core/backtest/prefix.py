"""The check of fast mode: where later bars are other ones, the same orders must come out; else the future was read. No Backtrader."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from math import isqrt
from typing import Any

import numpy as np

from core.backtest.orders import OrderRecord, to_canonical
from core.domain.bars import PRICE_COLUMNS, Bars, FloatArray

MINIMUM_CUTS = 8
"""With fewer bars that have both orders and later bars, nothing is proved either way."""
MOST_CUTS = 16
_DECIMALS = 8
_SAMPLE = 64
"""Prices that are looked at for how many decimals they have."""

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


def change_future(bars: Bars, cut: int, seed: int) -> Bars:
    """Bars of the same length and times whose first `cut` bars are the same and whose later ones are others of the same kind.

    The later bars' own moves come in another order, some of them turned over: code cannot tell them from real ones by looking.
    """
    if not 0 < cut < len(bars):
        return bars
    random = np.random.default_rng(seed)
    order = random.permutation(len(bars) - cut)
    columns: dict[str, Any] = {name: getattr(bars, name).copy() for name in PRICE_COLUMNS}
    before = np.maximum(np.abs(bars.close[cut - 1 : -1]), 1e-12)
    moves = {name: np.log(np.maximum(getattr(bars, name)[cut:], 1e-12) / before)[order] for name in ("open", "high", "low", "close")}
    turned = random.random(len(order)) < 0.5
    high, low = np.where(turned, -moves["low"], moves["high"]), np.where(turned, -moves["high"], moves["low"])
    opening, closing = (np.where(turned, -moves[name], moves[name]) for name in ("open", "close"))
    shift = random.normal(0.0, max(float(np.std(moves["close"])), 1e-4), len(order))
    level = np.concatenate(([0.0], np.cumsum(closing + shift)[:-1])) + np.log(max(float(bars.close[cut - 1]), 1e-12))
    decimals = _count_decimals(bars.close[:_SAMPLE])
    for name, move in (("open", opening), ("high", high), ("low", low), ("close", closing)):
        columns[name][cut:] = np.round(np.exp(np.clip(level + shift + move, -600.0, 600.0)), decimals)
    columns["volume"][cut:] = bars.volume[cut:][order]
    others = tuple(change_future(other, cut, seed + place) for place, other in enumerate(bars.others, 1))
    return replace(bars, **columns, others=others, _hash=[])


def _count_decimals(prices: FloatArray) -> int:
    return next((count for count in range(_DECIMALS) if np.array_equal(np.round(prices, count), prices)), _DECIMALS)


def compare_prefix(full: Sequence[OrderRecord], cut: Sequence[OrderRecord], at: int) -> int | None:
    """First bar (0-based) on which a repeat acted differently from the full run up to bar `at`; None when they agree."""
    long = [record for record in full if record.cycle <= at]
    short = [record for record in cut if record.cycle <= at]
    for one, other in zip(long, short, strict=False):
        if to_canonical(one) != to_canonical(other):
            return min(one.cycle, other.cycle) - 1
    rest = long[len(short) :] or short[len(long) :]
    return rest[0].cycle - 1 if rest else None
