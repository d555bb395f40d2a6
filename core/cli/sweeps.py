"""Sweeps in a terminal: begun, followed with the time that is left, taken up again, shown as tables."""

import shlex
import time
from collections.abc import Callable, Sequence
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Column, Table
from rich.text import Text

from core import language
from core.cli.command import (
    DONE,
    FAILED,
    AsJson,
    BarsFile,
    Cash,
    Commission,
    CostsInWords,
    End,
    Leverage,
    Slippage,
    Start,
    With,
    WorkflowName,
    app,
    build_backtest_plan,
    build_bars_request,
    command,
    describe_option,
    err,
    out,
    print_json,
    print_line,
    print_remark,
    print_wrapped,
    read_default,
    split_assets,
)
from core.cli.follow_run import catch_interrupt, require_run
from core.cli.inputs import Instruments, join_assets, read_workflow
from core.domain.backtest import BacktestPlan
from core.domain.bars_request import BarsRequest
from core.domain.errors import InputError
from core.domain.run import Objective, Run, RunPlan, Status
from core.domain.sweep import Axis, SweepPlan, SweepSearch, parse_axis, propose_axis
from core.domain.workflow import Workflow
from core.evidence.surface import PointStanding
from core.report.figures import format_score
from core.report.labels import RISK, STANDING, STATUS, TIMEFRAME
from core.report.number_format import format_count, format_duration, format_percent, format_ratio
from core.report.sweep_report import SeriesReport, SweepPoint, SweepReport
from core.services import services

SHOWN = 15
"""Points of a series in a table, the best ones first."""
POLL_SECONDS = 0.1


@app.command()
@command
def sweep(
    workflow: WorkflowName,
    instruments: Instruments = None,
    asset: Annotated[
        str, typer.Option("--asset", "--symbol", help="Symbols or files of bars, several with commas between them: each is swept.")
    ] = "",
    bars: BarsFile = "",
    others: With = None,
    numbers: Annotated[
        list[str] | None,
        typer.Option(
            "--set", help="A number and its values, NAME=FROM:TO:STEP; may be given several times. Without it: all, in their ranges."
        ),
    ] = None,
    timeframe: Annotated[str, typer.Option(help="Lengths of a bar, several with commas between them; by default 1d.")] = "",
    draws: Annotated[int, typer.Option("--random", min=0, help="Try so many points of the grid, drawn at random.")] = 0,
    guided: Annotated[int, typer.Option("--guided", min=0, help="Try so many points, each chosen from the scores before it.")] = 0,
    start: Start = "",
    end: End = "",
    cash: Cash = read_default(BacktestPlan, "cash"),
    commission: Commission = None,
    slippage: Slippage = None,
    costs: CostsInWords = "",
    leverage: Leverage = read_default(BacktestPlan, "leverage"),
    objective: Annotated[Objective | None, typer.Option(help=describe_option(RunPlan, "objective"))] = None,
    formula: Annotated[str, typer.Option(help=describe_option(RunPlan, "formula"))] = "",
    minimum_trades: Annotated[int, typer.Option(help=describe_option(RunPlan, "minimum_trades"))] = read_default(RunPlan, "minimum_trades"),
    seed: Annotated[int, typer.Option(help=describe_option(RunPlan, "seed"))] = read_default(RunPlan, "seed"),
    hold_out: Annotated[float, typer.Option(help=describe_option(RunPlan, "hold_out"))] = read_default(RunPlan, "hold_out"),
    as_json: AsJson = False,
) -> int:
    """Try a workflow with other numbers, on several instruments and timeframes: every point is a try; the hold-out is not touched."""
    if formula and objective not in (None, Objective.FORMULA):
        raise InputError(f"Both --formula and --objective {objective} are given.", hint="Name one of them.")
    table = read_workflow(workflow)
    plan = build_sweep_plan(table, numbers or (), draws, guided)
    requests = build_requests(join_assets(asset, instruments), bars, start, end, timeframe, others)
    plans = [
        RunPlan(
            workflow=table,
            bars=request.add_others(language.list_other_instruments(table)),
            backtest=build_backtest_plan(request, cash, commission, slippage, costs, leverage),
            loops=0,
            objective=Objective.FORMULA if formula else objective or read_default(RunPlan, "objective"),
            formula=formula,
            minimum_trades=minimum_trades,
            hold_out=hold_out,
            seed=seed,
            sweep=plan,
        )
        for request in requests
    ]
    return report_sweep(follow_sweep(lambda: services().sweeps.start(plans)), as_json=as_json)


