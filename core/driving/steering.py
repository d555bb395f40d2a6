"""What the user says to a run that is under way: pause, notes, pinned constraints, a new budget. Kept as events: nothing said is lost."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from core.domain.errors import InputError
from core.domain.iteration import Iteration
from core.domain.run import Event, RunPlan

LONGEST = 500
"""Characters of a note or a pinned constraint."""

MOST_PINS = 10
"""Constraints that a run keeps at most: every one of them stands in every prompt."""

UNHEARD = "The built-in optimiser and the demo read neither notes nor pins; a language model does."
"""Said where a run has nobody to hear them."""

NOTES_SAID = 3
"""Notes in one prompt at most."""

KIND = "steer"
"""Kind of the events that carry a wish."""


class Wish(StrEnum):
    """What can be asked of a run between loops."""

    PAUSE = "pause"
    GO_ON = "go_on"
    NOTE = "note"
    """Words for the model; said with the next prompt, and again until an answer that heard them runs."""
    PIN = "pin"
    """A constraint that every prompt repeats from now on."""
    UNPIN = "unpin"
    BUDGET = "budget"
    """A new cap in US dollars; empty for none."""
    LOOPS = "loops"
    """A new number of loops."""


def checked(wish: Wish, text: str) -> str:
    """The text of a wish as it is stored. Raises InputError when it cannot be meant.

    >>> checked(Wish.LOOPS, " 12 ")
    '12'
    """
    text = text.strip()
    if wish is Wish.LOOPS and not (text.isdecimal() and int(text) <= 1000):
        raise InputError(f"{text!r} is not a number of loops.", hint="Give a whole number up to 1000.")
    if wish is Wish.BUDGET and text:
        try:
            amount = float(text)
        except ValueError:
            amount = -1.0
        if not 0 < amount < 1e6:
            raise InputError(f"{text!r} is not an amount of US dollars.", hint="Give a positive number, or nothing for no cap.")
    if wish in (Wish.NOTE, Wish.PIN, Wish.UNPIN) and not 0 < len(text) <= LONGEST:
        raise InputError(f"The text is empty or longer than {LONGEST} characters.")
    return text


@dataclass(frozen=True, slots=True)
class Steering:
    """All wishes so far, added up."""

    paused: bool = False
    notes: tuple[tuple[int, str], ...] = ()
    """Each with the sequence number of its event."""
    pins: tuple[str, ...] = ()
    budget_usd: float | None = None
    budget_given: bool = False
    loops: int | None = None


def hears(plan: RunPlan) -> bool:
    """True when a model of the plan reads notes and pins; what ships with the product does not."""
    return plan.model.is_language_model or (plan.escalation is not None and plan.escalation.is_language_model)


def admitted(wish: Wish, text: str, plan: RunPlan, said: Steering) -> str:
    """The text of a wish to a run of which `said` was asked already. Raises InputError when it cannot be meant or would not be heard."""
    text = checked(wish, text)
    if wish in (Wish.NOTE, Wish.PIN) and not hears(plan):
        raise InputError(UNHEARD, hint="Pause, loops and budget work with every model.")
    if wish is Wish.PIN and text not in said.pins and len(said.pins) >= MOST_PINS:
        raise InputError(f"A run keeps {MOST_PINS} pinned constraints at most.", hint="Unpin one first, or join two of them.")
    return text


def steering(events: Iterable[Event]) -> Steering:
    """The sum of the wishes, oldest first."""
    sum_ = Steering()
    for event in events:
        if event.kind == KIND:
            sum_ = _added(sum_, event.seq, Wish(str(event.data["wish"])), str(event.data.get("text", "")))
    return sum_


def unanswered(wishes: Steering, stages: Callable[[int], Iterable[Event]], done: Sequence[Iteration]) -> Steering:
    """The wishes with only those notes that no answer which ran has heard, the newest `NOTES_SAID` at most.

    `stages` gives the run's events of stages above a sequence number.
    """
    ran = {iteration.number for iteration in done if iteration.error is None}
    fresh = tuple(note for note in wishes.notes[-NOTES_SAID:] if not any(_asked(event) in ran for event in stages(note[0])))
    return replace(wishes, notes=fresh)


def _asked(event: Event) -> object:
    """Number of the iteration for which a model was asked; None where the stage is another one."""
    return event.data.get("number") if event.data.get("stage") == "generate" else None


def _added(sum_: Steering, seq: int, wish: Wish, text: str) -> Steering:
    match wish:
        case Wish.PAUSE:
            return replace(sum_, paused=True)
        case Wish.GO_ON:
            return replace(sum_, paused=False)
        case Wish.NOTE:
            return replace(sum_, notes=(*sum_.notes, (seq, text)))
        case Wish.PIN:
            return replace(sum_, pins=(*(pin for pin in sum_.pins if pin != text), text))
        case Wish.UNPIN:
            return replace(sum_, pins=tuple(pin for pin in sum_.pins if pin != text))
        case Wish.BUDGET:
            return replace(sum_, budget_usd=float(text) if text else None, budget_given=True)
        case Wish.LOOPS:
            return replace(sum_, loops=int(text))
