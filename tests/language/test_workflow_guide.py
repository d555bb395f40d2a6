"""The guide and the reference cannot rot: tables are the catalogue's, examples are read, workflows compile and their code runs."""

import re
from pathlib import Path
from typing import Any

import pytest
from operand_checks import check_operand
from workflow_runs import run, walk

from core.domain.errors import Severity
from core.domain.workflow import Join, Operator, Section
from core.language import RULES, check, compile_workflow, parse, render_reference
from core.language.rendering.reference import list_names
from core.language.syntax.timeframes import HIGHER_TIMEFRAMES

DOCS = Path(__file__).parents[2] / "docs"
GUIDE = (DOCS / "workflow.md").read_text(encoding="utf-8")
REFERENCE = (DOCS / "workflow-reference.md").read_text(encoding="utf-8")


def test_the_reference_is_the_one_that_the_catalogue_prints() -> None:
    assert render_reference() == REFERENCE, "print it anew: make reference"


def test_every_name_of_the_language_stands_in_the_reference() -> None:
    named = REFERENCE.replace("(", "`").replace(".", "`")
    names = [*list_names(), *HIGHER_TIMEFRAMES, *Operator, *Join, *Section]

    assert [name for name in names if f"`{name}`" not in named] == []


@pytest.mark.parametrize("text", re.findall(r"^    (.+?)(?:  #.*)?$", GUIDE.split("```expressions")[1].split("```")[0], re.MULTILINE))
def test_an_example_of_the_guide_is_read(text: str) -> None:
    assert check_operand(text, Section.EXIT_LONG) == ()


def test_the_workflow_of_the_guide_compiles_and_runs() -> None:
    told = parse(GUIDE.split("```json")[1].split("```")[0])

    assert run(compile_workflow(told), walk(600, 3)).trades > 2


RECIPES = re.findall(r"\*\*(\d+)\. [^*]+\*\*.*?```recipe\n(.*?)```", GUIDE, re.DOTALL)


def read_recipe(text: str) -> list[dict[str, Any]]:
    """The rows of a recipe: `section group: condition`, `section: rule measure a; b`, `define: name = expression`."""
    rows = []
    for number, line in enumerate(text.strip().splitlines(), start=1):
        place, _, said = line.partition(": ")
        section, _, group = place.partition(" ")
        said, _, within = said.partition(" within ") if re.search(r" within \d+$", said) else (said, "", "")
        rule = re.match(r"(\w+) (\w+)(?: (.*))?$", said)
        fields = {"id": f"r{number}", "section": section, "group": group or "A", "within": int(within or 1)}
        if section == "define":
            name, _, meaning = said.partition(" = ")
            fields |= {"indicators": [name], "operator": "==", "thresholds": [meaning]}
        elif rule and rule.group(1) in RULES:
            fields |= {"indicators": [rule.group(1)], "operator": rule.group(2), "thresholds": (rule.group(3) or "").split("; ")}
        else:
            fields |= {"indicators": [said], "operator": "is true"}
        rows.append(fields)
    return rows


@pytest.mark.parametrize(("number", "text"), RECIPES, ids=[number for number, _ in RECIPES])
def test_a_recipe_of_the_guide_compiles_and_runs(number: str, text: str) -> None:
    told = parse({"name": f"Recipe {number}", "rows": read_recipe(text)})
    intraday = "opening_range" in text

    assert [problem for problem in check(told) if problem.severity is Severity.ERROR] == []
    assert run(told, walk(900, 3, minutes=15 if intraday else 0), timeframe="15m" if intraday else "1d").fills


def test_there_are_twelve_recipes() -> None:
    assert [number for number, _ in RECIPES] == [str(number) for number in range(1, 13)]
