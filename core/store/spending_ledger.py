"""The spending ledger: one row an attempt, reserved before it is sent and closed once after it."""

from datetime import UTC, datetime
from typing import Any

from sqlmodel import col, func, select

from core.domain.errors import StoreError
from core.domain.history import DocumentKind, ReadableRows
from core.domain.usage import LedgerRow, LedgerStatus, Spent, UsageSource
from core.store.database import Database
from core.store.documents import current_version, read_document, read_newest
from core.store.patience import patient
from core.store.rows import add_once
from core.store.tables import LedgerTable


@patient()
class LedgerRepository:
    """Rows and their sums; satisfies the ledger's port in `core.llm`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def reserve(self, row: LedgerRow) -> int:
        """Write a pending row and give its id; once this returns, a kill cannot lose it."""
        with self._database.write() as session:
            kept = LedgerTable(run_id=row.run_id, owner=row.owner, started=row.started.timestamp(), model=row.model, status="", document="")
            _fill(kept, row)
            kept = add_once(session, kept, ("run_id", "started", "model"))
            if kept.id is None:
                raise StoreError("The ledger gave no number to a row.")
            _fill(kept, row.changed(id=kept.id))
            return kept.id

    def close(self, row_id: int, row: LedgerRow) -> None:
        """Replace the pending row by its final form, once; a closed row is left alone."""
        with self._database.write() as session:
            kept = session.get(LedgerTable, row_id)
            if kept is not None and kept.status == LedgerStatus.PENDING.value:
                _fill(kept, row.changed(id=row_id))

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


def _fill(kept: LedgerTable, row: LedgerRow) -> None:
    sent = row.status is not LedgerStatus.REFUSED
    pending = row.status is LedgerStatus.PENDING
    kept.status = row.status.value
    kept.counted_micros = row.counted_micros if sent else 0
    kept.pending_micros = row.reserved_micros if pending else 0
    kept.counted_tokens = row.counted_tokens if sent else 0
    kept.sent = int(sent)
    kept.unpriced = int(sent and row.price is None)
    kept.estimated = int(sent and row.usage.source is UsageSource.ESTIMATED)
    kept.document, kept.document_version = row.model_dump_json(), current_version(DocumentKind.CALL)
