"""The one place where a step becomes a record: an iteration is built here whoever made its code, a model, the compiler or a person."""

import time
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from core.domain.backtest import CodeFault, OrderCounts, OutcomeStatus, Stage
from core.domain.bars import Bars
from core.domain.iteration import Evaluation, Iteration, IterationDetail
from core.domain.model_calls import AnswerProblem
from core.domain.run import RunPlan
from core.domain.timing import Timing
from core.driving.evaluate import CodeEvaluation
from core.driving.propose import IterationSlot, Proposal
from core.driving.select import judge_hypothesis
from core.driving.versions import list_versions
from core.evidence import explain_missing_score, rate, time_account, trace_invested

NOT_CONFIRMED = "run again bar by bar it did not come to its end, so nobody knows whether it reads the future"
"""Reason for having no score."""


@dataclass(frozen=True, slots=True)
class IterationTiming:
    """Times at which a step began and had its code; seconds of a monotonic clock."""

    began: float
    generated: float


@dataclass(frozen=True, slots=True)
class NotRun:
    """A step that ran no code: how far it came, and why, where that is a failure."""

    stage: Stage
    fault: CodeFault | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """Everything that is known of a finished step."""

    run_id: str
    plan: RunPlan
    training: Bars
    slot: IterationSlot
    proposal: Proposal
    result: CodeEvaluation | NotRun
    timing: IterationTiming
    done: Sequence[Iteration] = ()
    """Iterations that were finished before it, to judge its hypothesis by."""


def build_iteration(step: Step) -> IterationDetail:
    """Build the record of a step: facts, figures, score, what it cost and how long it took until now."""
    proposal, result = step.proposal, step.result
    outcome, evaluation = (result.outcome, result.evaluation) if isinstance(result, CodeEvaluation) else (None, None)
    stage, points, no_score = _score(step, evaluation) if evaluation is not None and result.fault is None else (result.stage, None, "")
    wall, waited = (outcome.wall_seconds, outcome.waited_seconds) if outcome else (0.0, 0.0)
    iteration = Iteration(
        run_id=step.run_id,
        number=step.slot.number,
        loop=step.slot.loop,
        candidate=step.slot.candidate,
        parent=proposal.parent,
        status=outcome.status if outcome else OutcomeStatus.ERROR if result.fault else OutcomeStatus.OK,
        stage=stage,
        error=result.fault,
        change=keep_visible(proposal.change),
        hypothesis=keep_visible(proposal.hypothesis),
        verdict=judge_hypothesis(points, proposal.parent, step.done, proposal.hypothesis),
        mode=proposal.mode,
        model=proposal.model,
        code=proposal.code or "",
        answer=proposal.text,
        earlier_answers=proposal.earlier,
        prompt_hash=proposal.prompt_hash,
        prompt=proposal.prompt,
        reasoning=proposal.reasoning,
        request=proposal.request,
        versions=list_versions(),
        authorship=proposal.authorship,
        operator=proposal.operator,
        reason=proposal.reason,
        numbers=dict(proposal.numbers),
        metrics=evaluation.metrics if evaluation else None,
        instruments=evaluation.instruments if evaluation else (),
        score=points,
        orders=outcome.orders if outcome else OrderCounts(),
        orders_hash=outcome.orders_hash if outcome else "",
        findings=evaluation.findings if evaluation else (),
        conformity=evaluation.conformity if evaluation else None,
        timing=_measure_timing(step, evaluation) if evaluation else None,
        certificate=outcome.certificate if outcome else None,
        isolation_level=outcome.isolation_level if outcome else None,
        usage=proposal.usage,
        cost=proposal.cost,
        log=outcome.log if outcome else "",
        notes=(*proposal.notes, *(outcome.notes if outcome else ()), *([no_score] if no_score else [])),
        no_score=no_score,
        data_hash=step.training.hash,
        generate_seconds=step.timing.generated - step.timing.began,
        backtest_seconds=wall,
        overhead_seconds=max(0.0, time.perf_counter() - step.timing.generated - wall - waited),
        created=datetime.now(UTC),
        submission=proposal.submission,
    )
    empty = np.empty(0)
    return IterationDetail(
        iteration=iteration,
        equity=evaluation.equity if evaluation else empty,
        position=trace_invested(evaluation, step.training) if evaluation else empty,
        fills=evaluation.fills if evaluation else (),
        trades=evaluation.trades if evaluation else (),
        closes=step.training.close if evaluation and not step.training.others else None,
    )


def keep_visible(text: str) -> str:
    """Keep what can be seen of a model's or an agent's own words, which stand in terminals too: no control or direction characters.

    >>> keep_visible("less\\x1b[2J risk\\u202e")
    'less[2J risk'
    """
    return "".join(char for char in text if char in "\n\t" or unicodedata.category(char)[0] != "C")


def _measure_timing(step: Step, evaluation: Evaluation) -> Timing:
    return evaluation.timing or time_account(evaluation, step.training, cash=step.plan.backtest.cash)


FAULT_KINDS = {
    AnswerProblem.EMPTY: "EmptyAnswer",
    AnswerProblem.NO_CODE: "NoCode",
    AnswerProblem.CUT_OFF: "CutOff",
    AnswerProblem.UNPARSABLE: "SyntaxError",
    AnswerProblem.ELIDED: "ElidedCode",
    AnswerProblem.NO_NEXT: "NoNext",
    AnswerProblem.EDIT_REFUSED: "EditRefused",
    AnswerProblem.TOO_LONG: "TooLong",
}
"""Names under which answers without a usable program are kept, beside those of Python's exceptions."""


def build_missing_code_fault(proposal: Proposal) -> CodeFault:
    """Build the fault of an answer without code that can be used."""
    kind = FAULT_KINDS[proposal.kind or AnswerProblem.NO_CODE]
    return CodeFault(message=proposal.problem, hint="Answer with one fenced Python block that holds the whole strategy.", kind=kind)


def _score(step: Step, evaluation: Evaluation) -> tuple[Stage, float | None, str]:
    """Score code without a fault: the stage it reached, its score, and a note with the reason where it has none."""
    plan, metrics = step.plan, evaluation.metrics
    if isinstance(step.result, CodeEvaluation) and step.result.unconfirmed:
        return Stage.LOOK_AHEAD, None, f"No score: {NOT_CONFIRMED}."
    points = rate(evaluation, plan)
    reason = explain_missing_score(metrics, plan) if points is None else ""
    return Stage.SCORE if points is None else Stage.DONE, points, f"No score: {reason}." if reason else ""
