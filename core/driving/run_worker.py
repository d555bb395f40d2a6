"""Runs belong here, not to a page: worker threads that claim runs from the history, keep their lease alive and obey its cancel flag.

A tab may close and a server may die; whoever looks next finds the run in the history, and whichever run worker is alive goes on with it.
"""

import logging
import secrets
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from typing import Protocol

from core.domain.errors import BusyError, StoreError
from core.domain.run import Run
from core.domain.turns import WaitingRun
from core.driving.ports import Cancel, YieldSlot
from core.driving.turn_queue import TurnQueue, Turnstile, TurnTicket

LEASE_SECONDS = 20.0
HEARTBEAT_SECONDS = 0.25
"""Time between two readings of cancel commands."""
RENEW_SECONDS = 5.0
"""Time between two renewals of the leases."""
ADOPT_BEATS = 10
"""Number of heartbeats between two looks for runs without a worker, by a process that adopts them."""
LOOK_SECONDS = ADOPT_BEATS * HEARTBEAT_SECONDS
"""Time between two looks whether another server's run may begin here; one's own begin at once."""

log = logging.getLogger(__name__)


class Claims(Turnstile, Protocol):
    """The part of the history that keeps two workers off the same run."""

    def announce(self, owner: str) -> None:
        """Say that this worker is alive."""
        ...

    def claim(self, run_id: str, owner: str, *, seconds: float) -> bool:
        """True when the run is ours for `seconds`."""
        ...

    def renew(self, run_ids: Iterable[str], owner: str, *, seconds: float) -> frozenset[str]:
        """Keep what is ours; gives those of the runs that are ours still."""
        ...

    def release(self, run_id: str, owner: str) -> None:
        """Give a run back."""
        ...

    def list_unclaimed(self) -> tuple[str, ...]:
        """Open runs that nobody works on, oldest first."""
        ...

    def cancel_requested(self, run_id: str) -> bool:
        """True once anybody asked the run to stop."""
        ...


