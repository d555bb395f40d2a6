"""Sessions: loops whose author sits outside. Each submission is one step under the run's lease; between two steps nothing runs."""

import re
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any, TypeVar

from core.domain.errors import BusyError, SessionError, SessionTrouble, StratloopError
from core.domain.events import EventKind, ProgressEvent
from core.domain.iteration import Iteration
from core.domain.people import Role
from core.domain.run import AGENT_PREFIX, ModelChoice, Run, RunKind, RunPlan
from core.domain.study import ForwardCheck
from core.driving.choose_basket import choose_basket
from core.driving.deposits import settle_deposits
from core.driving.forward_check import check_forward
from core.driving.ports import Cancel, History
from core.driving.run_context import Ports, RunContext, prepare_bars
from core.driving.session import (
    Submission,
    Taken,
    begin_session,
    extend_done,
    find_known,
    finish_session,
    load_done,
    read_session,
    require_open,
    restore_session,
    take_submission,
)
from core.driving.steering import Steering, read_steering
from core.services.permissions import find_person, needs
from core.services.rooms import Rooms

T = TypeVar("T")
KEPT_SESSIONS = 4
"""Sessions whose bars, signals and iterations this process keeps at hand."""
NAME_LENGTH = 60
"""Characters of an author's name that are kept."""
SECONDS_TO_STOP = 1.5
"""Time in which steps end when the process does; what is left then dies with it."""
BEGIN, FINISH, FORWARD = "begin", "finish", "forward"
"""Steps that are no submission."""


@dataclass(frozen=True, slots=True)
class SessionStep:
    """A step of a session on its way."""

    name: str
    """Id of the submission, or `BEGIN` or `FINISH` behind a mark that no id has."""
    after: int = 0
    """Sequence number of the session's newest event when it began."""
    future: "Future[Any]" = field(default_factory=Future)
    stopped: threading.Event = field(default_factory=threading.Event)

    @property
    def label(self) -> str:
        """The step in a word."""
        return self.name.lstrip("\0")


