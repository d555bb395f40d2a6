"""Candles and volume of any number of bars: summed up to what a chart can carry, with trading days and closed hours shaded."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from core.domain.bars import Bars, FloatArray, TimeArray
from core.domain.sessions import SessionBounds
from pages.components import charts
from pages.components.kept_charts import draw_chart

CANDLES = 370
"""Most candles in one picture. Each is four marks: body, wick, volume and the field that the mouse feels."""
OVERVIEW = 300
"""Most points of the small curve below it."""
MARKED = 4
"""Fewest bars, less one, that make a stretch."""
BANDS = 40
"""Most shaded trading days; with more, shading is only noise."""
MARKS = 24
VOLUME_SHARE = 0.22
"""Part of the picture's height that belongs to volume."""
LABELS = 8
STEPS = 8
"""Most steps of the price axis."""

MINUTES = (2, 3, 5, 10, 15, 30, 60, 120, 240)
DAYS = 1_440
LEVELS = (("Daily", 1), ("Weekly", 7), ("Two-week", 14), ("Monthly", 30), ("Quarterly", 91), ("Yearly", 365), ("Ten-year", 3652))
"""Candles of a day and more, with their nominal length in days."""

Groups = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Candles:
    """Bars summed up; every array has shape (n,)."""

    name: str
    """`Daily`, `5-minute`."""
    first: Groups
    """Index of the first bar in each."""
    last: Groups
    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray
    volume: FloatArray
    days: float
    """Nominal length in days; below 1 for parts of a day."""

    def __len__(self) -> int:
        return len(self.first)


def build_candles(bars: Bars, bounds: SessionBounds, *, limit: int = CANDLES) -> Candles:
    """Build the finest candles of which there are at most `limit`. A candle holds parts of one trading day, or whole days."""
    name, days, groups = _finest(bars, bounds, limit)
    starts = np.flatnonzero(np.append(True, groups[1:] != groups[:-1]))
    ends = np.append(starts[1:], len(groups))
    return Candles(
        name=name,
        first=starts,
        last=ends - 1,
        open=bars.open[starts],
        high=np.maximum.reduceat(bars.high, starts),
        low=np.minimum.reduceat(bars.low, starts),
        close=bars.close[ends - 1],
        volume=np.add.reduceat(bars.volume, starts),
        days=days,
    )


def _finest(bars: Bars, bounds: SessionBounds, limit: int) -> tuple[str, float, Groups]:
    own = np.arange(len(bars))
    minutes = bars.timeframe.minutes
    if len(bars) <= limit:
        return _name(minutes), minutes / DAYS, own
    if bars.timeframe.intraday:
        for length in MINUTES:
            if length > minutes and length % minutes == 0:
                groups = bounds.day.astype(np.int64) * 10_000 + bounds.minutes_from_open // length
                if _count(groups) <= limit:
                    return _name(length), length / DAYS, groups
    for name, days in LEVELS:
        groups = _by_days(bounds, days)
        if days * DAYS >= minutes and _count(groups) <= limit:
            return name, days, groups
    return LEVELS[-1][0], LEVELS[-1][1], _by_days(bounds, LEVELS[-1][1])


def _name(minutes: int) -> str:
    if minutes >= DAYS:
        return next(name for name, days in LEVELS if days * DAYS >= minutes)
    return f"{minutes}-minute" if minutes < 60 else f"{minutes // 60}-hour"


def _by_days(bounds: SessionBounds, days: int) -> Groups:
    day = bounds.day.astype("datetime64[D]")
    if days == 1:
        return day.astype(np.int64)
    if days in (7, 14):
        return (day.astype(np.int64) + 3) // days
    months = day.astype("datetime64[M]").astype(np.int64)
    return months // {30: 1, 91: 3, 365: 12, 3652: 120}[days]


def _count(groups: Groups) -> int:
    return int(np.count_nonzero(groups[1:] != groups[:-1])) + 1


@dataclass(frozen=True, slots=True)
class Mark:
    """A remark on a day, drawn above the candles: a split or a dividend."""

    day: np.datetime64
    letter: str
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """Candles in time; arrays have shape (candles,)."""

    time: TimeArray
    """Of the first bar in each."""
    day: TimeArray
    last_day: np.datetime64
    """Of the very last bar."""
    outside: NDArray[np.bool_]
    """True where a candle begins before the session's open or after its close."""


