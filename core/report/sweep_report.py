"""Words and figures on a sweep: its points with their surroundings, the best of each series, and luck by the count of all tries."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.domain.instrument import Timeframe
from core.domain.iteration import Iteration, count_tries
from core.domain.run import Objective, Run, Status
from core.domain.sweep import SweepPlan, SweepSearch
from core.domain.value import Value
from core.evidence.surface import PointStanding, Surroundings, find_steadiest, survey_points
from core.report.assessment import Luck
from core.report.figures import find_figure, format_score
from core.report.number_format import format_count, format_ratio
from core.report.sentences import format_chance, to_sentence

UNTOUCHED = "The hold-out was not touched: carry a point on as a run of its own to have it looked at once."


@dataclass(frozen=True, slots=True)
class SweepSeries:
    """One series of bars of a sweep: its run and the points that are done."""

    run: Run
    iterations: Sequence[Iteration]


class SweepPoint(Value):
    """One point with its figures on the training bars."""

    number: int
    """Of its iteration; 0 is the workflow as it stands."""
    numbers: dict[str, float]
    score: float | None
    sharpe: float | None = None
    total_return: float | None = None
    max_drawdown: float | None = None
    trades: int | None = None
    standing: PointStanding = PointStanding.UNKNOWN
    kept: float | None = None
    """Share of its score that its neighbors keep on average; None where that cannot be said."""
    problem: str = ""
    """Reason for having no score; empty where it has one."""


class SeriesReport(Value):
    """One series of bars: its points, the best of them, and what luck would bring."""

    run_id: str
    symbol: str
    timeframe: Timeframe
    status: Status
    message: str
    points: tuple[SweepPoint, ...]
    total: int
    """Points that are to be tried, the workflow as it stands included."""
    best: int | None
    """Number of the point with the highest score."""
    steadiest: int | None
    """Number of the point on a plateau with the best surroundings; None where there is no plateau."""
    baseline: float | None
    """Score of the workflow as it stands."""
    tries: int
    """Points with a score; those that trade alike count once."""
    earlier_tries: int
    """Tries of other runs on the same bars."""
    luck: Luck | None
    """Of the best point, by all tries on these bars; None where its timing cannot be judged."""
    luck_of_all: Luck | None
    """The same by the tries of the whole sweep, for who picks among all series; None where there is one series only."""
    words: tuple[str, ...]


class SweepReport(Value):
    """A sweep over all of its series."""

    group: str
    workflow: str
    plan: SweepPlan
    objective: Objective
    series: tuple[SeriesReport, ...]
    tries: int
    """Points with a score over all series, and earlier tries on their bars: all of them count for luck."""
    words: tuple[str, ...]

    def find_series(self, run_id: str) -> SeriesReport:
        """Find the series of a run; the first where it has none."""
        return next((one for one in self.series if one.run_id == run_id), self.series[0])


def build_sweep_report(series: Sequence[SweepSeries]) -> SweepReport:
    """Build the report of a sweep from its runs."""
    first = series[0].run
    tries = sum(count_tries(one.iterations) + one.run.earlier_tries for one in series)
    plan = _require_sweep(first)
    return SweepReport(
        group=plan.group or first.id,
        workflow=first.plan.workflow.name,
        plan=plan,
        objective=first.plan.objective,
        series=tuple(_report_series(one, tries if len(series) > 1 else None) for one in series),
        tries=tries,
        words=(_describe_count(series, tries), UNTOUCHED),
    )


def _report_series(one: SweepSeries, tries_of_all: int | None) -> SeriesReport:
    run, plan = one.run, _require_sweep(one.run)
    surveyed = _survey(plan, one.iterations)
    tries = count_tries(one.iterations)
    best = next((each for each in one.iterations if each.number == run.best), None)
    luck = _assess(best, tries + run.earlier_tries)
    of_all = _assess(best, tries_of_all) if tries_of_all is not None else None
    baseline = next((each.score for each in one.iterations if each.number == 0), None)
    steadiest = find_steadiest(surveyed)
    points = tuple(_to_point(each, surveyed.get(each.number)) for each in one.iterations)
    report = SeriesReport(
        run_id=run.id,
        symbol=run.plan.bars.label,
        timeframe=run.plan.bars.timeframe,
        status=run.status,
        message=run.message if run.says_more or run.status is Status.FAILED else "",
        points=points,
        total=plan.count + 1,
        best=run.best,
        steadiest=steadiest,
        baseline=baseline,
        tries=tries,
        earlier_tries=run.earlier_tries,
        luck=luck,
        luck_of_all=of_all,
        words=(),
    )
    return report.changed(words=_describe(report, run.plan.objective, surveyed))


def _survey(plan: SweepPlan, iterations: Sequence[Iteration]) -> dict[int, Surroundings]:
    located = {one.number: plan.locate(one.numbers) for one in iterations if one.number or plan.search is not SweepSearch.GRID}
    places = {number: place for number, place in located.items() if place is not None}
    scores = {one.number: one.score for one in iterations}
    counts, names = [axis.count for axis in plan.axes], [axis.name for axis in plan.axes]
    return survey_points(places, scores, counts, names, whole=plan.search is SweepSearch.GRID)


def _assess(best: Iteration | None, tries: int) -> Luck | None:
    """Luck of the best point; none where its timing cannot be judged, and for the workflow as it stands, which nobody picked."""
    timing = best.timing if best is not None and best.number else None
    if timing is None or timing.gap is not None:
        return None
    return Luck(p=timing.compute_probability(tries), z=timing.z, line=timing.compute_line(tries), held=timing.held, tries=max(tries, 1))


def _to_point(one: Iteration, around: Surroundings | None) -> SweepPoint:
    metrics = one.metrics
    problem = one.error.message if one.error else one.no_score
    return SweepPoint(
        number=one.number,
        numbers=one.numbers,
        score=one.score,
        sharpe=metrics.sharpe if metrics else None,
        total_return=metrics.total_return if metrics else None,
        max_drawdown=metrics.max_drawdown if metrics else None,
        trades=metrics.trades if metrics else None,
        standing=around.standing if around else PointStanding.UNKNOWN,
        kept=around.around.kept if around and around.around else None,
        problem="" if one.score is not None else problem,
    )


def _describe(found: SeriesReport, objective: Objective, surveyed: dict[int, Surroundings]) -> tuple[str, ...]:
    best = next((one for one in found.points if one.number == found.best), None)
    if best is None or best.score is None:
        return ("No point has a score yet." if found.status is not Status.COMPLETE else "No point could be scored.",)
    name = "formula" if objective is Objective.FORMULA else find_figure(objective.value).words
    own = f"; the workflow as it stands has {format_score(found.baseline, objective)}" if found.baseline is not None else ""
    if not best.number:
        return (f"No point beats the workflow as it stands: its {name} is {format_score(best.score, objective)}.",)
    told = [f"The highest {name} is {format_score(best.score, objective)}{own}.", _describe_standing(surveyed.get(best.number))]
    steady = next((one for one in found.points if one.number == found.steadiest), None)
    if steady is not None and steady.number != best.number:
        told.append(f"Point {steady.number} has the best surroundings: {format_score(steady.score, objective)} on a plateau.")
    told.append(_describe_luck(found))
    return tuple(text for text in told if text)


def _describe_standing(around: Surroundings | None) -> str:
    if around is None or around.around is None or around.standing is PointStanding.UNKNOWN:
        return "Too few of its neighbors were tried to say how it stands."
    kept = f"{around.around.kept:.0%}" if around.around.kept is not None else ""
    match around.standing:
        case PointStanding.PLATEAU:
            return f"It stands on a plateau: its neighbors keep {kept} of its score."
        case PointStanding.CLIFF:
            return f"It stands beside a cliff: one step of {around.around.fragile} takes most of its score; its neighbors keep {kept}."
        case _:
            return f"It stands on a slope: its neighbors keep {kept} of its score."


def _describe_luck(found: SeriesReport) -> str:
    if found.luck is None:
        return "Its timing cannot be judged, so nothing is said about luck."
    earlier = f", {format_count(found.earlier_tries, 'earlier try', 'earlier tries')} on these bars included" if found.earlier_tries else ""
    text = to_sentence(
        f"{format_chance(found.luck.p)} of sweeps of {format_count(found.luck.tries, 'try', 'tries')} without any skill show as much "
        f"timing{earlier}: 95% of them stay below a Sharpe ratio of {format_ratio(found.luck.line)}."
    )
    if found.luck_of_all is None or found.luck_of_all.tries == found.luck.tries:
        return text
    return f"{text} Picked among all series, of {found.luck_of_all.tries:,} tries: {format_chance(found.luck_of_all.p)}."


def _describe_count(series: Sequence[SweepSeries], tries: int) -> str:
    points = sum(max(len(one.iterations) - 1, 0) for one in series)
    earlier = sum(one.run.earlier_tries for one in series)
    more = f", with {format_count(earlier, 'earlier try', 'earlier tries')} on the same bars" if earlier else ""
    each = f" on each of {len(series)} series of bars" if len(series) > 1 else ""
    return (
        f"Every point is a try: {format_count(points, 'point')} and the workflow itself{each} are {format_count(tries, 'try', 'tries')} "
        f"that count for luck here and in every later run on these bars{more}. Points that trade alike count once."
    )


def _require_sweep(run: Run) -> SweepPlan:
    if run.plan.sweep is None:
        raise ValueError(f"run {run.id} sweeps nothing")
    return run.plan.sweep
