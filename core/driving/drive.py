"""LLM Driving: generate, backtest, analyze, improve, as often as the plan says, and one look at the hold-out at the end.

The loop keeps no state of its own: every turn is derived from the stored iterations, so a killed run goes on where it was.
"""

import time
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

from core.domain.errors import BudgetError, LeaseLostError, ProviderError, StratloopError
from core.domain.iteration import Iteration, IterationDetail
from core.domain.run import Run, Status, StopReason
from core.driving.answers import RememberedAnswers
from core.driving.candidates import make_loop
from core.driving.confirm import confirm_winner, standing
from core.driving.course import Course, Parts, compiled_signals, prepare
from core.driving.hold_out import look_at_hold_out, look_of
from core.driving.ports import Cancel, History, Rest
from core.driving.select import best_of
from core.driving.steering import KIND, steering
from core.driving.stop import OUT_OF_IDEAS, SENTENCES, spent, stop_reason
from core.evidence import benchmark

PAUSE_SECONDS = 0.2
"""How often a paused run looks whether it may go on."""


@dataclass(frozen=True, slots=True)
class Ending:
    """Why the loop is over, and the words for it where the usual ones would not be the whole truth."""

    reason: StopReason
    words: str = ""


def drive(run_id: str, parts: Parts, *, cancel: Cancel, rest: Rest = nullcontext) -> Run:
    """Carry a run from wherever it stands to its end, and give it as stored then. Failures end in the run, not in an exception.

    While the run is paused, its place is given to others with `rest`.
    """
    run = parts.history.run(run_id)
    if run.status.finished:
        return run
    try:
        parts = replace(parts, model=RememberedAnswers(parts.model, parts.history, run_id))
        whole, training, hold_out = prepare(run.plan, parts.market)
        update = {
            "status": Status.RUNNING,
            "benchmark": benchmark(training, run.plan.backtest).metrics,
            "data_hash": training.hash,
            "training_bars": len(training),
            "message": "",
        }
        run = run.model_copy(update=update)
        parts.history.save_run(run)
        course = Course(run, parts, cancel, whole, training, hold_out, compiled_signals(run.plan, training, parts.sandbox, cancel))
        ending = _loop(course, rest)
        return _cut_short(course) if ending.reason is StopReason.CANCELLED else _finish(course, ending)
    except StratloopError as error:
        return fail(parts.history, run_id, error)


def _loop(course: Course, rest: Rest) -> Ending:
    """Turn after turn until a rule, the user or the budget ends it."""
    history = course.parts.history
    while True:
        done = standing(history, course.run.id)
        wishes = steering(history.events(course.run.id, kind=KIND))
        if wishes.paused and not course.cancel.is_set():
            _set_status(course, Status.PAUSED)
            with rest():
                _wait_while_paused(course)
                _set_status(course, Status.QUEUED)
            continue
        _set_status(course, Status.RUNNING)
        reason = StopReason.CANCELLED if course.cancel.is_set() else stop_reason(course.run, done, wishes)
        if reason is not None:
            return Ending(reason)
        problem = make_loop(course, done, partial(_keep, course, list(done)))
        if problem is not None:
            return _ending(course, problem)


def _keep(course: Course, kept: list[Iteration], detail: IterationDetail) -> None:
    """Store a finished iteration, and how the run stands with it."""
    history = course.parts.history
    history.append(detail)
    kept.append(detail.iteration)
    best = best_of(kept)
    update = {"best": best.number if best else None, "iterations": len(kept), "cost_usd": spent(kept)}
    history.save_run(history.run(course.run.id).model_copy(update=update))


def _ending(course: Course, problem: BaseException) -> Ending:
    """Why the loop ends with this error. Raises it when it is none of those with which a run ends in good order."""
    if isinstance(problem, BudgetError):
        ending = Ending(StopReason.BUDGET, str(problem))
    elif isinstance(problem, ProviderError) and problem.name in OUT_OF_IDEAS:
        ending = Ending(StopReason.EXHAUSTED)
    else:
        raise problem
    course.note("log", text=str(problem))
    return ending


def _wait_while_paused(course: Course) -> None:
    while not course.cancel.is_set() and steering(course.parts.history.events(course.run.id, kind=KIND)).paused:
        time.sleep(PAUSE_SECONDS)


def _set_status(course: Course, status: Status) -> None:
    run = course.parts.history.run(course.run.id)
    if run.status is not status:
        course.parts.history.save_run(run.model_copy(update={"status": status}))


def _finish(course: Course, ending: Ending) -> Run:
    """Confirm the winner, look at the hold-out, and close the run."""
    done = standing(course.parts.history, course.run.id)
    confirmed = confirm_winner(course, done)
    if confirmed.cut_short or course.cancel.is_set():
        return _cut_short(course)
    hold_out = course.parts.history.run(course.run.id).hold_out
    if len(course.hold_out):
        course.note("stage", number=len(done), stage="hold_out")
        hold_out = look_at_hold_out(course, done, confirmed.winner)
        if course.cancel.is_set():  # such a look is no look
            return _cut_short(course)
        hold_out = hold_out.model_copy(update={"looks": course.parts.history.look(look_of(course, len(done)))})
    best = confirmed.winner.number if confirmed.winner else None
    return _closed(course, ending, confirmed.words, best=best, hold_out=hold_out)


def _cut_short(course: Course) -> Run:
    """The user's cancel ends the run; a process that goes down leaves it open for whoever comes next."""
    if course.parts.history.cancel_requested(course.run.id):
        return _closed(course, Ending(StopReason.CANCELLED))
    return course.parts.history.run(course.run.id)


def _closed(course: Course, ending: Ending, words: str = "", **facts: object) -> Run:
    update = {
        "status": Status.CANCELLED if ending.reason is StopReason.CANCELLED else Status.COMPLETE,
        "stop_reason": ending.reason,
        "message": f"{ending.words or SENTENCES[ending.reason]} {words}".strip(),
        "finished": datetime.now(UTC),
    }
    finished = course.parts.history.run(course.run.id).model_copy(update={**update, **facts})
    course.parts.history.save_run(finished)
    return finished


def fail(history: History, run_id: str, error: StratloopError) -> Run:
    """End a run on an error that people can act on; what is done is kept, and the run can be resumed.

    A run that another worker carries by now, or that is over, is left alone.
    """
    if isinstance(error, LeaseLostError):
        return history.run(run_id)
    name, action = (error.name, error.action.value) if isinstance(error, ProviderError) else (type(error).__name__, "stop")
    update = {"status": Status.FAILED, "stop_reason": StopReason.ERROR, "message": str(error), "finished": datetime.now(UTC)}
    failed = history.run(run_id).model_copy(update=update)
    try:
        history.event(run_id, "error", {"class": name, "message": error.message, "hint": error.hint, "action": action})
        history.save_run(failed)
    except LeaseLostError:
        return history.run(run_id)
    return failed
