"""A program whose causality is proved beforehand: what the compiler makes of a workflow, and nothing that merely looks like it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProvedProgram:
    """A program of the compiler's own making. Only `core.driving.proof` makes one; a test holds the sources to that."""

    code: str
    """The compiler's text, and not the text that was found to be the same."""
