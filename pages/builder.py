"""The builder: a strategy as rows of a table, checked and read back in words while it is typed."""

from typing import Literal

import streamlit as st

from core import language
from core.domain.errors import Problem, Severity
from core.domain.workflow import Direction, Workflow
from core.report.number_format import format_count
from pages.components import formatting, frame, workflow_files, workflow_state
from pages.components.fields import bind, draw_segments, draw_text
from pages.components.problem_words import describe_problem
from pages.components.theme_colors import MIDDLE_BLUE, MIDDLE_GRAY
from pages.components.workflow_describe import draw_describe_panel
from pages.components.workflow_next import draw_next_steps
from pages.components.workflow_preview import draw_preview
from pages.components.workflow_table import draw_table

DIRECTIONS = {Direction.LONG_ONLY: "Long only", Direction.SHORT_ONLY: "Short only", Direction.LONG_SHORT: "Long and short"}


def write(field: str, key: str) -> None:
    """Take one of the document's own fields from its widget."""
    workflow = workflow_state.restore_workflow()
    value = st.session_state[key]
    if workflow is not None and (value or field != "direction"):
        workflow_state.store_workflow(workflow.changed(**{field: value or ""}))


def draw_sources() -> None:
    """Draw the ways to a table that exists already: saved ones, and files."""
    if st.button("Open", key="builder_open", icon=":material/folder_open:"):
        workflow_files.show_open_dialog()
    if st.button("Import", key="builder_import", icon=":material/download:"):
        workflow_files.show_import_dialog()


def draw_toolbar(workflow: Workflow) -> None:
    """Draw undo, redo, start, open, save, import and export."""
    with st.container(horizontal=True, gap="xsmall", key="builder_toolbar"):
        st.button(
            "Undo",
            key="builder_undo_button",
            icon=":material/undo:",
            disabled=not workflow_state.has_step("undo"),
            on_click=workflow_state.undo,
        )
        st.button(
            "Redo",
            key="builder_redo_button",
            icon=":material/redo:",
            disabled=not workflow_state.has_step("redo"),
            on_click=workflow_state.redo,
        )
        if st.button("Starters", key="builder_starters", icon=":material/auto_stories:"):
            workflow_files.show_starter_dialog()
        draw_sources()
        workflow_files.draw_export_button(workflow)
        if st.button("Save", key="builder_save", icon=":material/save:", type="primary"):
            workflow_files.show_save_dialog(workflow)


def draw_heading(workflow: Workflow) -> None:
    """Name, direction and description."""
    with st.container(border=True, gap="small", key="builder_heading"):
        left, right = st.columns([3, 2])
        key = bind("builder_name", workflow.name)
        draw_text("Name", key=key, place=left, max_chars=120, on_change=write, args=("name", "builder_name"))
        draw_segments(
            "Direction",
            list(Direction),
            place=right,
            key=bind("builder_direction", workflow.direction),
            required=True,
            format_func=lambda direction: DIRECTIONS[direction],
            on_change=write,
            args=("direction", "builder_direction"),
        )
        draw_text(
            "Idea in a sentence",
            key=bind("builder_description", workflow.description),
            placeholder="What should it profit from?",
            on_change=write,
            args=("description", "builder_description"),
        )


def draw_summary(workflow: Workflow, problems: tuple[Problem, ...]) -> None:
    """Draw the completeness of the definition, and the problems of the whole."""
    errors = [problem for problem in problems if problem.severity is Severity.ERROR]
    with st.container(border=True, gap="small", key="builder_summary"):
        score = language.completeness(workflow)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown("**Completeness**")
            st.space("stretch")
            if errors:
                st.badge(format_count(len(errors), "error"), icon=":material/error:", color="red")
            else:
                st.badge("Ready to run", icon=":material/check:", color="green")
        st.progress(score, text=f"{score:.0%}: vague input gives vague code" if score < 1 else "100%: nothing is left open")
        for gap in language.find_completeness_gaps(workflow):
            st.caption(f":material/radio_button_unchecked: {formatting.escape(gap)}")
        rows = {row.id for row in workflow.rows}
        for problem in (one for one in problems if one.row not in rows):
            icon = ":red[:material/error:]" if problem.severity is Severity.ERROR else ":orange[:material/warning:]"
            st.caption(f"{icon} {formatting.escape(describe_problem(problem))}")
        draw_next_steps(ready=not errors)


def draw_sentences(workflow: Workflow, sentences: tuple[language.Sentence, ...]) -> None:
    """The whole, read back."""
    with st.container(border=True, gap="xsmall", key="builder_words"):
        st.markdown("**In words**")
        disabled = {row.id for row in workflow.rows if not row.enabled}
        for sentence in sentences:
            if sentence.row not in disabled and sentence.text != language.UNREAD:
                st.text(sentence.text)


def draw_graph(workflow: Workflow) -> None:
    """The picture of the whole; colors that can be read on light and on dark. That of a long table is drawn once it is opened."""
    long = len(workflow.rows) > workflow_state.LONG_TABLE
    mode: Literal["rerun", "ignore"] = "rerun" if long else "ignore"
    place = st.expander("Picture", icon=":material/account_tree:", key="builder_graph", expanded=not long, on_change=mode)
    if long and not place.open:
        return
    dot = language.render_dot(workflow)
    style = f'\n  bgcolor="transparent"; color="{MIDDLE_GRAY}"; fontcolor="{MIDDLE_GRAY}"; fontname="sans-serif";'
    style += (
        f' node [color="{MIDDLE_BLUE}", fontcolor="{MIDDLE_GRAY}", fontname="sans-serif"]; edge [color="{MIDDLE_GRAY}", arrowsize=0.6];'
    )
    with place:
        st.graphviz_chart(dot.replace("{", "{" + style, 1), width="stretch", alt="The workflow as a graph")


right = frame.draw_header("Builder", ":material/account_tree:")
workflow = workflow_state.restore_workflow()
if said := st.session_state.pop("builder_said", None):
    st.toast(said, icon=":material/save:")
if unreadable := st.session_state.get("builder_unreadable"):
    st.warning("The draft that was kept cannot be read by this version. It is shown here so that nothing is lost.", icon=":material/info:")
    st.code(unreadable, language="json", height=200)
if workflow is None:
    with right:
        draw_sources()
    st.markdown("**Start from a strategy that works, and change it row by row.** Every draft is kept as you type.")
    draw_describe_panel(open_first=True)
    workflow_files.draw_starters(key="builder_first")
else:
    with right:
        draw_toolbar(workflow)
    problems = language.check(workflow)
    sentences = language.explain(workflow)
    readings = {sentence.row: sentence.text for sentence in sentences}
    table, side = st.columns([8, 5], gap="medium")
    with table:
        draw_heading(workflow)
        draw_describe_panel()
        draw_table(workflow, problems, readings)
    with side:
        draw_summary(workflow, problems)
        draw_preview(workflow, readings)
        draw_sentences(workflow, sentences)
        draw_graph(workflow)
