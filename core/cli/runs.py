"""Runs in a terminal: drive, generate, resume, cancel, list, show, export."""

from typing import Annotated

import typer
from rich.table import Column, Table
from rich.text import Text

from core import language
from core.cli.command import (
    DONE,
    FAILED,
    AsJson,
    Assets,
    BarsFile,
    Cash,
    Commission,
    CostsInWords,
    End,
    Frame,
    Leverage,
    Rate,
    Slippage,
    Start,
    With,
    WorkflowName,
    app,
    build_backtest_plan,
    build_bars_request,
    command,
    describe_option,
    out,
    parse_day,
    print_json,
    print_left_out,
    print_line,
    print_remark,
    read_default,
)
from core.cli.follow_run import follow, require_run
from core.cli.generation import (
    ApiBase,
    KnowsUntil,
    ModelId,
    MostTokens,
    OwnTemperature,
    ReasoningEffort,
    Silence,
    Temperature,
    build_model_choice,
)
from core.cli.inputs import Instruments, join_assets, read_workflow
from core.cli.run_text import print_run
from core.domain.backtest import BacktestPlan
from core.domain.errors import InputError
from core.domain.events import SteeringCommand
from core.domain.history import ReadableRows
from core.domain.instrument_result import Across
from core.domain.run import Constraints, ModelChoice, Objective, Run, RunKind, RunPlan, Status, StopReason
from core.domain.search import SearchMethod
from core.report.labels import KIND, STATUS, label_certificate, label_run_model
from core.services import Services, services
from core.services.people import read_name


@app.command()
@command
def drive(
    workflow: WorkflowName,
    instruments: Instruments = None,
    asset: Assets = "",
    bars: BarsFile = "",
    others: With = None,
    rates: Rate = None,
    start: Start = "",
    end: End = "",
    timeframe: Frame = "",
    cash: Cash = read_default(BacktestPlan, "cash"),
    commission: Commission = None,
    slippage: Slippage = None,
    costs: CostsInWords = "",
    leverage: Leverage = read_default(BacktestPlan, "leverage"),
    loops: Annotated[int, typer.Option(help=describe_option(RunPlan, "loops"))] = read_default(RunPlan, "loops"),
    model: ModelId = read_default(ModelChoice, "id"),
    api_base: ApiBase = "",
    temperature: Temperature = None,
    own_temperature: OwnTemperature = False,
    effort: ReasoningEffort = read_default(ModelChoice, "effort"),
    max_tokens: MostTokens = read_default(ModelChoice, "max_tokens"),
    silence: Silence = read_default(ModelChoice, "silence_seconds"),
    knows_until: KnowsUntil = "",
    objective: Annotated[
        Objective | None, typer.Option(help=describe_option(RunPlan, "objective", f"By default {read_default(RunPlan, 'objective')}."))
    ] = None,
    across: Annotated[Across, typer.Option("--over", help=describe_option(RunPlan, "across"))] = read_default(RunPlan, "across"),
    minimum_trades: Annotated[int, typer.Option(help=describe_option(RunPlan, "minimum_trades"))] = read_default(RunPlan, "minimum_trades"),
    seed: Annotated[int, typer.Option(help=describe_option(RunPlan, "seed"))] = read_default(RunPlan, "seed"),
    hold_out: Annotated[float, typer.Option(help=describe_option(RunPlan, "hold_out"))] = read_default(RunPlan, "hold_out"),
    patience: Annotated[int, typer.Option(help=describe_option(RunPlan, "patience"))] = read_default(RunPlan, "patience"),
    target: Annotated[float | None, typer.Option(help=describe_option(RunPlan, "target"))] = None,
    minutes: Annotated[float, typer.Option(help=describe_option(RunPlan, "wall_seconds"))] = read_default(RunPlan, "wall_seconds"),
    minimum_gain: Annotated[float, typer.Option(help=describe_option(RunPlan, "minimum_gain"))] = read_default(RunPlan, "minimum_gain"),
    candidates: Annotated[int, typer.Option(help=describe_option(RunPlan, "candidates"))] = read_default(RunPlan, "candidates"),
    search: Annotated[SearchMethod, typer.Option(help=describe_option(RunPlan, "search"))] = read_default(RunPlan, "search"),
    memory: Annotated[bool, typer.Option("--memory/--no-memory", help=describe_option(RunPlan, "memory"))] = read_default(
        RunPlan, "memory"
    ),
    blind: Annotated[bool, typer.Option("--blind", help=describe_option(RunPlan, "blind"))] = read_default(RunPlan, "blind"),
    escalation: Annotated[str, typer.Option(help=describe_option(RunPlan, "escalation"))] = "",
    escalation_api_base: Annotated[str, typer.Option(help="Address of that model's server.")] = "",
    formula: Annotated[str, typer.Option(help=describe_option(RunPlan, "formula"))] = read_default(RunPlan, "formula"),
    max_drawdown: Annotated[float, typer.Option(help=describe_option(Constraints, "max_drawdown"))] = read_default(
        Constraints, "max_drawdown"
    ),
    min_exposure: Annotated[float, typer.Option(help=describe_option(Constraints, "minimum_exposure"))] = read_default(
        Constraints, "minimum_exposure"
    ),
    max_exposure: Annotated[float, typer.Option(help=describe_option(Constraints, "maximum_exposure"))] = 1.0,
    budget: Annotated[float, typer.Option(help=describe_option(RunPlan, "budget_usd"))] = read_default(RunPlan, "budget_usd"),
    as_json: AsJson = False,
) -> int:
    """Generate, backtest, analyze and improve, again and again; the hold-out is looked at once, at the end."""
    if formula and objective not in (None, Objective.FORMULA):
        raise InputError(f"Both --formula and --objective {objective} are given.", hint="Name one of them.")
    asset = join_assets(asset, instruments)
    request = build_bars_request(asset, bars, start, end, timeframe, others, basket=True, rates=rates)
    choice = build_model_choice(model, api_base, temperature, max_tokens, own_temperature=own_temperature, effort=effort, silence=silence)
    table = read_workflow(workflow)
    choice = choice.changed(knows_until=parse_day(knows_until))
    plan = RunPlan(
        workflow=table,
        bars=request.add_others(language.list_other_instruments(table)),
        backtest=build_backtest_plan(request, cash, commission, slippage, costs, leverage),
        model=choice,
        loops=loops,
        objective=Objective.FORMULA if formula else objective or read_default(RunPlan, "objective"),
        formula=formula,
        across=across,
        minimum_trades=minimum_trades,
        constraints=Constraints(
            max_drawdown=max_drawdown or None,
            minimum_exposure=min_exposure or None,
            maximum_exposure=None if max_exposure == 1 else max_exposure,
        ),
        candidates=candidates,
        search=search,
        memory=memory,
        blind=blind,
        escalation=choice.changed(id=escalation, api_base=escalation_api_base) if escalation else None,
        hold_out=hold_out,
        seed=seed,
        patience=patience or None,
        minimum_gain=minimum_gain,
        target=target,
        wall_seconds=minutes * 60 or None,
        budget_usd=budget or None,
    )
    return report(follow(services(), lambda: services().runs.start(plan)), as_json=as_json)


