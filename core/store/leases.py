"""Leases on runs: claims that end by themselves, requests to stop, and runs that are opened again."""

import copy
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Self

from sqlalchemy import bindparam, update
from sqlmodel import Session, col, select

from core.domain.errors import InputError, LeaseLostError
from core.domain.events import RunEvent, StatusEvent
from core.domain.history import UnreadableRowError
from core.domain.run import Run, RunKind, Status, StopReason
from core.store.announcements import EventListener
from core.store.clock import read_clock
from core.store.documents import read_rows
from core.store.patience import BRIEF, Patience, patient
from core.store.presence import Presence
from core.store.rows import OPEN_STATES, insert_event, lock_run, require_row, to_run, write_run
from core.store.tables import RunTable
from core.store.visibility import VisibilityRepository, require_few_runs

_CANCEL_REQUESTED = select(RunTable.cancel_requested).where(col(RunTable.id) == bindparam("run_id"))


@patient(but=("with_owner", "announce"))
class LeaseRepository(VisibilityRepository):
    """Claims on runs. A store made by `with_owner` writes only to runs that its owner holds."""

    _presence: Presence
    _subscribers: set[Callable[[str], None]]
    _listener: EventListener
    _owner: str | None = None
    """The worker that holds the lease; None for anybody."""
    _patience: Patience = BRIEF

    def _tell(self, run_id: str) -> None:
        for callback in tuple(self._subscribers):
            callback(run_id)

    def with_owner(self, owner: str, patience: Patience = BRIEF) -> Self:
        """The same store bound to a worker: a write to a run that `owner` holds no more is refused with LeaseLostError.

        Its calls wait with this patience while the history cannot be used.

        A worker can sleep past the end of its lease (a closed laptop) and wake up when another one carries the run. And it reads
        the iterations of a run whole or not at all: a loop that goes on from a part of them would do again what is done.
        """
        mine = copy.copy(self)
        mine._owner, mine._patience = owner, patience
        return mine

    def _check_lease(self, session: Session, run_id: str) -> None:
        if self._owner is None:
            return
        found = session.exec(select(RunTable.lease_owner, RunTable.status).where(RunTable.id == run_id)).first()
        if found is None or found[0] != self._owner or found[1] not in OPEN_STATES:
            raise LeaseLostError(f"Run {run_id} is not this worker's any more.")

    def request_cancel(self, run_id: str) -> None:
        """Ask a run to stop, whichever process it runs in; an open run that nobody works on is cancelled at once.

        Raises UnreadableRowError for such a run that this version cannot write down as cancelled.
        """
        with self._database.write() as session:
            lock_run(session, run_id)
            row = require_row(session, run_id)
            row.cancel_requested = True
            if row.status in OPEN_STATES and self._free(row, read_clock(session)):
                _cancel(session, row)
        self._tell(run_id)

    def is_claimed(self, run_id: str) -> bool:
        """True while some living worker has the run."""
        with self._database.read() as session:
            row = session.get(RunTable, run_id)
            return row is not None and row.status in OPEN_STATES and not self._free(row, read_clock(session))

    def cancel_requested(self, run_id: str) -> bool:
        """True once anybody asked the run to stop."""
        with self._database.look() as connection:
            return bool(connection.execute(_CANCEL_REQUESTED, {"run_id": run_id}).scalar())

    def claim(self, run_id: str, owner: str, *, seconds: float) -> bool:
        """Take a run for `seconds`: true when it is open and free, ours already, or its worker is dead. Claims never overlap."""
        with self._database.write() as session:
            row = session.get(RunTable, run_id, with_for_update=True)
            now = read_clock(session)
            if row is None or row.status not in OPEN_STATES or not self._free(row, now, owner):
                return False
            if row.lease_owner != owner:  # whatever the one before had of it
                row.waits_since, row.has_place, row.portable = None, False, False
            row.lease_owner, row.lease_until = owner, now + seconds
            return True

    def _free(self, row: RunTable, now: float, owner: str = "") -> bool:
        expired = row.lease_owner is None or row.lease_until < now
        return expired or row.lease_owner == owner or self._presence.is_dead(row.lease_owner or "")

    def renew(self, run_ids: Iterable[str], owner: str, *, seconds: float) -> frozenset[str]:
        """Keep what is ours for another `seconds`; gives those of the runs that are ours still."""
        mine = (col(RunTable.id).in_(list(run_ids)), col(RunTable.lease_owner) == owner)
        with self._database.write() as session:
            session.connection().execute(update(RunTable).where(*mine).values(lease_until=read_clock(session) + seconds))
            return frozenset(session.exec(select(RunTable.id).where(*mine)))

    def release(self, run_id: str, owner: str) -> None:
        """Give a claimed run back. One that was asked to stop too late for its worker to hear is cancelled: nobody else would end it."""
        with self._database.write() as session:
            lock_run(session, run_id)
            row = session.get(RunTable, run_id)
            if row is None or row.lease_owner != owner:
                return
            _take_away(row)
            cancelled = row.cancel_requested and row.status in OPEN_STATES
            if cancelled:
                with suppress(UnreadableRowError):  # it stays as it is, for a version that can read it
                    _cancel(session, row)
        if cancelled:
            self._tell(run_id)

    def list_unclaimed(self) -> tuple[str, ...]:
        """Open runs that nobody works on and that can be read, oldest first: new ones, and those whose worker died.

        A session is not among them: its author carries it, one submission after the other.
        """
        waiting = (col(RunTable.status).in_(OPEN_STATES), RunTable.kind != RunKind.SESSION.value)
        query = select(RunTable).where(*waiting).order_by(col(RunTable.created))
        with self._database.read() as session:
            now = read_clock(session)
            return tuple(run.id for run in read_rows((row for row in session.exec(query) if self._free(row, now)), to_run))

    def announce(self, owner: str) -> None:
        """Say that `owner` is alive for as long as this process is."""
        self._presence.announce(owner)

    def reopen(self, run_id: str, said: Sequence[RunEvent] = (), *, most_open: int | None = None) -> Run:
        """Make a run ready to go on, with events that have to be there before anybody takes it.

        One that ended by a rule keeps its evaluation on the hold-out. Raises InputError for one that is being worked on, and for a finished
        generation or editor run: there is nothing to go on with. A session is carried by its author, and never opened again.
        Raises TooManyRunsError when its owner would have more than `most_open` open runs.
        """
        with self._database.write() as session:
            lock_run(session, run_id)
            row = require_row(session, run_id)
            run = to_run(row)
            if run.kind is RunKind.SESSION:
                raise InputError(f"Run {run_id} is a session.", hint="Its author carries it; another session counts what this one tried.")
            if run.status.finished and not run.reopenable:
                raise InputError(f"Run {run_id} is complete; there is nothing to resume.")
            if not run.status.finished and not self._free(row, read_clock(session)):
                raise InputError(f"Run {run_id} is being worked on.", hint="`show` tells how it stands.")
            row.cancel_requested = False
            for body in said:
                insert_event(session, run_id, body)
            if run.status.finished:
                _take_away(row)  # of a worker that has ended it, and is about to give it back
                reopened = run.iterations if run.status is Status.COMPLETE else run.reopened
                run = run.changed(status=Status.QUEUED, stop_reason=None, message="", says_more=False, finished=None, reopened=reopened)
                run = run.changed(selection=None, half=None)  # the judgment of fewer tries than there will be
                write_run(row, run)
                session.flush()
                require_few_runs(session, run.owner, most_open)
                insert_event(session, run_id, StatusEvent(status=run.status, reason=None, message="resumed"))
        self._tell(run_id)
        return run


def _take_away(row: RunTable) -> None:
    """Take a run from whoever has it."""
    row.lease_owner, row.lease_until, row.waits_since, row.has_place = None, 0.0, None, False


def _cancel(session: Session, row: RunTable) -> None:
    """Cancel an open run that nobody works on. Raises UnreadableRowError."""
    run = to_run(row).changed(
        status=Status.CANCELLED,
        stop_reason=StopReason.CANCELLED,
        message="Cancelled; finished iterations are kept.",
        finished=datetime.now(UTC),
    )
    write_run(row, run)
    insert_event(session, run.id, StatusEvent(status=run.status, reason=run.stop_reason, message=run.message))
