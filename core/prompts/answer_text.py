"""Surroundings of an answer: thoughts, a server's control words, JSON around it, and damage done to code on its way."""

import html
import json
import re
import textwrap
from collections.abc import Callable, Iterator

from core.prompts.answer_blocks import CONSOLE_PROMPT
from core.prompts.answer_code import mentions_strategy, parse

_THINK = r"(?:think(?:ing)?|thought|reasoning|scratchpad|analysis)"
_CLOSED_THOUGHT = re.compile(rf"<{_THINK}>.*?</{_THINK}>", re.DOTALL | re.IGNORECASE)
_END_OF_THOUGHT = re.compile(rf"</{_THINK}>", re.IGNORECASE)
_OPEN_THOUGHT = re.compile(rf"<{_THINK}>", re.IGNORECASE)
_FINAL_CHANNEL = re.compile(r"<\|channel\|>\s{0,4}final[^<]{0,40}<\|message\|>")
_OTHER_CHANNEL = re.compile(r"<\|channel\|>\s*(?:analysis|commentary)[^<]*<\|message\|>.*?(?:<\|end\|>|<\|call\|>|\Z)", re.DOTALL)
_CONTROL_WORD = re.compile(r"<[|｜][\w▁ -]{1,40}[|｜]>|\[/?INST\]|^</?s>|</?s>$", re.MULTILINE)
_ROLE = re.compile(r"\A\s*(?:assistant|model)\s*\n", re.IGNORECASE)
_SPACES = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad]")
_QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "‚": "'", "′": "'", "–": "-", "—": "-", "−": "-", "×": "*"})
_NUMBERED = re.compile(r"^[ \t]{0,6}(\d{1,4})(?:[ \t]?[|:.)│][ \t]?|\t|[ ]{1,2}|$)")
_IPYTHON = re.compile(r"^[ \t]*(?:In|Out)\s?\[\d*\]:\s?")
_HERE_DOCUMENT = re.compile(
    r"^[$ \t]*(?:cat|tee)\b[^\n]*<<-?[ ]*(['\"]?)(?P<end>\w+)\1[^\n]*\n(?P<code>.*?)^[ \t]*(?P=end)[ \t]*$", re.DOTALL | re.MULTILINE
)
_YAML_TEXT = re.compile(
    r"^(?P<indent> *)(?:- )?[\w-]+:[ ]*\|[-+]?\d?[ ]*\n(?P<code>(?:(?P=indent) +[^\n]*(?:\n|\Z)|[ ]*\n)+)", re.MULTILINE
)
MAXIMUM_WRAPPINGS = 50
"""Openings of one kind that are followed to their ends; an answer with more repeats itself, and each would be sought through all of it."""
MAXIMUM_DEPTH = 6
"""Levels of JSON that are searched for code."""


def take_thoughts_out(text: str) -> tuple[str, str]:
    """Take out what the model thought aloud: the rest, and the text behind a thought that was never closed (empty when there is none)."""
    finals = list(_FINAL_CHANNEL.finditer(text))
    text = text[finals[-1].end() :] if finals else _OTHER_CHANNEL.sub("", text)
    if _END_OF_THOUGHT.search(text):
        text = _CLOSED_THOUGHT.sub("", text)
    if ends := list(_END_OF_THOUGHT.finditer(text)):  # some servers send the end of a thought without its beginning
        text = text[ends[-1].end() :]
    opened = _OPEN_THOUGHT.search(text)
    if opened is None:
        return _drop_control_words(text), ""
    return _drop_control_words(text[: opened.start()]), _drop_control_words(text[opened.end() :])


def _drop_control_words(text: str) -> str:
    return _ROLE.sub("", _CONTROL_WORD.sub("\n", text)) if _CONTROL_WORD.search(text) else text


def unwrap_json(text: str) -> str:
    """Unwrap an answer that was sent as JSON: its code in a fence, its remarks before it. Empty when it is none with code."""
    for document in read_json_documents(text):
        code = max((found for found in _strings(document) if re.search(r"\bclass\s+\w+", found)), key=len, default="")
        if code:
            remarks = "".join(f"{name.capitalize()}: {' '.join(said.split())}\n" for name, said in _remarks(document))
            return f"{remarks}\n{code}" if "```" in code else f"{remarks}\n```python\n{code}\n```\n"
    return ""


def unwrap_document(text: str) -> str:
    """Unwrap an answer without fences whose code stands in a command of the shell or in YAML; empty when it is neither."""
    if "```" in text or "~~~" in text:
        return ""
    for shape in (_HERE_DOCUMENT, _YAML_TEXT) if text.count("<<") <= MAXIMUM_WRAPPINGS else (_YAML_TEXT,):
        for match in shape.finditer(text):
            if mentions_strategy(match["code"]):
                return f"{text[: match.start()]}\n```python\n{textwrap.dedent(match['code'])}\n```\n{text[match.end() :]}"
    return ""


