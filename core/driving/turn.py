"""One turn of the loop: an answer, its run in the sandbox, its figures, and the record that is kept of it."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

import numpy as np

from core import language
from core.domain.backtest import CodeFault, OrderCounts, Outcome, OutcomeStatus, Stage
from core.domain.errors import ProviderError, WorkflowError
from core.domain.iteration import Iteration, IterationDetail
from core.driving.course import Course, compiled_signals, own_numbers
from core.driving.evaluate import Evaluated, evaluate_code, measured
from core.driving.generate import Answer, Turn, answer_of, constants_of, model_of
from core.driving.programs import Siblings, program_hash, same_program, twin_of
from core.driving.progress import growing, stages
from core.driving.select import best_of, verdict_on
from core.driving.steering import KIND, steering, unanswered
from core.evidence import Context, Signals, no_score_reason, score
from core.prompts import parameter_values

COMPILER = "compiler"
"""The author of iteration 0: the workflow itself, translated without a model."""


@dataclass(frozen=True, slots=True)
class Clock:
    """When a turn began, had its code, and had its facts; seconds of a monotonic clock."""

    began: float
    generated: float
    ran: float


def take_turn(course: Course, done: Sequence[Iteration], turn: Turn, siblings: Siblings) -> IterationDetail | None:
    """One iteration from prompt to score; None when it was cancelled half-way. `siblings` run at the same time, or did before a kill.

    Raises ProviderError, BudgetError and SandboxUnavailableError.
    """
    began = time.perf_counter()
    answer = _baseline(course) if turn.number == 0 else _asked(course, done, turn)
    generated = time.perf_counter()
    if course.cancel.is_set():
        return None
    if answer.code is None:
        hint = "Answer with exactly one ```python block that holds the whole strategy."
        fault = CodeFault(message=answer.problem, hint=hint, kind="NoCode")
        return _record(course, done, turn, answer, None, fault, Stage.PARSE, Clock(began, generated, generated))
    evaluated, same = _evaluated(course, answer.code, done, turn, siblings)
    if course.cancel.is_set() or evaluated.outcome.status is OutcomeStatus.CANCELLED:
        return None
    if same is not None:
        answer = answer.with_remark(f"the same program as iteration {same}")
    elif (twin := _twin(evaluated.outcome, done, turn, siblings)) is not None:
        answer = answer.with_remark(f"trades exactly like iteration {twin}")
    clock = Clock(began, generated, time.perf_counter())
    return _record(course, done, turn, answer, evaluated, evaluated.fault, evaluated.stage, clock)


def turn_without_answer(course: Course, done: Sequence[Iteration], turn: Turn, error: BaseException) -> IterationDetail:
    """The record of a candidate whose model gave no answer, while its siblings' did."""
    kind = error.name if isinstance(error, ProviderError) else type(error).__name__
    best = best_of(done)
    answer = Answer(code=None, model=model_of(course.plan, done).id, parent=best.number if best else 0)
    now = time.perf_counter()
    fault = CodeFault(message=f"No answer came: {error}", kind=kind)
    return _record(course, done, turn, answer, None, fault, Stage.GENERATE, Clock(now, now, now))


def _baseline(course: Course) -> Answer:
    code = language.compile_workflow(course.plan.workflow, instrument=course.training.instrument)
    return Answer(code=code, change="The workflow as it stands, compiled without a model.", model=COMPILER)


def _asked(course: Course, done: Sequence[Iteration], turn: Turn) -> Answer:
    history, run_id = course.parts.history, course.run.id
    said = steering(history.events(run_id, kind=KIND))
    wishes = unanswered(said, lambda seq: history.events(run_id, after=seq, kind="stage"), done)
    return answer_of(course.run, course.training, done, turn, course.parts.model, course.cancel, course.note, wishes)


def _evaluated(course: Course, code: str, done: Sequence[Iteration], turn: Turn, siblings: Siblings) -> tuple[Evaluated, int | None]:
    """Run the code, unless the same program has been run in this run before; then its result, and the number of that iteration."""
    same = same_program(code, (*done, *siblings.finished))
    if same is not None:
        return _repeated(course, same, code, done), same.number
    tell = stages(course.note, turn)

    def run() -> Evaluated:
        return evaluate_code(
            code,
            course.plan.backtest,
            course.training,
            sandbox=course.parts.sandbox,
            cancel=course.cancel,
            context=lambda outcome: _context(course, code, done, outcome),
            watch=growing(course.note, turn.number, over=partial(tell, Stage.LEDGER)),
            tell=tell,
        )

    evaluated, first = siblings.run(code, turn.number, run)
    if first is None:
        return evaluated, None
    outcome = replace(evaluated.outcome, notes=(_not_again(first),), wall_seconds=0.0)
    return replace(evaluated, outcome=outcome), first


def _not_again(number: int) -> str:
    return f"The same program as iteration {number}: not run again."


def _twin(outcome: Outcome, done: Sequence[Iteration], turn: Turn, siblings: Siblings) -> int | None:
    """Number of an iteration that placed the very same orders before."""
    beside = siblings.twin(outcome, turn.number)
    earlier = twin_of(outcome, done)
    return earlier.number if earlier is not None else beside


