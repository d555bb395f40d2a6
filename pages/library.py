"""Every run so far: find it, look at it again, go on with it, compare and export."""

from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from core.domain.errors import StratloopError
from core.domain.remark import RunRemark
from core.domain.run import Run, RunKind, Status
from core.domain.run_query import RunOrder, RunPage, RunQuery
from core.report import labels
from core.services import services
from core.services.permissions import find_person
from pages.components import formatting, frame, library_table, workflow_state
from pages.components.bundle_panel import draw_bundle_upload
from pages.components.fields import draw_choice, draw_choices, draw_number, draw_switch, draw_text
from pages.components.library_marks import collect_tags, draw_marks_button, draw_strategies
from pages.components.library_table import ORDERS, draw_runs_table
from pages.components.navigation import screen
from pages.components.run_view import draw_run
from pages.components.share_button import draw_share_workflow


def build_query(
    text: str,
    statuses: list[str],
    kinds: list[str],
    tags: list[str],
    order: str,
    remarks: Mapping[str, RunRemark],
    *,
    starred: bool,
    owner: str | None = None,
) -> RunQuery:
    """Build what is asked of the history from the filters; notes, tags and stars are a person's own and lie beside the runs."""
    words = tuple(text.lower().split())
    marked = [one for one in remarks.values() if set(tags) <= set(one.tags) and (one.starred or not starred)]
    return RunQuery(
        words=words,
        noted={word: frozenset(one.run_id for one in remarks.values() if word in one.note.lower()) for word in words},
        statuses=tuple(map(Status, statuses)),
        kinds=tuple(map(RunKind, kinds)),
        owner=owner,
        among=frozenset(one.run_id for one in marked) if tags or starred else None,
        order=ORDERS.get(order, RunOrder.NEWEST),
        size=library_table.RUNS_OF_A_PAGE,
    )


