"""The history belongs to its owner alone, and no run takes another one's id."""

import os
import secrets
import stat
import sys
from pathlib import Path

import pytest

from core.store import Store
from tests.store.samples import plan

posix = pytest.mark.skipif(sys.platform == "win32", reason="no such rights there")


def rights(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@posix
def test_the_home_and_the_history_with_its_journals_are_for_their_owner_only(tmp_path: Path) -> None:
    before = os.umask(0o022)
    home = tmp_path / "deep" / "home"
    store = Store.in_folder(home)
    store.create_run(plan())
    os.umask(before)

    assert rights(home) == 0o700
    files = list(home.glob("stratloop.db*"))
    assert any(file.name.endswith("-wal") for file in files)
    assert {rights(file) for file in files if not file.name.endswith(".migrating")} == {0o600}


@posix
def test_a_home_that_stood_open_is_closed(tmp_path: Path) -> None:
    Store.in_folder(tmp_path).close()
    tmp_path.chmod(0o755)
    (tmp_path / "stratloop.db").chmod(0o644)

    Store.in_folder(tmp_path).close()

    assert (rights(tmp_path), rights(tmp_path / "stratloop.db")) == (0o700, 0o600)


def test_an_id_that_is_taken_is_drawn_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter(["aaaaaaaa", "aaaaaaaa", "bbbbbbbb"])
    monkeypatch.setattr(secrets, "token_hex", lambda size: next(drawn) if size == 4 else "0" * size)
    store = Store.in_folder(tmp_path)
    assert [store.create_run(plan()).id, store.create_run(plan()).id] == ["aaaaaaaa", "bbbbbbbb"]
