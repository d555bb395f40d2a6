"""Cost of model calls so far: against the limits, by day, by model, by run, and call by call."""

from datetime import UTC, datetime

import streamlit as st

from core.report.number_format import format_count
from core.services import services
from pages.components import formatting, frame, spending_balances, spending_tables
from pages.components.fields import draw_choice
from pages.components.spending_tables import CALLS


def draw_run_card(run_ids: list[str]) -> None:
    """The third card: one run, the newest at first."""
    if not run_ids:
        with st.container(border=True, height="stretch", gap="small"):
            st.markdown("**One run**")
            st.caption("The newest run that asked a model appears here.")
        return
    if st.session_state.get("credits_run") not in run_ids:
        st.session_state["credits_run"] = run_ids[0]
    found = spending_balances.find_run_balance(st.session_state["credits_run"])
    if found is not None:
        card = spending_balances.draw_balance_card(found, title="One run")
        draw_choice("Run", run_ids, place=card, key="credits_run", format_func=format_run_label, label_visibility="collapsed")


def format_run_label(run_id: str) -> str:
    """A run in the list."""
    run = spending_tables.find_run(run_id)
    return f"{run.plan.workflow.name or 'untitled'}, {formatting.format_moment(run.created)}" if run else f"run {run_id}"


right = frame.draw_header("Credits", ":material/payments:")
if said := st.session_state.pop("credits_said", None):
    st.toast(said, icon=":material/check:")
ledger = services().rooms.ledger
calls = ledger.rows(limit=CALLS)
frame.draw_left_out(calls)
if calls:
    right.download_button(
        "CSV",
        data=services().spending.export_csv,
        file_name="stratloop-calls.csv",
        mime="text/csv",
        key="credits_csv",
        icon=":material/download:",
        on_click="ignore",
        help="Every call with its facts, as a table for a spreadsheet.",
    )
recent = list(dict.fromkeys(row.run_id for row in calls if row.run_id))
with st.grid(3, min_column_width=260), frame.show_errors():
    for balance in ledger.balances():
        spending_balances.draw_balance_card(balance)
    draw_run_card(recent)

main, side = st.columns([8, 4], gap="medium")
with side:
    spending_balances.draw_caps_form()
    st.caption("A credit is another name for a tenth of a cent: 1,000 credits are one dollar. Providers bill you themselves, in dollars.")
with main:
    if not calls:
        spending_tables.draw_empty_state()
    else:
        days = spending_tables.load_lines("day")
        with st.container(border=True):
            st.markdown("**By day** (UTC)")
            if any(spent.usd_micros or spent.unpriced for _, spent in days):
                spending_tables.draw_day_chart(days, datetime.now(UTC).date())
            else:
                made = sum(spent.calls for _, spent in days)
                st.caption(f":material/check_circle: Everything so far was free: {format_count(made, 'call')} of models that cost nothing.")
        models_tab, runs_tab, calls_tab = st.tabs(["By model", "By run", "Calls"], key="credits_tab", on_change="rerun")
        if models_tab.open:
            with models_tab:
                spending_tables.draw_model_table(spending_tables.load_lines("model"))
        if runs_tab.open:
            with runs_tab:
                spending_tables.draw_run_table(spending_tables.load_lines("run"))
        if calls_tab.open:
            with calls_tab:
                spending_tables.draw_call_table(calls)
