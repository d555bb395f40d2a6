"""Help: the guides, to read and to search, opened at the one that belongs to the screen it was asked from."""

import streamlit as st

from pages.components import formatting, frame, guides
from pages.components.fields import draw_text
from pages.components.navigation import screen

FIRST = "guide-driving"


def draw_found(query: str) -> None:
    """Sections that a search found, each with the way to it."""
    found = guides.find_sections(query)
    if not found:
        st.caption(f"No guide speaks of “{formatting.escape(query)}”. Try one word of it, or another one.")
    for one in found:
        with st.container(border=True, gap="xsmall"):
            st.page_link(
                screen("help"),
                label=formatting.escape(f"{one.title}: {one.heading}" if one.heading else one.title),
                query_params={"topic": one.topic},
            )
            st.caption(formatting.escape(one.excerpt))


def draw_list(shown: str) -> None:
    """Every guide, with the open one marked."""
    for guide in guides.list_guides():
        icon = ":material/menu_book:" if guide.topic == shown else ":material/article:"
        st.page_link(screen("help"), label=formatting.escape(guide.title), icon=icon, query_params={"topic": guide.topic})


topic = str(st.query_params.get("topic") or FIRST)
guide = guides.read_guide(topic) or guides.read_guide(FIRST)
frame.draw_header("Help", ":material/help:")
query = draw_text(
    "Search the guides", key="help_search", type="search", live="300ms", placeholder="For example hold-out", icon=":material/search:"
).strip()
left, main = st.columns([3, 9], gap="medium")
with left, st.container(border=True, gap="xsmall", key="help_list"):
    st.header("Guides", anchor=False)
    draw_list(guide.topic if guide else FIRST)
with main:
    if query:
        draw_found(query)
    elif guide is not None:
        with st.container(border=True, key="help_text"):
            st.header(guide.title, anchor=False)
            st.markdown(guide.text)
