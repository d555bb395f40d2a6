"""Choice of the kind of change and of the model: the more a dollar earned with it the likelier, and each keeps a floor."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from core.domain.iteration import Iteration, find_scored_ancestor
from core.domain.search import ChangeKind

FLOOR = 0.4
"""Share of the draws that is spread over all arms whatever they earned."""
FREE_CALL = 0.1
"""A try without a paid call counts as this part of a call: it takes time."""
PRIOR_GAIN = 0.02
"""Gain that an arm is taken to have earned in one call before it was tried."""

ArmT = TypeVar("ArmT", ChangeKind, str)


@dataclass(frozen=True, slots=True)
class Earned:
    """Sum of what an arm brought so far."""

    tries: int = 0
    gain: float = 0.0
    """Sum of the rises over what was started from; falls count nothing."""
    wins: int = 0
    usd: float = 0.0
    """0 where nothing was paid or the price is not known."""


def compute_gain(one: Iteration, done: Sequence[Iteration]) -> float:
    """Compute the rise of an iteration's score over what it was started from; 0 where it fell or cannot be compared."""
    before = find_scored_ancestor(one.parent, done)
    if one.score is None or before is None or before.score is None:
        return 0.0
    return max(0.0, one.score - before.score)


def sum_by_operator(done: Sequence[Iteration]) -> dict[ChangeKind, Earned]:
    """Sum up what each kind of change brought, over all iterations that were made by one."""
    known = {operator.value: operator for operator in ChangeKind}
    return {operator: _sum([one for one in done if known.get(one.operator) is operator], done) for operator in ChangeKind}


def sum_by_model(done: Sequence[Iteration], models: Sequence[str]) -> dict[str, Earned]:
    """Sum up what each model brought."""
    return {model: _sum([one for one in done if one.model == model], done) for model in models}


def _sum(made: Sequence[Iteration], done: Sequence[Iteration]) -> Earned:
    gains = [compute_gain(one, done) for one in made]
    return Earned(len(made), sum(gains), sum(gain > 0 for gain in gains), sum(one.cost.usd or 0.0 for one in made))


def compute_chances(earned: dict[ArmT, Earned], arms: Sequence[ArmT]) -> list[float]:
    """Compute the chance of each arm: by gain for what was paid, with `FLOOR` spread evenly.

    Where nothing is paid for or prices are unknown, calls take the place of dollars.
    """
    paid = [earned[arm] for arm in arms if earned[arm].usd > 0]
    call = sum(one.usd for one in paid) / max(1, sum(one.tries for one in paid)) if paid else 1.0
    worth = []
    for arm in arms:
        one = earned[arm]
        spent = one.usd if one.usd > 0 else one.tries * call * (FREE_CALL if paid or arm == ChangeKind.TUNE else 1.0)
        worth.append((one.gain + PRIOR_GAIN) / (spent + call))
    return [FLOOR / len(arms) + (1 - FLOOR) * value / sum(worth) for value in worth]


def draw_arm(draw: random.Random, earned: dict[ArmT, Earned], arms: Sequence[ArmT]) -> ArmT:
    """Draw an arm by its chance."""
    return draw.choices(list(arms), compute_chances(earned, arms))[0]
