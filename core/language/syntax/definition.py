"""A workflow as it is meant: every active row read into nodes. Checker, explainer and compiler all start from here."""

import keyword
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise

from core.domain.errors import Problem
from core.domain.workflow import Join, Measure, Operator, Row, Section, Workflow
from core.language.catalogue.rules import RULES, Rule, RuleForm, Slot, list_rules
from core.language.syntax.choices import resolve_word
from core.language.syntax.days import DayError, read_day_ranges
from core.language.syntax.expression import NO_NAMES, ExpressionError, parse_expression, suggest_nearest, to_condition
from core.language.syntax.nodes import Compare, Function, HigherTimeframe, Logic, Node, Not, Number, PositionOperand, is_condition, walk
from core.language.syntax.synonyms import CONSTANTS, resolve_name
from core.language.syntax.timeframes import HIGHER_TIMEFRAMES, resolve_timeframe

COMPARISON_SIGNS = {Operator.ABOVE: ">", Operator.BELOW: "<", Operator.AT_LEAST: ">=", Operator.AT_MOST: "<=", Operator.EQUALS: "=="}
FIRST_GROUP = "A"
"""The group of a row that names none."""
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
    words: tuple[str, ...] = ()
    """Words that were chosen (`on close`, `widest`), or the days of a row of days."""

    def slots(self) -> tuple[Slot, ...]:
        """The thresholds that the rule takes in this measure, without words and days."""
        return self.rule.forms[self.measure].values

    def has(self, word: str) -> bool:
        """True when that word was chosen."""
        return word in self.words

    @property
    def reads_fill(self) -> bool:
        """True when a stop or target is read on the bar of the fill: told so, or because it reads the trade itself."""
        if self.rule.name not in ("stop_loss", "take_profit"):
            return False
        parts = (part for node in self.values.values() for part in walk(node))
        return self.has("at fill") or any(isinstance(part, PositionOperand) and not part.past for part in parts)

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
    names: dict[str, Node] = field(default_factory=dict)
    """Names that rows of the section define, to what they stand for."""

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

    @property
    def has_setups(self) -> bool:
        """True when a row of size or risk belongs to the entries of one group only."""
        return any(self.find_setup(item) for item in self.instructions)

    def find_setup(self, item: Instruction) -> str:
        """Find the group of entries that a row of size or risk belongs to; empty when it belongs to all.

        A letter other than A says so by itself; A says so where the same rule stands there for another group too.
        """
        if item.row.section not in (Section.SIZING, Section.RISK):
            return ""
        if item.row.group != FIRST_GROUP:
            return item.row.group
        others = any(other.rule is item.rule and other.row.group != FIRST_GROUP for other in self.instructions)
        return FIRST_GROUP if others else ""

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
    names, problems = read_names(workflow)
    for row in workflow.rows:
        if not row.enabled or row.section is Section.DEFINE:
            continue
        try:
            if is_rule_row(row):
                instructions.append(_instruction(row, names))
            else:
                conditions.append(Condition(row, read_condition(row, names)))
        except RowError as error:
            problems.append(error.problem)
    return Definition(workflow, tuple(conditions), tuple(instructions), names), tuple(problems)


class RowError(ValueError):
    """A row that cannot be read; carries the problem with its row and column."""

    def __init__(self, row: Row, column: str, message: str, remedy: str) -> None:
        super().__init__(message)
        self.problem = Problem(row=row.id, column=column, message=message, remedy=remedy)


def read_names(workflow: Workflow) -> tuple[dict[str, Node], list[Problem]]:
    """Read what the rows of the define section call things; a row may use the names of the rows above it."""
    names: dict[str, Node] = {}
    problems: list[Problem] = []
    for row in workflow.active(Section.DEFINE):
        try:
            name = _read_new_name(row, names)
            names[name] = _read_meaning(row, names)
        except RowError as error:
            problems.append(error.problem)
    return names, problems


