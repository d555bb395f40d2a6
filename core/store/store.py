"""The store: one object with the repositories of the history on it. Satisfies `core.driving.ports.History`."""

from pathlib import Path

from core.store.database import Database
from core.store.runs import RunRepository
from core.store.workbench import WorkbenchRepository


class Store(RunRepository, WorkbenchRepository):
    """Everything that outlives a process; safe with several threads and processes."""

    def __init__(self, url: str) -> None:
        """Open (and create or migrate) the database at an SQLAlchemy URL. Raises StoreError."""
        super().__init__(Database(url))

    @classmethod
    def in_folder(cls, home: Path) -> "Store":
        """The embedded default: SQLite in `home`, which is created when missing. Raises StoreError."""
        from core.domain.errors import StoreError

        try:
            home.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"The folder {home} cannot be created: {error.strerror}.", hint="Set STRATLOOP_HOME to a folder you can write to."
            ) from error
        return cls(f"sqlite:///{home / 'stratloop.db'}")

    def close(self) -> None:
        """Give every connection back."""
        self._database.close()