def read_json_documents(text: str) -> Iterator[object]:
    """The JSON documents of an answer: the whole of it, what stands in fences, and what stands between prose."""
    for candidate in _json_parts(text):
        try:
            yield json.loads(candidate, strict=False)
        except (ValueError, RecursionError):
            continue


def _json_parts(text: str) -> Iterator[str]:
    stripped = text.strip()
    yield stripped
    yield from re.findall(r"```[ \t]*(?:json|JSON)?[ \t]*\n(.*?)\n[ \t]*```", text, re.DOTALL)
    for first, last in (("{", "}"), ("[", "]")):
        if 0 <= (start := stripped.find(first)) < (end := stripped.rfind(last)):
            yield stripped[start : end + 1]


def _strings(value: object, depth: int = 0) -> Iterator[str]:
    if depth > MAXIMUM_DEPTH:
        return
    if isinstance(value, str):
        inner = value.strip()
        if inner.startswith("{") and '"' in inner:  # arguments of a tool call are JSON in JSON
            try:
                yield from _strings(json.loads(inner, strict=False), depth + 1)
            except (ValueError, RecursionError):
                pass
            else:
                return
        yield value
    elif isinstance(value, list):
        if value and all(isinstance(item, str) for item in value):
            yield ("" if all(item.endswith("\n") for item in value[:-1]) and len(value) > 1 else "\n").join(value)
        for item in value:
            yield from _strings(item, depth + 1)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _strings(item, depth + 1)


def _remarks(value: object, depth: int = 0) -> Iterator[tuple[str, str]]:
    if not isinstance(value, dict) or depth > MAXIMUM_DEPTH:
        return
    for name, said in value.items():
        if str(name).lower() in ("change", "hypothesis") and isinstance(said, str):
            yield str(name), said
        else:
            yield from _remarks(said, depth + 1)


def _plain_spaces(code: str) -> str:
    return _INVISIBLE.sub("", _SPACES.sub(" ", code))


def _straight_quotes(code: str) -> str:
    return code.translate(_QUOTES)


def _without_line_numbers(code: str) -> str:
    lines = code.split("\n")
    matches = [_NUMBERED.match(line) for line in lines]
    numbers = [int(match[1]) for match in matches if match]
    filled = [match is not None for line, match in zip(lines, matches, strict=True) if line.strip()]
    if not numbers or not all(filled) or numbers != sorted(set(numbers)):
        return code
    return "\n".join(line[match.end() :] if match else line for line, match in zip(lines, matches, strict=True))


def _without_prompts(code: str) -> str:
    lines = [_IPYTHON.sub("", line) for line in code.split("\n")]
    if sum(bool(CONSOLE_PROMPT.match(line)) for line in lines) < len([line for line in lines if line.strip()]):
        return "\n".join(lines)
    return "\n".join(CONSOLE_PROMPT.sub("", line) for line in lines)


def _out_of_the_shell(code: str) -> str:
    if code.count("<<") > MAXIMUM_WRAPPINGS:
        return code
    return max((match["code"] for match in _HERE_DOCUMENT.finditer(code)), key=len, default=code)


def _out_of_yaml(code: str) -> str:
    return textwrap.dedent(max((match["code"] for match in _YAML_TEXT.finditer(code)), key=len, default=code))


def _without_plus_signs(code: str) -> str:
    lines = code.split("\n")
    if any(line.strip() and not line.startswith("+") for line in lines):
        return code
    return "\n".join(line[1:] for line in lines)


def _real_line_ends(code: str) -> str:
    return code.replace("\\n", "\n").replace("\\t", "\t").replace('\\"', '"') if code.strip().count("\n") < 2 else code


def _without_markdown_escapes(code: str) -> str:
    return re.sub(r"\\([_*\[\]#<>=()])", r"\1", code)


DAMAGE: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("odd spaces", _plain_spaces),
    ("curly quotes", _straight_quotes),
    ("HTML entities", html.unescape),
    ("a command of the shell around it", _out_of_the_shell),
    ("YAML around it", _out_of_yaml),
    ("line numbers", _without_line_numbers),
    ("prompts of a console", _without_prompts),
    ("plus signs", _without_plus_signs),
    ("line ends written as \\n", _real_line_ends),
    ("escaped Markdown", _without_markdown_escapes),
)
"""Damage that a way to us does to code, each with how it is undone."""


def undo_damage(code: str) -> tuple[str, tuple[str, ...]]:
    """Undo what a way to us did to code, and only where it does not parse as it came and does so then: the code, and what was undone."""
    if parse(code) is not None:
        return code, ()
    current, undone = code, []
    for name, undo in DAMAGE:
        changed = undo(current)
        if changed == current:
            continue
        current = changed
        undone.append(name)
        if parse(current) is not None:
            return current.rstrip() + "\n", tuple(undone)
    return code, ()
