"""A real PostgreSQL server of one's own: its own folder, its own port on loopback; it can be stopped, started and cut off."""

import os
import shutil
import subprocess
import time
from pathlib import Path

from tests.ports import find_free_port


def find_program(name: str) -> str | None:
    """Find one of PostgreSQL's programs, in the path or where Debian keeps them."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return shutil.which(name) or (str(found[-1]) if found else None)


class PostgresServer:
    """A server in a folder of its own."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.port = find_free_port()
        user: dict[str, object] = {}
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            shutil.chown(folder, "postgres", "postgres")
            user = {"user": "postgres", "group": "postgres", "extra_groups": []}
        self._quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder, **user}
        self._process: subprocess.Popen[bytes] | None = None
        self._run(
            [str(find_program("initdb")), "-D", f"{folder}/data", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C", "--no-sync"]
        )

    @property
    def url(self) -> str:
        """SQLAlchemy URL of its first database."""
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/postgres"

    @property
    def runs(self) -> bool:
        """True while it is started."""
        return self._process is not None

    def start(self) -> None:
        """Start it and wait until it answers."""
        command = [str(find_program("postgres")), "-D", f"{self.folder}/data", "-h", "127.0.0.1", "-p", str(self.port)]
        self._process = subprocess.Popen([*command, "-k", self.folder, "-c", "fsync=off"], **self._quiet)  # type: ignore[call-overload]
        for _ in range(300):
            assert self._process.poll() is None, "PostgreSQL ended at its start"
            if self._answers():
                return
            time.sleep(0.1)
        raise AssertionError("PostgreSQL did not answer")

    def stop(self) -> None:
        """Stop it as a restart does: connections are cut, what was not committed is undone."""
        if self._process is not None:
            self._run([str(find_program("pg_ctl")), "-D", f"{self.folder}/data", "-m", "fast", "-w", "stop"])
            self._process.wait(timeout=300)
            self._process = None

    def cut_connections(self, url: str) -> int:
        """Cut every connection to a database; gives how many there were."""
        name = url.rpartition("/")[2]
        rows = self.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}' AND pid <> pg_backend_pid()")
        return len(rows)

    def execute(self, statement: str) -> list[tuple[object, ...]]:
        """Execute a statement over a connection of its own."""
        import psycopg

        with psycopg.connect(self.url.replace("+psycopg", ""), autocommit=True) as connection:
            found = connection.execute(statement)
            return found.fetchall() if found.description else []

    def _answers(self) -> bool:
        import psycopg

        try:
            self.execute("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def _run(self, command: list[str]) -> None:
        subprocess.run(command, check=True, **self._quiet)  # type: ignore[call-overload]
