"""A run worker over a history of its own, whose work waits until it is told to end."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

from core.domain.bars_request import BarsRequest
from core.domain.run import Run, RunPlan, Status
from core.domain.workflow import Workflow
from core.driving.ports import Cancel, YieldSlot
from core.driving.run_worker import RunWorker
from core.store import Store

PLAN = RunPlan(workflow=Workflow(name="cross"), bars=BarsRequest(symbol="AAPL"))
SECONDS = 120.0


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


def wait_until(holds: Callable[[], bool]) -> None:
    """Wait for something that another thread does."""
    deadline = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)
