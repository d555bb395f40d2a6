"""Runs, iterations, curves and events: the append-only history."""

import hashlib
import json
import secrets
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from sqlalchemy import func, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from core.domain.errors import InputError, StoreError
from core.domain.iteration import Iteration, IterationDetail
from core.domain.run import Event, Run, RunKind, RunPlan, Status, StopReason
from core.store.curves import pack, pack_facts, thin, unpack, unpack_facts
from core.store.database import Database
from core.store.presence import Presence
from core.store.tables import CurveTable, EventTable, IterationTable, RunTable

OPEN_STATES = (Status.QUEUED.value, Status.RUNNING.value, Status.PAUSED.value)


class RunRepository:
    """Runs and what belongs to them."""

    _database: Database
    _presence: Presence
    _subscribers: set[Callable[[str], None]]

    def subscribe(self, callback: Callable[[str], None]) -> Callable[[], None]:
        """Call `callback` with a run's id after this process committed an event of it; gives what ends that.

        It is called in the writer's thread and has to be quick. Events of other processes are found by asking `events`.
        """
        self._subscribers.add(callback)
        return lambda: self._subscribers.discard(callback)

    def _tell(self, run_id: str) -> None:
        for callback in tuple(self._subscribers):
            callback(run_id)

    def create_run(self, plan: RunPlan, *, kind: RunKind = RunKind.DRIVE) -> Run:
        """A new queued run with an id of its own."""
        run = Run(id=secrets.token_hex(4), plan=plan, kind=kind, status=Status.QUEUED, created=datetime.now(UTC))
        with self._database.write() as session:
            session.add(_row(run))
            _add_event(session, run.id, "status", {"status": run.status.value})
        self._tell(run.id)
        return run

    def run(self, run_id: str) -> Run:
        """The run as stored now. Raises InputError when there is none, or when the beginning of an id fits several."""
        with self._database.read() as session:
            rows = (
                session.exec(select(RunTable).where(col(RunTable.id).startswith(run_id, autoescape=True)).limit(2)).all() if run_id else []
            )
            if len(rows) != 1:
                raise InputError(
                    f"There is no run {run_id!r}." if not rows else f"Several runs begin with {run_id!r}.", hint="`runs` lists them."
                )
            return _run(rows[0])

    def runs(self, *, limit: int = 100, kind: RunKind | None = None) -> tuple[Run, ...]:
        """The newest runs first."""
        query = select(RunTable).order_by(col(RunTable.created).desc()).limit(limit)
        with self._database.read() as session:
            return tuple(_run(row) for row in session.exec(query if kind is None else query.where(RunTable.kind == kind.value)))

    def save_run(self, run: Run) -> None:
        """Write the run's state and, when its status changed, an event."""
        with self._database.write() as session:
            _in_turn(session, run.id)
            row = _existing(session, run.id)
            changed = row.status != run.status.value
            fresh = _row(run)
            row.status, row.finished, row.document = fresh.status, fresh.finished, fresh.document
            if changed:
                _add_event(session, run.id, "status", {"status": run.status.value, "reason": run.stop_reason, "message": run.message})
        if changed:
            self._tell(run.id)

    def append(self, detail: IterationDetail) -> None:
        """Add a finished iteration with its curves and an event. Raises StoreError when its number is taken."""
        iteration = detail.iteration
        try:
            with self._database.write() as session:
                _in_turn(session, iteration.run_id)
                session.add(_iteration_row(iteration))
                session.add(
                    CurveTable(
                        run_id=iteration.run_id,
                        number=iteration.number,
                        equity=pack(detail.equity),
                        position=pack(detail.position),
                        facts=pack_facts(detail.fills, detail.trades),
                        preview=pack(thin(detail.equity)),
                    )
                )
                session.flush()
                _add_event(session, iteration.run_id, "iteration", {"number": iteration.number, "status": iteration.status.value})
        except StoreError as error:
            if isinstance(error.__cause__, IntegrityError):
                raise StoreError(f"Iteration {iteration.number} of run {iteration.run_id} is already stored.") from error
            raise
        self._tell(iteration.run_id)

    def iterations(self, run_id: str, *, after: int = -1) -> tuple[Iteration, ...]:
        """Finished iterations of a run, by number; those with a number above `after`."""
        query = select(IterationTable.document).where(IterationTable.run_id == run_id, col(IterationTable.number) > after)
        query = query.order_by(col(IterationTable.number))
        with self._database.read() as session:
            return tuple(Iteration.model_validate_json(document) for document in session.exec(query))

    def detail(self, run_id: str, number: int) -> IterationDetail:
        """One iteration with its curves and fills. Raises InputError when there is none."""
        with self._database.read() as session:
            row = session.get(IterationTable, (run_id, number))
            curve = session.get(CurveTable, (run_id, number))
            if row is None or curve is None:
                raise InputError(f"Run {run_id} has no iteration {number}.")
            fills, trades = unpack_facts(curve.facts)
            return IterationDetail(
                iteration=Iteration.model_validate_json(row.document),
                equity=unpack(curve.equity),
                position=unpack(curve.position),
                fills=fills,
                trades=trades,
            )

    def previews(self, run_id: str, *, after: int = -1) -> dict[int, tuple[float, ...]]:
        """A thinned equity curve for each iteration with a number above `after`."""
        query = select(CurveTable.number, CurveTable.preview).where(CurveTable.run_id == run_id, col(CurveTable.number) > after)
        with self._database.read() as session:
            return {number: tuple(unpack(data).tolist()) for number, data in session.exec(query)}

    def event(self, run_id: str, kind: str, data: dict[str, object]) -> int:
        """Store an event; gives its sequence number."""
        with self._database.write() as session:
            _in_turn(session, run_id)
            seq = _add_event(session, run_id, kind, data)
        self._tell(run_id)
        return seq

    def events(self, run_id: str, *, after: int = 0, limit: int = 1000, kind: str | None = None) -> tuple[Event, ...]:
        """Events with a sequence number above `after`, oldest first; of one kind when it is named."""
        query = select(EventTable).where(EventTable.run_id == run_id, col(EventTable.seq) > after)
        query = query.order_by(col(EventTable.seq)).limit(limit)
        query = query if kind is None else query.where(EventTable.kind == kind)
        with self._database.read() as session:
            return tuple(_event(row) for row in session.exec(query))

    def last_seq(self, run_id: str) -> int:
        """Sequence number of the newest event; 0 when there is none."""
        with self._database.read() as session:
            return session.exec(select(func.max(EventTable.seq)).where(EventTable.run_id == run_id)).one() or 0

    def last_event(self, run_id: str, kind: str) -> Event | None:
        """The newest event of a kind."""
        query = select(EventTable).where(EventTable.run_id == run_id, EventTable.kind == kind).order_by(col(EventTable.seq).desc()).limit(1)
        with self._database.read() as session:
            row = session.exec(query).first()
            return None if row is None else _event(row)

    def request_cancel(self, run_id: str) -> None:
        """Ask a run to stop, whichever process it runs in; an open run that nobody works on is cancelled at once."""
        with self._database.write() as session:
            row = _existing(session, run_id)
            row.cancel_requested = True
            if row.status in OPEN_STATES and self._free(row):
                update = {"status": Status.CANCELLED, "stop_reason": StopReason.CANCELLED, "finished": datetime.now(UTC)}
                run = _run(row).model_copy(update={**update, "message": "Cancelled; finished iterations are kept."})
                row.status, row.finished, row.document = run.status.value, time.time(), run.model_dump_json()
                _add_event(session, run_id, "status", {"status": run.status.value, "reason": run.stop_reason, "message": run.message})

    def held(self, run_id: str) -> bool:
        """True while some living worker has the run."""
        with self._database.read() as session:
            row = session.get(RunTable, run_id)
            return row is not None and row.status in OPEN_STATES and not self._free(row)

    def cancel_requested(self, run_id: str) -> bool:
        """True once anybody asked the run to stop."""
        with self._database.read() as session:
            return bool(session.exec(select(RunTable.cancel_requested).where(RunTable.id == run_id)).first())

    def claim(self, run_id: str, owner: str, *, seconds: float) -> bool:
        """Take a run for `seconds`: true when it is open and free, ours already, or its worker is dead. Claims never overlap."""
        with self._database.write() as session:
            row = session.get(RunTable, run_id, with_for_update=True)
            if row is None or row.status not in OPEN_STATES or not self._free(row, owner):
                return False
            row.lease_owner, row.lease_until = owner, time.time() + seconds
            return True

    def _free(self, row: RunTable, owner: str = "") -> bool:
        expired = row.lease_owner is None or row.lease_until < time.time()
        return expired or row.lease_owner == owner or self._presence.gone(row.lease_owner or "")

    def renew(self, run_ids: Iterable[str], owner: str, *, seconds: float) -> None:
        """Keep what is ours for another `seconds`."""
        statement = update(RunTable).where(col(RunTable.id).in_(list(run_ids)), col(RunTable.lease_owner) == owner)
        with self._database.write() as session:
            session.connection().execute(statement.values(lease_until=time.time() + seconds))

    def release(self, run_id: str, owner: str) -> None:
        """Give a claimed run back."""
        statement = update(RunTable).where(col(RunTable.id) == run_id, col(RunTable.lease_owner) == owner)
        with self._database.write() as session:
            session.connection().execute(statement.values(lease_owner=None, lease_until=0.0))

    def unclaimed(self) -> tuple[str, ...]:
        """Open runs that nobody works on, oldest first: new ones, and those whose worker died."""
        query = select(RunTable).where(col(RunTable.status).in_(OPEN_STATES)).order_by(col(RunTable.created))
        with self._database.read() as session:
            return tuple(row.id for row in session.exec(query) if self._free(row))

    def announce(self, owner: str) -> None:
        """Say that `owner` is alive for as long as this process is."""
        self._presence.announce(owner)

    def reopen(self, run_id: str) -> Run:
        """Make a failed or cancelled run ready to go on. Raises InputError when there is nothing to go on with."""
        with self._database.write() as session:
            _in_turn(session, run_id)
            row = _existing(session, run_id)
            run = _run(row)
            if run.status is Status.COMPLETE:
                raise InputError(f"Run {run_id} is complete; there is nothing to resume.")
            if not run.status.finished and not self._free(row):
                raise InputError(f"Run {run_id} is being worked on.", hint="`show` tells how it stands.")
            row.cancel_requested = False
            if run.status.finished:
                update = {"status": Status.QUEUED, "stop_reason": None, "message": "", "finished": None}
                run = run.model_copy(update=update)
                row.status, row.finished, row.document = run.status.value, None, run.model_dump_json()
                _add_event(session, run_id, "status", {"status": run.status.value, "reason": None, "message": "resumed"})
        self._tell(run_id)
        return run

    def open_runs(self) -> tuple[Run, ...]:
        """Runs that are queued, running or paused, oldest first."""
        query = select(RunTable).where(col(RunTable.status).in_(OPEN_STATES)).order_by(col(RunTable.created))
        with self._database.read() as session:
            return tuple(_run(row) for row in session.exec(query))

    def count(self) -> int:
        """How many runs there are."""
        with self._database.read() as session:
            return session.exec(select(func.count()).select_from(RunTable)).one()


