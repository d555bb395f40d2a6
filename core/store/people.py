"""Belongings of people on a server: things that they show to others, sealed keys, and the processor time that they used."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func
from sqlmodel import col, select

from core.domain.people import Share, ShareKind
from core.store.database import Database
from core.store.patience import patient
from core.store.rows import OPEN_STATES, put_row
from core.store.tables import (
    CurveTable,
    EventTable,
    IterationTable,
    ProcessorTimeTable,
    RunTable,
    SealedKeyTable,
    ShareTable,
    UploadRoomTable,
)

RUNS_AT_ONCE = 500
"""Most runs that one query measures: SQLite takes so many values at least."""
_MEASURED: tuple[tuple[Any, ...], ...] = (
    (RunTable.id, RunTable.document),
    (IterationTable.run_id, IterationTable.document),
    (EventTable.run_id, EventTable.data),
    (CurveTable.run_id, CurveTable.equity, CurveTable.position, CurveTable.facts, CurveTable.preview),
)
"""Columns that take the room of a run: what names the run, then what is measured."""


@patient()
class PeopleRepository:
    """Shares, sealed keys and used processor time. Who may do what is asked elsewhere."""

    _database: Database

    def save_share(self, share: Share) -> None:
        """Keep that something is shown to somebody; said twice it is kept once."""
        with self._database.write() as session:
            key = (share.kind.value, share.owner, share.subject, share.person)
            if session.get(ShareTable, key) is None:
                session.add(ShareTable(**share.model_dump(mode="json", exclude={"created"}), created=share.created.timestamp()))

    def delete_share(self, kind: ShareKind, owner: str, subject: str, person: str) -> bool:
        """Show something to somebody no more; false when it was not."""
        with self._database.write() as session:
            row = session.get(ShareTable, (kind.value, owner, subject, person))
            if row is not None:
                session.delete(row)
            return row is not None

    def list_shares(self, kind: ShareKind, owner: str, subject: str) -> tuple[Share, ...]:
        """Everybody to whom something is shown, the earliest first."""
        query = select(ShareTable).where(ShareTable.kind == kind.value, ShareTable.owner == owner, ShareTable.subject == subject)
        with self._database.read() as session:
            return tuple(_to_share(row) for row in session.exec(query.order_by(col(ShareTable.created), col(ShareTable.person))))

    def save_sealed_key(self, owner: str, name: str, sealed: bytes) -> None:
        """Keep a sealed key of a person. What is given here is useless to whoever has only the database."""
        with self._database.write(personal=True) as session:
            put_row(session, SealedKeyTable(owner=owner, name=name, sealed=sealed, created=time.time()))

    def read_sealed_key(self, owner: str, name: str) -> bytes | None:
        """A person's sealed key."""
        with self._database.read() as session:
            row = session.get(SealedKeyTable, (owner, name))
            return None if row is None else row.sealed

    def delete_sealed_key(self, owner: str, name: str) -> None:
        """Forget a person's sealed key; nothing happens where there is none."""
        with self._database.write(personal=True) as session:
            if (row := session.get(SealedKeyTable, (owner, name))) is not None:
                session.delete(row)

    def note_processor_time(self, owner: str, day: str, worker: str, seconds: float) -> None:
        """Keep what a process has given to a person on a day so far; said twice it counts once."""
        with self._database.write() as session:
            put_row(session, ProcessorTimeTable(owner=owner, day=day, worker=worker, seconds=seconds))

    def sum_processor_time(self, owner: str, day: str) -> float:
        """Seconds that all processes have given to a person on a day."""
        table = ProcessorTimeTable
        with self._database.read() as session:
            found = session.exec(select(func.sum(table.seconds)).where(table.owner == owner, table.day == day)).one()
            return float(found or 0.0)

    def note_upload_room(self, owner: str, home: str, size: int) -> None:
        """Keep the bytes that a person's uploads take in one server's home; said twice it counts once."""
        with self._database.write() as session:
            put_row(session, UploadRoomTable(owner=owner, home=home, bytes=size))

    def sum_upload_room(self, owner: str, *, but: str) -> int:
        """Bytes that a person's uploads take in the homes of all servers but one."""
        table = UploadRoomTable
        with self._database.read() as session:
            found = session.exec(select(func.sum(table.bytes)).where(table.owner == owner, table.home != but)).one()
            return int(found or 0)

    def measure_runs(self, owner: str) -> int:
        """Bytes that a person's runs take in the history: documents, events and curves."""
        return sum(self.measure_each(tuple(self.list_marks(owner))).values())

    def list_marks(self, owner: str) -> dict[str, int]:
        """The sequence number of the newest event of each of a person's runs: while it stays, the run takes the room that it took."""
        newest = select(func.max(EventTable.seq)).where(EventTable.run_id == RunTable.id).correlate(RunTable).scalar_subquery()
        with self._database.look() as connection:
            found = connection.execute(select(RunTable.id, newest).where(RunTable.owner == owner))
            return {run_id: seq or 0 for run_id, seq in found}

    def measure_each(self, run_ids: Sequence[str]) -> dict[str, int]:
        """Bytes that runs take in the history, by run."""
        sizes = dict.fromkeys(run_ids, 0)
        with self._database.look() as connection:
            for start in range(0, len(run_ids), RUNS_AT_ONCE):
                some = run_ids[start : start + RUNS_AT_ONCE]
                for run_id, *columns in _MEASURED:
                    size = func.sum(sum((func.length(each) for each in columns[1:]), func.length(columns[0])))
                    for found, held in connection.execute(select(run_id, size).where(col(run_id).in_(some)).group_by(run_id)):
                        sizes[found] += int(held or 0)
        return sizes

    def list_open_of(self, owner: str) -> tuple[str, ...]:
        """Ids of a person's runs that are not over."""
        query = select(RunTable.id).where(RunTable.owner == owner, col(RunTable.status).in_(OPEN_STATES))
        with self._database.read() as session:
            return tuple(session.exec(query))


def _to_share(row: ShareTable) -> Share:
    created = datetime.fromtimestamp(row.created, UTC)
    return Share(kind=ShareKind(row.kind), owner=row.owner, subject=row.subject, person=row.person, created=created)
