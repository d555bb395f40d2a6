"""Fenced blocks of an answer, in the ways in which models write them."""

import re
import textwrap
from dataclasses import dataclass

from core.domain.code_damage import CONSOLE_PROMPT

_OPEN = re.compile(r"^(?P<indent>[ \t>]*)(?P<fence>`{3,}|~{3,})[ \t]*(?P<tag>[^`\n]*)$")
_CODE_ON_FENCE = re.compile(r"^(?P<open>[ \t>]*(?:`{3,}|~{3,})[ \t]*[\w+.-]*)[ \t]+(?P<code>(?:import|from|class)\s+\w.*)$")
_TAGGED = re.compile(
    r"^[ \t]*(?:</?(?:code|pre|python|answer|file|strategy|program|code_?block|(?:ant)?artifact|script|snippet|content|output)\b"
    r"[^>]*>)+[ \t]*$",
    re.IGNORECASE,
)
_GLUED_TAG = re.compile(
    r"^([ \t]*(?:<(?:code|pre|python)\b[^>]*>)+)(?=(?:<span\b[^>]*>)*(?:import|from|class)\b)", re.IGNORECASE | re.MULTILINE
)
_GLUED_END = re.compile(r"(?<=[^\s>])((?:</(?:code|pre|python|artifact|antartifact)>)+)[ \t]*$", re.IGNORECASE | re.MULTILINE)
_ARGUMENT_OPENED = re.compile(r"<parameter(?:=| name=)[\"']?(?:code|contents?|file_text|file_content|source|program)[\"']?>", re.IGNORECASE)
_ARGUMENT = re.compile(rf"{_ARGUMENT_OPENED.pattern}(?P<code>.*?)</parameter>", re.DOTALL | re.IGNORECASE)
"""The program as the argument of a tool that a model calls in tags."""
MOST_ARGUMENTS = 50
_BRACKETED = re.compile(r"^[ \t]*(?:\[/?(?:PYTHON|CODE)(?:=\w+)?\]|\{(?:code|noformat)(?::[^}]*)?\})[ \t]*$", re.IGNORECASE)
_QUOTED = re.compile(r"^[ \t]*'''[ \t]*(?P<tag>python|py)[ \t]*$", re.IGNORECASE)

_WRAPPED = re.compile(
    r"^(?P<mark>`{4,12}|~{3,12})[ ]?(?:markdown|md|text|txt)?[ ]*\n(?P<inside>.*?)^(?P=mark)[ ]*$", re.DOTALL | re.MULTILINE
)
_FENCE_INSIDE = re.compile(r"^```(?:python|py)[ \t]*$", re.MULTILINE | re.IGNORECASE)
_TABLE_ROW = re.compile(r"^[ \t]*\|(?:[ \t]*\d{1,4}[ \t]*\|)?[ \t]*(?:(?P<mark>`{1,2})(?P<code>.*?)(?P=mark)|`{2}|&nbsp;)?[ \t]*\|[ \t]*$")
_LIST_ROW = re.compile(r"^[ \t]{0,3}(?:\d{1,4}[.)]|[-*])[ \t]+(?P<mark>`{1,2})(?P<code>.*?)(?P=mark)[ \t]*$")
_FEWEST_ROWS, _MOST_ROWS = 5, 2_000


@dataclass(frozen=True, slots=True)
class CodeBlock:
    """A fenced part of the answer."""

    code: str
    closed: bool
    tag: str = ""
    lead: str = ""
    """The prose between the block before and this one."""
    margin: int = 0
    """Blanks that stood before every line."""
    joined: bool = False
    """True where it was put together of several."""


def find_fenced_blocks(text: str) -> tuple[CodeBlock, ...]:
    """Find the fenced blocks in their order, indentation removed; the last one may be unclosed.

    A closing fence is indented at most like the opening one and at least as long, so a fence inside a docstring ends nothing. An opening
    fence with a language, at the margin of an open block, begins a new one: the author started over.
    """
    blocks: list[CodeBlock] = []
    lines, index, lead = text.split("\n"), 0, 0
    while index < len(lines):
        match = _OPEN.match(lines[index])
        index += 1
        if not match:
            continue
        start, end, closed = index, *_find_end(lines, index, match["indent"], match["fence"])
        prose = "\n".join(lines[lead : start - 1])
        code, margin = _dedent(lines[start:end], match["indent"])
        blocks.append(CodeBlock(code, closed, match["tag"].strip().lower(), prose, margin))
        index = lead = end + 1 if closed else end
    return tuple(blocks)


def unwrap_markdown(text: str) -> str:
    """The answer without a longer fence around the whole of it, as of a Markdown file with its own blocks inside."""
    found = _WRAPPED.search(text)
    return f"{text[: found.start()]}{found['inside']}{text[found.end() :]}" if found and _FENCE_INSIDE.search(found["inside"]) else text


