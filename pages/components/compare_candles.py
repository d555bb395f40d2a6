"""Candles with the trades of two iterations on them, and the stretches in which only one of the two is in the market."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import streamlit as st

from core.domain.backtest import Fill
from core.domain.bars import Bars, FloatArray
from core.report.comparison import Participant
from core.report.trade_words import describe_fill
from core.services import services
from pages.components.market_candles import Candles, build_candles
from pages.components.theme_colors import is_dark
from pages.components.trade_chart import DOWN, UP, find_candles

CANDLES = 1_500
"""Most candles; beyond it bars are summed up."""
MOST_AREAS = 200
"""Most shaded stretches; the longest ones where there are more."""
HEIGHT, TOP, STRIP = 330, 40, 34


def draw_compare_candles(one: Participant, other: Participant, colors: dict[str, str], *, key: str) -> None:
    """Draw both on the price; nothing but a word where their bars are not the same."""
    if one.detail is None or other.detail is None or one.bars_key != other.bars_key:
        st.caption("They ran on different bars, so their trades are not drawn on one price.")
        return
    if one.bars is None or other.bars is None:
        st.caption("The bars of these two cannot be had any more, so there are no candles.")
        return
    bars = one.bars.find_instrument("")
    positions = [each.position if each.position is not None else np.zeros(len(bars)) for each in (one, other)]
    found = build_candles(bars, services().market.compute_session_bounds(bars), limit=CANDLES)
    options = build_compare_candles(found, bars, (one, other), positions, (colors[one.id], colors[other.id]), dark=is_dark())
    apart = int(np.count_nonzero((positions[0] != 0) != (positions[1] != 0)))
    st.echarts_chart(
        options,
        height=TOP + HEIGHT + STRIP + 66,
        key=key,
        alt=f"{found.name} candles with the trades of {one.name} and {other.name}; on {apart} bars only one of them is in the market",
    )
    st.caption(
        f"Filled: only this one traded there; hollow: both did. Shaded: only one of them is in the market, {apart:,} of {len(bars):,} bars."
    )


def build_compare_candles(
    found: Candles, bars: Bars, pair: Sequence[Participant], positions: Sequence[FloatArray], colors: Sequence[str], *, dark: bool
) -> dict[str, Any]:
    """Build the chart's options."""
    names = [
        str(moment).replace("T", " ") for moment in bars.time[found.first].astype("datetime64[m]" if found.days < 1 else "datetime64[D]")
    ]
    own = [_list_fills(one, len(bars)) for one in pair]
    alone = [_find_alone(positions[place], positions[1 - place]) for place in (0, 1)]
    series: list[dict[str, Any]] = [_candles(found, dark)]
    for place, (one, color) in enumerate(zip(pair, colors, strict=True)):
        shared = {(fill.bar, fill.size > 0) for fill in own[1 - place]}
        series += [*_marks(found, one.name, own[place], shared, color), _shade(found, one.name, alone[place], color)]
        series.append(_strip(found, one.name, positions[place], color, level=1 - place))
    return {
        "animation": False,
        "legend": {"data": [one.name for one in pair], "top": 0, "left": 60, "itemWidth": 14},
        "tooltip": {"trigger": "axis", "confine": True, "axisPointer": {"type": "cross", "label": {"precision": 2}}},
        "axisPointer": {"link": [{"xAxisIndex": "all"}]},
        "grid": [
            {"left": 64, "right": 12, "top": TOP, "height": HEIGHT},
            {"left": 64, "right": 12, "top": TOP + HEIGHT + 8, "height": STRIP},
        ],
        "xAxis": [
            {"type": "category", "gridIndex": 0, "data": names, "axisLabel": {"show": False}},
            {"type": "category", "gridIndex": 1, "data": names},
        ],
        "yAxis": [
            {"type": "value", "gridIndex": 0, "scale": True, "splitNumber": 5},
            {"type": "value", "gridIndex": 1, "min": -0.5, "max": 1.5, "show": False},
        ],
        "dataZoom": [
            {"type": "inside", "xAxisIndex": [0, 1], "zoomOnMouseWheel": "ctrl", **_first_stretch(found, alone)},
            {"type": "slider", "xAxisIndex": [0, 1], "bottom": 4, "height": 20, **_first_stretch(found, alone)},
        ],
        "series": series,
    }


