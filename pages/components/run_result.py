"""The result of a finished loop, part by part: growth over training and hold-out, recommended and highest, iterations by rank."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from itertools import groupby
from operator import itemgetter

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from core.domain.decision import Action
from core.domain.errors import StratloopError
from core.domain.history import UnreadableRowError
from core.domain.hold_out import HoldOutFigure
from core.domain.iteration import Iteration
from core.domain.metrics import Metrics
from core.domain.run import Run
from core.report import labels
from core.report.assessment import Assessment
from core.report.deposit_words import describe_paid_account
from core.report.figures import Figure, find_figure
from core.report.leaderboard import RankedIteration
from core.report.number_format import format_count
from core.report.series_colors import SERIES
from core.services import services
from pages.components import cached_queries, formatting, genealogy, workflow_acted
from pages.components.fields import draw_segments, draw_switch
from pages.components.growth_chart import GrowthLine, draw_growth, extend_over_hold_out
from pages.components.kept_charts import draw_chart
from pages.components.leaderboard_table import draw_leaderboard
from pages.components.navigation import screen
from pages.components.theme_colors import QUIET, TEXT, is_dark

FAINT_LINES = 40
"""Other iterations drawn behind, the newest ones."""
SHOWN = ("sharpe", "total_return", "max_drawdown", "trades")
MONEY = ("final_value", "paid_in", "profit", "money_weighted")
"""Shown as well where the plan pays into the account."""
ORDERS = ("Leaderboard", "In order", "Family tree", "Timeline")


def find_color(run: Run, number: int) -> str:
    """Find the color of an iteration: the highest has its own, the workflow as written that of text; none for the others."""
    dark = is_dark()
    if number == 0:
        return TEXT[dark]
    return SERIES[dark][1] if number == run.best else ""


def draw_growth_and_table(run: Run, iterations: Sequence[Iteration], found: Assessment, *, key: str) -> None:
    """Draw the growth of the accounts, and beside it the recommended, the highest, the workflow and buy and hold in figures."""
    left, right = st.columns([1.15, 1], gap="medium")  # the figures are whole beside the form, too
    with left, st.container(border=True, height="stretch", key=f"{key}_growth"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown("**Growth of the account**, times the start", width="stretch")
            st.session_state.setdefault(f"{key}_growth_log", True)  # accounts that grow unequally are seen side by side
            log = draw_switch("Logarithmic", key=f"{key}_growth_log")
        lines = _build_lines(run, iterations)
        if lines:
            draw_growth(lines, run.hold_out, log=log, key=f"{key}_growth_chart")
        if run.hold_out is not None and not run.hold_out.moments:
            st.caption("The course over the hold-out was not kept by the version that looked at it; its figures stand beside.")
    with right, st.container(border=True, height="stretch", key=f"{key}_choice"):
        _draw_choice(run, iterations, found, key)


def _build_lines(run: Run, iterations: Sequence[Iteration]) -> list[GrowthLine]:
    try:
        bars = cached_queries.load_training_bars(run.plan)
    except StratloopError as error:
        st.caption(formatting.escape(str(error)))
        return []
    dark, held, cash = is_dark(), run.hold_out, run.plan.backtest.cash
    shown: list[tuple[str, int, str, HoldOutFigure | None]] = [("As written", 0, TEXT[dark], held.baseline if held else None)]
    if run.best:
        shown.insert(0, (f"Highest: iteration {run.best}", run.best, SERIES[dark][1], held.best if held else None))
    lines = _build_faint_lines(run, iterations)
    for name, number, color, figure in shown:
        try:
            equity = cached_queries.load_detail(run.id, number).equity
        except (UnreadableRowError, StratloopError):
            continue
        if len(equity) == len(bars):
            lines.append(extend_over_hold_out(GrowthLine(name, color, bars.time, equity / cash), held, figure))
    if run.half is not None and held is not None and held.recommended is not None:
        at = np.array(run.half.bars)
        at = at[at < len(bars)]
        half = GrowthLine("Half and half", SERIES[dark][0], bars.time[at], np.array(run.half.equity)[: len(at)] / cash)
        lines.append(extend_over_hold_out(half, held, held.recommended))
    market = cached_queries.build_benchmark_curve(run)
    hold = GrowthLine("Buy and hold", QUIET[dark], market.time, market.value / cash, dashed=True)
    return [*lines, extend_over_hold_out(hold, held, held.benchmark if held else None)]


def _build_faint_lines(run: Run, iterations: Sequence[Iteration]) -> list[GrowthLine]:
    """Other iterations from their stored previews."""
    previews, times = services().store.read_previews(run.id), cached_queries.load_training_bars(run.plan).time
    shown = [one.number for one in iterations if one.metrics is not None and one.error is None and one.number not in (0, run.best)]
    lines = []
    for number in shown[-FAINT_LINES:]:
        values = np.array(previews.get(number, ()))
        if len(values) > 1:
            places = np.round(np.linspace(0, len(times) - 1, len(values))).astype(int)
            lines.append(GrowthLine(f"Iteration {number}", "", times[places], values / run.plan.backtest.cash, faint=True))
    return lines


def _draw_choice(run: Run, iterations: Sequence[Iteration], found: Assessment, key: str) -> None:
    by_number = {one.number: one.metrics for one in iterations}
    decision = found.selection.decision if found.selection else None
    recommended = decision.action if decision else None
    words = {Action.KEEP: "As written", Action.HALF: "Half and half", Action.WINNER: f"Iteration {run.best}"}
    with st.container(horizontal=True):
        with st.container(gap="xsmall"):
            st.badge("Recommended", icon=":material/verified:", color="green")
            st.markdown(f"**{words[recommended] if recommended else 'no recommendation'}**")
            st.caption("named before the hold-out was looked at" if recommended else "which version to take could not be judged")
        with st.container(gap="xsmall"):
            st.badge("Highest in training", icon=":material/trophy:", color="blue")
            highest = "none" if run.best is None else "As written" if run.best == 0 else f"Iteration {run.best}"
            st.markdown(f"**{highest}**")
            alike = found.selection.alike if found.selection else None
            unscored = "no version has a score" if run.best is None else "of all tries"
            st.caption(f"{format_count(alike, 'try', 'tries')} cannot be told from it" if alike else unscored)
    held = run.hold_out
    columns: dict[str, tuple[Metrics | None, Metrics | None]] = {}
    if run.half is not None:
        columns["Half and half"] = (run.half.metrics, held.recommended.metrics if held and held.recommended else None)
    if run.best:
        columns[f"Iteration {run.best}"] = (by_number.get(run.best), held.best.metrics if held else None)
    columns["As written"] = (by_number.get(0), held.baseline.metrics if held else None)
    columns["Buy and hold"] = (run.benchmark, held.benchmark.metrics if held else None)
    rows: list[dict[str, str]] = []
    for part, figures in groupby(_list_figures(held is not None, paid=bool(run.plan.backtest.deposits)), key=itemgetter(0, 1)):
        place, label = part
        rows.append({"Figure": label} | dict.fromkeys(columns, ""))
        for *_, figure in figures:
            name = figure.short if figure.of_deposits else figure.label
            rows.append(_row(name, figure, [pair[place] for pair in columns.values()], columns))
    config = {name: st.column_config.TextColumn(alignment="right") for name in columns}
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        height="content",
        key=f"{key}_choice_table",
        alt="Recommended, highest, as written and buy and hold",
        column_config={"Figure": st.column_config.TextColumn(pinned=True, width=110), **config},
    )
    told = describe_paid_account(run.plan.backtest, by_number.get(run.best or 0), currency=found.currency or "USD")
    if told:
        st.caption(formatting.escape(f"{'As written' if not run.best else f'Iteration {run.best}'}: {told}"))


def _list_figures(held: bool, *, paid: bool) -> list[tuple[int, str, Figure]]:
    places = [(0, "Training"), (1, "Hold-out")] if held else [(0, "Training")]
    money = [(0, "Training", find_figure(name)) for name in MONEY] if paid else []
    shown = [(place, label, find_figure(name)) for place, label in places for name in SHOWN]
    return sorted([*shown, *money], key=itemgetter(0))


def _row(
    label: str, figure: Figure, values: Sequence[Metrics | None], columns: dict[str, tuple[Metrics | None, Metrics | None]]
) -> dict[str, str]:
    formatted = [figure.format_from(value) for value in values]
    return {"Figure": label} | dict(zip(columns, formatted, strict=True))


def draw_iterations(run: Run, iterations: Sequence[Iteration], *, key: str) -> int | None:
    """Draw the iterations by rank, in order, as a family or over time; gives the number of the one that is looked at closer."""
    with st.container(border=True, key=f"{key}_board"):
        head = st.container(horizontal=True, vertical_alignment="center")
        failed = sum(one.error is not None for one in iterations)
        with head:
            st.header("Iterations", anchor=False, width="content")
            st.caption(f"{format_count(len(iterations), 'iteration')}, {failed or 'none'} failed; Δ against as written", width="content")
            st.space("stretch")
            st.session_state.setdefault(f"{key}_order", ORDERS[0])
            order = draw_segments("Order", ORDERS, key=f"{key}_order", label_visibility="collapsed")
        ticked = list(st.session_state.get(f"{key}_ticked_{run.id}") or _suggest(run))
        if order == "Family tree":
            genealogy.draw_family(iterations, run.best)
        elif order == "Timeline":
            draw_timeline(iterations, key=f"{key}_timeline")
        else:
            ranked = cached_queries.rank(run)
            ordered = ranked if order != "In order" else tuple(sorted(ranked, key=lambda one: one.number))
            ticked, opened = draw_leaderboard(
                run, ordered, services().store.read_previews(run.id), _color(run, ranked), ticked=ticked, key=f"{key}_leaderboard_{run.id}"
            )
            st.session_state[f"{key}_ticked_{run.id}"] = ticked
            if opened is not None:
                st.session_state[f"{key}_opened_{run.id}"] = opened
        with head:
            _draw_compare(run, ticked, key)
    opened_before: int | None = st.session_state.get(f"{key}_opened_{run.id}", run.best)
    return opened_before


def _suggest(run: Run) -> list[int]:
    return list(dict.fromkeys(number for number in (run.best, 0) if number is not None))


def _color(run: Run, ranked: Sequence[RankedIteration]) -> dict[int, str]:
    return {one.number: color for one in ranked if (color := find_color(run, one.number))}


def _draw_compare(run: Run, ticked: Sequence[int], key: str) -> None:
    few = not 2 <= len(ticked) <= 6
    if st.button(
        f"Compare {len(ticked)} chosen",
        key=f"{key}_compare",
        type="primary",
        icon=":material/compare_arrows:",
        disabled=few,
        help="Tick two to six iterations." if few else None,
    ):
        st.switch_page(screen("compare"), query_params={"it": ",".join(f"{run.id}:{number}" for number in sorted(ticked))})


def draw_timeline(iterations: Sequence[Iteration], *, key: str) -> None:
    """Draw when each iteration was written, run and checked."""
    taken = [
        (one.number, one.created, one.generate_seconds, one.backtest_seconds, one.overhead_seconds, labels.label_iteration(one))
        for one in iterations
    ]
    told = "Time at which each iteration was written, run and checked, UTC"
    draw_chart(partial(build_timeline, taken, dark=is_dark()), key=key, alt_text=told)


def build_timeline(taken: Sequence[tuple[int, datetime, float, float, float, str]], *, dark: bool) -> alt.Chart:
    """Build the bars: of each iteration its number, its end, seconds of writing, running and checking, and how it ended."""
    rows = []
    for number, created, written, run, checked, how in taken:
        end = pd.Timestamp(created).tz_localize(None)
        for name, seconds in (("Checked", checked), ("Run", run), ("Written", written)):
            start = end - pd.Timedelta(seconds=seconds)
            rows.append({"iteration": number, "from": start, "to": end, "what": name, "seconds": seconds, "how": how})
            end = start
    chart: alt.Chart = (
        alt.Chart(pd.DataFrame(rows))
        .mark_bar(height={"band": 0.7})
        .encode(
            x=alt.X("from:T", title=None, axis=alt.Axis(format="%H:%M:%S", grid=False)),
            x2=alt.X2("to:T"),
            y=alt.Y("iteration:O", title="Iteration"),
            color=alt.Color("what:N", title=None, sort=["Written", "Run", "Checked"], scale=alt.Scale(range=list(SERIES[dark][:3]))),
            tooltip=[
                alt.Tooltip("iteration:O"),
                alt.Tooltip("what:N"),
                alt.Tooltip("seconds:Q", format=".2f"),
                alt.Tooltip("how:N", title="Ended"),
            ],
        )
        .properties(height=max(120, 24 * len(taken)))
    )
    return chart


def draw_workflow(run: Run, found: Assessment, *, key: str) -> None:
    """Draw the workflow as it runs in the recommended version; in the highest where the workflow itself is recommended."""
    decision = found.selection.decision if found.selection else None
    number = run.best if decision is None or decision.action is not Action.KEEP else run.best or 0
    if number is None:
        return
    with st.container(border=True, height="stretch", key=f"{key}_acting"):
        workflow_acted.draw_workflow_acted(run, cached_queries.load_detail(run.id, number), key=key)
