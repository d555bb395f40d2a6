"""Completeness and plausibility of bars: a report in words, a map of the days, the largest gaps."""

from functools import partial
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from core.domain.bars import Bars, LoadedBars
from core.domain.instrument import Instrument, Timeframe
from core.domain.quality import Coverage, Quality, describe_quality
from core.report.number_format import DASH, format_count, write_minus_within
from pages.components import charts, formatting
from pages.components.kept_charts import draw_chart

STATES = ("complete", "nearly", "partly", "missing")
COLORS = (charts.UP, "#8cc9a8", "#d9962f", charts.DOWN)
CALENDAR_DAYS = 400
"""Up to so many trading days each has a field of its own; beyond that each month has."""
GAPS = 8
CALENDAR_WORDS = {
    "weekdays": "Monday to Friday, holidays unknown",
    "every day": "every day of the week",
    "24/5": "24 hours, five days a week",
}


def draw_report(found: LoadedBars, quality: Quality, coverage: Coverage, *, key: str) -> None:
    """Everything about the state of bars."""
    left, right = st.columns([5, 7], gap="medium")
    with left:
        st.markdown("**What was found**")
        draw_bullets(summarize_quality(quality))
        draw_remarks(found)
    with right:
        st.markdown(f"**{'Days' if _daily(coverage, found.bars) else 'Months'} that are there**")
        draw_gap_map(coverage, found.bars, key=f"{key}_map")
        draw_gap_table(quality, key=f"{key}_gaps")


def summarize_quality(quality: Quality) -> tuple[str, ...]:
    """The report with the calendar in words."""
    return tuple(map(write_minus_within, describe_quality(quality, CALENDAR_WORDS.get(quality.calendar, ""))))


def draw_remarks(found: LoadedBars) -> None:
    """Draw what was repaired when the bars came, and what was left as it is."""
    if found.repaired:
        st.markdown("**Repaired when they came**")
        draw_bullets(found.repaired)
    if found.warnings:
        st.markdown("**Worth knowing**")
        draw_bullets(found.warnings)


def draw_bullets(lines: tuple[str, ...]) -> None:
    """Sentences one below the other, shown as plain text."""
    st.markdown("\n".join(f"- {formatting.format_sentence(line)}" for line in lines))


def classify_days(coverage: Coverage) -> np.ndarray:
    """Classify each trading day as one of STATES."""
    share = coverage.share
    return np.select([share >= 1, share >= 0.95, share > 0], STATES[:3], STATES[3])


def draw_gap_map(coverage: Coverage, bars: Bars, *, key: str) -> None:
    """A field for each day or month, colored by how much of it is there."""
    picture = partial(build_gap_map, coverage, daily=_daily(coverage, bars))
    draw_chart(picture, key=key, alt_text="Which days have all their bars")


def build_gap_map(coverage: Coverage, *, daily: bool) -> alt.Chart:
    """Build the fields."""
    frame, x, y = _by_day(coverage) if daily else _by_month(coverage)
    rows = len(set(frame[y.field]))
    chart: alt.Chart = (
        alt.Chart(frame)
        .mark_rect(cornerRadius=2, stroke="transparent", strokeWidth=1)
        .encode(
            x=alt.X(
                x.name,
                title=None,
                sort=x.order,
                axis=alt.Axis(labelAngle=0, domain=False, ticks=False, labelOverlap=True),
                scale=_padded_scale(),
            ),
            y=alt.Y(y.name, title=None, sort=y.order, axis=alt.Axis(domain=False, ticks=False, labelOverlap=True), scale=_padded_scale()),
            color=alt.Color(
                "state:N",
                title=None,
                scale=alt.Scale(domain=list(STATES), range=list(COLORS)),
                legend=charts.build_legend(),
                sort=list(STATES),
            ),
            tooltip=[alt.Tooltip("name:N", title=" "), alt.Tooltip("there:N", title="Bars")],
        )
        .properties(height=min(rows * 20, 320) + 84)
    )
    return chart


class _Axis:
    def __init__(self, field: str, order: list[Any]) -> None:
        self.field, self.name, self.order = field, f"{field}:O", order


def _padded_scale() -> alt.Scale:
    return alt.Scale(paddingInner=0.12)


