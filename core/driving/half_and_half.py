"""Two programs side by side, each with half the cash: run that way, since commissions and whole units do not halve by themselves."""

import numpy as np

from core.domain.bars import Bars
from core.domain.decision import Action, Decision, HalfAndHalf
from core.domain.iteration import Iteration
from core.domain.run import RunPlan
from core.driving.evaluate import evaluate_code
from core.driving.ports import Cancel, Sandbox
from core.evidence import combine

POINTS = 240
"""Points of the stored curve at most."""


def run_half_and_half(
    plan: RunPlan, decision: Decision | None, iterations: tuple[Iteration, ...], training: Bars, *, sandbox: Sandbox, cancel: Cancel
) -> HalfAndHalf | None:
    """Run the two recommended iterations with half the cash each; None for any other recommendation, and when one has no figures so."""
    if decision is None or decision.action is not Action.HALF:
        return None
    first, second = decision.recommended
    chosen = [one for one in iterations if one.number in decision.recommended]
    half = plan.backtest.halve()
    results = [evaluate_code(one.code, half, training, sandbox=sandbox, cancel=cancel).evaluation for one in chosen]
    accounts = [result for result in results if result is not None]
    if len(accounts) < 2:
        return None
    together = combine(accounts, training, plan.backtest)
    kept = np.unique(np.round(np.linspace(0, len(training) - 1, POINTS)).astype(int))
    return HalfAndHalf(
        iterations=(first, second),
        metrics=together.metrics,
        finals=(accounts[0].metrics.final_value, accounts[1].metrics.final_value),
        bars=tuple(kept.tolist()),
        equity=tuple(together.equity[kept].tolist()),
    )
