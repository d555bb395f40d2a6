"""The rarely touched part of a run's form: costs, objective, constraints, limits, several answers at a time; and what a form adds up to."""

from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from core.domain.backtest import BacktestPlan
from core.domain.cost_words import EXAMPLE, parse_costs
from core.domain.costs import SuggestedCosts, suggest_costs
from core.domain.errors import InputError
from core.domain.instrument import Instrument
from core.domain.plan_fields import find_field
from core.domain.run import TIME_IN_MARKET, BarsRequest, Constraints, ModelChoice, Objective, RunPlan
from core.domain.search import SearchMethod
from core.domain.trading_costs import describe_commission, describe_slippage
from core.domain.workflow import Workflow
from core.evidence import check_formula
from core.report import labels
from pages.components import formatting, picker
from pages.components.fields import draw_choice, draw_switch, draw_text
from pages.components.plan_fields import draw_amount, draw_count, draw_scale, get_label

DEFAULTS: dict[str, Any] = {
    "commission": 0.1,
    "slippage": 0.05,
    "leverage": 1.0,
    "costs_said": "",
    "objective": Objective.SHARPE.value,
    "formula": "sharpe * (1 + max_drawdown)",
    "hold_out": 30,
    "minimum_trades": 5,
    "deepest": 0,
    "exposure": (0, 100),
    "seed": 0,
    "patience": 0,
    "gain": 0.0,
    "target": None,
    "minutes": 0,
    "budget": 0.0,
    "candidates": 1,
    "search": SearchMethod.CLIMB.value,
    "memory": True,
    "blind": False,
    "escalate": False,
    "strong_provider": None,
    "strong_model": None,
    "strong_api_base": "",
}
"""Percent where people think in percent; 0 in patience, minutes, budget and drawdown means no limit."""


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
    left, right = st.columns(2)
    commission, slippage = (
        draw_amount(BacktestPlan, name, key=f"{page}_{name}", most=49.0, place=place, step=0.01, format="%.3f")
        for name, place in (("commission", left), ("slippage", right))
    )
    form.backtest = form.backtest.changed(commission=float(commission or 0.0) / 100, slippage=float(slippage or 0.0) / 100)
    leverage = draw_amount(BacktestPlan, "leverage", key=f"{page}_leverage", least=1.0, most=100.0, step=0.5, format="%.1f")
    form.backtest = form.backtest.changed(leverage=float(leverage or 1.0))
    in_words = find_field(BacktestPlan, "costs_said")
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
    hold_out = draw_scale(find_field(RunPlan, "hold_out"), step=5, key=f"{page}_hold_out")
    left, right = st.columns(2)
    objective = draw_choice(
        get_label(RunPlan, "objective"),
        [objective.value for objective in Objective],
        place=left,
        key=f"{page}_objective",
        format_func=lambda value: labels.OBJECTIVE[Objective(value)],
    )
    trades = draw_count(RunPlan, "minimum_trades", most=10_000, place=right, key=f"{page}_minimum_trades")
    seed = int(st.session_state.get(f"{page}_seed") or 0)
    form.loop |= {"hold_out": hold_out / 100, "objective": Objective(objective), "minimum_trades": int(trades or 0), "seed": seed}
    if objective == Objective.FORMULA.value:
        _formula(page, form)


def draw_constraints(page: str, form: PlanForm) -> None:
    """Draw the constraints on a version; one that breaks them gets no score."""
    deepest = draw_scale(find_field(Constraints, "max_drawdown"), step=5, key=f"{page}_deepest")
    least, most = draw_scale(TIME_IN_MARKET, step=5, key=f"{page}_exposure")
    form.loop["constraints"] = Constraints(
        max_drawdown=deepest / 100 or None,
        minimum_exposure=least / 100 or None,
        maximum_exposure=None if most == 100 else most / 100,
    )


def draw_limits(page: str, form: PlanForm) -> None:
    """Draw the limits at which the run stops by itself."""
    left, right = st.columns(2)
    patience = draw_count(RunPlan, "patience", most=1000, place=left, key=f"{page}_patience")
    gain = draw_amount(RunPlan, "minimum_gain", most=100.0, place=right, key=f"{page}_gain", step=0.01, format="%.3f")
    target = draw_amount(RunPlan, "target", least=-100.0, most=1e6, place=left, key=f"{page}_target", step=0.1)
    minutes = draw_count(RunPlan, "wall_seconds", most=10_000, place=right, key=f"{page}_minutes")
    budget = draw_amount(RunPlan, "budget_usd", most=100_000.0, place=left, key=f"{page}_budget", step=0.5, format="%.2f")
    seed = draw_count(RunPlan, "seed", place=right, key=f"{page}_seed")
    form.loop |= {
        "patience": int(patience or 0) or None,
        "minimum_gain": float(gain or 0.0),
        "target": None if target is None else float(target),
        "wall_seconds": float(minutes or 0) * 60 or None,
        "budget_usd": float(budget or 0.0) or None,
        "seed": int(seed or 0),
    }


def draw_candidates(page: str, form: PlanForm) -> None:
    """Draw the number of answers a loop, and a stronger model for when the loop is stuck."""
    form.loop["candidates"] = draw_scale(find_field(RunPlan, "candidates"), key=f"{page}_candidates")
    form.loop["search"] = SearchMethod(
        draw_choice(
            get_label(RunPlan, "search"),
            list(SEARCHES),
            key=f"{page}_search",
            format_func=SEARCHES.__getitem__,
            help=find_field(RunPlan, "search").sentence,
        )
    )
    form.loop["memory"] = draw_switch(get_label(RunPlan, "memory"), key=f"{page}_memory", help=find_field(RunPlan, "memory").sentence)
    form.loop["blind"] = draw_switch(get_label(RunPlan, "blind"), key=f"{page}_blind", help=find_field(RunPlan, "blind").sentence)
    if draw_switch(get_label(RunPlan, "escalation"), key=f"{page}_escalate"):
        strong = picker.draw_model_field(f"{page}_strong")
        if strong is not None and form.model is not None:
            strong = form.model.changed(id=strong.id, api_base=strong.api_base)  # it answers in the same way
        form.loop["escalation"] = strong


def _formula(page: str, form: PlanForm) -> None:
    text = draw_text(get_label(RunPlan, "formula"), key=f"{page}_formula", placeholder="sharpe * (1 + max_drawdown)")
    form.loop["formula"] = text
    try:
        check_formula(text)
    except InputError as error:
        form.mark(f"{page}_formula", str(error))
