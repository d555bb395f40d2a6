"""Opening the database: connection settings, version check and migration, and driver errors put into words."""

import os
import secrets
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.exc import DatabaseError, DBAPIError, InterfaceError, NoSuchModuleError, OperationalError, SQLAlchemyError
from sqlmodel import Session

from core.domain.errors import StoreError, StoreTrouble
from core.domain.people import NotAllowedError, Role
from core.store.address import FILE, read_address
from core.store.announcements import ORIGIN, EventListener
from core.store.patience import wait_out
from core.store.private_files import make_private_file

REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008")
"""Every migration this version knows, oldest first; the last one is what it writes."""

BUSY_MILLISECONDS = 10_000

MIGRATION_LOCK = 7_268_451
"""Number of PostgreSQL's advisory lock that one process holds while it migrates; any number that nobody else uses."""


class Database:
    """One database, shared by threads: `read()` and `write()` give sessions; both turn driver errors into StoreError."""

    def __init__(self, url: str) -> None:
        """Open the database at an address (a file, or SQLAlchemy's form) and bring it to this version. Raises StoreError."""
        url = read_address(url)
        if url.startswith(FILE):
            make_private_file(Path(url.removeprefix(FILE)))  # SQLite gives its journals the same rights
        self._engine = _engine(url)
        self.origin = secrets.token_hex(8)
        """Name of whoever writes through here, for announcements."""
        wait_out(lambda: self._open(url))

    def make_listener(self, tell: Callable[[str], None]) -> EventListener:
        """Make what hears of other servers' events; `tell` gets the run's id, in a thread of its own."""
        return EventListener(self._engine, self.origin, tell)

    def close(self) -> None:
        """Give every connection back."""
        self._engine.dispose()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that only reads."""
        with self._translate_errors(), Session(self._engine) as session:
            yield session

    @contextmanager
    def write(self, *, personal: bool = False) -> Iterator[Session]:
        """A session that holds the write lock from its start and commits at its end; `personal` for what concerns its writer alone."""
        with (
            self._translate_errors(writing=True),
            self._engine.connect().execution_options(writes=True, **{ORIGIN: self.origin}) as connection,
            Session(connection) as session,
        ):
            yield session
            session.commit()

    @contextmanager
    def look(self) -> Iterator[Connection]:
        """A connection that only reads: for columns of rows, which need no unit of work around them."""
        with self._translate_errors(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A connection that holds the write lock from its start and commits at its end: as `write`, without a unit of work."""
        with (
            self._translate_errors(writing=True),
            self._engine.connect().execution_options(writes=True, **{ORIGIN: self.origin}) as connection,
            connection.begin(),
        ):
            yield connection

    def _open(self, url: str) -> None:
        with self._translate_errors():
            self._migrate(url)

    def _migrate(self, url: str) -> None:
        with self._engine.connect() as connection:
            version = _version(connection)
        if version == REVISIONS[-1]:
            return
        if version is not None and version not in REVISIONS:
            raise StoreError(
                f"The history was written by a newer version of Stratloop (its format is {version}, this version knows {REVISIONS[-1]}).",
                hint="Update Stratloop, or point STRATLOOP_HOME at another folder.",
            )
        with _migration_lock(url):
            self._upgrade()

    def _upgrade(self) -> None:
        from alembic.command import upgrade
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        config.set_main_option("path_separator", "os")
        with self._engine.connect() as connection:
            if self._engine.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": MIGRATION_LOCK})
            config.attributes["connection"] = connection
            upgrade(config, "head")
            connection.commit()

    @contextmanager
    def _translate_errors(self, *, writing: bool = False) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            found = _explained(error)
            found.writing = writing
            raise found from error


