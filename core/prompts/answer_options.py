"""Options of an answer that changes a program in several ways, one of which is meant: told by their labels and by what is advised."""

import re
from collections.abc import Sequence

from core.prompts.answer_variants import LABEL, find_advised, is_announced_choice

_HEADING = re.compile(rf"^[\W_]{{0,8}}(?:the )?(?P<option>{LABEL}(?P<label>[0-9A-D]|[一二三]))(?!\w)[^\n]{{0,100}}$", re.IGNORECASE)
_CODE = re.compile(r"^[ \t]*(?:`{3,}|~{3,}|<{5,9}|-{5,9} ?SEARCH|@@|<(?:search|find|old|parameter|invoke)\b)", re.IGNORECASE)
_OFFERED = re.compile(
    r"^\W*(?:or|alternativ\w*|optional\w*|as an? (?:alternative|option)|if you (?:prefer|want|would)|oder|ou|o bien|或者)\b"
    r"[^\n]{0,80}[:：]\W*$",
    re.IGNORECASE,
)


def choose_option(text: str) -> tuple[str, str]:
    r"""The answer with the one of its options alone that it advises, or as it is with the reason why none of them can be taken.

    >>> choose_option("Option A:\n```\nx = 1\n```\nOption B (recommended):\n```\nx = 2\n```\n")[0]
    'Option B (recommended):\n```\nx = 2\n```\n'
    """
    lines = text.split("\n")
    heads = _find_headings(lines)
    if len(heads) < 2:
        return text, ""
    parts = [lines[at:end] for at, end in zip(heads, [*heads[1:], len(lines)], strict=True)]
    chosen = [place for place, part in enumerate(parts) if is_announced_choice(part[0])]
    place = chosen[0] if len(chosen) == 1 else find_advised([part[0] for part in parts], text)
    if place is None:
        named = " and ".join(found["option"] for at in heads[:2] if (found := _HEADING.match(lines[at])))
        return text, f"The answer offers several options ({named}). Send the complete program with the one that is to be run."
    return "\n".join([*lines[: heads[0]], *parts[place]]), ""


def find_offered_edit(text: str) -> str:
    r"""Find the words that offer one edit of an answer beside another: `Optionally:`, `or`; empty where each edit is meant.

    >>> find_offered_edit("Faster:\n```diff\n-a\n+b\n```\nOptionally, also:\n```diff\n-c\n+d\n```\n")
    'Optionally, also:'
    """
    waiting, fenced, edits = "", False, 0
    for line in text.split("\n"):
        is_fence = line.strip(" \t>").startswith(("```", "~~~"))
        if not fenced and _CODE.match(line):
            if edits and waiting:
                return waiting
            edits += 1
        if is_fence:
            fenced = not fenced
        elif not fenced and line.strip():
            waiting = line.strip() if _OFFERED.match(line) else ""
    return ""


def _find_headings(lines: Sequence[str]) -> list[int]:
    """Lines that head an option with code below it; none where all have the same label."""
    heads: list[int] = []
    labels: set[str] = set()
    fenced, waiting = False, -1
    for at, line in enumerate(lines):
        found = None if fenced else _HEADING.match(line)
        if found and found["label"].upper() not in labels:
            waiting = at
        elif _CODE.match(line):
            fenced = not fenced if line.strip(" \t>").startswith(("```", "~~~")) else fenced
            if waiting >= 0 and (head := _HEADING.match(lines[waiting])):
                labels.add(head["label"].upper())
                heads.append(waiting)
                waiting = -1
    return heads if len(labels) > 1 else []
