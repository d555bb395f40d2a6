"""Origins and destinations of a workflow: starters, saved versions, JSON files."""

import streamlit as st

from core import language
from core.domain.errors import Severity, StratloopError
from core.domain.workbench import SavedWorkflow
from core.domain.workflow import Workflow
from core.report.number_format import format_count
from core.services import services
from core.services.permissions import find_person
from pages.components import formatting, frame, workflow_state
from pages.components.fields import draw_area, draw_choice, draw_choices
from pages.components.problem_words import describe_problem
from pages.components.share_button import draw_share_workflow


def draw_starters(*, key: str) -> bool:
    """The starter library as cards; true when one was taken just now."""
    pressed = []
    with st.grid(3, min_column_width=230):
        with st.container(border=True, height="stretch", gap="small"):
            st.markdown("**Empty table**")
            st.caption("Start from nothing but a position size.")
            st.space("stretch")
            pressed.append(
                st.button(
                    "Start empty",
                    key=f"{key}_blank",
                    icon=":material/add:",
                    on_click=workflow_state.store_workflow,
                    args=(workflow_state.build_blank(),),
                )
            )
        for starter in services().workbench.list_starters():
            with st.container(border=True, height="stretch", gap="small"):
                st.markdown(f"**{formatting.escape(starter.workflow.name)}**")
                st.caption(formatting.escape(starter.workflow.description))
                st.space("stretch")
                pressed.append(
                    st.button(
                        "Start from this",
                        key=f"{key}_{starter.key}",
                        icon=":material/content_copy:",
                        on_click=workflow_state.store_workflow,
                        args=(starter.workflow,),
                    )
                )
    return any(pressed)


@st.dialog("Start from a starter", width="large")
def show_starter_dialog() -> None:
    """The starter library over the page; what is on the table can be had back with undo."""
    st.caption("The table you have now can be had back with Undo.")
    if draw_starters(key="builder_starter"):
        st.rerun()


@st.dialog("Open a saved workflow", width="medium")
def show_open_dialog() -> None:
    """Saved workflows with their versions."""
    saved = services().store.list_workflows()
    frame.draw_left_out(saved)
    if not saved:
        st.caption("Nothing is saved yet. Save the table under its name first.")
        return
    for label, latest in services().workbench.list_saved().items():
        _saved(label, latest)


def _saved(label: str, latest: SavedWorkflow) -> None:
    with st.container(border=True, gap="small"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{formatting.escape(label)}**")
            for tag in latest.tags:
                st.badge(formatting.escape_badge(tag), color="gray")
            st.caption(f"version {latest.version}, {formatting.format_age(latest.created)}", width="content")
        with st.container(horizontal=True):
            versions = services().store.list_versions(latest.name, owner=latest.owner)
            labels = {version.version: version for version in versions}
            chosen = draw_choice(
                "Version",
                list(labels),
                key=f"builder_version_{label}",
                format_func=lambda number: f"Version {number}, {formatting.format_moment(labels[number].created)}",
                label_visibility="collapsed",
            )
            if chosen is None:
                return
            found = labels[chosen].workflow
            copied = found.changed(name=f"{found.name} copy")
            put, forget = workflow_state.store_workflow, services().backups.delete_workflow
            pressed = [
                st.button("Open", key=f"builder_open_{label}", icon=":material/folder_open:", on_click=put, args=(found,)),
                st.button("Duplicate", key=f"builder_duplicate_{label}", icon=":material/content_copy:", on_click=put, args=(copied,)),
                st.button(
                    "Delete",
                    key=f"builder_forget_{label}",
                    icon=":material/delete:",
                    help="Every version of it; it can be brought back for a day, in the settings.",
                    on_click=forget,
                    args=(latest.name,),
                    kwargs={"owner": latest.owner},
                    disabled=not services().sharing.is_mine(latest),
                ),
            ]
            draw_share_workflow(latest, key="builder")
            if any(pressed):
                st.rerun()


@st.dialog("Save", width="small")
def show_save_dialog(workflow: Workflow) -> None:
    """Save under a name, with tags; the same name gets the next version."""
    name = st.text_input("Name", value=workflow.name, key="builder_save_name", max_chars=120)
    draw_choices("Tags", _known_tags(), key="builder_save_tags", accept_new_options=True, placeholder="Optional")
    own = find_person().id
    taken = {saved.name: saved.version for saved in services().store.list_workflows() if saved.owner == own}
    cleaned = (name or "").strip()
    if cleaned in taken:
        st.caption(f"Becomes version {taken[cleaned] + 1} of “{formatting.escape(cleaned)}”. Earlier versions stay.")
    if errors := [problem for problem in language.check(workflow) if problem.severity is Severity.ERROR]:
        st.warning(
            f"It is kept as it is, and cannot run yet: {format_count(len(errors), 'error')} to put right. "
            f"{formatting.escape(describe_problem(errors[0]))}",
            icon=":material/error:",
        )
    icon = ":material/save:"
    if st.button("Save", key="builder_save_now", type="primary", icon=icon, disabled=not cleaned, on_click=_save, args=(workflow,)):
        st.rerun()


def _save(workflow: Workflow) -> None:
    name = str(st.session_state["builder_save_name"] or "").strip()
    named = workflow.changed(name=name)
    workflow_state.store_workflow(named)
    saved = services().store.save_workflow(named, tags=tuple(st.session_state.get("builder_save_tags") or ()))
    st.session_state["builder_said"] = f"Saved as “{formatting.escape(saved.name)}”, version {saved.version}."


def _known_tags() -> list[str]:
    return sorted({tag for saved in services().store.list_workflows() for tag in saved.tags})


@st.dialog("Import a workflow", width="medium")
def show_import_dialog() -> None:
    """A JSON file or pasted text; what cannot be read is said in words and nothing is replaced."""
    file = st.file_uploader("JSON file", type=["json"], key="builder_import_file")
    text = draw_area("Or paste JSON", key="builder_import_text", height=160, placeholder='{"name": "...", "rows": [...]}')
    source: bytes | str | None = file.getvalue() if file is not None else (text or "").strip() or None
    if source is None:
        return
    try:
        found = language.parse(source)
    except StratloopError as error:
        frame.show_problem(error)
        return
    st.caption(f"“{formatting.escape(found.name)}”, {format_count(len(found.rows), 'row')}.")
    if st.button(
        "Put it on the table",
        key="builder_import_now",
        type="primary",
        icon=":material/download:",
        on_click=workflow_state.store_workflow,
        args=(found,),
    ):
        st.rerun()


def draw_export_button(workflow: Workflow) -> None:
    """The document as a file."""
    name = "".join(sign if sign.isascii() and sign.isalnum() else "_" for sign in workflow.name.lower()).strip("_") or "workflow"
    st.download_button(
        "Export JSON",
        data=language.dump(workflow),
        file_name=f"{name[:60]}.json",
        mime="application/json",
        key="builder_export",
        icon=":material/upload:",
        on_click="ignore",
    )
