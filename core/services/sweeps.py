"""Sweeps: begun, watched, stopped, taken up again. A sweep is a run for each series of bars; the work belongs to the run worker."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from core import language
from core.domain.errors import InputError
from core.domain.iteration import Iteration
from core.domain.people import Role
from core.domain.run import Run, RunKind, RunPlan, Status
from core.domain.sweep import MOST_GUIDED, MOST_POINTS, Axis, SweepPlan, SweepSearch
from core.domain.workflow import Workflow
from core.driving.deposits import settle_deposits
from core.driving.run_context import prepare_bars
from core.driving.sweep import check_axes
from core.report.sweep_report import SweepReport, SweepSeries, build_sweep_report
from core.services.permissions import find_person, needs
from core.services.rooms import Rooms
from core.services.runs import Runs

PACE_POINTS = 200
"""Newest points that tell how fast a sweep goes."""


@dataclass(frozen=True, slots=True)
class SweepProgress:
    """State of a sweep: points done of those to do, over all of its series."""

    done: int
    total: int
    status: Status
    seconds_left: float | None
    """Estimate from the pace of the newest points; None before there is one, and when it is over."""


class Sweeps:
    """Verbs over sweeps, for their screen and the terminal. A sweep is known by the id of its first run, or of any other of its runs."""

    def __init__(self, rooms: Rooms, runs: Runs) -> None:
        self._rooms = rooms
        self._runs = runs

    def check(self, plans: Sequence[RunPlan]) -> None:
        """Check the plans of a sweep, one for each series of bars, after what costs least first.

        Raises InputError, WorkflowError and MarketDataError, so that a screen can refuse before anything is stored.
        """
        if not plans:
            raise InputError("A sweep needs at least one instrument.", hint="Name it with --asset, several with commas between them.")
        self._refuse_copies(plans)
        language.require_valid(plans[0].workflow)
        check_axes(plans[0])
        refuse_too_many(plans)
        for plan in plans:
            prepare_bars(plan, self._rooms.market)

    def _refuse_copies(self, plans: Sequence[RunPlan]) -> None:
        seen: set[tuple[str, str]] = set()
        for plan in plans:
            series = (plan.bars.path or plan.bars.subject, plan.bars.timeframe.value)
            if series in seen:
                raise InputError(f"{plan.bars.label} ({series[1]}) is named twice.", hint="Each instrument and timeframe is swept once.")
            seen.add(series)

    @needs(Role.ANALYST)
    def start(self, plans: Sequence[RunPlan]) -> tuple[Run, ...]:
        """Check the plans, store a run for each and begin. Nothing is stored when it raises.

        Raises as `check`, StoreError and LimitError.
        """
        limits, owner = self._rooms.limits, find_person().id
        limits.require_room(owner, new_runs=len(plans))
        plans = [settle_deposits(plan) for plan in plans]
        self.check(plans)
        plans = [plan.changed(bars=self._rooms.market.pin_uploads(plan.bars)) for plan in plans]
        runs = self._rooms.store.create_sweep(plans, most_open=limits.find_most_open(owner))
        for run in runs:
            self._rooms.run_worker.submit(run.id)
        return runs

    def list_runs(self, run_id: str) -> tuple[Run, ...]:
        """The runs of a sweep, by the id or the beginning of the id of one of them. Raises InputError when it is no sweep's."""
        run = self._rooms.store.read_run(run_id)
        if run.kind is not RunKind.SWEEP or run.plan.sweep is None:
            raise InputError(f"Run {run.id} is no sweep.", hint="`show` tells what it is.")
        found = tuple(self._rooms.store.list_sweep(run.plan.sweep.group))
        return found if any(one.id == run.id for one in found) else (run,)

    @needs(Role.ANALYST)
    def cancel(self, run_id: str) -> None:
        """Stop a sweep, whichever process works on it; the points that are done are kept."""
        for run in self.list_runs(run_id):
            if not run.status.finished:
                self._runs.cancel(run.id)

    @needs(Role.ANALYST)
    def resume(self, run_id: str) -> tuple[Run, ...]:
        """Go on with the points that are missing, in the background. Raises InputError when none are, or somebody is at it."""
        open_ones = [run for run in self.list_runs(run_id) if run.status is not Status.COMPLETE]
        if not open_ones:
            raise InputError("All points of the sweep are done.", hint="Another sweep tries other points.")
        refused: list[InputError] = []
        for run in open_ones:
            try:
                self._runs.resume(run.id)
            except InputError as error:  # another process carries this series
                refused.append(error)
        if len(refused) == len(open_ones):
            raise refused[0]
        return self.list_runs(run_id)

    def measure_progress(self, run_id: str) -> SweepProgress:
        """Measure how far a sweep has come, and how long the rest will take."""
        runs = self.list_runs(run_id)
        total = sum(run.plan.sweep.count + 1 for run in runs if run.plan.sweep)
        done = sum(run.iterations for run in runs)
        going = [run for run in runs if not run.status.finished]
        left = self._estimate(runs, total - done) if going else None
        return SweepProgress(done, total, _sum_up(runs), left)

    def _estimate(self, runs: Sequence[Run], missing: int) -> float | None:
        """Estimate the seconds for the points that are missing, from the newest ones of the runs that go on."""
        rate = 0.0
        for run in runs:
            if run.status is Status.RUNNING:
                times = self._rooms.store.list_created(run.id, PACE_POINTS)
                span = (datetime.now(UTC).timestamp() - times[-1]) if len(times) > 1 else 0.0
                rate += (len(times) - 1) / span if span > 0 else 0.0
        return missing / rate if rate > 0 else None

    def read_report(self, run_id: str) -> SweepReport:
        """Read the report of a sweep so far: its points with figures, plateau and cliff, the best of each series, and luck by all tries."""
        runs = self.list_runs(run_id)
        return build_sweep_report([SweepSeries(run, self._rooms.store.list_iterations(run.id)) for run in runs])

    def read_points(self, run: Run) -> Sequence[Iteration]:
        """The finished points of one series, iteration 0 among them."""
        return self._rooms.store.list_iterations(run.id)

    @needs(Role.ANALYST)
    def save_point(self, run_id: str, number: int, name: str = "") -> str:
        """Save the workflow with the numbers of a point, so that a run can be started from it; gives its name. Raises as `build_point`."""
        run = self._rooms.store.read_run(run_id)
        workflow = self.build_point(run, number)
        told = name or f"{run.plan.workflow.name}, point {number} of {run.id}"
        workflow = workflow.changed(name=told)
        saved = {one.name: one.workflow for one in self._rooms.store.list_workflows()}
        if saved.get(told) != workflow:
            self._rooms.store.save_workflow(workflow)
        return told

    def build_point(self, run: Run, number: int) -> Workflow:
        """The workflow with the numbers of a point in its cells, to be carried on with.

        Raises InputError for an unknown number, where a cell does not take its number, and for a run whose iterations may have other rules.
        """
        if run.kind is not RunKind.SWEEP:
            raise InputError(f"Run {run.id} is no sweep.", hint=f"`keep {run.id} --iteration {number}` keeps an iteration of a loop.")
        iteration = self._rooms.store.read_detail(run.id, number).iteration
        changed, left_out = language.write_numbers(run.plan.workflow, iteration.numbers)
        if left_out:
            raise InputError(f"The table has no cell for {', '.join(left_out)}.", hint="The program of the point can be carried on with.")
        return changed


