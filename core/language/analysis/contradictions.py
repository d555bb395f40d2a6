"""Contradictions within one AND group: bounds on the same value that leave nothing between them."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from core.domain.errors import Problem
from core.domain.workflow import Section
from core.language.catalogue.rules import ENTRIES, EXITS
from core.language.syntax.definition import Condition, Definition
from core.language.syntax.nodes import Compare, Function, HigherTimeframe, Logic, Node, Number, OtherInstrument
from core.language.syntax.wording import describe_node, format_number

MIRRORED = {">": "<", "<": ">", ">=": "<=", "<=": ">=", "==": "==", "!=": "!="}


@dataclass(slots=True)
class _Bounds:
    """Between which numbers a value must lie, and which rows say so."""

    low: float = float("-inf")
    high: float = float("inf")
    low_open: bool = False
    high_open: bool = False
    low_row: str = ""
    high_row: str = ""

    def empty(self) -> bool:
        return self.low > self.high or (self.low == self.high and (self.low_open or self.high_open))


@dataclass(slots=True)
class _Demands:
    """Bounds and orderings that a group of rows demands."""

    bounds: dict[Node, _Bounds] = field(default_factory=dict)
    above: dict[tuple[Node, Node], str] = field(default_factory=dict)
    """Pairs whose first value must be larger, to the row that says so."""

    def add(self, row: str, left: Node, sign: str, right: Node) -> None:
        if isinstance(left, Number):
            left, sign, right = right, MIRRORED[sign], left
        if isinstance(right, Number):
            self.limit(row, left, sign, right.value)
        elif sign == ">":
            self.above[left, right] = row
        elif sign == "<":
            self.above[right, left] = row

    def limit(self, row: str, node: Node, sign: str, value: float) -> None:
        bounds = self.bounds.setdefault(node, _Bounds())
        if sign in (">", ">=", "==") and (value, sign == ">") > (bounds.low, bounds.low_open):
            bounds.low, bounds.low_open, bounds.low_row = value, sign == ">", row
        if sign in ("<", "<=", "==") and (value, sign != "<") < (bounds.high, not bounds.high_open):
            bounds.high, bounds.high_open, bounds.high_row = value, sign == "<", row


def find_contradictions(definition: Definition) -> Iterator[Problem]:
    """Find each group that can never be true, one problem for each."""
    filters = list(definition.groups(Section.FILTER).values())
    always = filters[0] if len(filters) == 1 else ()
    yield from _check_group(always)
    for section in (*ENTRIES, *EXITS):
        for group in definition.groups(section).values():
            joint = (*always, *group) if section in ENTRIES else group
            yield from _check_group(joint, skip=bool(list(_check_group(always))))


def _check_group(conditions: tuple[Condition, ...], *, skip: bool = False) -> Iterator[Problem]:
    facts = _Demands()
    for condition in conditions:
        if condition.row.within == 1:
            _collect(facts, condition.row.id, condition.node, None)
    if skip:
        return
    for node, bounds in facts.bounds.items():
        if bounds.empty():
            message = (
                f"together with row {bounds.low_row} this can never be true: "
                f"{describe_node(node)} would be above {format_number(bounds.low)} and below {format_number(bounds.high)}."
            )
            yield Problem(
                row=bounds.high_row, column="thresholds", message=message, remedy="Put the rows into different groups, or change one."
            )
    for (left, right), row in facts.above.items():
        if (right, left) in facts.above and left != right and str(left) < str(right):
            other = facts.above[right, left]
            message = (
                f"together with row {row} this can never be true: {describe_node(left)} would be above and below {describe_node(right)}."
            )
            yield Problem(row=other, column="operator", message=message, remedy="Put the rows into different groups, or change one.")


def _collect(facts: _Demands, row: str, node: Node, timeframe: str | None) -> None:
    def on(part: Node) -> Node:
        return part if timeframe is None or isinstance(part, Number) else HigherTimeframe(timeframe, part)

    if isinstance(node, OtherInstrument):
        return
    if isinstance(node, HigherTimeframe):
        _collect(facts, row, node.node, node.timeframe)
    elif isinstance(node, Logic) and node.operator == "and":
        for part in node.operands:
            _collect(facts, row, part, timeframe)
    elif isinstance(node, Compare):
        for left, sign, right in zip(node.operands, node.operators, node.operands[1:], strict=False):
            facts.add(row, on(left), sign, on(right))
    elif isinstance(node, Function) and node.name in ("crosses_above", "crosses_below"):
        left, right = node.arguments
        facts.add(row, on(left), ">" if node.name == "crosses_above" else "<", on(right))
    elif isinstance(node, Function) and node.name == "between":
        middle, low, high = node.arguments
        facts.add(row, on(middle), ">=", on(low))
        facts.add(row, on(middle), "<=", on(high))
