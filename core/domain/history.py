"""Parts of the history that cannot be read: a newer document, an unknown field or damage costs one row, and lists say what is left out."""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import TypeVar

from core.domain.errors import StoreError
from core.domain.value import Value

T_co = TypeVar("T_co", covariant=True)


class DocumentKind(StrEnum):
    """Kind of a stored document."""

    RUN = "run"
    ITERATION = "iteration"
    CURVE = "curve"
    """Curves, fills and trades of an iteration."""
    EVENT = "event"
    WORKFLOW = "workflow"
    DRAFT = "draft"
    CALL = "call"
    """A row of the spending ledger."""
    SETTING = "setting"


class UnreadableCause(StrEnum):
    """Cause for which a row cannot be read."""

    NEWER = "newer"
    """A newer version of Stratloop wrote it: a version number, a field or a word that this one does not know."""
    BROKEN = "broken"
    """It is cut off, changed by hand, or lacks what every version writes."""


HINTS = {
    UnreadableCause.NEWER: "Update Stratloop to read it; until then it is left as it is.",
    UnreadableCause.BROKEN: "It is left as it is; `doctor` names every such row, and a copy of the history from before may hold it whole.",
}


class UnreadableRow(Value):
    """A row that is there and cannot be read; everything beside it can."""

    kind: DocumentKind
    id: str
    """`run`, `run:iteration`, `name:version` of a workflow, or the key or number that the row has."""
    cause: UnreadableCause
    reason: str
    """The trouble with it, as the end of a sentence, for example "it has a field `x` that this version does not know"."""

    @property
    def subject(self) -> str:
        """Name of the row at the beginning of a sentence.

        >>> UnreadableRow(kind=DocumentKind.ITERATION, id="4be7ac2a:3", cause=UnreadableCause.NEWER, reason="").subject
        'Iteration 3 of run 4be7ac2a'
        """
        first, _, last = self.id.rpartition(":")
        return {
            DocumentKind.RUN: f"Run {self.id}",
            DocumentKind.ITERATION: f"Iteration {last} of run {first}",
            DocumentKind.CURVE: f"The curves of iteration {last} of run {first}",
            DocumentKind.EVENT: f"Event {last} of run {first}",
            DocumentKind.WORKFLOW: f"Version {last} of the saved workflow {first!r}",
            DocumentKind.DRAFT: f"The draft {self.id!r}",
            DocumentKind.CALL: f"Call {self.id} of the spending ledger",
            DocumentKind.SETTING: f"The setting {self.id!r}",
        }[self.kind]

    def __str__(self) -> str:
        what = "was written by a newer version of Stratloop" if self.cause is UnreadableCause.NEWER else "cannot be read"
        return f"{self.subject} {what}: {self.reason}."


class UnreadableRowError(StoreError):
    """One row of the history cannot be read; carries which and why."""

    def __init__(self, row: UnreadableRow) -> None:
        super().__init__(str(row), hint=HINTS[row.cause])
        self.row = row


class ReadableRows(tuple[T_co, ...]):
    """Values of the rows that could be read, in order, and beside them the rows that had to be left out."""

    left_out: tuple[UnreadableRow, ...]

    def __new__(cls, values: Iterable[T_co] = (), left_out: Iterable[UnreadableRow] = ()) -> "ReadableRows[T_co]":
        """Values and what was left out among them."""
        made = super().__new__(cls, values)
        made.left_out = tuple(left_out)
        return made

    def require_whole(self) -> "ReadableRows[T_co]":
        """The rows, for those who must not go on with a part of them. Raises UnreadableRowError when one was left out."""
        if self.left_out:
            raise UnreadableRowError(self.left_out[0])
        return self


def count_stored(rows: Sequence[object]) -> int:
    """Number of rows, those that a list had to leave out included.

    >>> broken = UnreadableRow(kind=DocumentKind.RUN, id="a", cause=UnreadableCause.BROKEN, reason="")
    >>> count_stored(ReadableRows("xy", [broken])), count_stored("xy")
    (3, 2)
    """
    return len(rows) + (len(rows.left_out) if isinstance(rows, ReadableRows) else 0)
