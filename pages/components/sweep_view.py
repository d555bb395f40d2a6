"""A sweep as it goes on and as it ended: progress with the time that is left, heat map, parallel axes, points, and what luck says."""

import streamlit as st

from core.domain.errors import StratloopError
from core.domain.run import Run, Status
from core.report import labels
from core.report.figures import format_score
from core.report.number_format import DASH, format_count, format_duration, format_percent, format_ratio, format_whole
from core.report.sweep_report import SeriesReport, SweepReport
from core.services import services
from pages.components import form_state, formatting, frame, iteration_view, sweep_charts
from pages.components.fields import draw_choice, draw_segments
from pages.components.navigation import screen
from pages.components.number_cells import Writer, write_cells, write_short
from pages.components.plan_form import to_form_values

POLL_SECONDS = 2.0
SLOW_POLL_SECONDS = 10.0
MANY_POINTS = 1_000
"""Points from which on the picture of a running sweep is drawn less often."""
MOST_LISTED = 500
"""Points in the table, the best ones."""
FIGURES = ("Score", "Sharpe", "Return", "Drawdown", "Neighbors keep")
"""Columns of the table with figures, of which each may be missing."""


def draw_sweep(run_id: str) -> None:
    """Everything about a sweep; refreshes itself while it goes on."""
    try:
        runs = services().sweeps.list_runs(run_id)
    except StratloopError as error:
        frame.show_problem(error)
        return
    over = all(run.status.finished for run in runs)
    many = sum(run.iterations for run in runs) > MANY_POINTS
    every = None if over else SLOW_POLL_SECONDS if many else POLL_SECONDS
    st.fragment(_draw_panel, run_every=every)(runs[0].id, live=not over)


def _draw_panel(run_id: str, *, live: bool) -> None:
    runs = services().sweeps.list_runs(run_id)
    if live and all(run.status.finished for run in runs):
        st.rerun()
    _draw_state(runs)
    report = load_report(runs)
    if sum(len(series.points) for series in report.series) == 0:
        words = "The first points are there within seconds."
        frame.draw_empty_state("Starting" if live else "No point was tried", words if live else "", icon=":material/grid_on:")
        return
    series = _choose_series(report)
    st.markdown(formatting.escape(" ".join(series.words)))
    st.caption(formatting.escape(" ".join(report.words)))
    with frame.show_errors():
        _draw_pictures(report, series)
        number = _draw_points(report, series)
    chosen = next(run for run in runs if run.id == series.run_id)
    if live:
        st.caption("Points open as iterations once the sweep is over, or stopped.")
    elif number is not None:
        _draw_carry_on(chosen, number)
        iteration_view.draw_iteration(chosen, number, key="sweep_closer")  # ends with the line on risk
        return
    frame.draw_risk_line()


def load_report(runs: tuple[Run, ...]) -> SweepReport:
    """Load the report of a sweep; one that is over is kept."""
    key = "|".join(f"{run.id}:{run.iterations}:{run.status}:{run.earlier_tries}" for run in runs)
    return _load_report(key, runs[0].id)


@st.cache_resource(ttl=3600, max_entries=8, show_spinner=False)
def _load_report(key: str, run_id: str) -> SweepReport:
    return services().sweeps.read_report(run_id)


def _draw_state(runs: tuple[Run, ...]) -> None:
    found = services().sweeps.measure_progress(runs[0].id)
    with st.container(horizontal=True, vertical_alignment="center", key="sweep_state"):
        st.badge(labels.STATUS[found.status], icon=formatting.STATUS_ICON[found.status], color=formatting.STATUS_COLOR[found.status])
        st.caption(f"{formatting.escape(runs[0].plan.workflow.name)} · {_name_series(runs)}", width="content")
        st.space("stretch")
        if not found.status.finished:
            asked = all(services().store.cancel_requested(run.id) or run.status.finished for run in runs)
            words = "Stopping" if asked else "Stop"
            stop, args = services().sweeps.cancel, (runs[0].id,)
            st.button(words, key="sweep_cancel", icon=":material/stop_circle:", disabled=asked, on_click=stop, args=args)
        elif found.status is not Status.COMPLETE:
            st.button("Go on", key="sweep_resume", icon=":material/play_arrow:", on_click=_resume, args=(runs[0].id,))
    left = "" if found.seconds_left is None else f", about {format_duration(found.seconds_left)} left"
    if not found.status.finished or found.done < found.total:
        st.progress(min(1.0, found.done / max(found.total, 1)), text=f"{found.done:,} of {found.total:,} points{left}")
    for run in runs:
        if run.status is Status.FAILED:
            st.error(formatting.escape(f"{run.plan.bars.label}: {run.message}"), icon=":material/error:")
        elif trouble := services().runs.find_trouble(run):
            st.warning(f"Waiting, and going on by itself: {formatting.escape(trouble)}", icon=":material/hourglass_empty:")


def _resume(run_id: str) -> None:
    try:
        services().sweeps.resume(run_id)
    except StratloopError as error:
        frame.show_problem(error)