def find_places(found: Candles, bars: Bars, bounds: SessionBounds) -> Places:
    """Find where candles lie in time."""
    outside = (bounds.minutes_from_open[found.first] < 0) | (bounds.minutes_to_close[found.first] < 0)
    return Places(bars.time[found.first], bounds.day[found.first], bounds.day[found.last[-1]], outside)


def draw_candles(
    bars: Bars, bounds: SessionBounds, *, key: str, marks: Sequence[Mark] = (), log: bool = False, height: int = 380
) -> Candles:
    """Draw candles over volume; pan by dragging, zoom with Ctrl and the wheel. Gives what was drawn.

    Candles stand side by side, so that nights, weekends and holidays take no room.
    """
    found = build_candles(bars, bounds)
    what = f"{found.name} candles of {bars.instrument.symbol}"
    told = f"{what} with volume" if found.volume.any() else what
    draw_chart(partial(build_picture, found, find_places(found, bars, bounds), marks, log=log, height=height), key=key, alt_text=told)
    return found


def build_picture(found: Candles, places: Places, marks: Sequence[Mark], *, log: bool, height: int) -> alt.LayerChart:
    """Build the picture of candles and volume."""
    frame = _frame(found, places)
    x = _axis(found, places)
    low, high = float(found.low.min()), float(found.high.max())
    with_volume = bool(found.volume.any())
    scale = _price_scale(low, high, log=log and low > 0, room=VOLUME_SHARE if with_volume else 0.02)
    layers = _bands(places, x) if found.days < 1 else []
    if with_volume:
        layers.append(_volume(frame, x, float(found.volume.max())))
    layers += _prices(frame, x, scale, compute_ticks(low, high, log=log and low > 0))
    layers += _marks(marks, places, x)
    chart: alt.LayerChart = alt.layer(*layers).resolve_scale(y="independent").properties(height=height)
    return chart


def draw_overview(bars: Bars, *, key: str, height: int = 64) -> tuple[int, int] | None:
    """A small curve of all bars over a scale with two handles; gives the first and last index of the stretch between them."""
    kept = charts.downsample(bars.close, OVERVIEW)
    picture = partial(build_overview, kept, bars.close[kept], count=len(bars), height=height)
    draw_chart(picture, key=key, alt_text="All bars")
    stamp = "m" if bars.timeframe.intraday else "D"
    moments = list(dict.fromkeys(str(moment).replace("T", " ") for moment in bars.time[kept].astype(f"datetime64[{stamp}]")))
    if len(moments) < MARKED:
        return None
    first, last = st.select_slider(
        "Stretch to look at", moments, value=(moments[0], moments[-1]), key=f"{key}_stretch", label_visibility="collapsed"
    )
    return find_stretch(bars, first, last)


def build_overview(kept: Groups, close: FloatArray, *, count: int, height: int) -> alt.Chart:
    """Build the small curve of so many bars."""
    frame = pd.DataFrame({"bar": kept, "close": close})
    low, high = float(frame["close"].min()), float(frame["close"].max())
    wide = low > 0 and high > 8 * low
    floor = low * 0.9 if wide else low - (high - low) * 0.1
    chart: alt.Chart = (
        alt.Chart(frame)
        .mark_area(color=charts.QUIET, opacity=0.25, line={"color": charts.QUIET, "strokeWidth": 1})
        .encode(
            x=alt.X("bar:Q", axis=None, scale=alt.Scale(domain=[0, max(count - 1, 1)], nice=False)),
            y=alt.Y("close:Q", axis=None, scale=_overview_scale(floor, high, log=wide)),
            y2=alt.Y2Datum(floor),
        )
        .properties(height=height)
    )
    return chart


def find_stretch(bars: Bars, first: str, last: str) -> tuple[int, int] | None:
    """Find the bars of a stretch that is named by its first and last moment; None for everything, and for next to nothing."""
    start = int(np.searchsorted(bars.time, np.datetime64(first.replace(" ", "T"))))
    end = int(np.searchsorted(bars.time, np.datetime64(last.replace(" ", "T")) + _unit(last), side="left")) - 1
    whole = start == 0 and end >= len(bars) - 1
    return None if whole or end - start < MARKED else (start, end)


