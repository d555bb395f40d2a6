"""The iterations of a run as a leaderboard with ranges, drawn in the browser from the values of `core.report.leaderboard`."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from core.domain.run import Run
from core.report import labels
from core.report.figures import LEAD_FIGURES, format_score
from core.report.leaderboard import RankedIteration
from core.report.number_format import DASH, format_ratio
from core.report.sentences import format_signed
from pages.components.browser_code import read_browser_code
from pages.components.theme_colors import is_dark

_draw = st.components.v2.component(
    "stratloop_leaderboard",
    html=read_browser_code("leaderboard.html"),
    css=read_browser_code("leaderboard.css"),
    js=read_browser_code("lock.js", "leaderboard.js"),
)


def draw_leaderboard(
    run: Run,
    ranked: Sequence[RankedIteration],
    previews: Mapping[int, Sequence[float]],
    colors: Mapping[int, str],
    *,
    ticked: Sequence[int],
    key: str,
) -> tuple[list[int], int | None]:
    """Draw the lines in the order that they are given in; gives the numbers that are ticked, and the one that was just opened."""
    reported = _draw(
        data={
            "score": labels.OBJECTIVE[run.plan.objective],
            "figures": [figure.short for figure in LEAD_FIGURES[1:]],
            "rows": [_describe(run, one, previews.get(one.number, ()), colors.get(one.number, "")) for one in ranked],
            "ticked": list(ticked),
            "dark": is_dark(),
        },
        key=key,
        default={"ticked": list(ticked)},
        on_ticked_change=lambda: None,
        on_open_change=lambda: None,
    )
    known = {one.number for one in ranked}
    numbers = [int(number) for number in reported.ticked or () if number in known]
    return numbers, reported.open if reported.open in known else None


def _describe(run: Run, one: RankedIteration, course: Sequence[float], color: str) -> dict[str, Any]:
    ranged = one.low is not None and one.high is not None
    kind = "of its worth, without what picking the best adds" if one.worth is not None else "as if it had been the only try"
    return {
        "number": one.number,
        "rank": one.rank,
        "name": "As written" if "as written" in one.standings else str(one.number),
        "standings": [text for text in one.standings if text != "as written"],
        "score": one.score,
        "scoreText": DASH if one.score is None else format_score(one.score, run.plan.objective),
        "low": one.low,
        "high": one.high,
        "rangeWords": f"{format_ratio(one.low)} to {format_ratio(one.high)}, {kind}" if ranged else "",
        "delta": "base"
        if "as written" in one.standings
        else DASH
        if one.distance is None
        else format_signed(one.distance, run.plan.objective),
        "better": None if one.distance is None or not one.distance else one.distance > 0,
        "figures": [figure.format_from(one.metrics) for figure in LEAD_FIGURES[1:]],
        "holdOut": format_ratio(one.hold_out_sharpe) if one.looked_at else None,
        "holdOutWhy": "Sharpe ratio on the bars that the loop never saw" if one.looked_at else "The hold-out was not looked at for it",
        "course": [float(value) for value in course] if one.metrics else [],
        "color": color,
        "parent": one.parent,
        "change": one.change if one.score is not None or not one.status else f"{one.status}: {one.change}" if one.change else one.status,
        "failed": one.metrics is None,
        "verdict": one.verdict,
        "usable": True,
    }
