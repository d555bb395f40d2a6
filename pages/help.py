"""Help: the guides, to read and to search, opened at the section that belongs to the screen it was asked from."""

import streamlit as st

from pages.components import formatting, frame, guides
from pages.components.fields import draw_text
from pages.components.guides import Guide, GuidePlace
from pages.components.scroll import open_at

FIRST = "guide-driving"
NARROW = "<style>.st-key-help_text table { display: block; overflow-x: auto; } .st-key-help_text code { overflow-wrap: anywhere; }</style>"
"""On a phone wide tables of a guide scroll by themselves, and long addresses break."""
SHORT_LIST = "<style>@media (max-width: 640px) { .st-key-help_list { max-height: 15rem; overflow-y: auto; } }</style>"
"""On a phone the list of guides scrolls by itself, so that the guide that was asked for is in sight below it."""


def open_place(place: GuidePlace) -> None:
    """Open a guide at a place, in this tab, under an address of its own; what was searched for is let go."""
    st.query_params.from_dict(place.address)
    st.session_state["help_search"] = ""


def draw_found(query: str) -> None:
    """Sections that a search found, each with the way to it."""
    found = guides.find_sections(query)
    if not found:
        st.caption(f"No guide speaks of “{formatting.escape(query)}”. Try one word of it, or another one.")
    for number, one in enumerate(found):
        with st.container(border=True, gap="xsmall"):
            label = formatting.escape(f"{one.title}: {one.heading}" if one.heading else one.title)
            st.button(label, key=f"help_found_{number}", icon=":material/article:", type="tertiary", on_click=open_place, args=(one.place,))
            st.caption(formatting.escape(one.excerpt))


def draw_list(shown: Guide | None) -> None:
    """Every guide; below the open one its sections."""
    for guide in guides.list_guides():
        is_open = shown is not None and guide.topic == shown.topic
        title = formatting.escape(guide.title)
        st.button(
            f"**{title}**" if is_open else title,
            key=f"help_open_{guide.topic}",
            icon=":material/menu_book:" if is_open else ":material/article:",
            type="tertiary",
            on_click=open_place,
            args=(GuidePlace(guide.topic),),
        )
        if is_open:
            draw_sections(guide)


def draw_sections(guide: Guide) -> None:
    """The sections of a guide, as links within the page."""
    headings = [heading for heading, _ in guides.split_sections(guide.text) if heading]
    if len(headings) > 1:
        with st.container(gap=None, key="help_sections"):
            for heading in headings:
                st.button(
                    formatting.escape(heading),
                    key=f"help_section_of_{guides.name_section(heading)}",
                    icon=":material/subdirectory_arrow_right:",
                    type="tertiary",
                    on_click=open_place,
                    args=(GuidePlace(guide.topic, heading),),
                )


def draw_guide(guide: Guide, section: str) -> None:
    """A guide, section by section, brought into view at the one that was asked for."""
    st.html(NARROW)
    with st.container(border=True, key="help_text"):
        st.header(guide.title, anchor=False)
        for heading, text in guides.split_sections(guide.text):
            name = guides.name_section(heading) or "beginning"
            with st.container(key=f"help_at_{name}"):
                if heading:
                    st.subheader(heading, anchor=False)
                st.markdown(text, unsafe_allow_html=True)  # text of this program, with links that stay in this tab
    if section:
        open_at(f"help_at_{section}")


topic = str(st.query_params.get("topic") or FIRST)
guide = guides.read_guide(topic) or guides.read_guide(FIRST)
frame.draw_header("Help", ":material/help:")
query = draw_text(
    "Search the guides", key="help_search", type="search", live="300ms", placeholder="For example hold-out", icon=":material/search:"
).strip()
st.html(SHORT_LIST)
left, main = st.columns([3, 9], gap="medium")
with left, st.container(border=True, gap=None, key="help_list"):
    st.header("Guides", anchor=False)
    draw_list(guide)
with main:
    if query:
        draw_found(query)
    elif guide is not None:
        draw_guide(guide, str(st.query_params.get("section") or ""))