def _row(run: Run) -> RunTable:
    return RunTable(
        id=run.id,
        created=run.created.timestamp(),
        finished=None if run.finished is None else run.finished.timestamp(),
        kind=run.kind.value,
        status=run.status.value,
        workflow=run.plan.workflow.name,
        symbol=run.plan.bars.symbol or run.plan.bars.path,
        model=run.plan.model.id,
        document=run.model_dump_json(),
    )


def _run(row: RunTable) -> Run:
    return Run.model_validate_json(row.document)


def _existing(session: Session, run_id: str) -> RunTable:
    row = session.get(RunTable, run_id)
    if row is None:
        raise InputError(f"There is no run {run_id!r}.", hint="`runs` lists them.")
    return row


def _iteration_row(iteration: Iteration) -> IterationTable:
    metrics = iteration.metrics
    return IterationTable(
        run_id=iteration.run_id,
        number=iteration.number,
        parent=iteration.parent,
        status=iteration.status.value,
        score=iteration.score,
        sharpe=metrics.sharpe if metrics else None,
        total_return=metrics.total_return if metrics else None,
        max_drawdown=metrics.max_drawdown if metrics else None,
        trades=metrics.trades if metrics else None,
        code_hash=hashlib.sha256(iteration.code.encode("utf-8", "surrogatepass")).hexdigest(),
        created=iteration.created.timestamp(),
        document=iteration.model_dump_json(),
    )


def _in_turn(session: Session, run_id: str) -> None:
    """Hold the run until the commit, so that its events come to light in the order of their numbers.

    Whoever follows the events by number would otherwise miss one that was numbered early and committed late. SQLite
    lets one writer in at a time anyway.
    """
    if session.get_bind().dialect.name != "sqlite":
        session.exec(select(RunTable.id).where(RunTable.id == run_id).with_for_update())


def _add_event(session: Session, run_id: str, kind: str, data: dict[str, object]) -> int:
    row = EventTable(run_id=run_id, kind=kind, created=time.time(), data=json.dumps(data, default=str))
    session.add(row)
    session.flush()
    assert row.seq is not None
    return row.seq


def _event(row: EventTable) -> Event:
    return Event(
        seq=row.seq or 0, run_id=row.run_id, kind=row.kind, created=datetime.fromtimestamp(row.created, UTC), data=json.loads(row.data)
    )
