"""Runs, iterations, curves and events: the append-only history."""

import secrets
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, and_, bindparam, func, insert, or_
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from core.domain.backtest import Certificate
from core.domain.errors import InputError, LeaseLostError, StoreError
from core.domain.events import Event, EventKind, IterationEvent, RunEvent, StatusEvent
from core.domain.history import DocumentKind, ReadableRows
from core.domain.iteration import Iteration, IterationDetail
from core.domain.run import Run, RunKind, RunPlan, Status
from core.store.compression import pack_text
from core.store.curves import build_rows, to_curves, to_preview
from core.store.documents import current_version, read_document, read_newest, read_rows
from core.store.event_rows import find_events, find_newest_event, hold_run, insert_events
from core.store.looks import LookRepository
from core.store.patience import patient
from core.store.rows import OPEN_STATES, add_once, hash_code, insert_event, lock_run, require_row, to_row, to_run, update_run, write_run
from core.store.tables import ClosesTable, CurveTable, EventTable, IterationTable, RunTable
from core.store.visibility import require_few_runs

KEPT_ITERATIONS = 1024
"""Iterations that are kept as they were read, some 20 kB each."""
LARGEST_NUMBER = 2**31 - 1
"""Largest number that a database keeps for an iteration; an address may name any."""
PLACES_AT_ONCE = 500
"""Most iterations that one query asks for by their places: SQLite takes expressions of a thousand parts."""


