"""LLM Driving: generate, backtest, analyze, improve, as often as the plan says, and one hold-out evaluation at the end.

The loop keeps no state of its own: every loop is derived from the stored iterations, so a killed run goes on where it was.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from itertools import chain, groupby, islice, takewhile

from core.domain.backtest import Stage
from core.domain.decision import Decision
from core.domain.errors import BudgetError, LeaseLostError, ProviderAction, ProviderError, ProviderReason, StoreError, StratloopError
from core.domain.events import ErrorEvent, EventKind, LogEvent, StageEvent, StudyEvent, WaitEvent
from core.domain.fingerprint import compute_fingerprint, compute_further_fingerprints
from core.domain.iteration import Iteration, IterationDetail
from core.domain.run import Run, Status, StopReason
from core.driving.cached_completions import CachedCompletions
from core.driving.candidates import complete_loop
from core.driving.confirm_winner import confirm_winner, load_rankable_iterations, take_rejected_scores
from core.driving.describe_run import describe_run
from core.driving.finished import FinishedIterations
from core.driving.half_and_half import run_half_and_half
from core.driving.hold_out import build_hold_out_evaluation, compare_on_hold_out, has_answer
from core.driving.judge import judge_run
from core.driving.news import KnownIterations
from core.driving.ports import Cancel, History, YieldSlot
from core.driving.run_context import Ports, RunContext, compute_signals, count_earlier_tries, prepare_bars
from core.driving.run_memory import recall_runs
from core.driving.select import find_best
from core.driving.stop import find_stop_reason, sum_cost
from core.evidence import correlate_members, evaluate_benchmark, list_member_facts
from core.report.labels import STOP_REASON

MAXIMUM_DEAD_LOOPS = 5
"""Loops in a row without any answer after which a run ends."""

STORE_PAUSE_SECONDS = 2.0
"""Pause after the history could not be used, before the loop is begun again from what is stored."""

LONGEST_ASKED_PAUSE = 3_600.0
"""Seconds that an outage is waited for at a time where the provider asks for more than the usual pause."""

PAUSE_POLL_SECONDS = 0.2
"""Time between two looks of a paused run whether it may go on."""


@dataclass(frozen=True, slots=True)
class Ending:
    """Reason why the loop is over, and the words for it where the usual ones would not be the whole truth."""

    reason: StopReason
    words: str = ""


def drive(run_id: str, ports: Ports, *, cancel: Cancel, yield_slot: YieldSlot = nullcontext) -> Run:
    """Carry a run from wherever it stands to its end, and give it as stored then. Failures end in the run, not in an exception.

    While the run is paused, its slot is given to others with `yield_slot`.
    """
    return carry_to_end(run_id, ports, cancel, lambda run: _carry(run, ports, cancel, yield_slot))


def carry_to_end(run_id: str, ports: Ports, cancel: Cancel, carry: Callable[[Run], Run]) -> Run:
    """Carry a run with `carry`, again where the history did not answer for a while. Failures end in the run, not in an exception."""
    run = ports.history.read_run(run_id)
    while not run.status.finished:
        try:
            return carry(run)
        except StoreError as error:
            if not error.trouble.curable:
                return fail_run(ports.history, run_id, error)
            _wait_for_history(ports.history, run_id, cancel)
            run = ports.history.read_run(run_id)
        except StratloopError as error:
            return fail_run(ports.history, run_id, error)
    return run


def _wait_for_history(history: History, run_id: str, cancel: Cancel) -> None:
    """Wait until the history takes something again, for as long as its owner's patience lasts. Raises StoreError after that."""
    for _ in range(round(STORE_PAUSE_SECONDS / PAUSE_POLL_SECONDS)):
        if not cancel.is_set():
            time.sleep(PAUSE_POLL_SECONDS)
    history.save_run(history.read_run(run_id))


def _carry(run: Run, ports: Ports, cancel: Cancel, yield_slot: YieldSlot) -> Run:
    """Carry a run to its end. Raises StratloopError for whatever keeps it from that."""
    context = open_run(run, replace(ports, model=CachedCompletions(ports.model, ports.history, run.id)), cancel)
    ending = _run_loops(context, yield_slot)
    return interrupt_run(context) if ending.reason is StopReason.CANCELLED else finish_run(context, ending)


