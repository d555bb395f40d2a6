"""Every run so far: find it, look at it again, go on with it, compare and export."""

import pandas as pd
import streamlit as st

from core.domain.run import Run, RunKind, Status
from core.report import labels
from core.services import services
from pages.components import formatting, frame
from pages.components.fields import draw_choices, draw_text
from pages.components.navigation import screen
from pages.components.run_view import draw_run

LIMIT = 500


def matches(run: Run, text: str, statuses: list[str], kinds: list[str]) -> bool:
    """True when a run passes the filters."""
    plan = run.plan
    haystack = f"{plan.workflow.name} {plan.bars.label} {plan.bars.path} {plan.model.id} {run.id}".lower()
    wanted = all(word in haystack for word in text.lower().split())
    return wanted and (not statuses or run.status.value in statuses) and (not kinds or run.kind.value in kinds)


def draw_table(runs: list[Run]) -> list[Run]:
    """Runs as a table; gives the ticked ones."""
    frame_ = pd.DataFrame(
        {
            "Started": [run.created.strftime("%Y-%m-%d %H:%M") for run in runs],
            "Workflow": [run.plan.workflow.name or "untitled" for run in runs],
            "Asset": [formatting.format_asset(run) for run in runs],
            "Range": [formatting.format_span(run) for run in runs],
            "Model": [labels.label_model(run.plan.model.id) for run in runs],
            "Kind": [labels.KIND[run.kind] for run in runs],
            "Status": [labels.STATUS[run.status] for run in runs],
            "Iterations": [run.iterations for run in runs],
            "Hold-out return": [
                run.hold_out.best.metrics.total_return * 100 if run.hold_out and run.hold_out.best.metrics else None for run in runs
            ],
            "Run": [run.id for run in runs],
        }
    )
    config = {
        "Hold-out return": st.column_config.NumberColumn(format="%.1f%%", help="Of the best iteration, on the bars the loop never saw."),
        "Workflow": st.column_config.TextColumn(pinned=True),
    }
    event = st.dataframe(
        frame_,
        hide_index=True,
        column_config=config,
        key="library_table",
        on_select="rerun",
        selection_mode="multi-row",
        height="content" if len(runs) <= 12 else 440,
        alt="Runs",
    )
    return [runs[index] for index in event.selection.rows if index < len(runs)]


def draw_actions(chosen: list[Run]) -> None:
    """Draw the actions on the ticked runs."""
    with st.container(horizontal=True, vertical_alignment="center"):
        if not chosen:
            st.caption("Tick a run to open it; tick several to compare the best iteration of each.")
            return
        scored = [run for run in chosen if run.best is not None]
        if 2 <= len(scored) <= 6:
            st.page_link(
                screen("compare"),
                label=f"Compare the best of {len(scored)} runs",
                icon=":material/compare_arrows:",
                query_params={"it": ",".join(f"{run.id}:{run.best}" for run in scored)},
            )
        if len(chosen) == 1:
            run = chosen[0]
            if run.kind is RunKind.DRIVE:
                st.page_link(screen("driving"), label="Open in LLM driving", icon=":material/autorenew:", query_params={"run": run.id})


frame.draw_header("Library", ":material/history:")
everything = services().store.list_runs(limit=LIMIT)
frame.draw_left_out(everything)
if not everything:
    empty = frame.draw_empty_state(
        "The library is empty", "Runs of LLM driving, generations and backtests from the editor are kept here.", icon=":material/history:"
    )
    empty.page_link(screen("home"), label="Run the sample", icon=":material/play_arrow:")
else:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = draw_text(
            "Search",
            key="library_search",
            type="search",
            live="300ms",
            placeholder="Workflow, symbol, model or id",
            icon=":material/search:",
        )
        statuses = draw_choices(
            "Status", [s.value for s in Status], key="library_status", format_func=lambda value: labels.STATUS[Status(value)]
        )
        kinds = draw_choices("Kind", [k.value for k in RunKind], key="library_kind", format_func=lambda value: labels.KIND[RunKind(value)])
    found = [run for run in everything if matches(run, text or "", statuses, kinds)]
    ticked = draw_table(found) if found else []
    if not found:
        st.caption("No run fits these filters.")
    asked = [run for run in everything if not ticked and run.id == st.query_params.get("run")]
    draw_actions(ticked or asked)
    if ticked and st.query_params.get("run") != ticked[-1].id:
        st.query_params["run"] = ticked[-1].id
    if ticked or asked:
        draw_run((ticked or asked)[-1].id, key="library")
