"""The same verbs from a terminal. With `--json` exactly one JSON document goes to standard output; everything else to standard error.

Exit codes: 0 done, 1 the strategy or the run failed, 2 bad input.
"""

import json
import logging
import os
import platform
import sys
import time
from collections.abc import Callable
from datetime import date
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from core import language
from core.domain.backtest import BacktestPlan
from core.domain.errors import InputError, ProviderError, Severity, StratloopError, WorkflowError
from core.domain.instrument import Timeframe
from core.domain.iteration import Iteration
from core.domain.metrics import Metrics
from core.domain.run import BarsRequest, ModelChoice, Objective, Run, RunKind, RunPlan, Status
from core.services import Services, services

DONE, FAILED, BAD_INPUT = 0, 1, 2

app = typer.Typer(
    name="stratloop",
    help="Describe a strategy as a workflow, let a model write Backtrader code for it, and get figures that are true.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
out = Console()
err = Console(stderr=True)

AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
WorkflowName = Annotated[str, typer.Argument(help="A JSON file, a starter such as sma_cross, or a saved name.", show_default=False)]
Asset = Annotated[str, typer.Option(help="Symbol, for example AAPL.")]
BarsFile = Annotated[str, typer.Option("--bars", help="A file of bars instead of a symbol.")]
Start = Annotated[str, typer.Option(help="First day, YYYY-MM-DD.")]
End = Annotated[str, typer.Option(help="Last day, YYYY-MM-DD, included.")]
Frame = Annotated[str, typer.Option("--timeframe", help="1m .. 1w; by default 1d, or the file's own.")]
Cash = Annotated[float, typer.Option(help="Initial capital.")]
Commission = Annotated[float, typer.Option(help="Fraction of the traded value, for each side.")]
Slippage = Annotated[float, typer.Option(help="Fraction of the price, against the order.")]


def command(function: Callable[..., int | None]) -> Callable[..., None]:
    """Turn the outcome of a verb into an exit code, and an expected error into words (or into the JSON document)."""

    @wraps(function)
    def run(*arguments: Any, **options: Any) -> None:
        as_json = bool(options.get("as_json", False))
        try:
            raise typer.Exit(function(*arguments, **options) or DONE)
        except StratloopError as error:
            if as_json:
                print_json({"status": "error", "error": _error_document(error)})
            err.print(Text(str(error), style="red"))
            raise typer.Exit(FAILED if isinstance(error, ProviderError) else BAD_INPUT) from error
        except ValidationError as error:
            words = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
            if as_json:
                print_json({"status": "error", "error": {"message": words, "hint": ""}})
            err.print(Text(words, style="red"))
            raise typer.Exit(BAD_INPUT) from error
        finally:
            close()

    return run


def close() -> None:
    """End what this process started."""
    from core import services as room

    if room._services is not None:
        room._services.close()


def print_json(document: object) -> None:
    """The one document of a `--json` call."""
    sys.stdout.write(json.dumps(document, indent=2, allow_nan=False, default=str) + "\n")
    sys.stdout.flush()


def _error_document(error: StratloopError) -> dict[str, object]:
    document: dict[str, object] = {"class": type(error).__name__, "message": error.message, "hint": error.hint}
    if isinstance(error, WorkflowError):
        document["problems"] = [problem.model_dump(mode="json") for problem in error.problems]
    if isinstance(error, ProviderError):
        document |= {"class": error.name, "action": error.action.value}
    return document


# -- workflow ---------------------------------------------------------------------------------------------------------


@app.command()
@command
def check(workflow: WorkflowName, as_json: AsJson = False) -> int:
    """Say what is wrong with a workflow, row by row, before anything is spent."""
    document = services().workflow_from(workflow)
    problems = language.check(document)
    errors = [problem for problem in problems if problem.severity is Severity.ERROR]
    if as_json:
        print_json(
            {
                "valid": not errors,
                "name": document.name,
                "completeness": language.completeness(document),
                "problems": [problem.model_dump(mode="json") for problem in problems],
            }
        )
    for problem in problems:
        err.print(Text(f"{problem.severity.value}: {problem}", style="red" if problem.severity is Severity.ERROR else "yellow"))
    if not as_json and not errors:
        out.print(Text(f"{document.name}: valid, {language.completeness(document):.0%} complete, {len(problems)} warnings."))
    return BAD_INPUT if errors else DONE


@app.command()
@command
def explain(workflow: WorkflowName) -> None:
    """Print a workflow in plain language."""
    document = services().workflow_from(workflow)
    language.require_valid(document)
    out.print(Text(language.explain_text(document)))


@app.command(name="compile")
@command
def compile_(workflow: WorkflowName, output: Annotated[str, typer.Option("-o", "--output", help="File to write.")] = "") -> None:
    """Translate a workflow into Backtrader code, without a model."""
    document = services().workflow_from(workflow)
    language.require_valid(document)
    code = language.compile_workflow(document)
    if output:
        write(Path(output), code)
        err.print(Text(f"Wrote {output}."))
    else:
        sys.stdout.write(code)


def write(path: Path, text: str) -> None:
    """Write a file the user named. Raises InputError when that is impossible."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}.") from error


# -- backtest ---------------------------------------------------------------------------------------------------------


def bars_request(asset: str, path: str, start: str, end: str, timeframe: str) -> BarsRequest:
    """What the options ask for. Raises InputError."""
    if bool(asset) == bool(path):
        raise InputError("Give either --asset SYMBOL or --bars FILE.")
    if timeframe:
        try:
            frame = Timeframe(timeframe)
        except ValueError as error:
            raise InputError(f"{timeframe!r} is not a timeframe.", hint=f"Use one of {', '.join(Timeframe)}.") from error
    else:
        frame = services().timeframe_of(Path(path)) if path else Timeframe.D1
    return BarsRequest(symbol=asset, path=path, start=day(start), end=day(end), timeframe=frame)


def day(text: str) -> date | None:
    """A date, or None for an empty text. Raises InputError."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise InputError(f"{text!r} is not a date.", hint="Write it as YYYY-MM-DD, for example 2003-01-02.") from error


@app.command()
@command
def backtest(
    file: Annotated[str, typer.Argument(help="A Python file with a Backtrader strategy.")],
    asset: Asset = "",
    bars: BarsFile = "",
    start: Start = "",
    end: End = "",
    timeframe: Frame = "",
    cash: Cash = 100_000.0,
    commission: Commission = 0.001,
    slippage: Slippage = 0.0005,
    as_json: AsJson = False,
) -> int:
    """Run code in the sandbox; every figure is recomputed from its orders."""
    try:
        code = Path(file).read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}.") from error
    plan = BacktestPlan(cash=cash, commission=commission, slippage=slippage)
    used, result = services().evaluate(code, bars_request(asset, bars, start, end, timeframe), plan)
    outcome, metrics = result.outcome, result.evaluation.metrics if result.evaluation else None
    document = {
        "status": outcome.status.value,
        "stage": result.stage.value,
        "error": result.fault.model_dump(mode="json") if result.fault else None,
        "metrics": metrics.model_dump(mode="json") if metrics else None,
        "final_value": metrics.final_value if metrics else None,
        "orders": outcome.orders.placed,
        "order_counts": outcome.orders.model_dump(mode="json"),
        "trades": metrics.trades if metrics else 0,
        "certificate": outcome.certificate.model_dump(mode="json"),
        "findings": [finding.model_dump(mode="json") for finding in result.evaluation.findings] if result.evaluation else [],
        "isolation_level": outcome.isolation_level,
        "bars": len(used),
        "data_hash": used.hash,
        "seconds": outcome.wall_seconds,
        "notes": list(outcome.notes),
        "log": outcome.log,
    }
    if as_json:
        print_json(document)
    elif metrics is not None:
        out.print(metrics_table({"backtest": metrics}))
        out.print(Text(f"certificate: {outcome.certificate.verdict.value}; {outcome.certificate.checked}"))
    for note in outcome.notes:
        err.print(Text(note, style="yellow"))
    if result.fault is not None:
        where = f"line {result.fault.line}: " if result.fault.line else ""
        err.print(Text(f"{outcome.status.value} at {result.stage.value}: {where}{result.fault.message} {result.fault.hint}", style="red"))
    return DONE if result.fault is None and outcome.ok else FAILED


