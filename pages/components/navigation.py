"""Paths of the screens, for links and switches between them. Screens know each other only through here."""

from pathlib import Path

import streamlit as st

FOLDER = Path(__file__).resolve().parent.parent


def screen(name: str) -> str:
    """Path of a screen, as `st.page_link` and `st.switch_page` take it.

    >>> Path(screen("builder")).name
    'builder.py'
    """
    return str(FOLDER / f"{name}.py")


def put_in_address(name: str, value: str) -> None:
    """Put a setting into the address; an empty one leaves it."""
    if value:
        st.query_params[name] = value
    elif name in st.query_params:
        del st.query_params[name]
