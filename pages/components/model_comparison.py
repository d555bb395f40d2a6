"""The same prompt to several models, side by side: code, earnings, agreement with the rows, cost and time."""

import json
from dataclasses import dataclass

import streamlit as st

from core.domain.errors import StratloopError
from core.domain.iteration import Iteration
from core.domain.run import ModelChoice, Run, RunKind, RunPlan
from core.report import labels
from core.report.call_costs import format_cost
from core.report.figures import COST, LEAD_FIGURES
from core.report.number_format import DASH, format_duration, format_percent
from core.services import services
from pages.components import formatting, frame, picker
from pages.components.drafts import keep_draft
from pages.components.fields import draw_choices
from pages.components.navigation import screen
from pages.components.person_cache import cache_data
from pages.components.plan_rules import PlanForm

DRAFT = "code_several"
MAX_MODELS = 6
POLL_SECONDS = 1.0


@dataclass(slots=True)
class ComparedModel:
    """One model's part: its generation, and the backtest of what it wrote once that was made."""

    generation: str
    backtest: str = ""
    number: int = 0
    problem: str = ""


def draw_model_choice(form: PlanForm) -> None:
    """Choose models and ask them all."""
    with st.expander("Try several models", icon=":material/groups:", key="code_several"):
        known = _list_reachable()
        chosen = draw_choices(
            "Models",
            known,
            key="code_several_models",
            max_selections=MAX_MODELS,
            accept_new_options=True,
            wrap=False,  # a field that shrinks when it is left would move the button away from under the mouse
            format_func=labels.label_model,
            placeholder="Two to six",
        )
        st.caption("All get the same prompt. What each writes is backtested on the training bars and kept in the library.")
        if st.button("Ask them all", key="code_several_ask", icon=":material/groups:", width="stretch", disabled=len(chosen) < 2):
            _ask(form.build_plan(), chosen)


@cache_data(ttl=60, max_entries=16, show_spinner=False)
def _list_reachable() -> list[str]:
    """Models that can be asked without more ado: free ones, and those of providers that have a key."""
    keyed = [
        group for group in picker.load_providers().values() if not group.needs_key or services().rooms.keys.locate(group.id) is not None
    ]
    return [identity for group in keyed for identity in picker.load_models(group.id)]


def _ask(plan: RunPlan | None, chosen: list[str]) -> None:
    if plan is None:
        st.error("Put the marked fields right first; nothing was sent.", icon=":material/error:")
        return
    attempts = []
    for model in chosen:
        try:
            started = services().runs.start(plan.changed(model=choose_for(plan.model, model)), kind=RunKind.GENERATE)
        except StratloopError as error:
            frame.show_problem(error)  # the others are asked all the same
        else:
            attempts.append(ComparedModel(started.id))
    _store_models(attempts)


def choose_for(chosen: ModelChoice, model: str) -> ModelChoice:
    """Choose a model of a comparison: with the limits of the form, and at its address where the provider is the same."""
    same = services().models.describe_model(model).provider == services().models.describe_model(chosen.id).provider
    return chosen.changed(id=model, api_base=chosen.api_base if same else "")


def draw_comparison() -> None:
    """Draw the models' parts that are under way or done; nothing when there are none."""
    attempts = _restore_models()
    if not attempts:
        return
    try:
        runs = [services().store.read_run(attempt.generation) for attempt in attempts]
    except StratloopError:
        _store_models([])
        return
    waiting = not all(run.status.finished for run in runs)
    st.fragment(_panel, run_every=POLL_SECONDS if waiting else None)(live=waiting)