@patient(but=("subscribe", "hears_others"))
class RunRepository(LookRepository):
    """Runs and what belongs to them."""

    def subscribe(self, callback: Callable[[str], None]) -> Callable[[], None]:
        """Call `callback` with a run's id after an event of it was committed; gives what ends that.

        It is called in the writer's thread and has to be quick. Events of other processes come by way of the database where `hears_others`
        is true; else, and where that was lost for a moment, they are found by asking `list_events`.
        """
        self._subscribers.add(callback)
        self._listener.start()
        return lambda: self._subscribers.discard(callback)

    def hears_others(self) -> bool:
        """True while other processes' events are told without asking."""
        return self._listener.hears

    def create_run(self, plan: RunPlan, *, kind: RunKind = RunKind.DRIVE, most_open: int | None = None) -> Run:
        """A new queued run with an id that no run has, or begins with.

        Raises TooManyRunsError when its owner would have more than `most_open` open runs, on all servers together.
        """
        with self._database.write() as session:
            drawn, owner = _draw_id(session), self._own_id()
            run = Run(id=drawn, plan=plan, kind=kind, owner=owner, status=Status.QUEUED, created=datetime.now(UTC))
            run = to_run(add_once(session, to_row(run), ("created", "document")))
            require_few_runs(session, owner, most_open)
            insert_event(session, run.id, StatusEvent(status=run.status))
        self._tell(run.id)
        return run

    def create_sweep(self, plans: Sequence[RunPlan], *, most_open: int | None = None) -> tuple[Run, ...]:
        """New queued runs of one sweep, a run for each plan, all or none of them; each names the first as its group.

        Raises TooManyRunsError as `create_run`.
        """
        made: list[Run] = []
        created = datetime.now(UTC)
        with self._database.write() as session:
            for place, plan in enumerate(plans):
                drawn = _draw_id(session)
                if plan.sweep is None:
                    raise ValueError("a sweep's plan says what is swept")
                plan = plan.changed(sweep=plan.sweep.changed(group=made[0].id if made else drawn))
                moment, owner = created + timedelta(microseconds=place), self._own_id()
                run = Run(id=drawn, plan=plan, kind=RunKind.SWEEP, owner=owner, status=Status.QUEUED, created=moment)
                made.append(to_run(add_once(session, to_row(run), ("created", "document"))))
                insert_event(session, made[-1].id, StatusEvent(status=run.status))
            require_few_runs(session, self._own_id(), most_open, made=len(plans))
        for run in made:
            self._tell(run.id)
        return tuple(made)

    def list_sweep(self, group: str) -> ReadableRows[Run]:
        """The runs of a sweep in the order of its series, by the id of the first."""
        named = (RunTable.kind == RunKind.SWEEP.value, col(RunTable.document).contains(f'"group":"{group}"', autoescape=True))
        query = select(RunTable).where(*named, *self._filter_runs()).order_by(col(RunTable.created))
        with self._database.read() as session:
            return read_rows(session.exec(query), to_run)

    def read_run(self, run_id: str) -> Run:
        """The run as stored now.

        Raises InputError when there is none, or when the beginning of an id fits several, and UnreadableRowError.
        """
        seen = self._filter_runs()
        with self._database.look() as connection:  # by the index first; a beginning is looked for in every row
            if (known := connection.execute(_RUN.where(*seen) if seen else _RUN, {"run_id": run_id}).first()) is not None:
                return to_run(known)
        with self._database.read() as session:
            begins = col(RunTable.id).startswith(run_id, autoescape=True)
            rows = session.exec(select(RunTable).where(begins, *seen).limit(2)).all() if run_id else []
            if len(rows) != 1:
                raise InputError(f"There is no run {run_id!r}." if not rows else f"Several runs begin with {run_id!r}.")
            return to_run(rows[0])

    def list_runs(self, *, limit: int = 100, kind: RunKind | None = None) -> ReadableRows[Run]:
        """The newest runs that can be read, newest first."""
        query = select(RunTable).where(*self._filter_runs()).order_by(col(RunTable.created).desc())
        query = query if kind is None else query.where(RunTable.kind == kind.value)
        with self._database.read() as session:
            return read_newest(lambda count: session.exec(query.limit(count)), to_run, limit)

    def list_runs_from(self, origin: str) -> ReadableRows[Run]:
        """The runs whose origin begins with these words, newest first."""
        named = col(RunTable.document).contains(f'"origin":"{origin}', autoescape=True)
        query = select(RunTable).where(named, *self._filter_runs()).order_by(col(RunTable.created).desc())
        with self._database.read() as session:
            return read_rows(session.exec(query), to_run)

    def save_run(self, run: Run) -> None:
        """Write the run's state and, when its status changed, an event.

        Raises LeaseLostError when the run is not this store's owner's, or is over: only `reopen` makes it go on.
        """
        with self._database.begin() as connection:
            status = self._hold(connection, run.id)
            if status not in OPEN_STATES and not run.status.finished:
                raise LeaseLostError(f"Run {run.id} is over: {status}.")
            changed = status != run.status.value
            update_run(connection, run)
            if changed:
                insert_events(connection, run.id, (StatusEvent(status=run.status, reason=run.stop_reason, message=run.message),))
        if changed:
            self._tell(run.id)

    def append(self, detail: IterationDetail) -> None:
        """Add a finished iteration with its curves and an event. StoreError when its number is taken, LeaseLostError as `save_run`."""
        self._append((detail,))

    def append_all(self, details: Sequence[IterationDetail]) -> None:
        """Add finished iterations of one run together, all or none of them, with an event for the last. Raises as `append`."""
        if details:
            self._append(details)

    def _append(self, details: Sequence[IterationDetail]) -> None:
        pairs = [build_rows(detail) for detail in details]
        closes = {one.digest: one for _, one in pairs if one is not None}
        rows = [build_iteration_row(detail.iteration) for detail in details]
        last = details[-1].iteration
        try:
            with self._database.begin() as connection:
                self._hold(connection, last.run_id)
                for one in closes.values():
                    _keep_closes(connection, one)
                connection.execute(_ADD_ITERATIONS, rows)
                connection.execute(_ADD_CURVES, [curve for curve, _ in pairs])
                insert_events(connection, last.run_id, (IterationEvent(number=last.number, status=last.status),))
        except StoreError as error:
            if isinstance(error.__cause__, IntegrityError):
                if all(self._holds(detail.iteration) for detail in details):  # stored before the connection was lost; no answer came
                    return
                raise StoreError(f"Iteration {last.number} of run {last.run_id} is already stored.") from error
            raise
        self._tell(last.run_id)

    def _holds(self, iteration: Iteration) -> bool:
        """True when this very iteration is stored."""
        with self._database.read() as session:
            row = session.get(IterationTable, (iteration.run_id, iteration.number))
            return row is not None and row.document == pack_text(iteration.model_dump_json())

    def certify(self, run_id: str, number: int, certificate: Certificate) -> None:
        """Complete an iteration's certificate, the one thing of it that may become known later.

        Raises InputError when there is no such iteration, UnreadableRowError, and LeaseLostError as `save_run`.
        """
        with self._database.write() as session:
            lock_run(session, run_id)
            self._check_lease(session, run_id)
            row = session.get(IterationTable, (run_id, number))
            if row is None:
                raise InputError(f"Run {run_id} has no iteration {number}.")
            row.document = pack_text(to_iteration(row).changed(certificate=certificate).model_dump_json())
            row.document_version = current_version(DocumentKind.ITERATION)

    def replace_best(self, run_id: str, number: int, best: int | None) -> None:
        """Give the place of the best in a finished run to another iteration; nothing where `number` has it no more, or the run goes on."""
        with self._database.write() as session:
            lock_run(session, run_id)
            row = require_row(session, run_id)
            run = to_run(row)
            if run.best == number and run.status.finished:
                write_run(row, run.changed(best=best))

    def list_iterations(self, run_id: str, *, after: int = -1) -> ReadableRows[Iteration]:
        """Finished iterations of a run, by number; those with a number above `after`. An owner's store raises UnreadableRowError."""
        with self._database.look() as connection:
            found = read_rows(connection.execute(_ITERATIONS, {"run_id": run_id, "after": after}), to_iteration)
        return found if self._owner is None else found.require_whole()

    def list_created(self, run_id: str, limit: int) -> list[float]:
        """Seconds since 1970 at which the newest iterations of a run were made, the newest first."""
        query = select(IterationTable.created).where(IterationTable.run_id == run_id)
        with self._database.read() as session:
            return list(session.exec(query.order_by(col(IterationTable.number).desc()).limit(limit)))

    def read_iterations(self, places: Iterable[tuple[str, int]]) -> dict[str, Iteration]:
        """One iteration of each of several runs, by run; without those that are not there, not seen, or cannot be read."""
        seen = [place for place in places if self.sees_run(place[0])]
        run_id, number = col(IterationTable.run_id), col(IterationTable.number)
        found: dict[str, Iteration] = {}
        with self._database.read() as session:
            for start in range(0, len(seen), PLACES_AT_ONCE):
                some = seen[start : start + PLACES_AT_ONCE]
                wanted = or_(
                    *(and_(run_id == place[0], number == place[1]) for place in some)
                )  # found by the index; a list of pairs is not
                found |= {each.run_id: each for each in read_rows(session.exec(_DOCUMENTS.where(wanted)), to_iteration)}
        return found

    def read_detail(self, run_id: str, number: int) -> IterationDetail:
        """One iteration with its curves and fills. Raises InputError when there is none, and UnreadableRowError."""
        if not 0 <= number <= LARGEST_NUMBER:
            raise InputError(f"Run {run_id} has no iteration {number}.")
        with self._database.read() as session:
            row = session.get(IterationTable, (run_id, number))
            curve = session.get(CurveTable, (run_id, number))
            if row is None or curve is None:
                raise InputError(f"Run {run_id} has no iteration {number}.")
            iteration, heavy = to_iteration(row), to_curves(curve)
        return IterationDetail(iteration=iteration, equity=heavy.equity, position=heavy.position, fills=heavy.fills, trades=heavy.trades)

    def read_previews(self, run_id: str, *, after: int = -1) -> dict[int, tuple[float, ...]]:
        """A thinned equity curve for each iteration with a number above `after`, of those that can be read."""
        columns = select(CurveTable.run_id, CurveTable.number, CurveTable.preview, CurveTable.document_version)
        with self._database.read() as session:
            rows = session.exec(columns.where(CurveTable.run_id == run_id, col(CurveTable.number) > after))
            return dict(read_rows(rows, lambda row: to_preview(*row)))

    def _hold(self, connection: Connection, run_id: str) -> str:
        """Lock a run and give its status. Raises InputError when there is none, LeaseLostError when it is not this store's owner's."""
        held = hold_run(connection, run_id)
        if self._owner is not None and (held is None or held.lease_owner != self._owner or held.status not in OPEN_STATES):
            raise LeaseLostError(f"Run {run_id} is not this worker's any more.")
        if held is None:
            raise InputError(f"There is no run {run_id!r}.")
        return str(held.status)

    def add_event(self, run_id: str, body: RunEvent) -> int:
        """Add an event; gives its sequence number. Raises LeaseLostError when the run is not this store's owner's any more."""
        return self.add_events(run_id, (body,))

    def add_events(self, run_id: str, bodies: Sequence[RunEvent]) -> int:
        """Add events together, all or none of them; gives the sequence number of the last. Raises as `add_event`."""
        with self._database.begin() as connection:
            self._hold(connection, run_id)
            seq = insert_events(connection, run_id, bodies)
        self._tell(run_id)
        return seq

    def list_events(self, run_id: str, *, after: int = 0, limit: int = 1000, kind: EventKind | None = None) -> tuple[Event, ...]:
        """Events with a sequence number above `after`, oldest first; of one kind when it is named."""
        with self._database.look() as connection:
            return find_events(connection, run_id, after, limit, kind)

    def last_seq(self, run_id: str) -> int:
        """Sequence number of the newest event; 0 when there is none."""
        with self._database.look() as connection:
            return connection.execute(_LAST_SEQ, {"run_id": run_id}).scalar() or 0

    def find_last_event(self, run_id: str, kind: EventKind) -> Event | None:
        """The newest event of a kind."""
        with self._database.look() as connection:
            return find_newest_event(connection, run_id, kind)

    def list_open_runs(self) -> ReadableRows[Run]:
        """Runs that are queued, running or paused, oldest first."""
        query = select(RunTable).where(col(RunTable.status).in_(OPEN_STATES), *self._filter_runs()).order_by(col(RunTable.created))
        with self._database.read() as session:
            return read_rows(session.exec(query), to_run)

    def check_reading(self) -> None:
        """Check that the history can be opened and read, whatever it holds. Raises StoreError."""
        with self._database.look() as connection:
            connection.execute(_ANY_RUN).first()

    def count_runs(self) -> int:
        """Number of runs."""
        with self._database.read() as session:
            return session.exec(select(func.count()).select_from(RunTable).where(*self._filter_runs())).one()


