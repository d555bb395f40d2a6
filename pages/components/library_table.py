"""Runs as a leaderboard: figures of each one's best version, its distance from buy and hold, the verdict, a person's own marks."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from core.domain.errors import StratloopError
from core.domain.iteration import Iteration
from core.domain.remark import RunRemark
from core.domain.run import Run
from core.domain.run_query import RunOrder
from core.report import labels
from core.report.number_format import DASH, format_ratio, format_whole
from core.services import services
from pages.components import cached_queries, formatting
from pages.components.number_cells import Writer, write_cells, write_percent, write_points

RUNS_OF_A_PAGE = 50
SECONDS_TO_JUDGE = 1.0
"""Time that one drawing of the table spends on verdicts that are not known yet."""
ORDERS = {
    "Newest first": RunOrder.NEWEST,
    "Sharpe": RunOrder.SHARPE,
    "Return": RunOrder.RETURN,
    "Against buy and hold": RunOrder.MARKET,
    "Smallest drawdown": RunOrder.DRAWDOWN,
    "Hold-out return": RunOrder.HOLD_OUT,
}
"""Orders of the library, which the history brings its runs into."""


@st.cache_resource(max_entries=1, show_spinner=False)
def _known_verdicts() -> dict[str, str]:
    """Verdicts that were reached in this process, by run and state: reaching one takes a while."""
    return {}


def find_verdicts(runs: Sequence[Run]) -> tuple[dict[str, str], bool]:
    """Verdicts of finished runs of LLM driving, as far as the time allows; true when none is missing."""
    known, found, until = _known_verdicts(), {}, time.monotonic() + SECONDS_TO_JUDGE
    for run in runs:
        if not run.kind.is_loop or not run.status.finished or run.best is None:
            continue
        key = f"{run.id}:{run.best}:{run.iterations}:{run.hold_out.looks if run.hold_out else 0}"
        if key not in known and time.monotonic() < until:
            known[key] = _reach(run)
        if key in known:
            found[run.id] = known[key]
    return found, len(found) == sum(run.kind.is_loop and run.status.finished and run.best is not None for run in runs)


def _reach(run: Run) -> str:
    try:
        verdict = cached_queries.load_assessment(run).verdict
    except StratloopError:
        return DASH
    return labels.CONCLUSION[verdict.verdict] if verdict else DASH


def build_table(
    runs: Sequence[Run], bests: Mapping[str, Iteration], remarks: Mapping[str, RunRemark], verdicts: Mapping[str, str]
) -> pd.DataFrame:
    """Build the rows, in the order of the runs; figures of training in percent, those of the hold-out beside them."""
    rows = [_row(run, bests.get(run.id), remarks.get(run.id) or RunRemark(run_id=run.id), verdicts.get(run.id, "")) for run in runs]
    names = services().sharing.find_owner_names(runs)
    if not any(names.values()):
        return pd.DataFrame(rows, columns=[name for name in COLUMNS if name != OWNER])
    return pd.DataFrame([{**row, OWNER: names[run.owner]} for row, run in zip(rows, runs, strict=True)], columns=list(COLUMNS))


OWNER = "Owner"
"""Column that is there where runs belong to people."""
COLUMNS: dict[str, Any] = {
    "★": st.column_config.TextColumn(width=40, pinned=True, help="Starred by you."),
    "Workflow": st.column_config.TextColumn(pinned=True, width=150),
    "Asset": st.column_config.TextColumn(),
    "Verdict": st.column_config.TextColumn(help="On the winner, by the hold-out and by what luck would have reached."),
    "Sharpe": st.column_config.NumberColumn(help="Of the best version, on the training bars."),
    "Return": st.column_config.NumberColumn(help="Of the best version, on the training bars."),
    "Against market": st.column_config.NumberColumn(help="Return less that of buy and hold on the same bars."),
    "Max DD": st.column_config.NumberColumn(help="Deepest fall of the best version, on the training bars."),
    "Hold-out": st.column_config.NumberColumn(help="Return of the best version on the bars the loop never saw."),
    "Iterations": st.column_config.NumberColumn(),
    "Status": st.column_config.TextColumn(),
    "Model": st.column_config.TextColumn(),
    "Kind": st.column_config.TextColumn(),
    OWNER: st.column_config.TextColumn(help="Whose run it is; empty for nobody's, which everybody sees."),
    "Tags": st.column_config.ListColumn(),
    "Note": st.column_config.TextColumn(width="medium"),
    "Range": st.column_config.TextColumn(),
    "Started": st.column_config.TextColumn("Started (UTC)"),
    "Run": st.column_config.TextColumn(),
}
WRITERS: dict[str, Writer] = {
    "Sharpe": format_ratio,
    "Return": write_percent,
    "Against market": write_points,
    "Max DD": write_percent,
    "Hold-out": write_percent,
    "Iterations": format_whole,
}


def _row(run: Run, best: Iteration | None, remark: RunRemark, verdict: str) -> dict[str, Any]:
    metrics = best.metrics if best is not None and best.error is None else None
    market, held = run.benchmark, run.hold_out.best.metrics if run.hold_out else None
    return {
        "★": "★" if remark.starred else "",
        "Workflow": run.plan.workflow.name or "untitled",
        "Asset": formatting.format_asset(run),
        "Verdict": verdict,
        "Sharpe": metrics.sharpe if metrics else None,
        "Return": 100 * metrics.total_return if metrics else None,
        "Against market": 100 * (metrics.total_return - market.total_return) if metrics and market else None,
        "Max DD": 100 * metrics.max_drawdown if metrics else None,
        "Hold-out": 100 * held.total_return if held else None,
        "Iterations": run.iterations,
        "Status": labels.STATUS[run.status],
        "Model": labels.label_run_model(run),
        "Kind": labels.KIND[run.kind],
        "Tags": list(remark.tags),
        "Note": remark.note,
        "Range": formatting.format_span(run),
        "Started": run.created.strftime("%Y-%m-%d %H:%M"),
        "Run": run.id,
    }


def draw_runs_table(runs: Sequence[Run], remarks: Mapping[str, RunRemark], *, key: str) -> list[Run]:
    """Draw the leaderboard; gives the ticked runs. Verdicts that take longer come with the next drawing."""
    verdicts, whole = find_verdicts(runs)
    table = build_table(runs, cached_queries.load_bests(runs), remarks, verdicts)
    event = st.dataframe(
        write_cells(table, WRITERS),
        hide_index=True,
        column_config=COLUMNS,
        key=key,
        on_select="rerun",
        selection_mode="multi-row",
        height="content" if len(runs) <= 12 else 440,
        placeholder=DASH,
        alt="Runs",
    )
    if not whole:
        st.fragment(_wait_for_verdicts, run_every=2.0)([run.id for run in runs])
    by_id = {run.id: run for run in runs}
    return [by_id[str(table.iloc[place]["Run"])] for place in event.selection.rows if place < len(table)]


def _wait_for_verdicts(shown: list[str]) -> None:
    """Reach further verdicts beside the table, and draw it anew when they are all there."""
    runs = [services().store.read_run(identity) for identity in shown]
    found, whole = find_verdicts(runs)
    if whole:
        st.rerun()
    st.caption(f":material/hourglass_empty: Judging the winners, {len(found)} are done.")
