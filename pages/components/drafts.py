"""Drafts of what is typed, kept in the history while that takes anything."""

import streamlit as st

from core.domain.errors import StoreError
from core.services import services
from pages.components.formatting import escape

_TOLD = "draft_trouble_told"


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
    return True
