"""Spending in parts: by day as a chart, by model, by run and call by call as tables."""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from core.domain.errors import StratloopError
from core.domain.run import Run
from core.domain.usage import LedgerRow, Spent
from core.report import labels
from core.report.number_format import format_whole
from core.services import services
from pages.components import charts, frame, spending_words
from pages.components.kept_charts import draw_chart
from pages.components.navigation import screen
from pages.components.number_cells import write_cells
from pages.components.person_cache import cache_data

Lines = Sequence[tuple[str, Spent]]

DAYS = 60
"""Days that the chart shows, the newest last."""
CALLS = 200
MOST_RUNS = 50


@cache_data(ttl=10, max_entries=48, show_spinner=False)
def load_lines(by: str) -> tuple[tuple[str, Spent], ...]:
    """Load the sums by `model`, `run` or `day`; ten seconds old at most, since each reads every call."""
    return services().spending.sum_by(by)


def build_day_frame(lines: Lines, today: date) -> pd.DataFrame:
    """Dollars, calls and tokens of each day up to today, days without a call included."""
    known = {date.fromisoformat(name): spent for name, spent in lines}
    first = max(min(known, default=today), today - timedelta(days=DAYS - 1))
    first = min(first, today - timedelta(days=13))
    days = [first + timedelta(days=number) for number in range((today - first).days + 1)]
    nothing = Spent()
    return pd.DataFrame(
        {
            "day": [day.isoformat() for day in days],
            "usd": [known.get(day, nothing).usd for day in days],
            "shown": [spending_words.format_amount(known.get(day, nothing)) for day in days],
            "calls": [known.get(day, nothing).calls for day in days],
            "tokens": [known.get(day, nothing).tokens for day in days],
        }
    )


def draw_day_chart(lines: Lines, today: date) -> None:
    """A bar for each day."""
    draw_chart(partial(build_day_chart, build_day_frame(lines, today)), key="credits_days", alt_text="Dollars spent by day")


