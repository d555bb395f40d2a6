"""Evidence on a result: its months and market states, its share of luck, and its agreement with the rows of the workflow."""

import pandas as pd
import streamlit as st

from core import evidence, language
from core.domain.iteration import Evaluation, Iteration, IterationDetail
from core.domain.metrics import period_returns
from core.domain.run import Run
from core.evidence import Conformity, RowAgreement
from core.report import labels
from core.report.number_format import DASH, format_percent, format_ratio
from core.report.statements import describe_gaps, describe_tries, list_luck_statements
from core.services import services
from pages.components import cached_queries, charts, formatting
from pages.components.navigation import screen
from pages.components.number_cells import Writer, write_cells, write_percent
from pages.components.person_cache import cache_resource

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def draw_months(run: Run, found: IterationDetail, *, key: str) -> None:
    """Return of each month and year, and the result by the state of the market."""
    result = evidence.restore_evaluation(found, cash=run.plan.backtest.cash)
    if result is None:
        st.caption("There are no figures, because it did not run to its end.")
        return
    bars, cash = cached_queries.load_training_bars(run.plan), run.plan.backtest.cash
    monthly = evidence.monthly_returns(result.equity, bars.time, start_value=cash)
    yearly = {each.year: each.value for each in evidence.yearly_returns(result.equity, bars.time, start_value=cash)}
    frame = pd.DataFrame({"Year": sorted(yearly)})
    for number, name in enumerate(MONTHS, 1):
        by_year = {each.year: each.value for each in monthly if each.month == number}
        frame[name] = [_to_percent(by_year.get(year)) for year in frame["Year"]]
    frame["Whole year"] = [_to_percent(yearly[year]) for year in frame["Year"]]
    columns = [*MONTHS, "Whole year"]
    config = {name: st.column_config.NumberColumn(width=62) for name in columns}
    config |= {"Year": st.column_config.NumberColumn(format="%d", pinned=True, width=60)}
    styled = frame.style.map(color_cell, subset=columns).format(format_cell, subset=columns)
    st.dataframe(
        styled, hide_index=True, column_config=config, key=f"{key}_months", placeholder="", height="content", alt="Return of each month"
    )
    _regimes(result, run, key)


def _to_percent(value: float | None) -> float | None:
    return None if value is None else value * 100


def format_cell(value: float | None) -> str:
    """Text of a cell, with the minus that stands everywhere else; a column of its own format would write a hyphen.

    >>> format_cell(-3.84), format_cell(None)
    ('−3.8%', '')
    """
    return "" if value is None or pd.isna(value) else format_percent(value / 100)


def color_cell(value: float | None) -> str:
    """Cell color of a return: the larger, the stronger."""
    if value is None or pd.isna(value) or value == 0:
        return ""
    strength = min(abs(value) / 15.0, 1.0) * 0.5
    red, green, blue = (18, 161, 114) if value > 0 else (224, 82, 95)
    return f"background-color: rgba({red}, {green}, {blue}, {strength:.2f})"


def _regimes(result: Evaluation, run: Run, key: str) -> None:
    states = evidence.split_by_regime(result, cached_queries.load_training_bars(run.plan), start_value=run.plan.backtest.cash)
    if not states:
        st.caption("The range is too short to tell states of the market apart.")
        return
    st.markdown("**By the state of the market**, known on the evening before")
    frame = pd.DataFrame(
        {
            "State": [labels.REGIME[state.state] for state in states],
            "Part of the time": [state.share * 100 for state in states],
            "Strategy": [state.total_return * 100 for state in states],
            "Instrument": [state.market_return * 100 for state in states],
            "Sharpe ratio": [state.sharpe for state in states],
        }
    )
    writers: dict[str, Writer] = dict.fromkeys(("Part of the time", "Strategy", "Instrument"), write_percent)
    cells = write_cells(frame, writers | {"Sharpe ratio": format_ratio})
    st.dataframe(cells, hide_index=True, key=f"{key}_regimes", placeholder=DASH, alt="Result by the state of the market")


def draw_luck(run: Run, found: IterationDetail, *, key: str) -> None:
    """Draw the part of the result that chance alone would explain."""
    assessment = cached_queries.load_assessment(run, found.iteration.number)
    statements = list_luck_statements(assessment)
    for gap in describe_gaps(assessment):
        st.caption(gap)
    if not statements and not assessment.no_timing:
        st.caption("There are no figures that could be tested.")
        return
    with st.grid(2, min_column_width=300):
        for said in statements:
            with st.container(border=True, height="stretch", gap="xsmall", key=f"{key}_luck_{said.name}"):
                st.metric(said.name, said.figure)
                st.caption(formatting.escape(said.meaning))
    if assessment.missing:
        st.caption(formatting.escape(assessment.missing))
    st.caption(describe_tries(assessment))