def _panel(*, live: bool) -> None:
    attempts = _restore_models()
    runs = [services().store.read_run(attempt.generation) for attempt in attempts]
    with st.container(border=True, key="code_several_card"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.header("Several models", anchor=False)
            st.space("stretch")
            st.button("Close", key="code_several_close", type="tertiary", icon=":material/close:", on_click=_store_models, args=([],))
        _backtest(attempts, runs)
        _table(attempts, runs)
        tested = [attempt for attempt in attempts if attempt.backtest]
        if any(attempt.problem for attempt in attempts):
            st.button("Run the failed ones again", key="code_several_again", icon=":material/refresh:", on_click=_retry_failed)
        if len(tested) > 1:
            st.page_link(
                screen("compare"),
                label="Compare figures, curves and code",
                icon=":material/compare_arrows:",
                query_params={"it": ",".join(f"{attempt.backtest}:{attempt.number}" for attempt in tested)},
            )
        frame.draw_risk_line()
    if live and all(run.status.finished for run in runs):
        st.rerun()


def _retry_failed() -> None:
    """Forget why a backtest could not be made, so that it is tried once more."""
    attempts = _restore_models()
    for attempt in attempts:
        attempt.problem = ""
    _store_models(attempts)


def list_generations() -> set[str]:
    """List the ids of the generations that belong to a comparison of several models."""
    return {attempt.generation for attempt in _restore_models()}


def _backtest(attempts: list[ComparedModel], runs: list[Run]) -> None:
    """Run what has arrived and was not run yet."""
    for attempt, run in zip(attempts, runs, strict=True):
        if not run.status.finished or attempt.backtest or attempt.problem:
            continue
        written = _answer(run)
        if written is None or not written.code:
            attempt.problem = run.message or "no code in the answer"
            continue
        plan = run.plan
        try:
            with st.spinner(f"Running the code of {formatting.escape(labels.label_model(plan.model.id))}", show_time=False):
                source = services().workbench.find_source(run.id, written.number)
                kept, detail = services().workbench.backtest(
                    written.code, plan, note=f"written by {labels.label_model(plan.model.id)}", source=source
                )
        except StratloopError as error:
            attempt.problem = str(error)
            continue
        attempt.backtest, attempt.number = kept.id, detail.iteration.number
    _store_models(attempts)


def _answer(run: Run) -> Iteration | None:
    done = services().store.list_iterations(run.id)
    return done[-1] if done else None


def _table(attempts: list[ComparedModel], runs: list[Run]) -> None:
    import pandas as pd

    from pages.components import evidence_view

    rows = []
    for attempt, run in zip(attempts, runs, strict=True):
        written = _answer(run)
        tested = services().store.read_detail(attempt.backtest, attempt.number).iteration if attempt.backtest else None
        metrics = tested.metrics if tested and tested.error is None else None
        state = attempt.problem or (labels.label_iteration(tested) if tested else labels.STATUS[run.status].lower())
        agreed = evidence_view.compute_conformity(attempt.backtest, attempt.number) if metrics else None
        rows.append(
            {
                "Model": labels.label_model(run.plan.model.id),
                "State": tested.error.message if tested and tested.error else state,
                **{figure.short: figure.format_from(metrics) for figure in LEAD_FIGURES},
                "Agrees with rows": format_percent(agreed.share if agreed else None, 0),
                COST.short: format_cost([written]) if written else DASH,
                "Time": format_duration(written.generate_seconds) if written else DASH,
            }
        )
    config = {"State": st.column_config.TextColumn(width="medium")}
    st.dataframe(
        pd.DataFrame(rows), hide_index=True, column_config=config, key="code_several_table", height="content", alt="Models side by side"
    )


def _restore_models() -> list[ComparedModel]:
    try:
        found = json.loads(services().store.read_draft(DRAFT) or "[]")
        return [ComparedModel(**attempt) for attempt in found]
    except (ValueError, TypeError):
        return []


def _store_models(attempts: list[ComparedModel]) -> None:
    document = [
        {"generation": each.generation, "backtest": each.backtest, "number": each.number, "problem": each.problem} for each in attempts
    ]
    keep_draft(DRAFT, json.dumps(document))
