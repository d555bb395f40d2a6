"""A strategy described in plain English: proposed rows with the words they came from, taken over only when the analyst says so."""

import streamlit as st

from core import language
from core.domain.errors import Severity, StratloopError
from core.domain.run import ModelChoice
from core.driving.describe_workflow import Description
from core.report.number_format import format_count
from core.services import services
from pages.components import form_state, formatting, frame, workflow_state
from pages.components.fields import draw_area, draw_switch
from pages.components.picker import draw_model_field

EXAMPLE = (
    "Buy when RSI(2) falls below 10 and the price is above its 200-day average. Sell when it closes above the 5-day average. Stop loss 5%."
)
FORM = "builder_describe"
FOUND = "builder_description_found"


def draw_describe_panel(*, open_first: bool = False) -> None:
    """Text in, proposed rows out; the table stays as it is until they are taken over."""
    with st.expander("Describe it", icon=":material/edit_note:", key="builder_describe", expanded=open_first):
        form_state.restore(FORM, {"text": ""})
        text = draw_area("The strategy in plain English", key=f"{FORM}_text", placeholder=EXAMPLE, height=100)
        form_state.store(FORM, ["text"])
        asks = draw_switch(
            "Ask a model", key="builder_describe_asks", help="Without one, patterns read the text: what they do not know is listed."
        )
        choice = draw_model_field("builder_describe") if asks else None
        if st.button("Propose rows", key="builder_describe_go", icon=":material/lightbulb:", disabled=asks and choice is None):
            _propose(text, choice)
        found: Description | None = st.session_state.get(FOUND)
        if found is not None:
            _show(found)


def _propose(text: str, choice: ModelChoice | None) -> None:
    st.session_state.pop(FOUND, None)
    try:
        with st.spinner("Reading", show_time=choice is not None):
            st.session_state[FOUND] = services().workbench.describe(text, choice)
    except StratloopError as error:
        frame.show_problem(error)


def _show(found: Description) -> None:
    proposal = found.proposal
    rows = {row.row.id for row in proposal.rows} if proposal else set()
    for problem in found.problems:
        if problem.row not in rows and problem.severity is Severity.ERROR:
            st.caption(f":red[:material/error: {formatting.escape(problem.message)} {formatting.escape(problem.remedy)}]")
    if proposal is None or not proposal.rows:
        st.info(
            "No row came of this text. Say it in shorter sentences: what is bought when, what ends the trade, how much.",
            icon=":material/info:",
        )
        return
    taken = _draw_rows(found, proposal)
    for remark in proposal.remarks:
        st.markdown(f":material/account_tree: {formatting.escape(remark[:1].upper() + remark[1:])}")
    for piece in proposal.unread:
        st.markdown(f":orange[:material/help: Not understood: {formatting.escape(piece)}]")
    if found.model:
        st.caption(f"{formatting.escape(found.model)}, {format_count(found.answers, 'answer')}. Read every row: a model can be wrong.")
    else:
        st.caption("Read by patterns, without a model: they know the usual phrases only.")
    st.button(
        f"Take over {format_count(len(taken), 'row')}",
        key="builder_describe_take",
        icon=":material/check:",
        type="primary",
        disabled=not taken,
        on_click=_take,
        args=(proposal, taken),
    )
    if workflow_state.restore_workflow() is not None:
        st.caption("The rows make a new table; the one you have now can be had back with Undo.")


def _draw_rows(found: Description, proposal: language.WorkflowProposal) -> set[str]:
    """The rows with their sentences, words and problems, each to be ticked off; the ids of those that are ticked."""
    said = {sentence.row: sentence.text for sentence in language.explain(proposal.workflow)}
    taken = set()
    for each in proposal.rows:
        label = _label(workflow_state.TITLES[each.row.section], formatting.escape(said.get(each.row.id, "")))
        key = f"builder_describe_row_{each.row.id}"
        if st.checkbox(label, value=bool(st.session_state.get(key, True)), key=key):
            taken.add(each.row.id)
        st.caption(f":material/format_quote: {formatting.escape(each.source)}")
        for problem in (one for one in found.problems if one.row == each.row.id):
            st.caption(f":red[:material/error: {formatting.escape(problem.message)} {formatting.escape(problem.remedy)}]")
    return taken


def _label(title: str, sentence: str) -> str:
    """The section and what the row says; a sentence that begins with the section's own word is not told it twice."""
    first, _, rest = sentence.partition(" ")
    return f"**{first}** {rest}" if first == title.partition(" ")[0] else f"**{title}:** {sentence}"


def _take(proposal: language.WorkflowProposal, taken: set[str]) -> None:
    rows = tuple(row for row in proposal.workflow.rows if row.id in taken)
    workflow_state.store_workflow(proposal.workflow.changed(rows=rows))
    st.session_state.pop(FOUND, None)
