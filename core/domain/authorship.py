"""Origin of code that a person had in hand: who wrote it, and which of its lines a hand has changed since."""

from dataclasses import dataclass
from difflib import SequenceMatcher

from core.domain.value import Value

LEAST_LEFT = 0.1
"""Part of the lines that must be the author's for the code to be called his."""


class Authorship(Value):
    """Author of code, where it is not the one who handed it in."""

    model: str
    """Author of the code as it was written: the id of a model, or one that ships with the product."""
    run_id: str = ""
    """Run that it was written in; empty for code that no run holds."""
    number: int | None = None
    """Iteration of that run."""
    edited: tuple[tuple[int, int], ...] = ()
    """Stretches of lines that are not the author's any more, first and last included, counted from 1."""
    removed: int = 0
    """Lines of the author that are gone, without others in their place."""

    @property
    def by_hand(self) -> bool:
        """True when a hand has changed anything."""
        return bool(self.edited or self.removed)


@dataclass(frozen=True, slots=True)
class CodeSource:
    """Code as its author left it, to hold later versions against."""

    model: str
    code: str
    run_id: str = ""
    number: int | None = None

    def compare(self, code: str) -> Authorship | None:
        """Compare code with it, line by line; blanks at the end of a line are no change. None when next to nothing is the author's."""
        edited, removed = find_edits(self.code, code)
        lines = len(code.splitlines())
        if sum(last - first + 1 for first, last in edited) > (1 - LEAST_LEFT) * lines:
            return None
        return Authorship(model=self.model, run_id=self.run_id, number=self.number, edited=edited, removed=removed)


def find_edits(before: str, after: str) -> tuple[tuple[tuple[int, int], ...], int]:
    """Find the stretches of lines in `after` that are not in `before`, and how many lines are gone without others in their place.

    >>> find_edits("a\\nb\\nc", "a\\nB\\nc\\nd"), find_edits("a\\nb\\nc", "a\\nc")
    ((((2, 2), (4, 4)), 0), ((), 1))
    """
    old, new = ([line.rstrip() for line in text.strip("\n").splitlines()] for text in (before, after.rstrip()))
    shift = len(after) - len(after.lstrip("\n"))
    steps = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    edited = tuple((first + 1 + shift, last + shift) for tag, _, _, first, last in steps if tag in ("replace", "insert"))
    return edited, sum(stop - start for tag, start, stop, _, _ in steps if tag == "delete")
