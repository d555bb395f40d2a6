"""Many evaluations at once: the port through which sweeps, baskets and studies send their programs out, and the way without a cluster.

Here: a task, what every implementation promises, and threads over one sandbox. Not here: an evaluation (`core.driving.evaluate`), and
machines beyond this one (`core.driving.remote`).
"""

import os
import threading
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np

from core.domain.backtest import BacktestPlan, Certificate, CodeFault, Method, Outcome, OutcomeStatus, Stage, Verdict
from core.domain.bars import Bars
from core.domain.errors import RunKilledError, StratloopError
from core.domain.proved_program import ProvedProgram
from core.driving.evaluate import CodeEvaluation, evaluate_code, to_evaluation
from core.driving.ports import BatchSandbox, Cancel, Sandbox
from core.driving.run_code import require_survived
from core.evidence import CheckContext

MOST_IN_A_BATCH = 64
"""Programs that share a process: what its start costs is then next to nothing, and a stop loses little."""
MOST_BARS_IN_A_BATCH = 160_000
"""Bars that the programs of a batch walk over together at most: on long histories a program has a process of its own."""
FIRST_IN_A_BATCH = 4
"""The first batches are small, so that results come soon and a handful of programs is spread over all processors."""
GROWN = 5
"""Steps after which a batch is as large as any."""
AHEAD = 2
"""Tasks that wait beside each one that runs, so that nobody is idle between two."""


@dataclass(frozen=True, slots=True)
class EvaluationTask:
    """One program to be evaluated: everything that it takes, and nothing that only this process has."""

    code: str
    plan: BacktestPlan
    bars: Bars
    """Tasks on the same bars share one object, here and on each worker."""
    context: CheckContext = field(default_factory=CheckContext)
    """Facts beyond the run, for the checks."""
    proved: ProvedProgram | None = None
    """The program again, where it is proved not to read later bars (`core.driving.proof.compile_proved`): then it runs in one pass."""
    curves: bool = True
    """False leaves figures and findings alone: an answer is then a fiftieth as large, which matters from some thousand tasks on."""


Batch = list[tuple[int, EvaluationTask]]
"""Tasks with their places, which one worker does one after the other."""


class Evaluations(Protocol):
    """A place where many programs are evaluated at once."""

    @property
    def width(self) -> int:
        """Programs that run at once now; 1 at least."""
        ...

    def run_all(self, tasks: Iterable[EvaluationTask], *, cancel: Cancel) -> Iterator[tuple[int, CodeEvaluation]]:
        """Each task's place and its evaluation, in the order in which they finish; tasks are taken a few ahead of those that run.

        Failures of code are evaluations with a fault. So is a program whose processes the machine killed again and again (status
        `supervisor_died`): it says nothing about the code. Once `cancel` is set, what runs is ended within a second and the iteration
        ends; nothing that was cut short is among the results. Raises SandboxUnavailableError when nothing can run.
        """
        ...


@dataclass(frozen=True, slots=True)
class LocalEvaluations:
    """Evaluations in this machine's sandbox, as many at once as it has processors."""

    sandbox: Sandbox
    workers: int | None = None

    @property
    def width(self) -> int:
        """Programs that run at once."""
        return max(1, self.workers or os.cpu_count() or 1)

    def run_all(self, tasks: Iterable[EvaluationTask], *, cancel: Cancel) -> Iterator[tuple[int, CodeEvaluation]]:
        """Run the tasks in threads; leaving the iteration early ends what still runs."""
        stop = Stop(cancel)
        shares = isinstance(self.sandbox, BatchSandbox)
        batches = gather_batches(enumerate(tasks), self.width) if shares else ([one] for one in enumerate(tasks))
        waiting: dict[Future[list[CodeEvaluation]], Batch] = {}
        pool = ThreadPoolExecutor(self.width, thread_name_prefix="evaluation")
        try:
            while not stop.is_set():
                for batch in _take(batches, self.width * AHEAD - len(waiting)):
                    waiting[pool.submit(evaluate_batch, [task for _, task in batch], sandbox=self.sandbox, cancel=stop)] = batch
                if not waiting:
                    return
                done, _ = wait(waiting, return_when=FIRST_COMPLETED)
                for job in sorted(done, key=lambda one: waiting[one][0][0]):
                    yield from _list_finished(waiting.pop(job), job.result())
            pool.shutdown(cancel_futures=True)
            for job, batch in waiting.items():  # stopped: what others of a batch have finished by now is not lost
                if not job.cancelled() and job.exception() is None:
                    yield from _list_finished(batch, job.result())
        finally:
            stop.set()
            pool.shutdown(cancel_futures=True)


def _list_finished(batch: Batch, made: Sequence[CodeEvaluation]) -> Iterator[tuple[int, CodeEvaluation]]:
    for (number, _), found in zip(batch, made, strict=True):
        if found.outcome.status is not OutcomeStatus.CANCELLED:
            yield number, found


