"""Help for those who use the keyboard alone, on every screen."""

import streamlit as st

from pages.components.browser_code import read_browser_code

_draw = st.components.v2.component("stratloop_keyboard", html="<span hidden></span>", js=read_browser_code("keyboard.js"))


def help_keyboard() -> None:
    """Take the focus into a menu that folds out and back, and let Escape and Tab leave the code editor."""
    _draw(key="shell_keyboard")
