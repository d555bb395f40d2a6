"""A later look at the hold-out, for an iteration that the run itself did not look at: counted like every other, and kept with the run."""

from core.domain.bars import Bars
from core.domain.errors import InputError
from core.domain.events import EventKind, LookEvent, select_bodies
from core.domain.fingerprint import compute_fingerprint, compute_further_fingerprints
from core.domain.hold_out import HoldOutEvaluation, HoldOutFigure
from core.domain.iteration import Iteration
from core.domain.run import Run
from core.driving.evaluate import evaluate_hold_out, prepend_warm_up
from core.driving.hold_out import trace_growth
from core.driving.ports import Cancel, History, Sandbox


def list_later_looks(history: History, run: Run) -> dict[int, LookEvent]:
    """List the later looks at a run's hold-out, by the number of the iteration."""
    return {said.number: said for said in select_bodies(history.list_events(run.id, kind=EventKind.LOOK), LookEvent)}


def take_later_look(
    run: Run, iteration: Iteration, training: Bars, hold_out: Bars, *, history: History, sandbox: Sandbox, cancel: Cancel
) -> LookEvent:
    """Evaluate one iteration of a finished run on its hold-out, bar by bar; the same one again is the same look.

    The look is recorded before its result is known. Raises InputError where there is nothing to look at, and SandboxUnavailableError.
    """
    known = list_later_looks(history, run).get(iteration.number)
    if known is not None:
        return known
    if not run.status.finished:
        raise InputError(f"Run {run.id} is still going on.", hint="Its hold-out stays locked until it is over.")
    if not len(hold_out):
        raise InputError(f"Run {run.id} held nothing out.")
    if iteration.metrics is None or iteration.error is not None:
        raise InputError(f"Iteration {iteration.number} of run {run.id} did not run to its end, so there is nothing to look at.")
    record = HoldOutEvaluation(
        run_id=f"look-{run.id}-{iteration.number}",
        iterations=run.iterations,
        instrument=run.plan.bars.subject,
        timeframe=hold_out.timeframe,
        first=hold_out.first,
        last=hold_out.last,
    )
    looks = history.record_hold_out(record, compute_fingerprint(hold_out), compute_further_fingerprints(hold_out))
    bars, warm_up_bars = prepend_warm_up(training, hold_out, training.concat(hold_out))
    result, start = evaluate_hold_out(iteration.code, run.plan.backtest, bars, warm_up_bars, sandbox=sandbox, cancel=cancel)
    metrics = result.evaluation.metrics if result.evaluation else None
    figure = HoldOutFigure(
        name="later",
        iteration=iteration.number,
        metrics=metrics,
        ended=result.outcome.status if metrics is None else None,
        growth=trace_growth(result.evaluation, start),
        instruments=result.evaluation.instruments if result.evaluation else (),
    )
    said = LookEvent(number=iteration.number, looks=looks, figure=figure)
    history.add_event(run.id, said)
    return said
