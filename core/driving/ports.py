"""Ports: small interfaces for what driving needs from the doors. The doors satisfy them without knowing them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Protocol, TypeVar, runtime_checkable

from pydantic import BaseModel

from core.domain.backtest import BacktestPlan, Certificate, Outcome, Progress
from core.domain.bars import Bars
from core.domain.bars_request import BarsRequest
from core.domain.events import Event, EventKind, RunEvent
from core.domain.fingerprint import Fingerprint
from core.domain.history import DocumentKind
from core.domain.hold_out import HoldOutEvaluation
from core.domain.iteration import Iteration, IterationDetail
from core.domain.model_calls import ModelEvent, ModelRequest
from core.domain.plain_run import PlainRun
from core.domain.proved_program import ProvedProgram
from core.domain.run import Run, RunKind, RunPlan


class Cancel(Protocol):
    """A request to stop; `threading.Event` satisfies it."""

    def is_set(self) -> bool:
        """True once somebody asked to stop."""
        ...


YieldSlot = Callable[[], AbstractContextManager[object]]
"""Gives a worker's slot to other runs while inside; leaving it waits until a slot is free again."""


class Model(Protocol):
    """A source of answers."""

    def stream(self, request: ModelRequest, *, cancel: Cancel) -> Iterator[ModelEvent]:
        """Events of one call, `Finished` last. Raises ProviderError or BudgetError; when cancelled, ends with `Finished`."""
        ...


class Sandbox(Protocol):
    """The only way to run code that a model or a person wrote."""

    def run(
        self,
        code: str,
        plan: BacktestPlan,
        bars: Bars,
        *,
        cancel: Cancel,
        signals: bool = False,
        watch: Callable[[Progress], None] | None = None,
    ) -> Outcome:
        """Facts of the run; `watch` is told in the caller's thread how far it has come, a few times a second.

        Failures of the code are outcomes, not exceptions; raises SandboxUnavailableError.
        """
        ...

    def run_proved(
        self,
        program: ProvedProgram,
        plan: BacktestPlan,
        bars: Bars,
        *,
        cancel: Cancel,
        signals: bool = False,
        watch: Callable[[Progress], None] | None = None,
    ) -> Outcome:
        """The same facts of a program that is proved not to read later bars, in less time."""
        ...


@runtime_checkable
class BatchSandbox(Protocol):
    """A sandbox in which several proved programs can share a process."""

    def run_proved_all(self, programs: Sequence[ProvedProgram], plan: BacktestPlan, bars: Bars, *, cancel: Cancel) -> Sequence[Outcome]:
        """Facts of each program, as if it ran by itself."""
        ...


class ScriptRunner(Protocol):
    """The only way to run a whole program that a model or a person wrote."""

    def run_script(self, script: str, bars_csv: str, plan: BacktestPlan, *, bars: int, cancel: Cancel) -> PlainRun:
        """Run a program on the text of its file of bars in a process with plain Backtrader. Raises SandboxUnavailableError."""
        ...


ReadValue = TypeVar("ReadValue", bound=BaseModel)


class DocumentReader(Protocol):
    """Reads a document of whatever version."""

    def __call__(self, value: type[ReadValue], kind: DocumentKind, row_id: str, document: str | bytes, version: int) -> ReadValue:
        """The value that a document holds; `row_id` is its name in words. Raises UnreadableRowError."""
        ...


class Market(Protocol):
    """A source of bars."""

    def bars(self, request: BarsRequest) -> Bars:
        """Cleaned bars of the request. Raises MarketDataError."""
        ...


class Details(Protocol):
    """Iterations with their curves."""

    def read_detail(self, run_id: str, number: int) -> IterationDetail:
        """One iteration with its curves and fills. Raises UnreadableRowError."""
        ...


class History(Protocol):
    """Store of runs and iterations, append-only."""

    def create_run(self, plan: RunPlan, *, kind: RunKind = RunKind.DRIVE) -> Run:
        """A new queued run."""
        ...

    def read_run(self, run_id: str) -> Run:
        """The run as stored now. Raises InputError when unknown."""
        ...

    def save_run(self, run: Run) -> None:
        """Write the run's state."""
        ...

    def list_runs(self, *, limit: int = 100, kind: RunKind | None = None) -> Sequence[Run]:
        """The newest runs that can be read, newest first."""
        ...

    def list_iterations(self, run_id: str, *, after: int = -1) -> tuple[Iteration, ...]:
        """Finished iterations with a number above `after`, by number."""
        ...

    def read_detail(self, run_id: str, number: int) -> IterationDetail:
        """One iteration with its curves and fills."""
        ...

    def append(self, detail: IterationDetail) -> None:
        """Add a finished iteration; a second one of the same number is refused."""
        ...

    def append_all(self, details: Sequence[IterationDetail]) -> None:
        """Add finished iterations of one run together, all or none of them, with one event for the last."""
        ...

    def certify(self, run_id: str, number: int, certificate: Certificate) -> None:
        """Complete a stored iteration's certificate after a repetition in lock-step: nothing else of an iteration ever changes."""
        ...

    def add_event(self, run_id: str, body: RunEvent) -> int:
        """Store an event for whoever watches; gives its sequence number."""
        ...

    def add_events(self, run_id: str, bodies: Sequence[RunEvent]) -> int:
        """Store events together, all or none of them; gives the sequence number of the last."""
        ...

    def last_seq(self, run_id: str) -> int:
        """Sequence number of the newest event; 0 when there is none."""
        ...

    def list_events(self, run_id: str, *, after: int = 0, limit: int = 1000, kind: EventKind | None = None) -> tuple[Event, ...]:
        """Events with a sequence number above `after`, oldest first; of one kind when it is named.

        What cannot be read is among them as an `UnknownEvent`: it is passed over.
        """
        ...

    def record_training(
        self, run_id: str, fingerprint: Fingerprint, further: Sequence[Fingerprint] = (), apart: Sequence[Fingerprint] = ()
    ) -> None:
        """Record the bars that a run is trained on, also those of further instruments, and which of these are a basket's; once."""
        ...

    def record_held_out(self, run_id: str, held_out: Sequence[Fingerprint], training: Sequence[Fingerprint]) -> int:
        """Record the bars that a run holds out, once; gives the number of other runs that hold out some of the bars that it trains on."""
        ...

    def count_earlier_tries(
        self, run_id: str, fingerprint: Fingerprint, apart: Sequence[Fingerprint] = (), *, joining: str | None = None
    ) -> int:
        """Number of programs with a score that earlier runs, and not this one, tried on the same training bars, or on any of a basket's.

        `joining` is a program that this run is trying now: it counts as one of its own.
        """
        ...

    def count_trainings(self, run_id: str, fingerprint: Fingerprint, further: Sequence[Fingerprint] = ()) -> int:
        """Number of other runs that were trained on some of these bars."""
        ...

    def record_hold_out(
        self, evaluation: HoldOutEvaluation, fingerprint: Fingerprint | None = None, further: Sequence[Fingerprint] = ()
    ) -> int:
        """Record a hold-out evaluation, once; gives how often these bars, of any instrument, were used with it, by whatever run."""
        ...

    def cancel_requested(self, run_id: str) -> bool:
        """True once anybody, in any process, asked the run to stop."""
        ...
