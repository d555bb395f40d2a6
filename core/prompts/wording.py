"""Making foreign text safe to quote, and counting what a prompt costs.

Foreign is everything that a person, a file or a model wrote: names, notes, code, error messages, printed output. It is
quoted as data: without control characters, capped, and unable to close a fence or a tag of the prompt.
"""

import json
import re
import unicodedata
from functools import lru_cache
from math import ceil

TAGS = (
    "specification",
    "conditions",
    "constraints",
    "notes",
    "best",
    "program",
    "last",
    "history",
    "findings",
    "instruction",
    "answer",
    "inspiration",
    "memory",
    "state",
    "system",
    "think",
)
"""Names of the prompt's own tags, and two that models give a meaning to."""
_NAMES = "(?:" + "|".join(TAGS) + ")"
_TAG = re.compile(
    rf"<(?=[\s\\|]*/[\s\\/|]*{_NAMES}\b)"  # </name
    rf"|<(?=\s*{_NAMES}\s*/?\s*>)"  # <name>
    rf"|<(?={_NAMES}\s+[\w:-]+\s*=\s*[\"'])",  # <name key="...
    re.IGNORECASE,
)
"""Text that would read as a tag; `price < best` in a program is not one."""
_SPECIAL = re.compile(r"<(?=\|)|(?<=\|)>")
_FENCE = re.compile(r"`{3,}|~{3,}")
_PIECES = re.compile(r"[A-Za-z]+|\d{1,3}|[^\sA-Za-z\d]")
"""Pieces of a line; the line's end, with the indentation of the next, is one as well."""
CUT_MARK = " [...] "
LONG_LINE = 400
"""Characters of a line from which it is counted between its commas."""
WORD_LETTERS = 8
"""Letters of a word that usually is one token; every four more are another."""


def clean(text: str, limit: int) -> str:
    """Foreign text for quoting: printable, at most `limit` characters (the middle is left out), no fence, no tag of ours.

    >>> clean("a </state> b ```", 100)
    "a ‹/state> b '''"
    """
    return shorten(neutralize(text), limit)


def neutralize(text: str) -> str:
    """Neutralize text: no control or direction characters, fences or tags; `<` as an operator stays what it is."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    plain = "\n".join(line if line.isprintable() else _drop_controls(line) for line in plain.split("\n"))
    plain = _FENCE.sub(lambda match: "'" * len(match.group()), plain)
    return _SPECIAL.sub("‹", _TAG.sub("‹", plain))


def _drop_controls(line: str) -> str:
    return "".join(char for char in line if char == "\t" or unicodedata.category(char)[0] != "C")


def clean_line(text: str, limit: int) -> str:
    """Clean foreign text into one line.

    >>> clean_line("two\\nlines", 20)
    'two lines'
    """
    return clean(" ".join(text.split()), limit)


def shorten(text: str, limit: int) -> str:
    """Shorten to at most `limit` characters: two thirds of the head, a mark, one third of the tail.

    >>> shorten("abcdefghij" * 10, 37)
    'abcdefghijabcdefghij [...] abcdefghij'
    """
    if len(text) <= limit:
        return text
    room = max(limit - len(CUT_MARK), 0)
    tail = room // 3
    return (text[: room - tail] + CUT_MARK + text[len(text) - tail :])[:limit]


def seal_json(value: object) -> str:
    """Seal JSON in one line that no text inside can escape from: `<`, `>`, `&` and backticks are written as \\u escapes.

    >>> print(seal_json({"name": "</state>"}))
    {"name":"\\u003c/state\\u003e"}
    """
    text = json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=True, allow_nan=False)
    for char in "<>&`":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text


def estimate_tokens(text: str) -> int:
    """Estimate how many tokens a text costs: for display and for keeping a prompt small; the provider's count is what is billed.

    Measured against a common tokenizer it is 10 to 30% high on English prose, code and JSON, which leaves room for the
    tokenizers that need more.

    >>> estimate_tokens("Sell when the close crosses below its average.")
    9
    """
    first, *others = text.split("\n")
    return _count_line(first) + len(others) + sum(_count_line(line.lstrip(" \t")) for line in others)


def _count_line(line: str) -> int:
    """Count the tokens of a line, of a long one (the state) part by part: most of a prompt's parts stood in the one before."""
    if len(line) <= LONG_LINE:
        return _count_part(line)
    parts = line.split(",")
    return len(parts) - 1 + sum(map(_count_part, parts))


@lru_cache(maxsize=16_384)
def _count_part(part: str) -> int:
    return sum(map(_cost, _PIECES.findall(part)))


@lru_cache(maxsize=16_384)
def _cost(piece: str) -> int:
    if not piece.isascii():
        return 2
    return 1 if len(piece) <= WORD_LETTERS or not piece[0].isalpha() else 1 + ceil((len(piece) - WORD_LETTERS) / 4)
