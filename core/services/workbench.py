"""Workflows, files of bars and code that a person has in hand: found, checked, run, measured."""

import hashlib
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from core import language
from core.domain.backtest import BacktestPlan
from core.domain.bars_request import BarsRequest
from core.domain.errors import InputError, MarketDataError, Problem, StratloopError
from core.domain.history import UnreadableRowError
from core.domain.instrument import Timeframe
from core.domain.people import Role
from core.domain.workbench import SavedWorkflow, Starter
from core.domain.workflow import Workflow
from core.services.people import read_name
from core.services.permissions import find_person, needs
from core.services.rooms import Rooms
from core.services.settings import ROOT

if TYPE_CHECKING:
    from core.domain.annotation import Annotation
    from core.domain.authorship import CodeSource
    from core.domain.backtest import Outcome
    from core.domain.bars import Bars, Preview
    from core.domain.iteration import IterationDetail
    from core.domain.readings import Corrections
    from core.domain.run import ModelChoice, Run, RunPlan
    from core.domain.script_account import ScriptAccount
    from core.driving.describe_workflow import Description
    from core.driving.evaluate import CodeEvaluation
    from core.driving.ports import Cancel
    from core.driving.progress import ProgressWatcher
    from core.evidence import Conformity

FIRST_STARTER = "sma_cross"
MOST_DESCRIBED = 10_000
"""Characters of a description: a strategy takes some hundreds."""


@dataclass(frozen=True, slots=True, eq=False)
class SignalPreview:
    """A compiled workflow on some bars, with each row's truth per bar."""

    bars: "Bars"
    outcome: "Outcome"
    locked_bars: int
    """Bars at the end that were left out, because they are held out."""
    looks: int
    """Looks at the held-out bars so far, this one included; 0 while they are locked."""


@lru_cache(maxsize=64)
def _read_starter(file: Path, changed: int) -> Workflow:
    """Read a workflow that ships, once for each change of its file."""
    return language.parse(file.read_bytes())


