"""Level 0: run monitors and workers as ordinary spawned processes, kept warm, for machines without fork or without isolation.

The application keeps a few run monitors; each of them keeps one worker ready, so that a run does not wait for imports. The
conversation and the figures are the same as on Linux; only what holds the worker in is weaker.
"""

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import IO, Any

from core.domain.backtest import BacktestPlan
from core.domain.bars import Bars
from core.sandbox.child_protocol import CapturedLog, ChildOverdueError, Exit, FloodError
from core.sandbox.client import START_SECONDS
from core.sandbox.frames import STEP, FrameBuffer, decode, encode_bars, pack
from core.sandbox.interpreter import clean_environment, isolated_command

_END = pack(b"")
"""Frame of a run monitor that is ready for the next run."""
_CHUNK = 1 << 16


class Process:
    """A spawned process with its standard streams as pipes, read by threads: works the same on every system."""

    def __init__(self, statement: str, *, own_session: bool, errors: bool) -> None:
        self._process = subprocess.Popen(
            isolated_command(statement),
            env=clean_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if errors else subprocess.DEVNULL,
            start_new_session=own_session,
        )
        self._group = own_session and hasattr(os, "killpg")
        self.received: queue.SimpleQueue[tuple[str, bytes]] = queue.SimpleQueue()
        """(`out` or `log`, bytes); empty bytes when that stream ended."""
        self._listen("out", self._process.stdout)
        if errors:
            self._listen("log", self._process.stderr)

    @property
    def alive(self) -> bool:
        """True while it runs."""
        return self._process.poll() is None

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    def write(self, data: bytes) -> None:
        """Write to its standard input. Raises OSError when it is gone."""
        assert self._process.stdin is not None
        self._process.stdin.write(data)
        self._process.stdin.flush()

    def kill(self) -> int:
        """End it (and what it started) and give its exit status; negative for a signal."""
        with contextlib.suppress(OSError):
            if self._group:
                os.killpg(self._process.pid, signal.SIGKILL)
            elif sys.platform == "win32":
                subprocess.run(["taskkill", "/F", "/T", "/PID", str(self.pid)], capture_output=True, check=False)
            self._process.kill()
        return self.wait()

    def wait(self, seconds: float | None = None) -> int:
        """Its exit status, once it ended. Raises subprocess.TimeoutExpired."""
        code = self._process.wait(seconds)
        with contextlib.suppress(OSError):
            assert self._process.stdin is not None
            self._process.stdin.close()
        return code

    def _listen(self, name: str, stream: IO[bytes] | None) -> None:
        assert stream is not None

        def read() -> None:
            with stream:
                while data := os.read(stream.fileno(), _CHUNK):
                    self.received.put((name, data))
            self.received.put((name, b""))

        threading.Thread(target=read, daemon=True, name=f"sandbox-{name}").start()


class SpawnedChild:
    """The run monitor's end of a worker."""

    def __init__(self, process: Process, log_bytes: int) -> None:
        self._process = process
        self._buffer = FrameBuffer()
        self.log = CapturedLog(log_bytes)

    def wait_until_ready(self) -> None:
        """Wait for a worker that is still importing. Raises EOFError when it ended instead, ChildOverdueError when it takes for ever."""
        if self.receive(time.monotonic() + START_SECONDS) is None:
            raise EOFError
        self.log = CapturedLog(self.log.keep)  # what the libraries said while they were imported is nobody's log

    def send(self, data: bytes, deadline: float) -> None:
        """Write to the worker; one that is gone is noticed by the next `receive`, one that does not read by the application."""
        with contextlib.suppress(OSError):
            self._process.write(data)

    def receive(self, deadline: float) -> bytes | None:
        """The next frame's body; None when the worker ended. Raises ChildOverdueError, FloodError, FrameError."""
        while (body := self._buffer.take()) is None:
            try:
                name, data = self._process.received.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise ChildOverdueError from None
            if name == "log":
                self.log.add(data)
            elif data:
                self._buffer.feed(data)
            else:
                return None
        return body

    def release(self) -> None:
        """End a worker that has said everything."""
        self.stop()

    def stop(self, *, patience: float = 0.0) -> Exit:
        """End the worker, read the rest of its log, say how it ended."""
        killed = False
        try:
            code = self._process.wait(patience)
        except subprocess.TimeoutExpired:
            code, killed = self._process.kill(), True
        with contextlib.suppress(queue.Empty, FloodError):
            while True:
                name, data = self._process.received.get(timeout=0.2)
                if name == "log" and not data:
                    break
                self.log.add(data if name == "log" else b"")
        return Exit(code=code, killed=killed)


