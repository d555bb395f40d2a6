"""A store over each database. PostgreSQL is a real server: its own folder, its own port on loopback, gone afterwards."""

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.store import Store
from tests.needs import need


def _program(name: str) -> str | None:
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return shutil.which(name) or (str(found[-1]) if found else None)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """SQLAlchemy URL of an empty PostgreSQL database."""
    initdb, server = _program("initdb"), _program("postgres")
    need(initdb is not None and server is not None, "PostgreSQL is not installed")
    pytest.importorskip("psycopg")
    assert initdb is not None
    assert server is not None
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        user: dict[str, object] = {}
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            shutil.chown(folder, "postgres", "postgres")
            user = {"user": "postgres", "group": "postgres", "extra_groups": []}
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder, **user}
        subprocess.run([initdb, "-D", f"{folder}/data", "-A", "trust", "-U", "postgres", "--no-sync"], check=True, **quiet)  # type: ignore[call-overload]
        command = [server, "-D", f"{folder}/data", "-h", "127.0.0.1", "-p", str(port), "-k", folder, "-c", "fsync=off"]
        process = subprocess.Popen(command, **quiet)  # type: ignore[call-overload]
        try:
            _wait(port, process)
            yield f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres"
        finally:
            process.terminate()
            process.wait(timeout=30)


def _wait(port: int, process: "subprocess.Popen[bytes]") -> None:
    import psycopg

    for _ in range(300):
        assert process.poll() is None, "PostgreSQL ended at its start"
        try:
            psycopg.connect(f"host=127.0.0.1 port={port} user=postgres dbname=postgres", connect_timeout=1).close()
        except psycopg.OperationalError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("PostgreSQL did not answer")


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """The contract holds over both databases."""
    made = (
        Store.in_folder(tmp_path)
        if request.param == "sqlite"
        else Store(make_empty_database(request.getfixturevalue("postgres")), tmp_path)
    )
    yield made
    made.close()


def make_empty_database(url: str) -> str:
    """A database of its own on the server, so that no test sees another's rows."""
    import psycopg

    name = f"test_{secrets.token_hex(4)}"
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return f"{url.rsplit('/', 1)[0]}/{name}"
