"""From a model's answer to code: which block is meant, was it cut off, and what does the author say was changed.

Nothing is repaired here: code that does not parse is handed on as it is, so that its author gets the error. The answer is
only read, never run.
"""

import ast
import re
import textwrap
import warnings
from dataclasses import dataclass, replace

from core.domain.python_syntax import parse_module_tree
from core.prompts.wording import clean_line

MAXIMUM_CODE_LENGTH = 100_000
"""Characters; a strategy has two to eight thousand."""
MAXIMUM_REMARK_LENGTH = 200
MAXIMUM_CUTS = 200
"""Number of times that a text without fences is shortened in search of the part that parses."""
_THINK = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.DOTALL | re.IGNORECASE)
_OPEN = re.compile(r"^(?P<indent>[ \t>]*)(?P<fence>`{3,}|~{3,})[ \t]*(?P<tag>[^`\n]*)$")
_REMARK = r"^[\s>*_#-]*{name}[\s*_]*:[\s*_]*(?P<text>.+?)[\s*_]*$"
_CODE_START = re.compile(r"^(?:import |from \w[\w.]* import |class |@)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Extraction:
    """Code and remarks found in an answer."""

    code: str | None = None
    """The strategy; None when there is none or it was cut off."""
    change: str = ""
    """The author's one-line summary of the change."""
    hypothesis: str = ""
    """The author's one-line reason."""
    problem: str = ""
    """Reason that there is no code, in words that the author can act on."""


@dataclass(frozen=True, slots=True)
class CodeBlock:
    """A fenced part of the answer."""

    code: str
    closed: bool


def extract_code(answer: str, *, finish_reason: str = "stop") -> Extraction:
    """Extract the strategy from a model's answer.

    The last fenced block that parses and holds a Strategy class wins; without one the last block that seems to have such a
    class, so that its syntax error reaches the author. An unclosed block counts when it parses and the model stopped by itself. Without
    fences the longest part that parses, from the first import or class on, counts.

    >>> extract_code("Change: faster average\\n```python\\nimport backtrader as bt\\nclass A(bt.Strategy): pass\\n```").change
    'faster average'
    """
    text = _THINK.sub("", answer.replace("\r\n", "\n"))
    blocks = find_fenced_blocks(text)
    prose = _before_code(text)
    change, hypothesis = _remark("change", prose), _remark("hypothesis", prose)
    found = _from_blocks(blocks, finish_reason) if blocks else _from_plain(text, finish_reason)
    if found.code is not None and len(found.code) > MAXIMUM_CODE_LENGTH:
        found = Extraction(
            problem=f"The code has {len(found.code)} characters; at most {MAXIMUM_CODE_LENGTH} are run. Write a shorter program."
        )
    return replace(found, change=change, hypothesis=hypothesis)


def find_fenced_blocks(text: str) -> tuple[CodeBlock, ...]:
    """Find the fenced blocks in their order, indentation removed; the last one may be unclosed.

    A closing fence is indented at most like the opening one and at least as long, so a fence inside a docstring ends nothing.
    """
    blocks: list[CodeBlock] = []
    lines, index = text.split("\n"), 0
    while index < len(lines):
        match = _OPEN.match(lines[index])
        index += 1
        if not match:
            continue
        indent, fence = match["indent"], match["fence"]
        end = next((number for number in range(index, len(lines)) if _closes(lines[number], indent, fence)), None)
        body = lines[index:end]
        blocks.append(CodeBlock(_dedent(body, indent), closed=end is not None))
        index = len(lines) if end is None else end + 1
    return tuple(blocks)


def has_strategy(code: str) -> bool:
    """True when the code parses and defines a class whose base looks like a Backtrader strategy."""
    tree = parse(code)
    return tree is not None and any(is_strategy(node) for node in ast.walk(tree) if isinstance(node, ast.ClassDef))


def is_strategy(node: ast.ClassDef) -> bool:
    """True for a class derived from something named `...Strategy`."""
    return any(ast.unparse(base).split(".")[-1].endswith("Strategy") for base in node.bases)


def parse(code: str) -> ast.Module | None:
    """The syntax tree; None when there is none (an error, or nesting too deep to read)."""
    try:
        return _tree(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _tree(code: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an odd escape in a docstring is for the gate to mention
        return parse_module_tree(code)


def _before_code(text: str) -> str:
    lines = text.split("\n")
    first = next((number for number, content in enumerate(lines) if _OPEN.match(content) or _CODE_START.match(content)), len(lines))
    return "\n".join(lines[:first])


def _closes(text: str, indent: str, fence: str) -> bool:
    mark = text.lstrip(" \t>")
    depth = len(text) - len(mark)
    return depth <= len(indent) and len(mark.rstrip()) >= len(fence) and set(mark.rstrip()) == {fence[0]}


def _dedent(body: list[str], indent: str) -> str:
    whole = all(text.startswith(indent) or text.strip(" \t>") == "" for text in body)
    cut = [text[len(indent) :] for text in body] if whole else body
    return textwrap.dedent("\n".join(cut)).strip("\n") + "\n"


def _from_blocks(blocks: tuple[CodeBlock, ...], finish_reason: str) -> Extraction:
    whole = [block for block in blocks if block.closed or (finish_reason == "stop" and parse(block.code) is not None)]
    for block in reversed(whole):
        if has_strategy(block.code):
            return Extraction(code=block.code)
    if not blocks[-1].closed and len(whole) < len(blocks):
        return Extraction(problem="The answer ends inside the code block.")
    for wanted in (_mentions_strategy, _defines_with_backtrader):
        for block in reversed(whole):
            if wanted(block.code):
                return Extraction(code=block.code)
    return _no_code(finish_reason, "The answer holds no Python code with a class derived from `bt.Strategy`.")


def _from_plain(text: str, finish_reason: str) -> Extraction:
    start = _CODE_START.search(text)
    code = _longest_parsing(text[start.start() :]) if start else ""
    if has_strategy(code) and finish_reason == "stop":
        return Extraction(code=code)
    if start and finish_reason == "length":
        return Extraction(problem="The answer ends inside the code.")
    return _no_code(finish_reason, "The answer holds no code: give one ```python block with one class derived from `bt.Strategy`.")


def _no_code(finish_reason: str, problem: str) -> Extraction:
    if finish_reason == "length":
        return Extraction(problem="The answer was cut off before any code came.")
    return Extraction(problem=problem)


def _longest_parsing(text: str) -> str:
    lines = text.split("\n")
    for _ in range(MAXIMUM_CUTS):
        code = "\n".join(lines).rstrip() + "\n"
        try:
            _tree(code)
        except SyntaxError as error:
            keep = min((error.lineno or len(lines)) - 1, len(lines) - 1)
        except (ValueError, RecursionError, MemoryError):
            return ""
        else:
            return code
        if keep <= 0:
            return ""
        lines = lines[:keep]
    return ""


def _mentions_strategy(code: str) -> bool:
    return re.search(r"class\s+\w+\s*\([^)]*Strategy\s*\)", code) is not None


def _defines_with_backtrader(code: str) -> bool:
    return "backtrader" in code and re.search(r"^class\s", code, re.MULTILINE) is not None


def _remark(name: str, prose: str) -> str:
    match = re.search(_REMARK.format(name=name), prose, re.IGNORECASE | re.MULTILINE)
    return clean_line(match["text"], MAXIMUM_REMARK_LENGTH) if match else ""
