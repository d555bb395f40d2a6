"""The workflow that a run would take, in words row by row; and the table itself, opened in place."""

import streamlit as st

from core import language
from core.domain.workflow import Workflow
from core.report.number_format import format_count
from pages.components import formatting, picker, workflow_readings, workflow_state
from pages.components.navigation import screen
from pages.components.workflow_table import draw_table

COLUMNS = 2
"""Columns of sentences side by side, where the window is wide enough."""


def draw_workflow_card(page: str, workflow: Workflow, *, opened: bool) -> None:
    """Draw the chosen workflow in words, with Edit; while it is edited, the builder's table stands in its place."""
    editing = bool(st.session_state.get(f"{page}_editing")) and st.session_state.get(f"{page}_workflow") == picker.DRAFT
    rows = sum(row.enabled for row in workflow.rows)
    label = f"**{formatting.escape(workflow.name or 'untitled')}** in words, {format_count(rows, 'row')}"
    with st.expander(label, icon=":material/account_tree:", expanded=opened or editing, key=f"{page}_workflow_card"):
        if editing:
            _draw_editor(page)
        else:
            _draw_words(page, workflow)


def _draw_words(page: str, workflow: Workflow) -> None:
    disabled = {row.id for row in workflow.rows if not row.enabled}
    shown = [sentence for sentence in workflow_readings.explain(workflow) if sentence.row not in disabled]
    with st.grid(COLUMNS, min_column_width=320):
        for sentence in shown:
            mark = f":gray-badge[{formatting.escape_badge(sentence.row)}] " if sentence.row else ""
            st.markdown(f"{mark}{formatting.escape(sentence.text)}")
    with st.container(horizontal=True):
        st.button(
            "Edit the table here",
            key=f"{page}_edit_workflow",
            icon=":material/edit:",
            on_click=_edit,
            args=(page, workflow),
            help="Opens these rows on this page. They become the builder's table; what is there now can be had back with Undo.",
        )


def _draw_editor(page: str) -> None:
    document = workflow_state.restore_workflow()
    if document is None:
        st.session_state[f"{page}_editing"] = False
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Done", key=f"{page}_edit_done", icon=":material/check:", type="primary", on_click=_finish, args=(page,))
        st.button(
            "Undo",
            key=f"{page}_edit_undo",
            icon=":material/undo:",
            disabled=not workflow_state.has_step("undo"),
            on_click=workflow_state.undo,
        )
        st.page_link(screen("builder"), label="Preview it on prices in the builder", icon=":material/show_chart:")
    readings = {sentence.row: sentence.text for sentence in language.explain(document)}
    draw_table(document, language.check(document), readings)


def _edit(page: str, workflow: Workflow) -> None:
    """Put the rows on the builder's table, which is what the form then takes."""
    workflow_state.store_workflow(workflow)
    st.session_state[f"{page}_workflow"] = picker.DRAFT
    st.session_state[f"{page}_editing"] = True


def _finish(page: str) -> None:
    st.session_state[f"{page}_editing"] = False