def metrics_table(columns: dict[str, Metrics]) -> Table:
    """Figures side by side."""
    table = Table("", *columns)
    for name in Metrics.model_fields:
        table.add_row(name.replace("_", " "), *(figure(getattr(metrics, name)) for metrics in columns.values()))
    return table


def figure(value: float | None) -> str:
    """A number for a table.

    >>> figure(None), figure(3), figure(0.12345)
    ('-', '3', '0.1234')
    """
    return "-" if value is None else f"{value:,}" if isinstance(value, int) else f"{value:,.4f}"


# -- runs -------------------------------------------------------------------------------------------------------------


@app.command()
@command
def drive(
    workflow: WorkflowName,
    asset: Asset = "",
    bars: BarsFile = "",
    start: Start = "",
    end: End = "",
    timeframe: Frame = "",
    cash: Cash = 100_000.0,
    commission: Commission = 0.001,
    slippage: Slippage = 0.0005,
    loops: Annotated[int, typer.Option(help="Turns after the baseline.")] = 10,
    model: Annotated[str, typer.Option(help="built-in, or provider/name.")] = "built-in",
    api_base: Annotated[str, typer.Option(help="Address of an OpenAI-compatible server.")] = "",
    objective: Annotated[Objective, typer.Option(help="What is maximized.")] = Objective.SHARPE,
    minimum_trades: Annotated[int, typer.Option(help="Fewer closed trades have no score.")] = 5,
    seed: Annotated[int, typer.Option(help="Same seed, same run with the built-in model.")] = 0,
    hold_out: Annotated[float, typer.Option(help="Fraction of the bars at the end that the loop never sees.")] = 0.3,
    patience: Annotated[int, typer.Option(help="Stop after so many loops without improvement; 0 never.")] = 0,
    budget: Annotated[float, typer.Option(help="Most US dollars to spend; 0 no limit.")] = 0.0,
    as_json: AsJson = False,
) -> int:
    """Generate, backtest, analyze and improve, again and again; the hold-out is looked at once, at the end."""
    plan = RunPlan(
        workflow=services().workflow_from(workflow),
        bars=bars_request(asset, bars, start, end, timeframe),
        backtest=BacktestPlan(cash=cash, commission=commission, slippage=slippage),
        model=ModelChoice(id=model, api_base=api_base),
        loops=loops,
        objective=objective,
        minimum_trades=minimum_trades,
        hold_out=hold_out,
        seed=seed,
        patience=patience or None,
        budget_usd=budget or None,
    )
    return report(follow(services(), services().start(plan)), as_json=as_json)


