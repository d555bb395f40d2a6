"""The one look at the bars that the loop never saw, taken when the loop is over."""

from collections.abc import Sequence

from core.domain.bars import Bars
from core.domain.iteration import Iteration
from core.domain.run import HoldOut, HoldOutFigure, Look
from core.driving.course import Course
from core.driving.evaluate import evaluate_hold_out, with_lead
from core.evidence import benchmark


def look_at_hold_out(course: Course, done: Sequence[Iteration], best: Iteration | None) -> HoldOut:
    """The winner `best`, the baseline and buy-and-hold on the hold-out."""
    led, lead = with_lead(course.training, course.hold_out, course.whole)
    baseline = next((iteration for iteration in done if iteration.number == 0), None)
    of_baseline = _figure(course, "baseline", baseline, led, lead)
    same = best is not None and baseline is not None and best.number == baseline.number
    return HoldOut(
        bars=len(course.hold_out),
        first=course.hold_out.first,
        last=course.hold_out.last,
        best=of_baseline.model_copy(update={"name": "best"}) if same else _figure(course, "best", best, led, lead),
        baseline=of_baseline,
        benchmark=HoldOutFigure(name="benchmark", metrics=benchmark(course.hold_out, course.plan.backtest).metrics),
    )


def look_of(course: Course, iterations: int) -> Look:
    """What the history keeps of the look: which bars, after how many iterations."""
    bars = course.hold_out
    return Look(
        run_id=course.run.id,
        iterations=iterations,
        instrument=course.plan.bars.subject,
        timeframe=bars.timeframe,
        first=bars.first,
        last=bars.last,
    )


def _figure(course: Course, name: str, iteration: Iteration | None, led: Bars, lead: int) -> HoldOutFigure:
    if iteration is None or iteration.error is not None:
        return HoldOutFigure(name=name, iteration=iteration.number if iteration else None, error="There is no usable iteration to check.")
    result = evaluate_hold_out(iteration.code, course.plan.backtest, led, lead, sandbox=course.parts.sandbox, cancel=course.cancel)
    return HoldOutFigure(
        name=name,
        iteration=iteration.number,
        metrics=result.evaluation.metrics if result.evaluation else None,
        error=result.fault.message if result.fault else "",
    )
