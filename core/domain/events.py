"""Events of a run: one value for each kind, and the envelope in which the history keeps it.

Whoever writes one builds the value; the history keeps its kind and its data side by side. A stored event of a kind that nobody here
knows, or with data that cannot be read, comes as an `UnknownEvent`, which every reader passes over.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal, Self, TypeVar

from pydantic import ConfigDict, Field, TypeAdapter, model_validator

from core.domain.backtest import OutcomeStatus, Stage
from core.domain.errors import ProviderAction
from core.domain.hold_out import HoldOutFigure
from core.domain.instrument_progress import InstrumentProgress
from core.domain.model_calls import Finished
from core.domain.run import Status, StopReason
from core.domain.study import Studies
from core.domain.value import Value


class EventKind(StrEnum):
    """Kind of an event, as the history keeps it."""

    STATUS = "status"
    STAGE = "stage"
    TEXT = "text"
    REASONING = "reasoning"
    PROGRESS = "progress"
    ITERATION = "iteration"
    LOG = "log"
    ERROR = "error"
    STEER = "steer"
    ANSWER = "answer"
    REJECTED = "rejected"
    WAIT = "wait"
    STUDY = "study"
    LOOK = "look"


class SteeringCommand(StrEnum):
    """Commands that a run takes between loops."""

    PAUSE = "pause"
    GO_ON = "go_on"
    NOTE = "note"
    """Words for the model; said with the next prompt, and again until an answer that was asked for with them runs."""
    PIN = "pin"
    """A constraint that every prompt repeats from now on."""
    UNPIN = "unpin"
    BUDGET = "budget"
    """A new cap in US dollars; empty for none."""
    LOOPS = "loops"
    """A new number of loops."""


class EventBody(Value):
    """Base of what the kinds of events carry."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    def to_data(self) -> dict[str, object]:
        """Convert to the data that the history keeps beside the kind: fields that were given, in their order; defaults are left out.

        >>> StageEvent(number=4, stage=Stage.HOLD_OUT).to_data()
        {'number': 4, 'stage': 'hold_out'}
        """
        return self.model_dump(mode="json", by_alias=True, include=self.model_fields_set - {"kind"})


class StatusEvent(EventBody):
    """A new status of the run."""

    kind: Literal[EventKind.STATUS] = EventKind.STATUS
    status: Status
    reason: StopReason | None = None
    """Reason for which it ended; None while it is open."""
    message: str = ""


class StageEvent(EventBody):
    """An iteration, or the run itself, came to a stage."""

    kind: Literal[EventKind.STAGE] = EventKind.STAGE
    number: int
    """Number of the iteration; of the hold-out, the number of iterations that are done."""
    loop: int | None = None
    """None where the stage belongs to no loop."""
    stage: Stage
    mode: str = ""
    """Kind of prompt, where a model is asked."""
    model: str = ""
    """Id of that model."""
    prompt_tokens: int | None = None
    """Estimated size of that prompt."""


class TextEvent(EventBody):
    """A piece of an answer."""

    kind: Literal[EventKind.TEXT] = EventKind.TEXT
    number: int
    """Number of the iteration that it is the answer for."""
    text: str
    afresh: bool = False
    """True when the text so far belonged to an attempt that failed."""


class ReasoningEvent(EventBody):
    """A piece of a model's reasoning."""

    kind: Literal[EventKind.REASONING] = EventKind.REASONING
    number: int
    text: str


class ProgressEvent(EventBody):
    """The progress of a backtest, with the points of its equity that are new."""

    kind: Literal[EventKind.PROGRESS] = EventKind.PROGRESS
    number: int
    """Number of the iteration."""
    done: int
    """Bars that are done."""
    total: int = Field(gt=0)
    """Bars in all."""
    bars: tuple[int, ...]
    """Indexes of the bars that have a point."""
    equity: tuple[float, ...]
    """Account currency at the close of each."""
    instruments: tuple[InstrumentProgress, ...] = ()
    """Instruments of a basket that are done so far; the points are then the whole curve of their account, in place of the one before."""

    @property
    def share(self) -> float:
        """Fraction of the bars that is done."""
        return self.done / self.total