class Workbench:
    """Verbs over workflows, uploads and code, for the builder, the editor and the terminal."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    def list_starters(self) -> tuple[Starter, ...]:
        """The workflows that ship with the product: the simplest one first, then by name."""
        files = sorted((ROOT / "data" / "workflows").glob("*.json"), key=lambda file: (file.stem != FIRST_STARTER, file.stem))
        return tuple(Starter(key=file.stem, workflow=_read_starter(file, file.stat().st_mtime_ns)) for file in files)

    def find_workflow(self, name: str) -> Workflow:
        """A workflow by file path, starter key or saved name. Raises WorkflowError, InputError and UnreadableRowError."""
        path = Path(name)
        if path.is_file():
            try:
                return language.parse(path.read_bytes())
            except OSError as error:
                raise InputError(f"{name} cannot be read: {error.strerror}.") from error
        starter = ROOT / "data" / "workflows" / f"{path.name.removesuffix('.json')}.json"
        if path.name == name and starter.is_file():
            return language.parse(starter.read_bytes())
        known = self._rooms.store.list_workflows()
        saved = next((saved for label, saved in self._label(known) if label == name), None)
        if saved is None:
            for row in known.left_out:
                if row.id.rpartition(":")[0] == name:
                    raise UnreadableRowError(row)
            raise InputError(
                f"There is no workflow {name!r}.", hint="Give the path of a JSON file, a starter such as sma_cross, or a saved name."
            )
        return saved.workflow

    def list_saved(self) -> dict[str, SavedWorkflow]:
        """The saved workflows that the person sees, newest first, by the name under which `find_workflow` finds each.

        Where others have the same name, the person's own is called by it alone, and theirs have their owner's name behind it.
        """
        return dict(self._label(self._rooms.store.list_workflows()))

    def _label(self, known: Iterable[SavedWorkflow]) -> list[tuple[str, SavedWorkflow]]:
        own, taken, labeled = find_person().id, set(), {}
        for saved in sorted(known, key=lambda one: (one.owner != own, one.owner != "", one.owner)):
            labeled[saved.owner, saved.name] = (
                f"{saved.name} ({read_name(self._rooms, saved.owner)})" if saved.name in taken else saved.name
            )
            taken.add(saved.name)
        return [(labeled[saved.owner, saved.name], saved) for saved in known]

    def detect_timeframe(self, path: Path) -> Timeframe:
        """The timeframe that a file of bars has. Raises MarketDataError."""
        found: Timeframe = self._rooms.market.read_timeframe(path)
        return found

    def list_uploads(self) -> tuple[Path, ...]:
        """Files of bars that the person has uploaded, by name; then those of nobody."""
        folders = dict.fromkeys((self._rooms.find_uploads(find_person().id), self._rooms.find_uploads("")))
        return tuple(path for folder in folders for path in sorted(folder.glob("[!.]*")) if path.is_file())

    def measure_uploads(self) -> dict[Path, int]:
        """Measure the bytes of each upload that the person has, by name; one that somebody removes meanwhile is left out."""
        found = {}
        for path in self.list_uploads():
            with suppress(FileNotFoundError):
                found[path] = path.stat().st_size
        return found

    @needs(Role.ANALYST)
    def remove_upload(self, name: str) -> None:
        """Delete a kept upload; it can be brought back for a day. Runs that used it keep their results. Raises InputError."""
        from core.services.backups import Backups

        path = next((path for path in self.list_uploads() if path.name == name), None)
        if path is None:
            raise InputError(f"There is no upload called {name!r}.")
        self._rooms.market.kept_readings.forget(path)
        Backups(self._rooms).delete_upload(path)

    @needs(Role.ANALYST)
    def keep_upload(self, data: bytes, name: str) -> Path:
        """Store an upload that is fit for use; its path goes into a BarsRequest. Raises RefusedBarsError, and then nothing was stored."""
        owner = find_person().id
        self._rooms.limits.require_room(owner, bytes_more=len(data))
        kept: Path = self._rooms.market.keep_upload(data, name)
        self._rooms.limits.note_uploads(owner)
        return kept

    @needs(Role.ANALYST)
    def correct_reading(self, source: Path | bytes, corrections: "Corrections", name: str = "") -> "Preview":
        """Keep what a person says of a file, for every later reading of it; gives the new reading. Raises MarketDataError."""
        shown: Preview = self._rooms.market.correct(source, corrections, name)
        return shown

    def annotate(self, code: str, *, instruments: int = 1) -> "tuple[Annotation, ...]":
        """List the static gate's remarks on code that is to run on so many instruments, for the editor's gutter."""
        from core.gate import inspect_code

        return inspect_code(code, instruments=instruments).annotations

    def read_script_account(self, code: str) -> "ScriptAccount":
        """Cash and costs that a script sets for itself, to be offered: the plan's count otherwise."""
        from core.gate import inspect_code

        return inspect_code(code).account

    def load_training_bars(self, plan: "RunPlan") -> "Bars":
        """The bars that a plan's figures are measured on, in the measure of the last training day. Raises MarketDataError."""
        from core.driving.run_context import load_split_bars

        return load_split_bars(plan.bars, plan.hold_out, self._rooms.market)[0]

    @needs(Role.ANALYST)
    def evaluate(
        self, code: str, request: BarsRequest, plan: BacktestPlan, *, cancel: "Cancel | None" = None
    ) -> "tuple[Bars, CodeEvaluation]":
        """Run code on all bars of a request, or on the longer ones that its script makes of them; nothing is kept.

        Raises MarketDataError and SandboxUnavailableError.
        """
        from core.driving.confirm import confirm_evaluation
        from core.driving.evaluate import evaluate_code

        sandbox, stop = self._rooms.take_runner(), cancel or self._rooms.never
        bars = self._rooms.market.bars(self._lengthen_bars(code, request))
        evaluated = evaluate_code(code, plan, bars, sandbox=sandbox, cancel=stop)
        return bars, confirm_evaluation(evaluated, code, plan, bars, sandbox=sandbox, cancel=stop)

    @needs(Role.ANALYST)
    def backtest(
        self,
        code: str,
        plan: "RunPlan",
        *,
        run_id: str | None = None,
        note: str = "",
        source: "CodeSource | None" = None,
        watch: "ProgressWatcher | None" = None,
    ) -> "tuple[Run, IterationDetail]":
        """Run a person's code on the training bars of a plan and keep it in the history; `watch` is told how far it has come.

        The plan's bars are longer where the code's script makes longer ones its only feed. `source` is the code as its author left it,
        where the person only handed it in.
        """
        from core.driving.deposits import settle_deposits
        from core.driving.editor_backtest import backtest_code

        self._rooms.limits.require_room(find_person().id)
        plan = settle_deposits(plan)
        plan = plan.changed(bars=self._rooms.market.pin_uploads(self._lengthen_bars(code, plan.bars)))
        ports, never = self._rooms.ports, self._rooms.never
        return backtest_code(code, plan, ports, cancel=never, run_id=run_id, note=note, source=source, watch=watch)

    def find_source(self, run_id: str, number: int) -> "CodeSource":
        """Find the code behind an iteration as its author left it: where it came from another iteration, that one's. Raises InputError."""
        from core.domain.authorship import CodeSource

        iteration = self._rooms.store.read_detail(run_id, number).iteration
        told = iteration.authorship
        if told is not None and told.run_id and told.number is not None and (told.run_id, told.number) != (run_id, number):
            with suppress(StratloopError):  # the run that it was written in may be gone: what is here then stands for it
                return self.find_source(told.run_id, told.number)
        return CodeSource(told.model if told else iteration.model, iteration.code, run_id, number)

    def _lengthen_bars(self, code: str, request: BarsRequest) -> BarsRequest:
        """The request with the longer bars that a script makes its only feed; as it is where they cannot be had."""
        from core.gate import inspect_code

        wanted = inspect_code(code).timeframe
        if not wanted or Timeframe(wanted).minutes <= request.timeframe.minutes:
            return request
        longer = request.changed(timeframe=Timeframe(wanted))
        try:
            self._rooms.market.bars(longer)
        except MarketDataError:
            return request  # the run's notes say which bars counted
        return longer

    def read_numbers(self, code: str) -> dict[str, float]:
        """Read the numbers that a program runs with, by name."""
        from core.prompts import read_parameters

        return read_parameters(code)

    def write_back(self, workflow: Workflow, code: str) -> tuple[Workflow, tuple[str, ...]]:
        """Write the numbers that a program runs with into the cells of a workflow; gives also the names of those that no cell takes."""
        return language.write_numbers(workflow, self.read_numbers(code))

    @needs(Role.ANALYST)
    def describe(self, text: str, model: "ModelChoice | None" = None, *, cancel: "Cancel | None" = None) -> "Description":
        """Propose a workflow for a description: by patterns, or asked of a model. Raises InputError, ProviderError and BudgetError."""
        from core.driving.describe_workflow import describe_workflow

        if not text.strip():
            raise InputError("There is nothing to read.", hint="Describe the strategy in a sentence or two.")
        if len(text) > MOST_DESCRIBED:
            said = f"The text has {len(text):,} characters; at most {MOST_DESCRIBED:,} are read."
            raise InputError(said, hint="Describe one strategy, in a few sentences.")
        return describe_workflow(text, self._rooms.gateway, model, cancel=cancel or self._rooms.never)

    def check(self, workflow: Workflow, request: BarsRequest | None = None) -> tuple[Problem, ...]:
        """Problems of a workflow; with a request also those that show only on its bars. Raises MarketDataError."""
        if request is None:
            return language.check(workflow)
        bars = self._rooms.market.bars(request)
        return language.check_on(workflow, bars)

    def count_rows(self, workflow: Workflow, request: BarsRequest) -> "tuple[tuple[language.FunnelStep, ...], int]":
        """Count for each row on how many bars it is true, and the bars. Raises MarketDataError, SandboxUnavailableError and InputError."""
        bars, outcome = self.compute_signals(workflow, request, BacktestPlan())
        if not outcome.ok:
            raise InputError(f"The workflow could not be run on these bars: {outcome.error.message if outcome.error else 'no result'}")
        return language.build_funnel(outcome.signals, workflow), len(bars)

    def compute_signals(self, workflow: Workflow, request: BarsRequest, plan: BacktestPlan) -> "tuple[Bars, Outcome]":
        """The compiled workflow on the bars of a request, with each row's truth per bar."""
        language.require_valid(workflow)
        bars = self._rooms.market.bars(request)
        return bars, self._run_for_signals(workflow, plan, bars)

    def _run_for_signals(self, workflow: Workflow, plan: BacktestPlan, bars: "Bars") -> "Outcome":
        from core.driving.proof import compile_proved

        program = compile_proved(workflow, bars, signals=True)
        if deposits := language.read_deposits(workflow):
            plan = plan.changed(deposits=deposits)
        return self._rooms.ports.sandbox.run_proved(program, plan, bars, cancel=self._rooms.never, signals=True)

    def preview_signals(
        self, workflow: Workflow, request: BarsRequest, plan: BacktestPlan, *, hold_out: float, opened: bool = False
    ) -> SignalPreview:
        """The compiled workflow on the bars before the hold-out; `opened` goes on to the last bar, and is counted as a look at them.

        The same table opened again on the same bars is the same look. Raises WorkflowError, MarketDataError and SandboxUnavailableError.
        """
        from core.driving.run_context import load_split_bars

        language.require_valid(workflow)
        training, locked = load_split_bars(request, hold_out, self._rooms.market)
        looks = self._count_look(workflow, request, locked) if opened and len(locked) else 0
        bars = training.concat(locked) if opened else training
        outcome = self._run_for_signals(workflow, plan, bars)
        return SignalPreview(bars, outcome, locked_bars=0 if opened else len(locked), looks=looks)

    def _count_look(self, workflow: Workflow, request: BarsRequest, locked: "Bars") -> int:
        from core.domain.fingerprint import compute_fingerprint, compute_further_fingerprints
        from core.domain.hold_out import HoldOutEvaluation

        table = hashlib.sha256(language.dump(workflow).encode()).hexdigest()
        return self._rooms.history.record_hold_out(
            HoldOutEvaluation(
                run_id=f"preview-{table[:12]}",
                iterations=0,
                instrument=request.subject,
                timeframe=locked.timeframe,
                first=locked.first,
                last=locked.last,
            ),
            compute_fingerprint(locked),
            compute_further_fingerprints(locked),
        )

    def measure_conformity(self, run_id: str, number: int) -> "Conformity | None":
        """Hold an iteration's entries and exits against each row of its run's workflow; None where that cannot be judged.

        Runs the compiled workflow on the training bars once. Raises InputError, MarketDataError and SandboxUnavailableError.
        """
        from core.driving.run_context import compute_signals, find_changed_parameters, prepare_bars
        from core.evidence import compute_conformity

        run = self._rooms.store.read_run(run_id)
        detail = self._rooms.store.read_detail(run.id, number)
        numbers = find_changed_parameters(run.plan, detail.iteration.code)
        _, training, _ = prepare_bars(run.plan, self._rooms.market)
        return compute_conformity(
            run.plan.workflow,
            compute_signals(run.plan, training, self._rooms.ports.sandbox, self._rooms.never, numbers),
            detail.fills,
            training,
        )
