"""The application's side of one run: send the request, wait for the answer, stop in time. Figures are made elsewhere."""

import math
import time
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any, Protocol, Self

from core.domain.backtest import CodeFault, Method, Outcome, OutcomeStatus, Progress, Stage
from core.domain.bars import Bars
from core.sandbox.frames import FAST, PROVED, STARTED, STEP, decode, encode
from core.sandbox.outcome_frames import decode_outcome, decode_progress
from core.sandbox.outcomes import build_unchecked_certificate

POLL_SECONDS = 0.04
START_SECONDS = 60.0
"""For the run monitor to have what it needs; at once on Linux, the time of some imports elsewhere."""
GRACE_SECONDS = 1.5
"""Beyond the wall limit, for the answer to arrive; then the run is ended from here."""


class Cancel(Protocol):
    """A request to stop; `threading.Event` satisfies it."""

    def is_set(self) -> bool:
        """True once somebody asked to stop."""
        ...


class RunConnection(Protocol):
    """The application's end of one run."""

    def send(self, data: bytes) -> None:
        """Write to the run monitor. Raises OSError when it is gone."""
        ...

    def receive(self, seconds: float) -> bytes | None:
        """The next frame's body, None when `seconds` passed. Raises EOFError when the run monitor ended."""
        ...

    def close(self, *, done: bool = False) -> None:
        """End the run: nothing of it goes on. `done` says that the whole answer was read."""
        ...


class Host(Protocol):
    """Source of run monitors on this machine. Safe with several threads."""

    @property
    def alive(self) -> bool:
        """False when its processes are gone: what was measured of them holds no longer."""
        ...

    @property
    def one_pass(self) -> bool:
        """True when its run monitors can run a proved program by themselves."""
        ...

    def open(self, bars: Bars | None, *, keep: bool = True, way: bytes = STEP) -> RunConnection:
        """A connection to a run monitor that has the bars; `keep` them at hand for the next one. Raises EOFError when there is none.

        `way` says how the code is to have the bars: `STEP`, `FAST`, or `PROVED`.
        """
        ...

    def widen(self) -> "Host":
        """The host whose run monitors have everything that programs may import; it ends with this one. Raises SandboxUnavailableError."""
        ...

    def close(self) -> None:
        """End everything."""
        ...


class WatcherError(Exception):
    """The watcher raised what would otherwise be taken for the end of the line."""

    def __init__(self, cause: EOFError) -> None:
        super().__init__()
        self.cause = cause


class ProgressRelay:
    """Passes reports on to whoever watches a run, each bar once, whatever the number of attempts."""

    def __init__(self, watcher: Callable[[Progress], None]) -> None:
        self._watcher = watcher
        self._last = -1

    def relay(self, progress: Progress) -> None:
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


class AnswerOverdueError(Exception):
    """The answer did not come in time."""


class DeclinedError(Exception):
    """The one pass over a proved program gave nothing that can be used."""


@dataclass(frozen=True, slots=True)
class SandboxRequest:
    """One request and how long it may take."""

    request: dict[str, Any]
    private: dict[str, Any]
    """Facts that the run monitor needs to know and the code must not."""
    bars: Bars | None
    cancel: Cancel
    seconds: float
    """Time it may take, once the run monitor says that its clock has started."""
    latest: float = math.inf
    """A moment (`time.monotonic`) after which nobody waits, whatever the clock says."""
    keep: bool = True
    watch: ProgressRelay | None = None
    remember: Callable[[dict[str, Any]], None] | None = None
    """Takes the gate's report on the code, which the next request with the same text may bring along."""
    line: RunConnection | None = None
    """A connection to a process that waits for this request, in place of a new one."""
    keep_line: Callable[[RunConnection], None] | None = None
    """Takes the connection once the whole answer was read; without it the process is ended."""


def send_request(host: Host, sandbox_request: SandboxRequest) -> dict[str, Any]:
    """Send a request that has a one-document answer. Raises CancelledError, AnswerOverdueError, EOFError (the run monitor died)."""
    with _Exchange(host, sandbox_request) as conversation:
        answer: dict[str, Any] = decode(conversation.read_body())
        return answer


