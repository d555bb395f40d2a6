"""The builder's document: one workflow in the session, every change undoable and kept as a draft of the history at once."""

import functools
import json
from collections.abc import Callable, Iterable
from contextlib import suppress

import streamlit as st

from core import language
from core.domain.errors import WorkflowError
from core.domain.workflow import Measure, Operator, Row, Section, Workflow
from pages.components.drafts import find_other_draft, keep_draft, read_draft

DRAFT = "builder_workflow"
STEPS_DRAFT = "builder_steps"
DEPTH = 100
"""Steps that can be undone."""
KEPT_STEPS = 20
"""Steps each way that outlive the session."""
LONG_TABLE = 30
"""Rows from which on menus and the picture are drawn once they are opened: every click would wait for all of them otherwise."""

TITLES = {
    Section.DEFINE: "Names",
    Section.FILTER: "Filter",
    Section.ENTRY_LONG: "Buy",
    Section.EXIT_LONG: "Sell",
    Section.ENTRY_SHORT: "Sell short",
    Section.EXIT_SHORT: "Buy back",
    Section.SIZING: "Size",
    Section.RISK: "Risk",
}


def restore_workflow() -> Workflow | None:
    """Restore the document on the screen: of this session, else the draft of the history, else None."""
    if "builder_document" not in st.session_state:
        st.session_state["builder_document"] = _restore_draft()
        _restore_steps()
    document: Workflow | None = st.session_state["builder_document"]
    return document


def store_workflow(workflow: Workflow) -> None:
    """Store a workflow as the document; the one before can be had back with undo."""
    before = restore_workflow()
    if workflow == before:
        return
    if before is not None:
        st.session_state["builder_undo"] = [*st.session_state["builder_undo"], before][-DEPTH:]
    st.session_state["builder_redo"] = []
    _store(workflow)


def undo() -> None:
    """One step back."""
    _step("builder_undo", "builder_redo")


def redo() -> None:
    """One step forward again."""
    _step("builder_redo", "builder_undo")


def has_step(direction: str) -> bool:
    """True when there is a step to `undo` or `redo`."""
    return bool(st.session_state.get(f"builder_{direction}"))


def change_row(identity: str, change: Callable[[Row], Row]) -> None:
    """Replace one row by what `change` makes of it."""
    workflow = restore_workflow()
    if workflow is not None:
        store_workflow(workflow.changed(rows=tuple(change(row) if row.id == identity else row for row in workflow.rows)))


def add_row(section: Section, rule: str | None = None) -> None:
    """A new row at the end of a section: a condition, or a rule with its usual numbers."""
    workflow = restore_workflow()
    if workflow is None:
        return
    identity = find_free_id(workflow)
    if rule is None:
        fresh = Row(id=identity, section=section, operator=Operator.EQUALS if section is Section.DEFINE else Operator.ABOVE)
    else:
        measure, form = next(iter(language.RULES[rule].forms.items()))
        thresholds = tuple(slot.default for slot in form.slots if not slot.optional)
        fresh = Row(id=identity, section=section, indicators=(rule,), operator=measure, thresholds=thresholds)
    store_workflow(workflow.changed(rows=(*workflow.rows, fresh)))


def duplicate_row(identity: str) -> None:
    """The same row once more, right below."""
    workflow = restore_workflow()
    if workflow is None:
        return
    rows: list[Row] = []
    for row in workflow.rows:
        rows.append(row)
        if row.id == identity:
            rows.append(row.changed(id=find_free_id(workflow)))
    store_workflow(workflow.changed(rows=tuple(rows)))


def delete_row(identity: str) -> None:
    """Take a row out."""
    workflow = restore_workflow()
    if workflow is not None:
        store_workflow(workflow.changed(rows=tuple(row for row in workflow.rows if row.id != identity)))


def move_row(identity: str, step: int) -> None:
    """Swap a row with its neighbor in the same section: -1 up, +1 down."""
    workflow = restore_workflow()
    if workflow is None:
        return
    rows = list(workflow.rows)
    place = next((index for index, row in enumerate(rows) if row.id == identity), None)
    if place is None:
        return
    peers = [index for index, row in enumerate(rows) if row.section is rows[place].section]
    target = peers.index(place) + step
    if 0 <= target < len(peers):
        other = peers[target]
        rows[place], rows[other] = rows[other], rows[place]
        store_workflow(workflow.changed(rows=tuple(rows)))


def find_free_id(workflow: Workflow) -> str:
    """Find the first of r1, r2, ... that no row has.

    >>> find_free_id(Workflow(name="", rows=(Row(id="r1", section=Section.RISK, operator=Measure.PERCENT),)))
    'r2'
    """
    taken = {row.id for row in workflow.rows}
    return next(name for number in range(1, len(taken) + 2) if (name := f"r{number}") not in taken)


def build_blank() -> Workflow:
    """Build a document to start from: one size, so that nothing is assumed in silence."""
    size = Row(id="r1", section=Section.SIZING, indicators=("position_size",), operator=Measure.PERCENT, thresholds=("95",))
    return Workflow(name="My strategy", rows=(size,))


def _restore_draft() -> Workflow | None:
    document = read_draft(DRAFT)
    if not document:
        return None
    try:
        return language.parse(document)
    except WorkflowError:
        st.session_state["builder_unreadable"] = document
        return None


def _restore_steps() -> None:
    kept = json.loads(read_draft(STEPS_DRAFT) or "{}")
    for name in ("undo", "redo"):
        st.session_state[f"builder_{name}"] = list(_parse_steps(kept.get(name, ())))


def _parse_steps(documents: Iterable[str]) -> Iterable[Workflow]:
    """Parse the steps that this version can read."""
    for document in documents:
        with suppress(WorkflowError):
            yield language.parse(document)


@functools.lru_cache(maxsize=256)
def _dump(workflow: Workflow) -> str:
    """A step as text: the same ones are kept again with every change."""
    return language.dump(workflow)


def _store(workflow: Workflow) -> None:
    _keep_other(workflow)
    st.session_state["builder_document"] = workflow
    keep_draft(DRAFT, language.dump(workflow))
    steps = {name: [_dump(step) for step in st.session_state.get(f"builder_{name}", ())[-KEPT_STEPS:]] for name in ("undo", "redo")}
    keep_draft(STEPS_DRAFT, json.dumps(steps))


def _keep_other(workflow: Workflow) -> None:
    """Keep what another tab has made of the table as a step to undo, before this one takes its place."""
    try:
        other = language.parse(find_other_draft(DRAFT) or "")
    except WorkflowError:
        return
    if other != workflow:
        st.session_state["builder_undo"] = [*st.session_state.get("builder_undo", []), other][-DEPTH:]
        st.toast("Another tab has changed this table meanwhile. Undo brings its version back.", icon=":material/tab:", duration="long")


def _step(source: str, target: str) -> None:
    before = restore_workflow()
    steps: list[Workflow] = list(st.session_state.get(source, []))
    if not steps or before is None:
        return
    st.session_state[target] = [*st.session_state.get(target, []), before]
    st.session_state[source] = steps[:-1]
    _store(steps[-1])
