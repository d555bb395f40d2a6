"""The way of one bar through `next()`, as far as it is known before anything runs: which statements act, and on what they depend.

Known are the signals, truths of a bar that follow from columns alone, and whether a position is held. What a statement does then follows
from what is remembered, or from more of the bar as well. No Backtrader here.
"""

import ast
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from core.backtest.program_shape import OWN_ACTIONS, list_attributes, read_self_attribute

_SAFE_CALLS = frozenset({"bool", "len", "abs", "max", "min"})
_SIGNS: dict[type[ast.cmpop], Callable[[int], bool]] = {
    ast.Gt: lambda side: side > 0,
    ast.Lt: lambda side: side < 0,
    ast.Eq: lambda side: side == 0,
    ast.NotEq: lambda side: side != 0,
    ast.GtE: lambda side: side >= 0,
    ast.LtE: lambda side: side <= 0,
}


class Rest(IntEnum):
    """Needs of a bar while nothing happens to orders."""

    NOTHING = 0
    """`next()` would do nothing, whatever is remembered."""
    ONCE = 1
    """It does what follows from what is remembered: when it changed none of that, it changes nothing on a later bar of the same way."""
    EACH = 2
    """It depends on more of the bar."""


class _Known(IntEnum):
    FALSE = 0
    TRUE = 1
    REMEMBERED = 2
    """It follows from what is remembered."""
    CHANGING = 3
    """It may be another one on each bar."""


@dataclass(frozen=True, slots=True)
class Way:
    """The way of a bar."""

    marks: tuple[object, ...]
    """Marks that were met on it: two bars with the same marks do the same with the same memory."""
    rest: Rest


@dataclass(slots=True)
class _Walk:
    side: int
    signals: Mapping[str, bool]
    changing: frozenset[str]
    locals: dict[str, _Known] = field(default_factory=dict)
    marks: list[object] = field(default_factory=list)
    rest: Rest = Rest.NOTHING

    def take(self, found: _Known, *, acts: bool) -> None:
        """Note something that is evaluated, or that `acts`."""
        self.rest = max(self.rest, Rest.EACH if acts and found is _Known.CHANGING else Rest.ONCE)


def find_way(
    statements: Sequence[ast.stmt], side: int, signals: Mapping[str, bool], changing: frozenset[str], others: Iterable[str] = ()
) -> Way:
    """Find the way through statements with these signals, while a long (1), a short (-1) or no position (0) is held.

    `changing` are the attributes of the strategy that are not memory alone, `others` the local names that are not.
    """
    walk = _Walk(side, signals, changing, dict.fromkeys(others, _Known.CHANGING))
    _walk(statements, walk)
    return Way(tuple(walk.marks), walk.rest)


def _walk(statements: Sequence[ast.stmt], walk: _Walk) -> bool:
    """Go through statements; True when they certainly leave `next()`."""
    for one in statements:
        if isinstance(one, ast.Return) and one.value is None:
            return True
        if isinstance(one, ast.If):
            if _walk_choice(one, walk):
                return True
        elif isinstance(one, ast.Assign) and len(one.targets) == 1 and isinstance(one.targets[0], ast.Name):
            found = _judge(one.value, walk)
            if found > _Known.TRUE:
                _mark_signals(one.value, walk)
                walk.take(found, acts=_can_fail(one.value))
            walk.locals[one.targets[0].id] = found
        elif not isinstance(one, ast.Pass) and not (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant)):
            _act(one, walk)
    return False


def _walk_choice(one: ast.If, walk: _Walk) -> bool:
    found = _judge(one.test, walk)
    if found <= _Known.TRUE:
        walk.marks.append((id(one), int(found)))
        return _walk(one.body if found else one.orelse, walk)
    walk.marks.append(id(one))
    _mark_signals(one.test, walk)
    walk.take(found, acts=True)
    before = dict(walk.locals)
    left = [_walk(part, walk) for part in (one.body, one.orelse)]
    for name in walk.locals:
        if walk.locals[name] is not before.get(name):
            walk.locals[name] = _Known.CHANGING
    return all(left)


def _act(one: ast.stmt, walk: _Walk) -> None:
    walk.marks.append(id(one))
    _mark_signals(one, walk)
    for inner in ast.walk(one):
        if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
            walk.locals[inner.id] = _Known.CHANGING
    walk.take(_depend(one, walk), acts=True)


def _mark_signals(node: ast.AST, walk: _Walk) -> None:
    walk.marks += [(one.id, walk.signals[one.id]) for one in ast.walk(node) if isinstance(one, ast.Name) and one.id in walk.signals]


def _judge(expression: ast.expr, walk: _Walk) -> _Known:
    """Judge whether an expression is true."""
    if isinstance(expression, ast.Name):
        if expression.id in walk.signals:
            return _Known(walk.signals[expression.id])
        return walk.locals.get(expression.id, _Known.CHANGING)
    if isinstance(expression, ast.Constant):
        return _Known(bool(expression.value))
    if isinstance(expression, ast.UnaryOp) and isinstance(expression.op, ast.Not):
        found = _judge(expression.operand, walk)
        return found if found > _Known.TRUE else _Known(not found)
    if isinstance(expression, ast.BoolOp):
        return _judge_logic(expression, walk)
    if (sign := _judge_side(expression, walk.side)) is not None:
        return _Known(sign)
    return _depend(expression, walk)


def _judge_logic(expression: ast.BoolOp, walk: _Walk) -> _Known:
    """Judge a chain from left to right, as far as Python certainly goes; what is met on the way is evaluated, and may fail."""
    deciding = _Known(isinstance(expression.op, ast.Or))
    whole = _Known(not deciding)
    for part in expression.values:
        found = _judge(part, walk)
        if found is deciding:
            return found
        if found > _Known.TRUE:
            _mark_signals(part, walk)
            walk.take(found, acts=_can_fail(part))
            whole = max(whole, found)
    return whole


def _judge_side(expression: ast.expr, side: int) -> bool | None:
    if (
        isinstance(expression, ast.Call)
        and isinstance(expression.func, ast.Name)
        and expression.func.id == "bool"
        and len(expression.args) == 1
    ):
        return _judge_side(expression.args[0], side)
    if read_self_attribute(expression) == "position":
        return side != 0
    if not isinstance(expression, ast.Compare) or len(expression.ops) != 1 or type(expression.ops[0]) not in _SIGNS:
        return None
    one, other = expression.left, expression.comparators[0]
    reads = isinstance(one, ast.Attribute) and one.attr == "size" and read_self_attribute(one.value) == "position"
    return _SIGNS[type(expression.ops[0])](side) if reads and isinstance(other, ast.Constant) and other.value == 0 else None


def _depend(node: ast.AST, walk: _Walk) -> _Known:
    """Judge what more than signals and side an expression or statement depends on."""
    if set(list_attributes(node)) & walk.changing:
        return _Known.CHANGING
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name) and walk.locals.get(inner.id) is _Known.CHANGING and isinstance(inner.ctx, ast.Load):
            return _Known.CHANGING
    return _Known.REMEMBERED


def _can_fail(node: ast.AST) -> bool:
    """Check whether an expression may raise on one bar and not on another."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.BinOp) and not isinstance(inner.op, ast.Add | ast.Sub | ast.Mult):
            return True
        if isinstance(inner, ast.Call) and not (isinstance(inner.func, ast.Name) and inner.func.id in _SAFE_CALLS):
            return True
        if isinstance(inner, ast.Subscript) and not isinstance(inner.slice, ast.Constant | ast.UnaryOp):
            return True
    return False


__all__ = ["OWN_ACTIONS", "Rest", "Way", "find_way"]
