"""Fields for how a model answers: how long it thinks, its temperature, its longest answer, and how long it may be silent."""

from datetime import date
from typing import Any

import streamlit as st

from core.domain.plan_fields import find_field
from core.domain.run import Effort, ModelChoice
from pages.components.fields import draw_choice, draw_date
from pages.components.plan_fields import draw_amount, draw_count, get_label

BY_LOOP, BY_MODEL, FIXED = "loop", "model", "fixed"
TEMPERATURES = {BY_LOOP: "Follows the loop", BY_MODEL: "The model's own", FIXED: "Fixed"}
EFFORTS = {effort.value: effort.value.capitalize() for effort in Effort} | {Effort.OWN.value: "The model's own"}

DEFAULTS: dict[str, Any] = {
    "effort": Effort.OWN.value,
    "temperature_by": BY_LOOP,
    "temperature": 0.4,
    "max_tokens": ModelChoice().max_tokens,
    "silence": 0,
    "knows_until": None,
}
"""Value of a field before anybody touched it."""


def draw_answer_fields(page: str, choice: ModelChoice) -> ModelChoice:
    """Draw the fields `<page>_effort`, `_temperature_by`, `_temperature`, `_max_tokens` and `_silence`, and give the choice with them."""
    with st.expander("How the model answers", key=f"{page}_answers", icon=":material/psychology:"):
        effort = draw_choice(
            get_label(ModelChoice, "effort"),
            list(EFFORTS),
            key=f"{page}_effort",
            format_func=EFFORTS.__getitem__,
            help=find_field(ModelChoice, "effort").sentence,
        )
        by = draw_choice(
            get_label(ModelChoice, "temperature"),
            list(TEMPERATURES),
            key=f"{page}_temperature_by",
            format_func=TEMPERATURES.__getitem__,
            help=find_field(ModelChoice, "temperature").sentence,
        )
        fixed = None
        if by == FIXED:
            fixed = draw_amount(ModelChoice, "temperature", key=f"{page}_temperature", least=0.0, most=2.0, step=0.1)
        most = draw_count(ModelChoice, "max_tokens", key=f"{page}_max_tokens", most=200_000, step=1_000)
        silence = draw_amount(ModelChoice, "silence_seconds", key=f"{page}_silence", most=120.0, step=1.0)
        field, key = find_field(ModelChoice, "knows_until"), f"{page}_knows_until"
        if isinstance(kept := st.session_state.get(key), str):  # a form that was stored has days as text
            st.session_state[key] = date.fromisoformat(kept)
        until = draw_date(field.form_label, key=key, help=field.sentence)
    return choice.changed(
        knows_until=until or None,
        effort=Effort(effort),
        own_temperature=by == BY_MODEL,
        temperature=float(fixed) if fixed is not None else None,
        max_tokens=int(most or DEFAULTS["max_tokens"]),
        silence_seconds=float(silence or 0) * 60 or None,
    )


def to_answer_values(choice: ModelChoice) -> dict[str, Any]:
    """Convert a choice to values of the fields."""
    by = BY_MODEL if choice.own_temperature else BY_LOOP if choice.temperature is None else FIXED
    return {
        "effort": choice.effort.value,
        "knows_until": choice.knows_until,
        "temperature_by": by,
        "temperature": DEFAULTS["temperature"] if choice.temperature is None else choice.temperature,
        "max_tokens": min(choice.max_tokens, 200_000),
        "silence": float(choice.silence_seconds or 0) / 60,
    }
