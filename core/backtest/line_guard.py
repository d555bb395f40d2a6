"""Guarded access to Backtrader's lines inside the strategy's process: no reading past either end of what has happened.

Stock Backtrader indexes a plain array, so `close[-1]` on the first bar silently reads the last bar of the data, and `close[1]`
reads tomorrow. While the guard is on, a read before the first bar gives what Backtrader gives bar by bar (preload=False,
runonce=False): it wraps round to the newest of the bars that have happened. Further back than there are bars it gives NaN (the
first representable date for dates, an empty slice for `get`). It is noted with its line; a read of a later bar from the
strategy's code raises.
This is for honest code and its author: what hostile code can reach is made worthless by lock-step and by the prefix check.
"""

import datetime
import math
import sys
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from core.backtest.faults import StrategyFaultError
from core.backtest.strategy_module import FILENAME

_MOST_NOTES = 20
_ACCESSORS = frozenset(
    (
        "_getitem",
        "getitem",
        "_series_getitem",
        "get",
        "read",
        "call",
        "__getitem__",
        "__call__",
        "buflen",
        "change",
        "addfilter",
        "read_outside",
        "_refuse_future",
        "_strategy_line",
        "_strategy_frame",
    )
)
"""Functions between the strategy's code and the guard."""
_BULK = frozenset(("once", "preonce", "oncestart"))


class LineAccessLog:
    """Reads before the first bar: line of the strategy's code to the number of reads."""

    def __init__(self) -> None:
        self.lines: dict[int, int] = {}
        self.lengths: set[int] = set()
        """Lines that asked how many bars there are."""
        self.doubtful = False
        """True once anybody asked for a later bar, whatever became of it, or for one of a line that does not move along in this run."""
        self.feeds: tuple[Any, ...] = ()
        """The run's feeds, the own bars first: what they hold may be short, what an indicator holds may not be nothing."""

    def count_read(self, line: int | None) -> None:
        """Count a read from that line; reads from inside Backtrader have none."""
        if line is not None and (line in self.lines or len(self.lines) < _MOST_NOTES):
            self.lines[line] = self.lines.get(line, 0) + 1

    def has_no_values(self, line: Any) -> bool:
        """True when bars have gone by and the line still holds nothing: it belongs to an indicator that was made too late."""
        if len(line.array) or not self.feeds or not len(self.feeds[0]):
            return False
        return not any(line is own for feed in self.feeds for own in feed.lines)

    def look_at_place(self, line: Any) -> None:
        """Note when a line stands before its first bar while the run does not: in a run in bulk, one inside of an indicator."""
        if line._idx < 0 and self._has_begun():
            self.doubtful = True

    def look_at_binding(self, line: Any) -> None:
        """Note when a line is to be written to by another one while bars go by, or is one of the run's own bars."""
        if self._has_begun() or any(line is own for feed in self.feeds for own in feed.lines):
            self.doubtful = True

    def _has_begun(self) -> bool:
        return bool(self.feeds and self.feeds[0].lines.lines[0].lencount)

    def list_early_reads(self) -> tuple[int, ...]:
        """List the lines that read a bar before the first one."""
        return tuple(sorted(self.lines))

    def describe(self) -> tuple[str, ...]:
        """Describe the reads in one remark a line, for people."""
        early = (
            f"line {line} reads a bar before the first one ({count} time{'s' if count > 1 else ''}): the platform gives what plain "
            "Backtrader gives bar by bar (the newest bars so far, else NaN); with preloaded data it would read the last bars of the data"
            for line, count in sorted(self.lines.items())
        )
        lengths = (
            f"line {line} asks how many bars the data has (buflen): the platform gives the number of bars so far, "
            "plain Backtrader would tell where the data ends"
            for line in sorted(self.lengths)[:_MOST_NOTES]
        )
        return (*early, *lengths)


_access_log: LineAccessLog | None = None
"""Set while a strategy plays. Without it the methods below do what Backtrader's own do."""


@contextmanager
def guard_lines() -> Iterator[LineAccessLog]:
    """Watch every line in this process while a strategy plays; the methods of `build_guarded_methods` have to be in place."""
    global _access_log
    _access_log = LineAccessLog()
    try:
        yield _access_log
    finally:
        _access_log = None


def build_guarded_methods() -> dict[Any, dict[str, Any]]:
    """Build the guarded methods by class, from the methods that are in place now."""
    from backtrader.feed import AbstractDataBase
    from backtrader.linebuffer import LineBuffer
    from backtrader.lineroot import LineRoot
    from backtrader.lineseries import Lines, LineSeries
    from backtrader.metabase import AutoInfoClass

    first = datetime.datetime.min
    dates = {"datetime": first, "date": first.date(), "time": first.time(), "dt": 1, "tm_raw": 0.0, "tm": 0.0}
    methods = {name: _guard_date(LineBuffer.__dict__[name], before) for name, before in dates.items()}
    methods |= {
        "__getitem__": _getitem,
        "get": _guard_get(LineBuffer),
        "__call__": _guard_call(LineBuffer),
        "buflen": _guard_buflen(LineBuffer),
        "set": _guard_set(LineBuffer),
        "addbinding": _guard_binding(LineBuffer),
        "extend": _guard_extend(LineBuffer),
        "__len__": _length,
    }
    feed = {name: _guard_filter(name) for name in ("addfilter", "addfilter_simple", "resample", "replay")}
    texts = {owner: {"__repr__": _describe} for owner in (LineRoot, Lines, AutoInfoClass)}
    return {LineBuffer: methods, LineSeries: {"__call__": _guard_call(LineSeries)}, AbstractDataBase: feed, **texts}


