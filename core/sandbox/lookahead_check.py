"""The prefix check of fast mode, from the application's side: runs on fewer bars must place the same orders."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Any

from core.domain.backtest import Annotation, AnnotationCode, Certificate, Verdict
from core.sandbox.client import AnswerOverdueError, CancelledError, Host, SandboxRequest, send_request

Reply = dict[str, Any]
_FEW_BARS = 1_000
"""Up to this many bars every repeat is affordable."""
_REPEAT_COST = 1_000
"""Cost of starting a repeat, in bars."""


@dataclass(frozen=True, slots=True)
class RepeatFindings:
    """Findings of the repeats."""

    cuts: tuple[int, ...]
    leaked: int | None = None
    """First bar (0-based) on which a repeat acted differently."""
    failed: str = ""
    """Reason that a repeat could not be compared; empty when all could."""
    suspect: int | None = None
    """Line of the code that looks as if it read later bars; None when no line does."""


class PrefixCheck:
    """Repeats a run on its first bars, while the figures of the full run are still being made."""

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
        """Wait for the repeats; the first leak ends the rest. Raises CancelledError, EOFError."""
        try:
            answers = [answer for future in self._answers if (answer := future.result()) is not None]
        except AnswerOverdueError:
            return RepeatFindings(tuple(self._orders["cuts"]), failed="the time limit of the run was reached.")
        finally:
            self.close()
        leaks = [answer["leaked"] for answer in answers if answer["leaked"] is not None]
        failures = [answer["failed"] for answer in answers if answer["failed"]]
        return RepeatFindings(
            tuple(self._orders["cuts"]),
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
        request = self._request.request | {"kind": "prefix", "count": cut}
        cancel = _EitherCancel(self._request.cancel.is_set, self._over.is_set)
        sandbox_request = replace(
            self._request, request=request, private={"records": known}, bars=bars.slice(0, cut), cancel=cancel, keep=False
        )
        try:
            answer = send_request(self._host, sandbox_request)
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


def limit_cuts(cuts: tuple[int, ...], bars: int) -> tuple[int, ...]:
    """The cuts whose repeats together cost less than the run itself, the shortest first; all of them when the run is tiny."""
    totals = accumulate(cut + _REPEAT_COST for cut in cuts)
    return tuple(cut for cut, total in zip(cuts, totals, strict=True) if bars <= _FEW_BARS or total <= bars or cut == cuts[0])


def find_suspect_line(annotations: tuple[Annotation, ...]) -> int | None:
    """Find the first line about which the gate says that it reads later bars."""
    return next((remark.line for remark in annotations if remark.code is AnnotationCode.LOOKAHEAD), None)


def certify(certificate: Certificate, found: RepeatFindings) -> Certificate:
    """Complete the certificate of a fast run with what the repeats showed."""
    count = len(found.cuts)
    if found.leaked is not None:
        words = f"Repeated on the first bars only, the code acted differently on bar {found.leaked}: its orders depend on later bars."
        return certificate.changed(verdict=Verdict.LEAKED, checked=words, bar=found.leaked, line=found.suspect)
    if not count:
        words = "No order was placed before the last bar, so there was nothing to compare."
        return certificate.changed(verdict=Verdict.NOT_CHECKABLE, checked=words)
    if found.failed:
        words = f"A repeat on fewer bars failed, so it could not be compared: {found.failed}"
        return certificate.changed(verdict=Verdict.NOT_CHECKABLE, checked=words)
    ends = ", ".join(f"{cut:,}" for cut in found.cuts)
    words = f"Repeated {count} times on the first bars only ({ends}): the same orders came out. Bars in between were not compared."
    return certificate.changed(verdict=Verdict.CLEAN, checked=words)
