"""Text around a pasted script, and what pages, mails and consoles did to it, undone where the text is no Python as it came.

Only what cannot be Python is taken out, only where Python is left, and a remark says it. Every line keeps its number; the meaning of
what is Python stays. A notebook's file is another matter: its cells of code are put below each other.
"""

import json
import re
from collections.abc import Callable
from functools import partial

from core.domain.annotation import Annotation
from core.domain.code_damage import (
    drop_commands,
    drop_frames,
    drop_highlighting,
    drop_line_numbers,
    drop_marks,
    drop_prompts,
    keep_backslashes,
    make_marks_narrow,
    make_quotes_straight,
    make_signs_plain,
    make_spaces_plain,
    make_tabs_even,
    move_to_margin,
    restore_dunders,
    unescape_entities,
)
from core.domain.nested_quotes import write_nested_quotes
from core.domain.python_syntax import parse_module_tree
from core.gate.notebook import leave_out_commands
from core.gate.python_2 import write_as_python_3

_FENCE = re.compile(r"[ \t>]*(?:`{3,}|~{3,})[ \t]*([\w+#.-]*)[^`]*$")
_TAG_LINE = re.compile(
    r"[ \t]*(?:(?:</?(?:pre|code|div|p|blockquote|span)\b[^>]*>)+|\[/?(?:code|python)(?:=\w+)?\]|\.\. (?:source)?code[\w-]*::.*)[ \t]*$",
    re.IGNORECASE,
)
_GLUED_TAGS = re.compile(
    r"^[ \t]*(?:<(?:pre|code|div|p|span)\b[^>]*>)+(?=(?:import|from|class|def)\b|[#@\"'])|(?:</(?:pre|code)>)+[ \t]*$", re.IGNORECASE
)
"""Tags before the first line of code, and behind the last one."""
_BEGINNING = re.compile(r"(?:import |from \w[\w.]* import |class \w+|def \w+|@\w|#|[\"']{3}|if __name__)")
_CODE_LINE = re.compile(r"[ \t]+\S|(?:import|from|class|def|if|for|while|try|with|return|cerebro)\b|[\w.]+ *(?:=|\+=|\()|[\])}]")
"""Lines behind a program that may still be code: then the text is not cut there."""
_USES_PYTHON_2 = re.compile(r"\b(?:xrange|raw_input|unicode|basestring)\s*\(|\.(?:iteritems|itervalues|iterkeys|has_key)\s*\(")
_PYTHON_2_SAID = (
    "Read as Python 2: print, except, numbers and names are written as Python 3 has them. "
    "There, / of two whole numbers drops the rest; here it does not."
)
MOST_LINES_BEHIND = 80


def undo_pasting(code: str) -> tuple[str, tuple[Annotation, ...]]:
    """The script in pasted text and a remark on each thing that was undone; the text as it is where no script comes of it."""
    if (joined := _join_cells(code)) is not None:
        return joined, (_say(1, "Read from a notebook's file: its cells of code, one below the other."),)
    if _is_python(code):
        return _with_names_of_python_3(code)
    plain, remarks = leave_out_commands(code)
    if _is_python(plain):
        return plain, remarks
    text = re.sub(r"\r\n?|[\u2028\u2029\x85]", "\n", code).rstrip("\x00\x1a")
    if _is_python(text):
        return text, (_say(_first_changed(code, text), "Undone: ends of lines, or marks behind the last one, that Python does not know."),)
    said: list[Annotation] = []
    for step, undo in _STEPS:
        changed = undo(text)
        if changed == text:
            continue
        said.append(_say(_first_changed(text, changed), step))
        text = changed
        if _is_python(text):
            return text, tuple(said)
    return code, ()


def _with_names_of_python_3(code: str) -> tuple[str, tuple[Annotation, ...]]:
    if not _USES_PYTHON_2.search(code) or (changed := write_as_python_3(code)) == code:
        return code, ()
    return changed, (_say(_first_changed(code, changed), _PYTHON_2_SAID),)


def _join_cells(code: str) -> str | None:
    """The cells of code of a notebook's file; None for any other text."""
    if not code.lstrip().startswith("{") or '"cells"' not in code:
        return None
    try:
        cells = json.loads(code)["cells"]
        sources = ["".join(cell["source"]) for cell in cells if cell.get("cell_type") == "code"]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return "\n\n".join(leave_out_commands(drop_commands(source))[0].rstrip("\n") for source in sources) + "\n"


