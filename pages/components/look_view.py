"""Closer looks at a winner: the parts of what they found that need more room than a tile."""

import streamlit as st

from core.domain.run import Run
from core.domain.study import ConformityDrift, ForwardCheck, SensitivityMap
from core.report.assessment import Assessment
from core.report.study_words import describe_forward, list_study_statements
from core.services import services
from pages.components import charts, formatting, frame


def draw_findings_of_look(run: Run, found: Assessment, *, key: str) -> None:
    """Draw the winner without what does not pay, its neighbors number by number, and the agreement over the iterations."""
    if found.studies.what_paid is not None and found.studies.what_paid.lean:
        _lean(run, key)
    if found.studies.warm_up is not None:
        said = next(each for each in list_study_statements(found.studies, run.plan.objective) if each.name == "Warm-up")
        st.caption(f"Warm-up, {said.figure}: {formatting.escape(said.meaning)}")
    if found.studies.sensitivity is not None:
        _neighbors(found.studies.sensitivity, key)
    if found.studies.conformity is not None:
        _agreement(found.studies.conformity, key)
    _forward(run, found.studies.forward, key)


def _forward(run: Run, known: ForwardCheck | None, key: str) -> None:
    """The clean test: bars from after the run's end, as soon as there are some."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"{key}_look_forward"):
        told = describe_forward(known) if known else "Bars from after the run's end are the one clean test: nobody could know them."
        st.caption(f"Since the end: {formatting.escape(told)}", width="stretch")
        pressed = st.button("Check on newer bars", key=f"{key}_look_forward_begin", icon=":material/event_upcoming:")
    if pressed:
        with frame.show_errors(), st.spinner("Running the winner on newer bars"):
            found = services().verifications.check_forward(run.id)
            if found.figures:
                st.rerun()
            st.info(formatting.escape(describe_forward(found)), icon=":material/hourglass_empty:")


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
