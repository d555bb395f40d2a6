"""Keys, models, limits, the sandbox, and what this installation is."""

import streamlit as st

from core.services import services
from pages.components import frame, words

frame.header("Settings", ":material/settings:")
with st.container(border=True, key="settings_place"):
    st.subheader("Where things are kept", anchor=False)
    st.caption(words.escape(f"All state lies in {services().settings.home}."))
