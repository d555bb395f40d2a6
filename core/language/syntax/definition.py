"""A workflow as it is meant: every active row read into nodes. Checker, explainer and compiler all start from here."""

import keyword
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from core.domain.errors import Problem
from core.domain.workflow import Measure, Operator, Row, Section, Workflow
from core.language.catalogue.rules import Rule, Slot
from core.language.syntax.cell_words import is_extreme, spell_operand
from core.language.syntax.condition_rows import read_condition
from core.language.syntax.nodes import HigherTimeframe, Node, Number, PositionOperand, walk
from core.language.syntax.row_cells import RowError, read_cell, read_timeframe
from core.language.syntax.rule_rows import find_rule, read_days, read_slots, split_words
from core.language.syntax.synonyms import CONSTANTS, resolve_name

FIRST_GROUP = "A"
"""The group of a row that names none."""


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
        """True when a row of size or risk belongs to the entries of one group only, or a row asks which group opened the trade."""
        return any(self.find_setup(item) for item in self.instructions) or self.asks_setup

    @property
    def asks_setup(self) -> bool:
        """True when a row asks for the letter of the group that opened the trade."""
        return PositionOperand("setup") in (part for node in self.nodes() for part in walk(node))

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
                instructions.append(_read_instruction(row, names))
            else:
                conditions.append(Condition(row, read_condition(row, names)))
        except RowError as error:
            problems.append(error.problem)
    return Definition(workflow, tuple(conditions), tuple(instructions), names), tuple(problems)


def is_rule_row(row: Row) -> bool:
    """True for sizing and risk rows, and for price orders among the entries and exits."""
    return row.section in (Section.SIZING, Section.RISK) or isinstance(row.operator, Measure)


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
    text = row.thresholds[0]
    node = read_cell(row, "thresholds", text if is_extreme(text) else spell_operand(text, names), names)
    return node if row.timeframe is None else HigherTimeframe(read_timeframe(row), node)


def _read_instruction(row: Row, names: Mapping[str, Node]) -> Instruction:
    rule = find_rule(row)
    if not isinstance(row.operator, Measure) or row.operator not in rule.forms:
        known = ", ".join(f"`{measure}`" for measure in rule.forms)
        raise RowError(row, "operator", f"`{rule.name}` cannot be measured in `{row.operator}`.", f"Choose {known}.")
    form = rule.forms[row.operator]
    if any(slot.sort == "dates" for slot in form.slots):
        return Instruction(row, rule, row.operator, {}, read_days(row))
    words, cells = split_words(row, form)
    return Instruction(row, rule, row.operator, read_slots(row, rule, form, cells, names), words)
