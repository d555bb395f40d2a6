"""Words of a workflow never become code: what the compiler makes runs on the platform's own side, so that nothing may come in by a name."""

import ast
import json
import re
from collections import Counter
from pathlib import Path

import pytest

from core import language
from core.domain.errors import Severity, WorkflowError
from core.domain.instrument import Instrument

HOSTILE = (
    'x"""\nimport os\n"""',
    "x'''\nopen('/etc/passwd')\n'''",
    "x\\",
    '"""',
    '\\"""\nimport os#',
    "x\r\nimport os",
    "x\u2028import os",
    "x\x0cimport os",
    "x\x00import os",
    "{__import__('os')}",
    "$os",
    "%(os)s",
)
ROWS = [
    {"id": "in", "section": "entry_long", "indicators": ["sma(20)", "sma(50)"], "operator": "crosses above"},
    {"id": "out", "section": "exit_long", "indicators": ["sma(20)", "sma(50)"], "operator": "crosses below"},
    {"id": "size", "section": "sizing", "indicators": ["position_size"], "operator": "percent", "thresholds": ["95"]},
]


def compile_with(place: str, text: str) -> str:
    """The program of a workflow with this text in one of its places."""
    document: dict[str, object] = {"schema_version": 2, "name": "Cross", "description": "", "direction": "long_only"}
    first = ROWS[0] | ({} if place in document else {place: text})
    return language.compile_workflow(language.parse(document | {"rows": [first, *ROWS[1:]]} | ({place: text} if place in document else {})))


def count_doings(code: str) -> Counter[str]:
    """Everything that a program imports, calls, reads of others or names, how often each; texts and the names of its own classes apart."""
    tree = ast.parse(code)
    own = {node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
    kinds = (ast.Import, ast.ImportFrom, ast.Call, ast.Attribute, ast.Name)
    said = (ast.dump(node) for node in ast.walk(tree) if isinstance(node, kinds))
    return Counter(text for text in said if not any(f"'{name}'" in text for name in own))


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("place", ["name", "description", "note"])
def test_what_stands_beside_the_rules_changes_nothing_that_a_program_does(place: str, text: str) -> None:
    assert count_doings(compile_with(place, text)) == count_doings(compile_with(place, "plain"))


STARTERS = ("three_bar_reversal", "adx_trend", "pyramid_breakout", "long_short_cross")
"""Their rows size, stop, trail, add and turn around; one of them has setups."""
IN_CODE = ('B" and print(1) or "B', "x\n            import os", "x\n    import os", "B\\", "\ud800", "B\u2028import os", "a b", "{x}")
"""Texts that fit into a line of code, or end it."""


@pytest.mark.parametrize("starter", STARTERS)
@pytest.mark.parametrize("place", ["note", "group", "id"])
def test_a_text_that_stands_in_every_row_is_refused_or_does_nothing(starter: str, place: str) -> None:
    document = json.loads((Path("data/workflows") / f"{starter}.json").read_text())
    plain = count_doings(language.compile_workflow(language.parse(document)))
    for text in IN_CODE:
        rows = [row | {place: text + (str(number) if place == "id" else "")} for number, row in enumerate(document["rows"])]
        workflow = language.parse(document | {"rows": rows})
        wrong = {problem.column for problem in language.check(workflow) if problem.severity is Severity.ERROR}
        if place == "group" or wrong:
            assert wrong == {place}
            with pytest.raises(WorkflowError):
                language.compile_workflow(workflow)
        else:
            assert count_kinds(count_doings(language.compile_workflow(workflow))) == count_kinds(plain)


def count_kinds(doings: Counter[str]) -> Counter[str]:
    """How many doings of each kind there are: names may follow the ids of rows."""
    return Counter(name.partition("(")[0] for name in doings.elements())


def test_setup_asks_for_a_letter() -> None:
    asking = ROWS[1] | {"id": "late", "indicators": ["setup is B"], "operator": "is true", "thresholds": []}
    rows = [ROWS[0] | {"group": "dip"}, ROWS[1], asking, ROWS[2]]

    problems = language.check(language.parse({"schema_version": 2, "name": "Cross", "direction": "long_only", "rows": rows}))

    assert [(one.row, one.column) for one in problems if one.severity is Severity.ERROR] == [("in", "group")]


@pytest.mark.parametrize("said", ["b", " B ", "B"])
def test_a_group_is_the_same_letter_however_it_is_written(said: str) -> None:
    """Two rows of group B hold together; read as two groups, one of them would be enough."""
    rows = [ROWS[0] | {"group": "B"}, ROWS[0] | {"id": "more", "group": said, "operator": ">"}, *ROWS[1:]]
    found = language.parse({"schema_version": 2, "name": "Cross", "direction": "long_only", "rows": rows})

    assert [row.group for row in found.rows] == ["B", "B", "A", "A"]
    assert re.search(r"entry_long = \w+ and \w+\n", language.compile_workflow(found))


@pytest.mark.parametrize("text", [text for text in HOSTILE if text.isprintable()])
def test_the_id_of_a_row_names_its_numbers_and_no_more(text: str) -> None:
    found, plain = (count_doings(compile_with("id", each)) for each in (text, "plain"))

    assert sum(found.values()) == sum(plain.values())
    assert [name for name in found if name.startswith(("Import", "Attribute"))] == [
        name for name in plain if name.startswith(("Import", "Attribute"))
    ]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("cell", ["sma({})", "other('{}').close", "tf('{}', close)", "define_{}", "{}"])
def test_a_cell_that_is_no_expression_of_the_language_is_refused(cell: str, text: str) -> None:
    with pytest.raises(WorkflowError):
        compile_with("indicators", [cell.replace("{}", text), "sma(50)"])  # type: ignore[arg-type]


@pytest.mark.parametrize("text", [*HOSTILE, 'UTC"); import os; ("'])
def test_the_zone_of_an_instrument_is_a_text_in_its_program(text: str) -> None:
    """Bars bring their instrument along, and its zone may come from a network."""
    rows = [ROWS[0] | {"indicators": ["minute_of_day", 'time(13, 10, "UTC")'], "operator": ">"}, *ROWS[1:]]
    workflow = language.parse({"schema_version": 2, "name": "Cross", "description": "", "direction": "long_only", "rows": rows})
    found, plain = (language.compile_workflow(workflow, instrument=Instrument(symbol="X", zone=each)) for each in (text, "Europe/Berlin"))

    assert "zoned_time" in plain
    assert found.replace(json.dumps(text), '"Europe/Berlin"') == plain
    assert sum(count_doings(found).values()) == sum(count_doings(plain).values())
