"""Traces of readings of `next()`: as long as what one looked at stays as it is, the same condition comes out, but for its numbers.

Reading is slow beside looking again. Imports Backtrader.
"""

import datetime as dt
import enum
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import backtrader as bt
import numpy as np
from backtrader.order import OrderBase

from core.backtest.building_blocks import to_constant

PLAIN = (int, float, bool, str, type(None), dt.time, dt.date, dt.datetime)
CONTAINERS = (list, tuple, dict, set)
MISSING = object()
Get = Callable[[], Any]


class UnknownError(Exception):
    """An expression that is not known here."""


@dataclass(frozen=True, slots=True)
class Origin:
    """The place where a value was found, so that it can be looked up again."""

    key: Hashable
    get: Get


@dataclass(slots=True)
class Trace:
    """All that was looked at, and the numbers that a condition takes."""

    _guards: dict[Hashable, tuple[Get, Callable[[Any], Any], Any]] = field(default_factory=dict)
    _slots: list[Origin | float] = field(default_factory=list)
    _places: dict[Hashable, int] = field(default_factory=dict)
    _kept: list[Any] = field(default_factory=list)
    only_plain: bool = False
    """True where numbers of numpy's would do otherwise: their comparisons give truths that add up to a truth, and they look into lines."""
    _numpy: bool = False
    """True when one of the constants was a number of numpy's."""

    def note_same(self, origin: Origin | None, thing: Any) -> None:
        """Note that it mattered which thing was found."""
        if origin is not None:
            self.keep(thing)
            self._guards[origin.key, id] = (origin.get, id, id(thing))

    def keep(self, thing: Any) -> None:
        """Keep a thing that is known by its id, so that no other one gets it."""
        self._kept.append(thing)

    def note(self, origin: Origin | None, look: Callable[[Any], Any], found: Any) -> None:
        """Note that it mattered what a look at the thing says."""
        if origin is not None:
            self._guards[origin.key, look] = (origin.get, look, found)

    def find_place(self, thing: Any, origin: Origin | None) -> Origin | None:
        """The place of a thing: a position, and a list that was found in another thing, are their own, since their contents change."""
        if not isinstance(thing, bt.Position) and (origin is not None or type(thing) not in CONTAINERS):
            return origin
        self.keep(thing)
        return Origin(("held", id(thing)), lambda: thing)

    def place_number(self, origin: Origin | None, number: Any) -> int:
        """The place of a number in the condition. Raises UnknownError for what is none."""
        constant = to_number(number)
        self._numpy |= origin is None and type(number) is np.float64
        key = ("constant", repr(constant)) if origin is None else origin.key
        place = self._places.setdefault(key, len(self._slots))
        if place == len(self._slots):
            self._slots.append(constant if origin is None else origin)
        return place

    @property
    def count(self) -> int:
        """Number of numbers."""
        return len(self._slots)

    def holds(self) -> bool:
        """Check whether everything that was looked at is as it was."""
        try:
            return all(look(get()) == found for get, look, found in self._guards.values())
        except UnknownError:
            return False

    def read_numbers(self) -> list[float]:
        """Read the numbers as they are now. Raises UnknownError when one is none any more, or of a kind that would do otherwise."""
        found = [slot.get() if isinstance(slot, Origin) else slot for slot in self._slots]
        if self.only_plain and (self._numpy or any(type(one) is np.float64 for one in found)):
            raise UnknownError
        return list(map(to_number, found))


def to_number(value: Any) -> float:
    """A number as a float that is equal to it. Raises UnknownError where there is none."""
    number = to_constant(float(value) if type(value) is np.float64 else value)
    if number is None:
        raise UnknownError
    return number


def find_truth(thing: Any) -> bool:
    """Find whether Python takes a thing for true, for things whose answer is no look at a bar. Raises UnknownError for any other."""
    if type(thing) in PLAIN or type(thing) in CONTAINERS or type(thing) is np.float64:
        return bool(thing)
    if isinstance(thing, bt.Position):
        return bool(thing.size)
    if isinstance(thing, OrderBase) and not any(name in vars(base) for base in type(thing).__mro__ for name in ("__bool__", "__len__")):
        return True
    raise UnknownError


def list_ids(things: Any) -> tuple[int, ...]:
    """List the ids of what a list holds. Raises UnknownError for anything else."""
    if type(things) not in (list, tuple):
        raise UnknownError
    return tuple(map(id, things))


def keep_typed(thing: Any) -> tuple[type, Any]:
    """A plain thing with its type: one and true are equal, and not the same. Raises UnknownError for any other."""
    if type(thing) not in PLAIN:
        raise UnknownError
    return type(thing), thing


def is_an_order(thing: Any) -> bool:
    """Check for an order, which is equal to nothing but itself."""
    return isinstance(thing, OrderBase) and not any("__eq__" in vars(base) for base in type(thing).__mro__[:-1])


def are_members(things: Sequence[Any]) -> bool:
    """Check for a member of an enumeration beside another one, or beside a plain value, where asking for equality does nothing else."""
    members = [isinstance(one, enum.Enum) and _has_plain_equality(type(one)) for one in things]
    return len(things) == 2 and any(members) and all(member or type(one) in PLAIN for member, one in zip(members, things, strict=True))


def _has_plain_equality(kind: type) -> bool:
    return any(all(getattr(kind, name) is getattr(base, name) for name in ("__eq__", "__ne__")) for base in (object, int, str))


def is_same(expected: Any) -> Callable[[Any], bool]:
    """Make the look whether a thing is None, or one of the two truths."""
    return _SAME[repr(expected)]


_SAME = {repr(one): partial(lambda wanted, thing: thing is wanted, one) for one in (None, True, False)}


def apply_surely(function: Callable[..., Any], *values: Any) -> Any:
    """Apply a function of Python's to plain values. Raises UnknownError where that fails."""
    try:
        return function(*values)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        raise UnknownError from None
