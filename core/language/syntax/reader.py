"""Common ground of the parser: the text, its names, and how a mistake is told."""

import ast
from abc import ABC, abstractmethod
from collections.abc import Mapping
from types import MappingProxyType

from core.language.catalogue import CATALOGUE, Unit
from core.language.syntax.nodes import Call, ClockOperand, Compare, HigherTimeframe, Node, Number, OtherInstrument, Past, is_condition
from core.language.syntax.operand_tree import ExpressionError, clip
from core.language.syntax.synonyms import DAYS

MAX_BARS_AGO = 5_000
NO_NAMES: Mapping[str, Node] = MappingProxyType({})
"""No names of the workflow's own."""


class OperandReader(ABC):
    """Reads one text; its parts hand it around, because an operand holds operands."""

    def __init__(self, source: str, names: Mapping[str, Node], *, crossing: bool = False) -> None:
        self.source = source
        self.names = names
        self.crossing = crossing

    @abstractmethod
    def read(self, tree: ast.expr, depth: int) -> Node:
        """The meaning of a piece of the tree."""

    @abstractmethod
    def read_default(self, text: str) -> Node:
        """The meaning of an operand that the catalogue gives, such as the series of an indicator that was told none."""

    def fail(self, message: str, remedy: str, tree: ast.AST) -> ExpressionError:
        """Make the error for a piece of the tree; the caller raises it."""
        return ExpressionError(message, remedy, getattr(tree, "col_offset", 0))

    def text(self, tree: ast.AST) -> str:
        """Quote a piece of the tree as it was typed."""
        return clip(ast.get_source_segment(self.source, tree) or "this")

    def value(self, tree: ast.expr, depth: int) -> Node:
        """A node that is a number."""
        node = self.read(tree, depth)
        if is_condition(node):
            raise self.fail(
                f"`{self.text(tree)}` is true or false, a number is needed here.", "Compare it on its own, or use `count(...)`.", tree
            )
        return node

    def condition(self, tree: ast.expr, depth: int) -> Node:
        """A node that is true or false."""
        node = read_day(tree.id if isinstance(tree, ast.Name) else "") or to_condition(self.read(tree, depth))
        if node is None:
            raise self.fail(
                f"`{self.text(tree)}` is a number, a condition is needed here.", "Compare it with something, for example `> 0`.", tree
            )
        return node


def to_condition(node: Node) -> Node | None:
    """The node as a condition: itself, or `> 0` for a reading that is 0 or 1 by definition; None for other numbers."""
    if is_condition(node):
        return node
    return Compare((">",), (node, Number(0.0, -1))) if _flag(node) else None


def read_day(text: str) -> Node | None:
    """Read a weekday that stands where a condition is needed, as in `friday and close > open`; None for any other text."""
    name = text.strip().lower()
    return Compare(("==",), (ClockOperand("weekday"), Number(float(DAYS.index(name)), -1))) if name in DAYS else None


def _flag(node: Node) -> bool:
    if isinstance(node, Past | HigherTimeframe | OtherInstrument):
        return _flag(node.node)
    if not isinstance(node, Call):
        return False
    line = CATALOGUE[node.indicator].line(node.line)
    return line is not None and line.unit is Unit.FLAG