class RunWorker:
    """Works on runs in threads of this process, at most `workers` at a time; the others wait, and a paused run lets them pass."""

    def __init__(
        self,
        claims: Claims,
        work: Callable[[str, Cancel, YieldSlot], Run],
        *,
        workers: int = 1,
        bug: Callable[[str, Exception], None] = lambda run_id, error: log.error("run %s: %s", run_id, error),
        after: Callable[[Run], None] = lambda run: None,
        is_portable: Callable[[str], bool] = lambda run_id: False,
        can_begin: Callable[[str], bool] = lambda run_id: True,
    ) -> None:
        """`work` carries one run to its end; it is called in a thread. What it raises is unexpected and goes to `bug`.

        `after` is told of each run that was worked on in the background, once its place is free for the next one. `is_portable` tells
        whether another server may begin a run that waits here, `can_begin` whether this one has what a run that waits elsewhere needs.
        """
        self.owner = secrets.token_hex(8)
        self._claims = claims
        self._work = work
        self._bug = bug
        self._after = after
        self._is_portable = is_portable
        self._can_begin = can_begin
        self._refused: set[str] = set()
        """Runs of other servers that cannot begin here."""
        self._turns = TurnQueue(workers, claims, self.owner, seconds=LEASE_SECONDS, let_go=self._let_go)
        self._server: threading.Thread | None = None
        self._lost: set[str] = set()
        """Runs that another worker has, while their thread here has not ended yet."""
        self._threads: set[threading.Thread] = set()
        """Threads of runs that have not ended: one is here until it has given its run back and told of its end."""
        self._cancels: dict[str, threading.Event] = {}
        self._again: dict[str, WaitingRun] = {}
        """Runs that were submitted while their thread had not ended yet; it may have come to their end already."""
        self._lock = threading.Lock()
        self._handing = threading.Lock()
        """Held while a lease and the note that its run is worked on here come or go together; taken before the other lock."""
        self._closing = threading.Event()
        self._adopts = False
        self._orphans: frozenset[str] = frozenset()
        self._troubles: dict[str, str] = {}
        claims.announce(self.owner)
        self._beat = threading.Thread(target=self._run_heartbeat, name="run-worker", daemon=True)
        self._beat.start()

    def submit(self, run_id: str) -> bool:
        """Take a run and work on it as soon as a worker is free; false when another worker has it."""
        waiting = WaitingRun(run_id, portable=self._find_out(run_id, self._is_portable))
        with self._handing:
            taken = self._take(waiting)
        if taken:
            self._start_serving()
        return taken

    def _take(self, waiting: WaitingRun) -> bool:
        """Claim a run and start its thread, within the lock on handing; one whose thread has not ended is taken again when it has."""
        run_id = waiting.run_id
        if self._closing.is_set() or not self._claims.claim(run_id, self.owner, seconds=LEASE_SECONDS):
            return False
        with self._lock:
            if run_id in self._cancels:
                self._again[run_id] = waiting
                return True
        ticket = TurnTicket(waiting)
        if not self._start_thread(run_id, ticket):
            self._release(run_id)
            return False
        self._turns.join(ticket)
        return True

    def _start_thread(self, run_id: str, ticket: TurnTicket) -> bool:
        """Start the thread of a run; false when this process ends, or can have no further thread: then the run is not ours."""
        thread = threading.Thread(target=self._carry, args=(run_id, ticket), name=f"run {run_id}")
        with self._lock:  # whoever closes joins threads that have started
            if self._closing.is_set():
                return False
            self._cancels[run_id] = threading.Event()
            self._threads.add(thread)
            try:
                thread.start()
            except RuntimeError as error:
                del self._cancels[run_id]
                self._threads.discard(thread)
                log.warning("run %s does not begin: %s", run_id, error)
                return False
        return True

    def _start_serving(self) -> None:
        """Begin to ask for turns: a process that never has a run in the background needs no thread for it."""
        with self._lock:
            if self._server is not None or self._closing.is_set():
                return
            server = threading.Thread(target=self._serve_turns, name="turns", daemon=True)
            server.start()
            self._server = server

    def adopt(self) -> tuple[str, ...]:
        """Take every open run whose worker is gone, now and from now on; gives the ids of those taken now."""
        self._adopts = True
        self._start_serving()
        return tuple(run_id for run_id in self._claims.list_unclaimed() if self.submit(run_id))

    def cancel(self, run_id: str) -> None:
        """Stop a run of this process at once (the history's flag is for the other processes)."""
        with self._lock:
            event = self._cancels.get(run_id)
        if event is not None:
            event.set()

    def works_on(self, run_id: str) -> bool:
        """True while a run of this process is queued or in progress."""
        with self._lock:
            return run_id in self._cancels or run_id in self._again

    def note_trouble(self, run_id: str, words: str) -> bool:
        """Keep in words why a run of this process waits, empty when it goes on; gives True for "wait on", unless this process ends."""
        with self._lock:
            before = self._troubles.pop(run_id, "")
            if words:
                self._troubles[run_id] = words
        if words != before:
            log.warning("run %s %s", run_id, f"waits: {words}" if words else "goes on")
        return not self._closing.is_set()

    def find_trouble(self, run_id: str) -> str:
        """Find the words on why a run of this process waits; empty when it does not."""
        with self._lock:
            return self._troubles.get(run_id, "")

    def run_here(self, run_id: str) -> Run:
        """Carry a run to its end in the calling thread, as the command line does. Raises StoreError when another worker has it."""
        with self.hold(run_id) as cancel:
            return self._work(run_id, cancel, nullcontext)

    @contextmanager
    def hold(self, run_id: str) -> Iterator[threading.Event]:
        """Hold a run while the calling thread works on it; gives the event that is set when the work is to stop.

        Raises BusyError when a thread or process has it already, or when it is finished.
        """
        busy = BusyError(f"Run {run_id} is finished or is being worked on by another process.", hint="`show` tells how it stands.")
        cancel = threading.Event()
        with self._handing:
            if self.works_on(run_id) or not self._claims.claim(run_id, self.owner, seconds=LEASE_SECONDS):
                raise busy
            with self._lock:  # after its claim, and not before: the heartbeat lets go of runs of this process that have no lease
                self._cancels[run_id] = cancel
                if self._closing.is_set():
                    cancel.set()
        try:
            yield cancel
        finally:
            self._forget(run_id)

    def close(self) -> None:
        """Stop working: runs in progress are left for the next run worker to resume."""
        self._closing.set()
        with self._lock:
            for event in self._cancels.values():
                event.set()
            threads = list(self._threads)
        for thread in threads:
            thread.join()
        self._beat.join()
        self._turns.end()
        if self._server is not None:
            self._server.join()

    def _carry(self, run_id: str, ticket: TurnTicket) -> None:
        """Be the thread of a run."""
        try:
            self._work_on(run_id, ticket)
        finally:
            with self._lock:
                self._threads.discard(threading.current_thread())

    def _work_on(self, run_id: str, ticket: TurnTicket) -> None:
        with self._lock:
            cancel = self._cancels[run_id]
        self._turns.wait(ticket, cancel.is_set)
        done: Run | None = None
        try:
            if not self._closing.is_set() and run_id not in self._lost:
                done = self._work(run_id, cancel, lambda: self._yielded_slot(run_id, cancel))
        except StoreError as error:
            log.warning("run %s is left as it is: %s", run_id, error)
        except Exception as error:  # noqa: BLE001 - the job thread's entry point; `bug` logs it whole
            self._bug(run_id, error)
        finally:
            self._forget(run_id)
            self._turns.release()
        if done is not None and not self._closing.is_set():
            self._after(done)

    @contextmanager
    def _yielded_slot(self, run_id: str, cancel: Cancel) -> Iterator[None]:
        self._turns.rest(run_id)
        try:
            yield
        finally:
            self._turns.wait(self._turns.enqueue(WaitingRun(run_id, again=True)), cancel.is_set)

    def _serve_turns(self) -> None:
        """Give places to those whose turn it is, until this process ends."""
        silent = ""
        while not self._closing.is_set():
            try:
                self._serve_once()
                silent = ""
            except StoreError as error:
                if str(error) != silent:
                    log.warning("the history did not say whose turn it is: %s", error)
                silent = str(error)
            except Exception as error:  # the thread's entry point: without it no run would begin any more
                if repr(error) != silent:  # once, and not with every look
                    log.exception("whose turn it is could not be found out")
                silent = repr(error)
            self._turns.wait_for_change(LOOK_SECONDS)

    def _serve_once(self) -> None:
        elsewhere = self._find_elsewhere() if self._turns.has_place else ()
        with self._handing:  # one that ended here and was taken again in the middle of it would be let go as one that is gone
            for run_id in self._turns.serve(elsewhere):
                self._take_over(run_id)

    def _find_elsewhere(self) -> tuple[str, ...]:
        """Runs that wait on other servers and can begin here."""
        found = self._claims.list_waiting_elsewhere(self.owner) if self._adopts else ()
        self._refused &= set(found)
        for run_id in found:
            if run_id not in self._refused and not self._find_out(run_id, self._can_begin):
                self._refused.add(run_id)
        return tuple(run_id for run_id in found if run_id not in self._refused)

    def _find_out(self, run_id: str, holds: Callable[[str], bool]) -> bool:
        """True when something holds for a run; whatever is wrong with the run keeps no other one waiting."""
        try:
            return holds(run_id)
        except StoreError:
            raise
        except Exception:
            log.exception("what run %s needs could not be found out", run_id)
            return False

    def _take_over(self, run_id: str) -> None:
        """Begin a run that waited on another server, which has a place here already; within the lock on handing."""
        ticket = TurnTicket(WaitingRun(run_id))
        ticket.ready.set()
        if not self._start_thread(run_id, ticket):
            self._release(run_id)
            self._turns.release()
            return
        log.info("run %s, which waited on another server, begins here", run_id)

    def _forget(self, run_id: str) -> None:
        """Give a run back, and take it again where it was submitted since its thread came to its end."""
        with self._handing:
            with self._lock:
                self._cancels.pop(run_id, None)
                self._troubles.pop(run_id, None)
                self._lost.discard(run_id)
            self._release(run_id)
            if (again := self._again.get(run_id)) is None:
                return
            try:
                self._take(again)
            except StoreError as error:
                log.warning("run %s is left to the next look for runs without a worker: %s", run_id, error)
            finally:
                with self._lock:
                    self._again.pop(run_id)

    def _release(self, run_id: str) -> None:
        try:
            self._claims.release(run_id, self.owner)
        except StoreError as error:
            log.warning("the lease of run %s will end by itself: %s", run_id, error)

    def _run_heartbeat(self) -> None:
        count, silent, renewed = 0, "", float("-inf")
        while not self._closing.wait(HEARTBEAT_SECONDS):
            with self._lock:
                running = dict(self._cancels)
            try:
                if running and time.monotonic() - renewed >= RENEW_SECONDS:  # by the clock: a beat over many runs takes longer
                    renewing = time.monotonic()
                    self._cancel_lost(running, self._claims.renew(running, self.owner, seconds=LEASE_SECONDS))
                    renewed = renewing
                for run_id, event in running.items():
                    if not event.is_set() and self._claims.cancel_requested(run_id):
                        event.set()
                if self._adopts and count % ADOPT_BEATS == 0:
                    self._adopt_orphans()
                silent = ""
            except StoreError as error:
                if str(error) != silent:
                    log.warning("the history did not answer the run worker: %s", error)
                silent = str(error)
            except Exception as error:  # the thread's entry point: without it every lease would end, and no cancel be heard
                if repr(error) != silent:  # once, and not with every beat
                    log.exception("a beat of the run worker failed")
                silent = repr(error)
            count += 1

    def _adopt_orphans(self) -> None:
        """Take runs that nobody worked on at the last look either: one that was made just now is about to be taken by who made it."""
        found = self._claims.list_unclaimed()
        for run_id in found:  # the oldest first
            if run_id in self._orphans and self.submit(run_id):
                log.info("run %s is taken over from a worker that is gone", run_id)
        self._orphans = frozenset(found)

    def _cancel_lost(self, running: Mapping[str, threading.Event], still_ours: frozenset[str]) -> None:
        """Let go of runs that another worker took while this process slept past the end of its lease, or while they waited here."""
        with self._lock:
            lost = [run_id for run_id in running.keys() - still_ours if self._cancels.get(run_id) is running[run_id]]
        self._let_go(lost)

    def _let_go(self, run_ids: Sequence[str]) -> None:
        """End the threads of runs that another worker has; those that were told to stop already end by themselves."""
        with self._lock:
            known = {run_id: self._cancels[run_id] for run_id in run_ids if run_id in self._cancels}
            events = {run_id: event for run_id, event in known.items() if not event.is_set()}
            self._lost |= events.keys()
        for run_id, event in events.items():  # what is not among the runs of this process any more came to its end meanwhile
            log.warning("run %s was taken over by another worker", run_id)
            event.set()
