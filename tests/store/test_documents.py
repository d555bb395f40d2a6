"""Documents: lifted step by step, read strictly, and refused with the name of the row and what is the matter with it."""

import json

import pytest

from core.domain.history import DocumentKind, UnreadableCause, UnreadableRow, UnreadableRowError
from core.domain.workflow import Workflow
from core.store import documents
from core.store.documents import current_version, read_document, read_json, read_newest, read_rows, read_text

WORKFLOW = DocumentKind.WORKFLOW


def read(document: str | bytes, version: int = 1) -> Workflow:
    return read_document(Workflow, WORKFLOW, "cross:2", document, version)


def refuse(document: str | bytes, version: int = 1) -> UnreadableRow:
    with pytest.raises(UnreadableRowError) as refused:
        read(document, version)
    return refused.value.row


@pytest.fixture
def two_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program two versions ahead: first `title` became `name`, then every description got a full stop."""
    rename = lambda _, found: {"name": found.pop("title"), **found}  # noqa: E731
    close = lambda _, found: {**found, "description": f"{found['description']}."}  # noqa: E731
    monkeypatch.setitem(documents.STEPS, WORKFLOW, (rename, close))


@pytest.mark.usefixtures("two_steps")
@pytest.mark.parametrize(
    ("version", "document"),
    [(1, '{"title": "x", "description": "y"}'), (2, '{"name": "x", "description": "y"}'), (3, '{"name": "x", "description": "y."}')],
)
def test_a_document_of_any_earlier_version_is_lifted_step_by_step(version: int, document: str) -> None:
    assert current_version(WORKFLOW) == 3
    assert read(document, version) == Workflow(name="x", description="y.")


@pytest.mark.usefixtures("two_steps")
@pytest.mark.parametrize("document", ["{}", "[]", '"text"', "null", '{"name": "x"}', "cut off"])
def test_a_document_that_a_step_cannot_lift_is_a_broken_row_and_not_a_bug(document: str) -> None:
    assert refuse(document, 1).cause is UnreadableCause.BROKEN


def test_a_field_that_was_added_with_a_default_needs_no_step() -> None:
    assert read('{"name": "x"}') == Workflow(name="x")


@pytest.mark.parametrize(
    ("document", "version", "cause", "reason"),
    [
        ('{"name": "x"}', 2, "newer", "its document is of version 2, and this program reads 1 to 1"),
        ('{"name": "x"}', 0, "broken", "its document is of version 0, and this program reads 1 to 1"),
        ('{"name": "x", "color": 1}', 1, "newer", "it has a field `color` that this version does not know"),
        ('{"name": "x", "rows": [{"id": "r1", "section": "mood"}]}', 1, "broken", "its field `rows.0.operator` is missing, and 1 more"),
        ('{"name": "x", "direction": "sideways"}', 1, "newer", "`direction` is 'sideways', which this version does not know"),
        ('{"name": "x", "schema_version": 3}', 1, "newer", "`schema_version` is '3', which this version does not know"),
        ('{"description": "x"}', 1, "broken", "its field `name` is missing"),
        ('{"name": 5}', 1, "broken", "its field `name` is wrong (Input should be a valid string)"),
        ('{"name": "x', 1, "broken", "its document is cut off or damaged"),
        (b"\xff\x00", 1, "broken", "its document is cut off or damaged"),
        ("[]", 1, "broken", "its document is wrong (Input should be an object)"),
    ],
)
def test_what_cannot_be_read_is_said_in_words(document: str | bytes, version: int, cause: str, reason: str) -> None:
    found = refuse(document, version)

    assert (found.kind, found.id, found.cause, found.reason) == (WORKFLOW, "cross:2", cause, reason)


def test_the_error_names_the_row_and_what_to_do() -> None:
    with pytest.raises(UnreadableRowError) as newer:
        read('{"name": "x", "color": 1}')
    with pytest.raises(UnreadableRowError) as broken:
        read("{")

    assert newer.value.message == (
        "Version 2 of the saved workflow 'cross' was written by a newer version of Stratloop: "
        "it has a field `color` that this version does not know."
    )
    assert "Update Stratloop" in newer.value.hint
    assert broken.value.message.startswith("Version 2 of the saved workflow 'cross' cannot be read: ")
    assert "`doctor`" in broken.value.hint


def test_a_text_is_its_owners_business_as_long_as_its_version_is_known() -> None:
    assert read_text(DocumentKind.DRAFT, "builder", "{anything", 1) == "{anything"
    with pytest.raises(UnreadableRowError, match="The draft 'builder' was written by a newer version"):
        read_text(DocumentKind.DRAFT, "builder", "{}", 2)


def as_number(row: str) -> int:
    with documents.name_unreadable(DocumentKind.RUN, row):
        return int(row)


def test_a_row_that_cannot_be_read_costs_no_other() -> None:
    found = read_rows(["1", "x", "3"], as_number)

    assert (found, [row.id for row in found.left_out]) == ((1, 3), ["x"])
    with pytest.raises(UnreadableRowError, match="Run x"):
        found.require_whole()


@pytest.mark.parametrize(
    ("limit", "values", "left_out"),
    [(2, (1, 2), []), (3, (1, 2, 3), ["x", "y", "z"]), (9, (1, 2, 3, 4), ["x", "y", "z", "w"])],
)
def test_as_many_rows_as_were_asked_for_are_found_behind_those_that_cannot_be_read(
    limit: int, values: tuple[int, ...], left_out: list[str]
) -> None:
    rows = ["1", "2", "x", "y", "z", "3", "w", "4"]

    found = read_newest(lambda count: rows[:count], as_number, limit)

    assert (found, [row.id for row in found.left_out]) == (values, left_out)


ENDED = {"status": "complete", "stop_reason": "loops"}


@pytest.mark.parametrize(
    ("kind", "document", "added"),
    [
        (DocumentKind.RUN, {**ENDED, "message": "All loops are done."}, {"says_more": False}),
        (DocumentKind.RUN, {**ENDED, "message": "All loops are done. Run again bar by bar, ..."}, {"says_more": True}),
        (DocumentKind.RUN, {**ENDED, "message": ""}, {"says_more": False}),
        (DocumentKind.RUN, {"status": "failed", "stop_reason": "error", "message": "No key."}, {"says_more": False}),
        (
            DocumentKind.ITERATION,
            {"notes": ["line 3: taken out", "No score: 2 closed trades."]},
            {"no_score": "No score: 2 closed trades."},
        ),
        (DocumentKind.ITERATION, {"notes": ["line 3: taken out"]}, {"no_score": ""}),
    ],
)
def test_words_of_the_first_version_become_facts_beside_them(kind: DocumentKind, document: dict[str, object], added: object) -> None:
    assert read_json(kind, "x", json.dumps(document), 1) == {**document, **added}  # type: ignore[dict-item]
