"""Edits that a model sends instead of a program: SEARCH/REPLACE blocks, pairs of tags or of JSON keys, and diffs.

They are applied exactly where they fit once, or refused.
"""

import ast
import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.prompts.answer_blocks import find_fenced_blocks
from core.prompts.answer_code import parse
from core.prompts.answer_text import MAXIMUM_DEPTH, MAXIMUM_WRAPPINGS, list_answered, list_texts, read_json_documents

_SEARCH = re.compile(r"^[ \t]*(?:<{5,9}(?:[ \t]+\S.*)?|-{5,9}[ \t]*SEARCH\b.*|<{5,9}(?:SEARCH|ORIGINAL|HEAD|OLD|BEFORE))$", re.IGNORECASE)
_DIVIDER = re.compile(r"^[ \t]*={5,9}[ \t]*$")
_REPLACE = re.compile(r"^[ \t]*(?:>{5,9}(?:[ \t]+\S.*)?|\+{5,9}[ \t]*REPLACE\b.*|>{5,9}(?:REPLACE|UPDATED|NEW|AFTER))$", re.IGNORECASE)
_PLACE = re.compile(r"^[ \t]*:(?:start|end)_line:[ \t]*\d+[ \t]*$|^[ \t]*-{5,9}[ \t]*$")
"""Lines by which a tool says where the old part stands, before its first line."""
_COMMON = re.compile(r"^\|{5,9}(?: .*)?$")
"""Beginning of the common ancestor that a merge conflict shows between old and new."""
_OLD = r"search|find|old|old_(?:str|string|text|code)|before|original"
_NEW = r"replace|replacement|new|new_(?:str|string|text|code)|after|updated"
_PARAMETER = r"parameter(?:=| name=)[\"']?"
_TAGGED_PAIR = re.compile(
    rf"<(?:(?P<a>{_OLD})|{_PARAMETER}(?:{_OLD})[\"']?)>(?P<old>.*?)</(?(a)(?P=a)|parameter)>\s*"
    rf"<(?:(?P<b>{_NEW})|{_PARAMETER}(?:{_NEW})[\"']?)>(?P<new>.*?)</(?(b)(?P=b)|parameter)>",
    re.DOTALL | re.IGNORECASE,
)
"""An old and a new part in tags, also as arguments of a tool that a model calls in tags."""
_OPENED = re.compile(rf"<(?:{_PARAMETER})?(?:{_OLD})[\"']?>", re.IGNORECASE)
_HUNK = re.compile(r"^@@.*")
_HEADER = re.compile(r"^(?:diff --git |index [0-9a-f]+|--- |\+\+\+ |\*\*\* )")


@dataclass(frozen=True, slots=True)
class Edit:
    """Lines to find, and the lines that take their place."""

    old: tuple[str, ...]
    new: tuple[str, ...]
    within_lines: bool = False
    """True where the old text may be a part of a line."""


@dataclass(frozen=True, slots=True)
class Edits:
    """The edits of an answer; `problem` says why they cannot be meant."""

    edits: tuple[Edit, ...] = ()
    problem: str = ""
    shown: bool = False
    """True for a diff or a pair of texts, which may only show what was done already."""


def find_edits(text: str) -> Edits | None:
    """Find the edits of an answer; None when it holds none."""
    return _find_search_blocks(text.split("\n")) or _find_pairs(text) or _find_diff(text) or _find_in_texts(text)


def _find_in_texts(text: str) -> Edits | None:
    """Edits that a JSON document holds as one text: the argument of a tool that patches."""
    for document in read_json_documents(text):
        for _, said in list_texts(document):
            if found := _find_search_blocks(said.split("\n")) or (_find_diff(said) if _looks_like_diff(said) else None):
                return found
    return None


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
        text, part = "\n".join(lines), re.escape("\n".join(old))
        if edit.within_lines and len(found := re.findall(rf"(?<!\w){part}(?!\w)", text)) == 1:
            lines = text.replace(found[0], "\n".join(edit.new)).split("\n")
            continue
        new = list(edit.new)
        places = [at for at in range(len(lines) - len(old) + 1) if lines[at : at + len(old)] == old]
        if not places:
            while len(old) > 1 and not old[-1] and new and not new[-1].strip():
                old, new = old[:-1], new[:-1]
            places, new = _find_shifted(lines, old, new)
        if len(places) != 1:
            said = "do not stand in the program" if not places else f"stand in the program {len(places)} times"
            return "", f"The lines of edit {number} {said}; they begin with `{old[0].strip()[:80]}`."
        lines[places[0] : places[0] + len(old)] = new
    return "\n".join(lines) + "\n", ""


