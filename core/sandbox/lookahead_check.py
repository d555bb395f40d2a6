"""The check of fast mode, from the application's side: where later bars are missing or other ones, the same orders must come out."""

import secrets
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from core.backtest.prefix import MINIMUM_CUTS, change_future
from core.domain.backtest import Annotation, AnnotationCode, Certificate, Verdict
from core.sandbox.client import AnswerOverdueError, CancelledError, Host, SandboxRequest, send_request

Reply = dict[str, Any]


@dataclass(frozen=True, slots=True)
class RepeatFindings:
    """Findings of the repeats."""

    planned: int
    """Repeats that the evidence calls for."""
    agreed: int
    """Repeats that placed the same orders."""
    leaked: int | None = None
    """First bar (0-based) on which a repeat acted differently."""
    failed: str = ""
    """Reason that a repeat could not be compared; empty when all could."""
    suspect: int | None = None
    """Line of the code that looks as if it read later bars; None when no line does."""


class PrefixCheck:
    """Repeats a run without the bars after a cut, or with others in their place, while the figures of the full run are still being made.

    Which of the two it is, and where the cuts are, is drawn anew each time: code cannot tell a repeat from the run itself.
    """

    def __init__(self, host: Host, sandbox_request: SandboxRequest, slots: threading.Semaphore) -> None:
        """`slots` are those of the sandbox: one more is taken for the time of the check if it happens to be free."""
        self._host = host
        self._request = sandbox_request
        self._slots = slots
        self._extra = False
        self._pool: ThreadPoolExecutor | None = None
        self._over = threading.Event()
        self._orders: Reply = {"cuts": [], "records": [], "suspect": None}
        self._answers: list[Future[Reply | None]] = []

    def start(self, orders: Reply, latest: float) -> None:
        """Begin with the order log of the full run: `cuts`, `records`, and the line that the gate suspects. Stop at `latest`."""
        self._orders = orders
        self._request = replace(self._request, latest=latest)
        self._extra = self._slots.acquire(blocking=False)
        self._pool = ThreadPoolExecutor(2 if self._extra else 1, thread_name_prefix="prefix-check")
        self._answers = [self._pool.submit(self._repeat, cut, orders["records"]) for cut in orders["cuts"]]

    def result(self) -> RepeatFindings:
        """Wait for the repeats; a leak ends the rest, and the time limit those that are not done. Raises CancelledError, EOFError."""
        try:
            answers = [answer for future in self._answers if (answer := future.result()) is not None]
        finally:
            self.close()
        leaks = [answer["leaked"] for answer in answers if answer["leaked"] is not None]
        failures = [answer["failed"] for answer in answers if answer["failed"]]
        return RepeatFindings(
            planned=len(self._answers),
            agreed=sum(answer["leaked"] is None and not answer["failed"] for answer in answers),
            leaked=min(leaks, default=None),
            failed=failures[0] if failures else "",
            suspect=self._orders["suspect"],
        )

    def close(self) -> None:
        """Stop what is still going on."""
        self._over.set()
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
        if self._extra:
            self._slots.release()
            self._extra = False

    def _repeat(self, cut: int, records: list[Any]) -> Reply | None:
        if self._over.is_set():
            return None
        bars = self._request.bars
        assert bars is not None
        known = [record for record in records if record["cycle"] <= cut]
        shown = bars.slice(0, cut) if secrets.randbelow(2) else change_future(bars, cut, secrets.randbits(64))
        request = self._request.request | {"kind": "prefix", "count": len(shown), "cut": cut, "watched": False}
        cancel = _EitherCancel(self._request.cancel.is_set, self._over.is_set)
        sandbox_request = replace(self._request, request=request, private={"records": known}, bars=shown, cancel=cancel, keep=False)
        try:
            answer = send_request(self._host, sandbox_request)
        except AnswerOverdueError:
            return None
        except CancelledError:
            if self._over.is_set() and not self._request.cancel.is_set():
                return None
            raise
        if answer["leaked"] is not None:
            self._over.set()
        return answer


@dataclass(frozen=True, slots=True)
class _EitherCancel:
    one: Callable[[], bool]
    other: Callable[[], bool]

    def is_set(self) -> bool:
        return self.one() or self.other()


def find_suspect_line(annotations: tuple[Annotation, ...]) -> int | None:
    """Find the first line about which the gate says that it reads later bars."""
    return next((remark.line for remark in annotations if remark.code is AnnotationCode.LOOKAHEAD), None)


def certify(certificate: Certificate, found: RepeatFindings) -> Certificate:
    """Complete the certificate of a fast run with what the repeats showed. It is never *clean*: bars between the cuts were not compared."""
    if found.leaked is not None:
        words = f"Repeated with other later bars, the code acted differently on bar {found.leaked}: its orders depend on later bars."
        return certificate.changed(verdict=Verdict.LEAKED, checked=words, bar=found.leaked, line=found.suspect)
    if found.failed:
        words = f"A repeat with other later bars failed, so it could not be compared: {found.failed}"
        return certificate.changed(verdict=Verdict.NOT_CHECKABLE, checked=words)
    needed = max(found.planned, MINIMUM_CUTS)
    if found.agreed < needed:
        reason = "time ran out" if found.agreed < found.planned else "too few bars have both orders and later bars"
        words = f"{found.agreed} repeats could be compared, and {needed} are needed: {reason}."
        return certificate.changed(verdict=Verdict.NOT_CHECKABLE, checked=words)
    words = (
        f"Repeated {found.agreed} times with other bars after a cut, or none: up to it the same orders came out. The rest was not compared."
    )
    return certificate.changed(verdict=Verdict.CHECKED, checked=words, cuts=found.agreed)
