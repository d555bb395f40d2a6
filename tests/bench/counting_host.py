"""A sandbox whose run monitors are forked from the benchmark itself, so that every processor second of a request is counted.

The same code as behind the zygote runs in the same processes; only the kernel's barriers are left out, which cost next to nothing.
"""

import contextlib
import gc
import os
import socket
import threading
import time

from core.domain.bars import Bars
from core.domain.isolation import Isolation
from core.sandbox.client import Host
from core.sandbox.frames import STEP, encode_bars
from core.sandbox.host import SocketConnection
from core.sandbox.preload import import_everything
from core.sandbox.sandbox import Sandbox
from core.sandbox.shared_bars import SealedBars, seal
from core.sandbox.zygote import _supervise


def _wait_for_children() -> None:
    """Wait for what the run monitor started: the processor time of a child counts once somebody has waited for it."""
    with contextlib.suppress(ChildProcessError):
        while True:
            os.wait()


class _CountedConnection(SocketConnection):
    """A connection that, once closed, has added what its processes used."""

    def __init__(self, channel: socket.socket, pid: int, host: "CountingHost") -> None:
        super().__init__(channel)
        self._pid, self._host = pid, host

    def close(self, *, done: bool = False) -> None:
        """End the run, and count. A run monitor that said everything ends by itself; at a hang-up it would leave its child uncounted."""
        if done:
            self._count()
        super().close(done=done)
        self._count()

    def _count(self) -> None:
        if self._pid:
            usage = os.wait4(self._pid, 0)[2]
            self._pid = 0
            self._host.add(usage.ru_utime + usage.ru_stime)


class CountingHost:
    """Forks a run monitor for each request, as the zygote does, and counts the processor seconds of it and of its child."""

    alive = one_pass = True

    def __init__(self) -> None:
        import_everything()
        gc.collect()
        gc.freeze()  # as the zygote does: what was there before the fork is not looked at again in each process
        self._lock = threading.Lock()
        self._sealed = SealedBars()
        self.used = 0.0

    def add(self, seconds: float) -> None:
        """Count what a request's processes used."""
        with self._lock:
            self.used += seconds

    def open(self, bars: Bars | None, *, keep: bool = True, way: bytes = STEP) -> _CountedConnection:
        """A connection to a fresh run monitor."""
        memory = None if bars is None else self._sealed.descriptor(bars) if keep else seal(encode_bars(bars))
        ours, theirs = socket.socketpair()
        with self._lock:  # two threads that fork at once are refused by a package that guards its locks
            pid = os.fork()
        if pid == 0:
            status = 1
            try:
                ours.close()
                _supervise(theirs, memory, way=way, layers=frozenset(), address_space=1 << 40)
                status = 0
            finally:
                _wait_for_children()
                os._exit(status)
        theirs.close()
        if memory is not None:
            os.close(memory)
        return _CountedConnection(ours, pid, self)

    def close(self) -> None:
        """Drop the bars."""
        self._sealed.close()


class CountingSandbox(Sandbox):
    """The application's sandbox over a host that counts."""

    def __init__(self) -> None:
        super().__init__(allow_unisolated=True)
        self.counting = CountingHost()

    def _choose(self) -> tuple[Host, Isolation]:
        return self.counting, Isolation(level=0)

    def processor_seconds(self) -> float:
        """Processor seconds of this process and of every request so far."""
        return time.process_time() + self.counting.used
