"""The reference of the language as a document, printed from the tables that menus, checker and compiler read."""

from collections.abc import Iterator

from core.domain.workflow import Join, Operator, Section
from core.language.catalogue import CATALOGUE, INDICATOR_GROUPS, Indicator
from core.language.catalogue.functions import FUNCTIONS
from core.language.catalogue.rule import Rule
from core.language.catalogue.rules import RULES, list_rules
from core.language.syntax.indicator_calls import format_example
from core.language.syntax.nodes import (
    BAR_BLENDS,
    BAR_FIELDS,
    BEFORE_FIRST_TRADE,
    CLOCK_CONDITIONS,
    CLOCK_OPERANDS,
    HISTORY_OPERANDS,
    POSITION_OPERANDS,
)
from core.language.syntax.timeframes import HIGHER_TIMEFRAMES

HEAD = """# Reference of the workflow language

Every name, function, indicator and rule, printed from the catalogue that the table, the checker and the compiler read.
The [guide](workflow.md) teaches how things are said.
"""
SECTIONS = {
    Section.DEFINE: "a name for an expression: `name` `==` `expression`; the rows below use the name",
    Section.FILTER: "must hold for every entry, on both sides; never closes a position",
    Section.ENTRY_LONG: "opens a long position",
    Section.EXIT_LONG: "closes the long position; counts only while one is held",
    Section.ENTRY_SHORT: "opens a short position",
    Section.EXIT_SHORT: "closes the short position; counts only while one is held",
    Section.SIZING: "how much an entry trades",
    Section.RISK: "stops, targets, limits",
}
OPERATORS = {
    Operator.ABOVE: "the first is above the second",
    Operator.BELOW: "the first is below the second",
    Operator.AT_LEAST: "above or equal",
    Operator.AT_MOST: "below or equal",
    Operator.EQUALS: "equal",
    Operator.CROSSES_ABOVE: "was not above on the bar before and is above now",
    Operator.CROSSES_BELOW: "was not below on the bar before and is below now",
    Operator.BETWEEN: "within two thresholds, both included",
    Operator.OUTSIDE: "beyond two thresholds",
    Operator.RISING: "higher than the bar before on each of so many bars; one bar without a threshold",
    Operator.FALLING: "lower than the bar before on each of so many bars; one bar without a threshold",
    Operator.IS_TRUE: "the cell holds a condition",
}


def render_reference() -> str:
    """Render the whole document as Markdown."""
    return "\n".join([HEAD, *_render_cells(), *_render_names(), *_render_functions(), *_render_rules(), *_render_indicators()]) + "\n"


def _table(*heads: str) -> list[str]:
    return [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]


def _render_cells() -> Iterator[str]:
    yield from ("## Sections", "", *_table("section", "its rows"))
    yield from (f"| `{section}` | {about} |" for section, about in SECTIONS.items())
    yield from ("", "## Operators", "", *_table("operator", "the row is true when"))
    yield from (f"| `{operator}` | {about} |" for operator, about in OPERATORS.items())
    yield from ("", f"Operands of one row are joined by {', '.join(f'`{join}`' for join in Join)}.", "")


def _render_names() -> Iterator[str]:
    yield from ("## Names", "", *_table("name", "meaning", "before the first trade"))
    for name, about in BAR_FIELDS.items():
        yield f"| `{name}` | the bar's {about} | |"
    for name, parts in BAR_BLENDS.items():
        yield f"| `{name}` | the average of {', '.join(parts)} | |"
    yield from (f"| `{name}` | {about}; only while a position is open | no value |" for name, about in POSITION_OPERANDS.items())
    for name, about in HISTORY_OPERANDS.items():
        value = BEFORE_FIRST_TRADE.get(name)
        shown = "" if value is None else "infinitely many" if value == float("inf") else f"{value:g}"
        yield f"| `{name}` | {about} | {shown} |"
    yield from (f"| `{name}` | {about} | |" for name, about in CLOCK_OPERANDS.items())
    yield from (f"| `{name}` | the condition `{operand} == {value}` | |" for name, (operand, value) in CLOCK_CONDITIONS.items())
    frames = ", ".join(f"`{frame}`" for frame in HIGHER_TIMEFRAMES)
    yield from ("", f"Longer timeframes, for the row's own column and for `tf(...)`: {frames}.", "")
    yield from ('A further instrument: `other("SPY").close`, `other("SPY").sma(200)`; it is read, never traded.', "")


