"""Text that is typed and not sent yet, on every screen: the browser keeps it over a reload and the way back."""

import streamlit as st

from pages.components.browser_code import read_browser_code

_draw = st.components.v2.component("stratloop_typed_text", html="<span hidden></span>", js=read_browser_code("typed_text.js"))


def keep_typed_text() -> None:
    """Keep what is typed until it is sent, and let cells of the table take what is typed in them when they are left."""
    _draw(key="shell_typed_text")
