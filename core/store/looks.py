"""Bars that runs have used: what they were trained on, and how often which bars were held out and looked at.

Bars are known by their fingerprint, so that a copy under another name is the same bars. Looks of earlier versions have none; they are
counted by instrument, timeframe and range. Bars of several instruments are used as those of each of them.
"""

import time
from collections.abc import Iterable, Sequence
from datetime import UTC
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, bindparam, func, or_, text, union
from sqlmodel import Session, col, select

from core.domain.errors import InputError
from core.domain.fingerprint import Fingerprint, count_common, unpack_fingerprint
from core.domain.hold_out import HoldOutEvaluation
from core.store.documents import DAMAGE
from core.store.leases import LeaseRepository
from core.store.patience import patient
from core.store.rows import hash_code, lock_run
from core.store.tables import FingerprintTable, FurtherUseTable, HoldOutEvaluationTable, IterationTable, RunTable, TrainingTable

TRAINING = -1
"""Number of iterations under which a further instrument's training is kept."""
APART = -3
"""Number of iterations under which an instrument of a basket is kept, whose programs are tried on it alone."""
HELD_OUT = -2
"""Number of iterations under which the bars that a run holds out are kept from its beginning, before anybody looks at them."""
KEPT_COUNTS = 512
"""Counts of common days that are kept, with the bytes of a fingerprint each, some 5 kB."""
SAME_TRAINING = 0.5
"""Share of a run's training days from which another run's tries on them count as tries on the same bars."""


@patient()
class LookRepository(LeaseRepository):
    """Uses of bars, over all runs of the installation."""

    def record_training(
        self, run_id: str, fingerprint: Fingerprint, further: Sequence[Fingerprint] = (), apart: Sequence[Fingerprint] = ()
    ) -> None:
        """Record the bars that a run is trained on, also those of further instruments; once. Raises LeaseLostError as `save_run`.

        `apart` are those of a basket: each program is tried on each of them alone.
        """
        with self._database.write() as session:
            lock_run(session, run_id)
            self._check_lease(session, run_id)
            if session.get(TrainingTable, run_id) is None:
                session.add(TrainingTable(run_id=run_id, fingerprint=_keep(session, fingerprint)))
                _keep_further(session, run_id, TRAINING, further)
                _keep_further(session, run_id, APART, apart)

    def record_held_out(self, run_id: str, held_out: Sequence[Fingerprint], training: Sequence[Fingerprint]) -> int:
        """Record the bars that a run holds out, of whichever instrument; once. Raises LeaseLostError as `save_run`.

        Gives the number of other runs that hold out some of the bars that it is trained on, whether they looked or not.
        """
        table, beside = HoldOutEvaluationTable, FurtherUseTable
        with self._database.write() as session:
            lock_run(session, run_id)
            self._check_lease(session, run_id)
            mine = select(beside.run_id).where(beside.run_id == run_id, beside.iterations == HELD_OUT)
            if session.exec(mine).first() is None:
                _keep_further(session, run_id, HELD_OUT, [one for one in held_out if one.span[1] >= 0])
            same = _find_any_common(session, training)
            looked = select(table.run_id).where(col(table.fingerprint).in_(same))
            others = select(beside.run_id).where(col(beside.fingerprint).in_(same), col(beside.iterations).not_in((TRAINING, APART)))
            found = union(looked, others).subquery()
            counted = select(func.count()).select_from(found).where(found.c.run_id != run_id)
            return session.exec(counted).one() if same else 0

    def count_earlier_tries(
        self, run_id: str, fingerprint: Fingerprint, apart: Sequence[Fingerprint] = (), *, joining: str | None = None
    ) -> int:
        """Count the programs with a score that other runs tried on the same training bars: those made before this one, and those made
        meanwhile, until this run's newest iteration.

        Each program counts once, and one that this run tried as well, or is trying now (`joining`), counts there. With a basket, `apart`
        are its instruments: what was tried on any of them alone, or in another basket, counts as well.
        """
        with self._database.look() as connection:
            same = set().union(*(_find_same_training(connection, each) for each in (fingerprint, *apart)))
            mine = connection.execute(_MADE, {"run_id": run_id}).first()
            if mine is None:
                raise InputError(f"There is no run {run_id!r}.")
            made, newest = mine
            told = {"run_id": run_id, "same": sorted(same), "made": made, "newest": newest or 0.0}
            joining = "" if joining is None else hash_code(joining)
            return int(connection.execute(_EARLIER, {**told, "joining": joining}).scalar_one()) if same else 0

    def count_trainings(self, run_id: str, fingerprint: Fingerprint, further: Sequence[Fingerprint] = ()) -> int:
        """Count the other runs, backtests from the editor among them, that were trained on some of these bars, of whichever instrument."""
        with self._database.read() as session:
            same = _find_any_common(session, (fingerprint, *further))
            trained = select(TrainingTable.run_id).where(col(TrainingTable.fingerprint).in_(same))
            beside = select(FurtherUseTable.run_id).where(
                col(FurtherUseTable.fingerprint).in_(same), FurtherUseTable.iterations == TRAINING
            )
            found = union(trained, beside).subquery()
            counted = select(func.count()).select_from(found).where(found.c.run_id != run_id)
            return session.exec(counted).one() if same else 0

    def record_hold_out(
        self, evaluation: HoldOutEvaluation, fingerprint: Fingerprint | None = None, further: Sequence[Fingerprint] = ()
    ) -> int:
        """Record a hold-out evaluation, once; gives how often these bars were used with it, by whatever run.

        `further` are the bars of further instruments: a look at several is a look at each of them. Raises LeaseLostError as `save_run`.
        """
        first, last = (moment.replace(tzinfo=UTC).timestamp() for moment in (evaluation.first, evaluation.last))
        with self._database.write() as session:
            lock_run(session, evaluation.run_id)
            self._check_lease(session, evaluation.run_id)
            if session.get(HoldOutEvaluationTable, (evaluation.run_id, evaluation.iterations)) is None:
                session.add(
                    HoldOutEvaluationTable(
                        run_id=evaluation.run_id,
                        iterations=evaluation.iterations,
                        created=time.time(),
                        instrument=evaluation.instrument,
                        timeframe=evaluation.timeframe.value,
                        first=first,
                        last=last,
                        fingerprint=None if fingerprint is None else _keep(session, fingerprint),
                    )
                )
                _keep_further(session, evaluation.run_id, evaluation.iterations, further)
                session.flush()
            same = (
                HoldOutEvaluationTable.instrument == evaluation.instrument,
                HoldOutEvaluationTable.timeframe == evaluation.timeframe.value,
                col(HoldOutEvaluationTable.first) <= last,
                col(HoldOutEvaluationTable.last) >= first,
            )
            looks = select(func.count()).select_from(HoldOutEvaluationTable)
            if fingerprint is None:
                return session.exec(looks.where(*same)).one()
            known = col(HoldOutEvaluationTable.fingerprint)
            by_name = session.exec(looks.where(*same, known.is_(None))).one()
            common = _find_any_common(session, (fingerprint, *further))
            table, beside = HoldOutEvaluationTable, FurtherUseTable
            first_ones = select(table.run_id, table.iterations).where(known.in_(common))
            others = select(beside.run_id, beside.iterations).where(col(beside.fingerprint).in_(common), beside.iterations >= 0)
            return by_name + session.exec(select(func.count()).select_from(union(first_ones, others).subquery())).one()


