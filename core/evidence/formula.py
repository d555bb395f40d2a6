"""An objective of the user's own: arithmetic over the names of figures, read with `ast` and never evaluated as code."""

import ast
import operator
from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from typing import Any

import numpy as np

from core.domain.bars import FloatArray
from core.domain.errors import InputError
from core.domain.metrics import Metrics
from core.domain.python_syntax import parse_expression_tree
from core.domain.run import FORMULA_EXAMPLE

FIGURE_NAMES = tuple(name for name in Metrics.model_fields if name not in ("paid_in", "profit", "money_weighted"))
"""Names that a formula may use; not those of an account that is paid into, which others do not have."""
_EXAMPLE = f"For example: {FORMULA_EXAMPLE}"
MAXIMUM_LENGTH = 300
"""Characters; a formula that needs more is not an objective."""

_BINARY_OPERATORS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
_SAMPLES = tuple(
    Metrics(
        total_return=gain,
        cagr=gain / 5,
        volatility=deviation,
        sharpe=gain / (5 * deviation),
        sortino=gain / (4 * deviation),
        calmar=gain / (5 * depth),
        max_drawdown=-depth,
        max_drawdown_days=1_000 * depth,
        exposure=exposure,
        trades=trades,
        win_rate=0.3 + exposure / 2,
        profit_factor=1 + gain,
        expectancy=100_000 * gain / trades,
        turnover=trades / 3,
        costs=40.0 * trades,
        final_value=100_000 * (1 + gain),
        bars=bars,
        periods=bars,
        years=bars / 252,
        skew=gain - 0.2,
        kurtosis=3 + 10 * depth,
    )
    for gain, deviation, depth, exposure, trades, bars in (
        (0.8, 0.15, 0.12, 0.55, 60, 1_300),
        (-0.3, 0.25, 0.45, 0.9, 15, 800),
        (0.05, 0.02, 0.01, 0.03, 6, 2_600),
        (3.0, 0.4, 0.7, 0.99, 1_500, 700),
    )
)
"""Figures of made-up runs, a good one, a bad one, a cautious one and a wild one: what a formula is tried on before a run is spent on it."""
_REDUCTIONS = {"min": np.minimum, "max": np.maximum}
_FUNCTIONS: dict[str, Callable[..., float]] = {"min": min, "max": max, "abs": abs}


def check_formula(text: str) -> None:
    """Refuse a formula that is not arithmetic over figures, or can rank nothing. Raises InputError that names what is wrong.

    It is tried on figures of runs that differ from each other: one that gives a finite real number for none of them, or the
    same number for all, cannot be an objective.

    >>> check_formula("sharpe - 2 * max_drawdown")
    >>> check_formula("sharp * 2")
    Traceback (most recent call last):
    core.domain.errors.InputError: The objective's formula has no figure 'sharp'. Did you mean sharpe?
    """
    tree = _tree(text)
    if not any(isinstance(node, ast.Name) and node.id in FIGURE_NAMES for node in ast.walk(tree)):
        raise InputError("The objective's formula names no figure, so every strategy would be as good.", hint=_EXAMPLE)
    values = {evaluate_formula(text, metrics) for metrics in _SAMPLES} - {None}
    if not values:
        raise InputError("The objective's formula gives no finite real number for any usual figures.", hint=_EXAMPLE)
    if len(values) == 1:
        raise InputError(f"The objective's formula gives {values.pop():g} whatever a strategy does.", hint=_EXAMPLE)


def evaluate_formula(text: str, metrics: Metrics) -> float | None:
    """Evaluate the formula for these figures; None where a figure is not defined, or the result is no finite number.

    >>> evaluate_formula("total_return - 2 * abs(max_drawdown)", Metrics(total_return=0.5, max_drawdown=-0.1))
    0.3
    >>> evaluate_formula("sharpe / 2", Metrics(total_return=0.5)) is None
    True
    """
    try:
        value = _value(_tree(text), metrics)
    except (ZeroDivisionError, OverflowError, TypeError, ValueError):
        return None
    return value if isinstance(value, int | float) and isfinite(value) else None


def find_undefined_figures(text: str, metrics: Metrics) -> tuple[str, ...]:
    """Find names in the formula whose figure is not defined here, each once, as they are written."""
    named = [node.id for node in ast.walk(_tree(text)) if isinstance(node, ast.Name) and node.id in FIGURE_NAMES]
    return tuple(dict.fromkeys(name for name in named if getattr(metrics, name) is None))


