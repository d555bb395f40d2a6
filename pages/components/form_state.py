"""State of the forms: kept over page switches, reloads, other tabs and restarts, through the drafts of the history."""

import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import streamlit as st

from core.services import services
from pages.components.drafts import keep_draft


def restore(page: str, defaults: Mapping[str, Any]) -> None:
    """Give every widget of a page its last value, or its default; widgets that exist already keep theirs.

    Widget keys are `<page>_<name>`. Call it before the widgets are made.
    """
    missing = [name for name in defaults if f"{page}_{name}" not in st.session_state]
    if not missing:
        return
    kept = _load(page)
    for name in missing:
        st.session_state[f"{page}_{name}"] = _convert(kept[name], defaults[name]) if name in kept else defaults[name]


def store(page: str, names: Iterable[str]) -> None:
    """Store the widgets' values when they changed. Call it after the widgets are made."""
    values = {name: st.session_state.get(f"{page}_{name}") for name in names}
    document = json.dumps(values, default=str, sort_keys=True)
    if st.session_state.get(f"{page}__kept") != document and keep_draft(page, document):
        st.session_state[f"{page}__kept"] = document


def read_value(page: str, name: str, default: Any) -> Any:
    """One field's value as it stands on the screen, as it was kept, or the default, whichever is there first."""
    key = f"{page}_{name}"
    if key in st.session_state and st.session_state[key] is not None:
        return st.session_state[key]
    kept = _load(page)
    return _convert(kept[name], default) if name in kept else default


def store_fields(page: str, values: Mapping[str, Any]) -> None:
    """Store values for a page's fields from elsewhere, for the next time it is drawn."""
    for name, value in values.items():
        st.session_state[f"{page}_{name}"] = value
    merged = {**_load(page), **values}
    keep_draft(page, json.dumps(merged, default=str, sort_keys=True))


def _load(page: str) -> dict[str, Any]:
    try:
        kept = json.loads(services().store.read_draft(page) or "{}")
    except ValueError:
        return {}
    return kept if isinstance(kept, dict) else {}


def _convert(value: Any, default: Any) -> Any:
    """A JSON value in the form of the default; the default itself when it does not fit."""
    if value is None:
        return None if default is None or isinstance(default, date) else default
    try:
        if isinstance(default, date):
            return date.fromisoformat(value)
        if isinstance(default, float):
            return float(value)
        if isinstance(default, tuple):
            return tuple(type(part)(given) for part, given in zip(default, value, strict=True))
    except (TypeError, ValueError):
        return default
    return value if default is None or isinstance(value, type(default)) else default
