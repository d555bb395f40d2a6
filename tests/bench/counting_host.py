"""The application's sandbox, with its zygote and its barriers, in which every processor second of a request is counted."""

import contextlib
import os
import threading
import time

from core.domain.bars import Bars
from core.domain.isolation import Isolation
from core.sandbox.client import Host
from core.sandbox.frames import STEP
from core.sandbox.host import SocketConnection, ZygoteHost, start_zygote
from core.sandbox.host_choice import measure_isolation
from core.sandbox.lockdown import ALL_LAYERS
from core.sandbox.sandbox import Sandbox
from core.sandbox.shared_bars import SealedBars
from tests.bench.counting_zygote import SECONDS


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
        self._lock = threading.Lock()
        self._sealed = SealedBars()
        self._report, told = os.pipe()
        self._process, self._control = start_zygote("tests.bench.counting_zygote", sorted(ALL_LAYERS), True, told)
        os.close(told)
        self._counting = threading.Lock()
        self.used = 0.0

    def open(self, bars: Bars | None, *, keep: bool = True, way: bytes = STEP) -> SocketConnection:
        """A counted connection to a fresh run monitor."""
        plain = super().open(bars, keep=keep, way=way)
        made = object.__new__(_CountedConnection)
        made.__dict__.update(plain.__dict__)
        made.host = self
        return made

    def count(self) -> None:
        """Wait for the word of one run that ended, of whichever: what counts is the sum."""
        with self._counting:
            data = os.read(self._report, SECONDS.size)
            self.used += SECONDS.unpack(data)[0] if data else 0.0

    def close(self) -> None:
        """End the zygote."""
        super().close()
        with contextlib.suppress(OSError):
            os.close(self._report)


class CountingSandbox(Sandbox):
    """The application's sandbox over a host that counts."""

    def __init__(self) -> None:
        super().__init__(allow_unisolated=True)
        self.counting = CountingHost()
        self._found = measure_isolation(self.counting)

    def _choose(self) -> tuple[Host, Isolation]:
        return self.counting, self._found

    def processor_seconds(self) -> float:
        """Processor seconds of this process and of every request so far."""
        return time.process_time() + self.counting.used
