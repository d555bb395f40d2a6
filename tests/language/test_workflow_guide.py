"""docs/workflow.md cannot rot: its tables are the catalogue's, its examples are read, its workflow compiles and its code runs."""

import re
from pathlib import Path

import pytest
from operand_checks import check_operand
from workflow_runs import run, walk

from core.domain.workflow import Join, Operator, Section
from core.language import CATALOGUE, RULES, compile_workflow, parse
from core.language.catalogue.functions import FUNCTIONS
from core.language.syntax.expression import format_example
from core.language.syntax.nodes import BAR_BLENDS, BAR_FIELDS, CLOCK_OPERANDS, HISTORY_OPERANDS, POSITION_OPERANDS
from core.language.syntax.timeframes import HIGHER_TIMEFRAMES

GUIDE = (Path(__file__).parents[2] / "docs" / "workflow.md").read_text(encoding="utf-8")


def indicator_lines() -> list[str]:
    """One table line for each indicator."""
    lines = []
    for entry in CATALOGUE.values():
        params = ", ".join(f"{param.name} {param.low:g}..{param.high:g}" for param in entry.params)
        outputs = ", ".join(f"`{line.name}`" for line in entry.lines) if len(entry.lines) > 1 else ""
        written = (
            format_example(entry).split(".")[0]
            if not entry.params
            else format_example(entry).rsplit(".", 1)[0]
            if len(entry.lines) > 1
            else format_example(entry)
        )
        of = f" of {', '.join(entry.sources)}" if entry.sources else ""
        lines.append(f"| `{written}`{of} | {outputs} | {entry.explanation} {entry.reference} | {params} |")
    return lines


def function_lines() -> list[str]:
    return [f"| `{signature.example}` | {signature.explanation} |" for signature in FUNCTIONS.values()]


def rule_lines() -> list[str]:
    lines = []
    for rule in RULES.values():
        forms = "; ".join(
            f"`{measure}`: " + ", ".join(slot.label + " (optional)" * slot.optional for slot in form.slots)
            for measure, form in rule.forms.items()
        )
        lines.append(f"| `{rule.name}` | {rule.explanation} | {forms} |")
    return lines


def test_every_indicator_function_and_rule_stands_in_the_guide() -> None:
    missing = [line for line in (*indicator_lines(), *function_lines(), *rule_lines()) if line not in GUIDE]

    assert missing == []


def test_every_name_of_the_language_stands_in_the_guide() -> None:
    names = [
        *BAR_FIELDS,
        *BAR_BLENDS,
        *POSITION_OPERANDS,
        *HISTORY_OPERANDS,
        *CLOCK_OPERANDS,
        *HIGHER_TIMEFRAMES,
        *Operator,
        *Join,
        *Section,
    ]

    assert [name for name in names if f"`{name}`" not in GUIDE] == []


@pytest.mark.parametrize("text", re.findall(r"^    (.+?)(?:  #.*)?$", GUIDE.split("```expressions")[1].split("```")[0], re.MULTILINE))
def test_an_example_of_the_guide_is_read(text: str) -> None:
    assert check_operand(text, Section.EXIT_LONG) == ()


def test_the_workflow_of_the_guide_compiles_and_runs() -> None:
    told = parse(GUIDE.split("```json")[1].split("```")[0])

    assert run(compile_workflow(told), walk(600, 3)).trades > 2
