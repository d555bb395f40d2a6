"""Frame of every screen: header, empty states, errors in words, the platform's own state, the risk line."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import streamlit as st

from core.domain.errors import StoreError, StratloopError, WorkflowError
from core.domain.history import ReadableRows
from core.report.labels import ISOLATION, RISK
from core.report.left_out import describe_left_out
from pages.components.formatting import LEVEL_COLOR, escape
from pages.components.guides import find_guide_place
from pages.components.navigation import screen

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

log = logging.getLogger("stratloop")


def store_screen(name: str) -> None:
    """Store which screen is drawn, for the way from it to its guide."""
    st.session_state["shell_arrived"] = st.session_state.get("shell_screen") != name
    st.session_state["shell_screen"] = name


def has_arrived() -> bool:
    """True in the first run of a screen that somebody has come to from another one, or with a new session."""
    return bool(st.session_state.get("shell_arrived", True))


def draw_header(title: str, icon: str, about: str = "") -> "DeltaGenerator":
    """The page's title, with the way to its guide; gives the container at its right end for badges and buttons."""
    row = st.container(horizontal=True, vertical_alignment="center", key="page_header")
    row.title(title, icon=icon, width="stretch", anchor=False)
    right = row.container(horizontal=True, vertical_alignment="center", width="content")
    name = str(st.session_state.get("shell_screen", ""))
    if place := find_guide_place(name, st.session_state.get(f"{name}_tab")):
        row.page_link(
            screen("help"), label="Guide", icon=":material/help:", query_params=place.address, help=f"Help on {title}", width="content"
        )
    if about:
        st.caption(about)
    return right


def draw_empty_state(title: str, words: str, *, icon: str) -> "DeltaGenerator":
    """A card for a place that has nothing to show yet; gives the container for what to do about it."""
    card = st.container(border=True, horizontal_alignment="center", gap="small")
    card.space("medium")
    card.markdown(f":gray[{icon}]", text_alignment="center")
    card.markdown(f"**{title}**", text_alignment="center")
    card.caption(words, text_alignment="center")
    actions = card.container(horizontal=True, horizontal_alignment="center", vertical_alignment="center")
    card.space("medium")
    return actions


def show_problem(error: StratloopError) -> None:
    """Show an expected failure in words, with what to do about it."""
    if isinstance(error, WorkflowError):
        from pages.components.problem_words import describe_problem

        places = [f"- {escape(describe_problem(problem))}" for problem in error.problems]
        st.error("The workflow cannot be used yet:\n" + "\n".join(places), icon=":material/error:")
        return
    hint = f"\n\n{escape(error.hint)}" if error.hint else ""
    st.error(escape(error.message) + hint, icon=":material/error:")


def draw_left_out(*lists: ReadableRows[Any]) -> None:
    """Draw one line on what lists could not show; nothing when they show everything."""
    if words := describe_left_out([row for rows in lists for row in rows.left_out]):
        st.caption(f":material/visibility_off: {words}")


@contextmanager
def show_errors() -> Iterator[None]:
    """Show expected failures inside this block as a message; anything else is a bug and goes on upward."""
    try:
        yield
    except StratloopError as error:
        show_problem(error)


def report_bug(error: Exception) -> bool:
    """Report an unexpected failure of a screen: logged with its traceback under an id, which is all that the screen shows."""
    if isinstance(error, StratloopError):  # an expected failure of a button, which is pressed before anything can catch it
        show_problem(error)
        return True
    from core.services import services

    number = services().record_bug(error)
    log.error("screen failure %s: %s", number, type(error).__name__)
    st.error(
        f"Something went wrong in the program itself (number {number}). Nothing that was saved is lost; the log has the details. "
        "Reload the page to go on.",
        icon=":material/bug_report:",
    )
    return True


def check_platform() -> bool:
    """Check that the history can be opened; when not, say why in place of the screen."""
    from core.services import services

    try:
        services().store.check_reading()
    except StoreError as error:
        _show_store_error(error)
        return False
    except StratloopError as error:
        show_problem(error)
        return False
    return True


def _show_store_error(error: StoreError) -> None:
    actions = draw_empty_state(
        "The history cannot be opened",
        "Nothing is lost: the files are left exactly as they are. When the cause is gone, try again.",
        icon=":material/lock:",
    )
    actions.button("Try again", key="shell_retry", icon=":material/refresh:", type="primary")
    show_problem(error)


def draw_isolation_banner() -> None:
    """Draw one line on what the sandbox cannot promise here; nothing when it can promise everything, or does not know yet."""
    from core.services import services

    found = services().installation.known_isolation()
    if found is None or found.level >= 2:
        return
    words = (
        "Generated code is confined but not fully isolated on this machine."
        if found.level == 1
        else ("Generated code is not isolated on this machine: run only code that you trust.")
    )
    detail = f" {escape(found.detail)}" if found.detail else ""
    st.warning(f"{words}{detail}", icon=":material/shield:")


def draw_isolation_badge() -> None:
    """The sandbox's level as a badge, which waits for the self-test by itself."""
    from core.services import services

    st.fragment(_draw_isolation_badge, run_every=2.0 if services().installation.known_isolation() is None else None)()


def _draw_isolation_badge() -> None:
    from core.services import services

    found = services().installation.known_isolation()
    if found is None:
        st.badge("Checking the sandbox", icon=":material/shield:", color="gray", help="The self-test runs in the background.")
        return
    st.badge(
        f"Sandbox: {ISOLATION[found.level].lower()}",
        icon=":material/shield:",
        color=LEVEL_COLOR[found.level],
        help=escape(found.detail) or None,
    )


def draw_risk_line() -> None:
    """Draw the risk line that stands under every result."""
    st.caption(RISK)