@app.command()
@command
def resume(
    run: Annotated[str, typer.Argument(help="Id of a run.")],
    loops: Annotated[int | None, typer.Option(min=1, max=1000, help="New number of loops in all; needed when all are done.")] = None,
    budget: Annotated[float | None, typer.Option(help="New cap in US dollars for the whole run.")] = None,
    as_json: AsJson = False,
) -> int:
    """Go on with a run that was killed, failed or cancelled, or that ended by its loops, budget, time, patience or target."""
    found = require_run(run)
    if found.kind is RunKind.SWEEP:
        from core.cli.sweeps import follow_sweep, report_sweep

        return report_sweep(follow_sweep(lambda: services().sweeps.resume(found.id)), as_json=as_json)
    return report(follow(services(), lambda: services().runs.resume(found.id, loops, budget)), as_json=as_json)


def report(run: Run, *, as_json: bool) -> int:
    """Print a finished run and give its exit code."""
    if as_json:
        print_json(build_run_document(services(), run))
    else:
        print_run(run)
    usable = any(iteration.metrics is not None for iteration in services().store.list_iterations(run.id))
    unheard = run.stop_reason is StopReason.BUDGET and run.iterations == 1 and run.plan.loops > 0  # not one call fitted into the budget
    return DONE if run.status in (Status.COMPLETE, Status.CANCELLED) and usable and not unheard else FAILED


LONG_TEXTS = {"answer", "earlier_answers", "prompt", "reasoning"}
"""Fields of an iteration that are left out of the JSON of its run."""


def build_run_document(parts: Services, run: Run) -> dict[str, object]:
    """Build a run's JSON document: everything but the models' full answers, with what is said of its best iteration."""
    iterations = [iteration.model_dump(mode="json", exclude=LONG_TEXTS) for iteration in parts.store.list_iterations(run.id)]
    document = run.model_dump(mode="json", exclude={"plan", "iterations"})
    assessment = parts.runs.assess(run.id).model_dump(mode="json")
    ranked = [one.model_dump(mode="json", exclude={"metrics"}) for one in parts.runs.rank(run.id)]
    return document | {
        "plan": run.plan.model_dump(mode="json"),
        "iterations": iterations,
        "leaderboard": ranked,
        "assessment": assessment,
    }


