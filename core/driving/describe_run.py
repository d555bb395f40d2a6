"""Descriptions of a run that take no backtest: walk-forward windows, overfitting, agreement with the workflow over the loops."""

from collections.abc import Sequence

from core.domain.bars import Bars
from core.domain.history import UnreadableRowError
from core.domain.iteration import Iteration
from core.domain.run import Run
from core.domain.study import ConformityDrift, ConformityPoint, Studies
from core.driving.judge import find_distinct, gather_tries
from core.driving.ports import Details
from core.evidence import overfitting, walk_tries


def describe_run(run: Run, iterations: Sequence[Iteration], training: Bars, details: Details) -> Studies:
    """The studies that take no backtest: walk-forward windows, overfitting, agreement over the loops."""
    try:
        tries = gather_tries(run, (details.read_detail(run.id, one.number) for one in find_distinct(iterations, run.best)), training)
    except UnreadableRowError:
        return Studies(conformity=trace_conformity(run, iterations))
    periods = training.instrument.periods_per_year(training.timeframe)
    again = overfitting([one.returns for one in tries], periods_per_year=periods)
    walked = walk_tries(tries, periods_per_year=periods)
    return Studies(
        walk_forward=walked.changed(overfitting=again.probability) if walked and again else walked,
        conformity=trace_conformity(run, iterations),
    )


def trace_conformity(run: Run, iterations: Sequence[Iteration]) -> ConformityDrift | None:
    """Trace the agreement with the workflow over the iterations; None where it was judged nowhere."""
    points = {one.number: one.conformity for one in iterations if one.conformity is not None}
    if not points:
        return None
    first, last = points.get(0), points.get(run.best if run.best is not None else -1)
    shown = tuple(ConformityPoint(number=number, share=share) for number, share in sorted(points.items()))
    return ConformityDrift(points=shown, drift=last - first if first is not None and last is not None else None)