def open_run(run: Run, ports: Ports, cancel: Cancel, *, signals: bool = True) -> RunContext:
    """Load the bars of a run, record that it is trained on them, and note in it what holds for all of its iterations.

    Without `signals` the workflow's own ones are left out: nothing but the workflow is to be held against them.
    """
    whole, training, hold_out = prepare_bars(run.plan, ports.market)
    fingerprint = compute_fingerprint(training)
    further = compute_further_fingerprints(training)
    apart = further[: training.members]
    ports.history.record_training(run.id, fingerprint, further, apart)
    held_elsewhere = ports.history.record_held_out(
        run.id, (compute_fingerprint(hold_out), *compute_further_fingerprints(hold_out)), (fingerprint, *further)
    )
    market = evaluate_benchmark(training, run.plan.backtest)
    run = run.changed(
        status=Status.RUNNING,
        benchmark=market.metrics,
        instruments=list_member_facts(training, market),
        correlation=correlate_members(training),
        data_hash=training.hash,
        training_bars=len(training),
        earlier_tries=ports.history.count_earlier_tries(run.id, fingerprint, apart),
        held_elsewhere=held_elsewhere,
        asset_class=training.instrument.asset_class.value,
        trained_until=training.last.date(),
        memory=run.memory if run.iterations else recall_runs(run, ports.history, training),
        message="",
        says_more=False,
    )
    ports.history.save_run(run)
    found = compute_signals(run.plan, training, ports.sandbox, cancel) if signals else {}
    return RunContext(run, ports, cancel, whole, training, hold_out, found)


def _run_loops(context: RunContext, yield_slot: YieldSlot) -> Ending:
    """Run loop after loop until a rule, the user or the budget ends it."""
    known, waits = KnownIterations(context.ports.history, context.run.id), 0
    while True:
        done = _read_rankable(context, known)
        steering = context.read_steering()
        if steering.paused and not context.cancel.is_set():
            _set_status(context, Status.PAUSED)
            with yield_slot():
                _wait_while_paused(context)
                _set_status(context, Status.QUEUED)
            continue
        _set_status(context, Status.RUNNING)
        reason = StopReason.CANCELLED if context.cancel.is_set() else find_stop_reason(context.run, done, steering)
        if reason is not None:
            return Ending(reason)
        made: list[Iteration] = []
        problem = complete_loop(context, done, partial(save_iteration, context, done, made))
        if problem is None:
            waits = 0
            _require_life(done, made, context.run.reopened)
        elif isinstance(problem, ProviderError) and problem.reason.passes and waits < len(context.ports.outage_pauses):
            waits += 1
            with yield_slot():
                _wait_out(context, problem, waits)
        else:
            return _to_ending(context, problem)


def _read_rankable(context: RunContext, known: KnownIterations) -> FinishedIterations:
    rejected = context.heard.read(context.ports.history, context.run.id, EventKind.REJECTED)
    return take_rejected_scores(known.read(), rejected)


def _require_life(done: Sequence[Iteration], made: Sequence[Iteration], first: int) -> None:
    """Raises ProviderError when several loops in a row brought no answer at all; `first` is the place from which they count."""
    newest = chain(sorted(made, key=lambda one: -one.number), reversed(done))
    counted = islice(newest, max(0, len(done) + len(made) - first))
    loops = (list(loop) for _, loop in groupby(counted, key=lambda one: one.loop))
    dead = list(takewhile(lambda loop: loop[0].loop > 0 and all(one.stage is Stage.GENERATE for one in loop), loops))
    if len(dead) >= MAXIMUM_DEAD_LOOPS:
        fault = dead[0][0].error
        words = f"{len(dead)} loops in a row brought no answer. {fault.message if fault else ''}".strip()
        raise ProviderError(words, name=fault.kind if fault else "NoAnswer", reason=ProviderReason.NO_ANSWER)


def _wait_out(context: RunContext, problem: ProviderError, attempt: int) -> None:
    """Wait for a provider that gives no answer, at least as long as it asks; a cancel ends it at once."""
    pauses = context.ports.outage_pauses
    seconds = max(pauses[attempt - 1], min(problem.retry_after or 0.0, LONGEST_ASKED_PAUSE))
    context.record(WaitEvent(seconds=seconds, attempt=attempt, of=len(pauses), message=problem.message))
    until = time.monotonic() + seconds
    while not context.cancel.is_set() and (left := until - time.monotonic()) > 0:
        time.sleep(min(PAUSE_POLL_SECONDS, left))


def save_iteration(context: RunContext, done: FinishedIterations, made: list[Iteration], detail: IterationDetail) -> None:
    """Store a finished iteration, and how the run stands with it: behind those that were done when its loop began, and others of it."""
    history = context.ports.history
    history.append(detail)
    made.append(detail.iteration)
    best = find_best([*([done.best] if done.best else []), *made])
    own, usd = sum_cost(made), done.usd
    run = history.read_run(context.run.id)
    earlier = count_earlier_tries(context) if run.earlier_tries else 0
    best_number = best.number if best else None
    cost = None if own is None or usd is None else usd + own
    history.save_run(run.changed(best=best_number, iterations=len(done) + len(made), cost_usd=cost, earlier_tries=earlier))


def count_earlier(context: RunContext) -> Run:
    """Count the tries of others on the same bars once more, for the end of a run: other runs may have gone on beside it."""
    run = context.ports.history.read_run(context.run.id).changed(earlier_tries=count_earlier_tries(context))
    context.ports.history.save_run(run)
    return run


