"""The verb that writes files to hand on: programs with their bars, and reports."""

from pathlib import Path
from typing import Annotated

import typer

from core.cli.command import app, command, print_remark, write
from core.cli.runs import require_run
from core.domain.errors import InputError
from core.services import services

REPORTS = (".html", ".md")
"""Endings of files that hold a report."""
BARS_HEADER = b"time,open,high,low,close,volume"
"""First line of a file of exported bars; any other file of that name is left alone."""


@app.command()
@command
def export(
    run: Annotated[str, typer.Argument(help="Id of a run.")],
    output: Annotated[str, typer.Option("-o", "--output", help="File to write: .py (its bars go beside it as CSV), .html or .md.")],
    iteration: Annotated[int | None, typer.Option(min=0, max=1_000_000, help="Number; the best one by default.")] = None,
    recommended: Annotated[bool, typer.Option("--recommended", help="What is recommended, one program or two.")] = False,
) -> None:
    """Write an iteration as a file that runs with plain Backtrader and its bars, or the report of a run as HTML or Markdown."""
    path = Path(output)
    if recommended and iteration is not None:
        raise InputError("Give either --iteration or --recommended.")
    if path.suffix == ".py":
        _write_programs(run, path, iteration, recommended=recommended)
    elif path.suffix in REPORTS:
        if iteration is not None or recommended:
            raise InputError("A report is of the whole run.", hint="Leave --iteration out, or write `compare RUN:N ... -o FILE`.")
        write(path, services().reports.render_run(require_run(run).id, markdown=path.suffix == ".md"))
        print_remark(f"Wrote {path}.")
    else:
        raise InputError(f"{path} does not end in .py, .html or .md.", hint="A program's bars go beside it as .csv.")


def _write_programs(run: str, path: Path, iteration: int | None, *, recommended: bool) -> None:
    found, verbs = require_run(run), services().runs
    programs = verbs.export_recommended(found.id, name=path.stem) if recommended else (verbs.export(found.id, iteration, name=path.stem),)
    for made in programs:
        program = path if len(programs) == 1 else path.with_name(f"{made.name}.py")
        bars = program.with_suffix(".csv")
        if bars.exists() and not bars.read_bytes().startswith(BARS_HEADER):
            raise InputError(f"{bars} exists and holds something else.", hint="Choose another name; the bars go beside the program.")
        write(program, made.code)
        write(bars, made.bars)
        print_remark(f"Wrote {program} and {bars}.")
