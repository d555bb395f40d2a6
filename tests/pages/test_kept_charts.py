"""A chart is made once for what it shows, and anew for anything else; Vega-Lite can read each of them."""

from dataclasses import replace
from datetime import date, datetime
from functools import partial
from pathlib import Path

import altair as alt
import numpy as np
import pandas as pd
import pytest

from core.domain.bars_request import BarsRequest
from core.services import Services, Settings
from pages.components import charts, growth_chart, market_candles, market_character, run_result
from pages.components.kept_charts import Picture, build_spec, fingerprint

DAYS = np.arange("2024-01-01", "2024-04-01", dtype="datetime64[D]").astype("datetime64[s]")
CURVE = charts.Curve("Best", DAYS, np.linspace(1.0, 2.0, len(DAYS)))
LINES = {"title": "Value", "height": 300, "main": "Best", "form": ",.0f", "zero": False, "named": True, "log": False, "dark": False}
GROWTH = growth_chart.GrowthLine("Best", "#123456", DAYS, CURVE.value)
TRIES = (charts.ProgressPoint(0, 0.5, True, "first"), charts.ProgressPoint(1, None, False, "failed"))


def build_pictures() -> dict[str, Picture]:
    """One picture of each kind that needs no bars."""
    line = charts.Reference("Luck", {0: 0.1, 1: 0.2}, (4, 4))
    funnel = charts.FunnelBar("E1", "close above its average", 40, 30, 2)
    return {
        "lines": partial(charts.build_lines, [CURVE, replace(CURVE, name="Hold", dashed=True)], **LINES),
        "progress": partial(charts.build_progress, TRIES, [line], label="Sharpe", height=200),
        "funnel": partial(charts.build_funnel, [funnel]),
        "shares": partial(charts.build_shares, [0, 1], [0.5, 1.0], height=150),
        "growth": partial(growth_chart.build_growth, [GROWTH, replace(GROWTH, faint=True)], None, log=True, height=320, dark=True),
        "timeline": partial(run_result.build_timeline, [(0, datetime(2024, 1, 1, 10), 1.0, 2.0, 0.1, "kept")], dark=False),
        "memory": partial(market_character.build_memory, np.sin(np.arange(90.0)), dark=False),
    }


@pytest.mark.parametrize("name", build_pictures())
def test_a_chart_fits_the_schema_and_its_tables_are_named_by_what_they_hold(name: str) -> None:
    picture = build_pictures()[name]

    picture().to_dict()  # Altair's own check, which the screens leave out

    spec, again = build_spec(picture()), build_spec(picture())
    assert spec["datasets"]
    assert spec["datasets"] == again["datasets"]
    named = {part["data"]["name"] for part in (spec, *spec.get("layer", ())) if "data" in part}
    assert named == set(spec["datasets"])


def test_candles_fit_the_schema(tmp_path: Path) -> None:
    services = Services(Settings(home=tmp_path))
    bars = services.market.bars(BarsRequest(symbol="AAPL", start=date(2004, 1, 1), end=date(2004, 12, 31)))
    bounds = services.market.compute_session_bounds(bars)
    services.close()
    found = market_candles.build_candles(bars, bounds)
    marks = [market_candles.Mark(np.datetime64("2004-06-01"), "S", "split 2 to 1")]

    chart = market_candles.build_picture(found, market_candles.find_places(found, bars, bounds), marks, log=False, height=380)

    assert chart.to_dict()["layer"]


@pytest.mark.parametrize(
    "other",
    [
        partial(charts.build_lines, [replace(CURVE, value=np.nextafter(CURVE.value, 9.0))], **LINES),
        partial(charts.build_lines, [replace(CURVE, time=DAYS + 1)], **LINES),
        partial(charts.build_lines, [replace(CURVE, name="Other")], **LINES),
        partial(charts.build_lines, [replace(CURVE, value=CURVE.value.astype(np.float32))], **LINES),
        partial(charts.build_lines, [CURVE], **{**LINES, "dark": True}),
        partial(charts.build_shares, [CURVE], **LINES),
    ],
    ids=["the last bit of a value", "a second", "a name", "a kind of number", "the ground", "the function"],
)
def test_a_chart_is_another_one_for_anything_that_it_shows(other: Picture) -> None:
    assert fingerprint(other) != fingerprint(partial(charts.build_lines, [CURVE], **LINES))


def test_equal_values_are_the_same_chart_wherever_they_lie() -> None:
    copied = replace(CURVE, time=DAYS.copy(), value=CURVE.value.copy())

    assert fingerprint(partial(charts.build_lines, [copied], **LINES)) == fingerprint(partial(charts.build_lines, [CURVE], **LINES))


def test_a_table_goes_to_the_browser_once_however_many_layers_show_it() -> None:
    base = alt.Chart(pd.DataFrame({"x": [1, 2], "y": [3, 4]})).encode(x=alt.X("x:Q"), y=alt.Y("y:Q"))

    assert len(build_spec(alt.layer(base.mark_line(), base.mark_point()))["datasets"]) == 1
