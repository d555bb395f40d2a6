"""The terminal over a history with rows that cannot be read: lists go on, one run is refused in words, and `doctor` names them all."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from core.cli.verbs import app
from core.services import shut_down
from tests.store.old_history import BROKEN_INSIDE, NEWER, UNKNOWN_FIELD, WHOLE, spoil_history, unpack_history


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("STRATLOOP_HOME", str(tmp_path))
    shut_down()
    unpack_history(tmp_path)
    yield tmp_path
    shut_down()


def call(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def document(result: Result) -> Any:
    return json.loads(result.stdout)


def test_runs_lists_the_rest_and_says_on_standard_error_what_is_missing(home: Path) -> None:
    spoil_history(home)

    plain, listed = call("runs"), call("runs", "--json")

    assert (plain.exit_code, listed.exit_code) == (0, 0)
    assert plain.stderr.strip() == listed.stderr.strip() == "2 runs of a newer version are not shown; `doctor` names them."
    assert WHOLE in plain.stdout
    assert len(document(listed)) == 5
    assert not {run["id"] for run in document(listed)} & {NEWER, UNKNOWN_FIELD}


def test_show_refuses_one_run_with_its_name_the_reason_and_what_to_do(home: Path) -> None:
    spoil_history(home)

    result = call("show", UNKNOWN_FIELD, "--json")

    error = document(result)["error"]
    assert result.exit_code == 2
    assert error["message"] == (
        f"Run {UNKNOWN_FIELD} was written by a newer version of Stratloop: it has a field `color` that this version does not know."
    )
    assert "Update Stratloop" in error["hint"]


def test_show_prints_the_iterations_that_can_be_read(home: Path) -> None:
    spoil_history(home)

    plain, whole = call("show", BROKEN_INSIDE), call("show", BROKEN_INSIDE, "--json")

    assert (plain.exit_code, whole.exit_code) == (0, 0)
    assert "1 iteration that cannot be read is not shown" in plain.stderr
    assert [iteration["number"] for iteration in document(whole)["iterations"]] == [0, 1, 3, 4]


@pytest.mark.parametrize("words", [("cancel",), ("resume",), ("steer",)])
def test_no_verb_touches_a_run_that_it_cannot_read(home: Path, words: tuple[str, ...]) -> None:
    spoil_history(home)

    result = call(*words, NEWER, *(("pause",) if words == ("steer",) else ()))

    assert result.exit_code == 2
    assert f"Run {NEWER} was written by a newer version" in result.stderr


def test_doctor_names_every_row_that_cannot_be_read(home: Path) -> None:
    spoil_history(home)
    spoil_history(home, "UPDATE setting SET value = '{' WHERE key = 'caps'", "UPDATE setting SET document_version = 99 WHERE key != 'caps'")

    result, plain = call("doctor", "--json"), call("doctor")

    found = document(result)
    assert (result.exit_code, plain.exit_code, found["ok"], found["runs"]) == (1, 1, False, 7)
    assert {(row["kind"], row["id"]) for row in found["unreadable"]} == {
        ("run", UNKNOWN_FIELD),
        ("run", NEWER),
        ("iteration", f"{BROKEN_INSIDE}:2"),
        ("curve", f"{BROKEN_INSIDE}:1"),
        ("workflow", "Bollinger squeeze breakout:2"),
        ("call", "20"),
        ("setting", "caps"),
        ("setting", "default_model"),
    }
    assert len(found["problems"]) == 8
    assert all(problem in plain.stderr for problem in found["problems"])
    assert f"store: Run {UNKNOWN_FIELD} was written by a newer version of Stratloop: it has a field `color`" in plain.stderr


def test_doctor_finds_nothing_wrong_with_the_history_of_the_version_before() -> None:
    found = document(call("doctor", "--json"))

    assert (found["unreadable"], found["problems"], found["runs"]) == ([], [], 7)


def test_a_copy_with_damaged_rows_is_put_back_and_they_are_named(home: Path) -> None:
    spoil_history(home)
    copy = home / "copy.db"
    assert call("history", "backup", str(copy)).exit_code == 0

    restored = call("history", "restore", str(copy))

    assert restored.exit_code == 0
    assert f"The history is that of {copy}" in restored.stderr
    assert restored.stderr.count("Damaged in it:") >= 2
    assert NEWER in restored.stderr
