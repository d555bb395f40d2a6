"""The library as a leaderboard: figures, verdicts and a person's own marks; strategies and workflows beside the runs."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from core.domain.remark import RunRemark
from core.domain.run import Run
from core.services import Services
from pages.components import library_table
from pages.components.library_table import build_table
from tests.pages.conftest import shown

Open = Callable[..., AppTest]


def test_a_run_stands_with_its_figures_its_verdict_and_its_marks(furnished: Services, finished: Run) -> None:
    said = {finished.id: RunRemark(run_id=finished.id, starred=True, note="calm", tags=("trend",))}
    best = furnished.remarks.list_bests([finished])
    (row,) = build_table([finished], best, said, {finished.id: "Held up"}).to_dict("records")
    metrics = best[finished.id].metrics
    assert metrics is not None
    assert finished.benchmark is not None
    assert (row["★"], row["Verdict"], row["Note"], row["Tags"]) == ("★", "Held up", "calm", ["trend"])
    assert row["Sharpe"] == metrics.sharpe
    assert round(row["Against market"], 6) == round(100 * (metrics.total_return - finished.benchmark.total_return), 6)


def test_a_winner_is_kept_as_a_strategy_and_stands_beside_the_runs(open_screen: Open, furnished: Services, finished: Run) -> None:
    app = open_screen("library", run=finished.id)
    app.text_input(key=f"library_closer_keep_{finished.id}_{finished.best}_name").set_value("My cross")
    next(button for button in app.button if button.label == "Save" and button.form_id).click().run()
    assert [kept.name for kept in furnished.remarks.list_strategies()] == ["My cross"]
    app.session_state["library_tab"] = "Strategies"
    app.run()
    assert "My cross" in shown(app)
    app.button(key=f"library_forget_{finished.id}_{finished.best}").click().run()
    assert "No strategy is kept yet" in shown(app)


def test_marks_are_kept_as_they_are_changed_and_narrow_the_table(open_screen: Open, furnished: Services, finished: Run) -> None:
    app = open_screen("library", run=finished.id)
    app.toggle(key=f"library_starred_{finished.id}").set_value(True).run()
    app.text_input(key=f"library_note_{finished.id}").set_value("worth a look").run()
    said = furnished.remarks.read_remark(finished.id)
    assert (said.starred, said.note) == (True, "worth a look")
    app.toggle(key="library_starred").set_value(True).run()
    assert len(app.dataframe[0].value) == 1
    app.text_input(key="library_search").set_value("nothing like it").run()
    assert "No run fits these filters" in shown(app)


def test_saved_workflows_stand_in_the_library_and_open_in_the_builder(open_screen: Open, furnished: Services) -> None:
    furnished.store.save_workflow(furnished.workbench.find_workflow("macd_trend"), tags=("trend",))
    app = open_screen("library")
    app.session_state["library_tab"] = "Workflows"
    app.run()
    assert "MACD trend" in shown(app)
    app.button(key="library_open_MACD trend").click().run()
    assert app.session_state["builder_document"].name == "MACD trend"


def test_the_library_turns_its_pages_and_finds_the_run_of_an_address_on_any_of_them(
    open_screen: Open, furnished: Services, finished: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library_table, "RUNS_OF_A_PAGE", 1)
    newer = furnished.store.create_run(finished.plan)

    app = open_screen("library", run=finished.id)
    first = app.dataframe[0].value["Run"].tolist()
    app.number_input(key="library_page").set_value(2).run()
    second = app.dataframe[0].value["Run"].tolist()
    app.number_input(key="library_page").set_value(1).run()
    app.selectbox(key="library_runs_order").set_value("Sharpe").run()

    assert (first, second) == ([newer.id], [finished.id])
    assert app.dataframe[0].value["Run"].tolist() == [finished.id]


def test_a_bundle_that_was_opened_leaves_no_file_behind(open_screen: Open, furnished: Services, finished: Run) -> None:
    app = open_screen("library")
    app.file_uploader[0].upload("run.zip", furnished.bundles.pack(finished.id)).run()
    app.button(key="library_bundle_open").click().run()
    app.run()
    assert app.session_state["library_bundles_opened"] == 1
    assert app.file_uploader[0].value is None
