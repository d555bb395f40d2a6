"""From what a child said, and how it ended, to an outcome: failures get a status and words, order logs get replayed and checked.

Pure but for the clock: no process is started and nothing is read here.
"""

import signal
import time
from dataclasses import dataclass
from typing import Any

from core.backtest.faults import Deadline, OverdueCheckError
from core.backtest.ledger import audit, unchecked
from core.backtest.orders import log_hash
from core.backtest.replay import Desk, altered
from core.backtest.report import PlayReport, parse_report
from core.domain.backtest import BacktestPlan, Certificate, CodeFault, Method, Outcome, OutcomeStatus, Stage, Verdict
from core.domain.bars import Bars
from core.sandbox.conversation import Exit, FloodError, Heard, LogTail, OverdueError, RefusedError, TooManyOrdersError
from core.sandbox.frames import FrameError, FrameTooLongError
from core.sandbox.plaintext import plain

CONVERSATION_ERRORS = (OverdueError, OverdueCheckError, FloodError, FrameError, RefusedError, TooManyOrdersError)
NOT_COMPLETE = "The run did not complete, so nothing was checked."
ALTERED = "The code altered the engine; these are the platform's figures."
_CHECK_SECONDS = 0.75
"""Less than what the application waits beyond the wall limit."""
_FEW = 1_000
"""Up to this many open orders nobody calls the book full."""
_SHORT = 1_000
"""Longest message that is kept, in characters."""
_SIGKILL = 9
_SIGXCPU = getattr(signal, "SIGXCPU", 24)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there are no figures."""

    status: OutcomeStatus
    fault: CodeFault
    stage: Stage = Stage.RUN


def failure_of(error: Exception, plan: BacktestPlan, *, orders: int = 0, resting: int = 0) -> Failure:
    """What an interrupted conversation means for the author of the code; `resting` of its `orders` wait to be filled."""
    limits = plan.limits
    if isinstance(error, OverdueCheckError) or (isinstance(error, OverdueError) and resting > _FEW):
        return _overdue_checks(plan, orders, resting)
    if isinstance(error, OverdueError):
        return Failure(OutcomeStatus.TIMEOUT, overdue(limits.wall_seconds))
    if isinstance(error, FloodError):
        return _failure(OutcomeStatus.OUTPUT_LIMIT, "The code printed without end.", "Print rarely: on trades, not on every bar.")
    if isinstance(error, TooManyOrdersError):
        text = f"The code placed more than {limits.orders:,} orders."
        return _failure(OutcomeStatus.RESULT_TOO_LARGE, text, "Place an order only when the position or the pending orders call for one.")
    if isinstance(error, FrameTooLongError):
        return _failure(OutcomeStatus.RESULT_TOO_LARGE, f"The run's result is too large: {error}.", "")
    if isinstance(error, RefusedError):
        return _failure(
            OutcomeStatus.REJECTED, f"The platform refused an order: {error}.", "Use only buy, sell, close, cancel and the like."
        )
    return _failure(
        OutcomeStatus.MALFORMED, f"The run's result cannot be read: {error}.", "Leave the engine's own objects and files alone."
    )


def overdue(seconds: float) -> CodeFault:
    """What is said when the wall clock ran out."""
    return CodeFault(message=f"The run took longer than {seconds:g} s.", hint="Look for a loop that never ends, or heavy work in next().")


def _overdue_checks(plan: BacktestPlan, orders: int, resting: int) -> Failure:
    said = f"The run took longer than {plan.limits.wall_seconds:g} s"
    if resting <= _FEW:
        return _failure(OutcomeStatus.TIMEOUT, f"{said}: checking its {orders:,} orders was not done by then.", "Place fewer orders.")
    text = f"{said}: its order book was too full, with {resting:,} of {orders:,} orders still waiting to be filled."
    return _failure(OutcomeStatus.TIMEOUT, text, "Give resting orders a date (valid=...), or cancel those that are no longer wanted.")


def failure_of_closing(closing: dict[str, Any], orders: int) -> Failure | None:
    """What the child's closing words mean; None when the run is complete. `orders` is the number of those that arrived."""
    try:
        report = parse_report(closing.get("done"))
    except ValueError as error:
        return _failure(OutcomeStatus.MALFORMED, f"The run's report cannot be read: {error}.", "")
    if report.fault is None:
        return _failure_of_count(report.orders, orders)
    status = OutcomeStatus.MEMORY if report.fault.kind == "MemoryError" else OutcomeStatus.ERROR
    return Failure(status, clean_fault(report.fault), report.stage)


def _failure_of_count(claimed: int, heard: int) -> Failure | None:
    if claimed == heard:
        return None
    return _failure(
        OutcomeStatus.MALFORMED, f"The run claims {claimed:,} orders, but {heard:,} arrived.", "Leave the engine's own objects alone."
    )


