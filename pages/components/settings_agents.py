"""Agents of the user's own: what to enter in each client, and which servers are talking to one now."""

from datetime import UTC, datetime

import streamlit as st

from core.report.number_format import format_count
from core.services import services
from core.services.agent_token import describe_token_place
from core.services.client_config import ClientConfig, list_client_configs
from core.services.connections import Connected
from pages.components import formatting
from pages.components.fields import draw_switch

SECONDS = 3.0
"""Time between two looks at who is connected."""
HTTP_PORT = 8710


def draw_agents_panel() -> None:
    """Texts to enter on the left, who is connected on the right."""
    left, right = st.columns([7, 5], gap="medium")
    with left, st.container(border=True):
        st.header("Let your own agent work here", anchor=False)
        st.markdown(
            "Claude Code, Codex, Gemini CLI and others can write versions, submit them and finish a session with the model that they "
            "have. No key is needed here and nothing is spent. They see training bars alone; the hold-out is looked at once, when they "
            "finish."
        )
        shared = draw_switch("One server for several clients, over HTTP", key="settings_agents_http")
        if shared:
            st.markdown("Start it in a terminal; it listens on this machine alone.")
            st.code(f"python -m core.cli mcp --http --port {HTTP_PORT}", language="sh", wrap_lines=True)
            st.caption(describe_token_place())
        for one in list_client_configs(services().settings.home, port=HTTP_PORT if shared else None):
            _draw_config(one)
    with right, st.container(border=True):
        st.header("Connected now", anchor=False)
        st.fragment(_draw_connected, run_every=SECONDS)()


def _draw_config(one: ClientConfig) -> None:
    with st.expander(one.client, key=f"settings_agents_{one.client.lower().replace(' ', '_')}"):
        st.caption(formatting.escape(one.where[:1].upper() + one.where[1:]))
        st.code(one.text, language="toml" if ".toml" in one.where else "json" if one.text.startswith("{") else "sh", wrap_lines=True)


def _draw_connected() -> None:
    found = services().list_connected()
    if not found:
        st.caption("No agent is connected. A client starts the server by itself once it is entered there.")
    for one in found:
        with st.container(border=True):
            st.text(", ".join(one.clients) or "No call yet")
            st.caption(formatting.escape(describe_connected(one, datetime.now(UTC))))


def describe_connected(one: Connected, now: datetime) -> str:
    """Describe a server that agents talk to, and its last call."""
    way = f"HTTP at {one.address}" if one.address else "Standard input and output"
    parts = [way, f"since {one.since:%Y-%m-%d %H:%M} UTC", format_count(one.calls, "call")]
    if one.last_call is not None:
        seconds = max(0, round((now - one.last_call).total_seconds()))
        ago = f"{seconds} s" if seconds < 120 else f"{seconds // 60} min"
        parts.append(f"last {one.last_tool}, {ago} ago")
    return " · ".join(parts)
