"""A run as it happens and as it ended: state, figures, curves, iterations, hold-out. Reads only the history, so any tab may show it."""

from collections.abc import Sequence

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.domain.backtest import Stage
from core.domain.errors import StratloopError
from core.domain.events import EventKind, ProgressEvent, RejectedEvent, StageEvent, select_bodies
from core.domain.history import UnreadableRowError
from core.domain.hold_out import HoldOut
from core.domain.iteration import Iteration
from core.domain.run import Run, RunKind, Status
from core.report import labels
from core.report.assessment import HoldOutReport
from core.report.basket_report import build_basket_report
from core.report.call_costs import Payment, find_payment, format_cost
from core.report.luck_line import trace_luck_line
from core.report.number_format import format_count, format_percent
from core.services import services
from pages.components import (
    basket_view,
    cached_queries,
    charts,
    evidence_tiles,
    figures,
    formatting,
    frame,
    genealogy,
    iteration_view,
    look_view,
    run_cards,
    run_result,
    search_view,
    verdict_view,
)
from pages.components.bundle_panel import draw_downloads
from pages.components.fields import draw_switch
from pages.components.live_panel import draw_live_panel, is_polling
from pages.components.navigation import screen
from pages.components.open_runs import count_waiting_before
from pages.components.perspective_viewer import draw_viewer_button, show_viewer_dialog
from pages.components.run_actions import draw_run_actions
from pages.components.run_settings import draw_run_settings
from pages.components.share_button import draw_share_run
from pages.components.steering_panel import draw_steering_panel

POLL_SECONDS = 1.0
SHOWN_OTHERS = 8
"""Other iterations drawn faintly behind the best one."""


def draw_run(run_id: str, *, key: str) -> None:
    """Everything about a run; refreshes itself while the run is going on."""
    try:
        run = services().store.read_run(run_id)
    except StratloopError as error:
        frame.show_problem(error)
        return
    if run.kind is RunKind.SWEEP:
        _draw_sweep_notice(run, key)
        return
    show_viewer_dialog(run, sockets=not is_polling(f"{key}_live"))
    top, panel, below = st.container(), st.empty(), st.container()
    live = not run.status.finished and run.kind.is_conversation
    if live and _live(run, key, top, panel):
        return
    if not live:
        panel.empty()  # before the result is drawn: a view that is over would be pushed down by it, and then vanish
    every = None if run.status.finished else POLL_SECONDS
    with below if live else top:
        st.fragment(_panel, run_every=every)(run.id, key, live=every is not None)


def _draw_sweep_notice(run: Run, key: str) -> None:
    """A sweep has a screen of its own: say how it stands, and lead there."""
    with st.container(horizontal=True, vertical_alignment="center", key=f"{key}_state"):
        _status_badge(run)
        st.caption(formatting.format_subject(run), width="content")
        st.space("stretch")
        draw_share_run(run, key=key)
        if run.status.finished and run.iterations:
            draw_downloads(run, key=key)
    words = "Its points, their map, what luck says, Stop and Go on are on the screen of sweeps. A point is carried on from there."
    actions = frame.draw_empty_state("This is a sweep, not a loop", words, icon=":material/grid_on:")
    actions.page_link(screen("sweep"), label="Open the sweep", icon=":material/grid_on:", query_params={"run": run.id})


def _live(run: Run, key: str, top: DeltaGenerator, panel: DeltaGenerator) -> bool:
    """The run as it tells itself over a socket; false when no socket gets through."""
    with panel.container():
        if not draw_live_panel(run, key=f"{key}_live"):
            return False
    with top, st.container(horizontal=True, vertical_alignment="center", key=f"{key}_state"):
        _status_badge(run)
        st.caption(formatting.format_subject(run), width="content")
        st.space("stretch")
        _buttons(run, key)
    with top:
        draw_run_settings(run, key=key)
    return True


