"""The workflow row by row: as it was written, as it runs in one iteration, and how often each row acted there."""

import pandas as pd
import streamlit as st

from core.domain.iteration import IterationDetail
from core.domain.run import Run
from core.domain.workflow import Row, Section, Workflow
from core.evidence import Conformity
from core.report.number_format import DASH
from core.services import services
from pages.components import formatting, workflow_readings, workflow_state
from pages.components.evidence_view import compute_conformity
from pages.components.navigation import screen

KINDS = {
    "stop_loss": ("stop", "stop_limit"),
    "trailing_stop": ("stop_trail", "stop_trail_limit"),
    "take_profit": ("limit",),
    "limit_on_open": ("limit_on_open",),
}
"""Rows whose exits can be told by the type of the order."""


def draw_workflow_acted(run: Run, found: IterationDetail, *, key: str) -> None:
    """Draw the table, with the ways on: the builder, and the list of saved workflows."""
    iteration, written = found.iteration, run.plan.workflow
    as_run, missing = workflow_readings.write_back(written, iteration.code)
    name = "as written" if iteration.is_baseline else f"iteration {iteration.number}"
    with st.container(horizontal=True, vertical_alignment="center", key=f"{key}_rows_head"):
        st.markdown(f"**Workflow: {formatting.escape(written.name or 'untitled')}**, in {name}", width="stretch")
        if st.button("Open in builder", key=f"{key}_open_builder", icon=":material/account_tree:"):
            workflow_state.store_workflow(as_run)
            st.switch_page(screen("builder"))
        if not iteration.is_baseline and st.button("Save with these numbers", key=f"{key}_save_numbers", icon=":material/save:"):
            saved = services().store.save_workflow(as_run.changed(name=f"{written.name or 'Workflow'}, as iteration {iteration.number}"))
            st.toast(f"Saved as “{formatting.escape(saved.name)}”.", icon=":material/save:")
    judged = compute_conformity(run.id, iteration.number)
    st.table(  # whole sentences, which wrap there
        build_rows(written, as_run, found, judged).map(formatting.escape),
        border="horizontal",
        hide_index=True,
        alt="Rows of the workflow, as written and as they run",
    )
    st.caption(
        "Acted: how often a row made a trade begin, end or take its size, on the training bars."
        + (f" Not written into a cell: {formatting.escape(', '.join(missing))}." if missing else "")
    )


def build_rows(written: Workflow, as_run: Workflow, found: IterationDetail, judged: Conformity | None) -> pd.DataFrame:
    """Build the rows of the table."""
    before, after = ({said.row: said.text for said in workflow_readings.explain(each)} for each in (written, as_run))
    active = [row for row in written.rows if row.enabled]
    return pd.DataFrame(
        {
            "Row": [row.id for row in active],
            "As written": [before.get(row.id, "") for row in active],
            "As it runs": ["the same" if before.get(row.id) == after.get(row.id) else after.get(row.id, "") for row in active],
            "Acted": [count_acts(row, active, found, judged) for row in active],
        }
    )


def count_acts(row: Row, active: list[Row], found: IterationDetail, judged: Conformity | None) -> str:
    """Count how often a row acted; a dash where that cannot be told from the orders."""
    agreed = {each.row: each for each in judged.rows} if judged else {}
    if row.id in agreed:
        return f"{agreed[row.id].agreed:,}"
    if row.section is Section.SIZING:
        return f"{len(found.trades):,}"
    kinds = KINDS.get(_find_rule(row), ())
    claimed = [kinds for each in active if each.id != row.id and set(KINDS.get(_find_rule(each), ())) & set(kinds)]
    if not kinds or claimed or any(not fill.kind for fill in found.fills):
        return DASH
    return f"{sum(fill.kind in kinds for fill in found.fills):,}"


def _find_rule(row: Row) -> str:
    return row.indicators[0].partition("(")[0].strip() if row.section is Section.RISK and row.indicators else ""
