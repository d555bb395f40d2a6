"""Turns between people, over all servers on one history: who has the fewest runs under way is next, wherever a place is free.

A server says which of its runs wait; it asks for turns when it has a free place. One of them at a time decides, so two servers never
judge by the same count. Places of a server that died count no more when its lease ends.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CursorResult, func, select, update
from sqlmodel import Session, col

from core.domain.turns import Turns, WaitingRun
from core.store.clock import read_clock
from core.store.leases import LeaseRepository
from core.store.patience import patient
from core.store.rows import OPEN_STATES
from core.store.tables import RunTable
from core.store.visibility import lock_name

QUEUE = "stratloop turns"
"""Name of the lock under which one server at a time decides."""
SAME_MOMENT = 1e-6
"""Seconds between two runs that join the queue together, so that they keep their order."""


@dataclass(frozen=True, slots=True)
class _WaitingRow:
    run_id: str
    person: str
    worker: str | None
    since: float | None
    has_place: bool


@patient()
class TurnRepository(LeaseRepository):
    """The queue for places."""

    def take_turns(
        self, worker: str, waiting: Sequence[WaitingRun], *, places: int, seconds: float, elsewhere: Sequence[str] = ()
    ) -> Turns:
        """Say which runs of a server wait, and take so many places for those whose turn it is.

        `elsewhere` are runs that wait on other servers and that this one can begin; one that is given is this worker's for `seconds`.
        Whoever asks again after a lost answer is given the same ones.
        """
        with self._database.write() as session:
            lock_name(session, QUEUE)
            now = read_clock(session)
            _join_queue(session, worker, waiting, now)
            found = _read_candidates(session, [*(one.run_id for one in waiting), *elsewhere])
            mine = {one.run_id for one in found if one.worker == worker}
            given = [one.run_id for one in found if one.worker == worker and one.has_place]
            line = [one for one in found if one.since is not None and not one.has_place]
            order = _TurnOrder(session, self._count_places(session, now))
            while line and len(given) < places:
                turn = order.choose(line)
                line.remove(turn)
                if _give(session, turn, worker, now, seconds):
                    order.count(turn, now)
                    given.append(turn.run_id)
            return Turns(tuple(given), tuple(one.run_id for one in waiting if one.run_id not in mine))

    def _count_places(self, session: Session, now: float) -> Counter[str]:
        """Places that each person has on all living servers."""
        table = RunTable
        query = select(col(table.owner), col(table.lease_owner)).where(
            col(table.has_place), col(table.status).in_(OPEN_STATES), col(table.lease_until) >= now, col(table.lease_owner).is_not(None)
        )
        return Counter(person for person, worker in session.execute(query) if not self._presence.is_dead(worker or ""))

    def leave_place(self, run_id: str, worker: str) -> None:
        """Give the place of a run that rests to whoever is next; the run stays this worker's."""
        statement = update(RunTable).where(col(RunTable.id) == run_id, col(RunTable.lease_owner) == worker)
        with self._database.write() as session:
            session.connection().execute(statement.values(has_place=False, waits_since=None))

    def list_waiting_elsewhere(self, worker: str) -> tuple[str, ...]:
        """Runs that wait on other servers and that any server can begin, the earliest first."""
        table = RunTable
        query = select(col(table.id)).where(
            col(table.waits_since).is_not(None),
            col(table.portable),
            col(table.status).in_(OPEN_STATES),
            col(table.lease_owner).is_not(None),
            col(table.lease_owner) != worker,
            ~col(table.cancel_requested),
        )
        with self._database.read() as session:
            return tuple(session.execute(query.order_by(col(table.waits_since), col(table.created))).scalars())


class _TurnOrder:
    """The order of people: who has the fewest places first, among as many who was served longest ago; of one person the earliest run."""

    def __init__(self, session: Session, held: Counter[str]) -> None:
        self._session, self._held = session, held
        self._served: dict[str, float] = {}

    def choose(self, line: Sequence[_WaitingRow]) -> _WaitingRow:
        """Choose whose turn it is."""
        fewest = min(self._held[one.person] for one in line)
        close = [one for one in line if self._held[one.person] == fewest]
        if len({one.person for one in close}) == 1:
            return min(close, key=lambda one: one.since or 0.0)
        return min(close, key=lambda one: (self._find_served(one.person), one.since or 0.0))

    def count(self, given: _WaitingRow, now: float) -> None:
        """Count a place that was given."""
        self._held[given.person] += 1
        self._served[given.person] = now

    def _find_served(self, person: str) -> float:
        if person not in self._served:
            query = select(func.max(col(RunTable.placed))).where(col(RunTable.owner) == person)
            self._served[person] = float(self._session.execute(query).scalar_one() or 0.0)
        return self._served[person]


def _join_queue(session: Session, worker: str, waiting: Sequence[WaitingRun], now: float) -> None:
    """Note since when runs of a server wait; one that rested waits longer than any that did not begin."""
    table = RunTable
    for place, one in enumerate(waiting):
        is_fresh = (col(table.waits_since).is_(None), ~col(table.has_place), col(table.status).in_(OPEN_STATES))
        statement = update(table).where(col(table.id) == one.run_id, col(table.lease_owner) == worker, *is_fresh)
        session.connection().execute(statement.values(waits_since=0.0 if one.again else now + place * SAME_MOMENT, portable=one.portable))


def _read_candidates(session: Session, run_ids: Sequence[str]) -> list[_WaitingRow]:
    """Open runs among these, in the order in which they are named."""
    table = RunTable
    query = select(col(table.id), col(table.owner), col(table.lease_owner), col(table.waits_since), col(table.has_place))
    rows = session.execute(query.where(col(table.id).in_(run_ids), col(table.status).in_(OPEN_STATES)))
    found = {row[0]: _WaitingRow(*row) for row in rows}
    return [found[run_id] for run_id in run_ids if run_id in found]


def _give(session: Session, turn: _WaitingRow, worker: str, now: float, seconds: float) -> bool:
    """Give a run a place, unless its server changed meanwhile."""
    held = col(RunTable.lease_owner) == turn.worker
    statement = update(RunTable).where(col(RunTable.id) == turn.run_id, held, col(RunTable.status).in_(OPEN_STATES))
    values: dict[str, Any] = {"lease_owner": worker, "lease_until": now + seconds, "waits_since": None, "placed": now, "has_place": True}
    result = session.connection().execute(statement.values(**values))
    return isinstance(result, CursorResult) and result.rowcount == 1
