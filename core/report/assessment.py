"""Assessment of a result: every number and sentence that is said of it beyond its figures, assembled once.

The screens, the terminal, `--json` and the exported program read the same one. The statistics are those of `core.evidence`.
"""

from collections.abc import Sequence

from core.domain.bars import Bars
from core.domain.decision import PairComparison, Selection
from core.domain.finding import Finding
from core.domain.iteration import Iteration, IterationDetail, count_tries
from core.domain.metrics import Metrics
from core.domain.run import Objective, Run, RunKind
from core.domain.study import PlaceboKind, Studies
from core.domain.timing import Timing, TimingGap
from core.domain.value import Value
from core.evidence import (
    Interval,
    RandomEntries,
    measure_timing,
    restore_evaluation,
    sample_returns,
    sharpe_interval,
    simulate_random_entries,
)
from core.report.basket_report import BasketReport, build_basket_report
from core.report.labels import RISK
from core.report.sentences import describe_hold_out, describe_looks, describe_memory, describe_result, describe_training_held_elsewhere
from core.report.verdict import VerdictFacts, VerdictReport, reach_verdict


class Luck(Value):
    """Chance that a result without any timing looks as good."""

    p: float
    """Probability that the best of as many tries without any timing shows as much."""
    z: float
    """Standard errors by which it earned more than always holding its mean exposure."""
    line: float
    """Sharpe ratio that 95% of loops of as many tries without any timing stay below."""
    held: float
    """Sharpe ratio of always holding its mean exposure."""
    tries: int
    """Tries with a score, exact copies once, those of earlier runs on the same bars included."""


class HoldOutReport(Value):
    """Verdict of the bars that the loop never saw on the best iteration."""

    looks: int
    """Number of looks at them, or at some of them, by any run of this installation."""
    about: str
    """The bars and the looks, in words."""
    sentence: str
    total_return: float | None = None
    """Of the best iteration there."""
    comparison: PairComparison | None = None
    """The best iteration against the workflow."""
    trades: int = 0
    """Closed trades of the best iteration there."""
    level: float = 0.0
    """Level that this look is tested at."""


class Assessment(Value):
    """Everything that is said of one iteration of a run, and of the run as a whole. Probabilities and returns are fractions."""

    run_id: str
    iteration: int | None
    """Number of the one that is assessed; None while a run has none with a score."""
    tries: int
    """Tries of the run that could have been picked, number 0 and those that cannot be read included; exact copies once."""
    earlier_tries: int = 0
    """Tries of earlier runs on the same bars."""
    objective: Objective = Objective.SHARPE
    """Figure that was maximized."""
    score: float | None = None
    metrics: Metrics | None = None
    """On the training bars."""
    result: str = ""
    """The sentence on what came of the run; empty until it is over."""
    luck: Luck | None = None
    no_timing: TimingGap | None = None
    """Reason why there is no statement on luck."""
    exposure: float | None = None
    """Mean share of the account that it holds."""
    sharpe_range: Interval | None = None
    """Range of the true Sharpe ratio, where nothing was selected: of iteration 0, and of the only try."""
    selection: Selection | None = None
    """Worth of the winner and what to do about it; None for other iterations."""
    random_entries: RandomEntries | None = None
    """For iteration 0, which nobody selected."""
    verdict: VerdictReport | None = None
    """Of the run's winner, once the run is over; None for other iterations and for runs that are no loop."""
    in_sample: bool = False
    """True when the figures are from the bars that it was developed on, and nothing was held out."""
    held_elsewhere: str = ""
    """Sentence on days of training that other runs hold out; empty where there are none."""
    memory: str = ""
    """Sentence on the model's memory of the hold-out; empty where no language model wrote anything."""
    studies: Studies = Studies()
    """Closer looks at the winner that were taken so far."""
    hold_out: HoldOutReport | None = None
    """None until it was looked at, and for an iteration that is neither the best one nor the one that was looked at."""
    findings: tuple[Finding, ...] = ()
    basket: BasketReport | None = None
    """Result on each instrument of a basket; None for one instrument."""
    currency: str = ""
    """Of the account; empty where the bars are not there."""
    missing: str = ""
    """Reason for leaving out something that needs the bars, or an iteration that cannot be read; empty where nothing was left out."""
    risk: str = RISK

    @property
    def loses_money(self) -> bool:
        """True when the account ended the training bars below its start: staying in cash earned more."""
        return self.metrics is not None and self.metrics.total_return < 0