@app.command()
@command
def carry(
    run: Annotated[str, typer.Argument(help="Id of a run of the sweep.")],
    point: Annotated[int, typer.Argument(min=0, help="Number of the point, which is that of its iteration.")],
    name: Annotated[str, typer.Option(help="Name to save it under; by default the workflow's own, with the point.")] = "",
) -> None:
    """Save the workflow with the numbers of a sweep's point, to go on from it with drive."""
    found = require_run(run)
    saved = services().sweeps.save_point(found.id, point, name)
    print_line(f"Saved as {saved!r}. Go on with: drive {shlex.quote(saved)} {name_bars(found.plan.bars)}")


def name_bars(bars: BarsRequest) -> str:
    """Name the bars of a series as options of `drive`, so that what is carried on runs where it was swept.

    >>> from datetime import date
    >>> name_bars(BarsRequest(symbol="MSFT", timeframe="1w", start=date(2008, 1, 2)))
    '--asset MSFT --timeframe 1w --start 2008-01-02'
    """
    said = ["--bars", bars.path] if bars.path else ["--asset", bars.symbol]
    said += [part for other in bars.others for part in ("--with", other.path or other.symbol)]
    said += ["--timeframe", bars.timeframe.value]
    said += [part for option, day in (("--start", bars.start), ("--end", bars.end)) if day for part in (option, day.isoformat())]
    return shlex.join(said)


def build_sweep_plan(workflow: Workflow, numbers: Sequence[str], draws: int, guided: int) -> SweepPlan:
    """Build what is swept from the options. Raises InputError for options that do not go together, and WorkflowError."""
    language.require_valid(workflow)
    if draws and guided:
        raise InputError("Both --random and --guided are given.", hint="Name one of them.")
    free = language.parameters(workflow)
    if not free:
        raise InputError("The workflow has no number that could be varied.")
    axes: tuple[Axis, ...] = tuple(parse_axis(text) for text in numbers)
    if not axes and not (draws or guided):
        example = propose_axis(free[0])
        raise InputError(
            "Nothing says what is swept.",
            hint=f"Name a number, for example --set {example.name}={example.start:g}:{example.stop:g}:{example.step:g}. "
            f"The workflow has {', '.join(one.name for one in free)}. --random N and --guided N take all of them.",
        )
    search = SweepSearch.RANDOM if draws else SweepSearch.GUIDED if guided else SweepSearch.GRID
    if draws > 10**6 or guided > 10**6:
        raise InputError(f"{max(draws, guided):,} points are too many.", hint="Try some hundreds.")
    axes = axes or tuple(propose_axis(one) for one in free[:12])
    from core.domain.sweep import MOST_POINTS

    if draws + guided > MOST_POINTS:
        raise InputError(f"At most {MOST_POINTS:,} points are tried, not {draws + guided:,}.", hint=f"Use --random {MOST_POINTS} or fewer.")
    return SweepPlan(axes=axes, search=search, points=draws + guided)


