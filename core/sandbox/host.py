"""The application's end of the zygotes: start them, ask one for run monitors, notice when it is gone. Linux only; no figures here."""

import array
import contextlib
import os
import select
import socket
import subprocess
import threading
from collections.abc import Iterable

from core.domain.bars import Bars
from core.domain.errors import SandboxUnavailableError
from core.sandbox.frames import STEP, FrameBuffer, encode_bars
from core.sandbox.interpreter import clean_environment, isolated_command
from core.sandbox.lockdown import ALL_LAYERS, Layer
from core.sandbox.shared_bars import SealedBars, seal

START_SECONDS = 60.0


class SocketConnection:
    """The application's end of one run."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._buffer = FrameBuffer(limit=1 << 31)
        self._poll = select.poll()
        self._poll.register(channel, select.POLLIN)

    def send(self, data: bytes) -> None:
        """Write to the run monitor. Raises OSError when it is gone."""
        self._channel.sendall(data)

    def receive(self, seconds: float) -> bytes | None:
        """The next frame's body, or None when `seconds` passed. Raises EOFError when the run monitor ended."""
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
        """End the run: its run monitor and child are gone at once."""
        self._channel.close()


class _Zygote:
    """One of the two zygotes, and the connections to its run monitors. Safe with several threads."""

    one_pass = True

    def __init__(self, control: socket.socket, greeting: bytes, sealed: SealedBars) -> None:
        """`greeting` is what it said when it was ready: its process id."""
        self._control, self._sealed = control, sealed
        self.pid = int(greeting)
        """Process id of the zygote."""
        self._sending = threading.Lock()

    @property
    def alive(self) -> bool:
        """True while the zygote runs."""
        hangup = select.poll()  # one for each look: two threads may not look with the same one
        if self._control.fileno() >= 0:
            hangup.register(self._control, select.POLLRDHUP)
            return not hangup.poll(0)
        return False

    def open(self, bars: Bars | None, *, keep: bool = True, way: bytes = STEP) -> SocketConnection:
        """A connection to a fresh run monitor that has the bars; `keep` them for the next. Raises EOFError when the zygote is gone."""
        memory = None if bars is None else self._sealed.descriptor(bars) if keep else seal(encode_bars(bars))
        ours, theirs = socket.socketpair()
        try:
            self._hand_over([theirs.fileno()] if memory is None else [theirs.fileno(), memory], way)
        except OSError:
            ours.close()
            raise EOFError from None
        finally:
            theirs.close()
            if memory is not None:
                os.close(memory)
        return SocketConnection(ours)

    def close(self) -> None:
        """Let the zygote end, and everything below it."""
        with self._sending:
            self._control.close()

    def _hand_over(self, descriptors: list[int], method: bytes) -> None:
        with self._sending:
            self._control.sendmsg([method], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))])


class WideHost(_Zygote):
    """The zygote that has everything which programs may import."""

    def widen(self) -> "WideHost":
        """Give itself: there is nothing wider."""
        return self


class ZygoteHost(_Zygote):
    """The zygote that has what most programs need. The other one starts when it is asked for, and both end together."""

    def __init__(self, layers: Iterable[Layer] = ALL_LAYERS, *, module: str = "core.sandbox.zygote", passed: tuple[int, ...] = ()) -> None:
        """Start it; `module` has its `main`, which also gets the descriptors that are passed. Raises SandboxUnavailableError."""
        usual, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._rest, rest = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._process = _start_process(module, (theirs, rest), sorted(layers), passed)
        self._widening = threading.Lock()
        self._wide: WideHost | None = None
        super().__init__(usual, self._receive_greeting(usual), SealedBars())

    @property
    def alive(self) -> bool:
        """True while the zygote runs, and the process that everything hangs on."""
        return self._process.poll() is None and super().alive

    def widen(self) -> WideHost:
        """The zygote that has everything; it is started when there is none. Raises SandboxUnavailableError when it cannot be."""
        with self._widening:
            if self._process.poll() is not None:
                raise SandboxUnavailableError("The sandbox was closed while a run was going on.")
            if self._wide is None:
                with contextlib.suppress(OSError):
                    self._rest.send(b"go on")
                self._wide = self._make_wide(self._receive_greeting(self._rest))
            return self._wide

    def _make_wide(self, greeting: bytes) -> WideHost:
        return WideHost(self._rest, greeting, self._sealed)

    def _receive_greeting(self, control: socket.socket) -> bytes:
        """Wait until a zygote says that it is ready. Raises SandboxUnavailableError with its last words, and everything has ended then."""
        control.settimeout(START_SECONDS)
        try:
            greeting = control.recv(64)
        except OSError:
            greeting = b""
        if not greeting:
            self._process.kill()
            assert self._process.stderr is not None
            words = self._process.stderr.read().decode(errors="replace").strip().splitlines()
            self._process.wait()
            control.close()
            raise SandboxUnavailableError("The sandbox could not be started.", hint=words[-1] if words else "It said nothing.")
        control.settimeout(None)
        return greeting

    def close(self) -> None:
        """End both zygotes and everything below them."""
        super().close()
        self._process.kill()
        self._process.wait()
        with self._widening:
            self._rest.close()
        if self._process.stderr is not None:
            self._process.stderr.close()
        self._sealed.close()


def _start_process(
    module: str, theirs: tuple[socket.socket, socket.socket], layers: list[Layer], passed: tuple[int, ...]
) -> subprocess.Popen[bytes]:
    """Start the process of which both zygotes are made, with its ends of their sockets, which are closed here."""
    wanted = [str(layer) for layer in layers]
    numbers = [one.fileno() for one in theirs]
    # what it imports is compiled once, not at each start, and nothing of it is garbage; it puts both back before it serves
    call = (
        "import gc; gc.disable(); sys.dont_write_bytecode = False; "
        f"from {module} import main; main({numbers[0]}, {numbers[1]}, {wanted!r}, *{passed!r})"
    )
    process = subprocess.Popen(
        isolated_command(call), env=clean_environment(), cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, pass_fds=[*numbers, *passed], start_new_session=True,
    )  # fmt: skip
    for one in theirs:
        one.close()
    return process