def assess(
    run: Run,
    iterations: Sequence[Iteration],
    detail: IterationDetail | None = None,
    bars: Bars | None = None,
    *,
    selection: Selection | None = None,
    studies: Studies | None = None,
    missing: str = "",
) -> Assessment:
    """Assess an iteration of a run among the others.

    `detail` is the one to assess, `bars` are those it was measured on; `missing` says why there are none, and then the figures that
    need them are left out. `selection` is the judgment of the run's winner, `studies` are the closer looks at it.
    """
    if bars and detail and len(bars) != len(detail.equity):
        bars, missing = None, "The bars are no longer those that it was measured on."
    iteration = detail.iteration if detail else None
    tries = count_tries(iterations)
    if studies is not None and studies.placebo is not None:
        studies = studies.changed(placebo=studies.placebo.count_earlier(tries, run.earlier_tries))
    timing = _find_timing(run, detail, bars) if detail else None
    luck = _assess_luck(timing, tries + run.earlier_tries) if timing is not None and timing.gap is None else None
    unselected = detail is not None and bars is not None and iteration is not None and (iteration.number == 0 or tries == 1)
    return Assessment(
        run_id=run.id,
        iteration=iteration.number if iteration else None,
        tries=tries,
        earlier_tries=run.earlier_tries,
        objective=run.plan.objective,
        score=iteration.score if iteration else None,
        metrics=iteration.metrics if iteration else None,
        result=_describe_result(run, iterations, iteration, luck),
        luck=luck,
        no_timing=timing.gap if timing else None,
        exposure=timing.exposure if timing and timing.gap is None else None,
        sharpe_range=_find_range(run, detail, bars) if unselected and detail and bars else None,
        selection=selection if iteration is not None and iteration.number == run.best else None,
        random_entries=_assess_entries(run, detail, bars) if unselected and detail and bars else None,
        verdict=_assess_verdict(run, iteration, timing, luck, studies),
        studies=studies if studies is not None and iteration is not None and iteration.number == run.best else Studies(),
        in_sample=not run.plan.hold_out,
        held_elsewhere=describe_training_held_elsewhere(run),
        memory=describe_memory(run),
        hold_out=_assess_hold_out(run, iteration),
        findings=iteration.findings if iteration else (),
        basket=build_basket_report(run, iteration) if iteration else None,
        currency=bars.instrument.currency if bars else "",
        missing=missing,
    )


def _find_timing(run: Run, detail: IterationDetail, bars: Bars | None) -> Timing | None:
    """The measure that was kept with the iteration; of one of an earlier version, measured now."""
    kept = detail.iteration.timing
    if kept is not None or bars is None or detail.iteration.metrics is None:
        return kept
    return measure_timing(detail.equity, detail.position, bars, cash=run.plan.backtest.cash, fills=detail.fills)


def _describe_result(run: Run, iterations: Sequence[Iteration], iteration: Iteration | None, luck: Luck | None) -> str:
    """The sentence on the run; what it says of luck is of its best iteration, whichever is assessed."""
    if iteration is None or iteration.number != run.best:
        kept = next((one.timing for one in iterations if one.number == run.best), None)
        luck = _assess_luck(kept, count_tries(iterations) + run.earlier_tries) if kept is not None and kept.gap is None else None
    return describe_result(run, iterations, luck.p if luck else None, luck.line if luck else None)


def _assess_luck(timing: Timing, tries: int) -> Luck:
    return Luck(p=timing.compute_probability(tries), z=timing.z, line=timing.compute_line(tries), held=timing.held, tries=max(tries, 1))


def _find_range(run: Run, detail: IterationDetail, bars: Bars) -> Interval | None:
    returns = sample_returns(detail.equity, bars, cash=run.plan.backtest.cash)
    return sharpe_interval(returns, periods_per_year=bars.instrument.periods_per_year(bars.timeframe))


def _assess_entries(run: Run, detail: IterationDetail, bars: Bars) -> RandomEntries | None:
    result = restore_evaluation(detail, cash=run.plan.backtest.cash)
    return simulate_random_entries(result, bars, run.plan.backtest, seed=run.plan.seed) if result else None


def _assess_verdict(
    run: Run, iteration: Iteration | None, timing: Timing | None, luck: Luck | None, studies: Studies | None
) -> VerdictReport | None:
    over = run.status.finished and run.kind.is_loop
    if not over or iteration is None or iteration.score is None or iteration.number != run.best:
        return None
    held = run.hold_out if run.hold_out and run.hold_out.best.iteration == iteration.number else None
    placebo = studies.placebo if studies else None
    facts = VerdictFacts(
        winner=iteration.number,
        luck=luck.p if luck else None,
        no_timing=timing.gap if timing else None,
        faded=(timing is not None and timing.faded) or any(finding.code == "fades" for finding in iteration.findings),
        hold_out=held,
        held_out=run.plan.hold_out > 0,
        swept=run.kind is RunKind.SWEEP,
        memory=describe_memory(run, iteration.findings),
        placebo=placebo.chance if placebo is not None and placebo.kind is PlaceboKind.LOOP and not placebo.undecided else None,
    )
    return reach_verdict(facts)


def _assess_hold_out(run: Run, iteration: Iteration | None) -> HoldOutReport | None:
    held, number = run.hold_out, iteration.number if iteration else None
    if held is None or number not in (None, run.best, held.best.iteration):
        return None
    return HoldOutReport(
        looks=held.looks,
        about=describe_looks(held),
        sentence=describe_hold_out(held, number, run.plan.objective),
        comparison=held.comparison,
        trades=held.best.metrics.trades if held.best.metrics else 0,
        level=held.level,
        total_return=held.best.metrics.total_return if held.best.metrics else None,
    )
