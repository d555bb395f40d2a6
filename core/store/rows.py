"""Runs as rows, within a session that somebody else opened; and their events with them."""

import hashlib
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import Connection, bindparam, inspect, update
from sqlmodel import Session, SQLModel, col

from core.domain.errors import InputError
from core.domain.events import RunEvent
from core.domain.history import DocumentKind
from core.domain.run import Run, Status
from core.store.documents import current_version, read_document
from core.store.event_rows import hold_run, insert_events
from core.store.patience import current_call
from core.store.tables import RunTable

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


def to_run(row: Any) -> Run:
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


_WRITE = (
    update(RunTable)
    .where(col(RunTable.id) == bindparam("run_id"))
    .values({name: bindparam(f"new_{name}") for name in ("status", "finished", "document", "document_version")})
)


def update_run(connection: Connection, run: Run) -> None:
    """Write a run's state, as `write_run` does, without reading its row."""
    finished = None if run.finished is None else run.finished.timestamp()
    new = {"status": run.status.value, "finished": finished, "document": run.model_dump_json()}
    known = {f"new_{name}": value for name, value in new.items()}
    connection.execute(_WRITE, {"run_id": run.id, **known, "new_document_version": current_version(DocumentKind.RUN)})


def require_row(session: Session, run_id: str) -> RunTable:
    """The row of a run. Raises InputError when there is none."""
    row = session.get(RunTable, run_id)
    if row is None:
        raise InputError(f"There is no run {run_id!r}.")
    return row


def lock_run(session: Session, run_id: str) -> None:
    """Lock the run until the commit, so that its events come to light in the order of their numbers.

    SQLite lets one writer in at a time anyway.
    """
    if session.get_bind().dialect.name != "sqlite":
        hold_run(session.connection(), run_id)


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


def put_row(session: Session, row: SQLModel) -> None:
    """Keep a row under its key, in the place of one that is there; of two who do so at once neither is refused."""
    if session.get_bind().dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert
    else:
        from sqlalchemy.dialects.sqlite import insert  # type: ignore[assignment]
    table = type(row)
    keys = [column.name for column in inspect(table).primary_key]
    statement = insert(table).values(row.model_dump())
    others = {name: statement.excluded[name] for name in row.model_dump() if name not in keys}
    session.connection().execute(statement.on_conflict_do_update(index_elements=keys, set_=others))


def insert_event(session: Session, run_id: str, body: RunEvent) -> int:
    """Add an event within a session; gives its sequence number."""
    session.flush()  # what the session holds comes before it
    return insert_events(session.connection(), run_id, (body,))
