"""A session: the loop from outside. Its author submits one iteration after the other, each a step of its own, and finishes it once.

Nothing waits in between: whoever holds the run's lease makes the next step, in whatever process.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from core.domain.backtest import Stage
from core.domain.errors import InputError, SessionError, SessionTrouble
from core.domain.events import EventKind, StageEvent, TextEvent
from core.domain.iteration import Iteration
from core.domain.run import Run, RunKind, Status, StopReason
from core.driving.candidate_pool import CandidatePool, hash_program
from core.driving.candidates import complete_loop
from core.driving.confirm_winner import forget_rejected_scores, load_rankable_iterations
from core.driving.drive import Ending, finish_run, interrupt_run, open_run, save_iteration
from core.driving.finished import FinishedIterations, find_same_program, sum_up
from core.driving.iteration_step import run_proposal
from core.driving.ports import Cancel, History
from core.driving.propose import IterationSlot, Proposal
from core.driving.run_context import Ports, RunContext, compute_signals, prepare_bars
from core.driving.select import find_best
from core.driving.steering import Steering, read_steering
from core.prompts import Mode


@dataclass(frozen=True, slots=True)
class Submission:
    """One version that the author of a session submits."""

    id: str
    """The author's own id for it: the same one again is the same submission."""
    code: str
    change: str = ""
    hypothesis: str = ""
    parent: int | None = None
    """Iteration that it was made from; the best one so far unless it is given."""


@dataclass(frozen=True, slots=True)
class Taken:
    """The iteration that a submission is."""

    iteration: Iteration
    repeated: bool = False
    """True when it was there already: it is no new try."""


def begin_session(run_id: str, ports: Ports, cancel: Cancel) -> RunContext:
    """Begin a session: note what holds for all of its iterations, and make iteration 0. Goes on where an earlier beginning broke off."""
    context = open_run(ports.history.read_run(run_id), ports, cancel)
    _complete_baseline(context)
    return context


def restore_session(context: RunContext | None, run_id: str, ports: Ports, cancel: Cancel) -> RunContext:
    """The context of a session's next step, from the one before where this process has it, else from the bars themselves.

    Raises SessionError when the bars have changed since it began, and MarketDataError when they are gone.
    """
    run = ports.history.read_run(run_id)
    if not run.data_hash or not run.iterations:
        return begin_session(run_id, ports, cancel)
    if context is not None:
        return replace(context, run=run, ports=ports, cancel=cancel)
    whole, training, hold_out = prepare_bars(run.plan, ports.market)
    if training.hash != run.data_hash:
        raise SessionError(
            f"The bars of session {run_id} are no longer those that it began on.",
            SessionTrouble.BARS_CHANGED,
            hint="Begin another session on the bars as they are now.",
        )
    return RunContext(run, ports, cancel, whole, training, hold_out, compute_signals(run.plan, training, ports.sandbox, cancel))


def take_submission(context: RunContext, done: Sequence[Iteration], said: Submission) -> Taken | None:
    """Run a submission and keep it as the next iteration; None when somebody stopped it half-way.

    `done` are the iterations before it. The same id or the same program again is no new try. Raises SessionError, InputError
    for a parent that is not there, and SandboxUnavailableError.
    """
    if (known := find_known(done, said)) is not None:
        return Taken(known, repeated=True)
    require_open(context.ports.history, context.run, done)
    if said.parent is not None and said.parent not in {one.number for one in done}:
        raise InputError(f"There is no iteration {said.parent}.", hint="Leave `parent` out, or name one that is there.")
    _set_running(context)
    number = max(one.number for one in done) + 1
    slot, answer = IterationSlot(number=number, loop=number, candidate=0), _to_proposal(context, done, said)
    context.record(StageEvent(number=number, loop=number, stage=Stage.GENERATE, mode=answer.mode, model=answer.model))
    context.record(TextEvent(number=number, text=said.code))
    detail = run_proposal(context, done, slot, CandidatePool(), answer, time.perf_counter())
    if detail is None:
        end_if_cancelled(context)
        return None
    save_iteration(context, sum_up(done), [], detail)
    return Taken(detail.iteration)


