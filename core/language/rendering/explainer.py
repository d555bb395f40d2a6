"""A workflow in plain English, one sentence a row: for review, for the prompt, and for the comments in compiled code."""

import re
from dataclasses import dataclass

from core.domain.workflow import Direction, Measure, Section, Workflow
from core.language.catalogue.rules import ENTRIES
from core.language.syntax.definition import Condition, Definition, Instruction, read_definition
from core.language.syntax.nodes import Node, Number
from core.language.syntax.wording import describe_node, format_bars, format_number, format_time_of_day

VERBS = {
    Section.ENTRY_LONG: "Buy",
    Section.EXIT_LONG: "Sell the long position",
    Section.ENTRY_SHORT: "Sell short",
    Section.EXIT_SHORT: "Buy back the short position",
    Section.FILTER: "Enter only",
}
MEASURE_WORDS = {Measure.PERCENT: "%", Measure.ATR: "average true ranges", Measure.R: "times the initial risk"}
DIRECTION_SENTENCES = {
    Direction.LONG_ONLY: "Trades the long side only.",
    Direction.SHORT_ONLY: "Trades the short side only.",
    Direction.LONG_SHORT: "Trades both sides; a signal for the other side closes the position and opens the opposite one.",
}


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of the explanation."""

    row: str | None
    """Id of the row it reads, or None for a remark about the whole."""
    section: Section | None
    text: str
    disabled: bool = False
    """True for a row that is switched off."""


def explain(workflow: Workflow) -> tuple[Sentence, ...]:
    """One sentence for each row in the table's order, with a remark about the whole first; rows that cannot be read say why."""
    definition, _ = read_definition(workflow)
    sentences = [Sentence(row=None, section=None, text=DIRECTION_SENTENCES[workflow.direction])]
    spoken = explain_rows(definition)
    for row in workflow.rows:
        if not row.enabled:
            sentences.append(Sentence(row=row.id, section=row.section, text="Disabled: this row changes nothing.", disabled=True))
        elif row.id in spoken:
            sentences.append(Sentence(row=row.id, section=row.section, text=spoken[row.id]))
        else:
            sentences.append(Sentence(row=row.id, section=row.section, text="Cannot be read yet: see the problem shown at the row."))
    return tuple(sentences)


def explain_text(workflow: Workflow) -> str:
    """The explanation as one text: a line for the name, then a line for each sentence with the row's id."""
    lines = [workflow.name]
    lines += [sentence.text if sentence.row is None else f"{sentence.row}: {sentence.text}" for sentence in explain(workflow)]
    return "\n".join(lines) + "\n"


def explain_rows(definition: Definition) -> dict[str, str]:
    """Explain every row that can be read: row id to sentence."""
    sentences: dict[str, str] = {}
    seen: dict[Section, list[str]] = {}
    for condition in definition.conditions:
        groups = seen.setdefault(condition.row.section, [])
        sentences[condition.row.id] = _explain_condition(condition, groups)
        if condition.row.group not in groups:
            groups.append(condition.row.group)
    for item in definition.instructions:
        sentences[item.row.id] = explain_instruction(item)
    return sentences


def _explain_condition(item: Condition, groups: list[str]) -> str:
    """The sentence of a condition row; `groups` are the letters of its section that were read before."""
    section = item.row.section
    text = describe_node(item.node)
    if item.row.within > 1:
        text += f", on this bar or one of the {format_bars(item.row.within - 1)} before"
    joint = "while" if section is Section.FILTER else "when"
    if not groups:
        return f"{VERBS[section]} {joint} {text}."
    if item.row.group in groups:
        return f"And only {joint if section is not Section.FILTER else 'while'} {text}."
    return f"Or {VERBS[section][0].lower()}{VERBS[section][1:]} {joint} {text}."


def explain_instruction(item: Instruction) -> str:
    """Explain a sizing, risk or price-order row in one sentence."""
    form = item.rule.forms[item.measure]
    fields = {slot.name: _slot(item.values[slot.name], slot.sort) for slot in form.slots}
    section = item.row.section
    fields["lasting"] = f", which waits for {format_bars(item.row.within)}" if section in ENTRIES else ", read on every close"
    fields["begins"] = _begins(item)
    fields["beyond"] = f" plus {fields['offset']} {MEASURE_WORDS[item.measure]}" if fields.get("offset", "0") != "0" else ""
    text = form.phrase.format(verb=VERBS.get(section, ""), **fields) + "."
    return re.sub(r"\b1 (bar|trade|losing trade|unit|time|average true range)s\b", r"1 \1", text)


def _begins(item: Instruction) -> str:
    """From which profit a trailing stop trails; nothing when from the start."""
    if "start" not in item.values or item.rule.name != "trailing_stop" or not item.number("start").value:
        return ""
    return f", once the profit has reached {format_number(item.number('start').value)} {MEASURE_WORDS[item.measure]}"


def _slot(node: Node, sort: str) -> str:
    if isinstance(node, Number):
        return format_time_of_day(node.value) if sort == "time" else format_number(node.value)
    return describe_node(node)
