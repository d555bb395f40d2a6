"""The store: one object with the repositories of the history on it. Satisfies `core.driving.ports.History`."""

import copy
from pathlib import Path

from core.domain.errors import StoreError
from core.domain.people import Person, Role
from core.store.database import Database, ReadingDatabase
from core.store.people import PeopleRepository
from core.store.presence import Presence
from core.store.private_files import make_private_folder
from core.store.run_search import RunSearchRepository
from core.store.runs import RunRepository
from core.store.spending_ledger import LedgerRepository
from core.store.turns import TurnRepository
from core.store.unreadable import UnreadableRepository
from core.store.visibility import guard_runs
from core.store.workbench import WorkbenchRepository


@guard_runs
class Store(RunRepository, TurnRepository, RunSearchRepository, WorkbenchRepository, PeopleRepository, UnreadableRepository):
    """Everything that outlives a process; safe with several threads and processes."""

    def __init__(self, url: str, home: Path) -> None:
        """Open (and create or migrate) the database at an SQLAlchemy URL; `home` is this machine's state folder. Raises StoreError."""
        self._database = Database(url)
        self._presence = Presence(home / "workers")
        self._subscribers = set()
        self._owners = {}
        self._listener = self._database.make_listener(self._tell)
        self.ledger = LedgerRepository(self._database)

    @classmethod
    def in_folder(cls, home: Path) -> "Store":
        """The embedded default: SQLite in `home`, which is created when missing. Raises StoreError."""
        try:
            make_private_folder(home)
        except OSError as error:
            hint = "Set STRATLOOP_HOME to a folder you can write to."
            raise StoreError(f"The folder {home} cannot be created: {error.strerror}.", hint=hint) from error
        return cls(f"sqlite:///{home / 'stratloop.db'}", home)

    def for_person(self, person: Person) -> "Store":
        """The same history for one person: what they see of it, with their own drafts, and without a write for whoever may only look."""
        mine = copy.copy(self)
        mine._viewer = person
        mine._drafts = f"{person.id}/" if person.id else ""
        if not person.role.includes(Role.ANALYST):
            mine._database = ReadingDatabase(self._database)
        return mine

    def check_writing(self) -> None:
        """Check that something could be stored now. Raises StoreError."""
        with self._database.write(personal=True) as session:
            session.connection().exec_driver_sql("UPDATE alembic_version SET version_num = version_num")

    def close(self) -> None:
        """Give every connection back."""
        self._listener.close()
        self._presence.close()
        self._database.close()
