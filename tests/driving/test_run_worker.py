"""Workers obey a cancel from any process, give places in turn, and leave nothing behind."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.domain.people import act_for
from core.domain.run import Run, Status
from core.driving.ports import Cancel, YieldSlot
from core.driving.run_worker import RunWorker
from core.store import Store
from tests.driving.worker_harness import PLAN, SECONDS, WorkerHarness, wait_until


def test_a_submitted_run_is_worked_on_in_the_background(tmp_path: Path) -> None:
    harness = WorkerHarness(tmp_path)
    run = harness.store.create_run(PLAN)

    assert harness.worker.submit(run.id)
    assert harness.started.acquire(timeout=SECONDS)
    harness.let_go.set()
    assert harness.ended.acquire(timeout=SECONDS)
    harness.worker.close()

    assert harness.store.read_run(run.id).status is Status.COMPLETE


def test_a_cancel_wish_of_another_process_reaches_the_worker(tmp_path: Path) -> None:
    harness = WorkerHarness(tmp_path)
    run = harness.store.create_run(PLAN)
    harness.worker.submit(run.id)
    assert harness.started.acquire(timeout=SECONDS)

    Store.in_folder(tmp_path).request_cancel(run.id)

    assert harness.ended.acquire(timeout=SECONDS)
    harness.worker.close()
    assert harness.store.read_run(run.id).status is Status.CANCELLED


def test_a_second_run_waits_for_the_first(tmp_path: Path) -> None:
    harness = WorkerHarness(tmp_path)
    first, second = harness.store.create_run(PLAN), harness.store.create_run(PLAN)

    harness.worker.submit(first.id)
    harness.worker.submit(second.id)

    assert harness.started.acquire(timeout=SECONDS)
    assert harness.began == [first.id]
    harness.let_go.set()
    assert harness.ended.acquire(timeout=SECONDS)
    assert harness.ended.acquire(timeout=SECONDS)
    harness.worker.close()
    assert harness.began == [first.id, second.id]


def test_a_run_that_rests_lets_the_next_one_pass(tmp_path: Path) -> None:
    store = Store.in_folder(tmp_path)
    first, second = store.create_run(PLAN), store.create_run(PLAN)
    passed, order = threading.Event(), []

    def work(run_id: str, cancel: Cancel, yield_slot: YieldSlot) -> Run:
        if run_id == first.id:
            with yield_slot():
                assert passed.wait(SECONDS)
        order.append(run_id)
        passed.set()
        return store.read_run(run_id)

    worker = RunWorker(store, work, workers=1)
    assert all(worker.submit(run.id) for run in (first, second))
    deadline = time.monotonic() + SECONDS
    while len(order) < 2 and time.monotonic() < deadline:
        pass
    worker.close()

    assert order == [second.id, first.id]


def test_a_run_that_rested_goes_on_before_one_that_has_not_begun(tmp_path: Path) -> None:
    store = Store.in_folder(tmp_path)
    runs = [store.create_run(PLAN) for _ in range(3)]
    second_runs, order = threading.Event(), list[str]()

    def work(run_id: str, cancel: Cancel, yield_slot: YieldSlot) -> Run:
        if run_id == runs[0].id:
            with yield_slot():
                assert second_runs.wait(SECONDS)
        if run_id == runs[1].id:
            second_runs.set()
            wait_until(lambda: runs[0].id in [ticket.run.run_id for ticket in worker._turns._line])
        order.append(run_id)
        return store.read_run(run_id)

    worker = RunWorker(store, work, workers=1)
    assert all(worker.submit(run.id) for run in runs)
    wait_until(lambda: len(order) == 3)
    worker.close()

    assert order == [runs[1].id, runs[0].id, runs[2].id]


def test_who_is_stopped_in_the_queue_leaves_it_and_takes_nobodys_place(tmp_path: Path) -> None:
    harness = WorkerHarness(tmp_path)
    first, stopped, last = (harness.store.create_run(PLAN) for _ in range(3))
    assert harness.worker.submit(first.id)
    assert harness.started.acquire(timeout=SECONDS)
    assert harness.worker.submit(stopped.id)
    assert harness.worker.submit(last.id)

    harness.worker.cancel(stopped.id)

    assert harness.ended.acquire(timeout=SECONDS)
    assert harness.store.read_run(stopped.id).status is Status.CANCELLED
    assert last.id not in harness.began
    harness.let_go.set()
    for _ in (first, last):
        assert harness.ended.acquire(timeout=SECONDS)
    harness.worker.close()


class Servers:
    """Two servers with one place each and one history, whose runs end when they are told to."""

    def __init__(self, home: Path) -> None:
        self.stores = Store.in_folder(home), Store.in_folder(home)
        self.ends: dict[str, threading.Event] = {}
        self.began: list[tuple[str, int]] = []
        self.portable = True
        self.workers = [RunWorker(store, self.make_work(place), is_portable=self.is_portable) for place, store in enumerate(self.stores)]
        for worker in self.workers:
            worker.adopt()

    def is_portable(self, run_id: str) -> bool:
        """Whether each run may begin anywhere."""
        return self.portable

    def make_work(self, place: int) -> Callable[[str, Cancel, YieldSlot], Run]:
        """The work of one server."""

        def work(run_id: str, cancel: Cancel, yield_slot: YieldSlot) -> Run:
            self.began.append((run_id, place))
            while not cancel.is_set() and not self.ends[run_id].wait(0.01):
                pass
            run = self.stores[place].read_run(run_id).changed(status=Status.COMPLETE)
            self.stores[place].save_run(run)
            return run

        return work

    def start(self, person: str, place: int) -> str:
        """Start a run of a person on a server; gives its id."""
        run = self.stores[place].for_person(act_for(person)).create_run(PLAN)
        self.ends[run.id] = threading.Event()
        assert self.workers[place].submit(run.id)
        return run.id

    def find_place(self, run_id: str) -> int:
        """The server on which a run begins."""
        wait_until(lambda: run_id in dict(self.began))
        return dict(self.began)[run_id]

    def close(self) -> None:
        """End both."""
        for worker in self.workers:
            worker.close()


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[Servers]:
    """The two of them, which end with the test."""
    made = Servers(tmp_path)
    yield made
    made.close()


def test_thirty_runs_of_one_person_do_not_keep_anothers_first_run_waiting_on_two_servers(servers: Servers) -> None:
    anns = [servers.start("ann", place % 2) for place in range(30)]
    wait_until(lambda: len(servers.began) == 2)
    bobs = servers.start("bob", 0)
    wait_until(lambda: bobs in servers.stores[0].list_waiting_elsewhere("somebody"))
    busy = next(run_id for run_id, place in servers.began if place == 1)

    servers.ends[busy].set()

    assert servers.find_place(bobs) == 1, "it waited on the other server, where no place is free"
    assert len(servers.began) == 3
    assert {run_id for run_id, _ in servers.began} <= {*anns, bobs}


def test_a_free_server_begins_what_waits_on_another_one(servers: Servers) -> None:
    first, second = servers.start("ann", 0), servers.start("ann", 0)

    assert {servers.find_place(first), servers.find_place(second)} == {0, 1}
    servers.ends[second].set()
    wait_until(lambda: servers.stores[0].read_run(second).status is Status.COMPLETE)


def test_a_run_that_needs_a_file_of_its_server_waits_for_that_one(servers: Servers) -> None:
    servers.portable = False
    first, second = servers.start("ann", 0), servers.start("ann", 0)
    assert servers.find_place(first) == 0

    servers.ends[first].set()

    assert servers.find_place(second) == 0


def test_what_is_wrong_with_one_run_stops_neither_the_beat_nor_the_other_runs(tmp_path: Path) -> None:
    harness = WorkerHarness(tmp_path)
    bad, good = harness.store.create_run(PLAN), harness.store.create_run(PLAN)

    def is_portable(run_id: str) -> bool:
        if run_id == bad.id:
            raise PermissionError("a folder of bars")
        return True

    worker = RunWorker(harness.store, harness.work, workers=2, is_portable=is_portable)
    assert worker.adopt() == (bad.id, good.id)
    assert all(harness.started.acquire(timeout=SECONDS) for _ in range(2))
    harness.let_go.set()
    worker.close()
    harness.worker.close()

    assert sorted(harness.began) == sorted((bad.id, good.id))


def test_a_beat_that_fails_is_followed_by_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    harness = WorkerHarness(tmp_path)
    run, asked, fails = harness.store.create_run(PLAN), harness.store.cancel_requested, iter([True])

    def ask(run_id: str) -> bool:
        if next(fails, False):
            raise RuntimeError("nobody foresaw this")
        return asked(run_id)

    monkeypatch.setattr(harness.store, "cancel_requested", ask)
    harness.worker.submit(run.id)
    harness.store.request_cancel(run.id)

    assert harness.ended.acquire(timeout=SECONDS)
    harness.worker.close()
    assert harness.store.read_run(run.id).status is Status.CANCELLED
