"""Limits of people on a server for several, what each has used of them, and the refusals in words when one is reached.

What belongs to nobody is not limited, and not measured: a server of one's own notices nothing.
"""

import hashlib
import logging
import os
import secrets
import socket
import stat
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from core.domain.backtest import BacktestPlan, Outcome, Progress
from core.domain.bars import Bars
from core.domain.errors import BudgetError, InputError, StoreError
from core.domain.history import DocumentKind
from core.domain.model_calls import ModelEvent, ModelRequest
from core.domain.people import LimitError, PersonLimits, TooManyRunsError
from core.domain.proved_program import ProvedProgram
from core.driving.ports import BatchSandbox, Cancel, Model, Sandbox
from core.store import name_unreadable

if TYPE_CHECKING:
    from core.driving.evaluate import CodeEvaluation
    from core.driving.fan_out import Evaluations, EvaluationTask
    from core.llm.spending_ledger import Caps
    from core.services.rooms import Rooms

LIMITS = "limits:"
"""Settings under which limits are kept; the id of a person follows, nothing for everybody without limits of their own."""
WRITE_SECONDS = 5.0
"""Processor time that a process keeps to itself before it is written down."""
MEGABYTE = 1_000_000
HOME_FILE = "home.name"
"""File in the home with its name, by which servers on one history tell their homes apart."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Used:
    """Amounts that a person has used of what can be limited."""

    runs: int
    minutes: float
    disk_mb: float


class LimitBook:
    """Limits and use of every person. Safe with several threads; several servers on one history count together."""

    def __init__(self, rooms: "Rooms", clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._rooms = rooms
        self._clock = clock
        self._worker = secrets.token_hex(6)
        self._lock, self._writing = threading.Lock(), threading.Lock()
        self._given: dict[tuple[str, str], float] = {}
        """Seconds that this process gave, by owner and day."""
        self._written: dict[tuple[str, str], float] = {}
        self._noted: dict[str, int] = {}
        """Bytes of uploads here as the history knows them, by owner."""
        self._sizes: dict[str, dict[str, tuple[int, int]]] = {}
        """Newest event and bytes of each run that was measured, by owner and run."""

    @cached_property
    def _home(self) -> str:
        return name_home(self._rooms.settings.home)

    def read(self, owner: str) -> PersonLimits:
        """The limits that hold for a person: their own, else those of everybody. Raises UnreadableRowError."""
        if not owner:
            return PersonLimits()
        return self.read_own(owner) or self.read_own("") or PersonLimits()

    def read_own(self, owner: str) -> PersonLimits | None:
        """The limits that an admin set for one person, or with an empty id for everybody; None where none were set."""
        key = f"{LIMITS}{owner}"
        with name_unreadable(DocumentKind.SETTING, key):
            document = self._rooms.history.read_setting(key)
            return PersonLimits.model_validate_json(document) if document else None

    def save(self, owner: str, limits: PersonLimits | None) -> None:
        """Keep limits; None takes a person's own away."""
        if limits is None:
            self._rooms.history.delete_setting(f"{LIMITS}{owner}")
        else:
            self._rooms.history.save_setting(f"{LIMITS}{owner}", limits.model_dump_json())

    def find_caps(self, owner: str) -> "Caps":
        """Caps over the calls of one person: those of the server, and their own."""
        limits = self.read(owner)
        return self._rooms.preferences.read_caps().changed(own_day_usd=limits.day_usd, own_month_usd=limits.month_usd)

    def measure(self, owner: str) -> Used:
        """Measure what a person has used."""
        disk = self.measure_runs(owner) + self.note_uploads(owner)
        return Used(len(self._rooms.history.list_open_of(owner)), self.measure_seconds(owner) / 60.0, disk / MEGABYTE)

    def measure_seconds(self, owner: str) -> float:
        """Seconds for which backtests of a person held a processor today."""
        key = (owner, describe_day(self._clock()))
        with self._lock:
            waiting = self._given.get(key, 0.0) - self._written.get(key, 0.0)
        return self._rooms.history.sum_processor_time(*key) + waiting

    def measure_runs(self, owner: str) -> int:
        """Measure the bytes that a person's runs take in the history; each again only when something was added to it."""
        history = self._rooms.history
        marks, known = history.list_marks(owner), self._sizes.get(owner, {})
        fresh = history.measure_each([run_id for run_id, mark in marks.items() if known.get(run_id, (-1, 0))[0] != mark])
        self._sizes[owner] = {run_id: (mark, fresh[run_id]) if run_id in fresh else known[run_id] for run_id, mark in marks.items()}
        return sum(size for _, size in self._sizes[owner].values())

    def note_uploads(self, owner: str) -> int:
        """Measure a person's uploads: those here, which is noted for the other servers, and those that they noted; gives bytes."""
        if not owner:
            return 0
        folder, history = self._rooms.find_uploads(owner), self._rooms.history
        here = _measure_files(folder)
        if here != self._noted.get(owner):
            history.note_upload_room(owner, self._home, here)
            self._noted[owner] = here
        return here + history.sum_upload_room(owner, but=self._home)

    def find_most_open(self, owner: str) -> int | None:
        """Find how many runs of a person may be open at once; None where that is not limited."""
        return self.read(owner).runs

    def require_room(self, owner: str, *, bytes_more: int = 0, new_runs: int = 0) -> None:
        """Refuse more work or more files of a person who has reached a limit. Raises LimitError."""
        limits = self.read(owner)
        open_runs = len(self._rooms.history.list_open_of(owner)) if new_runs and limits.runs is not None else 0
        if new_runs and limits.runs is not None and open_runs + new_runs > limits.runs:
            raise TooManyRunsError(open_runs, new_runs, limits.runs)
        self.require_processor(owner, limits)
        if limits.disk_mb is not None:
            disk = (self.measure_runs(owner) + self.note_uploads(owner) + bytes_more) / MEGABYTE
            if disk > limits.disk_mb:
                raise LimitError(
                    f"Your runs and uploads would take {disk:.1f} MB, and {limits.disk_mb:g} MB are allowed on this server.",
                    hint="Remove uploads that no run needs any more; an admin can raise the limit.",
                )

    def require_processor(self, owner: str, limits: PersonLimits | None = None) -> None:
        """Refuse more backtests of a person whose processor time for today is used up. Raises LimitError."""
        allowed = (limits or self.read(owner)).minutes
        if allowed is not None and (used := self.measure_seconds(owner) / 60.0) >= allowed:
            raise LimitError(
                f"Your processor time for today is used up: {used:.1f} of {allowed:g} minutes.",
                hint="It begins anew at 00:00 UTC; an admin can raise the limit.",
            )

    def note_processor(self, owner: str, seconds: float) -> None:
        """Count processor time of a person; it is written down every few seconds of it, and when the process ends."""
        key = (owner, describe_day(self._clock()))
        with self._lock:
            given = self._given[key] = self._given.get(key, 0.0) + max(0.0, seconds)
            due = given - self._written.get(key, 0.0) >= WRITE_SECONDS
        if due:
            self._write(key)

    def _write(self, key: tuple[str, str]) -> None:
        with self._writing:  # one after the other: the smaller of two sums is never written last
            with self._lock:
                given = self._given[key]
            try:
                self._rooms.history.note_processor_time(*key, self._worker, given)
            except StoreError as error:  # it stays counted here, and is written with the next one
                log.warning("processor time was not written down: %s", error)
                return
            with self._lock:
                self._written[key] = given

    def meter_model(self, owner: str, model: Model) -> Model:
        """A model that a person's use of processors can stop; as it is for what belongs to nobody."""
        return _MeteredModel(self, owner, model) if owner else model

    def meter_sandbox(self, owner: str, sandbox: Sandbox) -> Sandbox:
        """A sandbox with a person's processor time measured; as it is for what belongs to nobody."""
        return _MeteredSandbox(self, owner, sandbox) if owner else sandbox

    def meter_evaluations(self, owner: str, evaluations: "Evaluations") -> "Evaluations":
        """A place for many programs with a person's processor time measured; as it is for what belongs to nobody."""
        return _MeteredEvaluations(self, owner, evaluations) if owner else evaluations

    def close(self) -> None:
        """Write down what was not written yet."""
        with self._lock:
            open_keys = [key for key, given in self._given.items() if given > self._written.get(key, 0.0)]
        for key in open_keys:
            self._write(key)


