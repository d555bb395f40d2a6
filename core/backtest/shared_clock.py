"""One index for many lines: in the lean loops every line stands on the same bar, so none of them is moved on by itself.

A line that hangs on the clock is an ordinary line to whoever reads it. Before anything else can move lines, they are taken off again.
Imports Backtrader.
"""

from collections.abc import Callable, Hashable, Iterable
from functools import cache
from typing import Any

from backtrader.linebuffer import LineBuffer

from core.backtest.line_guard import read_outside


class Clock:
    """The bar that all its lines stand on."""

    __slots__ = ("bar", "fill", "given", "relieve", "touched")

    def __init__(self, bar: int) -> None:
        self.bar = bar
        """Index of the bar, 0 for the first; -1 before it."""
        self.given = frozenset[int]()
        """Ids of the lines whose values of later bars come from outside, and of those that they are made of."""
        self.touched: list[bool] = []
        """Filled when somebody writes to one of them: from then on what comes from outside is not what it would be here."""
        self.fill: Callable[[], None] = _do_nothing
        """Brings late lines up to this bar."""
        self.relieve: Callable[[], None] = _do_nothing
        """Called now and then: does something about what was kept for late lines."""


def can_hang(line: Any, bar: int) -> bool:
    """Check that a line stands on a bar and keeps to Backtrader's own way of standing there."""
    state = line.__dict__
    return (
        not line.mode and state.get("_idx") == bar and state.get("lencount") == bar + 1 and _make_hanging_kind(_kind_of(line)) is not None
    )


def hang_up(lines: Iterable[Any], clock: Clock) -> None:
    """Hang lines on the clock, each of which `can_hang` on its bar."""
    for line in lines:
        del line._idx, line.lencount
        line._clock_hand = clock
        line.__class__ = _make_hanging_kind(_kind_of(line))


def make_late(lines: Iterable[Any]) -> None:
    """Let lines that hang on a clock be filled when somebody reads them, by the clock's `fill`."""
    for line in lines:
        line.__class__ = _make_late_kind(_kind_of(line))


def take_down(lines: Iterable[Any]) -> None:
    """Let each line move by itself again, from where the clock stands; late ones are still filled when somebody reads them."""
    for line in lines:
        clock, kind = line.__dict__.pop("_clock_hand"), type(line)
        line.__class__ = _FREE_KINDS[kind]
        line._idx, line.lencount = clock.bar, clock.bar + 1
        if kind in _LATE_KINDS:
            line._fill_at_last = clock.fill
            line.__class__ = _make_last_kind(_FREE_KINDS[kind])


def _read_index(self: Any) -> int:
    return self._clock_hand.bar  # type: ignore[no-any-return]


def _read_length(self: Any) -> int:
    return self._clock_hand.bar + 1  # type: ignore[no-any-return]


def getitem(self: Any, ago: int) -> Any:
    """Read a line that hangs on a clock."""
    here = self._clock_hand.bar
    index = here + ago
    if index < 0 or index > here:
        return read_outside(self, index)
    return self.array[index]


def setitem(self: Any, ago: int, value: float) -> None:
    """Write to a line that hangs on a clock, and to those that are bound to it."""
    clock = self._clock_hand
    if id(self) in clock.given:
        clock.given = frozenset()
        clock.touched.append(True)
    self.array[clock.bar + ago] = value
    for binding in self.bindings:
        binding[ago] = value


def _set(self: Any, value: float, ago: int = 0) -> None:
    setitem(self, ago, value)


def _kind_of(line: Any) -> Hashable:
    kind: Any = type(line)
    return kind  # type: ignore[no-any-return]


@cache
def _make_hanging_kind(kind: Any) -> Any:
    """The class of a hanging line, made once from the line's own, which comes next in its order; None when that one does it its own way."""
    special = kind.__mro__[: kind.__mro__.index(LineBuffer)]
    if any(name in vars(base) for base in special for name in ("_idx", "lencount", "__len__", "__getitem__", "__setitem__", "set")):
        return None
    members = {
        "__module__": kind.__module__,
        "_idx": property(_read_index),
        "lencount": property(_read_length),
        "__len__": _read_length,
        "__getitem__": getitem,
        "__setitem__": setitem,
        "set": _set,
    }
    return _make_kind(kind, members, kind)


@cache
def _make_late_kind(kind: Any) -> Any:
    """The class of a hanging line that is filled when somebody reads it, made once from that of a hanging line."""
    made = _make_kind(kind, {"__module__": kind.__module__, "array": property(_read_filled, _replace_array)}, _FREE_KINDS[kind])
    _LATE_KINDS.add(made)
    return made


@cache
def _make_last_kind(kind: Any) -> Any:
    """The class of a line that hangs on no clock any more and is filled once when somebody reads it, made once from the line's own."""
    return _make_kind(kind, {"__module__": kind.__module__, "array": property(_read_at_last, _replace_at_last)}, kind)


def _make_kind(kind: Any, members: dict[str, Any], free: Any) -> Any:
    made = type.__new__(type(kind), kind.__name__, (kind,), members)
    _FREE_KINDS[made] = free
    return made


_FREE_KINDS: dict[Any, Any] = {}
"""By the class of a hanging line: the class that it has by itself."""
_LATE_KINDS: set[Any] = set()


def _read_filled(self: Any) -> Any:
    self._clock_hand.fill()
    return self.__dict__["array"]


def _read_at_last(self: Any) -> Any:
    _settle(self)()
    return self.array


def _replace_at_last(self: Any, values: Any) -> None:
    _settle(self)
    self.array = values


def _settle(self: Any) -> Callable[[], None]:
    """Make a line an ordinary one; gives what fills it."""
    fill: Callable[[], None] = self.__dict__.pop("_fill_at_last")
    self.__class__ = _FREE_KINDS[type(self)]
    return fill


def _replace_array(self: Any, values: Any) -> None:
    self.__dict__["array"] = values


def _do_nothing() -> None:
    return
