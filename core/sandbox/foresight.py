"""The prefix check of fast mode, from the application's side: runs on fewer bars must place the same orders."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from core.domain.backtest import Certificate, Verdict
from core.sandbox.client import CancelledError, Errand, Host, ask

Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Found:
    """What the repeats showed."""

    cuts: tuple[int, ...]
    leaked: int | None = None
    """First bar (0-based) on which a repeat acted differently."""
    failed: str = ""
    """Why a repeat could not be compared; empty when all could."""


class PrefixCheck:
    """Repeats a run on its first bars, while the figures of the full run are still being made."""

    def __init__(self, host: Host, errand: Errand, threads: int) -> None:
        self._host = host
        self._errand = errand
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="prefix-check")
        self._over = threading.Event()
        self._cuts: tuple[int, ...] = ()
        self._answers: list[Future[Answer | None]] = []

    def start(self, orders: Answer) -> None:
        """Begin with the order log of the full run: `cuts` and `records`."""
        self._cuts = tuple(orders["cuts"])
        self._answers = [self._pool.submit(self._repeat, cut, orders["records"]) for cut in self._cuts]

    def result(self) -> Found:
        """Wait for the repeats; the first leak ends the rest. Raises CancelledError, OverdueError, EOFError."""
        try:
            answers = [answer for future in self._answers if (answer := future.result()) is not None]
        finally:
            self.close()
        leaks = [answer["leaked"] for answer in answers if answer["leaked"] is not None]
        failures = [answer["failed"] for answer in answers if answer["failed"]]
        return Found(self._cuts, leaked=min(leaks, default=None), failed=failures[0] if failures else "")

    def close(self) -> None:
        """Stop what is still going on."""
        self._over.set()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _repeat(self, cut: int, records: list[Any]) -> Answer | None:
        if self._over.is_set():
            return None
        bars = self._errand.bars
        assert bars is not None
        known = [record for record in records if record["cycle"] <= cut]
        request = self._errand.request | {"kind": "prefix", "count": cut, "records": known}
        cancel = _Either(self._errand.cancel.is_set, self._over.is_set)
        try:
            answer = ask(self._host, replace(self._errand, request=request, bars=bars.slice(0, cut), cancel=cancel, keep=False))
        except CancelledError:
            if self._over.is_set() and not self._errand.cancel.is_set():
                return None
            raise
        if answer["leaked"] is not None:
            self._over.set()
        return answer


@dataclass(frozen=True, slots=True)
class _Either:
    one: Callable[[], bool]
    other: Callable[[], bool]

    def is_set(self) -> bool:
        return self.one() or self.other()


def certified(certificate: Certificate, found: Found, suspect: int | None) -> Certificate:
    """The certificate of a fast run, with what the repeats showed. `suspect` is the line that the gate points at, if any."""
    count = len(found.cuts)
    if found.leaked is not None:
        words = f"Repeated on the first bars only, the code acted differently on bar {found.leaked}: its orders depend on later bars."
        return certificate.model_copy(update={"verdict": Verdict.LEAKED, "checked": words, "bar": found.leaked, "line": suspect})
    if not count:
        words = "No order was placed before the last bar, so there was nothing to compare."
        return certificate.model_copy(update={"verdict": Verdict.NOT_CHECKABLE, "checked": words})
    if found.failed:
        words = f"A repeat on fewer bars failed, so it could not be compared: {found.failed}"
        return certificate.model_copy(update={"verdict": Verdict.NOT_CHECKABLE, "checked": words})
    ends = ", ".join(f"{cut:,}" for cut in found.cuts)
    words = f"Repeated {count} times on the first bars only ({ends}): the same orders came out. Bars in between were not compared."
    return certificate.model_copy(update={"verdict": Verdict.CLEAN, "checked": words})
