"""Sweep: a workflow with other numbers, point after point, on one or several instruments and timeframes."""

import streamlit as st

from core.domain.errors import StratloopError
from core.domain.run import Run, RunKind
from core.report import labels
from core.report.number_format import format_count
from core.services import services
from pages.components import formatting, frame
from pages.components.fields import bind, draw_choice
from pages.components.navigation import screen
from pages.components.plan_problems import show_problems
from pages.components.sweep_form import SweepForm, draw_sweep_form

RESULTS_FIRST = """<style>
@media (max-width: 640px) {
  [data-testid="stHorizontalBlock"] > [data-testid="stColumn"]:has(.st-key-sweep_form) { order: 2; }
}
</style>"""
"""On a phone the form stands below a sweep that is shown: the results are what people come back for."""
LISTED = 40
"""Newest runs of sweeps among which one is chosen."""


def list_sweeps() -> dict[str, Run]:
    """The newest sweeps by the id of their first run, the newest first."""
    found: dict[str, Run] = {}
    for run in services().store.list_runs(limit=LISTED, kind=RunKind.SWEEP):
        group = run.plan.sweep.group if run.plan.sweep else run.id
        found[group or run.id] = run
    return found


def find_shown_sweep(known: dict[str, Run]) -> str | None:
    """The sweep in the address; else the one this tab looked at; else the newest."""
    asked = st.query_params.get("run") or st.session_state.get("sweep_shown")
    if asked and (asked not in known):
        try:
            return services().sweeps.list_runs(str(asked))[0].id
        except StratloopError as error:
            frame.show_problem(error)
            return next(iter(known), None)
    return str(asked) if asked else next(iter(known), None)


def draw_size(found: SweepForm) -> None:
    """Say how many backtests it will be, before anything is started."""
    if not found.plans or found.plans[0].sweep is None:
        return
    count, series = found.plans[0].sweep.count, len(found.plans)
    times = f" on {format_count(series, 'series of bars', 'series of bars')}" if series > 1 else ""
    st.caption(f"{format_count(count, 'point')}{times}: {format_count(count * series, 'try', 'tries')} on the training bars.")


def show_chosen() -> None:
    """Show the sweep that was chosen from the list."""
    st.session_state["sweep_shown"] = st.query_params["run"] = st.session_state["sweep_chosen"]


def start(found: SweepForm) -> None:
    """Start the sweep that the form describes."""
    if not found.plans:
        show_problems(found.form, "Nothing was started.")
        return
    try:
        runs = services().sweeps.start(found.plans)
    except StratloopError as error:
        frame.show_problem(error)
        return
    st.session_state["sweep_shown"] = runs[0].id
    st.query_params["run"] = runs[0].id
    st.rerun()


frame.draw_header("Sweep", ":material/grid_on:")
left, main = st.columns([3, 9], gap="medium")
with left, st.container(border=True, key="sweep_form"):
    st.header("Vary the numbers", anchor=False)
    form = draw_sweep_form()
    draw_size(form)
    if st.button("Start", key="sweep_start_button", type="primary", icon=":material/play_arrow:", width="stretch"):
        start(form)

with main, st.container(key="sweep_room"):
    known = list_sweeps()
    shown = find_shown_sweep(known)
    if shown is None:
        actions = frame.draw_empty_state(
            "No sweep yet",
            "Choose a workflow, an instrument and the numbers that vary, then press Start. Every point is a try, and counts.",
            icon=":material/grid_on:",
        )
        actions.page_link(screen("builder"), label="Write a workflow first", icon=":material/account_tree:")
    else:
        from pages.components.sweep_view import draw_sweep  # brings the charts; the form is on the screen by now

        st.html(RESULTS_FIRST)
        st.session_state["sweep_shown"] = shown
        if st.query_params.get("run") != shown:
            st.query_params["run"] = shown
        if len(known) > 1:
            names = {
                group: f"{run.plan.workflow.name}, {formatting.format_moment(run.created)}, {labels.STATUS[run.status]}"
                for group, run in known.items()
            }
            choices = list(dict.fromkeys([shown, *names]))
            bind("sweep_chosen", shown)
            draw_choice("Sweep", choices, key="sweep_chosen", format_func=lambda one: names.get(str(one), str(one)), on_change=show_chosen)
        draw_sweep(shown)
