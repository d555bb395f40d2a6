"""Character of an instrument, in words and small charts: distribution, memory, volatility over time and by season."""

from collections.abc import Sequence
from functools import partial

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from core.domain.bars import FloatArray
from core.domain.seasonality import Season, describe_seasonality
from core.evidence import Distribution, autocorrelation_bound, autocorrelations, compute_distribution, describe_profile, rolling_volatility
from core.report.number_format import DASH, format_percent, write_minus_within
from core.report.series_colors import SERIES
from pages.components import charts
from pages.components.fields import draw_segments
from pages.components.kept_charts import draw_chart
from pages.components.market_data import Character
from pages.components.market_quality import draw_bullets
from pages.components.theme_colors import is_dark

LAGS = 20
WINDOW = 63
"""Returns in the rolling volatility: a quarter of a year of trading days."""
HEIGHT = 170


def draw_character_panel(found: Character, *, key: str) -> None:
    """The words first, then what they rest on."""
    if found.profile is None:
        st.caption("Fewer than 60 trading days (or weeks): too few to say how it moves.")
    else:
        st.markdown("**What a strategy has to live with here**")
        told = (*describe_profile(found.profile), *describe_seasonality(found.seasons))
        draw_bullets(tuple(map(write_minus_within, told)))
        st.caption("The same sentences, for the training part alone and without names or dates, go into the prompt of a model.")
    with st.grid(2, min_column_width=320, gap="medium"):
        with st.container(gap="xsmall"):
            _returns(found, key)
        with st.container(gap="xsmall"):
            _memory(found, key)
        with st.container(gap="xsmall"):
            _volatility(found, key)
        with st.container(gap="xsmall"):
            _seasons(found, key)


def _unit(found: Character) -> str:
    return "week" if found.returns.periods_per_year == 52 else "day"


def _returns(found: Character, key: str) -> None:
    shape = compute_distribution(found.returns.value)
    if shape is None:
        return
    st.markdown(f"**Returns from {_unit(found)} to {_unit(found)}**")
    draw_chart(partial(build_returns, shape), key=f"{key}_returns", alt_text="Distribution of returns beside a normal one")
    st.caption("Dashed: a normal distribution of the same spread. The outermost bars hold everything beyond them.")


def build_returns(shape: Distribution) -> alt.LayerChart:
    """Build the distribution of returns."""
    frame = pd.DataFrame(
        {
            "left": shape.left,
            "right": shape.left + shape.width,
            "share": shape.share,
            "normal": shape.normal,
            "middle": shape.left + shape.width / 2,
        }
    )
    x = alt.X("left:Q", title=None, axis=alt.Axis(format=".1%", grid=False, tickCount=6))
    y = alt.Y("share:Q", title=None, axis=alt.Axis(format=".0%", tickCount=4))
    tooltip = [
        alt.Tooltip("left:Q", title="From", format=".2%"),
        alt.Tooltip("right:Q", title="To", format=".2%"),
        alt.Tooltip("share:Q", title="Share", format=".1%"),
        alt.Tooltip("normal:Q", title="If normal", format=".1%"),
    ]
    bars = (
        alt.Chart(frame)
        .mark_bar(color=charts.PRIMARY, opacity=0.75)
        .encode(x=x, x2=alt.X2("right"), y=y, y2=alt.Y2Datum(0), tooltip=tooltip)
    )
    line = (
        alt.Chart(frame).mark_line(color=charts.QUIET, strokeDash=[4, 3], strokeWidth=1.5).encode(x=alt.X("middle:Q"), y=alt.Y("normal:Q"))
    )
    chart: alt.LayerChart = alt.layer(bars, line).properties(height=HEIGHT)
    return chart


def _memory(found: Character, key: str) -> None:
    value = found.returns.value
    if len(value) <= LAGS * 2:
        return
    st.markdown("**Memory: correlation with earlier returns**")
    draw_chart(partial(build_memory, value, dark=is_dark()), key=f"{key}_memory", alt_text=f"Autocorrelation over {LAGS} lags")
    st.caption(
        f"By lag in {_unit(found)}s. Inside the dashed lines: no more than chance. Where size is remembered, wild times come together."
    )


