"""Closer looks at a winner: begun and stopped here, with their progress; what they found, each in words."""

import streamlit as st

from core.domain.run import Run
from core.domain.study import ConformityDrift, SensitivityMap
from core.report.assessment import Assessment
from core.report.study_words import list_study_statements
from core.services import services
from core.services.verifications import DEFAULT_ROUNDS
from pages.components import charts, formatting, frame

POLL_SECONDS = 1.0


def draw_looks(run: Run, found: Assessment, *, key: str) -> None:
    """Draw the closer looks at a finished run's winner; nothing for a run without one."""
    if found.verdict is None:
        return
    with st.container(border=True, key=f"{key}_looks"):
        st.markdown("**Closer look**")
        look = services().verifications.find(run.id)
        going = look is not None and look.running
        st.fragment(_progress, run_every=POLL_SECONDS if going else None)(run.id, key, going=going)
        statements = list_study_statements(found.studies, run.plan.objective)
        if statements:
            with st.grid(2, min_column_width=300):
                for said in statements:
                    with st.container(border=True, height="stretch", gap="xsmall", key=f"{key}_look_{said.name}"):
                        st.metric(said.name, said.figure)
                        st.caption(formatting.escape(said.meaning))
        if found.studies.what_paid is not None and found.studies.what_paid.lean:
            _lean(run, key)
        if found.studies.sensitivity is not None:
            _neighbors(found.studies.sensitivity, key)
        if found.studies.conformity is not None:
            _agreement(found.studies.conformity, key)


def _progress(run_id: str, key: str, *, going: bool) -> None:
    look = services().verifications.find(run_id)
    if going and (look is None or not look.running):
        st.rerun()
    if look is not None and look.running:
        told = look.progress
        share = told.done / told.total if told.total else 0.0
        st.progress(share, text=f"{told.step}, {told.done} of {told.total}" if told.total else told.step)
        st.button("Stop", key=f"{key}_look_stop", icon=":material/stop_circle:", on_click=services().verifications.stop, args=(run_id,))
        return
    if look is not None and look.problem:
        st.error(formatting.escape(look.problem), icon=":material/error:")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        rounds = st.selectbox(
            "Placebo loops",
            [0, DEFAULT_ROUNDS, 39],
            format_func=lambda count: f"{count} on shuffled bars" if count else "None",
            key=f"{key}_look_rounds",
            width=220,
        )
        pressed = st.button("Look closer", key=f"{key}_look_begin", icon=":material/troubleshoot:")
    if pressed:
        with frame.show_errors():
            services().verifications.begin(run_id, rounds=rounds)
            st.rerun()


def _lean(run: Run, key: str) -> None:
    """The winner without what does not pay, as a try of its own."""
    if st.button("Keep the winner without what does not pay", key=f"{key}_look_lean", icon=":material/content_cut:"):
        with frame.show_errors():
            kept = services().verifications.keep_lean(run.id)
            st.success(f"Kept as iteration {kept.iterations - 1} of run {kept.id}, from the editor. It counts as a try.")


def _neighbors(found: SensitivityMap, key: str) -> None:
    names = list(dict.fromkeys(point.parameter for point in found.points))
    rows = [
        {
            "Number": name,
            "Moved to": ", ".join(f"{point.value:g}" for point in found.points if point.parameter == name),
            "Scores": [point.score for point in found.points if point.parameter == name and point.score is not None],
        }
        for name in names
    ]
    with st.expander("Neighbors of the winner, number by number"):
        st.dataframe(
            rows,
            hide_index=True,
            key=f"{key}_look_neighbors",
            column_config={"Scores": st.column_config.BarChartColumn(width=150)},
        )


def _agreement(found: ConformityDrift, key: str) -> None:
    if len(found.points) < 2:
        return
    with st.expander("Agreement with the workflow over the iterations"):
        charts.draw_shares([point.number for point in found.points], [point.share for point in found.points], key=f"{key}_look_agreement")
