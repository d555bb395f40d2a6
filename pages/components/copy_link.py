"""A button that copies the address of the page, which holds what is chosen there."""

import streamlit as st

from pages.components.browser_code import read_browser_code

_draw = st.components.v2.component(
    "stratloop_copy_link",
    html=read_browser_code("copy_link.html"),
    css=read_browser_code("copy_link.css"),
    js=read_browser_code("copy_link.js"),
)


def draw_copy_link(*, key: str, label: str = "Copy link") -> None:
    """Draw the button."""
    _draw(data={"label": label}, key=key, width="content")
