"""Confirmation of the winner bar by bar, and the choice of the iteration that is presented as best when it fails.

Where the loop showed code all bars at once, its figures stand on a check made afterwards; the winner has to prove itself once more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from core.domain.backtest import Method, OutcomeStatus
from core.domain.events import EventKind, RejectedEvent, select_bodies
from core.domain.iteration import Iteration
from core.driving.ports import History
from core.driving.run_context import RunContext
from core.driving.select import find_best

MAXIMUM_CONFIRMATIONS = 5
"""Iterations of the ranking that are run again at most."""

_INCONCLUSIVE = frozenset({OutcomeStatus.TIMEOUT, OutcomeStatus.CPU_LIMIT, OutcomeStatus.MEMORY, OutcomeStatus.SUPERVISOR_DIED})
"""Ends that say nothing about the orders."""


class RepeatResult(StrEnum):
    """Result of running an iteration again bar by bar."""

    SAME = "same"
    DIFFERENT = "different"
    UNFINISHED = "unfinished"
    """It could not be run to its end; nothing was shown either way."""
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Confirmation:
    """The iteration to present as best, and words on how far it was confirmed; empty where there was no need."""

    winner: Iteration | None
    words: str = ""
    cut_short: bool = False
    """Somebody stopped it: it says nothing about any iteration."""


def load_rankable_iterations(history: History, run_id: str) -> tuple[Iteration, ...]:
    """Load the finished iterations by number; those that were rejected have no score."""
    done = history.list_iterations(run_id)
    rejected = {said.number for said in select_bodies(history.list_events(run_id, kind=EventKind.REJECTED), RejectedEvent)}
    return tuple(one.changed(score=None) if one.number in rejected else one for one in done)


def confirm_winner(context: RunContext, done: Sequence[Iteration]) -> Confirmation:
    """Go down the ranking until an iteration places the same orders bar by bar; each that does not is noted as rejected."""
    rejected: list[int] = []
    for _ in range(MAXIMUM_CONFIRMATIONS):
        best = find_best([one for one in done if one.number not in rejected])
        if best is None:
            break
        if best.certificate is None or best.certificate.method is Method.LOCK_STEP:
            return Confirmation(best, _describe(rejected, ""))
        match _repeat(context, best):
            case RepeatResult.CANCELLED:
                return Confirmation(None, cut_short=True)
            case RepeatResult.SAME:
                return Confirmation(best, _describe(rejected, "The winner was run again bar by bar, with the same orders."))
            case RepeatResult.UNFINISHED:
                words = "The winner could not be repeated bar by bar within the limits of a backtest: its figures are not confirmed."
                return Confirmation(best, _describe(rejected, words))
            case RepeatResult.DIFFERENT:
                rejected.append(best.number)
                context.record(RejectedEvent(number=best.number, reason="Run again bar by bar, it places other orders."))
    words = "No iteration could be confirmed, so none is presented as best." if rejected else ""
    return Confirmation(None, _describe(rejected, words))


def _repeat(context: RunContext, iteration: Iteration) -> RepeatResult:
    plan = context.plan.backtest.changed(method=Method.LOCK_STEP)
    outcome = context.ports.sandbox.run(iteration.code, plan, context.training, cancel=context.cancel)
    if context.cancel.is_set() or outcome.status is OutcomeStatus.CANCELLED:
        return RepeatResult.CANCELLED
    if outcome.status in _INCONCLUSIVE:
        return RepeatResult.UNFINISHED
    return RepeatResult.SAME if outcome.ok and outcome.orders_hash == iteration.orders_hash else RepeatResult.DIFFERENT


def _describe(rejected: Sequence[int], words: str) -> str:
    if not rejected:
        return words
    places = "places" if len(rejected) == 1 else "place"
    numbers = ", ".join(map(str, rejected))
    iterations = "iteration" if len(rejected) == 1 else "iterations"
    return f"Run again bar by bar, {iterations} {numbers} {places} other orders and cannot be best. {words}".strip()
