"""One line of chips above a comparison: color, name and standing of each column, with the way to its run and out of the comparison."""

from collections.abc import Mapping, Sequence

import streamlit as st

from core.report.comparison import Column, ParticipantKind
from pages.components.browser_code import read_browser_code

_draw = st.components.v2.component(
    "stratloop_participant_chips",
    html=read_browser_code("participant_chips.html"),
    css=read_browser_code("participant_chips.css"),
    js=read_browser_code("participant_chips.js"),
)


def draw_participant_chips(columns: Sequence[Column], *, colors: Mapping[str, str], dark: bool, key: str) -> tuple[str | None, str | None]:
    """Draw the chips; gives the id of the column that is to be removed, and of the one that is to be opened."""
    chips = [
        {
            "id": column.id,
            "name": column.name,
            "color": colors[column.id],
            "dashed": column.kind is ParticipantKind.MARKET,
            "badges": [badge.value for badge in column.badges],
            "why": column.why,
            "opens": column.kind is not ParticipantKind.MARKET,
            "removable": column.kind is ParticipantKind.ITERATION,
        }
        for column in columns
    ]
    reported = _draw(data={"chips": chips, "dark": dark}, key=key, on_remove_change=lambda: None, on_open_change=lambda: None)
    return reported.remove, reported.open
