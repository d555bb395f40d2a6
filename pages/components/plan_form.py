"""The form of a run: workflow, model, asset, account and loop. Says at the field what is wrong; gives a plan when nothing is."""

from datetime import date
from typing import Any

import streamlit as st

from core.domain.backtest import BacktestPlan
from core.domain.bars_request import BarsRequest
from core.domain.errors import Severity
from core.domain.plan_fields import find_field
from core.domain.run import RunPlan
from core.report.number_format import format_count
from pages.components import answer_fields, asset, form_state, picker, plan_rules
from pages.components.further_instruments import draw_basket, draw_further_instruments
from pages.components.navigation import screen
from pages.components.plan_fields import FormField, list_defaults, list_values
from pages.components.plan_rules import PlanForm

CASH = FormField("cash", BacktestPlan, "cash", least=1.0, most=1e12, options={"step": 1_000.0, "format": "%.0f"})
LOOPS = FormField("loops", RunPlan, "loops", least=1, most=100)
DEFAULTS: dict[str, Any] = {
    "workflow": None,
    "provider": None,
    "model": None,
    "api_base": "",
    "symbol": "AAPL",
    "others": [],
    "basket": [],
    "across": find_field(RunPlan, "across").default.value,
    "start": date(2003, 1, 1),
    "end": date(2010, 12, 31),
    "timeframe": find_field(BarsRequest, "timeframe").default.value,
    **list_defaults((CASH, LOOPS)),
    **answer_fields.DEFAULTS,
    **plan_rules.DEFAULTS,
}
"""Value of a field before anybody touched it."""


def draw_plan_form(page: str, *, loop: bool) -> PlanForm:
    """Draw the fields `<page>_...`; `loop` adds what only LLM driving asks."""
    form_state.restore(page, DEFAULTS)
    form = PlanForm()
    _workflow(page, form)
    form.model = picker.draw_model_field(page, answers=True)
    if form.model is None:
        form.mark(f"{page}_model", "Choose a model.")
    _market(page, form, loop=loop)
    if loop:
        form.loop["loops"] = LOOPS.draw_scale(page)
    with st.expander("More settings", key=f"{page}_more", icon=":material/tune:"):
        plan_rules.draw_costs(page, form)
        plan_rules.draw_rules(page, form)
        if loop:
            plan_rules.draw_constraints(page, form)
            plan_rules.draw_limits(page, form)
            plan_rules.draw_candidates(page, form)
    form_state.store(page, DEFAULTS)
    return form


def _workflow(page: str, form: PlanForm) -> None:
    from pages.components import workflow_readings  # reads tables; the first page does not wait for it

    form.workflow = picker.draw_workflow_field(page, picker.load_workflow_options(st.session_state.get(f"{page}_workflow")))
    if form.workflow is None:
        form.mark(f"{page}_workflow", "Choose a workflow.")
        return
    from pages.components.problem_words import describe_problem

    errors = [problem for problem in workflow_readings.check(form.workflow) if problem.severity is Severity.ERROR]
    if errors:
        form.broken = True
        more = f" And {format_count(len(errors) - 1, 'more problem')}." if len(errors) > 1 else ""
        form.mark(f"{page}_workflow", describe_problem(errors[0]) + more)
        st.page_link(screen("builder"), label="Put it right in the builder", icon=":material/account_tree:")


def _market(page: str, form: PlanForm, *, loop: bool) -> None:
    chosen = asset.draw_asset_field(page)
    basket, rates = draw_basket(page, form, chosen) if loop else ((), ())
    others = draw_further_instruments(page, form, chosen)
    span = asset.draw_range(page, chosen)
    form.backtest = form.backtest.changed(cash=CASH.draw(page))
    if span.reversed:
        form.mark(f"{page}_start", "“From” lies after “To”. Swap the two dates.")
        return
    if chosen is None:
        form.mark(f"{page}_symbol", "Choose the asset: type its symbol, or press one of the matches.")
        return
    form.instrument = chosen.instrument
    symbol = asset.read_symbol(page, chosen)
    form.bars = BarsRequest(
        symbol=symbol, start=span.start, end=span.end, timeframe=span.timeframe, others=others, basket=basket, rates=rates
    )
    if form.workflow is not None:
        from pages.components import workflow_readings

        form.bars = form.bars.add_others(workflow_readings.list_other_instruments(form.workflow))


def to_form_values(plan: RunPlan) -> dict[str, Any]:
    """Convert a plan to values of the form's fields, beside its workflow and its models."""
    symbol = {"symbol": plan.bars.symbol} if plan.bars.symbol else {}
    return {
        "others": [other.symbol for other in plan.bars.others if other.symbol],
        "basket": [other.symbol for other in plan.bars.basket if other.symbol],
        "across": plan.across.value,
        "start": plan.bars.start,
        "end": plan.bars.end,
        "timeframe": plan.bars.timeframe.value,
        **symbol,
        **list_values((CASH, LOOPS), plan),
        **answer_fields.to_answer_values(plan),
        **plan_rules.to_rule_values(plan),
    }
