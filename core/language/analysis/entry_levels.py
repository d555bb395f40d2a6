"""Exit prices that the entry rows put on the wrong side of the market: orders that fill at once, targets that never wait."""

from collections.abc import Iterator

from core.domain.errors import Problem, Severity
from core.domain.workflow import Measure, Section
from core.language.catalogue.rules import ENTRIES, PRICE_ORDERS
from core.language.syntax.definition import Condition, Definition, Instruction
from core.language.syntax.nodes import BarField, Call, Compare, Function, Logic, Node
from core.language.syntax.wording import describe_node

ABOVE, BELOW = 1, -1
CLOSE = BarField("close")
SIDES = {">": ABOVE, ">=": ABOVE, "<": BELOW, "<=": BELOW}
CROSSES = {"crosses_above": ABOVE, "crosses_below": BELOW}
HEIGHTS = {"lower": 0, "upper": 2}
"""Lines of bands and channels from below; every other line lies between them."""
EXIT_OF = {Section.ENTRY_LONG: Section.EXIT_LONG, Section.ENTRY_SHORT: Section.EXIT_SHORT}
AT_ONCE = ("limit_order", "stop_order")
WAITS_ON = {"limit_order": ABOVE, "take_profit": ABOVE, "stop_order": BELOW, "stop_loss": BELOW, "trailing_stop": BELOW}
"""On which side of the market an order that ends a long trade waits."""
OUTCOMES = {"take_profit": "lies on the wrong side and is left out", "stop_loss": "is passed from the start and ends the trade at once"}
OUTCOMES["trailing_stop"] = OUTCOMES["stop_loss"]


def find_entry_level_problems(definition: Definition) -> Iterator[Problem]:
    """Find exit orders and targets at a price that every close which gives the signal has already passed."""
    for section in ENTRIES:
        if any(item.row.section is section for item in definition.rules(*PRICE_ORDERS)):
            continue
        filters = [fact for item in definition.section(Section.FILTER) for fact in _find_facts(item)]
        for group in definition.groups(section).values():
            facts = [*filters, *(fact for item in group for fact in _find_facts(item))]
            for item in definition.instructions:
                if _ends(definition, item, section):
                    yield from _check(item, facts, ABOVE if section is Section.ENTRY_LONG else BELOW)


def _ends(definition: Definition, item: Instruction, section: Section) -> bool:
    """True for a price that ends the trades of that entry section and of no other."""
    if item.measure is not Measure.PRICE:
        return False
    if item.rule.name in AT_ONCE:
        return item.row.section is EXIT_OF[section]
    other = Section.ENTRY_SHORT if section is Section.ENTRY_LONG else Section.ENTRY_LONG
    alone = len(definition.rules(item.rule.name)) == 1 and not definition.section(other)
    return item.rule.name in OUTCOMES and alone and not item.reads_fill


def _check(item: Instruction, facts: list[tuple[Node, int, Condition]], side: int) -> Iterator[Problem]:
    wanted = WAITS_ON[item.rule.name] * side
    for node, place, condition in facts:
        if place == wanted and _is_beyond(node, item.values["price"], wanted):
            where = "above" if place > 0 else "below"
            then = OUTCOMES.get(item.rule.name, "is filled at once")
            message = f"row {condition.row.id} asks for a close {where} {describe_node(node)}, so this order {then}."
            other = {"limit_order": "stop_order", "stop_order": "limit_order"}.get(item.rule.name)
            remedy = f"Use `{other}`, or an exit row on the bar's high or low." if other else "Write a price on the other side."
            yield Problem(severity=Severity.WARNING, row=item.row.id, column="thresholds", message=message, remedy=remedy)
            return


def _find_facts(item: Condition) -> Iterator[tuple[Node, int, Condition]]:
    """Find what a row asks of this bar's close: the level, and on which side of it the close must lie."""
    if item.row.within > 1:
        return
    for part in item.node.operands if isinstance(item.node, Logic) and item.node.operator == "and" else (item.node,):
        if isinstance(part, Function) and part.name in CROSSES and part.arguments[0] == CLOSE:
            yield part.arguments[1], CROSSES[part.name], item
        if isinstance(part, Compare) and len(part.operators) == 1 and part.operators[0] in SIDES:
            left, right = part.operands
            if CLOSE in (left, right):
                place = SIDES[part.operators[0]]
                yield (right, place, item) if left == CLOSE else (left, -place, item)


def _is_beyond(level: Node, price: Node, side: int) -> bool:
    """True when the level is the price, or the line of the same bands that lies further out on that side."""
    if level == price:
        return True
    if not (isinstance(level, Call) and isinstance(price, Call)):
        return False
    if (level.indicator, level.sources, level.arguments) != (price.indicator, price.sources, price.arguments):
        return False
    lines = (level.line, price.line)
    return any(line in HEIGHTS for line in lines) and side * (HEIGHTS.get(level.line, 1) - HEIGHTS.get(price.line, 1)) > 0
