"""Keys, models, credits, the sandbox, and what this installation is."""

import streamlit as st

from core.services import services
from pages.components import frame, spending_balances
from pages.components.navigation import screen
from pages.components.settings_agents import draw_agents_panel
from pages.components.settings_cluster import draw_cluster_panel
from pages.components.settings_installation import draw_installation_panel
from pages.components.settings_keys import draw_keys_panel
from pages.components.settings_models import draw_models_panel
from pages.components.settings_people import draw_people_panel
from pages.components.settings_sandbox import draw_sandbox_panel


def draw_credits_panel() -> None:
    """Spending so far against the limits, the limits themselves, and the way to every call."""
    with st.grid(3, min_column_width=260):
        for balance in services().rooms.ledger.balances():
            spending_balances.draw_balance_card(balance)
    spending_balances.draw_caps_form()
    st.page_link(screen("credits"), label="Every call, by model, run and day", icon=":material/payments:")


def draw_isolation_panel() -> None:
    """Isolation of code here, and on the workers of a cluster."""
    draw_sandbox_panel()
    draw_cluster_panel()


PANELS = {
    "Keys": draw_keys_panel,
    "Models": draw_models_panel,
    "Credits": draw_credits_panel,
    "Agents": draw_agents_panel,
    "Sandbox": draw_isolation_panel,
    "People": draw_people_panel,
    "Installation": draw_installation_panel,
}

frame.draw_header("Settings", ":material/settings:")
for tab, panel in zip(st.tabs(list(PANELS), key="settings_tab", on_change="rerun"), PANELS.values(), strict=True):
    if tab.open:
        with tab, frame.show_errors():
            panel()
