"""Commands to a run that is under way: pause, notes, pinned constraints, a new budget. Kept as events: nothing said is lost."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from core.domain.backtest import Stage
from core.domain.errors import InputError
from core.domain.events import Event, StageEvent, SteeringCommand, SteeringEvent
from core.domain.iteration import Iteration
from core.domain.run import RunPlan

MAXIMUM_TEXT_LENGTH = 500
"""Characters of a note or a pinned constraint."""

MAXIMUM_PINS = 10
"""Constraints that a run keeps at most: every one of them stands in every prompt."""

NOTES_UNSUPPORTED = "The built-in optimizer and the demo read neither notes nor pins; a language model does."
"""Said where no author of the run reads them."""

MAXIMUM_PROMPT_NOTES = 3
"""Notes in one prompt at most."""


def validate_text(command: SteeringCommand, text: str) -> str:
    """Validate the text of a command as it is stored. Raises InputError when it cannot be meant.

    >>> validate_text(SteeringCommand.LOOPS, " 12 ")
    '12'
    """
    text = text.strip()
    if command is SteeringCommand.LOOPS and not (text.isdecimal() and int(text) <= 1000):
        raise InputError(f"{text!r} is not a number of loops.", hint="Give a whole number up to 1000.")
    if command is SteeringCommand.BUDGET and text:
        try:
            amount = float(text)
        except ValueError:
            amount = -1.0
        if not 0 < amount < 1e6:
            raise InputError(f"{text!r} is not an amount of US dollars.", hint="Give a positive number, or nothing for no cap.")
    if command in (SteeringCommand.NOTE, SteeringCommand.PIN, SteeringCommand.UNPIN) and not 0 < len(text) <= MAXIMUM_TEXT_LENGTH:
        raise InputError(f"The text is empty or longer than {MAXIMUM_TEXT_LENGTH} characters.")
    return text


@dataclass(frozen=True, slots=True)
class Steering:
    """All commands so far, added up."""

    paused: bool = False
    notes: tuple[tuple[int, str], ...] = ()
    """Each with the sequence number of its event."""
    pins: tuple[str, ...] = ()
    budget_usd: float | None = None
    budget_given: bool = False
    loops: int | None = None


def reads_notes(plan: RunPlan) -> bool:
    """True when a model of the plan reads notes and pins; what ships with the product does not."""
    return plan.model.is_language_model or (plan.escalation is not None and plan.escalation.is_language_model)


def validate_command(command: SteeringCommand, text: str, plan: RunPlan, current: Steering) -> str:
    """Validate a command's text against the `current` steering. Raises InputError when it cannot be meant or would not be read."""
    text = validate_text(command, text)
    if command in (SteeringCommand.NOTE, SteeringCommand.PIN) and not reads_notes(plan):
        raise InputError(NOTES_UNSUPPORTED, hint="Pause, loops and budget work with every model.")
    if command is SteeringCommand.PIN and text not in current.pins and len(current.pins) >= MAXIMUM_PINS:
        raise InputError(f"A run keeps {MAXIMUM_PINS} pinned constraints at most.", hint="Unpin one first, or join two of them.")
    return text


def read_steering(events: Iterable[Event]) -> Steering:
    """Read the sum of the commands from events, oldest first."""
    sum_ = Steering()
    for event in events:
        if isinstance(event.body, SteeringEvent):
            sum_ = _apply_command(sum_, event.seq, event.body)
    return sum_


def keep_unanswered_notes(current: Steering, stages: Callable[[int], Iterable[Event]], done: Sequence[Iteration]) -> Steering:
    """Keep only those notes that no answer which ran has read, the newest `MAXIMUM_PROMPT_NOTES` at most.

    `stages` gives the run's events of stages above a sequence number.
    """
    if not current.notes:
        return current
    ran = {iteration.number for iteration in done if iteration.error is None}
    fresh = tuple(
        note for note in current.notes[-MAXIMUM_PROMPT_NOTES:] if not any(_asked_iteration(event) in ran for event in stages(note[0]))
    )
    return replace(current, notes=fresh)


def _asked_iteration(event: Event) -> int | None:
    """Number of the iteration for which a model was asked; None where the event tells of something else."""
    body = event.body
    return body.number if isinstance(body, StageEvent) and body.stage is Stage.GENERATE else None


def _apply_command(sum_: Steering, seq: int, said: SteeringEvent) -> Steering:
    text = said.text
    match said.command:
        case SteeringCommand.PAUSE:
            return replace(sum_, paused=True)
        case SteeringCommand.GO_ON:
            return replace(sum_, paused=False)
        case SteeringCommand.NOTE:
            return replace(sum_, notes=(*sum_.notes, (seq, text)))
        case SteeringCommand.PIN:
            return replace(sum_, pins=(*(pin for pin in sum_.pins if pin != text), text))
        case SteeringCommand.UNPIN:
            return replace(sum_, pins=tuple(pin for pin in sum_.pins if pin != text))
        case SteeringCommand.BUDGET:
            return replace(sum_, budget_usd=float(text) if text else None, budget_given=True)
        case SteeringCommand.LOOPS:
            return replace(sum_, loops=int(text))
