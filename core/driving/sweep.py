"""A sweep: the workflow with other numbers, point after point, on the training bars of one series. The hold-out is never touched.

Iteration 0 is the workflow as it stands, iteration N is the N-th point. What is stored is all there is: a sweep that was killed goes on
with the points that are missing. A guided search keeps whole rounds only, so that it chooses the same points again.
"""

import time
from collections.abc import Mapping, Sequence

from core import language
from core.domain.errors import InputError, WorkflowError
from core.domain.garbage import collect_rarely
from core.domain.iteration import Iteration, IterationDetail
from core.domain.run import Run, RunPlan, StopReason
from core.domain.sweep import Axis, SweepPlan, SweepSearch
from core.domain.workflow import Parameter, Workflow
from core.driving.confirm_winner import confirm_winner, load_rankable_iterations
from core.driving.drive import Ending, carry_to_end, close_run, count_earlier, interrupt_run, open_run
from core.driving.judge import judge_run
from core.driving.kept_curves import KeptCurves
from core.driving.ports import Cancel
from core.driving.propose import derive_seed
from core.driving.run_context import Ports, RunContext
from core.driving.select import find_best
from core.driving.sweep_points import Point, evaluate_points

BATCH = 20
"""Finished points that are stored together, unless they come slower than that."""
STORE_SECONDS = 2.0
"""Time after which finished points are stored, however few they are."""
ROUND = 10
"""Points that a guided search chooses from the same scores."""
MOST_JUDGED = 2_000
"""Points up to which the pick is resampled; with more of them the count of tries alone speaks."""


def check_axes(plan: RunPlan) -> None:
    """Check that the workflow has the numbers that are swept, and can have the ends of each axis. Raises InputError and WorkflowError."""
    sweep = _require_sweep(plan)
    known = {parameter.name: parameter for parameter in language.parameters(plan.workflow)}
    has = ", ".join(f"{name} ({one.default:g})" for name, one in known.items()) or "none"
    named: set[str] = set()
    for axis in sweep.axes:
        if axis.name not in known:
            raise InputError(f"The workflow has no number {axis.name!r}.", hint=f"It has {has}.")
        if axis.name in named:
            raise InputError(f"{axis.name} is set twice.", hint="Name each number once.")
        named.add(axis.name)
        if known[axis.name].integer and not (axis.start.is_integer() and axis.step.is_integer()):
            raise InputError(f"{axis.name} is a whole number.", hint="Use whole numbers for its bounds and its step.")
        if known[axis.name].low > 0 and axis.start <= 0:
            raise InputError(
                f"{axis.name} cannot be {axis.start:g}: it is above zero.", hint=f"The workflow has {known[axis.name].default:g}."
            )
    for axis in sweep.axes:
        for value in (axis.start, axis.at(axis.count - 1)):
            _require_possible(plan.workflow, axis, value, sweep.axes)


def _require_possible(workflow: Workflow, axis: Axis, value: float, axes: Sequence[Axis]) -> None:
    """Require that the workflow can have an end of an axis, with the other numbers as they are or at either end of theirs.

    Raises WorkflowError with what the table would say.
    """
    lows, highs = ({each.name: each.at(place * (each.count - 1)) for each in axes} for place in (0, 1))
    problem: WorkflowError | None = None
    for others in ({}, lows, highs):
        numbers = {**others, axis.name: value}
        try:
            language.compile_workflow(workflow, numbers)
            changed, left_out = language.write_numbers(workflow, numbers)
            if not left_out:
                language.require_valid(changed)
        except WorkflowError as error:
            problem = problem or error
        else:
            return
    if problem is not None:
        raise problem


def sweep(run_id: str, ports: Ports, *, cancel: Cancel) -> Run:
    """Carry a sweep on one series of bars from wherever it stands to its end, and give the run as stored then."""
    return carry_to_end(run_id, ports, cancel, lambda run: _carry(run, ports, cancel))


def _carry(run: Run, ports: Ports, cancel: Cancel) -> Run:
    """Carry it to its end. Raises StratloopError for whatever keeps it from that."""
    context = open_run(run, ports, cancel, signals=False)
    done, curves = list(ports.history.list_iterations(run.id)), KeptCurves(ports.history)
    with collect_rarely():
        if not done:
            _try_all(context, done, curves, [Point(0, 0, _own_numbers(run.plan))])
        _try_points(context, done, curves)
    return interrupt_run(context) if cancel.is_set() else _finish(context, curves)


