"""Colors of the theme, for charts that have to name them: one color for each participant of a comparison, everywhere."""

from collections.abc import Sequence

import streamlit as st

from core.report.comparison import Participant
from core.report.series_colors import SERIES, assign_colors

MIDDLE_BLUE, MIDDLE_GRAY = "#3f70ea", "#8a94a6"
"""Colors that hold on both grounds, for pictures that cannot know theirs."""
TEXT = {False: "#111827", True: "#e8ecf3"}
QUIET = {False: "#5f6b7c", True: "#94a0b3"}
_MORE = {False: ("#a97f00", "#8a5a3c", "#5c8a1e"), True: ("#e0bd4f", "#c9987a", "#a5cf62")}
VIEWER = {ground: (SERIES[ground][0], QUIET[ground], *SERIES[ground][1:], *more) for ground, more in _MORE.items()}
"""Ten colors of the curves' viewer: the best, buy and hold, then the others."""

_READABLE = """<style>
[data-testid="stSliderThumbValue"] p,
[data-testid="stTab"][aria-selected="true"] p,
[data-variant="segmented_control"][aria-checked="true"] p,
[data-variant="pills"][aria-checked="true"] p { color: light-dark(#2256d8, #a9c4ff); }
[data-testid="stMain"]:focus-visible { box-shadow: inset 0 0 0 2px light-dark(#2256d8, #a9c4ff); }
</style>"""


def draw_readable_colors() -> None:
    """Lift the words that the theme draws in its main color: white has to stand on that color, and it has to stand on the dark ground.

    The part that scrolls is a stop of the keyboard, and shows it.
    The browser chooses between the two, so that a change of the theme needs no run of the page.
    """
    st.html(_READABLE)


_WATCH = """
const told = new WeakMap();
export default function({data, parentElement, setStateValue}) {
  const ground = getComputedStyle(parentElement.querySelector("i")).backgroundColor.match(/[\\d.]+/g).map(Number);
  if (ground[3] === 0) return;
  const dark = ground[0] + ground[1] + ground[2] < 382;
  if (dark === data.dark) told.delete(parentElement);
  else if (told.get(parentElement) !== dark) {
    told.set(parentElement, dark);
    setStateValue("dark", dark);
  }
}
"""
_watch = st.components.v2.component(
    "stratloop_theme_watch", html="<i hidden></i>", css="\ni { background: var(--st-background-color); }\n", js=_WATCH
)


def watch_theme() -> None:
    """Run the page once more when the ground turns light or dark under it: charts and tables name their colors here."""
    _watch(data={"dark": is_dark()}, key="shell_theme", on_dark_change=lambda: None)


def is_dark() -> bool:
    """True when the page is drawn on a dark ground."""
    return st.context.theme.type == "dark"


def color_participants(participants: Sequence[Participant], *, dark: bool | None = None) -> dict[str, str]:
    """Color the participants: iterations by their order, the workflow as written like text, the market gray."""
    ground = is_dark() if dark is None else dark
    return assign_colors(participants, SERIES[ground], written=TEXT[ground], market=QUIET[ground])
