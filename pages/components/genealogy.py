"""Family tree of a run's iterations, with the line of descent of its best one."""

from collections.abc import Sequence

import streamlit as st

from core.domain.iteration import Iteration
from core.domain.run import Run
from core.report import labels
from core.report.number_format import format_ratio
from pages.components.theme_colors import MIDDLE_BLUE, MIDDLE_GRAY


def draw_genealogy(run: Run, iterations: Sequence[Iteration], *, key: str) -> None:
    """A fold with the picture; drawn only while it is open."""
    if len(iterations) < 3:
        return
    with st.expander("Where each version came from", icon=":material/family_history:", key=f"{key}_genealogy", on_change="rerun") as fold:
        if fold.open:
            draw_family(iterations, run.best)


def draw_family(iterations: Sequence[Iteration], best: int | None) -> None:
    """Draw the picture."""
    st.graphviz_chart(render_family_dot(iterations, best), width="content", alt="Which iteration was derived from which")
    st.caption("Blue: the line of descent of the best iteration. Dashed: it failed, or has no score.")


def trace_descent(iterations: Sequence[Iteration], number: int | None) -> tuple[int, ...]:
    """Trace an iteration and its forebears, the youngest first."""
    parents = {iteration.number: iteration.parent for iteration in iterations}
    line: list[int] = []
    while number is not None and number in parents and number not in line:
        line.append(number)
        number = parents[number]
    return tuple(line)


def render_family_dot(iterations: Sequence[Iteration], best: int | None) -> str:
    """Render the family as DOT source. Labels are numbers and figures only: nothing that a model wrote is in it."""
    line = set(trace_descent(iterations, best))
    lines = [
        "digraph family {",
        '  rankdir=LR; bgcolor="transparent"; nodesep=0.12; ranksep=0.35;',
        '  node [shape=box, style="rounded", fontsize=10, fontname="sans-serif", height=0.3];',
        f'  node [color="{MIDDLE_GRAY}", fontcolor="{MIDDLE_GRAY}"];',
        f'  edge [color="{MIDDLE_GRAY}", arrowsize=0.5];',
    ]
    for iteration in iterations:
        figure = format_ratio(iteration.score) if iteration.score is not None else labels.label_iteration(iteration)
        style = [] if iteration.score is not None else ['style="rounded,dashed"']
        style += [f'color="{MIDDLE_BLUE}"', f'fontcolor="{MIDDLE_BLUE}"', "penwidth=1.8"] if iteration.number in line else []
        attributes = ", ".join([f'label="{iteration.number}\\n{figure}"', *style])
        lines.append(f"  i{iteration.number} [{attributes}];")
        if iteration.parent is not None:
            own = f' [color="{MIDDLE_BLUE}", penwidth=1.8]' if iteration.number in line and iteration.parent in line else ""
            lines.append(f"  i{iteration.parent} -> i{iteration.number}{own};")
    return "\n".join([*lines, "}"]) + "\n"