def _try_points(context: RunContext, done: list[Iteration], curves: KeptCurves) -> None:
    """Try what is missing until nothing is or somebody stops it."""
    plan = _require_sweep(context.plan)
    if not done:
        return
    if plan.search is not SweepSearch.GUIDED:
        _try_all(context, done, curves, _find_missing(context, plan, done))
        return
    while not context.cancel.is_set() and (chosen := _choose_round(context, plan, done)):
        _try_round(context, done, curves, chosen)


def _try_all(context: RunContext, done: list[Iteration], curves: KeptCurves, points: Sequence[Point]) -> None:
    """Try points, and store them as they are finished; what is finished when somebody stops it is kept."""
    ready: list[IterationDetail] = []
    stored = time.monotonic()
    try:
        for detail in evaluate_points(context, points):
            ready.append(detail)
            if len(ready) >= BATCH or time.monotonic() - stored >= STORE_SECONDS:
                kept, ready, stored = ready, [], time.monotonic()
                _keep(context, done, curves, kept)
    finally:
        _keep(context, done, curves, ready)


def _try_round(context: RunContext, done: list[Iteration], curves: KeptCurves, points: Sequence[Point]) -> None:
    """Try the points of a guided round, and store all of them or none."""
    made = list(evaluate_points(context, points))
    if len(made) == len(points):
        _keep(context, done, curves, made)


def _find_missing(context: RunContext, plan: SweepPlan, done: Sequence[Iteration]) -> list[Point]:
    taken = {one.number for one in done}
    chosen = enumerate(plan.choose_points(context.plan.seed), 1)
    return [Point(number, 1, values) for number, values in chosen if number not in taken]


def _choose_round(context: RunContext, plan: SweepPlan, done: Sequence[Iteration]) -> list[Point]:
    """Choose the next points of a guided search: places on the axes, so that each lies on the grid and none is tried twice."""
    places = [Parameter(name=one.name, row="", default=0, low=0, high=one.count - 1, integer=True) for one in plan.axes]
    trials: list[tuple[Mapping[str, float], float | None]] = []
    for one in done:
        if (located := plan.locate(one.numbers)) is not None:
            trials.append((dict(zip((axis.name for axis in plan.axes), map(float, located), strict=True)), one.score))
    points: list[Point] = []
    loop = (len(done) - 1) // ROUND + 1
    for number in range(len(done), min(len(done) + ROUND, plan.count + 1)):
        found = context.ports.tune(places, trials, derive_seed(context.plan.seed, 0), loop)
        if found is None:
            break
        trials.append((found, None))
        points.append(Point(number, loop, {axis.name: axis.at(round(found[axis.name])) for axis in plan.axes}))
    return points


def _keep(context: RunContext, done: list[Iteration], curves: KeptCurves, details: Sequence[IterationDetail]) -> None:
    """Store finished points with how the run stands."""
    if not details:
        return
    history = context.ports.history
    history.append_all(sorted(details, key=lambda detail: detail.iteration.number))
    curves.keep(details)
    made = [detail.iteration for detail in details]
    run = history.read_run(context.run.id)
    before = next((one for one in done if one.number == run.best), None)
    done.extend(made)
    best = find_best([*([before] if before else []), *made])
    history.save_run(run.changed(best=None if best is None else best.number, iterations=len(done), cost_usd=0.0))


def _finish(context: RunContext, curves: KeptCurves) -> Run:
    """Confirm the best point, judge what picking it is worth, and close the run; nothing looks at the hold-out."""
    done = load_rankable_iterations(context.ports.history, context.run.id)
    confirmed = confirm_winner(context, done)
    if confirmed.cut_short or context.cancel.is_set():
        return interrupt_run(context)
    run, winner = count_earlier(context), confirmed.winner
    judged = winner is not None and len(done) <= MOST_JUDGED
    selection = judge_run(run, done, winner.number, context.training, curves) if winner and judged else None
    best = winner.number if winner else None
    return close_run(context, Ending(StopReason.SWEPT), confirmed.words, best=best, selection=selection)


def _own_numbers(plan: RunPlan) -> dict[str, float]:
    """The workflow's own values of the numbers that are swept."""
    known = {parameter.name: parameter.default for parameter in language.parameters(plan.workflow)}
    return {axis.name: known[axis.name] for axis in _require_sweep(plan).axes if axis.name in known}


def _require_sweep(plan: RunPlan) -> SweepPlan:
    if plan.sweep is None:
        raise InputError("The run's plan says nothing about what is swept.")
    return plan.sweep
