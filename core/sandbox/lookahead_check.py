"""The check of fast mode, from the application's side: bar by bar, where later bars do not exist, the same orders must come out."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from core.backtest.prefix import MINIMUM_CUTS
from core.domain.annotation import Annotation, AnnotationCode
from core.domain.backtest import Certificate, Verdict
from core.sandbox.client import AnswerOverdueError, CancelledError, Host, SandboxRequest, send_request

Reply = dict[str, Any]


@dataclass(frozen=True, slots=True)
class RepeatFindings:
    """Findings of the repeat."""

    planned: int
    """Cuts that the evidence calls for."""
    agreed: int
    """Cuts up to which the repeat placed the same orders."""
    leaked: int | None = None
    """First bar (0-based) on which the repeat acted differently."""
    failed: str = ""
    """Reason that the repeat could not be compared; empty when it could."""
    proved: bool = False
    """True when the program's text spares the repeat: it has no way to a later bar."""
    suspect: int | None = None
    """Line of the code that looks as if it read later bars; None when no line does."""


class PrefixCheck:
    """Repeats a run once, bar by bar up to the last of its cuts, while the figures of the full run are still being made.

    At each cut, and at each bar between, the code had no later bar: what it then orders otherwise is what convicts it. It can tell the
    repeat from the run, and gains nothing by it. Where the last cut is, it cannot foresee.
    """

    def __init__(self, host: Host, sandbox_request: SandboxRequest) -> None:
        self._host = host
        self._request = sandbox_request
        self._pool: ThreadPoolExecutor | None = None
        self._over = threading.Event()
        self._orders: Reply = {"cuts": [], "records": [], "suspect": None, "proved": False}
        self._answer: Future[Reply | None] | None = None

    def start(self, orders: Reply, latest: float) -> None:
        """Begin with what is known of the full run: `cuts`, `records`, the `suspect` line, whether it is `proved`. Stop at `latest`."""
        self._orders = orders
        self._request = replace(self._request, latest=latest)
        if len(orders["cuts"]) >= MINIMUM_CUTS:
            self._pool = ThreadPoolExecutor(1, thread_name_prefix="prefix-check")
            self._answer = self._pool.submit(self._repeat, orders["cuts"][-1], orders["records"])

    def result(self) -> RepeatFindings:
        """Wait for the repeat, which the time limit may end. Raises CancelledError, EOFError."""
        try:
            answer = None if self._answer is None else self._answer.result()
        finally:
            self.close()
        if self._orders["proved"]:
            return RepeatFindings(planned=0, agreed=0, proved=True)
        planned, suspect = len(self._orders["cuts"]), self._orders["suspect"]
        if answer is None:
            return RepeatFindings(planned=planned, agreed=0, suspect=suspect)
        leaked, failed = answer["leaked"], answer["failed"] or ""
        agreed = planned if leaked is None and not failed else 0
        return RepeatFindings(planned=planned, agreed=agreed, leaked=leaked, failed=failed, suspect=suspect)

    def close(self) -> None:
        """Stop what is still going on."""
        self._over.set()
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def _repeat(self, cut: int, records: list[Any]) -> Reply | None:
        bars = self._request.bars
        assert bars is not None
        known = [record for record in records if record["cycle"] <= cut]
        shown = bars.slice(0, cut)
        request = self._request.request | {"kind": "prefix", "count": len(shown), "cut": cut, "watched": False, "lock_step": True}
        cancel = _EitherCancel(self._request.cancel.is_set, self._over.is_set)
        sandbox_request = replace(self._request, request=request, private={"records": known}, bars=shown, cancel=cancel, keep=False)
        try:
            return send_request(self._host, sandbox_request)
        except AnswerOverdueError:
            return None
        except CancelledError:
            if self._over.is_set() and not self._request.cancel.is_set():
                return None
            raise


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
    """Complete the certificate of a fast run with what its repeat showed. It is never *clean*: not every bar was compared."""
    if found.proved:
        words = "Its text shows that the code reaches bars only where later ones are refused, and it asked for none of them."
        return certificate.changed(verdict=Verdict.CHECKED, checked=words)
    if found.leaked is not None:
        words = f"Repeated bar by bar, the code acted differently on bar {found.leaked}: its orders depend on later bars."
        return certificate.changed(verdict=Verdict.LEAKED, checked=words, bar=found.leaked, line=found.suspect)
    if found.failed:
        words = f"The repeat bar by bar failed, so it could not be compared: {found.failed}"
        return certificate.changed(verdict=Verdict.NOT_CHECKABLE, checked=words)
    needed = max(found.planned, MINIMUM_CUTS)
    if found.agreed < needed:
        reason = "time ran out" if found.planned >= MINIMUM_CUTS else "too few bars have both orders and later bars"
        words = f"The orders could be compared at {found.agreed} cuts, and {needed} are needed: {reason}."
        return certificate.changed(verdict=Verdict.NOT_CHECKABLE, checked=words)
    words = f"Repeated bar by bar up to the last of {found.agreed} cuts: the same orders came out. Later bars were not compared."
    return certificate.changed(verdict=Verdict.CHECKED, checked=words, cuts=found.agreed)
