"""A hundred descriptions that nobody tried before, judged by whoever puts them into rows: each is read without an error and compiled.

The first line of a description holds its bars, its words and what is left unsaid; its rows are written as in the guide's recipes.
"""

import sys
from pathlib import Path

import pytest

from core.domain.errors import Severity
from core.domain.workflow import Direction, Workflow
from core.language import check, compile_workflow, explain, parse

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent / "language")]

from test_workflow_guide import read_recipe  # noqa: E402

JUDGED = [block.strip().split("\n", 1) for block in (HERE / "judged.txt").read_text(encoding="utf-8").split("\n# ")[1:]]


def read(rows: str) -> Workflow:
    said = [row | {"thresholds": [text for text in row.get("thresholds", ()) if text]} for row in read_recipe(rows)]
    sides = {"entry_long": Direction.LONG_ONLY, "entry_short": Direction.SHORT_ONLY}
    traded = [side for section, side in sides.items() if section in rows]
    return parse({"name": "Judged", "direction": traded[0] if len(traded) == 1 else Direction.LONG_SHORT, "rows": said})


def test_nine_of_ten_are_said_in_full() -> None:
    left = [head for head, _ in JUDGED if head.count("|") > 1 and head.rpartition("|")[2].strip()]

    assert len(JUDGED) == 100
    assert len(left) <= 8, left


@pytest.mark.parametrize(("head", "rows"), JUDGED, ids=[head[:50] for head, _ in JUDGED])
def test_a_judged_description_is_read_said_back_and_compiled(head: str, rows: str) -> None:
    told = read(rows)

    assert [problem for problem in check(told) if problem.severity is Severity.ERROR] == []
    assert not any("Cannot be read" in sentence.text for sentence in explain(told))
    assert "class " in compile_workflow(told)
