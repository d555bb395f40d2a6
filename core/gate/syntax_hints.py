"""Remedies for text that is not Python: the usual reasons, told by the line where the parser gave up."""

import re

_PYTHON_2 = re.compile(r"\s*(print\s+[^(=\s]|exec\s+[\"'\w]|raise\s+\w+\s*,|except\s+\w[\w.]*\s*,\s*\w+\s*:)")
_PROMPT = re.compile(r"\s*>>>(\s|$)")
_MAGIC = re.compile(r"\s*[%!?]")
_CELL = re.compile(r"\s*(In|Out)\s*\[\d*\]:")


def suggest_remedy(code: str, error: SyntaxError) -> str:
    """The remedy for a syntax error; empty when the parser's own words have to do."""
    lines = code.split("\n")
    line = lines[error.lineno - 1] if error.lineno and error.lineno <= len(lines) else ""
    text = line.strip()
    if text.startswith(("```", "~~~")):
        return "Leave the Markdown fence out; send the code alone."
    if any(_PROMPT.match(part) for part in lines):
        return "The text was copied from a Python prompt: leave out the >>> and ... at the beginning of the lines, and what was printed."
    if _MAGIC.match(line) or _CELL.match(line):
        return "Lines that begin with % or ! (and In [1]:) belong to a notebook: leave them out."
    if _PYTHON_2.match(line):
        return "This is Python 2. In Python 3 print is a function, print(...); it is raise Error(text), and except Error as e:."
    if "inconsistent use of tabs" in str(error.msg):
        return "Tabs and spaces are mixed at the beginning of lines: use four spaces everywhere."
    if "invalid non-printable character" in str(error.msg):
        return "An invisible character came along with pasted text: delete it, or type that line again."
    if "invalid character" in str(error.msg):
        return "A typographic character came along with pasted text: write plain quotes and minus signs."
    if text.startswith("<") or text.lower().startswith(("here is", "sure", "this strategy", "note:")):
        return "This line is no code: send the code alone."
    if error.lineno and error.lineno >= len(lines) - 1:
        return "The text may have been cut off: the last lines are incomplete."
    return ""
