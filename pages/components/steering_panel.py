"""Steering of a run under way: pause, a note to the model, pinned constraints, a new budget or number of loops."""

import streamlit as st

from core.domain.errors import StratloopError
from core.domain.events import EventKind, SteeringCommand
from core.domain.run import Run, RunPlan, Status
from core.driving.steering import (
    MAXIMUM_PINS,
    MAXIMUM_TEXT_LENGTH,
    NOTES_UNSUPPORTED,
    Steering,
    read_steering,
    reads_notes,
)
from core.services import services
from pages.components import frame
from pages.components.fields import follow
from pages.components.plan_fields import FormField

LOOPS = FormField("loops", RunPlan, "loops", least=0, most=1000)
BUDGET = FormField("budget", RunPlan, "budget_usd", most=100_000.0, options={"step": 0.5, "format": "%.2f"})
"""The same fields as on the form of a run: 0 is no limit here as there."""


def draw_steering_panel(run: Run, *, key: str) -> None:
    """A pause button, and a pop-over with everything else; both act before the next loop."""
    said = read_steering(services().store.list_events(run.id, kind=EventKind.STEER))
    waits = said.paused or run.status is Status.PAUSED
    st.button(
        "Go on" if waits else "Pause",
        key=f"{key}_pause",
        icon=":material/play_arrow:" if waits else ":material/pause:",
        on_click=_steer,
        args=(run.id, SteeringCommand.GO_ON if waits else SteeringCommand.PAUSE),
    )
    with st.popover("Steer", icon=":material/tune:", key=f"{key}_steer"):
        st.caption("Read before the next loop. Nothing that is finished changes.")
        if reads_notes(run.plan):
            _note(run, said, key)
            _pins(run, said, key)
        else:
            st.caption(NOTES_UNSUPPORTED)
        _limits(run, said, key)


def _note(run: Run, said: Steering, key: str) -> None:
    with st.form(f"{key}_note_form", clear_on_submit=True, border=False):
        text = st.text_area(
            "Note to the model",
            key=f"{key}_note",
            max_chars=MAXIMUM_TEXT_LENGTH,
            placeholder="Try fewer trades with a wider stop.",
            height=80,
        )
        if st.form_submit_button("Send note", icon=":material/send:") and text.strip():
            _steer(run.id, SteeringCommand.NOTE, text)
    if said.notes:
        st.text(f"Last note: {said.notes[-1][1]}")


def _pins(run: Run, said: Steering, key: str) -> None:
    with st.form(f"{key}_pin_form", clear_on_submit=True, border=False):
        text = st.text_input(
            "Pin a constraint", key=f"{key}_pin", max_chars=MAXIMUM_TEXT_LENGTH, placeholder="Never hold more than half the account."
        )
        full = len(said.pins) >= MAXIMUM_PINS
        if st.form_submit_button("Pin", icon=":material/keep:", disabled=full) and text.strip():
            _steer(run.id, SteeringCommand.PIN, text)
    for number, pin in enumerate(said.pins):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.text(pin)
            st.button(
                "Unpin",
                key=f"{key}_unpin_{number}",
                icon=":material/close:",
                type="tertiary",
                on_click=_steer,
                args=(run.id, SteeringCommand.UNPIN, pin),
            )


def _limits(run: Run, said: Steering, key: str) -> None:
    loops = run.plan.loops if said.loops is None else said.loops
    budget = said.budget_usd if said.budget_given else run.plan.budget_usd
    follow(f"{key}_{LOOPS.key}", LOOPS.to_form(loops))
    follow(f"{key}_{BUDGET.key}", BUDGET.to_form(budget))
    with st.form(f"{key}_limits_form", border=False):
        wanted, money = LOOPS.draw(key), BUDGET.draw(key)
        if st.form_submit_button("Change limits", icon=":material/check:"):
            if wanted is not None and wanted != loops:
                _steer(run.id, SteeringCommand.LOOPS, str(int(wanted)))
            if money != budget:
                _steer(run.id, SteeringCommand.BUDGET, "" if money is None else str(money))


def _steer(run_id: str, command: SteeringCommand, text: str = "") -> None:
    try:
        services().runs.steer(run_id, command, text)
    except StratloopError as error:
        frame.show_problem(error)
    else:
        st.toast("The run follows it before its next loop.", icon=":material/hearing:")
