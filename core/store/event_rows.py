"""Events as rows, written and read column by column within a connection that somebody else opened.

A loop writes nine of them an iteration: a unit of work around each costs five times what the row does.
"""

import json
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select
from sqlmodel import col

from core.domain.events import Event, EventKind, RunEvent, UnknownEvent, parse_body
from core.domain.history import DocumentKind, UnreadableRowError
from core.store.announcements import announce_event
from core.store.compression import pack_text
from core.store.documents import current_version, name_unreadable, read_json
from core.store.patience import current_call
from core.store.tables import EventTable, RunTable

_KEY = ("run_id", "kind", "created", "data")
"""Columns that tell an event from any other one, beside its number."""
_COLUMNS = tuple(col(getattr(EventTable, name)) for name in ("seq", *_KEY, "document_version"))
_ADD = insert(EventTable)
_FIND = select(*(col(getattr(EventTable, name)) for name in _KEY)).where(col(EventTable.seq) == bindparam("seq"))
_NEWEST = select(col(EventTable.created)).where(col(EventTable.run_id) == bindparam("run_id")).order_by(col(EventTable.seq).desc()).limit(1)
_HOLD = select(col(RunTable.lease_owner), col(RunTable.status)).where(col(RunTable.id) == bindparam("run_id")).with_for_update()
_OF_RUN = select(*_COLUMNS).where(col(EventTable.run_id) == bindparam("run_id"), col(EventTable.seq) > bindparam("after"))
_OLDEST_FIRST = _OF_RUN.order_by(col(EventTable.seq)).limit(bindparam("most"))
_OF_KIND = _OLDEST_FIRST.where(col(EventTable.kind) == bindparam("kind"))
_LAST_OF_KIND = _OF_RUN.where(col(EventTable.kind) == bindparam("kind")).order_by(col(EventTable.seq).desc()).limit(1)


def hold_run(connection: Connection, run_id: str) -> "Row[str | None, str] | None":
    """Lock the run until the commit, so that its events come to light in the order of their numbers; gives who has it, and its status.

    Whoever follows the events by number would otherwise miss one that was numbered early and committed late. SQLite lets one writer
    in at a time anyway. None when there is no such run.
    """
    return connection.execute(_HOLD, {"run_id": run_id}).first()


def insert_events(connection: Connection, run_id: str, bodies: Sequence[RunEvent]) -> int:
    """Add events in their order; gives the number of the last. None is ever older than the one before it, wherever the clock was set."""
    if not bodies:
        raise ValueError("no event is no event")
    created = max(time.time(), connection.execute(_NEWEST, {"run_id": run_id}).scalar() or 0.0)
    for body in bodies:
        data = pack_text(json.dumps(body.to_data()))
        seq = _add_once(connection, {"run_id": run_id, "kind": body.kind.value, "created": created, "data": data})
    announce_event(connection, run_id)
    return seq


def _add_once(connection: Connection, values: dict[str, object]) -> int:
    """Add an event and give its number; once, also when the call is done again after its answer was lost (as `rows.add_once`)."""
    call = current_call()
    if (before := call.recall_row()) is not None:
        seq, told = before
        if (stored := connection.execute(_FIND, {"seq": seq}).first()) is not None and tuple(stored) == told:
            call.keep_row(before)
            return int(seq)
    added = connection.execute(_ADD, {**values, "document_version": current_version(DocumentKind.EVENT)})
    (seq,) = added.inserted_primary_key or (None,)
    assert seq is not None
    call.keep_row((seq, tuple(values[name] for name in _KEY)))
    return int(seq)


def find_events(connection: Connection, run_id: str, after: int, most: int, kind: EventKind | None) -> tuple[Event, ...]:
    """Find events with a number above `after`, oldest first, so many at most; of one kind when it is named."""
    named = {} if kind is None else {"kind": kind.value}
    rows = connection.execute(_OLDEST_FIRST if kind is None else _OF_KIND, {"run_id": run_id, "after": after, "most": most, **named})
    return tuple(map(to_event, rows))


def find_newest_event(connection: Connection, run_id: str, kind: EventKind) -> Event | None:
    """Find the newest event of a kind."""
    row = connection.execute(_LAST_OF_KIND, {"run_id": run_id, "after": 0, "kind": kind.value}).first()
    return None if row is None else to_event(row)


def to_event(row: Any) -> Event:
    """The event that a row holds; an unknown one where it cannot be read, so that who follows the numbers misses none."""
    body: RunEvent | UnknownEvent
    try:
        body = to_body(row)
    except UnreadableRowError:
        body = UnknownEvent(kind=row.kind)
    return Event(seq=row.seq or 0, run_id=row.run_id, created=datetime.fromtimestamp(row.created, UTC), body=body)


def to_body(row: Any) -> RunEvent:
    """The body of the event that a row holds. Raises UnreadableRowError."""
    row_id = f"{row.run_id}:{row.seq}"
    with name_unreadable(DocumentKind.EVENT, row_id):
        return parse_body(row.kind, read_json(DocumentKind.EVENT, row_id, row.data, row.document_version))
