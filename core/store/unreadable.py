"""The rows of the whole history that cannot be read, found by reading every one of them."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sqlmodel import Session, SQLModel, select

from core.domain.history import UnreadableRow, UnreadableRowError
from core.store.curves import to_curves, to_preview
from core.store.database import Database
from core.store.event_rows import to_body
from core.store.patience import patient
from core.store.rows import to_run
from core.store.runs import to_iteration
from core.store.spending_ledger import to_ledger_row
from core.store.tables import CurveTable, DraftTable, EventTable, IterationTable, LedgerTable, RunTable, SettingTable, WorkflowTable
from core.store.workbench import to_draft, to_saved_workflow, to_setting

AT_ONCE = 200
"""Rows in memory at a time."""


def _read_curves(row: CurveTable) -> object:
    return to_curves(row), to_preview(row.run_id, row.number, row.preview, row.document_version)


READERS: Mapping[type[SQLModel], Callable[[Any], object]] = {
    RunTable: to_run,
    IterationTable: to_iteration,
    CurveTable: _read_curves,
    EventTable: to_body,
    WorkflowTable: to_saved_workflow,
    LedgerTable: to_ledger_row,
    DraftTable: to_draft,
    SettingTable: to_setting,
}
"""Readers of a row, for each table that holds documents, in the order in which they are reported."""


@patient()
class UnreadableRepository:
    """The answer to what no list could show."""

    _database: Database

    def list_unreadable(self) -> tuple[UnreadableRow, ...]:
        """Every row that cannot be read. Reads the whole history, so ask it where a second or a minute does not matter."""
        with self._database.read() as session:
            return tuple(row for table, read in READERS.items() for row in _scan(session, table, read))


def _scan(session: Session, table: type[SQLModel], read: Callable[[Any], object]) -> Iterator[UnreadableRow]:
    for row in session.exec(select(table).execution_options(yield_per=AT_ONCE)):
        try:
            read(row)
        except UnreadableRowError as error:
            yield error.row