class _MeteredModel:
    """A model that is asked for no further version once its person's processor time is used up; what was begun comes to its end."""

    def __init__(self, book: LimitBook, owner: str, model: Model) -> None:
        self._book, self._owner, self._model = book, owner, model

    def stream(self, request: ModelRequest, *, cancel: Cancel) -> Iterator[ModelEvent]:
        """Events of one call. Raises BudgetError when the processor time is used up."""
        try:
            self._book.require_processor(self._owner)
        except LimitError as error:
            raise BudgetError(error.message, hint=error.hint) from error
        yield from self._model.stream(request, cancel=cancel)


class _MeteredSandbox:
    """A sandbox that counts for how long its person's backtests hold a processor."""

    def __init__(self, book: LimitBook, owner: str, sandbox: Sandbox) -> None:
        self._book, self._owner, self._sandbox = book, owner, sandbox

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
        """Facts of the run."""
        return self._note(self._sandbox.run(code, plan, bars, cancel=cancel, signals=signals, watch=watch))

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
        """Facts of a proved program."""
        return self._note(self._sandbox.run_proved(program, plan, bars, cancel=cancel, signals=signals, watch=watch))

    def run_proved_all(self, programs: Sequence[ProvedProgram], plan: BacktestPlan, bars: Bars, *, cancel: Cancel) -> Sequence[Outcome]:
        """Facts of several proved programs, in one process where the sandbox can."""
        if isinstance(self._sandbox, BatchSandbox):
            return [self._note(one) for one in self._sandbox.run_proved_all(programs, plan, bars, cancel=cancel)]
        return [self.run_proved(program, plan, bars, cancel=cancel) for program in programs]

    def _note(self, outcome: Outcome) -> Outcome:
        self._book.note_processor(self._owner, outcome.wall_seconds)
        return outcome


