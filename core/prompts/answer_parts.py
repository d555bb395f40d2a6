"""Parts of a program that an answer sends instead of the whole: methods, numbered lines, `change this` beside `to this`, an added file.

They are put into the program they were made for where their place is beyond doubt and the result is a whole strategy; otherwise there is
no answer, and the author is asked again.
"""

import ast
import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from core.prompts.answer_blocks import CodeBlock
from core.prompts.answer_code import Shape, find_strategies, parse, read_code
from core.prompts.answer_edits import Edit, Edits, apply_edits
from core.prompts.answer_gaps import drop_outer_gaps, find_gap, list_gaps, says_rest_stays
from core.prompts.answer_text import MAXIMUM_DEPTH, list_answered, read_json_documents
from core.prompts.answer_variants import is_announced_beside, is_announced_choice, last_words, takes_back

_TO_THIS = re.compile(
    r"^\W*(?:to|with|by|into|becomes?|after|new|replace(?:d)? (?:it )?(?:with|by)|durch|zu|nachher|neu|par|après|por|con|después|com|depois"
    r"|на|после|改为|改成|替换为|修改后|変更後|次のように)\b[^\n]{0,60}$",
    re.IGNORECASE,
)
"""Words between what is replaced and what replaces it."""
_TOLD_LINES = re.compile(
    r"\b(?:replace|change|update|ersetze|remplace\w*|reemplaza|sustituye)\b[^\n]{0,20}?"
    r"\b(?:lines?|zeilen?|lignes?|l[ií]neas?)\b[ *]*(?P<first>\d{1,4})"
    r"(?:[ ]?(?:-|–|to|through|and|bis|à|a)[ ]?(?P<last>\d{1,4}))?",
    re.IGNORECASE,
)
"""Words before a block that name the lines which it replaces."""
_ADDED_FILE = re.compile(r"^(?:--- /dev/null|\*\*\* Add File:|@@ -0,0 )", re.MULTILINE)
_CALLBACKS = frozenset(("start", "stop", "notify_order", "notify_trade", "notify_cashvalue", "notify_fund", "notify_data", "notify_store"))
"""Methods that Backtrader calls beside those in which a strategy acts: a program that acts elsewhere may be meant to act there no more."""
_FIRST = r"start_?line|line_?start|from_?line|first_?line|line|start"
_LAST = r"end_?line|line_?end|to_?line|last_?line|end"
_TEXT = r"(?:new_?)?(?:content|code|text|lines?_?content|replacement)"


def find_added_file(text: str) -> str:
    """Find the program in a diff that makes it from nothing; empty where there is none."""
    found = _ADDED_FILE.search(text)
    if found is None:
        return ""
    rows = [row[1:] for row in text[found.end() :].split("\n")[1:] if row.startswith("+") and not row.startswith("+++ ")]
    return "\n".join(rows) + "\n" if rows else ""


def put_in_parts(text: str, blocks: Sequence[CodeBlock], base: str) -> tuple[str, str]:
    """Put the parts that an answer sends into the program they were made for: the whole, and what was done. Two empty texts if in doubt."""
    if not base.strip() or parse(base) is None:
        return "", ""
    blocks = [replace(block, code=drop_outer_gaps(block.code)) for block in blocks]
    for code, done in (
        (_replace_blocks(blocks, base), "One block put in the place of the other in the program they were made for."),
        (_replace_members(blocks, base), "Parts of the class put into the program they were made for."),
        (_put_below(blocks, base), "The class put below the program that it derives from."),
        (_replace_told_lines(blocks, base), "Numbered lines replaced in the program they were made for."),
        (_replace_lines(text, base), "Numbered lines replaced in the program they were made for."),
    ):
        if code and code != base and read_code(code).shape is Shape.WHOLE:
            return code, done
    return "", ""


