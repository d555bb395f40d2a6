"""Buttons that hand out a report, made when they are pressed."""

from collections.abc import Callable

import streamlit as st


def draw_report_buttons(render: Callable[[bool], str], *, file: str, key: str) -> None:
    """Draw the downloads of a report; `render` makes it, as Markdown when it is given True."""
    st.download_button(
        "HTML report",
        data=lambda: render(False),
        file_name=f"{file}.html",
        mime="text/html",
        key=f"{key}_report",
        icon=":material/description:",
        on_click="ignore",
        help="One file that opens anywhere without a network and prints to a clean PDF.",
    )
    st.download_button(
        "Markdown",
        data=lambda: render(True),
        file_name=f"{file}.md",
        mime="text/markdown",
        key=f"{key}_markdown",
        icon=":material/article:",
        on_click="ignore",
        help="For a ticket or a chat.",
    )
