"""The same prompt to several models, side by side: what each wrote, what it earns, how far it keeps to the rows, what it cost and took."""

import json
from dataclasses import dataclass

import streamlit as st

from core.domain.errors import StratloopError
from core.domain.iteration import Iteration
from core.domain.run import ModelChoice, Run, RunKind, RunPlan
from core.services import services
from pages.components import frame, picker, words
from pages.components.plan_rules import Form
from pages.components.routes import screen

DRAFT = "code_several"
MOST = 6
POLL_SECONDS = 1.0


@dataclass(slots=True)
class Attempt:
    """One model's part: its generation, and the backtest of what it wrote once that was made."""

    generation: str
    backtest: str = ""
    number: int = 0
    problem: str = ""


def form_part(form: Form) -> None:
    """Choose models and ask them all."""
    with st.expander("Try several models", icon=":material/groups:", key="code_several"):
        known = _reachable()
        chosen = st.multiselect(
            "Models",
            known,
            key="code_several_models",
            max_selections=MOST,
            accept_new_options=True,
            wrap=False,  # a field that shrinks when it is left would move the button away from under the mouse
            format_func=words.model,
            placeholder="Two to six",
        )
        st.caption("All get the same prompt. What each writes is backtested on the training bars and kept in the library.")
        if st.button("Ask them all", key="code_several_ask", icon=":material/groups:", width="stretch", disabled=len(chosen) < 2):
            _ask(form.plan(), chosen)


@st.cache_data(ttl=60, max_entries=1, show_spinner=False)
def _reachable() -> list[str]:
    """Models that can be asked without more ado: free ones, and those of providers that have a key."""
    keyed = [group for group in picker.providers().values() if not group.needs_key or services().keys.place(group.id) is not None]
    return [identity for group in keyed for identity in picker.models(group.id)]


def _ask(plan: RunPlan | None, chosen: list[str]) -> None:
    if plan is None:
        st.error("Put the marked fields right first; nothing was sent.", icon=":material/error:")
        return
    attempts = []
    for model in chosen:
        try:
            started = services().start(plan.model_copy(update={"model": ModelChoice(id=model)}), kind=RunKind.GENERATE)
        except StratloopError as error:
            frame.problem(error)
            return
        attempts.append(Attempt(started.id))
    _keep(attempts)


def panel() -> None:
    """The attempts that are under way or done; nothing when there are none."""
    attempts = _kept()
    if not attempts:
        return
    try:
        runs = [services().store.run(attempt.generation) for attempt in attempts]
    except StratloopError:
        _keep([])
        return
    waiting = not all(run.status.finished for run in runs)
    st.fragment(_panel, run_every=POLL_SECONDS if waiting else None)(live=waiting)


def _panel(*, live: bool) -> None:
    attempts = _kept()
    runs = [services().store.run(attempt.generation) for attempt in attempts]
    with st.container(border=True, key="code_several_card"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.subheader("Several models", anchor=False)
            st.space("stretch")
            st.button("Close", key="code_several_close", type="tertiary", icon=":material/close:", on_click=_keep, args=([],))
        _backtest(attempts, runs)
        _table(attempts, runs)
        tested = [attempt for attempt in attempts if attempt.backtest]
        if any(attempt.problem for attempt in attempts):
            st.button("Run the failed ones again", key="code_several_again", icon=":material/refresh:", on_click=_again)
        if len(tested) > 1:
            st.page_link(
                screen("compare"),
                label="Compare figures, curves and code",
                icon=":material/compare_arrows:",
                query_params={"it": ",".join(f"{attempt.backtest}:{attempt.number}" for attempt in tested)},
            )
        frame.risk_line()
    if live and all(run.status.finished for run in runs):
        st.rerun()


def _again() -> None:
    """Forget why a backtest could not be made, so that it is tried once more."""
    attempts = _kept()
    for attempt in attempts:
        attempt.problem = ""
    _keep(attempts)


def generations() -> set[str]:
    """Ids of the generations that belong to a comparison of several models."""
    return {attempt.generation for attempt in _kept()}


def _backtest(attempts: list[Attempt], runs: list[Run]) -> None:
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
            with st.spinner(f"Running the code of {words.escape(words.model(plan.model.id))}", show_time=False):
                kept, detail = services().backtest(written.code, plan, note=f"written by {words.model(plan.model.id)}")
        except StratloopError as error:
            attempt.problem = str(error)
            continue
        attempt.backtest, attempt.number = kept.id, detail.iteration.number
    _keep(attempts)


def _answer(run: Run) -> Iteration | None:
    done = services().store.iterations(run.id)
    return done[-1] if done else None


def _table(attempts: list[Attempt], runs: list[Run]) -> None:
    import pandas as pd

    from pages.components import evidence_view, figures

    rows = []
    for attempt, run in zip(attempts, runs, strict=True):
        written = _answer(run)
        tested = services().store.detail(attempt.backtest, attempt.number).iteration if attempt.backtest else None
        metrics = tested.metrics if tested and tested.error is None else None
        state = attempt.problem or (words.verdict(tested) if tested else words.STATUS[run.status].lower())
        agreed = evidence_view.agreement(attempt.backtest, attempt.number) if metrics else None
        rows.append(
            {
                "Model": words.model(run.plan.model.id),
                "State": tested.error.message if tested and tested.error else state,
                "Sharpe": figures.shown(metrics, "sharpe", "ratio"),
                "Return": figures.shown(metrics, "total_return", "percent"),
                "Max DD": figures.shown(metrics, "max_drawdown", "percent"),
                "Trades": figures.shown(metrics, "trades", "whole"),
                "Agrees with rows": words.percent(agreed.share if agreed else None, 0),
                "Cost": words.cost([written]) if written else words.DASH,
                "Time": words.seconds(written.generate_seconds) if written else words.DASH,
            }
        )
    config = {"State": st.column_config.TextColumn(width="medium")}
    st.dataframe(
        pd.DataFrame(rows), hide_index=True, column_config=config, key="code_several_table", height="content", alt="Models side by side"
    )


def _kept() -> list[Attempt]:
    try:
        found = json.loads(services().store.draft(DRAFT) or "[]")
        return [Attempt(**attempt) for attempt in found]
    except (ValueError, TypeError):
        return []


def _keep(attempts: list[Attempt]) -> None:
    document = [
        {"generation": each.generation, "backtest": each.backtest, "number": each.number, "problem": each.problem} for each in attempts
    ]
    services().store.save_draft(DRAFT, json.dumps(document))
