"""When a run ends by itself. Each rule looks only at finished iterations; none of them sees the hold-out."""

from collections.abc import Sequence

from core.domain.iteration import Iteration
from core.domain.run import RunPlan, StopReason
from core.driving.select import loops_without_gain

SENTENCES = {
    StopReason.LOOPS: "All loops are done.",
    StopReason.PATIENCE: "No improvement for as many loops as the patience allows.",
    StopReason.TARGET: "The target was reached.",
    StopReason.BUDGET: "The budget is used up.",
    StopReason.TIME: "The time is used up.",
    StopReason.CANCELLED: "Cancelled; finished iterations are kept.",
    StopReason.ERROR: "The run could not go on.",
}


def spent(iterations: Sequence[Iteration]) -> float | None:
    """US dollars of all calls; None as soon as one of them has no known price."""
    costs = [iteration.cost.usd for iteration in iterations]
    return None if any(cost is None for cost in costs) else sum(cost or 0.0 for cost in costs)


def stop_reason(plan: RunPlan, iterations: Sequence[Iteration]) -> StopReason | None:
    """Why the loop should end now; None to go on."""
    done = iterations[-1].number if iterations else -1
    if done >= plan.loops:
        return StopReason.LOOPS
    if plan.budget_usd is not None and (spent(iterations) or 0.0) >= plan.budget_usd:
        return StopReason.BUDGET
    if plan.patience is not None and done >= 1 and loops_without_gain(iterations) >= plan.patience:
        return StopReason.PATIENCE
    return None
