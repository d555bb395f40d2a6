"""A run as text in a terminal: its iterations, the tables of figures, and what is said of the result."""

from typing import Any

from rich.padding import Padding
from rich.table import Column, Table
from rich.text import Text

from core.cli.command import build_metrics_table, out, print_line, print_wrapped
from core.domain.hold_out import HoldOut
from core.domain.iteration import Iteration
from core.domain.metrics import Metrics
from core.domain.run import Run
from core.report.assessment import Assessment
from core.report.basket_report import BASKET_HEAD, describe_basket, describe_left_out_instruments, list_basket_rows
from core.report.deposit_words import describe_paid_account
from core.report.figures import LEAD_FIGURES, format_score
from core.report.labels import STAGE, STATUS, describe_missing_figures, label_iteration
from core.report.number_format import DASH, format_ratio
from core.report.sentences import describe_finding, format_signed
from core.report.statements import describe_gaps, describe_tries, describe_verdict, list_luck_statements
from core.services import services

LEAD_WIDTHS = dict(zip(LEAD_FIGURES, (6, 7, 8, 4), strict=True))
"""Characters of each figure in the line of an iteration."""
LONGEST_LINE = 160
USED_WIDTH = 100
"""Characters of a line of the leaderboard before the change."""


def format_iteration(iteration: Iteration) -> Text:
    """Format one iteration as one line."""
    if iteration.error is not None:
        line = f"{iteration.number:>4}  {label_iteration(iteration)} while {STAGE[iteration.stage]}: {iteration.error.message}"
        return Text(line[:LONGEST_LINE], style="red")
    metrics = iteration.metrics
    if metrics is None:
        return Text(f"{iteration.number:>4}  {iteration.change or 'answered'}"[:LONGEST_LINE])
    said = (iteration.no_score or "no score") if iteration.score is None else iteration.change
    figures = "  ".join(f"{figure.short} {figure.format_from(metrics, missing='-'):>{width}}" for figure, width in LEAD_WIDTHS.items())
    return Text(f"{iteration.number:>4}  {figures}  {said}"[:LONGEST_LINE])


def print_run(run: Run) -> None:
    """Print a run for people: its iterations, the best against its references, the hold-out, and what is said of it all."""
    print_line(f"run {run.id}: {STATUS[run.status].lower()}. {run.message}")
    iterations = services().store.list_iterations(run.id)
    print_leaderboard(run)
    found = services().runs.assess(run.id)
    baseline = next((iteration.metrics for iteration in iterations if iteration.number == 0), None)
    if any((found.metrics, baseline, run.benchmark)):
        marked = ", in-sample (nothing was held out)" if found.in_sample else ""
        print_line(f"\nTraining, {run.training_bars:,} bars{marked}:")
        columns = {f"best ({found.iteration})": found.metrics, "baseline (0)": baseline, "buy and hold": run.benchmark}
        _print_figures(columns, found.currency, drop="best (0)" if found.iteration == 0 else "")
        if paid := describe_paid_account(run.plan.backtest, found.metrics or baseline, currency=found.currency):
            print_wrapped(paid)
    print_basket(run, found)
    if found.result:
        print_wrapped(found.result)
    print_verdict(found)
    print_luck(found)
    _print_findings(found)
    if run.hold_out is not None:
        print_hold_out(run.hold_out, found)
    if any((found.metrics, baseline, run.benchmark)):
        print_wrapped(f"\n{found.risk}")


def print_basket(run: Run, found: Assessment) -> None:
    """Print the result on each instrument of a basket; for one instrument alone, those that are missing."""
    if found.basket is None:
        for text in describe_left_out_instruments(run.plan.left_out):
            print_wrapped(text)
        return
    print_line(f"\nInstrument by instrument, iteration {found.iteration}:")
    head, *figures = BASKET_HEAD
    table = Table(Column(head, no_wrap=True), *(Column(name, justify="right") for name in figures), box=None, pad_edge=False)
    for row in list_basket_rows(found.basket):
        table.add_row(*row)
    out.print(table)
    for text in describe_basket(found.basket):
        print_wrapped(text)


