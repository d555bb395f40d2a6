"""The difference of two programs: lines taken out and put in, with the workflow's row that each belongs to."""

import difflib
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import streamlit as st

from pages.components.browser_code import read_browser_code

AROUND = 4
"""Lines shown around a change."""
_SETS = re.compile(r"""\s*\(?["']?(\w+)["']?\s*[=:,]""")
"""Beginning of a line that sets a number: `fast=13,`, `("fast", 13),` or `"fast": 13,`."""

_draw = st.components.v2.component(
    "stratloop_code_difference",
    html=read_browser_code("code_difference.html"),
    css=read_browser_code("code_difference.css"),
    js=read_browser_code("code_difference.js"),
)


def draw_code_difference(
    before: str, after: str, readings: Mapping[str, str], *, worths: Mapping[str, str] | None = None, key: str
) -> None:
    """Draw the difference; `readings` says in words what each row of the workflow means, by its id, `worths` what each number was worth."""
    lines = list_lines(before, after, readings, worths or {})
    if not any(line["kind"] in ("in", "out") for line in lines):
        st.caption("The two programs are the same, letter for letter.")
        return
    _draw(data={"lines": lines}, key=key)


def count_changes(before: str, after: str) -> tuple[int, int]:
    """Count the lines taken out of one program and put into the other.

    >>> count_changes("a\\nb\\nc", "a\\nx\\ny\\nc")
    (1, 2)
    """
    out = into = 0
    for kind, old_start, old_stop, new_start, new_stop in _match(before.splitlines(), after.splitlines()).get_opcodes():
        if kind != "equal":
            out, into = out + old_stop - old_start, into + new_stop - new_start
    return out, into


def list_lines(
    before: str, after: str, readings: Mapping[str, str], worths: Mapping[str, str] = MappingProxyType({})
) -> list[dict[str, Any]]:
    """List the lines to show: numbers in both programs (from 1), text, kind (`same`, `out`, `in`, `gap`), and words on row and worth."""
    old, new = before.splitlines(), after.splitlines()
    lines: list[dict[str, Any]] = []
    for group in _match(old, new).get_grouped_opcodes(AROUND):
        first = group[0]
        if first[1] > 0 or first[3] > 0:
            lines.append({"kind": "gap", "text": f"from line {first[1] + 1} and {first[3] + 1}"})
        for kind, old_start, old_stop, new_start, new_stop in group:
            if kind == "equal":
                lines += [
                    _line("same", old[old_start + step], old_start + step, new_start + step, readings)
                    for step in range(old_stop - old_start)
                ]
                continue
            lines += [_line("out", old[place], place, None, readings) for place in range(old_start, old_stop)]
            lines += [_line("in", new[place], None, place, readings, worths) for place in range(new_start, new_stop)]
    return lines


def _match(old: list[str], new: list[str]) -> "difflib.SequenceMatcher[str]":
    return difflib.SequenceMatcher(None, old, new, autojunk=False)


def _line(
    kind: str,
    text: str,
    before: int | None,
    after: int | None,
    readings: Mapping[str, str],
    worths: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, Any]:
    said = () if kind == "same" else (_find_reading(text, readings), _find_worth(text, worths))
    return {
        "kind": kind,
        "text": text,
        "before": None if before is None else before + 1,
        "after": None if after is None else after + 1,
        "about": " · ".join(filter(None, said)),
    }


def _find_worth(text: str, worths: Mapping[str, str]) -> str:
    """Find what the number was worth that a line sets."""
    found = _SETS.match(text)
    return worths.get(found.group(1), "") if found else ""


def _find_reading(text: str, readings: Mapping[str, str]) -> str:
    """Find what the row means that a line's comment names."""
    _, mark, comment = text.partition("#")
    words = "".join(sign if sign.isalnum() or sign in "_-" else " " for sign in comment).split() if mark else []
    return "; ".join(f"{word}: {readings[word]}" for word in dict.fromkeys(words) if word in readings)
