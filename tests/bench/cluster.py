"""A cluster's price: efficiency with 1, 2 and 4 workers of this machine, and the scheduler's processor time for a task.

Ratios hold on a quiet machine; processor times hold on any. `make bench-cluster` runs it in about two minutes.
"""

import os
import sys
import threading
import time
from pathlib import Path

from core import language
from core.cluster import Cluster, read_address
from core.domain.backtest import BacktestPlan
from core.driving.fan_out import Evaluations, EvaluationTask, LocalEvaluations
from core.driving.remote import RemoteEvaluations
from core.sandbox import Sandbox
from core.services.cluster_work import NAMES
from tests.driving.fakes import walk

TASKS = 120
BARS = 2_500
TRIVIAL = 1_000
NEVER = threading.Event()


def run(tasks: int = TASKS) -> None:
    """Print the table."""
    bars, plan = walk(BARS), BacktestPlan()
    code = language.compile_workflow(language.parse((Path("data/workflows/sma_cross.json")).read_bytes()))
    work = [EvaluationTask(f"{code}\n# {number}\n", plan, bars, curves=False) for number in range(tasks)]
    say(f"{tasks} runs of SMA cross on {BARS} daily bars, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")
    with Sandbox() as sandbox:
        alone = measure(LocalEvaluations(sandbox, workers=1), work)
        say(f"{'here, one at a time':22} {alone:6.2f} s")
        say(f"{'here, all processors':22} {measure(LocalEvaluations(sandbox), work):6.2f} s")
    one = 0.0
    for workers in (1, 2, 4):
        cluster = Cluster(read_address(f"local:{workers}"), describe="core.services.cluster_work:describe", find_level=lambda: 0)
        seconds = measure(RemoteEvaluations(cluster, NAMES), work)
        one = one or seconds
        usable = min(workers, os.cpu_count() or 1)
        say(f"{f'cluster, {workers} workers':22} {seconds:6.2f} s   efficiency {one / seconds / usable:5.0%} of {usable} processors")
        if workers == 2:
            measure_scheduler(cluster)
        cluster.close()


def measure(places: Evaluations, work: list[EvaluationTask]) -> float:
    """Seconds for all tasks, the workers warm."""
    list(places.run_all(work[:4], cancel=NEVER))
    began = time.perf_counter()
    count = sum(1 for _ in places.run_all(work, cancel=NEVER))
    assert count == len(work)
    return time.perf_counter() - began


def measure_scheduler(cluster: Cluster) -> None:
    """Processor time of scheduler and server for one task that does nothing."""
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
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def say(text: str) -> None:
    """Print a line at once."""
    print(text, flush=True)  # noqa: T201 - a benchmark prints


if __name__ == "__main__":
    run(int(sys.argv[1]) if len(sys.argv) > 1 else TASKS)
