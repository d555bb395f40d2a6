"""The task of each candidate of a loop: a kind of change, a version to start from, a model, and the reason in words.

Everything follows from the plan's seed, the loop's number and the iterations of the loops before, so that a loop that was cut short is made
as it would have been.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from core.domain.iteration import Iteration
from core.domain.run import ModelChoice, RunPlan
from core.domain.search import OPERATOR_LABELS, STRUCTURAL, ChangeKind, SearchMethod
from core.driving.archive import Parent, build_archive, find_parent, hash_structure, sample_parent
from core.driving.bandit import Earned, draw_arm, sum_by_model, sum_by_operator
from core.driving.select import find_best, needs_repair
from core.prompts import read_parameters

TUNE_TRIES = 4
"""Tries without a paid call that follow a gain by another structure."""


KINDS_TO_CROSS = 3
"""Kinds of versions above the workflow itself from which two are crossed."""
CHANGES_TO_SIMPLIFY = 2
"""Other structures in a row without a gain after which the best is simplified."""
CHANGES_TO_BEGIN_AFRESH = 4
"""Other structures in a row without a gain after which it may be begun afresh."""
FROM_THE_BEST = 0.6
"""Chance that a loop's first answer starts from the best version of all, whatever the draw among the kinds says."""


@dataclass(frozen=True, slots=True)
class SearchStep:
    """One candidate's task."""

    operator: ChangeKind
    base: Iteration
    """The version to start from."""
    second: Iteration | None
    """Another good version, to look at or to cross with."""
    model: ModelChoice
    reason: str


def uses_archive(plan: RunPlan, done: Sequence[Iteration]) -> bool:
    """True when the next loop searches with the archive: a language model is asked, something has a score, nothing is to be repaired."""
    return plan.search is SearchMethod.ARCHIVE and may_plan(plan, done)


def may_plan(plan: RunPlan, done: Sequence[Iteration]) -> bool:
    """True when kinds of change can be asked for: of a language model, something has a score, nothing is to be repaired."""
    return plan.model.is_language_model and find_best(done) is not None and not needs_repair(done)


def plan_candidate(plan: RunPlan, done: Sequence[Iteration], loop: int, candidate: int, *, tunes: bool) -> SearchStep | None:
    """Plan one candidate; None for one that makes any change to the best version, as hill climbing's first answer does.

    Hill climbing's further answers get a kind of change and a version to start from each, so that no two prompts of a loop are the same.
    """
    if not may_plan(plan, done) or (plan.search is SearchMethod.CLIMB and candidate == 0):
        return None
    return plan_loop(plan, done, loop, tunes=tunes and plan.search is SearchMethod.ARCHIVE)[candidate]


def plan_loop(plan: RunPlan, done: Sequence[Iteration], loop: int, *, tunes: bool) -> tuple[SearchStep, ...]:
    """Plan the candidates of a loop, each with another kind of change and, as far as there are several, another version to start from.

    With `tunes` numbers can be tuned without a paid call.
    """
    draw = random.Random(f"{plan.seed}/{loop}")
    earned = sum_by_operator(done)
    arms = list_kinds(done, tunes=tunes)
    steps: list[SearchStep] = []
    for candidate in range(plan.candidates):
        taken = {step.base.number for step in steps}
        parent = _choose_parent(plan, draw, done, taken)
        assert parent is not None, "something has a score"
        left = [arm for arm in arms if arm not in {step.operator for step in steps}] or arms
        best = find_best(done)
        if candidate == 0 and tunes and best is not None and (count := count_tries_to_tune(best, done)) < TUNE_TRIES:
            reason = (
                f"number {best.number} rose by another structure: its numbers are tuned without a paid call ({count + 1} of {TUNE_TRIES})"
            )
            steps.append(SearchStep(ChangeKind.TUNE, best, None, plan.model, reason))
            continue
        operator = draw_arm(draw, earned, left)
        if operator is ChangeKind.TUNE and not read_parameters(parent.iteration.code):
            operator = draw_arm(draw, earned, [arm for arm in left if arm is not ChangeKind.TUNE] or list(STRUCTURAL))
        steps.append(_build_step(plan, done, draw, operator, parent, earned[operator]))
    return tuple(steps)