class Stop:
    """A request to stop that passes on another one, and can be made here as well."""

    def __init__(self, outer: Cancel) -> None:
        self._outer = outer
        self._own = threading.Event()

    def set(self) -> None:
        """Ask to stop."""
        self._own.set()

    def is_set(self) -> bool:
        """True once either was asked."""
        return self._own.is_set() or self._outer.is_set()


def evaluate_task(task: EvaluationTask, *, sandbox: Sandbox, cancel: Cancel) -> CodeEvaluation:
    """Evaluate one task in this process. Raises SandboxUnavailableError when nothing can run here."""
    try:
        found = evaluate_code(
            task.code,
            task.plan,
            task.bars,
            sandbox=sandbox,
            cancel=cancel,
            build_context=lambda outcome: task.context,
            proved=task.proved,
        )
    except RunKilledError as error:
        found = build_killed_evaluation(error)
    return found if task.curves else drop_curves(found)


def evaluate_batch(tasks: Sequence[EvaluationTask], *, sandbox: Sandbox, cancel: Cancel) -> list[CodeEvaluation]:
    """Evaluate tasks that go together, in one process of the sandbox where it can. Raises SandboxUnavailableError when nothing can run.

    Each result is the one that `evaluate_task` gives. What was not begun when somebody stopped it has the status `cancelled`.
    """
    programs = [task.proved for task in tasks if task.proved is not None]
    if len(tasks) < 2 or len(programs) < len(tasks) or not isinstance(sandbox, BatchSandbox):
        return [evaluate_task(task, sandbox=sandbox, cancel=cancel) for task in tasks]
    outcomes = sandbox.run_proved_all(programs, tasks[0].plan, tasks[0].bars, cancel=cancel)
    return [_measure(task, outcome) for task, outcome in zip(tasks, outcomes, strict=True)]


def _measure(task: EvaluationTask, outcome: Outcome) -> CodeEvaluation:
    try:
        require_survived(outcome)
        found = to_evaluation(outcome, task.plan, task.bars, task.context if outcome.ok else None)
    except RunKilledError as error:
        found = build_killed_evaluation(error)
    return found if task.curves else drop_curves(found)


def evaluate_all(tasks: Iterable[EvaluationTask], evaluations: Evaluations, *, cancel: Cancel) -> list[CodeEvaluation] | None:
    """Evaluate all tasks and give the results in the tasks' order; None when it was stopped before the last one."""
    found = dict(evaluations.run_all(tasks, cancel=cancel))
    return None if cancel.is_set() else [found[number] for number in sorted(found)]


def drop_curves(found: CodeEvaluation) -> CodeEvaluation:
    """Keep figures, findings and counts of an evaluation, without its curves, fills, trades and log."""
    none, evaluation = np.empty(0), found.evaluation
    outcome = replace(found.outcome, equity=none, position=none, other_positions=(), fills=(), trades=(), log="", signals={}, members=())
    if evaluation is not None:
        evaluation = replace(evaluation, equity=none, drawdown=none, position=none, other_positions=(), fills=(), trades=(), paid=None)
    return replace(found, outcome=outcome, evaluation=evaluation)


def build_killed_evaluation(error: StratloopError) -> CodeEvaluation:
    """Build the evaluation of a program that never came to its end because of the machine."""
    fault = CodeFault(message=error.message, hint="Nothing is held against the code; try it again.")
    certificate = Certificate(verdict=Verdict.NOT_CHECKABLE, method=Method.LOCK_STEP)
    outcome = Outcome(OutcomeStatus.SUPERVISOR_DIED, Stage.RUN, 0, certificate, error=fault)
    return CodeEvaluation(outcome, None, fault, Stage.RUN)


def gather_batches(numbered: Iterable[tuple[int, EvaluationTask]], width: int = 1, *, grow: bool = True) -> Iterator[Batch]:
    """Gather neighbors that are proved, on the same bars and account, so that they share a process; every other task is alone.

    Batches are four times as large after each `width` of them, from `FIRST_IN_A_BATCH` on; without `grow` the first is as large as any.
    """
    batch: Batch = []
    given = 0
    for number, task in numbered:
        if batch and (len(batch) >= _choose_size(task.bars, given // width if grow else GROWN) or not _go_together(batch[0][1], task)):
            yield batch
            batch, given = [], given + 1
        batch.append((number, task))
    if batch:
        yield batch


def _choose_size(bars: Bars, steps: int) -> int:
    return min(FIRST_IN_A_BATCH << 2 * min(steps, GROWN), MOST_IN_A_BATCH, MOST_BARS_IN_A_BATCH // max(1, len(bars)))


def _go_together(one: EvaluationTask, other: EvaluationTask) -> bool:
    proved = one.proved is not None and other.proved is not None
    return proved and one.bars is other.bars and not one.bars.members and one.plan == other.plan


def _take(batches: Iterator[Batch], count: int) -> Iterator[Batch]:
    for _ in range(count):
        taken = next(batches, None)
        if taken is None:
            return
        yield taken
