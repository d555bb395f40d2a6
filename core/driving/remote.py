"""Runs and evaluations beyond this process: what is sent as bytes, what is done with it there, and the two ports on this side.

Not here: how bytes travel (`core.cluster`), and the sandbox of a worker (`core.services.cluster_work`).
"""

import hashlib
import pickle
import queue
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass, field, replace
from itertools import islice, zip_longest
from operator import length_hint
from typing import Protocol

from core.domain.backtest import BacktestPlan, Certificate, CodeFault, Method, Outcome, OutcomeStatus, Progress, Stage, Verdict
from core.domain.bars import Bars
from core.domain.errors import RunKilledError
from core.domain.proved_program import ProvedProgram
from core.driving.evaluate import CodeEvaluation
from core.driving.fan_out import AHEAD, EvaluationTask, build_killed_evaluation, evaluate_batch, gather_batches
from core.driving.ports import Cancel, Sandbox
from core.evidence import CheckContext

POLL_SECONDS = 0.04
MOST_IN_ONE = 40
"""Tasks that are sent together at most: a scheduler costs more for each message than a short backtest does."""
FIRST_IN_ONE = 4
SECONDS_IN_ONE = 2.0
"""Time that tasks sent together should take: longer than what sending costs, short enough to see progress."""
SECONDS_A_WORKER = 0.005
"""The same for each worker, where there are so many that this is longer: a scheduler that needs three milliseconds a message keeps up."""
MOST_RETURNS = 5
"""Times that work is sent again which a worker gave back undone, as one does that ends or has lost its scheduler."""
KEPT_BARS = 32

Report = Callable[[bytes], None]


class Sent(Protocol):
    """Work on its way."""

    @property
    def result(self) -> Future[bytes]:
        """Future of what it gives."""
        ...

    def cancel(self) -> None:
        """Take it back: what runs of it is ended within a second."""
        ...


class Workers(Protocol):
    """Processes elsewhere that do work by its name."""

    @property
    def width(self) -> int:
        """Tasks that run at once now."""
        ...

    def send(self, work: str, payload: bytes, data: Mapping[str, bytes], report: Report | None = None) -> Sent:
        """Send work; data are kept there under their SHA-256. Raises SandboxUnavailableError."""
        ...


@dataclass(frozen=True, slots=True)
class WorkNames:
    """Names under which the workers find what they are to do."""

    run: str
    evaluate: str


class PackedBars:
    """Bars as bytes under their hash; the last ones are remembered, so that thousands of tasks on the same bars pack them once."""

    def __init__(self) -> None:
        self._packed: OrderedDict[int, tuple[Bars, str, bytes]] = OrderedDict()

    def pack(self, bars: Bars) -> tuple[str, bytes]:
        """The hash and the bytes."""
        found = self._packed.get(id(bars))
        if found is None:
            data = pickle.dumps(_forget_hash(bars))
            found = (bars, hashlib.sha256(data).hexdigest(), data)
            self._packed[id(bars)] = found
            if len(self._packed) > KEPT_BARS:
                self._packed.popitem(last=False)
        return found[1], found[2]


class UnpackedBars:
    """A worker's bars by their hash, read once."""

    def __init__(self) -> None:
        self._bars: OrderedDict[str, Bars] = OrderedDict()

    def read(self, name: str, data: Mapping[str, bytes]) -> Bars:
        """The bars of this hash."""
        found = self._bars.get(name)
        if found is None:
            found = self._bars[name] = pickle.loads(data[name])
            if len(self._bars) > KEPT_BARS:
                self._bars.popitem(last=False)
        return found  # and not what is kept by now: another thread may have dropped it


def _forget_hash(bars: Bars) -> Bars:
    """Bars whose hash is computed from what they hold, wherever they arrive."""
    return replace(bars, others=tuple(_forget_hash(other) for other in bars.others), _hash=[])


@dataclass(frozen=True, slots=True)
class _RunRequest:
    code: str | ProvedProgram
    plan: str
    bars: str
    signals: bool
    watched: bool


@dataclass(frozen=True, slots=True)
class _EvaluationRequest:
    code: str
    plan: str
    bars: str
    context: CheckContext
    curves: bool
    proved: ProvedProgram | None


def run_there(payload: bytes, data: Mapping[str, bytes], *, bars: UnpackedBars, sandbox: Sandbox, cancel: Cancel, report: Report) -> bytes:
    """One run on a worker, as `RemoteSandbox` asked for it. Raises SandboxUnavailableError."""
    asked: _RunRequest = pickle.loads(payload)
    watch: Callable[[Progress], None] | None = (lambda progress: report(pickle.dumps(progress))) if asked.watched else None
    plan = BacktestPlan.model_validate_json(asked.plan)
    own = bars.read(asked.bars, data)
    if isinstance(asked.code, ProvedProgram):
        return pickle.dumps(sandbox.run_proved(asked.code, plan, own, cancel=cancel, signals=asked.signals, watch=watch))
    return pickle.dumps(sandbox.run(asked.code, plan, own, cancel=cancel, signals=asked.signals, watch=watch))


