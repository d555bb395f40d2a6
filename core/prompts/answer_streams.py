"""Answers that arrive as a stream was sent: events (`data: {...}`), an object to each line, parts with a letter before them."""

import ast
import json
import re

from core.domain.python_syntax import parse_expression_tree

_EVENT = re.compile(r"^data:[ ]?(\{.*\})[ \t]*$", re.MULTILINE)
_PART = re.compile(r"^(?P<kind>[0-9a-z]):(?P<said>.*)$")
"""A part of a stream whose kind one letter tells: text is `0:"..."`."""
_MESSAGE = re.compile(
    r"\A\s*(?:AIMessage(?:Chunk)?\()?content=(?P<said>'(?:[^'\\\n]|\\.)*'|\"(?:[^\"\\\n]|\\.)*\")[, ]\s*"
    r"(?:additional_kwargs|response_metadata|id)="
)
"""A message as a library prints it."""
_WHOLE = ("done", "completed", "thinking_delta")
"""Ends of types of events that add no words: they sum up, or tell a thought."""
_NAMES = ("content", "text", "delta", "response")
MAXIMUM_DEPTH = 12
"""Levels of an event that are searched for words."""


def join_stream(text: str) -> str:
    """The words of an answer that came as a stream, put together; any other text as it is.

    >>> join_stream('0:"impo"\\n0:"rt"\\nd:{"finishReason":"stop"}')
    'import'
    >>> join_stream('{"response": "a", "done": false}\\n{"response": "b", "done": true}')
    'ab'
    >>> join_stream("content='x = 1\\\\ny = 2' additional_kwargs={} id='1'")
    'x = 1\\ny = 2'
    """
    if message := _MESSAGE.match(text):
        return str(ast.literal_eval(parse_expression_tree(message["said"])))
    try:
        return "".join(_read_words(text)) or text
    except (ValueError, RecursionError):
        return text


def _read_words(text: str) -> list[str]:
    """Words of each part of a stream, in their order; none of any other text. Raises ValueError where a part cannot be read."""
    lines = [line for line in text.split("\n") if line.strip()]
    if re.match(r"\s*(?:data|event|id|:)", text) and (events := _EVENT.findall(text)):
        return [word for event in events for word in _words_of(json.loads(event))]
    if len(lines) < 2:
        return []
    if lines[0].startswith("{") and all(line.startswith("{") for line in lines):
        rows = [json.loads(line) for line in lines]
        return [word for row in rows for word in _words_of(row)] if all("done" in row or "choices" in row for row in rows) else []
    parts = [_PART.match(line) for line in lines]
    if not all(parts):
        return []
    said = [json.loads(part["said"]) for part in parts if part and part["kind"] == "0"]
    return said if all(isinstance(word, str) for word in said) else []


def _words_of(event: object, depth: int = 0) -> list[str]:
    """Words that one event of a stream adds: those under `content`, `text` and the like; a summary, and a thought, add none."""
    if isinstance(event, list):
        return [word for part in event for word in _words_of(part, depth + 1)]
    if not isinstance(event, dict) or depth > MAXIMUM_DEPTH or event.get("thought") is True:
        return []
    kind = str(event.get("type", ""))
    if kind.endswith(_WHOLE) or "reasoning" in kind:
        return []
    found = [event[name] for name in _NAMES if isinstance(event.get(name), str)]
    return found[:1] or [word for part in event.values() for word in _words_of(part, depth + 1)]