def _render_functions() -> Iterator[str]:
    yield from ("## Functions", "", *_table("example", "meaning"), *format_function_lines(), "")


def _render_rules() -> Iterator[str]:
    for title, section in (("Sizing rules", Section.SIZING), ("Risk rules", Section.RISK), ("Price orders", Section.ENTRY_LONG)):
        yield from (f"## {title}", "", *_table("rule", "what it does", "measures and thresholds"))
        yield from (format_rule_line(rule) for rule in list_rules(section))
        yield ""


def _render_indicators() -> Iterator[str]:
    yield from ("## Indicators", "")
    for group in INDICATOR_GROUPS:
        yield from (f"### {group.title}", "", *_table("written", "output lines", "meaning and definition", "ranges"))
        yield from (format_indicator_line(entry) for entry in group.entries.values())
        yield ""


def format_function_lines() -> list[str]:
    """Format one line of the table for each function."""
    return [f"| `{signature.example}` | {signature.explanation} |" for signature in FUNCTIONS.values()]


def format_rule_line(rule: Rule) -> str:
    """Format a rule's line of the table."""
    forms = "; ".join(
        f"`{measure}`" + (": " if form.slots else "") + ", ".join(slot.label + " (optional)" * slot.optional for slot in form.slots)
        for measure, form in rule.forms.items()
    )
    return f"| `{rule.name}` | {rule.explanation} | {forms} |"


def format_indicator_line(entry: Indicator) -> str:
    """Format an indicator's line of the table."""
    params = ", ".join(f"{param.name} {param.low:g}..{param.high:g}" for param in entry.params)
    outputs = ", ".join(f"`{line.name}`" for line in entry.lines) if len(entry.lines) > 1 else ""
    example = format_example(entry)
    written = example.rsplit(".", 1)[0] if len(entry.lines) > 1 else example
    of = f" of {', '.join(entry.sources)}" if entry.sources else ""
    return f"| `{written}`{of} | {outputs} | {entry.explanation} {entry.reference} | {params} |"


def list_names() -> tuple[str, ...]:
    """List every name of the language, for tests that look for them."""
    return (
        *BAR_FIELDS,
        *BAR_BLENDS,
        *POSITION_OPERANDS,
        *HISTORY_OPERANDS,
        *CLOCK_OPERANDS,
        *CLOCK_CONDITIONS,
        *CATALOGUE,
        *FUNCTIONS,
        *RULES,
    )


def render_grammar() -> str:
    """Render the language in short, for whoever writes a workflow document: sections, operators, names, functions, indicators, rules."""
    names = [*BAR_FIELDS, *BAR_BLENDS, *HISTORY_OPERANDS, *CLOCK_OPERANDS, *CLOCK_CONDITIONS]
    indicators = (f"{format_example(entry)} {_short_lines(entry)}".strip() for entry in CATALOGUE.values())
    lines = [
        f"sections: {', '.join(Section)}",
        f"operators of conditions: {', '.join(Operator)}",
        f"names: {', '.join(names)}",
        f"only in exit and risk rows: {', '.join(POSITION_OPERANDS)}",
        "functions: " + "; ".join(signature.example for signature in FUNCTIONS.values()),
        'longer timeframes: tf("1w", close > sma(40)) with ' + ", ".join(HIGHER_TIMEFRAMES),
        "indicators: " + "; ".join(indicators),
        "rules (operator: thresholds):",
    ]
    for rule in RULES.values():
        forms = "; ".join(f"{measure}: {', '.join(slot.label for slot in form.slots)}" for measure, form in rule.forms.items())
        lines.append(f"- {rule.name} ({', '.join(rule.sections)}) {forms}")
    return "\n".join(lines) + "\n"


def _short_lines(entry: Indicator) -> str:
    return f"({'/'.join(line.name for line in entry.lines)})" if len(entry.lines) > 1 else ""
