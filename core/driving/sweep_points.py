"""The points of a sweep, evaluated: each is the compiled workflow with other numbers, and becomes an iteration like any other."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from core.domain.backtest import CodeFault, OutcomeStatus, Stage
from core.domain.errors import RunKilledError, WorkflowError
from core.domain.iteration import COMPILER, IterationDetail
from core.domain.sweep import SWEEPER
from core.driving.build_iteration import IterationTiming, NotRun, Step, build_iteration
from core.driving.evaluate import CodeEvaluation
from core.driving.fan_out import EvaluationTask
from core.driving.proof import compile_proved, prove_program
from core.driving.propose import IterationSlot, Proposal
from core.driving.run_context import RunContext
from core.evidence import CheckContext


@dataclass(frozen=True, slots=True)
class Point:
    """One point to try: its number, the round it belongs to, and its values."""

    number: int
    loop: int
    numbers: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class _Written:
    """A point with its program."""

    point: Point
    proposal: Proposal


def evaluate_points(context: RunContext, points: Sequence[Point]) -> Iterator[IterationDetail]:
    """Evaluate points side by side; gives each as it is finished, and ends early when it is stopped. Raises SandboxUnavailableError."""
    runnable: list[_Written] = []
    impossible: list[_Written] = []

    def list_tasks() -> Iterator[EvaluationTask]:
        for point in points:
            one = _Written(point, write_point(context, point))
            if one.proposal.code is None:
                impossible.append(one)
                continue
            runnable.append(one)
            proved = prove_program(one.proposal.code, context.plan.workflow, context.training, _numbers_of(point))
            told = build_check_context(context, point)
            yield EvaluationTask(one.proposal.code, context.plan.backtest, context.training, told, proved=proved)

    for place, found in context.ports.evaluations.run_all(list_tasks(), cancel=context.cancel):
        if found.outcome.status is OutcomeStatus.SUPERVISOR_DIED:
            words = found.fault.message if found.fault is not None else "The run's processes were killed by the machine."
            raise RunKilledError(words, hint="It may be short of memory. `resume` tries the points again.")
        yield _record(context, runnable[place], found)
    if not context.cancel.is_set():
        yield from (_record(context, one, None) for one in impossible)


def write_point(context: RunContext, point: Point) -> Proposal:
    """Write the program of a point; without code, and with the reason, where the workflow cannot have its numbers."""
    own = point.number == 0
    change = "The workflow as it stands, compiled without a model." if own else describe_numbers(point.numbers)
    told = Proposal(code=None, model=COMPILER if own else SWEEPER, change=change, parent=None if own else 0, numbers=point.numbers)
    try:
        code = compile_proved(context.plan.workflow, context.training, _numbers_of(point)).code
    except WorkflowError as error:
        return replace(told, problem=str(error))
    return replace(told, code=code)


def _numbers_of(point: Point) -> Mapping[str, float] | None:
    """The numbers that are written into a point's program; None for the workflow as it stands."""
    return None if point.number == 0 else point.numbers


def describe_numbers(numbers: Mapping[str, float]) -> str:
    """Describe the values of a point.

    >>> describe_numbers({"sma_fast": 10.0, "stop_loss_percent": 2.5})
    'sma_fast 10, stop_loss_percent 2.5'
    """
    return ", ".join(f"{name} {value:g}" for name, value in numbers.items())


def build_check_context(context: RunContext, point: Point) -> CheckContext:
    """Gather what the checks may know of a point: it is the workflow, so that nothing is held against the rows."""
    plan = context.plan
    return CheckContext(
        workflow=plan.workflow,
        is_workflow=True,
        text_checked=point.number > 0,
        values=point.numbers,
        minimum_trades=plan.minimum_trades,
        constraints=plan.constraints,
        objective=plan.objective,
        formula=plan.formula,
        swept=True,
        trials=(plan.sweep.count if plan.sweep else 0) + 1 + context.run.earlier_tries,
    )


def _record(context: RunContext, one: _Written, found: CodeEvaluation | None) -> IterationDetail:
    slot, now = IterationSlot(number=one.point.number, loop=one.point.loop, candidate=0), time.perf_counter()
    fault = CodeFault(message=one.proposal.problem, hint="These numbers do not go together.", kind="WorkflowError")
    result = NotRun(Stage.PARSE, fault) if found is None else found
    return build_iteration(Step(context.run.id, context.plan, context.training, slot, one.proposal, result, IterationTiming(now, now)))
