"""A workflow as it is meant: every active row read into nodes. Checker, explainer and compiler all start from here."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from core.domain.errors import Problem
from core.domain.workflow import Join, Measure, Operator, Row, Section, Workflow
from core.language.catalogue.rules import RULES, Rule, RuleForm, Slot, list_rules
from core.language.syntax.expression import ExpressionError, parse_expression, suggest_nearest, to_condition
from core.language.syntax.nodes import Compare, Function, HigherTimeframe, Logic, Node, Not, Number, is_condition
from core.language.syntax.timeframes import HIGHER_TIMEFRAMES, resolve_timeframe

COMPARISON_SIGNS = {Operator.ABOVE: ">", Operator.BELOW: "<", Operator.AT_LEAST: ">=", Operator.AT_MOST: "<=", Operator.EQUALS: "=="}
CROSS_FUNCTIONS = {Operator.CROSSES_ABOVE: "crosses_above", Operator.CROSSES_BELOW: "crosses_below"}
RANGE_FUNCTIONS = {Operator.BETWEEN: "between", Operator.OUTSIDE: "outside"}
TREND_FUNCTIONS = {Operator.RISING: "rising", Operator.FALLING: "falling"}


@dataclass(frozen=True, slots=True)
class Condition:
    """An active row of an entry, exit or filter section."""

    row: Row
    node: Node
    """The row's condition on one bar, before `within` is applied."""


@dataclass(frozen=True, slots=True)
class Instruction:
    """An active row that is a rule: size, risk, or a price order."""

    row: Row
    rule: Rule
    measure: Measure
    values: dict[str, Node]
    """Slot name to number or price expression; optional slots filled in."""

    def slots(self) -> tuple[Slot, ...]:
        """The thresholds that the rule takes in this measure."""
        return self.rule.forms[self.measure].slots

    def number(self, slot: str) -> Number:
        """The slot's value as a number; raises TypeError when it is a price expression."""
        node = self.values[slot]
        if not isinstance(node, Number):
            raise TypeError(f"{slot} of {self.rule.name} is an expression")
        return node


@dataclass(frozen=True, slots=True)
class Definition:
    """All active rows of a workflow, read."""

    workflow: Workflow
    conditions: tuple[Condition, ...]
    instructions: tuple[Instruction, ...]

    def nodes(self) -> Iterator[Node]:
        """Every condition and every value of a rule."""
        yield from (condition.node for condition in self.conditions)
        for item in self.instructions:
            yield from item.values.values()

    def section(self, section: Section) -> tuple[Condition, ...]:
        """Conditions of one section, in the table's order."""
        return tuple(condition for condition in self.conditions if condition.row.section is section)

    def groups(self, section: Section) -> dict[str, tuple[Condition, ...]]:
        """Conditions of one section by group letter, groups in the table's order."""
        found: dict[str, tuple[Condition, ...]] = {}
        for condition in self.section(section):
            found[condition.row.group] = (*found.get(condition.row.group, ()), condition)
        return found

    def rule(self, name: str, section: Section | None = None) -> Instruction | None:
        """The first active rule of that name, of one section when given."""
        return next((item for item in self.instructions if item.rule.name == name and section in (None, item.row.section)), None)

    def rules(self, *names: str) -> tuple[Instruction, ...]:
        """Active rules of these names, in the table's order."""
        return tuple(item for item in self.instructions if item.rule.name in names)


def read_definition(workflow: Workflow) -> tuple[Definition, tuple[Problem, ...]]:
    """Every active row read, and what could not be read; rows with problems are left out of the definition."""
    conditions: list[Condition] = []
    instructions: list[Instruction] = []
    problems: list[Problem] = []
    for row in workflow.rows:
        if not row.enabled:
            continue
        try:
            if is_rule_row(row):
                instructions.append(_instruction(row))
            else:
                conditions.append(Condition(row, read_condition(row)))
        except RowError as error:
            problems.append(error.problem)
    return Definition(workflow, tuple(conditions), tuple(instructions)), tuple(problems)


class RowError(ValueError):
    """A row that cannot be read; carries the problem with its row and column."""

    def __init__(self, row: Row, column: str, message: str, remedy: str) -> None:
        super().__init__(message)
        self.problem = Problem(row=row.id, column=column, message=message, remedy=remedy)


def is_rule_row(row: Row) -> bool:
    """True for sizing and risk rows, and for price orders among the entries and exits."""
    return row.section in (Section.SIZING, Section.RISK) or isinstance(row.operator, Measure)


def read_cell(row: Row, column: str, text: str) -> Node:
    """One operand of a row. Raises RowError naming the row and the column."""
    try:
        return parse_expression(text)
    except ExpressionError as error:
        raise RowError(row, column, error.message, error.remedy) from None


