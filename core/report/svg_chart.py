"""Charts as text: SVG that stands in a page by itself, without a script or a network."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, log, log10
from xml.sax.saxutils import escape

import numpy as np

from core.domain.bars import FloatArray, TimeArray
from core.report.number_format import write_minus

WIDTH, LEFT, RIGHT, TOP, BOTTOM = 960, 56, 8, 8, 22
POINTS = 600
"""Most points of one line."""


@dataclass(frozen=True, slots=True)
class ChartLine:
    """One line of a chart; `time` (datetime64) and `value` have shape (n,), NaN leaves a gap out."""

    name: str
    color: str
    time: TimeArray
    value: FloatArray
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class _Scale:
    """Places of values on one axis."""

    low: float
    high: float
    start: float
    stop: float
    log: bool = False

    def place(self, value: FloatArray) -> FloatArray:
        """Places of values in the picture, shape (n,)."""
        given, low, high = value, self.low, self.high
        if self.log:
            given, low, high = np.log(np.maximum(value, 1e-12)), log(low), log(high)
        width = high - low
        share = (given - low) / width if width > 0 else np.full(np.shape(value), 0.5)
        found: FloatArray = self.start + share * (self.stop - self.start)
        return found


def draw_chart(lines: Sequence[ChartLine], *, label: str, form: str = "{:,.2f}", height: int = 240, ratio: bool = False) -> str:
    """Draw lines over time as one SVG; empty without a value. `label` is what the picture shows, for people who do not see it.

    `ratio` gives equal ratios equal heights, where all values are above zero.
    """
    drawn = [line for line in lines if len(line.time) and np.isfinite(line.value).any()]
    if not drawn:
        return ""
    times = [line.time.astype("datetime64[s]").astype(np.int64) for line in drawn]
    low, high = (float(pick([pick(line.value[np.isfinite(line.value)]) for line in drawn])) for pick in (min, max))
    logarithmic = ratio and low > 0
    across = _Scale(float(min(each[0] for each in times)), float(max(each[-1] for each in times)), LEFT, WIDTH - RIGHT)
    up = _Scale(low, high if high > low else low + 1.0, height - BOTTOM, TOP, logarithmic)
    parts = [_draw_levels(up, form), _draw_years(across, height)]
    parts += [_draw_line(line, each, across, up) for line, each in zip(drawn, times, strict=True)]
    facts = {
        "start": f"{across.low:.0f}",
        "stop": f"{across.high:.0f}",
        "low": f"{low!r}",
        "high": f"{up.high!r}",
        "log": f"{int(logarithmic)}",
        "left": f"{LEFT}",
        "right": f"{WIDTH - RIGHT}",
        "top": f"{TOP}",
        "bottom": f"{height - BOTTOM}",
    }
    scale = " ".join(f'data-{name}="{value}"' for name, value in facts.items())
    name = escape(label, {'"': "&quot;"})
    return f'<svg class="chart" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{name}" {scale}>{"".join(parts)}</svg>'


def _draw_line(line: ChartLine, time: np.ndarray, across: _Scale, up: _Scale) -> str:
    finite = np.flatnonzero(np.isfinite(line.value))
    kept = finite if len(finite) <= POINTS else finite[np.unique(np.linspace(0, len(finite) - 1, POINTS).round().astype(int))]
    xs, ys = across.place(time[kept].astype(float)), up.place(line.value[kept])
    path = "M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in zip(xs, ys, strict=True))
    dash = ' stroke-dasharray="5 4"' if line.dashed else ""
    return f'<path d="{path}" fill="none" style="stroke:{line.color}" stroke-width="1.8"{dash}><title>{escape(line.name)}</title></path>'


def _draw_levels(up: _Scale, form: str) -> str:
    parts = []
    for level in find_levels(up.low, up.high, ratio=up.log):
        y = float(up.place(np.array([level]))[0])
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" class="level"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" class="axis end">{write_minus(form.format(level))}</text>')
    return "".join(parts)


def find_levels(low: float, high: float, *, ratio: bool = False, most: int = 6) -> list[float]:
    """Find round values between two ends, at most about `most`.

    >>> find_levels(0, 1), find_levels(1, 30, ratio=True)
    ([0.0, 0.2, 0.4, 0.6, 0.8, 1.0], [1.0, 2.0, 5.0, 10.0, 20.0])
    """
    if ratio:
        ends = range(floor(log10(low)), floor(log10(high)) + 1)
        found = [float(f"{digit}e{power}") for power in ends for digit in (1, 2, 5)]
        return [level for level in found if low <= level <= high]
    step = 10.0 ** floor(log10((high - low) / most))
    step *= next(factor for factor in (1, 2, 5, 10) if (high - low) / (step * factor) <= most)
    first = -(-low // step)
    return [round((first + place) * step, 10) for place in range(most + 2) if (first + place) * step <= high * (1 + 1e-12)]


def _draw_years(across: _Scale, height: int) -> str:
    first, last = (np.datetime64(int(end), "s") for end in (across.low, across.high))
    years = np.arange(first.astype("datetime64[Y]"), last.astype("datetime64[Y]") + 1)
    kept = years[:: max(1, -(-len(years) // 10))]
    parts = []
    for year in kept:
        moment = year.astype("datetime64[s]").astype(np.int64)
        if across.low <= moment <= across.high:
            x = float(across.place(np.array([float(moment)]))[0])
            parts.append(f'<text x="{x:.1f}" y="{height - 6}" class="axis">{year}</text>')
    return "".join(parts)
