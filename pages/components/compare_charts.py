"""Charts of a comparison: growth, drawdown, time in the market and moving Sharpe ratio over one time axis; iterations as points."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from core.domain.bars import FloatArray, TimeArray
from core.domain.iteration import Iteration
from core.domain.metrics import drawdown_series
from pages.components.charts import QUIET, downsample

POINTS = 420
"""Most points of one line."""
STRIPS = 300
"""Most stretches in the market that are drawn for one strategy; the shortest pauses are closed beyond that."""
WIDTH = 1.8
HEIGHT = 790


@dataclass(frozen=True, slots=True)
class ComparedCurve:
    """One participant over time; arrays have shape (n,)."""

    name: str
    color: str
    time: TimeArray
    growth: FloatArray
    """Account value over what it began with."""
    position: FloatArray | None = None
    """Units held at each close; None for buy and hold."""
    sharpe: FloatArray | None = None
    """Sharpe ratio of the year before, NaN where that is not full; None where it is not computed."""
    dashed: bool = False


def draw_over_time(curves: Sequence[ComparedCurve], *, log: bool, key: str, on_mark: Callable[[], None]) -> None:
    """Draw four charts of one time axis; a line under the pointer runs through all of them, `on_mark` is called for a marked stretch."""
    st.echarts_chart(
        build_over_time(curves, log=log),
        height=HEIGHT,
        key=key,
        on_select=on_mark,
        alt="Growth of the account, drawdown, time in the market and Sharpe ratio of the last year, over time",
    )


def read_marked_days(event: object) -> tuple[date, date] | None:
    """Read the first and last day of the stretch that is marked on the chart; None while there is none, and for less than two days.

    >>> read_marked_days({"selection": {"areas": [{"brush_type": "lineX", "coord_range": [86_400_000 * 3, 86_400_000 * 9]}]}})
    (datetime.date(1970, 1, 4), datetime.date(1970, 1, 10))
    """
    areas = event.get("selection", {}).get("areas", ()) if isinstance(event, Mapping) else ()
    ends = next((area["coord_range"] for area in areas if area.get("brush_type") == "lineX"), None)
    if ends is None or not all(isinstance(end, int | float) and math.isfinite(end) for end in ends):
        return None
    first, last = (datetime.fromtimestamp(end / 1000, UTC).date() for end in sorted(ends))
    return (first, last) if first < last else None


def build_over_time(curves: Sequence[ComparedCurve], *, log: bool) -> dict[str, Any]:
    """Build the chart: growth, drawdown, strips while a position is held, and the Sharpe ratio of the year before."""
    held = [curve for curve in curves if curve.position is not None]
    tops, heights = (64, 348, 500, 630), (250, 118, 96, 96)
    short = "" if any(curve.sharpe is not None for curve in curves) else ": needs 2 years of days"
    titles = ("Growth of the account, start = 1", "Drawdown, %", "In the market", f"Sharpe ratio of the last year{short}")
    series: list[dict[str, Any]] = []
    for curve in curves:
        series.append(_line(curve, 0, curve.growth))
        series.append(_line(curve, 1, 100 * drawdown_series(curve.growth, start_value=1.0)))
        if curve.sharpe is not None:
            series.append(_line(curve, 3, curve.sharpe))
    series += [_strip(curve, len(held) - place) for place, curve in enumerate(held)]
    names = {curve.name: curve.color for curve in curves}
    ends = [_to_milliseconds(curve.time[[0, -1]]) for curve in curves]
    first, last = min(start for start, _ in ends), max(stop for _, stop in ends)
    return {
        "animation": False,
        "legend": {
            "data": list(names),
            "type": "scroll",
            "top": 0,
            "left": 0,
            "right": 0,
            "itemWidth": 16,
        },  # a line of its own: on a phone too
        "title": [
            {"text": title, "left": 0, "top": top - 26, "textStyle": {"fontSize": 13, "fontWeight": 500}}
            for title, top in zip(titles, tops, strict=True)
        ],
        "tooltip": {"trigger": "axis", "confine": True, "valueFormatter": "%.2f"},
        "axisPointer": {"link": [{"xAxisIndex": "all"}]},
        "toolbox": {"top": 36, "right": 4, "feature": {"brush": {"title": {"lineX": "Mark a stretch", "clear": "Take the mark away"}}}},
        "brush": {"toolbox": ["lineX", "clear"], "xAxisIndex": "all", "throttleType": "debounce", "throttleDelay": 250},
        "grid": [{"left": 56, "right": 12, "top": top, "height": height} for top, height in zip(tops, heights, strict=True)],
        "xAxis": [{"type": "time", "gridIndex": place, "axisLabel": {"show": place == 3}, "min": first, "max": last} for place in range(4)],
        "yAxis": [
            {"type": "log" if log else "value", "logBase": 2, "gridIndex": 0, "scale": True, "splitNumber": 4},
            {"type": "value", "gridIndex": 1, "splitNumber": 3},
            {"type": "value", "gridIndex": 2, "min": 0, "max": len(held) + 1, "show": False},
            {"type": "value", "gridIndex": 3, "splitNumber": 3, "scale": True},
        ],
        "dataZoom": [
            {"type": "inside", "xAxisIndex": [0, 1, 2, 3]},
            {"type": "slider", "xAxisIndex": [0, 1, 2, 3], "bottom": 4, "height": 22},
        ],
        "series": series,
    }


def _line(curve: ComparedCurve, axis: int, value: FloatArray) -> dict[str, Any]:
    defined = np.flatnonzero(np.isfinite(value))
    kept = defined[downsample(value[defined], POINTS)] if len(defined) else defined
    return {
        "type": "line",
        "name": curve.name,
        "xAxisIndex": axis,
        "yAxisIndex": axis,
        "showSymbol": False,
        "itemStyle": {"color": curve.color},
        "lineStyle": {"width": WIDTH, "color": curve.color, "type": "dashed" if curve.dashed else "solid"},
        "data": [[moment, round(float(number), 5)] for moment, number in zip(_to_milliseconds(curve.time[kept]), value[kept], strict=True)],
    }


def _strip(curve: ComparedCurve, level: int) -> dict[str, Any]:
    """A thick line at its own height while a position is held."""
    stretches = np.array(find_stretches(np.zeros(0) if curve.position is None else curve.position, most=STRIPS), dtype=np.intp)
    points: list[list[Any]] = []
    for start, stop in _pair(_to_milliseconds(curve.time[stretches.ravel()])):
        points += [[start, level], [stop, level], [stop, None]]
    return {
        "type": "line",
        "name": curve.name,
        "xAxisIndex": 2,
        "yAxisIndex": 2,
        "showSymbol": False,
        "tooltip": {"show": False},
        "itemStyle": {"color": curve.color},
        "lineStyle": {"width": 9, "color": curve.color, "cap": "butt"},
        "data": points,
    }


def _pair(moments: Sequence[int]) -> Iterator[tuple[int, int]]:
    return zip(moments[::2], moments[1::2], strict=True)


def find_stretches(position: FloatArray, *, most: int) -> list[tuple[int, int]]:
    """Find the stretches in which a position is held, as first and last bar; beyond `most` the shortest pauses are closed.

    >>> find_stretches(np.array([0, 1, 1, 0, -1, 0.0]), most=10)
    [(1, 2), (4, 4)]
    """
    held = np.concatenate(([False], position != 0, [False]))
    edges = np.flatnonzero(held[1:] != held[:-1])
    starts, stops = edges[::2], edges[1::2] - 1
    if len(starts) > most:
        pauses = starts[1:] - stops[:-1]
        kept = np.sort(np.argsort(pauses)[::-1][: most - 1])
        starts, stops = np.concatenate((starts[:1], starts[1:][kept])), np.concatenate((stops[:-1][kept], stops[-1:]))
    return [(int(start), int(stop)) for start, stop in zip(starts, stops, strict=True)]


def _to_milliseconds(time: TimeArray) -> list[int]:
    moments: NDArray[np.int64] = time.astype("datetime64[ms]").astype(np.int64)
    found: list[int] = moments.tolist()
    return found


def draw_all_iterations(iterations: Sequence[Iteration], chosen: Mapping[int, tuple[str, str]], *, key: str) -> None:
    """Draw every iteration of a run by drawdown and return; `chosen` gives name and color of those that take part."""
    rows = [
        {
            "drawdown": each.metrics.max_drawdown,
            "return": each.metrics.total_return,
            "trades": each.metrics.trades,
            "iteration": f"{each.number}",
            "who": chosen[each.number][0] if each.number in chosen else "Others",
        }
        for each in iterations
        if each.metrics is not None and each.error is None
    ]
    if not rows:
        return
    domain = [*dict.fromkeys(name for name, _ in chosen.values()), "Others"]
    colors = [*(color for _, color in chosen.values()), QUIET]
    base = alt.Chart(pd.DataFrame(rows)).encode(
        x=alt.X("drawdown:Q", title="Max drawdown, training (right is better)", axis=alt.Axis(format=".0%", grid=False)),
        y=alt.Y("return:Q", title="Total return", axis=alt.Axis(format=".0%", tickCount=5)),
        color=alt.Color("who:N", title=None, scale=alt.Scale(domain=domain, range=colors), legend=None),
        tooltip=[
            alt.Tooltip("iteration:N", title="Iteration"),
            alt.Tooltip("return:Q", title="Total return", format=".1%"),
            alt.Tooltip("drawdown:Q", title="Max drawdown", format=".1%"),
            alt.Tooltip("trades:Q", title="Closed trades"),
        ],
    )
    points = base.mark_circle(opacity=0.9).encode(size=alt.Size("trades:Q", legend=None, scale=alt.Scale(range=[60, 360])))
    names = base.mark_text(dx=12, align="left", fontSize=11).encode(text="iteration:N")
    chart = (points + names).properties(height=300).configure_view(strokeWidth=0)
    st.altair_chart(chart, key=key, alt="Return against drawdown of every iteration")
