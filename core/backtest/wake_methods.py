"""Methods of a strategy's own, as texts: which one a call means, and what its names stand for. Imports Backtrader."""

import ast
import linecache
from collections.abc import Mapping
from types import FunctionType
from typing import Any, NamedTuple

from core.backtest.strategy_module import FILENAME
from core.backtest.wake_known import Known, Names, keep_plain
from core.backtest.wake_trace import Origin, UnknownError
from core.backtest.wake_values import ValueReader

_OF_OTHER_FUNCTIONS = 0x04 | 0x08 | 0x20 | 0x80 | 0x100 | 0x200
"""Flags of a function that takes any number of arguments, or is a generator or a coroutine."""
Functions = Mapping[tuple[str, int], ast.FunctionDef | None]
"""Texts of functions by their name and first line; None where there are two."""


class OwnMethod(NamedTuple):
    """A method that is called, its text, and its arguments."""

    function: FunctionType
    text: ast.FunctionDef
    names: dict[str, Known]


def find_functions() -> Functions:
    """Find the texts of all functions of a program; none where it cannot be read."""
    try:
        tree = ast.parse("".join(linecache.getlines(FILENAME)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    found: dict[tuple[str, int], ast.FunctionDef | None] = {}
    for one in ast.walk(tree):
        if isinstance(one, ast.FunctionDef):
            key = one.name, one.decorator_list[0].lineno if one.decorator_list else one.lineno
            found[key] = None if key in found else one
    return found


def find_text(function: Any, functions: Functions) -> ast.FunctionDef | None:
    """Find the text of a method; None where it is not plainly at hand."""
    if type(function) is not FunctionType or function.__closure__ or function.__code__.co_filename != FILENAME:
        return None
    code = function.__code__
    if code.co_kwonlyargcount or code.co_posonlyargcount or not code.co_argcount or code.co_flags & _OF_OTHER_FUNCTIONS:
        return None
    return functions.get((code.co_name, code.co_firstlineno))


def find_own_method(values: ValueReader, functions: Functions, expression: ast.expr, names: Names) -> OwnMethod | None:
    """Find the method of the strategy's own that an expression calls; None for any other expression.

    Raises UnknownError where it is called with what is not known.
    """
    if not isinstance(expression, ast.Call) or not isinstance(expression.func, ast.Attribute) or not values.is_own(expression.func):
        return None
    name, kind, own = expression.func.attr, type(values.strategy), vars(values.strategy)
    function: Any = next((vars(base)[name] for base in kind.__mro__ if name in vars(base)), None)
    text = None if name in own else find_text(function, functions)
    if text is None or text.decorator_list:
        return None
    parameters, defaults = [each.arg for each in text.args.args[1:]], function.__defaults__ or ()
    asked = [*zip(parameters, expression.args, strict=False), *((each.arg or "", each.value) for each in expression.keywords)]
    if len(expression.args) > len(parameters) or len({each for each, _ in asked} & set(parameters)) < len(asked):
        raise UnknownError
    inner: dict[str, Known] = {each: values.evaluate(value, names) for each, value in asked}
    missing = zip(parameters[len(parameters) - len(defaults) :], defaults, strict=True)
    inner |= {each: keep_plain(default) for each, default in missing if each not in inner}
    if len(inner) < len(parameters):
        raise UnknownError
    values.trace.note_same(Origin(("method", name), lambda: getattr(kind, name, None)), function)
    values.trace.note(Origin(("own", name), lambda: name in own), bool, False)
    return OwnMethod(function, text, inner)


def does_nothing(one: ast.stmt) -> bool:
    """Check for `pass`, and for a text that stands by itself."""
    return isinstance(one, ast.Pass) or (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant))


def assign(values: ValueReader, one: ast.stmt, names: dict[str, Known]) -> None:
    """Give values to local names. Raises UnknownError for any other statement."""
    if isinstance(one, ast.Assign) and len(one.targets) == 1:
        target, value = one.targets[0], one.value
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
            found = [values.evaluate(each, names) for each in value.elts]
            names |= {_get_name(values, each): known for each, known in zip(target.elts, found, strict=True)}
        else:
            names[_get_name(values, target)] = values.evaluate(value, names)
    elif isinstance(one, ast.AnnAssign) and one.value is not None:
        names[_get_name(values, one.target)] = values.evaluate(one.value, names)
    elif isinstance(one, ast.AugAssign) and (name := _get_name(values, one.target)) in names:
        names[name] = values.calculate(one.op, values.evaluate(ast.Name(name), names), values.evaluate(one.value, names))
    else:
        raise UnknownError


def list_assigned(statements: list[ast.stmt]) -> set[str]:
    """List the local names that statements may give values to."""
    nodes = (node for one in statements for node in ast.walk(one))
    return {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}


def _get_name(values: ValueReader, target: ast.expr) -> str:
    """The local name that is given a value. Raises UnknownError for any other target, and for the strategy's own name."""
    if not isinstance(target, ast.Name) or target.id == values.function.__code__.co_varnames[0]:
        raise UnknownError
    return target.id
