"""A text in other words, and the way back to the words as they were written: what a rewriting keeps stays in its place."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

from core.language.spoken.digits import DigitText

Writer = Callable[[re.Match[str]], str]
TOKEN = re.compile(r"\s+|\w+|[^\w\s]")
LEADING = re.compile(r"\W*\w*")
TRAILING = re.compile(r"\w*\W*$")
SHORT = 30
"""Letters up to which what is rewritten counts as one piece."""
KEPT = 8
"""Letters from which words that stand in both texts are the same words."""


@lru_cache(maxsize=1024)
def _compile(pattern: str) -> re.Pattern[str]:
    """Compile a pattern once: there are more of them than `re` keeps by itself, and a few that hold words of a text, which go again."""
    return re.compile(pattern, re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PlainWording:
    """A text in the words of the phrases, and the way back to the words as they were written."""

    text: str
    layers: tuple[DigitText, ...] = ()

    def restore(self, place: int, *, late: bool = False) -> int:
        """The place in the text as it was written."""
        for layer in reversed(self.layers):
            place = layer.restore(place, late=late)
        return place

    def write(self, pattern: str, told: Writer) -> "PlainWording":
        """Write the text with other words for what a pattern finds."""
        kept, changes, start = "", [], 0
        for match in _compile(pattern).finditer(self.text):
            new = told(match)
            if new != match.group():
                kept += self.text[start : match.start()]
                changes += [(len(kept) + place, length, written) for place, length, written in list_changes(match.group(), new)]
                kept += new
                start = match.end()
        return PlainWording(kept + self.text[start:], (*self.layers, DigitText("", tuple(changes)))) if changes else self


def list_changes(old: str, new: str) -> list[tuple[int, int, int]]:
    """List what differs between two wordings: its place in the new one, its length there, and its length in the old one.

    Words that both have are no change, so that one of them which is not understood is named. What was put in or taken out goes with
    the word beside it.

    >>> list_changes("at month end, if the moon is full stay invested", "buy if the moon is full at month end")
    [(0, 3, 13), (24, 12, 13)]
    """
    if len(old) <= SHORT:
        return [(0, len(new), len(old))]
    before, after = TOKEN.findall(old), TOKEN.findall(new)
    changes: list[tuple[int, int, int]] = []
    begun, written = 0, 0  # places behind the last words that both have
    for one, other, size in SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks():
        place, was = len("".join(after[:other])), len("".join(before[:one]))
        same = "".join(after[other : other + size])
        if size and len(same.strip()) < KEPT:
            continue
        if (place - begun, was - written) != (0, 0):
            alone = place == begun or was == written
            lead = len(LEADING.match(same)[0]) if alone and same else 0  # type: ignore[index]
            back = len(TRAILING.search(new[:begun])[0]) if alone and not same else 0  # type: ignore[index]
            changes.append((begun - back, place - begun + lead + back, was - written + lead + back))
        begun, written = place + len(same), was + len(same)
    return changes
