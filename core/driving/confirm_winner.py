"""Confirmation of the winner bar by bar, and the choice of the iteration that is presented as best when it fails.

An iteration of a fast run is confirmed as soon as it leads; what is left for the end are those of earlier versions, and those that could
not be repeated when they were made.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.domain.events import Event, EventKind, RejectedEvent, select_bodies
from core.domain.iteration import Iteration
from core.driving.confirm import RepeatResult, repeat_in_lock_step
from core.driving.finished import FinishedIterations, sum_up
from core.driving.ports import History
from core.driving.run_context import RunContext
from core.driving.select import find_leader

MAXIMUM_CONFIRMATIONS = 5
"""Iterations of the ranking that are run again at most."""


@dataclass(frozen=True, slots=True)
class Confirmation:
    """The iteration to present as best, and words on how far it was confirmed; empty where there was no need."""

    winner: Iteration | None
    words: str = ""
    cut_short: bool = False
    """Somebody stopped it: it says nothing about any iteration."""


def load_rankable_iterations(history: History, run_id: str) -> tuple[Iteration, ...]:
    """Load the finished iterations by number; those that were rejected have no score."""
    return forget_rejected_scores(history, run_id, history.list_iterations(run_id))


def forget_rejected_scores(history: History, run_id: str, done: Sequence[Iteration]) -> tuple[Iteration, ...]:
    """The same iterations, without a score where the history says that one was rejected."""
    return take_rejected_scores(done, history.list_events(run_id, kind=EventKind.REJECTED))


def take_rejected_scores(done: Sequence[Iteration], events: Iterable[Event]) -> FinishedIterations:
    """The same iterations, without a score where one of the events rejects one."""
    rejected = {said.number for said in select_bodies(events, RejectedEvent)}
    if not rejected:
        return sum_up(done)
    return FinishedIterations(one.changed(score=None) if one.number in rejected else one for one in done)


def confirm_winner(context: RunContext, done: Sequence[Iteration]) -> Confirmation:
    """Go down the ranking until an iteration is sure not to read the future; one that places other orders bar by bar is rejected.

    One that cannot be repeated within the limits of a backtest is passed over as well: what nobody could confirm is not best.
    """
    rejected: list[int] = []
    unfinished: list[int] = []
    for _ in range(MAXIMUM_CONFIRMATIONS):
        best = find_leader([one for one in done if one.number not in (*rejected, *unfinished)])
        if best is None or not best.awaits_confirmation:
            break
        match _repeat(context, best):
            case RepeatResult.CANCELLED:
                return Confirmation(None, cut_short=True)
            case RepeatResult.SAME:
                return Confirmation(best, _describe(rejected, unfinished, "The winner was run again bar by bar, with the same orders."))
            case RepeatResult.UNFINISHED:
                unfinished.append(best.number)
            case RepeatResult.DIFFERENT:
                rejected.append(best.number)
                context.record(RejectedEvent(number=best.number, reason="Run again bar by bar, it places other orders."))
    left = [one for one in done if one.number not in (*rejected, *unfinished) and not one.awaits_confirmation]
    best = find_leader(left)
    words = "No iteration could be confirmed, so none is presented as best." if best is None and (rejected or unfinished) else ""
    return Confirmation(best, _describe(rejected, unfinished, words))


def _repeat(context: RunContext, iteration: Iteration) -> RepeatResult:
    certificate = iteration.certificate
    if certificate is None:
        raise AssertionError("an iteration that awaits confirmation has a certificate")
    repeat = repeat_in_lock_step(
        iteration.code,
        iteration.orders_hash,
        certificate,
        context.plan.backtest,
        context.training,
        sandbox=context.ports.sandbox,
        cancel=context.cancel,
    )
    if repeat.result is RepeatResult.SAME:
        context.ports.history.certify(iteration.run_id, iteration.number, repeat.certificate)
    return repeat.result


def _describe(rejected: Sequence[int], unfinished: Sequence[int], words: str) -> str:
    said = []
    if rejected:
        verb = "places" if len(rejected) == 1 else "place"
        said.append(f"Run again bar by bar, {_name(rejected)} {verb} other orders and cannot be best.")
    if unfinished:
        said.append(f"Within the limits of a backtest, {_name(unfinished)} could not be repeated bar by bar and cannot be best.")
    return " ".join((*said, words)).strip()


def _name(numbers: Sequence[int]) -> str:
    return f"iteration{'' if len(numbers) == 1 else 's'} {', '.join(map(str, numbers))}"