def evaluate_there(payload: bytes, data: Mapping[str, bytes], *, bars: UnpackedBars, sandbox: Sandbox, cancel: Cancel) -> bytes:
    """Several tasks on a worker, as `RemoteEvaluations` sent them. Raises SandboxUnavailableError."""
    asked: Sequence[_EvaluationRequest] = pickle.loads(payload)
    tasks = [
        EvaluationTask(
            one.code,
            BacktestPlan.model_validate_json(one.plan),
            bars.read(one.bars, data),
            context=one.context,
            curves=one.curves,
            proved=one.proved,
        )
        for one in asked
    ]
    found: list[CodeEvaluation] = []
    for batch in gather_batches(enumerate(tasks), grow=False):  # what was sent together is wanted together
        found += evaluate_batch([task for _, task in batch], sandbox=sandbox, cancel=cancel)
        if cancel.is_set():
            break
    return pickle.dumps(found)


class RemoteSandbox:
    """The port `Sandbox` over workers elsewhere: each run is a task of its own. What only this process knows stays here."""

    def __init__(self, workers: Workers, names: WorkNames) -> None:
        self._workers, self._names, self._packed = workers, names, PackedBars()

    def run(
        self,
        code: str,
        plan: BacktestPlan,
        bars: Bars,
        *,
        cancel: Cancel,
        signals: bool = False,
        watch: Callable[[Progress], None] | None = None,
    ) -> Outcome:
        """Facts of the run; `watch` is told in this thread. Raises SandboxUnavailableError."""
        return self._run(code, plan, bars, cancel, signals, watch)

    def run_proved(
        self,
        program: ProvedProgram,
        plan: BacktestPlan,
        bars: Bars,
        *,
        cancel: Cancel,
        signals: bool = False,
        watch: Callable[[Progress], None] | None = None,
    ) -> Outcome:
        """Facts of a proved program. Raises SandboxUnavailableError."""
        return self._run(program, plan, bars, cancel, signals, watch)

    def _run(
        self,
        code: str | ProvedProgram,
        plan: BacktestPlan,
        bars: Bars,
        cancel: Cancel,
        signals: bool,
        watch: Callable[[Progress], None] | None,
    ) -> Outcome:
        if cancel.is_set():
            return _build_outcome(OutcomeStatus.CANCELLED, "The run was cancelled.")
        name, data = self._packed.pack(bars)
        asked = _RunRequest(code, plan.model_dump_json(), name, signals, watch is not None)
        found = self._send_and_wait(asked, name, data, watch, cancel)
        for _ in range(MOST_RETURNS):
            if found.status is not OutcomeStatus.CANCELLED or cancel.is_set():
                break
            found = self._send_and_wait(asked, name, data, watch, cancel)
        return found

    def _send_and_wait(
        self, asked: _RunRequest, name: str, data: bytes, watch: Callable[[Progress], None] | None, cancel: Cancel
    ) -> Outcome:
        told: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        job = self._workers.send(self._names.run, pickle.dumps(asked), {name: data}, told.put if watch is not None else None)
        try:
            return self._wait(job, told, watch, cancel)
        finally:
            if not job.result.done():
                job.cancel()

    def _wait(self, job: Sent, told: "queue.SimpleQueue[bytes]", watch: Callable[[Progress], None] | None, cancel: Cancel) -> Outcome:
        passed = 0
        while True:
            if cancel.is_set():
                return _build_outcome(OutcomeStatus.CANCELLED, "The run was cancelled.")
            try:
                found: Outcome = pickle.loads(job.result.result(POLL_SECONDS))
                _pass_on(told, watch, passed)  # what came since the last look
                return found
            except FutureTimeoutError:
                passed = _pass_on(told, watch, passed)
            except RunKilledError as error:
                return _build_outcome(OutcomeStatus.SUPERVISOR_DIED, str(error))


def _pass_on(told: "queue.SimpleQueue[bytes]", watch: Callable[[Progress], None] | None, passed: int) -> int:
    """Pass reports on, each bar once also where a run began again elsewhere; gives how far they have come."""
    while watch is not None and not told.empty():
        progress: Progress = pickle.loads(told.get())
        if progress.done > passed:
            passed = progress.done
            watch(progress)
    return passed


