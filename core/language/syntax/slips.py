"""Slips of the fingers: which known word a typed one was meant to be."""

from collections.abc import Iterable
from functools import lru_cache, reduce
from operator import or_


def suggest_nearest(name: str, known: Iterable[object]) -> str:
    """Suggest the closest known words as a remedy, or an empty text."""
    words = sorted(str(word) for word in known)
    return format_suggestion(find_typos(name, words)[:2])


def find_typos(word: str, known: Iterable[str]) -> list[str]:
    """Find the words that one was meant to be: with a slip of the fingers, or those of which it is a part; never one that only looks alike.

    >>> find_typos("bbnads", ["bands", "bbands"]), find_typos("poc", ["roc", "ppo"]), find_typos("doji_star", ["doji"])
    (['bbands'], [], [])
    """
    word = word.lower()
    words = list(dict.fromkeys(known))
    allowed = 0 if len(word) < 4 else 1 if len(word) < 10 else 2
    signs = _mark_signs(word)
    close = [
        one
        for one in words
        if allowed
        and abs(len(one) - len(word)) <= allowed
        and (signs & ~_mark_signs(one)).bit_count() <= allowed  # each sign of one alone costs a slip
        and (_mark_signs(one) & ~signs).bit_count() <= allowed
    ]
    slips = {one: count_slips(word, one, most=allowed) for one in close}
    near = sorted((one for one, slip in slips.items() if 0 < slip <= allowed), key=lambda one: (slips[one], one))
    parts = [one for one in words if len(word) >= 4 and word in one.lower().split("_") and one.lower() != word]
    return (near or parts)[:4]


@lru_cache(maxsize=16_384)
def _mark_signs(word: str) -> int:
    """The signs that occur in a word, as bits."""
    return reduce(or_, (1 << (ord(sign) % 64) for sign in word), 0)


def count_slips(typed: str, meant: str, *, most: int) -> int:
    """Count the slips of the fingers between two words: a letter too many, missing, wrong, or two in the wrong order.

    Counting ends where there are more than `most`.
    """
    rows = [list(range(len(meant) + 1))]
    for place, letter in enumerate(typed, start=1):
        row = [place]
        for other, wanted in enumerate(meant, start=1):
            cost = min(rows[-1][other] + 1, row[-1] + 1, rows[-1][other - 1] + (letter != wanted))
            if place > 1 and other > 1 and letter == meant[other - 2] and typed[place - 2] == wanted:
                cost = min(cost, rows[-2][other - 2] + 1)
            row.append(cost)
        if min(row) > most and min(rows[-1]) > most:  # two in the wrong order reach back by two letters
            return most + 1
        rows.append(row)
    return rows[-1][-1]


def format_suggestion(words: Iterable[str]) -> str:
    """Format the question `Did you mean ...?`, or an empty text without words."""
    asked = " or ".join(f"`{word}`" for word in words)
    return f"Did you mean {asked}?" if asked else ""
