"""Remarks that the author of an answer makes about the code: what was changed, and why."""

import re
from collections.abc import Iterator, Sequence

from core.prompts.answer_blocks import find_fenced_blocks, is_block_start
from core.prompts.wording import clean_line

MAXIMUM_REMARK_LENGTH = 200
_REMARK = (
    r"^[ \t>*_#\-•`\d.)(]{{0,12}}(?:{names})[ \t*_`]*(?:\([^)\n]*\)[ \t*_`]*)?(?:[:：=]|\s[-–—]\s|[–—])[ \t*_`]*(?P<text>[^\n]*?)[ \t*_`]*$"
    r"(?:\n{{1,3}}[ \t>*_\-•]{{0,12}}(?P<next>[^\n`]+?)[ \t*_]*$)?"
)
_HEADED = r"^[ \t]*(?:#+[ \t]*|\*\*[ \t]*)(?:{names})[ \t]*(?:\*\*)?[ \t]*\n{{1,3}}[ \t>*_\-•]{{0,12}}(?P<text>[^\n`]+?)[ \t*_]*$"
_IN_TAGS = r"<(?P<tag>{names})>\s*(?P<text>[^<]+?)\s*</(?P=tag)>"
_CHANGE = r"changes?(?: made| summary)?|what (?:i |was )?changed|summary(?: of (?:the )?changes?)?|modifications?"
_HYPOTHESIS = r"hypothes[ie]s|rationale|reason(?:ing)?|why(?: it (?:should|may) help)?"
CODE_START = re.compile(r"^(?:import |from \w[\w.]* import |class |@)", re.MULTILINE)
"""First line of code in an answer without fences."""


def read_remarks(text: str, code: str) -> tuple[str, str]:
    """The author's change and hypothesis: before the code, else behind it, else in the comments at the head of the code."""
    lines = text.split("\n")
    first = next((number for number, line in enumerate(lines) if is_block_start(line) or CODE_START.match(line)), len(lines))
    head = "\n".join(line.lstrip().lstrip("#").strip() for line in _leading_comments(code))
    places = ("\n".join(lines[:first]), behind_code(text), head)
    return _first_remark(_CHANGE, places), _first_remark(_HYPOTHESIS, places)


def behind_code(text: str) -> str:
    """The words behind the last fenced block; empty where it does not end."""
    blocks = find_fenced_blocks(text)
    if not blocks or not blocks[-1].closed:
        return ""
    lines = text.split("\n")
    last = max(number for number, line in enumerate(lines) if line.strip(" \t>").startswith(("```", "~~~")))
    return "\n".join(lines[last + 1 :])


def _leading_comments(code: str) -> Iterator[str]:
    for line in code.split("\n"):
        if line.strip() and not line.lstrip().startswith("#"):
            return
        yield line


def _first_remark(names: str, places: Sequence[str]) -> str:
    for place in places:
        for form in (_REMARK, _HEADED, _IN_TAGS):
            match = re.search(form.format(names=names), place, re.IGNORECASE | re.MULTILINE)
            said = (match["text"] or match.groupdict().get("next") or "") if match else ""
            if said.strip():
                return clean_line(said, MAXIMUM_REMARK_LENGTH)
    return ""
