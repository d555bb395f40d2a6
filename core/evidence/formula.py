"""An objective of the user's own: arithmetic over the names of figures, read with `ast` and never evaluated as code."""

import ast
import operator
from collections.abc import Callable
from math import isfinite

from core.domain.errors import InputError
from core.domain.metrics import Metrics
from core.domain.syntax import expression_tree

NAMES = tuple(Metrics.model_fields)
LONGEST = 300
"""Characters; a formula that needs more is not an objective."""

_TWO: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
_CALLS: dict[str, Callable[..., float]] = {"min": min, "max": max, "abs": abs}


def check_formula(text: str) -> None:
    """Refuse a formula that is not arithmetic over figures. Raises InputError that names what is wrong.

    >>> check_formula("sharpe * (1 + max_drawdown)")
    >>> check_formula("sharp * 2")
    Traceback (most recent call last):
    core.domain.errors.InputError: The objective's formula has no figure 'sharp'. Did you mean sharpe?
    """
    _tree(text)


def formula_value(text: str, metrics: Metrics) -> float | None:
    """The formula's value for these figures; None where a figure it needs is not defined, or the result is no finite number.

    >>> formula_value("total_return - 2 * abs(max_drawdown)", Metrics(total_return=0.5, max_drawdown=-0.1))
    0.3
    >>> formula_value("sharpe / 2", Metrics(total_return=0.5)) is None
    True
    """
    try:
        value = _value(_tree(text), metrics)
    except (ZeroDivisionError, OverflowError, TypeError, ValueError):
        return None
    return value if isinstance(value, int | float) and isfinite(value) else None


def undefined_figures(text: str, metrics: Metrics) -> tuple[str, ...]:
    """Names in the formula whose figure is not defined here, each once, as they are written."""
    named = [node.id for node in ast.walk(_tree(text)) if isinstance(node, ast.Name) and node.id in NAMES]
    return tuple(dict.fromkeys(name for name in named if getattr(metrics, name) is None))


def _tree(text: str) -> ast.expr:
    if not text.strip() or len(text) > LONGEST:
        raise InputError("The objective's formula is empty or too long.", hint="For example: sharpe * (1 + max_drawdown)")
    try:
        body = expression_tree(text.strip())
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise InputError("The objective's formula cannot be read.", hint="For example: sharpe * (1 + max_drawdown)") from error
    _check(body)
    return body


def _check(node: ast.expr) -> None:
    match node:
        case ast.BinOp(left, kind, right) if type(kind) in _TWO:
            _check(left)
            _check(right)
        case ast.UnaryOp(ast.USub() | ast.UAdd(), operand):
            _check(operand)
        case ast.Call(ast.Name(name), arguments, []) if name in _CALLS and arguments and (name != "abs" or len(arguments) == 1):
            for argument in arguments:
                _check(argument)
        case ast.Constant(value) if isinstance(value, int | float) and not isinstance(value, bool):
            return
        case ast.Name(name) if name in NAMES:
            return
        case ast.Name(name):
            from difflib import get_close_matches

            near = get_close_matches(name, NAMES, 1)
            hint = f"Did you mean {near[0]}?" if near else f"There are {', '.join(NAMES)}."
            raise InputError(f"The objective's formula has no figure {name!r}.", hint=hint)
        case _:
            raise InputError(
                f"The objective's formula cannot use {ast.unparse(node)!r}.",
                hint="Use figures, numbers, + - * / **, min, max and abs.",
            )


def _value(node: ast.expr, metrics: Metrics) -> float:
    match node:
        case ast.BinOp(left, kind, right):
            return _TWO[type(kind)](_value(left, metrics), _value(right, metrics))
        case ast.UnaryOp(ast.USub(), operand):
            return -_value(operand, metrics)
        case ast.UnaryOp(_, operand):
            return _value(operand, metrics)
        case ast.Call(ast.Name(name), arguments, _):
            return _CALLS[name](*(_value(argument, metrics) for argument in arguments))
        case ast.Constant(value):
            return float(value)  # type: ignore[arg-type]
        case ast.Name(name):
            value = getattr(metrics, name)
            if value is None:
                raise ValueError(name)
            return float(value)
    raise TypeError(type(node).__name__)
