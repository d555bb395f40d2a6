"""The trusted side of one run: starts the untrusted child, reads what it sends, replays its orders on the platform's own bars, and answers.

On Linux it runs inside the locked world too, but it holds what the child must not: later bars, and the figures. How the two talk
is in `child_protocol`, how figures come about in `outcomes`, how processes are made in `zygote` (Linux) and `spawned` (elsewhere).
"""

import contextlib
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from core.backtest.engine_names import collect_engine_names
from core.backtest.orders import parse_record
from core.backtest.prefix import choose_cuts, compare_prefix
from core.backtest.replay import OrderReplayer
from core.domain.backtest import BacktestPlan, OutcomeStatus, Progress, Stage
from core.domain.bars import Bars
from core.gate import GateReport, find_doubt, inspect_code
from core.sandbox import outcomes
from core.sandbox.bar_rows import BarRows
from core.sandbox.child_protocol import CapturedLog, Child, ChildOutput, collect_output
from core.sandbox.frames import STARTED, decode_bars, encode, pack
from core.sandbox.lookahead_check import find_suspect_line
from core.sandbox.outcome_frames import encode_outcome, encode_progress
from core.sandbox.outcomes import RunFailure
from core.sandbox.progress_replay import LiveReplay

_SELF_TEST_SECONDS = 20.0
_EXIT_SECONDS = 1.0
"""Seconds in which a child that said its last word, or closed its pipes, may end by itself."""


@dataclass(frozen=True, slots=True)
class RunResources:
    """Access of one run to its child and its bars on this machine."""

    make_child: Callable[[], Child]
    """Give the run's child. On Linux it was made before this process learned anything that the code must not know."""
    private: Callable[[], dict[str, Any]]
    """Facts that the request keeps from the child (which instrument, which orders are expected)."""
    all_bars: Callable[[], bytes | memoryview]
    bars_by_pipe: bool = False
    """True when a child in fast mode gets the bars as a frame after its job; otherwise it has the shared memory."""
    can_answer: Callable[[], bool] = lambda: True
    """True when the application takes a report without letting the run monitor wait."""

    def decode_bars(self) -> Bars:
        """Decode the run's bars, for the replay."""
        return decode_bars(self.all_bars(), self.private()["bars"])


class ChildRun(NamedTuple):
    """Result of running one child."""

    output: ChildOutput
    log: CapturedLog
    failure: RunFailure | None
    preview: LiveReplay | None


class EnclosureError(Exception):
    """The child could not be locked in, so it ran nothing: the platform's failure, never the code's."""


def serve_request(request: dict[str, Any], resources: RunResources, answer: Callable[[bytes], object], started: float) -> None:
    """Serve a request of any kind: `run`, `prefix` (the same orders bar by bar?), `script` (a program) or `probe` (the self-test)."""
    answer(pack(STARTED))
    if request["kind"] == "probe":
        _run_probe(request, resources, answer)
        return
    if request["kind"] == "script":
        _run_script(request, resources, answer, started)
        return
    plan = BacktestPlan.model_validate(request["plan"])
    inspection = _inspect(request, answer)
    if inspection.fault is not None:
        resources.private()
        failure = RunFailure(OutcomeStatus.GATE, inspection.fault, Stage.GATE)
        answer(encode_outcome(outcomes.build_failed_outcome(failure, request, CapturedLog(0), started)))
        return
    said = (*inspection.notes, *inspection.describe_bars(request["timeframe"]), *inspection.account.describe_left_out(plan))
    request = request | {"code": inspection.code, "notes": list(said)}
    prefix = request["kind"] == "prefix"
    tell = None if prefix or not request["watched"] else _make_reporter(resources, answer)
    output, log, failed, preview = _run_child(request, plan, resources, started, tell)
    if prefix:
        answer(encode(_compare_orders(resources.private(), request["cut"], output, failed)))
        return
    if failed is None and not request["lock_step"]:
        spared = request["gate"] and outcomes.was_guarded(output.closing) and not _find_doubt(inspection, answer)
        answer(encode(_tell_orders(request, inspection, output, spared=spared)))
    if failed is None:
        replayer = None if preview is None else preview.finish(output.records)
        outcome = outcomes.build_outcome(request, plan, resources.decode_bars(), output, log, started, replayer)
    else:
        outcome = outcomes.build_failed_outcome(failed, request, log, started)
    answer(encode_outcome(outcome))


def _tell_orders(request: dict[str, Any], inspection: GateReport, output: ChildOutput, *, spared: bool) -> dict[str, Any]:
    """Tell what the repeat of a fast run has to know: the orders, and where to compare. Nothing where the program's text spares it."""
    if spared:
        return {"cuts": [], "records": [], "suspect": None, "proved": True}
    cuts = choose_cuts(output.records, request["count"], secrets.randbelow)
    records = [record.to_wire() for record in output.records]
    return {"cuts": cuts, "records": records, "suspect": find_suspect_line(inspection.annotations), "proved": False}


