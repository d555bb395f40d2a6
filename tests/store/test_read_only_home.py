"""A home that nobody can write to is read all the same: where rights are missing, and on a disk that is mounted for reading."""

import multiprocessing
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.domain.errors import StoreError, StoreTrouble
from core.store import Store
from core.store.backups import copy_history, find_damage
from tests.store.samples import plan

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="rights are taken away by changing the user of a process")
NOBODY = 65534


@pytest.fixture
def home() -> Iterator[Path]:
    """A home with one run, which its owner and everybody else can only read."""
    folder = Path(tempfile.mkdtemp())
    with_run = folder / "home"
    store = Store.in_folder(with_run)
    store.create_run(plan())
    store.save_draft("code", "kept")
    store.close()
    for path in (folder, with_run, *with_run.iterdir()):
        path.chmod(0o555 if path.is_dir() else 0o444)
    yield with_run
    for path in (folder, with_run):
        path.chmod(0o755)
    shutil.rmtree(folder)


def as_a_reader(act: Callable[[], None]) -> int | None:
    """The end of a process that does it without the rights of root."""

    def run() -> None:
        if os.geteuid() == 0:
            os.setgid(NOBODY)
            os.setuid(NOBODY)
        act()

    process = multiprocessing.get_context("fork").Process(target=run)
    process.start()
    process.join(300)
    return process.exitcode


def test_what_is_stored_is_read(home: Path) -> None:
    def read() -> None:
        store = Store.in_folder(home)
        assert (store.count_runs(), store.read_draft("code")) == (1, "kept")

    assert as_a_reader(read) == 0


def test_what_would_be_stored_is_refused_in_words(home: Path) -> None:
    def write() -> None:
        store = Store.in_folder(home)
        for act in (store.check_writing, lambda: store.create_run(plan()), lambda: store.save_draft("code", "new")):
            with pytest.raises(StoreError, match="read-only") as refused:
                act()
            assert refused.value.trouble is StoreTrouble.READ_ONLY

    assert as_a_reader(write) == 0


def test_a_home_that_holds_no_history_yet_is_refused_in_words(home: Path) -> None:
    home.chmod(0o755)
    (home / "stratloop.db").unlink()
    home.chmod(0o555)

    def begin() -> None:
        with pytest.raises(StoreError, match="read-only"):
            Store.in_folder(home)

    assert as_a_reader(begin) == 0


def test_a_copy_is_made_of_it(home: Path) -> None:
    target = Path(tempfile.mkdtemp()) / "copy.db"
    target.parent.chmod(0o777)

    def copy() -> None:
        assert copy_history(home / "stratloop.db", target).size > 0
        assert find_damage(home / "stratloop.db") == ()

    assert as_a_reader(copy) == 0
    shutil.rmtree(target.parent)
