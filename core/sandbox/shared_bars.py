"""Bars handed to run monitors as sealed anonymous memory: written once per data set, shared by every run, changed by nobody. Linux only."""

import fcntl
import mmap
import os
import threading
from collections import OrderedDict

from core.domain.bars import Bars
from core.sandbox.frames import encode_bars

_KEPT = 8
"""Data sets that stay in memory; the one used longest ago is dropped first."""


def seal(data: bytes) -> int:
    """A descriptor of memory that holds `data` and can never again be written, grown or shrunk."""
    descriptor = os.memfd_create("bars", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
    fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SEAL)
    return descriptor


def view(descriptor: int) -> memoryview:
    """The memory behind a descriptor, read-only, mapped into this process; the descriptor is closed."""
    size = os.fstat(descriptor).st_size
    try:
        return memoryview(mmap.mmap(descriptor, size, prot=mmap.PROT_READ)) if size else memoryview(b"")
    finally:
        os.close(descriptor)


class SealedBars:
    """The data sets that are ready to be handed over. Safe with several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, int] = OrderedDict()

    def descriptor(self, bars: Bars) -> int:
        """A descriptor of the bars; the caller closes it."""
        with self._lock:
            if bars.hash not in self._kept:
                self._kept[bars.hash] = seal(encode_bars(bars))
            self._kept.move_to_end(bars.hash)
            while len(self._kept) > _KEPT:
                os.close(self._kept.popitem(last=False)[1])
            return os.dup(self._kept[bars.hash])

    def close(self) -> None:
        """Drop everything."""
        with self._lock:
            while self._kept:
                os.close(self._kept.popitem()[1])
