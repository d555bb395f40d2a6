"""Changes that paid: each number and each change of the rules taken back alone, or added to iteration 0 alone; gains by step and model."""

from collections.abc import Callable, Sequence

from core.domain.iteration import Iteration, find_scored_ancestor
from core.domain.study import PaidChange, PaidModel, PaidStep, WhatPaid
from core.driving.archive import hash_structure
from core.driving.merge_programs import carry_change
from core.driving.ports import Cancel
from core.driving.side_by_side import run_side_by_side
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
    workers: int | None = None,
) -> WhatPaid | None:
    """Find what paid, with so many programs at once; None when nothing was changed, or it was stopped.

    Numbers are taken back in the winner's own code. What a model changed in the rules is taken out of it by the difference that its answer
    made; where later changes stand on it, it cannot be taken out alone.
    """
    base = next((one for one in iterations if one.number == 0), None)
    if base is None or winner.number == 0 or winner.score is None:
        return None
    changes = list_changes(iterations, winner)
    alone = len(changes) <= MOST_ADDED
    programs = [(take_back(iterations, winner.code, one), add_alone(iterations, base, one) if alone else None) for one in changes]
    codes = list(dict.fromkeys(code for pair in programs for code in pair if code is not None))
    found = run_side_by_side(score, codes, cancel=cancel, report=lambda done: report(done, len(codes)), workers=workers)
    if found is None:
        return None
    scores = dict(zip(codes, found, strict=True))
    judged = [_judge(one, without, added, scores, winner.score) for one, (without, added) in zip(changes, programs, strict=True)]
    code, lean = write_lean(iterations, winner, [one.name for one in judged if not one.pays])
    return WhatPaid(
        changes=tuple(judged),
        steps=trace_steps(iterations, winner),
        models=sum_models(iterations, winner),
        lean=lean,
        lean_score=score(code) if lean and not cancel.is_set() else None,
        usd=sum_cost(iterations),
    )


def list_changes(iterations: Sequence[Iteration], winner: Iteration) -> list[PaidChange]:
    """List what the winner changed against iteration 0: its numbers, then the steps on the way that changed rules."""
    known = {one.number: one for one in iterations}
    before, after = read_parameters(known[0].code), read_parameters(winner.code)
    numbers = [
        PaidChange(name=name, before=before[name], after=value) for name, value in after.items() if name in before and before[name] != value
    ]
    steps = [known[step.number] for step in trace_steps(iterations, winner) if step.number in known]
    rules = [
        PaidChange(name=f"iteration {one.number}", iteration=one.number, words=one.change, model=one.model, usd=one.cost.usd)
        for one in steps
        if one.parent in known and one.code and hash_structure(one.code) != hash_structure(known[one.parent].code)
    ]
    return [*numbers, *rules]


def take_back(iterations: Sequence[Iteration], code: str, change: PaidChange) -> str | None:
    """The code without one change; None where that cannot be taken out alone."""
    if change.iteration is None:
        return set_parameters(code, {change.name: change.before}) if change.before is not None else None
    made, parent = _find_pair(iterations, change.iteration)
    return carry_change(made.code, parent.code, code)


def add_alone(iterations: Sequence[Iteration], base: Iteration, change: PaidChange) -> str | None:
    """Iteration 0 with one change; None where that does not fit there."""
    if change.iteration is None:
        return set_parameters(base.code, {change.name: change.after}) if change.after is not None else None
    made, parent = _find_pair(iterations, change.iteration)
    return carry_change(parent.code, made.code, base.code)


def write_lean(iterations: Sequence[Iteration], winner: Iteration, names: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """Write the winner without the changes of these names, the newest rules first; gives the code, and the names of those that came out."""
    code, taken = winner.code, list[str]()
    for change in reversed([one for one in list_changes(iterations, winner) if one.name in names]):
        without = take_back(iterations, code, change)
        if without is not None and without != code:
            code, taken = without, [change.name, *taken]
    return code, tuple(taken)


def _find_pair(iterations: Sequence[Iteration], number: int) -> tuple[Iteration, Iteration]:
    known = {one.number: one for one in iterations}
    made = known[number]
    return made, known[made.parent or 0]


def _judge(change: PaidChange, without: str | None, added: str | None, scores: dict[str, float | None], best: float) -> PaidChange:
    left = None if without is None else scores[without]
    pays = left is None or left < best - LEAST_LOSS * abs(best)
    return change.changed(taken_back=left, added_alone=None if added is None else scores[added], pays=pays, separable=without is not None)


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


def sum_models(iterations: Sequence[Iteration], winner: Iteration) -> tuple[PaidModel, ...]:
    """Sum up what each model of the run cost, and what its steps on the way to the winner gained."""
    steps = trace_steps(iterations, winner)
    made = [one for one in iterations if one.number != 0]
    found = []
    for model in dict.fromkeys(one.model for one in made):
        gain = sum(step.gain or 0.0 for step in steps if step.model == model)
        usd = sum_cost([one for one in made if one.model == model])
        calls = sum(one.model == model for one in made)
        found.append(PaidModel(model=model, calls=calls, gain=gain, usd=usd, gain_for_dollar=gain / usd if usd else None))
    return tuple(found)