class ReadingDatabase(Database):
    """A database for people who may only look: it lets through what is personal, and no other write."""

    def __init__(self, database: Database) -> None:
        self._engine, self.origin = database._engine, database.origin

    @contextmanager
    def write(self, *, personal: bool = False) -> Iterator[Session]:
        """A session for what is personal. Raises NotAllowedError for anything else."""
        if not personal:
            raise NotAllowedError(Role.ANALYST)
        with super().write() as session:
            yield session

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """Nothing that is written so is personal. Raises NotAllowedError."""
        raise NotAllowedError(Role.ANALYST)
        yield


def _engine(url: str) -> Engine:
    if not url.startswith("sqlite"):
        return _connect_server(url)
    if url.startswith(FILE):
        path = url.removeprefix(FILE)
        engine = create_engine(URL.create("sqlite", database=path), creator=partial(_connect_file, Path(path)))
    else:
        engine = create_engine(url, connect_args={"check_same_thread": False})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    event.listen(engine, "checkin", _drop_stopgap)
    return engine


class StopgapConnection(sqlite3.Connection):
    """A connection that reads the file alone, while its disk has no room for what SQLite lays beside it; it is used once."""


def _connect_file(path: Path) -> sqlite3.Connection:
    """Connect to a file; to one that cannot be written to for reading, also where SQLite cannot lay its journals beside it."""
    address = path.absolute().as_uri()
    writable = os.access(path.parent, os.W_OK) and (os.access(path, os.W_OK) or not path.exists())
    ways = (address,) if writable else (address, f"{address}?mode=ro", f"{address}?mode=ro&immutable=1")
    for way in ways:
        connection = sqlite3.connect(way, uri=True, check_same_thread=False, timeout=BUSY_MILLISECONDS / 1000)
        try:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.OperationalError as error:
            connection.close()
            if _is_full(error) and _has_empty_journal(path):  # then the file alone is the whole history
                alone = f"{address}?mode=ro&immutable=1"
                return sqlite3.connect(alone, uri=True, check_same_thread=False, factory=StopgapConnection)
            if way == ways[-1] or not path.exists() or not any(words in str(error) for words in UNWRITABLE):
                raise
        except sqlite3.DatabaseError:
            return connection  # damaged: whoever reads says so
        else:
            return connection
    raise AssertionError


def _is_full(error: sqlite3.Error) -> bool:
    return any(words in str(error).lower() for words in FULL)


def _has_empty_journal(path: Path) -> bool:
    journal = path.with_name(f"{path.name}-wal")
    return path.exists() and (not journal.exists() or journal.stat().st_size == 0)


def _drop_stopgap(connection: object, record: Any) -> None:
    """Let nobody keep a stopgap: whoever asks next may find room."""
    if isinstance(connection, StopgapConnection):
        record.invalidate()


