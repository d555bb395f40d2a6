"""Live workers: each holds a locked file, and the operating system lets go of it when the worker dies, however it dies."""

import threading
import time
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout

KEPT_SECONDS = 7 * 86_400.0


class Presence:
    """Live workers of this machine, by name. Says nothing about other machines: there only the lease's end counts."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held: dict[str, FileLock] = {}
        self._lock = threading.Lock()

    def announce(self, owner: str) -> None:
        """Be alive under this name until this process ends. An unwritable folder only means that others wait for leases to end."""
        with self._lock:
            if owner in self._held:
                return
            lock = FileLock(self._file(owner), thread_local=False)
            try:
                self._folder.mkdir(parents=True, exist_ok=True)
                lock.acquire(timeout=0)
            except (OSError, Timeout):
                return
            self._held[owner] = lock
        with suppress(OSError):  # another process may sweep at the same time
            self._remove_stale_files()

    def is_dead(self, owner: str) -> bool:
        """True when `owner` worked on this machine and is dead now; false when it lives or is not known here."""
        file = self._file(owner)
        with self._lock:
            if owner in self._held or not file.exists():
                return False
            return self._dead(file)

    def close(self) -> None:
        """Be gone."""
        with self._lock:
            for owner, lock in self._held.items():
                lock.release()
                self._file(owner).unlink(missing_ok=True)
            self._held.clear()

    def _remove_stale_files(self) -> None:
        """Drop the files of workers that died long ago; nobody asks for them any more."""
        for file in self._folder.glob("*.alive"):
            if file.stem not in self._held and time.time() - file.stat().st_mtime > KEPT_SECONDS and self._dead(file):
                file.unlink(missing_ok=True)

    @staticmethod
    def _dead(file: Path) -> bool:
        try:
            with FileLock(file, timeout=0, thread_local=False):
                return True
        except (OSError, Timeout):
            return False

    def _file(self, owner: str) -> Path:
        return self._folder / f"{owner}.alive"
