"""The rarely touched part of a run's form: costs, objective, constraints, limits, several answers at a time; and what a form adds up to."""

from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

import streamlit as st

from core.domain.backtest import BacktestPlan
from core.domain.bars_request import BarsRequest
from core.domain.cost_words import EXAMPLE, parse_costs
from core.domain.costs import SuggestedCosts, suggest_costs
from core.domain.errors import InputError
from core.domain.instrument import Instrument
from core.domain.run import FORMULA_EXAMPLE, TIME_IN_MARKET, Constraints, ModelChoice, Objective, RunPlan
from core.domain.search import SearchMethod
from core.domain.trading_costs import describe_commission, describe_slippage
from core.domain.workflow import Workflow
from core.evidence import check_formula
from core.report import labels
from pages.components import formatting, picker
from pages.components.fields import draw_choice, draw_switch, draw_text
from pages.components.plan_fields import FormField, draw_scale, get_label, list_defaults, list_values

COSTS = (
    FormField("commission", BacktestPlan, "commission", most=49.0, options={"step": 0.01, "format": "%.3f"}),
    FormField("slippage", BacktestPlan, "slippage", most=49.0, options={"step": 0.01, "format": "%.3f"}),
)
LEVERAGE = FormField("leverage", BacktestPlan, "leverage", options={"step": 0.5, "format": "%.1f"})
COSTS_SAID = FormField("costs_said", BacktestPlan, "costs_said")
HOLD_OUT = FormField("hold_out", RunPlan, "hold_out", whole=True)
OBJECTIVE = FormField("objective", RunPlan, "objective")
MINIMUM_TRADES = FormField("minimum_trades", RunPlan, "minimum_trades", most=10_000)
DEEPEST = FormField("deepest", Constraints, "max_drawdown", whole=True)
LIMITS = (
    FormField("patience", RunPlan, "patience", most=1000),
    FormField("gain", RunPlan, "minimum_gain", most=100.0, options={"step": 0.01, "format": "%.3f"}),
    FormField("target", RunPlan, "target", least=-100.0, most=1e6, options={"step": 0.1}),
    FormField("minutes", RunPlan, "wall_seconds", most=10_000, whole=True),
    FormField("budget", RunPlan, "budget_usd", most=100_000.0, options={"step": 0.5, "format": "%.2f"}),
    FormField("seed", RunPlan, "seed"),
)
"""Limits at which the run stops by itself, and the seed; drawn in two columns, in this order."""
CANDIDATES = FormField("candidates", RunPlan, "candidates")
SEARCH = FormField("search", RunPlan, "search")
SWITCHES = (FormField("memory", RunPlan, "memory"), FormField("blind", RunPlan, "blind"))
FIELDS = (*COSTS, LEVERAGE, COSTS_SAID, HOLD_OUT, OBJECTIVE, MINIMUM_TRADES, DEEPEST, *LIMITS, CANDIDATES, SEARCH, *SWITCHES)


def read_exposure(rules: Constraints) -> tuple[int, int]:
    """Read least and most time in the market for the form's scale, in percent; all of it is the end of the scale."""
    most = 1.0 if rules.maximum_exposure is None else rules.maximum_exposure
    return round(100 * (rules.minimum_exposure or 0)), round(100 * most)


def to_rule_values(plan: RunPlan) -> dict[str, Any]:
    """Convert a plan's costs, rules and limits to values of the form's fields."""
    formula = {"formula": plan.formula} if plan.formula else {}
    return {**list_values(FIELDS, plan), "exposure": read_exposure(plan.constraints), **formula}


DEFAULTS: dict[str, Any] = {
    **list_defaults(FIELDS),
    "formula": FORMULA_EXAMPLE,
    "exposure": read_exposure(Constraints()),
    "escalate": False,
    "strong_provider": None,
    "strong_model": None,
    "strong_api_base": "",
}
"""Values of the fields before anybody touched them."""


SEARCHES = {
    SearchMethod.ARCHIVE.value: "An archive of versions, many kinds of change",
    SearchMethod.CLIMB.value: "Always from the best version",
}


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """A field that has to be put right first, and why."""

    key: str
    message: str


@dataclass(slots=True)
class PlanForm:
    """Values read from the fields so far, and those that have to be put right first."""

    workflow: Workflow | None = None
    model: ModelChoice | None = None
    bars: BarsRequest | None = None
    instrument: Instrument | None = None
    backtest: BacktestPlan = field(default_factory=BacktestPlan)
    loop: dict[str, Any] = field(default_factory=dict)
    problems: list[FieldProblem] = field(default_factory=list)
    broken: bool = False
    """The workflow itself has errors."""

    def mark(self, key: str, message: str) -> None:
        """Say at the field being drawn what is wrong with it; no plan is built until that is put right."""
        self.problems.append(FieldProblem(key, message))
        st.error(formatting.escape(message), icon=":material/error:")

    def build_plan(self) -> RunPlan | None:
        """Build the run that the fields describe; None while a field is empty or wrong."""
        if self.problems or self.workflow is None or self.model is None or self.bars is None:
            return None
        return RunPlan(workflow=self.workflow, model=self.model, bars=self.bars, backtest=self.backtest, **self.loop)


