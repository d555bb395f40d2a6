"""Each screen draws: empty, with a finished run, and with things that do not exist."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from core.domain.run import Run
from core.services import Services
from pages.components import words
from tests.pages.conftest import shown

SCREENS = ("", "builder", "code", "driving", "compare", "library")
Open = Callable[..., AppTest]


@pytest.mark.parametrize("screen", SCREENS)
def test_every_screen_draws_where_nothing_ever_happened(empty: Open, screen: str) -> None:
    app = empty(screen)
    assert app.title
    assert not app.error


@pytest.mark.parametrize("screen", SCREENS)
def test_every_screen_draws_over_a_history(open_screen: Open, screen: str) -> None:
    app = open_screen(screen)
    assert app.title
    assert not app.error


def test_home_lists_the_last_runs_with_the_way_to_each(open_screen: Open, furnished: Services) -> None:
    app = open_screen()
    for run in furnished.store.runs(limit=6):
        assert words.count(run.iterations, "iteration") in shown(app)
    assert sum("SMA cross" in link.value for link in app.page_link) == min(furnished.store.count(), 6)


def test_driving_shows_a_finished_run_with_baseline_hold_out_and_luck(open_screen: Open, finished: Run) -> None:
    app = open_screen("driving", run=finished.id)
    text = shown(app)
    assert [metric.label for metric in app.metric][:4] == ["Best Sharpe", "Max drawdown", "Total return", "Spent"]
    assert app.metric[3].value == "Free"
    assert "Hold-out: bars the loop never saw" in text
    assert "skill" in text
    assert "not investment advice" in text


def test_driving_says_at_the_field_that_no_asset_has_that_name(empty: Open) -> None:
    app = empty("driving")
    app.text_input(key="driving_symbol").set_value("zzqqxx").run()
    assert "zzqqxx" in app.error[0].value
    app.button(key="driving_execute").click().run()
    assert any("nothing was started" in error.value for error in app.error)
    assert app.text_input(key="driving_symbol").value == "zzqqxx"


def test_driving_refuses_reversed_dates_where_they_are_typed(empty: Open) -> None:
    app = empty("driving")
    start = app.date_input(key="driving_start").value
    app.date_input(key="driving_end").set_value(start.replace(year=start.year - 1)).run()
    assert any("Swap the two dates" in error.value for error in app.error)


def test_driving_starts_a_run_and_puts_it_into_the_address(open_screen: Open, furnished: Services) -> None:
    app = open_screen("driving")
    app.slider(key="driving_loops").set_value(1).run()
    app.button(key="driving_execute").click().run()
    started = str(app.query_params["run"])
    furnished.cancel(started)
    assert furnished.store.run(started).plan.loops == 1


def test_a_run_that_does_not_exist_is_said_in_words(open_screen: Open) -> None:
    app = open_screen("driving", run="ffffffff")
    assert any("no run" in error.value for error in app.error)


def test_compare_draws_two_iterations_from_the_address(open_screen: Open, finished: Run) -> None:
    app = open_screen("compare", it=f"{finished.id}:0,{finished.id}:1")
    assert "Growth of the account" in shown(app)
    assert len(app.get("vega_lite_chart")) == 2


def test_compare_names_what_it_cannot_find(open_screen: Open, finished: Run) -> None:
    app = open_screen("compare", it=f"{finished.id}:99,nonsense")
    assert len(app.warning) == 2
    assert not app.exception


def test_the_library_finds_runs_by_symbol(open_screen: Open) -> None:
    app = open_screen("library")
    app.text_input(key="library_search").set_value("aapl").run()
    assert len(app.dataframe) == 1
    app.text_input(key="library_search").set_value("no such thing").run()
    assert "No run fits" in shown(app)
