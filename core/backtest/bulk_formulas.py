"""Backtrader's `once` of the building blocks of indicators, for whole columns at a time: the same values to the last bit.

Each function computes what the replaced method would, or says NotImplemented, and then the replaced method runs: where the values,
the types or the operation are not known to come out the same, and where Backtrader raises. Imports Backtrader.
"""

import functools
import itertools
import math
import operator
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
from backtrader import functions, linebuffer
from backtrader.indicators import basicops, crossover
from backtrader.linebuffer import PseudoArray
from backtrader.lineroot import LineRoot

from core.backtest.exact_windows import find_extremes, sum_windows
from core.domain.bars import FloatArray

FEWEST_BARS = 48
"""Shorter pieces take less time the plain way."""
left_to_backtrader: Counter[str] = Counter()
"""Class names of those that were computed by Backtrader's own code, with the number of times; for the benchmark."""
_LARGEST_WHOLE = 2**53
_NUMPY = {
    operator.__add__: np.add,
    operator.__sub__: np.subtract,
    operator.__mul__: np.multiply,
    operator.__lt__: np.less,
    operator.__gt__: np.greater,
    operator.__le__: np.less_equal,
    operator.__ge__: np.greater_equal,
    operator.__eq__: np.equal,
    operator.__ne__: np.not_equal,
}
Compute = Callable[[Any, int, int], Any]
"""Computes bars `start` to `stop - 1` of a line; NotImplemented, or nothing."""


def build_formulas() -> dict[Any, dict[str, Any]]:
    """Build the replacing methods by class, from the methods that are in place now."""
    table: dict[Any, dict[str, Compute]] = {
        linebuffer.LinesOperation: {
            "_once_op": _operate_on_lines,
            "_once_val_op": _operate_with_number,
            "_once_val_op_r": _operate_with_number_first,
        },
        linebuffer.LineOwnOperation: {"once": _operate_on_own},
        linebuffer._LineDelay: {"once": _delay},
        functions.DivByZero: {"once": _divide_or_default},
        functions.DivZeroByZero: {"once": _divide_or_two_defaults},
        functions.If: {"once": _choose},
        functions.MultiLogic: {"once": _combine},
        basicops.Average: {"once": _average},
        basicops.OperationN: {"once": _apply_to_windows},
        basicops.ExponentialSmoothing: {"once": _smooth},
        basicops.Accum: {"once": _accumulate},
        crossover.NonZeroDifference: {"once": _keep_last_difference},
    }
    return {owner: {name: _or_stock(owner.__dict__[name], compute) for name, compute in parts.items()} for owner, parts in table.items()}


def _or_stock(stock: Any, compute: Compute) -> Any:
    @functools.wraps(stock)
    def once(self: Any, start: int, end: int) -> None:
        if end - start < FEWEST_BARS or start < 0:
            stock(self, start, end)
            return
        with np.errstate(all="ignore"):
            done = compute(self, start, end) is not NotImplemented
        if not done:
            left_to_backtrader[type(self).__name__] += 1
            stock(self, start, end)

    return once


def _view(values: Any) -> FloatArray:
    """A line's array, writable, without a copy."""
    return np.frombuffer(values, dtype=np.float64)


def _read(source: Any, start: int, end: int) -> FloatArray | None:
    """Bars of a line, or a constant that takes a line's place; None when it is neither, or too short."""
    values = source.array
    if isinstance(values, PseudoArray):
        return np.full(end - start, float(values.wrapped)) if _is_number(values.wrapped) else None
    return _view(values)[start:end] if len(values) >= end and start >= 0 else None


def _is_number(value: object) -> bool:
    """True for plain numbers that a float holds exactly."""
    return type(value) in (float, bool) or (type(value) is int and abs(value) < _LARGEST_WHOLE)


def _operate(operation: Any, left: Any, right: Any, line: Any, start: int, end: int) -> Any:
    if left is None or right is None:
        return NotImplemented
    out = _view(line.array)
    if operation in _NUMPY:
        out[start:end] = _NUMPY[operation](left, right)
        return None
    if operation is operator.__truediv__:
        if np.any(np.equal(right, 0)):
            return NotImplemented  # Python raises
        out[start:end] = np.true_divide(left, right)
        return None
    if operation in (operator.__pow__, pow):
        one, other = (side.tolist() if isinstance(side, np.ndarray) else itertools.repeat(side) for side in (left, right))
        try:
            out[start:end] = np.fromiter(map(pow, one, other), np.float64, end - start)
        except (ArithmeticError, TypeError):
            return NotImplemented
        return None
    return NotImplemented


def _operate_on_lines(self: Any, start: int, end: int) -> Any:
    return _operate(self.operation, _read(self.a, start, end), _read(self.b, start, end), self, start, end)


def _operate_with_number(self: Any, start: int, end: int) -> Any:
    return _operate(self.operation, _read(self.a, start, end), self.b if _is_number(self.b) else None, self, start, end)


def _operate_with_number_first(self: Any, start: int, end: int) -> Any:
    return _operate(self.operation, self.a if _is_number(self.a) else None, _read(self.b, start, end), self, start, end)


