"""LLM Driving: generate, backtest, analyse, improve, as often as the plan says, and one look at the hold-out at the end.

The loop keeps no state of its own: every turn is derived from the stored iterations, so a killed run goes on where it was.
"""

import ast
import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from core import language
from core.domain.backtest import CodeFault, Outcome, OutcomeStatus, Stage
from core.domain.bars import Bars
from core.domain.errors import BudgetError, MarketDataError, ProviderError, StratloopError
from core.domain.iteration import Iteration, IterationDetail
from core.domain.run import HoldOut, HoldOutFigure, Run, RunPlan, Status, StopReason
from core.driving.evaluate import Evaluated, evaluate_code, evaluate_hold_out, measured, with_lead
from core.driving.generate import Answer, answer_of
from core.driving.ports import Cancel, History, Market, Model, Sandbox
from core.driving.select import best_of
from core.driving.stop import SENTENCES, spent, stop_reason
from core.evidence import Context, Signals, benchmark, score
from core.prompts import parameter_values

COMPILER = "compiler"
"""The author of iteration 0: the workflow itself, translated without a model."""

MINIMUM_BARS = 30
"""Fewer training bars than this cannot carry a figure."""


@dataclass(frozen=True, slots=True)
class Parts:
    """The neighbours that the loop talks to."""

    model: Model
    sandbox: Sandbox
    market: Market
    history: History


@dataclass(frozen=True, slots=True)
class Course:
    """What stays the same during one run: plan, neighbours and the bars that the loop may see."""

    run: Run
    parts: Parts
    cancel: Cancel
    whole: Bars
    training: Bars
    hold_out: Bars
    signals: Signals
    """Where each row of the compiled workflow was true on the training bars."""

    @property
    def plan(self) -> RunPlan:
        """What the user asked for."""
        return self.run.plan

    def note(self, kind: str, **data: object) -> None:
        """Store an event for whoever watches."""
        self.parts.history.event(self.run.id, kind, data)


def prepare(plan: RunPlan, market: Market) -> tuple[Bars, Bars, Bars]:
    """All bars, the training part and the hold-out part of a plan, after every check that costs nothing.

    Raises WorkflowError and MarketDataError, so that a screen can refuse before a run exists.
    """
    language.require_valid(plan.workflow)
    whole = market.bars(plan.bars)
    training, hold_out = whole.split(plan.hold_out)
    if len(training) < MINIMUM_BARS:
        raise MarketDataError(
            f"Only {len(training)} of {len(whole)} bars are left for training ({plan.hold_out:.0%} held out); {MINIMUM_BARS} are needed.",
            hint="Choose a longer range, a shorter timeframe or a smaller hold-out.",
        )
    language.require_valid(plan.workflow, bars=len(training), timeframe=training.timeframe)
    return whole, training, hold_out


def drive(run_id: str, parts: Parts, *, cancel: Cancel) -> Run:
    """Carry a run from wherever it stands to its end, and give it as stored then. Failures end in the run, not in an exception."""
    run = parts.history.run(run_id)
    if run.status.finished:
        return run
    try:
        whole, training, hold_out = prepare(run.plan, parts.market)
        started = _started(run, parts.history, training)
        signals = compiled_signals(run.plan, training, parts.sandbox, cancel)
        course = Course(started, parts, cancel, whole, training, hold_out, signals)
        reason = _loop(course)
        if reason is StopReason.CANCELLED and not parts.history.cancel_requested(run_id):
            return parts.history.run(run_id)  # the process is going down: whoever comes next resumes
        return _finish(course, reason)
    except StratloopError as error:
        return fail(parts.history, run_id, error)


def compiled_signals(plan: RunPlan, bars: Bars, sandbox: Sandbox, cancel: Cancel) -> Signals:
    """The workflow's own reading of the bars, row by row: what code is held against."""
    code = language.compile_workflow(plan.workflow, signals=True)
    return sandbox.run(code, plan.backtest, bars, cancel=cancel, signals=True).signals


def _context(course: Course, code: str, done: Sequence[Iteration]) -> Context:
    """What the checks may know beyond the run itself."""
    return Context(
        workflow=course.plan.workflow,
        signals=course.signals,
        values=parameter_values(code),
        parameters=language.parameters(course.plan.workflow),
        baseline=done[0].metrics if done else None,
        minimum_trades=course.plan.minimum_trades,
        trials=len(done) + 1,
    )


