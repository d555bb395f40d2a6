"""Bundles on the screen: a run packed for others, and one of others opened."""

import streamlit as st

from core.domain.errors import StratloopError
from core.domain.run import Run
from core.services import services
from pages.components import frame
from pages.components.navigation import screen
from pages.components.report_buttons import draw_report_buttons


def draw_downloads(run: Run, *, key: str) -> None:
    """Draw what can be taken away of a finished run: its report, and the whole of it as a bundle."""
    with st.popover("Download", icon=":material/download:", key=f"{key}_download"):
        if run.best is not None:
            draw_report_buttons(
                lambda markdown: services().reports.render_run(run.id, markdown=markdown), file=f"stratloop_{run.id}", key=f"{key}_{run.id}"
            )
        st.download_button(
            "Bundle (.zip)",
            data=lambda: services().bundles.pack(run.id),
            file_name=f"stratloop_{run.id}.zip",
            mime="application/zip",
            key=f"{key}_{run.id}_bundle",
            icon=":material/folder_zip:",
            on_click="ignore",
            help="Plan, bars, answers, code, orders and curves in one file. Others replay it without keys or a network: `replay FILE`.",
        )


def draw_bundle_upload() -> None:
    """Draw the way in for a bundle of somebody else; it opens as a run of its own."""
    opened = st.session_state.get("library_bundles_opened", 0)  # a panel with another key is a new one: folded in, and without a file
    with st.popover("Open a bundle", icon=":material/folder_zip:", key=f"library_bundle_{opened}"):
        given = st.file_uploader("Bundle of a run (.zip)", type=["zip"], key=f"library_bundle_file_{opened}")
        if given is None or not st.button("Open it", key="library_bundle_open", type="primary"):
            return
        try:
            run, already = services().bundles.open(given.getvalue())
        except StratloopError as error:
            frame.show_problem(error)
            return
        st.session_state["library_bundles_opened"] = opened + 1
        if already:
            st.session_state["library_said"] = "This run is here already: nothing was added."
        st.switch_page(screen("library"), query_params={"run": run.id})
