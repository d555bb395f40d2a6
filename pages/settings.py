"""Keys, models, the sandbox, and what this installation is."""

import streamlit as st

from pages.components import frame
from pages.components.navigation import screen
from pages.components.settings_installation import draw_installation_panel
from pages.components.settings_keys import draw_keys_panel
from pages.components.settings_models import draw_models_panel
from pages.components.settings_sandbox import draw_sandbox_panel

PANELS = {"Keys": draw_keys_panel, "Models": draw_models_panel, "Sandbox": draw_sandbox_panel, "Installation": draw_installation_panel}

right = frame.draw_header("Settings", ":material/settings:")
right.page_link(screen("credits"), label="Limits on spending", icon=":material/payments:")
for tab, panel in zip(st.tabs(list(PANELS), key="settings_tab", on_change="rerun"), PANELS.values(), strict=True):
    if tab.open:
        with tab, frame.show_errors():
            panel()
