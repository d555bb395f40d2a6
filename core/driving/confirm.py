"""Whether the winner's orders can be repeated bar by bar, and which iteration is presented as best when they cannot.

Where the loop showed code all bars at once, its figures stand on a check made afterwards; the winner has to prove itself once more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from core.domain.backtest import Method, OutcomeStatus
from core.domain.iteration import Iteration
from core.driving.course import Course
from core.driving.ports import History
from core.driving.select import best_of

REJECTED = "rejected"
"""Kind of the events that name an iteration whose orders differ bar by bar; its stored score counts no more."""

MOST_TRIED = 5
"""Iterations of the ranking that are run again at most."""

_OUT_OF_MEANS = frozenset({OutcomeStatus.TIMEOUT, OutcomeStatus.CPU_LIMIT, OutcomeStatus.MEMORY, OutcomeStatus.SUPERVISOR_DIED})
"""Ends that say nothing about the orders."""


class Repeat(StrEnum):
    """What running an iteration again bar by bar came to."""

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


def standing(history: History, run_id: str) -> tuple[Iteration, ...]:
    """The finished iterations by number; those that were rejected have no score."""
    done = history.iterations(run_id)
    rejected = {event.data.get("number") for event in history.events(run_id, kind=REJECTED)}
    return tuple(one.model_copy(update={"score": None}) if one.number in rejected else one for one in done)


def confirm_winner(course: Course, done: Sequence[Iteration]) -> Confirmation:
    """Go down the ranking until an iteration places the same orders bar by bar; each that does not is noted as rejected."""
    rejected: list[int] = []
    for _ in range(MOST_TRIED):
        best = best_of([one for one in done if one.number not in rejected])
        if best is None:
            break
        if best.certificate is None or best.certificate.method is Method.LOCK_STEP:
            return Confirmation(best, _said(rejected, ""))
        match _repeated(course, best):
            case Repeat.CANCELLED:
                return Confirmation(None, cut_short=True)
            case Repeat.SAME:
                return Confirmation(best, _said(rejected, "The winner was run again bar by bar, with the same orders."))
            case Repeat.UNFINISHED:
                words = "The winner could not be repeated bar by bar within the limits of a backtest: its figures are not confirmed."
                return Confirmation(best, _said(rejected, words))
            case Repeat.DIFFERENT:
                rejected.append(best.number)
                course.note(REJECTED, number=best.number, reason="Run again bar by bar, it places other orders.")
    words = "No iteration could be confirmed, so none is presented as best." if rejected else ""
    return Confirmation(None, _said(rejected, words))


def _repeated(course: Course, iteration: Iteration) -> Repeat:
    plan = course.plan.backtest.model_copy(update={"method": Method.LOCK_STEP})
    outcome = course.parts.sandbox.run(iteration.code, plan, course.training, cancel=course.cancel)
    if course.cancel.is_set() or outcome.status is OutcomeStatus.CANCELLED:
        return Repeat.CANCELLED
    if outcome.status in _OUT_OF_MEANS:
        return Repeat.UNFINISHED
    return Repeat.SAME if outcome.ok and outcome.orders_hash == iteration.orders_hash else Repeat.DIFFERENT


def _said(rejected: Sequence[int], words: str) -> str:
    if not rejected:
        return words
    places = "places" if len(rejected) == 1 else "place"
    numbers = ", ".join(map(str, rejected))
    iterations = "iteration" if len(rejected) == 1 else "iterations"
    return f"Run again bar by bar, {iterations} {numbers} {places} other orders and cannot be best. {words}".strip()
