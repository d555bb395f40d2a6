"""A child made by fork (Linux): how it is born with nothing but four pipes, how the run monitor reads from it, how it ends.

What runs inside is `child`; which barriers stand around it is `lockdown`. This file only moves bytes and descriptors.
"""

import contextlib
import ctypes
import fcntl
import os
import select
import signal
import time
from collections.abc import Callable
from typing import NoReturn

from core.sandbox import lockdown
from core.sandbox.child_protocol import NEXT_BAR_REQUEST, CapturedLog, ChildOverdueError, Exit, FloodError
from core.sandbox.frames import FrameBuffer, pack
from core.sandbox.lockdown import Layer

LOG, ORDERS, JOB, BARS = 1, 3, 4, 5
"""Descriptors of a child: prints (1 and 2), frames out, job and bars in, and in fast mode the sealed memory with all bars."""
_NEXT_BAR_FRAME = pack(NEXT_BAR_REQUEST)
_LARGEST_READ = 1 << 18
_QUIET_BYTES = 1 << 14
"""Printed between two looks of the timer: up to this it is enough that the timer reads it."""
_PAUSE_MILLISECONDS = 20
"""A child that printed nothing for so long is left to the timer again."""
_USUAL_READ = 1 << 14
"""Enough for most that a child says at once; a larger buffer is mapped and cleared anew by the kernel on every bar."""