def is_applied(code: str, edits: Edits) -> bool:
    """True where what the edits bring stands in the program already, and nothing that they take out alone."""
    rows = _list_rows(code.split("\n"))
    return all(_stands_in(rows, edit.new) if _list_rows(edit.new) else not _stands_in(rows, edit.old) for edit in edits.edits)


def _stands_in(rows: list[str], part: Sequence[str]) -> bool:
    wanted = _list_rows(part)
    return any(rows[at : at + len(wanted)] == wanted for at in range(len(rows)))


def _list_rows(lines: Sequence[str]) -> list[str]:
    return [line.strip() for line in lines if line.strip()]


def _find_shifted(lines: list[str], old: list[str], new: list[str]) -> tuple[list[int], list[str]]:
    """Places where the old lines stand, further in or out as a whole perhaps, and the new lines moved by as much."""
    plain = textwrap.dedent("\n".join(old)).split("\n")
    places = [at for at in range(len(lines) - len(old) + 1) if lines[at].strip() and _dedent(lines[at : at + len(old)]) == plain]
    if len(places) != 1:
        return places, new
    there, here = _margin(lines[places[0] : places[0] + len(old)]), _margin(old)
    moved = [there + row[len(here) :] if row.startswith(here) and row.strip() else row for row in new]
    return places, moved


def _dedent(lines: list[str]) -> list[str]:
    return textwrap.dedent("\n".join(lines)).split("\n")


def _margin(lines: list[str]) -> str:
    """The indentation that all lines have."""
    first = next((line for line in lines if line.strip()), "")
    plain = next((line for line in _dedent(lines) if line.strip()), "")
    return first[: len(first) - len(plain)]


def _find_search_blocks(lines: list[str]) -> Edits | None:
    edits: list[Edit] = []
    old: list[str] | None = None
    new: list[str] | None = None
    common = False
    for line in lines:
        if _SEARCH.match(line) and old is None:
            old = []
        elif old is not None and new is None and (_COMMON.match(line) or (common and not _DIVIDER.match(line))):
            common = True
        elif old is not None and new is None and not any(row.strip() for row in old) and _PLACE.match(line):
            continue
        elif old is not None and new is None and _DIVIDER.match(line):
            new, common = [], False
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


def _find_pairs(text: str) -> Edits | None:
    followed = len(_OPENED.findall(text)) <= MAXIMUM_WRAPPINGS
    pairs = [(match["old"], match["new"]) for match in _TAGGED_PAIR.finditer(text)] if followed else []
    for document in () if pairs else read_json_documents(text):
        if pairs := list(_list_pairs(document)):
            break
    edits = [Edit(_split(old), _split(new) if new.strip() else (), within_lines=True) for old, new in pairs]
    return Edits(tuple(edits), shown=True) if edits else None


def _split(text: str) -> tuple[str, ...]:
    return tuple(text.strip("\n").split("\n"))


def _list_pairs(value: object, depth: int = 0) -> Iterator[tuple[str, str]]:
    """Texts of a JSON document that stand under two keys which name an old and a new part."""
    if depth > MAXIMUM_DEPTH:
        return
    if isinstance(value, str) and value.lstrip().startswith("{"):  # arguments of a tool call are JSON in JSON
        for document in read_json_documents(value):
            yield from _list_pairs(document, depth + 1)
            return
    if isinstance(value, dict):
        old = [said for name, said in value.items() if re.fullmatch(_OLD, str(name), re.IGNORECASE) and isinstance(said, str)]
        new = [said for name, said in value.items() if re.fullmatch(_NEW, str(name), re.IGNORECASE) and isinstance(said, str)]
        pattern = value.get("pattern")
        if not old and isinstance(pattern, str):
            old = [plain] if (plain := _read_plain_pattern(pattern)) is not None and not re.search(r"\\[\dg]", "".join(new)) else []
        if len(old) == len(new) == 1:
            yield old[0], new[0]
            return
    for item in list_answered(value):
        yield from _list_pairs(item, depth + 1)


def _read_plain_pattern(pattern: str) -> str | None:
    r"""The text that a regular expression stands for which matches one text alone; None for any other.

    >>> _read_plain_pattern(r"\(\"exit\", 10\)"), _read_plain_pattern(r"exit.*10")
    ('("exit", 10)', None)
    """
    if re.search(r"(?<!\\)(?:\\\\)*(?:[.*+?\[\](){}|^$]|\\[A-Za-z0-9])", pattern):
        return None
    return re.sub(r"\\(.)", r"\1", pattern)


