"""Queries that screens repeat, cached for a while: bars of a run, its benchmark, finished iterations. All of it is immutable."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from core.domain.bars import Bars
from core.domain.bars_request import BarsRequest
from core.domain.events import EventKind
from core.domain.instrument import Listing
from core.domain.iteration import Evaluation, Iteration, IterationDetail
from core.domain.run import Run, RunPlan
from core.evidence import evaluate_benchmark
from core.report.assessment import Assessment
from core.report.build_comparison import build_comparison as build_comparison_of
from core.report.comparison import Comparison, Participant
from core.services import services
from pages.components.person_cache import cache_data, cache_resource

if TYPE_CHECKING:
    from core.report.leaderboard import RankedIteration
    from core.services.comparisons import Span
    from pages.components.charts import Curve
    from pages.components.trade_chart import Overlay


@cache_resource(ttl=3600, max_entries=16, show_spinner=False)
def load_bars(request_json: str) -> Bars:
    """Load the bars of a request. Raises MarketDataError."""
    found: Bars = services().market.bars(BarsRequest.model_validate_json(request_json))
    return found


def load_training_bars(plan: RunPlan) -> Bars:
    """Load the bars that the figures of a run were measured on. Raises MarketDataError."""
    return _training(plan.bars.model_dump_json(), plan.hold_out, plan)


def find_training_days(plan: RunPlan) -> tuple[date, date]:
    """Find the first and the last day of the bars that the figures of a run were measured on. Raises MarketDataError."""
    bars = load_training_bars(plan)
    return bars.first.date(), bars.last.date()


@cache_resource(ttl=3600, max_entries=16, show_spinner=False)
def _training(request_json: str, hold_out: float, _plan: RunPlan) -> Bars:
    """Load once for all plans on the same bars: of a million of them every copy counts."""
    return services().workbench.load_training_bars(_plan)


@cache_resource(ttl=3600, max_entries=16, show_spinner=False)
def compute_benchmark(plan_json: str) -> Evaluation:
    """Compute buy and hold on the training bars of a plan at the same costs. Raises MarketDataError."""
    plan = RunPlan.model_validate_json(plan_json)
    return evaluate_benchmark(load_training_bars(plan), plan.backtest)


def load_overlays(plan: RunPlan, code: str, symbol: str = "") -> list["Overlay"]:
    """Compute the lines of a plan's workflow that can be drawn over its prices, on the training bars. Raises MarketDataError.

    `symbol` is an instrument of a basket; none are drawn where it lacks bars that others have, which its averages do not count.
    Where the code sets other numbers than the table, their names say that they are the table's.
    """
    from core import language
    from core.driving.run_context import find_changed_parameters
    from pages.components.trade_chart import Overlay

    bars = load_training_bars(plan).find_instrument(symbol)
    if bars.present is not None and not bars.present.all():
        return []
    note = " as written" if find_changed_parameters(plan, code) else ""
    return [Overlay(f"{name}{note}", value) for name, value in language.compute_overlays(plan.workflow, bars).items()]


@cache_resource(ttl=3600, max_entries=64, show_spinner=False)
def load_detail(run_id: str, number: int, state: str = "") -> IterationDetail:
    """Load a finished iteration with its curves; iterations do not change once stored, but for their certificate. Raises InputError.

    With the state of its run it is read anew when that has gone on, as a certificate may have come then.
    """
    return services().store.read_detail(run_id, number)


def load_compared(run: Run, number: int) -> IterationDetail:
    """Load an iteration that is compared, as its run stands. Raises InputError, and UnreadableRowError."""
    return load_detail(run.id, number, _describe_state(run))


def _describe_state(run: Run) -> str:
    """Describe how a run stands, by everything of it that may change."""
    return run.model_dump_json(include={"status", "iterations", "best", "hold_out"})


def load_bests(runs: Sequence[Run]) -> dict[str, Iteration]:
    """Load the best iterations of runs, by the run's id, as they were stored: a certificate that came later is not in them."""
    scored = [run for run in runs if run.best is not None]
    found = _load_bests(tuple((run.id, run.best) for run in scored), scored)
    return found if len(found) == len(scored) else services().remarks.list_bests(scored)


