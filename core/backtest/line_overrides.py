"""Overrides for Backtrader's line bookkeeping in the strategy's process: fewer Python calls a bar, no properties, no proxies.

Values are stored and moved exactly as before; the trusted replay runs without any of this.
A test holds every replaced method against the original.
"""

import math
import operator
from array import array
from collections.abc import Callable
from typing import Any

from core.backtest.line_guard import count_bars, note_write

_OPERATIONS = ("__lt__", "__gt__", "__le__", "__ge__", "__eq__", "__ne__", "__add__", "__sub__", "__mul__", "__truediv__")
"""Operations that strategies write with a line in place of its value."""


def build_overrides() -> dict[Any, dict[str, Any]]:
    """Build the overriding methods by class, from the methods that are in place now."""
    from backtrader.functions import CmpEx
    from backtrader.linebuffer import LineActions, LineBuffer
    from backtrader.lineiterator import LineIterator
    from backtrader.lineroot import LineRoot
    from backtrader.lineseries import Lines, LineSeries
    from backtrader.strategy import Strategy
    from backtrader.trade import Trade

    return {
        LineRoot: {name: _operate_on_values(LineRoot.__dict__[name], getattr(operator, name), LineRoot) for name in _OPERATIONS},
        LineBuffer: _buffer_methods(LineBuffer),
        Lines: _lines_methods(),
        LineSeries: {"__len__": _series_length, "__getitem__": _series_getitem},
        LineIterator: {"_clk_update": _clock_update},
        LineActions: {"_next": _action_next},
        CmpEx: {"next": _choose_by_comparison},
        Strategy: {"position": property(_read_position)},
        Trade: {"__copy__": _copy_trade},
    }


def _operate_on_values(stock: Any, operation: Callable[[Any, Any], Any], line: Any) -> Any:
    """While bars go by, an operation of lines is one of their values; before, it makes a line."""

    def operate(self: Any, other: Any) -> Any:
        if self._opstage == 1:
            return stock(self, other)
        return operation(self[0], other[0] if isinstance(other, line) else other)

    return operate


def _buffer_methods(stock: Any) -> dict[str, Any]:
    """For plain buffers; the memory-saving kind (`mode` is set) keeps the original code."""
    stock_forward, stock_advance = stock.__dict__["forward"], stock.__dict__["advance"]

    def forward(self: Any, value: float = math.nan, size: int = 1) -> None:
        if self.mode:
            stock_forward(self, value, size)
            return
        if size != 1:
            self._idx += size
            self.lencount += size
            self.array.extend(array("d", (value,)) * size)
            return
        self._idx += 1
        self.lencount += 1
        self.array.append(value)

    def advance(self: Any, size: int = 1) -> None:
        if self.mode:
            stock_advance(self, size)
            return
        self._idx += size
        self.lencount += size

    def setitem(self: Any, ago: int, value: float) -> None:
        note_write()
        self.array[self._idx + ago] = value
        for binding in self.bindings:
            binding[ago] = value

    return {"forward": forward, "advance": advance, "__setitem__": setitem}


def _lines_methods() -> dict[str, Any]:
    def length(self: Any) -> int:
        return int(self.lines[0].lencount) or count_bars(self.lines[0])

    def forward(self: Any, value: float = math.nan, size: int = 1) -> None:
        for line in self.lines:
            if line.mode or size != 1:
                line.forward(value, size=size)
            else:
                line._idx += 1
                line.lencount += 1
                line.array.append(value)

    def advance(self: Any, size: int = 1) -> None:
        for line in self.lines:
            if line.mode:
                line.advance(size)
            else:
                line._idx += size
                line.lencount += size

    return {"__len__": length, "forward": forward, "advance": advance}


def _series_length(self: Any) -> int:
    return int(self.lines.lines[0].lencount) or count_bars(self.lines.lines[0])


def _series_getitem(self: Any, key: int) -> Any:
    return self.lines.lines[0][key]


def _read_position(self: Any) -> Any:
    return self.broker.getposition(self.datas[0])


def _copy_trade(self: Any) -> Any:
    """A trade as it is now, without `copy`'s detour."""
    copied = object.__new__(type(self))
    copied.__dict__.update(self.__dict__)
    return copied


def _clock_update(self: Any) -> int:
    bars = len(self._clock)
    if bars != self.lines.lines[0].lencount:
        self.forward()
    return bars


def _choose_by_comparison(self: Any) -> None:
    """One of three values, as in bulk; bar by bar Backtrader gives the sign of the comparison instead, which is a slip."""
    one, other = self.a[0], self.b[0]
    self[0] = self.r1[0] if one < other else self.r3[0] if one > other else self.r2[0]


def _action_next(self: Any) -> None:
    bars = len(self._clock)
    if bars > self.lencount:
        self.forward()
    if bars > self._minperiod:
        self.next()
    elif bars == self._minperiod:
        self.nextstart()
    else:
        self.prenext()
