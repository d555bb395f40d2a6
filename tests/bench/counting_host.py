"""The application's sandbox, with its zygote and its barriers, in which every processor second of a request is counted."""

import contextlib
import os
import select
import socket
import threading
import time
from pathlib import Path

from core.domain.bars import Bars
from core.domain.isolation import Isolation
from core.sandbox.client import Host
from core.sandbox.frames import STEP
from core.sandbox.host import SocketConnection, WideHost, ZygoteHost
from core.sandbox.host_choice import measure_isolation
from core.sandbox.sandbox import Sandbox
from core.sandbox.shared_bars import SealedBars
from tests.attacks.arena import descendants
from tests.bench.counting_zygote import SECONDS

_CLOCK_OF_PROCESS = 2
"""In the number of a clock of Linux: the whole time of the process whose number it holds (CPUCLOCK_SCHED)."""


REPORT_SECONDS = 5.0
"""Longest time that a process which ended has for saying what it used."""


class _CountedConnection(SocketConnection):
    """A connection that, once closed, has added what a run's processes used."""

    host: "CountingHost"
    counted = False

    def close(self, *, done: bool = False) -> None:
        """End the run, and count."""
        if done and not self.counted:  # a run monitor that said everything ends by itself; at a hang-up it would leave its child uncounted
            with contextlib.suppress(EOFError):
                while True:
                    self.receive(1.0)
        super().close(done=done)
        if not self.counted:
            self.counted = True
            self.host.count()


class CountingHost(ZygoteHost):
    """A zygote whose run monitors are counted: each with its child, and the fork that made it."""

    def __init__(self) -> None:
        self._report, told = os.pipe()
        super().__init__(module="tests.bench.counting_zygote", passed=(told,))
        os.close(told)
        self._counting = threading.Lock()
        self.used = 0.0
        self.counted = set[int]()
        """Processes whose time is known, although they may not be gone yet."""
        self.begun = set[int]()
        """Processes that were seen and have not said what they used."""

    def open(self, bars: Bars | None, *, keep: bool = True, way: bytes = STEP) -> SocketConnection:
        """A counted connection to a fresh run monitor."""
        return self.watch(super().open(bars, keep=keep, way=way))

    def watch(self, plain: SocketConnection) -> SocketConnection:
        """Make a connection a counted one."""
        made = object.__new__(_CountedConnection)
        made.__dict__.update(plain.__dict__)
        made.host = self
        return made

    def _make_wide(self, greeting: bytes) -> WideHost:
        return _CountedWideHost(self._rest, greeting, self._sealed, self)

    def count(self) -> None:
        """Wait for the word of one run that ended, of whichever: what counts is the sum."""
        with self._counting:
            self._read_report(REPORT_SECONDS)

    def list_waiting(self) -> list[int]:
        """Take the word of every run that has ended, and list the processes of those that wait for the next."""
        with self._counting:
            while self._read_report(0.0):
                pass
            below = {pid: descendants(pid) for pid in list_children(self.pid) if pid not in self.counted}
            self.begun |= below.keys()
            ended = {pid for pid in self.begun if not below.get(pid)}  # nothing is below it: it is about to say what it used
            while ended - self.counted and self._read_report(REPORT_SECONDS):
                pass
            self.begun -= ended
            return [each for pid, others in below.items() if pid not in ended for each in (pid, *others)]

    def _read_report(self, seconds: float) -> bool:
        if not select.select([self._report], [], [], seconds)[0] or not (data := os.read(self._report, SECONDS.size)):
            return False
        used, pid = SECONDS.unpack(data)
        self.used += used
        self.counted.add(pid)
        return True

    def close(self) -> None:
        """End the zygote."""
        super().close()
        with contextlib.suppress(OSError):
            os.close(self._report)


class _CountedWideHost(WideHost):
    """The zygote with everything, whose run monitors are counted too."""

    def __init__(self, control: socket.socket, greeting: bytes, sealed: SealedBars, owner: CountingHost) -> None:
        super().__init__(control, greeting, sealed)
        self._owner = owner

    def open(self, bars: Bars | None, *, keep: bool = True, way: bytes = STEP) -> SocketConnection:
        """A counted connection to a fresh run monitor."""
        return self._owner.watch(super().open(bars, keep=keep, way=way))


class CountingSandbox(Sandbox):
    """The application's sandbox over a host that counts."""

    def __init__(self) -> None:
        super().__init__(allow_unisolated=True)
        self._looking = 0.0
        self.counting = CountingHost()
        self._found = measure_isolation(self.counting)

    def _choose(self) -> tuple[Host, Isolation]:
        return self.counting, self._found

    def processor_seconds(self) -> float:
        """Processor seconds of this process and of every request so far, in processes that ended and in those that wait for the next."""
        began = time.process_time()
        waiting = sum(map(_read_clock, self.counting.list_waiting()))
        self._looking += time.process_time() - began
        return time.process_time() - self._looking + self.counting.used + waiting


def list_children(pid: int) -> list[int]:
    """Living processes that a process started itself."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _read_clock(pid: int) -> float:
    """Processor seconds of a process; 0 when it is gone."""
    try:
        return time.clock_gettime((~pid << 3) | _CLOCK_OF_PROCESS)
    except OSError:
        return 0.0