@app.command()
@command
def runs(
    as_json: AsJson = False,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="At most so many.")] = 50,
    mine: Annotated[bool, typer.Option("--mine", help="Only what was made here or belongs to nobody, and nobody's on the server.")] = False,
    of: Annotated[str, typer.Option(help="Only those of one person, by id or name.", show_default=False)] = "",
) -> None:
    """List the newest runs."""
    if mine and of:
        raise InputError("--mine and --of ask for the runs of two.", hint="Give one of them.")
    found = _list_newest(limit, services().sharing.find_people(of).id if of else "" if mine else None)
    print_left_out(found)
    if as_json:
        print_json([run.model_dump(mode="json", exclude={"plan": {"workflow": {"rows"}}}) for run in found])
        return
    names = {owner: read_name(services().rooms, owner) for owner in {run.owner for run in found}}
    whose = ["owner"] if any(names) else []
    table = Table(
        Column("run", no_wrap=True), "kind", "status", "workflow", "asset", "model", "iterations", "best", "created (UTC)", *whose
    )
    for run in found:
        source = run.plan.bars.label
        cells = (
            run.id,
            KIND[run.kind],
            STATUS[run.status],
            run.plan.workflow.name,
            source,
            label_run_model(run) if run.kind in (RunKind.SWEEP, RunKind.EDITOR) else run.plan.model.id,
            str(run.iterations),
        )
        rest = ("-" if run.best is None else str(run.best), f"{run.created:%Y-%m-%d %H:%M}", *(names[run.owner] for _ in whose))
        table.add_row(*map(Text, (*cells, *rest)))
    out.print(table)


def _list_newest(limit: int, owner: str | None) -> ReadableRows[Run]:
    """The newest runs, of one owner where one is named."""
    if owner is None:
        return services().store.list_runs(limit=limit)
    from core.domain.run_query import RunQuery

    return services().store.find_runs(RunQuery(owner=owner, size=limit)).runs


@app.command()
@command
def show(run: Annotated[str, typer.Argument(help="Id of a run.")], as_json: AsJson = False) -> None:
    """Show one run: its leaderboard with ranges, the best against baseline and benchmark, the hold-out, the verdict."""
    found = require_run(run)
    print_left_out(services().store.list_iterations(found.id))
    if found.kind is RunKind.SWEEP:
        from core.cli.sweeps import report_sweep

        report_sweep(found.id, as_json=as_json)
    elif as_json:
        print_json(build_run_document(services(), found))
    else:
        print_run(found)


@app.command()
@command
def cancel(run: Annotated[str, typer.Argument(help="Id of a run.")]) -> None:
    """Ask a run to stop, whichever process works on it; finished iterations are kept."""
    found = require_run(run)
    if found.status.finished:
        raise InputError(f"Run {found.id} is already {STATUS[found.status].lower()}.")
    if found.kind is RunKind.SWEEP:
        services().sweeps.cancel(found.id)
    else:
        services().runs.cancel(found.id)
    print_remark(f"Run {found.id} was asked to stop.")


@app.command()
@command
def steer(
    run: Annotated[str, typer.Argument(help="Id of a run.")],
    request: Annotated[SteeringCommand, typer.Argument(help="What to ask of it.")],
    text: Annotated[str, typer.Argument(help="The note, the constraint, the dollars or the number of loops.")] = "",
) -> None:
    """Pause a run, let it go on, note something for the model, pin a constraint, change budget or loops."""
    services().runs.steer(require_run(run).id, request, text)
    print_remark(f"Run {run} follows it before its next loop.")


@app.command()
@command
def confirm(
    run: Annotated[str, typer.Argument(help="Id of a run.")],
    iteration: Annotated[int | None, typer.Option(min=0, max=1_000_000, help="Number; the best one by default.")] = None,
    as_json: AsJson = False,
) -> None:
    """Run an iteration again bar by bar, unless that was done: only then it is sure that it does not read the future."""
    found = services().runs.confirm(require_run(run).id, iteration)
    certificate = found.certificate
    if as_json:
        print_json({"number": found.number, "certificate": None if certificate is None else certificate.model_dump(mode="json")})
    else:
        print_line(f"Iteration {found.number}: {'it was not run' if certificate is None else label_certificate(certificate)}.")