def _build_outcome(status: OutcomeStatus, message: str) -> Outcome:
    certificate = Certificate(verdict=Verdict.NOT_CHECKABLE, method=Method.LOCK_STEP)
    return Outcome(status, Stage.RUN, 0, certificate, error=CodeFault(message=message))


@dataclass(slots=True)
class _Batch:
    tasks: list[tuple[int, EvaluationTask]]
    job: Sent


@dataclass(slots=True)
class _Pace:
    """Number of tasks that go together: by the time that tasks took so far, and so that nobody is left without."""

    width: int
    known: int
    """Tasks in all; 0 where nobody knows."""
    seconds: float = 0.0
    finished: int = 0

    def choose(self) -> int:
        seconds = max(SECONDS_IN_ONE, self.width * SECONDS_A_WORKER)
        fit = FIRST_IN_ONE if not self.finished else max(1, round(seconds * self.finished / max(self.seconds, 1e-3)))
        fair = -(-self.known // (self.width * AHEAD)) if self.known else MOST_IN_ONE
        return max(1, min(MOST_IN_ONE, fit, fair))

    def learn(self, found: Sequence[CodeEvaluation]) -> None:
        self.seconds += sum(one.outcome.wall_seconds for one in found)
        self.finished += len(found)


@dataclass(slots=True)
class _Sending:
    """The tasks of one call: what waits, and what is on its way."""

    numbered: Iterator[tuple[int, EvaluationTask]]
    pace: _Pace
    alone: deque[tuple[int, EvaluationTask]] = field(default_factory=deque)
    """Tasks that were in a batch whose worker ended: each goes by itself, so that the guilty one is found."""
    waiting: dict[Future[bytes], _Batch] = field(default_factory=dict)
    returned: Counter[int] = field(default_factory=Counter)
    """Number of times that each task came back undone although nobody had stopped it."""

    def take(self) -> list[tuple[int, EvaluationTask]]:
        if self.alone:
            return [self.alone.popleft()]
        return list(islice(self.numbered, self.pace.choose()))


class RemoteEvaluations:
    """The port `Evaluations` over workers elsewhere: tasks go in batches, figures are made there."""

    def __init__(self, workers: Workers, names: WorkNames) -> None:
        self._workers, self._names, self._packed = workers, names, PackedBars()

    @property
    def width(self) -> int:
        """Programs that run at once now. Raises SandboxUnavailableError."""
        return max(1, self._workers.width)

    def run_all(self, tasks: Iterable[EvaluationTask], *, cancel: Cancel) -> Iterator[tuple[int, CodeEvaluation]]:
        """Send the tasks in batches; leaving the iteration early takes back what still runs."""
        sending = _Sending(enumerate(tasks), _Pace(self.width, length_hint(tasks)))
        try:
            while not cancel.is_set():
                self._fill(sending)
                if not sending.waiting:
                    return
                done, _ = wait(sending.waiting, timeout=POLL_SECONDS, return_when=FIRST_COMPLETED)
                for job in done:
                    yield from self._receive(sending, sending.waiting.pop(job), cancel)
        finally:
            for batch in sending.waiting.values():
                batch.job.cancel()

    def _fill(self, sending: _Sending) -> None:
        while len(sending.waiting) < sending.pace.width * AHEAD:
            taken = sending.take()
            if not taken:
                return
            job = self._send([task for _, task in taken])
            sending.waiting[job.result] = _Batch(taken, job)

    def _send(self, tasks: Sequence[EvaluationTask]) -> Sent:
        packed = [self._packed.pack(task.bars) for task in tasks]
        asked = [
            _EvaluationRequest(task.code, task.plan.model_dump_json(), name, task.context, task.curves, task.proved)
            for task, (name, _) in zip(tasks, packed, strict=True)
        ]
        return self._workers.send(self._names.evaluate, pickle.dumps(asked), dict(packed))

    def _receive(self, sending: _Sending, batch: _Batch, cancel: Cancel) -> Iterator[tuple[int, CodeEvaluation]]:
        try:
            found: list[CodeEvaluation] = pickle.loads(batch.job.result.result())
        except RunKilledError as error:
            if len(batch.tasks) > 1:
                sending.alone.extend(batch.tasks)
            else:
                yield batch.tasks[0][0], build_killed_evaluation(error)
            return
        sending.pace.learn(found)
        for (number, task), one in zip_longest(batch.tasks, found):
            if one is not None and one.outcome.status is not OutcomeStatus.CANCELLED:
                yield number, one
            elif not cancel.is_set() and sending.returned[number] < MOST_RETURNS:
                sending.returned[number] += 1
                sending.alone.append((number, task))
