"""Spending in a day, a month and a run, against the limits; and the form that sets the limits."""

from typing import TYPE_CHECKING

import streamlit as st

from core.domain.errors import StratloopError
from core.domain.usage import Balance
from core.report.number_format import format_count
from core.services import services
from pages.components import formatting, spending_words
from pages.components.fields import draw_number

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

TITLES = {"day": "Today", "month": "This month", "run": "Run"}
FIELDS = ("day_usd", "month_usd", "run_usd", "run_tokens")
MOST = 1_000_000.0


def draw_balance_card(balance: Balance, *, title: str = "") -> "DeltaGenerator":
    """One sum with its state and what is left of its limit; gives the card, for what belongs below."""
    label, color, icon = spending_words.STATE[balance.state]
    spent = balance.spent
    card = st.container(border=True, height="stretch", gap="small", key=f"credits_balance_{balance.scope}")
    with card:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{title or TITLES[balance.scope]}**", width="content")
            st.space("stretch")
            st.badge(label, icon=icon, color=color)
        st.metric("Spent", spending_words.format_amount(spent).capitalize(), label_visibility="collapsed")
        st.caption(
            formatting.escape(
                f"{spending_words.format_amount_in_credits(spent)} · {format_count(spent.calls, 'call')} · {spent.tokens:,} tokens"
            )
        )
        if balance.cap_usd:
            st.progress(min(spent.usd / balance.cap_usd, 1.0), text=formatting.escape(spending_words.describe_limit(balance)))
        else:
            st.caption(formatting.escape(spending_words.describe_limit(balance).capitalize() + "."))
        if remark := spending_words.describe_certainty(spent):
            st.caption(formatting.escape(remark))
    return card


def find_run_balance(run_id: str) -> Balance | None:
    """Find the sum of one run against its own limit, or the one for every run."""
    try:
        cap = services().store.read_run(run_id).plan.budget_usd
    except StratloopError:
        cap = None
    found: tuple[Balance, ...] = services().rooms.ledger.balances(run_id=run_id, run_cap_usd=cap)
    return next((balance for balance in found if balance.scope == "run"), None)


def draw_caps_form() -> None:
    """The limits; nothing changes before the button is pressed."""
    try:
        caps = services().preferences.read_caps().model_dump()
    except StratloopError:
        caps = {}  # the cards say so; limits that are saved here take their place
    for name in FIELDS:
        value = caps.get(name)
        st.session_state.setdefault(f"credits_{name}", (int if name == "run_tokens" else float)(value or 0))
    with st.form("credits_caps", border=True):
        st.header("Limits", anchor=False)
        st.caption("0 sets no limit.")
        upper, lower = st.columns(2), st.columns(2)
        for column, name, label in (
            (upper[0], "day_usd", "A day, $"),
            (upper[1], "month_usd", "A month, $"),
            (lower[0], "run_usd", "A run, $"),
        ):
            draw_number(label, 0.0, MOST, place=column, step=1.0, format="%.2f", key=f"credits_{name}")
        draw_number(
            "A run, tokens",
            0,
            10**10,
            place=lower[1],
            step=10_000,
            key="credits_run_tokens",
            help="The only limit that can hold for a model whose price is unknown.",
        )
        st.caption(
            "Before a call is sent, the most it can cost is reserved. A call that could pass a limit is not sent, "
            "and an answer that grows beyond it is stopped. Days and months are those of UTC."
        )
        st.form_submit_button("Save limits", key="credits_save_caps", type="primary", icon=":material/save:", on_click=save_caps)


def save_caps() -> None:
    """Keep what the fields say."""
    values = {name: st.session_state.get(f"credits_{name}") or None for name in FIELDS}
    services().preferences.save_caps(
        day_usd=values["day_usd"],
        month_usd=values["month_usd"],
        run_usd=values["run_usd"],
        run_tokens=int(values["run_tokens"] or 0) or None,
    )
    st.session_state["credits_said"] = "The limits are saved. They hold from the next call on."
