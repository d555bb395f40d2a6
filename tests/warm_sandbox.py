"""Processes of the sandbox that are started once for all tests which only use them: a start takes two seconds of a processor.

Tests of the sandbox itself, of attacks and of processes of their own start theirs as the product does.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property

import pytest

import core.sandbox
from core.domain.bars import Bars
from core.domain.isolation import Isolation
from core.sandbox import Sandbox
from core.sandbox.client import Host, RunConnection
from core.sandbox.frames import STEP
from core.sandbox.host_choice import FORCED_LEVEL


class LentConnection:
    """A run on processes that outlive whoever uses them; it ends with its user, as it would if they ended."""

    def __init__(self, line: RunConnection, returned: threading.Event) -> None:
        self._line, self._returned = line, returned
        self.send, self.close = line.send, line.close

    def receive(self, seconds: float) -> bytes | None:
        if self._returned.is_set():
            raise EOFError
        return self._line.receive(seconds)


class LentHost:
    """Processes that outlive whoever uses them."""

    def __init__(self, host: Host, returned: threading.Event | None = None) -> None:
        self._host, self._returned = host, returned or threading.Event()
        self.one_pass = host.one_pass
        self.close = self._returned.set

    @property
    def alive(self) -> bool:
        return self._host.alive and not self._returned.is_set()

    def open(self, bars: Bars | None, *, keep: bool = True, way: bytes = STEP) -> LentConnection:
        if self._returned.is_set():
            raise EOFError
        return LentConnection(self._host.open(bars, keep=keep, way=way), self._returned)

    @cached_property
    def _wide(self) -> "LentHost":
        return LentHost(self._host.widen(), self._returned)

    def widen(self) -> "LentHost":
        return self._wide


class WarmSandbox(Sandbox):
    """The sandbox of a product whose processes run already."""

    _running: list[tuple[Host, Isolation]] = []  # noqa: RUF012 - one for all of them
    _starting = threading.Lock()

    def _choose(self) -> tuple[Host, Isolation]:
        if FORCED_LEVEL in os.environ:
            return super()._choose()
        with self._starting:
            host, found = self._running[0] if self._running else super()._choose()
            if not host.alive:
                host, found = super()._choose()
            self._running[:] = [(host, found)]
        return LentHost(host), found


@contextmanager
def lend_processes() -> Iterator[None]:
    """Give every product that a test puts together the same processes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(core.sandbox, "Sandbox", WarmSandbox)
        yield
    for host, _ in WarmSandbox._running:
        host.close()
