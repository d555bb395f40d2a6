"""Three versions of a program made one: what changed from the first to the second, brought to the third.

Line by line, and where both sides changed the same lines, word by word. What two changes claim both is no merge at all.
"""

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import chain

from core.prompts.answer_code import Shape, read_code

_WORDS = re.compile(r"\w+|[^\S\n]+|\n|.")


def carry_change(before: str, after: str, onto: str) -> str | None:
    """Carry the change from `before` to `after` over to `onto`; None where it does not fit there, or leaves no whole strategy.

    >>> carry_change("a = 1\\nb = 2\\n", "a = 1\\nb = 3\\n", "a = 5\\nb = 2\\n") is None  # no strategy
    True
    """
    merged = merge_texts(before, onto, after)
    return merged if merged is not None and read_code(merged).shape is Shape.WHOLE else None


def merge_texts(base: str, ours: str, theirs: str) -> str | None:
    """Merge two texts that come from one; None where both changed the same place.

    >>> merge_texts("a = 1\\nb = 2\\n", "a = 5\\nb = 2\\n", "a = 1\\nb = 3\\n"), merge_texts("f(1, 2)", "f(3, 2)", "f(1, 4)")
    ('a = 5\\nb = 3\\n', 'f(3, 4)')
    >>> merge_texts("a = 1", "a = 2", "a = 3") is None
    True
    """
    parts: list[str] = []
    for three in _align(*(text.splitlines(keepends=True) for text in (base, ours, theirs))):
        found = _choose(*three)
        if found is None:
            words = [_WORDS.findall("".join(lines)) for lines in three]
            chosen = [_choose(*piece) for piece in _align(*words)]
            found = None if None in chosen else list(chain.from_iterable(piece for piece in chosen if piece is not None))
        if found is None:
            return None
        parts.extend(found)
    return "".join(parts)


def _choose(base: Sequence[str], ours: Sequence[str], theirs: Sequence[str]) -> Sequence[str] | None:
    if base == theirs or ours == theirs:
        return ours
    return theirs if base == ours else None


def _align(base: Sequence[str], ours: Sequence[str], theirs: Sequence[str]) -> Iterator[tuple[Sequence[str], Sequence[str], Sequence[str]]]:
    """Cut three sequences into pieces that belong together: what all three share, and what lies in between."""
    at = [0, 0, 0]
    for start, size, our, their in [*_find_shared(base, ours, theirs), (len(base), 0, len(ours), len(theirs))]:
        if (start, our, their) != tuple(at):
            yield base[at[0] : start], ours[at[1] : our], theirs[at[2] : their]
        if size:
            shared = base[start : start + size]
            yield shared, shared, shared
        at = [start + size, our + size, their + size]


def _find_shared(base: Sequence[str], ours: Sequence[str], theirs: Sequence[str]) -> list[tuple[int, int, int, int]]:
    """Pieces of `base` that both others have too: where they begin, how long they are, and where they are in the others."""
    left, right = (SequenceMatcher(None, base, other, autojunk=False).get_matching_blocks() for other in (ours, theirs))
    found = []
    for one in left:
        for two in right:
            start, stop = max(one.a, two.a), min(one.a + one.size, two.a + two.size)
            if start < stop:
                found.append((start, stop - start, one.b + start - one.a, two.b + start - two.a))
    return found