def read_marked_lines(code: str) -> tuple[str, str]:
    """The program before and after of a block whose changed lines are marked by `-` and `+`; two empty texts where none are.

    >>> read_marked_lines(" a = 1\\n-b = 2\\n+b = 3\\n")
    ('a = 1\\nb = 2\\n', 'a = 1\\nb = 3\\n')
    """
    rows = code.rstrip("\n").split("\n")
    if not _has_both_marks(rows) or not _has_both_marks(_take_texts_out(code, rows)):
        return "", ""
    old, new = [], []
    bare = any(row[:1] not in ("", " ", "+", "-") for row in rows)
    for row in rows:
        kept = row[1:] if row[:1] in ("+", "-") or not bare else row
        if not row.startswith("+"):
            old.append(kept)
        if not row.startswith("-"):
            new.append(kept)
    return "\n".join(old) + "\n", "\n".join(new) + "\n"


def _take_texts_out(code: str, rows: list[str]) -> list[str]:
    """The lines without those of texts over several lines, in which anything may stand."""
    tree = parse(code)
    texts = [node for node in ast.walk(tree) if isinstance(node, ast.Constant | ast.JoinedStr)] if tree is not None else []
    inside = {at for node in texts for at in range(node.lineno + 1, (node.end_lineno or 0) + 1)}
    return [row for at, row in enumerate(rows, 1) if at not in inside]


def _has_both_marks(rows: list[str]) -> bool:
    return all(any(row.startswith(mark) and row[1:2] not in ("", mark) for row in rows) for mark in "+-")


def _find_diff(text: str) -> Edits | None:
    blocks = find_fenced_blocks(text)
    bodies = [block.code for block in blocks if block.tag in ("diff", "patch") or _looks_like_diff(block.code)]
    if not bodies and not blocks and _looks_like_diff(text) and re.search(r"^(?:@@|--- |\*\*\* )", text, re.MULTILINE):
        bodies = [text]
    if not bodies:
        return None
    if any(not block.closed for block in blocks):
        return Edits(problem="The diff does not end.", shown=True)
    edits = [edit for body in bodies for edit in _hunks(body)]
    return Edits(tuple(edits), "" if edits else "The diff changes nothing.", shown=True)


def _looks_like_diff(code: str) -> bool:
    lines = code.split("\n")
    changes = any(line.startswith("+") for line in lines) or any(line.startswith("-") for line in lines)
    headed = any(_HUNK.match(line) or line.startswith(("--- ", "*** Begin Patch", "*** Update File")) for line in lines)
    return changes and (headed or (_has_both_marks(lines) and "    " in code))


def _hunks(body: str) -> list[Edit]:
    edits: list[Edit] = []
    rows: list[str] = []
    for line in [*body.rstrip("\n").split("\n"), "@@"]:
        if _HUNK.match(line) or _HEADER.match(line):
            if any(row.startswith(("+", "-")) for row in rows):
                edits.append(_read_hunk(rows))
            rows = []
        else:
            rows.append(line)
    return edits


def _read_hunk(rows: list[str]) -> Edit:
    """One place of a diff; lines around the change may have lost the blank before them, all of them or none."""
    last = max(at for at, row in enumerate(rows) if row.startswith(("+", "-")))
    bare = any(row.strip() and not row.startswith((" ", "+", "-", "\\", "\t")) for row in rows[:last])
    old: list[str] = []
    new: list[str] = []
    for row in rows:
        if row.startswith("-"):
            old.append(row[1:])
        elif row.startswith("+"):
            new.append(row[1:])
        elif not row.startswith("\\"):
            kept = row[1:] if row.startswith(" ") and not bare else row
            old.append(kept)
            new.append(kept)
    return _without_prose(old, new)


def _without_prose(old: list[str], new: list[str]) -> Edit:
    """The edit without what is said behind it: words at the margin below the last changed line, from a blank line on."""
    same = 0
    while same < min(len(old), len(new)) and old[-1 - same] == new[-1 - same]:
        same += 1
    tail = old[len(old) - same :]
    said = next((at for at, line in enumerate(tail) if at and not tail[at - 1].strip() and re.match(r"[A-Z][\w']* \w", line)), None)
    if said is None:
        return Edit(tuple(old), tuple(new))
    return Edit(tuple(old[: len(old) - same + said]), tuple(new[: len(new) - same + said]))
