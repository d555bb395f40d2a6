"""Copies of the history: made while it is worked with, looked through before anybody trusts them, and put back. SQLite only."""

import os
import secrets
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from core.domain.errors import StoreError, StoreTrouble
from core.store.database import REVISIONS, UNWRITABLE
from core.store.private_files import make_private_file, make_private_folder

KEPT_DAYS = 3
"""Daily copies that are kept."""
PAGES_AT_ONCE = 2_000
"""Pages that are copied before writers have their turn."""


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy of the history."""

    path: Path
    size: int
    """Bytes."""


def copy_history(source: Path, target: Path) -> Copy:
    """Copy a history to a file, as it stands at one moment, also while runs write to it; whole or not at all. Raises StoreError."""
    _require_history(source)
    part = target.with_name(f".{target.name}.{os.getpid()}-{secrets.token_hex(4)}.part")
    with _explain(f"{target} cannot be written"):
        try:
            make_private_file(part)
            with closing(_open(source)) as here, closing(sqlite3.connect(part)) as there:
                here.backup(there, pages=PAGES_AT_ONCE, sleep=0.01)
                there.execute("PRAGMA journal_mode = DELETE")
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
        return Copy(target, target.stat().st_size)


def find_damage(file: Path) -> tuple[str, ...]:
    """Find what is wrong with a history's file, by SQLite's own check of everything in it; empty when it is sound. Raises StoreError."""
    _require_history(file)
    with _explain(f"{file} cannot be read"), closing(_open(file)) as opened:
        try:
            found = [row[0] for row in opened.execute("PRAGMA integrity_check(20)") if row[0] != "ok"]
            found += [f"a row of {table} refers to one that is not there" for table, *_ in opened.execute("PRAGMA foreign_key_check")]
            (revision,) = opened.execute("SELECT version_num FROM alembic_version").fetchone() or ("",)
        except sqlite3.DatabaseError as error:
            return (f"it is no history of Stratloop, or damaged ({error})",)
    return (*found, *(() if revision in REVISIONS else ("it was written by a newer version of Stratloop",)))


def _require_history(file: Path) -> None:
    """Require a file to read from. Raises StoreError."""
    if not file.is_file():
        raise StoreError(f"There is no history at {file}.", hint="It is made with the first run or workflow that is stored.")


def restore_history(copy: Path, database: Path, before: Path) -> Copy:
    """Put a copy back in place of the history, which is kept as `before`; gives that. Raises StoreError, and then nothing was changed."""
    if not copy.is_file():
        raise StoreError(f"There is no file {copy}.")
    if damage := find_damage(copy):
        raise StoreError(f"{copy} is not put back: {damage[0]}.")
    kept = copy_history(database, before) if database.is_file() and not find_damage(database) else _set_aside(database, before)
    with _explain("The history cannot be written"), closing(_open(copy)) as here, closing(sqlite3.connect(database, timeout=30)) as there:
        here.backup(there)
    make_private_file(database)
    return kept


def _set_aside(database: Path, before: Path) -> Copy:
    """Move a history that cannot be read out of the way, as it is."""
    with _explain("The history cannot be written"):
        before.parent.mkdir(parents=True, exist_ok=True)
        for ending in ("", "-wal", "-shm"):
            file = database.with_name(database.name + ending)
            if file.exists():
                file.replace(before.with_name(before.name + ending))
        return Copy(before, before.stat().st_size if before.exists() else 0)


def keep_daily_copy(database: Path, folder: Path, today: date, kept: int = KEPT_DAYS) -> Copy | None:
    """Make today's copy unless it is there, and drop the oldest beyond `kept`; None when there was nothing to do. Raises StoreError."""
    target = folder / f"stratloop-{today.isoformat()}.db"
    if target.exists() or not database.is_file():
        return None
    with _explain(f"{folder} cannot be written"):
        make_private_folder(folder)
        needed = database.stat().st_size
        free = shutil.disk_usage(folder).free
    if free < 2 * needed:
        words = f"There is no room for today's copy of the history: it needs {needed:,} bytes, and as much is to stay free."
        raise StoreError(words, trouble=StoreTrouble.FULL)
    made = copy_history(database, target)
    by_age = sorted(folder.glob("stratloop-????-??-??.db"), key=lambda file: (file.name <= target.name, file.name))
    for old in by_age[:-kept]:  # those of days to come first: a clock that was ahead made them, and they would outlive every later copy
        old.unlink(missing_ok=True)
    return made


def list_copies(folder: Path) -> tuple[Copy, ...]:
    """List the copies in a folder, the newest first."""
    found = []
    for file in folder.glob("*.db"):
        with suppress(FileNotFoundError):  # another server has just dropped it
            state = file.stat()
            found.append((state.st_mtime, Copy(file, state.st_size)))
    return tuple(copy for _, copy in sorted(found, key=lambda each: each[0], reverse=True))


def _open(file: Path) -> sqlite3.Connection:
    """Open a file for reading, also where nothing can be laid beside it and nothing lies there that has not gone into it yet."""
    address = f"{file.absolute().as_uri()}?mode=ro"
    opened = sqlite3.connect(address, uri=True, timeout=30)
    try:
        opened.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.DatabaseError as error:
        log = file.with_name(f"{file.name}-wal")
        if any(words in str(error) for words in UNWRITABLE) and not (log.exists() and log.stat().st_size):
            opened.close()
            return sqlite3.connect(f"{address}&immutable=1", uri=True)
    return opened


@contextmanager
def _explain(words: str) -> Iterator[None]:
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        raise StoreError(f"{words}: {getattr(error, 'strerror', None) or error}.", hint="Check permissions and free space.") from error
