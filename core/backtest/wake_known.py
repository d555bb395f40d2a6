"""Kinds of values that expressions in a strategy's `next()` have, as far as they are known. No Backtrader here."""

import ast
import datetime as dt
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from core.backtest.wake_conditions import Truth
from core.backtest.wake_trace import PLAIN, Origin, UnknownError, apply_surely


@dataclass(frozen=True, slots=True)
class Thing:
    """An object that an expression stands for, and where it was found; None for what cannot become another."""

    what: Any
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """A value that follows from the bar, as plain data (`wake_conditions`)."""

    said: list[Any]


NUMBER, WHOLE, TEXT, DATE, TIME, MOMENT = "number", "whole number", "text", "date", "time", "moment"
OF_BARS: tuple[Any, ...] = (1.5, 1, True, -math.inf, math.nan)
"""Values such as those that follow from the bar."""
SAMPLES: Mapping[str, tuple[Any, ...]] = {
    NUMBER: (1.5, 1, -math.inf, math.nan),
    WHOLE: (1, -3),
    TEXT: ("a",),
    DATE: (dt.date(2020, 1, 1),),
    TIME: (dt.time(1),),
    MOMENT: (dt.datetime(2020, 1, 1),),
}
"""Values of each kind, the odd ones among them."""


@dataclass(frozen=True, slots=True)
class Opaque:
    """A value of which no more is known than its kind, and that nothing happens where it is made."""

    kind: str
    parts: tuple[Any, ...] = ()
    """Numbers that a number was made of, as plain data: it is finite where all of them are, and none is huge. For a date, its number."""


Known = Thing | Series | Opaque
Names = Mapping[str, Known]
UNKNOWN = Thing(object())
"""In place of a name whose value is not known."""
Judge = Callable[[ast.expr, Names], Truth]
"""Gives the truth of an expression that has one, and evaluates nothing unknown. Raises UnknownError for any other."""
Read = Callable[[Any, Any, Names], Known]
"""Reads an expression of one kind, for the reader that is given. Raises UnknownError."""


def keep_plain(found: Any, origin: Origin | None = None) -> Thing:
    """A plain value as a thing. Raises UnknownError for any other."""
    if type(found) not in PLAIN:
        raise UnknownError
    return Thing(found, origin)


def derive(apply: Callable[..., Any], word: str, *things: Thing) -> Thing:
    """Make a plain value of others by a function; where they may change, it is found by making it again. Raises UnknownError."""
    made = apply_surely(apply, *(one.what for one in things))
    if not any(one.origin for one in things):
        return Thing(made)
    kinds = [type(one.what) for one in things]

    def find() -> Any:
        found = [one.what if one.origin is None else one.origin.get() for one in things]
        if [type(one) for one in found] != kinds:
            raise UnknownError
        return apply_surely(apply, *found)

    keys = [repr(one.what) if one.origin is None else one.origin.key for one in things]
    return Thing(made, Origin((word, *keys), find))


def read_spec(spec: ast.expr | None) -> str:
    """Read how a value in a text is written. Raises UnknownError where that is a value, too."""
    parts = spec.values if isinstance(spec, ast.JoinedStr) else []
    if not all(isinstance(one, ast.Constant) for one in parts):
        raise UnknownError
    return "".join(str(one.value) for one in parts if isinstance(one, ast.Constant))
