"""The one way to evaluate code, whoever wrote it: a person, a model, the compiler, or an exported file."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from core.domain.backtest import BacktestPlan, CodeFault, MemberOutcome, Method, Outcome, OutcomeStatus, Progress, Stage, Verdict
from core.domain.bars import Bars
from core.domain.basket import list_members
from core.domain.deposits import find_deposits
from core.domain.errors import CodeError
from core.domain.iteration import Evaluation
from core.domain.proved_program import ProvedProgram
from core.driving.ports import Cancel, Sandbox
from core.driving.run_code import Spread, run_code
from core.evidence import CheckContext
from core.evidence import evaluate as measure

WARM_UP_BARS = 300
"""Bars of the training part that lead into the hold-out, so that indicators are ready on its first bar."""


SHORT_BARS = 2_000
LONG_BARS = 20_000
"""On more bars than this, code is first run on the first `SHORT_BARS`: most mistakes show there at a tenth of the price."""


@dataclass(frozen=True, slots=True)
class CodeEvaluation:
    """Facts of a run and, when they can be used, its figures; `fault` says why not."""

    outcome: Outcome
    evaluation: Evaluation | None
    fault: CodeFault | None
    stage: Stage
    unconfirmed: bool = False
    """True when it was to be confirmed in lock-step and did not come to its end there: it has no score."""


def evaluate_code(
    code: str,
    plan: BacktestPlan,
    bars: Bars,
    *,
    sandbox: Sandbox,
    cancel: Cancel,
    build_context: Callable[[Outcome], CheckContext] | None = None,
    watch: Callable[[Progress], None] | None = None,
    report_stage: Callable[[Stage], object] = lambda stage: None,
    spread: Spread | None = None,
    proved: ProvedProgram | None = None,
) -> CodeEvaluation:
    """Run code in the sandbox and measure what its orders did; on many bars a short run comes first.

    A program that is `proved` not to read later bars takes its place, and runs in one pass. `build_context` says what is known beyond the
    run, once its facts are there; `watch` is told how far the run on all bars has come, `report_stage` each stage that begins. `spread`
    runs the instruments of a basket. Raises SandboxUnavailableError.
    """
    waited = 0.0
    report_stage(Stage.GATE)
    if len(bars) > LONG_BARS and proved is None:
        short = run_code(sandbox, code, plan, bars.slice(0, SHORT_BARS), cancel=cancel, spread=spread)
        if is_mistake(short):
            return to_evaluation(short, plan, bars)
        waited = short.waited_seconds
    tell = _with_stage(Stage.RUN, report_stage, watch)
    outcome = run_code(sandbox, proved or code, plan, bars, cancel=cancel, watch=tell, spread=spread)
    outcome = replace(outcome, waited_seconds=waited + outcome.waited_seconds)
    report_stage(Stage.SCORE)
    return to_evaluation(outcome, plan, bars, build_context(outcome) if build_context is not None and outcome.ok else None)


def _with_stage(
    stage: Stage, report_stage: Callable[[Stage], object], watch: Callable[[Progress], None] | None
) -> Callable[[Progress], None] | None:
    """The watcher, which tells a stage with its first report; without one, the stage is told at once."""
    if watch is None:
        report_stage(stage)
        return None
    begun = False

    def watch_and_tell(progress: Progress) -> None:
        nonlocal begun
        if not begun:
            begun = True
            report_stage(stage)
        watch(progress)

    return watch_and_tell


def to_evaluation(outcome: Outcome, plan: BacktestPlan, bars: Bars, context: CheckContext | None = None) -> CodeEvaluation:
    """Turn a run's facts into figures, or into the reason why it has none that can be used."""
    if not outcome.ok:
        return CodeEvaluation(outcome, None, outcome.error or CodeFault(message=f"The run ended: {outcome.status.value}."), outcome.stage)
    try:
        evaluation = measure(outcome, bars, plan, context or CheckContext())
    except CodeError as error:
        return CodeEvaluation(outcome, None, CodeFault(message=error.message, line=error.line, hint=error.hint), Stage.SCORE)
    if outcome.certificate.verdict is Verdict.LEAKED:
        return CodeEvaluation(outcome, evaluation, build_leak_fault(outcome), Stage.LOOK_AHEAD)
    return CodeEvaluation(outcome, evaluation, None, Stage.DONE)


