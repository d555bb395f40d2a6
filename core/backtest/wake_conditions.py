"""Conditions on bars as plain data: until one is met, the process of a strategy says, nothing can happen on its side.

Whoever holds the bars looks through them one after the other and stops at the first that meets the condition, so that a bar which was not
handed out yet decides about nothing, not even about the time that the look takes. What is handed out cannot be ordered on any more but at
its last bar. A condition comes from untrusted code: its text is read strictly, and the numbers that belong to it come beside it, so that
one text serves many bars. No Backtrader here.
"""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from core.backtest.building_blocks import FEED_LINES

MOST_PARTS = 200
"""Parts of one condition."""
MOST_NUMBERS = 60
MOST_EXTREMES = 4
"""Extremes that one condition carries from bar to bar."""
FURTHEST_BACK = 64
"""Bars before the present one that a condition may read."""
_LONGEST_TEXT = 8_000
_MOST_KEPT = 256
_NOTHING = FEED_LINES.index("openinterest")
BOUNDED = ("open", "high", "low", "datetime")
"""Lines that bounds are held against, in the order in which their columns are taken."""
_NUMBERS = {"+": "({} + {})", "-": "({} - {})", "*": "({} * {})", "/": "({} / {})", "%": "({} % {})", "//": "({} // {})"}
_DIVISIONS = {"/": "divide({}, {})", "%": "find_rest({}, {})", "//": "divide_whole({}, {})"}
"""The same by what may be nothing: then there is no number."""


def find_time_of_day(moment: float) -> int:
    """Millionths of a second since midnight of a moment on Backtrader's clock, as it rounds them (`backtrader.utils.num2date`)."""
    hours, rest = divmod(24.0 * (moment - int(moment)), 1)
    minutes, rest = divmod(60.0 * rest, 1)
    seconds, rest = divmod(60.0 * rest, 1)
    millionths = int(1e6 * rest)
    if millionths < 10:
        millionths = 0
    elif millionths > 999_990:
        millionths = 1_000_000
    return (int(3_600 * hours + 60 * minutes + seconds) * 1_000_000 + millionths) % 86_400_000_000


_HELPERS: dict[str, Callable[..., float]] = {
    "find_time_of_day": find_time_of_day,
    "divide": lambda one, other: one / other if other else math.nan,
    "find_rest": lambda one, other: one % other if other else math.nan,
    "divide_whole": lambda one, other: one // other if other else math.nan,
}
_CHANGES = {"negative": "(-{})", "absolute": "abs({})", "time of day": "find_time_of_day({})", "day": "int({})"}
_COMPARISONS = frozenset({"<", ">", "<=", ">=", "==", "!="})
Truth = list[Any] | bool
"""Known, or a condition as plain data."""
Find = Callable[[int, int, int, Sequence[float], Sequence[float], Sequence[Sequence[float]]], Any]
"""Takes the first bar and the one behind the last, what makes the count of bars of a place, numbers, bounds, and columns; gives the place
of the first bar that meets the condition, else the one behind the last."""


class Bounds(NamedTuple):
    """Prices and a moment that concern an order that waits: a bar whose prices stay inside, and not after the moment, does not."""

    rise: float
    fall: float
    date: float


ALWAYS, NEVER = '["always"]', '["never"]'


@dataclass(frozen=True, slots=True)
class WakeCondition:
    """A condition as text, and the numbers in it."""

    text: str
    numbers: list[float]
    steps: Mapping[str, int] = field(default_factory=dict)
    """Whole numbers that `next()` adds to the strategy's attributes on each bar, whatever else."""
    extremes: Sequence[str] = ()
    """Attributes that the condition carries from bar to bar."""


@dataclass(frozen=True)
class BarCondition:
    """A condition as it was read."""

    columns: tuple[int, ...]
    """Lines that it reads, by number: those of the feed, then blocks."""
    furthest: int
    """Bars that it looks back."""
    numbers: int
    find: Find
    carry: Find | None
    """The same; gives the extremes after all of these bars. None where there are none."""
    compile_bounded: Callable[[], Find]

    @cached_property
    def find_bounded(self) -> Find:
        """The same as `find`; a bar that leaves the bounds is one as well. The columns of open, high, low and the moment come before
        the others."""
        return self.compile_bounded()


