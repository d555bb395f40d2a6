"""Pictures of a sweep: a heat map over two of its numbers, and all of its points as lines over parallel axes."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from core.domain.run import Objective
from core.domain.sweep import Axis
from core.evidence.surface import PointStanding
from core.report import labels
from core.report.figures import format_score
from core.report.sweep_report import SeriesReport, SweepPoint
from pages.components.kept_charts import draw_chart
from pages.components.theme_colors import MIDDLE_GRAY, is_dark

MOST_LINES = 400
"""Points that are drawn over parallel axes, the best ones; more are one gray area."""
MARKS = {PointStanding.PLATEAU: "▲", PointStanding.CLIFF: "✕"}
"""Signs on the cells of a heat map."""
SIGN_WORDS = "▲ on a plateau, ✕ beside a cliff"
RAMP = ["#c43a47", "#e9e4d8", "#2256d8"]
"""From the worst over the middle to the best; told apart also without red and green."""
DARK_RAMP = ["#e0626d", "#3a4150", "#6f9bff"]
MARGIN = 0.1
"""Part of a parallel axis's length above its top and below its bottom, where their numbers stand and no line runs."""

Cell = dict[str, object]
"""One row of a chart's table."""


def draw_heat_map(series: SeriesReport, axes: Sequence[Axis], across: str, down: str, objective: Objective, *, key: str) -> None:
    """Draw the scores over two numbers; where others vary too, a cell is the best of its points."""
    cells = build_cells(series, across, down, objective)
    if not cells:
        st.caption("No point has a score yet.")
        return
    told = f"{labels.OBJECTIVE[objective]} over {across} and {down}: {len(cells)} cells; the best is framed; {SIGN_WORDS}"
    draw_chart(partial(build_heat_map, cells, across, down, objective, dark=is_dark()), key=key, alt_text=told)


def build_heat_map(found: Sequence[Cell], across: str, down: str, objective: Objective, *, dark: bool) -> alt.LayerChart:
    """Build the map from its cells."""
    rows = pd.DataFrame(found)
    x = alt.X("across:O", title=across, axis=alt.Axis(labelAngle=0, labelOverlap=True))
    y = alt.Y("down:O", title=down, sort="descending", axis=alt.Axis(labelOverlap=True))
    ramp = DARK_RAMP if dark else RAMP
    color = alt.Color(
        "score:Q", title=labels.OBJECTIVE[objective], scale=alt.Scale(range=ramp, interpolate="rgb"), legend=alt.Legend(orient="right")
    )
    tip = [
        alt.Tooltip("point:N", title="Point"),
        alt.Tooltip("across:O", title=across),
        alt.Tooltip("down:O", title=down),
        alt.Tooltip("shown:N", title=labels.OBJECTIVE[objective]),
        alt.Tooltip("standing:N", title="Stands on"),
    ]
    base = alt.Chart(rows).encode(x=x, y=y)
    cells = base.mark_rect(stroke=MIDDLE_GRAY, strokeWidth=0.3).encode(color=color, tooltip=tip)
    signs = base.transform_filter("datum.sign != ''").mark_text(fontSize=11).encode(text=alt.Text("sign:N"), tooltip=tip, color=_ink(dark))
    best = base.transform_filter("datum.best").mark_rect(filled=False, strokeWidth=2.5).encode(stroke=_ink(dark), tooltip=tip)
    height = max(180, min(520, 24 * rows["down"].nunique() + 60))
    chart: alt.LayerChart = alt.layer(cells, signs, best).properties(height=height)
    return chart


def _ink(dark: bool) -> Any:
    return alt.value("#f4f6fb" if dark else "#111827")


def build_cells(series: SeriesReport, across: str, down: str, objective: Objective) -> list[Cell]:
    """Build the cells of a heat map: the best point of each pair of values."""
    cells: dict[tuple[float, float], SweepPoint] = {}
    for point in series.points:
        if across not in point.numbers or down not in point.numbers or (point.number == 0 and len(series.points) > 1):
            continue
        place = (point.numbers[across], point.numbers[down])
        before = cells.get(place)
        if before is None or (point.score is not None and (before.score is None or point.score > before.score)):
            cells[place] = point
    return [
        {
            "across": place[0],
            "down": place[1],
            "score": point.score,
            "shown": format_score(point.score, objective) if point.score is not None else point.problem or "no score",
            "point": str(point.number),
            "standing": labels.STANDING[point.standing],
            "sign": MARKS.get(point.standing, ""),
            "best": point.number == series.best,
        }
        for place, point in cells.items()
    ]


