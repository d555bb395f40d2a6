"""One question about a pasted script: it sets cash and costs of its own, are they to be used?"""

import streamlit as st

from core.domain.script_account import describe_settings
from core.services import services
from pages.components.plan_rules import PlanForm

_SHOWN_AS = {"cash": 1.0, "commission": 100.0, "slippage": 100.0, "leverage": 1.0}
"""Settings that the form has, and what its fields multiply them by."""


def draw_script_account(page: str, code: str, form: PlanForm) -> None:
    """Ask once for each set of settings that the code's script has and the form has otherwise."""
    account = services().workbench.read_script_account(code) if code.strip() else None
    if account is None:
        return
    differences = {name: value for name, value in account.find_differences(form.backtest).items() if name in _SHOWN_AS}
    answered = f"{page}_script_account_answered"
    if not differences or st.session_state.get(answered) == account.said:
        return

    def take() -> None:
        for name, value in differences.items():
            st.session_state[f"{page}_{name}"] = value * _SHOWN_AS[name]
        st.session_state[answered] = account.said

    def keep() -> None:
        st.session_state[answered] = account.said

    with st.container(horizontal=True, vertical_alignment="center", key=f"{page}_script_account"):
        st.info(f"The script sets {describe_settings(differences)}: use them?", icon=":material/help:")
        st.button("Use them", key=f"{page}_script_account_use", on_click=take)
        st.button("Keep mine", key=f"{page}_script_account_keep", type="tertiary", on_click=keep)
