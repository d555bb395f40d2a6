"""One answer of a model in a terminal, and the options by which a verb chooses its model."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from core import language
from core.cli.command import (
    DONE,
    FAILED,
    AsJson,
    Asset,
    BarsFile,
    End,
    Frame,
    Start,
    With,
    WorkflowName,
    app,
    build_bars_request,
    command,
    describe_option,
    parse_day,
    print_json,
    print_remark,
    read_default,
    write,
)
from core.cli.follow_run import follow
from core.cli.inputs import Instruments, join_assets, read_workflow
from core.domain.errors import InputError, Severity
from core.domain.run import Effort, ModelChoice, RunKind, RunPlan, Status
from core.report.number_format import format_count
from core.report.sentences import describe_memory_of_bars
from core.services import services

ModelId = Annotated[str, typer.Option(help=describe_option(ModelChoice, "id"))]
ApiBase = Annotated[str, typer.Option(help=describe_option(ModelChoice, "api_base"))]
Temperature = Annotated[float | None, typer.Option(help=describe_option(ModelChoice, "temperature"))]
OwnTemperature = Annotated[bool, typer.Option("--own-temperature", help=describe_option(ModelChoice, "own_temperature"))]
ReasoningEffort = Annotated[Effort, typer.Option(help=describe_option(ModelChoice, "effort"))]
MostTokens = Annotated[int, typer.Option(help=describe_option(ModelChoice, "max_tokens"))]
KnowsUntil = Annotated[str, typer.Option(help=describe_option(ModelChoice, "knows_until"))]
Silence = Annotated[float, typer.Option(help=describe_option(ModelChoice, "silence_seconds"))]


def build_model_choice(
    model: str, api_base: str, temperature: float | None, max_tokens: int, *, own_temperature: bool, effort: Effort, silence: float
) -> ModelChoice:
    """Build the choice of a model from its options. Raises InputError for two temperatures, and for an address that cannot be one."""
    if own_temperature and temperature is not None:
        raise InputError("Both --temperature and --own-temperature are given.", hint="Name one of them.")
    problem = services().models.find_address_problem(model, api_base)
    if problem is not None and problem.severity is Severity.ERROR:
        raise InputError(problem.message, hint=problem.remedy)
    if problem is not None:
        print_remark(str(problem), style="yellow")
    return ModelChoice(
        id=model,
        api_base=api_base,
        temperature=temperature,
        own_temperature=own_temperature,
        effort=effort,
        max_tokens=max_tokens,
        silence_seconds=silence * 60 or None,
    )


@app.command()
@command
def generate(
    workflow: WorkflowName,
    instruments: Instruments = None,
    model: ModelId = read_default(ModelChoice, "id"),
    api_base: ApiBase = "",
    api_key: Annotated[str, typer.Option(help="Key for this call; better set the provider's variable.")] = "",
    temperature: Temperature = None,
    own_temperature: OwnTemperature = False,
    effort: ReasoningEffort = read_default(ModelChoice, "effort"),
    max_tokens: MostTokens = read_default(ModelChoice, "max_tokens"),
    silence: Silence = read_default(ModelChoice, "silence_seconds"),
    knows_until: KnowsUntil = "",
    asset: Asset = "",
    bars: BarsFile = "",
    others: With = None,
    start: Start = "",
    end: End = "",
    timeframe: Frame = "",
    output: Annotated[str, typer.Option("-o", "--output", help="File to write the code to.")] = "",
    show_prompt: Annotated[bool, typer.Option("--show-prompt", help="Print what would be sent, and its tokens; nothing is sent.")] = False,
    as_json: AsJson = False,
) -> int:
    """Ask a model for the code of a workflow, once."""
    named = join_assets(asset, instruments)
    request = build_bars_request(named or ("" if bars else "AAPL"), bars, start, end, timeframe, others)
    choice = build_model_choice(model, api_base, temperature, max_tokens, own_temperature=own_temperature, effort=effort, silence=silence)
    choice = choice.changed(knows_until=parse_day(knows_until))
    table = read_workflow(workflow)
    plan = RunPlan(workflow=table, bars=request.add_others(language.list_other_instruments(table)), model=choice, loops=0)
    if show_prompt:
        prompt = services().models.render_prompt(plan)
        if as_json:
            print_json(prompt.model_dump(mode="json"))
        else:
            sys.stdout.write(f"{prompt.system}\n\n{prompt.user}\n")
            print_remark(f"About {format_count(prompt.tokens, 'token')}; nothing was sent.")
        return DONE
    if api_key:
        services().models.enter_key(model, api_key, api_base=api_base)
    run = follow(services(), lambda: services().runs.start(plan, kind=RunKind.GENERATE))
    iteration = next(iter(services().store.list_iterations(run.id)), None)
    failure = services().runs.find_error(run)
    fault = iteration.error if iteration else None
    memory = describe_memory_of_bars(choice, services().market.bars(plan.bars).first.date()) if iteration else ""
    error = failure.to_data() if failure else fault.model_dump(mode="json") if fault else None
    if as_json:
        print_json(
            {
                "status": run.status.value,
                "run": run.id,
                "code": iteration.code if iteration else None,
                "usage": iteration.usage.model_dump(mode="json") if iteration else None,
                "cost": iteration.cost.model_dump(mode="json") if iteration else None,
                "error": error,
                "memory": memory,
            }
        )
    if run.status is not Status.COMPLETE or iteration is None:
        print_remark(run.message or "Nothing was generated.", style="red")
        return FAILED
    if output:
        write(Path(output), iteration.code)
    elif not as_json:
        sys.stdout.write(iteration.code)
    if memory:
        print_remark(memory)
    return DONE
