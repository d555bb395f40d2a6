"""Lines of a text with their endings, as Python's tokenizer counts them."""

import re

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|$)")


def split_lines(code: str) -> list[str]:
    """The lines, each with its ending; joined they are the text again."""
    return [match.group() for match in _LINE.finditer(code)]


def strip_ending(line: str) -> str:
    """The line without its ending."""
    return line.rstrip("\r\n")