def _started(run: Run, history: History, training: Bars) -> Run:
    figures = benchmark(training, run.plan.backtest).metrics
    update = {"status": Status.RUNNING, "benchmark": figures, "data_hash": training.hash, "training_bars": len(training), "message": ""}
    started = run.model_copy(update=update)
    history.save_run(started)
    return started


def _loop(course: Course) -> StopReason:
    """Turn after turn until a rule, the user or the budget ends it."""
    while True:
        done = course.parts.history.iterations(course.run.id)
        reason = StopReason.CANCELLED if course.cancel.is_set() else stop_reason(course.plan, done)
        if reason is not None:
            return reason
        try:
            detail = _turn(course, done)
        except BudgetError as error:
            course.note("log", text=str(error))
            return StopReason.BUDGET
        if detail is None:
            return StopReason.CANCELLED
        course.parts.history.append(detail)
        _remember(course, (*done, detail.iteration))


def _remember(course: Course, done: Sequence[Iteration]) -> None:
    best = best_of(done)
    run = course.parts.history.run(course.run.id)
    update = {"best": best.number if best else None, "iterations": len(done), "cost_usd": spent(done)}
    course.parts.history.save_run(run.model_copy(update=update))


def _turn(course: Course, done: Sequence[Iteration]) -> IterationDetail | None:
    """One iteration from prompt to score; None when it was cancelled half-way."""
    began = time.perf_counter()
    number = done[-1].number + 1 if done else 0
    answer = (
        _baseline(course)
        if number == 0
        else answer_of(course.run, course.training, done, number, course.parts.model, course.cancel, course.note)
    )
    if course.cancel.is_set():
        return None
    generated = time.perf_counter()
    if answer.code is None:
        fault = CodeFault(
            message=answer.problem, hint="Answer with exactly one ```python block that holds the whole strategy.", kind="NoCode"
        )
        return _record(course, number, answer, None, fault, Stage.PARSE, began, generated, generated)
    course.note("stage", number=number, stage=Stage.RUN.value)
    evaluated, same = _evaluated(course, answer.code, done)
    if course.cancel.is_set() or evaluated.outcome.status is OutcomeStatus.CANCELLED:
        return None
    return _record(course, number, answer, evaluated, evaluated.fault, evaluated.stage, began, generated, time.perf_counter(), same)


def _baseline(course: Course) -> Answer:
    code = language.compile_workflow(course.plan.workflow)
    return Answer(code=code, change="The workflow as it stands, compiled without a model.", model=COMPILER)


def _evaluated(course: Course, code: str, done: Sequence[Iteration]) -> tuple[Evaluated, Iteration | None]:
    """Run the code, unless the same program has been run in this run before."""
    same = next((iteration for iteration in done if iteration.code and program_hash(iteration.code) == program_hash(code)), None)
    if same is not None and same.error is None:
        return _repeated(course, same, done), same
    context = _context(course, code, done)
    sandbox, cancel = course.parts.sandbox, course.cancel
    return evaluate_code(code, course.plan.backtest, course.training, sandbox=sandbox, cancel=cancel, context=context), None


def _repeated(course: Course, same: Iteration, done: Sequence[Iteration]) -> Evaluated:
    """The facts of an earlier run of the same program."""
    detail = course.parts.history.detail(course.run.id, same.number)
    assert same.certificate is not None
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
        notes=(f"The same program as iteration {same.number}: not run again.",),
        orders_hash=same.orders_hash,
        code_ran=same.code,
    )
    return measured(outcome, course.plan.backtest, course.training, _context(course, same.code, done))