class ForkedChild:
    """The run monitor's end of a child."""

    def __init__(self, body: Callable[[], None], *, layers: frozenset[Layer], bars: int | None, log_bytes: int) -> None:
        """Fork; the child runs `body` with its descriptors in place. `bars` is the memory to hand over, None in lock-step."""
        log, orders, job = os.pipe(), os.pipe(), os.pipe()
        if Layer.NAMESPACES in layers:
            lockdown.enter_process_namespace()
        self.pid = os.fork()
        if self.pid == 0:
            _become_child(body, log[1], orders[1], job[0], bars)
        for descriptor in (log[1], orders[1], job[0]):
            os.close(descriptor)
        if Layer.CAPABILITIES in layers:
            lockdown.drop_capabilities()
        self.log = CapturedLog(log_bytes)
        self._reaped = False
        self._log, self._orders, self._job = log[0], orders[0], job[1]
        os.set_blocking(self._log, False)
        os.set_blocking(self._job, False)
        self._buffer = FrameBuffer()
        self._poll = select.poll()
        self._poll.register(self._orders, select.POLLIN)
        self._poll.register(self._log, select.POLLIN)
        self._log_open = True
        self._partial = False
        """True when the buffer may hold something."""
        self._looked_after = self._waits = False
        self._deadline = 0.0

    def send(self, data: bytes, deadline: float) -> None:
        """Write to the child; one that is gone is noticed by the next `receive`. Raises ChildOverdueError for one that does not read."""
        written = 0
        while written < len(data):
            try:
                written += os.write(self._job, memoryview(data)[written:] if written else data)
            except BlockingIOError:
                self._wait_for_room(deadline)
            except BrokenPipeError:
                return

    def _wait_for_room(self, deadline: float) -> None:
        room = select.poll()
        room.register(self._job, select.POLLOUT)
        if not room.poll(max(0.0, deadline - time.monotonic()) * 1000):
            raise ChildOverdueError

    def receive(self, deadline: float) -> bytes | None:
        """The next frame's body; None when the child ended. Raises ChildOverdueError, FloodError, FrameError."""
        while True:
            if self._partial and (body := self._buffer.take()) is not None:
                return body
            if self._looked_after:
                self._deadline, self._waits = deadline, True
                try:
                    data: bytes | None = os.read(self._orders, _USUAL_READ)
                finally:
                    self._waits = False
            else:
                data = self._poll_for_data(deadline)
            if data is None:
                continue
            if not data:
                return None
            self._partial = self._buffer.pending > 0
            if data == _NEXT_BAR_FRAME and not self._partial:
                return NEXT_BAR_REQUEST  # by far the most frequent word, kept out of the buffer
            self._buffer.feed(data)
            self._partial = True

    def look_after(self) -> Callable[[], None]:
        """Let a timer look after the log and the deadline from now on; gives what it has to call, many times a second.

        A read may then simply wait: one call of the system less on every bar.
        """
        self._looked_after = True
        return self._look

    def _look(self) -> None:
        if not self._waits:
            return
        self._waits = False  # what is raised here is raised once, however late the read that waits hears of it
        if time.monotonic() > self._deadline:
            raise ChildOverdueError
        if self._log_open:
            before = self.log.total
            self._read_log()
            if self.log.total - before >= _QUIET_BYTES:
                self._looked_after = False  # who prints much would wait for the timer with a full pipe
                self._read_flood()
        self._waits = True

    def _read_flood(self) -> None:
        """Read what a child prints, as fast as it does, until it says something else or prints no more for a moment.

        The read that waits for its frames goes on after that: what it got could not be told from here.
        """
        while self._log_open and [self._log] == [descriptor for descriptor, _ in self._poll.poll(_PAUSE_MILLISECONDS)]:
            self._read_log()
            if time.monotonic() > self._deadline:
                raise ChildOverdueError

    def _poll_for_data(self, deadline: float) -> bytes | None:
        """Read what comes next from the child; None when it was a print, or time is left to wait again."""
        left = deadline - time.monotonic()
        if left <= 0:
            raise ChildOverdueError
        found = [descriptor for descriptor, _ in self._poll.poll(left * 1000)]
        if self._log in found:
            self._read_log()
        return os.read(self._orders, _USUAL_READ) if self._orders in found else None

    def release(self) -> None:
        """End a child that has said everything, without waiting for it: whoever forked it reaps it later."""
        self.kill()
        self._close()

    def stop(self, *, patience: float = 0.0) -> Exit:
        """End the child (after `patience` seconds in which it may end by itself), read the rest of its log, say how it ended."""
        limit = time.monotonic() + patience
        pid, status, usage = os.wait4(self.pid, os.WNOHANG)
        while not pid and time.monotonic() < limit:
            time.sleep(0.001)
            pid, status, usage = os.wait4(self.pid, os.WNOHANG)
        if not pid:
            self.kill()
            _, status, usage = os.wait4(self.pid, 0)
        self._reaped = True
        self._close()
        return Exit(code=os.waitstatus_to_exitcode(status), cpu_seconds=usage.ru_utime + usage.ru_stime, killed=not pid)

    def kill(self) -> None:
        """End the child at once, unless it is known to have ended; from any thread."""
        if not self._reaped:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)

    def _close(self) -> None:
        with contextlib.suppress(FloodError):
            self._read_log()
        for descriptor in (self._log, self._orders, self._job):
            os.close(descriptor)

    def _read_log(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while data := os.read(self._log, _LARGEST_READ):
                self.log.add(data)
            if self._log_open:
                self._poll.unregister(self._log)
                self._log_open = False


def pin_to_processor() -> None:
    """Pin this process, and the child that it forks, to the processor on which it runs now.

    In lock-step the two work by turns and never compute at the same time; waking a process on another processor takes several times as
    long as the whole exchange. A fork starts on the processor that has least to do, so runs that go on side by side stay apart.
    """
    with contextlib.suppress(OSError, AttributeError):  # not every libc tells, and a container may forbid it: then it is only slower
        number = ctypes.CDLL(None).sched_getcpu()
        if number >= 0:
            os.sched_setaffinity(0, {number})


def _become_child(body: Callable[[], None], log: int, orders: int, job: int, bars: int | None) -> NoReturn:
    """Give the four descriptors their numbers, close every other one, run the body, and leave without any clean-up code."""
    status = 1
    try:
        lockdown.die_with_parent()
        sources = [(log, LOG), (log, 2), (orders, ORDERS), (job, JOB)]
        if bars is not None:
            sources.append((bars, BARS))
        moved = [(fcntl.fcntl(source, fcntl.F_DUPFD, 64), target) for source, target in sources]
        for source, target in moved:
            os.dup2(source, target)
        os.closerange(max(target for _, target in moved) + 1, os.sysconf("SC_OPEN_MAX"))
        os.close(0)
        body()
        status = 0
    except BaseException as error:  # noqa: BLE001 - entry point of the child: whatever went wrong is told on the log, then the process ends
        with contextlib.suppress(BaseException):
            os.write(LOG, f"{type(error).__name__}\n".encode())
    finally:
        os._exit(status)
