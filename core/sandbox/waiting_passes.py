"""Processes that wait for their owner's next proved program, as the application holds them: by whom and on what they may be used again.

Such a process ends by itself, after a while or when it was used enough; a connection that leads to none is found out when it is taken.
"""

import contextlib
import functools
import threading
from dataclasses import replace
from typing import Any, NamedTuple

from core.domain.backtest import Outcome
from core.sandbox.client import DeclinedError, Host, RunConnection, SandboxRequest, request_outcome

SECONDS = 60.0
"""For which a process waits, unless another time is asked for."""
MOST = 4
"""Processes that wait at once; the one that has waited longest is ended first."""


class Use(NamedTuple):
    """The use that a process was made for. Another one needs another process."""

    host: Host
    owner: str
    """Whoever the program belongs to: programs of two owners never meet."""
    bars: str
    """Hash of the bars, which the process has and cannot exchange."""
    limits: tuple[tuple[str, Any], ...]
    """Limits that stand around it and cannot be moved."""


class WaitingPasses:
    """The connections to processes that wait. Safe with several threads."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self.seconds = seconds
        self._lock = threading.Lock()
        self._waiting: list[tuple[Use, RunConnection]] = []

    def take(self, use: Use) -> RunConnection | None:
        """Take the connection to a process that waits for this; None when there is none, or it ended meanwhile."""
        with self._lock:
            place = next((place for place, (found, _) in enumerate(self._waiting) if found == use), None)
            line = None if place is None else self._waiting.pop(place)[1]
        if line is None:
            return None
        with contextlib.suppress(EOFError):
            if line.receive(0.0) is None:
                return line
        line.close()
        return None

    def keep(self, use: Use, line: RunConnection) -> None:
        """Keep a connection whose whole answer was read."""
        with self._lock:
            self._waiting.insert(0, (use, line))
            over = self._waiting[MOST:] if use.host.alive else self._waiting[:]
            self._waiting = self._waiting[:MOST] if use.host.alive else []
        for _, one in over:
            one.close()

    def close(self) -> None:
        """End every process that waits."""
        with self._lock:
            over, self._waiting = self._waiting, []
        for _, line in over:
            line.close()


def request_pass(host: Host, asking: SandboxRequest, waiting: WaitingPasses, owner: str | None) -> Outcome:
    """The outcome of one pass: in the process that waits for it, else, or when that one does not bring it to its end, in a new one.

    Raises as `core.sandbox.client.request_outcome`. The process of an owner waits afterwards; without an owner it ends.
    """
    if owner is None or asking.bars is None:
        return request_outcome(host, asking, _ignore)
    use = Use(host, owner, asking.bars.hash, tuple(asking.request["plan"]["limits"].items()))
    asking = replace(asking, request={**asking.request, "stays": waiting.seconds}, keep_line=functools.partial(waiting.keep, use))
    line = waiting.take(use)
    if line is not None:
        with contextlib.suppress(EOFError, DeclinedError):  # it may have ended just now, or have too little left of its time or memory
            return request_outcome(host, replace(asking, line=line), _ignore)
    return request_outcome(host, asking, _ignore)


def _ignore(orders: dict[str, Any], latest: float) -> None:
    """Nobody asks for the orders of a pass before its figures."""
