"""Workers claim runs, obey a cancel from any process, and leave nothing behind."""

import threading
import time
from pathlib import Path

from core.domain.bars_request import BarsRequest
from core.domain.run import Run, RunPlan, Status
from core.domain.workflow import Workflow
from core.driving.ports import Cancel, YieldSlot
from core.driving.run_worker import RunWorker, SlotQueue, Ticket
from core.store import Store

PLAN = RunPlan(workflow=Workflow(name="cross"), bars=BarsRequest(symbol="AAPL"))
SECONDS = 20.0


class WorkerHarness:
    """A run worker whose work waits until it is told to end."""

    def __init__(self, home: Path, *, workers: int = 1) -> None:
        self.store = Store.in_folder(home)
        self.began: list[str] = []
        self.started = threading.Semaphore(0)
        self.let_go = threading.Event()
        self.ended = threading.Semaphore(0)
        self.worker = RunWorker(self.store, self.work, workers=workers)

    def work(self, run_id: str, cancel: Cancel, yield_slot: YieldSlot) -> Run:
        """Run until cancelled or let go."""
        self.began.append(run_id)
        self.started.release()
        while not cancel.is_set() and not self.let_go.wait(0.01):
            pass
        status = Status.CANCELLED if cancel.is_set() else Status.COMPLETE
        run = self.store.read_run(run_id).changed(status=status)
        self.store.save_run(run)
        self.ended.release()
        return run


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


def serve(places: SlotQueue, waiting: dict[str, Ticket]) -> list[str]:
    """The order in which waiting tickets are served when each gives its slot back at once."""
    order: list[str] = []
    while len(order) < len(waiting):
        name = next(name for name, ticket in waiting.items() if ticket.ready.is_set() and name not in order)
        order.append(name)
        places.release(waiting[name])
    return order


def test_who_rested_has_a_place_before_who_has_not_begun() -> None:
    places = SlotQueue(1)
    now = places.enqueue()
    waiting = {"new": places.enqueue(), "back": places.enqueue(first=True)}
    places.release(now)

    assert serve(places, waiting) == ["back", "new"]


def test_one_persons_many_runs_do_not_keep_another_waiting() -> None:
    places = SlotQueue(1)
    now = places.enqueue("ann")
    waiting = {f"ann {place}": places.enqueue("ann") for place in range(4)}
    waiting |= {"bob": places.enqueue("bob"), "cy": places.enqueue("cy")}
    places.release(now)

    assert serve(places, waiting) == ["bob", "cy", "ann 0", "ann 1", "ann 2", "ann 3"]


def test_who_has_fewest_places_is_next_whatever_the_order_in_which_they_came() -> None:
    places = SlotQueue(3)
    held = [places.enqueue("ann"), places.enqueue("ann"), places.enqueue("bob")]
    third, second = places.enqueue("ann"), places.enqueue("bob")

    places.release(held[2])
    assert (third.ready.is_set(), second.ready.is_set()) == (False, True), "ann has two, and bob none"
    places.release(held[0])
    assert third.ready.is_set()


def test_who_is_stopped_in_the_line_leaves_it_and_takes_nobodys_place() -> None:
    places = SlotQueue(1)
    first, stopped = places.enqueue(), places.enqueue()
    places.wait(first, lambda: False)
    places.wait(stopped, lambda: True)  # would wait forever otherwise
    places.release(first)
    places.release(stopped)

    places.wait(places.enqueue(), lambda: False)
    assert places._free == 0


def test_two_supervisors_never_work_on_one_run(tmp_path: Path) -> None:
    one, two = WorkerHarness(tmp_path), WorkerHarness(tmp_path)
    run = one.store.create_run(PLAN)

    assert one.worker.submit(run.id)
    assert not two.worker.submit(run.id)
    assert two.worker.adopt() == ()
    one.worker.close()
    two.worker.close()


def test_runs_without_a_worker_are_taken_in_the_order_of_their_beginning(tmp_path: Path) -> None:
    harness = WorkerHarness(tmp_path)
    made = [harness.store.create_run(PLAN).id for _ in range(6)]
    harness.let_go.set()

    harness.worker._adopt_orphans()
    assert harness.began == [], "whoever made them may be about to take them"
    harness.worker._adopt_orphans()
    for _ in made:
        assert harness.ended.acquire(timeout=SECONDS)
    harness.worker.close()

    assert harness.began == made


def test_an_abandoned_run_is_adopted(tmp_path: Path) -> None:
    harness = WorkerHarness(tmp_path)
    run = harness.store.create_run(PLAN)
    harness.store.claim(run.id, "a worker of long ago", seconds=-1)

    assert harness.worker.adopt() == (run.id,)
    assert harness.started.acquire(timeout=SECONDS)
    harness.worker.close()


def test_a_run_that_another_worker_took_is_let_go(tmp_path: Path) -> None:
    harness = WorkerHarness(tmp_path)
    run = harness.store.create_run(PLAN)

    def work(run_id: str, cancel: Cancel, yield_slot: YieldSlot) -> Run:
        harness.store.claim(run_id, slow.owner, seconds=-1)
        assert harness.store.claim(run_id, "another", seconds=60)
        while not cancel.is_set():
            assert not harness.let_go.wait(0.01)
        harness.ended.release()
        return run

    slow = RunWorker(harness.store, work)
    slow.submit(run.id)

    assert harness.ended.acquire(timeout=SECONDS)
    slow.close()
    harness.worker.close()
    assert (harness.store.is_claimed(run.id), harness.store.cancel_requested(run.id)) == (True, False)


def test_a_run_whose_worker_dies_later_is_adopted_too(tmp_path: Path) -> None:
    harness = WorkerHarness(tmp_path)
    assert harness.worker.adopt() == ()
    run = harness.store.create_run(PLAN)
    harness.store.claim(run.id, "a worker that dies at once", seconds=-1)

    assert harness.started.acquire(timeout=SECONDS)

    assert harness.began == [run.id]
    harness.worker.close()


def test_who_never_adopted_leaves_the_runs_of_others_alone(tmp_path: Path) -> None:
    harness, server = WorkerHarness(tmp_path), WorkerHarness(tmp_path)
    server.worker.adopt()
    run = harness.store.create_run(PLAN)

    assert server.started.acquire(timeout=SECONDS)

    assert (harness.began, server.began) == ([], [run.id])
    server.worker.close()
    harness.worker.close()