def _list_fills(one: Participant, count: int) -> list[Fill]:
    """Fills of the first instrument."""
    return [fill for fill in one.fills if not fill.instrument and 0 <= fill.bar < count]


def _find_alone(mine: FloatArray, theirs: FloatArray) -> list[tuple[int, int]]:
    """Stretches in which only the first one is in the market, as first and last bar; the longest ones, in their order.

    >>> _find_alone(np.array([0, 1, 1, 1, 0.0]), np.array([0, 0, 1, 0, 0.0]))
    [(1, 1), (3, 3)]
    """
    alone = np.concatenate(([False], (mine != 0) & (theirs == 0), [False]))
    edges = np.flatnonzero(alone[1:] != alone[:-1])
    stretches = [(int(start), int(stop) - 1) for start, stop in zip(edges[::2], edges[1::2], strict=True)]
    longest = sorted(stretches, key=lambda each: each[0] - each[1])[:MOST_AREAS]
    return sorted(longest)


def _first_stretch(found: Candles, alone: Sequence[list[tuple[int, int]]]) -> dict[str, int]:
    """The candles around the longest stretch in which they differ; everything where they never do, or where all fits."""
    every = [stretch for each in alone for stretch in each]
    if not every or len(found) <= 260:
        return {}
    first, last = max(every, key=lambda each: each[1] - each[0])
    start, stop = find_candles(found, (first, last))
    return {"startValue": max(start - 90, 0), "endValue": min(stop + 90, len(found) - 1)}


def _candles(found: Candles, dark: bool) -> dict[str, Any]:
    columns = np.column_stack((found.open, found.close, found.low, found.high))
    style = {"color": UP[dark], "borderColor": UP[dark], "color0": DOWN[dark], "borderColor0": DOWN[dark], "opacity": 0.75}
    return {"type": "candlestick", "name": "Price", "data": np.round(columns, 6).tolist(), "itemStyle": style}


def _marks(found: Candles, name: str, fills: Sequence[Fill], shared: set[tuple[int, bool]], color: str) -> list[dict[str, Any]]:
    """Triangles: up for a buy, down for a sale; hollow where the other one did the same on that bar."""
    data: dict[tuple[bool, bool], list[list[Any]]] = {}
    for fill, place in zip(fills, find_candles(found, [fill.bar for fill in fills]), strict=True):
        buys = fill.size > 0
        value = [place, round(fill.price, 6), f"{name}: {describe_fill(fill)}"]
        data.setdefault((buys, (fill.bar, buys) in shared), []).append(value)
    return [
        {
            "type": "scatter",
            "name": name,
            "data": points,
            "symbol": "triangle",
            "symbolRotate": 0 if buys else 180,
            "symbolSize": 11,
            "z": 5,
            "dimensions": ["bar", "price", "trade"],
            "encode": {"x": 0, "y": 1, "tooltip": [2]},
            "itemStyle": {"color": "rgba(0,0,0,0)" if both else color, "borderColor": color, "borderWidth": 1.6},
        }
        for (buys, both), points in data.items()
    ]


def _shade(found: Candles, name: str, stretches: Sequence[tuple[int, int]], color: str) -> dict[str, Any]:
    ends = find_candles(found, [bar for stretch in stretches for bar in stretch])
    areas = [[{"xAxis": first}, {"xAxis": last}] for first, last in zip(ends[::2], ends[1::2], strict=True)]
    area = {"silent": True, "itemStyle": {"color": color, "opacity": 0.13}, "data": areas}
    return {"type": "line", "name": f"only {name}", "data": [], "markArea": area, "itemStyle": {"color": color}}


def _strip(found: Candles, name: str, position: FloatArray, color: str, *, level: int) -> dict[str, Any]:
    """A thick line at its own height while a position is held."""
    held = position[np.minimum(found.last, len(position) - 1)] != 0 if len(position) else np.zeros(len(found), dtype=bool)
    return {
        "type": "line",
        "name": name,
        "xAxisIndex": 1,
        "yAxisIndex": 1,
        "showSymbol": False,
        "tooltip": {"show": False},
        "itemStyle": {"color": color},
        "lineStyle": {"width": 9, "color": color, "cap": "butt"},
        "data": [level if each else None for each in held.tolist()],
    }
