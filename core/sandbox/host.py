"""The application's end of the zygote: start it, ask it for run monitors, notice when it is gone. Linux only; no figures here."""

import array
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


class ZygoteHost:
    """One zygote, from start to end, and the connections to its run monitors. Safe with several threads."""

    def __init__(self, layers: Iterable[Layer] = ALL_LAYERS, *, everything: bool = True) -> None:
        """Start it, with everything that programs may import or only what most need. Raises SandboxUnavailableError when that fails."""
        self._lock = threading.Lock()
        self._sealed = SealedBars()
        self._process, self._control = start_zygote("core.sandbox.zygote", sorted(layers), everything)

    @property
    def pid(self) -> int:
        """Process id of the zygote."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """True while the zygote runs."""
        return self._process.poll() is None

    one_pass = True

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
        """End the zygote and everything below it."""
        with self._lock:
            self._control.close()
            self._process.kill()
            self._process.wait()
        self._sealed.close()

    def _hand_over(self, descriptors: list[int], method: bytes) -> None:
        with self._lock:
            self._control.sendmsg([method], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))])


def start_zygote(module: str, layers: list[Layer], everything: bool, *passed: int) -> tuple[subprocess.Popen[bytes], socket.socket]:
    """A zygote that has said it is ready, and the socket to it; `module` has its `main`, which also gets the descriptors that are passed.

    Raises SandboxUnavailableError with its last words.
    """
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    wanted = [str(layer) for layer in layers]
    # what it imports is compiled once, not at each start, and nothing of it is garbage; it puts both back before it serves
    call = (
        "import gc; gc.disable(); sys.dont_write_bytecode = False; "
        f"from {module} import main; main({theirs.fileno()}, {wanted!r}, {everything}, *{passed!r})"
    )
    process = subprocess.Popen(
        isolated_command(call), env=clean_environment(), cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, pass_fds=[theirs.fileno(), *passed], start_new_session=True,
    )  # fmt: skip
    theirs.close()
    ours.settimeout(START_SECONDS)
    try:
        greeting = ours.recv(64)
    except OSError:
        greeting = b""
    assert process.stderr is not None
    with process.stderr as errors:
        if not greeting:
            process.kill()
            words = errors.read().decode(errors="replace").strip().splitlines()
            process.wait()
            ours.close()
            raise SandboxUnavailableError("The sandbox could not be started.", hint=words[-1] if words else "It said nothing.")
    ours.settimeout(None)
    return process, ours