def _panel(run_id: str, key: str, *, live: bool) -> None:
    run = services().store.read_run(run_id)
    if live and run.status.finished:
        st.rerun()
    iterations = services().store.list_iterations(run_id)
    _state(run, iterations, key)
    draw_run_settings(run, key=key)
    if run.origin:
        st.caption(f":material/folder_zip: {formatting.escape(run.origin)}")
    _message(run)
    frame.draw_left_out(iterations)
    if not iterations:
        _waiting(run)
        return
    if run.status.finished and run.kind.is_loop:
        _result(run, iterations, key)
        return
    with frame.show_errors():
        best = next((one for one in iterations if one.number == run.best), None)
        run_cards.draw_cards(run, iterations, best, key=key)
        if best is not None:
            basket_view.draw_basket_card(build_basket_report(run, best), key=key, findings=False, left_out=run.plan.left_out)
        with st.container(border=True):
            _equity(run, iterations, best, key)
        if len(iterations) > 1 and run.kind.is_loop:
            with st.container(border=True):
                _progress(run, iterations, key)
    chosen = figures.draw_iteration_table(
        iterations,
        services().store.read_previews(run_id),
        best=run.best,
        key=f"{key}_iterations_{run_id}",
        selectable=not live,
        objective=run.plan.objective,
        rejected=_find_rejected(run.id),
    )
    if live:
        return
    genealogy.draw_genealogy(run, iterations, key=key)
    search_view.draw_search(iterations)
    _draw_chosen(run, iterations, chosen, key)


def _find_rejected(run_id: str) -> set[int]:
    """Numbers of iterations that could not be repeated bar by bar."""
    return {said.number for said in select_bodies(services().store.list_events(run_id, kind=EventKind.REJECTED), RejectedEvent)}


def _message(run: Run) -> None:
    """Draw the reason a run ended in a box, where more is to be said than that its loops are done."""
    if not run.message or not run.status.finished:
        return
    if run.status is Status.COMPLETE and not run.says_more:  # stands in the line of the state
        return
    box = {Status.FAILED: st.error, Status.CANCELLED: st.warning}.get(run.status, st.info)
    box(formatting.escape(run.message), icon=":material/info:")


def _state(run: Run, iterations: Sequence[Iteration], key: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"{key}_state"):
        _status_badge(run)
        st.caption(_describe_state(run, iterations), width="stretch")
        _buttons(run, key)
    if trouble := services().runs.find_trouble(run):
        st.warning(f"Waiting, and going on by itself: {formatting.escape(trouble)}", icon=":material/hourglass_empty:")


def _status_badge(run: Run) -> None:
    st.badge(labels.STATUS[run.status], icon=formatting.STATUS_ICON[run.status], color=formatting.STATUS_COLOR[run.status])


def _buttons(run: Run, key: str) -> None:
    draw_viewer_button(run, key=key)
    draw_share_run(run, key=key)
    if not services().sharing.is_changeable(run):
        if run.status.finished and run.iterations:
            draw_downloads(run, key=key)
        return
    if run.status.finished:
        if run.iterations:
            draw_downloads(run, key=key)
        draw_run_actions(run, key=key)
        return
    if run.kind.is_conversation:
        draw_steering_panel(run, key=f"{key}_steering")
    asked = services().store.cancel_requested(run.id)
    st.button(
        "Cancelling" if asked else "Cancel",
        key=f"{key}_cancel",
        icon=":material/stop_circle:",
        disabled=asked,
        on_click=services().runs.cancel,
        args=(run.id,),
    )


def _describe_state(run: Run, iterations: Sequence[Iteration]) -> str:
    done = max((iteration.loop for iteration in iterations), default=0)
    parts = [formatting.format_subject(run)]
    if run.kind.is_conversation:
        parts.append(f"loop {done} of {services().runs.count_loops(run)}")
    if run.status is Status.RUNNING:
        parts.append(_describe_stage(run))
    if iterations:
        spent = format_cost(iterations)
        parts.append(
            {Payment.FREE: spent, Payment.UNKNOWN: f"cost {spent}"}.get(find_payment(iterations), f"{formatting.escape(spent)} spent")
        )
    if run.status is Status.COMPLETE and run.message and not run.says_more:
        parts.append(formatting.escape(run.message))
    return " · ".join(part for part in parts if part)


