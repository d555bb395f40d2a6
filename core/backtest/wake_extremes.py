"""Statements that keep the largest or smallest value so far in an attribute, as people write them."""

import ast
from typing import NamedTuple


class ExtremeStatement(NamedTuple):
    """A statement after which an attribute is the larger, or the smaller, one of a value and itself."""

    target: ast.Attribute
    word: str
    """`max` or `min`."""
    value: ast.expr
    first: bool
    """True when the value comes before the attribute: of two that are equal the first one stays."""


def find_extreme(one: ast.stmt) -> ExtremeStatement | None:
    """Read `self.high = max(self.high, value)` and `if value > self.high: self.high = value`; None for any other statement."""
    if isinstance(one, ast.Assign) and len(one.targets) == 1 and isinstance(target := one.targets[0], ast.Attribute):
        return _read_call(target, one.value)
    if not isinstance(one, ast.If) or one.orelse or len(one.body) != 1 or not isinstance(one.test, ast.Compare):
        return None
    inner = one.body[0]
    if not isinstance(inner, ast.Assign) or len(inner.targets) != 1 or not isinstance(target := inner.targets[0], ast.Attribute):
        return None
    return _read_comparison(target, inner.value, one.test)


def _read_call(target: ast.Attribute, value: ast.expr) -> ExtremeStatement | None:
    if not isinstance(value, ast.Call) or not isinstance(value.func, ast.Name) or value.keywords or len(value.args) != 2:
        return None
    places = [place for place, each in enumerate(value.args) if _is_same(each, target)]
    if value.func.id not in ("max", "min") or len(places) != 1:
        return None
    return ExtremeStatement(target, value.func.id, value.args[1 - places[0]], first=places[0] == 1)


def _read_comparison(target: ast.Attribute, value: ast.expr, test: ast.Compare) -> ExtremeStatement | None:
    if len(test.ops) != 1 or not isinstance(test.ops[0], ast.Gt | ast.Lt):
        return None
    left, right, greater = test.left, test.comparators[0], isinstance(test.ops[0], ast.Gt)
    if _is_same(left, value) and _is_same(right, target):
        return ExtremeStatement(target, "max" if greater else "min", value, first=False)
    if _is_same(left, target) and _is_same(right, value):
        return ExtremeStatement(target, "min" if greater else "max", value, first=False)
    return None


def _is_same(one: ast.expr, other: ast.expr) -> bool:
    """Check whether two expressions are written alike."""
    return ast.unparse(one) == ast.unparse(other)
