"""Warnings about workflows that compile: too many free numbers, rows that say the same, exits that never come first."""

from collections.abc import Iterator

from core.domain.errors import Problem, Severity
from core.domain.workflow import Measure, Operator, Row, Section
from core.language.analysis.parameters import name_parameters
from core.language.catalogue import CATALOGUE
from core.language.catalogue.rules import EXITS
from core.language.syntax.definition import Definition, Instruction
from core.language.syntax.nodes import BarField, Call, Compare, Node, Number, PositionOperand, walk

MAX_FREE_NUMBERS = 10


def find_warnings(definition: Definition) -> Iterator[Problem]:
    """Find the warnings about a workflow that can be compiled."""
    sized = {item.row.id for item in definition.instructions if item.row.section is Section.SIZING}
    rules = [item for item in definition.instructions if item.row.id not in sized]
    unwritten = sum(
        isinstance(item.values[slot.name], Number) and item.number(slot.name).at < 0 for item in rules for slot in item.slots() if slot.free
    )
    numbers = sum(item.row not in sized for item in name_parameters(definition).parameters) - unwritten
    if numbers > MAX_FREE_NUMBERS:
        message = f"there are {numbers} free numbers: so many can fit the past by chance."
        yield _warning(None, "rows", message, f"Try to say it with at most {MAX_FREE_NUMBERS}.")
    yield from _repeated(definition)
    yield from _vague(definition)
    yield from _beyond_stop(definition)
    yield from _beyond_target(definition)
    yield from _borrowed(definition)


def _warning(row: str | None, column: str, message: str, remedy: str) -> Problem:
    return Problem(severity=Severity.WARNING, row=row, column=column, message=message, remedy=remedy)


def _repeated(definition: Definition) -> Iterator[Problem]:
    seen: dict[tuple[object, ...], str] = {}
    for item in definition.conditions:
        key = (item.row.section, item.row.group, item.node, item.row.within)
        if key in seen:
            yield _warning(item.row.id, "indicators", f"this says the same as row {seen[key]}.", "Remove one of them.")
        seen.setdefault(key, item.row.id)


def _vague(definition: Definition) -> Iterator[Problem]:
    for item in definition.conditions:
        if item.row.operator in (Operator.RISING, Operator.FALLING) and not item.row.thresholds:
            yield _warning(
                item.row.id, "thresholds", "no number of bars is given: one bar is assumed.", "Write how many bars, for example 3."
            )


def _percent(items: tuple[Instruction, ...], slot: str = "percent") -> list[tuple[float, str]]:
    return [(item.number(slot).value, item.row.id) for item in items if item.measure is Measure.PERCENT]


def _beyond_stop(definition: Definition) -> Iterator[Problem]:
    """Exit rows that wait for a loss which the stop never lets happen."""
    stops = _percent(definition.rules("stop_loss"))
    if not stops:
        return
    nearest = min(stops)
    for section in EXITS:
        for item in definition.section(section):
            for node in walk(item.node):
                if not isinstance(node, Compare) or node.operators[0] not in ("<", "<="):
                    continue
                left, right = node.operands[:2]
                waits = isinstance(left, PositionOperand) and left.name == "open_profit" and isinstance(right, Number)
                if waits and isinstance(right, Number) and right.value <= -nearest[0]:
                    message = f"this waits for a loss of {-right.value:g}%, but row {nearest[1]} stops at {nearest[0]:g}%."
                    yield _warning(item.row.id, "thresholds", message, "Use a smaller loss, or widen the stop.")


def _borrowed(definition: Definition) -> Iterator[Problem]:
    """Sizes beyond the account's equity, which the broker has to lend."""
    for item in definition.rules("position_size"):
        if item.measure is Measure.PERCENT:
            value = item.values["percent"]
            most = max((part.value for part in walk(value) if isinstance(part, Number)), default=0.0) if isinstance(value, Number) else 0.0
            if most > 100:
                message = f"{most:g}% of equity is more than the account holds: without borrowing, each entry uses 95% at most."
                yield _warning(item.row.id, "thresholds", message, "Write at most 100, or run it with leverage.")


def find_volume_problems(definition: Definition) -> Iterator[Problem]:
    """Find rows that read volume, for bars that have none."""
    read: list[tuple[Row, tuple[Node, ...]]] = [(item.row, (item.node,)) for item in definition.conditions]
    read += [(item.row, tuple(item.values.values())) for item in definition.instructions]
    for row, nodes in read:
        if any(reads_volume(node) for node in nodes):
            yield _warning(row.id, "indicators", "this row reads volume, and these bars have none.", "Disable it, or choose other bars.")


def reads_volume(node: Node) -> bool:
    """True when a value depends on volume."""
    return any(
        (isinstance(part, BarField) and part.name == "volume")
        or (isinstance(part, Call) and (CATALOGUE[part.indicator].group == "volume" or part.indicator == "vwap"))
        for part in walk(node)
    )


def _beyond_target(definition: Definition) -> Iterator[Problem]:
    """Partial exits, break-even moves and trailing starts that lie beyond the target."""
    for measure, slot in ((Measure.PERCENT, "percent"), (Measure.R, "r"), (Measure.ATR, "atr")):
        targets = [item for item in definition.rules("take_profit") if item.measure is measure]
        if not targets:
            continue
        target = min(targets, key=lambda item: item.number(slot).value)
        for item in definition.rules("partial_exit", "break_even", "trailing_stop"):
            if item.measure is not measure:
                continue
            name = "start" if item.rule.name == "trailing_stop" else slot
            if item.number(name).value >= target.number(slot).value:
                begins, taken = item.number(name).value, target.number(slot).value
                message = f"this begins at {begins:g}, but row {target.row.id} takes the profit at {taken:g}."
                yield _warning(item.row.id, "thresholds", message, "Use a smaller number, or a wider target.")
