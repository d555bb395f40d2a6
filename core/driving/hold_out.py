"""The one evaluation on the bars that the loop never saw, made when the loop is over and the recommendation is named."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.domain.backtest import BacktestPlan, Stage
from core.domain.bars import Bars
from core.domain.decision import Decision, PairComparison
from core.domain.hold_out import HoldOut, HoldOutEvaluation, HoldOutFigure
from core.domain.iteration import Evaluation, Iteration
from core.domain.timing import compute_minimum_years
from core.driving.evaluate import evaluate_hold_out, prepend_warm_up
from core.driving.run_context import RunContext
from core.evidence import (
    Try,
    combine,
    compare_pair,
    evaluate_benchmark,
    evaluate_cash,
    sample_returns,
    sharpe_error,
    simulate_random_entries,
    time_account,
)

POINTS = 240
"""Points of a stored course at most."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One candidate on the hold-out: its figure, and its account from the value that it began with."""

    figure: HoldOutFigure
    evaluation: Evaluation | None = None
    start: float = 0.0


def has_answer(context: RunContext, done: Sequence[Iteration]) -> bool:
    """True when the loop brought anything that the hold-out could decide on, or was asked for nothing: otherwise no look is spent."""
    return context.plan.loops == 0 or any(one.number > 0 and one.stage is not Stage.GENERATE for one in done)


def compare_on_hold_out(
    context: RunContext, done: Sequence[Iteration], best: Iteration | None, decision: Decision | None = None
) -> HoldOut:
    """Compare the winner `best`, what was recommended, the baseline, buy-and-hold and cash on the hold-out."""
    held, plan = context.hold_out, context.plan.backtest
    baseline = next((iteration for iteration in done if iteration.number == 0), None)
    plain = _measure(context, "baseline", baseline, plan)
    same = best is not None and baseline is not None and best.number == baseline.number
    won = Measured(plain.figure.changed(name="best"), plain.evaluation, plain.start) if same else _measure(context, "best", best, plan)
    facts = _judge_winner(context, won)
    return HoldOut(
        bars=len(held),
        first=held.first,
        last=held.last,
        best=won.figure,
        baseline=plain.figure,
        benchmark=_measure_reference("benchmark", evaluate_benchmark(held, plan, context.training), plan.cash),
        recommended=_measure_recommended(context, done, decision, won, plain) if decision else None,
        cash=HoldOutFigure(name="cash", metrics=evaluate_cash(held, plan, context.training).metrics),
        moments=tuple(held.time[_choose_points(len(held))].astype("datetime64[s]").tolist()),
        comparison=None if same else _compare(context, plain, won),
        **facts,
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


def _measure(context: RunContext, name: str, iteration: Iteration | None, plan: BacktestPlan) -> Measured:
    if iteration is None or iteration.error is not None:
        return Measured(HoldOutFigure(name=name, iteration=iteration.number if iteration else None))
    bars, warm_up_bars = prepend_warm_up(context.training, context.hold_out, context.whole)
    result, start = evaluate_hold_out(iteration.code, plan, bars, warm_up_bars, sandbox=context.ports.sandbox, cancel=context.cancel)
    metrics = result.evaluation.metrics if result.evaluation else None
    figure = HoldOutFigure(
        name=name,
        iteration=iteration.number,
        metrics=metrics,
        ended=result.outcome.status if metrics is None else None,
        growth=trace_growth(result.evaluation, start),
        instruments=result.evaluation.instruments if result.evaluation else (),
    )
    return Measured(figure, result.evaluation, start)


def _measure_reference(name: str, evaluation: Evaluation, start: float) -> HoldOutFigure:
    return HoldOutFigure(name=name, metrics=evaluation.metrics, growth=trace_growth(evaluation, start), instruments=evaluation.instruments)


def _choose_points(bars: int) -> NDArray[np.int64]:
    """Choose the bars at which growth is kept: first, last, and evenly between."""
    return np.unique(np.round(np.linspace(0, bars - 1, min(bars, POINTS))).astype(np.int64))


def trace_growth(evaluation: Evaluation | None, start: float) -> tuple[float, ...]:
    """Trace an account over what it began with, at the chosen bars; empty without one."""
    if evaluation is None or start <= 0:
        return ()
    return tuple((evaluation.equity[_choose_points(len(evaluation.equity))] / start).tolist())


def _measure_recommended(
    context: RunContext, done: Sequence[Iteration], decision: Decision, won: Measured, plain: Measured
) -> HoldOutFigure:
    """The recommended iteration, or two with half the cash each."""
    if len(decision.recommended) == 1:
        known = plain if decision.recommended[0] == 0 else won
        return known.figure.changed(name="recommended")
    plan = context.plan.backtest
    half = plan.halve()
    parts = [_measure(context, "recommended", one, half) for one in done if one.number in decision.recommended]
    accounts = [part.evaluation for part in parts if part.evaluation is not None]
    if len(accounts) < len(decision.recommended):
        return HoldOutFigure(name="recommended", ended=next((part.figure.ended for part in parts if part.figure.ended), None))
    together = combine(accounts, context.hold_out, plan.changed(cash=sum(part.start for part in parts)))
    growth = trace_growth(together, sum(part.start for part in parts))
    return HoldOutFigure(name="recommended", metrics=together.metrics, growth=growth)


def _judge_winner(context: RunContext, won: Measured) -> dict[str, object]:
    """Standard error, shortest track record, timing and random entries of the winner there; nothing where it has no figures."""
    bars, account = context.hold_out, won.evaluation
    if account is None:
        return {}
    periods = bars.instrument.periods_per_year(bars.timeframe)
    tails = {"skew": account.metrics.skew or 0.0, "kurtosis": account.metrics.kurtosis or 3.0}
    ratio = account.metrics.sharpe
    return {
        "sharpe_se": sharpe_error(sample_returns(account.equity, bars, cash=won.start), periods_per_year=periods),
        "minimum_years": None if ratio is None else compute_minimum_years(ratio, periods_per_year=periods, **tails),
        "timing": time_account(account, bars, cash=won.start),
        "random_entries": simulate_random_entries(account, bars, context.plan.backtest, seed=context.plan.seed),
    }


def _compare(context: RunContext, plain: Measured, won: Measured) -> PairComparison | None:
    bars, plan = context.hold_out, context.plan
    pair = [_to_try(number, each, bars) for number, each in enumerate((plain, won)) if each.evaluation is not None]
    if len(pair) < 2:
        return None
    periods = bars.instrument.periods_per_year(bars.timeframe)
    return compare_pair(pair, objective=plan.objective, formula=plan.formula, periods_per_year=periods, seed=plan.seed)


def _to_try(number: int, measured: Measured, bars: Bars) -> Try:
    account = measured.evaluation
    if account is None:
        raise AssertionError("only what has an account is compared")
    return Try(number, sample_returns(account.equity, bars, cash=measured.start), account.metrics)
