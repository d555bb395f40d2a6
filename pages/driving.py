"""LLM driving: one form, one button, and the run as it happens."""

import streamlit as st

from core.domain.errors import StratloopError
from core.domain.run import Run, RunKind, Status
from core.services import services
from pages.components import frame, generation
from pages.components.open_runs import in_line, open_runs
from pages.components.plan_form import plan_form
from pages.components.routes import screen


def shown_run() -> str | None:
    """The run in the address; else the one this tab looked at; else an open one; else the last one."""
    asked = st.query_params.get("run") or st.session_state.get("driving_run")
    if asked:
        return str(asked)
    store = services().store
    waiting = [run.id for run in store.open_runs() if run.kind is RunKind.DRIVE]
    last = [run.id for run in store.runs(limit=1, kind=RunKind.DRIVE)]
    return next(iter([*waiting, *last]), None)


def queued(run: Run) -> bool:
    """Whether a run that was just started has to wait for others."""
    others = [other for other in services().store.open_runs() if other.id != run.id and other.status is Status.RUNNING]
    return in_line(run) > 0 or len(others) >= services().settings.workers


right = frame.header("LLM driving", ":material/autorenew:")
with right:
    frame.isolation_badge()

left, main = st.columns([3, 9], gap="medium")
with left, st.container(border=True, key="driving_form"):
    st.subheader("Execute", anchor=False)
    form = plan_form("driving", loop=True)
    generation.estimate_line(form.plan())
    execute = st.button("Execute", key="driving_execute", type="primary", icon=":material/play_arrow:", width="stretch")
    if execute:
        plan = form.plan()
        if plan is None:
            st.error("Put the marked fields right first; nothing was started.", icon=":material/error:")
        else:
            try:
                started = services().start(plan)
            except StratloopError as error:
                frame.problem(error)
            else:
                if queued(started):
                    st.toast("Other runs are going on: this one is queued and starts by itself.", icon=":material/hourglass_empty:")
                st.session_state["driving_run"] = started.id
                st.query_params["run"] = started.id

with main:
    from pages.components.run_view import run_view  # brings the charts; the form is on the screen by now

    run_id = shown_run()
    if run_id is None:
        actions = frame.empty_state(
            "No run yet",
            "Choose a workflow and an asset on the left, then press Execute. The first results arrive within seconds.",
            icon=":material/autorenew:",
        )
        actions.page_link(screen("builder"), label="Write a workflow first", icon=":material/account_tree:")
    else:
        st.session_state["driving_run"] = run_id
        if st.query_params.get("run") != run_id:
            st.query_params["run"] = run_id
        open_runs(run_id)
        run_view(run_id, key="driving")
