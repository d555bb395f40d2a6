"""Why a workflow trades rarely or never: how often each row was true, how often all of its group, and which row blocked the rest."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from core.domain.value import Value
from core.domain.workflow import Row, Section, Workflow
from core.language.definition import is_rule_row

Signal = NDArray[np.uint8]
SECTIONS = (Section.FILTER, Section.ENTRY_LONG, Section.EXIT_LONG, Section.ENTRY_SHORT, Section.EXIT_SHORT)


class FunnelStep(Value):
    """One row of the funnel."""

    row: str
    section: Section
    group: str
    true: int
    """Bars on which the row was true."""
    joint: int
    """Bars on which this row and all rows before it in its group were true."""
    blocked: int
    """Bars on which every other row of the group was true, and only this one was not."""
    bars: int
    """Bars of the run."""


def funnel(signals: Mapping[str, Signal], workflow: Workflow) -> tuple[FunnelStep, ...]:
    """One step for each active condition row, filters first, in the table's order.

    `signals` maps row ids to arrays of shape (n,) of 0 and 1, as a run of the compiled workflow with `signals=True` gives them;
    rows without a signal are left out.
    """
    steps: list[FunnelStep] = []
    for section in SECTIONS:
        groups: dict[str, list[Row]] = {}
        for row in workflow.active(section):
            if row.id in signals and not is_rule_row(row):
                groups.setdefault(row.group, []).append(row)
        for rows in groups.values():
            steps += _group(rows, signals)
    return tuple(steps)


def _group(rows: list[Row], signals: Mapping[str, Signal]) -> list[FunnelStep]:
    held = [np.asarray(signals[row.id]).astype(bool) for row in rows]
    together = np.ones(len(held[0]), dtype=bool)
    steps = []
    for number, (row, mine) in enumerate(zip(rows, held, strict=True)):
        together = together & mine
        others = np.logical_and.reduce([other for place, other in enumerate(held) if place != number], initial=True)
        steps.append(
            FunnelStep(
                row=row.id,
                section=row.section,
                group=row.group,
                true=int(mine.sum()),
                joint=int(together.sum()),
                blocked=int((others & ~mine).sum()),
                bars=len(mine),
            )
        )
    return steps