def _name_series(runs: tuple[Run, ...]) -> str:
    if len(runs) > 3:
        return format_count(len(runs), "series of bars", "series of bars")
    return formatting.escape(", ".join(f"{run.plan.bars.label} {labels.TIMEFRAME[run.plan.bars.timeframe].lower()}" for run in runs))


def _choose_series(report: SweepReport) -> SeriesReport:
    if len(report.series) == 1:
        return report.series[0]
    known = {f"{one.symbol} {labels.TIMEFRAME[one.timeframe].lower()}": one for one in report.series}
    if st.session_state.get("sweep_series") not in known:
        st.session_state["sweep_series"] = next(iter(known))
    return known[draw_segments("Series", list(known), key="sweep_series", required=True) or next(iter(known))]


def _draw_pictures(report: SweepReport, series: SeriesReport) -> None:
    axes = [axis for axis in report.plan.axes if axis.count > 1]
    if len(axes) >= 2:
        with st.container(border=True, key="sweep_heat"):
            st.markdown(f"**{labels.OBJECTIVE[report.objective]} over two numbers**, training bars")
            across, down = _choose_axes([axis.name for axis in axes])
            sweep_charts.draw_heat_map(series, axes, across, down, report.objective, key=f"sweep_heat_{series.run_id}")
            rest = [axis.name for axis in axes if axis.name not in (across, down)]
            best_of = f" Each cell is the best over {', '.join(rest)}." if rest else ""
            empty = " A cell without color has no score." if any(one.score is None for one in series.points) else ""
            st.caption(f"The framed cell is the best; {sweep_charts.SIGN_WORDS}.{best_of}{empty}")
    if axes:
        with st.container(border=True, key="sweep_parallel"):
            st.markdown("**Every point as a line**")
            sweep_charts.draw_parallel(series, axes, report.objective, key=f"sweep_parallel_{series.run_id}")


def _choose_axes(names: list[str]) -> tuple[str, str]:
    if len(names) == 2:
        return names[0], names[1]
    left, right = st.columns(2)
    across = draw_choice("Across", names, key="sweep_across", place=left)
    down = draw_choice("Down", [name for name in names if name != across], key="sweep_down", place=right)
    return str(across), str(down)


def _draw_points(report: SweepReport, series: SeriesReport) -> int | None:
    """Draw the table of points, the best first; gives the ticked one, else the best."""
    import pandas as pd

    ranked = sorted(series.points, key=lambda one: (one.score is None, -(one.score or 0.0), one.number))[:MOST_LISTED]
    rows = [
        {
            "Point": one.number,
            **{axis.name: one.numbers.get(axis.name) for axis in report.plan.axes},
            "Score": one.score,
            "Sharpe": one.sharpe,
            "Return": one.total_return,
            "Drawdown": one.max_drawdown,
            "Trades": one.trades,
            "Stands on": labels.STANDING[one.standing],
            "Neighbors keep": one.kept,
            "Remark": one.problem or ("the workflow as it stands" if one.number == 0 else ""),
        }
        for one in ranked
    ]
    st.markdown("**Points**, the best first; tick one to open it as an iteration")
    writers: dict[str, Writer] = {
        "Score": lambda value: format_score(value, report.objective),
        "Sharpe": format_ratio,
        "Return": format_percent,
        "Drawdown": format_percent,
        "Trades": format_whole,
        "Neighbors keep": lambda value: format_percent(value, 0),
    }
    writers |= {axis.name: write_short for axis in report.plan.axes}
    event = st.dataframe(
        write_cells(pd.DataFrame(rows).astype(dict.fromkeys(FIGURES, float)), writers),
        hide_index=True,
        key=f"sweep_points_{series.run_id}",
        on_select="rerun",
        selection_mode="single-row",
        placeholder=DASH,
        height=min(420, 38 + 35 * len(rows)),
        alt="Points of the sweep with their figures",
    )
    ticked = event["selection"]["rows"]
    if ticked and ticked[0] < len(ranked):
        return ranked[ticked[0]].number
    return series.best


def _draw_carry_on(run: Run, number: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="sweep_carry"):
        words = "Saves the workflow with these numbers and fills the form of LLM driving; the run that follows looks at the hold-out once."
        if st.button("Carry on in LLM driving", key="sweep_carry_on", icon=":material/autorenew:", help=words, type="primary"):
            with frame.show_errors():
                name = services().sweeps.save_point(run.id, number)
                values = {**to_form_values(run.plan), "workflow": f"saved:{name}", "provider": None, "model": None}
                form_state.store_fields("driving", {key: value for key, value in values.items() if value is not None})
                st.session_state["driving_said"] = f"The form holds point {number} of the sweep."
                st.switch_page(screen("driving"))
        if number:
            st.page_link(
                screen("compare"),
                label="Compare with the workflow as it stands",
                icon=":material/compare_arrows:",
                query_params={"it": f"{run.id}:0,{run.id}:{number}"},
            )
