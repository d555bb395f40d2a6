"""The first screen: what this is, three steps, one click to a sample, and what ran last."""

from collections.abc import Iterable
from datetime import date

import streamlit as st

from core.domain.bars_request import BarsRequest
from core.domain.errors import StratloopError
from core.domain.run import ModelChoice, Run, RunKind, RunPlan
from core.report import labels
from core.report.number_format import format_count
from core.services import services
from pages.components import formatting, frame
from pages.components.navigation import screen

SAMPLE = "sma_cross"
RECENT = 6
"""Runs that are listed."""
POLL_SECONDS = 3.0
"""Time after which the list is drawn anew while a run goes on."""
ONE_BELOW_THE_OTHER = """<style>
@media (max-width: 640px) {
  .st-key-home_sample_card > :first-child { flex-basis: 100%; }
  .st-key-home_recent [data-testid="stHorizontalBlock"] { row-gap: 0; }
  .st-key-home_recent [data-testid="stHorizontalBlock"] > :last-child { flex-basis: 100%; }
}
</style>"""
"""On a phone the button of the sample stands below its words, and what is said of a run below its name."""

STEPS = (
    (
        "builder",
        "1. Describe it",
        ":material/account_tree:",
        "Entry, exit, sizing and risk as rows of a table. Every row is checked and read back in words.",
    ),
    (
        "driving",
        "2. Let it improve",
        ":material/autorenew:",
        "A model, or the built-in optimizer, writes Backtrader code. It is backtested and improved, loop after loop.",
    ),
    (
        "compare",
        "3. Judge it",
        ":material/compare_arrows:",
        "Against the plain workflow, buy and hold, and what luck alone would reach. The last bars stay locked until the end.",
    ),
)


def build_sample_plan() -> RunPlan:
    """The one-click sample: real prices, no key, no server."""
    return RunPlan(
        workflow=services().workbench.find_workflow(SAMPLE),
        bars=BarsRequest(symbol="AAPL", start=date(2003, 1, 1), end=date(2010, 12, 31)),
        model=ModelChoice(id="built-in"),
        loops=10,
    )


def start_sample() -> None:
    """Start the sample, or say why it cannot be started; a second click goes to the one that is under way."""
    try:
        under_way = {run.id for run in services().store.list_runs(limit=20) if not run.status.finished}
        if st.session_state.get("home_sample_run") not in under_way:
            st.session_state["home_sample_run"] = services().runs.start(build_sample_plan()).id
        st.session_state["home_started"] = st.session_state["home_sample_run"]
    except StratloopError as error:
        st.session_state["home_failure"] = str(error)


def draw_recent_run(run: Run) -> None:
    """One line on a run, with the way to it."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.badge(labels.STATUS[run.status], icon=formatting.STATUS_ICON[run.status], color=formatting.STATUS_COLOR[run.status])
        st.page_link(
            screen("sweep" if run.kind is RunKind.SWEEP else "driving" if run.kind.is_loop else "library"),
            label=formatting.escape(run.plan.workflow.name or "untitled"),
            query_params={"run": run.id},
        )
        kind = "" if run.kind is RunKind.DRIVE else f"{labels.KIND[run.kind].lower()} · "
        asset, iterations = formatting.escape(formatting.format_asset(run)), format_count(run.iterations, "iteration")
        what = f"{asset} · {kind}{iterations} · {formatting.format_age(run.created)}"
        st.caption(what, width="content")


def draw_recent_runs(*, live: bool) -> None:
    """The newest runs, each as it stands just now; a `live` list ends with the last run that goes on."""
    runs = services().store.list_runs(limit=RECENT)
    if live and not has_unfinished(runs):
        st.rerun()
    frame.draw_left_out(runs)
    if not runs:
        words = "Runs appear here as soon as you start one. They are kept on this machine."
        frame.draw_empty_state("Nothing has run yet", words, icon=":material/history:")
        return
    with st.container(border=True, gap="xsmall", key="home_recent"):
        for one in runs:
            draw_recent_run(one)


def has_unfinished(runs: Iterable[Run]) -> bool:
    """True while one of the runs goes on, and so will look different soon."""
    return any(not run.status.finished for run in runs)


if started := st.session_state.pop("home_started", None):
    st.switch_page(screen("driving"), query_params={"run": started})

right = frame.draw_header("Trading strategies that you can check", ":material/query_stats:")
with right:
    frame.draw_isolation_badge()
st.markdown(
    "Describe a strategy as a table. A model writes the Backtrader code, which runs in a sandbox on past prices. "
    "**Every figure is computed here from the orders, never taken from the code**, and the last part of the data stays locked."
)

if failure := st.session_state.pop("home_failure", None):
    st.error(formatting.escape(failure), icon=":material/error:")

with st.grid(3, min_column_width=260):
    for target, title, icon, about in STEPS:
        with st.container(border=True, height="stretch"):
            st.header(title, icon=icon, anchor=False)
            st.caption(about)
            st.space("stretch")
            label = {"builder": "Open the builder", "driving": "Open LLM driving", "compare": "Open compare"}[target]
            st.page_link(screen(target), label=label, icon=":material/arrow_forward:")

st.html(ONE_BELOW_THE_OTHER)
with st.container(border=True, horizontal=True, vertical_alignment="center", key="home_sample_card"):
    with st.container():
        st.markdown("**New here? Watch it work once.**")
        st.caption(
            "“SMA cross” on daily Apple prices, 2003 to 2010, ten loops with the built-in optimizer (not an AI model): no key, no cost."
        )
    st.button("Run the sample", key="home_sample", type="primary", icon=":material/play_arrow:", on_click=start_sample, width=180)

st.header("Recent runs", anchor=False)
live = has_unfinished(services().store.list_runs(limit=RECENT))
st.fragment(draw_recent_runs, run_every=POLL_SECONDS if live else None)(live=live)
