"""Surroundings of an answer: thoughts, a server's control words, JSON around it, and damage done to code on its way."""

import ast
import json
import re
import textwrap
from collections.abc import Callable, Iterator, Sequence
from typing import cast

from core.domain.code_damage import (
    drop_commands,
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
from core.domain.python_syntax import parse_expression_tree
from core.prompts.answer_code import find_defined, find_undefined, mentions_strategy, parse

_THINK = r"(?:think(?:ing)?|(?:internal_)?thoughts?|reasoning|scratchpad|analysis)"
_CLOSED_THOUGHT = re.compile(rf"<{_THINK}>.*?</{_THINK}>", re.DOTALL | re.IGNORECASE)
_END_OF_THOUGHT = re.compile(rf"</{_THINK}>", re.IGNORECASE)
_OPEN_THOUGHT = re.compile(rf"<{_THINK}>", re.IGNORECASE)
_SECOND_NAMES = r"(?:self[-_]?)?(?:reflection|critique|review|check|verification)|brainstorm\w{0,5}|planning|plan|inner_monologue|notes"
_SECOND_OPENED = re.compile(rf"<(?:{_SECOND_NAMES})\b", re.IGNORECASE)
_SECOND_THOUGHT = re.compile(rf"<(?P<tag>{_SECOND_NAMES})\b[^>\n]{{0,80}}>(?P<said>.*?)</(?P=tag)>", re.DOTALL | re.IGNORECASE)
"""Words of a model about its own answer, in tags: code in it is no answer while there is some outside."""
_FOREIGN_THOUGHT = re.compile(
    r"\[(?P<a>/?)THINK(?:ING)?\]|◁(?P<b>/?)think▷|<(?P<c>/?)seed:think>"
    r"|<\|(?:begin_of_thought|start_thinking|think)\|>|<\|(?P<d>end_of_thought|end_thinking|/think)\|>",
    re.IGNORECASE,
)
"""Marks around thoughts of models that have others than `<think>`."""
_FINAL_CHANNEL = re.compile(r"<\|channel\|>\s{0,4}final[^<]{0,40}<\|message\|>")
_OTHER_CHANNEL = re.compile(r"<\|channel\|>\s*(?:analysis|commentary)[^<]*<\|message\|>.*?(?:<\|end\|>|<\|call\|>|\Z)", re.DOTALL)
_CONTROL_WORD = re.compile(r"<[|｜][\w▁ -]{1,40}[|｜]>|\[/?INST\]|^</?s>|</?s>$", re.MULTILINE)
_ROLE = re.compile(r"\A\s*(?:assistant|model)\s*\n", re.IGNORECASE)
_HERE_DOCUMENT = re.compile(
    r"^[$ \t]*(?:cat|tee)\b[^\n]*<<-?[ ]*(['\"]?)(?P<end>\w+)\1[^\n]*\n(?P<code>.*?)^[ \t]*(?P=end)[ \t]*$", re.DOTALL | re.MULTILINE
)
_YAML_TEXT = re.compile(
    r"^(?P<indent> *)(?:- )?[\w-]+:[ ]*\|[-+]?\d?[ ]*\n(?P<code>(?:(?P=indent) +[^\n]*(?:\n|\Z)|[ ]*\n)+)", re.MULTILINE
)
_QUOTED_TEXT = re.compile(
    r"^[\w. ]+=[ ]*[rf]?(?P<mark>\'\'\'|\"\"\")[\\]?\n(?P<code>.*?)^[ \t]*(?P=mark)|^@\'\n(?P<shell>.*?)^\'@", re.DOTALL | re.MULTILINE
)
_LAST_COMMA = re.compile(r'("(?:[^"\\]|\\(?:[\s\S]|\Z))*+(?:"|\Z))|,(\s*+[}\]])', re.DOTALL)
"""A text, which is passed over, or a comma behind which an object or a list ends."""
_FILE_NAME = re.compile(r"[\w/\\-]\.py\b")
_BESIDE = re.compile(r"old|orig|prev|before|baseline|altern|variant|other|example|backup|reasoning|thinking", re.IGNORECASE)
"""Names under which JSON keeps code that is not handed in."""
_OFFERED = re.compile(r"altern|variant|option|suggest|other|example|idea|future|next_?step|rejected", re.IGNORECASE)
"""Keys under which JSON keeps edits that are not asked for."""
_PATH = r"path|file_?path|file_?name|file|name"
"""Keys under which JSON says what file a text beside them is."""
_THOUGHT_TYPES = ("reasoning", "thinking", "redacted_thinking")
"""Parts of an answer in JSON that are thoughts."""
_MADE_UP_TURN = re.compile(r"^(?:#+ |\*\*)?(?:User|Human)(?:\*\*)?:", re.MULTILINE)
_HANDED_IN = re.compile(
    r"<(?P<tag>answer|final_answer|final|solution|submission)>(?P<said>(?:(?!<(?P=tag)>)[\s\S])*?)</(?P=tag)>", re.IGNORECASE
)
"""Tags in which a model hands in what it was asked for."""
_FENCED = re.compile(r"^```[^\n`]*\n.*?^```[ \t]*$\n?", re.DOTALL | re.MULTILINE)
MAXIMUM_WRAPPINGS = 50
"""Openings of one kind that are followed to their ends; an answer with more repeats itself, and each would be sought through all of it."""
MAXIMUM_DEPTH = 12
"""Levels of JSON that are searched for code."""


def take_thoughts_out(text: str) -> tuple[str, str]:
    """Take out what the model thought aloud: the rest, and the text behind a thought that was never closed (empty when there is none)."""
    text = _FOREIGN_THOUGHT.sub(lambda mark: "\n</think>\n" if any(mark.groups()) else "\n<think>\n", text)
    finals = list(_FINAL_CHANNEL.finditer(text))
    text = text[finals[-1].end() :] if finals else _OTHER_CHANNEL.sub("", text)
    if _END_OF_THOUGHT.search(text):
        text = _CLOSED_THOUGHT.sub("", text)
    if ends := list(_END_OF_THOUGHT.finditer(text)):  # some servers send the end of a thought without its beginning
        text = text[ends[-1].end() :]
    if 0 < len(_SECOND_OPENED.findall(text)) <= MAXIMUM_WRAPPINGS and mentions_strategy(rest := _SECOND_THOUGHT.sub(_keep_words, text)):
        text = rest
    opened = _OPEN_THOUGHT.search(text)
    if opened is None:
        return _drop_control_words(text), ""
    return _drop_control_words(text[: opened.start()]), _drop_control_words(text[opened.end() :])


def take_turns_out(text: str) -> str:
    """The answer without turns of a conversation that it makes up behind its own program."""
    turn = _MADE_UP_TURN.search(text)
    before = text[: turn.start()] if turn else ""
    return before if "```" in before and mentions_strategy(before) and before.count("```") % 2 == 0 else text


def take_answer_out(text: str) -> str:
    """The answer without programs that stand in fences outside of the tags in which it hands one in."""
    found = [part for part in _HANDED_IN.finditer(text) if mentions_strategy(part["said"])] if "</" in text else []
    if len(found) != 1:
        return text
    start, end = found[0].span()
    return _without_programs(text[:start]) + found[0][0] + _without_programs(text[end:])


def _without_programs(text: str) -> str:
    return _FENCED.sub(lambda block: "" if mentions_strategy(block[0]) else block[0], text)


def _keep_words(found: re.Match[str]) -> str:
    """The part with its tags, unless it holds a program."""
    return "" if mentions_strategy(found["said"]) else found[0]


def _drop_control_words(text: str) -> str:
    return _ROLE.sub("", _CONTROL_WORD.sub("\n", text)) if _CONTROL_WORD.search(text) else text


def unwrap_json(text: str) -> str:
    """Unwrap an answer that was sent as JSON: its code in a fence, its remarks before it. Empty when it is none with code."""
    for document in read_json_documents(text):
        if cells := _list_cells(document):
            return "".join(f"```python\n{cell}\n```\n\n" for cell in cells)
        texts = [(name, _real_line_ends(code)) for name, code in list_texts(document)]
        found = [(name, code) for name, code in texts if re.search(r"\bclass\s+\w+", code)]
        code = max(found, key=lambda one: (mentions_strategy(one[1]), not _BESIDE.search(one[0]), len(one[1])), default=("", ""))[1]
        if code:
            remarks = "".join(f"{name.capitalize()}: {' '.join(said.split())}\n" for name, said in _remarks(document))
            if "```" in code:
                return f"{remarks}\n{code}"
            programs = {text: name for name, text in found if mentions_strategy(text) and not _BESIDE.search(name)}
            whole = [text for text in programs if not any(text is not other and text.strip() in other for other in programs)]
            if len(whole) > 1:
                return remarks + "".join(f"\n{programs[text]}:\n```python\n{text}\n```\n" for text in whole)
            beside = _list_providers(code, [text for name, text in list_texts(document) if text != code and not _BESIDE.search(name)])
            return remarks + "".join(f"\n```python\n{part}\n```\n" for part in (*beside, code))
    return ""


def _list_providers(code: str, others: Sequence[str]) -> list[str]:
    """Texts of a document that define what a program reads and does not define: an indicator or the imports under a key of their own."""
    tree = parse(code)
    if tree is None or not find_undefined(tree):
        return []
    return [text for text in others if not mentions_strategy(text) and (made := parse(text)) is not None and find_defined(made)]


def _list_cells(document: object) -> list[str]:
    """The cells of a notebook that hold code, where one of them holds a strategy; none of any other document."""
    cells = document.get("cells") if isinstance(document, dict) else None
    made = [cell for cell in cells if isinstance(cell, dict) and cell.get("cell_type") == "code"] if isinstance(cells, list) else []
    texts = ["".join(source) if isinstance(source := cell.get("source"), list) else str(source) for cell in made]
    return texts if any(mentions_strategy(text) for text in texts) else []


def unwrap_program(code: str) -> str:
    """Unwrap a program that a block holds as a text in quotes, or in a command of the shell; any other code as it is.

    >>> unwrap_program("code = \'\'\'\\nclass A(bt.Strategy): ...\\n\'\'\'\\nprint(code)")
    'class A(bt.Strategy): ...\\n'
    """
    plain = re.sub(r"\A\s*(?:python3?|py)[ \t]*\n(?=\s*(?:import|from|class|#)\b)", "", code, flags=re.IGNORECASE)
    if plain.count("<<") <= MAXIMUM_WRAPPINGS and (found := _HERE_DOCUMENT.match(plain)) and mentions_strategy(found["code"]):
        return found["code"]
    tree = parse(plain)
    if tree is not None and any(isinstance(node, ast.ClassDef) for node in tree.body):
        return plain
    if tree is not None and (handed := find_handed_over(tree)):
        return handed
    quoted = (
        [(found["code"] or found["shell"] or "") for found in _QUOTED_TEXT.finditer(plain)]
        if plain.count("'''") + plain.count('"""') <= MAXIMUM_WRAPPINGS
        else []
    )
    return max((text for text in quoted if mentions_strategy(text)), key=len, default=plain)


def find_handed_over(tree: ast.Module) -> str:
    """Find the program that a call written in Python hands over as a text: `submit(code="...")`; empty without one."""
    calls = [node for part in tree.body for node in ast.walk(part) if isinstance(node, ast.Call)]
    given = [value for call in calls for value in (*call.args, *(word.value for word in call.keywords))]
    texts = [value.value for value in given if isinstance(value, ast.Constant) and isinstance(value.value, str)]
    return max((text for text in texts if mentions_strategy(text)), key=len, default="")


def unwrap_document(text: str) -> str:
    """Unwrap an answer without fences whose code stands in a call, a command of the shell or YAML; empty when it is none of them."""
    if re.match(r"\s*\[?[\w.]+\(", text) and (tree := parse(text.strip())) is not None and (handed := find_handed_over(tree)):
        return f"```python\n{handed}\n```\n"
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
            if (found := _read_literal(candidate)) is not None or (found := _read_with_commas(candidate)) is not None:
                yield found


def _read_literal(text: str) -> object:
    """A document written as Python prints one, with single quotes; None when it is none."""
    if not text.startswith(("{'", "[{'")):
        return None
    try:
        return cast(object, ast.literal_eval(parse_expression_tree(text.lstrip(" \t"))))
    except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
        return None


def _read_with_commas(text: str) -> object:
    """A document with a comma behind the last entry of an object or a list; None when it is none."""
    plain = _LAST_COMMA.sub(lambda found: found[1] or found[2], text)
    try:
        return cast(object, json.loads(plain, strict=False)) if plain != text else None
    except (ValueError, RecursionError):
        return None


def _json_parts(text: str) -> Iterator[str]:
    stripped = text.strip()
    yield stripped
    yield from re.findall(r"```[ \t]*(?:json|JSON)?[ \t]*\n(.*?)\n[ \t]*```", text, re.DOTALL)
    for first, last in (("{", "}"), ("[", "]")):
        if 0 <= (start := stripped.find(first)) < (end := stripped.rfind(last)):
            yield stripped[start : end + 1]
    rows = stripped.split("\n")
    if len(rows) > 1 and all(row.startswith("{") for row in rows if row.strip()):
        yield from rows


def list_texts(value: object, depth: int = 0, name: str = "") -> Iterator[tuple[str, str]]:
    """Texts of a document, each with the name of the key under which it stands."""
    if depth > MAXIMUM_DEPTH:
        return
    if isinstance(value, str):
        inner = value.strip()
        if inner.startswith("{") and '"' in inner:  # arguments of a tool call are JSON in JSON
            try:
                yield from list_texts(json.loads(inner, strict=False), depth + 1, name)
            except (ValueError, RecursionError):
                pass
            else:
                return
        yield name, value
    elif isinstance(value, list):
        if rows := _rows_of(value):
            yield name, "\n".join(rows)
        if value and all(isinstance(item, str) for item in value):
            yield name, ("" if all(item.endswith("\n") for item in value[:-1]) and len(value) > 1 else "\n").join(value)
        for item in value:
            yield from list_texts(item, depth + 1, name)
    elif isinstance(value, dict) and value.get("cell_type") not in ("markdown", "raw") and not _is_thought(value):
        paths = [said for key, said in value.items() if re.fullmatch(_PATH, str(key), re.IGNORECASE) and isinstance(said, str)]
        for key, item in value.items():
            yield from list_texts(item, depth + 1, " ".join((str(key), *paths)))


def list_answered(value: object) -> list[object]:
    """List what a part of a document holds, without what stands under a key that names an alternative."""
    if isinstance(value, dict):
        return [item for key, item in value.items() if not _OFFERED.match(str(key))]
    return value if isinstance(value, list) else []


def _is_thought(part: dict[str, object]) -> bool:
    return part.get("type") in _THOUGHT_TYPES or part.get("thought") is True


def _rows_of(value: list[object]) -> list[str]:
    """Lines of a program that are objects, each with its text and perhaps its number; none for any other list."""
    texts = [[said for said in item.values() if isinstance(said, str)] for item in value if isinstance(item, dict)]
    plain = len(texts) == len(value) > 1 and all(len(said) == 1 and "\n" not in said[0] for said in texts)
    return [said[0] for said in texts] if plain else []


def _remarks(value: object, depth: int = 0) -> Iterator[tuple[str, str]]:
    if not isinstance(value, dict) or depth > MAXIMUM_DEPTH:
        return
    for name, said in value.items():
        if str(name).lower() in ("change", "hypothesis") and isinstance(said, str):
            yield str(name), said
        else:
            yield from _remarks(said, depth + 1)


def _out_of_the_shell(code: str) -> str:
    if code.count("<<") > MAXIMUM_WRAPPINGS:
        return code
    return max((match["code"] for match in _HERE_DOCUMENT.finditer(code)), key=len, default=code)


def _without_file_name(code: str) -> str:
    """Code without a first line that is no Python and names a file: `// filepath: s.py`, `<uri>file:///s.py</uri>`."""
    first, _, rest = code.lstrip("\n").partition("\n")
    return rest if _FILE_NAME.search(first) and parse(first) is None and not first.rstrip().endswith((":", ",", "(")) else code


def _out_of_yaml(code: str) -> str:
    return textwrap.dedent(max((match["code"] for match in _YAML_TEXT.finditer(code)), key=len, default=code))


def _without_plus_signs(code: str) -> str:
    return drop_marks(code, "+")


def _real_line_ends(code: str) -> str:
    return code.replace("\\n", "\n").replace("\\t", "\t").replace('\\"', '"') if code.strip().count("\n") < 2 else code


def _without_breaks(code: str) -> str:
    return re.sub(r"[ \t]*<br[ \t]*/?>[ \t]*$|^[ \t]*</?(?:pre|code|p|div)\b[^>]*>[ \t]*$", "", code, flags=re.IGNORECASE | re.MULTILINE)


def _without_markdown_escapes(code: str) -> str:
    return re.sub(r"\\([_*\[\]#<>=()])", r"\1", code)


DAMAGE: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("colors of a page", drop_highlighting),
    ("HTML entities", unescape_entities),
    ("tags of a page", _without_breaks),
    ("odd spaces", make_spaces_plain),
    ("curly quotes", make_quotes_straight),
    ("signs of mathematics, or long dashes", make_signs_plain),
    ("full-width marks", make_marks_narrow),
    ("a command of the shell around it", _out_of_the_shell),
    ("YAML around it", _out_of_yaml),
    ("a line that names the file", _without_file_name),
    ("line numbers", drop_line_numbers),
    ("prompts of a console", drop_prompts),
    ("plus signs", _without_plus_signs),
    ("backslashes of a Windows path", keep_backslashes),
    ("quotes inside of f-strings that Python reads from 3.12 on", write_nested_quotes),
    ("line ends written as \\n", _real_line_ends),
    ("escaped Markdown", _without_markdown_escapes),
    ("names that Markdown made bold", restore_dunders),
    ("commands of a notebook", drop_commands),
    ("indentation before the whole of it", move_to_margin),
    ("tabs beside spaces", make_tabs_even),
)
"""Damage that a way to us does to code, each with how it is undone."""


_ENTITIES = {"lt", "gt", "amp", "quot"}
"""Names that entities of HTML leave in a statement that is Python by chance: `up = a &gt; b`."""


def undo_damage(code: str) -> tuple[str, tuple[str, ...]]:
    """Undo what a way to us did to code, and only where it does not parse as it came and does so then: the code, and what was undone."""
    if (tree := parse(code)) is not None:
        plain = unescape_entities(code) if "&" in code and find_undefined(tree) & _ENTITIES else code
        return (plain, ("HTML entities",)) if plain != code and parse(plain) is not None else (code, ())
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