def draw_parallel(series: SeriesReport, axes: Sequence[Axis], objective: Objective, *, key: str) -> None:
    """Draw each point as a line over one axis for each number, and the score at the end; the best ones lie on top."""
    scored = sorted((one for one in series.points if one.score is not None), key=lambda one: one.score or 0.0, reverse=True)[:MOST_LINES]
    if len(scored) < 2:
        st.caption("Lines are drawn once two points have a score.")
        return
    lines = build_lines(scored, axes, objective, series.best)
    told = f"{len(scored)} points as lines over {', '.join(_name_axes(axes, objective))}; the best is thick"
    draw_chart(partial(build_parallel, lines, axes, objective, dark=is_dark()), key=key, alt_text=told)


def _name_axes(axes: Sequence[Axis], objective: Objective) -> list[str]:
    return [*(axis.name for axis in axes), labels.OBJECTIVE[objective]]


def build_parallel(found: Sequence[Cell], axes: Sequence[Axis], objective: Objective, *, dark: bool) -> alt.LayerChart:
    """Build the lines from their corners."""
    rows = pd.DataFrame(found)
    names = _name_axes(axes, objective)
    ramp = DARK_RAMP if dark else RAMP
    base = alt.Chart(rows).encode(
        x=alt.X("axis:N", sort=names, title=None, axis=alt.Axis(labelAngle=0, labelLimit=130, grid=True), scale=alt.Scale(padding=0.25)),
        y=alt.Y("height:Q", title=None, axis=None, scale=alt.Scale(domain=[-MARGIN, 1 + MARGIN])),
        detail=alt.Detail("point:N"),
    )
    tip = [alt.Tooltip("point:N", title="Point"), alt.Tooltip("numbers:N", title="Numbers"), alt.Tooltip("shown:N", title="Score")]
    lines = base.mark_line(strokeWidth=1.4, opacity=0.55).encode(
        color=alt.Color("score:Q", title=labels.OBJECTIVE[objective], scale=alt.Scale(range=ramp, interpolate="rgb")),
        order=alt.Order("order:Q"),
        tooltip=tip,
    )
    best = base.transform_filter("datum.best").mark_line(strokeWidth=3).encode(color=_ink(dark), order=alt.Order("order:Q"), tooltip=tip)
    ends = pd.DataFrame(
        [{"axis": axis.name, "height": place, "text": f"{axis.at(round(place * (axis.count - 1))):g}"} for axis in axes for place in (0, 1)]
    )
    words = alt.Chart(ends).encode(x=alt.X("axis:N", sort=names), y=alt.Y("height:Q"), text=alt.Text("text:N"))
    above, below = (words.transform_filter(f"datum.height == {at}").mark_text(dy=dy, color=MIDDLE_GRAY) for at, dy in ((1, -10), (0, 10)))
    chart: alt.LayerChart = alt.layer(lines, best, above, below).properties(height=280)
    return chart


def build_lines(points: Sequence[SweepPoint], axes: Sequence[Axis], objective: Objective, best: int | None) -> list[Cell]:
    """Build the corners of the lines: for each point its place on every axis, from 0 at its bottom to 1 at its top."""
    scores = [one.score or 0.0 for one in points]
    low, span = min(scores), (max(scores) - min(scores)) or 1.0
    rows: list[Cell] = []
    for point in points:
        heights = [(axis.name, _place(axis, point.numbers.get(axis.name, axis.start))) for axis in axes]
        corners = [*heights, (labels.OBJECTIVE[objective], ((point.score or 0.0) - low) / span)]
        told = {
            "point": str(point.number),
            "score": point.score,
            "shown": format_score(point.score, objective),
            "numbers": ", ".join(f"{name} {value:g}" for name, value in point.numbers.items()),
            "best": point.number == best,
        }
        rows += [{"axis": name, "height": height, "order": order, **told} for order, (name, height) in enumerate(corners)]
    return rows


def _place(axis: Axis, value: float) -> float:
    width = axis.at(axis.count - 1) - axis.start
    return (value - axis.start) / width if width else 0.5
