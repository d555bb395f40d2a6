"""Colors of the theme, for charts that have to name them: one color for each participant of a comparison, everywhere."""

from collections.abc import Sequence

import streamlit as st

from core.report.comparison import Participant
from core.report.series_colors import SERIES, assign_colors

MIDDLE_BLUE, MIDDLE_GRAY = "#3f70ea", "#8a94a6"
"""Colors that hold on both grounds, for pictures that cannot know theirs."""
TEXT = {False: "#111827", True: "#e8ecf3"}
QUIET = {False: "#5f6b7c", True: "#94a0b3"}

_READABLE = """<style>
[data-testid="stSliderThumbValue"] p,
[data-variant="segmented_control"][aria-checked="true"] p,
[data-variant="pills"][aria-checked="true"] p { color: light-dark(#2256d8, #a9c4ff); }
</style>"""


def draw_readable_colors() -> None:
    """Lift the words that the theme draws in its main color: white has to stand on that color, and it has to stand on the dark ground.

    The browser chooses between the two, so that a change of the theme needs no run of the page.
    """
    st.html(_READABLE)


def is_dark() -> bool:
    """True when the page is drawn on a dark ground."""
    return st.context.theme.type == "dark"


def color_participants(participants: Sequence[Participant], *, dark: bool | None = None) -> dict[str, str]:
    """Color the participants: iterations by their order, the workflow as written like text, the market gray."""
    ground = is_dark() if dark is None else dark
    return assign_colors(participants, SERIES[ground], written=TEXT[ground], market=QUIET[ground])
