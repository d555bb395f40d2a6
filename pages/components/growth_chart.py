"""Growth of a run's accounts over training and hold-out: what the loop saw, and, shaded, what it never saw."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import altair as alt
import numpy as np
import pandas as pd

from core.domain.bars import FloatArray, TimeArray
from core.domain.hold_out import HoldOut, HoldOutFigure
from pages.components.charts import downsample
from pages.components.kept_charts import draw_chart
from pages.components.theme_colors import QUIET, is_dark

POINTS = 500
"""Most points of one line."""
FAINT = {False: "#c9d3e2", True: "#3b4656"}
SHADE = {False: "#8a6fd6", True: "#a28be0"}


@dataclass(frozen=True, slots=True)
class GrowthLine:
    """One account; arrays have shape (n,)."""

    name: str
    color: str
    time: TimeArray
    growth: FloatArray
    """Value over what it began with."""
    dashed: bool = False
    faint: bool = False
    """Drawn behind the others, without a name."""


def extend_over_hold_out(line: GrowthLine, held: HoldOut | None, figure: HoldOutFigure | None) -> GrowthLine:
    """Extend a line of training over the hold-out, from the value that training ended with; as it is where no course was kept."""
    if held is None or figure is None or not figure.growth or len(figure.growth) != len(held.moments) or not len(line.growth):
        return line
    moments = np.array(held.moments, dtype="datetime64[s]")
    growth = np.array(figure.growth) * line.growth[-1]
    time = np.concatenate((line.time.astype("datetime64[s]"), moments))
    return GrowthLine(line.name, line.color, time, np.concatenate((line.growth, growth)), line.dashed, line.faint)


def draw_growth(lines: Sequence[GrowthLine], held: HoldOut | None, *, log: bool, key: str, height: int = 320) -> None:
    """Draw the lines, the faint ones behind; the stretch of the hold-out is shaded and named."""
    strong = [line for line in lines if not line.faint]
    draw_chart(partial(build_growth, lines, held, log=log, height=height, dark=is_dark()), key=key, alt_text=_describe(strong, held))


def build_growth(lines: Sequence[GrowthLine], held: HoldOut | None, *, log: bool, height: int, dark: bool) -> alt.LayerChart:
    """Build the lines."""
    rows = pd.concat([_to_rows(line) for line in lines], ignore_index=True)
    strong = [line for line in lines if not line.faint]
    scale = _fit_log_scale(rows) if log and bool((rows["growth"] > 0).all()) else alt.Scale(zero=False)
    base = alt.Chart(rows).encode(
        x=alt.X("time:T", title=None, axis=alt.Axis(grid=False, labelFlush=True, tickCount=8)),
        y=alt.Y("growth:Q", title=None, scale=scale, axis=alt.Axis(format=".3~g", tickCount=6)),
        detail=alt.Detail("name:N"),
    )
    faint = base.transform_filter(alt.datum.faint).mark_line(strokeWidth=1, color=FAINT[dark])
    names = [line.name for line in strong]
    main = base.transform_filter(~alt.datum.faint).mark_line(strokeWidth=2)
    drawn = main.encode(
        color=alt.Color(
            "name:N", title=None, sort=names, scale=alt.Scale(domain=names, range=[line.color for line in strong]), legend=_LEGEND
        ),
        strokeDash=alt.StrokeDash(
            "name:N",
            title=None,
            sort=names,
            scale=alt.Scale(domain=names, range=[[5, 4] if line.dashed else [1, 0] for line in strong]),
            legend=_LEGEND,
        ),
        tooltip=[
            alt.Tooltip("name:N", title=" "),
            alt.Tooltip("time:T", title="Date", format="%Y-%m-%d"),
            alt.Tooltip("growth:Q", title="Times the start", format=".2f"),
        ],
    )
    layers = [faint, drawn] if any(line.faint for line in lines) else [drawn]
    chart: alt.LayerChart = alt.layer(*(_shade(held, rows, scale, dark) if held is not None else ()), *layers).properties(height=height)
    return chart


def _fit_log_scale(rows: pd.DataFrame) -> alt.Scale:
    """A logarithmic scale from the lowest to the highest value: rounded to powers of ten it would be half empty."""
    low, high = float(rows["growth"].min()), float(rows["growth"].max())
    return alt.Scale(type="log", domain=[low / 1.08, high * 1.05], nice=False)


_LEGEND = alt.Legend(orient="top", direction="horizontal", symbolStrokeWidth=3, labelLimit=240, offset=4, padding=0, titlePadding=0)


def _to_rows(line: GrowthLine) -> pd.DataFrame:
    kept = downsample(line.growth, 120 if line.faint else POINTS)
    return pd.DataFrame({"time": line.time[kept], "growth": line.growth[kept], "name": line.name, "faint": line.faint})


def _shade(held: HoldOut, rows: pd.DataFrame, scale: alt.Scale, dark: bool) -> list[alt.Chart]:
    span = pd.DataFrame({"first": [held.first], "last": [held.last]})
    area = alt.Chart(span).mark_rect(opacity=0.12, color=SHADE[dark]).encode(x=alt.X("first:T", title=None), x2=alt.X2("last:T"))
    low = float(rows["growth"].min())
    words = pd.DataFrame({"time": [held.first, held.first], "growth": [low, low], "text": ["Training", "Hold-out"]})
    named = alt.Chart(words).encode(x=alt.X("time:T", title=None), y=alt.Y("growth:Q", title=None, scale=scale), text=alt.Text("text:N"))
    left = named.transform_filter(alt.datum.text == "Training").mark_text(align="right", dx=-6, baseline="bottom", color=QUIET[dark])
    right = named.transform_filter(alt.datum.text == "Hold-out").mark_text(align="left", dx=6, baseline="bottom", color=QUIET[dark])
    return [area, left, right]


def _describe(lines: Sequence[GrowthLine], held: HoldOut | None) -> str:
    ends = ", ".join(f"{line.name} {line.growth[-1]:.2f} times" for line in lines if len(line.growth))
    where = f"; the hold-out from {held.first:%Y-%m-%d} is shaded" if held else ""
    return f"Growth of the account: {ends}{where}"