def _to_ending(context: RunContext, problem: BaseException) -> Ending:
    """Turn an error into the loop's ending. Raises it when it is none of those with which a run ends in good order."""
    if isinstance(problem, BudgetError):
        ending = Ending(StopReason.BUDGET, str(problem))
    elif isinstance(problem, ProviderError) and problem.reason is ProviderReason.NOTHING_LEFT:
        ending = Ending(StopReason.EXHAUSTED)
    else:
        raise problem
    context.record(LogEvent(text=str(problem)))
    return ending


def _wait_while_paused(context: RunContext) -> None:
    while not context.cancel.is_set() and context.read_steering().paused:
        time.sleep(PAUSE_POLL_SECONDS)


def _set_status(context: RunContext, status: Status) -> None:
    run = context.ports.history.read_run(context.run.id)
    if run.status is not status:
        context.ports.history.save_run(run.changed(status=status))


def finish_run(context: RunContext, ending: Ending) -> Run:
    """Confirm the winner, evaluate it on the hold-out, and close the run."""
    done = load_rankable_iterations(context.ports.history, context.run.id)
    confirmed = confirm_winner(context, done)
    if confirmed.cut_short or context.cancel.is_set():
        return interrupt_run(context)
    decision = _judge_selection(context, done, confirmed.winner)
    hold_out = context.ports.history.read_run(context.run.id).hold_out
    if len(context.hold_out) and confirmed.winner is not None and has_answer(context, done):
        context.record(StageEvent(number=len(done), stage=Stage.HOLD_OUT))
        hold_out = compare_on_hold_out(context, done, confirmed.winner, decision)
        if context.cancel.is_set():  # an evaluation that was cut short is none
            return interrupt_run(context)
        held, history = (compute_fingerprint(context.hold_out), compute_further_fingerprints(context.hold_out)), context.ports.history
        hold_out = hold_out.changed(
            looks=history.record_hold_out(build_hold_out_evaluation(context, len(done)), *held),
            trained=history.count_trainings(context.run.id, *held),
        )
    best = confirmed.winner.number if confirmed.winner else None
    return close_run(context, ending, confirmed.words, best=best, hold_out=hold_out)


def _judge_selection(context: RunContext, done: Sequence[Iteration], winner: Iteration | None) -> Decision | None:
    """Judge what the winner is worth and what to do about it, and store that before anybody looks at the hold-out."""
    if winner is None:
        return None
    history, sandbox = context.ports.history, context.ports.sandbox
    run = count_earlier(context)
    selection = judge_run(run, done, winner.number, context.training, history)
    half = run_half_and_half(run.plan, selection.decision, tuple(done), context.training, sandbox=sandbox, cancel=context.cancel)
    run = run.changed(selection=selection, half=half)
    history.save_run(run)
    described = describe_run(run.changed(best=winner.number), done, context.training, history)
    context.record(StudyEvent(iterations=len(done), studies=described))
    return selection.decision


def interrupt_run(context: RunContext) -> Run:
    """The user's cancel ends the run; a process that goes down leaves it open for whoever comes next."""
    if context.ports.history.cancel_requested(context.run.id):
        count_earlier(context)
        return close_run(context, Ending(StopReason.CANCELLED))
    return context.ports.history.read_run(context.run.id)


def close_run(context: RunContext, ending: Ending, words: str = "", **facts: object) -> Run:
    """Store the end of a run, with the facts that came out of it."""
    finished = context.ports.history.read_run(context.run.id).changed(
        status=Status.CANCELLED if ending.reason is StopReason.CANCELLED else Status.COMPLETE,
        stop_reason=ending.reason,
        message=f"{ending.words or STOP_REASON[ending.reason]} {words}".strip(),
        says_more=bool(ending.words or words),
        finished=datetime.now(UTC),
        **facts,
    )
    context.ports.history.save_run(finished)
    return finished


def fail_run(history: History, run_id: str, error: StratloopError) -> Run:
    """End a run on an error that people can act on; what is done is kept, and the run can be resumed.

    A run that another worker carries by now, or that is over, is left alone.
    """
    if isinstance(error, LeaseLostError):
        return history.read_run(run_id)
    name, action = (error.name, error.action) if isinstance(error, ProviderError) else (type(error).__name__, ProviderAction.STOP)
    ended = datetime.now(UTC)
    failed = history.read_run(run_id).changed(status=Status.FAILED, stop_reason=StopReason.ERROR, message=str(error), finished=ended)
    try:
        history.add_event(run_id, ErrorEvent(error_class=name, message=error.message, hint=error.hint, action=action))
        history.save_run(failed)
    except LeaseLostError:
        return history.read_run(run_id)
    return failed
