"""Workflows in a terminal: check, explain, compile."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from core import language
from core.cli.command import BAD_INPUT, DONE, AsJson, WorkflowName, app, command, print_json, print_line, print_remark, write
from core.domain.errors import Severity
from core.services import services


@app.command()
@command
def check(workflow: WorkflowName, as_json: AsJson = False) -> int:
    """Say what is wrong with a workflow, row by row, before anything is spent."""
    document = services().workbench.find_workflow(workflow)
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
        print_remark(f"{problem.severity.value}: {problem}", style="red" if problem.severity is Severity.ERROR else "yellow")
    if not as_json and not errors:
        print_line(f"{document.name}: valid, {language.completeness(document):.0%} complete, {len(problems)} warnings.")
    return BAD_INPUT if errors else DONE


@app.command()
@command
def explain(workflow: WorkflowName) -> None:
    """Print a workflow in plain language."""
    document = services().workbench.find_workflow(workflow)
    language.require_valid(document)
    print_line(language.explain_text(document))


@app.command(name="compile")
@command
def compile_(workflow: WorkflowName, output: Annotated[str, typer.Option("-o", "--output", help="File to write.")] = "") -> None:
    """Translate a workflow into Backtrader code, without a model."""
    document = services().workbench.find_workflow(workflow)
    language.require_valid(document)
    code = language.compile_workflow(document)
    if output:
        write(Path(output), code)
        print_remark(f"Wrote {output}.")
    else:
        sys.stdout.write(code)
