"""Several instruments on common moments: the union of their bars' times, from the first moment at which each has a bar."""

from collections.abc import Sequence
from dataclasses import replace
from functools import reduce
from typing import Any

import numpy as np

from core.domain.bars import Bars, BoolArray, FloatArray, TimeArray
from core.domain.errors import MarketDataError


def align_bars(found: Sequence[Bars]) -> Bars:
    """Bring the bars of several instruments to common moments; the first one leads, the others are its `others`.

    Every time of any instrument from the common start on is a moment. An instrument without a bar there repeats its last close and
    is marked as absent. Bars of one instrument alone stay as they are. Raises MarketDataError when they cannot be brought together.
    """
    if len(found) == 1:
        return found[0]
    require_comparable(found)
    moments = reduce(np.union1d, [bars.time for bars in found])
    shared = reduce(np.intersect1d, [bars.time for bars in found])
    if not len(shared):
        raise MarketDataError(
            f"{_name(found)} have no moment at which each of them has a bar.",
            hint="Choose instruments and a range of dates that overlap, or another timeframe.",
        )
    moments = moments[moments >= shared[0]]
    first, *others = (_fill(bars, moments) for bars in found)
    return replace(first, others=tuple(others))


def describe_alignment(bars: Bars) -> tuple[str, ...]:
    """Describe what holds of several instruments together, for people; nothing for one alone."""
    each = list({one.instrument.symbol: one for one in bars.instruments}.values())
    if len(each) < 2 or bars.members or not len(bars):
        return ()
    span = f"{len(bars):,} moments from {bars.first:%Y-%m-%d} to {bars.last:%Y-%m-%d}"
    said = [f"{_name(each)} were run together: {span}, from the first one at which each has a bar."]
    for one in each:
        missing = 0 if one.present is None else int(len(bars) - np.count_nonzero(one.present))
        if missing:
            said.append(f"{one.instrument.symbol} has no bar at {missing:,} of them: no order for it is executed there.")
    currencies = sorted({one.instrument.currency for one in each})
    if len(currencies) > 1:
        said.append(f"Prices are in {' and '.join(currencies)}: the account adds them up as if they were one currency.")
    return tuple(said)


def require_comparable(found: Sequence[Bars]) -> None:
    """Require instruments that can have common moments: each named once, bars of one length, one clock. Raises MarketDataError."""
    symbols = [bars.instrument.symbol for bars in found]
    twice = next((symbol for symbol in symbols if symbols.count(symbol) > 1), None)
    if twice is not None:
        raise MarketDataError(f"{twice} is given twice.", hint="Name each instrument once.")
    if len({bars.timeframe for bars in found}) > 1:
        lengths = ", ".join(f"{bars.instrument.symbol} {bars.timeframe.value}" for bars in found)
        raise MarketDataError(f"All instruments of a run need bars of one length; here they are {lengths}.")
    zones = sorted({bars.instrument.zone for bars in found})
    if found[0].timeframe.intraday and len(zones) > 1:
        raise MarketDataError(
            f"Bars shorter than a day can be run together in one time zone only; these are in {' and '.join(zones)}.",
            hint="Use daily bars, or instruments of one time zone.",
        )


def _fill(bars: Bars, moments: TimeArray) -> Bars:
    """The bars on the moments: their own where there is one, the last close of before elsewhere."""
    rows = np.searchsorted(bars.time, moments, side="right") - 1
    present: BoolArray = bars.time[rows] == moments
    close = bars.close[rows]

    def take(column: FloatArray, otherwise: FloatArray) -> FloatArray:
        return np.where(present, column[rows], otherwise)

    prices: dict[str, Any] = {name: take(getattr(bars, name), close) for name in ("open", "high", "low")}
    volume = take(bars.volume, np.zeros(len(moments)))
    return replace(bars, time=moments, **prices, close=close, volume=volume, present=present, _hash=[])


def _name(found: Sequence[Bars]) -> str:
    names = [bars.instrument.symbol for bars in found]
    return f"{', '.join(names[:-1])} and {names[-1]}"
