"""The points of a sweep, evaluated: each is the compiled workflow with other numbers, and becomes an iteration like any other."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from core import language
from core.domain.backtest import CodeFault, OutcomeStatus, Stage
from core.domain.errors import WorkflowError
from core.domain.iteration import COMPILER, IterationDetail
from core.domain.sweep import SWEEPER
from core.driving.build_iteration import IterationTiming, NotRun, Step, build_iteration
from core.driving.evaluate import CodeEvaluation, evaluate_code
from core.driving.propose import IterationSlot, Proposal
from core.driving.run_context import RunContext
from core.driving.side_by_side import run_side_by_side
from core.evidence import CheckContext


@dataclass(frozen=True, slots=True)
class Point:
    """One point to try: its number, the round it belongs to, and its values."""

    number: int
    loop: int
    numbers: Mapping[str, float]


def evaluate_points(context: RunContext, points: Sequence[Point]) -> list[IterationDetail] | None:
    """Evaluate points side by side, in their order; None when that was cut short. Raises SandboxUnavailableError."""
    found = run_side_by_side(lambda point: _evaluate(context, point), points, cancel=context.cancel, name="sweep")
    if found is None or any(detail is None for detail in found):
        return None
    return [detail for detail in found if detail is not None]


def _evaluate(context: RunContext, point: Point) -> IterationDetail | None:
    began = time.perf_counter()
    proposal = write_point(context, point)
    timing = IterationTiming(began, time.perf_counter())
    if proposal.code is None:
        fault = CodeFault(message=proposal.problem, hint="These numbers do not go together.", kind="WorkflowError")
        return _record(context, point, proposal, NotRun(Stage.PARSE, fault), timing)
    plan, ports = context.plan.backtest, context.ports
    found = evaluate_code(
        proposal.code,
        plan,
        context.training,
        sandbox=ports.sandbox,
        cancel=context.cancel,
        build_context=lambda outcome: build_check_context(context, point),
    )
    if context.cancel.is_set() or found.outcome.status is OutcomeStatus.CANCELLED:
        return None
    return _record(context, point, proposal, found, timing)


def write_point(context: RunContext, point: Point) -> Proposal:
    """Write the program of a point; without code, and with the reason, where the workflow cannot have its numbers."""
    bars, own = context.training, point.number == 0
    change = "The workflow as it stands, compiled without a model." if own else describe_numbers(point.numbers)
    told = Proposal(code=None, model=COMPILER if own else SWEEPER, change=change, parent=None if own else 0, numbers=point.numbers)
    try:
        numbers = None if own else point.numbers
        code = language.compile_workflow(context.plan.workflow, numbers, instrument=bars.instrument, several=bool(bars.others))
    except WorkflowError as error:
        return replace(told, problem=str(error))
    return replace(told, code=code)


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
        values=point.numbers,
        minimum_trades=plan.minimum_trades,
        constraints=plan.constraints,
        objective=plan.objective,
        formula=plan.formula,
        trials=(plan.sweep.count if plan.sweep else 0) + 1 + context.run.earlier_tries,
    )


def _record(
    context: RunContext, point: Point, proposal: Proposal, result: CodeEvaluation | NotRun, timing: IterationTiming
) -> IterationDetail:
    slot = IterationSlot(number=point.number, loop=point.loop, candidate=0)
    return build_iteration(Step(context.run.id, context.plan, context.training, slot, proposal, result, timing))
