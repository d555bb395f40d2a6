"""Workflows that can never make their first trade: entries that ask for what only an earlier trade could bring."""

import math
from collections.abc import Iterator

from core.domain.errors import Problem
from core.domain.workflow import Section
from core.language.catalogue.rules import ENTRIES, PRICE_ORDERS
from core.language.syntax.definition import Condition, Definition
from core.language.syntax.nodes import (
    BEFORE_FIRST_TRADE,
    Compare,
    Function,
    HigherTimeframe,
    Logic,
    Node,
    Not,
    Number,
    OtherInstrument,
    Past,
    PositionOperand,
)


def find_first_trade_problems(definition: Definition) -> Iterator[Problem]:
    """Find the rows that keep every entry away as long as nothing has been traded."""
    filters = list(definition.groups(Section.FILTER).values())
    blocked = [_find_never(group) for group in filters]
    if filters and all(blocked):
        yield _describe(next(item for item in blocked if item))
        return
    sections = [section for section in ENTRIES if definition.section(section)]
    never = [[_find_never(group) for group in definition.groups(section).values()] for section in sections]
    waits = any(item.row.section in ENTRIES for item in definition.rules(*PRICE_ORDERS))
    alone = waits and len(sections) < len({item.row.section for item in definition.instructions if item.row.section in ENTRIES})
    if never and not alone and all(item for groups in never for item in groups):
        yield _describe(next(item for groups in never for item in groups if item))


def _find_never(group: tuple[Condition, ...]) -> Condition | None:
    return next((item for item in group if _judge(item.node) is False), None)


def _describe(item: Condition) -> Problem:
    message = "before the first trade this is never true, so there is no first trade."
    return Problem(row=item.row.id, column="indicators", message=message, remedy="Let it be true while nothing has been traded yet.")


def _judge(node: Node) -> bool | None:
    """True or false for a condition that is so before the first trade; None when that depends on the bars."""
    if isinstance(node, Not):
        inner = _judge(node.node)
        return None if inner is None else not inner
    if isinstance(node, Logic):
        parts = [_judge(part) for part in node.operands]
        decisive = node.operator == "or"
        if decisive in parts:
            return decisive
        return None if None in parts else not decisive
    if isinstance(node, Past | HigherTimeframe | OtherInstrument):
        return _judge(node.node)
    if isinstance(node, Compare):
        values = [_value(part) for part in node.operands]
        pairs = zip(values, node.operators, values[1:], strict=False)
        found = [_compare(left, sign, right) for left, sign, right in pairs]
        return False if False in found else None if None in found else True
    if isinstance(node, Function) and node.name == "between":
        values = [_value(part) for part in node.arguments]
        found = [_compare(values[0], ">=", values[1]), _compare(values[0], "<=", values[2])]
        return False if False in found else None if None in found else True
    return None


def _value(node: Node) -> float | None:
    if isinstance(node, Number):
        return node.value
    if isinstance(node, Past):
        return _value(node.node)
    if isinstance(node, PositionOperand):
        return BEFORE_FIRST_TRADE.get(node.name) if node.past else math.nan
    return None


def _compare(left: float | None, sign: str, right: float | None) -> bool | None:
    if left is None or right is None:
        return None
    known = {">": left > right, "<": left < right, ">=": left >= right, "<=": left <= right, "==": left == right, "!=": left != right}
    return known[sign]
