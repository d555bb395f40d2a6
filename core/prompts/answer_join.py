"""Blocks of one answer that belong together: imports in one, an indicator in another, the methods of a class in a third."""

import ast
import re
import sys
import textwrap
from collections.abc import Sequence
from dataclasses import replace

from core.prompts.answer_blocks import CodeBlock
from core.prompts.answer_code import Shape, find_defined, find_strategies, find_undefined, parse, read_code

USUAL_IMPORTS = {
    "bt": "import backtrader as bt",
    "backtrader": "import backtrader",
    "btind": "import backtrader.indicators as btind",
    "np": "import numpy as np",
    "pd": "import pandas as pd",
    **{
        name: f"import {name}" for name in ("math", "datetime", "collections", "statistics", "random", "itertools", "functools", "operator")
    },
    **{name: f"from datetime import {name}" for name in ("timedelta",)},
    **{name: f"from collections import {name}" for name in ("deque", "defaultdict", "Counter", "OrderedDict", "namedtuple")},
    **{
        name: f"from typing import {name}"
        for name in ("Any", "Callable", "Dict", "Iterable", "List", "Optional", "Sequence", "Set", "Tuple", "Union")
    },
}
"""Imports that an author takes for granted, by the name they bind."""
CONTINUES = re.compile(
    r"\b(?:continu\w*|cont\.?|resum\w+|rest of the (?:code|program|class)|part (?:2|two)|fortsetzung|fortgesetzt|weiter|suite|продолж\w+)\b"
    r"|续|續|接上|続き|계속",
    re.IGNORECASE,
)
"""Words before a block that goes on where the one before ends."""
_PROMISES = re.compile(
    r"\b(?:to be continued|(?:continu\w*|rest|remain\w*|remaining \w+|part 2|more|fortsetzung|suite|continúa|continua|продолж\w+)\b"
    r"[^.!?\n]{0,60}?"
    r"\b(?:next|following|another|nächsten|prochain|próxim[oa]|prossim[oa]|следующ\w+)[ ](?:message|reply|response|answer|part|nachricht"
    r"|antwort|message|réponse|mensaje|respuesta|mensagem|messaggio|сообщени\w+)"
    r"|(?:say|type|reply|send|write|respond(?: with)?|enter)\W{1,3}(?:continue|go on|next|weiter|proceed)\b[^.!?\n]{0,40}?"
    r"\b(?:rest|remain\w*|code|program)|(?:rest|remainder) (?:of (?:the |this )?(?:code|program|class|strategy) )?(?:follows|will follow)"
    r"|(?:response|output|answer|message|code)(?: was| is| has been)? (?:truncated|cut off|cut short)\b"
    r"|(?:end of )?part (?:1|one) (?:of|/) ?(?:\d|two|three))|未完|待续|待續|つづく|続く"
    r"|^\W{0,6}(?:output )?truncated\W{0,4}$",
    re.IGNORECASE,
)
"""Words behind a program by which its author says that it goes on in a message to come."""
_OFFERS = re.compile(r"\b(?:if you|let me know|would you|shall i|can also|could)\b", re.IGNORECASE)
MOST_REPEATED = 12
"""Lines at the end of a block that the next one may repeat."""
_LIBRARIES = sys.stdlib_module_names | {"backtrader", "numpy", "pandas"}


def promises_more(behind: str) -> bool:
    """True for words behind a program that say that the rest of it is to come.

    >>> promises_more("(continued in the next message)"), promises_more("You can continue to tune it.")
    (True, False)
    """
    sentences = re.split(r"(?<=[.!?])\s+|\n", behind)
    return any(
        _PROMISES.search(text) and (re.search(r"\b(?:rest|remain)", text, re.IGNORECASE) or not _OFFERS.search(text)) for text in sentences
    )