def _keep(session: Session, fingerprint: Fingerprint) -> str:
    """Store a fingerprint unless it is there; gives its name."""
    first, last = fingerprint.span
    digest = fingerprint.digest
    insert = "INSERT INTO fingerprint (digest, first, last, data) VALUES (:digest, :first, :last, :data) ON CONFLICT (digest) DO NOTHING"
    values = {"digest": digest, "first": first, "last": last, "data": fingerprint.pack()}
    session.connection().execute(text(insert), values)
    return digest


def _keep_further(session: Session, run_id: str, iterations: int, further: Sequence[Fingerprint]) -> None:
    for digest in dict.fromkeys(_keep(session, fingerprint) for fingerprint in further):
        session.add(FurtherUseTable(run_id=run_id, iterations=iterations, fingerprint=digest))


def _find_same_training(connection: Connection, fingerprint: Fingerprint) -> set[str]:
    """Names of the stored fingerprints that have most of these training days."""
    days = max(len(fingerprint.day), len(fingerprint.week) if not len(fingerprint.day) else 0, 1)
    return {digest for digest, common in _find_common(connection, fingerprint).items() if common >= SAME_TRAINING * days}


def _find_any_common(session: Session, fingerprints: Sequence[Fingerprint]) -> set[str]:
    """Names of the stored fingerprints that are the same bars as any of these."""
    return set().union(*(_find_common(session.connection(), fingerprint) for fingerprint in fingerprints))


def _find_common(connection: Connection, fingerprint: Fingerprint) -> dict[str, int]:
    """Number of days in common with each stored fingerprint of the same bars, by its name; itself among them."""
    first, last = fingerprint.span
    return dict(_count_each(connection.execute(_OF_THE_TIME, {"first": first, "last": last}), fingerprint))


_OF_THE_TIME = select(FingerprintTable.digest, FingerprintTable.data).where(
    col(FingerprintTable.first) <= bindparam("last"), col(FingerprintTable.last) >= bindparam("first")
)
_MADE = select(
    RunTable.created, select(func.max(IterationTable.created)).where(IterationTable.run_id == bindparam("run_id")).scalar_subquery()
).where(RunTable.id == bindparam("run_id"))
_MINE = select(IterationTable.code_hash).where(IterationTable.run_id == bindparam("run_id"))
_TRAINED = union(
    select(TrainingTable.run_id).where(col(TrainingTable.fingerprint).in_(bindparam("same", expanding=True))),
    select(FurtherUseTable.run_id).where(
        col(FurtherUseTable.fingerprint).in_(bindparam("same", expanding=True)), FurtherUseTable.iterations == APART
    ),
)
_EARLIER = (
    select(func.count(func.distinct(IterationTable.code_hash)))
    .join(RunTable, col(RunTable.id) == col(IterationTable.run_id))
    .where(col(IterationTable.run_id).in_(_TRAINED), col(RunTable.id) != bindparam("run_id"))
    .where(or_(col(RunTable.created) < bindparam("made"), col(IterationTable.created) < bindparam("newest")))
    .where(col(IterationTable.score).is_not(None), col(IterationTable.code_hash).not_in(_MINE))
    .where(col(IterationTable.code_hash) != bindparam("joining"))
)
"""Programs of other runs on the same bars, before a run and beside it."""


@lru_cache(maxsize=KEPT_COUNTS)
def _count_common_days(data: bytes, fingerprint: Fingerprint) -> int:
    """Count them once for the same bars: a loop asks after each iteration who else tried something on its own."""
    return count_common(unpack_fingerprint(data), fingerprint)


def _count_each(rows: Iterable[Any], fingerprint: Fingerprint) -> Iterable[tuple[str, int]]:
    for row in rows:
        try:
            common = _count_common_days(row.data, fingerprint)
        except DAMAGE:  # a damaged row says nothing; what it stood for is counted no more
            continue
        if common:
            yield row.digest, common
