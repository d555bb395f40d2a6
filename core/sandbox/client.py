"""The application's side of one run: send the request, wait for the answer, stop in time. Figures are made elsewhere."""

import math
import time
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any, Protocol, Self

from core.domain.backtest import CodeFault, Method, Outcome, OutcomeStatus, Progress, Stage
from core.domain.bars import Bars
from core.sandbox.answer import outcome_from, progress_from
from core.sandbox.figures import not_checked
from core.sandbox.frames import STARTED, decode, encode

POLL_SECONDS = 0.04
START_SECONDS = 60.0
"""For the supervisor to have what it needs; at once on Linux, the time of some imports elsewhere."""
GRACE_SECONDS = 1.5
"""Beyond the wall limit, for the answer to arrive; then the run is ended from here."""


class Cancel(Protocol):
    """A wish to stop; `threading.Event` satisfies it."""

    def is_set(self) -> bool:
        """True once somebody asked to stop."""
        ...


class Line(Protocol):
    """The application's end of one run."""

    def send(self, data: bytes) -> None:
        """Write to the supervisor. Raises OSError when it is gone."""
        ...

    def receive(self, seconds: float) -> bytes | None:
        """The next frame's body, None when `seconds` passed. Raises EOFError when the supervisor ended."""
        ...

    def close(self, *, done: bool = False) -> None:
        """End the run: nothing of it goes on. `done` says that the whole answer was read."""
        ...


class Host(Protocol):
    """Where supervisors come from on this machine. Safe with several threads."""

    @property
    def alive(self) -> bool:
        """False when its processes are gone: what was measured of them holds no longer."""
        ...

    def open(self, bars: Bars | None, *, keep: bool = True) -> Line:
        """A line to a supervisor that has the bars; `keep` them at hand for the next one. Raises EOFError when there is none."""
        ...

    def close(self) -> None:
        """End everything."""
        ...


class WatcherError(Exception):
    """The watcher raised what would otherwise be taken for the end of the line."""

    def __init__(self, cause: EOFError) -> None:
        super().__init__()
        self.cause = cause


class Watch:
    """Passes reports on to whoever watches a run, each bar once, whatever the number of attempts."""

    def __init__(self, watcher: Callable[[Progress], None]) -> None:
        self._watcher = watcher
        self._last = -1

    def tell(self, progress: Progress) -> None:
        """Pass on what is new. Raises what the watcher raises; WatcherError in place of EOFError."""
        skip = bisect_right(progress.bars, self._last)
        if skip == len(progress.bars):
            return
        self._last = progress.bars[-1]
        try:
            self._watcher(replace(progress, bars=progress.bars[skip:], equity=progress.equity[skip:]))
        except EOFError as error:
            raise WatcherError(error) from error


class CancelledError(Exception):
    """Somebody asked to stop."""


class OverdueError(Exception):
    """The answer did not come in time."""


@dataclass(frozen=True, slots=True)
class Errand:
    """One request and how long it may take."""

    request: dict[str, Any]
    private: dict[str, Any]
    """What the supervisor needs to know and the code must not."""
    bars: Bars | None
    cancel: Cancel
    seconds: float
    """How long it may take, once the supervisor says that its clock has started."""
    latest: float = math.inf
    """A moment (`time.monotonic`) after which nobody waits, whatever the clock says."""
    keep: bool = True
    watch: Watch | None = None


def ask(host: Host, errand: Errand) -> dict[str, Any]:
    """A one-document answer. Raises CancelledError, OverdueError, EOFError (the supervisor died)."""
    with _Conversation(host, errand) as conversation:
        answer: dict[str, Any] = decode(conversation.body())
        return answer


def ask_for_outcome(host: Host, errand: Errand, orders_known: Callable[[dict[str, Any], float], None]) -> Outcome:
    """The outcome of a run; `orders_known` gets the order log as soon as there is one, while figures are still being made, and
    the moment until which the run may take.

    Raises CancelledError, OverdueError, EOFError (the supervisor died), and what the errand's watcher raises.
    """
    with _Conversation(host, errand) as conversation:
        body, head = conversation.head()
        if "cuts" in head:
            orders_known(head, conversation.deadline)
            body, _ = conversation.head()
        return outcome_from(body, conversation.body)


class _Conversation:
    def __init__(self, host: Host, errand: Errand) -> None:
        self._errand = errand
        self._line = host.open(errand.bars, keep=errand.keep)
        try:
            self._line.send(encode(errand.request) + encode(errand.private))
        except OSError:
            self._line.close()
            raise EOFError from None
        self.deadline = min(errand.latest, time.monotonic() + START_SECONDS)
        self._started = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self._line.close(done=kind is None)

    def head(self) -> tuple[bytes, dict[str, Any]]:
        """The next document of the answer, raw and read; reports on the way are passed on to the watcher."""
        while True:
            body = self.body()
            document: dict[str, Any] = decode(body)
            progress = progress_from(document)
            if progress is None:
                return body, document
            if self._errand.watch is not None:
                began = time.monotonic()
                self._errand.watch.tell(progress)
                self.deadline += time.monotonic() - began  # the watcher's time is not the run's

    def body(self) -> bytes:
        """The next frame of the answer, watching the clock and the wish to stop."""
        if not self._started:
            self._started = self._next() == STARTED
            self.deadline = min(self._errand.latest, time.monotonic() + self._errand.seconds)
        return self._next()

    def _next(self) -> bytes:
        while True:
            if self._errand.cancel.is_set():
                raise CancelledError
            if time.monotonic() > self.deadline:
                raise OverdueError
            if (body := self._line.receive(POLL_SECONDS)) is not None:
                return body


def without_figures(request: dict[str, Any], status: OutcomeStatus, fault: CodeFault) -> Outcome:
    """An outcome that is decided on this side of the line."""
    method = Method.LOCK_STEP if request["lock_step"] else Method.FAST
    return Outcome(
        status=status,
        stage=Stage.RUN,
        isolation_level=0,
        certificate=not_checked(method),
        error=fault,
        code_ran=request["code"],
    )