def join_blocks(code: str, others: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """Put before a strategy what it reads and other blocks define; the code, and what was done.

    Imports that are in no block and can only mean one thing are written out.
    """
    tree = parse(code)
    if tree is None or not find_strategies(tree):
        return code, ()
    code, imported = _take_imports_out(code, others)
    parts, used, notes = [code], list[str](), []
    missing = find_undefined(parse(code) or tree) | imported
    for _ in range(len(others)):
        provider = next((other for other in others if other not in used and missing & _defined(other)), None)
        if provider is None:
            break
        used.append(provider)
        parts.insert(0, _take_imports_out(provider, [*others, code])[0])
        missing = _missing(parts)
    if len(parts) > 1:
        notes.append("Several blocks were put together.")
        parts = _put_imports_first(parts)
    taken_for_granted = [line for name, line in USUAL_IMPORTS.items() if name in missing]
    if taken_for_granted:
        notes.append(f"Added: {', '.join(taken_for_granted)}.")
        parts.insert(0, "\n".join(taken_for_granted) + "\n")
    return "\n\n".join(part.strip("\n") for part in parts) + "\n", tuple(notes)


def _put_imports_first(parts: Sequence[str]) -> list[str]:
    """The parts behind the imports of the last one, where one before it reads what these bind."""
    tree = parse(parts[-1])
    imports = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)] if tree is not None else []
    bound = {(alias.asname or alias.name).partition(".")[0] for node in imports for alias in node.names}
    if not (bound & _missing(parts[:-1]) or any(isinstance(node, ast.ImportFrom) and node.module == "__future__" for node in imports)):
        return list(parts)
    lines = parts[-1].split("\n")
    moved = [row for node in imports for row in lines[node.lineno - 1 : node.end_lineno]]
    rest = [row for at, row in enumerate(lines, 1) if not any(node.lineno <= at <= (node.end_lineno or 0) for node in imports)]
    return ["\n".join(moved), *parts[:-1], "\n".join(rest)]


def _take_imports_out(code: str, others: Sequence[str]) -> tuple[str, set[str]]:
    """The code without imports of what other blocks define, as a file beside it would; and the names that these must give."""
    given = {name for other in others for name in _made(other)}
    lines, names, tree = code.split("\n"), set[str](), parse(code)
    for node in tree.body if tree is not None else ():
        if isinstance(node, ast.Import):
            names |= _reads_of_modules(tree, node) & given
        if not isinstance(node, ast.ImportFrom) or any(alias.asname for alias in node.names):
            continue
        wanted = {alias.name for alias in node.names}
        if wanted <= given and (node.module or "").partition(".")[0] not in _LIBRARIES:
            names |= wanted
            lines[node.lineno - 1 : node.end_lineno] = [""] * ((node.end_lineno or node.lineno) - node.lineno + 1)
    return ("\n".join(lines), names) if names else (code, names)


def _reads_of_modules(tree: ast.Module | None, node: ast.Import) -> set[str]:
    """Names that code reads of a file beside it, `config.FAST`; the import itself is the gate's to take out."""
    own = {alias.asname or alias.name for alias in node.names if alias.name.partition(".")[0] not in _LIBRARIES}
    parts = ast.walk(tree) if tree is not None and own else ()
    return {part.attr for part in parts if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name) and part.value.id in own}


def _made(code: str) -> set[str]:
    """Names that code itself makes at its top level."""
    tree = parse(code)
    imports = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)] if tree is not None else []
    return _defined(code) - {(alias.asname or alias.name).partition(".")[0] for node in imports for alias in node.names}


def continue_block(code: str, block: CodeBlock) -> str:
    """The program of a block and of the next one, which goes on where it ends: empty where that is not plain.

    The next one repeats the last lines, or completes the last line; or the words between say that it goes on, and it fits as far in as it
    stands there, or in one way alone.
    """
    other, lead = block.code, block.lead
    lines, rest = code.rstrip().split("\n"), other.strip("\n").split("\n")
    first = next((line.strip() for line in rest if line.strip()), "")
    for count in range(min(MOST_REPEATED, len(lines) - 1), 0, -1):
        tail = [line.strip() for line in lines[-count:]]
        head = [line.strip() for line in rest[:count]]
        whole = tail == head or (tail[:-1] == head[:-1] and len(tail[-1]) > 2 and len(head) == count and head[-1].startswith(tail[-1]))
        if first and whole and any(len(line) > 2 for line in tail):
            margin = lines[-count][: len(lines[-count]) - len(lines[-count].lstrip())]
            ways = {"\n".join([*lines[:-count], textwrap.indent("\n".join(rest), _margin_beside(margin, rest[0]))])}
            break
    else:
        if not CONTINUES.search(lead.strip().split("\n\n")[-1]) or (
            parse(other) is not None and not lines[-1].rstrip().endswith((":", ",", "("))
        ):
            return ""
        ways = {f"{code.rstrip()}\n{textwrap.indent(other, ' ' * by)}" for by in range(0, 25, 4)}
        there = f"{code.rstrip()}\n{textwrap.indent(other, ' ' * block.margin)}"
        ways = {there} if block.margin and read_code(there + "\n").shape is Shape.WHOLE else ways
    fitting = [way for way in ways if read_code(way + "\n").shape is Shape.WHOLE and _is_plain(parse(way))]
    return fitting[0].rstrip() + "\n" if len(fitting) == 1 else ""


