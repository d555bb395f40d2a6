"""Bars whose later part is another one of the same kind, for tests that hold orders against it."""

from dataclasses import replace
from typing import Any

import numpy as np

from core.domain.bars import PRICE_COLUMNS, Bars, FloatArray

_DECIMALS = 8
_SAMPLE = 64
"""Prices that are looked at for how many decimals they have."""


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
