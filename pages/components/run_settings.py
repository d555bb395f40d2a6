"""Settings that a run was started with, in a line; and the same settings for the next one."""

from typing import Any

import streamlit as st

from core.domain.backtest import BacktestPlan
from core.domain.deposits import describe_deposits
from core.domain.plan_fields import find_field
from core.domain.run import Effort, ModelChoice, Run, RunKind, RunPlan
from core.domain.search import SearchMethod
from core.domain.trading_costs import describe_commission, describe_slippage
from core.domain.value import Value
from core.report import labels
from core.report.number_format import format_count, format_dollars
from core.services import services
from pages.components import form_state, formatting, picker
from pages.components.navigation import screen
from pages.components.plan_form import to_form_values

PAGE = "driving"


def draw_run_settings(run: Run, *, key: str) -> None:
    """Draw the settings of a run, beyond what the state line says."""
    with st.container(horizontal=True, vertical_alignment="center", key=f"{key}_settings"):
        st.caption(describe_settings(run.plan, loop=run.kind.is_loop), width="content")
        pressed = run.kind is RunKind.DRIVE and st.button(
            "Use these settings",
            key=f"{key}_use_settings",
            icon=":material/content_copy:",
            type="tertiary",
            on_click=use_settings,
            args=(run,),
            help="Fills the form of LLM driving with them; nothing is started.",
        )
    if pressed:
        _show_form(run, key)


def describe_settings(plan: RunPlan, *, loop: bool) -> str:
    """Describe range, account and rules; safe for Markdown."""
    money = plan.backtest
    beside = f"with {', '.join(one.label for one in plan.bars.each[1:])}" if plan.bars.others else ""
    parts = [
        *([beside] if beside else []),
        formatting.format_plan_span(plan),
        f"{_name(BacktestPlan, 'cash')} {money.cash:,.0f}",
        *([describe_deposits(money.deposits)] if money.deposits else []),
        _commission(money),
        _slippage(money),
    ]
    parts += _describe_answers(plan.model)
    if money.leverage > 1:
        parts.append(f"{_name(BacktestPlan, 'leverage')} {money.leverage:g}")
    if loop:
        parts += [
            f"{_name(RunPlan, 'hold_out')} {plan.hold_out:.0%}",
            f"at least {format_count(plan.minimum_trades, 'trade')}",
            f"{_name(RunPlan, 'seed')} {plan.seed}",
        ]
        rules = plan.constraints
        limits = {
            "candidates": f"{plan.candidates} {_name(RunPlan, 'candidates')}" if plan.candidates > 1 else "",
            "across": f"{plan.across.value} over {len(plan.bars.members)} instruments" if plan.bars.basket else "",
            "drawdown": f"drawdown at most {rules.max_drawdown:.0%}" if rules.max_drawdown else "",
            "least": f"in the market at least {rules.minimum_exposure:.0%}" if rules.minimum_exposure else "",
            "most": f"in the market at most {rules.maximum_exposure:.0%}" if rules.maximum_exposure is not None else "",
            "search": "an archive of versions" if plan.search is SearchMethod.ARCHIVE else "",
            "memory": "" if plan.memory else "without earlier runs",
            "blind": _name(RunPlan, "blind") if plan.blind else "",
            "patience": f"{_name(RunPlan, 'patience')} {plan.patience}" if plan.patience else "",
            "target": f"{_name(RunPlan, 'target')} {plan.target:g}" if plan.target is not None else "",
            "time": f"{plan.wall_seconds / 60:g} min" if plan.wall_seconds else "",
            "budget": f"{_name(RunPlan, 'budget_usd')} {format_dollars(plan.budget_usd)}" if plan.budget_usd else "",
            "formula": plan.formula,
            "escalation": f"when stuck {labels.label_model(plan.escalation.id)}" if plan.escalation else "",
        }
        parts += [text for text in limits.values() if text]
    return formatting.escape(" · ".join(parts))


def _describe_answers(choice: ModelChoice) -> list[str]:
    """Describe how the model answers, as far as that is not the usual."""
    usual = ModelChoice()
    told = {
        "effort": f"{_name(ModelChoice, 'effort')} {choice.effort.value}" if choice.effort is not Effort.OWN else "",
        "temperature": f"{_name(ModelChoice, 'temperature')} {choice.temperature:g}" if choice.temperature is not None else "",
        "own": _name(ModelChoice, "own_temperature") if choice.own_temperature else "",
        "longest": f"answers up to {choice.max_tokens:,} tokens" if choice.max_tokens != usual.max_tokens else "",
        "silence": f"silence up to {choice.silence_seconds / 60:g} min" if choice.silence_seconds else "",
    }
    return [text for text in told.values() if text]


def _name(owner: type[Value], name: str) -> str:
    """A field's label within a line."""
    return find_field(owner, name).label.lower()


def _commission(money: BacktestPlan) -> str:
    told = describe_commission(money) if money.has_flat_commission else f"{money.commission:.3%}"
    return f"{_name(BacktestPlan, 'commission')} {told}"


def _slippage(money: BacktestPlan) -> str:
    told = describe_slippage(money) if money.slippage_price else f"{money.slippage:.3%}"
    return f"{_name(BacktestPlan, 'slippage')} {told}"


def _fill_form(plan: RunPlan) -> dict[str, Any]:
    """Fill the form with a plan: its fields, its model, and the stronger one."""
    strong = plan.escalation
    values = {**_model(plan.model), **to_form_values(plan), "escalate": strong is not None}
    return values if strong is None else values | {f"strong_{name}": value for name, value in _model(strong).items()}


def _model(choice: ModelChoice) -> dict[str, Any]:
    info = services().models.describe_model(choice.id)
    return {"provider": info.provider, "model": info.id, "api_base": choice.api_base}


def use_settings(run: Run) -> None:
    """Fill the form of LLM driving with the settings of a run; the agent of a session is none of the models that can be asked."""
    plan = run.plan.changed(model=ModelChoice()) if run.kind is RunKind.SESSION else run.plan
    values = _fill_form(plan)
    options = picker.load_workflow_options()
    same = next((name for name, workflow in options.items() if workflow == run.plan.workflow), None)
    values["workflow"] = same or f"{picker.OF_RUN}:{run.id}"
    form_state.store_fields(PAGE, values)
    st.session_state[f"{PAGE}_said"] = "The form holds the settings of that run."


def _show_form(run: Run, key: str) -> None:
    """Draw the whole page again, whose form stands outside of what was pressed; or go to the page with the form."""
    if key == PAGE:
        st.rerun()
    st.switch_page(screen(PAGE), query_params={"run": run.id})