def read_limits(**given: float | None) -> PersonLimits:
    """Read limits as they were typed; None means no limit. Raises InputError."""
    try:
        kept = {name: int(value) if name == "runs" and value == int(value) else value for name, value in given.items() if value is not None}
        return PersonLimits.model_validate(kept)
    except ValidationError as error:
        place = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise InputError(f"The limit {place} is {given.get(place)!r}; a number above 0 is needed.") from error


def name_home(home: Path) -> str:
    """Name a server's home, so that two servers with one home count its files once: kept in the home, or made from its place."""
    kept = home / HOME_FILE
    with suppress(OSError):
        if not kept.exists():
            home.mkdir(parents=True, exist_ok=True)
            fresh = kept.with_name(f"{kept.name}.{secrets.token_hex(4)}")
            fresh.write_text(secrets.token_hex(8))
            with suppress(FileExistsError):  # another process was faster: its name counts
                os.link(fresh, kept)
            fresh.unlink()
        return kept.read_text()
    return hashlib.sha256(f"{socket.gethostname()}\n{home}".encode()).hexdigest()[:16]


def _measure_files(folder: Path) -> int:
    """Measure the bytes of a folder's files, without those that are removed or put in place meanwhile."""
    found = 0
    for path in folder.glob("*"):
        with suppress(FileNotFoundError):
            state = path.stat()
            found += state.st_size if stat.S_ISREG(state.st_mode) else 0
    return found


def describe_day(moment: datetime) -> str:
    """The day of UTC to which a moment's processor time is counted.

    >>> describe_day(datetime(2026, 3, 1, 23, 59, tzinfo=UTC))
    '2026-03-01'
    """
    return moment.astimezone(UTC).date().isoformat()


class _MeteredEvaluations:
    """A place for many programs that counts for how long a person's programs hold a processor, here or elsewhere."""

    def __init__(self, book: LimitBook, owner: str, evaluations: "Evaluations") -> None:
        self._book, self._owner, self._evaluations = book, owner, evaluations

    @property
    def width(self) -> int:
        """Programs that run at once now."""
        return self._evaluations.width

    def run_all(self, tasks: "Iterable[EvaluationTask]", *, cancel: Cancel) -> "Iterator[tuple[int, CodeEvaluation]]":
        """Each task's place and its evaluation. Raises SandboxUnavailableError."""
        for number, found in self._evaluations.run_all(tasks, cancel=cancel):
            self._book.note_processor(self._owner, found.outcome.wall_seconds)
            yield number, found
