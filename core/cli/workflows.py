"""Workflows in a terminal: check, explain, compile."""

import sys
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from core import language
from core.cli.command import (
    BAD_INPUT,
    DONE,
    AsJson,
    Asset,
    BarsFile,
    End,
    Frame,
    Start,
    WorkflowName,
    app,
    build_bars_request,
    command,
    out,
    print_json,
    print_line,
    print_remark,
    write,
)
from core.cli.inputs import STANDARD_STREAM, Instruments, join_assets, read_text, read_workflow
from core.domain.errors import Severity
from core.services import services


@app.command()
@command
def check(
    workflow: WorkflowName,
    instruments: Instruments = None,
    asset: Asset = "",
    bars: BarsFile = "",
    start: Start = "",
    end: End = "",
    timeframe: Frame = "",
    as_json: AsJson = False,
) -> int:
    """Say what is wrong with a workflow, row by row, before anything is spent; on bars also how often each row is true."""
    document = read_workflow(workflow)
    asset = join_assets(asset, instruments)
    request = build_bars_request(asset, bars, start, end, timeframe) if asset or bars else None
    problems = services().workbench.check(document, request)
    errors = [problem for problem in problems if problem.severity is Severity.ERROR]
    steps, count = services().workbench.count_rows(document, request) if request and not errors else ((), 0)
    if as_json:
        counted = {"bars": count, "rows": [step.model_dump(mode="json") for step in steps]} if request else {}
        print_json(
            {
                "valid": not errors,
                "name": document.name,
                "completeness": language.completeness(document),
                "problems": [problem.model_dump(mode="json") for problem in problems],
                **counted,
            }
        )
    for problem in problems:
        print_remark(f"{problem.severity.value}: {problem}", style="red" if problem.severity is Severity.ERROR else "yellow")
    if not as_json and not errors:
        print_line(f"{document.name}: valid, {language.completeness(document):.0%} complete, {len(problems)} warnings.")
        _print_counts(steps, count)
    return BAD_INPUT if errors else DONE


def _print_counts(steps: "tuple[language.FunnelStep, ...]", bars: int) -> None:
    """Print on how many bars each row was true, and which holds its group back most."""
    if not steps:
        return
    table = Table("row", "section", "group", f"true on ({bars} bars)", "with the rows above", "alone held back")
    groups = Counter((step.section, step.group) for step in steps)
    shared = [step for step in steps if groups[step.section, step.group] > 1]
    for step in steps:
        blocked = str(step.blocked) if step in shared else ""
        table.add_row(*map(Text, (step.row, step.section.value, step.group, str(step.true), str(step.joint), blocked)))
    out.print(table)
    worst = max(shared, key=lambda step: step.blocked, default=None)
    if worst is not None and worst.blocked:
        print_line(f"Row {worst.row} holds back most: on {worst.blocked} bars every other row of its group was true and it was not.")


@app.command()
@command
def explain(workflow: WorkflowName) -> None:
    """Print a workflow in plain language."""
    document = read_workflow(workflow)
    language.require_valid(document)
    print_line(language.explain_text(document))


@app.command(name="compile")
@command
def compile_(workflow: WorkflowName, output: Annotated[str, typer.Option("-o", "--output", help="File to write.")] = "") -> None:
    """Translate a workflow into Backtrader code, without a model."""
    document = read_workflow(workflow)
    language.require_valid(document)
    code = language.compile_workflow(document)
    if output and output != STANDARD_STREAM:
        write(Path(output), code)
        print_remark(f"Wrote {output}.")
    else:
        sys.stdout.write(code)


@app.command()
@command
def describe(
    text: Annotated[
        str, typer.Argument(help="The strategy in plain English, a file with it, or - for standard input.", show_default=False)
    ],
    model: Annotated[str, typer.Option(help="Model to ask, provider/name; without one patterns read the text.")] = "",
    output: Annotated[str, typer.Option("-o", "--output", help="File for the proposed workflow.")] = "",
    as_json: AsJson = False,
) -> int:
    """Propose rows for a strategy in plain English, each with the words it came from and what was not understood."""
    from core.domain.run import ModelChoice

    if text == STANDARD_STREAM or _is_file(text):
        text = read_text(text)
    found = services().workbench.describe(text, ModelChoice(id=model) if model else None)
    proposal = found.proposal
    errors = [problem for problem in found.problems if problem.severity is Severity.ERROR]
    if as_json:
        rows = [{"words": each.words, **each.row.model_dump(mode="json")} for each in proposal.rows] if proposal else []
        print_json(
            {
                "rows": rows,
                "unread": list(proposal.unread) if proposal else [],
                "remarks": list(proposal.remarks) if proposal else [],
                "problems": [str(one) for one in found.problems],
            }
        )
    elif proposal is not None:
        said = {sentence.row: sentence.text for sentence in language.explain(proposal.workflow)}
        for each in proposal.rows:
            print_line(f"{each.row.id}: {said[each.row.id]}  [{each.source}]")
        for remark in proposal.remarks:
            print_remark(remark)
        for piece in proposal.unread:
            print_remark(f"not understood: {piece}", style="yellow")
    for problem in errors:
        print_remark(f"{problem.severity.value}: {problem}", style="red")
    if proposal is None or not proposal.rows:
        print_remark("No row came of this text.", style="red")
        return BAD_INPUT
    if output:
        write(Path(output), language.dump(proposal.workflow))
        print_remark(f"Wrote {output}.")
    return DONE if not errors else BAD_INPUT


def _is_file(text: str) -> bool:
    """Tell whether a text is the path of a file that is there, and no sentence."""
    return len(text) < 1_000 and "\n" not in text and Path(text).suffix != "" and Path(text).is_file()
