"""The verbs that judge a run's winner: on what it was made with, and on bars that came later."""

from typing import Annotated

import typer
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Column, Table

from core.cli.command import AsJson, app, build_metrics_table, command, err, out, print_json, print_line, print_remark, print_wrapped
from core.cli.follow_run import catch_interrupt, require_run
from core.cli.run_text import print_hold_out, print_luck, print_verdict
from core.domain.run import Run
from core.driving.verify import LookProgress
from core.report.study_words import describe_forward, list_study_statements
from core.services import services


@app.command()
@command
def verify(
    run: Annotated[str, typer.Argument(help="Id of a finished run.")],
    placebo: Annotated[int, typer.Option(min=0, max=999, help="Loops on shuffled bars, 19 or 39; 0 leaves them out.")] = 0,
    keep_lean: Annotated[bool, typer.Option("--keep-lean", help="Keep the winner without what does not pay, as a try of its own.")] = False,
    as_json: AsJson = False,
) -> None:
    """Judge a run's winner: luck, worth, what to do, hold-out, neighbors, what paid, warm-up. Ctrl-C keeps what is found until then."""
    found = require_run(run)
    _look(found, placebo)
    if keep_lean:
        kept = services().verifications.keep_lean(found.id)
        print_remark(f"Kept as iteration {kept.iterations - 1} of run {kept.id}. It counts as a try.")
    if as_json:
        print_json(services().verifications.describe(found.id).model_dump(mode="json"))
        return
    assessment = services().runs.assess(found.id)
    print_verdict(assessment)
    print_luck(assessment)
    stored = services().store.read_run(found.id)
    if stored.hold_out is not None:
        print_hold_out(stored.hold_out, assessment)
    statements = list_study_statements(assessment.studies, assessment.objective)
    if statements:
        print_line("\nCloser looks:")
        table = Table(Column(no_wrap=True), Column(no_wrap=True, justify="right"), Column(), box=None, show_header=False, pad_edge=False)
        for said in statements:
            table.add_row(said.name, said.figure, said.meaning)
        out.print(Padding(table, (0, 0, 0, 2)))
    print_wrapped(f"\n{assessment.risk}")


@app.command(name="check-forward")
@command
def check_forward(run: Annotated[str, typer.Argument(help="Id of a finished run or session.")], as_json: AsJson = False) -> None:
    """Test a finished run's winner on the bars that came after its end, which nobody could know before: a look that is counted."""
    found_run = require_run(run)
    with catch_interrupt() as interrupted:
        found = services().verifications.check_forward(found_run.id, cancel=interrupted)
    if as_json:
        print_json(found.model_dump(mode="json"))
        return
    columns = {"best": f"best ({found_run.best})", "baseline": "baseline (0)", "benchmark": "buy and hold"}
    shown = {words: metrics for name, words in columns.items() if (metrics := found.find_metrics(name)) is not None}
    if shown:
        out.print(build_metrics_table(shown, with_money=False))
    print_wrapped(describe_forward(found))


def _look(run: Run, rounds: int) -> None:
    """Take the look, with its progress on standard error."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with catch_interrupt() as interrupted, Progress(*columns, console=err, transient=True) as progress:
        task = progress.add_task(f"run {run.id}", total=1)

        def report(said: LookProgress) -> None:
            progress.update(task, description=f"run {run.id}, {said.step}", completed=said.done, total=said.total or 1)

        services().verifications.take(run.id, rounds=rounds, cancel=interrupted, report=report)
    if interrupted.is_set():
        print_remark("Stopped; what was found until then is kept.", style="yellow")
