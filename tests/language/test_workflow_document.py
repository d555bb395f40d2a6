"""The document: what is accepted, what is refused and how it is said, and that nothing is lost on the way through JSON."""

import json
from pathlib import Path
from typing import Any

import pytest
from workflow_runs import row, workflow

from core.domain.errors import WorkflowError
from core.domain.workflow import Join, Measure, Operator
from core.language import check, dump, parse

ROW = {"id": "r1", "section": "entry_long", "indicators": ["close"], "operator": ">", "thresholds": ["5"]}
STARTERS = sorted((Path(__file__).parents[2] / "data" / "workflows").glob("*.json"))


def refused(source: Any) -> str:
    with pytest.raises(WorkflowError) as caught:
        parse(source)
    return "\n".join(str(problem) for problem in caught.value.problems)


def document(**fields: Any) -> dict[str, Any]:
    return {"name": "x", "rows": [ROW | fields]}


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("", "it is empty."),
        ('{"name": "x",}', "not JSON at line 1"),
        ("[1, 2]", "the document is a list, an object is needed."),
        ("null", "the document is empty"),
        (b"\xff\xfe", "byte 0 is not UTF-8. Save the file as UTF-8."),
        ('{"name": NaN}', "`NaN` is not a number that JSON knows."),
        ('{"name": "a", "name": "b"}', "the field `name` is given twice."),
        ("[" * 100_000, "nested too deeply"),  # Python 3.13 reads the first ten thousand
        ('{"name": "x", "rows": ' + "9" * 5_000 + "}", "a number that is too long"),
        ("x" * 1_000_001, "the document has 1000001 bytes"),
        ('{"rows": []}', "(name): the field `name` is missing."),
        ('{"name": "x", "rows": {}}', "`rows` is not a list."),
        ('{"name": "x", "rows": [5]}', "row number 1: a row is not an object."),
        ('{"name": "x", "paint": 1}', "(paint): the field `paint` is not known."),
        ('{"name": "x", "direction": "longonly"}', "(direction): `longonly` is not a known direction. Did you mean `long_only`"),
        ('{"name": "x", "schema_version": 3}', "schema version 3 cannot be read."),
        (json.dumps({"name": "x", "rows": [ROW] * 201}), "there are 201 rows, 200 are allowed."),
    ],
)
def test_a_document_that_cannot_be_read_says_where_and_what(source: str | bytes, said: str) -> None:
    assert said in refused(source)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"operator": "crosses abvoe"}, "row r1 (operator): `crosses abvoe` is not a known operator. Did you mean `crosses above`"),
        ({"section": "entry"}, "row r1 (section): `entry` is not a known section. Did you mean `entry_long`"),
        ({"indicator": ["close"]}, "row r1 (indicator): the field `indicator` is not known. Did you mean `indicators`"),
        ({"indicators": {"close": 1}}, 'Write a list of texts, for example ["sma(20)"].'),
        ({"thresholds": [None]}, "row r1 (thresholds)"),
        ({"within": 0}, "row r1 (within): `0` does not fit here"),
        ({"enabled": "maybe"}, "Write true or false."),
        ({"id": ""}, "row number 1 (id): the row has no id."),
        ({"id": "entry_long"}, "`entry_long` is the name of a section and cannot be a row's id."),
        ({"indicators": ["close"] * 21}, "a row holds at most 20 operands."),
        ({"note": "n" * 5_001}, "a text of 5001 characters is too long."),
    ],
)
def test_a_row_that_cannot_be_read_is_named(fields: dict[str, Any], said: str) -> None:
    assert said in refused(document(**fields))


def test_two_rows_with_one_id_are_refused() -> None:
    assert "row r1 (id): this id is used twice." in refused({"name": "x", "rows": [ROW, ROW]})


def test_every_problem_is_named_at_once() -> None:
    said = refused({"name": "x", "rows": [ROW | {"operator": "~"}, ROW | {"id": "r2", "section": "?"}]})

    assert "row r1 (operator)" in said
    assert "row r2 (section)" in said


def test_numbers_in_cells_become_their_text() -> None:
    told = parse(document(thresholds=[30, 2.5, 1e-7, 1_000_000]))

    assert told.rows[0].thresholds == ("30", "2.5", "1e-07", "1000000")


def test_a_byte_order_mark_is_no_obstacle() -> None:
    assert parse("\ufeff" + json.dumps(document())) == parse(json.dumps(document()).encode("utf-8-sig"))


def test_what_is_left_out_has_its_default() -> None:
    told = parse({"name": "x", "rows": [{"id": "r1", "section": "filter", "indicators": ["close > 1"], "operator": "is true"}]}).rows[0]

    assert (told.enabled, told.group, told.join, told.within, told.timeframe, told.note) == (True, "A", Join.ALL, 1, None, "")


def test_every_operator_and_measure_survives_json() -> None:
    for operator in (*Operator, *Measure):
        told = workflow(row("risk", "stop_loss", operator.value, 5, note='quotes " and ünïcode'))
        assert parse(dump(told)) == told
        assert dump(parse(dump(told))) == dump(told)


@pytest.mark.parametrize("file", STARTERS, ids=lambda file: file.stem)
def test_a_starter_is_sound_and_says_its_idea(file: Path) -> None:
    told = parse(file.read_bytes())

    assert check(told) == () or all(problem.severity == "warning" for problem in check(told))
    assert len(told.description) > 20
    assert parse(dump(told)) == told


def test_there_are_at_least_fifteen_starters() -> None:
    assert len(STARTERS) >= 15
