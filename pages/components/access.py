"""Access to the dashboard. Without an `[auth]` section in the secrets it serves this machine alone and lets everybody in."""

import streamlit as st

from core.domain.web_addresses import is_loopback


def has_login() -> bool:
    """True when the operator set up a login (`[auth]` in `.streamlit/secrets.toml`)."""
    return bool(st.secrets.load_if_toml_exists()) and "auth" in st.secrets


def require_access() -> None:
    """Show the login and stop the script, unless access is free or the visitor is signed in."""
    if not has_login():
        _require_loopback()
        return
    if st.user.is_logged_in:
        return
    with st.container(horizontal_alignment="center"):
        st.space("large")
        st.title("Stratloop", text_alignment="center")
        st.caption("This server asks who you are before it shows anything.", text_alignment="center")
        st.button("Sign in", key="gate_login", type="primary", icon=":material/login:", on_click=st.login)
    st.stop()


def _require_loopback() -> None:
    """Stop the script where the server listens beyond this machine: nobody set up a login, so nobody enters."""
    if not is_loopback(str(st.get_option("server.address") or "127.0.0.1")):
        st.error("This server is reached from beyond its machine, and nobody has set up a login: it answers nobody.")
        st.stop()
