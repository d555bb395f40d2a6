"""Candles with what was traded on them: entries and exits with their reasons, lines of the rows, the account below, on one axis."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from core.domain.backtest import Fill, Trade
from core.domain.bars import Bars, FloatArray
from core.domain.metrics import drawdown_series
from core.domain.sessions import SessionBounds
from core.report.series_colors import SERIES
from core.report.trade_words import describe_exit, describe_fill
from pages.components.market_candles import Candles, build_candles
from pages.components.theme_colors import MIDDLE_GRAY, is_dark

CANDLES = 1_500
"""Most candles of the whole range; beyond it bars are summed up."""
CLOSER = 60
"""Candles on each side of a trade that was chosen."""
UP, DOWN = {False: "#0b8f63", True: "#4cc99a"}, {False: "#cc3340", True: "#f0737d"}
PRICE_HEIGHT, ACCOUNT_HEIGHT, FALL_HEIGHT, GAP = 300, 120, 80, 34
TOP, FOOT = 30, 62


@dataclass(frozen=True, slots=True)
class AccountCurve:
    """Value of an account at each bar; `value` has shape (bars,)."""

    name: str
    value: FloatArray
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Overlay:
    """A line over the candles; `value` has shape (bars,), NaN where it is not defined."""

    name: str
    value: FloatArray


def draw_trade_chart(
    bars: Bars,
    bounds: SessionBounds,
    fills: Sequence[Fill],
    trades: Sequence[Trade],
    *,
    key: str,
    curves: Sequence[AccountCurve] = (),
    overlays: Sequence[Overlay] = (),
    chosen: int | None = None,
    log: bool = False,
    price_height: int = PRICE_HEIGHT,
    start_value: float = 1.0,
    limit: int = CANDLES,
    shown: int | None = None,
) -> Candles:
    """Draw the chart; `chosen` is a trade to go to, `limit` the most candles, `shown` the last ones of them that one begins with.

    The line under the pointer and the stretch below run through all of it.
    """
    found = build_candles(bars, bounds, limit=limit)
    options = build_trade_chart(
        found,
        bars,
        fills,
        trades,
        curves=curves,
        overlays=overlays,
        chosen=chosen,
        log=log,
        price_height=price_height,
        start_value=start_value,
        dark=is_dark(),
        shown=shown,
    )
    st.echarts_chart(options, height=measure_height(price_height, curves), key=key, alt=describe_chart(found, bars, trades, curves))
    return found


def measure_height(price_height: int, curves: Sequence[AccountCurve]) -> int:
    """Height of the whole chart in pixels."""
    return TOP + price_height + FOOT + (ACCOUNT_HEIGHT + FALL_HEIGHT + 2 * GAP if curves else 0)


def describe_chart(found: Candles, bars: Bars, trades: Sequence[Trade], curves: Sequence[AccountCurve]) -> str:
    """Describe the chart for those who cannot see it."""
    won = sum(trade.profit > 0 for trade in trades)
    below = f"; below it the account, {', '.join(curve.name for curve in curves)}, and its falls from the peak" if curves else ""
    return f"{found.name} candles of {bars.instrument.symbol} with entries and exits of {len(trades)} trades, {won} with a profit{below}"


def build_trade_chart(
    found: Candles,
    bars: Bars,
    fills: Sequence[Fill],
    trades: Sequence[Trade],
    *,
    curves: Sequence[AccountCurve] = (),
    overlays: Sequence[Overlay] = (),
    chosen: int | None = None,
    log: bool = False,
    price_height: int = PRICE_HEIGHT,
    start_value: float = 1.0,
    dark: bool = False,
    shown: int | None = None,
) -> dict[str, Any]:
    """Build the chart's options."""
    panes = [("Price", price_height)] + ([("Account", ACCOUNT_HEIGHT), ("Drawdown, %", FALL_HEIGHT)] if curves else [])
    tops = [TOP + sum(height + GAP for _, height in panes[:place]) for place in range(len(panes))]
    up, down = UP[dark], DOWN[dark]
    series = [_candles(found, up, down)]
    series += [_over_price(found, overlay, SERIES[dark][(place + 1) % len(SERIES[dark])]) for place, overlay in enumerate(overlays)]
    series += _marks(found, bars, fills, trades, up, down)
    for place, curve in enumerate(curves):
        color = SERIES[dark][0] if place == 0 else MIDDLE_GRAY
        series += [
            _line(found, curve.name, curve.value, color, pane=1, dashed=curve.dashed),
            _line(
                found, curve.name, 100 * drawdown_series(curve.value, start_value=start_value), color, pane=2, dashed=curve.dashed, digits=1
            ),
        ]
    every = list(range(len(panes)))
    stretch = _find_stretch(found, trades, chosen, shown)
    return {
        "animation": False,
        "legend": {"top": 0, "left": 60, "type": "scroll", "itemWidth": 14},
        "tooltip": {"trigger": "axis", "confine": True, "axisPointer": {"type": "cross", "label": {"precision": 2}}},
        "axisPointer": {"link": [{"xAxisIndex": "all"}]},
        "title": [
            {"text": name, "left": 0, "top": top - 24, "textStyle": {"fontSize": 12, "fontWeight": 500}}
            for (name, _), top in list(zip(panes, tops, strict=True))[1:]
        ],
        "grid": [{"left": 64, "right": 12, "top": top, "height": height} for (_, height), top in zip(panes, tops, strict=True)],
        "xAxis": [
            {"type": "category", "gridIndex": place, "data": _name_candles(found, bars), "axisLabel": {"show": place == every[-1]}}
            for place in every
        ],
        "yAxis": [
            {"type": "value", "gridIndex": 0, "scale": True, "splitNumber": 5},
            *({"type": "log" if log and pane == 1 else "value", "gridIndex": pane, "scale": True, "splitNumber": 3} for pane in every[1:]),
        ],
        "dataZoom": [
            {"type": "inside", "xAxisIndex": every, "zoomOnMouseWheel": "ctrl", **stretch},
            {"type": "slider", "xAxisIndex": every, "bottom": 8, "height": 20, **stretch},
        ],
        "series": series,
    }


