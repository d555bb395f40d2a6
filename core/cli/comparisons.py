"""The verb that sets iterations side by side."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Column as TableColumn
from rich.table import Table
from rich.text import Text

from core.cli.command import AsJson, app, command, out, parse_day, print_json, print_line, print_remark, print_wrapped, write
from core.cli.exports import REPORTS
from core.domain.errors import InputError
from core.report.comparison import Cell, CellState, Comparison
from core.report.labels import RISK
from core.services import services

STATE_TEXT = {CellState.LOCKED: "locked", CellState.FAILED: "failed", CellState.GOING_ON: "going on"}


@app.command()
@command
def compare(
    iterations: Annotated[list[str], typer.Argument(help="Two to six iterations as RUN:NUMBER, of any runs.", show_default=False)],
    baseline: Annotated[str, typer.Option(help="RUN:NUMBER that distances are taken from; by default the workflow as written.")] = "",
    start: Annotated[str, typer.Option(help="First day of the part of training that is looked at, as YYYY-MM-DD.")] = "",
    end: Annotated[str, typer.Option(help="Its last day, included.")] = "",
    all_rows: Annotated[bool, typer.Option("--all", help="Also the rows in which all of them are the same.")] = False,
    output: Annotated[str, typer.Option("-o", "--output", help="Write it as a report instead: .html or .md.")] = "",
    as_json: AsJson = False,
) -> None:
    """Set iterations side by side: what differs, what cannot be told apart, and how each stands against the workflow and the market."""
    span = (parse_day(start), parse_day(end))
    if output:
        path = Path(output)
        if path.suffix not in REPORTS:
            raise InputError(f"{path} does not end in {' or '.join(REPORTS)}.")
        markdown = path.suffix == ".md"
        write(path, services().reports.render_comparison(iterations, baseline=baseline, span=span, markdown=markdown))
        print_remark(f"Wrote {path}.")
        return
    found = services().comparisons.compare(iterations, baseline=baseline, span=span)
    if as_json:
        print_json(found.model_dump(mode="json"))
        return
    for warning in found.warnings:
        print_remark(warning, style="yellow")
    out.print(build_table(found, all_rows=all_rows))
    hidden = [row.label for group in found.groups for row in group.rows if row.same]
    if hidden and not all_rows:
        print_wrapped(f"The same for all: {', '.join(hidden)}. `--all` shows them.")
    for sentence in found.sentences:
        print_wrapped(sentence, mark="• ")
    print_line(RISK)


def build_table(found: Comparison, *, all_rows: bool) -> Table:
    """Build the table of a comparison; rows in which all are the same only with `all_rows`."""
    table = Table(TableColumn("", no_wrap=False, max_width=36), *(TableColumn(Text(one.name), justify="right") for one in found.columns))
    standing = [", ".join(badge.value for badge in one.badges) for one in found.columns]
    table.add_row("standing", *map(Text, standing))
    for group in found.groups:
        rows = [row for row in group.rows if all_rows or not row.same]
        if not rows:
            continue
        table.add_section()
        table.add_row(Text(group.name, style="bold"), *([""] * len(found.columns)))
        for row in rows:
            table.add_row(Text(row.label), *(_format_cell(cell) for cell in row.cells))
    return table


def _format_cell(cell: Cell) -> Text:
    text = Text(STATE_TEXT.get(cell.state, cell.text), style="bold" if cell.best else "")
    if cell.delta:
        text.append(f" ({cell.delta})", style={True: "green", False: "red", None: "dim"}[cell.better])
    return text
