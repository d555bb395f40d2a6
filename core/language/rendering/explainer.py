"""A workflow in plain English, one sentence a row: for review, for the prompt, and for the comments in compiled code."""

import re
from dataclasses import dataclass

from core.domain.workflow import Direction, Measure, Row, Section, Workflow
from core.language.analysis.deposits import read_rhythm
from core.language.catalogue.rules import ENTRIES, EXITS
from core.language.syntax.definition import Condition, Definition, Instruction, is_rule_row, read_definition
from core.language.syntax.nodes import BarField, Choice, ClockOperand, Node, Number, PositionOperand
from core.language.syntax.wording import Wording, format_bars, format_number, format_time_of_day

VERBS = {
    Section.ENTRY_LONG: "Buy",
    Section.EXIT_LONG: "Sell the long position",
    Section.ENTRY_SHORT: "Sell short",
    Section.EXIT_SHORT: "Buy back the short position",
    Section.FILTER: "Enter only",
}
ORDER = (
    Section.DEFINE,
    Section.FILTER,
    Section.ENTRY_LONG,
    Section.EXIT_LONG,
    Section.ENTRY_SHORT,
    Section.EXIT_SHORT,
    Section.SIZING,
    Section.RISK,
)
"""Sections as they are read out, whatever the order of the rows."""
MEASURE_WORDS = {
    Measure.PERCENT: "%",
    Measure.ATR: "average true ranges",
    Measure.R: "times the initial risk",
    Measure.POINTS: "points",
    Measure.PIPS: "pips",
}
OPPOSITE = {
    "reverse": "closes the position and opens the opposite one",
    "close": "closes the position and opens nothing",
    "ignore": "changes nothing while a position is held",
}
DIRECTION_SENTENCES = {
    Direction.LONG_ONLY: "Trades the long side only.",
    Direction.SHORT_ONLY: "Trades the short side only.",
    Direction.LONG_SHORT: "Trades both sides; a signal for the other side closes the position and opens the opposite one.",
}
BOTH_SIDES = "Trades both sides."
"""Said where a row says what a signal for the other side does."""
TIMING = "Rows are read on the close of a bar; market orders fill at the next open."
"""A remark on when orders are placed, without which a reader would take a day or a time for that of the trade."""
UNREAD = "Cannot be read yet: see the problem shown at the row."
"""Said of a row that is not complete yet, or wrong."""
FIRST_VERSION = "An exit row that is true also keeps entries of its side away while nothing is held."
"""A remark on documents of the first version."""


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
    """One sentence for each row, section by section and group by group, with a remark about the whole first.

    Rows that cannot be read say so. The order of the rows in the table changes nothing of what is said.
    """
    definition, _ = read_definition(workflow)
    both = workflow.direction is Direction.LONG_SHORT and definition.rule("on_opposite_signal") is not None
    remarks = (BOTH_SIDES if both else DIRECTION_SENTENCES[workflow.direction], TIMING)
    sentences = [Sentence(row=None, section=None, text=text) for text in remarks]
    spoken = explain_rows(definition)
    if workflow.schema_version == 1 and _may_block(definition):
        sentences.append(Sentence(row=None, section=None, text=FIRST_VERSION))
    for row in sort_rows(workflow.rows):
        if not row.enabled:
            sentences.append(Sentence(row=row.id, section=row.section, text="Disabled: this row changes nothing.", disabled=True))
        elif row.id in spoken:
            sentences.append(Sentence(row=row.id, section=row.section, text=spoken[row.id]))
        else:
            sentences.append(Sentence(row=row.id, section=row.section, text=UNREAD))
    return tuple(sentences)


def sort_rows(rows: tuple[Row, ...]) -> list[Row]:
    """Sort rows as they are read out: by section, rows of one group together, otherwise in the table's order."""
    first: dict[tuple[Section, str], int] = {}
    for place, row in enumerate(rows):
        first.setdefault((row.section, row.group), place)
    return sorted(
        rows, key=lambda row: (ORDER.index(row.section), is_rule_row(row), 0 if is_rule_row(row) else first[row.section, row.group])
    )


def _may_block(definition: Definition) -> bool:
    return any(definition.section(section) for section in EXITS)


def explain_text(workflow: Workflow) -> str:
    """The explanation as one text: a line for the name, then a line for each sentence with the row's id."""
    lines = [workflow.name]
    lines += [sentence.text if sentence.row is None else f"{sentence.row}: {sentence.text}" for sentence in explain(workflow)]
    return "\n".join(lines) + "\n"