def _read_new_name(row: Row, names: dict[str, Node]) -> str:
    name = row.indicators[0].strip() if len(row.indicators) == 1 else ""
    if not re.fullmatch(r"[A-Za-z_]\w{0,39}", name, re.ASCII) or keyword.iskeyword(name):
        message = f"`{name[:40]}` cannot be a name." if name else "a definition needs one name."
        raise RowError(row, "indicators", message, "Write letters, digits and underscores, for example `breakout_level`.")
    if resolve_name(name) is not None or name.lower() in ("tf", "time", "timeframe", *CONSTANTS):
        raise RowError(row, "indicators", f"`{name}` already means something.", f"Choose another name, for example `my_{name.lower()}`.")
    if name in names:
        raise RowError(row, "indicators", f"`{name}` is defined twice.", "Choose another name.")
    return name


def _read_meaning(row: Row, names: dict[str, Node]) -> Node:
    if row.operator is not Operator.EQUALS or len(row.thresholds) != 1:
        message = "a definition is a name, `==`, and one expression."
        raise RowError(row, "thresholds", message, "For example `breakout_level` == `highest(high, 20)[1]`.")
    node = read_cell(row, "thresholds", row.thresholds[0], names)
    return node if row.timeframe is None else HigherTimeframe(_read_timeframe(row), node)


def is_rule_row(row: Row) -> bool:
    """True for sizing and risk rows, and for price orders among the entries and exits."""
    return row.section in (Section.SIZING, Section.RISK) or isinstance(row.operator, Measure)


def read_cell(row: Row, column: str, text: str, names: Mapping[str, Node] = NO_NAMES) -> Node:
    """One operand of a row. Raises RowError naming the row and the column."""
    try:
        return parse_expression(text, names)
    except ExpressionError as error:
        raise RowError(row, column, error.message, error.remedy) from None


def read_condition(row: Row, names: Mapping[str, Node] = NO_NAMES) -> Node:
    """The condition that a row of an entry, exit or filter section states on one bar. Raises RowError."""
    if not row.indicators:
        raise RowError(row, "indicators", "the row has no indicator.", "Choose one, or type an expression such as `close`.")
    operands = tuple(read_cell(row, "indicators", text, names) for text in row.indicators)
    thresholds = tuple(read_cell(row, "thresholds", text, names) for text in row.thresholds)
    node = _combined(row, operands, thresholds)
    return node if row.timeframe is None else HigherTimeframe(_read_timeframe(row), node)


def _read_timeframe(row: Row) -> str:
    timeframe = resolve_timeframe(row.timeframe or "")
    if timeframe not in HIGHER_TIMEFRAMES:
        remedy = suggest_nearest(timeframe, HIGHER_TIMEFRAMES) or f"One of {', '.join(HIGHER_TIMEFRAMES)}."
        raise RowError(row, "timeframe", f"`{timeframe[:20]}` is not a timeframe.", remedy)
    return timeframe


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


def _instruction(row: Row, names: Mapping[str, Node]) -> Instruction:
    rule = _rule_of(row)
    if not isinstance(row.operator, Measure) or row.operator not in rule.forms:
        known = ", ".join(f"`{measure}`" for measure in rule.forms)
        raise RowError(row, "operator", f"`{rule.name}` cannot be measured in `{row.operator}`.", f"Choose {known}.")
    form = rule.forms[row.operator]
    if any(slot.sort == "dates" for slot in form.slots):
        return Instruction(row, rule, row.operator, {}, read_days(row))
    words, cells = split_words(row, form)
    return Instruction(row, rule, row.operator, _slots(row, rule, form, cells, names), words)


def split_cells(row: Row, form: RuleForm) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Split the cells of a row into words and everything else for a form on the screen: a row in the making is no error."""
    plain = {text: resolve_word(text) for text in row.thresholds}
    words = tuple(word for word in plain.values() if word in form.choices)
    return words, tuple(text for text in row.thresholds if plain[text] not in form.choices)


def split_words(row: Row, form: RuleForm) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Split the cells of a row into chosen words and everything else. Raises RowError for two words of one choice."""
    known = {word: slot for slot in form.slots for word in slot.choices}
    words: list[str] = []
    cells: list[str] = []
    for text in row.thresholds:
        if known and not text.strip():
            continue
        plain = resolve_word(text)
        (words if plain in known else cells).append(plain if plain in known else text)
    for slot in form.slots:
        chosen = [word for word in words if word in slot.choices]
        if len(chosen) > 1:
            raise RowError(row, "thresholds", f"`{chosen[0]}` and `{chosen[1]}` exclude each other.", "Keep one of them.")
        if slot.sort == "choice" and not slot.optional and not chosen:
            if cells:
                raise RowError(row, "thresholds", f"`{cells[0][:40]}` is none of its words.", f"One of {', '.join(slot.choices)}.")
            words.append(slot.default)
    return tuple(words), tuple(cells)


