"""Edits that a model sends instead of a program: SEARCH/REPLACE blocks and diffs. Applied exactly where they fit once, or refused."""

import re
from dataclasses import dataclass

from core.prompts.answer_blocks import find_fenced_blocks

_SEARCH = re.compile(r"^[ \t]*<{5,9}[ \t]*(?:SEARCH|ORIGINAL|HEAD|OLD|BEFORE)?[ \t]*$", re.IGNORECASE)
_DIVIDER = re.compile(r"^[ \t]*={5,9}[ \t]*$")
_REPLACE = re.compile(r"^[ \t]*>{5,9}[ \t]*(?:REPLACE|UPDATED|NEW|AFTER)?[ \t]*$", re.IGNORECASE)
_HUNK = re.compile(r"^@@.*")
_HEADER = re.compile(r"^(?:diff --git |index [0-9a-f]+|--- |\+\+\+ |\*\*\* )")


@dataclass(frozen=True, slots=True)
class Edit:
    """Lines to find, and the lines that take their place."""

    old: tuple[str, ...]
    new: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Edits:
    """The edits of an answer; `problem` says why they cannot be meant."""

    edits: tuple[Edit, ...] = ()
    problem: str = ""


def find_edits(text: str) -> Edits | None:
    """Find the edits of an answer; None when it holds none."""
    found = _find_search_blocks(text.split("\n"))
    return found if found is not None else _find_diff(text)


def apply_edits(code: str, edits: Edits) -> tuple[str, str]:
    """Apply edits to code: the changed code and no problem, or the reason why one of them does not fit. All of them or none."""
    if edits.problem or not code.strip():
        return "", edits.problem or "There is no program that the edits could change."
    lines = [line.rstrip() for line in code.rstrip().split("\n")]
    for number, edit in enumerate(edits.edits, 1):
        old = [line.rstrip() for line in edit.old]
        while old and not old[0]:
            old = old[1:]
        if not old:
            return "", f"Edit {number} does not say which lines it replaces."
        places = [at for at in range(len(lines) - len(old) + 1) if lines[at : at + len(old)] == old]
        if len(places) != 1:
            said = "do not stand in the program" if not places else f"stand in the program {len(places)} times"
            return "", f"The lines of edit {number} {said}; they begin with `{old[0].strip()[:80]}`."
        lines[places[0] : places[0] + len(old)] = list(edit.new)
    return "\n".join(lines) + "\n", ""


def _find_search_blocks(lines: list[str]) -> Edits | None:
    edits: list[Edit] = []
    old: list[str] | None = None
    new: list[str] | None = None
    for line in lines:
        if _SEARCH.match(line) and old is None:
            old = []
        elif old is not None and new is None and _DIVIDER.match(line):
            new = []
        elif new is not None and _REPLACE.match(line):
            edits.append(Edit(tuple(old or ()), tuple(new)))
            old = new = None
        elif new is not None:
            new.append(line)
        elif old is not None:
            old.append(line)
    if old is not None:
        return Edits(problem="The last SEARCH/REPLACE block does not end.")
    return Edits(tuple(edits)) if edits else None


def _find_diff(text: str) -> Edits | None:
    blocks = find_fenced_blocks(text)
    bodies = [block.code for block in blocks if block.tag in ("diff", "patch") or _looks_like_diff(block.code)]
    if not bodies and not blocks and _looks_like_diff(text):
        bodies = [text]
    if not bodies:
        return None
    if any(not block.closed for block in blocks):
        return Edits(problem="The diff does not end.")
    edits = [edit for body in bodies for edit in _hunks(body)]
    return Edits(tuple(edits)) if edits else Edits(problem="The diff changes nothing.")


def _looks_like_diff(code: str) -> bool:
    lines = code.split("\n")
    changes = any(line.startswith("+") for line in lines) or any(line.startswith("-") for line in lines)
    return changes and any(_HUNK.match(line) or line.startswith(("--- ", "*** Begin Patch", "*** Update File")) for line in lines)


def _hunks(body: str) -> list[Edit]:
    edits: list[Edit] = []
    old: list[str] = []
    new: list[str] = []
    for line in [*body.rstrip("\n").split("\n"), "@@"]:
        if _HUNK.match(line) or _HEADER.match(line):
            if old != new:
                edits.append(Edit(tuple(old), tuple(new)))
            old, new = [], []
        elif line.startswith("-"):
            old.append(line[1:])
        elif line.startswith("+"):
            new.append(line[1:])
        elif not line.startswith("\\"):
            kept = line[1:] if line.startswith(" ") else line
            old.append(kept)
            new.append(kept)
    return edits