@app.command()
@command
def resume(run: Annotated[str, typer.Argument(help="Id of a run.")], as_json: AsJson = False) -> int:
    """Go on with a run that was killed, failed or cancelled."""
    return report(follow(services(), services().resume(run)), as_json=as_json)


def follow(parts: Services, run: Run) -> Run:
    """Show a run's progress on standard error until it is finished; Ctrl-C cancels it and keeps what is done."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err) as progress:
        task = progress.add_task(f"run {run.id}", total=run.plan.loops + 1, completed=len(parts.store.iterations(run.id)))
        after = 0
        while True:
            try:
                finished = parts.store.run(run.id).status.finished or not parts.supervisor.works_on(run.id)
                for event in parts.store.events(run.id, after=after):
                    after = event.seq
                    if event.kind == "iteration":
                        number = int(str(event.data["number"]))
                        progress.update(task, completed=number + 1)
                        progress.console.print(iteration_line(parts.store.detail(run.id, number).iteration))
                    elif event.kind == "log":
                        progress.console.print(Text(str(event.data.get("text", ""))))
                if finished:
                    return parts.store.run(run.id)
                time.sleep(0.05)
            except KeyboardInterrupt:
                err.print(Text("Cancelling; finished iterations are kept.", style="yellow"))
                parts.cancel(run.id)


def iteration_line(iteration: Iteration) -> Text:
    """One iteration in one line."""
    if iteration.error is not None:
        return Text(
            f"{iteration.number:>4}  {iteration.status.value} at {iteration.stage.value}: {iteration.error.message}"[:160], style="red"
        )
    metrics = iteration.metrics
    assert metrics is not None
    sharpe = "   -  " if metrics.sharpe is None else f"{metrics.sharpe:6.2f}"
    score = "no score: too few trades" if iteration.score is None else iteration.change
    figures = f"Sharpe {sharpe}  return {metrics.total_return:8.1%}  drawdown {metrics.max_drawdown:7.1%}  trades {metrics.trades:4d}"
    return Text(f"{iteration.number:>4}  {figures}  {score}"[:160])


def report(run: Run, *, as_json: bool) -> int:
    """Print a finished run and give its exit code."""
    if as_json:
        print_json(run_document(services(), run))
    else:
        print_run(run)
    return DONE if run.status in (Status.COMPLETE, Status.CANCELLED) and run.iterations else FAILED


def run_document(parts: Services, run: Run) -> dict[str, object]:
    """A run as JSON: everything but the models' full answers."""
    iterations = [iteration.model_dump(mode="json", exclude={"answer"}) for iteration in parts.store.iterations(run.id)]
    document = run.model_dump(mode="json", exclude={"plan", "iterations"})
    return document | {"plan": run.plan.model_dump(mode="json"), "iterations": iterations}


