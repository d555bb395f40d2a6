"""The library in a terminal: own words on runs, and the iterations kept as strategies."""

from typing import Annotated

import typer
from rich.table import Column, Table
from rich.text import Text

from core.cli.command import AsJson, app, command, out, print_json, print_left_out, print_remark
from core.cli.follow_run import require_run
from core.domain.remark import KeptStrategy
from core.report.figures import LEAD_FIGURES
from core.services import services

RunId = Annotated[str, typer.Argument(help="Id of a run, or its beginning.", show_default=False)]
Tags = Annotated[list[str] | None, typer.Option("--tag", help="A tag; may be given several times.")]
Note = Annotated[str | None, typer.Option(help="A note in your own words.")]


@app.command()
@command
def keep(
    run: RunId,
    iteration: Annotated[int | None, typer.Option(help="Number of the iteration; by default the best one.")] = None,
    name: Annotated[str, typer.Option(help="Name of the strategy; by default that of the workflow.")] = "",
    note: Note = None,
    tag: Tags = None,
    as_json: AsJson = False,
) -> None:
    """Keep an iteration as a strategy, beside the workflows in the library."""
    kept = services().remarks.keep_strategy(require_run(run).id, iteration, name=name, note=note or "", tags=tag or ())
    if as_json:
        print_json(kept.model_dump(mode="json"))
    else:
        print_remark(f"Kept iteration {kept.iteration} of run {kept.run_id} as “{kept.name}”.")


@app.command()
@command
def strategies(as_json: AsJson = False) -> None:
    """List the strategies that were kept, with the figures of training."""
    found = services().remarks.list_strategies()
    print_left_out(found)
    if as_json:
        print_json([kept.model_dump(mode="json") for kept in found])
        return
    table = Table(Column("name"), Column("run", no_wrap=True), "iteration", *(figure.short for figure in LEAD_FIGURES), "tags", "note")
    for kept in found:
        figures = _read_figures(kept)
        table.add_row(*map(Text, (kept.name, kept.run_id, str(kept.iteration), *figures, ", ".join(kept.tags), kept.note)))
    out.print(table)


@app.command()
@command
def remark(
    run: RunId,
    star: Annotated[bool | None, typer.Option("--star/--no-star", help="Mark the run, or take the mark away.")] = None,
    note: Note = None,
    tag: Tags = None,
    as_json: AsJson = False,
) -> None:
    """Star a run, or give it a note and tags; what is not given stays as it is."""
    said = services().remarks.save_remark(require_run(run).id, starred=star, note=note, tags=tag)
    if as_json:
        print_json(said.model_dump(mode="json"))
    else:
        parts = ["starred" if said.starred else "", ", ".join(said.tags), said.note]
        print_remark(f"Run {said.run_id}: {'; '.join(part for part in parts if part) or 'nothing is said of it'}.")


def _read_figures(kept: KeptStrategy) -> list[str]:
    found = services().store.read_iterations([(kept.run_id, kept.iteration)]).get(kept.run_id)
    return [figure.format_from(found.metrics if found else None) for figure in LEAD_FIGURES]
