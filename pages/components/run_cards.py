"""The figures at the top of a run: the best version beside iteration 0, and in a sentence what came of it all."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import streamlit as st

from core.domain.iteration import Iteration
from core.domain.run import Objective, Run
from core.evidence import expected_best_sharpe
from core.report import labels
from core.report.figures import COST, find_figure, format_cost, format_score
from core.report.number_format import DASH, format_count, format_ratio
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
    label = "Best formula" if run.plan.objective is Objective.FORMULA else f"Best {find_figure(run.plan.objective.value).as_best}"
    note = run.plan.formula if run.plan.objective is Objective.FORMULA else None
    st.metric(
        label,
        format_ratio(best.score if best else None),
        border=True,
        height="stretch",
        help=formatting.escape(note) if note else None,
        **options,
    )


def _baseline(iterations: Sequence[Iteration]) -> Iteration | None:
    return next((one for one in iterations if one.is_baseline and one.error is None), None)


def describe_result(run: Run, iterations: Sequence[Iteration], best: Iteration | None) -> str:
    """Describe the result of a finished run, in one or two sentences that claim no more than is known; safe for Markdown."""
    if best is None or best.score is None:
        return "No version could be scored: the table says why, version by version." if iterations else ""
    baseline = _baseline(iterations)
    objective, label = run.plan.objective, labels.OBJECTIVE[run.plan.objective]
    label = label.lower() if objective is Objective.TOTAL_RETURN else "formula" if objective is Objective.FORMULA else label
    value = format_score(best.score, objective)
    tries = len(iterations)
    if best.is_baseline:
        text = f"Nothing beat the workflow itself in {format_count(tries - 1, 'try', 'tries')}: its {label} is {value} in training."
    elif baseline is not None and baseline.score is not None:
        text = f"In training the best version raised the {label} from {format_score(baseline.score, objective)} to {value}."
    else:
        text = f"In training the best version reached a {label} of {value}; the workflow itself had no score."
    luck = _luck(run, iterations, best) if best.number else ""  # nothing was picked where the workflow itself is best
    return f"{text} {luck}".strip()


def _luck(run: Run, iterations: Sequence[Iteration], best: Iteration) -> str:
    if run.plan.objective is not Objective.SHARPE or best.metrics is None or best.score is None or best.metrics.years <= 0:
        return ""
    line = expected_best_sharpe(len(iterations), best.metrics.years)
    if not np.isfinite(line):
        return ""
    against = "above" if best.score > line else "no more than"
    return f"That is {against} the {format_ratio(line)} that the best of {len(iterations)} skill-less tries would reach on average."
