"""f-strings as Python 3.12 has them, written for the versions before: there, their own quotes and backslashes may not stand in braces.

    f"{row["close"]}"       becomes  f'{row["close"]}'
    f"{'\\n'.join(rows)}"    becomes  f"{chr(10).join(rows)}"

Models write the new form without noticing, and what runs their code may be older. The value stays; nothing else of the code is changed.
"""

import ast
import re
from dataclasses import dataclass

from core.domain.python_syntax import parse_expression_tree

_STRING = re.compile(r"(?P<prefix>[rRbBuUfF]{0,2})(?P<quote>\"\"\"|'''|\"|')")
_NAME = re.compile(r"[A-Za-z_]\w*")
_DELIMITERS = ('"', "'", '"""', "'''")
_DEEPEST = 6
_LONGEST = 100_000
"""Characters; no strategy is longer."""
_CLOSING = {"(": ")", "[": "]", "{": "}"}


class _UnreadError(Exception):
    """The text does not go on as strings do."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part of an f-string: what stands in braces, or the text between."""

    text: str
    computed: bool


def write_nested_quotes(code: str) -> str:
    """Write f-strings so that Python before 3.12 reads them; the code as it was where its strings cannot be followed.

    >>> print(write_nested_quotes('print(f"{row["close"]:.2f}")'))
    print(f'{row["close"]:.2f}')
    """
    if len(code) > _LONGEST:
        return code
    try:
        return _rewrite(code, 0, len(code), 0)[0]
    except _UnreadError:
        return code


def _rewrite(code: str, at: int, end: int, depth: int, *, braces: bool = False) -> tuple[str, int]:
    """Code from a place on with its f-strings rewritten; in braces up to what ends the expression. The text, and where it ends."""
    found: list[str] = []
    opened: list[str] = []
    while at < end:
        sign = code[at]
        if match := _STRING.match(code, at):
            text, at = _read_string(code, match, end, depth)
            found.append(_without_backslash(text) if braces else text)
        elif name := _NAME.match(code, at):
            found.append(name.group())
            at = name.end()
        elif sign == "#":
            stop = code.find("\n", at, end)
            stop = end if stop < 0 else stop
            found.append(code[at:stop])
            at = stop
        elif braces and not opened and (sign == "}" or sign == ":" or (sign == "!" and code[at + 1 : at + 2] != "=")):
            return "".join(found), at
        else:
            if sign in _CLOSING:
                opened.append(_CLOSING[sign])
            elif opened and sign == opened[-1]:
                opened.pop()
            found.append(sign)
            at += 1
    if braces:
        raise _UnreadError
    return "".join(found), at


def _read_string(code: str, match: re.Match[str], end: int, depth: int) -> tuple[str, int]:
    """One string, rewritten where it is an f-string, and the place behind it."""
    prefix, quote = match["prefix"], match["quote"]
    raw = "r" in prefix.lower()
    if "f" not in prefix.lower():
        at = match.end()
        while at < end and not code.startswith(quote, at):
            if code[at] == "\n" and len(quote) == 1:
                raise _UnreadError
            at += 2 if code[at] == "\\" else 1
        if at >= end:
            raise _UnreadError
        return code[match.start() : at + len(quote)], at + len(quote)
    if depth >= _DEEPEST:
        raise _UnreadError
    pieces, at = _read_pieces(code, match.end(), end, quote, depth, raw=raw)
    return _write(prefix, quote, pieces), at


def _read_pieces(code: str, at: int, end: int, quote: str, depth: int, *, raw: bool) -> tuple[list[_Piece], int]:
    """Parts of an f-string up to its closing quote; the parts, and the place behind it."""
    pieces: list[_Piece] = []
    while at < end:
        if code.startswith(quote, at):
            return pieces, at + len(quote)
        if code[at] == "\n" and len(quote) == 1:
            raise _UnreadError
        if code.startswith(("{{", "}}"), at) or (code[at] == "\\" and not code.startswith("\\N{", at)):
            step = 1 if raw and code[at] == "\\" and code[at + 1 : at + 2] in "{}" else 2
            pieces.append(_Piece(code[at : at + step], computed=False))
            at += step
        elif code[at] == "{":
            text, at = _read_field(code, at, end, depth)
            pieces.append(_Piece(text, computed=True))
        else:
            pieces.append(_Piece(code[at], computed=False))
            at += 1
    raise _UnreadError


def _read_field(code: str, at: int, end: int, depth: int) -> tuple[str, int]:
    """A part in braces, format and all: the text with its braces, and the place behind it."""
    text, at = _rewrite(code, at + 1, end, depth + 1, braces=True)
    found = ["{", text]
    while at < end and code[at] != "}":  # conversion and format, in which further braces may stand
        if code[at] == "{":
            inner, at = _read_field(code, at, end, depth + 1)
            found.append(inner)
        elif code[at] in "\n\"'":
            raise _UnreadError
        else:
            found.append(code[at])
            at += 1
    if at >= end:
        raise _UnreadError
    return "".join([*found, "}"]), at + 1


def _write(prefix: str, quote: str, pieces: list[_Piece]) -> str:
    """The f-string between quotes that do not stand in it; its own where they fit."""
    computed = "".join(piece.text for piece in pieces if piece.computed)
    plain = [piece.text for piece in pieces if not piece.computed]
    body = "".join(piece.text for piece in pieces)
    for mark in (quote, *_DELIMITERS):
        beside = mark in computed or ("\n" in computed and len(mark) == 1)
        if not beside and (mark == quote or not (mark[0] in plain if len(mark) == 1 else body.endswith(mark[0]))):
            return f"{prefix}{mark}{body}{mark}"
    raise _UnreadError


def _without_backslash(text: str) -> str:
    """A plain string of an expression in braces, written without backslashes."""
    if "\\" not in text or _STRING.match(text)["prefix"].lower() not in ("", "u", "r"):  # type: ignore[index]
        return text
    try:
        value = ast.literal_eval(parse_expression_tree(text))
    except (SyntaxError, ValueError):
        return text
    codes = [str(ord(sign)) for sign in value]
    return f"chr({codes[0]})" if len(codes) == 1 else f"str().join(map(chr, ({', '.join(codes)})))"
