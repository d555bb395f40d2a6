"""The reading of a file in words, and the form in which each part of it can be corrected: once for the file, columns for each header."""

from typing import Any

import streamlit as st
from pydantic import ValidationError

from core.domain.bars import Preview
from core.domain.errors import StratloopError
from core.domain.instrument import AssetClass
from core.domain.readings import ROLES, Corrections, FileReading
from core.services import services
from pages.components import formatting, market_data
from pages.components.market_quality import draw_bullets

AS_READ = "as it was read"
NOT_SAID = "not said yet"
ORDERS = {AS_READ: None, "day first": True, "month first": False}
MARKS = {AS_READ: "", "point": ".", "comma": ","}
ZONES = (
    "America/New_York",
    "America/Chicago",
    "Europe/London",
    "Europe/Berlin",
    "Europe/Helsinki",
    "Asia/Tokyo",
    "Asia/Hong_Kong",
    "Asia/Kolkata",
    "Australia/Sydney",
    "UTC",
)


def draw_reading(found: Preview, data: bytes, page: str) -> None:
    """Draw what was understood, what is asked, and the form for corrections."""
    reading = found.reading
    if failure := st.session_state.pop(f"{page}_reading_failure", None):
        st.error(formatting.escape(failure), icon=":material/error:")
    for question in reading.questions:
        st.warning(formatting.escape(question), icon=":material/help:")
    if lines := reading.describe():
        st.markdown("**How it was read**")
        draw_bullets(lines)
    if not reading.headers and not reading.unit and not reading.tables:
        return
    with st.expander("Correct the reading", icon=":material/edit:", expanded=bool(reading.questions or found.refused)):
        _draw_form(found, data, page)


def _draw_form(found: Preview, data: bytes, page: str) -> None:
    reading, said = found.reading, found.reading.corrections
    with st.form(f"{page}_reading", border=False):
        tables = [said.table, *(name for name in reading.tables if name != said.table)] if said.table else [NOT_SAID, *reading.tables]
        table = (
            st.selectbox("Sheet, file or instrument that is meant", tables, key=f"{page}_reading_table") if reading.tables else said.table
        )
        left, middle, right = st.columns(3)
        symbol = left.text_input("Instrument", value=said.symbol, key=f"{page}_reading_symbol", placeholder=_symbol(reading))
        classes = [AS_READ, *(each.value for each in AssetClass if each is not AssetClass.SYNTHETIC)]
        asset_class = middle.selectbox("Class", classes, index=_place(classes, said.asset_class), key=f"{page}_reading_class")
        zones = list(dict.fromkeys([AS_READ, *ZONES, *([said.zone] if said.zone else [])]))
        zone = right.selectbox("Zone of the times", zones, index=_place(zones, said.zone), key=f"{page}_reading_zone")
        order = left.selectbox(
            "03/04/2023 has the", list(ORDERS), index=list(ORDERS.values()).index(said.day_first), key=f"{page}_reading_order"
        )
        mark = middle.selectbox(
            "Fractions follow a", list(MARKS), index=list(MARKS.values()).index(said.decimal), key=f"{page}_reading_mark"
        )
        columns = _draw_columns(reading, page) if any(reading.headers) else ()
        if st.form_submit_button("Read it so", key=f"{page}_reading_apply", icon=":material/check:"):
            answers = {"symbol": symbol, "asset_class": asset_class, "zone": zone, "order": order, "mark": mark, "columns": columns}
            answers["table"] = "" if table == NOT_SAID else table
            apply_corrections(data, found.name, answers, page)


def _draw_columns(reading: FileReading, page: str) -> tuple[tuple[str, str], ...]:
    """One choice a role; only what differs from the reading is a correction."""
    chosen = dict(reading.columns)
    headers = ["", *dict.fromkeys(header for header in reading.headers if header)]
    st.caption("Which column is which; kept for every file with this header.")
    picked = {}
    for cell, role in zip(st.columns(len(ROLES)), ROLES, strict=True):
        picked[role] = cell.selectbox(
            role.capitalize(), headers, index=_place(headers, chosen.get(role)), key=f"{page}_reading_column_{role}"
        )
    return tuple((role, header) for role, header in picked.items() if header and header != chosen.get(role))


def apply_corrections(data: bytes, name: str, answers: dict[str, Any], page: str) -> None:
    """Keep what the form says, when the file can be used so; otherwise say why not."""
    try:
        said = Corrections(
            symbol=answers["symbol"].strip(),
            asset_class=None if answers["asset_class"] == AS_READ else AssetClass(answers["asset_class"]),
            zone="" if answers["zone"] == AS_READ else answers["zone"],
            columns=answers["columns"],
            day_first=ORDERS[answers["order"]],
            decimal=MARKS[answers["mark"]],
            table=answers["table"],
        )
        found = services().workbench.correct_reading(data, said, name)
    except (StratloopError, ValidationError) as error:
        st.session_state[f"{page}_reading_failure"] = str(error)
        st.rerun()
    if not found.usable:
        st.session_state[f"{page}_reading_failure"] = "; ".join(found.refused)
    market_data.clear_caches()
    st.rerun()


def _symbol(reading: FileReading) -> str:
    return reading.instrument.symbol if reading.instrument else "for example EURUSD or MC.PA"


def _place(choices: list[str], value: str | None) -> int:
    return choices.index(value) if value in choices else 0