def find_page(query: RunQuery) -> RunPage:
    """Find the page that was turned to; the last one where filters left fewer."""
    asked = max(0, int(st.session_state.get("library_page") or 1) - 1)
    found: RunPage = services().store.find_runs(replace(query, page=asked))
    last = max(0, (found.total - 1) // library_table.RUNS_OF_A_PAGE)
    if asked <= last:
        return found
    st.session_state["library_page"] = last + 1
    again: RunPage = services().store.find_runs(replace(query, page=last))
    return again


def draw_pager(total: int) -> None:
    """Draw which page of how many is shown, where there is more than one."""
    pages = (total - 1) // library_table.RUNS_OF_A_PAGE + 1
    if pages < 2:
        return
    st.session_state.setdefault("library_page", 1)
    with st.container(horizontal=True, vertical_alignment="center"):
        draw_number("Page", 1, pages, key="library_page", step=1, width=140)
        st.caption(f"of {pages:,}; {total:,} runs fit")


def draw_actions(chosen: list[Run], known_tags: list[str]) -> None:
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
            draw_marks_button(run, known_tags, key="library")
            if run.kind is RunKind.SWEEP:
                st.page_link(screen("sweep"), label="Open in Sweep", icon=":material/grid_on:", query_params={"run": run.id})
            elif run.kind.is_loop:
                st.page_link(screen("driving"), label="Open in LLM driving", icon=":material/autorenew:", query_params={"run": run.id})


def draw_workflows() -> None:
    """Every saved workflow, with the way to the builder."""
    saved = services().store.list_workflows()
    frame.draw_left_out(saved)
    if not saved:
        words = "Save in the builder keeps a table here, with versions."
        empty = frame.draw_empty_state("No workflow is saved yet", words, icon=":material/folder:")
        empty.page_link(screen("builder"), label="Open the builder", icon=":material/account_tree:")
        return
    with st.grid(2, min_column_width=360):
        for label, one in services().workbench.list_saved().items():
            with st.container(border=True, height="stretch", gap="small"):
                with st.container(horizontal=True, vertical_alignment="center"):
                    st.markdown(f"**{formatting.escape(label)}**", width="stretch")
                    for tag in one.tags:
                        st.badge(formatting.escape_badge(tag), color="blue")
                st.caption(formatting.escape(one.workflow.description) or f"{len(one.workflow.rows)} rows")
                st.caption(f"version {one.version}, {formatting.format_age(one.created)}")
                with st.container(horizontal=True):
                    if st.button("Open in the builder", key=f"library_open_{label}", icon=":material/account_tree:"):
                        workflow_state.store_workflow(one.workflow)
                        st.switch_page(screen("builder"))
                    draw_share_workflow(one, key="library")


def draw_mine_switch() -> str | None:
    """Draw the switch for one's own runs, where people are told apart; gives whose runs are asked for."""
    person = find_person().id
    return person if person and draw_switch("Mine only", key="library_mine") else None


SEARCH_FIRST = "<style>@media (max-width: 640px) { .st-key-library_filters > :first-child { flex-basis: 100%; } }</style>"
"""On a phone what is looked for has a line of its own."""


def draw_filters(known_tags: list[str]) -> tuple[str, list[str], list[str], list[str], str, bool, str | None]:
    """Draw what narrows the table and how it is sorted."""
    st.html(SEARCH_FIRST)
    with st.container(horizontal=True, vertical_alignment="bottom", key="library_filters"):
        text = draw_text(
            "Search",
            key="library_search",
            type="search",
            live="300ms",
            placeholder="Workflow, symbol, model, note or id",
            icon=":material/search:",
        )
        statuses = draw_choices(
            "Status", [s.value for s in Status], key="library_status", format_func=lambda value: labels.STATUS[Status(value)]
        )
        kinds = draw_choices("Kind", [k.value for k in RunKind], key="library_kind", format_func=lambda value: labels.KIND[RunKind(value)])
        tags = draw_choices("Tags", known_tags, key="library_tags") if known_tags else []
        order = draw_choice("Sort by", list(ORDERS), key="library_runs_order")
        starred = draw_switch("Starred only", key="library_starred")
        owner = draw_mine_switch()
    return text or "", statuses, kinds, tags, order or next(iter(ORDERS)), starred, owner


def draw_runs() -> None:
    """The leaderboard of all runs, a page at a time, and the ticked one below it."""
    if not services().store.count_runs():
        empty = frame.draw_empty_state(
            "The library is empty",
            "Runs of LLM driving, generations and backtests from the editor are kept here.",
            icon=":material/history:",
        )
        empty.page_link(screen("home"), label="Run the sample", icon=":material/play_arrow:")
        return
    remarks = {remark.run_id: remark for remark in services().remarks.list_remarks()}
    known_tags = collect_tags(remarks.values())
    text, statuses, kinds, tags, order, starred, owner = draw_filters(known_tags)
    page = find_page(build_query(text, statuses, kinds, tags, order, remarks, starred=starred, owner=owner))
    frame.draw_left_out(page.runs)
    ticked = draw_runs_table(page.runs, remarks, key="library_table") if page.runs else []
    draw_pager(page.total)
    if not page.total:
        st.caption("No run fits these filters.")
    asked = [] if ticked else find_asked(st.query_params.get("run"))
    draw_actions(ticked or asked, known_tags)
    if ticked and st.query_params.get("run") != ticked[-1].id:
        st.query_params["run"] = ticked[-1].id
    if ticked or asked:
        draw_run((ticked or asked)[-1].id, key="library")


def find_asked(run_id: str | None) -> list[Run]:
    """Find the run that the address names, whatever page it is on; none where it is not there or cannot be read, which is said."""
    if not run_id:
        return []
    try:
        return [services().store.read_run(run_id)]
    except StratloopError as error:
        frame.show_problem(error)
        return []


with frame.draw_header("Library", ":material/history:"):
    draw_bundle_upload()
if said := st.session_state.pop("library_said", None):
    st.toast(said, icon=":material/folder_zip:")
PANELS = {"Runs": draw_runs, "Strategies": draw_strategies, "Workflows": draw_workflows}
for tab, panel in zip(st.tabs(list(PANELS), key="library_tab", on_change="rerun"), PANELS.values(), strict=True):
    if tab.open:
        with tab, frame.show_errors():
            panel()
