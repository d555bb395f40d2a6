"""Runs and evaluations beyond this process, over workers that are threads here: batches, reports, and who is guilty."""

import pickle
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest

from core.domain.backtest import OutcomeStatus, Progress
from core.domain.errors import RunKilledError
from core.driving.fan_out import Evaluations, EvaluationTask
from core.driving.remote import RemoteEvaluations, RemoteSandbox, Report, UnpackedBars, WorkNames, _Pace, evaluate_there, run_there
from tests.driving.evaluations_contract import BARS, NEVER, PLAN, EvaluationsContract, build_code, build_tasks
from tests.driving.fakes import RuleSandbox, program, walk
from tests.driving.test_fan_out import SharingSandbox, prove


@dataclass
class SentToThread:
    """Work that a thread does."""

    result: Future[bytes] = field(default_factory=Future)
    stop: threading.Event = field(default_factory=threading.Event)

    def cancel(self) -> None:
        """Ask it to stop."""
        self.stop.set()


class ThreadWorkers:
    """Workers that are threads; a program that is deadly takes the whole message with it, as one that kills its worker does."""

    width = 2

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(2)
        self._bars = UnpackedBars()
        self.sandbox = RuleSandbox()
        self.sizes: list[int] = []
        """Tasks in each message."""
        self.data: set[str] = set()

    def send(self, work: str, payload: bytes, data: Mapping[str, bytes], report: Report | None = None) -> SentToThread:
        """Do it in a thread."""
        sent = SentToThread()
        self.data |= set(data)
        self._pool.submit(self._do, sent, work, payload, data, report or (lambda said: None))
        return sent

    def _do(self, sent: SentToThread, work: str, payload: bytes, data: Mapping[str, bytes], report: Report) -> None:
        sandbox = self.sandbox
        if b"# deadly" in payload:
            sent.result.set_exception(RunKilledError("The worker ended, again and again."))
        elif work == "run":
            sent.result.set_result(run_there(payload, data, bars=self._bars, sandbox=sandbox, cancel=sent.stop, report=report))
        else:
            self.sizes.append(len(pickle.loads(payload)))
            sent.result.set_result(evaluate_there(payload, data, bars=self._bars, sandbox=sandbox, cancel=sent.stop))


class LeavingWorkers(ThreadWorkers):
    """Workers of which the first two to be asked are just ending: they give back what they were sent, done in part or not at all."""

    def __init__(self) -> None:
        super().__init__()
        self._left = 2

    def send(self, work: str, payload: bytes, data: Mapping[str, bytes], report: Report | None = None) -> SentToThread:
        """Do it in a thread that is told to stop at once where its worker ends."""
        sent = SentToThread()
        if self._left:
            self._left -= 1
            sent.stop.set()
        self._pool.submit(self._do, sent, work, payload, data, report or (lambda said: None))
        return sent


NAMES = WorkNames(run="run", evaluate="evaluate")


class TestRemoteEvaluations(EvaluationsContract):
    @pytest.fixture
    def places(self) -> Evaluations:
        return RemoteEvaluations(ThreadWorkers(), NAMES)


def test_many_short_tasks_go_together_and_few_are_shared_out() -> None:
    many, few = ThreadWorkers(), ThreadWorkers()

    assert len(list(RemoteEvaluations(many, NAMES).run_all(iter(build_tasks(300)), cancel=NEVER))) == 300
    assert len(list(RemoteEvaluations(few, NAMES).run_all(build_tasks(3), cancel=NEVER))) == 3

    assert max(many.sizes) == 40
    assert few.sizes == [1, 1, 1]


def test_programs_that_were_sent_together_share_a_process_there() -> None:
    workers = ThreadWorkers()
    workers.sandbox = sandbox = SharingSandbox()

    list(RemoteEvaluations(workers, NAMES).run_all(iter(prove(build_tasks(100))), cancel=NEVER))

    assert sorted(sandbox.together) == sorted(size for size in workers.sizes if size > 1)


def test_bars_are_known_by_what_they_hold() -> None:
    workers = ThreadWorkers()
    same = EvaluationTask(build_code(1), PLAN, walk(120))
    other = EvaluationTask(build_code(1), PLAN, walk(120, seed=3))

    list(RemoteEvaluations(workers, NAMES).run_all([*build_tasks(5), same, other], cancel=NEVER))

    assert len(workers.data) == 2


def test_the_guilty_one_is_found_among_those_that_were_sent_with_it() -> None:
    def list_tasks() -> Iterator[EvaluationTask]:
        yield from build_tasks(2)
        yield EvaluationTask(build_code(1, "# deadly"), PLAN, BARS)
        yield from build_tasks(5)

    found = dict(RemoteEvaluations(ThreadWorkers(), NAMES).run_all(list_tasks(), cancel=NEVER))

    assert sorted(found) == list(range(8))
    assert [place for place, one in found.items() if one.outcome.status is OutcomeStatus.SUPERVISOR_DIED] == [2]


def test_a_run_elsewhere_gives_its_facts_and_tells_its_watcher_each_bar_once() -> None:
    told: list[Progress] = []
    sandbox = RemoteSandbox(ThreadWorkers(), NAMES)
    code = program(0.9).split("```python\n")[1].split("```")[0]

    outcome = sandbox.run(code, PLAN, BARS, cancel=NEVER, watch=told.append)

    assert outcome.ok
    assert outcome.equity.tobytes() == RuleSandbox().run(code, PLAN, BARS, cancel=NEVER).equity.tobytes()
    assert len(told) == 1, "also when the run is over before anybody looks"


def test_what_a_worker_gave_back_undone_is_sent_again() -> None:
    found = dict(RemoteEvaluations(LeavingWorkers(), NAMES).run_all(build_tasks(12), cancel=NEVER))
    outcome = RemoteSandbox(LeavingWorkers(), NAMES).run(build_code(3), PLAN, BARS, cancel=NEVER)

    assert sorted(found) == list(range(12))
    assert all(one.evaluation is not None for one in found.values())
    assert outcome.ok


def test_a_run_whose_worker_died_is_the_machines_fault() -> None:
    outcome = RemoteSandbox(ThreadWorkers(), NAMES).run(build_code(1, "# deadly"), PLAN, BARS, cancel=NEVER)

    assert outcome.status is OutcomeStatus.SUPERVISOR_DIED


def test_a_run_that_was_stopped_before_it_began_is_not_sent() -> None:
    workers, stopped = ThreadWorkers(), threading.Event()
    stopped.set()

    outcome = RemoteSandbox(workers, NAMES).run(build_code(1), PLAN, BARS, cancel=stopped)

    assert (outcome.status, workers.data) == (OutcomeStatus.CANCELLED, set())


@pytest.mark.parametrize(("workers", "together"), [(2, 13), (400, 13), (1_000, 33), (10_000, 40)])
def test_tasks_go_together_for_longer_where_many_workers_share_a_scheduler(workers: int, together: int) -> None:
    assert _Pace(workers, known=0, seconds=15.0, finished=100).choose() == together