@dataclass(slots=True)
class _ConditionReading:
    lines: int
    parts: int = 0
    furthest: int = 0
    numbers: int = 0
    columns: dict[int, str] | None = None
    extremes: list[str] = field(default_factory=list)
    """For each extreme, what it starts with and what it becomes on a bar, as text."""

    def name_column(self, line: int) -> str:
        """Name the column of a line."""
        assert self.columns is not None
        return self.columns.setdefault(line, f"c{len(self.columns)}")


@lru_cache(maxsize=_MOST_KEPT)
def read_condition(text: str, lines: int) -> BarCondition:
    """Read a condition over so many lines. Raises ValueError for one that cannot be."""
    if len(text) > _LONGEST_TEXT:
        raise ValueError("a condition that is too long")
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("a condition that is no text of one") from None
    reading = _ConditionReading(lines, columns={})
    starts, steps = _read_extremes(said, reading)
    expression = _read_truth(said[2] if starts else said, reading)
    columns = tuple(reading.columns or ())

    def compile_find(outside: str) -> Any:
        return _compile(columns, outside, starts, [*steps, f"if {outside}{expression}: return i"])

    carry = _compile(columns, "", starts, steps, "".join(f"r{place}, " for place in range(len(starts)))) if starts else None
    return BarCondition(columns, reading.furthest, reading.numbers, compile_find(""), carry, lambda: compile_find(_OUTSIDE))


def _read_extremes(said: object, reading: _ConditionReading) -> tuple[list[str], list[str]]:
    """Extremes that are carried from bar to bar: what each starts with, and its step on a bar, as texts. Raises ValueError."""
    if type(said) is not list or said[:1] != ["with extremes"]:
        return [], []
    if len(said) != 3 or type(said[1]) is not list or not 0 < len(said[1]) <= MOST_EXTREMES:
        raise ValueError("a condition with extremes that are none")
    starts, steps = [], []
    for place, one in enumerate(said[1]):
        if type(one) is not list or len(one) != 4 or one[0] not in ("max", "min") or type(one[1]) is not list or type(one[3]) is not bool:
            raise ValueError("a condition with an extreme that is none")
        value, before = _read_value(one[2], reading), f"r{place}"
        if one[1][:1] != ["number"] or reading.furthest or _COUNT in value:
            raise ValueError("a condition with an extreme of what is not at hand")
        starts.append(f"{before} = {_read_value(one[1], reading)}")
        steps.append(f"{before} = {one[0]}({value}, {before})" if one[3] else f"{before} = {one[0]}({before}, {value})")
    reading.extremes = starts
    return starts, steps


_COUNT = "(i + more)"
_OUTSIDE = "not (fall < low[i] <= opened[i] <= high[i] < rise and moment[i] <= date) or "


def _compile(columns: Sequence[int], outside: str, starts: Sequence[str], steps: Sequence[str], result: str = "last") -> Any:
    """Compile a way through the bars: names and numbers of it are made here, nothing of the text goes into it."""
    names = [f"c{place}" for place in range(len(columns))]
    text = ["def find(first, last, more, k, bounds, columns):"]
    if outside:
        text.append(" rise, fall, date = bounds")
        names = ["opened", "high", "low", "moment", *names]
    if names:
        text.append(f" {', '.join(names)}, = columns")
    text += [
        *(f" {one}" for one in starts),
        " for i in range(first, last):",
        *(f"  {one}" for one in steps or ("pass",)),
        f" return {result}",
    ]
    made: dict[str, Any] = dict(_HELPERS)
    exec(compile("\n".join(text), "<wake>", "exec"), made)
    return made["find"]


