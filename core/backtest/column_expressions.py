"""Expressions of `next()` on whole columns: for each bar the value that Python gives on it, to the last bit. No Backtrader here.

Only operations that numpy does element by element as Python does with two floats are known. Whatever else an expression holds is for
Python.
"""

import ast
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.backtest.program_shape import read_self_attribute
from core.backtest.program_text import Number

Column = NDArray[Any]
Value = Column | Number | bool
_EXACT = 2.0**53
_ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: lambda one, other: one + other,
    ast.Sub: lambda one, other: one - other,
    ast.Mult: lambda one, other: one * other,
}
_COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Lt: lambda one, other: one < other,
    ast.LtE: lambda one, other: one <= other,
    ast.Gt: lambda one, other: one > other,
    ast.GtE: lambda one, other: one >= other,
    ast.Eq: lambda one, other: one == other,
    ast.NotEq: lambda one, other: one != other,
}


class NotColumnarError(Exception):
    """Python itself has to compute an expression, bar by bar."""


class ColumnReader:
    """Values of lines on the bars from `first` on."""

    def __init__(self, lines: Callable[[Sequence[str]], Column | None], numbers: Mapping[str, Number], first: int) -> None:
        """`lines` gives the column of a line by the attributes that lead to it from the strategy; None where there is no such line."""
        self._lines, self._numbers, self._first = lines, numbers, first

    def compute(self, expression: ast.expr, known: Mapping[str, Value]) -> Value:
        """Compute an expression on all bars; `known` are the values of local names. Raises NotColumnarError."""
        compute = _WAYS.get(type(expression))
        if compute is None:
            raise NotColumnarError
        return compute(self, expression, known)

    def compute_name(self, node: ast.Name, known: Mapping[str, Value]) -> Value:
        """Compute a local name."""
        if node.id not in known:
            raise NotColumnarError
        return known[node.id]

    def compute_constant(self, node: ast.Constant, known: Mapping[str, Value]) -> Value:
        """Compute a number that is written out."""
        return _require_number(node.value)

    def compute_attribute(self, node: ast.Attribute, known: Mapping[str, Value]) -> Value:
        """Compute an entry of `params`."""
        if read_self_attribute(node.value) != "p" or node.attr not in self._numbers:
            raise NotColumnarError
        return _require_number(self._numbers[node.attr])

    def compute_subscript(self, node: ast.Subscript, known: Mapping[str, Value]) -> Value:
        """Compute a reading of a line, so many bars ago."""
        path, inner = [], node.value
        while isinstance(inner, ast.Attribute):
            path.append(inner.attr)
            inner = inner.value
        ago = self.compute(node.slice, {}) if not isinstance(node.slice, ast.Slice) else None
        if not path or not isinstance(inner, ast.Name) or inner.id != "self" or type(ago) is not int or ago > 0 or self._first + ago < 0:
            raise NotColumnarError
        column = self._lines(path[::-1])
        if column is None:
            raise NotColumnarError
        return column[self._first + ago : len(column) + ago]

    def compute_unary(self, node: ast.UnaryOp, known: Mapping[str, Value]) -> Value:
        """Compute a sign, or a negation."""
        value = self.compute(node.operand, known)
        if isinstance(node.op, ast.Not):
            return ~_to_truth(value) if isinstance(value, np.ndarray) else not value
        if isinstance(node.op, ast.USub) and not _is_truth(value):
            return -value
        raise NotColumnarError

    def compute_operation(self, node: ast.BinOp, known: Mapping[str, Value]) -> Value:
        """Compute arithmetic on two numbers."""
        one, other = self.compute(node.left, known), self.compute(node.right, known)
        operation = _ARITHMETIC.get(type(node.op))
        if operation is None and isinstance(node.op, ast.Div):
            return _divide(one, other)
        if operation is None or _is_truth(one) or _is_truth(other):
            raise NotColumnarError
        if not isinstance(one, np.ndarray) and not isinstance(other, np.ndarray):
            return _require_number(operation(one, other))
        with np.errstate(all="ignore"):
            result: Column = operation(one, other)
        return result

    def compute_comparison(self, node: ast.Compare, known: Mapping[str, Value]) -> Value:
        """Compute a chain of comparisons."""
        values = [self.compute(one, known) for one in (node.left, *node.comparators)]
        if any(_is_truth(value) for value in values):
            raise NotColumnarError
        found: Any = True
        for sign, one, other in zip(node.ops, values, values[1:], strict=False):
            compare = _COMPARISONS.get(type(sign))
            if compare is None:
                raise NotColumnarError
            found = found & compare(one, other)
        truth: Value = found
        return truth

    def compute_logic(self, node: ast.BoolOp, known: Mapping[str, Value]) -> Value:
        """Compute a chain of truths."""
        values = [self.compute(one, known) for one in node.values]
        if not all(_is_truth(value) for value in values):
            raise NotColumnarError
        found: Any = values[0]
        for value in values[1:]:
            found = found & value if isinstance(node.op, ast.And) else found | value
        truth: Value = found
        return truth


_WAYS: dict[type[ast.expr], Callable[[ColumnReader, Any, Mapping[str, Value]], Value]] = {
    ast.Name: ColumnReader.compute_name,
    ast.Constant: ColumnReader.compute_constant,
    ast.Attribute: ColumnReader.compute_attribute,
    ast.Subscript: ColumnReader.compute_subscript,
    ast.UnaryOp: ColumnReader.compute_unary,
    ast.BinOp: ColumnReader.compute_operation,
    ast.Compare: ColumnReader.compute_comparison,
    ast.BoolOp: ColumnReader.compute_logic,
}


def _divide(one: Value, other: Value) -> Value:
    """Divide; by zero Python raises, so that is for Python."""
    if _is_truth(one) or _is_truth(other) or not np.all(other):
        raise NotColumnarError
    if not isinstance(one, np.ndarray) and not isinstance(other, np.ndarray):
        return _require_number(one / other)
    with np.errstate(all="ignore"):
        result: Value = one / other
    return result


def _require_number(value: Any) -> Value:
    """Require a number that is the same as a float, or a truth. Raises NotColumnarError."""
    if type(value) in (bool, float) or (type(value) is int and abs(value) <= _EXACT):
        return value  # type: ignore[no-any-return]
    raise NotColumnarError


def _is_truth(value: Value) -> bool:
    return isinstance(value, bool) or (isinstance(value, np.ndarray) and value.dtype == np.bool_)


def _to_truth(value: Column) -> NDArray[np.bool_]:
    return value if value.dtype == np.bool_ else value != 0
