"""One answer of a model on its way: prompt beforehand, text as it arrives, code into the editor at the end.

The work belongs to the supervisor: closing the tab loses nothing.
"""

import time

import streamlit as st

from core.domain.errors import StratloopError
from core.domain.run import Run, Status
from core.services import services
from pages.components import editor, frame, words
from pages.components.plan_rules import Form

POLL_SECONDS = 0.5


def prompt_button(form: Form) -> None:
    """Shows what would be sent, with its size, before anything is spent."""
    if st.button("Show the prompt", key="code_prompt", icon=":material/description:", width="stretch", type="tertiary"):
        prompt_dialog(form)


@st.dialog("The prompt", width="large")
def prompt_dialog(form: Form) -> None:
    """The first prompt of the plan, as plain text."""
    plan = form.plan()
    if plan is None:
        st.caption("Put the marked fields right first.")
        return
    try:
        prompt = services().prompt(plan)
    except StratloopError as error:
        frame.problem(error)
        return
    st.caption(f"About {prompt.tokens:,} tokens. The first part never changes, so that providers can cache it. No key is in it.")
    system, user = st.tabs(["This turn", "Constant part"])
    with system:
        st.code(prompt.user, language=None, wrap_lines=True, height=460)
    with user:
        st.code(prompt.system, language=None, wrap_lines=True, height=460)


def progress(page: str) -> None:
    """The generation that this tab started, or that is going on anyway; nothing when there is none."""
    run = _present(page)
    if run is None:
        return
    every = None if run.status.finished else POLL_SECONDS
    st.fragment(_panel, run_every=every)(run.id, page, live=every is not None)


def _present(page: str) -> Run | None:
    from core.domain.run import RunKind

    identity = st.session_state.get(f"{page}_run")
    if identity is None:
        waiting = [run for run in services().store.open_runs() if run.kind is RunKind.GENERATE]
        if not waiting:
            return None
        identity = st.session_state[f"{page}_run"] = waiting[-1].id
    try:
        return services().store.run(identity)
    except StratloopError:
        del st.session_state[f"{page}_run"]
        return None


def _panel(run_id: str, page: str, *, live: bool) -> None:
    run = services().store.run(run_id)
    if run.status.finished:
        _arrived(run, page)
        if live:
            st.rerun()
    with st.container(border=True, key=f"{page}_generation", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.badge(words.STATUS[run.status], icon=words.STATUS_ICON[run.status], color=words.STATUS_COLOR[run.status])
            st.caption(_words(run), width="content")
            st.space("stretch")
            if run.status.finished:
                st.button("Close", key=f"{page}_generation_close", type="tertiary", icon=":material/close:", on_click=_close, args=(page,))
            else:
                st.button("Stop", key=f"{page}_generation_stop", icon=":material/stop_circle:", on_click=services().cancel, args=(run.id,))
        if run.status is Status.FAILED:
            _failure(run)
        arrived = written(run_id)
        if arrived and not run.status.finished:
            st.code(arrived[-6000:], language="python", height=260)


def written(run_id: str) -> str:
    """The text of the model's answer so far; a retry starts it afresh."""
    pieces: list[str] = []
    for event in services().store.events(run_id, limit=5000):
        if event.kind == "text":
            pieces.append(str(event.data.get("text", "")))
        elif event.kind == "stage" and event.data.get("stage") == "generate":
            pieces.clear()
    return "".join(pieces)


def _words(run: Run) -> str:
    seconds = ((run.finished.timestamp() if run.finished else time.time()) - run.created.timestamp()) if run.created else 0.0
    return words.escape(f"{words.model(run.plan.model.id)} · {words.seconds(max(seconds, 0.0))}")


def _failure(run: Run) -> None:
    found = services().provider_error(run) or {}
    hint = str(found.get("hint") or "")
    st.error(words.escape(run.message) + (f"\n\n{words.escape(hint)}" if hint and hint not in run.message else ""), icon=":material/error:")


def _arrived(run: Run, page: str) -> None:
    """Put a finished answer into the editor, once."""
    if st.session_state.get(f"{page}_taken") == run.id:
        return
    st.session_state[f"{page}_taken"] = run.id
    done = services().store.iterations(run.id)
    if done and done[-1].code:
        editor.load(done[-1].code, origin="generated", note=words.model(run.plan.model.id))


def _close(page: str) -> None:
    st.session_state.pop(f"{page}_run", None)
