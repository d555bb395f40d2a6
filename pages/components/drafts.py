"""Drafts of what is typed, kept in the history while that takes anything."""

import streamlit as st

from core.domain.errors import StoreError
from core.services import services
from pages.components.formatting import escape

_TOLD = "draft_trouble_told"
_SEEN = "draft_seen_"
"""The draft as this tab last read or wrote it, by its name."""


def read_draft(key: str) -> str | None:
    """Read a draft; from then on `find_other_draft` tells when another tab has changed it."""
    found = services().store.read_draft(key)
    st.session_state[_SEEN + key] = found
    return found


def find_other_draft(key: str) -> str | None:
    """Find what another tab or window has made of a draft since this tab read or wrote it; None where nobody has, or nobody can tell."""
    if _SEEN + key not in st.session_state:
        return None
    try:
        found = services().store.read_draft(key)
    except StoreError:
        return None
    return found if found and found != st.session_state[_SEEN + key] else None


def keep_draft(key: str, document: str) -> bool:
    """Keep a draft; false where the history takes nothing now: a screen goes on with what this tab holds, and that is said once."""
    try:
        services().store.save_draft(key, document)
    except StoreError as error:
        if not error.trouble.curable:
            raise
        if not st.session_state.get(_TOLD):
            st.session_state[_TOLD] = True
            st.toast(f"{escape(error.message)} What you enter is kept in this tab alone.", icon=":material/edit_off:", duration="long")
        return False
    st.session_state[_TOLD] = False
    st.session_state[_SEEN + key] = document
    return True
