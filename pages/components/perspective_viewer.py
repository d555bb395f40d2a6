"""The curves of a run in a Perspective viewer, in a dialog: live while the run goes on; a chart of our own where Perspective is missing.

The dialog stays open when the page runs again, as it does when the run ends.
"""

from typing import Any

import numpy as np
import streamlit as st

from core.domain.run import Run
from core.services import services
from pages.components import cached_queries, charts, frame
from pages.components.browser_code import read_browser_code
from pages.components.live_panel import build_socket_path
from pages.components.theme_colors import VIEWER, is_dark
from pages.live.assets import SCRIPT, STYLE, address, find_folder
from pages.live.routes import CURVES
from pages.live.tokens import TokenScope, load_tokens, mark_visitor

OPEN = "perspective_open"
"""Session state: the run whose viewer is open."""
FAILED = "perspective_failed"
"""Session state: true when this browser could not start the viewer."""
MOST_CURVES = 12
"""Curves in the chart that stands in for the viewer."""

_draw = st.components.v2.component(
    "stratloop_perspective",
    html=read_browser_code("perspective_viewer.html"),
    css=read_browser_code("perspective_viewer.css"),
    js=read_browser_code("perspective_viewer.js"),
    isolate_styles=False,
)


def draw_viewer_button(run: Run, *, key: str) -> None:
    """A button that opens the viewer; nothing before there can be a curve."""
    if st.button(
        "Explore curves",
        key=f"{key}_viewer",
        icon=":material/monitoring:",
        help="Equity and drawdown of every loop, to pivot, filter and zoom.",
    ):
        st.session_state[OPEN] = run.id
        st.rerun()


def show_viewer_dialog(run: Run, *, sockets: bool = True) -> None:
    """The dialog, when its button was pressed; a chart of our own where it is known that no socket gets through."""
    if st.session_state.get(OPEN) == run.id:
        _dialog(run, sockets)


def _closed() -> None:
    st.session_state.pop(OPEN, None)


def _failed() -> None:
    st.session_state[FAILED] = True


@st.dialog("Curves of the run", width="large", on_dismiss=_closed)
def _dialog(run: Run, sockets: bool) -> None:
    with frame.show_errors():
        cached_queries.load_training_bars(run.plan)  # says in words when the bars are not to be had
        if not sockets or find_folder() is None or st.session_state.get(FAILED):
            _chart(run)
        else:
            _draw(data=_data(run), key="perspective_viewer", on_failed_change=_failed)
    st.caption("Equity and drawdown on the training bars, one curve an iteration. “Holding” is buy and hold. The hold-out is not in it.")


def _data(run: Run) -> dict[str, Any]:
    files = build_socket_path(address() + "/", "")
    return {
        "run": run.id,
        "token": load_tokens(services().settings.home).mint(run.id, TokenScope.CURVES, mark_visitor(st.context.cookies)),
        "path": build_socket_path(CURVES, run.id),
        "script": files + SCRIPT,
        "style": files + STYLE,
        "dark": is_dark(),
        "colors": VIEWER[is_dark()],
    }


def _chart(run: Run) -> None:
    """The same curves without Perspective: the best, iteration 0, buy and hold and the newest others."""
    iterations = [one for one in services().store.list_iterations(run.id) if one.error is None and one.metrics is not None]
    shown = [one.number for one in iterations if one.number in (0, run.best)]
    shown += [one.number for one in iterations if one.number not in shown][-MOST_CURVES:]
    curves = [cached_queries.build_equity_curve(run, number, f"Iteration {number}") for number in shown]
    curves.append(cached_queries.build_benchmark_curve(run))
    main = f"Iteration {run.best}" if run.best is not None else None
    charts.draw_lines(curves, key="viewer_equity", title="Value", alt_text="Equity of the loops", main=main, height=360)
    falls = [
        charts.Curve(one.name, one.time, one.value / np.maximum.accumulate(one.value) - 1.0, one.dashed) for one in curves if len(one.value)
    ]
    charts.draw_drawdown(falls, key="viewer_drawdown", main=main)
