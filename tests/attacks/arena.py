"""Where attacks are let loose: things worth stealing, doors worth knocking at, and the check whether anything got out.

A payload is contained when neither the canary's text nor `ESCAPED` came back, no listener was reached, the folder is empty, the canary
is unchanged, the run ended in time, and no process is left over.
"""

import contextlib
import os
import select
import socket
import stat
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np

from core.domain.backtest import BacktestPlan, Limits, Method, Outcome, OutcomeStatus
from core.domain.bars import Bars
from core.domain.instrument import Instrument, Timeframe
from core.sandbox import Sandbox

CANARY = "canary-7f3a91-do-not-leak"
KEYS = {"OPENAI_API_KEY": "sk-canary-5d81c2", "ANTHROPIC_API_KEY": "sk-ant-canary-90ee47"}
WALL_SECONDS = 2.0
BRIEF = BacktestPlan(limits=Limits(wall_seconds=WALL_SECONDS, cpu_seconds=3, memory_mb=256), method=Method.LOCK_STEP)
"""For payloads, of which some wait for what never comes."""
HASTY = BRIEF.changed(limits=BRIEF.limits.changed(wall_seconds=WALL_SECONDS / 2))
"""For what will not end before its limit, however long that is."""
PATIENCE = 180.0
"""Seconds in which what other processes bring about has happened on any machine, whatever else it does."""
PLAN = BRIEF.changed(limits=BRIEF.limits.changed(wall_seconds=30.0))
"""For programs that come to their end."""
STATUS = OutcomeStatus
ENDS = {
    "timeout": {STATUS.TIMEOUT, STATUS.CPU_LIMIT, STATUS.MEMORY, STATUS.ERROR, STATUS.DIED},
    "memory": {STATUS.MEMORY, STATUS.TIMEOUT, STATUS.CPU_LIMIT, STATUS.DIED},
}
"""How payloads that use things up may end; never with figures."""
HONEST = """
import backtrader as bt


class Honest(bt.Strategy):
    def next(self):
        if len(self) == 5:
            self.buy(size=10)
"""


def sample_bars(count: int = 120, *, seed: int = 7, changed_after: int | None = None) -> Bars:
    """A seeded random walk; with `changed_after`, every later bar is another one."""
    noise = np.random.default_rng(seed).normal(0.0, 0.01, (3, count))
    if changed_after is not None:
        noise[:, changed_after + 1 :] = np.random.default_rng(seed + 1).normal(0.0, 0.02, (3, count - changed_after - 1))
    close = 100.0 * np.exp(np.cumsum(noise[0]))
    opened = close * (1.0 + noise[1] / 3.0)
    high = np.maximum(opened, close) * (1.0 + abs(noise[2]) / 3.0)
    low = np.minimum(opened, close) * (1.0 - abs(noise[2]) / 3.0)
    days = np.datetime64("2018-01-01", "s") + np.arange(count) * np.timedelta64(86_400, "s")
    return Bars(
        instrument=Instrument(symbol="TEST"),
        timeframe=Timeframe.D1,
        time=days,
        open=opened,
        high=high,
        low=low,
        close=close,
        volume=np.full(count, 10_000.0),
    )


class Ungated(Sandbox):
    """The sandbox without its gate: what gets past the gate has to be held by the barriers alone."""

    _gate = False


@dataclass(frozen=True)
class Payload:
    """One hostile strategy."""

    id: str
    category: str
    code: str
    expect: str
    note: str = ""


class Arena:
    """Canaries and listeners; a context manager."""

    def __init__(self, folder: Path) -> None:
        self.open_folder = folder / "open"
        self.open_folder.mkdir(mode=0o777)
        self.open_folder.chmod(0o777)
        self.secret = folder / "secret.txt"
        self.secret.write_text(CANARY)
        self.secret.chmod(0o644)
        self._state = self._secret_state()
        self._tcp = socket.create_server(("127.0.0.1", 0))
        self.port = self._tcp.getsockname()[1]
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._udp.bind(("127.0.0.1", self.port))
        self.abstract = f"stratloop-test-{os.getpid()}-{self.port}"
        self._unix = socket.socket(socket.AF_UNIX)
        self._unix.bind("\0" + self.abstract)
        self._unix.listen()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        for listener in (self._tcp, self._udp, self._unix):
            listener.close()

    def fill(self, code: str) -> str:
        """The payload's code with this arena's addresses in it."""
        places = {"SECRET": str(self.secret), "WDIR": str(self.open_folder), "PORT": str(self.port), "ABSTRACT": self.abstract}
        for name, value in places.items():
            code = code.replace(f"@@{name}@@", value)
        return code

    def breaches(self) -> list[str]:
        """What can be seen from outside: listeners reached, files made, canary touched. Knocks are answered, so each counts once."""
        found = [f"listener {name} reached" for name in self._knocks()]
        found += [f"file {path.name} made" for path in self.open_folder.iterdir()]
        if self._secret_state() != self._state:
            found.append("canary changed")
        return found

    def _knocks(self) -> list[str]:
        names = {self._tcp: "tcp", self._udp: "udp", self._unix: "abstract"}
        ready = select.select(list(names), [], [], 0)[0]
        for listener in ready:
            with contextlib.suppress(OSError):
                listener.recv(1) if listener is self._udp else listener.accept()[0].close()
        return [names[listener] for listener in ready]

    def _secret_state(self) -> tuple[str, int, int]:
        if not self.secret.exists():
            return "", 0, 0
        status = self.secret.stat()
        return self.secret.read_text(), stat.S_IMODE(status.st_mode), status.st_uid


def leaks(outcome: Outcome) -> list[str]:
    """Words in anything that came back which must not be there."""
    said = "\n".join([outcome.log, *outcome.notes, outcome.certificate.checked, str(outcome.error)])
    return [f"came back: {word}" for word in ("ESCAPED", CANARY, *KEYS.values()) if word in said]


def run(sandbox: Sandbox, code: str, plan: BacktestPlan = PLAN, bars: Bars | None = None) -> tuple[Outcome, float]:
    """The outcome and how many seconds it took."""
    started = time.monotonic()
    outcome = sandbox.run(code, plan, sample_bars() if bars is None else bars, cancel=threading.Event())
    return outcome, time.monotonic() - started


def descendants(pid: int) -> list[int]:
    """Living processes below `pid`."""
    parents = dict(_processes())
    found = [pid]
    for known in found:
        found += [child for child, parent in parents.items() if parent == known]
    return found[1:]


def alive(pid: int) -> bool:
    """Whether a process exists and is more than an entry that waits to be reaped."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):  # gone before it was looked for, or between opening and reading
        return False


def wait_for_pair(zygote: int, *, other_than: int = 0) -> tuple[int, int]:
    """Wait for the run monitor and the child of a run that goes on below a zygote, both seen at once; another one than was killed."""
    assert zygote > 0, "there is no zygote"
    limit = time.monotonic() + PATIENCE
    while True:
        parents = dict(_processes())
        for child, monitor in parents.items():
            if parents.get(monitor) == zygote and monitor != other_than:
                return monitor, child
        assert time.monotonic() < limit, "no run goes on"
        time.sleep(0.01)


def until(condition: Callable[[], bool], seconds: float = PATIENCE) -> bool:
    """Whether the condition came true in time; a process that was ended takes a moment to be gone."""
    limit = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > limit:
            return False
        time.sleep(0.01)
    return True


def _processes() -> Iterator[tuple[int, int]]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                if fields[0] != "Z":
                    yield int(entry.name), int(fields[1])