@cache_resource(ttl=3600, max_entries=32, show_spinner=False)
def compute_conformity(run_id: str, number: int) -> Conformity | None:
    """Compute how far an iteration's entries and exits agree with the rows; None where that cannot be judged."""
    return services().workbench.measure_conformity(run_id, number)


def draw_rows(run: Run, iteration: Iteration, *, key: str) -> None:
    """Each row of the workflow beside the code: where it stands there, and how often the code acts with it."""
    with st.spinner("Running the workflow's own reading of the bars", show_time=False):
        found = compute_conformity(run.id, iteration.number)
    readings = {sentence.row: sentence.text for sentence in language.explain(run.plan.workflow)}
    agreed = {row.row: row for row in found.rows} if found else {}
    active = [row for row in run.plan.workflow.rows if row.enabled]
    frame = pd.DataFrame(
        {
            "Row": [row.id for row in active],
            "What it says": [readings.get(row.id, "") for row in active],
            "Lines of the code": [find_lines(row.id, iteration.code) for row in active],
            "True on bars": [agreed[row.id].fired if row.id in agreed else None for row in active],
            "The code acted with it": [_share(agreed.get(row.id)) for row in active],
        }
    )
    config = {
        "Row": st.column_config.TextColumn(width=55, pinned=True),
        "What it says": st.column_config.TextColumn(width="large"),
        "The code acted with it": st.column_config.ProgressColumn(format="percent", min_value=0.0, max_value=1.0),
    }
    st.dataframe(
        frame,
        hide_index=True,
        column_config=config,
        key=f"{key}_rows",
        height="content",
        placeholder="",
        alt="Rows of the workflow and the code",
    )
    if found is None:
        st.caption(
            "Agreement cannot be judged here: the workflow is entered by a price order, or its rows could not be read on these bars."
        )
    else:
        st.caption(_describe_conformity(found))
    st.page_link(screen("builder"), label="Open the builder", icon=":material/account_tree:")


def _share(row: RowAgreement | None) -> float | None:
    return None if row is None else row.share


def _describe_conformity(found: Conformity) -> str:
    parts = []
    for name, part in (("Entries", found.entries), ("Exits", found.exits)):
        risk = f", {part.by_risk} more by stops or limits" if part.by_risk else ""
        parts.append(f"{name}: {part.both} of {part.wanted} on time, {part.late} late, {part.made} made{risk}.")
    share = f"In all, code and rows agree on {format_percent(found.share, 0)} of the occasions. " if found.share is not None else ""
    return share + " ".join(parts)


def find_lines(row: str, code: str) -> str:
    """Find the numbers of the lines whose comment names a row.

    >>> find_lines("r1", "a = 1  # r1 (entry): buy\\nb = 2\\n# r10: other")
    '1'
    """
    found = []
    for number, line in enumerate(code.splitlines(), 1):
        _, mark, comment = line.partition("#")
        if mark and row in "".join(sign if sign.isalnum() or sign in "_-" else " " for sign in comment).split():
            found.append(str(number))
    return ", ".join(found[:8]) + (" ..." if len(found) > 8 else "")


def draw_rolling_sharpe(run: Run, found: IterationDetail, *, key: str) -> None:
    """Sharpe ratio over the last year, as it moved."""
    result = evidence.restore_evaluation(found, cash=run.plan.backtest.cash)
    bars = cached_queries.load_training_bars(run.plan)
    periods = bars.instrument.periods_per_year(bars.timeframe)
    if result is None or bars.timeframe.intraday or len(result.equity) < 2 * periods:
        return
    values = evidence.rolling_sharpe(
        period_returns(result.equity, start_value=run.plan.backtest.cash), window=periods, periods_per_year=periods
    )
    kept = values == values
    if kept.any():
        st.markdown("**Sharpe ratio of the last year**")
        curve = charts.Curve("Sharpe", bars.time[kept], values[kept])
        charts.draw_lines(
            [curve], key=f"{key}_rolling", title="Sharpe", alt_text="Rolling Sharpe ratio", form=".1f", height=150, named=False
        )