def build_day_chart(rows: pd.DataFrame) -> alt.Chart:
    """Build the bars from a row for each day."""
    step = -(-len(rows) // 8)
    chart: alt.Chart = (
        alt.Chart(rows)
        .mark_bar(color=charts.PRIMARY, opacity=0.85, cornerRadiusEnd=2)
        .encode(
            x=alt.X(
                "day:O",
                title=None,
                sort=list(rows["day"]),
                axis=alt.Axis(labelAngle=0, grid=False, values=list(rows["day"])[::-1][::step][::-1], labelExpr="slice(datum.value, 5)"),
            ),
            y=alt.Y("usd:Q", title=None, axis=alt.Axis(format="$,.3~f", tickCount=4), scale=alt.Scale(domainMin=0)),
            tooltip=[
                alt.Tooltip("day:N", title="Day (UTC)"),
                alt.Tooltip("shown:N", title="Spent"),
                alt.Tooltip("calls:Q", title="Calls", format=",d"),
                alt.Tooltip("tokens:Q", title="Tokens", format=",d"),
            ],
        )
        .properties(height=210)
    )
    return chart


def draw_model_table(lines: Lines) -> None:
    """Draw the cost of each model, the dearest first."""
    total = sum(spent.usd for _, spent in lines)
    table = pd.DataFrame(
        {
            "Model": [labels.label_model(name) for name, _ in lines],
            "Spent": [spending_words.format_amount(spent) for _, spent in lines],
            "Credits": [spending_words.format_amount_under_credits(spent) for _, spent in lines],
            "Share": [spent.usd / total * 100 if total else 0.0 for _, spent in lines],
            "Calls": [spent.calls for _, spent in lines],
            "Tokens": [spent.tokens for _, spent in lines],
            "Remarks": [spending_words.describe_certainty(spent) for _, spent in lines],
        }
    )
    cells = write_cells(table, {"Calls": format_whole, "Tokens": format_whole})
    st.dataframe(
        cells, hide_index=True, key="credits_models", column_config=_columns("Model"), height=_height(table), alt="Spending by model"
    )


def draw_run_table(lines: Lines) -> None:
    """Draw the cost of each run and of each of its improvements; a ticked run can be opened."""
    shown = [(name, spent, find_run(name)) for name, spent in lines[:MOST_RUNS]]
    found = [spending_words.count_improvements(services().store.list_iterations(name)) if run else 0 for name, _, run in shown]
    table = pd.DataFrame(
        {
            "Workflow": [_title(name, run) for name, _, run in shown],
            "Started": [f"{run.created:%Y-%m-%d %H:%M}" if run else "" for _, _, run in shown],
            "Model": [labels.label_model(run.plan.model.id) if run else "" for _, _, run in shown],
            "Spent": [spending_words.format_amount(spent) for _, spent, _ in shown],
            "Credits": [spending_words.format_amount_under_credits(spent) for _, spent, _ in shown],
            "Improvements": [str(count) if run else "" for (_, _, run), count in zip(shown, found, strict=True)],
            "For each": [
                spending_words.format_cost_per_improvement(spent, count) for (_, spent, _), count in zip(shown, found, strict=True)
            ],
            "Calls": [spent.calls for _, spent, _ in shown],
            "Remarks": [spending_words.describe_certainty(spent) for _, spent, _ in shown],
        }
    )
    config = _columns("Workflow") | {
        "Improvements": st.column_config.TextColumn(alignment="right", help="How often a new best score was found after iteration 0."),
        "For each": st.column_config.TextColumn(alignment="right", help="Spent for each improvement."),
        "Started": st.column_config.TextColumn("Started (UTC)"),
    }
    event = st.dataframe(
        write_cells(table, {"Calls": format_whole}),
        hide_index=True,
        key="credits_runs",
        column_config=config,
        height=_height(table),
        on_select="rerun",
        selection_mode="single-row",
        alt="Spending by run",
    )
    chosen = next((shown[row][2] for row in event.selection.rows if row < len(shown)), None)
    if chosen is not None:
        st.page_link(screen("library"), label="Open this run in the library", icon=":material/history:", query_params={"run": chosen.id})
    elif len(lines) > len(shown):
        st.caption(f"The {len(shown)} dearest of {len(lines):,} runs; the table of calls for a spreadsheet holds all.")


def draw_call_table(rows: Sequence[LedgerRow]) -> None:
    """The newest calls, one line an attempt."""
    table = pd.DataFrame(
        {
            "Time (UTC)": [f"{row.started:%Y-%m-%d %H:%M:%S}" for row in rows],
            "Model": [labels.label_model(row.model) for row in rows],
            "For": [spending_words.PURPOSE.get(row.purpose, row.purpose) for row in rows],
            "Iteration": [str(row.loop) if row.run_id else "" for row in rows],
            "State": [_state(row) for row in rows],
            "Tokens": [spending_words.format_row_tokens(row) for row in rows],
            "Cost": [spending_words.format_row_cost(row) for row in rows],
            "Price": [row.price.source if row.price else "unpriced" for row in rows],
        }
    )
    config: dict[str, Any] = {name: st.column_config.TextColumn(alignment="right") for name in ("Iteration", "Tokens", "Cost")}
    st.dataframe(table, hide_index=True, key="credits_calls", column_config=config, height=_height(table), alt="Calls of models")
    st.caption(
        "A tilde marks tokens that were estimated because the provider did not say. A call under way counts with the most it can cost."
    )


def _state(row: LedgerRow) -> str:
    reason = f": {spending_words.ERROR.get(row.error, row.error)}" if row.error else ""
    return f"{spending_words.CALL[row.status]}{reason}"


def find_run(run_id: str) -> Run | None:
    """A run of the history; None for a call outside a run, or when the run is gone."""
    if not run_id:
        return None
    try:
        return services().store.read_run(run_id)
    except StratloopError:
        return None


def draw_empty_state() -> None:
    """Draw the screen before the first call."""
    actions = frame.draw_empty_state(
        "Everything so far was free",
        "Calls of models appear here with what they cost. The built-in optimizer and models on this machine cost nothing.",
        icon=":material/payments:",
    )
    actions.page_link(screen("driving"), label="Open LLM driving", icon=":material/autorenew:")
    actions.page_link(screen("settings"), label="Enter a key", icon=":material/key:")


def _title(name: str, run: Run | None) -> str:
    if run is None:
        return f"run {name}" if name else "Outside a run"
    return run.plan.workflow.name or "untitled"


def _columns(pinned: str) -> dict[str, Any]:
    return {
        pinned: st.column_config.TextColumn(pinned=True),
        "Spent": st.column_config.TextColumn(alignment="right"),
        "Credits": st.column_config.TextColumn(alignment="right", help="Another name for the same money: a tenth of a cent each."),
        "Share": st.column_config.ProgressColumn(format="%.0f%%", min_value=0, max_value=100, width=130),
        "Calls": st.column_config.NumberColumn(width=70),
        "Remarks": st.column_config.TextColumn(width="large"),
    }


def _height(table: pd.DataFrame) -> Any:
    return "content" if len(table) <= 12 else 440
