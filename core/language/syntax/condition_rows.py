"""Rows of entry, exit and filter sections: operands, operator and thresholds as one condition."""

from collections.abc import Mapping
from itertools import pairwise

from core.domain.workflow import Join, Operator, Row
from core.language.syntax.cell_words import is_extreme, is_price, spell_length, spell_operand, spell_threshold
from core.language.syntax.nodes import Compare, Function, HigherTimeframe, Logic, Node, Not, Number, is_condition
from core.language.syntax.plain_words import name_time, split_range
from core.language.syntax.reader import NO_NAMES, read_day, to_condition
from core.language.syntax.row_cells import RowError, read_cell, read_timeframe

COMPARISON_SIGNS = {Operator.ABOVE: ">", Operator.BELOW: "<", Operator.AT_LEAST: ">=", Operator.AT_MOST: "<=", Operator.EQUALS: "=="}
CROSS_FUNCTIONS = {Operator.CROSSES_ABOVE: "crosses_above", Operator.CROSSES_BELOW: "crosses_below"}
RANGE_FUNCTIONS = {Operator.BETWEEN: "between", Operator.OUTSIDE: "outside"}
TREND_FUNCTIONS = {Operator.RISING: "rising", Operator.FALLING: "falling"}


def read_condition(row: Row, names: Mapping[str, Node] = NO_NAMES) -> Node:
    """The condition that a row of an entry, exit or filter section states on one bar. Raises RowError."""
    if not row.indicators:
        raise RowError(row, "indicators", "the row has no indicator.", "Choose one, or type an expression such as `close`.")
    first, second = list_cells(row, names)
    operands = tuple(read_cell(row, "indicators", text, names) for text in first)
    thresholds = tuple(read_cell(row, "thresholds", text, names) for text in second)
    node = _combined(row, operands, thresholds)
    return node if row.timeframe is None else HigherTimeframe(read_timeframe(row), node)


def list_cells(row: Row, names: Mapping[str, Node] = NO_NAMES) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """List the cells of a condition row as they are meant: plain words as the language spells them, `time` beside times as that of the bar.

    What cannot be read stays as it was typed.
    """
    given = split_range(row.thresholds) if row.operator in RANGE_FUNCTIONS else row.thresholds
    typed = tuple(name_time(text, given) for text in row.indicators)
    first = tuple(spell_operand(text, names, condition=row.operator is Operator.IS_TRUE) for text in typed)
    if row.operator in TREND_FUNCTIONS:
        return first, tuple(spell_length(text) for text in given)
    compared = row.operator in COMPARISON_SIGNS or row.operator in CROSS_FUNCTIONS
    subject = first[0] if len({*first}) == 1 else ""
    thresholds = tuple(spell_threshold(text, names, subject, compared=compared) for text in given)
    if compared and is_price(thresholds or first[1:]):
        first = tuple(f"{text}[1]" if is_extreme(words) else text for text, words in zip(first, typed, strict=True))
    return first, thresholds


def _combined(row: Row, operands: tuple[Node, ...], thresholds: tuple[Node, ...]) -> Node:
    operator = row.operator
    if operator is Operator.IS_TRUE:
        if thresholds:
            raise RowError(row, "thresholds", "`is true` takes no threshold.", "Empty the cell, or choose another operator.")
        return _joined(row, tuple(_require_condition(row, node, text) for node, text in zip(operands, row.indicators, strict=True)))
    for node, text, column in _cells(row, operands, thresholds):
        if is_condition(node):
            raise RowError(row, column, f"`{text[:60]}` is true or false, not a number.", "Choose the operator `is true` for it.")
    if operator in TREND_FUNCTIONS:
        return _read_trend(row, operands, thresholds)
    if operator in RANGE_FUNCTIONS:
        return _read_range(row, operands, thresholds)
    return _compared(row, operands, thresholds)


def _cells(row: Row, operands: tuple[Node, ...], thresholds: tuple[Node, ...]) -> list[tuple[Node, str, str]]:
    first = [(node, text, "indicators") for node, text in zip(operands, row.indicators, strict=True)]
    return first + [(node, text, "thresholds") for node, text in zip(thresholds, row.thresholds, strict=False)]


def _require_condition(row: Row, node: Node, text: str) -> Node:
    condition = read_day(text) or to_condition(node)
    if condition is None:
        message = f"`{text[:60]}` is a number, `is true` needs a condition."
        raise RowError(row, "indicators", message, "Compare it, for example `rsi(14) < 30`, or choose another operator.")
    return condition


def _read_trend(row: Row, operands: tuple[Node, ...], thresholds: tuple[Node, ...]) -> Node:
    if len(thresholds) > 1:
        raise RowError(row, "thresholds", f"`{row.operator}` takes one threshold, the number of bars.", "Write for example `3`.")
    bars = thresholds[0] if thresholds else Number(1.0, -1)
    if not (isinstance(bars, Number) and bars.value == int(bars.value) and 1 <= bars.value <= 500):
        raise RowError(row, "thresholds", f"`{row.operator}` counts bars.", "Write a whole number from 1 to 500.")
    return _joined(row, tuple(Function(TREND_FUNCTIONS[Operator(row.operator)], (node, bars)) for node in operands))


def _read_range(row: Row, operands: tuple[Node, ...], thresholds: tuple[Node, ...]) -> Node:
    if len(thresholds) != 2:
        raise RowError(
            row, "thresholds", f"`{row.operator}` needs two thresholds, here are {len(thresholds)}.", "Write the lower and the upper limit."
        )
    return _joined(row, tuple(Function(RANGE_FUNCTIONS[Operator(row.operator)], (node, *thresholds)) for node in operands))


def _compared(row: Row, operands: tuple[Node, ...], thresholds: tuple[Node, ...]) -> Node:
    if not thresholds:
        if len(operands) < 2:
            raise RowError(row, "thresholds", "there is nothing to compare with.", "Give a threshold, or a second indicator.")
        return _joined(row, tuple(_pair(row, left, right) for left, right in pairwise(operands)))
    if len(thresholds) == 1:
        return _joined(row, tuple(_pair(row, node, thresholds[0]) for node in operands))
    if len(thresholds) != len(operands):
        message = f"{len(operands)} indicators and {len(thresholds)} thresholds do not pair up."
        raise RowError(row, "thresholds", message, "Give one threshold for all, or one for each indicator.")
    return _joined(row, tuple(_pair(row, left, right) for left, right in zip(operands, thresholds, strict=True)))


def _pair(row: Row, left: Node, right: Node) -> Node:
    operator = Operator(row.operator)
    if operator in CROSS_FUNCTIONS:
        return Function(CROSS_FUNCTIONS[operator], (left, right))
    return Compare((COMPARISON_SIGNS[operator],), (left, right))


def _joined(row: Row, parts: tuple[Node, ...]) -> Node:
    if row.join is Join.NONE:
        return Not(parts[0] if len(parts) == 1 else Logic("or", parts))
    if len(parts) == 1:
        return parts[0]
    return Logic("and" if row.join is Join.ALL else "or", parts)
