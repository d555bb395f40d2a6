"""The code editor. What counts is the text in the session, kept as a draft of the history; the widget only shows it.

A widget with a fixed key ignores a new text, and one without keeps nothing over a page switch. So every change from outside
(a model's answer, a revision, an iteration) bumps a generation that is part of the key.
"""

import difflib
import hashlib
import json
from contextlib import suppress
from dataclasses import asdict

import streamlit as st

from core import language
from core.domain.annotation import Annotation
from core.domain.authorship import CodeSource
from core.domain.people import NotAllowedError
from core.domain.workbench import Revision
from core.domain.workflow import Workflow
from core.evidence import find_row_places
from core.report import labels
from core.report.number_format import format_count
from core.report.sentences import to_sentence
from core.services import services
from pages.components import formatting
from pages.components.drafts import find_other_draft, keep_draft, read_draft
from pages.components.fields import draw_choice
from pages.components.row_markers import RowMarker, build_row_markers, draw_row_markers

DRAFT = "code_editor"
HEIGHT = 520

ORIGINS = {"compiled": "compiled from the table", "generated": "generated from the table"}
"""Words for what the history keeps as the origin of a text; runs and files are named as they are."""


def read_code() -> str:
    """The code as it stands now."""
    _restore_draft()
    return str(st.session_state["code_text"])


def widget_version() -> int:
    """Number of changes from outside; part of the widget's key."""
    _restore_draft()
    return int(st.session_state["code_generation"])


def load(code: str, *, origin: str, note: str = "", source: CodeSource | None = None) -> None:
    """Put code into the editor from outside. What was there, and what comes, are both kept as revisions.

    `source` is the code as its author left it, where that is known: later edits are told line by line.
    """
    _restore_draft()
    keep_revision()
    services().store.add_revision(code, origin=origin, note=note)
    st.session_state["code_source"] = None if source is None else asdict(source)
    _store_code(code, origin=origin)
    st.session_state["code_generation"] += 1


def find_source() -> CodeSource | None:
    """Find the code as its author left it; None for what was typed here, or came from nobody in particular."""
    _restore_draft()
    kept = st.session_state.get("code_source")
    return CodeSource(**kept) if kept else None


def describe_edits() -> str:
    """Describe which lines a hand has changed since the author; empty where nobody else wrote it."""
    source = find_source()
    told = source.compare(read_code()) if source else None
    return f"written by {labels.describe_authorship(told)}" if told else ""


def keep_revision() -> None:
    """Keep the present text as a revision, when it is not one already."""
    present = read_code()
    if present.strip() and is_edited():
        services().store.add_revision(present, origin="edited")
        st.session_state["code_kept"] = _hash(present)
        _store_draft()


def is_edited() -> bool:
    """True when the text was changed by hand since it was loaded or kept."""
    return _hash(read_code()) != st.session_state.get("code_kept")


def describe_origin() -> str:
    """Describe the text's origin in words; with a note when it was edited since."""
    _restore_draft()
    kept = str(st.session_state["code_origin"])
    source = ORIGINS.get(kept, kept)
    return f"{source}, then edited" if source and is_edited() else source or "typed here"


@st.cache_data(ttl=600, max_entries=64, show_spinner=False)
def find_annotations(code: str, instruments: int = 1) -> list[Annotation]:
    """Find the gate's remarks on code that is to run on so many instruments."""
    return list(services().workbench.annotate(code, instruments=instruments)) if code.strip() else []


@st.fragment
def draw_editor(workflow: Workflow | None = None, instruments: int = 1) -> None:
    """The editor, with the gate's remarks for so many instruments and the rows of the workflow in its gutter, and both below."""
    from streamlit_ace import st_ace

    key = f"code_ace_{widget_version()}"
    arrived = st.session_state.get(key)
    if isinstance(arrived, str) and arrived != read_code():
        _store_code(arrived, origin=str(st.session_state["code_origin"]), by_hand=True)
    present = read_code()
    remarks = find_annotations(present, instruments)
    rows = find_rows(workflow, present)
    dark = st.context.theme.type == "dark"
    st_ace(
        value=present,
        key=key,
        language="python",
        theme="tomorrow_night" if dark else "github",
        auto_update=True,
        height=HEIGHT,
        font_size=13,
        show_print_margin=False,
        wrap=False,
        annotations=[_to_ace_annotation(remark) for remark in remarks],
        placeholder="Generate code, compile the workflow, or paste a Backtrader strategy.",
    )
    if workflow is not None and present.strip():
        draw_row_markers(rows, workflow.name, key="code_rows")
    parts = (
        format_count(len(present.splitlines()), "line"),
        describe_origin(),
        describe_edits(),
        "Escape, then Tab leaves the editor",
    )
    st.caption(formatting.escape(" · ".join(part for part in parts if part)))
    _draw_remarks(remarks)