def refuse_too_many(plans: Sequence[RunPlan]) -> None:
    """Refuse a sweep of more points than can be tried. Raises InputError with its size and a proposal that is small enough."""
    sweep = plans[0].sweep
    if sweep is None:
        raise InputError("Nothing is swept.", hint="Name a number with its bounds and step: --set sma_fast=5:30:5.")
    series = len(plans)
    if sweep.search is SweepSearch.GUIDED and sweep.count > MOST_GUIDED:
        raise InputError(f"A guided search tries at most {MOST_GUIDED} points of each series, not {sweep.count:,}.", hint="Use --random.")
    if sweep.count * series <= MOST_POINTS:
        return
    times = f" on {series} series of bars" if series > 1 else ""
    each = MOST_POINTS // series
    coarser = _coarsen(sweep, each)
    steps = ", ".join(f"{axis.name}={axis.start:.12g}:{axis.stop:.12g}:{axis.step:.12g}" for axis in coarser.axes)
    proposal = f"Coarser steps ({steps}) make {coarser.size:,}"
    fewer = min(each, MOST_GUIDED)
    raise InputError(
        f"The grid has {sweep.size:,} points{times}; at most {MOST_POINTS:,} are tried in all.",
        hint=f"{proposal}, or try {fewer} of them: --random {fewer} or --guided {min(fewer, 200)}.",
    )


def _coarsen(sweep: SweepPlan, most: int) -> SweepPlan:
    """The same bounds with steps twice, three times ... as long on the longest axis, until it is small enough."""
    axes, factors = list(sweep.axes), [1] * len(sweep.axes)
    while SweepPlan(axes=tuple(axes)).size > most:
        longest = max(range(len(axes)), key=lambda place: axes[place].count)
        factors[longest] *= 2
        first = sweep.axes[longest]
        axes[longest] = Axis(name=first.name, start=first.start, stop=first.stop, step=first.step * factors[longest])
    return SweepPlan(axes=tuple(axes))


def _sum_up(runs: Sequence[Run]) -> Status:
    """The state of a sweep from those of its runs."""
    states = [run.status for run in runs]
    order = (Status.RUNNING, Status.PAUSED, Status.QUEUED, Status.FAILED, Status.CANCELLED)
    return next((state for state in order if state in states), Status.COMPLETE)
