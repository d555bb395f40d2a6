"""A scheduler and a worker as processes of their own, and what came of a process: for tests that end one of them."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

PATIENCE = 300.0
SCHEDULER = """
import asyncio
from distributed import Scheduler

async def serve():
    async with Scheduler(host="127.0.0.1", port=0, dashboard=False) as scheduler:
        print(scheduler.address, flush=True)
        await scheduler.finished()

asyncio.run(serve())
"""
WORKER = """
import asyncio, sys
from distributed import Worker

async def serve():
    async with Worker(sys.argv[1], nthreads=1, dashboard=False) as worker:
        print(worker.address, flush=True)
        await worker.finished()

asyncio.run(serve())
"""


def start(script: str, *arguments: str) -> tuple["subprocess.Popen[str]", str]:
    """Start one of the two; gives its address as well."""
    command = [sys.executable, "-c", script, *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return process, process.stdout.readline().strip() if process.stdout else ""


def end(process: "subprocess.Popen[str]") -> None:
    """End a process at once."""
    process.kill()
    process.wait()
    if process.stdout is not None:
        process.stdout.close()


def list_descendants(pid: int) -> frozenset[int]:
    """Processes that came of one and are there now."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
            except OSError:  # ended meanwhile
                continue
            if state != "Z":
                parents[int(entry.name)] = int(parent)
    found, more = set[int](), {pid}
    while more:
        more = {child for child, parent in parents.items() if parent in more}
        found |= more
    return frozenset(found)


def find_idle(pid: int) -> frozenset[int]:
    """Processes that a worker keeps: those that are still there a second after a look, when what it has just done is over."""
    before: list[frozenset[int]] = [list_descendants(pid)]

    def rests() -> bool:
        threading.Event().wait(1)
        before.append(list_descendants(pid))
        return before[-1] == before[-2]

    wait_for(rests)
    return before[-1]


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait for something that another process brings about."""
    until, pause = time.monotonic() + PATIENCE, threading.Event()
    while not condition():
        assert time.monotonic() < until, "it did not happen"
        pause.wait(0.02)
