"""A small curve below a number, with its text alternative: the course that led to it, ending at it."""

from collections.abc import Sequence

import streamlit as st

_CSS = """
.sparkline { display: block; width: 100%; height: 36px; overflow: visible; }
.sparkline polyline { fill: none; stroke: var(--st-primary-color); stroke-width: 1.5; vector-effect: non-scaling-stroke; }
.sparkline polygon { fill: var(--st-primary-color); opacity: 0.1; }
"""
_JS = """
const WIDTH = 100, HEIGHT = 30;
export default function({data, parentElement}) {
  const values = data.values;
  const low = Math.min(...values), high = Math.max(...values), span = high - low || 1;
  const points = values.map((value, place) =>
    `${place * WIDTH / (values.length - 1)},${HEIGHT - 2 - (HEIGHT - 4) * (value - low) / span}`).join(" ");
  const svg = parentElement.querySelector("svg");
  svg.setAttribute("aria-label", data.label);
  svg.querySelector("polyline").setAttribute("points", points);
  svg.querySelector("polygon").setAttribute("points", `0,${HEIGHT} ${points} ${WIDTH},${HEIGHT}`);
}
"""
_HTML = """
<svg class="sparkline" role="img" viewBox="0 0 100 30" preserveAspectRatio="none"><polygon></polygon><polyline></polyline></svg>
"""

_draw = st.components.v2.component("stratloop_sparkline", html=_HTML, css=_CSS, js=_JS)


def draw_sparkline(values: Sequence[float], *, label: str, key: str) -> None:
    """Draw the course of a number; nothing for fewer than two values."""
    if len(values) > 1:
        _draw(data={"values": [float(value) for value in values], "label": label}, key=key, height=38)
