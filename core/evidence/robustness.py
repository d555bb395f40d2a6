"""Dependence of a result on the exact values of its parameters: a plateau can be believed, a peak cannot."""

from collections.abc import Mapping, Sequence

import numpy as np

from core.domain.value import Value
from core.domain.workflow import Parameter

STEP = 0.1
"""Distance to a neighbor, as a share of the parameter's own value."""


class Sensitivity(Value):
    """Scores around a chosen point."""

    chosen: float
    """Score of the point itself."""
    mean: float
    """Mean score of its neighbors; one that has no score counts as zero, or as the chosen score when that is below zero."""
    worst: float
    kept: float | None
    """`mean` over `chosen`: near 1 a plateau, near 0 a lonely peak; None when the chosen score is not positive."""
    fragile: str
    """The parameter whose change costs most; empty without neighbors."""
    neighbors: int


def neighbors(
    values: Mapping[str, float], parameters: Sequence[Parameter], *, step: float = STEP
) -> tuple[tuple[str, dict[str, float]], ...]:
    """Points to evaluate around `values`: each parameter moved down and up by itself, inside its range; (name, values) pairs.

    A whole number moves by at least one. A parameter that stands at its bound has one neighbor only.

    >>> fast = Parameter(name="fast", row="e1", default=10, low=2, high=11, integer=True)
    >>> [moved["fast"] for _, moved in neighbors({"fast": 10.0}, [fast], step=0.2)]
    [8.0, 11.0]
    """
    points = []
    for parameter in parameters:
        value = values.get(parameter.name)
        if value is None:
            continue
        width = max(abs(value) * step, 1.0 if parameter.integer else 0.01 * (parameter.high - parameter.low))
        for moved in (value - width, value + width):
            bound = min(max(moved, parameter.low), parameter.high)
            place = float(round(bound)) if parameter.integer else bound
            if place != value:
                points.append((parameter.name, {**values, parameter.name: place}))
    return tuple(points)


def sensitivity(chosen: float, scores: Sequence[tuple[str, float | None]]) -> Sensitivity:
    """Summary of the neighbors' scores; `scores` are (name of the parameter that was moved, score) pairs.

    >>> found = sensitivity(1.0, [("fast", 0.9), ("fast", 0.8), ("stop", 0.1), ("stop", None)])
    >>> found.fragile, round(found.mean, 2)
    ('stop', 0.45)
    """
    missing = min(0.0, chosen)
    numbers = [missing if score is None else score for _, score in scores]
    if not numbers:
        return Sensitivity(chosen=chosen, mean=chosen, worst=chosen, kept=None, fragile="", neighbors=0)
    named: dict[str, list[float]] = {}
    for (name, _), number in zip(scores, numbers, strict=True):
        named.setdefault(name, []).append(number)
    mean = float(np.mean(numbers))
    return Sensitivity(
        chosen=chosen,
        mean=mean,
        worst=min(numbers),
        kept=mean / chosen if chosen > 0 else None,
        fragile=min(named, key=lambda name: float(np.mean(named[name]))),
        neighbors=len(numbers),
    )