def failure_of_silence(ended: Exit, plan: BacktestPlan) -> Failure:
    """What it means that a child ended without closing words."""
    limit = plan.limits.cpu_seconds
    if ended.code == -_SIGXCPU or (ended.code == -_SIGKILL and ended.cpu_seconds >= limit - 0.5):
        text = f"The run used more than {limit} s of processor time."
        return _failure(OutcomeStatus.CPU_LIMIT, text, "Look for a loop that never ends, or heavy work in next().")
    if ended.killed:
        return _failure(OutcomeStatus.DIED, "The code cut the connection to the platform.", "Leave the engine's own files alone.")
    if ended.code < 0:
        return _failure(OutcomeStatus.DIED, f"The run's process was ended by signal {-ended.code}.", "")
    return _failure(
        OutcomeStatus.DIED, "The run's process ended before the strategy was done.", "Do not leave the interpreter from a strategy."
    )


def _failure(status: OutcomeStatus, message: str, hint: str) -> Failure:
    return Failure(status, CodeFault(message=plain(message, _SHORT), hint=hint))


def clean_fault(fault: CodeFault) -> CodeFault:
    """A fault from the child, as plain text."""
    kind = plain(fault.kind, 80)
    line = fault.line if fault.line is not None and 0 <= fault.line < 10**6 else None
    return CodeFault(message=plain(fault.message, _SHORT), line=line, hint=plain(fault.hint, _SHORT), kind=kind)


def failed(failure: Failure, request: dict[str, Any], log: LogTail, started: float) -> Outcome:
    """An outcome without figures."""
    return Outcome(
        status=failure.status,
        stage=failure.stage,
        isolation_level=0,
        certificate=not_checked(_method(request)),
        error=failure.fault,
        log=plain(log.text, log.keep),
        notes=_notes(request, None, log),
        wall_seconds=time.monotonic() - started,
        code_ran=request["code"],
    )


def not_checked(method: Method) -> Certificate:
    """The certificate of a run that proves nothing."""
    return Certificate(verdict=Verdict.NOT_CHECKABLE, method=method, checked=NOT_COMPLETE)


def deadline_of(plan: BacktestPlan, started: float) -> Deadline:
    """Until when a run's orders are replayed and checked: a little beyond its own time, so that there are words for it."""
    return Deadline(started + plan.limits.wall_seconds + _CHECK_SECONDS)


def computed(
    request: dict[str, Any], plan: BacktestPlan, bars: Bars, heard: Heard, log: LogTail, started: float, desk: Desk | None = None
) -> Outcome:
    """The outcome of a complete run: every figure from the platform's replay of the order log.

    `desk` has taken the whole log already; without one it is taken here.
    """
    assert heard.closing is not None
    report = parse_report(heard.closing["done"])
    deadline = deadline_of(plan, started)
    try:
        if desk is None:
            desk = Desk(plan, bars, deadline=deadline)
            for record in heard.records:
                desk.take(record)
        replayed = desk.result()
        disagreements = audit(heard.records, replayed, plan, bars, deadline=deadline)
    except ValueError as error:
        return failed(failure_of(RefusedError(str(error)), plan), request, log, started)
    except OverdueCheckError as error:
        resting = 0 if desk is None else desk.open_orders
        return failed(failure_of(error, plan, orders=len(heard.records), resting=resting), request, log, started)
    bars_seen = heard.shown if request["lock_step"] else report.bars
    changed = altered(report, replayed, bars=bars_seen)
    doubts = (*disagreements[:3], *unchecked(heard.records, replayed))
    remarks = (
        *_stopped(bars_seen, len(bars)),
        *([ALTERED] if changed else []),
        *(f"Second check of the fills: {doubt}" for doubt in doubts),
    )
    return Outcome(
        status=OutcomeStatus.OK,
        stage=Stage.DONE,
        isolation_level=0,
        certificate=_certificate(request, bars, altered=changed, ledger_checked=not disagreements),
        fills=replayed.fills,
        trades=replayed.trades,
        orders=replayed.orders,
        equity=replayed.equity,
        position=replayed.position,
        log=plain(log.text, log.keep),
        notes=(*_notes(request, report, log), *remarks),
        signals={plain(row, 100): flags for row, flags in report.signals.items() if len(flags) == len(bars)},
        orders_hash=log_hash(heard.records),
        wall_seconds=time.monotonic() - started,
        code_ran=request["code"],
    )


def _stopped(seen: int, bars: int) -> tuple[str, ...]:
    if not 0 < seen < bars:
        return ()
    where = f"The code ended its run after {seen:,} of {bars:,} bars. Plain Backtrader's figures end there; here the account goes on"
    return (f"{where} to the last bar: what is held changes in value, and orders that wait can still fill.",)


def _certificate(request: dict[str, Any], bars: Bars, *, altered: bool, ledger_checked: bool) -> Certificate:
    method = _method(request)
    lock_step = method is Method.LOCK_STEP
    return Certificate(
        verdict=Verdict.CLEAN if lock_step else Verdict.NOT_CHECKABLE,
        method=method,
        checked=f"Each of the {len(bars):,} bars was shown only after the orders of the bar before it were taken." if lock_step else "",
        altered=altered,
        ledger_checked=ledger_checked,
    )


def _method(request: dict[str, Any]) -> Method:
    return Method.LOCK_STEP if request["lock_step"] else Method.FAST


def _notes(request: dict[str, Any], report: PlayReport | None, log: LogTail) -> tuple[str, ...]:
    said = () if report is None else tuple(plain(note, _SHORT) for note in report.notes)
    return (*request.get("notes", ()), *said, *([log.remark] if log.remark else []))
