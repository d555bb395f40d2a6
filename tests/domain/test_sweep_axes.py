"""Axes and points of a sweep: what is read, what is refused, and which points there are."""

import pytest

from core.domain.errors import InputError
from core.domain.sweep import Axis, SweepPlan, SweepSearch, parse_axis, propose_axis
from core.domain.workflow import Parameter

GRID = SweepPlan(axes=(Axis(name="a", start=1, stop=3, step=1), Axis(name="b", start=10, stop=30, step=10)))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sma_fast", "does not say from where"),
        ("=5:30:5", "does not say from where"),
        ("sma_fast=", "does not say from where"),
        ("sma_fast=5::5", "does not say from where"),
        ("sma_fast=1:2:3:4", "does not say from where"),
        ("sma_fast=five:30:5", "'five'"),
        ("sma_fast=5:inf:5", "'inf'"),
        ("sma_fast=nan:30:5", "'nan'"),
        ("sma_fast=1:1e300:1", "'1e300'"),
        ("sma_fast=30:5:5", "from 30 down to 5"),
        ("sma_fast=5:30:0", "has to be above zero"),
        ("sma_fast=5:30:-5", "has to be above zero"),
        ("stop=8:9:1e-320", "no other values"),
        ("stop=8:8.00000000001:1e-12", "no other values"),
        ("sma_fast=5:30", "names no step"),
    ],
)
def test_what_is_no_axis_is_refused_with_what_is_wrong_and_an_example(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as refused:
        parse_axis(text)

    assert refused.value.hint


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("n=5:30:5", (5, 10, 15, 20, 25, 30)),
        ("n=5:29:5", (5, 10, 15, 20, 25)),
        ("n=0.1:0.3:0.1", (0.1, 0.2, 0.3)),
        ("n=-0.2:0.2:0.2", (-0.2, 0.0, 0.2)),
        ("n=7", (7,)),
        (" n = 5 : 5 : 1 ", (5,)),
    ],
)
def test_an_axis_has_the_values_that_its_text_says(text: str, values: tuple[float, ...]) -> None:
    assert parse_axis(text).values == values


def test_points_of_a_grid_go_through_the_last_axis_fastest() -> None:
    points = GRID.choose_points(seed=0)

    assert len(points) == GRID.size == GRID.count == 9
    assert points[:4] == ({"a": 1, "b": 10}, {"a": 1, "b": 20}, {"a": 1, "b": 30}, {"a": 2, "b": 10})
    assert [GRID.locate(point) for point in points[:2]] == [(0, 0), (0, 1)]
    assert GRID.locate({"a": 1.5, "b": 10}) is None


def test_random_points_are_different_points_of_the_grid_and_the_same_for_a_seed() -> None:
    plan = GRID.changed(search=SweepSearch.RANDOM, points=5)

    drawn = plan.choose_points(seed=3)

    assert len({tuple(point.items()) for point in drawn}) == 5
    assert set(map(str, drawn)) <= set(map(str, GRID.choose_points(0)))
    assert (drawn == plan.choose_points(seed=3), drawn == plan.choose_points(seed=4)) == (True, False)


def test_more_random_points_than_the_grid_has_are_the_whole_grid() -> None:
    plan = GRID.changed(search=SweepSearch.RANDOM, points=50)

    assert (plan.count, plan.choose_points(1)) == (9, GRID.choose_points(1))


def test_the_size_of_a_huge_grid_is_known_without_making_it() -> None:
    axes = tuple(Axis(name=name, start=0, stop=1e6, step=1) for name in "abcdef")

    assert SweepPlan(axes=axes).size == (10**6 + 1) ** 6


@pytest.mark.parametrize(
    ("default", "low", "high", "integer"), [(20, 10, 31, True), (8, 4, 16, False), (0.5, 0.25, 1, False), (1, 1, 2, True)]
)
def test_a_proposed_axis_lies_within_the_range_and_holds_the_present_value(default: float, low: float, high: float, integer: bool) -> None:
    axis = propose_axis(Parameter(name="n", row="r", default=default, low=low, high=high, integer=integer))

    assert low <= axis.start <= axis.stop <= high
    assert axis.find(default) is not None
    assert not integer or axis.step.is_integer()
