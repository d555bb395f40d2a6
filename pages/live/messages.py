"""Events of a run as a browser gets them: JSON of chosen fields, and each finished iteration with its figures and thinned curve.

No other field leaves the history: an event that nobody here can read goes out as a place in the order, without its data.
"""

import json
import threading
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

from core.domain.backtest import Stage
from core.domain.events import Event, EventKind, IterationEvent, ProgressEvent, StageEvent, TextEvent, UnknownEvent
from core.domain.instrument_result import InstrumentResult
from core.domain.iteration import Iteration
from core.domain.run import Run
from core.report import labels
from core.report.figures import LEAD_FIGURES
from core.report.luck_line import trace_luck_line
from pages.live.history import LiveHistory

LONGEST_LINE = 2_000
"""Characters of a line of the log, of an error or of a change; the page has the rest."""

FIELDS: Mapping[EventKind, tuple[str, ...]] = {
    EventKind.STATUS: ("status", "reason", "message"),
    EventKind.STAGE: ("number", "loop", "stage", "mode", "model", "prompt_tokens"),
    EventKind.TEXT: ("number", "text", "afresh"),
    EventKind.PROGRESS: ("number", "done", "total", "bars", "equity", "instruments"),
    EventKind.LOG: ("text",),
    EventKind.ERROR: ("message", "hint"),
    EventKind.STEER: ("wish", "text"),
    EventKind.WAIT: ("seconds", "attempt", "of", "message"),
}
"""Fields of an event that may be seen, by kind; of iterations the history itself is asked."""

REPLAYED = (EventKind.STATUS, EventKind.STAGE, EventKind.ITERATION, EventKind.LOG, EventKind.ERROR, EventKind.STEER, EventKind.WAIT)
"""Kinds that a replay needs from the beginning; those of `TRANSIENT_KINDS` only of iterations that are not finished."""

TRANSIENT_KINDS = (EventKind.TEXT, EventKind.PROGRESS)
"""Kinds of events that nobody needs any more once their iteration is finished."""

TRANSIENT_STAGES = (Stage.GATE, Stage.RUN, Stage.FILL_AUDIT, Stage.SCORE)
"""Stages that leave nothing behind once their iteration is finished."""

PAGE = 1_000
"""Events read at once."""


@dataclass(frozen=True, slots=True)
class Message:
    """One event, ready to be sent."""

    seq: int
    json: str


@dataclass(frozen=True, slots=True)
class Replay:
    """The messages for a watcher who comes late, and the event up to which they go."""

    messages: list[Message]
    until: int


class Translator:
    """Turns a run's events into messages; reads each iteration once, whoever asks for it. Safe with several threads."""

    def __init__(self, history: LiveHistory, run: Run) -> None:
        self._history = history
        self._run_id = run.id
        self._candidates = run.plan.candidates
        self._objective = run.plan.objective
        self._iterations: dict[int, dict[str, Any]] = {}
        self._finished: dict[int, Iteration] = {}
        self._lock = threading.Lock()

    def build_messages(self, events: Iterable[Event]) -> list[Message]:
        """Build messages from events, in the order given. Raises StoreError."""
        return [Message(event.seq, encode_event(event, self._data(event))) for event in events]

    def replay(self, after: int) -> Replay:
        """Everything above `after` that still matters: not the text and the growing curve of a finished iteration. Raises StoreError."""
        until = self._history.last_seq(self._run_id)
        events = [event for kind in REPLAYED for event in self._all(kind, after, until)]
        stored = {event.seq: event.body.number for event in events if isinstance(event.body, IterationEvent)}
        done = frozenset(stored.values())
        since = max(after, sorted(stored)[-self._candidates]) if len(stored) >= self._candidates else after
        events += [event for kind in TRANSIENT_KINDS for event in self._all(kind, since, until)]
        kept = [event for event in events if not is_past(event, done)]
        return Replay(self.build_messages(sorted(kept, key=lambda event: event.seq)), until)

    def _all(self, kind: EventKind, after: int, until: int) -> list[Event]:
        found: list[Event] = []
        while True:
            page = self._history.list_events(self._run_id, after=after, limit=PAGE, kind=kind)
            found += [event for event in page if event.seq <= until]
            if len(page) < PAGE:
                return found
            after = page[-1].seq

    def _data(self, event: Event) -> Mapping[str, object]:
        body = event.body
        if isinstance(body, IterationEvent):
            return self._iteration(body.number)
        if isinstance(body, UnknownEvent) or body.kind not in FIELDS:
            return {}
        data = body.to_data()
        return {field: data[field] for field in FIELDS[body.kind] if field in data}

    def _iteration(self, number: int) -> Mapping[str, object]:
        with self._lock:
            if number not in self._iterations:
                self._read(min(number - 1, max(self._iterations, default=-1)))  # candidates are stored as they are ready
            return self._iterations.get(number, {})

    def _read(self, known: int) -> None:
        curves = self._history.read_previews(self._run_id, after=known)
        for iteration in self._history.list_iterations(self._run_id, after=known):
            if iteration.number in self._iterations:
                continue
            self._finished[iteration.number] = iteration
            self._iterations[iteration.number] = describe_iteration(iteration, curves.get(iteration.number, ()))
        earlier = self._history.read_run(self._run_id).earlier_tries
        for number, point in trace_luck_line(tuple(self._finished.values()), self._objective, earlier=earlier).items():
            self._iterations[number] |= {"luck": point.line, "held": point.held, "luck_words": point.words}


