"""LLM Driving: generate, backtest, analyze, improve, as often as the plan says, and one look at the hold-out at the end.

The loop keeps no state of its own: every turn is derived from the stored iterations, so a killed run goes on where it was.
"""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime

from core.domain.errors import BudgetError, LeaseLostError, ProviderError, StratloopError
from core.domain.iteration import Iteration, IterationDetail
from core.domain.run import Run, Status, StopReason
from core.driving.confirm import confirm_winner, standing
from core.driving.course import Course, Parts, compiled_signals, prepare
from core.driving.generate import Turn
from core.driving.hold_out import look_at_hold_out
from core.driving.ports import Cancel, History, Rest
from core.driving.select import best_of
from core.driving.steering import KIND, steering
from core.driving.stop import OUT_OF_IDEAS, SENTENCES, spent, stop_reason
from core.driving.turn import take_turn
from core.evidence import benchmark

PAUSE_SECONDS = 0.2
"""How often a paused run looks whether it may go on."""


def drive(run_id: str, parts: Parts, *, cancel: Cancel, rest: Rest = nullcontext) -> Run:
    """Carry a run from wherever it stands to its end, and give it as stored then. Failures end in the run, not in an exception.

    While the run is paused, its place is given to others with `rest`.
    """
    run = parts.history.run(run_id)
    if run.status.finished:
        return run
    try:
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
        reason = _loop(course, rest)
        if reason is StopReason.CANCELLED and not parts.history.cancel_requested(run_id):
            return parts.history.run(run_id)  # the process is going down: whoever comes next resumes
        return _finish(course, reason)
    except StratloopError as error:
        return fail(parts.history, run_id, error)


def _loop(course: Course, rest: Rest) -> StopReason:
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
            return reason
        details, problem = _candidates(course, done)
        for detail in details:
            history.append(detail)
            done = (*done, detail.iteration)
            _remember(course, done)
        if problem is not None:
            return _ending(course, problem)


def _ending(course: Course, problem: BaseException) -> StopReason:
    """Why the loop ends with this error. Raises it when it is none of those with which a run ends in good order."""
    if isinstance(problem, BudgetError):
        reason = StopReason.BUDGET
    elif isinstance(problem, ProviderError) and problem.name in OUT_OF_IDEAS:
        reason = StopReason.EXHAUSTED
    else:
        raise problem
    course.note("log", text=str(problem))
    return reason


def _wait_while_paused(course: Course) -> None:
    while not course.cancel.is_set() and steering(course.parts.history.events(course.run.id, kind=KIND)).paused:
        time.sleep(PAUSE_SECONDS)


def _candidates(course: Course, done: Sequence[Iteration]) -> tuple[list[IterationDetail], BaseException | None]:
    """The candidates of the next loop, made side by side, and the first error if one failed for good; the baseline is alone in loop 0.

    What the others brought is kept then, under the next free numbers: it is paid for.
    """
    turns = next_turns(course.plan.candidates, len(done))
    before = [iteration for iteration in done if iteration.loop < turns[0].loop]  # a loop cut short goes on as it would have
    with ThreadPoolExecutor(len(turns), thread_name_prefix="candidate") as pool:
        jobs = [pool.submit(take_turn, course, before, turn) for turn in turns]
    made = [detail for job in jobs if job.exception() is None and (detail := job.result()) is not None]
    kept = [_numbered(detail, len(done) + place) for place, detail in enumerate(made)]
    return kept, next((error for job in jobs if (error := job.exception()) is not None), None)


def _numbered(detail: IterationDetail, number: int) -> IterationDetail:
    if detail.iteration.number == number:
        return detail
    return replace(detail, iteration=detail.iteration.model_copy(update={"number": number}))


def next_turns(candidates: int, done: int) -> list[Turn]:
    """The turns that finish the current loop; after a kill in mid-loop only the missing ones.

    >>> [(turn.number, turn.loop) for turn in next_turns(2, 0)], [(turn.number, turn.loop) for turn in next_turns(2, 3)]
    ([(0, 0)], [(3, 2), (4, 2)])
    >>> [(turn.number, turn.candidate) for turn in next_turns(3, 5)]
    [(5, 1), (6, 2)]
    """
    if done == 0:
        return [Turn(number=0, loop=0, candidate=0)]
    loop = 1 + (done - 1) // candidates
    first = (done - 1) % candidates
    return [Turn(number=done + index, loop=loop, candidate=first + index) for index in range(candidates - first)]


def _set_status(course: Course, status: Status) -> None:
    run = course.parts.history.run(course.run.id)
    if run.status is not status:
        course.parts.history.save_run(run.model_copy(update={"status": status}))


def _remember(course: Course, done: Sequence[Iteration]) -> None:
    best = best_of(done)
    run = course.parts.history.run(course.run.id)
    update = {"best": best.number if best else None, "iterations": len(done), "cost_usd": spent(done)}
    course.parts.history.save_run(run.model_copy(update=update))


def _finish(course: Course, reason: StopReason) -> Run:
    """Confirm the winner, look at the hold-out, and close the run."""
    if reason is StopReason.CANCELLED:
        return _closed(course, reason)
    done = standing(course.parts.history, course.run.id)
    confirmed = confirm_winner(course, done)
    if confirmed.cut_short or course.cancel.is_set():
        return _cut_short(course)
    hold_out = None
    if len(course.hold_out):
        course.note("stage", number=len(done), stage="hold_out")
        hold_out = look_at_hold_out(course, done, confirmed.winner)
        if course.cancel.is_set():  # such a look is no look
            return _cut_short(course)
    best = confirmed.winner.number if confirmed.winner else None
    return _closed(course, reason, confirmed.words, best=best, hold_out=hold_out)


def _cut_short(course: Course) -> Run:
    """The user's cancel ends the run; a process that goes down leaves it open for whoever comes next."""
    if course.parts.history.cancel_requested(course.run.id):
        return _closed(course, StopReason.CANCELLED)
    return course.parts.history.run(course.run.id)


def _closed(course: Course, reason: StopReason, words: str = "", **facts: object) -> Run:
    update = {
        "status": Status.CANCELLED if reason is StopReason.CANCELLED else Status.COMPLETE,
        "stop_reason": reason,
        "message": f"{SENTENCES[reason]} {words}".strip(),
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
