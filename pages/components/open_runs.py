"""Runs that are going on or wait for a place, besides the one on view: where they stand, and a way to stop them."""

import streamlit as st

from core.domain.run import Run, Status
from core.report import labels
from core.report.number_format import format_count
from core.services import services
from pages.components import formatting
from pages.components.navigation import screen

SECONDS = 3.0


def draw_open_runs(shown: str | None) -> None:
    """A fold with the other open runs; nothing when there are none. Refreshes itself."""
    if any(run.id != shown for run in _open()):
        st.fragment(_list, run_every=SECONDS)(shown)


def count_waiting_before(run: Run) -> int:
    """Count the runs that wait before this one."""
    return sum(other.status is Status.QUEUED and other.created < run.created for other in _open())


def _open() -> list[Run]:
    return [run for run in services().store.list_open_runs() if run.kind.is_conversation]


def _list(shown: str | None) -> None:
    others = [run for run in _open() if run.id != shown]
    if not others:
        return
    with st.expander(format_count(len(others), "other open run"), icon=":material/stacks:", key="open_runs"):
        for run in others:
            _row(run)


def _row(run: Run) -> None:
    done = max((iteration.loop for iteration in services().store.list_iterations(run.id)), default=0)
    waits = count_waiting_before(run)
    place = "next in line" if waits == 0 else f"{format_count(waits, 'run')} before it"
    where = place if run.status is Status.QUEUED else f"loop {done} of {services().runs.count_loops(run)}"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.badge(labels.STATUS[run.status], icon=formatting.STATUS_ICON[run.status], color=formatting.STATUS_COLOR[run.status])
        st.caption(f"{formatting.format_subject(run)} · {where}", width="content")
        st.space("stretch")
        st.page_link(screen("driving"), label="Show", icon=":material/visibility:", query_params={"run": run.id})
        st.button(
            "Cancel",
            key=f"open_cancel_{run.id}",
            icon=":material/stop_circle:",
            type="tertiary",
            on_click=services().runs.cancel,
            args=(run.id,),
        )
