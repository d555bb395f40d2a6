"""The table itself, wherever it is written: its sections with their rows, each row with its problems and its reading."""

from collections.abc import Mapping, Sequence

import streamlit as st

from core.domain.errors import Problem
from core.domain.workflow import Direction, Section, Workflow
from pages.components.fields import draw_switch
from pages.components.workflow_reference import show_reference_dialog
from pages.components.workflow_rows import draw_section

ORDER = (
    Section.FILTER,
    Section.ENTRY_LONG,
    Section.EXIT_LONG,
    Section.ENTRY_SHORT,
    Section.EXIT_SHORT,
    Section.SIZING,
    Section.RISK,
    Section.DEFINE,
)


def draw_table(workflow: Workflow, problems: Sequence[Problem], readings: Mapping[str | None, str]) -> None:
    """Draw every section that the direction allows; what is typed goes into the document of `workflow_state`."""
    with st.container(horizontal=True, vertical_alignment="center"):
        draw_switch("Type formulas", key="builder_typed", persist_state="session", help="Conditions as one line of text instead of cells.")
        st.space("stretch")
        if st.button("What can be written", key="builder_reference_open", icon=":material/menu_book:", type="tertiary"):
            show_reference_dialog()
    for section in list_sections(workflow):
        draw_section(workflow, section, problems, readings)


def list_sections(workflow: Workflow) -> list[Section]:
    """Sections that the direction allows, and those that hold rows anyway."""
    hidden = {
        Direction.LONG_ONLY: (Section.ENTRY_SHORT, Section.EXIT_SHORT),
        Direction.SHORT_ONLY: (Section.ENTRY_LONG, Section.EXIT_LONG),
        Direction.LONG_SHORT: (),
    }[workflow.direction]
    used = {row.section for row in workflow.rows}
    return [section for section in ORDER if section not in hidden or section in used]
