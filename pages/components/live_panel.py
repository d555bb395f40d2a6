"""A run while it goes on: figures, growing curves, stages, the answer as it is written, the log. Fed by a socket, without reruns.

The browser draws; Python only says which run, hands over a token, and gets two things back: that the status changed (the page
then runs once), and that no socket gets through (the page then refreshes itself instead).
"""

from typing import Any

import numpy as np
import streamlit as st

from core.domain.errors import StratloopError
from core.domain.run import Objective, Run, RunKind
from core.report import labels
from core.report.figures import LEAD_FIGURES, Figure
from core.services import services
from pages.components import cached_queries
from pages.components.browser_code import read_browser_code
from pages.components.figures import WITHOUT_COLUMN
from pages.components.run_cards import CARDS, name_best
from pages.live.routes import EVENTS
from pages.live.tokens import TokenScope, load_tokens, mark_visitor

POINTS = 120
"""Points of a stored preview; the reference curve has as many."""


_draw = st.components.v2.component(
    "stratloop_live_panel",
    html=read_browser_code("live_panel.html"),
    css=read_browser_code("live_panel.css"),
    js=read_browser_code("live_state.js", "live_charts.js", "live_panel.js"),
)


def draw_live_panel(run: Run, *, key: str) -> bool:
    """Draw a run that is not finished; true while it draws itself, false when no socket gets through and the page has to."""
    known = {"polling": is_polling(key)}
    reported = _draw(
        data=_data(run) | known, key=key, on_changed_change=lambda: None, on_polling_change=lambda: None, default={"polling": False}
    )
    return not reported.polling


def is_polling(key: str) -> bool:
    """True when the browser of this tab said that no socket gets through."""
    return bool(st.session_state.get(key, {}).get("polling"))


def build_socket_path(prefix: str, run_id: str) -> str:
    """Build the path of a run's socket, below the path that the dashboard is served under."""
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"{'/' + base if base else ''}{prefix}{run_id}"


def _data(run: Run) -> dict[str, Any]:
    plan = run.plan
    return {
        "run": run.id,
        "token": load_tokens(services().settings.home).mint(run.id, TokenScope.EVENTS, mark_visitor(st.context.cookies)),
        "path": build_socket_path(EVENTS, run.id),
        "status": run.status.value,
        "loops": services().runs.count_loops(run),
        "candidates": plan.candidates,
        "budget": plan.budget_usd,
        "objective": plan.objective.value,
        "label": "formula" if plan.objective is Objective.FORMULA else labels.OBJECTIVE[plan.objective],
        "best": name_best(plan.objective),
        "own_card": plan.objective in WITHOUT_COLUMN,
        "cards": list(CARDS),
        "figures": [describe_column(figure) for figure in LEAD_FIGURES],
        "instruments": [one.label for one in plan.bars.members] if plan.bars.basket else [],
        "intraday": plan.bars.timeframe.intraday,
        "turn": "Submission" if run.kind is RunKind.SESSION else "Loop",
        "between": f"Waits for what {labels.label_author(plan.model.id)} submits next"
        if run.kind is RunKind.SESSION
        else "Between two iterations",
        "stages": {stage.value: label for stage, label in labels.STAGE.items()},
        **_references(run),
    }


def describe_column(figure: Figure) -> dict[str, str]:
    """Describe a figure to the browser: its names, and the form in which its numbers are shown."""
    return {"name": figure.name, "label": figure.label, "best": figure.as_best, "short": figure.short, "form": figure.form.value}


def _references(run: Run) -> dict[str, list[float]]:
    """Times of the bars behind a thinned curve, in milliseconds since 1970, and buy and hold; nothing where there are no bars."""
    try:
        bars, market = cached_queries.load_training_bars(run.plan), cached_queries.compute_benchmark(run.plan.model_dump_json()).equity
    except StratloopError:
        return {"times": [], "market": []}
    kept = np.round(np.linspace(0, len(bars) - 1, min(POINTS, len(bars)))).astype(np.intp)
    return {"times": bars.time[kept].astype("datetime64[ms]").astype(np.int64).tolist(), "market": np.round(market[kept], 2).tolist()}