@cache_resource(ttl=3600, max_entries=8, show_spinner=False)
def _load_bests(places: tuple[tuple[str, int | None], ...], _runs: Sequence[Run]) -> dict[str, Iteration]:
    return services().remarks.list_bests(_runs)


def load_assessment(run: Run, number: int | None = None) -> Assessment:
    """Load what is said of an iteration, the best one unless a number is given; anew when there is more to say. Raises StratloopError."""
    looked = services().store.find_last_event(run.id, EventKind.STUDY)
    return _assess(run.id, run.best if number is None else number, f"{_describe_state(run)}{looked.seq if looked else 0}")


@cache_data(ttl=3600, max_entries=64, show_spinner=False)
def _assess(run_id: str, number: int | None, state: str) -> Assessment:
    return services().runs.assess(run_id, number)


def rank(run: Run) -> "tuple[RankedIteration, ...]":
    """Rank the iterations of a run; anew when it has gone on. Raises StratloopError."""
    return _rank(run.id, _describe_state(run))


@cache_data(ttl=3600, max_entries=32, show_spinner=False)
def _rank(run_id: str, state: str) -> "tuple[RankedIteration, ...]":
    return services().runs.rank(run_id)


@dataclass(frozen=True, slots=True)
class Compared:
    """Iterations that are compared, as they stand: it is another one when one of their runs has gone on."""

    identities: tuple[str, ...]
    span: "Span"
    state: str
    """Everything of their runs that may change, as text."""


def find_compared(identities: tuple[str, ...], span: "Span") -> Compared:
    """Find how the runs behind some iterations stand, later looks and studies included. Raises StratloopError."""
    runs = [services().store.read_run(run_id) for run_id in dict.fromkeys(identity.partition(":")[0] for identity in identities)]
    told = [services().store.find_last_event(run.id, kind) for run in runs for kind in (EventKind.LOOK, EventKind.STUDY)]
    state = "".join(_describe_state(run) for run in runs)
    return Compared(identities, span, state + ",".join(str(event.seq) for event in told if event))


def gather_participants(wanted: Compared) -> tuple[Participant, ...]:
    """Gather the participants of a comparison; anew when one of their runs has gone on. Raises StratloopError."""
    return _narrow(wanted.identities, wanted.span, wanted.state)


def build_comparison(wanted: Compared, baseline: str) -> Comparison:
    """Build the comparison of some participants, with its resamples; anew when one of their runs has gone on. Raises StratloopError."""
    return _compare(wanted.identities, wanted.span, wanted.state, baseline)


@cache_resource(ttl=3600, max_entries=8, show_spinner=False)
def _gather(identities: tuple[str, ...], state: str) -> tuple[Participant, ...]:
    return services().comparisons.gather(identities, read=load_compared, load=load_training_bars)


@cache_resource(ttl=3600, max_entries=32, show_spinner=False)
def _narrow(identities: tuple[str, ...], span: "Span", state: str) -> tuple[Participant, ...]:
    return services().comparisons.narrow(_gather(identities, state), span)


@cache_resource(ttl=3600, max_entries=64, show_spinner=False)
def _compare(identities: tuple[str, ...], span: "Span", state: str, baseline: str) -> Comparison:
    return build_comparison_of(_narrow(identities, span, state), baseline=baseline)


@cache_data(ttl=20, max_entries=256, show_spinner=False)
def search(query: str, limit: int = 8) -> tuple[Listing, ...]:
    """Search instruments by symbol or company name."""
    return tuple(services().market.search(query, limit=limit))


@cache_data(ttl=20, max_entries=256, show_spinner=False)
def find_listing(symbol: str) -> Listing | None:
    """Find the instrument of exactly that symbol."""
    found: Listing | None = services().market.find_listing(symbol)
    return found


def build_equity_curve(run: Run, number: int, name: str) -> "Curve":
    """Build the curve of an iteration's account value; empty when it has none."""
    from pages.components.charts import Curve

    found = load_detail(run.id, number)
    times = load_training_bars(run.plan).time
    count = min(len(times), len(found.equity))
    return Curve(name, times[:count], found.equity[:count])


def build_benchmark_curve(run: Run, name: str = "Buy and hold") -> "Curve":
    """Build the curve of buy and hold beside it."""
    from pages.components.charts import Curve

    return Curve(name, load_training_bars(run.plan).time, compute_benchmark(run.plan.model_dump_json()).equity, dashed=True)
