"""Attributes of a strategy that `next()` changes on each bar in a way that can be told beforehand: counters, and extremes so far."""

from collections.abc import Collection
from functools import partial
from typing import Any

from core.backtest.wake_known import Known, Series, keep_plain
from core.backtest.wake_trace import MISSING, Origin, Trace, UnknownError


class CarriedAttributes:
    """The attributes that one reading found to change on each bar."""

    def __init__(self, strategy: Any, trace: Trace, asked: Collection[str]) -> None:
        """`asked` has the attributes whose contents were asked for before: what changes them afterwards is no simple change."""
        self._strategy, self._trace, self._asked = strategy, trace, asked
        self.steps: dict[str, int] = {}
        """Whole numbers that `next()` adds to counters on each bar."""
        self.extremes: dict[str, list[Any]] = {}
        """Attributes that are the largest or smallest value so far: of what, as plain data (`wake_conditions`)."""

    def count_on(self, name: str, step: Any) -> None:
        """Note that a whole number is added to an attribute on each bar. Raises UnknownError where that is not all."""
        if type(step) is not int or type(vars(self._strategy).get(name)) is not int:
            raise UnknownError
        self._trace.note(self._find(name), type, int)
        self.steps[name] = step

    def carry_extreme(self, name: str, word: str, value: Known, *, first: bool) -> None:
        """Note that an attribute becomes the larger (`max`) or smaller (`min`) one of a value and itself; `first` is true for the value.

        Raises UnknownError where that is not all.
        """
        kind, followed = type(vars(self._strategy).get(name)), isinstance(value, Series) and _is_of_one_bar(value.said)
        if (
            not followed
            or not isinstance(value, Series)
            or not _is_fraction(value.said)
            or not (kind is float or (kind is int and not first))
        ):
            raise UnknownError
        origin = self._find(name)
        self._trace.note(origin, type, kind)
        self._trace.only_plain = True
        self.extremes[name] = [word, ["number", self._trace.place_number(origin, origin.get())], value.said, first]

    def read(self, name: str) -> Series | None:
        """The value of an attribute on each bar, after it was changed; None for one that does not change."""
        if name in self.extremes:
            return Series(["extreme", list(self.extremes).index(name)])
        return self._read_counter(name) if name in self.steps else None

    def _read_counter(self, name: str) -> Series:
        """A counter runs beside the number of bars."""
        kept, strategy, step = vars(self._strategy), self._strategy, self.steps[name]

        def find_start() -> int:
            if type(kept.get(name)) is not int:
                raise UnknownError
            return kept[name] - step * len(strategy)  # type: ignore[no-any-return]

        start = ["number", self._trace.place_number(Origin(("start", name), find_start), find_start())]
        moved: list[Any] = ["count"] if step == 1 else ["*", ["number", self._trace.place_number(None, step)], ["count"]]
        return Series(["+", start, moved])

    def _find(self, name: str) -> Origin:
        """The place of an attribute that changes. Raises UnknownError where it changes twice, was asked for before, or is no plain one."""
        if name in self.steps or name in self.extremes or name in self._asked:
            raise UnknownError
        for base in type(self._strategy).__mro__:
            keep_plain(vars(base).get(name))
        return Origin(("own", name), partial(vars(self._strategy).get, name, MISSING))


def _is_fraction(said: list[Any]) -> bool:
    """Check that a value is no whole number and no truth, which would be written otherwise, whatever numbers are in it."""
    kind, *parts = said
    if kind in ("+", "-", "*", "%", "//"):
        return any(map(_is_fraction, parts))
    if kind in ("max", "min", "negative", "absolute"):
        return all(map(_is_fraction, parts))
    return kind in ("line", "/") or (kind == "choose" and all(map(_is_fraction, parts[1:])))


def _is_of_one_bar(said: Any) -> bool:
    """Check that a value follows from one bar alone, whichever it is."""
    if not isinstance(said, list) or said[0] == "number":
        return True
    if said[0] == "line":
        return bool(said[2] == 0)
    return said[0] not in ("count", "extreme") and all(map(_is_of_one_bar, said[1:]))
