"""Agents that are connected: every server that serves them says so in a file of its own, for as long as its process lives."""

import json
import secrets
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout
from pydantic import ValidationError

from core.domain.value import Value

FOLDER = "mcp"
"""In the home folder."""
QUIET_SECONDS = 1.0
"""A file is written this often at most while the same client calls."""


class Connected(Value):
    """One server that agents talk to, and who talked to it last."""

    transport: str
    """`stdio` or `http`."""
    address: str = ""
    """Address that it listens on; empty for stdio."""
    since: datetime
    """UTC."""
    clients: tuple[str, ...] = ()
    """Names that its clients gave themselves, the last one at the end."""
    calls: int = 0
    last_tool: str = ""
    last_call: datetime | None = None
    """UTC; None before the first call."""


class Connection:
    """This process's own entry. Safe with several threads; a folder that cannot be written only means that nobody sees it."""

    def __init__(self, folder: Path, transport: str, address: str = "", *, clock: Callable[[], float] = time.monotonic) -> None:
        self._file = folder / f"{secrets.token_hex(6)}.json"
        self._lock = FileLock(self._file.with_suffix(".lock"), thread_local=False)
        self._clock, self._written = clock, float("-inf")
        self._noting = threading.Lock()
        self.state = Connected(transport=transport, address=address, since=datetime.now(UTC))

    def open(self) -> None:
        """Be seen."""
        with self._noting, suppress(OSError, Timeout):
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._lock.acquire(timeout=0)
            self._write()

    def note(self, client: str, tool: str) -> None:
        """Note a call."""
        name = client.strip()[:60] or "agent"
        with self._noting:
            known = tuple(one for one in self.state.clients if one != name)
            new = name not in self.state.clients
            self.state = self.state.changed(
                clients=(*known, name)[-5:], calls=self.state.calls + 1, last_tool=tool[:60], last_call=datetime.now(UTC)
            )
            if self._lock.is_locked and (new or self._clock() - self._written >= QUIET_SECONDS):  # not once it is gone
                with suppress(OSError):
                    self._write()

    def close(self) -> None:
        """Be gone."""
        with self._noting, suppress(OSError):
            self._file.unlink(missing_ok=True)
            self._lock.release()
            Path(self._lock.lock_file).unlink(missing_ok=True)

    def _write(self) -> None:
        self._written = self._clock()
        text = self.state.model_dump_json()
        part = self._file.with_suffix(".part")
        part.write_text(text, encoding="utf-8")
        part.replace(self._file)


def list_connected(folder: Path) -> tuple[Connected, ...]:
    """Servers that agents talk to now, oldest first; what a killed process left behind is swept away."""
    found = []
    for file in folder.glob("*.json"):
        lock = FileLock(file.with_suffix(".lock"), timeout=0, thread_local=False)
        try:
            with lock:
                file.unlink(missing_ok=True)  # nobody holds it: its process is gone
            Path(lock.lock_file).unlink(missing_ok=True)
        except Timeout:
            with suppress(OSError, ValidationError, json.JSONDecodeError):
                found.append(Connected.model_validate_json(file.read_bytes()))
        except OSError:
            continue
    return tuple(sorted(found, key=lambda one: one.since))
