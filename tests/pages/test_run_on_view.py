"""What stands on a run: what came of it, its settings for the next one, a way to go on, and the others that are going on."""

import json
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from core.domain.bars_request import FurtherInstrument
from core.domain.run import Constraints, ModelChoice, Objective, Run, Status
from core.report.figures import find_figure
from core.services import Services
from pages.components.plan_form import to_form_values
from pages.components.run_settings import describe_settings
from tests.pages.conftest import plan_of

Open = Callable[..., AppTest]
CARDS = [("calmar", "Best Calmar"), ("total_return", "Best total return"), ("sharpe", "Best Sharpe")]


def text(app: AppTest) -> str:
    return " ".join(str(element.value) for element in (*app.markdown, *app.caption, *app.warning))


def test_a_finished_run_says_in_a_sentence_what_came_of_it(open_screen: Open, furnished: Services, finished: Run) -> None:
    said = furnished.runs.assess(finished.id).result

    assert said
    assert said in text(open_screen("driving", run=finished.id))


def test_the_settings_of_a_run_fill_the_form_and_start_the_same_run(open_screen: Open, furnished: Services) -> None:
    plan = plan_of(
        furnished,
        loops=2,
        objective=Objective.CALMAR,
        hold_out=0.25,
        constraints=Constraints(max_drawdown=0.5, minimum_exposure=0.1),
        patience=4,
        minimum_gain=0.01,
        candidates=2,
        escalation=ModelChoice(id="demo"),
        seed=7,
    )
    made = furnished.runs.run_here(plan)

    app = open_screen("driving", run=made.id)
    app.button(key="driving_use_settings").click().run()
    app.button(key="driving_execute").click().run()

    again = furnished.store.read_run(str(app.query_params["run"]))
    furnished.runs.cancel(again.id)
    assert again.id != made.id
    assert json.loads(again.plan.model_dump_json()) == json.loads(plan.model_dump_json())


def test_the_cards_of_a_basket_tell_its_score_from_the_figures_of_all_together(open_screen: Open, furnished: Services) -> None:
    plan = plan_of(furnished, loops=1, hold_out=0.0)
    made = furnished.runs.run_here(plan.changed(bars=plan.bars.changed(basket=(FurtherInstrument(symbol="MSFT"),))))
    best = furnished.store.read_detail(made.id, made.best or 0).iteration

    cards = {card.label: card.value for card in open_screen("driving", run=made.id).metric}

    assert cards["Best mean Sharpe"] == find_figure("sharpe").format(best.score)
    assert cards["Sharpe ratio, all together"] == find_figure("sharpe").format_from(best.metrics)
    assert "Best Sharpe" not in cards


def test_settings_of_a_run_whose_workflow_is_not_kept_bring_its_workflow_along(open_screen: Open, furnished: Services) -> None:
    own = furnished.workbench.find_workflow("macd_trend").changed(name="Only of that run")
    made = furnished.runs.run_here(plan_of(furnished, loops=1, workflow=own))

    app = open_screen("driving", run=made.id)
    app.button(key="driving_use_settings").click().run()

    assert app.selectbox(key="driving_workflow").value == f"run:{made.id}"
    app.button(key="driving_execute").click().run()
    again = furnished.store.read_run(str(app.query_params["run"]))
    furnished.runs.cancel(again.id)
    assert again.plan.workflow == own


def test_every_setting_is_said(furnished: Services) -> None:
    plan = plan_of(furnished, target=1.5, wall_seconds=600.0, budget_usd=2.0, candidates=3, patience=4)
    said = describe_settings(plan, loop=True).replace("\\", "")
    for words in ("target score 1.5", "10 min", "budget", "3 answers a loop", "patience 4", "hold-out 30%", "2006-01-01 to 2009-12-31"):
        assert words in said
    assert to_form_values(plan)["minutes"] == 10


def test_a_complete_run_goes_on_with_further_loops(open_screen: Open, furnished: Services) -> None:
    made = furnished.runs.run_here(plan_of(furnished, loops=1))

    app = open_screen("driving", run=made.id)
    app.number_input(key="driving_further_loops").set_value(2)
    next(button for button in app.button if button.label == "Go on").click().run()

    for thread in tuple(furnished.rooms.run_worker._threads):
        thread.join(300)
    assert [one.loop for one in furnished.store.list_iterations(made.id)] == [0, 1, 2, 3]
    assert furnished.store.read_run(made.id).status is Status.COMPLETE


def test_other_open_runs_are_listed_with_their_place(open_screen: Open, furnished: Services, finished: Run) -> None:
    waiting = furnished.store.create_run(plan_of(furnished))

    app = open_screen("driving", run=finished.id)

    assert "1 other open run" in [fold.label for fold in app.expander]
    assert "next in line" in text(app)
    app.button(key=f"open_cancel_{waiting.id}").click().run()
    assert furnished.store.read_run(waiting.id).status is Status.CANCELLED


@pytest.mark.parametrize(("objective", "label"), CARDS)
def test_the_card_of_the_objective_is_the_best_ones(open_screen: Open, furnished: Services, objective: str, label: str) -> None:
    made = furnished.runs.run_here(plan_of(furnished, objective=Objective(objective)))

    labels = [metric.label for metric in open_screen("driving", run=made.id).metric]

    assert label in labels
    assert sum(name.startswith("Best") for name in labels) == 1


def test_the_usual_costs_of_an_instrument_are_offered_and_taken(empty: Open) -> None:
    app = empty("driving")
    assert "Usual for" not in text(app)
    app.text_input(key="driving_symbol").set_value("SYN-FX").run()
    assert app.number_input(key="driving_commission").value == 0, "no commission on currencies, by itself"
    app.number_input(key="driving_slippage").set_value(0.5).run()
    assert "Usual for" in text(app)

    app.button(key="driving_usual_costs").click().run()

    assert "Usual for" not in text(app)
    assert app.number_input(key="driving_slippage").value < 0.05
