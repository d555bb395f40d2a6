"""Closer looks at finished runs: begun, watched and stopped from whichever screen or terminal; what they find is kept with the run."""

import threading
import time
from collections.abc import Callable

from core.domain.bars import Bars
from core.domain.errors import InputError, StratloopError
from core.domain.people import Role
from core.domain.run import Run, Status
from core.domain.study import ForwardCheck, Studies
from core.driving.editor_backtest import backtest_code
from core.driving.forward_check import check_forward
from core.driving.ports import Cancel
from core.driving.run_context import load_split_bars
from core.driving.slot_queue import SlotQueue, Ticket
from core.driving.verify import LookProgress, read_studies, verify
from core.driving.what_paid import write_lean
from core.report.verification import Verification, build_verification
from core.services.permissions import needs
from core.services.rooms import Rooms
from core.services.runs import Runs

DEFAULT_ROUNDS = 19
"""Rounds of the placebo with which a chance of 5% can be reached."""


class Verifications:
    """Verbs over closer looks. One look a run at a time in this process."""

    def __init__(self, rooms: Rooms, runs: Runs) -> None:
        self._rooms = rooms
        self._runs = runs
        self._looks: dict[str, Look] = {}
        self._lock = threading.Lock()
        self._turns = SlotQueue(1)
        self._closed = False

    @needs(Role.ANALYST)
    def take(
        self,
        run_id: str,
        *,
        rounds: int = 0,
        cancel: Cancel | None = None,
        report: Callable[[LookProgress], object] = lambda progress: None,
    ) -> Studies:
        """Take a closer look in this thread. Raises InputError for a run that is no finished loop or has no score, and MarketDataError."""
        run, watch = self._require_finished(run_id), _ignore if report is None else report
        self._rooms.store.require_own(run.id)
        training, stop = self._load(run), cancel or self._rooms.never
        return verify(run, training, self._rooms.ports, rounds=rounds, cancel=stop, report=watch)

    def describe(self, run_id: str) -> Verification:
        """The judgment of a run's winner with all looks that were kept. Raises InputError."""
        return build_verification(self._runs.assess(self._require_finished(run_id).id))

    @needs(Role.ANALYST)
    def keep_lean(self, run_id: str) -> Run:
        """Keep the winner without the changes that do not pay, as an editor's iteration: a try that counts. Gives the run that has it.

        Raises InputError when no closer look found such changes.
        """
        run = self._require_finished(run_id)
        paid = read_studies(self._rooms.store, run).what_paid
        if paid is None or not paid.lean:
            raise InputError(f"No change of run {run.id} is known not to pay.", hint="`verify RUN` finds out.")
        iterations = self._rooms.store.list_iterations(run.id)
        winner = next(one for one in iterations if one.number == run.best)
        note = f"Run {run.id}, iteration {winner.number}, without what does not pay: {', '.join(paid.lean)}"
        code = write_lean(iterations, winner, paid.lean)[0]
        return backtest_code(code, run.plan, self._rooms.ports, cancel=self._rooms.never, note=note)[0]

    @needs(Role.ANALYST)
    def check_forward(self, run_id: str, *, cancel: Cancel | None = None) -> ForwardCheck:
        """Test a run's winner on bars from after its end: a look at them that is counted. Raises InputError and MarketDataError."""
        run = self._require_finished(run_id)
        done = {one.number: one for one in self._rooms.store.list_iterations(run.id)}
        best = None if run.best is None else done.get(run.best)
        return check_forward(run, best, done.get(0), self._rooms.ports, cancel or self._rooms.never)

    @needs(Role.ANALYST)
    def begin(self, run_id: str, *, rounds: int = 0) -> None:
        """Begin a closer look in the background; nothing when one is going on. Raises as `take`."""
        run = self._require_finished(run_id)
        self._rooms.store.require_own(run.id)
        training, look = self._load(run), Look()
        with self._lock:
            if self._may_begin(run):
                self._start(look, run, lambda: self._work(run, training, rounds, look))

    @needs(Role.ANALYST)
    def begin_by_itself(self, run: Run) -> None:
        """Begin a closer look after a loop that came to its end; one after the other, the oldest first. Nothing where none can be taken."""
        if not run.kind.is_conversation or run.status is not Status.COMPLETE or run.best is None:
            return
        look = Look()
        look.note(LookProgress("waiting for its turn"))
        with self._lock:
            if self._may_begin(run):
                ticket = self._turns.enqueue(run.owner)
                self._start(look, run, lambda: self._wait_and_work(run, ticket, look))

    def _wait_and_work(self, run: Run, ticket: Ticket, look: "Look") -> None:
        self._turns.wait(ticket, look.cancel.is_set)
        try:
            self._work(run, None, DEFAULT_ROUNDS, look)
        finally:
            self._turns.release(ticket)

    def _may_begin(self, run: Run) -> bool:
        """True unless one is going on or this process ends; within the lock."""
        return not self._closed and not (run.id in self._looks and self._looks[run.id].running)

    def _start(self, look: "Look", run: Run, work: Callable[[], None]) -> None:
        """Start a look, within the lock: whoever closes stops every one that has started, and joins its thread."""
        look.thread = threading.Thread(target=work, name=f"look {run.id}", daemon=True)
        look.thread.start()
        self._looks[run.id] = look

    def find(self, run_id: str) -> "Look | None":
        """Find the look at a run that this process took last, going on or over."""
        with self._lock:
            return self._looks.get(run_id)

    @needs(Role.ANALYST)
    def stop(self, run_id: str) -> None:
        """Stop a look; what it has found is kept."""
        look = self.find(run_id)
        if look is not None:
            self._rooms.store.require_own(run_id)
            look.cancel.set()

    def close(self) -> None:
        """Stop all looks and wait for their end."""
        with self._lock:
            self._closed = True
            looks = list(self._looks.values())
        for look in looks:
            look.cancel.set()
        for look in looks:
            if look.thread is not None:
                look.thread.join()

    def _work(self, run: Run, training: Bars | None, rounds: int, look: "Look") -> None:
        try:
            verify(run, training or self._load(run), self._rooms.make_ports_for(run), rounds=rounds, cancel=look.cancel, report=look.note)
        except StratloopError as error:
            look.problem = str(error)
        except Exception as error:  # noqa: BLE001 - the thread's entry point; the log has it whole
            look.problem = f"Something unexpected happened; it is in the log as {self._rooms.bugs.record(error)}."
        finally:
            look.running = False

    def _load(self, run: Run) -> Bars:
        return load_split_bars(run.plan.bars, run.plan.hold_out, self._rooms.market)[0]

    def _require_finished(self, run_id: str) -> Run:
        run = self._rooms.store.read_run(run_id)
        if not run.kind.is_loop:
            raise InputError(f"Run {run.id} is no loop, so there is nothing to verify.")
        if not run.status.finished:
            raise InputError(f"Run {run.id} is still going on.", hint="`cancel` ends it, or wait for its end.")
        if run.best is None:
            raise InputError(f"Run {run.id} has no iteration with a score, so there is nothing to verify.")
        return run


class Look:
    """A closer look on its way."""

    def __init__(self) -> None:
        self.cancel = threading.Event()
        self.thread: threading.Thread | None = None
        self.progress = LookProgress("beginning")
        self.problem = ""
        """Reason for which it ended early, in words."""
        self.running = True
        self._since = time.monotonic()

    def note(self, progress: LookProgress) -> None:
        """Take note of how far it has come."""
        if progress.step != self.progress.step or not progress.done:
            self._since = time.monotonic()
        self.progress = progress

    def estimate_seconds_left(self) -> float | None:
        """Estimate the seconds until the end of its present step; None before any part of it is done."""
        told = self.progress
        if not 0 < told.done <= told.total:
            return None
        return (time.monotonic() - self._since) / told.done * (told.total - told.done)


def _ignore(progress: LookProgress) -> None:
    """Nobody watches."""