def _unit(moment: str) -> np.timedelta64:
    """The unit that a moment is written in: the day, or the minute."""
    return np.timedelta64(1, "m" if " " in moment else "D")


def _overview_scale(low: float, high: float, *, log: bool) -> alt.Scale:
    """A logarithmic scale knows no zero, and says so in the console when it is asked about one."""
    return alt.Scale(type="log", domain=[low, high], nice=False) if log else alt.Scale(domain=[low, high], nice=False, zero=False)


def _frame(found: Candles, places: Places) -> pd.DataFrame:
    place = np.arange(len(found), dtype=float)
    stamp = "m" if found.days < 1 else "D"
    return pd.DataFrame(
        {
            "x": place,
            "left": place - 0.36,
            "right": place + 0.36,
            "from": place - 0.5,
            "to": place + 0.5,
            "when": [str(moment).replace("T", " ") for moment in places.time.astype(f"datetime64[{stamp}]")],
            "open": found.open,
            "high": found.high,
            "low": found.low,
            "close": found.close,
            "volume": found.volume,
            "move": np.where(found.close >= found.open, "up", "down"),
        }
    )


def _axis(found: Candles, places: Places) -> dict[str, Any]:
    """The axis of numbered candles, each number labeled with its candle's time."""
    form = "%b %d, %H:%M" if found.days < 1 else "%d %b %Y" if found.days < 30 else "%b %Y"
    labels = [f"{moment:{form}}" for moment in places.time.astype("datetime64[s]").tolist()]
    axis = alt.Axis(
        grid=False,
        tickMinStep=1,
        tickCount=LABELS,
        labelFlush=True,
        labelOverlap=True,
        labelExpr=f"({json.dumps(labels)})[datum.value] || ''",
    )
    return {"axis": axis, "scale": alt.Scale(domain=[-0.5, len(found) - 0.5], nice=False, zero=False)}


def _encoded(x: dict[str, Any], field: str, end: str = "") -> dict[str, Any]:
    encoded: dict[str, Any] = {"x": alt.X(f"{field}:Q", title=None, axis=x["axis"], scale=x["scale"])}
    if end:
        encoded["x2"] = alt.X2(end)
    return encoded


def _price_scale(low: float, high: float, *, log: bool, room: float) -> alt.Scale:
    """Prices fill what volume leaves: `room` is the free share at the bottom."""
    if high <= low:
        high, low = high * 1.01 + 1e-9, low * 0.99 - 1e-9
    share = room / (1 - room)
    if log:
        return alt.Scale(type="log", domain=[low * (low / high) ** share, high * (high / low) ** 0.03], nice=False)
    return alt.Scale(domain=[low - (high - low) * share, high + (high - low) * 0.03], nice=False, zero=False)


def _tooltip() -> list[alt.Tooltip]:
    prices = [alt.Tooltip(f"{name}:Q", title=name.capitalize(), format=",.6~g") for name in ("open", "high", "low", "close")]
    return [alt.Tooltip("when:N", title="From"), *prices, alt.Tooltip("volume:Q", title="Volume", format=",.4~s")]


def _moves() -> alt.Scale:
    return alt.Scale(domain=["up", "down"], range=[charts.UP, charts.DOWN])


def _color() -> alt.Color:
    return alt.Color("move:N", scale=_moves(), legend=None)


def compute_ticks(low: float, high: float, *, log: bool) -> list[float]:
    """Round prices between two prices: 1, 2 and 5 times a power of ten on a logarithmic scale, else equal steps.

    >>> compute_ticks(1.2, 90, log=True), compute_ticks(95, 124, log=False)
    ([2.0, 5.0, 10.0, 20.0, 50.0], [95.0, 100.0, 105.0, 110.0, 115.0, 120.0])
    """
    if log:
        powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
        found = [float(f"{digit}e{power}") for power in powers for digit in (1, 2, 5)]
        shown = [value for value in found if low <= value <= high]
        if len(shown) > 2:
            return shown
    power = 10.0 ** math.floor(math.log10(max(high - low, 1e-9) / STEPS))
    step = next(size * power for size in (1, 2, 5, 10) if (high - low) / (size * power) <= STEPS)
    return [round(number * step, 10) for number in range(math.ceil(low / step), math.floor(high / step) + 1)]


