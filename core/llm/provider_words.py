"""Words of a provider that refuses: the sentence in it, how long it asks to wait, how many tokens of answer it has room for.

What kind of failure it is, and what follows from that, is in `errors`.
"""

import ast
import html
import json
import re
import time
from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime
from typing import Any

from core.llm.redaction import redact

LONGEST_SENTENCE = 300

_NOISE = re.compile(r"^(?:litellm\.)?(?:[\w ]*(?:Error|Exception|Timeout))\s*[:-]\s*")
_BYTES = re.compile(r"\bb(?P<quote>['\"])(?:(?!(?P=quote))[^\\]|\\.)*(?P=quote)", re.DOTALL)
_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)
_PAGE = re.compile(r"<!doctype html|<html", re.IGNORECASE)
_SENTENCES = ("message", "error", "detail", "details", "msg", "error_message", "reason", "title")
"""Names under which providers put their sentence, best first."""
_BEHIND = ("metadata", "raw")
"""Places in which a service that passes calls on puts what the one behind it said."""


def find_sentence(text: str) -> str:
    """Find the sentence that a person should read: one line, without class prefixes and the document around it, keys masked.

    >>> find_sentence('GroqException - {\\n  "error": {"message": "Slow down."}\\n}'), find_sentence("<html><title>502</title></html>")
    ('Slow down.', '502')
    """
    text = _BYTES.sub(lambda match: _decode(match.group()), text, count=1)
    document = read_document(text)
    said = _dig(document) if document is not None else ""
    if not said and _PAGE.search(text):
        title = _TITLE.search(text)
        said = html.unescape(title.group(1)) if title else "a web page"
    line = " ".join(said.split()) or next((line.strip() for line in text.splitlines() if line.strip()), "")
    while (shorter := _NOISE.sub("", line)) != line:
        line = shorter
    clean = redact("".join(letter for letter in line if letter.isprintable()))
    return clean if len(clean) <= LONGEST_SENTENCE else f"{clean[: LONGEST_SENTENCE - 1]}…"


def read_document(text: str) -> Any:
    """Read the document that an error's text quotes, as JSON or as Python prints it; None when there is none."""
    start = text.find("{")
    if start < 0:
        return None
    try:
        return json.JSONDecoder(strict=False).raw_decode(text, start)[0]
    except ValueError:
        pass  # not JSON: perhaps a printed dictionary
    try:
        return ast.literal_eval(text[start : text.rfind("}") + 1])
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None


def _decode(literal: str) -> str:
    try:
        return bytes(ast.literal_eval(literal)).decode("utf-8", "replace")
    except (ValueError, SyntaxError):
        return literal


def _dig(document: Any) -> str:
    """The first sentence of a document; what a service behind said stands with it."""
    if isinstance(document, str):
        return document.strip()
    if isinstance(document, list):
        return next(filter(None, map(_dig, document)), "")
    if not isinstance(document, Mapping):
        return ""
    said = next(filter(None, (_dig(document.get(name)) for name in _SENTENCES)), "")
    if said and isinstance(place := document.get("loc"), list) and place:
        said = f"{place[-1]}: {said}"
    behind: Any = document
    for name in _BEHIND:
        behind = behind.get(name) if isinstance(behind, Mapping) else None
    further = _dig(read_document(behind) or behind) if isinstance(behind, str) else ""
    return f"{said}: {further}" if said and further else said or further


_UNITS = {"ms": 1 / 1_000, "s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0}
_SPAN = r"(?:[\d.]+\s*(?:ms|milliseconds?|s|sec(?:ond)?s?|m|min(?:ute)?s?|h|hours?|d|days?)\b\s*)+|(?:\d+h)?(?:\d+m)?[\d.]+s\b"
_WAIT = re.compile(
    rf"(?:try(?:ing)? again|retry(?:ing)?|available|wait|reset)\w*\s+(?:in|after|for)?\s*(?:about\s+)?({_SPAN})", re.IGNORECASE
)
_DELAY = re.compile(r"retry_?delay['\"\\]*\s*:\s*['\"\\]*([\d.]+)s", re.IGNORECASE)
_PART = re.compile(r"([\d.]+)\s*(ms|milli|[smhd])", re.IGNORECASE)


def read_wait(headers: Mapping[str, Any], text: str) -> float | None:
    """Read how many seconds the provider asks to wait: from its headers, a number or a date, else from its words.

    >>> read_wait({}, "Please try again in 1m12.5s."), read_wait({}, '"retryDelay": "18s"'), read_wait({"retry-after": "3"}, "")
    (72.5, 18.0, 3.0)
    """
    for name, scale in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        value = str(headers.get(name) or "")
        try:
            return max(0.0, float(value) * scale)
        except ValueError:
            pass  # missing, or a date
        try:
            return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
        except ValueError:
            continue
    if delay := _DELAY.search(text):
        return float(delay.group(1))
    span = _WAIT.search(text)
    return sum(_read_parts(span.group(1))) if span else None


def _read_parts(span: str) -> Iterator[float]:
    for number, unit in _PART.findall(span):
        try:
            yield float(number) * _UNITS["ms" if unit.lower() == "milli" else unit.lower()]
        except ValueError:
            continue  # two points in one number


_NUMBERS = re.compile(r"(?<![\w.-])(?:\d{1,3}(?:,\d{3})+|\d+)(?!\w|\.\d)")
_SMALLEST_NUMBER = 600
"""Smaller ones in a refusal are statuses, places and counts."""
_OF_ANSWER = re.compile(r"max\w*[_ ]?tokens|(?:completion|output|maximum)\s+tokens|number of tokens|can only afford", re.IGNORECASE)
_REQUESTED = re.compile(r"\brequested\D{0,10}(\d[\d,]*)", re.IGNORECASE)
_EXCLUSIVE = re.compile(r"\bexclusive\)?\W{0,2}(?:\s|$)|\b(?:lower|less|fewer|smaller) than \d", re.IGNORECASE)


def read_room(text: str, asked: int) -> int | None:
    """Read how many tokens of answer a refusal of `asked` ones leaves room for, from the numbers in it; None when it tells no such thing.

    >>> read_room("max_tokens is too large: 8000. This model supports at most 4096 completion tokens", 8000)
    4096
    >>> read_room("maximum context length is 8192 tokens and your request has 1200 input tokens (8000 > 8192 - 1200)", 8000)
    6992
    """
    numbers = {int(found.replace(",", "")) for found in _NUMBERS.findall(text)}
    others = sorted(number for number in numbers if number >= _SMALLEST_NUMBER and number != asked and number - asked not in numbers)
    if len(others) == 1 and _OF_ANSWER.search(text):
        room = others[0] - bool(_EXCLUSIVE.search(text))
    elif len(others) == 2 and asked in numbers and sum((others[0], asked)) > others[1]:
        room = others[1] - others[0]
    elif len(others) == 2 and (total := _REQUESTED.search(text)) and int(total.group(1).replace(",", "")) == others[1] > asked:
        room = asked - (others[1] - others[0])
    else:
        return None
    return room if 0 < room < asked else None