def draw_costs(page: str, form: PlanForm) -> None:
    """Draw the costs of trading: what is usual for the instrument's class, until somebody says otherwise."""
    usual = suggest_costs(form.instrument) if form.instrument is not None else None
    if usual is not None:
        _follow_class(page, usual)
    costs = {one.name: one.draw(page, place) for one, place in zip(COSTS, st.columns(2), strict=True)}
    form.backtest = form.backtest.changed(**costs, leverage=LEVERAGE.draw(page))
    in_words = COSTS_SAID.plan_field
    said = draw_text(in_words.form_label, key=f"{page}_costs_said", placeholder=EXAMPLE, help=in_words.sentence)
    if form.instrument is None or usual is None:
        return
    if not said.strip():
        _suggestion(page, form, usual)
        return
    try:
        form.backtest = parse_costs(said, form.instrument, form.backtest)
    except InputError as error:
        form.mark(f"{page}_costs_said", str(error))
        return
    read = f"Commission {describe_commission(form.backtest)}; slippage {describe_slippage(form.backtest)}."
    st.caption(formatting.escape(read))


def _follow_class(page: str, usual: SuggestedCosts) -> None:
    """Fill in the usual costs of a newly chosen instrument, unless the fields hold something else than what was usual before."""
    key, before = f"{page}_usual_of", (DEFAULTS["commission"], DEFAULTS["slippage"])
    here = (st.session_state.get(f"{page}_commission"), st.session_state.get(f"{page}_slippage"))
    now = (round(usual.commission * 100, 6), round(usual.slippage * 100, 6))
    if here == st.session_state.get(key, before) and here != now:
        st.session_state[f"{page}_commission"], st.session_state[f"{page}_slippage"] = now
        here = now
    if here == now:
        st.session_state[key] = now


def _differs(given: float, usual: float) -> bool:
    """True when one is more than half as much again as the other, by more than a tenth of a basis point."""
    return abs(given - usual) > max(0.5 * min(given, usual), 0.00001)


def _suggestion(page: str, form: PlanForm, usual: SuggestedCosts) -> None:
    """Suggest the usual costs of the chosen instrument, where the fields say something quite different."""
    if not (_differs(form.backtest.commission, usual.commission) or _differs(form.backtest.slippage, usual.slippage)):
        return

    def take() -> None:
        st.session_state[f"{page}_commission"] = usual.commission * 100
        st.session_state[f"{page}_slippage"] = usual.slippage * 100

    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(formatting.escape(usual.basis))
        st.button("Use", key=f"{page}_usual_costs", type="tertiary", icon=":material/check:", on_click=take)


def draw_rules(page: str, form: PlanForm) -> None:
    """Draw the objective and the size of the hold-out."""
    hold_out = HOLD_OUT.draw_scale(page, step=5)
    left, right = st.columns(2)
    objective = draw_choice(
        OBJECTIVE.plan_field.form_label,
        [objective.value for objective in Objective],
        place=left,
        key=f"{page}_objective",
        format_func=lambda value: labels.OBJECTIVE[Objective(value)],
    )
    trades = MINIMUM_TRADES.draw(page, right)
    seed = int(st.session_state.get(f"{page}_seed") or 0)
    form.loop |= {"hold_out": hold_out, "objective": Objective(objective), "minimum_trades": trades, "seed": seed}
    if objective == Objective.FORMULA.value:
        _formula(page, form)


def draw_constraints(page: str, form: PlanForm) -> None:
    """Draw the constraints on a version; one that breaks them gets no score."""
    deepest = DEEPEST.draw_scale(page, step=5)
    least, most = draw_scale(TIME_IN_MARKET, step=5, key=f"{page}_exposure")
    form.loop["constraints"] = Constraints(
        max_drawdown=deepest,
        minimum_exposure=least / 100 or None,
        maximum_exposure=None if most == 100 else most / 100,
    )


def draw_limits(page: str, form: PlanForm) -> None:
    """Draw the limits at which the run stops by itself."""
    for one, place in zip(LIMITS, cycle(st.columns(2)), strict=False):
        form.loop[one.name] = one.draw(page, place)


def draw_candidates(page: str, form: PlanForm) -> None:
    """Draw the number of answers a loop, and a stronger model for when the loop is stuck."""
    form.loop["candidates"] = CANDIDATES.draw_scale(page)
    form.loop["search"] = SearchMethod(
        draw_choice(
            SEARCH.plan_field.form_label,
            list(SEARCHES),
            key=f"{page}_search",
            format_func=SEARCHES.__getitem__,
            help=SEARCH.plan_field.sentence,
        )
    )
    for one in SWITCHES:
        form.loop[one.name] = draw_switch(one.plan_field.form_label, key=f"{page}_{one.key}", help=one.plan_field.sentence)
    if draw_switch(get_label(RunPlan, "escalation"), key=f"{page}_escalate"):
        strong = picker.draw_model_field(f"{page}_strong")
        if strong is not None and form.model is not None:
            strong = form.model.changed(id=strong.id, api_base=strong.api_base)  # it answers in the same way
        form.loop["escalation"] = strong


def _formula(page: str, form: PlanForm) -> None:
    text = draw_text(get_label(RunPlan, "formula"), key=f"{page}_formula", placeholder=FORMULA_EXAMPLE)
    form.loop["formula"] = text
    try:
        check_formula(text)
    except InputError as error:
        form.mark(f"{page}_formula", str(error))
