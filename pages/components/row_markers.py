"""Rows of the workflow beside the code editor: bars in its gutter on the lines that name a row, and a list that leads to them.

The editor's component can only put remarks of its own three kinds into the gutter, so this one reaches into its frame, which is
served from the same place. Where it cannot, the list alone says where each row is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import streamlit as st

from core.evidence import RowPlace
from pages.components import formatting
from pages.components.browser_code import read_browser_code

_draw = st.components.v2.component(
    "stratloop_row_markers",
    html=read_browser_code("row_markers.html"),
    css=read_browser_code("row_markers.css"),
    js=read_browser_code("row_markers.js"),
)


@dataclass(frozen=True, slots=True)
class RowMarker:
    """One row as the list beside the editor shows it."""

    row: str
    words: str
    """The row, read out."""
    lines: tuple[int, ...]
    main: int | None
    """Line to go to; None for a row that the code does not name."""


def build_row_markers(places: Sequence[RowPlace], readings: Mapping[str, str]) -> list[RowMarker]:
    """Build the markers of the rows, each with what it says in words."""
    return [RowMarker(place.row.id, readings.get(place.row.id, ""), place.lines, place.main) for place in places]


def draw_row_markers(markers: Sequence[RowMarker], name: str, *, key: str) -> None:
    """Draw the list and the bars; a line on it where the code names no row of the workflow at all."""
    if not markers:
        st.caption(f"No row of “{formatting.escape(name or 'the workflow')}” is named in this code, so none is marked.")
    _draw(data={"rows": [asdict(marker) for marker in markers]}, key=key)
