"""Charts of a comparison: growth, drawdown, time in the market and moving Sharpe ratio over one time axis; iterations as points."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
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
LOG_FROM = 3.0
"""Ratio of the highest to the lowest account from which a logarithmic scale is another picture; below it, round steps read better."""
PANELS = ((64, 250), (348, 118), (500, 96), (630, 96))
"""Top and height of growth, drawdown, time in the market and moving Sharpe ratio, in pixels."""
FOOT = 64
"""Pixels below the last of them, for days and the strip that zooms."""


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
        height=measure_height(curves),
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
    panels = _choose_panels(curves)
    tops, heights = [top for top, _ in panels], [height for _, height in panels]
    titles = ("Growth of the account, start = 1", "Drawdown, %", "In the market", "Sharpe ratio of the last year")
    every = list(range(len(panels)))
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
            for title, top in zip(titles, tops, strict=False)
        ],
        "tooltip": {"trigger": "axis", "confine": True, "valueFormatter": "%.2f"},
        "axisPointer": {"link": [{"xAxisIndex": "all"}]},
        "toolbox": {"top": 36, "right": 4, "feature": {"brush": {"title": {"lineX": "Mark a stretch", "clear": "Take the mark away"}}}},
        "brush": {"toolbox": ["lineX", "clear"], "xAxisIndex": "all", "throttleType": "debounce", "throttleDelay": 150},
        "grid": [{"left": 56, "right": 12, "top": top, "height": height} for top, height in zip(tops, heights, strict=True)],
        "xAxis": [
            {"type": "time", "gridIndex": place, "axisLabel": {"show": place == every[-1]}, "min": first, "max": last} for place in every
        ],
        "yAxis": [
            {
                "type": "log" if log and _spread(curves) >= LOG_FROM else "value",
                "logBase": 2,
                "gridIndex": 0,
                "scale": True,
                "splitNumber": 4,
            },
            {"type": "value", "gridIndex": 1, "splitNumber": 3},
            {"type": "value", "gridIndex": 2, "min": 0, "max": len(held) + 1, "show": False},
            {"type": "value", "gridIndex": 3, "splitNumber": 3, "scale": True},
        ][: len(panels)],
        "dataZoom": [
            {"type": "inside", "xAxisIndex": every, "zoomOnMouseWheel": "ctrl"},
            {"type": "slider", "xAxisIndex": every, "bottom": 4, "height": 22},
        ],
        "series": series,
    }


def measure_height(curves: Sequence[ComparedCurve]) -> int:
    """Measure the height of the chart, in pixels."""
    top, height = _choose_panels(curves)[-1]
    return top + height + FOOT


def _choose_panels(curves: Sequence[ComparedCurve]) -> tuple[tuple[int, int], ...]:
    """All four; without the last one where no curve has a moving Sharpe ratio."""
    return PANELS if any(curve.sharpe is not None for curve in curves) else PANELS[:3]


def _spread(curves: Sequence[ComparedCurve]) -> float:
    """Ratio of the highest to the lowest account; 0 where one had nothing left, which no logarithm shows."""
    lowest, highest = min(float(curve.growth.min()) for curve in curves), max(float(curve.growth.max()) for curve in curves)
    return highest / lowest if lowest > 0 else 0.0


def _line(curve: ComparedCurve, axis: int, value: FloatArray) -> dict[str, Any]:
    defined = np.flatnonzero(np.isfinite(value))
    kept = defined[downsample(value[defined], POINTS)] if len(defined) else defined
    points = zip(_to_milliseconds(curve.time[kept]), np.round(value[kept], 5).tolist(), strict=True)
    return {
        "type": "line",
        "name": curve.name,
        "xAxisIndex": axis,
        "yAxisIndex": axis,
        "showSymbol": False,
        "itemStyle": {"color": curve.color},
        "lineStyle": {"width": WIDTH, "color": curve.color, "type": "dashed" if curve.dashed else "solid"},
        "data": [list(point) for point in points],
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
    shown = [each for each in iterations if each.metrics is not None and each.error is None]
    if not shown:
        st.caption("No iteration of this run has figures yet.")
        return
    st.echarts_chart(build_all_iterations(shown, chosen), height=420, key=key, alt="Return against drawdown of every iteration")


def build_all_iterations(iterations: Sequence[Iteration], chosen: Mapping[int, tuple[str, str]]) -> dict[str, Any]:
    """Build the chart: a circle an iteration, the larger the more trades it closed, those that take part in their colors."""
    most = max((each.metrics.trades for each in iterations if each.metrics), default=0) or 1
    points: dict[str, list[dict[str, Any]]] = {"Others": [], **{name: [] for name, _ in chosen.values()}}
    for each in iterations:
        if each.metrics is None:
            continue
        value = [round(100 * each.metrics.max_drawdown, 2), round(100 * each.metrics.total_return, 2), each.metrics.trades]
        size = 9 + 15 * math.sqrt(each.metrics.trades / most)
        points[chosen[each.number][0] if each.number in chosen else "Others"].append(
            {"name": str(each.number), "value": value, "symbolSize": round(size, 1)}
        )
    colors = {"Others": QUIET, **dict(chosen.values())}
    return {
        "animation": False,
        "tooltip": {"trigger": "item", "confine": True},
        "grid": {"left": 56, "right": 26, "top": 12, "bottom": 46},
        "xAxis": _percent_axis("Max drawdown, training (right is better)", gap=28),
        "yAxis": _percent_axis("Total return", gap=42) | {"splitNumber": 4},
        "series": [
            {
                "type": "scatter",
                "name": name,
                "data": data,
                "dimensions": ["Max drawdown, %", "Total return, %", "Closed trades"],
                "encode": {"x": 0, "y": 1, "tooltip": [1, 0, 2]},
                "itemStyle": {"color": colors[name], "opacity": 0.55 if name == "Others" else 0.95},
                "label": {"show": True, "formatter": "{b}", "position": "right", "fontSize": 11},
                "labelLayout": {"hideOverlap": True},
                "z": 2 if name == "Others" else 3,
            }
            for name, data in points.items()
        ],
    }


def _percent_axis(name: str, *, gap: int) -> dict[str, Any]:
    return {
        "type": "value",
        "name": name,
        "nameLocation": "middle",
        "nameGap": gap,
        "scale": True,
        "splitNumber": 4,
        "axisLabel": {"formatter": "{value}%", "hideOverlap": True},
    }
