"""A sweep: which numbers of a workflow are varied, between which bounds and in which steps, and which of the points are tried.

The points of a grid are numbered; number 1 is its first corner, and the last axis moves fastest. Iteration 0 of a run is the workflow as
it stands, so that the number of a point is that of its iteration.
"""

import math
import random
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from core.domain.errors import InputError
from core.domain.value import Value
from core.domain.workflow import Parameter

SWEEPER = "sweep"
"""Author of the iterations that are a sweep's points."""
MOST_POINTS = 10_000
"""Points of one sweep, all instruments and timeframes together."""
MOST_GUIDED = 500
"""Points of a guided search on one series of bars: each is chosen from all before it, and the choice takes longer each time."""
ROUNDING = 10
"""Digits of a value on an axis, so that 0.1 + 0.2 is 0.3."""
SMALLEST_STEP = 1e-9
"""Least step of an axis: values that lie closer are rounded to one."""


class SweepSearch(StrEnum):
    """Way in which the points of a sweep are chosen."""

    GRID = "grid"
    """Every point of the grid."""
    RANDOM = "random"
    """So many points of the grid, drawn without putting any back."""
    GUIDED = "guided"
    """So many points of the grid, each chosen by the built-in optimizer from the scores before it."""


class Axis(Value):
    """One number of the workflow, and the values that it takes."""

    name: str
    start: float = Field(allow_inf_nan=False)
    stop: float = Field(allow_inf_nan=False)
    """Last value, where the steps meet it."""
    step: float = Field(gt=0, allow_inf_nan=False)

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if self.start > self.stop:
            raise ValueError(f"{self.name} goes from {self.start:g} down to {self.stop:g}")
        return self

    @property
    def count(self) -> int:
        """Number of values.

        >>> Axis(name="n", start=5, stop=30, step=5).count, Axis(name="n", start=0.1, stop=0.3, step=0.1).count
        (6, 3)
        """
        return math.floor((self.stop - self.start) / self.step + 1e-9) + 1

    def at(self, place: int) -> float:
        """The value at a place of the axis, the first is 0."""
        return round(self.start + place * self.step, ROUNDING)

    @property
    def values(self) -> tuple[float, ...]:
        """All values, the smallest first."""
        return tuple(self.at(place) for place in range(self.count))

    def find(self, value: float) -> int | None:
        """Find the place of a value; None where it lies between two or outside.

        >>> Axis(name="n", start=5, stop=30, step=5).find(15), Axis(name="n", start=5, stop=30, step=5).find(16)
        (2, None)
        """
        place = round((value - self.start) / self.step)
        return place if 0 <= place < self.count and math.isclose(self.at(place), value, abs_tol=1e-9) else None


class SweepPlan(Value):
    """The range of a sweep: the axes of its grid, and the points of it that are tried."""

    axes: tuple[Axis, ...] = Field(min_length=1, max_length=12)
    search: SweepSearch = SweepSearch.GRID
    points: int = Field(default=0, ge=0, le=MOST_POINTS)
    """Points to try where not all of the grid are; 0 for the grid."""
    group: str = ""
    """Id of the sweep's first run: a sweep over several series of bars is a run for each of them."""

    @property
    def size(self) -> int:
        """Points of the whole grid.

        >>> plan = SweepPlan(axes=(Axis(name="a", start=5, stop=30, step=5), Axis(name="b", start=40, stop=200, step=20)))
        >>> plan.size, plan.count, plan.read_point(54)
        (54, 54, {'a': 30.0, 'b': 200.0})
        """
        return math.prod(axis.count for axis in self.axes)

    @property
    def count(self) -> int:
        """Points that are tried."""
        return self.size if self.search is SweepSearch.GRID else min(self.points, self.size)

    def read_point(self, number: int) -> dict[str, float]:
        """The values of a point of the grid, by its number there from 1 on."""
        values: dict[str, float] = {}
        rest = number - 1
        for axis in reversed(self.axes):
            rest, place = divmod(rest, axis.count)
            values[axis.name] = axis.at(place)
        return {axis.name: values[axis.name] for axis in self.axes}

    def choose_points(self, seed: int) -> tuple[dict[str, float], ...]:
        """The points in the order in which they are tried; of a guided search, which chooses as it goes, none.

        >>> plan = SweepPlan(axes=(Axis(name="a", start=1, stop=50, step=1),), search="random", points=2)
        >>> plan.choose_points(1) == plan.choose_points(1), len(plan.choose_points(1))
        (True, 2)
        """
        if self.search is SweepSearch.GUIDED:
            return ()
        numbers: Sequence[int] = range(1, self.size + 1)
        if self.search is SweepSearch.RANDOM and self.count < self.size:
            numbers = random.Random(f"sweep/{seed}").sample(numbers, self.count)
        return tuple(self.read_point(number) for number in numbers)

    def locate(self, values: Mapping[str, float]) -> tuple[int, ...] | None:
        """Places of a point on the axes; None where it does not lie on the grid."""
        places = [axis.find(values[axis.name]) if axis.name in values else None for axis in self.axes]
        return None if any(place is None for place in places) else tuple(place for place in places if place is not None)