def find_rows(workflow: Workflow | None, code: str) -> list[RowMarker]:
    """Find where the code names each row of the workflow."""
    if workflow is None:
        return []
    return build_row_markers(find_row_places(workflow, code), {said.row: said.text for said in language.explain(workflow) if said.row})


def _draw_remarks(remarks: list[Annotation]) -> None:
    for remark in remarks[:6]:
        color, icon = {"error": ("red", "error"), "warning": ("orange", "warning")}.get(remark.severity, ("gray", "info"))
        where = f"Line {remark.line}: " if remark.line else ""
        st.markdown(
            f":{color}[:material/{icon}: {where}{formatting.format_sentence(remark.message)} {formatting.format_sentence(remark.hint)}]"
        )
    if len(remarks) > 6:
        st.caption(f"and {format_count(len(remarks) - 6, 'more remark')} in the gutter.")


def draw_revisions() -> None:
    """Earlier states of the code, each with what changed against now."""
    found = services().store.list_revisions(limit=40)
    if not found:
        st.caption("Nothing is kept yet.")
        return
    by_id = {revision.id: revision for revision in found}
    chosen = draw_choice("Revision", list(by_id), key="code_revision", format_func=lambda identity: _label(by_id[identity]))
    if chosen is None:
        return
    revision = by_id[chosen]
    lines = list(difflib.unified_diff(revision.code.splitlines(), read_code().splitlines(), "revision", "editor", lineterm="", n=2))
    with st.container(height=320 if lines else "content", border=False):
        if lines:
            st.code("\n".join(lines), language="diff")
        else:
            st.caption("The same as in the editor.")
    if st.button("Put it back into the editor", key="code_restore", icon=":material/restore:", disabled=not lines):
        load(revision.code, origin=revision.origin, note="restored", source=find_source())
        st.rerun()


def _label(revision: Revision) -> str:
    note = f" ({revision.note})" if revision.note else ""
    return (
        f"{formatting.format_moment(revision.created)} · {revision.origin}{note} · {format_count(len(revision.code.splitlines()), 'line')}"
    )


def _to_ace_annotation(remark: Annotation) -> dict[str, object]:
    kind = remark.severity if remark.severity in ("error", "warning") else "info"
    return {
        "row": max(remark.line - 1, 0),
        "column": 0,
        "type": kind,
        "text": f"{to_sentence(remark.message)} {to_sentence(remark.hint)}".strip(),
    }


def _restore_draft() -> None:
    if "code_text" in st.session_state:
        return
    try:
        draft = json.loads(read_draft(DRAFT) or "{}")
    except ValueError:
        draft = {}
    st.session_state["code_text"] = str(draft.get("code", ""))
    st.session_state["code_origin"] = str(draft.get("origin", ""))
    st.session_state["code_kept"] = str(draft.get("kept", _hash("")))
    st.session_state["code_source"] = _read_source(draft.get("source"))
    st.session_state["code_generation"] = 0


def _store_code(code: str, *, origin: str, by_hand: bool = False) -> None:
    st.session_state["code_text"] = code
    st.session_state["code_origin"] = origin
    if not by_hand:
        st.session_state["code_kept"] = _hash(code)
    _store_draft()


def _keep_other() -> None:
    """Keep what another tab has made of the code as a revision, before this one takes its place."""
    try:
        other = str(json.loads(find_other_draft(DRAFT) or "{}").get("code", ""))
    except ValueError:
        return
    if not other.strip() or other == st.session_state["code_text"]:
        return
    with suppress(NotAllowedError):  # who may only look has drafts, and no revisions
        services().store.add_revision(other, origin="edited", note="in another tab")
        st.toast("Another tab has changed the code meanwhile. Its version stands under Revisions.", icon=":material/tab:", duration="long")


def _store_draft() -> None:
    _keep_other()
    state = st.session_state
    document = {"code": state["code_text"], "origin": state["code_origin"], "kept": state["code_kept"], "source": state["code_source"]}
    keep_draft(DRAFT, json.dumps(document))


def _read_source(kept: object) -> dict[str, object] | None:
    """Read the author's code out of a draft; None where there is none, as in drafts of earlier versions."""
    try:
        return asdict(CodeSource(**kept)) if isinstance(kept, dict) else None
    except TypeError:
        return None


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode("utf-8", "surrogatepass")).hexdigest()