def supervise(kernel: bool, starter: int) -> None:
    """Be a run monitor process: serve one run after the other until the application, the process `starter`, closes the pipe or is gone."""
    from core.sandbox import preload, process_limits
    from core.sandbox.child import read_frame, write_all
    from core.sandbox.worker import take_standard_streams

    pipes = take_standard_streams()
    process_limits.end_with_parent(starter)
    workers = _Workers(kernel)
    preload.import_usual()
    try:
        while True:
            request, private, bars = decode(read_frame(pipes.job)), decode(read_frame(pipes.job)), read_frame(pipes.job)
            _serve(request, private, bars, workers, lambda answer: write_all(pipes.out, answer))
            write_all(pipes.out, _END)
    except (EOFError, OSError):
        workers.spare.kill()


def _serve(request: dict[str, Any], private: dict[str, Any], bars: bytes, workers: "_Workers", answer: Callable[[bytes], object]) -> None:
    from core.sandbox.run_monitor import RunResources, serve_request

    limits = BacktestPlan.model_validate(request["plan"]).limits
    worker = workers.take()
    try:
        child = SpawnedChild(worker, limits.log_bytes)
        child.wait_until_ready()
        resources = RunResources(lambda: child, lambda: private, lambda: bars, bars_by_pipe=True)
        serve_request(request, resources, answer, time.monotonic())
    finally:
        worker.kill()


class _Workers:
    """One worker is always on its way or ready; it is replaced when it is taken."""

    def __init__(self, kernel: bool) -> None:
        self._statement = f"from core.sandbox.worker import main; main({kernel}, {os.getpid()})"
        self.spare = self._start()

    def take(self) -> Process:
        taken, self.spare = self.spare, self._start()
        return taken

    def _start(self) -> Process:
        return Process(self._statement, own_session=False, errors=True)


class PipeConnection:
    """The application's end of one run through a run monitor process."""

    def __init__(self, process: Process, bars: bytes, give_back: Callable[[Process], None]) -> None:
        self._process = process
        self._bars = bars
        self._give_back = give_back
        self._buffer = FrameBuffer(limit=1 << 31)

    def send(self, data: bytes) -> None:
        """Write the request, and the bars with it. Raises OSError when the run monitor is gone."""
        self._process.write(data + pack(self._bars))

    def receive(self, seconds: float) -> bytes | None:
        """The next frame's body, or None when `seconds` passed. Raises EOFError when the run monitor ended."""
        if (body := self._buffer.take()) is not None:
            return body
        try:
            _, data = self._process.received.get(timeout=seconds)
        except queue.Empty:
            return None
        if not data:
            raise EOFError
        self._buffer.feed(data)
        return self._buffer.take()

    def close(self, *, done: bool = False) -> None:
        """Give the run monitor back when it is done with the run, else end it together with its worker."""
        if done and self._ready():
            self._give_back(self._process)
        else:
            self._process.kill()

    def _ready(self) -> bool:
        limit = time.monotonic() + 1.0
        try:
            while time.monotonic() < limit:
                if self.receive(0.05) == b"":
                    return True
        except EOFError:
            return False
        return False


class SpawnedHost:
    """Keeps run monitor processes and hands out connections to them. Safe with several threads."""

    alive = True
    """Always: processes are started when a run needs one, and nothing is measured of them."""

    def __init__(self, *, kernel: bool) -> None:
        self._kernel = kernel
        self._lock = threading.Lock()
        self._idle: list[Process] = []
        self._all: list[Process] = []

    one_pass = False
    """Never: nothing would stand around a proved program here."""

    def open(self, bars: Bars | None, *, keep: bool = True, way: bytes = STEP) -> PipeConnection:
        """A connection to a run monitor, a warm one if there is one."""
        with self._lock:
            self._all = [process for process in self._all if process.alive]
            self._idle = [process for process in self._idle if process.alive]
            process = self._idle.pop() if self._idle else self._start()
        return PipeConnection(process, b"" if bars is None else encode_bars(bars), self._take_back)

    def widen(self) -> "SpawnedHost":
        """Give itself: its workers have everything."""
        return self

    def close(self) -> None:
        """End every process."""
        with self._lock:
            for process in self._all:
                process.kill()
            self._all, self._idle = [], []

    def _start(self) -> Process:
        statement = f"from core.sandbox.spawned import supervise; supervise({self._kernel}, {os.getpid()})"
        process = Process(statement, own_session=True, errors=False)
        self._all.append(process)
        return process

    def _take_back(self, process: Process) -> None:
        with self._lock:
            self._idle.append(process)
