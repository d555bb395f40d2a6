"""Two to six iterations of any runs side by side: figures, equity, drawdown, code and trades. The address holds the choice."""

import difflib
from dataclasses import dataclass

import numpy as np
import streamlit as st

from core.domain.errors import StratloopError
from core.domain.history import ReadableRows, UnreadableRowError
from core.domain.iteration import IterationDetail
from core.domain.metrics import Metrics, drawdown_series
from core.domain.run import Run
from core.report import labels
from core.report.figures import LEAD_FIGURES
from core.report.number_format import format_count
from core.services import services
from pages.components import cached_queries, charts, figures, formatting, frame, iteration_view
from pages.components.fields import draw_choice, draw_choices
from pages.components.navigation import screen

MAX_ITERATIONS = 6


@dataclass(frozen=True, slots=True)
class ComparedIteration:
    """One iteration that takes part in the comparison."""

    run: Run
    detail: IterationDetail
    name: str


def read_identities() -> list[str]:
    """Read the ids `run:number` in the address, at most six, each once."""
    text = st.query_params.get("it", "")
    return list(dict.fromkeys(part for part in text.split(",") if part))[:MAX_ITERATIONS]


def store_identities(identities: list[str]) -> None:
    """Put a choice into the address."""
    if identities:
        st.query_params["it"] = ",".join(identities[:MAX_ITERATIONS])
    elif "it" in st.query_params:
        del st.query_params["it"]


def load(identities: list[str]) -> list[ComparedIteration]:
    """The iterations that exist; says which ones do not."""
    picks, taken = [], set()
    several = len({identity.split(":")[0] for identity in identities}) > 1
    for identity in identities:
        run_id, _, number = identity.partition(":")
        try:
            run = services().store.read_run(run_id)
            detail = cached_queries.load_detail(run.id, int(number))
        except UnreadableRowError as error:
            st.warning(formatting.escape(str(error)), icon=":material/visibility_off:")
            continue
        except (StratloopError, ValueError):
            st.warning(f"“{formatting.escape(identity)}” names no iteration that is stored here.", icon=":material/search_off:")
            continue
        name = f"Iteration {number}" if not several else f"{run.plan.workflow.name} · {run.plan.bars.symbol} · {number}"
        name = name if name not in taken else f"{name} ({run.id})"
        taken.add(name)
        picks.append(ComparedIteration(run, detail, name))
    return picks


def add() -> None:
    """Take the chosen iterations into the comparison."""
    run_id, numbers = st.session_state.get("compare_run"), st.session_state.get("compare_numbers") or []
    store_identities([*read_identities(), *(identity for number in numbers if (identity := f"{run_id}:{number}") not in read_identities())])
    st.session_state["compare_numbers"] = []


def draw_chooser(count: int) -> None:
    """Fields that add iterations of a run."""
    newest = services().store.list_runs(limit=50)
    frame.draw_left_out(newest)
    runs = {run.id: run for run in newest if run.iterations}
    if not runs:
        st.caption("No run has a finished iteration yet.")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        run_id = draw_choice("Run", list(runs), key="compare_run", format_func=lambda identity: format_run_label(runs[identity]))
        stored = services().store.list_iterations(run_id) if run_id else ReadableRows()
        iterations = {one.number: one for one in stored}
        draw_choices(
            "Iterations",
            list(iterations),
            key="compare_numbers",
            max_selections=max(MAX_ITERATIONS - count, 1),
            format_func=lambda number: format_iteration_label(
                number, iterations[number].metrics, labels.label_iteration(iterations[number])
            ),
            placeholder="Choose iterations",
        )
        st.button("Add", key="compare_add", icon=":material/add:", on_click=add, disabled=count >= MAX_ITERATIONS)
    frame.draw_left_out(stored)


def format_run_label(run: Run) -> str:
    """A run in a list."""
    return f"{run.plan.workflow.name or 'untitled'} · {formatting.format_asset(run)} · {formatting.format_age(run.created)} · {run.id}"


def format_iteration_label(number: int, metrics: Metrics | None, verdict: str) -> str:
    """An iteration in a list."""
    sharpe = LEAD_FIGURES[0]
    return f"{number} · {verdict}" if sharpe.read(metrics) is None else f"{number} · {sharpe.short} {sharpe.format_from(metrics)}"


