"""Isolation of code on this machine, its promises, and the risks that the operator accepts."""

import streamlit as st

from core.domain.errors import StratloopError
from core.domain.isolation import Isolation
from core.report import labels
from core.report.number_format import format_duration
from core.services import services
from pages.components import formatting, frame
from pages.components.fields import draw_check

PROMISES = {
    2: "Code sees no file, reaches no network, starts and signals no process, reads no key and ends with its limits. That is measured.",
    1: "The same, except that one barrier is missing which alone gives nothing away.",
    0: "Accidents are stopped, attacks are not: code could read your files and reach the network. Nothing runs unless you allow it here.",
}
NEVER = "No level promises anything against flaws of the kernel or the processor."


def draw_sandbox_panel() -> None:
    """State, promises, and the operator's decisions."""
    with st.spinner("The self-test is running"):
        try:
            found = services().rooms.sandbox.isolation()
            refusal = services().rooms.sandbox.refusal()
        except StratloopError as error:
            frame.show_problem(error)
            return
    left, right = st.columns(2, gap="medium")
    with left, st.container(border=True):
        _state(found, refusal)
    with right, st.container(border=True):
        st.header("What each level promises", anchor=False)
        for level, text in PROMISES.items():
            here = " **This machine.**" if level == found.level else ""
            st.markdown(f":{formatting.LEVEL_COLOR[level]}-badge[{labels.ISOLATION[level]}] {text}{here}")
        st.caption(NEVER)


def _state(found: Isolation, refusal: StratloopError | None) -> None:
    st.header("This machine", anchor=False)
    st.badge(labels.ISOLATION[found.level], icon=":material/shield:", color=formatting.LEVEL_COLOR[found.level])
    st.markdown(formatting.format_sentence(found.detail.split(": ", 1)[-1]))
    if found.seconds:
        st.caption(f"Measured when the sandbox started, in {format_duration(found.seconds)}, by a child process that tried to break out.")
    else:
        st.caption("Nothing was measured: here the operating system is not asked to isolate anything.")
    for restriction in found.restrictions:
        st.info(labels.RESTRICTION[restriction], icon=":material/build:")
    if found.open_probes and found.seconds:
        st.caption(formatting.escape(f"Got through: {', '.join(found.open_probes)}."))
    if said := st.session_state.pop("settings_sandbox_said", None):
        st.success(said, icon=":material/check:")
    if failed := st.session_state.pop("settings_sandbox_failed", None):
        st.error(formatting.escape(failed), icon=":material/error:")
    allowed = services().preferences.allows_unisolated()
    if refusal is None:
        st.caption(":green[:material/check: Strategies run.]")
    else:
        frame.show_problem(refusal)
        if found.level > 0 or allowed:
            _draw_lower_level(found)
    if found.level == 0 or allowed:
        _opt_in()


def _opt_in() -> None:
    if services().settings.allow_unisolated:
        st.caption(":orange[:material/warning: The environment allows strategies to run unisolated (STRATLOOP_ALLOW_UNISOLATED).]")
        return
    if services().preferences.allows_unisolated():
        st.caption(":orange[:material/warning: You allowed strategies to run without isolation on this machine.]")
        st.button("Forbid it again", key="settings_forbid", icon=":material/shield:", on_click=allow, args=(False,))
        return
    sure = draw_check("I run only code that I would run myself, and I know that generated code could read my files.", key="settings_sure")
    st.button(
        "Let strategies run without isolation",
        key="settings_allow",
        icon=":material/warning:",
        disabled=not sure,
        on_click=allow,
        args=(True,),
    )


def _draw_lower_level(found: Isolation) -> None:
    with st.popover(f"Accept “{labels.ISOLATION[found.level].lower()}” from now on", icon=":material/shield:", key="settings_lower"):
        st.write("This machine was better isolated before. Accept the lower level only when you know why.")
        st.button("I know why: accept it", key="settings_accept", type="primary", on_click=accept)


def allow(allowed: bool) -> None:
    """Take the operator's decision on code without isolation."""
    services().preferences.allow_unisolated(allowed)
    st.session_state["settings_sure"] = False
    st.session_state["settings_sandbox_said"] = (
        "Strategies run without isolation from now on." if allowed else "Strategies need isolation again."
    )


def accept() -> None:
    """Expect the present level from now on."""
    try:
        found = services().installation.accept_isolation()
    except StratloopError as error:
        st.session_state["settings_sandbox_failed"] = str(error)
    else:
        st.session_state["settings_sandbox_said"] = f"From now on “{labels.ISOLATION[found.level].lower()}” is expected here."
