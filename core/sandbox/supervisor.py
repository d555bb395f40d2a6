"""The trusted side of one run: starts the untrusted child, listens, replays its orders on the platform's own bars, and answers.

On Linux it runs inside the locked world too, but it holds what the child must not: later bars, and the figures. How the two talk
is in `conversation`, how figures come about in `figures`, how processes are made in `zygote` (Linux) and `spawned` (elsewhere).
"""

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from core.backtest.orders import parse_record
from core.backtest.prefix import compare_prefix, cut_points
from core.backtest.replay import Desk
from core.domain.backtest import BacktestPlan, OutcomeStatus, Progress, Stage
from core.domain.bars import Bars
from core.sandbox import figures
from core.sandbox.answer import outcome_frames, progress_frame
from core.sandbox.conversation import Child, Heard, LogTail, converse
from core.sandbox.figures import Failure
from core.sandbox.foresight import affordable, suspect
from core.sandbox.frames import STARTED, bar_rows, bars_from_bytes, encode, pack
from core.sandbox.gate import GateReport, inspect
from core.sandbox.preview import Preview

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
    can_answer: Callable[[], bool] = lambda: True
    """Whether the application takes a report without letting the supervisor wait."""

    def bars(self) -> Bars:
        """The run's bars, for the replay."""
        return bars_from_bytes(self.all_bars(), self.private()["bars"])


class Listened(NamedTuple):
    """What one child did."""

    heard: Heard
    log: LogTail
    failure: Failure | None
    preview: Preview | None


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
    prefix = request["kind"] == "prefix"
    tell = None if prefix or not request["watched"] else _teller(means, answer)
    heard, log, failed, preview = _listen(request, plan, means, started, tell)
    if prefix:
        answer(encode(_compared(means.private(), request["count"], heard, failed)))
        return
    if failed is None and not request["lock_step"]:
        count = request["count"]
        known = {"cuts": affordable(cut_points(heard.records, count), count), "records": [record.wire() for record in heard.records]}
        answer(encode(known | {"suspect": suspect(inspection.annotations)}))
    if failed is None:
        desk = None if preview is None else preview.finished(heard.records)
        outcome = figures.computed(request, plan, means.bars(), heard, log, started, desk)
    else:
        outcome = figures.failed(failed, request, log, started)
    answer(outcome_frames(outcome))


def _teller(means: Means, answer: Callable[[bytes], object]) -> Callable[[Progress], bool]:
    """Passes a report on to the application; a report that would have to wait is not sent, except the last one."""

    def tell(progress: Progress) -> bool:
        if progress.done < progress.total and not means.can_answer():
            return False
        answer(progress_frame(progress))
        return True

    return tell


def _listen(request: dict[str, Any], plan: BacktestPlan, means: Means, started: float, tell: Callable[[Progress], bool] | None) -> Listened:
    """Let the child run the code; what it ordered, what it printed, and why it failed if it did."""
    heard = Heard()
    child = means.make_child()
    means.private()
    watched = tell is not None and not request["lock_step"]
    child.send(encode({name: request[name] for name in ("code", "plan", "lock_step", "signals", "timeframe")} | {"watched": watched}))
    if means.bars_by_pipe and not request["lock_step"]:
        child.send(pack(bytes(means.all_bars())))
    rows = bar_rows(means.all_bars()) if request["lock_step"] else None
    preview = None
    if tell is not None and request["count"]:
        preview = Preview(Desk(plan, means.bars(), deadline=figures.deadline_of(plan, started)), request["count"], tell)
    failure: Failure | None = None
    try:
        deadline = started + plan.limits.wall_seconds
        converse(child, heard, rows=rows, most_orders=plan.limits.orders, deadline=deadline, preview=preview)
    except figures.CONVERSATION_ERRORS as error:
        resting = 0 if preview is None else preview.open_orders
        failure = figures.failure_of(error, plan, orders=len(heard.records), resting=resting)
    if heard.closing is not None:
        child.release()
        failure = failure or figures.failure_of_closing(heard.closing, len(heard.records))
    else:
        ended = child.stop(patience=_LAST_MOMENT if failure is None else 0.0)
        failure = failure or figures.failure_of_silence(ended, plan)
    if not heard.enclosed:
        raise EnclosureError(child.log.text)
    return Listened(heard, child.log, failure, preview)


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
