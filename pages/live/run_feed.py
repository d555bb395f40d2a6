"""New events of a run, read from the history once for everybody who watches it.

The history is the only source. A write of this process wakes the reader at once, on PostgreSQL one of any process. On SQLite those of
other processes (the command line) are found by asking, a few times in a tenth of a second. Each watcher keeps its own place, so it
misses and repeats nothing.
"""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress

from anyio import to_thread

from core.domain.errors import StratloopError
from core.domain.events import Event, EventKind, StatusEvent, select_bodies
from core.domain.run import Status
from pages.live.history import LiveHistory
from pages.live.messages import Message, Replay, Translator

POLL_SECONDS = 0.05
"""Time between two looks for other processes' events while the run goes on."""

ANNOUNCED_SECONDS = 2.0
"""The same where the database tells of other processes' events: for what was missed while its connection was lost."""

IDLE_SECONDS = 1.0
"""The same for a finished run, which somebody may resume."""

RECENT = 2_000
"""Messages kept for watchers that are a little behind; who is further behind reads the history."""

log = logging.getLogger(__name__)


class Feed:
    """One run's events while somebody watches."""

    def __init__(self, history: LiveHistory, run_id: str) -> None:
        self.run_id = run_id
        self.status: Status | None = None
        """None until the history has been asked."""
        self.news = asyncio.Event()
        """Set when there is something new; take it before reading, then wait for it."""
        self.ended = False
        """True when nothing more will come, whatever the reason."""
        self.watchers = 0
        self._history = history
        self._translator: Translator | None = None
        self._recent: deque[Message] = deque()
        self._floor: int | None = None
        """Every message above it is in `_recent`."""
        self._last = 0
        self._wake = asyncio.Event()

    async def follow(self) -> None:
        """Read until cancelled."""
        loop = asyncio.get_running_loop()

        def written(run_id: str) -> None:
            if run_id == self.run_id:
                with suppress(RuntimeError):  # the loop is closed: the server is going down
                    loop.call_soon_threadsafe(self._wake.set)

        end = self._history.subscribe(written)
        try:
            while True:
                pause = await self._step()
                with suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await self._wake.wait()
        finally:
            end()
            self.ended = True
            self.news.set()

    def find_recent(self, seq: int) -> list[Message] | None:
        """Find messages above `seq` without asking the history; None when it has to be asked."""
        if self._floor is None or seq < self._floor:
            return None
        return [message for message in self._recent if message.seq > seq]

    async def replay(self, after: int) -> Replay:
        """Replay the events above `after` out of the history. Raises StratloopError."""
        return await to_thread.run_sync(self._replay, after)

    def is_over(self, seq: int) -> bool:
        """True when the run is finished and whoever has everything up to `seq` has all of it."""
        return self.status is not None and self.status.finished and seq >= self._last

    async def _step(self) -> float:
        self._wake.clear()
        try:
            found = await to_thread.run_sync(self._read)
        except StratloopError as error:
            log.warning("the events of run %s could not be read: %s", self.run_id, error)
            return IDLE_SECONDS
        self._take(found)
        if self._history.hears_others():
            return ANNOUNCED_SECONDS
        return IDLE_SECONDS if self.status is None or self.status.finished else POLL_SECONDS

    def _read(self) -> tuple[Status | None, int, list[Message]]:
        """In a thread: the run's status, the number of its newest event, and the messages since the last step."""
        if self._floor is None:
            last = self._history.last_seq(self.run_id)
            told = self._history.find_last_event(self.run_id, EventKind.STATUS)
            return find_status([told] if told and told.seq <= last else []), last, []
        events = self._history.list_events(self.run_id, after=self._last)
        if not events:
            return self.status, self._last, []
        return find_status(events) or self.status, events[-1].seq, self._get_translator().build_messages(events)

    def _replay(self, after: int) -> Replay:
        return self._get_translator().replay(after)

    def _get_translator(self) -> Translator:
        if self._translator is None:
            self._translator = Translator(self._history, self._history.read_run(self.run_id))
        return self._translator

    def _take(self, found: tuple[Status | None, int, list[Message]]) -> None:
        status, last, messages = found
        fresh = self._floor is None or bool(messages)
        self.status, self._last = status, last
        if self._floor is None:
            self._floor = last
        self._recent.extend(messages)
        while len(self._recent) > RECENT:
            self._floor = self._recent.popleft().seq
        if fresh:
            self.news.set()
            self.news = asyncio.Event()


def find_status(events: Iterable[Event]) -> Status | None:
    """Find the run's status as the newest of some events tells it; None when none does."""
    told = [said.status for said in select_bodies(events, StatusEvent)]
    return told[-1] if told else None


class Feeds:
    """The feeds of a server: one for each run that is watched, for as long as it is."""

    def __init__(self) -> None:
        self._feeds: dict[str, tuple[Feed, asyncio.Task[None]]] = {}

    @asynccontextmanager
    async def watch(self, history: LiveHistory, run_id: str) -> AsyncIterator[Feed]:
        """The feed of a run; it reads while at least one watcher is inside."""
        if run_id not in self._feeds or self._feeds[run_id][0].ended:
            begun = Feed(history, run_id)
            self._feeds[run_id] = (begun, asyncio.create_task(begun.follow(), name=f"feed of {run_id}"))
        feed, task = mine = self._feeds[run_id]
        feed.watchers += 1
        try:
            yield feed
        finally:
            feed.watchers -= 1
            if feed.watchers == 0:
                task.cancel()
                if self._feeds.get(run_id) is mine:
                    del self._feeds[run_id]

    def __len__(self) -> int:
        """Number of runs that are watched."""
        return len(self._feeds)
