"""The part of the history that a person sees: their own, what belongs to nobody, and what was shown to them. Admins see everything.

Each method of the store that names a run asks here first (`guard_runs`); lists are filtered by `filter_visible`.
"""

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from sqlalchemy import func, or_, select
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import Session, col

from core.domain.errors import InputError
from core.domain.people import EVERYBODY, NotYoursError, Person, ShareKind, TooManyRunsError
from core.store.database import Database
from core.store.patience import patient
from core.store.rows import OPEN_STATES
from core.store.tables import RunTable, ShareTable

READS = frozenset({"list_iterations", "read_detail", "read_previews", "list_events", "last_seq", "find_last_event", "is_claimed"})
READS |= {"cancel_requested", "list_created", "count_earlier_tries", "count_trainings"}
"""Methods about one run that change nothing; any other one is its owner's."""
OPEN_TO_ALL = frozenset({"read_run", "find_owner", "sees_run"})
"""Methods about one run that look for themselves, or tell nothing of it."""
KEPT_OWNERS = 4096

StoreT = TypeVar("StoreT")


def filter_visible(viewer: Person | None, kind: ShareKind, owner: Any, subject: Any) -> list[ColumnElement[bool]]:
    """Conditions under which rows with these columns are seen; none for who sees everything."""
    if viewer is None or viewer.sees_all:
        return []
    shown = select(col(ShareTable.subject)).where(
        col(ShareTable.kind) == kind.value,
        col(ShareTable.owner) == owner,
        col(ShareTable.subject) == subject,
        col(ShareTable.person).in_((EVERYBODY, viewer.id)),
    )
    return [or_(owner.in_(("", viewer.id)), shown.exists())]


@patient(but=("sees_run",))
class VisibilityRepository:
    """Owners of runs, and whether the person for whom the store was made sees one."""

    _database: Database
    _viewer: Person | None = None
    """The person; None for whoever owns the machine."""
    _owners: dict[str, str]
    """Owners of runs as they were read: they never change."""

    def _require_run(self, run_id: str, *, own: bool) -> None:
        """Refuse a run that the person does not see, or may not change. Raises InputError, as for a run that is not there."""
        if self._viewer is None or self._viewer.sees_all:
            return
        owner = self.find_owner(run_id)
        if owner in ("", self._viewer.id):
            return
        if owner is None or not self._is_shown(run_id, owner, self._viewer.id):
            raise InputError(f"There is no run {run_id!r}.")
        if own:
            raise NotYoursError(f"Run {run_id}")

    def sees_run(self, run_id: str) -> bool:
        """True when the person sees a run."""
        try:
            self._require_run(run_id, own=False)
        except InputError:
            return False
        return True

    def require_own(self, run_id: str) -> None:
        """Refuse whoever does not see a run, or sees it because it was shown to them. Raises InputError."""

    def find_owner(self, run_id: str) -> str | None:
        """The owner of a run; None when there is no such run."""
        known = self._owners.get(run_id)
        if known is None:
            with self._database.read() as session:
                known = session.execute(select(col(RunTable.owner)).where(col(RunTable.id) == run_id)).scalar_one_or_none()
            if known is not None:
                self._keep_owner(run_id, known)
        return known

    def _keep_owner(self, run_id: str, owner: str) -> None:
        while len(self._owners) >= KEPT_OWNERS:
            self._owners.pop(next(iter(self._owners), ""), None)
        self._owners[run_id] = owner

    def _is_shown(self, run_id: str, owner: str, person: str) -> bool:
        with self._database.read() as session:
            return any(session.get(ShareTable, (ShareKind.RUN.value, owner, run_id, each)) is not None for each in (EVERYBODY, person))

    def _own_id(self) -> str:
        """The owner of what is made through this store."""
        return "" if self._viewer is None else self._viewer.id

    def _filter_runs(self) -> list[ColumnElement[bool]]:
        return filter_visible(self._viewer, ShareKind.RUN, col(RunTable.owner), col(RunTable.id))


def lock_name(session: Session, name: str) -> None:
    """Let one session at a time draw the next version of a name; SQLite lets one writer in at a time anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(func.hashtext(name))))


def require_few_runs(session: Session, owner: str, most_open: int | None, *, made: int = 1) -> None:
    """Refuse runs that were made in this session when their owner has too many open ones now, on all servers. Raises TooManyRunsError."""
    if not owner or most_open is None:
        return
    lock_name(session, f"runs of {owner}")
    query = select(func.count()).where(col(RunTable.owner) == owner, col(RunTable.status).in_(OPEN_STATES))
    count = int(session.execute(query).scalar_one())
    if count > most_open:
        raise TooManyRunsError(count - made, made, most_open)


def guard_runs(owner: type[StoreT]) -> type[StoreT]:
    """Let every public method whose first argument is a run, or its id, ask whether the person may."""
    for name, method in inspect.getmembers(owner, inspect.isfunction):
        first = next(iter(list(inspect.signature(method).parameters)[1:]), "")
        if not name.startswith("_") and name not in OPEN_TO_ALL and first in _ID_OF:
            setattr(owner, name, _guard(method, _ID_OF[first], own=name not in READS))
    return owner


_ID_OF: dict[str, Callable[[Any], str]] = {
    "run_id": lambda given: given,
    "run": lambda given: given.id,
    "detail": lambda given: given.iteration.run_id,
}
"""Ways to find the id of a run in an argument, by the argument's name."""


def _guard(method: Any, find_id: Callable[[Any], str], *, own: bool) -> Any:
    @wraps(method)
    def call(self: Any, about: Any, *arguments: Any, **options: Any) -> Any:
        self._require_run(find_id(about), own=own)
        return method(self, about, *arguments, **options)

    return call
