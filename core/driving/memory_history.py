"""A history that is kept in memory and thrown away: for loops that nobody wants to see, such as those on shuffled bars."""

import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from core.domain.backtest import Certificate
from core.domain.errors import InputError
from core.domain.events import Event, EventKind, RunEvent
from core.domain.fingerprint import Fingerprint
from core.domain.hold_out import HoldOutEvaluation
from core.domain.iteration import Iteration, IterationDetail
from core.domain.run import Run, RunKind, RunPlan, Status


class MemoryHistory:
    """One run at a time, as `History` asks for it; safe with several threads."""

    def __init__(self, run_id: str = "memory") -> None:
        """`run_id` is the run on whose account its calls are booked."""
        self._run_id = run_id
        self._run: Run | None = None
        self._details: dict[int, IterationDetail] = {}
        self._events: list[Event] = []
        self._lock = threading.Lock()

    def create_run(self, plan: RunPlan, *, kind: RunKind = RunKind.DRIVE) -> Run:
        """A new queued run in place of the one before."""
        self._run = Run(id=self._run_id, plan=plan, kind=kind, status=Status.QUEUED, created=datetime.now(UTC))
        self._details, self._events = {}, []
        return self._run

    def read_run(self, run_id: str) -> Run:
        """The run as it stands. Raises InputError when there is none."""
        if self._run is None:
            raise InputError(f"There is no run {run_id!r}.")
        return self._run

    def save_run(self, run: Run) -> None:
        """Keep the run's state."""
        self._run = run

    def list_runs(self, *, limit: int = 100, kind: RunKind | None = None) -> tuple[Run, ...]:
        """None: it is not told of others."""
        return ()

    def list_iterations(self, run_id: str, *, after: int = -1) -> tuple[Iteration, ...]:
        """Finished iterations with a number above `after`, by number."""
        return tuple(self._details[number].iteration for number in sorted(self._details) if number > after)

    def read_detail(self, run_id: str, number: int) -> IterationDetail:
        """One iteration with its curves. Raises InputError when there is none."""
        if number not in self._details:
            raise InputError(f"Run {run_id} has no iteration {number}.")
        return self._details[number]

    def append(self, detail: IterationDetail) -> None:
        """Add a finished iteration."""
        self._details[detail.iteration.number] = detail

    def append_all(self, details: Sequence[IterationDetail]) -> None:
        """Add finished iterations."""
        for detail in details:
            self.append(detail)

    def certify(self, run_id: str, number: int, certificate: Certificate) -> None:
        """Complete an iteration's certificate."""
        detail = self._details[number]
        self._details[number] = replace(detail, iteration=detail.iteration.changed(certificate=certificate))

    def add_events(self, run_id: str, bodies: Sequence[RunEvent]) -> int:
        """Keep events."""
        return [self.add_event(run_id, body) for body in bodies][-1]

    def last_seq(self, run_id: str) -> int:
        """Number of the newest event."""
        return len(self._events)

    def add_event(self, run_id: str, body: RunEvent) -> int:
        """Keep an event."""
        with self._lock:
            event = Event(seq=len(self._events) + 1, run_id=run_id, created=datetime.now(UTC), body=body)
            self._events.append(event)
            return event.seq

    def list_events(self, run_id: str, *, after: int = 0, limit: int = 1000, kind: EventKind | None = None) -> tuple[Event, ...]:
        """Events above a number, of one kind when it is named."""
        kept = [event for event in self._events if event.seq > after and kind in (None, event.body.kind)]
        return tuple(kept[:limit])

    def record_training(
        self, run_id: str, fingerprint: Fingerprint, further: Sequence[Fingerprint] = (), apart: Sequence[Fingerprint] = ()
    ) -> None:
        """Nothing: these bars exist once."""

    def record_held_out(self, run_id: str, held_out: Sequence[Fingerprint], training: Sequence[Fingerprint]) -> int:
        """None: it is not told of others."""
        return 0

    def count_earlier_tries(
        self, run_id: str, fingerprint: Fingerprint, apart: Sequence[Fingerprint] = (), *, joining: str | None = None
    ) -> int:
        """None."""
        return 0

    def count_trainings(self, run_id: str, fingerprint: Fingerprint, further: Sequence[Fingerprint] = ()) -> int:
        """None."""
        return 0

    def record_hold_out(
        self, evaluation: HoldOutEvaluation, fingerprint: Fingerprint | None = None, further: Sequence[Fingerprint] = ()
    ) -> int:
        """The first look, since nothing is remembered."""
        return 1

    def cancel_requested(self, run_id: str) -> bool:
        """False: who began it stops it."""
        return False
