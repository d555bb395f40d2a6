"""Everything that a report of a run or of a comparison says, put together before it is rendered as HTML or Markdown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.domain.backtest import Trade
from core.domain.deposits import describe_deposits
from core.domain.iteration import Iteration
from core.domain.metrics import drawdown_series
from core.domain.run import Run
from core.domain.trading_costs import describe_commission, describe_slippage
from core.report import labels
from core.report.assessment import Assessment
from core.report.basket_report import describe_basket, describe_left_out_instruments, list_basket_rows
from core.report.comparison import Comparison, Participant, ParticipantKind
from core.report.figures import LEAD_FIGURES, format_score
from core.report.number_format import format_percent, write_minus
from core.report.sentences import describe_finding
from core.report.series_colors import SERIES, assign_colors
from core.report.statements import Statement, describe_gaps, describe_tries, describe_verdict, list_luck_statements
from core.report.study_words import list_study_statements
from core.report.svg_chart import ChartLine, draw_chart
from core.report.trade_pairs import compute_move

WRITTEN_COLOR, MARKET_COLOR = "var(--text)", "#7b8798"
MOST_TRADES = 500
"""Trades that are listed; a program's own export holds all of them."""
MOST_PRINTED_TRADES = 60
"""Trades of a program that are printed, about a page of them; a longer list stays folded on paper."""


@dataclass(frozen=True, slots=True)
class ListedTrade:
    """One trade in words."""

    instrument: str
    """Empty where the run has one instrument."""
    entry: str
    exit: str
    side: str
    units: str
    move: str
    profit: str


@dataclass(frozen=True, slots=True)
class Program:
    """Code of one participant."""

    name: str
    author: str
    code: str
    trades: tuple[ListedTrade, ...]
    left_out: int
    """Trades beyond the longest list."""

    @property
    def is_long(self) -> bool:
        """True when its trades are more than paper is for."""
        return len(self.trades) > MOST_PRINTED_TRADES


@dataclass(frozen=True, slots=True)
class RunReport:
    """The report; plain text throughout, marked up and escaped by whoever renders it, but for `charts`, which are SVG."""

    title: str
    about: str
    made: datetime
    """UTC."""
    version: str
    lead: tuple[str, ...]
    """Sentences to read first."""
    statements: tuple[Statement, ...]
    comparison: Comparison
    colors: Mapping[str, str]
    """Column's id to its color."""
    charts: tuple[tuple[str, str], ...]
    """Titles and SVG."""
    workflow: tuple[tuple[str, str], ...]
    """Row and what it says."""
    leaderboard: tuple[tuple[str, ...], ...]
    findings: tuple[str, ...]
    basket: tuple[tuple[str, ...], ...]
    """Rows of the table of a basket's instruments; empty for one instrument."""
    basket_said: tuple[str, ...]
    settings: tuple[tuple[str, str], ...]
    hashes: tuple[tuple[str, str], ...]
    programs: tuple[Program, ...]
    risk: str = labels.RISK


LEADERBOARD_HEAD = ("Iteration", "Status", "Score", *(figure.short for figure in LEAD_FIGURES), "Change")


def build_run_report(
    participants: Sequence[Participant],
    comparison: Comparison,
    *,
    made: datetime,
    version: str,
    assessment: Assessment | None = None,
    iterations: Sequence[Iteration] = (),
    workflow: Sequence[tuple[str, str]] = (),
    code_hashes: Mapping[str, str] | None = None,
) -> RunReport:
    """Build the report of a comparison; with `assessment` and `iterations`, that of the run that they belong to.

    `workflow` holds the rows of the workflow with what they say, `code_hashes` the SHA-256 of each participant's code by its id.
    """
    runs = list({one.run.id: one.run for one in participants}.values())
    colors = assign_colors(participants, SERIES[False], written=WRITTEN_COLOR, market=MARKET_COLOR)
    basket = assessment.basket if assessment is not None else None
    one_run = runs[0] if assessment is not None and len(runs) == 1 else None
    return RunReport(
        title=_find_title(runs, one_run),
        about=", ".join(f"run {run.id}" for run in runs),
        made=made,
        version=version,
        lead=tuple(_list_lead(assessment, comparison)),
        statements=_list_statements(assessment) if assessment else (),
        comparison=comparison,
        colors=colors,
        charts=tuple(_draw_charts(participants, colors)),
        workflow=tuple(workflow),
        leaderboard=tuple(_list_leaderboard(one_run, iterations)) if one_run else (),
        findings=tuple(describe_finding(finding) for finding in assessment.findings) if assessment else (),
        basket=list_basket_rows(basket) if basket else (),
        basket_said=describe_basket(basket) if basket else _describe_left_out(runs),
        settings=tuple(pair for run in runs for pair in _list_settings(run, several=len(runs) > 1)),
        hashes=tuple(_list_hashes(runs, participants, code_hashes or {})),
        programs=tuple(_build_program(one) for one in participants if one.detail is not None),
    )


def _describe_left_out(runs: Sequence[Run]) -> tuple[str, ...]:
    return tuple(said for run in runs for said in describe_left_out_instruments(run.plan.left_out))


