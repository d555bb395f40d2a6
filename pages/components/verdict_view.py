"""The verdict on a run: what came of it in words, what speaks for and against it, and what to do next with a button each."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
import streamlit as st

from core.domain.decision import Action
from core.domain.iteration import Iteration
from core.domain.run import Run
from core.driving.free_numbers import find_free_numbers
from core.report import labels
from core.report.assessment import Assessment
from core.report.figures import format_score
from core.report.reasons import Deed, NextStep, describe_no_verdict, find_recommended, list_next_steps, list_reasons
from core.report.statements import describe_gaps
from core.report.verdict import RULES, Conclusion
from core.services import services
from pages.components import cached_queries, charts, figures, formatting, run_settings, workflow_state
from pages.components.evidence_tiles import begin_look
from pages.components.export_dialog import show_export_dialog
from pages.components.navigation import screen
from pages.components.run_actions import resume_run

COLOR: dict[Conclusion, Literal["green", "red", "orange", "violet", "gray"]] = {
    Conclusion.HELD_UP: "green",
    Conclusion.LUCK: "orange",
    Conclusion.OVERFITTED: "red",
    Conclusion.FEW_TRADES: "violet",
    Conclusion.IN_SAMPLE: "gray",
}
ICON = {
    Conclusion.HELD_UP: ":material/verified:",
    Conclusion.LUCK: ":material/casino:",
    Conclusion.OVERFITTED: ":material/trending_down:",
    Conclusion.FEW_TRADES: ":material/hourglass_bottom:",
    Conclusion.IN_SAMPLE: ":material/history:",
}
BUTTON = {
    Deed.COMPARE: ("Compare", ":material/compare_arrows:"),
    Deed.LOOK_CLOSER: ("Look closer", ":material/troubleshoot:"),
    Deed.RUN_AGAIN: ("Fill the form", ":material/edit_note:"),
    Deed.GO_ON: ("Resume", ":material/resume:"),
    Deed.EDIT: ("Open in builder", ":material/account_tree:"),
    Deed.EXPORT: ("Export", ":material/download:"),
    Deed.KEEP: ("Save as strategy", ":material/bookmark_add:"),
}


STEPS_UNCUT = "<style>[class*='st-key-'][class*='_step_'] {overflow: visible;}</style>"
"""A line that does not wrap is cut to its height, and the space below a paragraph is not part of that: it got a bar to scroll by."""


def draw_verdict(run: Run, found: Assessment, iterations: Sequence[Iteration], *, key: str) -> None:
    """Draw the verdict card of a finished run; why there is none where it has none."""
    said = found.verdict
    with st.container(border=True, key=f"{key}_verdict"):
        if said is None:
            told = describe_no_verdict(run, tuple(iterations)) or "The verdict is written when the run is over."
            st.header(":material/pending: No verdict", anchor=False)
            st.markdown(formatting.escape(told))
            return
        left, right = st.columns([1.75, 1], gap="large")
        with left:
            st.header(f":{COLOR[said.verdict]}[{ICON[said.verdict]}] {labels.CONCLUSION[said.verdict]}", anchor=False)
            st.markdown(f"{found.result} {said.why}" if found.result else said.why)
            _reasons(run, found, iterations)
            st.caption(f"{said.would_change} {'In-sample: nothing was held out.' if found.in_sample else ''}")
            for gap in describe_gaps(found):
                st.caption(gap)
            for limit in filter(None, (found.held_elsewhere, said.memory)):
                st.caption(formatting.escape(limit))
            _how_decided(said.rule, key)
        with right:
            st.html(STEPS_UNCUT)
            st.markdown("**What to do next**")
            for number, step in enumerate(list_next_steps(found, run, at_edge=_find_numbers_at_edge(run, iterations)), 1):
                _step(run, found, number, step, key)
        _worth(run, found, key)


def _reasons(run: Run, found: Assessment, iterations: Sequence[Iteration]) -> None:
    reasons = list_reasons(found, run, tuple(iterations))
    against, on_its_side = st.columns(2, gap="medium")
    for place, title, mine, mark in (
        (against, "Against it", False, ":red[:material/close:]"),
        (on_its_side, "For it", True, ":green[:material/check:]"),
    ):
        told = [reason.text for reason in reasons if reason.speaks_for is mine]
        with place, st.container(gap="xsmall"):
            st.caption(title)
            for text in told:
                st.markdown(f"{mark} {formatting.escape(text)}")
            if not told:
                st.markdown("nothing")


def _how_decided(rule: str, key: str) -> None:
    with st.popover("How this is decided", key=f"{key}_rules", type="tertiary", icon=":material/rule:"):
        st.caption("The first rule that applies speaks.")
        for each in RULES:
            mark = "**" if each.name == rule else ""
            st.markdown(f"{mark}{labels.CONCLUSION[each.verdict]}{mark}: {each.why}")


def _step(run: Run, found: Assessment, number: int, step: NextStep, key: str) -> None:
    with st.container(horizontal=True, wrap=False, vertical_alignment="center", gap="small", key=f"{key}_step_{number}"):
        st.markdown(f"**{number}. {step.title}.** {step.text}", width="stretch")
        label, icon = BUTTON[step.deed]
        if st.button(label, key=f"{key}_step_button_{number}", icon=icon):
            _do(run, found, step.deed)


def _do(run: Run, found: Assessment, deed: Deed) -> None:
    recommended = find_recommended(run, found)
    chosen = run.best if recommended is None else recommended
    match deed:
        case Deed.COMPARE:
            shown = dict.fromkeys(number for number in (recommended, run.best, 0) if number is not None)
            st.switch_page(screen("compare"), query_params={"it": ",".join(f"{run.id}:{number}" for number in shown)})
        case Deed.LOOK_CLOSER:
            begin_look(run.id)
        case Deed.RUN_AGAIN:
            run_settings.use_settings(run)
            st.switch_page(screen("driving"), query_params={"run": run.id})
        case Deed.GO_ON:
            if resume_run(run.id):
                st.rerun()
        case Deed.EDIT:
            iteration = services().store.read_detail(run.id, chosen or 0).iteration
            workflow_state.store_workflow(services().workbench.write_back(run.plan.workflow, iteration.code)[0])
            st.switch_page(screen("builder"))
        case Deed.EXPORT:
            show_export_dialog(run.id, chosen or 0)
        case Deed.KEEP:
            kept = services().remarks.keep_strategy(run.id, chosen or 0, name=run.plan.workflow.name or "Strategy", note="")
            st.toast(f"“{formatting.escape(kept.name)}” stands in the library, under Strategies.", icon=":material/bookmark_added:")


def _find_numbers_at_edge(run: Run, iterations: Sequence[Iteration]) -> tuple[str, ...]:
    """Numbers of the winner that stand at the end of their range; none of the workflow as written."""
    best = next((one for one in iterations if one.number == run.best and one.number), None)
    if best is None:
        return ()
    values = services().workbench.read_numbers(best.code)
    return tuple(
        formatting.escape(f"{each.name} = {values[each.name]:g}")
        for each in find_free_numbers(run.plan.workflow)
        if each.name in values and values[each.name] != each.default and (values[each.name] <= each.low or values[each.name] >= each.high)
    )


def _worth(run: Run, found: Assessment, key: str) -> None:
    judged = found.selection
    if judged is None or judged.decision is None:
        return
    if judged.worth is not None:
        worth, objective = judged.worth, run.plan.objective
        expected = "To be expected of the account of all instruments" if found.basket else "To be expected of it"
        st.caption(
            f"Highest training score: iteration {judged.winner}, {format_score(found.score, objective)}. {expected}: "
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
                if st.button(f"Export iteration {number}, half the cash", key=f"{key}_half_export_{number}", icon=":material/download:"):
                    show_export_dialog(run.id, number, half=True)
