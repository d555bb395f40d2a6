"""The code of an answer without fences, and where code ends and words begin."""

import re
import textwrap

from core.prompts.answer_code import CodeReading, Shape, mentions_strategy, parse, parse_quietly, read_code
from core.prompts.answer_join import join_blocks
from core.prompts.answer_remarks import CODE_START
from core.prompts.answer_text import undo_damage

MAXIMUM_CUTS = 200
"""Number of times that a text without fences is shortened in search of the part that parses."""


def find_plain_code(text: str, finish_reason: str) -> tuple[str, CodeReading, tuple[str, ...]] | None:
    """Find the code of an answer without fences, with its shape and what was undone.

    It is the part that parses, where nothing behind it looks like code.
    """
    margin = re.search(r"^([ \t]+)(?:import |from \w[\w.]* import |class )", text, re.MULTILINE)
    moved = re.sub(rf"^{margin[1]}", "", text, flags=re.MULTILINE) if margin else text
    for form in dict.fromkeys((text, textwrap.dedent(text), re.sub(r"^(?: {4}|\t)", "", text, flags=re.MULTILINE), moved)):
        start = CODE_START.search(form)
        if start is None:
            continue
        plain, undone = undo_damage(drop_prose_behind(form[start.start() :]))
        code, rest = find_longest_parsing(plain)
        if code and not looks_like_code(rest) and (found := read_code(code)).shape > Shape.OTHER:
            if finish_reason != "stop" and not rest.strip():
                found = CodeReading(Shape.CUT, "the answer ends inside the code")
            code, added = join_blocks(code, [])  # a first line that something is glued to is no beginning of code
            return code, found, ((f"Undone in the code: {', '.join(undone)}.",) if undone else ()) + tuple(added)
        if mentions_strategy(plain):
            return plain, _read_failed(plain, finish_reason), ()
    return None


def _read_failed(code: str, finish_reason: str) -> CodeReading:
    found = read_code(code)
    if finish_reason != "stop" or found.shape is Shape.OTHER:
        return CodeReading(Shape.CUT if finish_reason != "stop" else Shape.BROKEN, found.where or "the answer ends inside the code")
    return found


def drop_prose_behind(text: str) -> str:
    """Drop what follows the last line that can be code: it stands at the margin, in words, where the author talks."""
    lines = text.rstrip().split("\n")
    inside = max((at for at, line in enumerate(lines) if line[:1] in (" ", "\t") and line.strip()), default=len(lines) - 1)
    after = [line for line in lines[inside + 1 :] if line.strip()]
    return "\n".join(lines if any(parse(line) is not None for line in after) else lines[: inside + 1]) + "\n"


def looks_like_code(text: str) -> bool:
    """True for text in which a line stands as far in as code does."""
    return re.search(r"^[ \t]+(?:def |if |self\.|return\b|for |while |elif |else:|\w+ ?= ?)", text, re.MULTILINE) is not None


def find_longest_parsing(text: str) -> tuple[str, str]:
    """Find the longest part from the start that parses, and the rest."""
    lines = text.split("\n")
    count = len(lines)
    for _ in range(MAXIMUM_CUTS):
        code = "\n".join(lines[:count]).rstrip() + "\n"
        try:
            parse_quietly(code)
        except SyntaxError as error:
            count = min((error.lineno or count) - 1, count - 1)
        except (ValueError, RecursionError, MemoryError):
            return "", text
        else:
            return code, "\n".join(lines[count:])
        if count <= 0:
            break
    return "", text