def print_run(run: Run) -> None:
    """A run for people: what happened, the best against its references, and the hold-out."""
    parts = services()
    out.print(Text(f"run {run.id}: {run.status.value}. {run.message}"))
    iterations = parts.store.iterations(run.id)
    for iteration in iterations:
        out.print(iteration_line(iteration))
    best = next((iteration for iteration in iterations if iteration.number == run.best), None)
    columns: dict[str, Metrics] = {}
    if best is not None and best.metrics is not None:
        columns[f"best (iteration {best.number})"] = best.metrics
    if iterations and iterations[0].metrics is not None:
        columns["baseline (iteration 0)"] = iterations[0].metrics
    if run.benchmark is not None:
        columns["buy and hold"] = run.benchmark
    if columns:
        out.print(Text(f"\nTraining, {run.training_bars} bars:"))
        out.print(metrics_table(columns))
    if run.hold_out is not None:
        looked = (run.hold_out.best, run.hold_out.baseline, run.hold_out.benchmark)
        out.print(Text(f"\nHold-out, {run.hold_out.bars} bars never seen by the loop:"))
        out.print(metrics_table({figures.name: figures.metrics for figures in looked if figures.metrics is not None}))
        for figures in looked:
            if figures.error:
                out.print(Text(f"{figures.name}: {figures.error}"))