def read_condition(row: Row) -> Node:
    """The condition that a row of an entry, exit or filter section states on one bar. Raises RowError."""
    if not row.indicators:
        raise RowError(row, "indicators", "the row has no indicator.", "Choose one, or type an expression such as `close`.")
    operands = tuple(read_cell(row, "indicators", text) for text in row.indicators)
    thresholds = tuple(read_cell(row, "thresholds", text) for text in row.thresholds)
    node = _combined(row, operands, thresholds)
    if row.timeframe is None:
        return node
    timeframe = resolve_timeframe(row.timeframe)
    if timeframe not in HIGHER_TIMEFRAMES:
        remedy = suggest_nearest(row.timeframe, HIGHER_TIMEFRAMES) or f"One of {', '.join(HIGHER_TIMEFRAMES)}."
        raise RowError(row, "timeframe", f"`{row.timeframe[:20]}` is not a timeframe.", remedy)
    return HigherTimeframe(timeframe, node)


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
    return first + [(node, text, "thresholds") for node, text in zip(thresholds, row.thresholds, strict=True)]


def _require_condition(row: Row, node: Node, text: str) -> Node:
    condition = to_condition(node)
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


def _instruction(row: Row) -> Instruction:
    rule = _rule_of(row)
    if not isinstance(row.operator, Measure) or row.operator not in rule.forms:
        known = ", ".join(f"`{measure}`" for measure in rule.forms)
        raise RowError(row, "operator", f"`{rule.name}` cannot be measured in `{row.operator}`.", f"Choose {known}.")
    form = rule.forms[row.operator]
    return Instruction(row, rule, row.operator, _slots(row, rule, form))


def _rule_of(row: Row) -> Rule:
    known = [rule.name for rule in list_rules(row.section)]
    if len(row.indicators) != 1:
        raise RowError(row, "indicators", "a rule row names exactly one rule.", f"One of {', '.join(known)}.")
    name = row.indicators[0].strip()
    if name not in known:
        remedy = suggest_nearest(name, known) or f"One of {', '.join(known)}."
        raise RowError(row, "indicators", f"`{name[:60]}` is not a rule of the {row.section.value} section.", remedy)
    return RULES[name]


def _slots(row: Row, rule: Rule, form: RuleForm) -> dict[str, Node]:
    needed = sum(not slot.optional for slot in form.slots)
    if not needed <= len(row.thresholds) <= len(form.slots):
        labels = ", ".join(slot.label + (" (optional)" if slot.optional else "") for slot in form.slots)
        raise RowError(
            row,
            "thresholds",
            f"`{rule.name}` needs {needed} threshold{'s' * (needed != 1)}, here are {len(row.thresholds)}.",
            f"Write: {labels}.",
        )
    values: dict[str, Node] = {}
    for index, slot in enumerate(form.slots):
        given = index < len(row.thresholds)
        node = read_slot(row, slot.sort, row.thresholds[index] if given else slot.default)
        if not given and isinstance(node, Number):
            node = replace(node, at=-1)
        if slot.sort == "number":
            _check_number(row, slot, node)
        values[slot.name] = node
    return values


def read_slot(row: Row, sort: str, text: str) -> Node:
    """One threshold of a rule: a time such as 15:45 becomes minutes after midnight, everything else is an expression."""
    if sort == "time":
        hour, _, minute = text.strip().partition(":")
        if not (hour.isdigit() and minute.isdigit() and len(minute) == 2 and int(hour) < 24 and int(minute) < 60):
            raise RowError(row, "thresholds", f"`{text[:20]}` is not a time.", "Write hours and minutes, for example `15:45`.")
        return Number(float(int(hour) * 60 + int(minute)), -1)
    if text.rstrip().endswith("%"):
        text = _without_percent(row, text)
    node = read_cell(row, "thresholds", text)
    if is_condition(node):
        raise RowError(row, "thresholds", f"`{text[:60]}` is true or false, a number is needed.", "Write a number or a price.")
    return node


def _without_percent(row: Row, text: str) -> str:
    """`2%` as 2, where the rule counts in percent."""
    if row.operator is not Measure.PERCENT:
        message = f"`{text[:20]}` is in percent, but the row counts in {row.operator.value}."
        raise RowError(row, "thresholds", message, "Choose the measure percent, or leave the sign out.")
    return text.rstrip().removesuffix("%")


def _check_number(row: Row, slot: Slot, node: Node) -> None:
    if not isinstance(node, Number):
        raise RowError(row, "thresholds", f"{slot.label}: a plain number is needed.", "Choose the measure `price` for an expression.")
    outside = not slot.low <= node.value <= slot.high or (slot.above and node.value <= slot.low)
    if outside or (slot.integer and node.value != int(node.value)):
        sort = "a whole number" if slot.integer else "a number"
        bound = "above" if slot.above else "from"
        raise RowError(
            row, "thresholds", f"{slot.label}: {node.value:g} is outside its range.", f"Write {sort} {bound} {slot.low:g} to {slot.high:g}."
        )