def _draw_id(session: Session) -> str:
    """Draw an id that is free; whoever draws the same one at the same moment is refused by the table, and draws again."""
    while True:
        drawn = secrets.token_hex(4)
        if session.exec(select(RunTable.id).where(col(RunTable.id).startswith(drawn)).limit(1)).first() is None:
            return drawn


_DOCUMENTS = select(IterationTable.run_id, IterationTable.number, IterationTable.document, IterationTable.document_version)
"""Columns that an iteration is read from: a whole row of the table costs ten times as much."""
_ITERATIONS = _DOCUMENTS.where(col(IterationTable.run_id) == bindparam("run_id"), col(IterationTable.number) > bindparam("after")).order_by(
    col(IterationTable.number)
)
_RUN = select(RunTable.id, RunTable.document, RunTable.document_version).where(col(RunTable.id) == bindparam("run_id"))
_ANY_RUN = select(RunTable.id).limit(1)
_LAST_SEQ = select(func.max(EventTable.seq)).where(col(EventTable.run_id) == bindparam("run_id"))
_CLOSES = select(ClosesTable.digest).where(col(ClosesTable.digest) == bindparam("digest"))
_ADD_ITERATIONS, _ADD_CURVES = insert(IterationTable), insert(CurveTable)


def to_iteration(row: Any) -> Iteration:
    """The iteration that a row with its document holds. Raises UnreadableRowError."""
    return _read_iteration(f"{row.run_id}:{row.number}", row.document, row.document_version, current_version(DocumentKind.ITERATION))