def _describe(self: Any) -> str:
    """The text of an object, as it is; it names the kind of its feed, which tells how the run computes, and its place in memory."""
    note_doubt()
    return object.__repr__(self)


def _getitem(self: Any, ago: int) -> Any:
    here = self._idx
    index = here + ago
    if index < 0 or index > here:  # not `ago`: a number of eight bits below zero may come round to a later bar
        return read_outside(self, index)
    return self.array[index]


def _guard_get(owner: Any) -> Any:
    original = owner.__dict__["get"]

    def get(self: Any, ago: int = 0, size: int = 1) -> Any:
        end = self._idx + ago + 1
        if self.useislice or _access_log is None:
            return original(self, ago, size)
        if end > self._idx + 1:
            _refuse_future()
        elif end < size or size < 0:
            _access_log.look_at_place(self)
            _access_log.count_read(_strategy_line())
            first, last, _ = slice(end - size, end).indices(self._idx + 1)
            return self.array[first:last] if first < last else array("d")
        return self.array[end - size : end]

    return get


def note_write() -> None:
    """Note that somebody writes to a line that stands by itself: what is computed of it for all bars at once is not computed again."""
    note_doubt()


def note_doubt() -> None:
    """Note that this run may do something else than one bar by bar."""
    if _access_log is not None:
        _access_log.doubtful = True


def count_bars(line: Any) -> int:
    """Count the bars of a line; one that stands before its first bar while the run does not is noted."""
    bars = int(line.lencount)
    if not bars and _access_log is not None:
        _access_log.look_at_place(line)
    return bars


def _length(self: Any) -> int:
    return int(self.lencount) or count_bars(self)


def _guard_set(owner: Any) -> Any:
    original = owner.__dict__["set"]

    def write(self: Any, value: float, ago: int = 0) -> None:
        note_write()
        original(self, value, ago)

    return write


def _guard_extend(owner: Any) -> Any:
    original = owner.__dict__["extend"]

    def extend(self: Any, value: float = math.nan, size: int = 0) -> None:
        if size:
            note_write()
        original(self, value, size)

    return extend


def _guard_binding(owner: Any) -> Any:
    original = owner.__dict__["addbinding"]

    def bind(self: Any, binding: Any) -> None:
        if _access_log is not None:
            _access_log.look_at_binding(binding)
        original(self, binding)

    return bind


def _guard_date(original: Any, before: Any) -> Any:
    """A date function that knows no date before the first bar."""

    def read(self: Any, ago: int = 0, *args: Any, **kwargs: Any) -> Any:
        if _access_log is not None:
            index = self._idx + ago
            if index < 0:
                _access_log.look_at_place(self)
                _access_log.count_read(_strategy_line())
                if self._idx + 1 + index < 0:
                    return before
                return original(self, self._idx + 1 + ago, *args, **kwargs)
            if index > self._idx:
                _refuse_future()
        return original(self, ago, *args, **kwargs)

    return read


def _guard_call(owner: Any) -> Any:
    """`close(-1)` is a delayed line; `close(1)` would be tomorrow's."""
    from backtrader.lineroot import LineRoot

    original = owner.__dict__["__call__"]
    no_number = (type(None), LineRoot)

    def call(self: Any, ago: Any = None, *args: Any, **kwargs: Any) -> Any:
        if _access_log is not None and not isinstance(ago, no_number) and ago > 0:
            _refuse_future()
        return original(self, ago, *args, **kwargs)

    return call


def _guard_buflen(owner: Any) -> Any:
    """Hide the number of bars of the data, which tells where it ends; only an indicator that computes in bulk has to know."""
    original = owner.__dict__["buflen"]

    def buflen(self: Any) -> int:
        frame = None if _access_log is None else _strategy_frame()
        if _access_log is None or frame is None or frame.f_code.co_name in _BULK:
            return int(original(self))
        _access_log.lengths.add(frame.f_lineno)
        return int(self.lencount)

    return buflen


def _guard_filter(name: str) -> Any:
    """The strategy's feed is the run's: a filter that is set while it plays would act in one way of computing and not in the other."""
    from backtrader.feed import AbstractDataBase

    original = AbstractDataBase.__dict__[name]

    def change(self: Any, *args: Any, **kwargs: Any) -> None:
        if _access_log is not None and _strategy_line() is not None:
            raise StrategyFaultError(
                f"{name}() changes the feed, which belongs to the run",
                hint='For longer bars write the class attribute timeframes = ("1w",) (or "15m", "1h", "1d"); they become self.data1.',
            )
        original(self, *args, **kwargs)

    return change


def read_outside(line: Any, index: int) -> Any:
    """Read a line before its first bar, or after its newest one."""
    if _access_log is None:
        return line.array[index]
    if index >= 0:
        _refuse_future()
        return line.array[index]
    _access_log.look_at_place(line)
    if _access_log.has_no_values(line) and _strategy_line() is not None:
        raise StrategyFaultError(
            "an indicator was created after the start, so it has no values",
            hint="Create indicators in __init__(), keep them in self, and read their values with [0] in next().",
        )
    _access_log.count_read(_strategy_line())
    newest = line._idx + 1 + index
    return line.array[newest] if newest >= 0 else float("nan")


def _refuse_future() -> None:
    """Raise when the strategy's own code asks; Backtrader's code may look at its own buffers."""
    assert _access_log is not None
    _access_log.doubtful = True
    frame = _strategy_frame()
    if frame is not None and frame.f_code.co_name == "__init__":
        raise StrategyFaultError(
            "there is no bar yet in __init__, so none can be read",
            hint="Read the first bar in nextstart() or next(), with [0] or date(0).",
        )
    if frame is not None:
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
