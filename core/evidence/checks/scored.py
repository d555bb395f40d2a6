"""Checks of what keeps a run from having a score, beside too few trades: a constraint, or an objective that has no value."""

import numpy as np

from core.domain.finding import Finding
from core.evidence.check_case import Case
from core.evidence.scoring import explain_undefined_objective, find_broken_constraint


def constraint_broken(case: Case) -> Finding | None:
    """A constraint of the plan is not kept, so there is no score."""
    if not case.evaluation.fills:
        return None
    asked, metrics = case.context.constraints, case.metrics
    broken = find_broken_constraint(metrics, 0, asked)
    if not broken:
        return None
    too_deep = asked.max_drawdown is not None and metrics.max_drawdown < -asked.max_drawdown
    too_little = asked.minimum_exposure is not None and metrics.exposure < asked.minimum_exposure
    return Finding(
        code="constraint_broken",
        severity=3,
        message=f"No score, because a constraint is not kept: {broken}",
        sample=f"lowest at bar {int(np.argmin(case.evaluation.drawdown))}" if too_deep else "",
        fix="trade smaller in proportion, or leave losing positions sooner"
        if too_deep
        else "enter more often or stay longer"
        if too_little
        else "make the entries stricter, or leave sooner",
    )


def objective_undefined(case: Case) -> Finding | None:
    """The objective has no value for these figures, so there is no score."""
    objective, lost = case.context.objective, bool(np.any(case.evaluation.equity <= 0))
    if objective is None or not case.evaluation.fills or lost:
        return None
    why = explain_undefined_objective(case.metrics, objective, case.context.formula)
    if not why:
        return None
    return Finding(
        code="objective_undefined",
        severity=3,
        message=f"No score, because {why}",
        fix="hold positions on more days, so that gains and losses show in the figures",
    )