def print_leaderboard(run: Run) -> None:
    """Print the iterations by rank, with the range of each score, and in a line of its own why one has none."""
    ranked = services().runs.rank(run.id)
    if not ranked:
        return
    right: dict[str, Any] = {"no_wrap": True, "justify": "right"}
    heads = [
        Column("#", **right),
        Column("", no_wrap=True),
        Column(_name_score(run), **right),
        Column("95% range", **right),
        Column("+/-", **right),
    ]
    heads += [Column(figure.short, **right) for figure in LEAD_FIGURES[1:]]
    heads += [Column("Hold-out", **right), Column("Change", no_wrap=True)]
    table = Table(*heads, box=None, pad_edge=False)
    for one in ranked:
        name = " ".join((str(one.number), ", ".join(one.standings))).strip()
        score = DASH if one.score is None else format_score(one.score, run.plan.objective)
        spread = DASH if one.low is None or one.high is None else f"{one.low:.2f} to {one.high:.2f}"
        away = DASH if one.distance is None else format_signed(one.distance, run.plan.objective)
        held = format_ratio(one.hold_out_sharpe) if one.looked_at else DASH
        figures = (figure.format_from(one.metrics) for figure in LEAD_FIGURES[1:])
        what = one.change if one.score is not None else f"{one.status}: {one.change}"
        room = max(24, out.width - USED_WIDTH)
        table.add_row(
            str(one.rank or DASH), name, score, spread, away, *figures, held, what if len(what) <= room else f"{what[: room - 1]}…"
        )
    out.print(table)
    print_line(
        "The range of the highest is that of its worth, without what picking the best adds; of the others, as if each were the only try."
    )


def _name_score(run: Run) -> str:
    name = run.plan.objective.value.replace("_", " ").capitalize()
    return f"{name}, {run.plan.across.value}" if run.plan.bars.basket else name


def print_verdict(found: Assessment) -> None:
    """Print the verdict on a run's winner, and what to do about it; nothing while there is none."""
    told = describe_verdict(found)
    if told:
        print_line("")
    for text in told:
        print_wrapped(text)


def _print_figures(columns: dict[str, Metrics | None], currency: str, *, drop: str = "", with_money: bool = True) -> None:
    """Print figures side by side, those that are there; the column `drop` is the same as another."""
    shown = {name: each for name, each in columns.items() if each is not None and name != drop}
    out.print(build_metrics_table(shown, currency=currency, with_money=with_money))


def print_luck(found: Assessment) -> None:
    """Print what is said of luck and worth."""
    statements = list_luck_statements(found)
    if statements:
        print_line(f"\nLuck in iteration {found.iteration}:")
        table = Table(Column(no_wrap=True), Column(no_wrap=True, justify="right"), Column(), box=None, show_header=False, pad_edge=False)
        for said in statements:
            table.add_row(said.name, said.figure, said.meaning)
        out.print(Padding(table, (0, 0, 0, 2)))
        print_wrapped(describe_tries(found))
    for gap in describe_gaps(found):
        print_wrapped(gap)
    if found.missing:
        print_wrapped(found.missing)


def _print_findings(found: Assessment) -> None:
    if found.findings:
        print_line(f"\nFindings on iteration {found.iteration}:")
    for finding in found.findings:
        print_wrapped(describe_finding(finding), mark="- ")


def print_hold_out(held: HoldOut, found: Assessment) -> None:
    """Print the look at the hold-out."""
    print_line("\nHold-out, never seen by the loop:")
    if found.hold_out is not None:
        print_wrapped(found.hold_out.about)
    columns = {
        f"best ({held.best.iteration})": held.best.metrics,
        "half and half": held.recommended.metrics if held.recommended and held.recommended.iteration is None else None,
        "baseline (0)": held.baseline.metrics,
        "buy and hold": held.benchmark.metrics,
        "cash": held.cash.metrics if held.cash else None,
    }
    # an account comes to the hold-out with what the bars before it left, buying and holding with the cash of the start
    _print_figures(columns, found.currency, drop="best (0)" if held.best.iteration == 0 else "", with_money=False)
    for figure in filter(None, (held.best, held.recommended, held.baseline)):
        if problem := describe_missing_figures(figure):
            print_line(f"{figure.name}: {problem}")
    if found.hold_out is not None:
        print_wrapped(found.hold_out.sentence)
