"""Workers, schedulers and children that end in the middle: the same figures, each result once, and nothing that is left behind."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from core.cluster import Cluster, read_address
from core.domain.backtest import BacktestPlan, Limits
from core.domain.bars_request import BarsRequest
from core.domain.errors import SandboxUnavailableError
from core.domain.run import Run, RunPlan, Status
from core.domain.sweep import SweepPlan, parse_axis
from core.driving.fan_out import EvaluationTask, evaluate_all
from core.driving.remote import RemoteEvaluations, RemoteSandbox
from core.services import Services, Settings
from core.services.cluster_work import NAMES
from tests.cluster.processes import SCHEDULER, WORKER, end, find_idle, list_descendants, start, wait_for
from tests.driving.evaluations_contract import BARS, NEVER, build_code, build_tasks

DESCRIBE = "core.services.cluster_work:describe"
ENDLESS = build_code(1).replace("if not self.position", "while True: pass\n        if not self.position")
PATIENT = BacktestPlan(limits=Limits(wall_seconds=900, cpu_seconds=900))
"""A plan whose limits do not end what never ends."""


def list_workers(cluster: Cluster) -> dict[str, int]:
    """Process ids of the workers by their addresses."""
    found: dict[str, int] = cluster._require_link()._client.run(os.getpid)
    return found


def ask_until_stopped(cluster: Cluster, tasks: list[EvaluationTask], stop: threading.Event) -> None:
    """Ask for what never ends."""
    with suppress(SandboxUnavailableError):
        evaluate_all(tasks, RemoteEvaluations(cluster, NAMES), cancel=stop)


@pytest.fixture(scope="module")
def local() -> Iterator[Cluster]:
    """A worker process of this machine; two are in the other tests."""
    made = Cluster(read_address("local:1"), describe=DESCRIBE, find_level=lambda: 0)
    yield made
    made.close()


def run_sweep(home: Path, cluster: str, *, kill: bool = False) -> tuple[Run, list[tuple[object, ...]]]:
    """Sweep a few numbers; gives the run, and number, orders, figures and curve of each point as they stand in the history."""
    parts = Services(Settings(home=home, cluster=cluster))
    try:
        axes = (parse_axis("sma_fast=5:20:5"), parse_axis("sma_slow=30:50:5"))
        bars = BarsRequest(symbol="AAPL", start=date(2007, 1, 1), end=date(2008, 12, 31))
        workflow = parts.workbench.find_workflow("sma_cross")
        (run,) = parts.sweeps.start([RunPlan(workflow=workflow, bars=bars, loops=0, sweep=SweepPlan(axes=axes))])
        if kill:
            wait_for(lambda: (now := parts.store.read_run(run.id)).iterations > 0 or now.status.finished)
            assert parts.rooms.cluster is not None
            os.kill(next(iter(list_workers(parts.rooms.cluster).values())), signal.SIGKILL)
        wait_for(lambda: parts.store.read_run(run.id).status.finished)
        points = [parts.store.read_detail(run.id, one.number) for one in parts.store.list_iterations(run.id)]
        kept = [
            (one.iteration.number, one.iteration.orders_hash, one.iteration.metrics, np.asarray(one.equity).tobytes()) for one in points
        ]
        return parts.store.read_run(run.id), kept
    finally:
        parts.close()


def test_a_sweep_whose_worker_was_killed_gives_the_same_figures_to_the_bit_and_each_point_once(tmp_path: Path) -> None:
    here, expected = run_sweep(tmp_path / "here", "")

    there, found = run_sweep(tmp_path / "there", "local:2", kill=True)

    assert (there.status, there.best) == (Status.COMPLETE, here.best)
    assert [point[0] for point in found] == list(range(21))
    assert found == expected


def test_workers_of_this_machine_that_were_killed_twice_come_back(local: Cluster) -> None:
    (expected,) = evaluate_all(build_tasks(1), RemoteEvaluations(local, NAMES), cancel=NEVER) or ()

    for _ in range(2):
        before = list_workers(local)
        for pid in before.values():
            os.kill(pid, signal.SIGKILL)
        (found,) = evaluate_all(build_tasks(1), RemoteEvaluations(local, NAMES), cancel=NEVER) or ()

        assert found.evaluation is not None
        assert expected.evaluation is not None
        assert found.evaluation.equity.tobytes() == expected.evaluation.equity.tobytes()
        wait_for(lambda: len(list_workers(local)) == 1)
        assert not set(list_workers(local).values()) & set(before.values())


def test_a_program_that_never_ends_leaves_nothing_behind_when_it_is_cancelled(local: Cluster) -> None:
    stop, workers = threading.Event(), list_workers(local)
    idle = {pid: find_idle(pid) for pid in workers.values()}
    waiting = threading.Thread(target=lambda: RemoteSandbox(local, NAMES).run(ENDLESS, PATIENT, BARS, cancel=stop))
    waiting.start()
    wait_for(lambda: any(len(list_descendants(pid)) > len(idle[pid]) + 1 for pid in idle))

    stop.set()

    waiting.join()
    wait_for(lambda: {pid: list_descendants(pid) for pid in workers.values()} == idle)


def test_children_end_soon_after_their_scheduler_was_killed() -> None:
    scheduler, address = start(SCHEDULER)
    worker, _ = start(WORKER, address)
    theirs = Cluster(read_address(address), describe=DESCRIBE, find_level=lambda: 0, wait_seconds=1)
    evaluate_all(build_tasks(1), RemoteEvaluations(theirs, NAMES), cancel=NEVER)
    idle, stop = find_idle(worker.pid), threading.Event()
    tasks = [replace(one, code=ENDLESS, plan=PATIENT) for one in build_tasks(1)]
    lost = threading.Thread(target=ask_until_stopped, args=(theirs, tasks, stop))
    lost.start()
    wait_for(lambda: len(list_descendants(worker.pid)) > len(idle) + 1)

    end(scheduler)

    wait_for(lambda: list_descendants(worker.pid) == idle)
    stop.set()
    lost.join()
    end(worker)
    theirs.close()
