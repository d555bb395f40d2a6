"""Runs and events as rows, within a session that somebody else opened."""

import hashlib
import json
import time
from datetime import UTC, datetime
from functools import lru_cache
from typing import TypeVar

from sqlalchemy import inspect
from sqlmodel import Session, SQLModel, col, select

from core.domain.errors import InputError
from core.domain.events import Event, RunEvent, UnknownEvent, parse_body
from core.domain.history import DocumentKind, UnreadableRowError
from core.domain.run import Run, Status
from core.store.announcements import announce_event
from core.store.compression import pack_text
from core.store.documents import current_version, name_unreadable, read_document, read_json
from core.store.patience import current_call
from core.store.tables import EventTable, RunTable

RowT = TypeVar("RowT", bound=SQLModel)
KEPT_RUNS = 256
"""Runs that are kept as they were read: lists of the newest ones are asked for at each drawing."""
OPEN_STATES = (Status.QUEUED.value, Status.RUNNING.value, Status.PAUSED.value)


def to_row(run: Run) -> RunTable:
    """A run as a row: the whole of it, and the columns that are queried."""
    return RunTable(
        id=run.id,
        owner=run.owner,
        created=run.created.timestamp(),
        finished=None if run.finished is None else run.finished.timestamp(),
        kind=run.kind.value,
        status=run.status.value,
        workflow=run.plan.workflow.name,
        symbol=run.plan.bars.label if run.plan.bars.basket else run.plan.bars.symbol or run.plan.bars.path,
        model=run.plan.model.id,
        document=run.model_dump_json(),
    )


def to_run(row: RunTable) -> Run:
    """The run that a row holds. Raises UnreadableRowError."""
    return _read_run(row.id, row.document, row.document_version, current_version(DocumentKind.RUN))


@lru_cache(maxsize=KEPT_RUNS)
def _read_run(row_id: str, document: str, version: int, _current: int) -> Run:
    return read_document(Run, DocumentKind.RUN, row_id, document, version)


def hash_code(code: str) -> str:
    """Hash a program, to know it again in any run: SHA-256 of its text, half a character pair included."""
    return hashlib.sha256(code.encode("utf-8", "surrogatepass")).hexdigest()


def write_run(row: RunTable, run: Run) -> None:
    """Write a run's state over the one that its row holds."""
    row.status, row.finished = run.status.value, None if run.finished is None else run.finished.timestamp()
    row.document, row.document_version = run.model_dump_json(), current_version(DocumentKind.RUN)


def require_row(session: Session, run_id: str) -> RunTable:
    """The row of a run. Raises InputError when there is none."""
    row = session.get(RunTable, run_id)
    if row is None:
        raise InputError(f"There is no run {run_id!r}.")
    return row


def lock_run(session: Session, run_id: str) -> None:
    """Lock the run until the commit, so that its events come to light in the order of their numbers.

    Whoever follows the events by number would otherwise miss one that was numbered early and committed late. SQLite
    lets one writer in at a time anyway.
    """
    if session.get_bind().dialect.name != "sqlite":
        session.exec(select(RunTable.id).where(RunTable.id == run_id).with_for_update())


def add_once(session: Session, row: RowT, same: tuple[str, ...]) -> RowT:
    """Add a row whose key is made here or by the database, and give it; once, also when the call is done again.

    When the connection breaks after a commit, nobody knows whether the row is stored. The next attempt finds it by the key that it had,
    and by the columns `same`, and gives that one instead of adding a second one.
    """
    call = current_call()
    before = call.recall_row()
    if before is not None:
        key, told = before
        stored = session.get(type(row), key)
        if stored is not None and [getattr(stored, name) for name in same] == told:
            call.keep_row(before)
            return stored
    session.add(row)
    session.flush()
    call.keep_row((inspect(row).identity, [getattr(row, name) for name in same]))
    return row


def insert_event(session: Session, run_id: str, body: RunEvent) -> int:
    """Add an event within a session; gives its sequence number. It is never older than the one before it, wherever the clock was set."""
    earlier = select(EventTable.created).where(EventTable.run_id == run_id).order_by(col(EventTable.seq).desc()).limit(1)
    before = session.exec(earlier).first()
    row = EventTable(
        run_id=run_id, kind=body.kind.value, created=max(time.time(), before or 0.0), data=pack_text(json.dumps(body.to_data()))
    )
    seq = add_once(session, row, ("run_id", "kind", "created", "data")).seq
    assert seq is not None
    announce_event(session, run_id)
    return seq


def to_event(row: EventTable) -> Event:
    """The event that a row holds; an unknown one where it cannot be read, so that who follows the numbers misses none."""
    body: RunEvent | UnknownEvent
    try:
        body = to_body(row)
    except UnreadableRowError:
        body = UnknownEvent(kind=row.kind)
    return Event(seq=row.seq or 0, run_id=row.run_id, created=datetime.fromtimestamp(row.created, UTC), body=body)


def to_body(row: EventTable) -> RunEvent:
    """The body of the event that a row holds. Raises UnreadableRowError."""
    row_id = f"{row.run_id}:{row.seq}"
    with name_unreadable(DocumentKind.EVENT, row_id):
        return parse_body(row.kind, read_json(DocumentKind.EVENT, row_id, row.data, row.document_version))