def find_known(done: Sequence[Iteration], said: Submission) -> Iteration | None:
    """Find the iteration that a submission is already: by its id, else by its program. Raises SessionError for an id used otherwise."""
    named = next((one for one in done if one.submission and one.submission == said.id), None)
    if named is None:
        return find_same_program(said.code, done)
    if hash_program(named.code) != hash_program(said.code):
        raise SessionError(
            f"Submission {said.id!r} is iteration {named.number} already, with another program.",
            SessionTrouble.ID_USED,
            hint="Give every new version an id of its own.",
        )
    return named


def finish_session(context: RunContext) -> Run:
    """Finish a session: name the recommendation, then look at the hold-out, once. One that is over is given as it is."""
    run = context.ports.history.read_run(context.run.id)
    return run if run.status.finished else finish_run(context, Ending(StopReason.FINISHED))


def require_open(history: History, run: Run, done: Sequence[Iteration]) -> Steering:
    """Require that a session takes a submission now; gives what people have said to it so far. Raises SessionError when not."""
    stored = history.read_run(run.id)
    if stored.status.finished:
        raise SessionError(
            f"Session {run.id} is over: {stored.status.value}. Nothing more is taken.",
            SessionTrouble.OVER,
            hint="Another session on these bars inherits the count of tries and looks.",
        )
    said = read_steering(history.list_events(run.id, kind=EventKind.STEER))
    if said.paused:
        if stored.status is not Status.PAUSED:
            history.save_run(stored.changed(status=Status.PAUSED))
        raise SessionError(f"A person has paused session {run.id}.", SessionTrouble.PAUSED, hint="Ask them, or try again later.")
    most = run.plan.loops if said.loops is None else said.loops
    if max((one.number for one in done), default=0) >= most:
        raise SessionError(
            f"Session {run.id} takes {most} submissions, and they are in.",
            SessionTrouble.FULL,
            hint="Finish it. A person may raise the number of loops on the LLM Driving screen.",
        )
    return said


def read_session(history: History, run_id: str) -> Run:
    """Read a session. Raises SessionError when there is none of that id, also when it is a run of another kind."""
    try:
        run = history.read_run(run_id)
    except InputError as error:
        raise SessionError(error.message, SessionTrouble.UNKNOWN, hint="get_status without a session lists them.") from error
    if run.kind is not RunKind.SESSION:
        raise SessionError(f"Run {run.id} is no session.", SessionTrouble.UNKNOWN, hint="get_status without a session lists them.")
    return run


def end_if_cancelled(context: RunContext) -> None:
    """Close a session that a person has cancelled; a submission that was stopped leaves it open."""
    if context.ports.history.cancel_requested(context.run.id):
        interrupt_run(context)


def load_done(history: History, run_id: str) -> tuple[Iteration, ...]:
    """Load the iterations of a session, by number; those that were rejected have no score."""
    return load_rankable_iterations(history, run_id)


def extend_done(history: History, run_id: str, known: tuple[Iteration, ...]) -> tuple[Iteration, ...]:
    """The iterations of a session that goes on: those that are known, and the newer ones, which alone are read."""
    newer = history.list_iterations(run_id, after=known[-1].number if known else -1)
    return forget_rejected_scores(history, run_id, (*known, *newer))


def _complete_baseline(context: RunContext) -> None:
    """Make iteration 0 unless it is there."""
    if load_done(context.ports.history, context.run.id):
        return
    problem = complete_loop(context, (), partial(save_iteration, context, FinishedIterations(), []))
    if problem is not None:
        raise problem
    end_if_cancelled(context)


def _to_proposal(context: RunContext, done: Sequence[Iteration], said: Submission) -> Proposal:
    best = find_best(done)
    parent = said.parent if said.parent is not None else best.number if best is not None else 0
    base = next(one for one in done if one.number == parent)
    leads = best is None or parent == best.number
    mode = Mode.REPAIR if base.error is not None else Mode.IMPROVE if leads else Mode.EXPLORE
    return Proposal(
        code=said.code,
        model=context.plan.model.id,
        change=said.change,
        hypothesis=said.hypothesis,
        mode=mode.value,
        parent=parent,
        submission=said.id,
    )


def _set_running(context: RunContext) -> None:
    run = context.ports.history.read_run(context.run.id)
    if run.status is not Status.RUNNING:
        context.ports.history.save_run(run.changed(status=Status.RUNNING))
