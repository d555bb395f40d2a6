"""Input fields that show what the session holds, however late the browser gets to draw them.

A field of Streamlit whose script arrives late (a cold cache, a slow line) is drawn from the last message about it. When that message
carries neither a new value nor a default, the field is drawn empty, and its emptiness comes back as if somebody had cleared it. So each
field here is given its value as its default too, on every run; text that is typed and not sent yet stays as it is typed.
"""

from collections.abc import Sequence
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator


def bind(key: str, value: Any) -> str:
    """Bring a field's state in line with a document that was changed from outside (undo, loading); gives the key."""
    if key not in st.session_state or st.session_state[key] != value:
        st.session_state[key] = value
    return key


def follow(key: str, value: Any) -> str:
    """Let a field follow a value that is changed elsewhere; between two changes it keeps what is typed. Gives the key."""
    if f"{key}__followed" not in st.session_state or st.session_state[f"{key}__followed"] != value or key not in st.session_state:
        st.session_state[key] = st.session_state[f"{key}__followed"] = value
    return key


def draw_text(label: str, *, key: str, place: DeltaGenerator | None = None, **options: Any) -> str:
    """A line of text; empty when there is none."""
    return (place or st).text_input(label, value=str(st.session_state.get(key) or ""), key=key, **options) or ""


def draw_area(label: str, *, key: str, place: DeltaGenerator | None = None, **options: Any) -> str:
    """Text of several lines; empty when there is none."""
    return (place or st).text_area(label, value=str(st.session_state.get(key) or ""), key=key, **options) or ""


def draw_number(label: str, *bounds: float | None, key: str, place: DeltaGenerator | None = None, **options: Any) -> Any:
    """A number within bounds (least, most); None when it was cleared. A whole number in a field of fractions is one of them."""
    value = st.session_state.get(key)
    if isinstance(value, int) and any(isinstance(given, float) for given in (*bounds, options.get("step"))):
        st.session_state[key] = float(value)
    return _choose(place).number_input(label, *bounds, value=st.session_state.get(key), key=key, **options)


def draw_slider(label: str, low: float, high: float, *, key: str, place: DeltaGenerator | None = None, **options: Any) -> Any:
    """A number, or a span of two, on a scale."""
    return (place or st).slider(label, low, high, value=st.session_state.get(key, low), key=key, **options)


def draw_date(label: str, *, key: str, place: DeltaGenerator | None = None, **options: Any) -> Any:
    """A day; None when it was cleared."""
    return (place or st).date_input(label, value=st.session_state.get(key), key=key, **options)


def draw_choice(
    label: str, choices: Sequence[Any], *, key: str, place: DeltaGenerator | None = None, index: int | None = 0, **options: Any
) -> Any:
    """One of several; `index` is where it stands while nothing was chosen."""
    chosen = st.session_state.get(key)
    found = list(choices).index(chosen) if chosen in choices else index
    return (place or st).selectbox(label, choices, index=found if choices else None, key=key, **options)


def draw_choices(label: str, choices: Sequence[Any], *, key: str, place: DeltaGenerator | None = None, **options: Any) -> list[Any]:
    """Any number of several."""
    chosen = [one for one in st.session_state.get(key) or () if one in choices]
    return (place or st).multiselect(label, choices, default=chosen, key=key, **options)


def draw_segments(label: str, choices: Sequence[Any], *, key: str, place: DeltaGenerator | None = None, **options: Any) -> Any:
    """One of a few that stand side by side."""
    chosen = st.session_state.get(key)
    return (place or st).segmented_control(label, choices, default=chosen if chosen in choices else None, key=key, **options)


def draw_switch(label: str, *, key: str, place: DeltaGenerator | None = None, **options: Any) -> bool:
    """On or off."""
    return (place or st).toggle(label, value=bool(st.session_state.get(key)), key=key, **options)


def draw_check(label: str, *, key: str, place: DeltaGenerator | None = None, **options: Any) -> bool:
    """A tick, or none."""
    return (place or st).checkbox(label, value=bool(st.session_state.get(key)), key=key, **options)


def _choose(place: DeltaGenerator | None) -> Any:
    return place or st
