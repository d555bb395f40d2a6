"""Changes that paid: each number that the winner changed taken back alone, or added to iteration 0 alone, and the steps on the way."""

from collections.abc import Callable, Sequence

from core.domain.iteration import Iteration, find_scored_ancestor
from core.domain.study import PaidChange, PaidStep, WhatPaid
from core.driving.ports import Cancel
from core.driving.stop import sum_cost
from core.prompts import read_parameters, set_parameters

LEAST_LOSS = 0.01
"""Share of the winner's score that taking a change back has to cost before it is said to pay."""
MOST_ADDED = 8
"""Changes up to which each is also added to iteration 0 alone."""

Score = Callable[[str], float | None]
"""Gives the score of code on the training bars; None when it has none."""


def find_what_paid(
    iterations: Sequence[Iteration],
    winner: Iteration,
    score: Score,
    *,
    cancel: Cancel,
    report: Callable[[int, int], object] = lambda done, total: None,
) -> WhatPaid | None:
    """Find what paid; None when nothing was changed, or it was stopped.

    Numbers are taken back in the winner's own code. What a model changed in the rules themselves cannot be taken out alone; it is in the
    steps, each with the score it added and what its call cost.
    """
    base = next((one for one in iterations if one.number == 0), None)
    if base is None or winner.number == 0 or winner.score is None:
        return None
    before, after = read_parameters(base.code), read_parameters(winner.code)
    names = [name for name, value in after.items() if name in before and before[name] != value]
    changes = []
    for done, name in enumerate(names):
        if cancel.is_set():
            return None
        report(done, len(names))
        without = score(set_parameters(winner.code, {name: before[name]}))
        alone = score(set_parameters(base.code, {name: after[name]})) if len(names) <= MOST_ADDED else None
        pays = without is None or without < winner.score - LEAST_LOSS * abs(winner.score)
        changes.append(PaidChange(name=name, before=before[name], after=after[name], taken_back=without, added_alone=alone, pays=pays))
    lean = tuple(change.name for change in changes if not change.pays)
    return WhatPaid(
        changes=tuple(changes),
        steps=trace_steps(iterations, winner),
        lean=lean,
        lean_score=score(write_lean(base, winner, lean)) if lean and not cancel.is_set() else None,
        usd=sum_cost(iterations),
    )


def write_lean(base: Iteration, winner: Iteration, lean: Sequence[str]) -> str:
    """The winner's code without the changes that do not pay."""
    before = read_parameters(base.code)
    return set_parameters(winner.code, {name: before[name] for name in lean})


def trace_steps(iterations: Sequence[Iteration], winner: Iteration) -> tuple[PaidStep, ...]:
    """Trace the iterations from number 0 to the winner, each with its gain over the scored one that it started from."""
    known = {one.number: one for one in iterations}
    steps: list[PaidStep] = []
    at: Iteration | None = winner
    while at is not None and at.number != 0 and len(steps) < len(known):
        origin = find_scored_ancestor(at.parent, iterations)
        gain = at.score - origin.score if at.score is not None and origin is not None and origin.score is not None else None
        steps.append(PaidStep(number=at.number, model=at.model, gain=gain, usd=at.cost.usd))
        at = None if at.parent is None else known.get(at.parent)
    return tuple(reversed(steps))