def _prices(frame: pd.DataFrame, x: dict[str, Any], scale: alt.Scale, ticks: list[float]) -> list[alt.Chart]:
    axis = alt.Axis(grid=True, values=ticks, format=",.6~g")
    price = alt.Y("low:Q", title=None, axis=axis, scale=scale)
    base = alt.Chart(frame)
    zoom = alt.selection_interval(name="zoom", bind="scales", encodings=["x"], zoom="wheel![event.ctrlKey || event.metaKey]")
    wick = base.mark_rule(strokeWidth=1).encode(**_encoded(x, "x"), y=price, y2=alt.Y2("high"), color=_color()).add_params(zoom)
    open_ = alt.Y("open:Q", title=None, axis=None, scale=scale)
    body = base.mark_rect(strokeWidth=1).encode(
        **_encoded(x, "left", "right"),
        y=open_,
        y2=alt.Y2("close"),
        color=_color(),
        stroke=alt.Stroke("move:N", scale=_moves(), legend=None),
    )
    felt = base.mark_rect(opacity=0).encode(**_encoded(x, "from", "to"), y=alt.YValue(0), y2=alt.Y2Value("height"), tooltip=_tooltip())
    return [wick, body, felt]


def _volume(frame: pd.DataFrame, x: dict[str, Any], most: float) -> alt.Chart:
    scale = alt.Scale(domain=[0, most / (VOLUME_SHARE * 0.85)], nice=False)
    return (
        alt.Chart(frame)
        .mark_rect(opacity=0.35)
        .encode(**_encoded(x, "left", "right"), y=alt.Y("volume:Q", axis=None, scale=scale), y2=alt.Y2Datum(0), color=_color())
    )


def _bands(places: Places, x: dict[str, Any]) -> list[alt.Chart]:
    """Every other trading day, and what lies outside the session, as quiet fields behind the candles."""
    day = places.day.astype(np.int64)
    number = np.cumsum(np.append(False, day[1:] != day[:-1]))
    rows = []
    if 1 < number[-1] + 1 <= BANDS:
        rows += [_stretch(np.flatnonzero(number == one), "day") for one in range(1, int(number[-1]) + 1, 2)]
    edges = np.flatnonzero(np.diff(np.concatenate(([0], places.outside.astype(np.int8), [0]))))
    if len(edges) // 2 <= BANDS * 2:
        rows += [_stretch(np.arange(start, stop), "closed") for start, stop in zip(edges[::2], edges[1::2], strict=True)]
    if not rows:
        return []
    shade = alt.Opacity("what:N", scale=alt.Scale(domain=["day", "closed"], range=[0.07, 0.16]), legend=None)
    band = alt.Chart(pd.DataFrame(rows)).mark_rect(color=charts.QUIET)
    return [band.encode(**_encoded(x, "from", "to"), y=alt.YValue(0), y2=alt.Y2Value("height"), opacity=shade)]


def _stretch(places: Groups, what: str) -> dict[str, Any]:
    return {"from": float(places[0]) - 0.5, "to": float(places[-1]) + 0.5, "what": what}


def _marks(marks: Sequence[Mark], places: Places, x: dict[str, Any]) -> list[alt.Chart]:
    days = places.day
    shown = [mark for mark in marks if days[0] <= mark.day <= places.last_day]
    if len(shown) > MARKS:
        shown = [mark for mark in shown if mark.letter == "S"][:MARKS]
    if not shown:
        return []
    place = [max(int(np.searchsorted(days, mark.day, side="right")) - 1, 0) for mark in shown]
    rows = pd.DataFrame({"x": place, "letter": [mark.letter for mark in shown], "text": [mark.text for mark in shown]})
    base = alt.Chart(rows).encode(**_encoded(x, "x"), y=alt.YValue(8), tooltip=[alt.Tooltip("text:N", title=" ")])
    dot = base.mark_circle(size=190, color=charts.QUIET, opacity=0.9)
    letter = base.mark_text(fontSize=10, fontWeight="bold", color="white").encode(text=alt.Text("letter:N"))
    return [dot, letter]
