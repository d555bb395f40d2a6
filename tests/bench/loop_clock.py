"""What a loop takes for itself: from one answer to the next, less the time in which it waited for the answer and for the backtest."""

import cProfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from core.domain.model_calls import ModelEvent, ModelRequest
from core.domain.run import RunPlan
from core.driving.ports import Cancel, Model
from core.services import Services


@dataclass(slots=True)
class Call:
    """One answer: when it was asked for, and how long its stream was waited for."""

    number: int
    """Of the iteration."""
    began: float
    processor_began: float
    pace: float
    waited: float = 0.0
    processor: float = 0.0
    """Processor time of this process while it was waited for."""


def measure_pace() -> float:
    """Processor seconds of a fixed piece of work: what the machine can do at this moment, which changes by a half within a minute."""
    began = time.process_time()
    for _ in range(3):
        names = {str(number): isinstance(number, int) for number in range(4_000)}
        names.clear()
    return time.process_time() - began


@dataclass(frozen=True, slots=True)
class Lap:
    """One iteration: seconds of the answer, of the backtest, and of the loop itself; `processor` is the loop's own, in this process."""

    answer: float
    backtest: float
    own: float
    processor: float
    pace: float
    """Processor seconds of the same piece of work at the lap's beginning."""

    @property
    def pieces(self) -> float:
        """The loop's own processor time in that piece of work."""
        return self.processor / self.pace

    @property
    def share(self) -> float:
        """The loop's own part of the whole."""
        return self.own / (self.answer + self.backtest + self.own)


class CallCounter:
    """Counts the calls of functions between two answers, in some loops of a run: no neighbor changes that number."""

    def __init__(self, loops: range) -> None:
        self.loops = loops
        self._profile = cProfile.Profile()

    def begin(self, loop: int) -> None:
        """Count from here on, where this loop is one of them."""
        if loop in self.loops:
            self._profile.enable()

    def end(self) -> None:
        """Count no further."""
        self._profile.disable()

    @property
    def calls_each(self) -> float:
        """Calls of one loop."""
        return sum(each.callcount for each in self._profile.getstats()) / len(self.loops)


class TimedModel:
    """Asks another model, and notes when; whatever else is asked of it is that model's."""

    def __init__(self, model: Model, calls: list[Call], counters: Sequence[CallCounter] = ()) -> None:
        self._model, self._calls, self._counters = model, calls, counters

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)

    def stream(self, request: ModelRequest, *, cancel: Cancel) -> Iterator[ModelEvent]:
        """Events of one call, as `Model.stream`."""
        for counter in self._counters:
            counter.end()
        began, processor = time.perf_counter(), time.process_time()
        call = Call(request.loop, began, processor, measure_pace())
        call.waited, call.processor = time.perf_counter() - began, time.process_time() - processor
        self._calls.append(call)
        events = self._model.stream(request, cancel=cancel)
        while True:
            began, processor = time.perf_counter(), time.process_time()
            event = next(events, None)
            call.waited += time.perf_counter() - began
            call.processor += time.process_time() - processor
            if event is None:
                break
            yield event
        for counter in self._counters:
            counter.begin(request.loop)


def time_loop(parts: Services, plan: RunPlan, counters: Sequence[CallCounter] = ()) -> list[Lap]:
    """Carry a run of one candidate a loop to its end; gives its laps, without the last, behind which no answer is asked for.

    Loops whose calls are counted take longer than others: measure the time of others.
    """
    calls: list[Call] = []
    make = parts.rooms.make_gateway
    parts.rooms.make_gateway = lambda owner: TimedModel(make(owner), calls, counters)  # type: ignore[method-assign, assignment, return-value]
    try:
        made = parts.store.list_iterations(parts.runs.run_here(plan).id)
    finally:
        parts.rooms.make_gateway = make  # type: ignore[method-assign]
    backtests = {one.number: one.backtest_seconds for one in made}
    return [
        Lap(
            answer=before.waited,
            backtest=backtests[before.number],
            own=after.began - before.began - before.waited - backtests[before.number],
            processor=after.processor_began - before.processor_began - before.processor,
            pace=before.pace,
        )
        for before, after in pairwise(calls)
    ]
