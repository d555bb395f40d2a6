"""What a loop takes for itself: from one answer to the next, less the time in which it waited for the answer and for the backtest."""

import statistics
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import FrameType
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


def count_calls(parts: Services, plan: RunPlan, windows: Sequence[range]) -> list[float]:
    """Calls of functions in each loop of some windows, in all threads that work on the run: no neighbor changes that number.

    What a loop does begins where the answer of the one before it was asked for. A run whose calls are counted is slow: time another one.
    """
    loop, counts = 0, Counter[int]()

    def count(frame: FrameType, event: str, argument: object) -> None:
        if event in ("call", "c_call"):
            counts[loop] += 1

    def note(number: int) -> None:
        nonlocal loop
        loop = number

    before = sys.getprofile(), threading.getprofile()
    threading.setprofile(count)
    sys.setprofile(count)
    try:
        time_loop(parts, plan, note)
    finally:
        sys.setprofile(before[0])
        threading.setprofile(before[1])  # type: ignore[arg-type]
    return [statistics.fmean(counts[number] for number in window) for window in windows]


class TimedModel:
    """Asks another model, and notes when; whatever else is asked of it is that model's."""

    def __init__(self, model: Model, calls: list[Call], tell: Callable[[int], object]) -> None:
        self._model, self._calls, self._tell = model, calls, tell

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)

    def stream(self, request: ModelRequest, *, cancel: Cancel) -> Iterator[ModelEvent]:
        """Events of one call, as `Model.stream`."""
        self._tell(request.loop)
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


def time_loop(parts: Services, plan: RunPlan, tell: Callable[[int], object] = bool) -> list[Lap]:
    """Carry a run of one candidate a loop to its end; gives its laps, without the last, behind which no answer is asked for.

    `tell` is told the number of each loop when its answer is asked for.
    """
    calls: list[Call] = []
    make = parts.rooms.make_gateway
    parts.rooms.make_gateway = lambda owner: TimedModel(make(owner), calls, tell)  # type: ignore[method-assign, assignment, return-value]
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