def _rule_of(row: Row) -> Rule:
    known = [rule.name for rule in list_rules(row.section)]
    if len(row.indicators) != 1:
        raise RowError(row, "indicators", "a rule row names exactly one rule.", f"One of {', '.join(known)}.")
    name = row.indicators[0].strip()
    if name not in known:
        remedy = suggest_nearest(name, known) or f"One of {', '.join(known)}."
        raise RowError(row, "indicators", f"`{name[:60]}` is not a rule of the {row.section.value} section.", remedy)
    return RULES[name]


def _slots(row: Row, rule: Rule, form: RuleForm, cells: tuple[str, ...], names: Mapping[str, Node]) -> dict[str, Node]:
    slots = form.values
    needed = sum(not slot.optional for slot in slots)
    if not needed <= len(cells) <= len(slots):
        labels = ", ".join(slot.label + (" (optional)" if slot.optional else "") for slot in slots) or "nothing"
        raise RowError(
            row,
            "thresholds",
            f"`{rule.name}` needs {needed} threshold{'s' * (needed != 1)}, here are {len(cells)}.",
            f"Write: {labels}.",
        )
    values: dict[str, Node] = {}
    for index, slot in enumerate(slots):
        given = index < len(cells)
        node = read_slot(row, slot, cells[index] if given else slot.default, names)
        if not given and isinstance(node, Number):
            node = replace(node, at=-1)
        if slot.sort == "number" and not (slot.expression and not isinstance(node, Number)):
            _check_number(row, slot, node)
        values[slot.name] = node
    return values


def read_slot(row: Row, slot: Slot, text: str, names: Mapping[str, Node]) -> Node:
    """One threshold of a rule: a time such as 15:45 becomes minutes after midnight, everything else is an expression."""
    if slot.sort == "time":
        hour, _, minute = text.strip().partition(":")
        if not (hour.isdigit() and minute.isdigit() and len(minute) == 2 and int(hour) < 24 and int(minute) < 60):
            raise RowError(row, "thresholds", f"`{text[:20]}` is not a time.", "Write hours and minutes, for example `15:45`.")
        return Number(float(int(hour) * 60 + int(minute)), -1)
    if text.rstrip().endswith("%"):
        text = _without_percent(row, text)
    node = read_cell(row, "thresholds", text, names)
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
        priced = any(other.sort == "price" for form in RULES[row.indicators[0].strip()].forms.values() for other in form.slots)
        remedy = "Choose the measure `price` for an expression." if priced else "Write a number, for example " + f"`{slot.default}`."
        raise RowError(row, "thresholds", f"{slot.label}: a plain number is needed.", remedy)
    outside = not slot.low <= node.value <= slot.high or (slot.above and node.value <= slot.low)
    if outside or (slot.integer and node.value != int(node.value)):
        sort = "a whole number" if slot.integer else "a number"
        bound = "above" if slot.above else "from"
        raise RowError(
            row, "thresholds", f"{slot.label}: {node.value:g} is outside its range.", f"Write {sort} {bound} {slot.low:g} to {slot.high:g}."
        )


def read_days(row: Row) -> tuple[str, ...]:
    """The days and ranges of days of a row, as `2025-11-28` or `2025-12-22..2026-01-02`. Raises RowError."""
    if not row.thresholds:
        raise RowError(row, "thresholds", "no day is given.", "Write a date such as `2025-11-28`, or a range `2025-12-22..2026-01-02`.")
    try:
        return tuple(found for text in row.thresholds for found in read_day_ranges(text))
    except DayError as error:
        raise RowError(row, "thresholds", str(error), "Write dates as `2025-11-28`, ranges as `2025-12-22..2026-01-02`.") from None
