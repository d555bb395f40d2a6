"""Workflows of earlier versions turned into the present one, so that they go on meaning the same."""

from itertools import product

from core.domain.workflow import Measure, Row, Section, Workflow
from core.language.catalogue.rules import PRICE_ORDERS
from core.language.syntax.definition import Condition, Definition, read_definition
from core.language.syntax.nodes import BarField, Call, ClockOperand, Compare, Function, Node, PositionOperand, walk

SIDES = ((Section.ENTRY_LONG, Section.EXIT_LONG), (Section.ENTRY_SHORT, Section.EXIT_SHORT))
BLOCKING = "exits_block_entries"
OPPOSITES = {">": ("<", "<="), "<": (">", ">="), ">=": ("<",), "<=": (">",)}


def migrate(workflow: Workflow) -> Workflow:
    """Turn a workflow of the first version into one of the second.

    There an exit row that was true kept entries of its side away even while nothing was held. Where that can make a difference, a row now
    says so; it can be deleted.
    """
    if workflow.schema_version != 1:
        return workflow
    definition, _ = read_definition(workflow)
    if not any(_may_meet(definition, entry, leaving) for entry, leaving in SIDES):
        return workflow.changed(schema_version=2)
    known = {row.id for row in workflow.rows}
    names = (BLOCKING, *(f"{BLOCKING}_{number}" for number in range(2, len(known) + 3)))
    row = Row(id=next(name for name in names if name not in known), section=Section.RISK, indicators=(BLOCKING,), operator=Measure.SWITCH)
    return workflow.changed(schema_version=2, rows=(*workflow.rows, row))


def _may_meet(definition: Definition, entry: Section, leaving: Section) -> bool:
    """True when an entry and an exit may both be true on a bar on which nothing is held."""
    exits = [group for group in definition.groups(leaving).values() if not any(_needs_trade(item.node) for item in group)]
    if not exits:
        return False
    waits = any(item.row.section is entry for item in definition.rules(*PRICE_ORDERS))
    entries = list(definition.groups(entry).values())
    if not entries:
        return waits
    return any(not _exclude(first, second) for first, second in product(entries, exits))


def _needs_trade(node: Node) -> bool:
    """True for a comparison about the open trade, which is false while nothing is held."""
    parts = list(walk(node))
    about = any(isinstance(part, PositionOperand) and not part.past for part in parts)
    return isinstance(node, Compare) and about and not any(isinstance(part, Call | BarField | ClockOperand) for part in parts[1:])


def _exclude(first: tuple[Condition, ...], second: tuple[Condition, ...]) -> bool:
    """True when some row of one group says the opposite of some row of the other, both on this very bar."""
    return any(_opposite(one.node, other.node) for one, other in product(first, second) if one.row.within == 1 and other.row.within == 1)


def _opposite(one: Node, other: Node) -> bool:
    if isinstance(one, Compare) and isinstance(other, Compare) and len(one.operators) == len(other.operators) == 1:
        return one.operands == other.operands and other.operators[0] in OPPOSITES.get(one.operators[0], ())
    if isinstance(one, Function) and isinstance(other, Function) and one.arguments == other.arguments:
        return {one.name, other.name} == {"crosses_above", "crosses_below"}
    return False
