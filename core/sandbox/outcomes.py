"""From what a child said, and how it ended, to an outcome: failures get a status and words, order logs get replayed and checked.

Pure but for the clock: no process is started and nothing is read here.
"""

import contextlib
import math
import signal
import time
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from core.backtest.faults import Deadline, OverdueCheckError
from core.backtest.fill_audit import audit, describe_unchecked
from core.backtest.one_pass import OnePass
from core.backtest.orders import hash_log
from core.backtest.replay import OrderReplayer, is_altered
from core.backtest.runner_report import StrategyReport, parse_report
from core.domain.aligned_bars import describe_alignment
from core.domain.backtest import BacktestPlan, Certificate, CodeFault, Method, Outcome, OutcomeStatus, Stage, Verdict
from core.domain.bars import Bars
from core.sandbox.child_protocol import CapturedLog, ChildOutput, ChildOverdueError, Exit, FloodError, RefusedError, TooManyOrdersError
from core.sandbox.frames import FrameError, FrameTooLongError
from core.sandbox.plaintext import sanitize

PROTOCOL_ERRORS = (ChildOverdueError, OverdueCheckError, FloodError, FrameError, RefusedError, TooManyOrdersError)
NOT_COMPLETE = "The run did not complete, so nothing was checked."
ALTERED = "The code altered the engine; these are the platform's figures."
_CHECK_SECONDS = 0.75
"""Less than what the application waits beyond the wall limit."""
_FEW_ORDERS = 1_000
"""Up to this many open orders nobody calls the book full."""
_MAX_MESSAGE = 1_000
"""Longest message that is kept, in characters."""
_SIGKILL = 9
_SIGXCPU = getattr(signal, "SIGXCPU", 24)


@dataclass(frozen=True, slots=True)
class RunFailure:
    """The reason why there are no figures."""

    status: OutcomeStatus
    fault: CodeFault
    stage: Stage = Stage.RUN


def classify_error(error: Exception, plan: BacktestPlan, seconds: float, *, orders: int = 0, resting: int = 0) -> RunFailure:
    """Classify what interrupted a run that may take so long, for the author of the code; `resting` of its `orders` wait to be filled."""
    limits = plan.limits
    if isinstance(error, OverdueCheckError) or (isinstance(error, ChildOverdueError) and resting > _FEW_ORDERS):
        return _classify_overdue_check(seconds, orders, resting)
    if isinstance(error, ChildOverdueError):
        return RunFailure(OutcomeStatus.TIMEOUT, build_timeout_fault(seconds))
    if isinstance(error, FloodError):
        return _build_failure(OutcomeStatus.OUTPUT_LIMIT, "The code printed without end.", "Print rarely: on trades, not on every bar.")
    if isinstance(error, TooManyOrdersError):
        text = f"The code placed more than {limits.orders:,} orders."
        return _build_failure(
            OutcomeStatus.RESULT_TOO_LARGE, text, "Place an order only when the position or the pending orders call for one."
        )
    if isinstance(error, FrameTooLongError):
        return _build_failure(OutcomeStatus.RESULT_TOO_LARGE, f"The run's result is too large: {error}.", "")
    if isinstance(error, RefusedError):
        return _build_failure(
            OutcomeStatus.REJECTED, f"The platform refused an order: {error}.", "Use only buy, sell, close, cancel and the like."
        )
    return _build_failure(
        OutcomeStatus.MALFORMED, f"The run's result cannot be read: {error}.", "Leave the engine's own objects and files alone."
    )


def build_timeout_fault(seconds: float) -> CodeFault:
    """The fault of a run that used up its wall clock."""
    return CodeFault(message=f"The run took longer than {seconds:g} s.", hint="Look for a loop that never ends, or heavy work in next().")


def _classify_overdue_check(seconds: float, orders: int, resting: int) -> RunFailure:
    said = f"The run took longer than {seconds:g} s"
    if resting <= _FEW_ORDERS:
        return _build_failure(OutcomeStatus.TIMEOUT, f"{said}: checking its {orders:,} orders was not done by then.", "Place fewer orders.")
    text = f"{said}: its order book was too full, with {resting:,} of {orders:,} orders still waiting to be filled."
    return _build_failure(OutcomeStatus.TIMEOUT, text, "Give resting orders a date (valid=...), or cancel those that are no longer wanted.")


def classify_closing(closing: dict[str, Any], orders: int) -> RunFailure | None:
    """Classify the child's closing words; None when the run is complete. `orders` is the number of those that arrived."""
    try:
        report = parse_report(closing.get("done"))
    except ValueError as error:
        return _build_failure(OutcomeStatus.MALFORMED, f"The run's report cannot be read: {error}.", "")
    if report.fault is None:
        return _compare_order_counts(report.orders, orders)
    status = OutcomeStatus.MEMORY if report.fault.kind == "MemoryError" else OutcomeStatus.ERROR
    return RunFailure(status, clean_fault(report.fault), report.stage)


