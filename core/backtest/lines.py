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
from typing import Any

from core.backtest.faults import StrategyFaultError
from core.backtest.module import FILENAME

_MOST_NOTES = 20


class Wrapped:
    """Where the strategy read before the first bar: line of the code to the number of reads."""

    def __init__(self) -> None:
        self.lines: dict[int, int] = {}

    def note(self, line: int | None) -> None:
        """Count a read from that line; reads from inside Backtrader have none."""
        if line is not None and (line in self.lines or len(self.lines) < _MOST_NOTES):
            self.lines[line] = self.lines.get(line, 0) + 1

    def sentences(self) -> tuple[str, ...]:
        """One remark a line, for people."""
        return tuple(
            f"line {line} reads a bar before the first one ({count} times): the platform gives NaN there, "
            "plain Backtrader would read the last bars of the data"
            for line, count in sorted(self.lines.items())
        )


@contextmanager
def guarded() -> Iterator[Wrapped]:
    """Switch the guard on for every line in this process, and off again at the end."""
    from backtrader.linebuffer import LineBuffer

    wrapped = Wrapped()
    methods = _methods(LineBuffer, wrapped)
    stock = {name: LineBuffer.__dict__[name] for name in methods}
    for name, method in methods.items():
        setattr(LineBuffer, name, method)
    try:
        yield wrapped
    finally:
        for name, method in stock.items():
            setattr(LineBuffer, name, method)


def _methods(stock: Any, wrapped: Wrapped) -> dict[str, Any]:
    def getitem(self: Any, ago: int) -> Any:
        index = self._idx + ago
        if index < 0 or ago > 0:
            return _outside(self, index, wrapped)
        return self.array[index]

    def get(self: Any, ago: int = 0, size: int = 1) -> Any:
        end = self._idx + ago + 1
        if not self.useislice and (end - size < 0 or ago > 0):
            if ago > 0:
                _refuse_future()
            wrapped.note(_caller())
            return array("d")
        return self.array[end - size : end] if not self.useislice else stock_get(self, ago, size)

    def moment(name: str, before: Any) -> Any:
        original = stock.__dict__[name]

        def read(self: Any, ago: int = 0, *args: Any, **kwargs: Any) -> Any:
            if self._idx + ago < 0:
                wrapped.note(_caller())
                return before
            if ago > 0:
                _refuse_future()
            return original(self, ago, *args, **kwargs)

        return read

    stock_get = stock.__dict__["get"]
    first = datetime.datetime.min
    dates = {"datetime": first, "date": first.date(), "time": first.time(), "dt": 1, "tm_raw": 0.0, "tm": 0.0}
    return {"__getitem__": getitem, "get": get} | {name: moment(name, before) for name, before in dates.items()}


def _outside(line: Any, index: int, wrapped: Wrapped) -> Any:
    if index < 0:
        wrapped.note(_caller())
        return float("nan")
    _refuse_future()
    return line.array[index]


def _refuse_future() -> None:
    """Raise when the strategy's own code asks; Backtrader's code may look at its own buffers."""
    if sys._getframe(3).f_code.co_filename == FILENAME or sys._getframe(2).f_code.co_filename == FILENAME:
        raise StrategyFaultError(
            "a positive index reads a bar that has not happened yet", hint="[0] is this bar, [-1] the one before it; there is no [1]."
        )


def _caller() -> int | None:
    """Line of the strategy's code that called directly, or through one of Backtrader's accessors; None for Backtrader itself."""
    frame = sys._getframe(2)
    for _ in range(3):
        if frame.f_code.co_filename == FILENAME:
            return frame.f_lineno
        if frame.f_back is None:
            return None
        frame = frame.f_back
    return None
