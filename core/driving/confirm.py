"""Confirmation in lock-step: a run that held all bars at once is repeated bar by bar, and only the same orders make its figures count."""

from dataclasses import dataclass, replace
from enum import StrEnum

from core.domain.backtest import BacktestPlan, Certificate, Method, Outcome, OutcomeStatus, Stage, Verdict
from core.domain.bars import Bars
from core.driving.evaluate import CodeEvaluation, build_leak_fault
from core.driving.ports import Cancel, Sandbox
from core.driving.run_code import run_code

INCONCLUSIVE = frozenset({OutcomeStatus.TIMEOUT, OutcomeStatus.CPU_LIMIT, OutcomeStatus.MEMORY})
"""Ends that say nothing about the orders."""


class RepeatResult(StrEnum):
    """Result of running code again bar by bar."""

    SAME = "same"
    DIFFERENT = "different"
    UNFINISHED = "unfinished"
    """It could not be run to its end; nothing was shown either way."""
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Repeat:
    """A repetition in lock-step, with the certificate that code has after it."""

    result: RepeatResult
    certificate: Certificate


def repeat_in_lock_step(
    code: str, orders_hash: str, certificate: Certificate, plan: BacktestPlan, bars: Bars, *, sandbox: Sandbox, cancel: Cancel
) -> Repeat:
    """Run code again bar by bar and compare its orders with those of `orders_hash`. Raises SandboxUnavailableError."""
    outcome = run_code(sandbox, code, plan.changed(method=Method.LOCK_STEP), bars, cancel=cancel)
    if cancel.is_set() or outcome.status is OutcomeStatus.CANCELLED:
        return Repeat(RepeatResult.CANCELLED, certificate)
    if outcome.status in INCONCLUSIVE:
        return Repeat(RepeatResult.UNFINISHED, certificate)
    if outcome.ok and outcome.orders_hash == orders_hash:
        return Repeat(RepeatResult.SAME, outcome.certificate.changed(altered=certificate.altered or outcome.certificate.altered))
    if any(one.outcome.status in INCONCLUSIVE for one in outcome.members):
        return Repeat(RepeatResult.UNFINISHED, certificate)
    words = "Run again bar by bar, it places other orders: those of the fast run depend on later bars."
    return Repeat(RepeatResult.DIFFERENT, certificate.changed(verdict=Verdict.LEAKED, checked=words))


def confirm_evaluation(
    evaluated: CodeEvaluation, code: str, plan: BacktestPlan, bars: Bars, *, sandbox: Sandbox, cancel: Cancel
) -> CodeEvaluation:
    """Complete an evaluation by a repetition in lock-step, where it needs one: its certificate, or its fault when it reads the future.

    What could not be repeated to its end is marked as unconfirmed. Raises SandboxUnavailableError.
    """
    outcome = evaluated.outcome
    if evaluated.fault is not None or outcome.certificate.confirmed:
        return evaluated
    repeat = repeat_in_lock_step(code, outcome.orders_hash, outcome.certificate, plan, bars, sandbox=sandbox, cancel=cancel)
    if repeat.result is RepeatResult.CANCELLED:
        return replace(evaluated, outcome=replace(outcome, status=OutcomeStatus.CANCELLED))
    if repeat.result is RepeatResult.UNFINISHED:
        return replace(evaluated, unconfirmed=True)
    return _certify(evaluated, outcome, repeat.certificate)


def _certify(evaluated: CodeEvaluation, outcome: Outcome, certificate: Certificate) -> CodeEvaluation:
    completed = replace(outcome, certificate=certificate)
    if certificate.verdict is not Verdict.LEAKED:
        return replace(evaluated, outcome=completed)
    return replace(evaluated, outcome=completed, fault=build_leak_fault(completed), stage=Stage.LOOK_AHEAD)