def _context(course: Course, code: str, done: Sequence[Iteration], outcome: Outcome) -> Context:
    """What the checks may know beyond the run itself."""
    numbers = own_numbers(course.plan, code)
    is_workflow = _is_workflow(course, code, numbers)
    few = sum(trade.exit_bar is not None for trade in outcome.trades) < max(1, course.plan.minimum_trades)
    return Context(
        workflow=course.plan.workflow,
        signals=_signals(course, numbers) if few or not is_workflow else {},
        is_workflow=is_workflow,
        values=parameter_values(code),
        constants=constants_of(course.plan, done),
        parameters=language.parameters(course.plan.workflow),
        baseline=done[0].metrics if done else None,
        minimum_trades=course.plan.minimum_trades,
        constraints=course.plan.constraints,
        objective=course.plan.objective,
        formula=course.plan.formula,
        trials=len(done) + 1,
    )


def _is_workflow(course: Course, code: str, numbers: Mapping[str, float]) -> bool:
    """True when the code is the compiled workflow with these numbers: it cannot have drifted from itself."""
    try:
        compiled = language.compile_workflow(course.plan.workflow, numbers, instrument=course.training.instrument)
        return program_hash(compiled) == program_hash(code)
    except WorkflowError:
        return False


def _signals(course: Course, numbers: Mapping[str, float]) -> Signals:
    """Where each row of the workflow is true with these numbers."""
    if not numbers:
        return course.signals
    return compiled_signals(course.plan, course.training, course.parts.sandbox, course.cancel, numbers)


def _repeated(course: Course, same: Iteration, code: str, done: Sequence[Iteration]) -> Evaluated:
    """The facts of an earlier run of the same program."""
    detail = course.parts.history.detail(course.run.id, same.number)
    if same.certificate is None:
        raise AssertionError("an iteration that was run has a certificate")
    outcome = Outcome(
        status=same.status,
        stage=same.stage,
        isolation_level=same.isolation_level or 0,
        certificate=same.certificate,
        fills=detail.fills,
        trades=detail.trades,
        orders=same.orders,
        equity=detail.equity,
        position=detail.position,
        notes=(_not_again(same.number),),
        orders_hash=same.orders_hash,
        code_ran=same.code,
        error=same.error,
    )
    if same.metrics is None:
        return Evaluated(outcome, None, same.error, same.stage)
    return measured(outcome, course.plan.backtest, course.training, _context(course, code, done, outcome))


def _record(
    course: Course,
    done: Sequence[Iteration],
    turn: Turn,
    answer: Answer,
    evaluated: Evaluated | None,
    fault: CodeFault | None,
    stage: Stage,
    clock: Clock,
) -> IterationDetail:
    """The iteration as it is kept: facts, figures, what it cost and how long it took."""
    outcome = evaluated.outcome if evaluated else None
    evaluation = evaluated.evaluation if evaluated else None
    plan, points, notes = course.plan, None, outcome.notes if outcome else ()
    if evaluation is not None and fault is None:
        points = score(evaluation.metrics, plan.objective, plan.minimum_trades, formula=plan.formula, constraints=plan.constraints)
        stage = Stage.DONE if points is not None else Stage.SCORE
        reason = no_score_reason(evaluation.metrics, plan)
        notes = (*notes, f"No score: {reason}.") if reason else notes
    wall, waited = (outcome.wall_seconds, outcome.waited_seconds) if outcome else (0.0, 0.0)
    iteration = Iteration(
        run_id=course.run.id,
        number=turn.number,
        loop=turn.loop,
        candidate=turn.candidate,
        parent=answer.parent,
        status=outcome.status if outcome else OutcomeStatus.ERROR,
        stage=stage,
        error=fault,
        change=answer.change,
        hypothesis=answer.hypothesis,
        verdict=verdict_on(points, answer.parent, done, answer.hypothesis),
        mode=answer.mode,
        model=answer.model,
        code=answer.code or "",
        answer=answer.text,
        prompt_hash=answer.prompt_hash,
        metrics=evaluation.metrics if evaluation else None,
        score=points,
        orders=outcome.orders if outcome else OrderCounts(),
        orders_hash=outcome.orders_hash if outcome else "",
        findings=evaluation.findings if evaluation else (),
        conformity=evaluation.conformity if evaluation else None,
        certificate=outcome.certificate if outcome else None,
        isolation_level=outcome.isolation_level if outcome else None,
        usage=answer.usage,
        cost=answer.cost,
        log=outcome.log if outcome else "",
        notes=notes,
        data_hash=course.training.hash,
        generate_seconds=clock.generated - clock.began,
        backtest_seconds=wall,
        overhead_seconds=max(0.0, time.perf_counter() - clock.generated - wall - waited),
        created=datetime.now(UTC),
    )
    empty = np.empty(0)
    return IterationDetail(
        iteration=iteration,
        equity=evaluation.equity if evaluation else empty,
        position=evaluation.position if evaluation else empty,
        fills=evaluation.fills if evaluation else (),
        trades=evaluation.trades if evaluation else (),
    )
