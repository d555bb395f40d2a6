"""The history of the version before in a home of one's own, with rows in it that this version cannot read."""

import lzma
import sqlite3
from datetime import datetime
from pathlib import Path

from core.store import Store

HISTORIES = Path(__file__).parent / "histories"

UNKNOWN_FIELD, NEWER, BROKEN_INSIDE = "9b05c92d", "ec8009a3", "92b47aa3"
"""Runs of the history: complete drives, the first two of which are then left out, the last one without its iteration 2."""

WHOLE = "dc48d0d4"
"""A run of the history that keeps everything."""

SPOILS = (
    f"UPDATE run SET document = json_set(document, '$.color', 'blue') WHERE id = '{UNKNOWN_FIELD}'",
    f"UPDATE run SET document_version = 99 WHERE id = '{NEWER}'",
    f"UPDATE iteration SET document = 'cut off' WHERE run_id = '{BROKEN_INSIDE}' AND number = 2",
    f"UPDATE curve SET facts = x'00' WHERE run_id = '{BROKEN_INSIDE}' AND number = 1",
    "UPDATE workflow SET document_version = 99 WHERE version = 2",
    "UPDATE ledger SET document = json_set(document, '$.status', 'disputed') WHERE id = (SELECT max(id) FROM ledger)",
)


def unpack_history(home: Path) -> None:
    """Put the history into a home, as its version left it."""
    home.mkdir(parents=True, exist_ok=True)
    (home / "stratloop.db").write_bytes(lzma.decompress((HISTORIES / "0.1.0.db.xz").read_bytes()))


def spoil_history(home: Path, *statements: str) -> None:
    """Change the history behind the store's back; by default so that six rows of it cannot be read."""
    Store.in_folder(home).close()
    with sqlite3.connect(home / "stratloop.db") as connection:
        for statement in statements or SPOILS:
            assert connection.execute(statement).rowcount == 1, statement
    connection.close()


def date_calls(home: Path, moment: datetime) -> None:
    """Date the model calls of the history: screens count those of today's day and month."""
    with sqlite3.connect(home / "stratloop.db") as connection:
        connection.execute("UPDATE ledger SET started = ?", (moment.timestamp(),))
    connection.close()