def _operate_on_own(self: Any, start: int, end: int) -> Any:
    values = _read(self.a, start, end)
    if values is None or self.operation not in (abs, operator.__abs__, operator.__neg__):
        return NotImplemented
    _view(self.array)[start:end] = -values if self.operation is operator.__neg__ else np.abs(values)
    return None


def _delay(self: Any, start: int, end: int) -> Any:
    values = _read(self.a, start + self.ago, end + self.ago)
    if values is None:
        return NotImplemented
    _view(self.array)[start:end] = values
    return None


def _read_both(self: Any, start: int, end: int) -> tuple[FloatArray | None, FloatArray | None]:
    if not isinstance(self.a, LineRoot) or not isinstance(self.b, LineRoot):
        return None, None
    return _read(self.a, start, end), _read(self.b, start, end)


def _divide_or_default(self: Any, start: int, end: int) -> Any:
    left, right = _read_both(self, start, end)
    if left is None or right is None or not _is_number(self.zero):
        return NotImplemented
    _view(self.array)[start:end] = np.where(right != 0, left / right, self.zero)
    return None


def _divide_or_two_defaults(self: Any, start: int, end: int) -> Any:
    left, right = _read_both(self, start, end)
    if left is None or right is None or not (_is_number(self.single) and _is_number(self.dual)):
        return NotImplemented
    _view(self.array)[start:end] = np.where(right == 0, np.where(left == 0, self.dual, self.single), left / right)
    return None


def _choose(self: Any, start: int, end: int) -> Any:
    one, other, condition = (_read(part, start, end) for part in (self.a, self.b, self.cond))
    if one is None or other is None or condition is None:
        return NotImplemented
    _view(self.array)[start:end] = np.where(condition != 0, one, other)
    return None


def _combine(self: Any, start: int, end: int) -> Any:
    parts = [_read(part, start, end) for part in self.args]
    found = [part for part in parts if part is not None]
    if len(found) < len(parts) or not found:
        return NotImplemented
    combined = _combine_columns(self.flogic, found)
    if combined is None:
        return NotImplemented
    _view(self.array)[start:end] = combined
    return None


def _combine_columns(logic: Any, parts: list[FloatArray]) -> Any:
    if logic is max:
        return functools.reduce(lambda best, value: np.where(value > best, value, best), parts)
    if logic is min:
        return functools.reduce(lambda best, value: np.where(value < best, value, best), parts)
    truths = [part != 0 for part in parts]
    if logic is all:
        return functools.reduce(np.logical_and, truths)
    if logic is any:
        return functools.reduce(np.logical_or, truths)
    if isinstance(logic, functools.partial) and logic.func is functools.reduce and not logic.keywords and len(parts) > 1:
        if logic.args == (functions._andlogic,):
            return functools.reduce(np.logical_and, truths)
        if logic.args == (functions._orlogic,):
            return functools.reduce(np.logical_or, truths)
    return None


def _read_windows(self: Any, start: int, end: int) -> FloatArray | None:
    period = self.p.period
    return _read(self.data, start - period + 1, end) if type(period) is int and period > 0 else None


def _average(self: Any, start: int, end: int) -> Any:
    values = _read_windows(self, start, end)
    sums = None if values is None else sum_windows(values, self.p.period)
    if sums is None:
        return NotImplemented
    _view(self.line.array)[start:end] = sums / self.p.period
    return None


def _apply_to_windows(self: Any, start: int, end: int) -> Any:
    values, period, apply = _read_windows(self, start, end), self.p.period, self.func
    found: FloatArray | None = None
    if values is not None and apply is math.fsum:
        found = sum_windows(values, period)
    elif values is not None and apply in (max, min):
        found = find_extremes(values, period, np.maximum if apply is max else np.minimum)
    if found is None:
        return NotImplemented
    _view(self.line.array)[start:end] = found
    return None


def _smooth(self: Any, start: int, end: int) -> Any:
    values = _read(self.data, start, end)
    if values is None or type(self.alpha) is not float or type(self.alpha1) is not float or start < 1:
        return NotImplemented
    kept, last = self.alpha1, self.line.array[start - 1]
    smoothed: list[float] = []
    add = smoothed.append
    for part in (values * self.alpha).tolist():
        last = last * kept + part
        add(last)
    _view(self.line.array)[start:end] = smoothed
    return None


def _accumulate(self: Any, start: int, end: int) -> Any:
    values = _read(self.data, start, end)
    if values is None or start < 1:
        return NotImplemented
    sums = list(itertools.accumulate(values.tolist(), initial=self.line.array[start - 1]))
    _view(self.line.array)[start:end] = sums[1:]
    return None


def _keep_last_difference(self: Any, start: int, end: int) -> Any:
    one, other = _read(self.data0, start, end), _read(self.data1, start, end)
    if one is None or other is None or start < 1:
        return NotImplemented
    difference = one - other
    last = np.maximum.accumulate(np.where(difference != 0, np.arange(end - start), -1))
    _view(self.line.array)[start:end] = np.where(last >= 0, difference[last], self.line.array[start - 1])
    return None