@lru_cache(maxsize=KEPT_ITERATIONS)
def _read_iteration(row_id: str, document: str, version: int, _current: int) -> Iteration:
    """Read the same row once: a loop and every screen over it ask for it again and again. All that a row says is in the key."""
    return read_document(Iteration, DocumentKind.ITERATION, row_id, document, version)


def _keep_closes(connection: Connection, closes: ClosesTable) -> None:
    """Keep the closes of some bars, unless they are there; another process may keep the same ones at this moment."""
    if connection.execute(_CLOSES, {"digest": closes.digest}).first() is not None:
        return
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert
    else:
        from sqlalchemy.dialects.sqlite import insert  # type: ignore[assignment]
    connection.execute(insert(ClosesTable).values(closes.model_dump()).on_conflict_do_nothing())


def build_iteration_row(iteration: Iteration) -> dict[str, object]:
    """The row of an iteration by column: the whole of it, and the figures that are queried."""
    metrics = iteration.metrics
    return {
        "run_id": iteration.run_id,
        "number": iteration.number,
        "parent": iteration.parent,
        "status": iteration.status.value,
        "score": iteration.score,
        "sharpe": metrics.sharpe if metrics else None,
        "total_return": metrics.total_return if metrics else None,
        "max_drawdown": metrics.max_drawdown if metrics else None,
        "trades": metrics.trades if metrics else None,
        "code_hash": hash_code(iteration.code),
        "created": iteration.created.timestamp(),
        "document": pack_text(iteration.model_dump_json()),
        "document_version": current_version(DocumentKind.ITERATION),
    }
