"""LLM driving: one form, one button, and the run as it happens."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.domain.errors import StratloopError
from core.domain.run import Run, RunKind, Status
from core.services import services
from pages.components import frame, generation_panel
from pages.components.navigation import screen
from pages.components.open_runs import count_waiting_before, draw_open_runs
from pages.components.plan_form import draw_plan_form
from pages.components.plan_problems import show_problems
from pages.components.scroll import open_at
from pages.components.workflow_card import draw_workflow_card

RESULTS_FIRST = """<style>
@media (max-width: 640px) {
  [data-testid="stHorizontalBlock"] > [data-testid="stColumn"]:has(.st-key-driving_form) { order: 2; }
}
</style>"""
"""On a phone the form stands below a run that is shown, unless it was asked for: the results are what people come back for."""


def find_shown_run() -> str | None:
    """The run in the address; else the one this tab looked at; else an open one; else the last one."""
    asked = st.query_params.get("run") or st.session_state.get("driving_run")
    if asked:
        return str(asked)
    store = services().store
    waiting = [run.id for run in store.list_open_runs() if run.kind is RunKind.DRIVE]
    newest = [run for kind in (RunKind.DRIVE, RunKind.SESSION) for run in store.list_runs(limit=1, kind=kind)]
    last = [run.id for run in sorted(newest, key=lambda run: run.created, reverse=True)]
    return next(iter([*waiting, *last]), None)


def is_queued(run: Run) -> bool:
    """True when a run that was just started has to wait for others."""
    going_on = [other for other in services().store.list_open_runs() if other.id != run.id and other.status is Status.RUNNING]
    others = [other for other in going_on if other.kind is not RunKind.SESSION]  # a session takes no place
    return count_waiting_before(run) > 0 or len(others) >= services().settings.workers


def is_over(shown: str | None) -> bool:
    """True when a run was over before this visit of the page: one that ends while somebody watches keeps its place on the page."""
    if frame.has_arrived():
        st.session_state.pop("driving_watched", None)
    try:
        finished = shown is not None and services().store.read_run(shown).status.finished
    except StratloopError:
        finished = False
    if not finished:
        st.session_state["driving_watched"] = shown
    return finished and st.session_state.get("driving_watched") != shown


def unfold() -> None:
    """Put the form beside the run."""
    st.session_state["driving_unfolded"] = True


def place_parts() -> tuple[DeltaGenerator, DeltaGenerator, DeltaGenerator]:
    """Place workflow, form and run: the form beside the run.

    Where the run was over before, workflow and form stand folded in one line above it, so that its result has the whole width,
    until the form is asked for.
    """
    over = is_over(find_shown_run())
    if not over or st.session_state.get("driving_unfolded"):
        table = st.container(key="driving_table")
        beside = st.columns([3, 9], gap="medium")
        return table, beside[0], beside[1]
    edited = bool(st.session_state.get("driving_editing"))  # the table itself needs the whole width
    places = [st.container(), st.container()] if edited else st.columns(2, gap="small")
    form = places[1].expander("Edit and run again", icon=":material/tune:", key="driving_fold", on_change=unfold)
    return places[0].container(key="driving_table"), form, st.container()


right = frame.draw_header("LLM driving", ":material/autorenew:")
with right:
    frame.draw_isolation_badge()
if frame.has_arrived():
    st.session_state.pop("driving_unfolded", None)
if said := st.session_state.pop("driving_said", None):
    unfold()  # the form was filled just now
    st.toast(said, icon=":material/content_copy:")

table, left, main = place_parts()
with left, st.container(border=True, key="driving_form"):
    st.header("Execute", anchor=False)
    form = draw_plan_form("driving", loop=True)
    generation_panel.draw_estimate(form.build_plan())
    execute = st.button("Execute", key="driving_execute", type="primary", icon=":material/play_arrow:", width="stretch")
    if execute:
        plan = form.build_plan()
        if plan is None:
            show_problems(form, "Nothing was started.")
        else:
            try:
                started = services().runs.start(plan)
            except StratloopError as error:
                frame.show_problem(error)
            else:
                if is_queued(started):
                    st.toast("Other runs are going on: this one is queued and starts by itself.", icon=":material/hourglass_empty:")
                st.session_state["driving_run"] = st.session_state["driving_arrives"] = started.id
                st.query_params["run"] = started.id

with table:
    if form.workflow is not None:
        draw_workflow_card("driving", form.workflow, opened=find_shown_run() is None)

with main, st.container(key="driving_room"):
    from pages.components.run_view import draw_run  # brings the charts; the form is on the screen by now

    run_id = find_shown_run()
    if run_id is not None and not st.session_state.get("driving_unfolded"):
        st.html(RESULTS_FIRST)
    if run_id is None:
        actions = frame.draw_empty_state(
            "No run yet",
            "Choose a workflow and an asset, then press Execute. The first results arrive within seconds.",
            icon=":material/autorenew:",
        )
        actions.page_link(screen("builder"), label="Write a workflow first", icon=":material/account_tree:")
    else:
        st.session_state["driving_run"] = run_id
        if st.query_params.get("run") != run_id:
            st.query_params["run"] = run_id
        draw_open_runs(run_id)
        draw_run(run_id, key="driving")
        if st.session_state.pop("driving_arrives", None) == run_id:
            open_at("driving_room", asked=run_id)
