"""Surface of a sweep's scores: which of its points stand on a plateau, and which beside a cliff."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from core.evidence.descriptions import PLATEAU
from core.evidence.robustness import Sensitivity, sensitivity

CLIFF = 1 / 3
"""Share of a point's score under which a neighbor makes it stand beside a cliff."""
FEWEST_NEIGHBORS = 2
"""Neighbors that a point needs before anything is said about its surroundings."""
SPARSE_REACH = 0.1
"""Distance to a neighbor where not every point of the grid was tried, as a share of each axis."""

Places = tuple[int, ...]


class PointStanding(StrEnum):
    """Surroundings of a point."""

    PLATEAU = "plateau"
    """Its neighbors keep most of its score, every one of them."""
    CLIFF = "cliff"
    """A step away, most of its score is gone."""
    SLOPE = "slope"
    """In between."""
    UNKNOWN = "unknown"
    """Too few neighbors were tried, or its score is not positive."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """A point among its neighbors."""

    standing: PointStanding
    around: Sensitivity | None
    """Scores of its neighbors; None where it has none, or no score."""


def survey_points(
    places: Mapping[int, Places], scores: Mapping[int, float | None], counts: Sequence[int], axes: Sequence[str], *, whole: bool
) -> dict[int, Surroundings]:
    """Survey the surroundings of every point; `places` are positions on the axes by number, `counts` the lengths of the axes.

    On a `whole` grid neighbors are one step away on one axis; of points that were drawn, those within a tenth of each axis.

    >>> line = {n: (n,) for n in range(5)}
    >>> found = survey_points(line, {0: 0.0, 1: 0.9, 2: 1.0, 3: 0.9, 4: 0.1}, (5,), ("n",), whole=True)
    >>> found[2].standing.value, found[3].standing.value
    ('plateau', 'cliff')
    """
    near = _neighbors_on_grid(places) if whole else _neighbors_within_reach(places, counts)
    return {number: _judge(scores.get(number), [(axes[axis], scores.get(other)) for axis, other in near[number]]) for number in places}


def find_steadiest(surveyed: Mapping[int, Surroundings]) -> int | None:
    """Find the point on a plateau whose surroundings are best: the highest mean of itself and its neighbors; None without a plateau.

    >>> line = {n: (n,) for n in range(6)}
    >>> scores = {0: 1.0, 1: 1.1, 2: 1.0, 3: 0.9, 4: 0.1, 5: 2.0}
    >>> find_steadiest(survey_points(line, scores, (6,), ("n",), whole=True))
    1
    """
    levels = {
        number: (one.around.chosen + one.around.mean * one.around.neighbors) / (1 + one.around.neighbors)
        for number, one in surveyed.items()
        if one.standing is PointStanding.PLATEAU and one.around is not None
    }
    return max(levels, key=lambda number: (levels[number], -number), default=None)


def _judge(score: float | None, near: Sequence[tuple[str, float | None]]) -> Surroundings:
    if score is None or not near:
        return Surroundings(PointStanding.UNKNOWN, None)
    around = sensitivity(score, near)
    if around.kept is None or around.neighbors < FEWEST_NEIGHBORS:
        return Surroundings(PointStanding.UNKNOWN, around)
    if around.worst < CLIFF * score:
        return Surroundings(PointStanding.CLIFF, around)
    return Surroundings(PointStanding.PLATEAU if around.kept >= PLATEAU else PointStanding.SLOPE, around)


def _neighbors_on_grid(places: Mapping[int, Places]) -> dict[int, list[tuple[int, int]]]:
    """Neighbors of each point: the axis that was moved, and the number of the point there."""
    known = {place: number for number, place in places.items()}
    found: dict[int, list[tuple[int, int]]] = {}
    for number, place in places.items():
        steps = [(axis, (*place[:axis], place[axis] + by, *place[axis + 1 :])) for axis in range(len(place)) for by in (-1, 1)]
        found[number] = [(axis, known[there]) for axis, there in steps if there in known]
    return found


def _neighbors_within_reach(places: Mapping[int, Places], counts: Sequence[int]) -> dict[int, list[tuple[int, int]]]:
    numbers, grid = list(places), np.array(list(places.values()), dtype=np.int64).reshape(len(places), len(counts))
    reach = np.maximum(1, np.round(SPARSE_REACH * np.array(counts)))
    found = {}
    for at, number in enumerate(numbers):
        distance = np.abs(grid - grid[at]) / reach
        close = np.flatnonzero((distance <= 1).all(axis=1))
        found[number] = [(int(distance[other].argmax()), numbers[other]) for other in close if other != at]
    return found