def draw_curves(picks: list[ComparedIteration]) -> None:
    """Equity as growth of one, and drawdown, over each other."""
    with st.container(border=True):
        st.markdown("**Growth of the account**, starting at 100%")
        equity, falls = [], []
        for pick in picks:
            curve = cached_queries.build_equity_curve(pick.run, pick.detail.iteration.number, pick.name)
            cash = pick.run.plan.backtest.cash
            if len(curve.value):
                equity.append(charts.Curve(pick.name, curve.time, curve.value / cash))
                falls.append(charts.Curve(pick.name, curve.time, drawdown_series(curve.value, start_value=cash)))
        hold = cached_queries.build_benchmark_curve(picks[0].run)
        equity.append(charts.Curve(hold.name, hold.time, hold.value / picks[0].run.plan.backtest.cash, dashed=True))
        charts.draw_lines(equity, key="compare_equity", title="Growth", alt_text="Growth of the account", form=".0%", height=320)
        st.markdown("**Drawdown**")
        charts.draw_drawdown(falls, key="compare_drawdown", height=170)
        others = {pick.run.plan.bars.model_dump_json() + str(pick.run.plan.hold_out) for pick in picks}
        if len(others) > 1:
            st.caption("These iterations were measured on different bars: their figures cannot be set against each other one to one.")


def draw_code_difference(picks: list[ComparedIteration]) -> None:
    """Draw the difference between two programs."""
    names = {pick.name: pick for pick in picks}
    left, right = st.columns(2)
    before = draw_choice("From", list(names), key="compare_before", place=left)
    after = draw_choice("To", list(names), index=len(names) - 1, key="compare_after", place=right)
    if before is None or after is None:
        return
    old, new = (names[name].detail.iteration.code.splitlines() for name in (before, after))
    lines = list(difflib.unified_diff(old, new, before, after, lineterm="", n=4))
    if lines:
        st.code("\n".join(lines), language="diff", height=480)
    else:
        st.caption("The two programs are the same, letter for letter.")


def draw_same_orders(picks: list[ComparedIteration]) -> None:
    """Point out programs that trade exactly alike."""
    hashes = [pick.detail.iteration.orders_hash for pick in picks if pick.detail.iteration.orders_hash]
    if len(hashes) - len(np.unique(hashes)) > 0:
        st.caption("Some of these place exactly the same orders: as far as the account is concerned they are one strategy.")


def draw_iterations(picks: list[ComparedIteration]) -> None:
    """The participants, each with what can be done with it."""
    with st.grid(min(len(picks), 3), min_column_width=240):
        for pick in picks:
            iteration = pick.detail.iteration
            with st.container(border=True, height="stretch", gap="small"):
                with st.container(horizontal=True, vertical_alignment="center"):
                    st.markdown(f"**{formatting.escape(pick.name)}**")
                    st.space("stretch")
                    identity = f"{pick.run.id}:{iteration.number}"
                    st.button(
                        "Remove",
                        key=f"compare_remove_{identity}",
                        type="tertiary",
                        icon=":material/close:",
                        on_click=lambda gone=identity: store_identities([one for one in read_identities() if one != gone]),
                    )
                st.caption(
                    formatting.escape(
                        f"{labels.label_model(iteration.model)} · {formatting.format_asset(pick.run)} · {labels.label_iteration(iteration)}"
                    )
                )
                with st.container(horizontal=True):
                    iteration_view.draw_edit_button(pick.run, iteration, key="compare")
                    if iteration.metrics is not None:
                        iteration_view.draw_export_buttons(pick.run, iteration.number, key="compare")


frame.draw_header("Compare", ":material/compare_arrows:")
identities = read_identities()
picks = load(identities)
with st.expander("Add iterations", icon=":material/add:", expanded=len(picks) < 2, key="compare_chooser"):
    draw_chooser(len(picks))
if len(picks) < 2:
    actions = frame.draw_empty_state(
        "Choose two to six iterations",
        "Of one run or of several: every iteration of LLM driving and every backtest from the editor can take part. "
        "The address of this page then holds your choice, so you can keep or send it.",
        icon=":material/compare_arrows:",
    )
    actions.page_link(screen("library"), label="Find a run in the library", icon=":material/history:")
if picks:
    draw_iterations(picks)
if len(picks) >= 2:
    with frame.show_errors():
        draw_curves(picks)
        draw_same_orders(picks)
        table, code, trades = st.tabs(["Figures", "Code", "Trades"], key="compare_tabs", on_change="rerun")
        if table.open:
            with table:
                figures.draw_figures_table({pick.name: pick.detail.iteration.metrics for pick in picks}, key="compare_figures")
        if code.open:
            with code:
                draw_code_difference(picks)
        if trades.open:
            with trades:
                for pick in picks:
                    st.markdown(f"**{formatting.escape(pick.name)}**, {format_count(len(pick.detail.trades), 'trade')}")
                    figures.draw_trades_table(
                        pick.detail.trades,
                        cached_queries.load_training_bars(pick.run.plan),
                        key=f"compare_trades_{pick.run.id}_{pick.detail.iteration.number}",
                    )
    frame.draw_risk_line()