def was_guarded(closing: dict[str, Any] | None) -> bool:
    """True when a complete run says it computed nothing unknown and asked for no later bar; whether to believe it is asked elsewhere."""
    return closing is not None and parse_report(closing.get("done")).guarded


def _compare_order_counts(claimed: int, output: int) -> RunFailure | None:
    if claimed == output:
        return None
    return _build_failure(
        OutcomeStatus.MALFORMED, f"The run claims {claimed:,} orders, but {output:,} arrived.", "Leave the engine's own objects alone."
    )


def classify_exit(ended: Exit, plan: BacktestPlan) -> RunFailure:
    """Classify the exit of a child that ended without closing words."""
    limit = plan.limits.cpu_seconds
    if ended.code == -_SIGXCPU or (ended.code == -_SIGKILL and ended.cpu_seconds >= limit - 0.5):
        text = f"The run used more than {limit} s of processor time."
        return _build_failure(OutcomeStatus.CPU_LIMIT, text, "Look for a loop that never ends, or heavy work in next().")
    if ended.killed:
        return _build_failure(OutcomeStatus.DIED, "The code cut the connection to the platform.", "Leave the engine's own files alone.")
    if ended.code == -_SIGKILL:
        text = "The run's process was killed by the machine: it is short of memory, or somebody ended it."
        return _build_failure(OutcomeStatus.SUPERVISOR_DIED, text, "Not the code's fault; try again.")
    if ended.code < 0:
        return _build_failure(OutcomeStatus.DIED, f"The run's process was ended by signal {-ended.code}.", "")
    return _build_failure(
        OutcomeStatus.DIED, "The run's process ended before the strategy was done.", "Do not leave the interpreter from a strategy."
    )


def read_plain_result(closing: dict[str, Any] | None, failure: RunFailure | None) -> dict[str, Any]:
    """Read what came of a whole program: `final`, a finite number, or `fault` in words."""
    said = closing.get("done") if closing is not None else None
    if failure is None and isinstance(said, dict):
        final = said.get("final")
        if isinstance(final, float) and math.isfinite(final):
            return {"final": final, "fault": None}
        with contextlib.suppress(ValidationError):
            fault = clean_fault(CodeFault.model_validate(said.get("fault")))
            return {"final": None, "fault": fault.model_dump(mode="json")}
    fault = failure.fault if failure is not None else CodeFault(message="The program's end cannot be read.")
    return {"final": None, "fault": fault.model_dump(mode="json")}


def _build_failure(status: OutcomeStatus, message: str, hint: str) -> RunFailure:
    return RunFailure(status, CodeFault(message=sanitize(message, _MAX_MESSAGE), hint=hint))


def clean_fault(fault: CodeFault) -> CodeFault:
    """A fault from the child, as plain text."""
    kind = sanitize(fault.kind, 80)
    line = fault.line if fault.line is not None and 0 <= fault.line < 10**6 else None
    message = sanitize(fault.message, _MAX_MESSAGE) or "The code failed without a word that can be shown."
    return CodeFault(message=message, line=line, hint=sanitize(fault.hint, _MAX_MESSAGE), kind=kind)


def build_failed_outcome(failure: RunFailure, request: dict[str, Any], log: CapturedLog, started: float) -> Outcome:
    """Build an outcome without figures."""
    return Outcome(
        status=failure.status,
        stage=failure.stage,
        isolation_level=0,
        certificate=build_unchecked_certificate(_method(request)),
        error=failure.fault,
        log=sanitize(log.text, log.keep),
        notes=_notes(request, None, log),
        wall_seconds=time.monotonic() - started,
        code_ran=request["code"],
    )


def build_unchecked_certificate(method: Method) -> Certificate:
    """The certificate of a run that proves nothing."""
    return Certificate(verdict=Verdict.NOT_CHECKABLE, method=method, checked=NOT_COMPLETE)


def compute_deadline(request: dict[str, Any], started: float) -> Deadline:
    """The moment until which a run's orders are replayed and checked: a little beyond its own time, so that there are words for it."""
    return Deadline(started + request["seconds"] + _CHECK_SECONDS)


