"""Workers claim runs, obey cancel wishes from any process, and leave nothing behind."""

import threading
from pathlib import Path

from core.domain.run import BarsRequest, Run, RunPlan, Status
from core.domain.workflow import Workflow
from core.driving.ports import Cancel
from core.driving.supervisor import Supervisor
from core.store import Store

PLAN = RunPlan(workflow=Workflow(name="cross"), bars=BarsRequest(symbol="AAPL"))
SECONDS = 20.0


class Desk:
    """A supervisor whose work waits until it is told to end."""

    def __init__(self, home: Path, *, workers: int = 1) -> None:
        self.store = Store.in_folder(home)
        self.began: list[str] = []
        self.started = threading.Semaphore(0)
        self.let_go = threading.Event()
        self.ended = threading.Semaphore(0)
        self.supervisor = Supervisor(self.store, self.work, workers=workers)

    def work(self, run_id: str, cancel: Cancel) -> Run:
        """Run until cancelled or let go."""
        self.began.append(run_id)
        self.started.release()
        while not cancel.is_set() and not self.let_go.wait(0.01):
            pass
        status = Status.CANCELLED if cancel.is_set() else Status.COMPLETE
        run = self.store.run(run_id).model_copy(update={"status": status})
        self.store.save_run(run)
        self.ended.release()
        return run


def test_a_submitted_run_is_worked_on_in_the_background(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    run = desk.store.create_run(PLAN)

    assert desk.supervisor.submit(run.id)
    assert desk.started.acquire(timeout=SECONDS)
    desk.let_go.set()
    assert desk.ended.acquire(timeout=SECONDS)
    desk.supervisor.close()

    assert desk.store.run(run.id).status is Status.COMPLETE


def test_a_cancel_wish_of_another_process_reaches_the_worker(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    run = desk.store.create_run(PLAN)
    desk.supervisor.submit(run.id)
    assert desk.started.acquire(timeout=SECONDS)

    Store.in_folder(tmp_path).request_cancel(run.id)

    assert desk.ended.acquire(timeout=SECONDS)
    desk.supervisor.close()
    assert desk.store.run(run.id).status is Status.CANCELLED


def test_a_second_run_waits_for_the_first(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    first, second = desk.store.create_run(PLAN), desk.store.create_run(PLAN)

    desk.supervisor.submit(first.id)
    desk.supervisor.submit(second.id)

    assert desk.started.acquire(timeout=SECONDS)
    assert desk.began == [first.id]
    desk.let_go.set()
    assert desk.ended.acquire(timeout=SECONDS)
    assert desk.ended.acquire(timeout=SECONDS)
    desk.supervisor.close()
    assert desk.began == [first.id, second.id]


def test_two_supervisors_never_work_on_one_run(tmp_path: Path) -> None:
    one, two = Desk(tmp_path), Desk(tmp_path)
    run = one.store.create_run(PLAN)

    assert one.supervisor.submit(run.id)
    assert not two.supervisor.submit(run.id)
    assert two.supervisor.adopt() == ()
    one.supervisor.close()
    two.supervisor.close()


def test_an_abandoned_run_is_adopted(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    run = desk.store.create_run(PLAN)
    desk.store.claim(run.id, "a worker of long ago", seconds=-1)

    assert desk.supervisor.adopt() == (run.id,)
    assert desk.started.acquire(timeout=SECONDS)
    desk.supervisor.close()
