"""The form of stored documents: the version beside each, the steps that lift older ones, and reading that costs one row at most.

To change a form in a way that its value cannot read by itself, append a step to `STEPS`: the version is the number of steps plus
one, so it grows with it. A field that is added with a default needs no step. Stored rows are lifted when they are read and are
never rewritten for it.
"""

import json
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from core.domain.history import DocumentKind, ReadableRows, UnreadableCause, UnreadableRow, UnreadableRowError
from core.store.compression import unpack_text
from core.store.lifting import (
    forget_hold_out_words,
    keep_as_it_is,
    keep_climbing,
    lower_fast_verdict,
    mark_fuller_message,
    mark_score_note,
)

Step = Callable[[str, Any], Any]
"""Gives the next version of a document, from the row's id and the document as parsed JSON; drafts and settings are plain text here."""

STEPS: dict[DocumentKind, tuple[Step, ...]] = {
    **dict.fromkeys(DocumentKind, ()),
    DocumentKind.RUN: (mark_fuller_message, forget_hold_out_words, keep_climbing),
    DocumentKind.ITERATION: (mark_score_note, lower_fast_verdict, keep_as_it_is),
    DocumentKind.CURVE: (keep_as_it_is,),
    DocumentKind.EVENT: (keep_as_it_is,),
}
"""The steps of each kind of document, the first one from version 1 to 2."""

FIRST_VERSION = 1
"""Version of documents that were stored without one beside them."""

UNKNOWN_TO_US = frozenset({"extra_forbidden", "enum", "literal_error", "union_tag_invalid"})
"""Faults that a newer version explains: pydantic's names for an unknown field, and for a word or a kind that is none of the known ones."""

DAMAGE = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, zlib.error)
"""Errors that reading a damaged document can raise; pydantic's and JSON's errors are ValueErrors."""

LONGEST_INPUT = 60

ValueT = TypeVar("ValueT", bound=BaseModel)
RowT = TypeVar("RowT")
ReadT = TypeVar("ReadT")


def current_version(kind: DocumentKind) -> int:
    """Version that documents of a kind are written in."""
    return FIRST_VERSION + len(STEPS[kind])


def read_document(value: type[ValueT], kind: DocumentKind, row_id: str, document: str | bytes, version: int) -> ValueT:
    """Read a stored document of whatever version, strictly. Raises UnreadableRowError."""
    with name_unreadable(kind, row_id):
        require_known(kind, row_id, version)
        document = unpack_text(document) if isinstance(document, str) else document
        if version != current_version(kind):
            document = json.dumps(_lift(kind, row_id, json.loads(document), version))
        return value.model_validate_json(document)


def read_text(kind: DocumentKind, row_id: str, text: str, version: int) -> str:
    """Read a stored text whose content is its owner's business. Raises UnreadableRowError."""
    with name_unreadable(kind, row_id):
        require_known(kind, row_id, version)
        return str(_lift(kind, row_id, text, version))


def read_json(kind: DocumentKind, row_id: str, text: str, version: int) -> Any:
    """Read a stored document of whatever version as parsed JSON, for those who know which value it is. Raises UnreadableRowError."""
    with name_unreadable(kind, row_id):
        require_known(kind, row_id, version)
        return _lift(kind, row_id, json.loads(unpack_text(text)), version)


def require_known(kind: DocumentKind, row_id: str, version: int) -> None:
    """Check that documents of a version can be read. Raises UnreadableRowError."""
    known = current_version(kind)
    if FIRST_VERSION <= version <= known:
        return
    cause = UnreadableCause.NEWER if version > known else UnreadableCause.BROKEN
    reason = f"its document is of version {version}, and this program reads {FIRST_VERSION} to {known}"
    raise UnreadableRowError(UnreadableRow(kind=kind, id=row_id, cause=cause, reason=reason))


def _lift(kind: DocumentKind, row_id: str, document: Any, version: int) -> Any:
    for step in STEPS[kind][version - FIRST_VERSION :]:
        document = step(row_id, document)
    return document


@contextmanager
def name_unreadable(kind: DocumentKind, row_id: str) -> Iterator[None]:
    """Turn whatever a damaged or unknown document raises inside into UnreadableRowError with the row's name."""
    try:
        yield
    except ValidationError as error:
        raise UnreadableRowError(_judge_fault(kind, row_id, error)) from error
    except DAMAGE as error:
        reason = f"its content is damaged ({error})"
        raise UnreadableRowError(UnreadableRow(kind=kind, id=row_id, cause=UnreadableCause.BROKEN, reason=reason)) from error


def _judge_fault(kind: DocumentKind, row_id: str, error: ValidationError) -> UnreadableRow:
    faults = error.errors(include_url=False)
    newer = all(fault["type"] in UNKNOWN_TO_US for fault in faults)
    more = f", and {len(faults) - 1} more" if len(faults) > 1 else ""
    cause = UnreadableCause.NEWER if newer else UnreadableCause.BROKEN
    worst = next(fault for fault in faults if newer or fault["type"] not in UNKNOWN_TO_US)
    return UnreadableRow(kind=kind, id=row_id, cause=cause, reason=_describe_fault(worst) + more)


def _describe_fault(fault: Any) -> str:
    place = ".".join(str(part) for part in fault["loc"])
    if fault["type"] == "extra_forbidden":
        return f"it has a field `{place}` that this version does not know"
    if fault["type"] == "union_tag_invalid":
        return f"it is of the kind {fault['ctx']['tag'][:LONGEST_INPUT]!r}, which this version does not know"
    if fault["type"] in UNKNOWN_TO_US:
        return f"`{place}` is {str(fault['input'])[:LONGEST_INPUT]!r}, which this version does not know"
    if fault["type"] == "missing":
        return f"its field `{place}` is missing"
    if fault["type"] == "json_invalid":
        return "its document is cut off or damaged"
    return f"its field `{place}` is wrong ({fault['msg']})" if place else f"its document is wrong ({fault['msg']})"


def read_rows(rows: Iterable[RowT], read: Callable[[RowT], ReadT], limit: int | None = None) -> ReadableRows[ReadT]:
    """Read every row that can be read, up to `limit` of them, and keep the names of those that cannot."""
    values: list[ReadT] = []
    left_out: list[UnreadableRow] = []
    for row in rows:
        if len(values) == limit:
            break
        try:
            values.append(read(row))
        except UnreadableRowError as error:
            left_out.append(error.row)
    return ReadableRows(values, left_out)


def read_newest(fetch: Callable[[int], Iterable[RowT]], read: Callable[[RowT], ReadT], limit: int) -> ReadableRows[ReadT]:
    """Read the first `limit` rows that can be read; `fetch` gives so many rows at most, and is asked again for more when some were not."""
    asked = limit
    while True:
        rows = list(fetch(asked))
        found = read_rows(rows, read, limit)
        if len(found) == limit or len(rows) < asked:
            return found
        asked *= 2