def request_outcome(host: Host, sandbox_request: SandboxRequest, orders_known: Callable[[dict[str, Any], float], None]) -> Outcome:
    """The outcome of a run; `orders_known` gets the order log as soon as there is one, while figures are still being made, and
    the moment until which the run may take.

    Raises CancelledError, OverdueError, EOFError (the run monitor died), DeclinedError for a proved program that has to run the ordinary
    way, and what the request's watcher raises.
    """
    with _Exchange(host, sandbox_request) as conversation:
        body, head = conversation.read_document()
        if "declined" in head:
            raise DeclinedError(head["declined"])
        if "cuts" in head:
            orders_known(head, conversation.deadline)
            body, _ = conversation.read_document()
        return decode_outcome(body, conversation.read_body)


def request_outcomes(host: Host, sandbox_request: SandboxRequest, count: int) -> Iterator[Outcome | None]:
    """The outcomes of several proved programs that run one after the other; None for one that has to run the ordinary way.

    Each has the request's time for itself. Raises as `request_outcome`, but for DeclinedError.
    """
    with _Exchange(host, sandbox_request) as conversation:
        for _ in range(count):
            body, head = conversation.read_document()
            conversation.restart_clock()
            yield None if "declined" in head else decode_outcome(body, conversation.read_body)


def _find_way(request: dict[str, Any]) -> bytes:
    return PROVED if request["kind"] == "proved" else STEP if request["lock_step"] else FAST


class _Exchange:
    def __init__(self, host: Host, sandbox_request: SandboxRequest) -> None:
        self._request = sandbox_request
        way = _find_way(sandbox_request.request)
        self._line = sandbox_request.line or host.open(sandbox_request.bars, keep=sandbox_request.keep, way=way)
        try:
            self._line.send(encode(sandbox_request.request) + encode(sandbox_request.private))
        except OSError:
            self._line.close()
            raise EOFError from None
        self.deadline = min(sandbox_request.latest, time.monotonic() + START_SECONDS)
        self._started = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        if kind is None and self._request.keep_line is not None:
            self._request.keep_line(self._line)
        else:
            self._line.close(done=kind is None)

    def read_document(self) -> tuple[bytes, dict[str, Any]]:
        """The next document of the answer, raw and read; reports on the way are passed on to the watcher."""
        while True:
            body = self.read_body()
            document: dict[str, Any] = decode(body)
            if "inspection" in document:
                if self._request.remember is not None:
                    self._request.remember(document["inspection"])
                continue
            progress = decode_progress(document)
            if progress is None:
                return body, document
            if self._request.watch is not None:
                began = time.monotonic()
                self._request.watch.relay(progress)
                self.deadline += time.monotonic() - began  # the watcher's time is not the run's

    def restart_clock(self) -> None:
        """Give what comes next the whole time of a run."""
        self.deadline = min(self._request.latest, time.monotonic() + self._request.seconds)

    def read_body(self) -> bytes:
        """The next frame of the answer, watching the clock and the request to cancel."""
        if not self._started:
            self._started = self._wait_for_frame() == STARTED
            self.restart_clock()
        return self._wait_for_frame()

    def _wait_for_frame(self) -> bytes:
        while True:
            if self._request.cancel.is_set():
                raise CancelledError
            if time.monotonic() > self.deadline:
                raise AnswerOverdueError
            if (body := self._line.receive(POLL_SECONDS)) is not None:
                return body


def build_unanswered_outcome(request: dict[str, Any], status: OutcomeStatus, fault: CodeFault) -> Outcome:
    """Build an outcome without figures that is decided on this side of the connection."""
    method = Method.LOCK_STEP if request["lock_step"] else Method.FAST
    return Outcome(
        status=status,
        stage=Stage.RUN,
        isolation_level=0,
        certificate=build_unchecked_certificate(method),
        error=fault,
        code_ran=request["code"],
    )