def _margin_beside(margin: str, first: str) -> str:
    """Blanks that bring a block whose first line is indented already to the margin of the line that it repeats."""
    return margin[len(first) - len(first.lstrip()) :]


def join_class(blocks: Sequence[CodeBlock]) -> list[CodeBlock]:
    """The blocks, with one in the place of two that hold the same class with different members, the first of which could not act alone."""
    found: list[CodeBlock] = []
    for block in blocks:
        rest = _find_further_members(found[-1].code, block.code) if found and found[-1].closed and block.closed else ""
        if rest:
            found[-1] = replace(found[-1], code=f"{found[-1].code.rstrip()}\n\n{rest}\n", joined=True)
        else:
            found.append(block)
    return found


def _find_further_members(code: str, other: str) -> str:
    here, there = parse(code), parse(other)
    made = [node for node in there.body if not isinstance(node, ast.Import | ast.ImportFrom)] if there is not None else []
    last = here.body[-1] if here is not None and here.body else None
    if len(made) != 1 or not isinstance(made[0], ast.ClassDef) or not isinstance(last, ast.ClassDef) or made[0].name != last.name:
        return ""
    if _list_members(made[0]) & _list_members(last) or read_code(code).shape is not Shape.NO_NEXT:
        return ""
    return "\n".join(other.rstrip().split("\n")[made[0].body[0].lineno - 1 : made[0].end_lineno])


def join_methods(blocks: Sequence[str]) -> str:
    """Put blocks that are one program only together: one goes on where the other ends, or holds further methods of its class.

    Empty when that does not give a strategy.
    """
    if len(blocks) < 2:
        return ""
    for start in range(len(blocks)):
        text = blocks[start].rstrip("\n")
        for other in blocks[start + 1 :]:
            ways = [joined for joined in _ways_to_join(text, other) if _is_plain(parse(joined))]
            text = next((joined for joined in ways if read_code(joined + "\n").shape is Shape.WHOLE), ways[0] if ways else text)
        if read_code(text + "\n").shape is Shape.WHOLE:
            return text + "\n"
    return ""


def _is_plain(tree: ast.Module | None) -> bool:
    """True for code in which no strategy stands inside another one."""
    strategies = find_strategies(tree) if tree is not None else []
    return tree is not None and not any(part is not one and part in strategies for one in strategies for part in ast.walk(one))


def _ways_to_join(text: str, other: str) -> list[str]:
    plain = textwrap.dedent(other).strip("\n")
    ways = [f"{text}\n\n{plain}"] if not _holds_methods(plain) else []
    return [*ways, *(f"{text}\n\n{textwrap.indent(plain, indent)}" for indent in ("    ", "        "))]


def _list_members(node: ast.ClassDef) -> set[str]:
    return find_defined(ast.Module(body=node.body, type_ignores=[]))


def _holds_methods(code: str) -> bool:
    tree = parse(code)
    if tree is None or not tree.body:
        return False
    return all(isinstance(node, ast.FunctionDef) and node.args.args and node.args.args[0].arg == "self" for node in tree.body)


def _missing(parts: Sequence[str]) -> set[str]:
    tree = parse("\n\n".join(parts))
    return find_undefined(tree) if tree is not None else set()


def _defined(code: str) -> set[str]:
    tree = parse(code)
    return find_defined(tree) if tree is not None else set()
