"""Charts of a comparison: growth, drawdown, time in the market and moving Sharpe ratio over one time axis; iterations as points."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.domain.bars import FloatArray, TimeArray
from core.domain.hold_out import HoldOut
from core.domain.iteration import Iteration
from core.report.comparison import Participant
from pages.components.browser_code import read_browser_code
from pages.components.charts import QUIET, downsample
from pages.components.growth_chart import GrowthLine, extend_over_hold_out

POINTS, FEWER_POINTS = 700, 420
"""Most points of an account and of a moving Sharpe ratio; the charts may be narrowed down in the browser."""
STRIPS = 300
"""Most stretches in the market that are drawn for one strategy; the shortest pauses are closed beyond that."""

_draw = st.components.v2.component(
    "stratloop_over_time",
    html=read_browser_code("over_time.html"),
    css=read_browser_code("over_time.css"),
    js=read_browser_code("live_charts.js", "over_time.js"),
)


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
    short: str = ""
    """Name where there is little room; the whole one without it."""
    account: GrowthLine | None = None
    """Growth of training and, behind it, of the hold-out; None where nobody looked at that, or it is not shown."""

    @property
    def whole(self) -> tuple[TimeArray, FloatArray]:
        """Moments and growth of everything that is shown of the account."""
        return (self.time, self.growth) if self.account is None else (self.account.time, self.account.growth)


def find_shared_hold_out(participants: Sequence[Participant]) -> HoldOut | None:
    """Find the hold-out that all participants have, where somebody looked at it; None where they have different ones, or none."""
    known = {(one.run.hold_out.first, one.run.hold_out.last): one.run.hold_out for one in participants if one.run.hold_out}
    same = len(known) == 1 and all(one.run.hold_out is not None for one in participants)
    return next(iter(known.values())) if same else None


def extend_curve(curve: ComparedCurve, one: Participant) -> ComparedCurve:
    """Extend a curve over the hold-out of its run; as it is where nobody looked for this one."""
    held, figure = one.run.hold_out, one.hold_out_figure
    line = GrowthLine(curve.name, curve.color, curve.time, curve.growth)
    extended = extend_over_hold_out(line, held, figure)
    return curve if extended is line else replace(curve, account=extended)


def draw_over_time(curves: Sequence[ComparedCurve], *, log: bool, dark: bool, key: str, on_mark: Callable[[], None]) -> None:
    """Draw four charts of one time axis, which are read together; `on_mark` is called for a stretch that was marked on them."""
    _draw(data=describe_over_time(curves, log=log, dark=dark), key=key, on_marked_change=on_mark)


def read_marked_days(state: object) -> tuple[date, date] | None:
    """Read the first and last day of the stretch that was marked on the charts; None while there is none, and for less than two days.

    >>> read_marked_days({"marked": [86_400_000 * 3, 86_400_000 * 9]})
    (datetime.date(1970, 1, 4), datetime.date(1970, 1, 10))
    """
    ends = state.get("marked") if isinstance(state, Mapping) else None
    if not isinstance(ends, list) or len(ends) != 2 or not all(isinstance(end, int | float) and math.isfinite(end) for end in ends):
        return None
    first, last = (datetime.fromtimestamp(end / 1000, UTC).date() for end in sorted(ends))
    return (first, last) if first < last else None


def describe_over_time(curves: Sequence[ComparedCurve], *, log: bool, dark: bool) -> dict[str, Any]:
    """Describe the charts for the browser: thinned growth and Sharpe ratio of each curve, and the stretches with a position."""
    ends = [_to_milliseconds(curve.whole[0][[0, -1]]) for curve in curves]
    return {
        "curves": [_describe_curve(curve) for curve in curves],
        "first": min(start for start, _ in ends),
        "last": max(stop for _, stop in ends),
        "trained": max(_to_milliseconds(curve.time[[-1]])[0] for curve in curves),
        "holdOut": _find_hold_out(curves),
        "log": log,
        "dark": dark,
    }


def _describe_curve(curve: ComparedCurve) -> dict[str, Any]:
    time, growth = curve.whole
    stretches = None if curve.position is None else find_stretches(curve.position, most=STRIPS)
    return {
        "name": curve.name,
        "short": curve.short or curve.name,
        "color": curve.color,
        "dashed": curve.dashed,
        "growth": _thin(time, growth, POINTS),
        "sharpe": None if curve.sharpe is None else _thin(curve.time, curve.sharpe, FEWER_POINTS),
        "held": None if stretches is None else [_to_milliseconds(curve.time[list(stretch)]) for stretch in stretches],
    }


def _thin(time: TimeArray, value: FloatArray, points: int) -> list[list[float]]:
    defined = np.flatnonzero(np.isfinite(value))
    kept = defined[downsample(value[defined], points)] if len(defined) else defined
    return [list(point) for point in zip(_to_milliseconds(time[kept]), np.round(value[kept], 5).tolist(), strict=True)]


def _find_hold_out(curves: Sequence[ComparedCurve]) -> list[int] | None:
    """Ends of the hold-out in milliseconds, from the last bar of training on; None where nothing of it is shown."""
    extended = [curve for curve in curves if curve.account is not None]
    if not extended:
        return None
    trained, shown = max(curve.time[-1] for curve in extended), max(curve.whole[0][-1] for curve in extended)
    return _to_milliseconds(np.array([trained, shown], dtype="datetime64[ms]"))


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


def draw_all_iterations(iterations: Sequence[Iteration], chosen: Mapping[int, tuple[str, str]], *, key: str) -> int | None:
    """Draw every iteration of a run by drawdown and return; gives the number of the one that was pointed out with a click.

    `chosen` gives name and color of those that take part.
    """
    shown = [each for each in iterations if each.metrics is not None and each.error is None]
    if not shown:
        st.caption("No iteration of this run has figures yet.")
        return None
    options = build_all_iterations(shown, chosen)
    event = st.echarts_chart(options, height=420, key=key, on_select="rerun", alt="Return against drawdown of every iteration")
    return read_pointed_out(event, options)


def read_pointed_out(event: object, options: Mapping[str, Any]) -> int | None:
    """Read the number of the iteration whose circle was clicked; None without one.

    >>> chart = {"series": [{"name": "Others", "data": [{"name": "3"}, {"name": "7"}]}]}
    >>> read_pointed_out({"selection": {"selected": [{"series_index": 0, "data_indices": [1]}]}}, chart)
    7
    """
    groups = event.get("selection", {}).get("selected", ()) if isinstance(event, Mapping) else ()
    for group in groups:
        data = options["series"][group["series_index"]]["data"] if group["series_index"] < len(options["series"]) else ()
        for place in group["data_indices"]:
            if place < len(data):
                return int(data[place]["name"])
    return None


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
                "selectedMode": "single" if name == "Others" else False,
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