def is_mistake(short: Outcome) -> bool:
    """True when a short run failed in a way that more bars cannot mend: at a line of the code, or in the gate."""
    at_a_line = short.status is OutcomeStatus.ERROR and short.error is not None and short.error.line is not None
    return short.status is OutcomeStatus.GATE or at_a_line


def build_leak_fault(outcome: Outcome) -> CodeFault:
    """Build the fault of code whose orders depend on later bars."""
    certificate = outcome.certificate
    where = f" at bar {certificate.bar}" if certificate.bar is not None else ""
    return CodeFault(
        message=f"The orders{where} depend on prices of later bars: the code reads the future.",
        line=certificate.line,
        hint="Read only the current bar [0] and earlier ones [-1], [-2]; never a positive index, .array or .get(ago=1).",
        kind="LookAhead",
    )


def prepend_warm_up(training: Bars, hold_out: Bars, whole: Bars) -> tuple[Bars, int]:
    """Put some training bars before the hold-out for warm-up; gives the bars and the number of warm-up bars."""
    warm_up_bars = min(WARM_UP_BARS, len(training))
    return whole.slice(len(training) - warm_up_bars, len(training) + len(hold_out)), warm_up_bars


def drop_warm_up(outcome: Outcome, warm_up_bars: int, cash: float, bars: Bars | None = None) -> tuple[Outcome, float]:
    """Drop the first `warm_up_bars` bars of an outcome; gives the rest and the account value it begins with.

    Of a basket, `bars` say how many of them each member has.
    Fills of the warm-up bars are dropped; a trade counts where it is closed, so a position that was carried in belongs to the hold-out.
    """
    if warm_up_bars == 0 or not outcome.ok:
        return outcome, cash
    start = float(outcome.equity[warm_up_bars - 1])
    fills = tuple(fill.changed(bar=fill.bar - warm_up_bars) for fill in outcome.fills if fill.bar >= warm_up_bars)
    trades = tuple(
        trade.changed(
            entry_bar=max(trade.entry_bar - warm_up_bars, 0), exit_bar=None if trade.exit_bar is None else trade.exit_bar - warm_up_bars
        )
        for trade in outcome.trades
        if trade.exit_bar is None or trade.exit_bar >= warm_up_bars
    )
    part = replace(
        outcome,
        equity=outcome.equity[warm_up_bars:],
        position=outcome.position[warm_up_bars:],
        other_positions=tuple(held[warm_up_bars:] for held in outcome.other_positions),
        fills=fills,
        trades=trades,
        members=_drop_warm_up_of_members(outcome, bars, warm_up_bars) if outcome.members and bars is not None else (),
    )
    return part, start


def _drop_warm_up_of_members(outcome: Outcome, bars: Bars, warm_up_bars: int) -> tuple[MemberOutcome, ...]:
    """Drop what lies before the first moment behind the warm-up at which a member and the instruments beside it each have a bar."""
    found, later = [], list_members(bars.slice(warm_up_bars, len(bars)))
    for one, own, part_of_own in zip(outcome.members, list_members(bars), later, strict=True):
        begin = part_of_own.time[0] if len(part_of_own) else bars.time[warm_up_bars]
        part, start = drop_warm_up(one.outcome, int(np.searchsorted(own.time, begin)), one.cash)
        found.append(MemberOutcome(one.symbol, part, start))
    return tuple(found)


def evaluate_hold_out(
    code: str, plan: BacktestPlan, bars: Bars, warm_up_bars: int, *, sandbox: Sandbox, cancel: Cancel
) -> tuple[CodeEvaluation, float]:
    """Evaluate on the hold-out only, bar by bar; the strategy sees the warm-up bars first so that its indicators are ready.

    Gives the evaluation, and the account's value when the hold-out began.
    """
    outcome = run_code(sandbox, code, plan.changed(method=Method.LOCK_STEP), bars, cancel=cancel)
    paid_in = find_deposits(bars.time, plan.deposits)[warm_up_bars:] if plan.deposits else None
    part, start = drop_warm_up(replace(outcome, paid_in=paid_in), warm_up_bars, plan.cash, bars)
    if outcome.ok and not (np.isfinite(start) and start > 0):
        fault = CodeFault(message="The account was ruined before the hold-out began.", hint="There is nothing left to measure.")
        return CodeEvaluation(outcome, None, fault, Stage.SCORE), plan.cash
    return to_evaluation(part, plan.changed(cash=start), bars.slice(warm_up_bars, len(bars))), start