def _describe_stage(run: Run) -> str:
    event = services().store.find_last_event(run.id, EventKind.STAGE)
    if event is None or not isinstance(event.body, StageEvent):
        return "starting"
    stage = event.body.stage
    come = services().store.find_last_event(run.id, EventKind.PROGRESS)
    if stage is Stage.RUN and come is not None and come.seq > event.seq and isinstance(come.body, ProgressEvent):
        return f"backtesting, {come.body.share:.0%} of the bars"
    return labels.STAGE[stage]


def _waiting(run: Run) -> None:
    if run.status is Status.QUEUED:
        ahead = count_waiting_before(run)
        what = f"{format_count(ahead, 'run')} before it in the line." if ahead else "It starts as soon as there is a place."
        frame.draw_empty_state("Queued", what, icon=":material/hourglass_empty:")
    elif run.status is Status.RUNNING:
        with st.grid(4, min_column_width=150):
            for _ in range(4):
                st.skeleton(height=96)
        st.skeleton(height=320)
    else:
        frame.draw_empty_state("No iteration was finished", "The run ended before its first result.", icon=":material/block:")


def _equity(run: Run, iterations: Sequence[Iteration], best: Iteration | None, key: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("**Equity by iteration**, training bars", width="stretch")
        log = draw_switch("Logarithmic", key=f"{key}_equity_log")
    baseline = next((one for one in iterations if one.number == 0 and one.metrics is not None), None)
    curves, main = [], None
    if best is not None:
        main = f"Best: iteration {best.number}"
        curves += _build_curves(run, best.number, main)
    if baseline is not None and (best is None or best.number != 0):
        curves += _build_curves(run, 0, "Iteration 0: the workflow itself" if baseline.is_baseline else "First")
    curves.append(cached_queries.build_benchmark_curve(run))
    curves += _build_other_curves(run, iterations, best)
    charts.draw_lines(
        curves,
        key=f"{key}_equity",
        title="Value",
        alt_text="Equity of the best iteration, of iteration 0 and of buy and hold",
        main=main,
        height=320,
        log=log and all((curve.value > 0).all() for curve in curves),
    )


def _build_curves(run: Run, number: int, name: str) -> list[charts.Curve]:
    """The curve of one iteration; none, and a line about it, when it cannot be read."""
    try:
        return [cached_queries.build_equity_curve(run, number, name)]
    except UnreadableRowError as error:
        st.caption(f":material/visibility_off: {formatting.escape(str(error))}")
        return []


def _build_other_curves(run: Run, iterations: Sequence[Iteration], best: Iteration | None) -> list[charts.Curve]:
    """The newest other loops as faint curves, from their stored previews."""
    previews = services().store.read_previews(run.id)
    times = cached_queries.load_training_bars(run.plan).time
    shown = [one.number for one in iterations if one.error is None and one.metrics and one.number not in (0, best.number if best else -1)]
    curves = []
    for number in shown[-SHOWN_OTHERS:]:
        values = np.array(previews.get(number, ()))
        if len(values):
            places = np.round(np.linspace(0, len(times) - 1, len(values))).astype(int)
            curves.append(charts.Curve(f"Iteration {number}", times[places], values, group="Other iterations"))
    return curves


def _progress(run: Run, iterations: Sequence[Iteration], key: str) -> None:
    label = labels.OBJECTIVE[run.plan.objective]
    tries, highest = [], float("-inf")
    for one in iterations:
        better = one.score is not None and one.score > highest
        highest = one.score if better and one.score is not None else highest
        tries.append(charts.ProgressPoint(one.number, one.score, better, one.change or labels.label_iteration(one)))
    luck = trace_luck_line(iterations, run.plan.objective, earlier=run.earlier_tries)
    lines = [
        charts.Reference("95% of skill-less loops stay below", {number: point.line for number, point in luck.items()}, (4, 4)),
        charts.Reference("Holding as often earned", {number: point.held for number, point in luck.items()}, (1, 4)),
    ]
    st.markdown(f"**{label} by iteration**")
    charts.draw_progress(tries, references=lines if luck else (), label=label, key=f"{key}_progress")
    if luck:
        st.caption(luck[max(luck)].words)


def _result(run: Run, iterations: Sequence[Iteration], key: str) -> None:
    """The result of a finished loop: the verdict first, then what it rests on, then the iterations."""
    best = next((one for one in iterations if one.number == run.best), None)
    number: int | None = None
    with frame.show_errors():
        found = cached_queries.load_assessment(run)
        verdict_view.draw_verdict(run, found, iterations, key=key)
        run_cards.draw_cards(run, iterations, best, key=key)
        run_result.draw_growth_and_table(run, iterations, found, key=key)
        basket_view.draw_basket_card(found.basket, key=key, left_out=run.plan.left_out)
        if found.verdict is not None:
            evidence_tiles.draw_evidence(run, key=key)
            look_view.draw_findings_of_look(run, found, key=key)
        if run.hold_out and found.hold_out:
            _hold_out(run.hold_out, found.hold_out, key)
        left, right = st.columns([1, 1], gap="medium")
        if len(iterations) > 1:
            with left, st.container(border=True, height="stretch"):
                _progress(run, iterations, key)
        if best is not None:
            with right, frame.show_errors():
                run_result.draw_workflow(run, found, key=key)
        number = run_result.draw_iterations(run, iterations, key=key)
        search_view.draw_search(iterations)
    iteration_view.draw_iteration(run, iterations[-1].number if number is None else number, key=f"{key}_closer")


def _hold_out(held: HoldOut, said: HoldOutReport, key: str) -> None:
    with st.container(border=True, key=f"{key}_hold_out_card"):
        st.header("Hold-out: bars the loop never saw", anchor=False)
        st.caption(said.about)
        made = format_percent(said.total_return)
        st.markdown(said.sentence.replace(made, f"**{made}**", 1))
        best_name = f"Best: iteration {held.best.iteration}" if held.best.iteration is not None else "Best"
        columns = {best_name: held.best.metrics, "Iteration 0": held.baseline.metrics, "Buy and hold": held.benchmark.metrics}
        if held.best.iteration == held.baseline.iteration:
            del columns["Iteration 0"]  # the best one is the workflow itself
        if held.recommended is not None and held.recommended.iteration is None and held.recommended.metrics is not None:
            columns["Half and half"] = held.recommended.metrics
        if held.cash is not None:
            columns["Cash"] = held.cash.metrics
        figures.draw_figures_table(
            columns,
            key=f"{key}_hold_out_table",
            short=True,
            alt="Figures on the hold-out",
        )
        for figure in (held.best, held.baseline):
            if problem := labels.describe_missing_figures(figure):
                st.text(f"{figure.name}: {problem}")
        frame.draw_risk_line()


def _draw_chosen(run: Run, iterations: Sequence[Iteration], chosen: Sequence[int], key: str) -> None:
    known = {iteration.number for iteration in iterations}
    picked = [number for number in chosen if number in known]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("Tick rows to look closer; tick two to six to compare them.", width="content")
        if 2 <= len(picked) <= 6:
            st.page_link(
                screen("compare"),
                label=f"Compare {len(picked)} iterations",
                icon=":material/compare_arrows:",
                query_params={"it": ",".join(f"{run.id}:{number}" for number in sorted(picked))},
            )
        elif not picked and run.best not in (None, 0) and 0 in known:
            st.page_link(
                screen("compare"),
                label="Compare the best with iteration 0",
                icon=":material/compare_arrows:",
                query_params={"it": f"{run.id}:0,{run.id}:{run.best}"},
            )
    number = picked[-1] if picked else run.best if run.best is not None else iterations[-1].number
    iteration_view.draw_iteration(run, number, key=f"{key}_closer")
