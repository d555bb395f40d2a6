"""Plateau and cliff, by small grids whose scores can be checked with a finger."""

import pytest

from core.evidence.surface import PointStanding, find_steadiest, survey_points

SQUARE = [
    [0.1, 0.2, 0.1],
    [0.9, 1.0, 0.2],
    [0.9, 0.9, 0.9],
]
"""Scores by row and column; the highest stands beside two falls."""


def survey(scores: list[list[float | None]]) -> dict[tuple[int, int], PointStanding]:
    places = {row * 10 + column: (row, column) for row, line in enumerate(scores) for column, _ in enumerate(line)}
    values = {number: scores[row][column] for number, (row, column) in places.items()}
    found = survey_points(places, values, (len(scores), len(scores[0])), ("row", "column"), whole=True)
    return {places[number]: one.standing for number, one in found.items()}


def test_the_highest_point_beside_a_fall_stands_beside_a_cliff_and_a_flat_corner_on_a_plateau() -> None:
    found = survey(SQUARE)

    assert found[1, 1] is PointStanding.CLIFF
    assert found[2, 0] is PointStanding.PLATEAU


@pytest.mark.parametrize(
    ("line", "standing"),
    [
        ([1.0, 1.0, 1.0], PointStanding.PLATEAU),
        ([0.7, 1.0, 0.7], PointStanding.PLATEAU),
        ([0.6, 1.0, 0.6], PointStanding.SLOPE),
        ([0.3, 1.0, 1.0], PointStanding.CLIFF),
        ([None, 1.0, 1.0], PointStanding.CLIFF),
        ([1.0, -1.0, 1.0], PointStanding.UNKNOWN),
        ([1.0, None, 1.0], PointStanding.UNKNOWN),
        ([0.0, 0.0, 0.0], PointStanding.UNKNOWN),
    ],
)
def test_the_middle_of_three_stands_by_what_its_neighbors_keep(line: list[float | None], standing: PointStanding) -> None:
    assert survey([line])[0, 1] is standing


def test_nothing_is_said_of_a_point_with_one_neighbor() -> None:
    assert survey([[1.0, 1.0]]) == {(0, 0): PointStanding.UNKNOWN, (0, 1): PointStanding.UNKNOWN}


def test_drawn_points_have_those_within_a_tenth_of_each_axis_as_neighbors() -> None:
    places = {1: (50, 50), 2: (58, 45), 3: (45, 60), 4: (61, 50), 5: (0, 0)}
    found = survey_points(places, dict.fromkeys(places, 1.0), (100, 100), ("a", "b"), whole=False)

    near = {number: one.around.neighbors if one.around else 0 for number, one in found.items()}
    assert near == {1: 2, 2: 2, 3: 1, 4: 1, 5: 0}


def test_no_point_is_steadiest_where_there_is_no_plateau() -> None:
    places = {number: (number,) for number in range(3)}

    assert find_steadiest(survey_points(places, {0: 0.0, 1: 1.0, 2: 0.0}, (3,), ("n",), whole=True)) is None
