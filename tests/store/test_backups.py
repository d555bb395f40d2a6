"""A copy of the history is whole while others write, is looked through before it is trusted, and can be put back."""

import stat
import threading
from datetime import date, timedelta
from pathlib import Path

import pytest

from core.domain.errors import StoreError
from core.domain.events import LogEvent
from core.store import Store
from core.store.backups import copy_history, find_damage, keep_daily_copy, list_copies, restore_history
from tests.store.samples import make_long_text, plan


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = Store.in_folder(tmp_path / "home")
    for _ in range(3):
        made.create_run(plan())
    return made


def database(tmp_path: Path) -> Path:
    return tmp_path / "home" / "stratloop.db"


def test_a_copy_made_while_others_write_is_sound_and_holds_what_was_stored_before(store: Store, tmp_path: Path) -> None:
    run, stop = store.list_runs()[0], threading.Event()

    def write() -> None:
        while not stop.is_set():
            store.add_event(run.id, LogEvent(text=make_long_text(2_000)))

    writer = threading.Thread(target=write)
    writer.start()
    copies = [copy_history(database(tmp_path), tmp_path / f"copy{n}.db") for n in range(3)]
    stop.set()
    writer.join()

    assert [find_damage(copy.path) for copy in copies] == [(), (), ()]
    assert copies[0].size == (tmp_path / "copy0.db").stat().st_size
    assert stat.S_IMODE((tmp_path / "copy0.db").stat().st_mode) & 0o077 == 0


def test_what_is_put_back_is_what_was_copied_and_what_was_there_is_kept(store: Store, tmp_path: Path) -> None:
    copy = copy_history(database(tmp_path), tmp_path / "copy.db")
    store.create_run(plan())

    kept = restore_history(copy.path, database(tmp_path), tmp_path / "before.db")

    assert (store.count_runs(), Store.in_folder(tmp_path / "home").count_runs()) == (3, 3)
    restore_history(kept.path, database(tmp_path), tmp_path / "again.db")
    assert store.count_runs() == 4


@pytest.mark.parametrize("damage", [b"", b"no database at all", None])
def test_what_is_no_sound_history_is_not_put_back_and_nothing_is_lost(store: Store, tmp_path: Path, damage: bytes | None) -> None:
    broken = tmp_path / "copy.db"
    if damage is not None:
        broken.write_bytes(damage)

    with pytest.raises(StoreError):
        restore_history(broken, database(tmp_path), tmp_path / "before.db")
    assert store.count_runs() == 3


def test_a_page_that_was_overwritten_is_found(store: Store, tmp_path: Path) -> None:
    for _ in range(40):
        store.add_event(store.list_runs()[0].id, LogEvent(text=make_long_text(3_000)))
    copy = copy_history(database(tmp_path), tmp_path / "copy.db").path
    data = bytearray(copy.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 6_000] = b"\xff" * 6_000
    copy.write_bytes(data)
    assert find_damage(copy)


def test_a_history_that_is_not_there_is_named_and_no_permission_is_blamed(tmp_path: Path) -> None:
    for read in (find_damage, lambda file: copy_history(file, tmp_path / "copy.db")):
        with pytest.raises(StoreError, match="no history at"):
            read(tmp_path / "none.db")

    assert list(tmp_path.iterdir()) == []


def test_a_damaged_history_is_set_aside_when_a_copy_is_put_back(store: Store, tmp_path: Path) -> None:
    copy = copy_history(database(tmp_path), tmp_path / "copy.db")
    store.close()
    for file in (tmp_path / "home").glob("stratloop.db-*"):
        file.unlink()
    database(tmp_path).write_bytes(b"ruined")

    restore_history(copy.path, database(tmp_path), tmp_path / "before.db")

    assert (tmp_path / "before.db").read_bytes() == b"ruined"
    assert Store.in_folder(tmp_path / "home").count_runs() == 3


def test_one_copy_a_day_is_made_and_the_newest_three_are_kept(store: Store, tmp_path: Path) -> None:
    folder, first = tmp_path / "backups", date(2026, 1, 1)
    for day in range(5):
        assert keep_daily_copy(database(tmp_path), folder, first + timedelta(days=day)) is not None
        assert keep_daily_copy(database(tmp_path), folder, first + timedelta(days=day)) is None
    assert sorted(copy.path.name for copy in list_copies(folder)) == [f"stratloop-2026-01-0{day}.db" for day in (3, 4, 5)]


def test_copies_of_days_to_come_do_not_outlive_those_of_today(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    for day in (date(2031, 6, 1), date(2031, 6, 2), date(2031, 6, 3), date(2026, 1, 1), date(2026, 1, 2), date(2026, 1, 3)):
        keep_daily_copy(database(tmp_path), folder, day)
    assert sorted(copy.path.name for copy in list_copies(folder)) == [f"stratloop-2026-01-0{day}.db" for day in (1, 2, 3)]


def test_a_copy_that_is_dropped_while_they_are_listed_is_left_out(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    made = keep_daily_copy(database(tmp_path), folder, date(2026, 1, 1))
    (folder / "stratloop-2025-12-28.db").symlink_to(folder / "gone")  # there when names are read, and gone when its size is

    assert list_copies(folder) == (made,)
