"""Events of other servers on the same PostgreSQL, told the moment they are committed, by LISTEN and NOTIFY.

Only the run's id travels; what happened is read from the history. Who misses an announcement finds the event by asking, more slowly.
"""

import logging
import threading
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Engine, text

CHANNEL = "stratloop_events"
ORIGIN = "stratloop_origin"
"""Option of a connection: the store that writes with it, whose own subscribers are told without this detour."""
LISTEN_SECONDS = 5.0
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 10.0
log = logging.getLogger(__name__)


def announce_event(connection: Connection, run_id: str) -> None:
    """Announce an event of a run to the other servers; it is sent with the commit, and not without."""
    if connection.dialect.name == "postgresql":
        origin = connection.get_execution_options().get(ORIGIN, "")
        connection.execute(text("SELECT pg_notify(:channel, :said)"), {"channel": CHANNEL, "said": f"{origin}:{run_id}"})


class EventListener:
    """A connection of its own that hears the announcements of others; does nothing where the database has none."""

    def __init__(self, engine: Engine, origin: str, tell: Callable[[str], None]) -> None:
        self._engine, self._origin, self._tell = engine, origin, tell
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._ended = threading.Event()
        self._hears = threading.Event()

    @property
    def hears(self) -> bool:
        """True while announcements of others arrive."""
        return self._hears.is_set()

    def start(self) -> None:
        """Begin to listen, once."""
        with self._lock:
            if self._thread is None and self._engine.dialect.name == "postgresql" and not self._ended.is_set():
                self._thread = threading.Thread(target=self._run, name="announcements", daemon=True)
                self._thread.start()

    def wait_until_heard(self, seconds: float) -> bool:
        """Wait until announcements arrive."""
        return self._hears.wait(seconds)

    def close(self) -> None:
        """Stop listening; the thread ends by itself within the time of one wait."""
        self._ended.set()

    def _run(self) -> None:
        import psycopg

        pause = FIRST_PAUSE
        while not self._ended.is_set():
            try:
                with self._connect(psycopg) as connection:
                    connection.execute(f"LISTEN {CHANNEL}")
                    self._hears.set()
                    pause = FIRST_PAUSE
                    self._listen(connection)
            except psycopg.Error as error:
                log.info("announcements of the history were lost: %s", error)
            finally:
                self._hears.clear()
            self._ended.wait(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    def _connect(self, psycopg: Any) -> Any:
        arguments, options = self._engine.dialect.create_connect_args(self._engine.url)
        return psycopg.connect(*arguments, **options, autocommit=True)

    def _listen(self, connection: Any) -> None:
        while not self._ended.is_set():
            for said in connection.notifies(timeout=LISTEN_SECONDS):
                origin, _, run_id = said.payload.partition(":")
                if origin != self._origin:
                    self._tell(run_id)
                if self._ended.is_set():
                    return
