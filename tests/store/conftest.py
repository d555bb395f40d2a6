"""A store over each database. PostgreSQL is a real server: its own folder, its own port on loopback, gone afterwards."""

import secrets
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.store import Store
from tests.needs import need
from tests.store.postgres_server import PostgresServer, find_program

MEMORY, PLENTY = Path("/dev/shm"), 8_000_000_000
"""A file system in memory, and the free bytes from which on three servers have room there."""


@pytest.fixture(scope="session")
def server() -> Iterator[PostgresServer]:
    """A running PostgreSQL server."""
    need(find_program("initdb") is not None and find_program("postgres") is not None, "PostgreSQL is not installed")
    pytest.importorskip("psycopg")
    with tempfile.TemporaryDirectory(prefix="pg", dir=_find_quick_place()) as folder:
        made = PostgresServer(folder)
        made.start()
        yield made
        made.stop()


def _find_quick_place() -> str | None:
    """A folder in memory, where there is plenty: each of some hundred databases is four hundred files, to be written and deleted."""
    return str(MEMORY) if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > PLENTY else None


@pytest.fixture(scope="session")
def postgres(server: PostgresServer) -> str:
    """SQLAlchemy URL of a PostgreSQL server's first database."""
    return server.url


@pytest.fixture(scope="session")
def new_history(postgres: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Name of a database on the server that holds a new history: copying it is quicker than the steps that lead there."""
    url = make_empty_database(postgres)
    Store(url, tmp_path_factory.mktemp("new")).close()
    return url.rpartition("/")[2]


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """The contract holds over both databases."""
    if request.param == "sqlite":
        made = Store.in_folder(tmp_path)
    else:
        server, like = request.getfixturevalue("postgres"), request.getfixturevalue("new_history")
        made = Store(make_empty_database(server, like), tmp_path)
    yield made
    made.close()


def make_empty_database(url: str, like: str = "template1") -> str:
    """A database of its own on the server, so that no test sees another's rows; with the tables of another one."""
    import psycopg

    name = f"test_{secrets.token_hex(4)}"
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {like}")
    return f"{url.rsplit('/', 1)[0]}/{name}"
