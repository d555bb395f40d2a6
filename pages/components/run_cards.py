"""The figures at the top of a run: the best version beside iteration 0, and in a sentence what came of it all."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.domain.iteration import Iteration
from core.domain.run import Objective, Run
from core.report.figures import COST, find_figure, format_cost
from core.report.number_format import DASH, format_ratio
from pages.components import figures, formatting

CARDS = {"sharpe": "line", "max_drawdown": "bar", "total_return": "area"}
"""Figures with a card of their own, and how the course of each is drawn."""


def draw_cards(run: Run, iterations: Sequence[Iteration], best: Iteration | None) -> None:
    """Score and figures of the best version; those of iteration 0 while nothing has a score, and said so."""
    baseline = _baseline(iterations)
    shown = best or baseline
    against = baseline if best is not None and baseline is not None and best.number != 0 else None
    tried = [one for one in iterations if one.metrics is not None and one.error is None]
    objective = run.plan.objective
    with st.grid(5 if objective in figures.WITHOUT_COLUMN else 4, min_column_width=150):
        if objective in figures.WITHOUT_COLUMN:
            _score_card(run, tried, best, against)
        for name, chart in CARDS.items():
            figure = find_figure(name)
            trend = [value for one in tried if (value := figure.read(one.metrics)) is not None]
            options: dict[str, Any] = {"chart_data": trend, "chart_type": chart} if len(trend) > 1 else {}
            options |= figures.build_delta(figure, shown.metrics if shown else None, against.metrics if against else None, "iteration 0")
            label = f"Best {figure.as_best}" if best is not None and objective.value == name else figure.label
            st.metric(label, figure.format_from(shown.metrics if shown else None), border=True, height="stretch", **options)
        spent = format_cost(iterations).capitalize() if iterations else DASH
        st.metric(COST.label, spent, border=True, height="stretch", help=COST.meaning)
    if best is None and shown is not None:
        st.caption("No version has a score yet; these are the figures of iteration 0.")
    if shown is not None:
        figures.draw_certificate_badges(shown.certificate, shown.isolation_level)


def _score_card(run: Run, tried: Sequence[Iteration], best: Iteration | None, against: Iteration | None) -> None:
    trend = [one.score for one in tried if one.score is not None]
    options: dict[str, Any] = {"chart_data": trend, "chart_type": "line"} if len(trend) > 1 else {}
    if best is not None and best.score is not None and against is not None and against.score is not None:
        options |= {"delta": f"{best.score - against.score:+.2f}", "delta_description": "vs. iteration 0"}
    note = run.plan.formula if run.plan.objective is Objective.FORMULA else None
    st.metric(
        f"Best {name_best(run.plan.objective)}",
        format_ratio(best.score if best else None),
        border=True,
        height="stretch",
        help=formatting.escape(note) if note else None,
        **options,
    )


def name_best(objective: Objective) -> str:
    """Name what is maximized, behind "Best"."""
    return "formula" if objective is Objective.FORMULA else find_figure(objective.value).as_best


def _baseline(iterations: Sequence[Iteration]) -> Iteration | None:
    return next((one for one in iterations if one.is_baseline and one.error is None), None)
