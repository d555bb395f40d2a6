"""The one evaluation on the bars that the loop never saw, made when the loop is over."""

from collections.abc import Sequence

from core.domain.bars import Bars
from core.domain.iteration import Iteration
from core.domain.run import HoldOut, HoldOutEvaluation, HoldOutFigure
from core.driving.evaluate import evaluate_hold_out, prepend_warm_up
from core.driving.run_context import RunContext
from core.evidence import evaluate_benchmark


def compare_on_hold_out(context: RunContext, done: Sequence[Iteration], best: Iteration | None) -> HoldOut:
    """Compare the winner `best`, the baseline and buy-and-hold on the hold-out."""
    bars, warm_up_bars = prepend_warm_up(context.training, context.hold_out, context.whole)
    baseline = next((iteration for iteration in done if iteration.number == 0), None)
    of_baseline = _figure(context, "baseline", baseline, bars, warm_up_bars)
    same = best is not None and baseline is not None and best.number == baseline.number
    return HoldOut(
        bars=len(context.hold_out),
        first=context.hold_out.first,
        last=context.hold_out.last,
        best=of_baseline.changed(name="best") if same else _figure(context, "best", best, bars, warm_up_bars),
        baseline=of_baseline,
        benchmark=HoldOutFigure(name="benchmark", metrics=evaluate_benchmark(context.hold_out, context.plan.backtest).metrics),
    )


def build_hold_out_evaluation(context: RunContext, iterations: int) -> HoldOutEvaluation:
    """Build the history's record of the hold-out evaluation: which bars, after how many iterations."""
    bars = context.hold_out
    return HoldOutEvaluation(
        run_id=context.run.id,
        iterations=iterations,
        instrument=context.plan.bars.subject,
        timeframe=bars.timeframe,
        first=bars.first,
        last=bars.last,
    )


def _figure(context: RunContext, name: str, iteration: Iteration | None, bars: Bars, warm_up_bars: int) -> HoldOutFigure:
    if iteration is None or iteration.error is not None:
        return HoldOutFigure(name=name, iteration=iteration.number if iteration else None, error="There is no usable iteration to check.")
    result = evaluate_hold_out(
        iteration.code, context.plan.backtest, bars, warm_up_bars, sandbox=context.ports.sandbox, cancel=context.cancel
    )
    return HoldOutFigure(
        name=name,
        iteration=iteration.number,
        metrics=result.evaluation.metrics if result.evaluation else None,
        error=result.fault.message if result.fault else "",
    )
