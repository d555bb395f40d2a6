"""A second reading of conditions, in pandas and without the compiler: on which bars a row is true. Knows a part of the language."""

from typing import Any

import numpy as np
import pandas as pd

from core.language.syntax.nodes import (
    Arithmetic,
    BarField,
    Call,
    ClockOperand,
    Compare,
    Function,
    Logic,
    Node,
    Not,
    Number,
    Past,
    children,
)

CALLS = {
    "sma": lambda source, period: source.rolling(int(period)).mean(),
    "highest": lambda source, period: source.rolling(int(period)).max(),
    "lowest": lambda source, period: source.rolling(int(period)).min(),
    "stddev": lambda source, period: source.rolling(int(period)).std(ddof=0),
    "zscore": lambda source, period: (source - source.rolling(int(period)).mean()) / source.rolling(int(period)).std(ddof=0),
    "roc": lambda source, period: 100 * (source / source.shift(int(period)) - 1),
}
CLOCK = ("weekday", "month", "day", "year", "hour")
FUNCTIONS = ("crosses_above", "crosses_below", "rising", "falling", "between", "count", "min", "max", "abs")
SIGNS = {">": "gt", "<": "lt", ">=": "ge", "<=": "le", "==": "eq", "!=": "ne"}


def knows(node: Node) -> bool:
    """True when the whole condition can be read here."""
    if isinstance(node, Call) and node.indicator not in CALLS:
        return False
    if isinstance(node, Function) and node.name not in FUNCTIONS:
        return False
    if isinstance(node, ClockOperand) and node.name not in (*CLOCK, "date"):
        return False
    known = Arithmetic | BarField | Call | ClockOperand | Compare | Function | Logic | Not | Number | Past
    return isinstance(node, known) and all(knows(child) for child in children(node))


def read(node: Node, bars: pd.DataFrame) -> Any:
    """The value of a node on every bar, as a series."""
    match node:
        case Number():
            return pd.Series(node.value, index=bars.index)
        case BarField():
            return bars[node.name]
        case Call():
            return CALLS[node.indicator](read(node.sources[0], bars), node.arguments[0])
        case Past():
            inner = read(node.node, bars)
            return inner.shift(node.bars, fill_value=False) if inner.dtype == bool else inner.shift(node.bars)
        case ClockOperand():
            days = bars.index.map(lambda moment: moment.toordinal()) if node.name == "date" else getattr(bars.index, node.name)
            return pd.Series(np.asarray(days, dtype=float), index=bars.index)
        case Arithmetic():
            left, right = read(node.left, bars), read(node.right, bars)
            operation = {"+": left.add, "-": left.sub, "*": left.mul, "/": left.div, "%": left.mod, "**": left.pow}[node.operator]
            return operation(right)
        case Compare():
            parts = [read(part, bars) for part in node.operands]
            pairs = [getattr(left, SIGNS[sign])(right) for left, sign, right in zip(parts, node.operators, parts[1:], strict=False)]
            return np.logical_and.reduce(pairs) if len(pairs) > 1 else pairs[0]
        case Logic():
            parts = [read(part, bars) for part in node.operands]
            joined = parts[0]
            for part in parts[1:]:
                joined = joined & part if node.operator == "and" else joined | part
            return joined
        case Not():
            return ~read(node.node, bars)
        case Function():
            return _function(node, bars)
    raise TypeError(type(node).__name__)


def _function(node: Function, bars: pd.DataFrame) -> Any:
    parts = [read(part, bars) for part in node.arguments]
    first = parts[0]
    match node.name:
        case "crosses_above":
            return (first.shift() <= parts[1].shift()) & (first > parts[1])
        case "crosses_below":
            return (first.shift() >= parts[1].shift()) & (first < parts[1])
        case "rising" | "falling":
            steps = first.diff() > 0 if node.name == "rising" else first.diff() < 0
            return steps.rolling(int(parts[1].iloc[0])).sum() == parts[1].iloc[0]
        case "between":
            return (first >= parts[1]) & (first <= parts[2])
        case "count":
            return first.astype(float).rolling(int(parts[1].iloc[0]), min_periods=1).sum()
        case "abs":
            return first.abs()
    frame = pd.concat(parts, axis=1)
    return frame.min(axis=1) if node.name == "min" else frame.max(axis=1)
