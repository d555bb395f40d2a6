"""Ways on from the table: a backtest of it, LLM driving, its code. Each takes the table along to the screen that does it."""

import streamlit as st

from pages.components import form_state, picker
from pages.components.navigation import screen

ASKED = "code_asked"
"""Key of what the code screen is asked to do with the table when it opens: `backtest` or `compile`."""


def draw_next_steps(*, ready: bool) -> None:
    """Draw the ways on; a table that cannot run yet has but the one on which its problem is told, too."""
    why = None if ready else "The table has errors: put them right first."
    with st.container(horizontal=True, gap="small", key="builder_next"):
        backtest = st.button(
            "Backtest it", key="builder_backtest", icon=":material/play_arrow:", type="primary", disabled=not ready, help=why
        )
        drive = st.button("Use it in LLM driving", key="builder_drive", icon=":material/autorenew:")
        see = st.button("See it as code", key="builder_code", icon=":material/code:", disabled=not ready, help=why)
    if drive:
        form_state.store_fields("driving", {"workflow": picker.DRAFT})
        st.session_state["driving_said"] = "The form holds the table of the builder."
        st.switch_page(screen("driving"))
    if backtest or see:
        form_state.store_fields("code", {"workflow": picker.DRAFT})
        st.session_state[ASKED] = "backtest" if backtest else "compile"
        st.switch_page(screen("code"))
