"""Cells of a rule's thresholds: numbers and prices as text, words as a choice, days as a list that a file may fill."""

from typing import Any

import streamlit as st

from core import language
from core.domain.workflow import Row
from pages.components import workflow_state
from pages.components.fields import bind, draw_choice, draw_text


def draw_slots(row: Row, form: language.RuleForm, place: Any) -> None:
    """Draw one field for each threshold of a rule, and one for each choice of words."""
    words, cells = language.split_cells(row, form)
    days = any(slot.sort == "dates" for slot in form.slots)
    values = form.values
    count = 1 if days else max(len(values), len(cells))
    choices = [slot for slot in form.slots if slot.sort == "choice"]
    with place.container(horizontal=count + len(choices) > 1, gap="xsmall"):
        for number in range(count):
            label = "days and ranges of days" if days else values[number].label if number < len(values) else "not used"
            shown = ", ".join(row.thresholds) if days else cells[number] if number < len(cells) else ""
            draw_text(
                label.capitalize(),
                key=bind(f"builder_{row.id}_slot{number}", shown),
                placeholder=label,
                help=label.capitalize() if count > 1 else None,
                label_visibility="collapsed",
                on_change=_write_slots,
                args=(row, form, count),
            )
        for number, slot in enumerate(choices):
            chosen = next((word for word in words if word in slot.choices), "")
            draw_choice(
                slot.label.capitalize(),
                [*([""] if slot.optional else []), *slot.choices],
                key=bind(f"builder_{row.id}_word{number}", chosen),
                format_func=lambda word, usual=slot: word or usual.otherwise,
                label_visibility="collapsed",
                help=slot.label.capitalize(),
                on_change=_write_slots,
                args=(row, form, count),
            )


def _write_slots(row: Row, form: language.RuleForm, count: int) -> None:
    values = [str(st.session_state.get(f"builder_{row.id}_slot{number}") or "").strip() for number in range(count)]
    while values and not values[-1]:
        values.pop()
    choices = sum(slot.sort == "choice" for slot in form.slots)
    words = [str(st.session_state.get(f"builder_{row.id}_word{number}") or "") for number in range(choices)]
    workflow_state.change_row(row.id, lambda old: old.changed(thresholds=(*values, *(word for word in words if word))))


def draw_days_upload(row: Row) -> None:
    """Draw a field that fills the row with the days that a file names: one a line, or anywhere in its text."""
    st.file_uploader(
        "Days from a file",
        type=["csv", "txt"],
        key=f"builder_{row.id}_days",
        help="Every date in the file, written as 2025-11-28, becomes a day of this row.",
        on_change=_take_days,
        args=(row,),
    )


def _take_days(row: Row) -> None:
    file = st.session_state.get(f"builder_{row.id}_days")
    if file is None:
        return
    days = language.find_days(file.getvalue().decode("utf-8", errors="replace"))
    if not days:
        st.toast("The file names no day such as 2025-11-28.", icon=":material/info:")
        return
    workflow_state.change_row(row.id, lambda old: old.changed(thresholds=(", ".join(days),)))