@app.command()
@command
def generate(
    workflow: WorkflowName,
    model: Annotated[str, typer.Option(help="built-in, or provider/name.")] = "built-in",
    api_base: Annotated[str, typer.Option(help="Address of an OpenAI-compatible server.")] = "",
    api_key: Annotated[str, typer.Option(help="Key for this call; better set the provider's variable.")] = "",
    asset: Asset = "AAPL",
    bars: BarsFile = "",
    start: Start = "",
    end: End = "",
    timeframe: Frame = "",
    output: Annotated[str, typer.Option("-o", "--output", help="File to write the code to.")] = "",
    as_json: AsJson = False,
) -> int:
    """Ask a model for the code of a workflow, once."""
    request = bars_request("" if bars else asset, bars, start, end, timeframe)
    plan = RunPlan(workflow=services().workflow_from(workflow), bars=request, model=ModelChoice(id=model, api_base=api_base), loops=0)
    if api_key:
        services().enter_key(model, api_key)
    run = follow(services(), services().start(plan, kind=RunKind.GENERATE))
    iteration = next(iter(services().store.iterations(run.id)), None)
    error = services().provider_error(run) or (iteration.error.model_dump(mode="json") if iteration and iteration.error else None)
    if as_json:
        print_json(
            {
                "status": run.status.value,
                "run": run.id,
                "code": iteration.code if iteration else None,
                "usage": iteration.usage.model_dump(mode="json") if iteration else None,
                "cost": iteration.cost.model_dump(mode="json") if iteration else None,
                "error": error,
            }
        )
    if run.status is not Status.COMPLETE or iteration is None:
        err.print(Text(run.message or "Nothing was generated.", style="red"))
        return FAILED
    if output:
        write(Path(output), iteration.code)
    elif not as_json:
        sys.stdout.write(iteration.code)
    return DONE


@app.command()
@command
def runs(as_json: AsJson = False, limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 50) -> None:
    """List the newest runs."""
    found = services().store.runs(limit=limit)
    if as_json:
        print_json([run.model_dump(mode="json", exclude={"plan": {"workflow": {"rows"}}}) for run in found])
        return
    table = Table("run", "kind", "status", "workflow", "asset", "model", "iterations", "best", "created")
    for run in found:
        source = run.plan.bars.symbol or Path(run.plan.bars.path).name
        cells = (run.id, run.kind.value, run.status.value, run.plan.workflow.name, source, run.plan.model.id, str(run.iterations))
        table.add_row(*map(Text, (*cells, "-" if run.best is None else str(run.best), f"{run.created:%Y-%m-%d %H:%M}")))
    out.print(table)


@app.command()
@command
def show(run: Annotated[str, typer.Argument(help="Id of a run.")], as_json: AsJson = False) -> None:
    """Show one run: its iterations, the best against baseline and benchmark, the hold-out."""
    found = services().store.run(run)
    if as_json:
        print_json(run_document(services(), found))
    else:
        print_run(found)


@app.command()
@command
def cancel(run: Annotated[str, typer.Argument(help="Id of a run.")]) -> None:
    """Ask a run to stop, whichever process works on it; finished iterations are kept."""
    found = services().store.run(run)
    if found.status.finished:
        raise InputError(f"Run {found.id} is already {found.status.value}.")
    services().cancel(found.id)
    err.print(Text(f"Run {found.id} was asked to stop."))


@app.command()
@command
def export(
    run: Annotated[str, typer.Argument(help="Id of a run.")],
    output: Annotated[str, typer.Option("-o", "--output", help="Python file to write; the bars go beside it as CSV.")],
    iteration: Annotated[int | None, typer.Option(help="Number; the best one by default.")] = None,
) -> None:
    """Write an iteration as a file that runs with plain Backtrader, and the bars it was measured on."""
    path = Path(output)
    made = services().export(run, iteration, name=path.stem)
    write(path, made.code)
    write(path.with_suffix(".csv"), made.bars)
    err.print(Text(f"Wrote {path} and {path.with_suffix('.csv')}."))


@app.command()
@command
def doctor(as_json: AsJson = False) -> int:
    """Look at this machine: versions, where state lives, which isolation holds, whether the parts are there."""
    document = services().diagnosis()
    if as_json:
        print_json(document)
    else:
        for name, value in document.items():
            out.print(Text(f"{name:20} {value}"))
    return DONE if document["ok"] else FAILED


def main() -> None:
    """Entry point: quiet libraries, no colors in pipes, no traceback for expected errors."""
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    if platform.system() == "Windows":
        sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    app()


if __name__ == "__main__":
    main()