def _daily(coverage: Coverage, bars: Bars) -> bool:
    return len(coverage.day) <= CALENDAR_DAYS and bars.timeframe is not Timeframe.W1


def _by_day(coverage: Coverage) -> tuple[pd.DataFrame, _Axis, _Axis]:
    day = coverage.day.astype("datetime64[D]")
    number = day.astype(np.int64)
    names = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    weekday = (number + 3) % 7
    monday = ((number + 3) // 7 * 7 - 3).astype("datetime64[D]")
    week = [f"{moment.item():%d %b %y}" for moment in monday]
    frame = pd.DataFrame(
        {
            "week": week,
            "weekday": [names[one] for one in weekday],
            "state": classify_days(coverage),
            "name": day.astype(str),
            "there": [f"{present} of {expected}" for present, expected in zip(coverage.present, coverage.expected, strict=True)],
        }
    )
    return frame, _Axis("week", list(dict.fromkeys(week))), _Axis("weekday", names)


def _by_month(coverage: Coverage) -> tuple[pd.DataFrame, _Axis, _Axis]:
    month = coverage.day.astype("datetime64[M]")
    unique, place = np.unique(month, return_inverse=True)
    present, expected = (np.bincount(place, weights=column).astype(np.int64) for column in (coverage.present, coverage.expected))
    merged = Coverage(unique.astype("datetime64[D]"), expected, present)
    names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    number = unique.astype(np.int64)
    frame = pd.DataFrame(
        {
            "month": [names[one % 12] for one in number],
            "year": [1970 + int(one) // 12 for one in number],
            "state": classify_days(merged),
            "name": [str(one) for one in unique],
            "there": [f"{have:,} of {should:,}" for have, should in zip(present, expected, strict=True)],
        }
    )
    return frame, _Axis("month", names), _Axis("year", sorted(set(frame["year"])))


def draw_gap_table(quality: Quality, *, key: str) -> None:
    """The largest stretches that are missing."""
    if not quality.gaps:
        st.caption("No bar is missing between the first and the last one.")
        return
    shown = quality.gaps[:GAPS]
    more = f" The {len(shown)} largest:" if len(quality.gaps) > len(shown) else ""
    st.caption(f"{format_count(quality.missing, 'bar')} missing in all.{more}")
    frame = pd.DataFrame(
        {
            "From": [f"{gap.first:%Y-%m-%d %H:%M}" for gap in shown],
            "To": [f"{gap.last:%Y-%m-%d %H:%M}" for gap in shown],
            "Missing bars": [gap.bars for gap in shown],
        }
    )
    st.dataframe(frame, hide_index=True, key=key, height="content", alt="The largest gaps")


def describe_instrument(instrument: Instrument) -> dict[str, str]:
    """Describe an instrument, fact by fact; values are safe for Markdown."""
    costs = instrument.costs
    hours = (
        "around the clock"
        if (instrument.session_open, instrument.session_close) == (0, 1440)
        else f"{_format_minute(instrument.session_open)} to {_format_minute(instrument.session_close)}"
    )
    return {
        "Name": formatting.escape(instrument.name or instrument.symbol),
        "Class": instrument.asset_class.value,
        "Exchange": formatting.escape(instrument.exchange) or "unknown",
        "Currency": formatting.escape(instrument.currency),
        "Trading calendar": formatting.escape(
            CALENDAR_WORDS.get(instrument.calendar, instrument.calendar) or "unknown: Monday to Friday assumed"
        ),
        "Session": f"{hours}, {formatting.escape(instrument.zone)}",
        "Periods a year": f"{instrument.days_per_year} trading days",
        "Smallest price step": DASH if instrument.tick is None else f"{instrument.tick:g}",
        "Smallest quantity": "any fraction" if instrument.fractional else f"{instrument.lot:g}",
        "Short sales": "allowed" if instrument.shortable else "not allowed",
        "Usual costs": f"{costs.commission:.3%} commission a side, {costs.spread:.3%} spread, {costs.slippage:.3%} slippage",
    }


def _format_minute(minute: int) -> str:
    return f"{minute // 60 % 24:02}:{minute % 60:02}" if minute < 1440 else "24:00"
