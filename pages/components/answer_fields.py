"""Fields for how a model answers: how long it thinks, its temperature, its longest answer, and how long it may be silent."""

from datetime import date
from typing import Any

import streamlit as st

from core.domain.plan_fields import find_field
from core.domain.run import Effort, ModelChoice, RunPlan
from pages.components.fields import draw_choice, draw_date
from pages.components.plan_fields import FormField, get_label, list_defaults, list_values

BY_LOOP, BY_MODEL, FIXED = "loop", "model", "fixed"
TEMPERATURES = {BY_LOOP: "Follows the loop", BY_MODEL: "The model's own", FIXED: "Fixed"}
EFFORTS = {effort.value: effort.value.capitalize() for effort in Effort} | {Effort.OWN.value: "The model's own"}

TEMPERATURE = FormField("temperature", ModelChoice, "temperature", least=0.0, most=2.0, options={"step": 0.1})
USUAL_TEMPERATURE = 0.4
"""The one to begin with, where somebody wants a fixed one."""
LONGEST = FormField("max_tokens", ModelChoice, "max_tokens", most=200_000, options={"step": 1_000})
SILENCE = FormField("silence", ModelChoice, "silence_seconds", most=120.0, options={"step": 1.0})
FIELDS = (FormField("effort", ModelChoice, "effort"), FormField("knows_until", ModelChoice, "knows_until"), LONGEST, SILENCE)

DEFAULTS: dict[str, Any] = {**list_defaults(FIELDS), "temperature_by": BY_LOOP, "temperature": USUAL_TEMPERATURE}
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
        fixed = TEMPERATURE.draw(page) if by == FIXED else None
        most, silence = LONGEST.draw(page), SILENCE.draw(page)
        field, key = find_field(ModelChoice, "knows_until"), f"{page}_knows_until"
        if isinstance(kept := st.session_state.get(key), str):  # a form that was stored has days as text
            st.session_state[key] = date.fromisoformat(kept)
        until = draw_date(field.form_label, key=key, help=field.sentence)
    return choice.changed(
        knows_until=until or None,
        effort=Effort(effort),
        own_temperature=by == BY_MODEL,
        temperature=fixed,
        max_tokens=most,
        silence_seconds=silence,
    )


def to_answer_values(plan: RunPlan) -> dict[str, Any]:
    """Convert a plan's choice of a model to values of the fields."""
    choice = plan.model
    by = BY_MODEL if choice.own_temperature else BY_LOOP if choice.temperature is None else FIXED
    temperature = USUAL_TEMPERATURE if choice.temperature is None else choice.temperature
    return {**list_values(FIELDS, plan), "temperature_by": by, "temperature": temperature}
