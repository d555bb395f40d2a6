"""The one way to evaluate code, whoever wrote it: a person, a model, the compiler, or an exported file."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from core.domain.backtest import BacktestPlan, CodeFault, Method, Outcome, OutcomeStatus, Progress, Stage, Verdict
from core.domain.bars import Bars
from core.domain.errors import CodeError
from core.domain.iteration import Evaluation
from core.driving.ports import Cancel, Sandbox
from core.evidence import Context
from core.evidence import evaluate as measure

WARM_UP_BARS = 300
"""Bars of the training part that lead into the hold-out, so that indicators are ready on its first bar."""


SHORT_BARS = 2_000
LONG_BARS = 20_000
"""On more bars than this, code is first run on the first `SHORT_BARS`: most mistakes show there at a tenth of the price."""


@dataclass(frozen=True, slots=True)
class Evaluated:
    """Facts of a run and, when they can be used, its figures; `fault` says why not."""

    outcome: Outcome
    evaluation: Evaluation | None
    fault: CodeFault | None
    stage: Stage


def evaluate_code(
    code: str,
    plan: BacktestPlan,
    bars: Bars,
    *,
    sandbox: Sandbox,
    cancel: Cancel,
    context: Callable[[Outcome], Context] | None = None,
    watch: Callable[[Progress], None] | None = None,
    tell: Callable[[Stage], object] = lambda stage: None,
) -> Evaluated:
    """Run code in the sandbox and measure what its orders did; on many bars a short run comes first.

    `context` says what is known beyond the run, once its facts are there; `watch` is told how far the run on all bars has come,
    `tell` each stage that begins. Raises SandboxUnavailableError.
    """
    waited = 0.0
    tell(Stage.GATE)
    if len(bars) > LONG_BARS:
        short = sandbox.run(code, plan, bars.slice(0, SHORT_BARS), cancel=cancel)
        if is_mistake(short):
            return measured(short, plan, bars)
        waited = short.waited_seconds
    outcome = sandbox.run(code, plan, bars, cancel=cancel, watch=_telling(Stage.RUN, tell, watch))
    outcome = replace(outcome, waited_seconds=waited + outcome.waited_seconds)
    tell(Stage.SCORE)
    return measured(outcome, plan, bars, context(outcome) if context is not None and outcome.ok else None)


def _telling(stage: Stage, tell: Callable[[Stage], object], watch: Callable[[Progress], None] | None) -> Callable[[Progress], None] | None:
    """The watcher, which tells a stage with its first report; without one, the stage is told at once."""
    if watch is None:
        tell(stage)
        return None
    begun = False

    def watch_and_tell(progress: Progress) -> None:
        nonlocal begun
        if not begun:
            begun = True
            tell(stage)
        watch(progress)

    return watch_and_tell


def measured(outcome: Outcome, plan: BacktestPlan, bars: Bars, context: Context | None = None) -> Evaluated:
    """The figures of a run's facts, or the reason why it has none that can be used."""
    if not outcome.ok:
        return Evaluated(outcome, None, outcome.error or CodeFault(message=f"The run ended: {outcome.status.value}."), outcome.stage)
    try:
        evaluation = measure(outcome, bars, plan, context or Context())
    except CodeError as error:
        return Evaluated(outcome, None, CodeFault(message=error.message, line=error.line, hint=error.hint), Stage.SCORE)
    if outcome.certificate.verdict is Verdict.LEAKED:
        return Evaluated(outcome, evaluation, leak_fault(outcome), Stage.LOOK_AHEAD)
    return Evaluated(outcome, evaluation, None, Stage.DONE)


def is_mistake(short: Outcome) -> bool:
    """True when a short run failed in a way that more bars cannot mend: at a line of the code, or in the gate."""
    at_a_line = short.status is OutcomeStatus.ERROR and short.error is not None and short.error.line is not None
    return short.status is OutcomeStatus.GATE or at_a_line


def leak_fault(outcome: Outcome) -> CodeFault:
    """The words for code whose orders depend on later bars."""
    certificate = outcome.certificate
    where = f" at bar {certificate.bar}" if certificate.bar is not None else ""
    return CodeFault(
        message=f"The orders{where} depend on prices of later bars: the code reads the future.",
        line=certificate.line,
        hint="Read only the current bar [0] and earlier ones [-1], [-2]; never a positive index, .array or .get(ago=1).",
        kind="LookAhead",
    )


def with_lead(training: Bars, hold_out: Bars, whole: Bars) -> tuple[Bars, int]:
    """The hold-out with some training bars before it, and the number of those bars."""
    lead = min(WARM_UP_BARS, len(training))
    return whole.slice(len(training) - lead, len(training) + len(hold_out)), lead


def after_lead(outcome: Outcome, lead: int, cash: float) -> tuple[Outcome, float]:
    """The part of an outcome after its first `lead` bars, and the account value it begins with.

    Fills of the lead are dropped; a trade counts where it is closed, so a position that was carried in belongs to the hold-out.
    """
    if lead == 0 or not outcome.ok:
        return outcome, cash
    start = float(outcome.equity[lead - 1])
    fills = tuple(fill.model_copy(update={"bar": fill.bar - lead}) for fill in outcome.fills if fill.bar >= lead)
    trades = tuple(
        trade.model_copy(
            update={"entry_bar": max(trade.entry_bar - lead, 0), "exit_bar": None if trade.exit_bar is None else trade.exit_bar - lead}
        )
        for trade in outcome.trades
        if trade.exit_bar is None or trade.exit_bar >= lead
    )
    part = replace(outcome, equity=outcome.equity[lead:], position=outcome.position[lead:], fills=fills, trades=trades)
    return part, start


def evaluate_hold_out(code: str, plan: BacktestPlan, led: Bars, lead: int, *, sandbox: Sandbox, cancel: Cancel) -> Evaluated:
    """Figures on the hold-out only, bar by bar; the strategy sees the lead first so that its indicators are warm."""
    outcome = sandbox.run(code, plan.model_copy(update={"method": Method.LOCK_STEP}), led, cancel=cancel)
    part, start = after_lead(outcome, lead, plan.cash)
    if outcome.ok and not (np.isfinite(start) and start > 0):
        fault = CodeFault(message="The account was ruined before the hold-out began.", hint="There is nothing left to measure.")
        return Evaluated(outcome, None, fault, Stage.SCORE)
    return measured(part, plan.model_copy(update={"cash": start}), led.slice(lead, len(led)))