def build_outcome(
    request: dict[str, Any],
    plan: BacktestPlan,
    bars: Bars,
    output: ChildOutput,
    log: CapturedLog,
    started: float,
    replayer: OrderReplayer | None = None,
) -> Outcome:
    """Build the outcome of a complete run: every figure from the platform's replay of the order log.

    `replayer` has taken the whole log already; without one it is taken here.
    """
    assert output.closing is not None
    report = parse_report(output.closing["done"])
    deadline = compute_deadline(request, started)
    try:
        if replayer is None:
            replayer = OrderReplayer(plan, bars, deadline=deadline)
            for record in output.records:
                replayer.take(record)
        replayed = replayer.finish()
        disagreements = audit(output.records, replayed, plan, bars, deadline=deadline)
    except ValueError as error:
        return build_failed_outcome(classify_error(RefusedError(str(error)), plan, request["seconds"]), request, log, started)
    except OverdueCheckError as error:
        resting = 0 if replayer is None else replayer.open_orders
        return build_failed_outcome(
            classify_error(error, plan, request["seconds"], orders=len(output.records), resting=resting), request, log, started
        )
    bars_seen = output.shown if request["lock_step"] else report.bars
    changed = is_altered(report, replayed, bars=bars_seen)
    unconfirmed = (*disagreements[:3], *describe_unchecked(output.records, replayed))
    remarks = (
        *describe_alignment(bars),
        *_describe_held_back(replayed.held_back),
        *_describe_early_end(bars_seen, len(bars)),
        *([ALTERED] if changed else []),
        *(f"Second check of the fills: {remark}" for remark in unconfirmed),
    )
    return Outcome(
        status=OutcomeStatus.OK,
        stage=Stage.DONE,
        isolation_level=0,
        certificate=_build_certificate(request, bars, altered=changed, fills_checked=not disagreements),
        fills=replayed.fills,
        trades=replayed.trades,
        orders=replayed.orders,
        equity=replayed.equity,
        position=replayed.position,
        other_positions=replayed.other_positions,
        log=sanitize(log.text, log.keep),
        notes=(*_notes(request, report, log), *remarks),
        early_reads=report.early_reads,
        signals={sanitize(row, 100): flags for row, flags in report.signals.items() if len(flags) == len(bars)},
        orders_hash=hash_log(output.records),
        wall_seconds=time.monotonic() - started,
        code_ran=request["code"],
    )


def build_proved_outcome(request: dict[str, Any], plan: BacktestPlan, bars: Bars, done: OnePass, started: float) -> Outcome:
    """Build the outcome of one pass over a proved program, whose fills the audit confirmed."""
    replayed, records = done.result, done.records
    remarks = (
        *describe_alignment(bars),
        *_describe_held_back(replayed.held_back),
        *(f"Second check of the fills: {remark}" for remark in describe_unchecked(records, replayed)),
    )
    return Outcome(
        status=OutcomeStatus.OK,
        stage=Stage.DONE,
        isolation_level=0,
        certificate=Certificate(
            verdict=Verdict.PROVED,
            method=Method.PROVED,
            checked=f"The program is what the compiler makes of the workflow, so it ran over all {len(bars):,} bars in one pass: each of "
            "its constructs is proved to read no later bar.",
            fills_checked=True,
        ),
        fills=replayed.fills,
        trades=replayed.trades,
        orders=replayed.orders,
        equity=replayed.equity,
        position=replayed.position,
        other_positions=replayed.other_positions,
        notes=(*(sanitize(note, _MAX_MESSAGE) for note in done.report.notes), *remarks),
        early_reads=done.report.early_reads,
        signals={row: flags for row, flags in done.report.signals.items() if len(flags) == len(bars)},
        orders_hash=hash_log(records),
        wall_seconds=time.monotonic() - started,
        code_ran=request["code"],
    )


def _describe_early_end(seen: int, bars: int) -> tuple[str, ...]:
    if not 0 < seen < bars:
        return ()
    where = f"The code ended its run after {seen:,} of {bars:,} bars. Plain Backtrader's figures end there; here the account goes on"
    return (f"{where} to the last bar: what is held changes in value, and orders that wait can still fill.",)


def _describe_held_back(orders: int) -> tuple[str, ...]:
    """Describe what plain Backtrader does with several instruments, and the platform does not."""
    if not orders:
        return ()
    what = "1 order was" if orders == 1 else f"{orders:,} orders were"
    return (f"{what} not executed on an old bar, on a moment without a bar of their instrument; plain Backtrader would have done it.",)


def _build_certificate(request: dict[str, Any], bars: Bars, *, altered: bool, fills_checked: bool) -> Certificate:
    method = _method(request)
    lock_step = method is Method.LOCK_STEP
    return Certificate(
        verdict=Verdict.CLEAN if lock_step else Verdict.NOT_CHECKABLE,
        method=method,
        checked=f"Each of the {len(bars):,} bars was shown only when nothing could be ordered on the bar before it any more."
        if lock_step
        else "",
        altered=altered,
        fills_checked=fills_checked,
    )


def _method(request: dict[str, Any]) -> Method:
    return Method.LOCK_STEP if request["lock_step"] else Method.FAST


def _notes(request: dict[str, Any], report: StrategyReport | None, log: CapturedLog) -> tuple[str, ...]:
    said = () if report is None else tuple(sanitize(note, _MAX_MESSAGE) for note in report.notes)
    return (*request.get("notes", ()), *said, *([log.remark] if log.remark else []))
