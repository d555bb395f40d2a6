"""The form of a run shows a plan's fields under their own labels, with their own help and within their bounds."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from core.domain.backtest import BacktestPlan
from core.domain.bars_request import BarsRequest
from core.domain.plan_fields import FORM_SCALES, PlanField, find_field
from core.domain.run import TIME_IN_MARKET, Constraints, ModelChoice, RunPlan
from pages.components.plan_form import DEFAULTS

Open = Callable[..., AppTest]
WITH_HELP = {
    **{name: find_field(RunPlan, name) for name in ("loops", "hold_out", "minimum_trades", "patience", "target", "candidates", "seed")},
    "gain": find_field(RunPlan, "minimum_gain"),
    "minutes": find_field(RunPlan, "wall_seconds"),
    "budget": find_field(RunPlan, "budget_usd"),
    "deepest": find_field(Constraints, "max_drawdown"),
    "exposure": TIME_IN_MARKET,
    "commission": find_field(BacktestPlan, "commission"),
    "slippage": find_field(BacktestPlan, "slippage"),
    "costs_said": find_field(BacktestPlan, "costs_said"),
    "leverage": find_field(BacktestPlan, "leverage"),
}
OWNERS = (RunPlan, Constraints, BacktestPlan)
LABELED = {
    "workflow": find_field(RunPlan, "workflow"),
    "model": find_field(ModelChoice, "id"),
    "objective": find_field(RunPlan, "objective"),
    "escalate": find_field(RunPlan, "escalation"),
    "cash": find_field(BacktestPlan, "cash"),
    "symbol": find_field(BarsRequest, "symbol"),
    "others": find_field(BarsRequest, "others"),
    "start": find_field(BarsRequest, "start"),
    "end": find_field(BarsRequest, "end"),
    "timeframe": find_field(BarsRequest, "timeframe"),
}


def find_widget(app: AppTest, name: str) -> object:
    """The field of the form, whatever kind it is."""
    kinds = (app.number_input, app.slider, app.selectbox, app.text_input, app.date_input, app.toggle, app.multiselect)
    return next(widget for kind in kinds for widget in kind if widget.key == f"driving_{name}")


@pytest.fixture
def form(open_screen: Open) -> AppTest:
    return open_screen("driving")


def test_every_field_of_the_form_has_the_label_of_the_plans_field(form: AppTest) -> None:
    told = {name: find_widget(form, name).label for name in (*WITH_HELP, *LABELED)}  # type: ignore[attr-defined]

    assert told == {name: field.form_label for name, field in {**WITH_HELP, **LABELED}.items()}


def test_a_field_explains_itself_with_the_sentence_of_the_plans_field(form: AppTest) -> None:
    told = {name: find_widget(form, name).help for name in WITH_HELP}  # type: ignore[attr-defined]

    assert told == {name: field.sentence for name, field in WITH_HELP.items()}


def is_within(field: PlanField, low: float, high: float) -> bool:
    """True when the form's bounds lie within those of the value, 0 standing for none."""
    scale = FORM_SCALES.get(field.unit, 1.0)
    reaches_down = field.low is None or field.optional or low >= field.low * scale
    return reaches_down and (field.high is None or high <= field.high * scale)


def test_the_form_offers_nothing_that_the_plan_refuses(form: AppTest) -> None:
    numbers = {name: find_widget(form, name) for name in WITH_HELP if name != "costs_said"}

    assert [name for name, one in numbers.items() if not is_within(WITH_HELP[name], one.min, one.max)] == []  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", [name for name in WITH_HELP if name != "exposure"])
def test_a_field_that_nobody_touched_holds_the_plans_default(name: str) -> None:
    field = WITH_HELP[name]
    owner = next(owner for owner in OWNERS if field.name in owner.model_fields)
    meant = owner.model_fields[field.name].default

    if isinstance(meant, int | float):
        assert DEFAULTS[name] == pytest.approx(meant * FORM_SCALES.get(field.unit, 1.0))
    else:
        assert not meant
        assert not DEFAULTS[name], "forms have 0, or nothing, for none"