def _replace_blocks(blocks: Sequence[CodeBlock], base: str) -> str:
    """`Change this:` and a block, `to this:` and another."""
    edits = []
    for old, new in pairwise(blocks):
        lead = new.lead.strip()
        if new.closed and lead and "\n" not in lead and _TO_THIS.match(lead):
            edits.append(Edit(tuple(old.code.rstrip("\n").split("\n")), tuple(new.code.rstrip("\n").split("\n"))))
    code, problem = apply_edits(base, Edits(tuple(edits))) if edits and len(blocks) == 2 * len(edits) else ("", "")
    return "" if problem else code


def _replace_members(blocks: Sequence[CodeBlock], base: str) -> str:
    """Blocks that hold members of a class alone: at least one that the program's only strategy has, or a method that something calls."""
    meant = [block for block in blocks if block.closed and not is_announced_beside(block.lead, block.code)]
    if any(is_fragment(block.code, base) for block in meant):
        return ""
    for block in _leave_out_rivals(meant):
        members = _members_in(block.code)
        if not members:
            continue
        tree = parse(base)
        strategies = find_strategies(tree) if tree is not None else []
        own = {name: node for node in strategies[0].body if (name := _name_member(node))} if len(strategies) == 1 else {}
        called = _CALLBACKS | {node.attr for node in ast.walk(tree or ast.Module([], [])) if isinstance(node, ast.Attribute)}
        methods = _methods_among(members)
        if not members.keys() & own.keys() and not methods:
            continue
        if _loses_parameters(members, own, tree):
            return ""
        if not own or not members.keys() & (own.keys() | called) or members.keys() - own.keys() - methods:
            return ""
        base = _write_members(base, strategies[0], own, members)
    return base


def _leave_out_rivals(blocks: Sequence[CodeBlock]) -> list[CodeBlock]:
    """The blocks, of those that give a member differently the one that is recommended or takes the others back; none where none is."""
    kept = list(blocks)
    for at, block in enumerate(blocks):
        members = _members_in(block.code)
        for other in blocks[:at]:
            before = _members_in(other.code)
            if all(before[name] == members[name] for name in members.keys() & before.keys()):
                continue
            chosen = [one for one in (other, block) if is_announced_choice(one.lead)] or [block] * takes_back(last_words(block.lead))
            if len(chosen) != 1:
                return []
            kept = [one for one in kept if one is chosen[0] or one not in (other, block)]
    return kept


def _loses_parameters(members: dict[str, str], own: dict[str, ast.stmt], tree: ast.Module | None) -> bool:
    """True for `params` that lack a name which the program reads: those that an author changed alone, perhaps."""
    if "params" not in members or "params" not in own or tree is None:
        return False
    said = parse(members["params"])
    given = {part.value for part in ast.walk(said or ast.Module([], [])) if isinstance(part, ast.Constant)}
    given |= {word.arg for part in ast.walk(said or ast.Module([], [])) if isinstance(part, ast.Call) for word in part.keywords}
    owners = [part for part in ast.walk(tree) if isinstance(part, ast.Attribute)]
    read = {part.attr for part in owners if isinstance(part.value, ast.Attribute) and part.value.attr in ("p", "params")}
    return bool(read - given)


def is_fragment(code: str, base: str) -> bool:
    """True for lines of a method alone, or a member with a gap: what they change cannot be put in, and nothing is without them."""
    plain = textwrap.dedent(code).strip("\n")
    tree = parse(plain)
    if tree is not None and find_gap(plain, tree):
        return True
    known = [line.strip() for line in base.split("\n")]
    rows = [line.strip() for line in plain.split("\n") if line.strip()]
    stands_there = any(known[at : at + len(rows)] == rows for at in range(len(known)))
    begins = re.search(r"^(?:class|def|async|@|import|from)\b", plain, re.MULTILINE) is not None
    return not begins and not stands_there and re.search(r"\bself\.", plain) is not None


