"""Rows that are a rule: which one, its words, and its thresholds."""

import re
from collections.abc import Mapping
from dataclasses import replace

from core.domain.workflow import Measure, Row
from core.language.catalogue.rules import RULES, Rule, RuleForm, Slot, list_rules
from core.language.syntax.cell_words import find_measure, spell_operand, split_unit
from core.language.syntax.choices import resolve_word
from core.language.syntax.days import DayError, read_day_ranges
from core.language.syntax.missing import suggest_missing
from core.language.syntax.nodes import Node, Number, is_condition
from core.language.syntax.plain_words import find_clock
from core.language.syntax.reader import to_condition
from core.language.syntax.row_cells import RowError, read_cell
from core.language.syntax.slips import suggest_nearest

_SUM = r"(?:[$€£¥]|usd|eur|gbp|jpy|dollars?|euros?|pounds?|yen)"
MONEY = re.compile(rf"\s*(?:{_SUM}\s*[\d.,]+|[\d.,]+\s*{_SUM})\s*", re.IGNORECASE)
"""An amount of money."""
UNPAID = (Measure.PERCENT, Measure.ATR, Measure.R, Measure.BARS, Measure.COUNT, Measure.PIPS, Measure.TIMES)
"""Measures that count something else than money."""


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
        if plain in known:
            words.append(plain)
        else:
            cells += split_unit(text, Measure(row.operator))
    for slot in form.slots:
        chosen = [word for word in words if word in slot.choices]
        if len(chosen) > 1:
            raise RowError(row, "thresholds", f"`{chosen[0]}` and `{chosen[1]}` exclude each other.", "Keep one of them.")
        if slot.sort == "choice" and not slot.optional and not chosen:
            if cells:
                raise RowError(row, "thresholds", f"`{cells[0][:40]}` is none of its words.", f"One of {', '.join(slot.choices)}.")
            words.append(slot.default)
    return tuple(words), tuple(cells)


def find_rule(row: Row) -> Rule:
    """Find the rule that a row names. Raises RowError."""
    known = [rule.name for rule in list_rules(row.section)]
    if len(row.indicators) != 1:
        raise RowError(row, "indicators", "a rule row names exactly one rule.", f"One of {', '.join(known)}.")
    name = row.indicators[0].strip()
    if name not in known:
        remedy = suggest_rule(name, known)
        raise RowError(row, "indicators", f"`{name[:60]}` is not a rule of the {row.section.value} section.", remedy)
    return RULES[name]


def suggest_rule(name: str, known: list[str]) -> str:
    """Suggest what to write in place of a rule that a section does not have."""
    plain = "_".join(name.lower().replace("-", " ").replace("_", " ").split())
    if plain in RULES:
        sections = " or ".join(section.value for section in RULES[plain].sections)
        return f"It is a rule of the {sections} section."
    return suggest_missing(plain) or suggest_nearest(name, known) or f"One of {', '.join(known)}."


def read_slots(row: Row, rule: Rule, form: RuleForm, cells: tuple[str, ...], names: Mapping[str, Node]) -> dict[str, Node]:
    """Read the thresholds of a rule by the names of its slots; those left out have their defaults. Raises RowError."""
    slots = form.values
    needed = sum(not slot.optional for slot in slots)
    if not needed <= len(cells) <= len(slots):
        if len(cells) > len(slots) and form.choices and (word := next((cell for cell in reversed(cells) if _is_word(cell)), "")):
            raise RowError(row, "thresholds", f"`{word[:40]}` is none of its words.", f"One of {', '.join(form.choices)}.")
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
        try:
            node = read_slot(row, slot, cells[index] if given else slot.default, names)
        except RowError as error:
            if given and slot.optional and form.choices and _is_word(cells[index]):
                remedy = f"One of {', '.join(form.choices)}, or a number ({slot.label})."
                raise RowError(row, "thresholds", f"`{cells[index][:40]}` is none of its words.", remedy) from error
            raise
        if not given and isinstance(node, Number):
            node = replace(node, at=-1)
        if slot.sort == "number" and not (slot.expression and not isinstance(node, Number)):
            _check_number(row, slot, node)
        values[slot.name] = node
    return values


def _is_word(cell: str) -> bool:
    return cell.replace(" ", "").replace("-", "").replace("_", "").isalpha()


def read_slot(row: Row, slot: Slot, text: str, names: Mapping[str, Node]) -> Node:
    """One threshold of a rule: a time such as 15:45 becomes minutes after midnight, everything else is an expression."""
    if slot.sort == "time":
        minutes = find_clock(text)
        if minutes is None:
            raise RowError(row, "thresholds", f"`{text[:20]}` is not a time.", "Write hours and minutes, for example `15:45`.")
        return Number(float(minutes), -1)
    if MONEY.fullmatch(text) and row.operator in UNPAID:
        message = f"`{text[:20]}` is an amount of money, but the row counts in {row.operator.value}."
        raise RowError(row, "thresholds", message, "Choose another measure, such as cash, price or points, or leave the sign out.")
    if (other := _find_other_measure(row, text)) is not None:
        message = f"`{text[:20]}` counts in {other.value}, but the row counts in {row.operator.value}."
        raise RowError(row, "thresholds", message, f"Choose the measure {other.value}, or write the number alone.")
    if text.rstrip().endswith("%"):
        text = _without_percent(row, text)
    node = read_cell(row, "thresholds", spell_operand(text, names, condition=slot.sort == "condition"), names)
    if slot.sort == "condition":
        condition = to_condition(node)
        if condition is None:
            raise RowError(row, "thresholds", f"`{text[:60]}` is a number, a condition is needed.", "Compare it with something.")
        return condition
    if is_condition(node):
        raise RowError(row, "thresholds", f"`{text[:60]}` is true or false, a number is needed.", "Write a number or a price.")
    return node


def _find_other_measure(row: Row, text: str) -> Measure | None:
    """The measure that a number in a cell names, where the rule has it and the row counts in another one."""
    if text.rstrip().endswith("%") or row.operator is Measure.PRICE or split_unit(text, Measure(row.operator)) != (text,):
        return None
    rule = RULES.get(row.indicators[0].strip())
    return find_measure(text, (measure for measure in (rule.forms if rule else ()) if measure is not row.operator))


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