class IterationEvent(EventBody):
    """An iteration is finished and stored."""

    kind: Literal[EventKind.ITERATION] = EventKind.ITERATION
    number: int
    status: OutcomeStatus


class LogEvent(EventBody):
    """A line for whoever watches."""

    kind: Literal[EventKind.LOG] = EventKind.LOG
    text: str


class ErrorEvent(EventBody):
    """The error on which a run ended."""

    kind: Literal[EventKind.ERROR] = EventKind.ERROR
    error_class: str = Field(alias="class")
    message: str
    hint: str = ""
    action: ProviderAction = ProviderAction.STOP


class SteeringEvent(EventBody):
    """A command to the run under way."""

    kind: Literal[EventKind.STEER] = EventKind.STEER
    command: SteeringCommand = Field(alias="wish")
    text: str = ""

    @model_validator(mode="after")
    def _check_number(self) -> Self:
        if self.command is SteeringCommand.LOOPS:
            int(self.text)
        if self.command is SteeringCommand.BUDGET and self.text:
            float(self.text)
        return self


class AnswerEvent(EventBody):
    """A model's finished answer, kept until its iteration is stored: a run that is cut short does not pay for it twice."""

    kind: Literal[EventKind.ANSWER] = EventKind.ANSWER
    number: int
    """Number of the iteration that it was asked for."""
    model: str
    seed: int
    prompt_hash: str
    finished: Finished


class RejectedEvent(EventBody):
    """An iteration places other orders when it is run bar by bar; its stored score counts no more."""

    kind: Literal[EventKind.REJECTED] = EventKind.REJECTED
    number: int
    reason: str = ""


class WaitEvent(EventBody):
    """The provider gives no answer: the run waits and asks again."""

    kind: Literal[EventKind.WAIT] = EventKind.WAIT
    seconds: float = Field(ge=0)
    """Time until it asks again, from the moment of the event."""
    attempt: int
    """Number of the wait in a row, the first is 1."""
    of: int
    """Number of waits after which the run gives up."""
    message: str = ""


class StudyEvent(EventBody):
    """Results of a closer look at the winner, each as soon as it is there."""

    kind: Literal[EventKind.STUDY] = EventKind.STUDY
    iterations: int
    """Iterations that were done; results for fewer than there are now are out of date."""
    studies: Studies


class LookEvent(EventBody):
    """A later look at the hold-out, for one iteration that the run itself did not look at."""

    kind: Literal[EventKind.LOOK] = EventKind.LOOK
    number: int
    """Number of the iteration."""
    looks: int
    """Number of looks at these bars, or some of them, with this one."""
    figure: HoldOutFigure


RunEvent = Annotated[
    StatusEvent
    | StageEvent
    | TextEvent
    | ReasoningEvent
    | ProgressEvent
    | IterationEvent
    | LogEvent
    | ErrorEvent
    | SteeringEvent
    | AnswerEvent
    | RejectedEvent
    | WaitEvent
    | StudyEvent
    | LookEvent,
    Field(discriminator="kind"),
]
"""Any event that a run can tell."""


class UnknownEvent(Value):
    """A stored event of an unknown kind or with unreadable data: it has a place in the order, and says nothing."""

    kind: str


class Event(Value):
    """An event as the history keeps it."""

    seq: int
    """Grows by at least one from event to event."""
    run_id: str
    created: datetime
    """UTC."""
    body: RunEvent | UnknownEvent


_BODY: TypeAdapter[RunEvent] = TypeAdapter(RunEvent)

Body = TypeVar("Body", bound=EventBody)


def parse_body(kind: str, data: object) -> RunEvent:
    """Parse what the history keeps of an event. Raises pydantic's ValidationError for what no kind of event reads like.

    >>> parse_body("stage", {"number": 4, "stage": "hold_out"}).to_data()
    {'number': 4, 'stage': 'hold_out'}
    """
    return _BODY.validate_python({**data, "kind": kind} if isinstance(data, dict) else data)


def select_bodies(events: Iterable[Event], body: type[Body]) -> Iterator[Body]:
    """Select what events of one kind say, in their order."""
    return (event.body for event in events if isinstance(event.body, body))