def build_memory(value: FloatArray, *, dark: bool) -> alt.LayerChart:
    """Build the correlation of returns, shape (n,), with earlier ones."""
    band = autocorrelation_bound(len(value))
    rows = [
        {"lag": lag, "value": own, "kind": kind}
        for kind, series in (("Returns", value), ("Their size", np.abs(value)))
        for lag, own in enumerate(autocorrelations(series, lags=LAGS), 1)
    ]
    names = ["Returns", "Their size"]
    bars = (
        alt.Chart(pd.DataFrame(rows))
        .mark_bar()
        .encode(
            x=alt.X("lag:O", title=None, axis=alt.Axis(labelAngle=0, values=[1, 5, 10, 15, 20], grid=False)),
            xOffset=alt.XOffset("kind:N", sort=names),
            y=alt.Y("value:Q", title=None, axis=alt.Axis(format=".2f", tickCount=4)),
            color=alt.Color(
                "kind:N",
                title=None,
                sort=names,
                scale=alt.Scale(domain=names, range=list(SERIES[dark][:2])),
                legend=charts.build_legend(),
            ),
            tooltip=[
                alt.Tooltip("kind:N", title=" "),
                alt.Tooltip("lag:O", title="Lag"),
                alt.Tooltip("value:Q", title="Correlation", format="+.3f"),
            ],
        )
    )
    edges = alt.Chart(pd.DataFrame({"value": [band, -band]})).mark_rule(color=charts.QUIET, strokeDash=[4, 3]).encode(y=alt.Y("value:Q"))
    chart: alt.LayerChart = alt.layer(bars, edges).properties(height=HEIGHT)
    return chart


def _volatility(found: Character, key: str) -> None:
    rolling = rolling_volatility(found.returns, window=WINDOW)
    full = np.isfinite(rolling)
    if not full.any():
        return
    st.markdown(f"**Volatility of the last {WINDOW} {_unit(found)}s, a year**")
    curve = charts.Curve("Volatility", found.returns.day[full].astype("datetime64[s]"), rolling[full])
    charts.draw_lines(
        [curve],
        key=f"{key}_volatility",
        title="Volatility",
        alt_text="Rolling volatility",
        height=HEIGHT,
        form=".0%",
        zero=True,
        named=False,
    )


def _seasons(found: Character, key: str) -> None:
    groups = {"hour": found.seasons.hours, "weekday": found.seasons.weekdays, "month": found.seasons.months}
    offered = [name for name, seasons in groups.items() if len(seasons) > 1]
    if not offered:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("**Size of moves by season**", width="content")
        st.space("stretch")
        st.session_state.setdefault(f"{key}_season", offered[0])
        chosen = draw_segments(
            "Season",
            offered,
            required=True,
            key=f"{key}_season",
            label_visibility="collapsed",
            format_func=lambda name: f"By {name}",
        )
    draw_season_chart(groups[chosen or offered[0]], key=f"{key}_seasons")
    st.caption("1 is a usual move. The jump between two sessions counts for no hour.")


def draw_season_chart(seasons: Sequence[Season], *, key: str) -> None:
    """Mean move of each season against the mean of all."""
    draw_chart(partial(build_seasons, seasons), key=key, alt_text="Mean size of moves by season")


def build_seasons(seasons: Sequence[Season]) -> alt.LayerChart:
    """Build the bars of seasons."""
    frame = pd.DataFrame(
        {
            "name": [one.name if ":" in one.name else one.name[:3] for one in seasons],
            "value": [one.volatility for one in seasons],
            "returns": [one.returns for one in seasons],
        }
    )
    bars = (
        alt.Chart(frame)
        .mark_bar(color=charts.PRIMARY, opacity=0.75, cornerRadiusEnd=2)
        .encode(
            x=alt.X("name:O", title=None, sort=list(frame["name"]), axis=alt.Axis(labelAngle=0, labelOverlap=True, grid=False)),
            y=alt.Y("value:Q", title=None, axis=alt.Axis(format=".1f", tickCount=4)),
            tooltip=[
                alt.Tooltip("name:N", title=" "),
                alt.Tooltip("value:Q", title="Times the mean move", format=".2f"),
                alt.Tooltip("returns:Q", title="Bars", format=",d"),
            ],
        )
    )
    usual = alt.Chart(pd.DataFrame({"value": [1.0]})).mark_rule(color=charts.QUIET, strokeDash=[4, 3]).encode(y=alt.Y("value:Q"))
    chart: alt.LayerChart = alt.layer(bars, usual).properties(height=HEIGHT)
    return chart


def format_profile_figures(found: Character) -> tuple[tuple[str, str, str], ...]:
    """Volatility and deepest fall as they read in the headline: label, value, remark."""
    profile = found.profile
    if profile is None:
        return (("Volatility a year", DASH, "too few bars"), ("Deepest fall", DASH, "too few bars"))
    return (
        ("Volatility a year", format_percent(profile.volatility), f"{profile.range_median:.2%} in a usual bar"),
        ("Deepest fall", format_percent(profile.deepest_fall), "from its last peak"),
    )
