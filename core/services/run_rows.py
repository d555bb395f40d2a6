"""Parts of one run that history and market have, each read once and when it is needed: for an assessment, and for comparisons."""

from collections.abc import Callable, Sequence
from functools import cached_property

from core.domain.bars import Bars
from core.domain.bars_request import BarsRequest
from core.domain.decision import Selection
from core.domain.errors import MarketDataError
from core.domain.events import LookEvent
from core.domain.history import ReadableRows, UnreadableRowError
from core.domain.iteration import Iteration, IterationDetail
from core.domain.run import Run, RunPlan
from core.domain.study import Studies
from core.driving.confirm_winner import forget_rejected_scores
from core.driving.judge import judge_run
from core.driving.later_look import list_later_looks
from core.driving.ports import History
from core.driving.run_context import load_split_bars
from core.driving.verify import read_studies
from core.report.assessment import Assessment, assess
from core.services.rooms import Rooms

ReadDetail = Callable[[Run, int], IterationDetail]
"""Reads an iteration with its curves, by its run and number."""
LoadBars = Callable[[RunPlan], Bars]
"""Loads the training bars of a plan. Raises MarketDataError."""


class TrainingBars:
    """Training bars of runs, those on the same bars loaded once; what keeps them from being had is remembered too."""

    def __init__(self, rooms: Rooms, load: LoadBars | None = None) -> None:
        self._load = load or (lambda plan: load_split_bars(plan.bars, plan.hold_out, rooms.market)[0])
        self._known: dict[tuple[BarsRequest, float], Bars | MarketDataError] = {}

    def load(self, run: Run) -> Bars:
        """Load the training bars of a run. Raises MarketDataError."""
        key = run.plan.bars, run.plan.hold_out
        if key not in self._known:
            try:
                self._known[key] = self._load(run.plan)
            except MarketDataError as error:
                self._known[key] = error
        found = self._known[key]
        if isinstance(found, MarketDataError):
            raise found
        return found


class RunRows:
    """One run as it stands. `training` and `read` are where several runs share their bars, and where an iteration may be known already."""

    def __init__(self, run: Run, rooms: Rooms, *, training: TrainingBars | None = None, read: ReadDetail | None = None) -> None:
        self.run = run
        self._store = rooms.store
        self._training = training or TrainingBars(rooms)
        self._read = read or (lambda of, number: self._store.read_detail(of.id, number))
        self._details: dict[int, IterationDetail] = {}

    @cached_property
    def iterations(self) -> ReadableRows[Iteration]:
        """All that are finished."""
        return self._store.list_iterations(self.run.id)

    @cached_property
    def studies(self) -> Studies:
        """The studies that were kept."""
        return read_studies(self._store, self.run)

    @cached_property
    def later_looks(self) -> dict[int, LookEvent]:
        """The later looks at the hold-out, by the number of the iteration."""
        return list_later_looks(self._store, self.run)

    @property
    def training(self) -> Bars:
        """The bars that the figures were measured on. Raises MarketDataError."""
        return self._training.load(self.run)

    @cached_property
    def selection(self) -> Selection | None:
        """The judgment of the best iteration, on the training bars. Raises MarketDataError."""
        return judge_stored(self.run, self.iterations, self.training, self._store)

    def read_detail(self, number: int) -> IterationDetail:
        """Read an iteration with its curves. Raises InputError when there is none, and UnreadableRowError."""
        if number not in self._details:
            self._details[number] = self._read(self.run, number)
        return self._details[number]

    def assess(self, number: int | None = None) -> Assessment:
        """Assess an iteration, the best one unless a number is given. Raises as `Runs.assess`."""
        run = self.run
        chosen = run.best if number is None else number
        try:
            detail = None if chosen is None else self.read_detail(chosen)
        except UnreadableRowError as error:
            if chosen != run.best:
                raise
            return assess(run, self.iterations, missing=str(error))
        if detail is None or detail.iteration.metrics is None:
            return assess(run, self.iterations, detail)
        try:
            bars = self.training
        except MarketDataError as error:
            return assess(run, self.iterations, detail, selection=run.selection, studies=self.studies, missing=str(error))
        return assess(run, self.iterations, detail, bars, selection=self.selection, studies=self.studies)


def judge_stored(run: Run, iterations: Sequence[Iteration], training: Bars, history: History) -> Selection | None:
    """The judgment that a run ended with; of an unfinished, cancelled or earlier one, made now from what is stored."""
    if not run.kind.is_loop or run.best is None:
        return None
    if run.selection is not None and run.selection.winner == run.best:
        return run.selection
    return judge_run(run, forget_rejected_scores(history, run.id, iterations), run.best, training, history)
