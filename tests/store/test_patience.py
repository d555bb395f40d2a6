"""Trouble of the database is waited out, call by call; what does not pass ends the waiting in words."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError, OperationalError

from core.domain.errors import InputError, StoreError, StoreTrouble
from core.domain.events import LogEvent
from core.store import Patience, Store
from core.store.database import _explained
from core.store.patience import BRIEF, READ_SECONDS, WRITE_SECONDS, wait_out
from tests.store.samples import make_long_text, plan

LONG = make_long_text(200_000)
LOCKED = StoreError("locked", trouble=StoreTrouble.LOCKED)


def failing(times: int, error: StoreError) -> Callable[[], str]:
    """Something that fails so often and then gives `done`."""
    left = [error] * times

    def act() -> str:
        if left:
            raise left.pop()
        return "done"

    return act


def test_what_passes_by_itself_is_done_again_until_it_succeeds() -> None:
    over: list[bool] = []
    assert wait_out(failing(2, LOCKED), Patience(lambda error, waited: True, lambda: over.append(True))) == "done"
    assert over == [True]


def test_without_trouble_nobody_is_told_that_it_is_over() -> None:
    over: list[bool] = []
    wait_out(failing(0, LOCKED), Patience(lambda error, waited: True, lambda: over.append(True)))
    assert over == []


@pytest.mark.parametrize(
    ("trouble", "writing", "waited", "goes_on"),
    [
        (StoreTrouble.LOCKED, True, WRITE_SECONDS - 1, True),
        (StoreTrouble.LOCKED, True, WRITE_SECONDS + 1, False),
        (StoreTrouble.DISCONNECTED, False, READ_SECONDS - 1, True),
        (StoreTrouble.DISCONNECTED, False, READ_SECONDS + 1, False),
        (StoreTrouble.FULL, True, 0, False),
        (StoreTrouble.READ_ONLY, True, 0, False),
        (StoreTrouble.OTHER, True, 0, False),
    ],
)
def test_a_screen_waits_for_what_passes_and_for_a_limited_time(trouble: StoreTrouble, writing: bool, waited: float, goes_on: bool) -> None:
    assert BRIEF.goes_on(StoreError("x", trouble=trouble, writing=writing), waited) is goes_on


@pytest.mark.parametrize(
    ("words", "trouble"),
    [
        ("database is locked", StoreTrouble.LOCKED),
        ("database or disk is full", StoreTrouble.FULL),
        ("disk I/O error", StoreTrouble.FULL),
        ("attempt to write a readonly database", StoreTrouble.READ_ONLY),
        ("unable to open database file", StoreTrouble.READ_ONLY),
        ("database disk image is malformed", StoreTrouble.OTHER),
    ],
)
def test_the_driver_s_words_are_sorted_by_what_can_be_done(words: str, trouble: StoreTrouble) -> None:
    assert _explained(OperationalError("", {}, sqlite3.OperationalError(words))).trouble is trouble


class ServerError(Exception):
    """An error of a database server, with its code."""

    def __init__(self, sqlstate: str | None) -> None:
        super().__init__('connection to server at "10.0.0.5", port 5432 failed')
        self.sqlstate = sqlstate


@pytest.mark.parametrize("state", ["57P01", "57P03", "08006", None])
def test_a_lost_connection_is_waited_out_and_names_no_server(state: str | None) -> None:
    found = _explained(OperationalError("", {}, ServerError(state)))
    assert found.trouble is StoreTrouble.DISCONNECTED
    assert "10.0.0.5" not in str(found)


def test_an_error_of_the_statement_is_no_lost_connection() -> None:
    assert _explained(DBAPIError("", {}, ServerError("42601"))).trouble is StoreTrouble.OTHER


def set_room(store: Store, pages: int) -> None:
    """Let the file grow to so many pages and no further, as a disk would."""
    with store._database._engine.connect() as connection:
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")


def test_a_worker_waits_while_the_disk_is_full_and_stores_everything_once(tmp_path: Path) -> None:
    store = Store.in_folder(tmp_path)
    run = store.create_run(plan())
    store.claim(run.id, "worker", seconds=60)
    said: list[StoreTrouble] = []

    def free_some(error: StoreError, waited: float) -> bool:
        said.append(error.trouble)
        set_room(store, 100_000)
        return True

    set_room(store, 1)
    store.with_owner("worker", Patience(free_some)).add_event(run.id, LogEvent(text=LONG))

    assert said == [StoreTrouble.FULL]
    assert [event.body.text for event in store.list_events(run.id) if isinstance(event.body, LogEvent)] == [LONG]


def test_a_full_disk_can_be_read_and_says_so_to_whoever_writes(tmp_path: Path) -> None:
    store = Store.in_folder(tmp_path)
    run = store.create_run(plan())
    set_room(store, 1)

    with pytest.raises(StoreError, match="disk is full"):
        store.add_event(run.id, LogEvent(text=LONG))
    assert store.read_run(run.id) == run


def test_other_errors_of_a_call_are_raised_at_once(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        Store.in_folder(tmp_path).read_run("unknown")
