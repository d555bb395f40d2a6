"""From a request to an answer with a program in it: read the stream, look for the program, and ask again at once where there is none."""

import time
from dataclasses import dataclass, replace
from typing import Protocol

from core.domain.errors import BudgetError, ProviderError
from core.domain.events import LogEvent, ReasoningEvent, RunEvent, TextEvent
from core.domain.model_calls import BUNDLED_LABELS, Finished, ModelRequest, Prompt, ReasoningDelta, RequestSettings, Retrying, TextDelta
from core.domain.usage import Cost, Usage, sum_costs, sum_usages
from core.driving.ports import Cancel, Model
from core.prompts import Extraction, extract_code, render_follow_up

EVENT_SECONDS = 0.3
"""Text is passed on to watchers in pieces of this length."""

MAXIMUM_FOLLOW_UPS = 2
"""Times that a model is asked again in one iteration because no program could be had from its answer."""

LONGEST_REASONING = 200_000
"""Characters of reasoning that are kept."""

BROKEN_OFF = "broken_off"
"""End of an answer whose call failed after part of it had come."""


class Record(Protocol):
    """Stores events for watchers, those of one call together."""

    def __call__(self, *bodies: RunEvent) -> object:
        """Store them, all or none."""
        ...


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything that came of asking for one program, over all answers that it took."""

    text: str
    """The last answer."""
    found: Extraction
    usage: Usage
    cost: Cost
    earlier: tuple[str, ...] = ()
    """Answers before it that held no usable program."""
    notes: tuple[str, ...] = ()
    cancelled: bool = False
    reasoning: str = ""
    """Reasoning that came with them."""
    sent: RequestSettings | None = None
    """Settings of the last call as they were sent, where that is known."""


@dataclass(frozen=True, slots=True)
class Completion:
    """A model's whole completion of one call."""

    finished: Finished
    reasoning: str


def collect_completion(model: Model, request: ModelRequest, *, cancel: Cancel, record: Record) -> Completion:
    """Collect a completion, passing its stream on to watchers piece by piece. Raises ProviderError and BudgetError."""
    pieces: list[str] = []
    thoughts: list[str] = []
    reasoning: list[str] = []
    told = time.monotonic()
    finished: Finished | None = None
    for event in model.stream(request, cancel=cancel):
        match event:
            case TextDelta():
                pieces.append(event.text)
            case ReasoningDelta():
                reasoning.append(event.text)
                thoughts.append(event.text)
            case Retrying():
                pieces.clear()
                record(TextEvent(number=request.loop, text="", afresh=True))
                record(LogEvent(text=f"Attempt {event.attempt} failed, waiting {event.wait_seconds:.1f} s: {event.message}"))
            case Finished():
                finished = event
        if finished is None and time.monotonic() - told < EVENT_SECONDS:
            continue
        for build_event, arrived in ((ReasoningEvent, thoughts), (TextEvent, pieces)):
            if arrived:
                record(build_event(number=request.loop, text="".join(arrived)))
                arrived.clear()
                told = time.monotonic()
    if finished is None:
        raise AssertionError("a model's stream ended without Finished")
    return Completion(finished, "".join(reasoning))


def ask_for_program(model: Model, request: ModelRequest, *, base: str, cancel: Cancel, record: Record) -> Answer:
    """Ask a model for a program; again, at most `MAXIMUM_FOLLOW_UPS` times, where its answer holds none that can be used.

    `base` is the program that edits in an answer refer to. Raises ProviderError and BudgetError of the first call; when a later one
    fails, the answer before it counts.
    """
    answer = _ask(model, request, base=base, cancel=cancel, record=record)
    for count in range(1, MAXIMUM_FOLLOW_UPS + 1):
        if answer.found.kind is None or answer.cancelled or cancel.is_set() or request.model in BUNDLED_LABELS:
            break
        follow_up = request.changed(prompt=_follow_up_prompt(request.prompt, answer), purpose="again")
        spent = "" if answer.cost.usd is None else f", ${answer.cost.usd:.4f} so far"
        record(LogEvent(text=f"{answer.found.problem} Asked again, {count} of {MAXIMUM_FOLLOW_UPS}{spent}."))
        record(TextEvent(number=request.loop, text="", afresh=True))
        try:
            again = _ask(model, follow_up, base=base, cancel=cancel, record=record)
        except (ProviderError, BudgetError) as error:
            record(LogEvent(text=f"The next answer did not come: {error}"))
            return answer
        answer = _add(answer, again)
    return answer


def _ask(model: Model, request: ModelRequest, *, base: str, cancel: Cancel, record: Record) -> Answer:
    """One call and what is found in its answer. Of a call that failed midway, a program that had come whole counts."""
    try:
        completion = collect_completion(model, request, cancel=cancel, record=record)
    except ProviderError as error:
        found = extract_code(error.partial, finish_reason=BROKEN_OFF, base=base)
        if found.code is None or found.kind is not None:
            raise
        note = f"The answer broke off behind the program: {error.message}"
        return Answer(error.partial, found, error.usage, error.cost, notes=(*found.notes, note))
    finished = completion.finished
    found = extract_code(finished.text, finish_reason=finished.finish_reason, base=base)
    cancelled = finished.finish_reason == "cancelled"
    thoughts = completion.reasoning[:LONGEST_REASONING]
    return Answer(
        finished.text,
        found,
        finished.usage,
        finished.cost,
        notes=found.notes,
        cancelled=cancelled,
        reasoning=thoughts,
        sent=finished.sent,
    )


def _add(before: Answer, again: Answer) -> Answer:
    """The later answer, with what both cost; a remark that it does not repeat is kept."""
    found = replace(
        again.found, change=again.found.change or before.found.change, hypothesis=again.found.hypothesis or before.found.hypothesis
    )
    count = len(before.earlier) + 1
    price = "" if again.cost.usd is None else f" at ${again.cost.usd:.4f}"
    note = f"Asked again ({count} of {MAXIMUM_FOLLOW_UPS}{price}): {before.found.problem}"
    return Answer(
        again.text,
        found,
        sum_usages((before.usage, again.usage)),
        sum_costs((before.cost, again.cost)),
        earlier=(*before.earlier, before.text),
        notes=(*before.notes, note, *again.notes),
        cancelled=again.cancelled,
        reasoning="\n\n".join(filter(None, (before.reasoning, again.reasoning))),
        sent=again.sent or before.sent,
    )


def _follow_up_prompt(prompt: Prompt, answer: Answer) -> Prompt:
    return render_follow_up(prompt, answer.text, answer.found)