def is_block_start(line: str) -> bool:
    """True for a line that opens a fenced block."""
    return _OPEN.match(line) is not None


def separate_code_on_fence(text: str) -> str:
    """Put code that stands on the line of an opening fence on a line of its own."""
    return "\n".join(f"{match['open']}\n{match['code']}" if (match := _CODE_ON_FENCE.match(line)) else line for line in text.split("\n"))


def unglue_fences(text: str) -> str:
    """Put fences that are glued to prose or to the last line of code on lines of their own."""
    result: list[str] = []
    inside = False
    for line in text.split("\n"):
        if _OPEN.match(line):
            inside = not inside
            result.append(line)
        elif line.count("```") == 1 and (glued := _split_at_fence(line, inside=inside)) is not None:
            result += glued
            inside = not inside
        else:
            result.append(line)
    return "\n".join(result)


def _split_at_fence(line: str, *, inside: bool) -> tuple[str, str] | None:
    """Text and fence of a line that ends with a fence; a list's mark keeps its width, since the block is indented by it."""
    before, _, after = line.partition("```")
    tag = after.strip(" \t`")
    if (tag and inside) or not re.fullmatch(r"[\w+-]{0,20}", tag):
        return None
    indent = " " * len(before) if re.fullmatch(r"\s{0,8}(?:[-*+]|\d{1,3}[.)])\s{0,4}", before) else ""
    return before, f"{indent}```{tag}"


def fence_tagged_parts(text: str) -> str:
    """Turn `<code>`, `[PYTHON]`, the argument of a tool and quotes that stand for fences into fences."""
    lines, quoted = [], False
    if len(_ARGUMENT_OPENED.findall(text)) <= MOST_ARGUMENTS:
        text = _ARGUMENT.sub(r"\n```python\n\g<code>\n```\n", text)
    for line in _GLUED_END.sub(r"\n\1", _GLUED_TAG.sub(r"\1\n", text)).split("\n"):
        if _TAGGED.match(line) or _BRACKETED.match(line):
            line = "```"
        elif _QUOTED.match(line):
            line, quoted = "```python", True
        elif quoted and line.strip() == "'''":
            line, quoted = "```", False
        lines.append(line)
    return "\n".join(lines)


def fence_console(text: str) -> str:
    """Put what stands behind the prompts of a Python console into fences."""
    lines: list[str] = []
    inside = False
    for line in text.split("\n"):
        prompted = CONSOLE_PROMPT.match(line)
        if (prompted is not None) != inside:
            lines.append("```")
            inside = not inside
        lines.append(line[prompted.end() :] if prompted else line)
    return "\n".join([*lines, "```"] if inside else lines)


def fence_table(text: str) -> str:
    """Put the code of a table or a list, one line to a row between backticks, into fences."""
    lines: list[str] = []
    rows: list[str] = []
    for line in [*text.split("\n"), ""]:
        if row := _TABLE_ROW.match(line) or _LIST_ROW.match(line):
            rows.append((row["code"] or "").replace("\\|", "|"))
            continue
        if _FEWEST_ROWS <= len(rows) <= _MOST_ROWS:
            lines += ["```", *rows, "```"]
        rows = []
        lines.append(line)
    return "\n".join(lines[:-1])


def _find_end(lines: list[str], start: int, indent: str, fence: str) -> tuple[int, bool]:
    """Index of the line that ends a block, and True when that is its closing fence."""
    for number in range(start, len(lines)):
        if _closes(lines[number], indent, fence):
            return number, True
        again = _OPEN.match(lines[number])
        if again and again["tag"].strip() and len(again["indent"]) <= len(indent) and again["fence"][:3] == fence[:3] and number > start:
            return number, False
    return len(lines), False


def _closes(text: str, indent: str, fence: str) -> bool:
    if fence not in text:
        return False
    mark = text.lstrip(" \t>")
    depth = len(text) - len(mark)
    return depth <= len(indent) and len(mark.rstrip()) >= len(fence) and set(mark.rstrip()) == {fence[0]}


def _dedent(body: list[str], indent: str) -> tuple[str, int]:
    """The lines of a block without what stands before all of them, and how much more than the fence's indentation that was."""
    whole = all(text.startswith(indent) or text.strip(" \t>") == "" for text in body)
    cut = [text[len(indent) :] for text in body] if whole else body
    code = textwrap.dedent("\n".join(cut)).strip("\n") + "\n"
    first = next((text for text in cut if text.strip()), "")
    plain = next((text for text in code.split("\n") if text.strip()), "")
    return code, len(first) - len(plain)
