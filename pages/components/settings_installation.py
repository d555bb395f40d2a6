"""Facts about this installation: places, versions, checks of its parts, license, and what leaves the machine."""

from pathlib import Path
from typing import Any

import streamlit as st

from core.report import labels
from core.report.number_format import format_count
from core.services import services
from pages.components import access, formatting
from pages.components.market_storage import format_size
from pages.live.guests import GUESTS

LEAVES = (
    "To a model's provider: the prompt, with your workflow, the code so far, its figures and findings. "
    "The Code screen shows it before it is sent.",
    "To Yahoo Finance, when you fetch or search there: the symbol and the range.",
    "Nothing else. There is no telemetry, and the pages load nothing from other servers.",
)


def draw_installation_panel() -> None:
    """Places and versions on the left; checks, license and risk on the right."""
    left, right = st.columns(2, gap="medium")
    with left:
        with st.container(border=True):
            st.header("Where things are kept", anchor=False)
            st.table(list_places(), border="horizontal", alt="Where things are kept")
            st.caption("STRATLOOP_HOME and STRATLOOP_DATABASE choose other places.")
            _copies()
        with st.container(border=True):
            st.header("Versions", anchor=False)
            st.table(
                {formatting.escape(name): formatting.escape(text) for name, text in services().installation.list_versions().items()},
                border="horizontal",
                alt="Versions",
            )
            _checks()
    with right:
        with st.container(border=True):
            st.header("What leaves this machine", anchor=False)
            st.markdown("\n".join(f"- {line}" for line in LEAVES))
            st.caption(_access())
        with st.container(border=True):
            st.header("License and risk", anchor=False)
            st.markdown(
                "Stratloop is free software under the GNU General Public License, version 3 or later, without any warranty. "
                "You may run, read, change and share it under that license."
            )
            st.markdown(labels.RISK)
            st.markdown(
                "Language models make mistakes that look convincing. Figures here are computed from orders and checked for look-ahead, "
                "but a strategy that did well on past prices may have been lucky. "
                "Read code before you trade it, and never risk what you cannot lose."
            )


def list_places() -> dict[str, str]:
    """List folders and files by what they hold; safe for Markdown."""
    home = services().settings.home
    return {
        "Everything": formatting.escape(str(home)),
        "History": formatting.escape(services().installation.locate_database()) + _sized(home / "stratloop.db"),
        "Daily copies": formatting.escape(str(services().backups.folder)),
        "Fetched bars": formatting.escape(str(home / "cache")),
        "Uploads": formatting.escape(str(home / "uploads")),
        "Your own files of bars": formatting.escape(str(home / "bars")),
        "Log of failures": formatting.escape(str(home / "logs" / "errors.log")) + _sized(home / "logs" / "errors.log"),
    }


def _copies() -> None:
    """The copies of the history, with their size, and what was deleted within the last day."""
    copies = services().backups.list_copies()
    size = format_size(sum(copy.size for copy in copies))
    kept = f"{format_count(len(copies), 'copy', 'copies')} of the history, {size} in all" if copies else "No copy of the history yet"
    st.caption(
        f"{kept}: one a day is made while the server runs, and the newest three are kept. "
        "`python -m core.cli history backup FILE` makes one at once, `history restore FILE` puts one back."
    )
    for deleted in services().backups.list_deleted():
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"Deleted {formatting.format_age(deleted.deleted)}: {deleted.kind} {formatting.escape(deleted.name)}")
            if st.button("Bring back", key=f"settings_bring_back_{deleted.id}", icon=":material/undo:"):
                services().backups.bring_back(deleted.id)
                st.rerun()


def _sized(path: Path) -> str:
    try:
        return f" ({format_size(path.stat().st_size)})"
    except FileNotFoundError:
        return ""


def _access() -> str:
    if access.has_login():
        return ":material/lock: Visitors have to sign in; what each may do is on People."
    if GUESTS.closed:
        return ":material/lock: Visitors need a link; who is in is on People."
    return (
        ":material/lock_open: Nobody has to sign in: the server answers this machine alone. Set up a login before opening it to a network."
    )


def _checks() -> None:
    if st.button("Check this installation", key="settings_check", icon=":material/stethoscope:"):
        with st.spinner("Looking at each part"):
            st.session_state["settings_diagnosis"] = services().installation.diagnose()
    found: dict[str, Any] | None = st.session_state.get("settings_diagnosis")
    if found is None:
        return
    for line in found["problems"]:
        st.error(formatting.escape(line), icon=":material/error:")
    if found["ok"]:
        runs, bars = format_count(int(found["runs"]), "run"), formatting.escape(str(found["bundled_bars"]))
        st.success(
            f"Every part answers: {runs} in the history, {bars}, isolation level {found['isolation_level']}.", icon=":material/check:"
        )