def complete_class(code: str, base: str, words: str = "") -> str:
    """The program with the members that its class has in `code`, where that is the class again with some of its methods; empty otherwise.

    Told by what it reads of itself and only the methods that are not there set, by a gap between its members, or by the words beside it.
    """
    gaps = list_gaps(code)
    lines = code.split("\n")
    plain = "\n".join("" if number in gaps else line for number, line in enumerate(lines, 1))
    said = " ".join(lines[number - 1] for number in gaps)
    tree, known = parse(code), parse(base) if base.strip() else None
    there, here = (find_strategies(part) if part is not None else [] for part in (known, tree))
    if tree is None or len(there) != 1 or len(here) != 1 or there[0].name != here[0].name:
        return ""
    others = [node for node in tree.body if node is not here[0] and not isinstance(node, ast.Import | ast.ImportFrom)]
    own = {name: node for node in there[0].body if (name := _name_member(node))}
    members = {name: textwrap.dedent(_text_of(code, node)) for node in here[0].body if (name := _name_member(node))}
    left = [node for name, node in own.items() if name not in members]
    if not left or others or len(members) != len([node for node in here[0].body if not _is_text(node)]):
        return ""  # most answers hold every member
    missing = _names_of_self(here, ast.Load) - _names_of_self(here, ast.Store)
    if gaps:
        named = {name for name in own if re.search(rf"\b{re.escape(name)}\b", said)}
        margin = here[0].body[0].col_offset
        inside = any(len(lines[number - 1]) - len(lines[number - 1].lstrip()) > margin for number in gaps)
        whole = not inside and find_gap(plain, parse(plain) or tree) is None and not _loses_parameters(members, own, known)
        if not whole or (named and named != {name for name in own if name not in members}):
            return ""
    elif not (missing & _names_of_self(left, ast.Store) or says_rest_stays(words)):
        return ""
    if not members.keys() - own.keys() <= _methods_among(members):
        return ""
    imports = [text for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom) and (text := _text_of(code, node)) not in base]
    return "\n".join([*imports, _write_members(base, there[0], own, members)])


def _methods_among(members: dict[str, str]) -> set[str]:
    return {name for name, text in members.items() if text.startswith("def ")}


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _text_of(code: str, node: ast.stmt) -> str:
    return "\n".join(code.split("\n")[node.lineno - 1 : node.end_lineno])


def _names_of_self(nodes: Sequence[ast.AST], kind: type[ast.expr_context]) -> set[str]:
    """Names that the nodes read of `self`, or set on it."""
    parts = (part for node in nodes for part in ast.walk(node) if isinstance(part, ast.Attribute) and isinstance(part.ctx, kind))
    return {part.attr for part in parts if isinstance(part.value, ast.Name) and part.value.id == "self"}


def _name_member(node: ast.stmt) -> str:
    """The name under which a class has a method or a plain value; empty for anything else."""
    if isinstance(node, ast.FunctionDef) and not node.decorator_list and node.args.args and node.args.args[0].arg == "self":
        return node.name
    target = node.targets[0] if isinstance(node, ast.Assign) and len(node.targets) == 1 else None
    return target.id if isinstance(target, ast.Name) else ""


def _members_in(code: str) -> dict[str, str]:
    """Members of a class by name, at the margin; none where anything else stands beside them."""
    plain = textwrap.dedent(code).strip("\n")
    tree = parse(plain)
    if tree is None or not tree.body or not all(_name_member(node) for node in tree.body) or find_gap(plain, tree):
        return {}
    return {_name_member(node): "\n".join(plain.split("\n")[node.lineno - 1 : node.end_lineno]) for node in tree.body}


def _write_members(base: str, strategy: ast.ClassDef, own: dict[str, ast.stmt], methods: dict[str, str]) -> str:
    lines = base.rstrip("\n").split("\n")
    margin = " " * strategy.body[0].col_offset
    at_end = [*([""] if lines[-1].strip() else [])]
    end = strategy.end_lineno or len(lines)
    added = [row for name, text in methods.items() if name not in own for row in ("", *textwrap.indent(text, margin).split("\n"))]
    lines[end:end] = [*added, *(at_end if added and end < len(lines) else [])]
    for name in sorted(methods.keys() & own.keys(), key=lambda name: own[name].lineno, reverse=True):
        node = own[name]
        lines[node.lineno - 1 : node.end_lineno] = textwrap.indent(methods[name], margin).split("\n")
    return "\n".join(lines) + "\n"


