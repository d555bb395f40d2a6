"""Rules by which a run ends itself. Each looks only at finished iterations; none of them sees the hold-out."""

from collections.abc import Sequence

from core.domain.backtest import Stage
from core.domain.iteration import Iteration
from core.domain.run import Run, StopReason
from core.driving.finished import FinishedIterations
from core.driving.select import count_loops_without_gain, find_best
from core.driving.steering import Steering

MOST_LOOPS_WITHOUT_PROGRAM = 3
"""Loops in a row without a program, each answer asked for again, after which the model is not paid for more of them."""


def sum_cost(iterations: Sequence[Iteration]) -> float | None:
    """Sum the US dollars of all calls; None as soon as one of them has no known price."""
    if isinstance(iterations, FinishedIterations):
        return iterations.usd
    costs = [iteration.cost.usd for iteration in iterations]
    return None if any(cost is None for cost in costs) else sum(cost or 0.0 for cost in costs)


def sum_work_seconds(iterations: Sequence[Iteration]) -> float:
    """Sum the time that the loops took, candidates side by side. Queueing, pauses and the time after a kill are not in it."""
    slowest: dict[int, float] = {}
    for one in iterations:
        seconds = one.generate_seconds + one.backtest_seconds + one.overhead_seconds
        slowest[one.loop] = max(slowest.get(one.loop, 0.0), seconds)
    return sum(slowest.values())


def find_stop_reason(run: Run, iterations: Sequence[Iteration], steering: Steering) -> StopReason | None:
    """Find the reason to end the loop now; None to go on. A loop that was cut short by a kill is finished first.

    In a run that was opened again, what ended it before does not end it at once: patience and time begin anew, a target has to be
    reached by a new best.
    """
    plan = run.plan
    if len(iterations) > 1 and (len(iterations) - 1) % plan.candidates:
        return None
    loop = iterations[-1].loop if iterations else -1
    if loop >= (plan.loops if steering.loops is None else steering.loops):
        return StopReason.LOOPS
    best = find_best(iterations)
    if plan.target is not None and best is not None and (best.score or 0.0) >= plan.target and best.number >= run.reopened:
        return StopReason.TARGET
    budget = steering.budget_usd if steering.budget_given else plan.budget_usd
    if budget is not None and sum(iteration.cost.usd or 0.0 for iteration in iterations) >= budget:
        return StopReason.BUDGET
    since = loop - iterations[run.reopened - 1].loop if 0 < run.reopened <= len(iterations) else loop
    if plan.patience is not None and since >= 1 and min(since, count_loops_without_gain(iterations, plan.minimum_gain)) >= plan.patience:
        return StopReason.PATIENCE
    newest = iterations[-MOST_LOOPS_WITHOUT_PROGRAM * plan.candidates :]
    heard = any(one.stage is not Stage.GENERATE for one in newest)  # a model that is not heard at all is another matter
    if since >= MOST_LOOPS_WITHOUT_PROGRAM and heard and not any(one.code for one in newest):
        return StopReason.NO_PROGRAM
    if plan.wall_seconds is not None and sum_work_seconds(iterations[run.reopened :]) >= plan.wall_seconds:
        return StopReason.TIME
    return None