def _list_statements(assessment: Assessment) -> tuple[Statement, ...]:
    """Statements on luck and worth, then what closer looks found."""
    return (*list_luck_statements(assessment), *list_study_statements(assessment.studies, assessment.objective))


def _find_title(runs: Sequence[Run], one_run: Run | None) -> str:
    names = dict.fromkeys(f"{run.plan.workflow.name or 'Untitled'} on {run.plan.bars.subject}" for run in runs)
    return f"{next(iter(names))}" if one_run else f"Comparison: {'; '.join(names)}"


def _list_lead(assessment: Assessment | None, comparison: Comparison) -> list[str]:
    told = []
    if assessment is not None:
        told += [*describe_verdict(assessment), assessment.result, *describe_gaps(assessment), describe_tries(assessment)]
        if assessment.hold_out is not None:
            told += [f"Hold-out: {assessment.hold_out.about} {assessment.hold_out.sentence}"]
    return [text for text in (*told, *comparison.warnings, *comparison.sentences) if text]


def _draw_charts(participants: Sequence[Participant], colors: Mapping[str, str]) -> list[tuple[str, str]]:
    shown = [(one, one.bars, one.equity) for one in participants if one.bars is not None and one.equity is not None]
    growth, falls = [], []
    for one, bars, equity in shown:
        dashed = one.kind is ParticipantKind.MARKET
        growth.append(ChartLine(one.name, colors[one.id], bars.time, equity / one.start_value, dashed))
        falls.append(ChartLine(one.name, colors[one.id], bars.time, 100 * drawdown_series(equity, start_value=one.start_value), dashed))
    charts = [
        ("Growth of the account, start = 1", draw_chart(growth, label="Growth of the account", form="{:g}", height=300, ratio=True)),
        ("Drawdown, %", draw_chart(falls, label="Drawdown", form="{:.0f}", height=150)),
    ]
    return [(title, picture) for title, picture in charts if picture]


def _list_leaderboard(run: Run, iterations: Sequence[Iteration]) -> list[tuple[str, ...]]:
    ranked = sorted(iterations, key=lambda one: (one.score is None, -(one.score or 0.0), one.number))
    return [
        (
            f"{one.number}{', best' if one.number == run.best else ''}",
            labels.label_iteration(one),
            format_score(one.score, run.plan.objective),
            *(figure.format_from(one.metrics) for figure in LEAD_FIGURES),
            one.error.message if one.error else one.change,
        )
        for one in ranked
    ]


def _list_settings(run: Run, *, several: bool) -> list[tuple[str, str]]:
    plan, money = run.plan, run.plan.backtest
    span = f"{plan.bars.start or 'the first bar'} to {plan.bars.end or 'the last bar'}"
    found = [
        (
            "Bars",
            f"{plan.bars.subject} {labels.TIMEFRAME[plan.bars.timeframe].lower()}, {span}, {'adjusted' if plan.bars.adjusted else 'raw'}",
        ),
        ("Account", f"{money.cash:,.0f} cash, commission {describe_commission(money)}, slippage {describe_slippage(money)}"),
        *([("Paid in", f"{describe_deposits(money.deposits)}; returns are those of a unit of the account")] if money.deposits else []),
        ("Hold-out", format_percent(plan.hold_out, 0)),
        ("Objective", plan.formula or labels.OBJECTIVE[plan.objective]),
        ("Least trades", f"{plan.minimum_trades}"),
        ("Model", labels.label_run_model(run)),
        ("Seed", f"{plan.seed}"),
        ("Loops", f"{plan.loops}"),
    ]
    return [(f"{name} of {run.id}" if several else name, value) for name, value in found]


def _list_hashes(runs: Sequence[Run], participants: Sequence[Participant], codes: Mapping[str, str]) -> list[tuple[str, str]]:
    bars = [(f"Training bars of run {run.id}, SHA-256", run.data_hash) for run in runs if run.data_hash]
    return bars + [(f"Code of {one.name}, SHA-256", codes[one.id]) for one in participants if one.id in codes]


def _build_program(one: Participant) -> Program:
    detail = one.detail
    if detail is None:
        raise ValueError("buy and hold has no program")
    listed = detail.trades[:MOST_TRADES] if one.bars is not None else ()
    return Program(
        name=one.name,
        author=labels.describe_author(detail.iteration),
        code=detail.iteration.code,
        trades=tuple(_describe_trade(trade, one) for trade in listed),
        left_out=len(detail.trades) - len(listed),
    )


def _describe_trade(trade: Trade, one: Participant) -> ListedTrade:
    move = compute_move(trade)
    return ListedTrade(
        instrument=trade.instrument,
        entry=_describe_moment(trade.entry_bar, one),
        exit="open" if trade.exit_bar is None else _describe_moment(trade.exit_bar, one),
        side="long" if trade.size > 0 else "short",
        units=f"{abs(trade.size):,.6g}",
        move=format_percent(move, 1, sign=True),
        profit=write_minus(f"{trade.profit:,.2f}"),
    )


def _describe_moment(bar: int, one: Participant) -> str:
    if one.bars is None or bar >= len(one.bars):
        return ""
    stamp = "datetime64[m]" if one.bars.timeframe.intraday else "datetime64[D]"
    return str(one.bars.time[bar].astype(stamp)).replace("T", " ")
