"""Leaves out what a notebook puts between lines of Python: its commands (`%matplotlib inline`, `!pip install`) and marks of cells."""

import re

from core.domain.annotation import Annotation
from core.gate.text_lines import split_lines, strip_ending

_COMMAND = re.compile(r"(\s*)([%!]\S.*|\?\w.*|[\w.]+\?\??)$")
_CELL = re.compile(r"\s*In\s*\[[\d ]*\]:\s?")
_OUTPUT = re.compile(r"\s*Out\s*\[[\d ]*\]:")


def leave_out_commands(code: str) -> tuple[str, tuple[Annotation, ...]]:
    """Take a notebook's own lines out of text that is no Python as it is; every other line keeps its number. A remark on each."""
    lines, remarks = split_lines(code), []
    for place, line in enumerate(lines):
        text = strip_ending(line)
        kept = _CELL.sub("", text) if _CELL.match(text) else text
        if _OUTPUT.match(kept):
            kept = ""
        elif found := _COMMAND.match(kept):
            kept = f"{found[1]}pass" if found[1] else ""
        if kept != text:
            lines[place] = kept + line[len(text) :]
            remarks.append(Annotation(line=place + 1, severity="info", message="Left out: a notebook's own line.", hint=""))
    return "".join(lines), tuple(remarks)
