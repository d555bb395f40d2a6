"""The spending ledger: one row an attempt, reserved before it is sent and closed once after it."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, update
from sqlmodel import col, func, select

from core.domain.errors import StoreError
from core.domain.history import DocumentKind, ReadableRows
from core.domain.usage import LedgerRow, LedgerStatus, Spent, UsageSource
from core.store.database import Database
from core.store.documents import current_version, read_document, read_newest
from core.store.patience import current_call, patient
from core.store.tables import LedgerTable


@patient()
class LedgerRepository:
    """Rows and their sums; satisfies the ledger's port in `core.llm`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def reserve(self, row: LedgerRow) -> int:
        """Write a pending row and give its id; once this returns, a kill cannot lose it."""
        with self._database.begin() as connection:
            row_id = _add_once(connection, row)
            connection.execute(_FILL, {"row_id": row_id, **_name_new(row.changed(id=row_id))})
            return row_id

    def close(self, row_id: int, row: LedgerRow) -> None:
        """Replace the pending row by its final form, once; a closed row is left alone."""
        with self._database.begin() as connection:
            connection.execute(_CLOSE, {"row_id": row_id, **_name_new(row.changed(id=row_id))})

    def spent(self, *, run_id: str | None = None, since: datetime | None = None, owner: str | None = None) -> Spent:
        """Sum over the rows of one run, or since a moment (UTC), or of one person."""
        table = LedgerTable
        columns: tuple[Any, ...] = (
            table.counted_micros,
            table.pending_micros,
            table.counted_tokens,
            table.sent,
            table.unpriced,
            table.estimated,
        )
        query: Any = select(*(func.coalesce(func.sum(column), 0) for column in columns))
        if run_id is not None:
            query = query.where(table.run_id == run_id)
        if since is not None:
            query = query.where(col(table.started) >= since.timestamp())
        if owner is not None:
            query = query.where(table.owner == owner)
        with self._database.read() as session:
            sums = [int(value) for value in session.exec(query).one()]
        return Spent(usd_micros=sums[0], reserved_micros=sums[1], tokens=sums[2], calls=sums[3], unpriced=sums[4], estimated=sums[5])

    def rows(
        self, *, run_id: str | None = None, since: datetime | None = None, limit: int = 1000, owner: str | None = None
    ) -> ReadableRows[LedgerRow]:
        """Rows with their ids, newest first; one that cannot be read still counts in the sums."""
        query = select(LedgerTable).order_by(col(LedgerTable.id).desc())
        if run_id is not None:
            query = query.where(LedgerTable.run_id == run_id)
        if since is not None:
            query = query.where(col(LedgerTable.started) >= since.astimezone(UTC).timestamp())
        if owner is not None:
            query = query.where(LedgerTable.owner == owner)
        with self._database.read() as session:
            return read_newest(lambda count: session.exec(query.limit(count)), to_ledger_row, limit)


def to_ledger_row(kept: LedgerTable) -> LedgerRow:
    """The call that a row holds. Raises UnreadableRowError."""
    return read_document(LedgerRow, DocumentKind.CALL, str(kept.id), kept.document, kept.document_version)


def _build_columns(row: LedgerRow) -> dict[str, object]:
    """The columns that follow from a call, and its document."""
    sent = row.status is not LedgerStatus.REFUSED
    pending = row.status is LedgerStatus.PENDING
    return {
        "status": row.status.value,
        "counted_micros": row.counted_micros if sent else 0,
        "pending_micros": row.reserved_micros if pending else 0,
        "counted_tokens": row.counted_tokens if sent else 0,
        "sent": int(sent),
        "unpriced": int(sent and row.price is None),
        "estimated": int(sent and row.usage.source is UsageSource.ESTIMATED),
        "document": row.model_dump_json(),
        "document_version": current_version(DocumentKind.CALL),
    }


def _name_new(row: LedgerRow) -> dict[str, object]:
    return {f"new_{name}": value for name, value in _build_columns(row).items()}


_NEW: dict[str, Any] = {
    name: bindparam(f"new_{name}")
    for name in (
        "status", "counted_micros", "pending_micros", "counted_tokens", "sent", "unpriced", "estimated", "document", "document_version"
    )
}  # fmt: skip
_ADD = insert(LedgerTable)
_FILL = update(LedgerTable).where(col(LedgerTable.id) == bindparam("row_id")).values(_NEW)
_CLOSE = _FILL.where(col(LedgerTable.status) == LedgerStatus.PENDING.value)
_FIND = select(LedgerTable.run_id, LedgerTable.started, LedgerTable.model).where(col(LedgerTable.id) == bindparam("row_id"))


def _add_once(connection: Connection, row: LedgerRow) -> int:
    """Add a row and give its number; once, also when the call is done again after its answer was lost (as `rows.add_once`)."""
    call, told = current_call(), (row.run_id, row.started.timestamp(), row.model)
    if (before := call.recall_row()) is not None:
        row_id, known = before
        if known == told and (stored := connection.execute(_FIND, {"row_id": row_id}).first()) is not None and tuple(stored) == told:
            call.keep_row(before)
            return int(row_id)
    key = {"run_id": row.run_id, "owner": row.owner, "started": told[1], "model": row.model}
    (row_id,) = connection.execute(_ADD, {**key, **_build_columns(row)}).inserted_primary_key or (None,)
    if row_id is None:
        raise StoreError("The ledger gave no number to a row.")
    call.keep_row((row_id, told))
    return int(row_id)
