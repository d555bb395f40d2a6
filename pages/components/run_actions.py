"""Actions on a run whose work is over: let it go on, with more loops or more money."""

import streamlit as st

from core.domain.errors import StratloopError
from core.domain.run import Run, RunKind, Status
from core.services import services
from pages.components import frame
from pages.components.fields import draw_number, follow
from pages.components.steering_panel import BUDGET

MOST_LOOPS = 1000


def draw_run_actions(run: Run, *, key: str) -> None:
    """Draw Resume for a run that was cut short, Continue for one that came to its end."""
    if run.kind is not RunKind.DRIVE or not run.reopenable:
        return
    if run.status is Status.COMPLETE:
        with st.popover("Continue", icon=":material/add:", key=f"{key}_continue"):
            _draw_continue_form(run, key)
    else:
        st.button("Resume", key=f"{key}_resume", icon=":material/resume:", on_click=_resume, args=(run.id,))


def _draw_continue_form(run: Run, key: str) -> None:
    st.caption("The run goes on from its best version. The hold-out was looked at already: another look is counted and weighs less.")
    follow(f"{key}_further_{BUDGET.key}", BUDGET.to_form(run.plan.budget_usd))
    with st.form(f"{key}_continue_form", border=False):
        more = draw_number("Further loops", 1, MOST_LOOPS, key=follow(f"{key}_further_loops", 10), help="How often a new version is tried.")
        budget = BUDGET.draw(f"{key}_further")
        if st.form_submit_button("Go on", icon=":material/play_arrow:", type="primary"):
            done = max((iteration.loop for iteration in services().store.list_iterations(run.id)), default=0)
            if resume_run(run.id, min(MOST_LOOPS, done + int(more or 1)), budget):
                st.rerun()


def _resume(run_id: str) -> None:
    resume_run(run_id)


def resume_run(run_id: str, loops: int | None = None, budget_usd: float | None = None) -> bool:
    """Let a run go on; false where something stands in the way, which is shown."""
    try:
        services().runs.resume(run_id, loops=loops, budget_usd=budget_usd)
    except StratloopError as error:
        frame.show_problem(error)
        return False
    return True
