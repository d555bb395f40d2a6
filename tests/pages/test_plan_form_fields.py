"""A field of the form has its default from the plan, and brings a plan's value there and back."""

import pytest

from core.domain.backtest import BacktestPlan
from core.domain.bars_request import BarsRequest
from core.domain.run import Constraints, ModelChoice, RunPlan
from core.domain.search import SearchMethod
from core.domain.workflow import Workflow
from pages.components import answer_fields, plan_form, plan_rules
from pages.components.plan_fields import FormField

PLAN = RunPlan(
    workflow=Workflow(name="w"),
    bars=BarsRequest(symbol="AAPL"),
    backtest=BacktestPlan(cash=5_000, commission=0.0025, slippage=0.0001, leverage=2.5, costs_said="0.1%"),
    model=ModelChoice(max_tokens=900, silence_seconds=90),
    constraints=Constraints(max_drawdown=0.35),
    loops=7,
    search=SearchMethod.ARCHIVE,
    hold_out=0.15,
    minimum_trades=0,
    patience=4,
    target=0.0,
    wall_seconds=600,
    budget_usd=1.25,
    memory=False,
)
FIELDS = (plan_form.CASH, plan_form.LOOPS, *plan_rules.FIELDS, *answer_fields.FIELDS)
NAMED = pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.key)


@NAMED
def test_a_field_that_nobody_touched_gives_the_plans_own_value(field: FormField) -> None:
    assert field.plan_field.from_form(field.default) == field.plan_field.default


@NAMED
def test_a_value_goes_into_the_form_and_back(field: FormField) -> None:
    part = next(part for part in (PLAN, PLAN.backtest, PLAN.constraints, PLAN.model) if type(part) is field.owner)

    assert field.plan_field.from_form(field.read(PLAN)) == getattr(part, field.name)


def test_a_value_beyond_the_forms_bounds_is_shown_at_the_nearest() -> None:
    assert plan_form.LOOPS.read(PLAN.changed(loops=0)) == 1
    assert plan_form.LOOPS.read(PLAN.changed(loops=1000)) == 100


@pytest.mark.parametrize(("field", "meant"), [(plan_form.CASH, 100_000.0), (answer_fields.LONGEST, 8_000), (plan_rules.LEVERAGE, 1.0)])
def test_an_emptied_field_that_may_not_be_zero_holds_the_plans_own_value(field: FormField, meant: float) -> None:
    assert field.plan_field.from_form(None) == meant


def test_an_emptied_limit_is_none_and_an_emptied_number_is_zero() -> None:
    emptied = {field.key: field.plan_field.from_form(None) for field in (*plan_rules.LIMITS, plan_rules.MINIMUM_TRADES)}

    assert emptied == {"patience": None, "gain": 0.0, "target": None, "minutes": None, "budget": None, "seed": 0, "minimum_trades": 0}
