"""The fields that keep a form from being started: said beside the button, and the first of them brought into view."""

import streamlit as st

from pages.components import formatting
from pages.components.plan_rules import PlanForm
from pages.components.scroll import scroll_to


def show_problems(form: PlanForm, nothing_happened: str) -> None:
    """Name what has to be put right first, and go to it. `nothing_happened` says what was not done."""
    lines = [formatting.escape(problem.message) for problem in form.problems]
    st.error(" ".join([*lines, nothing_happened]), icon=":material/error:")
    if form.problems:
        scroll_to(form.problems[0].key)