def find_formula_figures(text: str) -> frozenset[str]:
    """Find the names of the figures in the formula. Raises InputError."""
    return frozenset(node.id for node in ast.walk(_tree(text)) if isinstance(node, ast.Name) and node.id in FIGURE_NAMES)


def evaluate_formula_on(text: str, counted: Mapping[str, FloatArray], fixed: Sequence[Metrics]) -> FloatArray:
    """Evaluate the formula for many draws of several candidates; where it is not defined, the value is that of the worst.

    `counted` has the figures that differ from draw to draw, shape (draws, candidates); the others are taken from `fixed`, one a candidate.
    """
    names = find_formula_figures(text)
    figures = {name: np.array([getattr(metrics, name) or 0.0 for metrics in fixed], dtype=np.float64) for name in names - counted.keys()}
    shape = next(iter(counted.values())).shape
    with np.errstate(all="ignore"):
        values = np.broadcast_to(_array_value(_tree(text), {**counted, **figures}), shape)
    known = np.isfinite(values)
    return np.where(known, values, values[known].min() if known.any() else 0.0)


def _array_value(node: ast.expr, figures: Mapping[str, FloatArray]) -> FloatArray:
    match node:
        case ast.BinOp(left, kind, right):
            operands: Any = (_array_value(left, figures), _array_value(right, figures))
            value: FloatArray = _BINARY_OPERATORS[type(kind)](*operands)  # type: ignore[assignment]
            return value
        case ast.UnaryOp(ast.USub(), operand):
            return -_array_value(operand, figures)
        case ast.UnaryOp(_, operand):
            return _array_value(operand, figures)
        case ast.Call(ast.Name(name), arguments, _):
            values = np.stack(np.broadcast_arrays(*(_array_value(argument, figures) for argument in arguments)))
            found: FloatArray = np.abs(values[0]) if name == "abs" else _REDUCTIONS[name].reduce(values)
            return found
        case ast.Constant(int() | float() as number):
            return np.array(number, dtype=np.float64)
        case ast.Name(name):
            return figures[name]
    raise TypeError(type(node).__name__)


def _tree(text: str) -> ast.expr:
    if not text.strip() or len(text) > MAXIMUM_LENGTH:
        raise InputError("The objective's formula is empty or too long.", hint=_EXAMPLE)
    try:
        body = parse_expression_tree(text.strip())
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise InputError("The objective's formula cannot be read.", hint=_EXAMPLE) from error
    _check(body)
    return body


def _check(node: ast.expr) -> None:
    match node:
        case ast.BinOp(left, kind, right) if type(kind) in _BINARY_OPERATORS:
            _check(left)
            _check(right)
        case ast.UnaryOp(ast.USub() | ast.UAdd(), operand):
            _check(operand)
        case ast.Call(ast.Name(name), arguments, []) if name in _FUNCTIONS and arguments and (name != "abs" or len(arguments) == 1):
            for argument in arguments:
                _check(argument)
        case ast.Constant(value) if isinstance(value, int | float) and not isinstance(value, bool):
            return
        case ast.Name(name) if name in FIGURE_NAMES:
            return
        case ast.Name(name):
            from difflib import get_close_matches

            near = get_close_matches(name, FIGURE_NAMES, 1)
            hint = f"Did you mean {near[0]}?" if near else f"There are {', '.join(FIGURE_NAMES)}."
            raise InputError(f"The objective's formula has no figure {name!r}.", hint=hint)
        case _:
            raise InputError(
                f"The objective's formula cannot use {ast.unparse(node)!r}.",
                hint="Use figures, numbers, + - * / **, min, max and abs.",
            )


def _value(node: ast.expr, metrics: Metrics) -> float:
    match node:
        case ast.BinOp(left, kind, right):
            return _BINARY_OPERATORS[type(kind)](_value(left, metrics), _value(right, metrics))
        case ast.UnaryOp(ast.USub(), operand):
            return -_value(operand, metrics)
        case ast.UnaryOp(_, operand):
            return _value(operand, metrics)
        case ast.Call(ast.Name(name), arguments, _):
            return _FUNCTIONS[name](*(_value(argument, metrics) for argument in arguments))
        case ast.Constant(value):
            return float(value)  # type: ignore[arg-type]
        case ast.Name(name):
            value = getattr(metrics, name)
            if value is None:
                raise ValueError(name)
            return float(value)
    raise TypeError(type(node).__name__)
