"""The run worker and the screens' verbs over a history with rows that cannot be read."""

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.domain.bars_request import BarsRequest
from core.domain.errors import InputError
from core.domain.history import UnreadableRowError
from core.domain.run import ModelChoice, Run, RunPlan, Status
from core.domain.usage import Price
from core.services import Services, Settings
from tests.store.old_history import BROKEN_INSIDE, spoil_history, unpack_history

SECONDS = 240.0


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[Services]:
    made = Services(Settings(home=tmp_path))
    yield made
    made.close()


def begin(parts: Services, loops: int = 0) -> Run:
    """An open run that nobody works on yet."""
    plan = RunPlan(workflow=parts.workbench.find_workflow("sma_cross"), bars=BarsRequest(symbol="AAPL"), loops=loops)
    return parts.store.create_run(plan)


def wait_until_over(parts: Services, run: Run) -> Run:
    over = threading.Event()
    end = parts.store.subscribe(lambda run_id: over.set() if run_id == run.id and parts.store.read_run(run.id).status.finished else None)
    assert parts.store.read_run(run.id).status.finished or over.wait(SECONDS)
    end()
    return parts.store.read_run(run.id)


def logged(parts: Services) -> str:
    file = parts.settings.home / "logs" / "errors.log"
    return file.read_text() if file.exists() else ""


def test_the_worker_takes_the_runs_that_it_can_read_and_leaves_the_others_as_they_are(parts: Services, tmp_path: Path) -> None:
    bad, good = begin(parts), begin(parts)
    spoil_history(tmp_path, f"UPDATE run SET document = json_set(document, '$.color', 'blue') WHERE id = '{bad.id}'")

    assert parts.rooms.run_worker.adopt() == (good.id,)

    assert wait_until_over(parts, good).status is Status.COMPLETE
    parts.rooms.run_worker._adopt_orphans()
    parts.rooms.run_worker._adopt_orphans()
    assert not parts.rooms.run_worker.works_on(bad.id)
    assert logged(parts) == ""
    with sqlite3.connect(tmp_path / "stratloop.db") as connection:
        assert connection.execute(f"SELECT status, lease_owner FROM run WHERE id = '{bad.id}'").fetchall() == [("queued", None)]
    connection.close()


def test_a_run_that_becomes_unreadable_before_its_turn_ends_no_thread_with_a_traceback(parts: Services, tmp_path: Path) -> None:
    bad = begin(parts)
    spoil_history(tmp_path, f"UPDATE run SET document = 'cut off' WHERE id = '{bad.id}'")

    assert parts.rooms.run_worker.submit(bad.id)
    parts.rooms.run_worker.close()

    assert logged(parts) == ""


def test_a_run_with_an_iteration_that_cannot_be_read_ends_in_words_instead_of_going_on_from_a_part(parts: Services, tmp_path: Path) -> None:
    done = parts.runs.run_here(begin(parts, loops=1).plan)
    spoil_history(tmp_path, f"UPDATE iteration SET document_version = 99 WHERE run_id = '{done.id}' AND number = 1")
    parts.runs.resume(done.id, loops=3)

    ended = wait_until_over(parts, done)

    assert ended.status is Status.FAILED
    assert f"Iteration 1 of run {done.id} was written by a newer version" in ended.message
    assert logged(parts) == ""


def test_the_editor_begins_a_new_run_when_the_one_before_cannot_be_read(parts: Services, tmp_path: Path) -> None:
    plan = begin(parts).plan
    code = "import backtrader as bt\n\n\nclass Idle(bt.Strategy):\n    pass\n"
    first, _ = parts.workbench.backtest(code, plan)
    spoil_history(tmp_path, f"UPDATE run SET document_version = 99 WHERE id = '{first.id}'")

    second, _ = parts.workbench.backtest(code, plan, run_id=first.id)

    assert second.id != first.id


def test_a_saved_workflow_that_cannot_be_read_is_not_said_to_be_missing(parts: Services, tmp_path: Path) -> None:
    workflow = parts.workbench.find_workflow("sma_cross").changed(name="mine")
    parts.store.save_workflow(workflow)
    spoil_history(tmp_path, "UPDATE workflow SET document_version = 99")

    with pytest.raises(UnreadableRowError, match="'mine' was written by a newer version"):
        parts.workbench.find_workflow("mine")
    with pytest.raises(InputError, match="no workflow"):
        parts.workbench.find_workflow("other")


def test_limits_that_cannot_be_read_stop_calls_until_they_are_chosen_anew(parts: Services) -> None:
    parts.store.save_setting("caps", '{"day_usd": 5, "week_usd": 9}')

    with pytest.raises(UnreadableRowError, match=r"The setting 'caps' was written by a newer version .* `week_usd`"):
        parts.rooms.ledger.balances()
    assert [row.id for row in parts.preferences.list_unreadable()] == ["caps"]

    parts.preferences.save_caps(day_usd=5)
    assert parts.preferences.read_caps().day_usd == 5
    assert parts.preferences.list_unreadable() == ()


def test_prices_that_cannot_be_read_are_not_guessed_and_give_way_to_a_new_one(parts: Services) -> None:
    parts.store.save_setting("prices", '{"openai/x": {"input": "dear"}}')

    with pytest.raises(UnreadableRowError, match="The setting 'prices' cannot be read"):
        parts.preferences.find_price("openai/x")

    parts.preferences.save_price("openai/x", Price(input=1, output=2, source="user"))
    assert parts.preferences.read_prices().keys() == {"openai/x"}


def test_a_model_for_new_runs_that_cannot_be_read_gives_way_to_the_built_in_one(parts: Services) -> None:
    parts.store.save_setting("default_model", '{"id": "demo", "mood": "good"}')

    assert parts.preferences.read_default_model() == ModelChoice()
    assert [row.id for row in parts.preferences.list_unreadable()] == ["default_model"]


def test_luck_counts_the_tries_that_cannot_be_read_and_nothing_is_said_of_a_best_one_among_them(tmp_path: Path) -> None:
    unpack_history(tmp_path)
    spoil_history(tmp_path)
    parts = Services(Settings(home=tmp_path))

    best, other = parts.runs.assess(BROKEN_INSIDE), parts.runs.assess(BROKEN_INSIDE, 4)

    assert (best.tries, other.tries) == (3, 3), "two with a score, and one that may have had one"
    assert (best.iteration, best.result) == (None, "")
    assert f"Iteration 2 of run {BROKEN_INSIDE} cannot be read" in best.missing
    with pytest.raises(UnreadableRowError):
        parts.runs.assess(BROKEN_INSIDE, 1)
    parts.close()
