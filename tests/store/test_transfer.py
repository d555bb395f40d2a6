"""A history moves into another database and back: every row the same, nothing half, and it goes on there."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from core.domain.errors import StoreError
from core.domain.events import LogEvent
from core.store import Store
from core.store.address import read_address
from core.store.database import Database
from core.store.transfer import Transfer, copy_rows
from tests.store.conftest import make_empty_database
from tests.store.old_history import WHOLE, spoil_history, unpack_history
from tests.store.samples import plan


@pytest.fixture
def old(tmp_path: Path) -> str:
    """Address of the history that the version before left."""
    unpack_history(tmp_path / "old")
    return read_address(str(tmp_path / "old" / "stratloop.db"))


def transfer(source: str, target: str) -> Transfer:
    with closing(Database(source)) as here, closing(Database(target)) as there:
        return copy_rows(here, there)


def list_everything(address: str) -> list[str]:
    """Each row of a history as text, its own format's version aside."""
    with closing(sqlite3.connect(address.removeprefix("sqlite:///"))) as opened:
        return sorted(line for line in opened.iterdump() if line.startswith("INSERT") and "alembic_version" not in line)


def test_a_history_goes_to_postgresql_and_back_without_a_changed_row(old: str, postgres: str, tmp_path: Path) -> None:
    server, back = make_empty_database(postgres), read_address(str(tmp_path / "back.db"))

    there = transfer(old, server)
    again = transfer(server, back)

    assert (there, there.left_out) == (again, ())
    assert there.rows["iteration"] > 10
    assert list_everything(back) == list_everything(old)


def test_a_copied_history_goes_on_with_numbers_of_its_own(old: str, postgres: str, tmp_path: Path) -> None:
    server = make_empty_database(postgres)
    transfer(old, server)

    with closing(Store(server, tmp_path)) as store:
        last = store.last_seq(WHOLE)
        run = store.create_run(plan())
        assert store.add_event(run.id, LogEvent(text="on")) > last
        assert [each.number for each in store.list_iterations(WHOLE)] == sorted(each.number for each in store.list_iterations(WHOLE))


def test_nothing_is_copied_into_a_history_that_has_rows(old: str, tmp_path: Path) -> None:
    with closing(Store.in_folder(tmp_path / "used")) as used:
        used.create_run(plan())
        with pytest.raises(StoreError, match="not empty"):
            transfer(old, str(tmp_path / "used" / "stratloop.db"))
        assert used.count_runs() == 1


def test_a_damaged_row_stays_behind_by_name_with_what_belongs_to_it(tmp_path: Path) -> None:
    unpack_history(tmp_path / "old")
    spoil_history(tmp_path / "old", f"UPDATE run SET workflow = CAST(x'41ff42' AS TEXT) WHERE id = '{WHOLE}'")

    made = transfer(str(tmp_path / "old" / "stratloop.db"), str(tmp_path / "new.db"))

    assert made.left_out[0] == f"run {WHOLE}"
    assert {name.split()[0] for name in made.left_out} == {"run", "iteration"}
    with closing(Store.in_folder(tmp_path / "old")) as before, closing(Store(str(tmp_path / "new.db"), tmp_path)) as after:
        assert after.count_runs() == before.count_runs() - 1


def test_a_copy_that_cannot_be_finished_leaves_nothing_behind(old: str, tmp_path: Path) -> None:
    target = tmp_path / "new.db"
    Database(str(target)).close()
    with closing(sqlite3.connect(target)) as opened:  # something that changes what is written
        opened.execute("CREATE TRIGGER spoil AFTER INSERT ON setting BEGIN UPDATE setting SET value = 'x' WHERE key = new.key; END")
        opened.commit()

    with pytest.raises(StoreError, match="setting"):
        transfer(old, str(target))

    assert not [line for line in list_everything(str(target)) if "INSERT" in line]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("postgresql://me:pw@host/db", "postgresql+psycopg://me:pw@host/db"),
        ("postgres://host/db?sslmode=require", "postgresql+psycopg://host/db?sslmode=require"),
        ("postgresql+psycopg://host/db", "postgresql+psycopg://host/db"),
        ("sqlite:////tmp/a.db", "sqlite:////tmp/a.db"),
        ("/tmp/a b.db", "sqlite:////tmp/a b.db"),
        ("/tmp/Größe/it's 50%41 a&b?c#d.db", "sqlite:////tmp/Größe/it's 50%41 a&b?c#d.db"),
    ],
)
def test_addresses_are_read_as_people_write_them(text: str, meant: str) -> None:
    assert read_address(text) == meant


@pytest.mark.parametrize("text", ["", "  ", "no such://thing://x", "oracle9://host/db", "://", "postgresql://me:p@ss:w/rd@host/db"])
def test_what_is_no_address_is_refused_in_words(text: str) -> None:
    with pytest.raises(StoreError):
        Database(text).close()


@pytest.mark.parametrize("name", ["Größe", "it's a&b", "50%41", "what?mode=ro", "a#b", "履歴"])
def test_a_history_lies_where_it_is_told_to_whatever_signs_the_path_has(name: str, tmp_path: Path) -> None:
    home = tmp_path / name
    home.mkdir()

    with closing(Store.in_folder(home)) as store:
        run = store.create_run(plan())
    with closing(Store(str(home / "stratloop.db"), home)) as again:
        found = again.read_run(run.id)

    assert found.id == run.id
    assert [entry.name for entry in tmp_path.iterdir()] == [name]
    assert (home / "stratloop.db").stat().st_size > 0
