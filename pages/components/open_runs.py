"""Runs that are going on or wait for a place, besides the one on view: where they stand, and a way to stop them."""

import streamlit as st

from core.domain.run import Run, RunKind, Status
from core.services import services
from pages.components import words
from pages.components.routes import screen

SECONDS = 3.0


def open_runs(shown: str | None) -> None:
    """A fold with the other open runs; nothing when there are none. Refreshes itself."""
    if any(run.id != shown for run in _open()):
        st.fragment(_list, run_every=SECONDS)(shown)


def in_line(run: Run) -> int:
    """How many runs wait before this one."""
    return sum(other.status is Status.QUEUED and other.created < run.created for other in _open())


def _open() -> list[Run]:
    return [run for run in services().store.open_runs() if run.kind is RunKind.DRIVE]


def _list(shown: str | None) -> None:
    others = [run for run in _open() if run.id != shown]
    if not others:
        return
    with st.expander(words.count(len(others), "other open run"), icon=":material/stacks:", key="open_runs"):
        for run in others:
            _row(run)


def _row(run: Run) -> None:
    done = max((iteration.loop for iteration in services().store.iterations(run.id)), default=0)
    waits = in_line(run)
    place = "next in line" if waits == 0 else f"{words.count(waits, 'run')} before it"
    where = place if run.status is Status.QUEUED else f"loop {done} of {services().loops_of(run)}"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.badge(words.STATUS[run.status], icon=words.STATUS_ICON[run.status], color=words.STATUS_COLOR[run.status])
        st.caption(f"{words.subject(run)} · {where}", width="content")
        st.space("stretch")
        st.page_link(screen("driving"), label="Show", icon=":material/visibility:", query_params={"run": run.id})
        st.button(
            "Cancel",
            key=f"open_cancel_{run.id}",
            icon=":material/stop_circle:",
            type="tertiary",
            on_click=services().cancel,
            args=(run.id,),
        )
