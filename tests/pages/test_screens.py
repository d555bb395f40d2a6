"""Each screen draws: empty, with a finished run, and with things that do not exist."""

from collections.abc import Callable
from datetime import date

import pytest
from streamlit.testing.v1 import AppTest

import core.services
from core.domain.run import Run, Status
from core.report.number_format import format_count
from core.report.statements import describe_decision
from core.services import Services
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
    for run in furnished.store.list_runs(limit=6):
        assert format_count(run.iterations, "iteration") in shown(app)
    assert sum("SMA cross" in link.value for link in app.page_link) == min(furnished.store.count_runs(), 6)


def test_a_second_click_on_the_sample_starts_no_second_run(open_screen: Open, furnished: Services) -> None:
    under_way = furnished.store.create_run(furnished.store.list_runs(limit=1)[0].plan)
    before = furnished.store.count_runs()
    app = open_screen()

    app.session_state["home_sample_run"] = under_way.id
    app.button(key="home_sample").click().run()

    assert furnished.store.count_runs() == before


def test_a_finished_run_shows_its_verdict_and_what_to_do(open_screen: Open, furnished: Services, finished: Run) -> None:
    text = shown(open_screen("driving", run=finished.id))

    found = furnished.runs.assess(finished.id)
    assert found.verdict is not None
    assert found.verdict.why in text
    assert describe_decision(found.selection, found.earlier_tries) in text
    assert "Evidence" in text
    assert "What to do next" in text


def test_a_closer_look_is_taken_from_the_screen_and_its_results_stay(open_screen: Open, furnished: Services, finished: Run) -> None:
    app = open_screen("driving", run=finished.id)
    key = next(button.key for button in app.button if button.key and button.key.endswith("_look_begin"))

    app.selectbox(key=key.replace("_begin", "_rounds")).set_value(0).run()
    app.button(key=key).click().run()
    look = furnished.verifications.find(finished.id)
    assert look is not None
    assert look.thread is not None
    look.thread.join()

    assert look.problem == ""
    assert "Warm-up" in shown(open_screen("driving", run=finished.id))


def test_driving_shows_a_finished_run_with_baseline_hold_out_and_luck(open_screen: Open, finished: Run) -> None:
    app = open_screen("driving", run=finished.id)
    text = shown(app)
    assert [metric.label for metric in app.metric][:4] == ["Best Sharpe", "Max drawdown", "Total return", "Spent"]
    assert app.metric[3].value == "Free"
    assert "Hold-out: bars the loop never saw" in text
    assert "skill" in text
    assert "not investment advice" in text


def test_figures_of_training_and_hold_out_stand_below_headings_so_that_a_phone_shows_them_whole(open_screen: Open, finished: Run) -> None:
    app = open_screen("driving", run=finished.id)
    table = next(frame.value for frame in app.dataframe if "As written" in frame.value)
    figures = ["Sharpe ratio", "Total return", "Max drawdown", "Closed trades"]
    assert table["Figure"].tolist() == ["Training", *figures, "Hold-out", *figures]
    assert table["As written"][0] == ""


def test_driving_says_at_the_field_that_no_asset_has_that_name(empty: Open) -> None:
    app = empty("driving")
    app.text_input(key="driving_symbol").set_value("zzqqxx").run()
    assert "zzqqxx" in app.error[0].value
    app.button(key="driving_execute").click().run()
    assert any("Nothing was started" in error.value for error in app.error)
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
    furnished.runs.cancel(started)
    assert furnished.store.read_run(started).plan.loops == 1


def test_a_run_that_does_not_exist_is_said_in_words(open_screen: Open) -> None:
    app = open_screen("driving", run="ffffffff")
    assert any("no run" in error.value for error in app.error)


def test_compare_draws_two_iterations_from_the_address(open_screen: Open, finished: Run) -> None:
    app = open_screen("compare", it=f"{finished.id}:0,{finished.id}:1")
    assert not app.exception
    assert len(app.get("echarts_chart")) == 2, "the trades on the price, all iterations"
    assert "With the hold-out" in [switch.label for switch in app.toggle], "the accounts over time"
    assert "Trades that differ" in shown(app)


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


def test_the_library_resumes_a_run_that_was_cancelled(open_screen: Open, furnished: Services, finished: Run) -> None:
    stopped = furnished.store.create_run(finished.plan.changed(loops=1))
    furnished.store.save_run(stopped.changed(status=Status.CANCELLED))
    app = open_screen("library", run=stopped.id)
    app.button(key="library_resume").click().run()
    assert not app.error
    assert furnished.store.read_run(stopped.id).status is not Status.CANCELLED
    furnished.runs.cancel(stopped.id)


def test_a_failed_run_says_why_and_keeps_its_iterations(open_screen: Open, furnished: Services, finished: Run) -> None:
    failed = furnished.store.create_run(finished.plan)
    furnished.store.save_run(failed.changed(status=Status.FAILED, message="The **model** said no."))
    app = open_screen("library", run=failed.id)
    assert "\\*\\*model\\*\\*" in app.error[0].value
    assert app.button(key="library_resume")


def test_dates_that_were_emptied_stay_empty(empty: Open) -> None:
    app = empty("driving")
    app.date_input(key="driving_start").set_value(None).run()
    app.switch_page("library.py").run()
    app.switch_page("driving.py").run()
    assert app.date_input(key="driving_start").value is None
    assert empty("driving").date_input(key="driving_start").value is None


def test_a_warm_up_longer_than_the_range_is_refused_before_a_run_exists(empty: Open) -> None:
    app = empty("driving")
    app.date_input(key="driving_start").set_value(date(2009, 1, 1)).run()
    app.date_input(key="driving_end").set_value(date(2009, 3, 1)).run()
    app.button(key="driving_execute").click().run()
    assert app.error
    assert core.services.services().store.count_runs() == 0


def test_a_workflow_without_an_entry_is_refused_at_the_field(empty: Open) -> None:
    app = empty("builder")
    app.button(key="builder_first_blank").click().run()
    app.switch_page("driving.py").run()
    assert "no entry row" in app.error[0].value
    app.button(key="driving_execute").click().run()
    assert core.services.services().store.count_runs() == 0


def test_a_second_execute_is_queued_and_said_to_be(open_screen: Open, furnished: Services) -> None:
    app = open_screen("driving")
    app.slider(key="driving_loops").set_value(100).run()
    app.button(key="driving_execute").click().run()
    first = app.query_params["run"]
    app.button(key="driving_execute").click().run()
    second = app.query_params["run"]
    assert first != second
    assert any("queued" in toast.value for toast in app.toast)
    for run_id in (first, second):
        furnished.runs.cancel(str(run_id))


def test_a_paid_model_shows_what_it_will_cost_before_anything_is_sent(empty: Open) -> None:
    app = empty("driving")
    assert "Probably" not in shown(app)
    app.selectbox(key="driving_provider").set_value("openai").run()
    app.selectbox(key="driving_model").set_value("openai/gpt-4o").run()
    text = shown(app)
    assert "Probably" in text
    assert "No key for OpenAI" in text
    app.text_input(key="driving_api_base").set_value("http://127.0.0.1:8621/v1").run()
    assert "No key for OpenAI" not in shown(app)
    assert "it is asked without one" in shown(app)