def is_past(event: Event, done: Collection[int]) -> bool:
    """True when nobody who comes late needs the event: it tells how an iteration came about that is `done`."""
    match event.body:
        case TextEvent() | ProgressEvent() as told:
            return told.number in done
        case StageEvent() as told:
            return told.number in done and told.stage in TRANSIENT_STAGES
        case _:
            return False


def describe_iteration(iteration: Iteration, curve: Sequence[float]) -> dict[str, Any]:
    """Describe a finished iteration for the live view; fractions and US dollars, `curve` in account currency."""
    metrics = iteration.metrics if iteration.error is None else None
    label = labels.label_iteration(iteration)
    told = iteration.error.message if iteration.error else ", ".join(f"{one.short} {one.format_from(metrics)}" for one in LEAD_FIGURES)
    told += "".join(f" · {one.symbol} {_describe_instrument(one)}" for one in iteration.instruments)
    return {
        "number": iteration.number,
        "loop": iteration.loop,
        "baseline": iteration.is_baseline,
        "verdict": label,
        "outcome": clip_line(f"{label}: {told}"),
        "failed": iteration.error is not None,
        "change": clip_line(iteration.error.message if iteration.error else iteration.change),
        "score": iteration.score,
        **{figure.name: figure.read(metrics) for figure in LEAD_FIGURES},
        "usd": iteration.cost.usd,
        "free": iteration.cost.price_source == "free",
        "tokens": iteration.usage.prompt_tokens + iteration.usage.completion_tokens,
        "seconds": round(iteration.generate_seconds + iteration.backtest_seconds + iteration.overhead_seconds, 2),
        "curve": [round_significant(value) for value in curve] if metrics else [],
        **({"instruments": [_tabulate_instrument(one) for one in iteration.instruments]} if iteration.instruments else {}),
    }


def _describe_instrument(one: InstrumentResult) -> str:
    """Its Sharpe ratio, the figure that stands first; or that the code failed there."""
    return "failed" if one.metrics is None else LEAD_FIGURES[0].format_from(one.metrics)


def _tabulate_instrument(one: InstrumentResult) -> dict[str, object]:
    """Its line of the table: the figures that stand first, or the reason why there are none."""
    figures = {figure.name: figure.read(one.metrics) for figure in LEAD_FIGURES}
    return {"symbol": one.symbol, "problem": clip_line(one.error.message if one.error else ""), **figures}


def encode_event(event: Event, data: Mapping[str, object]) -> str:
    """Encode one event as JSON; whatever the text in it, the JSON is plain ASCII."""
    kind = "unknown" if isinstance(event.body, UnknownEvent) else event.body.kind.value
    whole = {name: clip_line(value) if isinstance(value, str) and kind != "text" else value for name, value in data.items()}
    return json.dumps({**whole, "seq": event.seq, "kind": kind, "at": to_milliseconds(event)}, separators=(",", ":"))


def to_milliseconds(event: Event) -> int:
    """Convert the time an event was stored to milliseconds since 1970."""
    return round(event.created.timestamp() * 1000)


def clip_line(text: str) -> str:
    """Clip a line to a length fit for the log.

    >>> clip_line("no"), len(clip_line("o" * 10_000))
    ('no', 2001)
    """
    return text if len(text) <= LONGEST_LINE else f"{text[:LONGEST_LINE]}…"


def round_significant(value: float) -> float | None:
    """Round a value to the six digits that a chart can show; None for what is no number.

    >>> round_significant(10123.45678), round_significant(float("nan"))
    (10123.5, None)
    """
    return float(f"{value:.6g}") if isfinite(value) else None