def _take_out_fences(text: str) -> str:
    """Empty everything outside of Markdown's fences, the fences, and blocks that are no Python beside one that is."""
    lines = text.split("\n")
    marks = [at for at, line in enumerate(lines) if _FENCE.match(line)]
    if not marks:
        return text
    if len(marks) == 1 and any(line.strip() for line in lines[: marks[0]]):
        marks = [-1, *marks]  # the opening fence was not copied
    kept = [""] * len(lines)
    for place, start in enumerate(marks[::2]):
        end = marks[2 * place + 1] if 2 * place + 1 < len(marks) else len(lines)
        tag = found[1].lower() if start >= 0 and (found := _FENCE.match(lines[start])) else ""
        block = lines[start + 1 : end]
        if tag in ("python", "py", "python3", "ipython", "py3") or (not tag and any(_BEGINNING.match(line.lstrip("> ")) for line in block)):
            kept[start + 1 : end] = block
    return "\n".join(kept) if any(line.strip() for line in kept) else text


def _take_out_tags(text: str) -> str:
    return "\n".join("" if _TAG_LINE.match(line) else _GLUED_TAGS.sub("", line) for line in text.split("\n"))


def _take_out_words(text: str) -> str:
    """Empty the words before the first line of code and behind the last, where nothing in them looks like code."""
    lines = text.split("\n")
    first = next((at for at, line in enumerate(lines) if _BEGINNING.match(line)), 0)
    if first and not any(re.match(r"(?:import|from|class|def|@)\b|[ \t]+\S", line) for line in lines[:first]):
        lines[:first] = [""] * first
    for end in range(len(lines), max(first, len(lines) - MOST_LINES_BEHIND), -1):
        if end < len(lines) and _CODE_LINE.match(lines[end]):
            break
        if _is_python("\n".join(lines[:end])):
            return "\n".join([*lines[:end], *([""] * (len(lines) - end))])
    return "\n".join(lines)


def _first_changed(before: str, after: str) -> int:
    pairs = zip(before.split("\n"), after.split("\n"), strict=False)
    return next((number for number, (one, other) in enumerate(pairs, 1) if one != other), 1)


def _is_python(text: str) -> bool:
    try:
        parse_module_tree(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _say(line: int, message: str) -> Annotation:
    return Annotation(line=line, severity="info", message=message, hint="")


_STEPS: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("Left out: everything around the fences of Markdown, and the fences.", _take_out_fences),
    ("Left out: lines that a terminal draws around the code.", drop_frames),
    ("Left out: colors of a page around words.", drop_highlighting),
    ("Left out: tags of a page around the code.", _take_out_tags),
    ("Undone: signs written as a page needs them (&lt; for <).", unescape_entities),
    ("Left out: marks of a quoted mail before the lines.", partial(drop_marks, mark=">")),
    ("Left out: plus signs of a diff before the lines.", partial(drop_marks, mark="+")),
    ("Left out: prompts of a console before the lines.", drop_prompts),
    ("Left out: line numbers before the lines.", drop_line_numbers),
    ("Undone: blanks of another width, and characters that nobody sees.", make_spaces_plain),
    ("Undone: curly quotes.", make_quotes_straight),
    ("Undone: signs of mathematics, or long dashes.", make_signs_plain),
    ("Undone: full-width marks.", make_marks_narrow),
    ("Undone: names that Markdown made bold.", restore_dunders),
    ('Undone: backslashes of a Windows path that Python reads as signs; it is r"C:\\...".', keep_backslashes),
    ("Undone: quotes inside of f-strings that Python reads from 3.12 on.", write_nested_quotes),
    ("Left out: commands of a notebook or a shell.", lambda text: leave_out_commands(drop_commands(text))[0]),
    ("Undone: the code stood further in as a whole.", move_to_margin),
    ("Undone: tabs beside blanks at the beginning of lines.", make_tabs_even),
    ("Left out: words before or behind the code.", _take_out_words),
    (_PYTHON_2_SAID, write_as_python_3),
    ("Left out: words before or behind the code.", lambda text: _take_out_words(write_as_python_3(text))),
)
"""Steps, in this order, until Python is left."""