def list_kinds(done: Sequence[Iteration], *, tunes: bool) -> list[ChangeKind]:
    """List the kinds of change that make sense by now.

    Versions are crossed where several kinds are above the workflow itself, simplified where something was added to it and the last changes
    brought nothing, and begun afresh where changes have stopped to help.
    """
    best, base = find_best(done), done[0]
    above = [one for one in build_archive(done).values() if base.score is None or (one.score or 0.0) > base.score]
    idle = count_changes_without_gain(done)
    grown = best is not None and len(read_parameters(best.code)) > len(read_parameters(base.code))
    sensible = {
        ChangeKind.TUNE: tunes,
        ChangeKind.CROSS: len(above) >= KINDS_TO_CROSS,
        ChangeKind.SIMPLIFY: grown and idle >= CHANGES_TO_SIMPLIFY,
        ChangeKind.AFRESH: idle >= CHANGES_TO_BEGIN_AFRESH,
    }
    return [kind for kind in ChangeKind if sensible.get(kind, True)]


def count_changes_without_gain(done: Sequence[Iteration]) -> int:
    """Count the scored versions of another structure since the best was found; tries with other numbers cost nothing, and do not count."""
    best = find_best(done)
    return sum(one.score is not None and one.number > (best.number if best else 0) and one.operator != ChangeKind.TUNE for one in done)


def _choose_parent(plan: RunPlan, draw: random.Random, done: Sequence[Iteration], taken: set[int]) -> Parent | None:
    """Choose a version to start from: the best one often for a loop's first answer (always where hill climbing has it), else by rank."""
    sampled = sample_parent(draw, done, taken)
    share = 1.0 if plan.search is SearchMethod.CLIMB else FROM_THE_BEST
    best = find_best(done) if not taken and draw.random() < share else None
    return sampled if best is None else find_parent(best, done) or sampled


def _build_step(
    plan: RunPlan, done: Sequence[Iteration], draw: random.Random, operator: ChangeKind, parent: Parent, earned: Earned
) -> SearchStep:
    base = done[0] if operator is ChangeKind.AFRESH else parent.iteration
    second = sample_parent(draw, done, {base.number})
    other = second.iteration if second is not None and second.iteration.number != base.number else None
    models = {choice.id: choice for choice in (plan.model, plan.escalation) if choice is not None}
    model = models[draw_arm(draw, sum_by_model(done, list(models)), list(models))] if len(models) > 1 else plan.model
    return SearchStep(operator, base, other, model, _explain(operator, parent, earned))


def _explain(operator: ChangeKind, parent: Parent, earned: Earned) -> str:
    if earned.tries:
        paid = f" for ${earned.usd:.2f}" if earned.usd else ""
        so_far = f"so far {earned.wins} of {earned.tries} tries gained, +{earned.gain:.2f} in all{paid}"
    else:
        so_far = "not tried yet"
    if operator is ChangeKind.AFRESH:
        return f"{OPERATOR_LABELS[operator]}: {so_far}"
    number, times = parent.iteration.number, parent.children
    place = f"number {number} is the best of its kind and {_ordinal(parent.rank)} of {parent.kinds} kinds, started from {times} times"
    return f"{OPERATOR_LABELS[operator]}: {so_far}; {place}"


def _ordinal(number: int) -> str:
    return {1: "1st", 2: "2nd", 3: "3rd"}.get(number, f"{number}th")


def count_tries_to_tune(best: Iteration, done: Sequence[Iteration]) -> int:
    """Count the tries with which the best version's numbers were tuned; the full number where nothing is to be tuned."""
    if not done or not read_parameters(best.code):
        return TUNE_TRIES
    structure = hash_structure(best.code)
    family = [one for one in done if one.code and hash_structure(one.code) == structure]
    if family[0].number == 0:
        return TUNE_TRIES  # the workflow itself: no gain by another structure
    return sum(one.operator == ChangeKind.TUNE for one in family)
