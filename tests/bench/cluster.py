"""A cluster's price: efficiency with 1, 2 and 4 workers of this machine, and the scheduler's processor time for a task.

Both hold on a quiet machine alone: beside other work each takes several times as long, which the load in the first line tells. Orders and
figures of all runs are compared to the bit. `make bench-cluster` takes a minute, on a machine that is overloaded six times up to eight.
"""

import hashlib
import os
import sys
import threading
import time
from pathlib import Path
from typing import NamedTuple

from core import language
from core.cluster import Cluster, read_address
from core.domain.backtest import BacktestPlan
from core.driving.fan_out import Evaluations, EvaluationTask, LocalEvaluations
from core.driving.remote import RemoteEvaluations
from core.sandbox import Sandbox
from core.services.cluster_work import NAMES
from tests.driving.fakes import walk

TASKS = 24
BARS = 2_500
TRIVIAL = 300
NEVER = threading.Event()


def run(tasks: int = TASKS) -> None:
    """Print the table."""
    bars, plan = walk(BARS), BacktestPlan()
    workflow = language.parse((Path("data/workflows/sma_cross.json")).read_bytes())
    codes = [language.compile_workflow(workflow, {"sma_fast": 5.0 + number}) for number in range(tasks)]
    work = [EvaluationTask(code, plan, bars, curves=False) for code in codes]
    say(f"{tasks} runs of SMA cross on {BARS} daily bars, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")
    with Sandbox() as sandbox:
        first = measure("here, one at a time", LocalEvaluations(sandbox, workers=1), work)
        alone = measure("here, all processors", LocalEvaluations(sandbox), work)
    one = 0.0
    for workers in (1, 2, 4):
        cluster = Cluster(read_address(f"local:{workers}"), describe="core.services.cluster_work:describe", find_level=lambda: 0)
        found = measure(f"cluster, {workers} workers", RemoteEvaluations(cluster, NAMES), work)
        one, usable = one or found.seconds, min(workers, os.cpu_count() or 1)
        say(f"{'':22} efficiency {one / found.seconds / usable:.0%} of {usable} processors")
        if workers == 2:
            measure_scheduler(cluster)
        cluster.close()
        assert first.digest == alone.digest == found.digest, f"other figures with {workers} workers"
    say("the same orders and figures to the bit in all of them")


class Measured(NamedTuple):
    """Time of all tasks by the clock, and what came of them."""

    seconds: float
    digest: str
    """Of all orders and figures."""


def measure(name: str, places: Evaluations, work: list[EvaluationTask]) -> Measured:
    """Measure all tasks, the workers warm, and print it."""
    list(places.run_all(work[: 2 * places.width], cancel=NEVER))
    began = time.perf_counter()
    told = dict(places.run_all(work, cancel=NEVER))
    seconds, count = time.perf_counter() - began, len(told)
    assert count == len(work)
    facts = [(told[place].outcome.orders_hash, told[place].evaluation and told[place].evaluation.metrics) for place in range(count)]
    found = Measured(seconds, hashlib.sha256(repr(facts).encode()).hexdigest())
    say(f"{name:22} {found.seconds:6.2f} s")
    return found


def measure_scheduler(cluster: Cluster) -> None:
    """Print the processor time of scheduler and server for one task that does nothing."""
    host = cluster._host
    pid = host._process.pid if host is not None else 0
    before, mine = read_processor_seconds(pid), time.process_time()
    jobs = [cluster.send("tests.bench.cluster:do_nothing", b"x" * 2_000, {}) for _ in range(TRIVIAL)]
    for job in jobs:
        job.result.result(120)
    scheduler, client = read_processor_seconds(pid) - before, time.process_time() - mine
    say(f"{'a task costs':22} scheduler {scheduler / TRIVIAL * 1e3:.2f} ms, server {client / TRIVIAL * 1e3:.2f} ms of processor time")


def do_nothing(payload: bytes, data: object, cancel: object, report: object) -> bytes:
    """Give back what came."""
    return payload


def read_processor_seconds(pid: int) -> float:
    """Processor time of a process so far, its children left out."""
    fields = read_fields(pid)
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def read_fields(pid: int) -> list[str]:
    """What the kernel tells of a process, from its state on; nothing of one that ended meanwhile."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def say(text: str) -> None:
    """Print a line at once."""
    print(text, flush=True)  # noqa: T201 - a benchmark prints


if __name__ == "__main__":
    run(int(sys.argv[1]) if len(sys.argv) > 1 else TASKS)
