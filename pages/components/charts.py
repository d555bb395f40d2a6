"""Charts from values. Explicit types, few points, colors that hold on light and dark; the categorical ones come from the theme."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from core.domain.bars import Bars, FloatArray, TimeArray
from core.report.series_colors import SERIES
from pages.components.fields import draw_segments
from pages.components.kept_charts import draw_chart
from pages.components.theme_colors import MIDDLE_BLUE, MIDDLE_GRAY, is_dark
from pages.components.theme_colors import QUIET as REFERENCE

POINTS = 1500
"""Most points in one chart; more only costs time."""

UP = "#12a172"
DOWN = "#e0525f"
QUIET = MIDDLE_GRAY
PRIMARY = MIDDLE_BLUE
FADED = 0.55
"""Colors that hold on both grounds; those of several curves are the theme's."""


@dataclass(frozen=True, slots=True)
class Curve:
    """One line of a chart; `time` and `value` have shape (n,)."""

    name: str
    time: TimeArray
    value: FloatArray
    dashed: bool = False
    """For references such as buy and hold."""
    group: str = ""
    """Curves of one group share one quiet color and one entry in the legend."""


def downsample(value: FloatArray, points: int) -> np.ndarray:
    """Positions of at most about `points` values that keep first, last and the extremes of each stretch."""
    if len(value) <= points:
        return np.arange(len(value))
    edges = np.linspace(0, len(value), max(points // 2, 2) + 1).astype(int)
    starts = edges[:-1]
    kept = [np.array([0, len(value) - 1])]
    for extreme in (np.fmin.reduceat(value, starts), np.fmax.reduceat(value, starts)):
        reached = np.flatnonzero(value == np.repeat(extreme, np.diff(edges)))
        kept.append(reached[np.unique(np.searchsorted(edges, reached, side="right"), return_index=True)[1]])
    return np.unique(np.concatenate(kept))


def to_long_form(curves: Sequence[Curve]) -> pd.DataFrame:
    """Curves as rows of time, value and series, thinned to what a chart can carry."""
    share = max(POINTS // max(len(curves), 1), 120)
    parts = []
    for curve in curves:
        kept = downsample(curve.value, share)
        columns = {"time": curve.time[kept], "value": curve.value[kept], "series": curve.name, "shown": curve.group or curve.name}
        parts.append(pd.DataFrame(columns))
    if not parts:
        kinds = {"time": "datetime64[s]", "value": "float64", "series": "str", "shown": "str"}
        return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in kinds.items()})
    return pd.concat(parts, ignore_index=True)


def draw_lines(
    curves: Sequence[Curve],
    *,
    key: str,
    title: str,
    alt_text: str,
    height: int = 300,
    main: str | None = None,
    form: str = ",.0f",
    zero: bool = False,
    named: bool = True,
    log: bool = False,
) -> None:
    """Lines over time; `main` is drawn thick and the others faded. The first curve takes the theme's first color."""
    picture = partial(
        build_lines, curves, title=title, height=height, main=main, form=form, zero=zero, named=named, log=log, dark=is_dark()
    )
    draw_chart(picture, key=key, alt_text=alt_text)


def build_lines(
    curves: Sequence[Curve], *, title: str, height: int, main: str | None, form: str, zero: bool, named: bool, log: bool, dark: bool
) -> alt.Chart:
    """Build the lines."""
    frame = to_long_form(curves)
    names = list(dict.fromkeys(curve.group or curve.name for curve in curves))
    dashes = [[5, 4] if any(curve.dashed and name in (curve.group, curve.name) for curve in curves) else [1, 0] for name in names]
    legend = build_legend() if named else None
    scale = alt.Scale(type="log") if log else alt.Scale(zero=zero)
    color = alt.Color("shown:N", title=None, scale=alt.Scale(domain=names, **_colors(curves, names, dark)), sort=names, legend=legend)
    base = alt.Chart(frame).encode(
        x=alt.X("time:T", title=None, axis=alt.Axis(grid=False, labelFlush=True, tickCount=8)),
        y=alt.Y("value:Q", title=None, axis=alt.Axis(format=form, tickCount=6), scale=scale),
        color=color,
        detail=alt.Detail("series:N"),
        strokeDash=alt.StrokeDash("shown:N", title=None, scale=alt.Scale(domain=names, range=dashes), sort=names, legend=legend),
        tooltip=[
            alt.Tooltip("series:N", title=" "),
            alt.Tooltip("time:T", title="Date", format="%Y-%m-%d %H:%M" if _intraday(curves) else "%Y-%m-%d"),
            alt.Tooltip("value:Q", title=title, format=form),
        ],
    )
    if main is None:
        layer = base.mark_line(strokeWidth=1.8)
    else:
        is_main = alt.datum.series == main
        layer = base.mark_line().encode(
            strokeWidth=alt.when(is_main).then(alt.value(2.6)).otherwise(alt.value(1.3)),
            opacity=alt.when(is_main).then(alt.value(1.0)).otherwise(alt.value(FADED)),
        )
    chart: alt.Chart = layer.properties(height=height)
    return chart


def build_legend() -> alt.Legend:
    """A compact legend above the chart."""
    return alt.Legend(orient="top", direction="horizontal", symbolStrokeWidth=3, labelLimit=240, offset=4, padding=0, titlePadding=0)


def _colors(curves: Sequence[Curve], names: Sequence[str], dark: bool) -> dict[str, Any]:
    """The theme's own colors; gray for references, as everywhere, and for groups of quiet curves."""
    gray = {curve.group: QUIET for curve in curves if curve.group}
    gray |= {curve.name: REFERENCE[dark] for curve in curves if curve.dashed and not curve.group}
    if not gray:
        return {}
    strong = itertools.cycle(SERIES[dark])
    return {"range": [gray.get(name) or next(strong) for name in names]}


def draw_drawdown(curves: Sequence[Curve], *, key: str, height: int = 140, main: str | None = None) -> None:
    """Falls from the peak, as fractions <= 0."""
    draw_lines(
        curves, key=key, title="Drawdown", alt_text="Drawdown over time", height=height, main=main, form=".0%", named=False, zero=True
    )


@dataclass(frozen=True, slots=True)
class ProgressPoint:
    """One loop on the progress chart."""

    number: int
    value: float | None
    """Score, None when it has none."""
    best: bool
    """True when it was the best so far when it came."""
    note: str


@dataclass(frozen=True, slots=True)
class Reference:
    """A line that scores are held against, by the number of each iteration."""

    name: str
    values: Mapping[int, float]
    dash: tuple[int, int]


def draw_progress(tries: Sequence[ProgressPoint], *, references: Sequence[Reference], label: str, key: str, height: int = 200) -> None:
    """Score of each loop, the best so far as a step, and the lines that it is held against."""
    if any(one.value is not None for one in tries):
        told = f"{label} by iteration, best so far, luck line, and holding as often"
        draw_chart(partial(build_progress, tries, references, label=label, height=height), key=key, alt_text=told)


def build_progress(tries: Sequence[ProgressPoint], references: Sequence[Reference], *, label: str, height: int) -> alt.LayerChart:
    """Build the scores of loops, of which at least one has a score."""
    scored = [
        {"loop": t.number, "value": t.value, "kind": "New best" if t.best else "Tried", "note": t.note}
        for t in tries
        if t.value is not None
    ]
    highest, steps = float("-inf"), []
    for one in tries:
        highest = max(highest, one.value if one.value is not None else highest)
        if np.isfinite(highest):
            steps.append({"loop": one.number, "value": highest})
    x = alt.X("loop:Q", title="Iteration", axis=alt.Axis(format="d", tickMinStep=1, grid=False), scale=alt.Scale(nice=False, padding=12))
    y = alt.Y("value:Q", title=None, axis=alt.Axis(format=".2f", tickCount=5), scale=alt.Scale(zero=False))
    layers: list[alt.Chart] = []
    for line in references:
        rows = pd.DataFrame([{"loop": loop, "value": value} for loop, value in line.values.items()])
        layers.append(
            alt.Chart(rows)
            .mark_line(strokeDash=list(line.dash), color=QUIET, strokeWidth=1.5)
            .encode(x=x, y=y, tooltip=[alt.Tooltip("value:Q", title=line.name, format=".2f")])
        )
    layers.append(alt.Chart(pd.DataFrame(steps)).mark_line(interpolate="step-after", color=PRIMARY, strokeWidth=2).encode(x=x, y=y))
    layers.append(
        alt.Chart(pd.DataFrame(scored))
        .mark_circle(size=56, opacity=1)
        .encode(
            x=x,
            y=y,
            color=alt.Color("kind:N", scale=alt.Scale(domain=["New best", "Tried"], range=[PRIMARY, QUIET]), legend=None),
            tooltip=[
                alt.Tooltip("loop:Q", title="Iteration", format="d"),
                alt.Tooltip("value:Q", title=label, format=".2f"),
                alt.Tooltip("note:N", title="Change"),
            ],
        )
    )
    chart: alt.LayerChart = alt.layer(*layers).properties(height=height)
    return chart


def choose_instrument(bars: Bars, *, key: str) -> str:
    """Ask which of a run's instruments is drawn, where it has several; gives its name in fills, empty for the first one.

    Of a basket it is one of its members: nothing trades the index.
    """
    if not bars.others:
        return ""
    symbols = [one.instrument.symbol for one in (bars.others if bars.members else bars.instruments)]
    st.session_state.setdefault(key, symbols[0])
    chosen = str(draw_segments("Instrument", symbols, key=key, label_visibility="collapsed") or symbols[0])
    return chosen if bars.members or chosen != symbols[0] else ""


@dataclass(frozen=True, slots=True)
class FunnelBar:
    """One row of a funnel chart."""

    name: str
    reading: str
    alone: int
    """Bars on which it was true."""
    together: int
    """Bars on which it and the rows before it in its group were true."""
    blocked: int
    """Bars on which only this row of its group was not true."""


def draw_funnel(passes: Sequence[FunnelBar], *, key: str) -> None:
    """For each row, how often it was true, alone and together with the rows before it."""
    draw_chart(partial(build_funnel, passes), key=key, alt_text="Bars on which each row was true")


def build_funnel(passes: Sequence[FunnelBar]) -> alt.Chart:
    """Build the bars of a funnel."""
    alone, together = "alone", "with the rows before it"
    rows = [
        {"row": one.name, "what": what, "bars": value, "blocked": one.blocked, "reading": one.reading}
        for one in passes
        for what, value in ((alone, one.alone), (together, one.together))
    ]
    chart: alt.Chart = (
        alt.Chart(pd.DataFrame(rows))
        .mark_bar(height={"band": 0.8}, cornerRadiusEnd=2)
        .encode(
            y=alt.Y("row:N", sort=[one.name for one in passes], title=None, axis=alt.Axis(labelLimit=160)),
            yOffset=alt.YOffset("what:N", sort=[alone, together]),
            x=alt.X("bars:Q", title=None, axis=alt.Axis(format=",d", tickCount=4)),
            color=alt.Color("what:N", scale=alt.Scale(domain=[alone, together], range=[QUIET, PRIMARY]), title=None, legend=build_legend()),
            tooltip=[
                alt.Tooltip("reading:N", title="Row"),
                alt.Tooltip("what:N", title=" "),
                alt.Tooltip("bars:Q", title="Bars", format=",d"),
                alt.Tooltip("blocked:Q", title="Blocked only by this row", format=",d"),
            ],
        )
        .properties(height=46 * len(passes) + 20)
    )
    return chart


def _intraday(curves: Sequence[Curve]) -> bool:
    return any(len(c.time) > 1 and c.time[1] - c.time[0] < np.timedelta64(1, "D") for c in curves)


def draw_shares(numbers: Sequence[int], shares: Sequence[float], *, key: str, height: int = 150) -> None:
    """Share of each iteration, as a line from none to all."""
    draw_chart(partial(build_shares, numbers, shares, height=height), key=key, alt_text="Agreement with the workflow by iteration")


def build_shares(numbers: Sequence[int], shares: Sequence[float], *, height: int) -> alt.Chart:
    """Build the line of shares."""
    rows = pd.DataFrame({"iteration": list(numbers), "share": list(shares)})
    x = alt.X("iteration:Q", title="Iteration", axis=alt.Axis(format="d", tickMinStep=1, grid=False))
    y = alt.Y("share:Q", title=None, axis=alt.Axis(format=".0%", tickCount=5), scale=alt.Scale(domain=[0, 1]))
    tip = [alt.Tooltip("iteration:Q", title="Iteration", format="d"), alt.Tooltip("share:Q", title="Agreement", format=".0%")]
    line = alt.Chart(rows).mark_line(point=True, color=PRIMARY, strokeWidth=2).encode(x=x, y=y, tooltip=tip)
    chart: alt.Chart = line.properties(height=height)
    return chart
