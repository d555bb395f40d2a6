"""The soak: servers, workers and the terminal on one home, kills and reloads on the way, and what is left of it all at the end."""

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from core.domain.run import Status
from core.services import Services, Settings
from core.store.backups import find_damage
from tests.soak.visitor import Visitor

ROOT = Path(__file__).resolve().parents[2]
VISITED_FROM = 60.0
"""Length of a soak from which on two real servers are visited too: their start alone takes half a minute of a busy machine."""
SAMPLES = 12
KILL_SECONDS = 7.0
"""Time from one kill of a sandbox to the next."""
MOST_SECONDS = 300.0
"""Time in which everything has to be over after the last run was started."""
END_SECONDS = 120.0
"""Time in which a process that was ended is gone, on a machine that does much else."""


class Known(NamedTuple):
    """A process that was seen."""

    pid: int
    began: str
    """The moment of its start, as the kernel counts it; empty when it was gone already."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Use of the machine by a process and all below it."""

    memory: int
    """Bytes of memory, shared ones divided among those who share them."""
    descriptors: int
    processes: int
    database: int
    """Bytes of the history with its journals."""


@dataclass(frozen=True, slots=True)
class Findings:
    """What the soak left behind."""

    started: int
    finished: int
    open_runs: tuple[str, ...]
    damage: tuple[str, ...]
    leftovers: tuple[int, ...]
    """Processes of the workers that are still alive."""
    before: Usage
    after: Usage
    peak: Usage
    loads: int
    """Screens that were loaded on the servers."""
    failures: tuple[str, ...]
    """Those that showed an exception, or were not drawn, with the reason."""
    samples: tuple[Usage, ...] = ()
    """The use at every twelfth of the time, so that what grows without end is told from what warms up."""


def soak(home: Path, seconds: float, *, rest: float = 0.0) -> Findings:
    """Use a home for so long, then look at it; everybody who uses it rests so many seconds between two things that they do."""
    workers = [_start(home, seconds, rest, seed) for seed in (1, 2)]
    victim = _start(home, seconds, rest, 3)
    for worker in (*workers, victim):
        if worker.stdout is None or not worker.stdout.readline():
            raise RuntimeError("a worker did not start")
    visitors = [Visitor(home) for _ in range(2)] if seconds >= VISITED_FROM else []
    roots = [worker.pid for worker in workers] + [visitor.process.pid for visitor in visitors]
    before = peak = after = measure(home, roots)
    samples: list[Usage] = []
    began = time.monotonic()
    until, killed, known = began + seconds, False, set[Known]()
    kill_at = began
    while time.monotonic() < until:
        threading.Event().wait(1.0 + rest)
        below = [each for worker in (*workers, victim) for each in descendants(worker.pid)]
        known.update(map(identify, below))
        zygotes = [each for each in below if "core.sandbox.zygote" in command(each)]
        if zygotes and time.monotonic() > kill_at:
            _kill(zygotes[0])
            kill_at = time.monotonic() + KILL_SECONDS
        if not killed and time.monotonic() > until - seconds / 2:
            victim.kill()  # a server that dies leaves its runs to the others
            killed = True
        for visitor in visitors:
            visitor.load_next()
        found = measure(home, roots)
        peak = found if found.memory > peak.memory else peak
        after = found if found.memory else after
        if time.monotonic() - began >= seconds / SAMPLES * (len(samples) + 1):
            samples.append(found)
        _use_terminal(home)
    for visitor in visitors:
        known.update(map(identify, descendants(visitor.process.pid)))
        visitor.close()
    started = 0
    for worker in (*workers, victim):
        said, _ = worker.communicate(timeout=MOST_SECONDS)
        started += int(said or 0)
    loads, failures = sum(visitor.loads for visitor in visitors), tuple(each for visitor in visitors for each in visitor.failures)
    ended = _finish(home, started, known)
    return replace(ended, before=before, after=after, peak=peak, loads=loads, failures=failures, samples=tuple(samples))


def _finish(home: Path, started: int, known: set[Known]) -> Findings:
    """Let a last worker carry to its end what the others left, and look at what there is."""
    parts = Services(Settings(home=home, workers=4))
    parts.rooms.run_worker.adopt()
    until = time.monotonic() + MOST_SECONDS
    while parts.store.list_open_runs() and time.monotonic() < until:
        threading.Event().wait(0.5)
    left = tuple(run.id for run in parts.store.list_open_runs())
    done = sum(run.status in (Status.COMPLETE, Status.CANCELLED) for run in parts.store.list_runs(limit=10_000))
    parts.close()
    until = time.monotonic() + END_SECONDS
    while (leftovers := find_leftovers(known)) and time.monotonic() < until:
        threading.Event().wait(0.2)
    nothing = Usage(0, 0, 0, 0)
    return Findings(started, done, left, find_damage(home / "stratloop.db"), leftovers, nothing, nothing, nothing, 0, ())


def _start(home: Path, seconds: float, rest: float, seed: int) -> subprocess.Popen[str]:
    command_line = [sys.executable, "-m", "tests.soak.worker", str(home), str(seconds), str(rest), str(seed)]
    return subprocess.Popen(command_line, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def _use_terminal(home: Path) -> None:
    environment = {**os.environ, "STRATLOOP_HOME": str(home)}
    subprocess.run([sys.executable, "-m", "core.cli", "runs", "--json"], cwd=ROOT, env=environment, capture_output=True, check=False)


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def measure(home: Path, roots: list[int]) -> Usage:
    """Measure processes, all below them included, and the history's size."""
    pids = [each for root in roots for each in (root, *descendants(root))]
    memory = sum(map(_read_memory, pids))
    files = sum(map(_count_descriptors, pids))
    size = sum(map(_measure_file, home.glob("stratloop.db*")))
    return Usage(memory, files, len(pids), size)


def descendants(root: int) -> list[int]:
    """Processes below one, of every generation."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (text := _read(f"/proc/{entry.name}/stat")):
            parents.setdefault(int(text.rpartition(")")[2].split()[1]), []).append(int(entry.name))
    found, waiting = [], [root]
    while waiting:
        below = parents.get(waiting.pop(), [])
        found += below
        waiting += below
    return found


def identify(pid: int) -> Known:
    """Identify a process: its number alone is given to another one when the numbers begin anew."""
    fields = _read(f"/proc/{pid}/stat").rpartition(")")[2].split()
    return Known(pid, fields[19] if len(fields) > 19 else "")


def find_leftovers(known: set[Known]) -> tuple[int, ...]:
    """Find the processes of the sandbox that are still there."""
    return tuple(one.pid for one in known if one.began and identify(one.pid) == one and "core.sandbox" in command(one.pid))


def command(pid: int) -> str:
    """Command line of a process; empty when it is gone."""
    return _read(f"/proc/{pid}/cmdline").replace("\0", " ")


def _read_memory(pid: int) -> int:
    """Bytes of memory that a process uses, its part of shared pages included; 0 when it is gone."""
    return sum(1024 * int(line.split()[1]) for line in _read(f"/proc/{pid}/smaps_rollup").splitlines() if line.startswith("Pss:"))


def _measure_file(path: Path) -> int:
    """Bytes of a file; 0 when it is gone, as journals are once nobody writes."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _count_descriptors(pid: int) -> int:
    try:
        return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())
    except OSError:
        return 0


def _read(path: str) -> str:
    try:
        return Path(path).read_text(errors="replace")
    except OSError:
        return ""
