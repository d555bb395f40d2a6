"""Guarded access to Backtrader's lines inside the strategy's process: no reading past either end of what has happened.

Stock Backtrader indexes a plain array, so `close[-1]` on the first bar silently reads the last bar of the data, and `close[1]`
reads tomorrow. While the guard is on, a read before the first bar gives NaN (the first representable date for dates, an
empty slice for `get`) and is noted with its line; a read of a later bar from the strategy's code raises.
This is for honest code and its author: what hostile code can reach is made worthless by lock-step and by the prefix check.
"""

import datetime
import sys
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from core.backtest.faults import StrategyFaultError
from core.backtest.module import FILENAME
from core.backtest.patches import install

_MOST_NOTES = 20
_ACCESSORS = frozenset(
    (
        "_getitem",
        "get",
        "read",
        "call",
        "__getitem__",
        "__call__",
        "buflen",
        "_outside",
        "_refuse_future",
        "_strategy_line",
        "_strategy_frame",
    )
)
"""Functions between the strategy's code and the guard."""
_BULK = frozenset(("once", "preonce", "oncestart"))


class Wrapped:
    """Where the strategy read before the first bar: line of the code to the number of reads."""

    def __init__(self) -> None:
        self.lines: dict[int, int] = {}
        self.lengths: set[int] = set()
        """Lines that asked how many bars there are."""
        self.feeds: tuple[Any, ...] = ()
        """The run's feeds, the own bars first: what they hold may be short, what an indicator holds may not be nothing."""

    def note(self, line: int | None) -> None:
        """Count a read from that line; reads from inside Backtrader have none."""
        if line is not None and (line in self.lines or len(self.lines) < _MOST_NOTES):
            self.lines[line] = self.lines.get(line, 0) + 1

    def never_ran(self, line: Any) -> bool:
        """Whether bars have gone by and the line still holds nothing: it belongs to an indicator that was made too late."""
        if len(line.array) or not self.feeds or not len(self.feeds[0]):
            return False
        return not any(line is own for feed in self.feeds for own in feed.lines)

    def sentences(self) -> tuple[str, ...]:
        """One remark a line, for people."""
        early = (
            f"line {line} reads a bar before the first one ({count} time{'s' if count > 1 else ''}): the platform gives NaN there, "
            "plain Backtrader would read the last bars of the data"
            for line, count in sorted(self.lines.items())
        )
        lengths = (
            f"line {line} asks how many bars the data has (buflen): the platform gives the number of bars so far, "
            "plain Backtrader would tell where the data ends"
            for line in sorted(self.lengths)[:_MOST_NOTES]
        )
        return (*early, *lengths)


_watch: Wrapped | None = None
"""Set while a strategy plays. Without it the methods below do what Backtrader's own do."""


@contextmanager
def guarded() -> Iterator[Wrapped]:
    """Watch every line in this process while a strategy plays."""
    global _watch
    install()
    _watch = Wrapped()
    try:
        yield _watch
    finally:
        _watch = None


def replacements() -> dict[Any, dict[str, Any]]:
    """The guarded methods by class, made from the methods that are in place now."""
    from backtrader.linebuffer import LineBuffer
    from backtrader.lineseries import LineSeries

    first = datetime.datetime.min
    dates = {"datetime": first, "date": first.date(), "time": first.time(), "dt": 1, "tm_raw": 0.0, "tm": 0.0}
    methods = {name: _moment(LineBuffer.__dict__[name], before) for name, before in dates.items()}
    methods |= {"__getitem__": _getitem, "get": _get(LineBuffer), "__call__": _call(LineBuffer), "buflen": _buflen(LineBuffer)}
    return {LineBuffer: methods, LineSeries: {"__call__": _call(LineSeries)}}


def _getitem(self: Any, ago: int) -> Any:
    index = self._idx + ago
    if index < 0 or ago > 0:
        return _outside(self, index)
    return self.array[index]


def _get(owner: Any) -> Any:
    original = owner.__dict__["get"]

    def get(self: Any, ago: int = 0, size: int = 1) -> Any:
        end = self._idx + ago + 1
        if self.useislice or _watch is None:
            return original(self, ago, size)
        if ago > 0:
            _refuse_future()
        elif end < size:
            _watch.note(_strategy_line())
            return array("d")
        return self.array[end - size : end]

    return get


def _moment(original: Any, before: Any) -> Any:
    """A date function that knows no date before the first bar."""

    def read(self: Any, ago: int = 0, *args: Any, **kwargs: Any) -> Any:
        if _watch is not None:
            if self._idx + ago < 0:
                _watch.note(_strategy_line())
                return before
            if ago > 0:
                _refuse_future()
        return original(self, ago, *args, **kwargs)

    return read


def _call(owner: Any) -> Any:
    """`close(-1)` is a delayed line; `close(1)` would be tomorrow's."""
    original = owner.__dict__["__call__"]

    def call(self: Any, ago: Any = None, *args: Any, **kwargs: Any) -> Any:
        if _watch is not None and isinstance(ago, int) and ago > 0:
            _refuse_future()
        return original(self, ago, *args, **kwargs)

    return call


def _buflen(owner: Any) -> Any:
    """How many bars the data has is knowledge of the end; only an indicator that computes in bulk has to know."""
    original = owner.__dict__["buflen"]

    def buflen(self: Any) -> int:
        frame = None if _watch is None else _strategy_frame()
        if _watch is None or frame is None or frame.f_code.co_name in _BULK:
            return int(original(self))
        _watch.lengths.add(frame.f_lineno)
        return int(self.lencount)

    return buflen


def _outside(line: Any, index: int) -> Any:
    if _watch is None:
        return line.array[index]
    if index >= 0:
        _refuse_future()
        return line.array[index]
    if _watch.never_ran(line) and _strategy_line() is not None:
        raise StrategyFaultError(
            "an indicator was created after the start, so it has no values",
            hint="Create indicators in __init__(), keep them in self, and read their values with [0] in next().",
        )
    _watch.note(_strategy_line())
    return float("nan")


def _refuse_future() -> None:
    """Raise when the strategy's own code asks; Backtrader's code may look at its own buffers."""
    if _strategy_line() is not None:
        raise StrategyFaultError(
            "a positive index reads a bar that has not happened yet",
            hint="[0] is this bar, [-1] the one before it; there is no [1]. Looping over a line asks for [1] too: use get(size=n).",
        )


def _strategy_line() -> int | None:
    """Line of the strategy's code that asked; None for Backtrader itself."""
    frame = _strategy_frame()
    return None if frame is None else frame.f_lineno


def _strategy_frame() -> FrameType | None:
    """The strategy's code that asked, directly or through one of Backtrader's accessors; None for Backtrader itself."""
    frame = sys._getframe(1)
    while frame.f_code.co_filename != FILENAME:
        if frame.f_code.co_name not in _ACCESSORS or frame.f_back is None:
            return None
        frame = frame.f_back
    return frame
