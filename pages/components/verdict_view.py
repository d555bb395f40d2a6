"""The verdict on a run: what came of it, why, what would change it, what to do; and the recommendation with its figures."""

from typing import Literal

import numpy as np
import streamlit as st

from core.domain.decision import Action
from core.domain.run import Run
from core.report import labels
from core.report.assessment import Assessment
from core.report.figures import format_score
from core.report.statements import describe_decision, describe_gaps
from core.report.verdict import Conclusion
from core.services import services
from pages.components import cached_queries, charts, figures, formatting

COLOR: dict[Conclusion, Literal["green", "red", "orange", "gray"]] = {
    Conclusion.HELD_UP: "green",
    Conclusion.LUCK: "orange",
    Conclusion.OVERFITTED: "red",
    Conclusion.FEW_TRADES: "gray",
    Conclusion.IN_SAMPLE: "gray",
}
ICON = {
    Conclusion.HELD_UP: ":material/verified:",
    Conclusion.LUCK: ":material/casino:",
    Conclusion.OVERFITTED: ":material/trending_down:",
    Conclusion.FEW_TRADES: ":material/hourglass_bottom:",
    Conclusion.IN_SAMPLE: ":material/history:",
}


def draw_verdict(run: Run, found: Assessment, *, key: str) -> None:
    """Draw the verdict and the recommendation of a finished run; nothing while it has none."""
    said = found.verdict
    if said is None:
        return
    with st.container(border=True, key=f"{key}_verdict"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.badge(labels.CONCLUSION[said.verdict], icon=ICON[said.verdict], color=COLOR[said.verdict])
            if found.in_sample:
                st.badge("In-sample: nothing was held out", color="gray")
        st.markdown(f"{said.why} {said.would_change}")
        st.markdown(f"**Next:** {said.next_step}")
        if said.memory:
            st.caption(formatting.escape(said.memory))
        _decision(run, found, key)


def _decision(run: Run, found: Assessment, key: str) -> None:
    judged = found.selection
    for gap in describe_gaps(found):
        st.caption(gap)
    if judged is None or judged.decision is None:
        return
    st.markdown(f"**What to do:** {describe_decision(judged)}")
    if judged.worth is not None:
        worth, objective = judged.worth, run.plan.objective
        st.caption(
            f"Highest training score: iteration {judged.winner}, {format_score(found.score, objective)}. To be expected of it: "
            f"{format_score(worth.value, objective)} ({format_score(worth.low, objective)} to {format_score(worth.high, objective)})."
        )
    if judged.decision.action is Action.HALF and run.half is not None:
        _half(run, key)


def _half(run: Run, key: str) -> None:
    half = run.half
    if half is None:
        return
    bars = cached_queries.load_training_bars(run.plan)
    at = np.array(half.bars)
    shown = at[at < len(bars)]
    together = charts.Curve("Half and half", bars.time[shown], np.array(half.equity)[: len(shown)])
    with st.expander(f"Half and half: iterations {half.iterations[0]} and {half.iterations[1]}, half the cash each", expanded=False):
        curves = [together, *(cached_queries.build_equity_curve(run, number, f"Iteration {number}") for number in half.iterations)]
        charts.draw_lines(curves, key=f"{key}_half", title="Value", alt_text="Both accounts together", main=together.name, height=240)
        figures.draw_figures_table({"Half and half": half.metrics, "Buy and hold": run.benchmark}, key=f"{key}_half_table", short=True)
        with st.container(horizontal=True):
            for number in half.iterations:
                _draw_half_export(run, number, key)


def _draw_half_export(run: Run, number: int, key: str) -> None:
    name = f"stratloop_{run.id}_{number}_half"
    st.download_button(
        f"Export iteration {number}, half the cash",
        data=lambda: _export(run.id, number, name),
        file_name=f"{name}.py",
        mime="text/x-python",
        key=f"{key}_half_export_{number}",
        icon=":material/download:",
        on_click="ignore",
    )


def _export(run_id: str, number: int, name: str) -> str:
    return next(made.code for made in services().runs.export_recommended(run_id, name=name) if made.iteration == number)