def _put_below(blocks: Sequence[CodeBlock], base: str) -> str:
    """The program and below it a class that derives from its own strategy, where the answer's only class does so."""
    tree, code = parse(base), blocks[-1].code if blocks and blocks[-1].closed else ""
    own = [node.name for node in find_strategies(tree)] if tree is not None else []
    block = parse(code)
    made = [node for node in block.body if isinstance(node, ast.ClassDef)] if block is not None else []
    heirs = [node for node in made if any(isinstance(kind, ast.Name) and kind.id in own for kind in node.bases)]
    if len(made) != 1 or not heirs or heirs[0].name in own or re.search(r"\bSCRIPT_RUN\b|\.addstrategy\(", base + code):
        return ""
    return f"{base.rstrip()}\n\n\n{code}"


def _replace_told_lines(blocks: Sequence[CodeBlock], base: str) -> str:
    """`Replace line 12 with:` and a block, the last place first; each must begin as the line does that stood there."""
    told = [(found, block) for block in blocks if block.closed and (found := _TOLD_LINES.search(block.lead.strip().split("\n\n")[-1]))]
    places = sorted(((int(found["first"]), int(found["last"] or found["first"]), block.code) for found, block in told), reverse=True)
    if not places or len(told) != len(blocks) or any(later[0] <= earlier[1] for later, earlier in pairwise(places)):
        return ""
    lines = base.rstrip("\n").split("\n")
    for first, last, new in places:
        if not 0 < first <= last <= len(lines):
            return ""
        margin = lines[first - 1][: len(lines[first - 1]) - len(lines[first - 1].lstrip())]
        moved = textwrap.indent(textwrap.dedent(new).strip("\n"), margin)
        if not _opens_alike(lines[first - 1], moved):
            return ""
        lines[first - 1 : last] = moved.split("\n")
    return "\n".join(lines) + "\n"


def _opens_alike(old: str, new: str) -> bool:
    """True where two texts open with the same word or sign, and the same one behind it: `("mult", 1.5)` and `("mult", 1.1)`."""
    words = [re.findall(r"\w+|[^\w\s]", text)[:2] for text in (old, new.partition("\n")[0])]
    return bool(words[0]) and words[0] == words[1]


def _replace_lines(text: str, base: str) -> str:
    """Edits of a JSON document that name lines by number, the last first."""
    for document in read_json_documents(text):
        edits = sorted(_list_line_edits(document), reverse=True)
        if not edits or any(later[0] <= earlier[1] for later, earlier in pairwise(edits)):
            continue
        lines = base.rstrip("\n").split("\n")
        if edits[0][1] <= len(lines) and all(_begins_alike(lines[first - 1], new) for first, _, new in edits):
            for first, last, new in edits:
                lines[first - 1 : last] = new.rstrip("\n").split("\n") if new.strip() else []
            return "\n".join(lines) + "\n"
    return ""


def _begins_alike(old: str, new: str) -> bool:
    """True where the lines begin with the same word, equally far in: numbers alone are easily off by one."""
    words = [re.match(r"[ \t]*[@\w.]+", text.lstrip("\n")) for text in (old, new)]
    return words[0] is not None and words[1] is not None and words[0].group() == words[1].group()


def _list_line_edits(value: object, depth: int = 0) -> Iterator[tuple[int, int, str]]:
    if depth > MAXIMUM_DEPTH:
        return
    if isinstance(value, dict):
        first, last = (_number_under(value, names) for names in (_FIRST, _LAST))
        texts = [said for name, said in value.items() if re.fullmatch(_TEXT, str(name), re.IGNORECASE) and isinstance(said, str)]
        if first and len(texts) == 1 and (last or first) >= first:
            yield first, last or first, texts[0]
            return
    for item in list_answered(value):
        yield from _list_line_edits(item, depth + 1)


def _number_under(value: dict[object, object], names: str) -> int:
    found = [said for name, said in value.items() if re.fullmatch(names, str(name), re.IGNORECASE) and isinstance(said, int)]
    return found[0] if len(found) == 1 else 0