def _connect_server(url: str) -> Engine:
    try:
        return create_engine(url, pool_pre_ping=True)
    except ModuleNotFoundError as error:
        hint = "pip install 'psycopg[binary]'" if error.name == "psycopg" else "PostgreSQL and SQLite are the ones that are tried."
        raise StoreError(f"The history's database needs the package {error.name!r}, which is not installed.", hint=hint) from error
    except NoSuchModuleError as error:
        raise StoreError("This kind of database is not known.", hint="PostgreSQL and SQLite are the ones that are tried.") from error


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.text_factory = partial(str, encoding="utf-8", errors="surrogateescape")  # a damaged letter costs its row, no more
    connection.isolation_level = None  # we say BEGIN ourselves, so that a writer waits at its start and never half-way
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_MILLISECONDS}")
    try:
        cursor.execute("PRAGMA journal_mode = WAL")
    except sqlite3.OperationalError as error:
        if not any(words in str(error) for words in ("readonly", "locked", "full")):
            raise
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    if writes and isinstance(connection.connection.dbapi_connection, StopgapConnection):
        message, hint, trouble = _KNOWN[FULL]
        raise StoreError(message, hint=hint, trouble=trouble, writing=True)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _version(connection: Connection) -> str | None:
    """Revision of the database; None when it is new."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    version: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    return version


@contextmanager
def _migration_lock(url: str) -> Iterator[None]:
    """Keep two processes from migrating the same SQLite file at once."""
    if not url.startswith(FILE):
        yield
        return
    try:
        with FileLock(url.removeprefix(FILE) + ".migrating", timeout=60, mode=0o600):
            yield
    except Timeout as error:
        raise StoreError("Another process is still preparing the history.", hint="Wait a moment and try again.") from error
    except OSError as error:
        raise StoreError(
            f"The history cannot be written: {error.strerror}.", hint="Check the folder's permissions and free space.", writing=True
        ) from error


def _explained(error: SQLAlchemyError) -> StoreError:
    """The driver's words as ours, with a remedy."""
    cause = str(getattr(error, "orig", error))
    lower = cause.lower()
    if _is_disconnected(error):
        if refusal := _find_refusal(cause):
            hint = "Look at user, password and name in STRATLOOP_DATABASE, and at whom the server lets in."
            return StoreError(f"The history's database server refuses the connection: {refusal}.", hint=hint, trouble=StoreTrouble.REFUSED)
        hint = "It is tried again; when that does not help, look whether the database server runs."
        return StoreError("The history's database cannot be reached.", hint=hint, trouble=StoreTrouble.DISCONNECTED)
    for words, (message, hint, trouble) in _KNOWN.items():
        if any(word in lower for word in words):
            return StoreError(message, hint=hint, trouble=trouble)
    if "column" in lower and any(words in lower for words in ("no such", "has no", "does not exist")):
        return StoreError("A newer version of Stratloop has changed the history meanwhile.", hint="Restart with the newer version.")
    if isinstance(error, OperationalError | DatabaseError):
        return StoreError(f"The history cannot be used: {cause}", hint="Check STRATLOOP_HOME or STRATLOOP_DATABASE.")
    return StoreError(f"The history refused an operation: {cause}")


UNWRITABLE = ("readonly", "read-only", "unable to open database file")
"""Words of SQLite about a file that cannot be written to, or beside which no journal can be laid."""
FULL = ("is full", "no space left", "disk i/o error", "quota exceeded")
"""Words of the drivers about a disk without room."""
_KNOWN = {
    ("locked", "busy"): ("The history is locked by another program.", "Close whatever else has the database open.", StoreTrouble.LOCKED),
    UNWRITABLE: (
        "The history is read-only.",
        "Check the permissions of the folder that STRATLOOP_HOME names, and whether its disk is mounted for writing.",
        StoreTrouble.READ_ONLY,
    ),
    ("not a database", "malformed"): (
        "The history file is damaged or is not a Stratloop database.",
        "`history restore` takes it back from a copy; or move it aside, and a new one is made at the next start.",
        StoreTrouble.OTHER,
    ),
    FULL: (
        "The disk is full; nothing was lost, nothing more can be stored.",
        "Free some space and it goes on.",
        StoreTrouble.FULL,
    ),
}
"""Words of the drivers, each with its meaning."""


_PASSING_REFUSALS = (
    "starting up",
    "shutting down",
    "recovery mode",
    "not yet accepting",
    "too many",
    "remaining connection slots",
    "terminating",
)
"""Words of a server that refuses now and not later."""


def _find_refusal(cause: str) -> str:
    """The words of a server that answered and lets nobody of that name in; empty when there was no answer, or it is one that passes."""
    _, answered, words = cause.partition("FATAL:")
    words = words.strip().splitlines()[0].strip() if words.strip() else ""
    return words if answered and not any(one in words for one in _PASSING_REFUSALS) else ""


def _is_disconnected(error: SQLAlchemyError) -> bool:
    """True when the connection to a database server was lost or cannot be made: what was asked for can be asked again."""
    if not isinstance(error, DBAPIError) or isinstance(error.orig, sqlite3.Error):
        return False
    state = str(getattr(error.orig, "sqlstate", None) or "")
    lost = isinstance(error, OperationalError | InterfaceError) and not state
    return error.connection_invalidated or lost or state.startswith(("08", "57P"))