def parse_axis(text: str) -> Axis:
    """Parse `NAME=FROM:TO:STEP`; one number alone is an axis of one value. Raises InputError.

    >>> parse_axis("sma_fast=5:30:5").values
    (5.0, 10.0, 15.0, 20.0, 25.0, 30.0)
    """
    name, sign, span = text.partition("=")
    name, parts = name.strip(), [part.strip() for part in span.split(":")]
    example = "Write NAME=FROM:TO:STEP, for example sma_fast=5:30:5."
    if not sign or not name or not 1 <= len(parts) <= 3 or not all(parts):
        raise InputError(f"{text!r} does not say from where to where in which steps.", hint=example)
    numbers = [_read_number(part, text, example) for part in parts]
    start, stop = numbers[0], numbers[1] if len(numbers) > 1 else numbers[0]
    if len(numbers) == 2:
        raise InputError(f"{text!r} names no step.", hint=f"For example {name}={parts[0]}:{parts[1]}:{_propose_step(start, stop):g}.")
    return build_axis(name, start, stop, numbers[2] if len(numbers) == 3 else 1.0)


def build_axis(name: str, start: float, stop: float, step: float) -> Axis:
    """Build an axis. Raises InputError when it goes backwards, stands still, or nearly does."""
    if start > stop:
        raise InputError(f"{name} goes from {start:g} down to {stop:g}.", hint=f"Write {name}={stop:g}:{start:g}:{abs(step) or 1:g}.")
    if not step > 0:
        raise InputError(f"The step of {name} is {step:g}; it has to be above zero.", hint=f"For example {_propose_step(start, stop):g}.")
    if step < SMALLEST_STEP:
        said = f"The step of {name} is {step:g}, and steps below {SMALLEST_STEP:g} make no other values."
        raise InputError(said, hint=f"For example {_propose_step(start, stop):g}.")
    return Axis(name=name, start=start, stop=stop, step=step)


def _read_number(part: str, text: str, example: str) -> float:
    try:
        number = float(part)
    except ValueError:
        number = math.nan
    if not math.isfinite(number) or abs(number) > 1e12:
        raise InputError(f"{part!r} in {text!r} is not a number.", hint=example)
    return number


def _propose_step(start: float, stop: float) -> float:
    """A step that makes some ten values, of one digit: whole where the bounds are."""
    rough = abs(stop - start) / 10
    step = float(f"{rough:.1g}") or 1.0
    whole = float(start).is_integer() and float(stop).is_integer()
    return max(1.0, float(round(step))) if whole else step


def propose_axis(parameter: Parameter) -> Axis:
    """Propose the axis of a free number: its own range in some five to ten steps, through the value that the workflow has.

    >>> propose_axis(Parameter(name="n", row="r", default=20, low=10, high=31, integer=True)).values
    (10.0, 12.0, 14.0, 16.0, 18.0, 20.0, 22.0, 24.0, 26.0, 28.0, 30.0)
    """
    low, high, value = parameter.low, parameter.high, parameter.default
    step = _propose_step(low, high)
    step = max(1.0, float(round(step))) if parameter.integer else step
    start = round(value - math.floor((value - low) / step + 1e-9) * step, ROUNDING)
    stop = round(value + math.floor((high - value) / step + 1e-9) * step, ROUNDING)
    return Axis(name=parameter.name, start=start, stop=max(start, stop), step=step)
