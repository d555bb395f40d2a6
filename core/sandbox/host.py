"""The application's end of the zygote: start it, ask it for supervisors, notice when it is gone. Linux only; no figures here."""

import array
import json
import os
import select
import socket
import subprocess
import threading
from collections.abc import Iterable

from core.domain.bars import Bars
from core.domain.errors import SandboxUnavailableError
from core.sandbox.frames import FrameBuffer, bars_to_bytes
from core.sandbox.handover import SealedBars, seal
from core.sandbox.interpreter import clean_environment, isolated_command
from core.sandbox.lockdown import ALL_LAYERS, Layer

START_SECONDS = 60.0


class SocketLine:
    """The application's end of one run."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._buffer = FrameBuffer(limit=1 << 31)
        self._poll = select.poll()
        self._poll.register(channel, select.POLLIN)

    def send(self, data: bytes) -> None:
        """Write to the supervisor. Raises OSError when it is gone."""
        self._channel.sendall(data)

    def receive(self, seconds: float) -> bytes | None:
        """The next frame's body, or None when `seconds` passed. Raises EOFError when the supervisor ended."""
        if (body := self._buffer.take()) is not None:
            return body
        if not self._poll.poll(seconds * 1000):
            return None
        try:
            data = self._channel.recv(1 << 20)
        except ConnectionResetError:
            raise EOFError from None
        if not data:
            raise EOFError
        self._buffer.feed(data)
        return self._buffer.take()

    def close(self, *, done: bool = False) -> None:
        """End the run: its supervisor and child are gone at once."""
        self._channel.close()


class ZygoteHost:
    """Keeps one zygote running and hands out lines to supervisors. Safe with several threads."""

    def __init__(self, layers: Iterable[Layer] = ALL_LAYERS) -> None:
        self._wanted = sorted(layers)
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self.layers: frozenset[Layer] = frozenset()
        """Layers in use, known once the zygote has started."""
        self._sealed = SealedBars()
        self.generation = 0
        """Counts the zygotes that were started."""

    @property
    def pid(self) -> int | None:
        """Process id of the zygote, None before the first start."""
        return self._process.pid if self._process else None

    def open(self, bars: Bars | None, *, keep: bool = True) -> SocketLine:
        """A line to a fresh supervisor that has the bars; `keep` them for the next. Starts or restarts the zygote as needed."""
        memory = None if bars is None else self._sealed.descriptor(bars) if keep else seal(bars_to_bytes(bars))
        ours, theirs = socket.socketpair()
        try:
            self._hand_over([theirs.fileno()] if memory is None else [theirs.fileno(), memory])
        except OSError:
            ours.close()
            raise EOFError from None
        finally:
            theirs.close()
            if memory is not None:
                os.close(memory)
        return SocketLine(ours)

    def close(self) -> None:
        """End the zygote and everything below it."""
        with self._lock:
            self._stop()
        self._sealed.close()

    def _hand_over(self, descriptors: list[int]) -> None:
        with self._lock:
            if self._process is None or self._process.poll() is not None:
                self._stop()
                self._start()
            assert self._control is not None
            self._control.sendmsg([b"run"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))])

    def _start(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        number = theirs.fileno()
        call = f"from core.sandbox.zygote import main; main({number}, {[str(layer) for layer in self._wanted]!r})"
        self._process = subprocess.Popen(
            isolated_command(call), env=clean_environment(), cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=None if "STRATLOOP_SANDBOX_DEBUG" in os.environ else subprocess.PIPE, pass_fds=[number], start_new_session=True,
        )  # fmt: skip
        theirs.close()
        self._control = ours
        ours.settimeout(START_SECONDS)
        try:
            greeting = ours.recv(4096)
        except OSError:
            greeting = b""
        if not greeting:
            raise SandboxUnavailableError("The sandbox could not be started.", hint=self._last_words())
        ours.settimeout(None)
        self.layers = frozenset(map(Layer, json.loads(greeting)["layers"]))
        self.generation += 1
        self._close_errors()

    def _last_words(self) -> str:
        process, self._process = self._process, None
        assert process is not None
        assert process.stderr is not None
        process.kill()
        words = process.stderr.read().decode(errors="replace").strip().splitlines()
        process.stderr.close()
        process.wait()
        return words[-1] if words else "It said nothing before it ended."

    def _close_errors(self) -> None:
        if self._process and self._process.stderr and "STRATLOOP_SANDBOX_DEBUG" not in os.environ:
            self._process.stderr.close()

    def _stop(self) -> None:
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
