"""The guide and the reference cannot rot: tables are the catalogue's, examples are read, workflows compile and their code runs."""

import re
from pathlib import Path

import pytest
from operand_checks import check_operand
from workflow_runs import run, walk

from core.domain.workflow import Join, Operator, Section
from core.language import compile_workflow, parse, render_reference
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
