"""Events in the table: what version 0.1.0 wrote is read and written again to the byte, and what cannot be read costs itself alone."""

import json
import lzma
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.domain.events import EventKind, LogEvent, StatusEvent, UnknownEvent, parse_body
from core.domain.history import DocumentKind, UnreadableCause
from core.store import Store
from tests.store.raw_events import UNREADABLE, WRITTEN_BEFORE, insert_raw_event, list_raw_events
from tests.store.samples import plan


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store.in_folder(tmp_path)
    yield made
    made.close()


SINCE_THEN = {EventKind.WAIT, EventKind.STUDY, EventKind.LOOK}
"""Kinds that version 0.1.0 did not know."""
FULLER_NOW = {EventKind.ANSWER}
"""Kinds whose events say more now; what they said then, they still say."""


def test_every_kind_of_event_was_written_before_or_came_since() -> None:
    assert {kind for kind, _ in WRITTEN_BEFORE} == set(EventKind) - SINCE_THEN


@pytest.mark.parametrize(("kind", "data"), WRITTEN_BEFORE)
def test_an_event_of_before_is_read_and_written_again_to_the_byte(store: Store, kind: str, data: str) -> None:
    run = store.create_run(plan())
    insert_raw_event(store, run.id, kind, data)

    found = store.list_events(run.id)[-1].body
    assert not isinstance(found, UnknownEvent)
    assert found.kind.value == kind
    store.add_event(run.id, found)

    before, again = list_raw_events(store, run.id)[-2:]
    assert before == (kind, data)
    assert again == before or kind in FULLER_NOW
    assert parse_body(kind, json.loads(again[1])) == found


def test_the_whole_history_of_before_is_read_and_would_be_written_again_in_the_words_of_today(tmp_path: Path) -> None:
    file = tmp_path / "before.db"
    file.write_bytes(lzma.decompress((Path(__file__).parent / "histories" / "0.1.0.db.xz").read_bytes()))
    with sqlite3.connect(file) as connection:
        rows = connection.execute("SELECT kind, data FROM event").fetchall()
    connection.close()

    assert len(rows) == 235
    now = [(kind, data.replace('"stage": "ledger"', '"stage": "fill_audit"')) for kind, data in rows]
    assert [(kind, json.dumps(parse_body(kind, json.loads(data)).to_data())) for kind, data in rows] == now


@pytest.mark.parametrize(("kind", "data"), UNREADABLE)
def test_an_event_that_cannot_be_read_keeps_its_place_and_nothing_else(store: Store, kind: str, data: str) -> None:
    run = store.create_run(plan())
    insert_raw_event(store, run.id, kind, data)
    store.add_event(run.id, LogEvent(text="after it"))

    before, broken, after = store.list_events(run.id)

    assert isinstance(before.body, StatusEvent)
    assert (broken.body, broken.seq) == (UnknownEvent(kind=kind), before.seq + 1)
    assert (after.body, store.list_events(run.id, after=broken.seq)) == (LogEvent(text="after it"), (after,))


def test_an_event_that_cannot_be_read_is_named_where_all_such_rows_are(store: Store) -> None:
    run = store.create_run(plan())
    for kind, data in UNREADABLE:
        insert_raw_event(store, run.id, kind, data)

    found = store.list_unreadable()

    assert [row.id for row in found] == [f"{run.id}:{seq}" for seq in range(2, len(UNREADABLE) + 2)]
    assert {row.kind for row in found} == {DocumentKind.EVENT}
    assert (found[0].cause, found[0].reason) == (UnreadableCause.NEWER, "it is of the kind 'mystery', which this version does not know")
    assert (found[3].cause, found[3].reason) == (UnreadableCause.BROKEN, "its field `stage.number` is missing, and 1 more")


def test_the_newest_event_of_a_kind_may_be_one_that_cannot_be_read(store: Store) -> None:
    run = store.create_run(plan())
    insert_raw_event(store, run.id, "status", '{"status": "asleep"}')

    found = store.find_last_event(run.id, EventKind.STATUS)

    assert found is not None
    assert found.body == UnknownEvent(kind="status")
