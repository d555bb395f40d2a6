"""Places of this process for so many runs at once. Whose run is next is decided by the history, over all servers that share it."""

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Protocol

from core.domain.errors import StoreError
from core.domain.turns import Turns, WaitingRun

POLL_SECONDS = 0.1
"""Time between two looks of a run in the queue whether it was stopped."""

log = logging.getLogger(__name__)


class Turnstile(Protocol):
    """The part of the history that decides whose turn it is."""

    def take_turns(
        self, worker: str, waiting: Sequence[WaitingRun], *, places: int, seconds: float, elsewhere: Sequence[str] = ()
    ) -> Turns:
        """Runs that may begin in so many places."""
        ...

    def leave_place(self, run_id: str, worker: str) -> None:
        """Give the place of a run that rests to whoever is next."""
        ...

    def list_waiting_elsewhere(self, worker: str) -> tuple[str, ...]:
        """Runs that wait on other servers and that any server can begin."""
        ...


class TurnTicket:
    """A run's place in the queue; it is set when a place is there."""

    def __init__(self, run: WaitingRun) -> None:
        self.run = run
        self.ready = threading.Event()
        self.is_known = False
        """The history knows that it waits."""


class TurnQueue:
    """The queue of one process. The history is asked in one thread, whenever something joined or a place became free."""

    def __init__(self, count: int, turnstile: Turnstile, worker: str, *, seconds: float, let_go: Callable[[Sequence[str]], None]) -> None:
        """A queue for `count` places. `let_go` is told of runs that another server has begun."""
        self._free = count
        self._turnstile = turnstile
        self._worker = worker
        self._seconds = seconds
        self._let_go = let_go
        self._line: deque[TurnTicket] = deque()
        self._lock = threading.Lock()
        self._changed = threading.Event()

    def enqueue(self, run: WaitingRun) -> TurnTicket:
        """Join the queue with a run; gives a ticket."""
        ticket = TurnTicket(run)
        self.join(ticket)
        return ticket

    def join(self, ticket: TurnTicket) -> None:
        """Join the queue with a ticket."""
        with self._lock:
            self._line.append(ticket)
        self._changed.set()

    def wait(self, ticket: TurnTicket, stopped: Callable[[], bool]) -> None:
        """Wait for a place, or until `stopped`; there is a place then too, since who is stopped only tidies up."""
        while not ticket.ready.wait(POLL_SECONDS):
            with self._lock:
                if stopped() and ticket in self._line:
                    self._give(ticket)
                    return

    def release(self) -> None:
        """Let the next one have a place."""
        with self._lock:
            self._free += 1
        self._changed.set()

    def rest(self, run_id: str) -> None:
        """Give the place of a run that rests to the next one. Where the history does not answer, it counts until the run goes on."""
        try:
            self._turnstile.leave_place(run_id, self._worker)
        except StoreError as error:
            log.warning("the place of run %s stays taken while it rests: %s", run_id, error)
        self.release()

    def wait_for_change(self, seconds: float) -> None:
        """Wait until somebody joined or left, or for so long."""
        if self._changed.wait(seconds):
            self._changed.clear()

    def end(self) -> None:
        """Let who waits for a change look up."""
        self._changed.set()

    @property
    def has_place(self) -> bool:
        """True when a place is free."""
        with self._lock:
            return self._free > 0

    def serve(self, elsewhere: Sequence[str] = ()) -> tuple[str, ...]:
        """Give free places to those whose turn it is; gives the runs of other servers that are this one's now, each with a place.

        `elsewhere` are runs of other servers that can begin here. Raises StoreError.
        """
        with self._lock:
            waiting, places = list(self._line), max(self._free, 0)
        if not elsewhere and (not waiting or (not places and all(ticket.is_known for ticket in waiting))):
            return ()
        turns = self._turnstile.take_turns(
            self._worker, [ticket.run for ticket in waiting], places=places, seconds=self._seconds, elsewhere=elsewhere
        )
        self._let_go(turns.gone)
        return self._admit(waiting, turns)

    def _admit(self, waiting: Sequence[TurnTicket], turns: Turns) -> tuple[str, ...]:
        known = {ticket.run.run_id: ticket for ticket in waiting}
        with self._lock:
            for ticket in waiting:
                ticket.is_known = True
            for run_id in turns.given:
                if run_id in known and known[run_id] in self._line:  # it may have been stopped meanwhile
                    self._give(known[run_id])
            taken = tuple(run_id for run_id in turns.given if run_id not in known)
            self._free -= len(taken)
        return taken

    def _give(self, ticket: TurnTicket) -> None:
        self._line.remove(ticket)
        self._free -= 1
        ticket.ready.set()