def find_candle(found: Candles, bar: int) -> int:
    """Place of the candle that holds a bar."""
    return find_candles(found, [bar])[0]


def find_candles(found: Candles, bars: Sequence[int]) -> list[int]:
    """Places of the candles that hold some bars."""
    places: list[int] = np.clip(
        np.searchsorted(found.first, np.asarray(bars, dtype=np.int64), side="right") - 1, 0, len(found) - 1
    ).tolist()
    return places


def _find_stretch(found: Candles, trades: Sequence[Trade], chosen: int | None, shown: int | None) -> dict[str, int]:
    """The candles around a chosen trade; the last `shown` ones while none is chosen, everything without a number."""
    if chosen is None or not 0 <= chosen < len(trades):
        return {} if shown is None or len(found) <= shown else {"startValue": len(found) - shown, "endValue": len(found) - 1}
    trade = trades[chosen]
    first = find_candle(found, trade.entry_bar)
    last = find_candle(found, trade.exit_bar) if trade.exit_bar is not None else len(found) - 1
    return {"startValue": max(first - CLOSER, 0), "endValue": min(last + CLOSER, len(found) - 1)}


def _name_candles(found: Candles, bars: Bars) -> list[str]:
    stamp = "m" if found.days < 1 else "D"
    return [str(moment).replace("T", " ") for moment in bars.time[found.first].astype(f"datetime64[{stamp}]")]


def _candles(found: Candles, up: str, down: str) -> dict[str, Any]:
    columns = np.column_stack((found.open, found.close, found.low, found.high))
    return {
        "type": "candlestick",
        "name": "Price",
        "data": np.round(columns, 6).tolist(),
        "itemStyle": {"color": up, "borderColor": up, "color0": down, "borderColor0": down},
    }


def _line(
    found: Candles, name: str, value: FloatArray, color: str, *, pane: int, dashed: bool = False, digits: int = 2, width: float = 1.6
) -> dict[str, Any]:
    kept = np.minimum(found.last, len(value) - 1)
    return {
        "type": "line",
        "name": name,
        "xAxisIndex": pane,
        "yAxisIndex": pane,
        "showSymbol": False,
        "itemStyle": {"color": color},
        "lineStyle": {"width": width, "color": color, "type": "dashed" if dashed else "solid"},
        "data": [None if not np.isfinite(number) else round(float(number), digits) for number in value[kept]],
    }


def _over_price(found: Candles, overlay: Overlay, color: str) -> dict[str, Any]:
    return _line(found, overlay.name, overlay.value, color, pane=0, digits=6, width=1.2)


def _marks(found: Candles, bars: Bars, fills: Sequence[Fill], trades: Sequence[Trade], up: str, down: str) -> list[dict[str, Any]]:
    """Triangles at the fills: entries point up or down with the trade's side, exits are diamonds with their reason."""
    closed = {trade.exit_bar: trade for trade in trades if trade.exit_bar is not None}
    sides: Mapping[str, list[list[Any]]] = {"Buys": [], "Sells": []}
    inside = [fill for fill in fills if 0 <= fill.bar < len(bars)]
    for fill, place in zip(inside, find_candles(found, [fill.bar for fill in inside]), strict=True):
        ended = closed.get(fill.bar)
        leaves = ended is not None and (fill.size > 0) != (ended.size > 0)
        words = describe_exit(ended, fill) if ended is not None and leaves else describe_fill(fill)
        sides["Buys" if fill.size > 0 else "Sells"].append([place, round(fill.price, 6), words])
    return [
        {
            "type": "scatter",
            "name": name,
            "data": data,
            "symbol": "triangle",
            "symbolRotate": rotation,
            "symbolSize": 11,
            "z": 5,
            "dimensions": ["bar", "price", "trade"],
            "encode": {"x": 0, "y": 1, "tooltip": [2]},
            "itemStyle": {"color": color, "borderColor": "#ffffff", "borderWidth": 1},
        }
        for (name, data), rotation, color in zip(sides.items(), (0, 180), (up, down), strict=True)
    ]
