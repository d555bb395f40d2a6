"""This machine in a terminal: doctor."""

from typing import Annotated

import typer

from core.cli.command import DONE, FAILED, AsJson, app, command, print_json, print_line, print_remark
from core.services import services


@app.command()
@command
def doctor(
    as_json: AsJson = False,
    accept_level: Annotated[
        bool, typer.Option("--accept-level", help="Expect from now on the isolation that holds now, after it dropped.")
    ] = False,
) -> int:
    """Look at this machine: versions, where state lives, which isolation holds, whether the parts are there."""
    if accept_level:
        print_remark(f"From now on level {services().installation.accept_isolation().level} is expected here.")
    document = services().installation.diagnose()
    if as_json:
        print_json(document)
    else:
        for name, value in document.items():
            print_line(f"{name:20} {len(value) if name in ('unreadable', 'remedies') else value}")
        for remedy in document.get("remedies", ()):
            print_remark(remedy, style="yellow")
        for problem in document["problems"]:
            print_remark(problem, style="red")
    return DONE if document["ok"] else FAILED
