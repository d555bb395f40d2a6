"""The trusted side of one run: starts the untrusted child, listens, replays its orders on the platform's own bars, and answers.

Runs inside the locked world too, but holds what the child must not: later bars, and the figures. It serves one run and ends.
What is said to the child is in `conversation`, how figures come about in `figures`.
"""

import functools
import os
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from core.backtest.orders import parse_record
from core.backtest.prefix import compare_prefix, cut_points
from core.domain.backtest import BacktestPlan, OutcomeStatus, Stage
from core.sandbox import figures, handover, lockdown
from core.sandbox.answer import outcome_frames
from core.sandbox.child import Pipes, serve
from core.sandbox.conversation import Child, Heard, converse
from core.sandbox.figures import Failure
from core.sandbox.forked import BARS, JOB, ORDERS, ForkedChild
from core.sandbox.frames import FrameBuffer, bar_rows, bars_from_bytes, decode, encode, receive
from core.sandbox.gate import inspect
from core.sandbox.lockdown import Layer

_MEGABYTE = 1024 * 1024
_LOOK_SECONDS = 0.04
_LAST_MOMENT = 0.1
"""Seconds in which a child that said its last word, or closed its pipes, may end by itself."""


@dataclass(frozen=True, slots=True)
class Means:
    """How a child is started and bars are read on this machine."""

    make_child: Callable[[], Child]
    all_bars: Callable[[], bytes | memoryview]
    """Called only after the child was made: in lock-step it must not inherit them."""


def serve_forked(run: socket.socket, bars: int | None, *, layers: frozenset[Layer], address_space: int) -> None:
    """One run of a supervisor that the zygote forked. Raises EOFError when the application went away."""
    started = time.monotonic()
    request = decode(receive(run, FrameBuffer()))
    plan = BacktestPlan.model_validate(request["plan"])
    shared = bars if bars is not None and request["kind"] != "probe" and not request["lock_step"] else None
    mapped = 0 if shared is None else os.fstat(shared).st_size

    def body() -> None:
        memory = address_space + mapped + plan.limits.memory_mb * _MEGABYTE
        serve(
            Pipes(job=JOB, out=ORDERS),
            all_bars=lambda: handover.view(BARS),
            enclose=lambda: lockdown.confine(layers, cpu_seconds=plan.limits.cpu_seconds, memory_bytes=memory),
        )

    def make_child() -> Child:
        child = ForkedChild(body, layers=layers, bars=shared, log_bytes=plan.limits.log_bytes)
        _end_with_application(run)
        return child

    @functools.cache
    def all_bars() -> memoryview:
        assert bars is not None
        return handover.view(bars)

    conduct(request, Means(make_child, all_bars), run.sendall, started)


def conduct(request: dict[str, Any], means: Means, answer: Callable[[bytes], object], started: float) -> None:
    """Serve a request of any kind: `run`, `prefix` (the same orders on fewer bars?) or `probe` (the self-test)."""
    if request["kind"] == "probe":
        _probe(request, means, answer)
        return
    plan = BacktestPlan.model_validate(request["plan"])
    inspection = inspect(request["code"])
    if inspection.fault is not None:
        failure = Failure(OutcomeStatus.GATE, inspection.fault, Stage.GATE)
        answer(outcome_frames(figures.failed(failure, request, Heard(), "", started)))
        return
    request = request | {"code": inspection.code, "notes": list(inspection.notes)}
    heard, log, failed = _listen(request, plan, means, started)
    if request["kind"] == "prefix":
        answer(encode(_compared(request, heard, failed)))
        return
    if failed is None and not request["lock_step"]:
        count = request["count"]
        answer(encode({"cuts": cut_points(heard.records, count), "records": [record.wire() for record in heard.records]}))
    if failed is None:
        bars = bars_from_bytes(means.all_bars(), request["bars"])
        outcome = figures.computed(request, plan, bars, heard, log, started)
    else:
        outcome = figures.failed(failed, request, heard, log, started)
    answer(outcome_frames(outcome))


def _listen(request: dict[str, Any], plan: BacktestPlan, means: Means, started: float) -> tuple[Heard, str, Failure | None]:
    """Let the child run the code; what it ordered, what it printed, and why it failed if it did."""
    heard = Heard()
    child = means.make_child()
    child.send(encode({name: request[name] for name in ("code", "plan", "lock_step", "signals", "bars")}))
    rows = bar_rows(means.all_bars()) if request["lock_step"] else None
    failure: Failure | None = None
    try:
        converse(child, heard, rows=rows, most_orders=plan.limits.orders, deadline=started + plan.limits.wall_seconds)
    except figures.CONVERSATION_ERRORS as error:
        failure = figures.failure_of(error, plan)
    ended = child.stop(patience=_LAST_MOMENT if failure is None else 0.0)
    if failure is None:
        failure = figures.failure_of_ending(heard, ended, plan)
    return heard, child.log.text, failure


def _compared(request: dict[str, Any], heard: Heard, failure: Failure | None) -> dict[str, Any]:
    full = [parse_record(raw) for raw in request["records"]]
    bar = compare_prefix(full, heard.records, request["count"])
    return {"leaked": bar, "failed": None if failure is None else failure.fault.message}


def _probe(request: dict[str, Any], means: Means, answer: Callable[[bytes], object]) -> None:
    child = means.make_child()
    child.send(encode({"probe": request["port"]}))
    body = child.receive(time.monotonic() + 20)
    child.stop()
    opened = decode(body).get("opened") if body is not None else None
    answer(encode({"opened": opened, "log": child.log.text}))


def _end_with_application(run: socket.socket) -> None:
    """From here on, look a few times a second whether the application closed its end: the wish to cancel, or its death.

    A timer and not a thread: after `unshare` of the process namespace the kernel allows no new thread, and threads do not go
    with `fork`. The child dies with its parent.
    """

    def look(number: int, frame: object) -> None:
        try:
            gone = not run.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except BlockingIOError:
            return
        except OSError:
            gone = True
        if gone:
            os._exit(0)

    signal.signal(signal.SIGALRM, look)
    signal.setitimer(signal.ITIMER_REAL, _LOOK_SECONDS, _LOOK_SECONDS)