def build_requests(asset: str, path: str, start: str, end: str, timeframes: str, others: Sequence[str] | None) -> list[BarsRequest]:
    """Build the requests for bars of all instruments and timeframes. Raises InputError."""
    assets = split_assets(asset)
    if bool(assets) == bool(path):
        raise InputError("Give either --asset SYMBOL or --bars FILE.", hint="Several symbols or files stand with commas between them.")
    return [build_bars_request(one, path, start, end, frame, others) for one in (assets or [""]) for frame in (_split(timeframes) or [""])]


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def follow_sweep(begin: Callable[[], Sequence[Run]]) -> str:
    """Begin a sweep and show its progress on standard error until it is over; Ctrl-C stops it and keeps what is done. Gives its id."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    parts = services()
    with catch_interrupt() as interrupted, Progress(*columns, console=err) as progress:
        runs, asked = begin(), False
        name = runs[0].id
        task = progress.add_task(f"sweep {name}", total=None)
        while True:
            if interrupted.is_set() and not asked:
                asked = True
                print_remark("Cancelling; the points that are done are kept.", style="yellow")
                parts.sweeps.cancel(name)
            found = parts.sweeps.measure_progress(name)
            left = "" if found.seconds_left is None else f", {format_duration(found.seconds_left)} left"
            progress.update(task, completed=found.done, total=found.total, description=f"sweep {name}{left}")
            open_runs = [run for run in parts.sweeps.list_runs(name) if not run.status.finished]
            if not any(parts.rooms.run_worker.works_on(run.id) or parts.store.is_claimed(run.id) for run in open_runs):
                return name
            time.sleep(POLL_SECONDS)


def report_sweep(run_id: str, *, as_json: bool) -> int:
    """Print what came of a sweep and give its exit code."""
    found = services().sweeps.read_report(run_id)
    if as_json:
        print_json(found.model_dump(mode="json"))
    else:
        print_sweep(found)
    usable = any(point.score is not None for series in found.series for point in series.points)
    return DONE if usable and all(series.status is not Status.FAILED for series in found.series) else FAILED


def print_sweep(found: SweepReport) -> None:
    """Print a sweep: for each series its best points in a table, and what is said of them."""
    for series in found.series:
        about = f"{series.symbol}, {TIMEFRAME[series.timeframe].lower()}, run {series.run_id}: {STATUS[series.status].lower()}"
        out.print(Text(f"{about}, {len(series.points):,} of {series.total:,} points", style="bold"))
        if series.message:
            print_wrapped(series.message)
        if series.points:
            out.print(build_points_table(found, series))
        for words in series.words:
            print_wrapped(words)
        out.print()
    best = found.series[0]
    if not any(series.points for series in found.series):
        print_wrapped(f"Nothing was tried, so nothing counts as a try. `resume {best.run_id}` tries it.")
        return
    for words in found.words:
        print_wrapped(words)
    print_wrapped(f"A point is an iteration: `export {best.run_id} --iteration N`, `compare {best.run_id}:0 {best.run_id}:N`.")
    print_wrapped(RISK)


def build_points_table(found: SweepReport, series: SeriesReport) -> Table:
    """Build the table of a series' best points; the workflow as it stands is number 0."""
    names = [axis.name for axis in found.plan.axes]
    table = Table(
        "point", *(Column(name, justify="right") for name in names), "score", "Sharpe", "return", "drawdown", "trades", "stands on"
    )
    for point in rank_points(series.points)[:SHOWN]:
        figures = (
            format_score(point.score, found.objective),
            format_ratio(point.sharpe),
            format_percent(point.total_return),
            format_percent(point.max_drawdown),
            "-" if point.trades is None else str(point.trades),
            STANDING[point.standing] if point.standing is not PointStanding.UNKNOWN else "",
        )
        table.add_row(str(point.number), *(f"{point.numbers.get(name, 0):g}" for name in names), *figures)
    more = len(series.points) - SHOWN
    if more > 0:
        table.caption = f"{format_count(more, 'more point')} in --json and on the screen."
    return table


def rank_points(points: Sequence[SweepPoint]) -> list[SweepPoint]:
    """Rank points by their score, those without one at the end."""
    return sorted(points, key=lambda one: (one.score is None, -(one.score or 0.0), one.number))
