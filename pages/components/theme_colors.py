"""Colors of the theme, for charts that have to name them: one color for each participant of a comparison, everywhere."""

from collections.abc import Sequence

import streamlit as st

from core.report.comparison import Participant, ParticipantKind

TEXT = {False: "#111827", True: "#e8ecf3"}
QUIET = {False: "#5f6b7c", True: "#94a0b3"}
SERIES = {
    False: ("#2256d8", "#d9780f", "#0b9a6a", "#9b45cf", "#d43f4d", "#1593b5"),
    True: ("#6f9bff", "#f0a050", "#4cc99a", "#c08cf0", "#f0737d", "#52c3dd"),
}
"""The first six categorical colors of the theme, light and dark; a test holds them against `.streamlit/config.toml`."""


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
    series = iter(SERIES[ground])
    found = {}
    for one in participants:
        own = {ParticipantKind.WRITTEN: TEXT[ground], ParticipantKind.MARKET: QUIET[ground]}.get(one.kind)
        found[one.id] = own or next(series, QUIET[ground])
    return found
