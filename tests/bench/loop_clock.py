"""What a loop takes for itself: from one answer to the next, less the time in which it waited for the answer and for the backtest."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from core.domain.model_calls import ModelEvent, ModelRequest
from core.domain.run import RunPlan
from core.driving.ports import Cancel, Model
from core.services import Services


@dataclass(slots=True)
class Call:
    """One answer: when it was asked for, and how long its stream was waited for."""

    number: int
    """Of the iteration."""
    began: float = field(default_factory=time.perf_counter)
    processor_began: float = field(default_factory=time.process_time)
    waited: float = 0.0
    processor: float = 0.0
    """Processor time of this process while it was waited for."""


@dataclass(frozen=True, slots=True)
class Lap:
    """One iteration: seconds of the answer, of the backtest, and of the loop itself; `processor` is the loop's own, in this process."""

    answer: float
    backtest: float
    own: float
    processor: float

    @property
    def share(self) -> float:
        """The loop's own part of the whole."""
        return self.own / (self.answer + self.backtest + self.own)


class TimedModel:
    """Asks another model, and notes when."""

    def __init__(self, model: Model, calls: list[Call]) -> None:
        self._model, self._calls = model, calls

    def stream(self, request: ModelRequest, *, cancel: Cancel) -> Iterator[ModelEvent]:
        """Events of one call, as `Model.stream`."""
        call = Call(request.loop)
        self._calls.append(call)
        events = self._model.stream(request, cancel=cancel)
        while True:
            began, processor = time.perf_counter(), time.process_time()
            event = next(events, None)
            call.waited += time.perf_counter() - began
            call.processor += time.process_time() - processor
            if event is None:
                return
            yield event


def time_loop(parts: Services, plan: RunPlan) -> list[Lap]:
    """Carry a run of one candidate a loop to its end; gives its laps, without the last, behind which no answer is asked for."""
    calls: list[Call] = []
    make = parts.rooms.make_gateway
    parts.rooms.make_gateway = lambda owner: TimedModel(make(owner), calls)  # type: ignore[method-assign, assignment, return-value]
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
        )
        for before, after in pairwise(calls)
    ]
