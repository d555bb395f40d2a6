"""Remarks about the text of a program, each tied to a line."""

from enum import StrEnum

from core.domain.value import Value


class AnnotationCode(StrEnum):
    """Subject of a remark, where something depends on it; its words are for people only."""

    OTHER = "other"
    LOOKAHEAD = "lookahead"
    """The line reads later bars."""
    FIGURES = "figures"
    """The figures are to be read with it in mind, so it stands beside them whatever its severity."""


class Annotation(Value):
    """One remark of the static gate or the linter, tied to a line of the code; feeds the editor's gutter and the model."""

    line: int
    """1-based; 0 when it concerns the whole file."""
    severity: str
    """`error` (will fail in the sandbox), `warning` (runs, but is probably wrong), `info` (taken out or ignored)."""
    message: str
    hint: str = ""
    code: AnnotationCode = AnnotationCode.OTHER
