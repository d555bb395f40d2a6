"""The positive control: the same payloads without any barrier must get out, or the corpus proves nothing.

Only ever run inside `unshare -npmi` (an own network, process tree, mounts), as root or mapped to root; prints one JSON document. Only
payloads that read, write, connect or start something harmless are run, never those that exhaust or kill.
"""

import fcntl
import json
import os
import socket
import struct
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from core.domain.isolation import Isolation
from core.sandbox import Sandbox
from core.sandbox.client import Host
from core.sandbox.host import ZygoteHost
from tests.attacks.arena import BRIEF, KEYS, Arena, Payload, Ungated, leaks, run
from tests.attacks.payloads import ALL


class Unlocked(Ungated):
    """The sandbox with every layer off, and no gate."""

    def _choose(self) -> tuple[Host, Isolation]:
        return ZygoteHost(layers=()), Isolation(level=0)


def raise_loopback() -> None:
    """A new network namespace has its loopback down."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as channel:
        fcntl.ioctl(channel, 0x8914, struct.pack("16sh14x", b"lo", 0x1 | 0x40))  # SIOCSIFFLAGS, up and running


def escaped(sandbox: Sandbox, payload: Payload) -> bool:
    """Whether the payload gets what it wants, in an arena of its own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o777)
        with Arena(folder) as arena:
            outcome, _ = run(sandbox, arena.fill(payload.code), BRIEF)
            return bool(leaks(outcome) or arena.breaches())


def main() -> None:
    """Every `denied` payload, two at a time."""
    if os.getpid() > 20:
        sys.exit("this is only for `unshare -npmi --fork`: a process tree of its own")
    raise_loopback()
    os.environ.update(KEYS)
    threading.excepthook = lambda args: None
    payloads = [payload for payload in ALL if payload.expect == "denied"]
    with Unlocked(allow_unisolated=True) as sandbox, ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda payload: escaped(sandbox, payload), payloads))
    sys.stdout.write(json.dumps({payload.id: out for payload, out in zip(payloads, found, strict=True)}))


if __name__ == "__main__":
    main()
