"""A history on a disk without any room is read, also where SQLite cannot lay its journals beside it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.domain.errors import StoreError, StoreTrouble
from core.domain.events import LogEvent
from core.store import Store
from tests.store.samples import plan

resource = pytest.importorskip("resource", reason="limits of a process are not known on this system")


@contextmanager
def no_room() -> Iterator[None]:
    """Let no file of this process grow, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_it_is_read_and_goes_on_where_there_is_room_again(tmp_path: Path) -> None:
    before = Store.in_folder(tmp_path)
    run = before.create_run(plan())
    before.close()

    with no_room():
        store = Store.in_folder(tmp_path)
        assert store.read_run(run.id) == run
        with pytest.raises(StoreError, match="disk is full") as told:
            store.create_run(plan())
    assert told.value.trouble is StoreTrouble.FULL
    assert told.value.writing
    store.add_event(run.id, LogEvent(text="there is room again"))
    assert [one.body.text for one in store.list_events(run.id) if isinstance(one.body, LogEvent)] == ["there is room again"]


def test_what_is_in_the_journal_alone_is_not_left_out_in_silence(tmp_path: Path) -> None:
    before = Store.in_folder(tmp_path)
    before.create_run(plan())
    journal = tmp_path / "stratloop.db-wal"
    kept = journal.read_bytes()
    before.close()
    journal.write_bytes(kept)

    with no_room(), pytest.raises(StoreError, match="disk is full"):
        Store.in_folder(tmp_path)
