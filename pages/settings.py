"""Keys, models, the sandbox, and what this installation is."""

import streamlit as st

from pages.components import frame
from pages.components.routes import screen
from pages.components.settings_installation import installation_panel
from pages.components.settings_keys import keys_panel
from pages.components.settings_models import models_panel
from pages.components.settings_sandbox import sandbox_panel

PANELS = {"Keys": keys_panel, "Models": models_panel, "Sandbox": sandbox_panel, "Installation": installation_panel}

right = frame.header("Settings", ":material/settings:")
right.page_link(screen("credits"), label="Limits on spending", icon=":material/payments:")
for tab, panel in zip(st.tabs(list(PANELS), key="settings_tab", on_change="rerun"), PANELS.values(), strict=True):
    if tab.open:
        with tab, frame.errors_in_words():
            panel()