def _read_truth(said: object, reading: _ConditionReading) -> str:
    kind, parts = _open(said, reading)
    if kind in _COMPARISONS and len(parts) == 2:
        return f"({_read_value(parts[0], reading)} {kind} {_read_value(parts[1], reading)})"
    if kind in ("and", "or") and parts:
        return f"({f' {kind} '.join(_read_truth(part, reading) for part in parts)})"
    if kind == "not" and len(parts) == 1:
        return f"(not {_read_truth(parts[0], reading)})"
    if kind == "nonzero" and len(parts) == 1:
        return f"({_read_value(parts[0], reading)} != 0)"
    if kind in ("always", "never") and not parts:
        return str(kind == "always")
    raise ValueError("a condition of no known kind")


def _read_value(said: object, reading: _ConditionReading) -> str:
    kind, parts = _open(said, reading)
    if kind == "line" and len(parts) == 2:
        line, back = parts
        if not (_is_place(line, reading.lines) and line != _NOTHING and _is_place(back, FURTHEST_BACK + 1)):
            raise ValueError("a condition that reads what is not there")
        reading.furthest = max(reading.furthest, back)
        return f"{reading.name_column(line)}[i - {back}]" if back else f"{reading.name_column(line)}[i]"
    if kind == "number" and len(parts) == 1 and _is_place(parts[0], MOST_NUMBERS):
        reading.numbers = max(reading.numbers, parts[0] + 1)
        return f"k[{parts[0]}]"
    if kind == "extreme" and len(parts) == 1 and _is_place(parts[0], len(reading.extremes)):
        return f"r{parts[0]}"
    if kind == "count" and not parts:
        return _COUNT
    if kind in _NUMBERS and len(parts) == 2:
        sure = kind not in _DIVISIONS or (isinstance(parts[1], list) and parts[1][:1] == ["number"])
        return (_NUMBERS if sure else _DIVISIONS)[kind].format(*(_read_value(part, reading) for part in parts))
    if kind in _CHANGES and len(parts) == 1:
        return _CHANGES[kind].format(_read_value(parts[0], reading))
    if kind in ("max", "min") and len(parts) > 1:
        return f"{kind}({', '.join(_read_value(part, reading) for part in parts)})"
    if kind == "choose" and len(parts) == 3:
        truth, one, other = _read_truth(parts[0], reading), *(_read_value(part, reading) for part in parts[1:])
        return f"({one} if {truth} else {other})"
    reading.parts -= 1
    return _read_truth(said, reading)


def _open(said: object, reading: _ConditionReading) -> tuple[Any, list[Any]]:
    reading.parts += 1
    if type(said) is not list or not said or not isinstance(said[0], str) or reading.parts > MOST_PARTS:
        raise ValueError("a condition that is none, or a large one")
    return said[0], said[1:]


def _is_place(said: object, count: int) -> bool:
    return type(said) is int and 0 <= said < count


def read_numbers(said: object, condition: BarCondition) -> list[float]:
    """Read the numbers of a condition, and whatever others come with them. Raises ValueError when some are missing."""
    if type(said) is not list or not condition.numbers <= len(said) <= MOST_NUMBERS or not all(type(one) is float for one in said):
        raise ValueError("a condition with other numbers")
    return said


def read_bounds(said: object) -> Bounds | None:
    """Read bounds; None without any. Raises ValueError."""
    if said is None:
        return None
    if type(said) is not list or len(said) != 3 or not all(type(one) is float for one in said):
        raise ValueError("bounds that are none")
    return Bounds(*said)


def both(one: Truth, other: Truth) -> Truth:
    """Both of two truths."""
    if one is False or other is False:
        return False
    if one is True or other is True:
        return other if one is True else one
    return ["and", one, other]


def either(one: Truth, other: Truth) -> Truth:
    """One of two truths at least."""
    if one is True or other is True:
        return True
    if one is False or other is False:
        return other if one is False else one
    return ["or", one, other]


def opposite(one: Truth) -> Truth:
    """The opposite of a truth."""
    if isinstance(one, bool):
        return not one
    return one[1] if one[0] == "not" else ["not", one]