def _record(
    course: Course,
    number: int,
    answer: Answer,
    evaluated: Evaluated | None,
    fault: CodeFault | None,
    stage: Stage,
    began: float,
    generated: float,
    ran: float,
    same: Iteration | None = None,
) -> IterationDetail:
    """The iteration as it is kept: facts, figures, what it cost and how long it took."""
    outcome = evaluated.outcome if evaluated else None
    evaluation = evaluated.evaluation if evaluated else None
    points = None
    if evaluation is not None and fault is None:
        points = score(evaluation.metrics, course.plan.objective, course.plan.minimum_trades)
        stage = Stage.DONE if points is not None else Stage.SCORE
    iteration = Iteration(
        run_id=course.run.id,
        number=number,
        parent=answer.parent,
        status=outcome.status if outcome else OutcomeStatus.ERROR,
        stage=stage,
        error=fault,
        change=answer.change if same is None else f"{answer.change} (the same program as iteration {same.number})",
        hypothesis=answer.hypothesis,
        model=answer.model,
        code=answer.code or "",
        answer=answer.text,
        prompt_hash=answer.prompt_hash,
        metrics=evaluation.metrics if evaluation else None,
        score=points,
        orders=outcome.orders if outcome else Iteration.model_fields["orders"].default,
        orders_hash=outcome.orders_hash if outcome else "",
        findings=evaluation.findings if evaluation else (),
        certificate=outcome.certificate if outcome else None,
        isolation_level=outcome.isolation_level if outcome else None,
        usage=answer.usage,
        cost=answer.cost,
        log=outcome.log if outcome else "",
        notes=outcome.notes if outcome else (),
        data_hash=course.training.hash,
        generate_seconds=generated - began,
        backtest_seconds=outcome.wall_seconds if outcome else 0.0,
        overhead_seconds=max(0.0, time.perf_counter() - generated - (outcome.wall_seconds if outcome else 0.0)),
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


def _finish(course: Course, reason: StopReason) -> Run:
    history = course.parts.history
    run = history.run(course.run.id)
    status = Status.CANCELLED if reason is StopReason.CANCELLED else Status.COMPLETE
    hold_out = None
    if status is Status.COMPLETE and len(course.hold_out):
        course.note("stage", number=run.iterations, stage="hold_out")
        hold_out = look_at_hold_out(course, history.iterations(run.id))
    update = {
        "status": status,
        "stop_reason": reason,
        "message": SENTENCES[reason],
        "hold_out": hold_out,
        "finished": datetime.now(UTC),
    }
    finished = run.model_copy(update=update)
    history.save_run(finished)
    return finished


def fail(history: History, run_id: str, error: StratloopError) -> Run:
    """End a run on an error that people can act on; what is done is kept, and the run can be resumed."""
    name, action = (error.name, error.action.value) if isinstance(error, ProviderError) else (type(error).__name__, "stop")
    history.event(run_id, "error", {"class": name, "message": error.message, "hint": error.hint, "action": action})
    update = {"status": Status.FAILED, "stop_reason": StopReason.ERROR, "message": str(error), "finished": datetime.now(UTC)}
    failed = history.run(run_id).model_copy(update=update)
    history.save_run(failed)
    return failed


def look_at_hold_out(course: Course, done: Sequence[Iteration]) -> HoldOut:
    """The winner, the baseline and buy-and-hold on the bars that the loop never saw."""
    best = best_of(done)
    led, lead = with_lead(course.training, course.hold_out, course.whole)
    baseline = next((iteration for iteration in done if iteration.number == 0), None)
    figures = benchmark(course.hold_out, course.plan.backtest).metrics
    return HoldOut(
        bars=len(course.hold_out),
        first=course.hold_out.first,
        last=course.hold_out.last,
        best=_hold_out_figure(course, "best", best, led, lead),
        baseline=_hold_out_figure(course, "baseline", baseline, led, lead),
        benchmark=HoldOutFigure(name="benchmark", metrics=figures),
    )


def _hold_out_figure(course: Course, name: str, iteration: Iteration | None, led: Bars, lead: int) -> HoldOutFigure:
    if iteration is None or iteration.error is not None:
        return HoldOutFigure(name=name, iteration=iteration.number if iteration else None, error="There is no usable iteration to check.")
    result = evaluate_hold_out(iteration.code, course.plan.backtest, led, lead, sandbox=course.parts.sandbox, cancel=course.cancel)
    return HoldOutFigure(
        name=name,
        iteration=iteration.number,
        metrics=result.evaluation.metrics if result.evaluation else None,
        error=result.fault.message if result.fault else "",
    )


def program_hash(code: str) -> str:
    """Identity of a program whatever its spaces and comments; of the text when it does not parse.

    >>> program_hash("a = 1  # one") == program_hash("a=1")
    True
    """
    try:
        text = ast.dump(ast.parse(code))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        text = code
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
