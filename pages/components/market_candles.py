"""Candles and volume of any number of bars: summed up to what a chart can carry, with trading days and closed hours shaded."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from core.domain.bars import Bars, FloatArray
from core.domain.sessions import SessionBounds
from pages.components import charts, words

CANDLES = 360
"""Most candles in one picture. Each is four marks: body, wick, volume and the field that the mouse feels."""
OVERVIEW = 300
"""Most points of the small curve below it."""
BANDS = 40
"""Most shaded trading days; with more, shading is only noise."""
MARKS = 24
VOLUME_SHARE = 0.22
"""Part of the picture's height that belongs to volume."""
LABELS = 8

MINUTES = (2, 3, 5, 10, 15, 30, 60, 120, 240)
DAYS = 1_440
LEVELS = (("Daily", 1), ("Weekly", 7), ("Monthly", 30), ("Quarterly", 91), ("Yearly", 365), ("Ten-year", 3652))
"""Candles of a day and more, with their nominal length in days."""

Groups = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Candles:
    """Bars summed up; every array has shape (n,)."""

    name: str
    """`Daily`, `5 minutes`."""
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


def candles(bars: Bars, bounds: SessionBounds, *, limit: int = CANDLES) -> Candles:
    """The finest candles of which there are at most `limit`. A candle holds parts of one trading day, or whole days."""
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
        return words.TIMEFRAME[bars.timeframe], minutes / DAYS, own
    if bars.timeframe.intraday:
        for length in MINUTES:
            if length > minutes and length % minutes == 0:
                groups = bounds.day.astype(np.int64) * 10_000 + bounds.minutes_from_open // length
                if _count(groups) <= limit:
                    return f"{length} minutes" if length < 60 else words.count(length // 60, "hour"), length / DAYS, groups
    for name, days in LEVELS:
        groups = _by_days(bounds, days)
        if days * DAYS >= minutes and _count(groups) <= limit:
            return name, days, groups
    return LEVELS[-1][0], LEVELS[-1][1], _by_days(bounds, LEVELS[-1][1])


def _by_days(bounds: SessionBounds, days: int) -> Groups:
    day = bounds.day.astype("datetime64[D]")
    if days == 1:
        return day.astype(np.int64)
    if days == 7:
        return (day.astype(np.int64) + 3) // 7
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


def candle_chart(
    bars: Bars, bounds: SessionBounds, *, key: str, marks: Sequence[Mark] = (), log: bool = False, height: int = 380
) -> Candles:
    """Draw candles over volume; pan by dragging, zoom with Ctrl and the wheel. Gives what was drawn."""
    found = candles(bars, bounds)
    numbered = found.days < 1
    frame = _frame(found, bars, bounds, numbered=numbered)
    x = _x(frame, bars, numbered=numbered)
    low, high = float(found.low.min()), float(found.high.max())
    with_volume = bool(found.volume.any())
    scale = _price_scale(low, high, log=log and low > 0, room=VOLUME_SHARE if with_volume else 0.02)
    layers = _bands(found, bars, bounds, frame, x) if numbered else []
    if with_volume:
        layers.append(_volume(frame, x, float(found.volume.max())))
    layers += _prices(frame, x, scale, low)
    layers += _marks(marks, found, bounds, x, numbered=numbered)
    chart = alt.layer(*layers).resolve_scale(y="independent").properties(height=height).configure_view(strokeWidth=0)
    what = f"{found.name} candles of {bars.instrument.symbol} with volume"
    st.altair_chart(chart, key=key, alt=what if with_volume else what.removesuffix(" with volume"))
    return found


def overview(bars: Bars, *, key: str, height: int = 52) -> tuple[int, int] | None:
    """A small curve of all bars on which a stretch can be marked; gives the first and last index of it."""
    kept = charts.thinned(bars.close, OVERVIEW)
    frame = pd.DataFrame({"bar": kept, "close": bars.close[kept]})
    brush = alt.selection_interval(name="stretch", encodings=["x"])
    low, high = float(frame["close"].min()), float(frame["close"].max())
    chart = (
        alt.Chart(frame)
        .mark_area(color=charts.QUIET, opacity=0.25, line={"color": charts.QUIET, "strokeWidth": 1})
        .encode(
            x=alt.X("bar:Q", axis=None, scale=alt.Scale(domain=[0, max(len(bars) - 1, 1)], nice=False)),
            y=alt.Y("close:Q", axis=None, scale=alt.Scale(domain=[low - (high - low) * 0.1, high], nice=False, zero=False)),
            y2=alt.Y2Datum(low - (high - low) * 0.1),
        )
        .add_params(brush)
        .properties(height=height)
        .configure_view(strokeWidth=0)
    )
    event = st.altair_chart(chart, key=key, on_select="rerun", selection_mode=["stretch"], alt="All bars; mark a stretch to look closer")
    return marked(event, len(bars))


def marked(event: Any, count: int) -> tuple[int, int] | None:
    """First and last bar of a marked stretch, None when nothing (or next to nothing) is marked."""
    found = (event or {}).get("selection", {}).get("stretch", {}).get("bar") or []
    if len(found) != 2:
        return None
    first, last = (min(max(round(float(edge)), 0), count - 1) for edge in sorted(found))
    return (first, last) if last - first >= 4 else None


def _frame(found: Candles, bars: Bars, bounds: SessionBounds, *, numbered: bool) -> pd.DataFrame:
    if numbered:
        center: Any = np.arange(len(found), dtype=float)
        left, right, edge_left, edge_right = center - 0.36, center + 0.36, center - 0.5, center + 0.5
    else:
        begin = _begin(bounds.day[found.first].astype("datetime64[D]"), found.days)
        middle = begin.astype("datetime64[s]") + np.timedelta64(int((found.days - 1) * 43_200), "s")
        half = max(int(found.days * 43_200), 1)
        body, edge = np.timedelta64(int(half * 0.72), "s"), np.timedelta64(half, "s")
        center, left, right, edge_left, edge_right = middle, middle - body, middle + body, middle - edge, middle + edge
    stamp = "m" if bars.timeframe.intraday and found.days < 1 else "D"
    when = [str(moment).replace("T", " ") for moment in bars.time[found.first].astype(f"datetime64[{stamp}]")]
    return pd.DataFrame(
        {
            "x": center,
            "left": left,
            "right": right,
            "from": edge_left,
            "to": edge_right,
            "when": when,
            "open": found.open,
            "high": found.high,
            "low": found.low,
            "close": found.close,
            "volume": found.volume,
            "move": np.where(found.close >= found.open, "up", "down"),
        }
    )


def _begin(day: Any, days: float) -> Any:
    """First calendar day of the stretch that a candle stands for."""
    if days == 7:
        number = day.astype(np.int64)
        return ((number + 3) // 7 * 7 - 3).astype("datetime64[D]")
    months = {30: 1, 91: 3, 365: 12, 3652: 120}.get(int(days))
    if months is None:
        return day
    return (day.astype("datetime64[M]").astype(np.int64) // months * months).astype("datetime64[M]").astype("datetime64[D]")


def _x(frame: pd.DataFrame, bars: Bars, *, numbered: bool) -> dict[str, Any]:
    """The axis, for whoever wants it as `x` on `left`, `x` or `from`."""
    if not numbered:
        axis = alt.Axis(grid=False, labelFlush=True, tickCount=LABELS)
        return {"kind": "T", "axis": axis, "scale": alt.Scale(domain=_ends(frame), nice=False)}
    places, labels = _labels(frame)
    table = "{" + ",".join(f"'{place}':'{label}'" for place, label in zip(places, labels, strict=True)) + "}"
    axis = alt.Axis(grid=False, labelFlush=True, values=places, labelExpr=f"({table})[datum.value]", labelOverlap=True)
    return {"kind": "Q", "axis": axis, "scale": alt.Scale(domain=[-0.5, len(frame) - 0.5], nice=False, zero=False)}


def _ends(frame: pd.DataFrame) -> list[dict[str, int]]:
    def moment(value: Any) -> dict[str, int]:
        return {"year": value.year, "month": value.month, "date": value.day, "hours": value.hour}

    return [moment(frame["from"].iloc[0]), moment(frame["to"].iloc[-1])]


def _labels(frame: pd.DataFrame) -> tuple[list[int], list[str]]:
    """Where the axis of numbered candles is labelled: the first candle of a day by its date, full hours when there are few days."""
    day = frame["when"].str[:10]
    starts = np.flatnonzero((day != day.shift()).to_numpy())
    places, labels = list(starts), [_short(day.iloc[place]) for place in starts]
    if len(starts) <= 3:
        hours = [place for place in np.flatnonzero(frame["when"].str.endswith(":00").to_numpy()) if place not in set(starts)]
        step = -(-len(hours) // LABELS) if hours else 1
        places += hours[::step]
        labels += [frame["when"].iloc[place][11:] for place in hours[::step]]
    else:
        step = -(-len(starts) // LABELS)
        places, labels = places[::step], labels[::step]
    return [int(place) for place in places], labels


def _short(day: str) -> str:
    return f"{np.datetime64(day).item():%b %d}"


def _encoded(x: dict[str, Any], field: str, end: str = "") -> dict[str, Any]:
    encoded: dict[str, Any] = {"x": alt.X(f"{field}:{x['kind']}", title=None, axis=x["axis"], scale=x["scale"])}
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


def _color() -> alt.Color:
    return alt.Color("move:N", scale=alt.Scale(domain=["up", "down"], range=[charts.UP, charts.DOWN]), legend=None)


def _prices(frame: pd.DataFrame, x: dict[str, Any], scale: alt.Scale, low: float) -> list[alt.Chart]:
    form = "format(datum.value, ',.6~g')"
    axis = alt.Axis(tickCount=7, labelExpr=f"datum.value < {low * (1 if low > 0 else 1.001):.10g} ? '' : {form}")
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
        stroke=alt.Stroke("move:N", scale=_color().scale, legend=None),
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


def _bands(found: Candles, bars: Bars, bounds: SessionBounds, frame: pd.DataFrame, x: dict[str, Any]) -> list[alt.Chart]:
    """Every other trading day, and what lies outside the session, as quiet fields behind the candles."""
    day = bounds.day[found.first].astype(np.int64)
    number = np.cumsum(np.append(False, day[1:] != day[:-1]))
    rows = []
    if 1 < number[-1] + 1 <= BANDS:
        rows += [_stretch(np.flatnonzero(number == one), "day") for one in range(1, int(number[-1]) + 1, 2)]
    closed = outside(found, bounds)
    edges = np.flatnonzero(np.diff(np.concatenate(([0], closed.astype(np.int8), [0]))))
    if len(edges) // 2 <= BANDS * 2:
        rows += [_stretch(np.arange(start, stop), "closed") for start, stop in zip(edges[::2], edges[1::2], strict=True)]
    if not rows:
        return []
    shade = alt.Opacity("what:N", scale=alt.Scale(domain=["day", "closed"], range=[0.07, 0.16]), legend=None)
    band = alt.Chart(pd.DataFrame(rows)).mark_rect(color=charts.QUIET)
    return [band.encode(**_encoded(x, "from", "to"), y=alt.YValue(0), y2=alt.Y2Value("height"), opacity=shade)]


def outside(found: Candles, bounds: SessionBounds) -> NDArray[np.bool_]:
    """Which candles begin before the session's open or after its close."""
    return (bounds.minutes_from_open[found.first] < 0) | (bounds.minutes_to_close[found.first] < 0)


def _stretch(places: Groups, what: str) -> dict[str, Any]:
    return {"from": float(places[0]) - 0.5, "to": float(places[-1]) + 0.5, "what": what}


def _marks(marks: Sequence[Mark], found: Candles, bounds: SessionBounds, x: dict[str, Any], *, numbered: bool) -> list[alt.Chart]:
    first, last = bounds.day[found.first[0]], bounds.day[found.last[-1]]
    shown = [mark for mark in marks if first <= mark.day <= last]
    if not shown or len(shown) > MARKS:
        shown = [mark for mark in shown if mark.letter == "S"][:MARKS]
    if not shown:
        return []
    days = bounds.day[found.first]
    place: list[Any] = [
        int(np.searchsorted(days, mark.day, side="left")) if numbered else pd.Timestamp(mark.day.astype("datetime64[s]").item())
        for mark in shown
    ]
    rows = pd.DataFrame({"x": place, "letter": [mark.letter for mark in shown], "text": [mark.text for mark in shown]})
    base = alt.Chart(rows).encode(**_encoded(x, "x"), y=alt.YValue(8), tooltip=[alt.Tooltip("text:N", title=" ")])
    dot = base.mark_circle(size=190, color=charts.QUIET, opacity=0.9)
    letter = base.mark_text(fontSize=10, fontWeight="bold", color="white").encode(text="letter:N")
    return [dot, letter]
