"""The trusted side of one run: starts the untrusted child, listens, replays its orders on the platform's own bars, and answers.

On Linux it runs inside the locked world too, but it holds what the child must not: later bars, and the figures. How the two talk
is in `conversation`, how figures come about in `figures`, how processes are made in `zygote` (Linux) and `spawned` (elsewhere).
"""

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from core.backtest.orders import parse_record
from core.backtest.prefix import compare_prefix, cut_points
from core.domain.backtest import BacktestPlan, OutcomeStatus, Stage
from core.sandbox import figures
from core.sandbox.answer import outcome_frames
from core.sandbox.conversation import Child, Heard, LogTail, converse
from core.sandbox.figures import Failure
from core.sandbox.foresight import affordable, suspect
from core.sandbox.frames import STARTED, bar_rows, bars_from_bytes, encode, pack
from core.sandbox.gate import GateReport, inspect

_SELF_TEST_SECONDS = 20.0
_LAST_MOMENT = 1.0
"""Seconds in which a child that said its last word, or closed its pipes, may end by itself."""


@dataclass(frozen=True, slots=True)
class Means:
    """How a child is started and bars are read on this machine."""

    make_child: Callable[[], Child]
    private: Callable[[], dict[str, Any]]
    """What the request keeps from the child (which instrument, which orders are expected); called after the child was made."""
    all_bars: Callable[[], bytes | memoryview]
    """Called after the child was made: in lock-step it must not inherit them."""
    bars_by_pipe: bool = False
    """Whether a child in fast mode gets the bars as a frame after its job; otherwise it has the shared memory."""


class EnclosureError(Exception):
    """The child could not be locked in, so it ran nothing: the platform's failure, never the code's."""


def conduct(request: dict[str, Any], means: Means, answer: Callable[[bytes], object], started: float) -> None:
    """Serve a request of any kind: `run`, `prefix` (the same orders on fewer bars?) or `probe` (the self-test)."""
    answer(pack(STARTED))
    if request["kind"] == "probe":
        _probe(request, means, answer)
        return
    plan = BacktestPlan.model_validate(request["plan"])
    inspection = inspect(request["code"]) if request["gate"] else GateReport(code=request["code"])
    if inspection.fault is not None:
        means.private()
        failure = Failure(OutcomeStatus.GATE, inspection.fault, Stage.GATE)
        answer(outcome_frames(figures.failed(failure, request, LogTail(0), started)))
        return
    request = request | {"code": inspection.code, "notes": list(inspection.notes)}
    heard, log, failed = _listen(request, plan, means, started)
    if request["kind"] == "prefix":
        answer(encode(_compared(means.private(), request["count"], heard, failed)))
        return
    if failed is None and not request["lock_step"]:
        count = request["count"]
        known = {"cuts": affordable(cut_points(heard.records, count), count), "records": [record.wire() for record in heard.records]}
        answer(encode(known | {"suspect": suspect(inspection.annotations)}))
    if failed is None:
        bars = bars_from_bytes(means.all_bars(), means.private()["bars"])
        outcome = figures.computed(request, plan, bars, heard, log, started)
    else:
        outcome = figures.failed(failed, request, log, started)
    answer(outcome_frames(outcome))


def _listen(request: dict[str, Any], plan: BacktestPlan, means: Means, started: float) -> tuple[Heard, LogTail, Failure | None]:
    """Let the child run the code; what it ordered, what it printed, and why it failed if it did."""
    heard = Heard()
    child = means.make_child()
    means.private()
    child.send(encode({name: request[name] for name in ("code", "plan", "lock_step", "signals", "timeframe")}))
    if means.bars_by_pipe and not request["lock_step"]:
        child.send(pack(bytes(means.all_bars())))
    rows = bar_rows(means.all_bars()) if request["lock_step"] else None
    failure: Failure | None = None
    try:
        converse(child, heard, rows=rows, most_orders=plan.limits.orders, deadline=started + plan.limits.wall_seconds)
    except figures.CONVERSATION_ERRORS as error:
        failure = figures.failure_of(error, plan)
    if heard.closing is not None:
        child.release()
        failure = failure or figures.failure_of_closing(heard.closing, len(heard.records))
    else:
        ended = child.stop(patience=_LAST_MOMENT if failure is None else 0.0)
        failure = failure or figures.failure_of_silence(ended, plan)
    if not heard.enclosed:
        raise EnclosureError(child.log.text)
    return heard, child.log, failure


def _compared(private: dict[str, Any], cut: int, heard: Heard, failure: Failure | None) -> dict[str, Any]:
    full = [parse_record(raw) for raw in private["records"]]
    bar = compare_prefix(full, heard.records, cut)
    return {"leaked": bar, "failed": None if failure is None else failure.fault.message}


def _probe(request: dict[str, Any], means: Means, answer: Callable[[bytes], object]) -> None:
    heard = Heard()
    child = means.make_child()
    means.private()
    child.send(encode({"probe": request["port"], "plan": request["plan"]}))
    with contextlib.suppress(*figures.CONVERSATION_ERRORS):
        converse(child, heard, rows=None, most_orders=0, deadline=time.monotonic() + _SELF_TEST_SECONDS)
    child.stop()
    answer(encode({"opened": (heard.closing or {}).get("opened"), "log": child.log.text}))