def explain_rows(definition: Definition, *, by_name: bool = True) -> dict[str, str]:
    """Explain every row that can be read: row id to sentence; `by_name` says what a row of the table has named by its name."""
    sentences: dict[str, str] = {}
    names: dict[Node, str] = {}
    for row in definition.workflow.active(Section.DEFINE):
        if row.indicators and (node := definition.names.get(name := row.indicators[0].strip())) is not None:
            sentences[row.id] = f"Call it {name}: {Wording(names).describe_meaning(node)}."
            if by_name and not isinstance(node, Number | BarField | PositionOperand | ClockOperand):
                names.setdefault(node, name)
    words = Wording(names)
    setups = definition.has_setups
    before: dict[Section, Row] = {}
    firsts: dict[tuple[Section, str], str] = {}
    for condition in definition.conditions:
        row = condition.row
        together = firsts.get((row.section, row.group), "")
        text = _explain_condition(condition, words, before.get(row.section), together)
        named = setups and row.section in ENTRIES and not together
        sentences[row.id] = f"Setup {row.group}: {_lower(text)}" if named else text
        before[row.section] = row
        firsts.setdefault((row.section, row.group), row.id)
    hours = definition.rules("trading_hours")
    for item in definition.instructions:
        text = explain_instruction(item, words)
        if item in hours[1:]:
            text = text.replace("Enter only on", "Or on")
        setup = definition.find_setup(item)
        sentences[item.row.id] = f"For setup {setup}: {_lower(text)}" if setup else text
    return sentences


def _lower(text: str) -> str:
    return f"{text[0].lower()}{text[1:]}"


def _explain_condition(item: Condition, words: Wording, before: Row | None, together: str) -> str:
    """The sentence of a condition row; `before` is the row of its section above it, `together` the id of its group's first row."""
    section = item.row.section
    text = words.describe(item.node)
    if item.row.within > 1:
        text += f", on this bar or one of the {format_bars(item.row.within - 1)} before"
    joint = "while" if section is Section.FILTER else "when"
    if before is None:
        return f"{VERBS[section]} {joint} {text}."
    if together and before.group != item.row.group:
        return f"Together with row {together}: only {joint if section is not Section.FILTER else 'while'} {text}."
    if together:
        return f"And only {joint if section is not Section.FILTER else 'while'} {text}."
    return f"Or {_lower(VERBS[section])} {joint} {text}."


def explain_instruction(item: Instruction, words: Wording) -> str:
    """Explain a sizing, risk or price-order row in one sentence."""
    form = item.rule.forms[item.measure]
    fields = {slot.name: _slot(item.values[slot.name], slot.sort, words) for slot in item.slots()}
    section = item.row.section
    fields["lasting"] = f", which waits for {format_bars(item.row.within)}" if section in ENTRIES else ", read on every close"
    fields["bound"] = "no higher than" if section in (Section.ENTRY_LONG, Section.EXIT_SHORT) else "no lower than"
    fields["over"] = "; else the order lapses" if section in ENTRIES else ", asked for anew on every close"
    fields["begins"] = _begins(item)
    fields["closing"] = ", judged on closes only: left at the next open" if item.has("on close") else ""
    fields["measured"] = ", read on the bar of the fill" if item.has("at fill") else ""
    fields["read"] = "fill" if item.reads_fill else "signal"
    fields["renewed"] = "; a further entry signal starts the count anew" if item.has("renew") else ""
    fields["which"] = next(iter(item.words), "")
    fields["rhythm"] = read_rhythm(item).period if item.rule.name == "add_cash" else ""
    fields["does"] = OPPOSITE.get(fields["which"], "")
    fields["days"] = _join_words([word.replace("..", " to ") for word in item.words])
    fields["beyond"] = f" plus {fields['offset']} {MEASURE_WORDS[item.measure]}" if fields.get("offset", "0") != "0" else ""
    text = form.phrase.format(verb=VERBS.get(section, ""), **fields) + "."
    return re.sub(r"\b1 (bar|trade|losing trade|unit|time|average true range)s\b", r"1 \1", text)


def _join_words(words: list[str]) -> str:
    shown = words if len(words) <= 4 else [*words[:3], f"{len(words) - 3} more"]
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


def _begins(item: Instruction) -> str:
    """From which profit a trailing stop trails; nothing when from the start."""
    if "start" not in item.values or item.rule.name != "trailing_stop" or not item.number("start").value:
        return ""
    return f", once the profit has reached {format_number(item.number('start').value)} {MEASURE_WORDS[item.measure]}"


def _slot(node: Node, sort: str, words: Wording) -> str:
    if isinstance(node, Number):
        return format_time_of_day(node.value) if sort == "time" else format_number(node.value)
    if sort == "price" and isinstance(node, Choice) and node.otherwise == Number(0.0):
        return f"{words.describe(node.then)}, only while {words.describe(node.condition)}"
    named = node in words.names or sort in ("price", "condition")
    return words.describe(node) if named else f"({words.describe(node)})"
