"""Statements on a basket: the result on each instrument beside that of the account of all, and how much their number proves."""

from collections.abc import Sequence

from core.domain.hold_out import HoldOut, HoldOutFigure
from core.domain.instrument_result import Across, InstrumentResult, LeftOut
from core.domain.iteration import Iteration
from core.domain.metrics import Metrics
from core.domain.run import Run
from core.domain.value import Value
from core.report.figures import find_figure
from core.report.number_format import DASH, format_ratio
from core.report.sentences import to_sentence

TOGETHER = "Together"
"""Name of the equal-weight account in tables."""
BASKET_HEAD = (
    "Instrument",
    "Return",
    "Sharpe",
    "Drawdown",
    "Trades",
    "Against holding",
    "Hold-out",
    "Hold-out Sharpe",
    "Against holding there",
)
"""Heads of the table of a basket's instruments."""
ACROSS_WORDS = {Across.MEAN: "mean", Across.MEDIAN: "median", Across.WORST: "worst"}


class InstrumentRow(Value):
    """Result on one instrument; or of the account of all of them, under its name."""

    symbol: str
    metrics: Metrics | None
    """On the training bars; None where the code failed."""
    benchmark: Metrics | None
    """Buy and hold there."""
    hold_out: Metrics | None
    """None where nothing was held out, or nobody looked."""
    hold_out_benchmark: Metrics | None
    error: str = ""
    findings: tuple[str, ...] = ()
    """Findings that not every instrument has."""


class BasketReport(Value):
    """Everything that is said of a basket's instruments."""

    rows: tuple[InstrumentRow, ...]
    together: InstrumentRow
    across: Across
    correlation: float | None
    """Mean correlation of what the instruments themselves did from day to day; None where that is not known."""
    independent: float | None
    """Number of instruments without any correlation that would tell as much."""
    left_out: tuple[LeftOut, ...] = ()


def build_basket_report(run: Run, iteration: Iteration) -> BasketReport | None:
    """Build the report of an iteration of a run over a basket; None for a run of one instrument, and without figures."""
    results = iteration.instruments
    if not results:
        return None
    held = run.hold_out
    looked = _find_look(held, iteration.number)
    facts = {one.symbol: one.benchmark for one in run.instruments}
    shared = set.intersection(*({finding.code for finding in one.findings} for one in results))
    return BasketReport(
        rows=tuple(_build_row(one, facts.get(one.symbol), looked, held, shared) for one in results),
        together=InstrumentRow(
            symbol=TOGETHER,
            metrics=iteration.metrics,
            benchmark=run.benchmark,
            hold_out=looked.metrics if looked else None,
            hold_out_benchmark=held.benchmark.metrics if held and looked else None,
        ),
        across=run.plan.across,
        correlation=run.correlation,
        independent=count_independent(len(results), run.correlation),
        left_out=run.plan.left_out,
    )


def count_independent(instruments: int, correlation: float | None) -> float | None:
    """Count the instruments without correlation whose mean would vary as little as that of these.

    >>> count_independent(4, 1.0), count_independent(4, 0.0), round(count_independent(3, 0.5), 2)
    (1.0, 4.0, 1.5)
    """
    return None if correlation is None else instruments / (1 + (instruments - 1) * max(correlation, 0.0))


def describe_basket(found: BasketReport) -> tuple[str, ...]:
    """Describe in sentences how the score comes about, how much the number of instruments proves, and who was left out."""
    count = len(found.rows)
    said = [
        f"Every version is run on each of {count} instruments with an account of its own; the score is the {ACROSS_WORDS[found.across]} "
        "over them. One on which it fails or never trades counts as the worst of the others, and never above zero."
    ]
    if found.correlation is not None and found.independent is not None:
        said.append(
            "Luck is judged on the daily account of all together. The instruments move with a correlation of "
            f"{format_ratio(found.correlation)}, so {count} of them tell as much as {found.independent:.1f} without any."
        )
    said += describe_left_out_instruments(found.left_out)
    said += [f"{one.symbol}: the code failed there. {to_sentence(one.error)}" for one in found.rows if one.error]
    return tuple(said)


def describe_left_out_instruments(left_out: Sequence[LeftOut]) -> tuple[str, ...]:
    """Describe which instruments a run was asked for and does without, also where only one is left and there is no basket any more."""
    return tuple(f"{one.symbol} is left out: {to_sentence(one.reason)}" for one in left_out)


def list_basket_rows(found: BasketReport) -> tuple[tuple[str, ...], ...]:
    """List the rows of the table under `BASKET_HEAD`, the account of all at the end."""
    return tuple(_list_cells(row) for row in (*found.rows, found.together))


def list_differing_findings(found: BasketReport) -> tuple[str, ...]:
    """List the findings that not every instrument has, each with its instrument."""
    return tuple(f"{row.symbol}: {to_sentence(text)}" for row in found.rows for text in row.findings)


def _find_look(held: HoldOut | None, number: int) -> HoldOutFigure | None:
    return next((figure for figure in ((held.best, held.baseline) if held else ()) if figure.iteration == number), None)


def _build_row(
    one: InstrumentResult, benchmark: Metrics | None, looked: HoldOutFigure | None, held: HoldOut | None, shared: set[str]
) -> InstrumentRow:
    return InstrumentRow(
        symbol=one.symbol,
        metrics=one.metrics,
        benchmark=benchmark,
        hold_out=_pick(looked.instruments if looked else (), one.symbol),
        hold_out_benchmark=_pick(held.benchmark.instruments if held and looked else (), one.symbol),
        error=one.error.message if one.error else "",
        findings=tuple(finding.message for finding in one.findings if finding.code not in shared),
    )


def _pick(results: Sequence[InstrumentResult], symbol: str) -> Metrics | None:
    return next((one.metrics for one in results if one.symbol == symbol), None)


def _list_cells(row: InstrumentRow) -> tuple[str, ...]:
    figures = [find_figure(name) for name in ("total_return", "sharpe", "max_drawdown", "trades")]
    held = [find_figure(name) for name in ("total_return", "sharpe")]
    return (
        row.symbol,
        *(figure.format_from(row.metrics) for figure in figures),
        _compare(row.metrics, row.benchmark),
        *(figure.format_from(row.hold_out) for figure in held),
        _compare(row.hold_out, row.hold_out_benchmark),
    )


def _compare(metrics: Metrics | None, benchmark: Metrics | None) -> str:
    """The return beyond buy and hold, as it is shown."""
    if metrics is None or benchmark is None:
        return DASH
    return find_figure("total_return").format_gap(metrics.total_return, benchmark.total_return) or "0.0 pp"
