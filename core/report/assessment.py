"""Assessment of a result: every number and sentence that is said of it beyond its figures, assembled once.

The screens, the terminal, `--json` and the exported program read the same one. The statistics are those of `core.evidence`.
"""

from collections.abc import Sequence

from core.domain.bars import Bars
from core.domain.history import count_stored
from core.domain.iteration import Evaluation, Finding, Iteration, IterationDetail
from core.domain.metrics import Metrics, period_returns, sample_daily
from core.domain.run import Run
from core.domain.value import Value
from core.evidence import (
    Interval,
    RandomEntries,
    deflated_sharpe,
    expected_best_sharpe,
    probabilistic_sharpe,
    restore_evaluation,
    sharpe_interval,
    simulate_random_entries,
)
from core.report.labels import RISK
from core.report.sentences import describe_hold_out, describe_looks, describe_result


class Luck(Value):
    """Part of a Sharpe ratio that chance alone would explain."""

    line: float
    """Sharpe ratio that the best of as many tries without any skill would on average reach on bars as long as these."""
    deflated_sharpe: float
    """Probability that the true Sharpe ratio is above the line."""
    probabilistic_sharpe: float
    """Probability that it is above zero, for the only try."""
    sharpe_range: Interval | None = None
    """Range of the true value by resampling; None where the returns are too few or the bars are not there."""


class HoldOutReport(Value):
    """Verdict of the bars that the loop never saw on the best iteration."""

    looks: int
    """Number of looks at them, or at some of them, by any run of this installation."""
    about: str
    """The bars and the looks, in words."""
    sentence: str
    total_return: float | None = None
    """Of the best iteration there."""


class Assessment(Value):
    """Everything that is said of one iteration of a run, and of the run as a whole. Probabilities and returns are fractions."""

    run_id: str
    iteration: int | None
    """Number of the one that is assessed; None while a run has none with a score."""
    tries: int
    """Iterations of the run, number 0 included, and those that cannot be read."""
    score: float | None = None
    metrics: Metrics | None = None
    """On the training bars."""
    result: str = ""
    """The sentence on what came of the run; empty until it is over."""
    luck: Luck | None = None
    random_entries: RandomEntries | None = None
    hold_out: HoldOutReport | None = None
    """None until it was looked at, and for an iteration that is neither the best one nor the one that was looked at."""
    findings: tuple[Finding, ...] = ()
    currency: str = ""
    """Of the account; empty where the bars are not there."""
    missing: str = ""
    """Reason for leaving out something that needs the bars, or an iteration that cannot be read; empty where nothing was left out."""
    risk: str = RISK


def assess(
    run: Run, iterations: Sequence[Iteration], detail: IterationDetail | None = None, bars: Bars | None = None, *, missing: str = ""
) -> Assessment:
    """Assess an iteration of a run among the others.

    `detail` is the one to assess, `bars` are those it was measured on; `missing` says why there are none, and then the figures that
    need them are left out.
    """
    if bars and detail and len(bars) != len(detail.equity):
        bars, missing = None, "The bars are no longer those that it was measured on."
    iteration = detail.iteration if detail else None
    tries = count_stored(iterations)
    result = restore_evaluation(detail, cash=run.plan.backtest.cash) if detail else None
    return Assessment(
        run_id=run.id,
        iteration=iteration.number if iteration else None,
        tries=tries,
        score=iteration.score if iteration else None,
        metrics=iteration.metrics if iteration else None,
        result=describe_result(run, iterations),
        luck=_assess_luck(run, result, tries, bars) if result else None,
        random_entries=simulate_random_entries(result, bars, run.plan.backtest, seed=run.plan.seed) if result and bars else None,
        hold_out=_assess_hold_out(run, iteration),
        findings=iteration.findings if iteration else (),
        currency=bars.instrument.currency if bars else "",
        missing=missing,
    )


def _assess_luck(run: Run, result: Evaluation, tries: int, bars: Bars | None) -> Luck | None:
    metrics = result.metrics
    if metrics.sharpe is None or metrics.periods < 2 or metrics.years <= 0:
        return None
    periods_per_year = round(metrics.periods / metrics.years)
    per_period = metrics.sharpe / periods_per_year**0.5
    tails = {"skew": metrics.skew or 0.0, "kurtosis": metrics.kurtosis or 3.0}
    return Luck(
        line=expected_best_sharpe(tries, metrics.years),
        deflated_sharpe=deflated_sharpe(per_period, trials=tries, variance=1.0 / metrics.periods, periods=metrics.periods, **tails),
        probabilistic_sharpe=probabilistic_sharpe(per_period, benchmark=0.0, periods=metrics.periods, **tails),
        sharpe_range=_resample_sharpe(run, result, periods_per_year, bars),
    )


def _resample_sharpe(run: Run, result: Evaluation, periods_per_year: int, bars: Bars | None) -> Interval | None:
    equity, intraday = result.equity, run.plan.bars.timeframe.intraday
    if intraday and bars is None:
        return None
    if intraday and bars is not None:
        equity = sample_daily(equity, bars.time, periods_per_year=periods_per_year, day_roll=bars.instrument.day_roll)
    returns = period_returns(equity, start_value=run.plan.backtest.cash)
    return sharpe_interval(returns, periods_per_year=periods_per_year, seed=run.plan.seed)


def _assess_hold_out(run: Run, iteration: Iteration | None) -> HoldOutReport | None:
    held, number = run.hold_out, iteration.number if iteration else None
    if held is None or number not in (None, run.best, held.best.iteration):
        return None
    return HoldOutReport(
        looks=held.looks,
        about=describe_looks(held),
        sentence=describe_hold_out(held, number),
        total_return=held.best.metrics.total_return if held.best.metrics else None,
    )