def _find_doubt(inspection: GateReport, answer: Callable[[bytes], object]) -> str:
    """The doubt about a program: the one that the application remembers, or a new one, which it is told to remember."""
    if inspection.doubt is not None:
        return inspection.doubt
    doubt = find_doubt(inspection.code, collect_engine_names())
    answer(encode({"inspection": inspection.changed(doubt=doubt).model_dump(mode="json")}))
    return doubt


def _inspect(request: dict[str, Any], answer: Callable[[bytes], object]) -> GateReport:
    """The gate's report: the one that the application remembers of this text, or a new one, which it is told to remember."""
    if not request["gate"]:
        return GateReport(code=request["code"])
    if request.get("inspection") is not None:
        return GateReport.model_validate(request["inspection"])
    report = inspect_code(request["code"])
    if request["kind"] == "run":
        answer(encode({"inspection": report.model_dump(mode="json")}))
    return report


def _make_reporter(resources: RunResources, answer: Callable[[bytes], object]) -> Callable[[Progress], bool]:
    """Passes a report on to the application; a report that would have to wait is not sent, except the last one."""

    def tell(progress: Progress) -> bool:
        if progress.done < progress.total and not resources.can_answer():
            return False
        answer(encode_progress(progress))
        return True

    return tell


def _run_child(
    request: dict[str, Any], plan: BacktestPlan, resources: RunResources, started: float, tell: Callable[[Progress], bool] | None
) -> ChildRun:
    """Let the child run the code; what it ordered, what it printed, and why it failed if it did."""
    output = ChildOutput()
    child = resources.make_child()
    resources.private()
    told = ("code", "plan", "lock_step", "signals", "timeframe", "hours", *(("symbols",) if request["symbols"] else ()))
    deadline = started + request["seconds"]
    preview: LiveReplay | None = None
    failure: RunFailure | None = None
    try:
        child.send(encode({name: request[name] for name in told}), deadline)
        if resources.bars_by_pipe and not request["lock_step"]:
            child.send(pack(bytes(resources.all_bars())), deadline)
        rows = BarRows(resources.all_bars(), len(request["symbols"]) or 1) if request["lock_step"] else None
        if tell is not None and request["count"]:
            replayer = OrderReplayer(plan, resources.decode_bars(), deadline=outcomes.compute_deadline(request, started))
            preview = LiveReplay(replayer, request["count"], tell)
        collect_output(child, output, rows=rows, most_orders=plan.limits.orders, deadline=deadline, preview=preview)
    except outcomes.PROTOCOL_ERRORS as error:
        resting = 0 if preview is None else preview.open_orders
        failure = outcomes.classify_error(error, plan, request["seconds"], orders=len(output.records), resting=resting)
    if output.closing is not None:
        child.release()
        failure = failure or outcomes.classify_closing(output.closing, len(output.records))
    else:
        ended = child.stop(patience=_EXIT_SECONDS if failure is None else 0.0)
        failure = failure or outcomes.classify_exit(ended, plan)
    if not output.enclosed:
        raise EnclosureError(child.log.text)
    return ChildRun(output, child.log, failure, preview)


def _compare_orders(private: dict[str, Any], cut: int, output: ChildOutput, failure: RunFailure | None) -> dict[str, Any]:
    full = [parse_record(raw) for raw in private["records"]]
    if failure is not None and failure.status is not OutcomeStatus.ERROR:
        full = full[: len(output.records)]  # it was stopped from outside: what it had ordered by then is compared
    bar = compare_prefix(full, output.records, cut)
    return {"leaked": bar, "failed": None if failure is None else failure.fault.message}


def _run_script(request: dict[str, Any], resources: RunResources, answer: Callable[[bytes], object], started: float) -> None:
    """Let the child run a whole program; the answer is what it printed last, or why there is nothing."""
    plan, output, failure = BacktestPlan.model_validate(request["plan"]), ChildOutput(), None
    child = resources.make_child()
    resources.private()
    deadline = started + request["seconds"]
    try:
        child.send(encode({name: request[name] for name in ("script", "csv", "file", "plan")}), deadline)
        collect_output(child, output, rows=None, most_orders=0, deadline=deadline)
    except outcomes.PROTOCOL_ERRORS as error:
        failure = outcomes.classify_error(error, plan, request["seconds"])
    if output.closing is None:
        ended = child.stop(patience=_EXIT_SECONDS if failure is None else 0.0)
        failure = failure or outcomes.classify_exit(ended, plan)
    else:
        child.release()
    if not output.enclosed:
        raise EnclosureError(child.log.text)
    answer(encode(outcomes.read_plain_result(output.closing, failure)))


def _run_probe(request: dict[str, Any], resources: RunResources, answer: Callable[[bytes], object]) -> None:
    output = ChildOutput()
    child = resources.make_child()
    resources.private()
    deadline = time.monotonic() + _SELF_TEST_SECONDS
    with contextlib.suppress(*outcomes.PROTOCOL_ERRORS):
        child.send(encode({"probe": request["port"], "plan": request["plan"]}), deadline)
        collect_output(child, output, rows=None, most_orders=0, deadline=deadline)
    child.stop()
    answer(encode({"opened": (output.closing or {}).get("opened"), "log": child.log.text}))
