"""The figures at the top of a run: the best version beside iteration 0, and in a sentence what came of it all."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.domain.iteration import Iteration
from core.domain.run import Objective, Run
from core.report.call_costs import format_cost
from core.report.figures import COST, SCORE, find_figure
from core.report.number_format import DASH
from pages.components import figures, formatting
from pages.components.sparkline import draw_sparkline

CARDS = {"sharpe": "line", "max_drawdown": "bar", "total_return": "area"}
"""Figures with a card of their own, and how the live view draws the course of each."""


_ROOM = '<style>[class*="_course_"] { min-height: 38px; }</style>'
"""Room of the small curves before their script has come: the cards keep their height."""


def draw_cards(run: Run, iterations: Sequence[Iteration], best: Iteration | None, *, key: str) -> None:
    """Score and figures of the best version; those of iteration 0 while nothing has a score, and said so."""
    baseline = _baseline(iterations)
    shown = best or baseline
    against = baseline if best is not None and baseline is not None and best.number != 0 else None
    course = trace_best(iterations, best)
    objective = run.plan.objective
    basket = run.plan.bars.basket
    own_card = bool(basket) or objective in figures.WITHOUT_COLUMN
    st.html(_ROOM)
    with st.grid(5 if own_card else 4, min_column_width=150):
        if own_card:
            _score_card(run, course, best, against, key)
        for name in CARDS:
            figure = find_figure(name)
            options = figures.build_delta(figure, shown.metrics if shown else None, against.metrics if against else None, "iteration 0")
            label = f"Best {figure.as_best}" if best is not None and objective.value == name and not basket else figure.label
            label += ", all together" if basket else ""
            with st.container(border=True, height="stretch", gap="small"):
                st.metric(label, figure.format_from(shown.metrics if shown else None), **options)
                trend = [value for one in course if (value := figure.read(one.metrics)) is not None]
                draw_sparkline(trend, label=f"{figure.label} of the best version, iteration by iteration", key=f"{key}_course_{name}")
        spent = format_cost(iterations).capitalize() if iterations else DASH
        st.metric(COST.label, spent, border=True, height="stretch", help=COST.meaning)
    if best is None and shown is not None:
        st.caption(f"No version has a score{'' if run.status.finished else ' yet'}; these are the figures of iteration 0.")
    if shown is not None:
        figures.draw_certificate_badges(shown.certificate, shown.isolation_level)


def trace_best(iterations: Sequence[Iteration], best: Iteration | None) -> list[Iteration]:
    """The best version after each iteration that ran: the course of any figure of it ends at the number that is shown."""
    course: list[Iteration] = []
    for one in iterations:
        if one.metrics is None or one.error is not None:
            continue
        before = course[-1] if course else None
        better = before is None or (one.score is not None and (before.score is None or one.score > before.score))
        course.append(one if better or before is None else before)
    if best is not None and course and course[-1].number != best.number:  # one with a better score could not be confirmed
        course.append(best)
    return course


def _score_card(run: Run, course: Sequence[Iteration], best: Iteration | None, against: Iteration | None, key: str) -> None:
    options: dict[str, Any] = {}
    figure = SCORE if run.plan.objective is Objective.FORMULA else find_figure(run.plan.objective.value)
    if best is not None and best.score is not None and against is not None and against.score is not None:
        gap = figure.format_gap(best.score, against.score)
        options |= {**(figures.point_change(gap) if gap else {"delta": 0}), "delta_description": "vs. iteration 0"}
    note = run.plan.formula if run.plan.objective is Objective.FORMULA else None
    name = name_best(run.plan.objective)
    if run.plan.bars.basket:
        name, note = f"{run.plan.across.value} {name}", "Over the instruments, each with an account of its own."
    with st.container(border=True, height="stretch", gap="small"):
        st.metric(f"Best {name}", figure.format(best.score if best else None), help=formatting.escape(note) if note else None, **options)
        trend = [one.score for one in course if one.score is not None]
        draw_sparkline(trend, label=f"Best {name}, iteration by iteration", key=f"{key}_course_score")


def name_best(objective: Objective) -> str:
    """Name what is maximized, behind "Best"."""
    return "formula" if objective is Objective.FORMULA else find_figure(objective.value).as_best


def _baseline(iterations: Sequence[Iteration]) -> Iteration | None:
    return next((one for one in iterations if one.is_baseline and one.error is None), None)
