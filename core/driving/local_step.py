"""Local steps around a version's numbers: one number at a time, a step up or down, and on in the direction that helped.

A version that was just found has no history to learn from, and draws over whole ranges mostly leave what is good about it. So its
neighbors are tried first, large steps before small ones.
"""

import random
from collections.abc import Iterator, Mapping, Sequence

from core.domain.workflow import Parameter

Trial = tuple[Mapping[str, float], float | None]
"""Numbers that were tried, and their score."""

FACTORS = (1.5, 1.2)
"""Ratios of a step, the large one first."""


def find_local_step(
    present: Mapping[str, float], free: Sequence[Parameter], trials: Sequence[Trial], *, seed: int
) -> dict[str, float] | None:
    """Find the next numbers around `present`, the numbers that may vary changed in one place; None when all steps were tried.

    >>> period = Parameter(name="n", row="", default=10, low=3, high=30, integer=True)
    >>> find_local_step({"n": 10.0}, [period], [({"n": 10.0}, 0.5), ({"n": 7.0}, 0.2)], seed=1)
    {'n': 15.0}
    """
    numbers = {one.name: present[one.name] for one in free if one.name in present}
    taken = [{name: values.get(name) for name in numbers} for values, _ in trials]
    for one, up, factor in _order_steps(numbers, free, trials, seed):
        moved = {**numbers, one.name: _move(one, numbers[one.name], factor if up else 1 / factor)}
        if moved != numbers and moved not in taken:
            return moved
    return None


def _order_steps(
    numbers: Mapping[str, float], free: Sequence[Parameter], trials: Sequence[Trial], seed: int
) -> Iterator[tuple[Parameter, bool, float]]:
    """Order the steps: where the last one helped on, then all numbers up and down in an order that the seed draws."""
    inert = _find_inert(numbers, trials)
    drawn = [(one, up) for one in free if one.name in numbers and one.name not in inert for up in (True, False)]
    random.Random(f"{seed}/{'/'.join(numbers)}").shuffle(drawn)
    helped = _find_direction(numbers, trials)
    first = [step for step in drawn if (step[0].name, step[1]) == helped]
    for factor in FACTORS:
        yield from ((one, up, factor) for one, up in (*first, *(step for step in drawn if step not in first)))


def _find_inert(numbers: Mapping[str, float], trials: Sequence[Trial]) -> set[str]:
    """Numbers that changed nothing when they alone were moved: the program does not use them."""
    inert = set()
    for at, (values, score) in enumerate(trials):
        for others, reached in trials[:at]:
            apart = [name for name in numbers if values.get(name) != others.get(name)]
            if len(apart) == 1 and score is not None and score == reached:
                inert.add(apart[0])
    return inert


def _find_direction(numbers: Mapping[str, float], trials: Sequence[Trial]) -> tuple[str, bool] | None:
    """The number that was changed last to get where we are, and whether upwards; None when we came another way or it was no gain."""
    here = next((score for values, score in reversed(trials) if all(values.get(name) == value for name, value in numbers.items())), None)
    for values, score in reversed(trials):
        apart = [name for name, value in numbers.items() if values.get(name) != value]
        before = values.get(apart[0]) if len(apart) == 1 else None
        if before is not None and here is not None and (score is None or score < here):
            return apart[0], numbers[apart[0]] > before
    return None


def _move(one: Parameter, value: float, factor: float) -> float:
    """A number moved by a ratio, inside its range; a whole one by one at least."""
    moved = value * factor
    if one.integer:
        moved = float(round(max(moved, value + 1) if factor > 1 else min(moved, value - 1)))
    else:
        moved = float(f"{moved:.3g}")
    return min(max(moved, one.low), one.high)
