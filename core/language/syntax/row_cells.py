"""Cells of a row: one operand read, and a mistake told with its row and column."""

from collections.abc import Mapping

from core.domain.errors import Problem
from core.domain.workflow import Row
from core.language.syntax.cell_words import is_plain, suggest_words
from core.language.syntax.expression import parse_expression
from core.language.syntax.nodes import Node
from core.language.syntax.operand_tree import ExpressionError, clip
from core.language.syntax.reader import NO_NAMES
from core.language.syntax.slips import suggest_nearest
from core.language.syntax.timeframes import HIGHER_TIMEFRAMES, resolve_timeframe


class RowError(ValueError):
    """A row that cannot be read; carries the problem with its row and column."""

    def __init__(self, row: Row, column: str, message: str, remedy: str) -> None:
        super().__init__(message)
        self.problem = Problem(row=row.id, column=column, message=message, remedy=remedy)


def read_cell(row: Row, column: str, text: str, names: Mapping[str, Node] = NO_NAMES) -> Node:
    """One operand of a row. Raises RowError naming the row and the column."""
    try:
        return parse_expression(text, names)
    except ExpressionError as error:
        nearest = suggest_words(text) if error.unread or error.general else ""
        message = f"`{clip(text)}` is not understood." if error.unread and is_plain(text) else error.message
        raise RowError(row, column, message, nearest or error.remedy) from None


def read_timeframe(row: Row) -> str:
    """Read the longer timeframe that a row names. Raises RowError."""
    timeframe = resolve_timeframe(row.timeframe or "")
    if timeframe not in HIGHER_TIMEFRAMES:
        remedy = suggest_nearest(timeframe, HIGHER_TIMEFRAMES) or f"One of {', '.join(HIGHER_TIMEFRAMES)}."
        raise RowError(row, "timeframe", f"`{timeframe[:20]}` is not a timeframe.", remedy)
    return timeframe