class AgentSessions:
    """Verbs of an agent outside: begin, submit, look how it stands, finish. Safe with several threads."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._steps: dict[str, SessionStep] = {}
        self._contexts: OrderedDict[str, RunContext] = OrderedDict()
        self._done: OrderedDict[str, tuple[Iteration, ...]] = OrderedDict()
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()

    @needs(Role.ANALYST)
    def start(self, plan: RunPlan, author: str) -> tuple[Run, SessionStep]:
        """Check a plan and begin a session on it; gives it with the step that makes iteration 0. Nothing is stored when it raises.

        Raises WorkflowError, InputError and MarketDataError.
        """
        plan = plan.changed(model=ModelChoice(id=name_author(author)), candidates=1, memory=False, budget_usd=None, escalation=None)
        limits, owner = self._rooms.limits, find_person().id
        limits.require_room(owner, new_runs=1)
        plan = choose_basket(settle_deposits(plan), self._rooms.market)
        prepare_bars(plan, self._rooms.market)
        run = self._rooms.store.create_run(plan, kind=RunKind.SESSION, most_open=limits.find_most_open(owner))
        return run, self._begin_step(run, f"\0{BEGIN}", lambda ports, cancel: self._keep(begin_session(run.id, ports, cancel)))

    @needs(Role.ANALYST)
    def submit(self, run_id: str, said: Submission) -> SessionStep:
        """Take a submission; gives the step whose result is what was `Taken`, None when it was stopped. The same id again is the same step.

        Raises SessionError.
        """
        run = self.read(run_id)
        done = self.list_done(run.id)
        if (known := find_known(done, said)) is not None:
            step = SessionStep(said.id)
            step.future.set_result(Taken(known, repeated=True))
            return step
        with self._lock:
            running = self._steps.get(run.id)
        if running is None or running.name != said.id:
            require_open(self._rooms.store, run, done)
        return self._begin_step(run, said.id, lambda ports, cancel: self._take(run.id, said, ports, cancel))

    @needs(Role.ANALYST)
    def finish(self, run_id: str) -> SessionStep:
        """Finish a session; gives the step whose result is the run. One that is over is given as it is. Raises SessionError."""
        run = self.read(run_id)
        if run.status.finished:
            step = SessionStep(f"\0{FINISH}")
            step.future.set_result(run)
            return step
        return self._begin_step(
            run, f"\0{FINISH}", lambda ports, cancel: finish_session(restore_session(self._find_context(run.id), run.id, ports, cancel))
        )

    def check_forward(self, run_id: str) -> SessionStep:
        """Test a finished session on bars from after its end; gives the step whose result is a `ForwardCheck`. Raises SessionError."""
        run, done = self.read(run_id), {one.number: one for one in self.list_done(run_id)}
        best = None if run.best is None else done.get(run.best)

        def work(ports: Ports, cancel: Cancel) -> ForwardCheck:
            return check_forward(run, best, done.get(0), self._rooms.make_ports_for(run), cancel)

        return self._begin_step(run, f"\0{FORWARD}", work, leased=False)

    def read(self, run_id: str) -> Run:
        """Read a session by its id. Raises SessionError."""
        return read_session(self._rooms.store, run_id)

    def list_sessions(self, *, limit: int = 10) -> tuple[Run, ...]:
        """The newest sessions."""
        return tuple(self._rooms.store.list_runs(limit=limit, kind=RunKind.SESSION))

    def list_done(self, run_id: str) -> tuple[Iteration, ...]:
        """Iterations of a session, by number; those that were rejected have no score. While it goes on, only newer ones are read."""
        return self._list_done(self._rooms.store, run_id)

    def read_steering(self, run_id: str) -> Steering:
        """Everything that people have said to a session so far."""
        return read_steering(self._rooms.store.list_events(run_id, kind=EventKind.STEER))

    def find_step(self, run_id: str) -> SessionStep | None:
        """Find the step that this process took last for a session, on its way or over."""
        with self._lock:
            return self._steps.get(run_id)

    def measure_progress(self, run_id: str, step: SessionStep) -> float | None:
        """Share of the bars that a step's backtest has come to; None before its first report."""
        event = self._rooms.store.find_last_event(run_id, EventKind.PROGRESS)
        return event.body.share if event is not None and event.seq > step.after and isinstance(event.body, ProgressEvent) else None

    @needs(Role.ANALYST)
    def stop(self, run_id: str, step: SessionStep | None = None) -> bool:
        """Stop a step that is on its way, the newest unless one is given; the session stays open. False when there is none."""
        found = step or self.find_step(run_id)
        if found is None or found.future.done():
            return False
        found.stopped.set()
        return True

    def is_busy(self, run_id: str) -> bool:
        """True while a step of a session is on its way, in this process or in another."""
        step = self.find_step(run_id)
        return (step is not None and not step.future.done()) or self._rooms.store.is_claimed(run_id)

    def close(self) -> None:
        """Stop what is on its way, and wait a moment for its end."""
        with self._lock:
            steps, threads = list(self._steps.values()), list(self._threads)
        for step in steps:
            step.stopped.set()
        for thread in threads:
            thread.join(SECONDS_TO_STOP)

    def _begin_step(self, run: Run, name: str, work: Callable[[Ports, Cancel], Any], *, leased: bool = True) -> SessionStep:
        self._rooms.store.require_own(run.id)
        after = self._rooms.store.last_seq(run.id)
        with self._lock:
            running = self._steps.get(run.id)
            if running is not None and not running.future.done():
                if running.name == name:
                    return running
                raise _build_busy(run.id)
            self._rooms.make_session_ports(run)  # here, once: two threads would make two workers and two sandboxes
            step = self._steps[run.id] = SessionStep(name, after)
            self._threads = [thread for thread in self._threads if thread.is_alive()]
            thread = threading.Thread(target=self._work_on, args=(run, step, work, leased), name=f"session {run.id}", daemon=True)
            self._threads.append(thread)
            thread.start()  # here: whoever closes joins threads that have started
        return step

    def _work_on(self, run: Run, step: SessionStep, work: Callable[[Ports, Cancel], Any], leased: bool) -> None:
        """Make a step under the run's lease. What it ends with, an error among it, is the step's result."""
        try:
            with self._rooms.run_worker.hold(run.id) if leased else nullcontext(self._rooms.never) as lost:
                result = work(self._rooms.make_session_ports(run), _Either(lost, step.stopped))
        except BusyError:
            step.future.set_exception(_build_busy(run.id))
        except StratloopError as error:
            step.future.set_exception(error)
        except Exception as error:  # noqa: BLE001 - the thread's entry point; whoever waits for the step logs it whole
            step.future.set_exception(error)
        else:
            step.future.set_result(result)

    def _take(self, run_id: str, said: Submission, ports: Ports, cancel: Cancel) -> Taken | None:
        context = self._keep(restore_session(self._find_context(run_id), run_id, ports, cancel))
        return take_submission(context, self._list_done(ports.history, run_id), said)

    def _list_done(self, history: History, run_id: str) -> tuple[Iteration, ...]:
        with self._lock:
            known = self._done.pop(run_id, ())
        if history.read_run(run_id).status.finished:
            return load_done(history, run_id)
        found = extend_done(history, run_id, known)
        with self._lock:
            _remember(self._done, run_id, found)
        return found

    def _find_context(self, run_id: str) -> RunContext | None:
        with self._lock:
            return self._contexts.get(run_id)

    def _keep(self, context: RunContext) -> RunContext:
        with self._lock:
            _remember(self._contexts, context.run.id, context)
        return context


@dataclass(frozen=True, slots=True)
class _Either:
    """A request to stop that comes from one of two sides."""

    one: Cancel
    other: Cancel

    def is_set(self) -> bool:
        """True once either asked to stop."""
        return self.one.is_set() or self.other.is_set()


def _remember(kept: OrderedDict[str, T], run_id: str, value: T) -> None:
    """Keep what belongs to a session, and let go of the session that was not asked for longest."""
    kept[run_id] = value
    kept.move_to_end(run_id)
    while len(kept) > KEPT_SESSIONS:
        kept.popitem(last=False)


def _build_busy(run_id: str) -> SessionError:
    return SessionError(
        f"Another step of session {run_id} is on its way.", SessionTrouble.BUSY, hint="Wait for it with get_status, then submit again."
    )


def name_author(author: str) -> str:
    """Name the author of a session as the history keeps it, without what could be mistaken for anything else.

    >>> name_author("Claude Code 2.1"), name_author("<b>evil</b>\\n"), name_author("")
    ('mcp/Claude Code 2.1', 'mcp/bevilb', 'mcp/agent')
    """
    plain = re.sub(r"[^A-Za-z0-9 ._-]", "", author).strip()[:NAME_LENGTH]
    return AGENT_PREFIX + (plain or "agent")
