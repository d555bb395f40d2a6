"""The start-up self-test: one confined child tries what must not work, and the level is what it could not do. Never derived from versions.

Each probe is written against one promise. The strategy's interpreter is not involved: the probes use raw system calls, as an
attacker would who already runs code of his own.
"""

import contextlib
import ctypes
import os
import socket
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any

from core.domain.isolation import Isolation

EXISTING_PATH = "/etc/passwd" if sys.platform != "win32" else sys.executable
SENTENCES = {
    2: "Isolated: strategy code cannot see a file, reach a network, start or signal a process, read a key or outlast its limits. "
    "Not promised: flaws of the kernel or the processor.",
    1: "Confined: strategy code cannot open a file, reach a network, start or signal a process, read a key or outlast its limits, "
    "but one barrier is missing ({open}).",
    0: "Not isolated: on this machine only accidents are stopped, not attacks ({open}). Run only code that you would run yourself.",
}
_HARMLESS_ALONE = frozenset({"stat", "parent", "root"})
"""Probes that, when they alone are open, still leave level 1: a path's existence, a process id, the handle of an empty folder."""
_MAP_NORESERVE = 0x4000
_MEMORY = 64 * 1024**3


def assess_isolation(opened: Iterable[str], seconds: float) -> Isolation:
    """Assess the level that follows from the probes that got through."""
    names = tuple(sorted(opened))
    level = 2 if not names else 1 if set(names) <= _HARMLESS_ALONE else 0
    return Isolation(level=level, open_probes=names, seconds=seconds, detail=SENTENCES[level].format(open=", ".join(names)))


def assume_no_isolation() -> Isolation:
    """Assume level 0, where nothing is asked of the operating system: every probe counts as open."""
    names = tuple(sorted(PROBES))
    return Isolation(level=0, open_probes=names, detail=SENTENCES[0].format(open="the operating system is asked to close nothing"))


def probe_all(port: int) -> list[str]:
    """Names of the probes that got through in this process. `port` is a TCP port that listens on this machine's loopback."""
    opened = []
    for name, probe in PROBES.items():
        with contextlib.suppress(Exception):
            if probe(port):
                opened.append(name)
    return opened


def _read(port: int) -> bool:
    with open(EXISTING_PATH, "rb") as file:  # noqa: PTH123 - the plain call is the point
        return bool(file.read(1))


def _stat(port: int) -> bool:
    return bool(os.stat(EXISTING_PATH))  # noqa: PTH116


def _root(port: int) -> bool:
    os.close(os.open("/", os.O_RDONLY))
    return True


def _write(port: int) -> bool:
    for folder in ("/var/tmp", "/dev/shm", "/"):
        path = os.path.join(folder, f".stratloop-probe-{os.getpid()}")  # noqa: PTH118
        with contextlib.suppress(OSError):
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            os.unlink(path)  # noqa: PTH108
            return True
    return False


def _socket(port: int) -> bool:
    socket.socket().close()
    return True


def _host_port(port: int) -> bool:
    with socket.socket() as channel:
        channel.settimeout(0.5)
        channel.connect(("127.0.0.1", port))
    return True


def _fork(port: int) -> bool:
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
    return True


def _thread(port: int) -> bool:
    import _thread

    started: list[int] = []
    _thread.start_new_thread(started.append, (1,))
    limit = time.monotonic() + 0.5
    while not started and time.monotonic() < limit:
        time.sleep(0.001)
    return True


def _execve(port: int) -> bool:
    """A file that does not exist: the answer `no such file` means that the call itself is allowed."""
    try:
        os.execve("/nonexistent/program", ["program"], {})
    except FileNotFoundError:
        return True
    return False


def _parent(port: int) -> bool:
    """Inside its own process namespace a process has no parent that it could name."""
    return os.getppid() != 0


def _signal(port: int) -> bool:
    """Signal 0 to the parent, or to process 1 where no parent is visible: only asks whether signaling is allowed."""
    os.kill(os.getppid() or 1, 0)
    return True


def _environment(port: int) -> bool:
    return bool(os.environ)


def _memory(port: int) -> bool:
    import mmap

    if sys.platform == "linux":
        mmap.mmap(-1, _MEMORY, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | _MAP_NORESERVE).close()
        return True
    return False


def _executable_page(port: int) -> bool:
    import mmap

    mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC).close()
    return True


def _capabilities(port: int) -> bool:
    """Any bit in the effective, permitted or inheritable set; a process without capabilities answers zeros."""
    sets = (ctypes.c_uint32 * 6)()
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    return _call("capget", header, sets) == 0 and any(sets)


def _ptrace(port: int) -> bool:
    return _call("ptrace", 0, 0, 0, 0) == 0  # PTRACE_TRACEME


def _namespace(port: int) -> bool:
    return _call("unshare", 0x10000000) == 0


def _io_uring(port: int) -> bool:
    return _call("syscall", 425, 4, ctypes.create_string_buffer(120)) >= 0


def _call(name: str, *arguments: Any) -> int:
    return int(getattr(ctypes.CDLL(None, use_errno=True), name)(*arguments))


PROBES: dict[str, Callable[[int], bool]] = {
    "read": _read,
    "stat": _stat,
    "root": _root,
    "write": _write,
    "socket": _socket,
    "host_port": _host_port,
    "execve": _execve,
    "parent": _parent,
    "signal": _signal,
    "environment": _environment,
    "memory": _memory,
    "executable_page": _executable_page,
    "capabilities": _capabilities,
    "io_uring": _io_uring,
    "thread": _thread,
    "fork": _fork,
    "namespace": _namespace,
    "ptrace": _ptrace,
}
"""Every promise with the attempt to break it. The order matters where a success changes the process: a traced one stops at every signal."""
