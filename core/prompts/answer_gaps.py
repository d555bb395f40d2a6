"""Gaps of a program: comments, dots and empty bodies that stand for code which its author left out ("rest unchanged")."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator

from core.domain.python_syntax import list_nodes

_DOTS = r"(?:\.{3,}|…)"
_REST = r"(?:rest|remainder|remaining|others?|everything else|existing|previous|original|same|as before|unchanged|your)"
_ENGLISH = (
    rf"{_DOTS}\W*$"
    rf"|{_DOTS}.*\b{_REST}\b|\b{_REST}\b.*{_DOTS}\W*$"
    r"|(?:the\s+)?(?:rest|remainder|remaining|everything else|all else|other)\b[\w\s]*\b"
    r"(?:unchanged|(?:is|are|stays?|remains?|as|the)\s+(?:the\s+)?(?:same|is|it is|before|above)|omitted|here|goes here)\b"
    r"|(?:(?:existing|previous|original|same|unchanged)\s+)(?:code|methods?|logic|implementation|body|init|indicators?|as before|as above)"
    r"\b[\w\s()]*\W*$"
    r"|(?:copy|paste|keep) (?:in )?(?:your|existing|original|my)\b.*\bhere\W*$|[✂✄]\W*$|(?:ibid|idem|ditto)\b\W*$"
    r"|(?:existing|previous|original|unchanged)\b[\w\s]*(?:\w+\(\)|__\w+__|notify_\w+|methods?|code|logic|body)[\w\s()]*\bhere\W*$"
    r"|\[?(?:snip(?:ped)?|truncated|abridged|shortened|omitted)\]?\W*$"
    r"|(?:unchanged|no changes?(?: here)?|same as (?:before|above|previous|original)|as before|omitted(?: for brevity)?)\W*$"
    r"|(?:your|insert|add|put|implement)\b[\w\s]*\b(?:logic|code|rules?)\b[\w\s]*\bhere\W*$"
)
_OTHERS = (
    r"(?:der |die |das |alle )?(?:rest|restlich\w*|übrig\w*|bestehend\w*|vorhanden\w*|bisherig\w*)\b(?:\W*(?:code|logik|methoden?)\W*$"
    r"|.*\b(?:unverändert|gleich|identisch|ausgelassen|wie (?:bisher|zuvor|vorher|oben|gehabt))\b)"
    r"|(?:le |la |les )?(?:reste|autres?|code existant)\b.*\b(?:inchangée?s?|identiques?|(?:comme|même) (?:avant|précédemment|ci-dessus))\b"
    r"|(?:el |la |los |las |o |il )?(?:resto|demás|restante|código existente|codice esistente)\b"
    r".*\b(?:sin cambios|igual|como antes|mism[oa]s?|sem (?:alterações|mudanças)|inalterad[oa]s?|invariat[oaie]|come prima|uguale)\b"
    r"|(?:остальн|прежн|существующ|оставш)\w+.*(?:без изменений|не (?:меня|измен)\w+|как (?:раньше|прежде|выше|было))"
    r"|(?:reszta|pozostał\w+|istniejąc\w+|zbytek|ostatní|решта|інш\w+)\b.*(?:bez zmian|jak (?:wcześniej|poprzednio)|beze změn\w*|без змін)"
    r"|(?:de |het )?(?:rest|overige|bestaande|resten|övrig\w*|øvrig\w*)\b.*(?:ongewijzigd|hetzelfde|gelijk|oförändrad|uændre|uendre)"
    r"|.{0,20}(?:geri kalan\w*|diğer\w*).*(?:aynı|değişmedi)|(?:sisa|selebihnya|phần còn lại).*(?:sama|tetap|không đổi|giữ nguyên)"
    r"|(?:其余|其餘|其他|其它|剩余|剩餘|原有|现有|現有).{0,20}(?:不变|不變|保持|相同|一致|省略)"
    r"|(?:残り|その他|以下|既存).{0,20}(?:同じ|変更なし|省略|そのまま)|(?:나머지|기존|이하).{0,20}(?:동일|그대로|변경 없음|생략|같음)"
    r"|(?:unverändert|wie (?:bisher|zuvor|vorher|oben|gehabt)|inchangée?s?|comme (?:avant|précédemment|ci-dessus)|code existant"
    r"|sin cambios|código existente|(?:igual que|como) antes|sem (?:alterações|mudanças)|invariat[oaie]|come prima|senza modifiche"
    r"|без изменений|как (?:раньше|прежде|выше)|(?:代码|程式碼)?(?:保持)?不[变變]|同上|此?处?省略|変更なし|以下省略|변경 없음|생략)\W*$"
)
_GAP = re.compile(rf"^\W*(?:{_ENGLISH}|{_OTHERS})", re.IGNORECASE)
"""Comments that stand for code that is not there."""
_PART = (
    r"(?:\w+\(\)|__\w+__|notify_\w+|next|init|stop|rest|others?|existing|previous|original|param(?:eter)?s?|exits?|entr(?:y|ies)"
    r"|logic|code|methods?|rules?|conditions?|indicators?|implementation|helpers?|body|logik|méthodes?|métodos?|metodi|код|методы?)"
)
_AS_BEFORE = (
    r"(?:(?:see|as in|like in) (?:the )?(?:previous|above|earlier|original)(?: version| code| program)?|unchanged|untouched"
    r"|(?:stays?|remains?|is|are|the) (?:the )?same|same as (?:before|above|previously)"
    r"|as (?:before|above|previously|it (?:is|was)|they (?:are|were)|is)|(?:no|without) (?:further )?changes?(?: here| needed)?|like before"
    r"|(?:copied |taken |kept )?from (?:before|above|v\d+|the (?:previous|original|last|first|earlier) (?:version|code|program|answer))"
    r"|(?:as|see|like) (?:in )?v\d+"
    r"|omitted(?: for brevity)?|unverändert|wie (?:bisher|zuvor|vorher|oben)|inchangée?s?|comme avant|sin cambios|como antes"
    r"|sem (?:alterações|mudanças)|invariat[oaie]|come prima|без изменений|как (?:раньше|прежде))"
)
_HEADING = re.compile(
    rf"^\W*(?:(?:[\w()',/&`+.-]+\s+){{0,6}}?{_PART}(?!\w)[\w\s()',/&`+:–—-]{{0,40}}?\b{_AS_BEFORE}"
    rf"|(?:existing|original|previous|unchanged|same)\s+(?:\w+\s+){{1,3}}(?:logic|code|rules?|conditions?|handling|management))\W*$",
    re.IGNORECASE,
)
"""Comments that stand for code where none follows them; above code they are its heading."""


_FROM_BEFORE = re.compile(
    r"^\W*(?:the )?(?:\w+ ){0,3}(?:block|part|section|code|logic|rules?|methods?|branch(?:es)?) (?:copied |taken |kept )?"
    r"from (?:before|above|v\d+|the (?:previous|original|last|first|earlier) (?:version|code|program|answer))\W*$",
    re.IGNORECASE,
)
"""Comments that stand for code wherever they are."""
_LIKE_BEFORE = re.compile(
    r"\b(?:(?:original|existing|previous) (?:\w+ )?(?:exits?|entr(?:y|ies)|logic|code|rules?|stops?|conditions?|handling|implementation)"
    r"|as before|unchanged)\b",
    re.IGNORECASE,
)
"""Words behind a `pass` and its like that tell of code which stood there."""


def find_gap(code: str, tree: ast.Module) -> tuple[int, str] | None:
    """Find what stands for code that was left out: its line and text; None where nothing does."""
    if (line := _find_dots(tree)) is not None:
        return line, "..."
    for node in list_nodes(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.If | ast.For | ast.While) and (said := _read_empty_body(node.body)):
            return said
    lines = code.split("\n")
    if not any(_stands_for_code(lines, number) for number, line in enumerate(lines) if "#" in line):
        return None
    for number in _comments(code):  # a line of a text may look like a comment
        if _stands_for_code(lines, number - 1):
            return number, lines[number - 1].strip()[:80]
    return None


def _find_dots(tree: ast.Module) -> int | None:
    """Line of the first `...` that stands for code or for a value; None where each one means something by itself.

    So do those of an index, of bodies that nobody runs (a protocol, an abstract method, an error's class), and one that is compared with.
    """
    nodes = list_nodes(tree)
    dots = [node for node in nodes if isinstance(node, ast.Constant) and node.value is Ellipsis]
    if not dots:
        return None
    meant: set[int] = set()
    for node in nodes:
        if isinstance(node, ast.Compare) and any(_is_dots(part) for part in (node.left, *node.comparators)):
            return None
        if isinstance(node, ast.Subscript) or (isinstance(node, ast.ClassDef | ast.FunctionDef) and _is_stub(node)):
            inside = [node.slice] if isinstance(node, ast.Subscript) else node.body
            meant |= {id(part) for each in inside for part in ast.walk(each)}
    return min((node.lineno for node in dots if id(node) not in meant), default=None)


def _is_stub(node: ast.ClassDef | ast.FunctionDef) -> bool:
    """True for what has no code of its own: a protocol, an abstract method, the class of an error."""
    marks = [ast.unparse(part) for part in (*node.decorator_list, *(node.bases if isinstance(node, ast.ClassDef) else ()))]
    return any(re.search(r"(?:abstractmethod|overload|Protocol|Error|Exception)$", mark.partition("[")[0]) for mark in marks)


def _read_empty_body(body: list[ast.stmt]) -> tuple[int, str] | None:
    """Words of a text that is the whole of a body: `\"\"\"Unchanged.\"\"\"`."""
    first, *others = body
    said = first.value.value if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) else ""
    empty = all(isinstance(item, ast.Pass) for item in others)
    return (first.lineno, said.strip()[:80]) if empty and isinstance(said, str) and is_gap(said) else None


def _stands_for_code(lines: list[str], at: int) -> bool:
    """True for a comment that says so: on its own line, or behind a `pass`. `at` counts from zero."""
    before, _, said = lines[at].partition("#")
    said = said.lstrip("#").strip()
    if before.strip():
        return before.strip() == "pass" and tells_of_before(said)
    if _GAP.match(said):
        return True
    if _FROM_BEFORE.match(said):
        return True
    following = lines[at + 1] if at + 1 < len(lines) else ""
    is_followed = bool(following.strip()) and len(following) - len(following.lstrip()) >= len(before) and following.strip() != "pass"
    return not is_followed and _HEADING.match(said) is not None


_STAYS = re.compile(
    r"\b(?:rest|everything else|other (?:methods?|parts?|code)|remaining (?:methods?|code|parts?))\b[^.\n]{0,60}"
    r"\b(?:unchanged|same|as (?:it|they) (?:is|are|was|were)|as before|untouched)\b"
    r"|\bkeep (?:the |all )?(?:rest|other|everything else)\b"
    r"|\bonly (?:the )?`?\w+(?:\(\))?`? (?:method )?(?:changes|changed|is changed|has changed|needs? (?:to change|a change))\b"
    r"|\bnur `?\w+(?:\(\))?`? (?:ändert sich|wurde geändert)|\brest\b[^.\n]{0,40}\b(?:gleich|unverändert|wie (?:bisher|zuvor))\b"
    r"|\breste\b[^.\n]{0,40}\b(?:inchangé|identique|même)|\bresto\b[^.\n]{0,40}\b(?:igual|sin cambios|invariato|inalterad[oa])"
    r"|остальн\w+[^.\n]{0,40}(?:без изменений|прежн|не меня)|其余[^。\n]{0,20}(?:不变|不變|相同)|その他[^。\n]{0,20}(?:同じ|変更なし)"
    r"|나머지[^.\n]{0,20}(?:동일|그대로)",
    re.IGNORECASE,
)
"""Words by which an author leaves the rest of a program as it was."""


def tells_of_before(said: str) -> bool:
    """True for words behind a statement that does nothing which tell of code that stood there."""
    return is_gap(said) or _LIKE_BEFORE.search(said) is not None


def says_rest_stays(words: str) -> bool:
    """True for words beside a program that leave what is not in it as it was.

    >>> says_rest_stays("Only `next` changes."), says_rest_stays("The rest of the day it waits.")
    (True, False)
    """
    return _STAYS.search(words) is not None


def is_gap(said: str) -> bool:
    """True for words that say of themselves that they stand for code."""
    return _GAP.match(said) is not None or _HEADING.match(said) is not None


def _is_dots(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is Ellipsis


def _comments(code: str) -> Iterator[int]:
    """Numbers of the lines that are a comment, or a `pass` with one behind it."""
    try:
        for token in tokenize.generate_tokens(io.StringIO(code).readline):
            if token.type == tokenize.COMMENT and token.line[: token.start[1]].strip() in ("", "pass"):
                yield token.start[0]
    except (tokenize.TokenError, SyntaxError, IndentationError):
        return


def list_gaps(code: str) -> list[int]:
    """Numbers of the lines that hold nothing but a comment which stands for code."""
    lines = code.split("\n")
    return [number for number in _comments(code) if lines[number - 1].lstrip().startswith("#") and is_gap(lines[number - 1].lstrip("# \t"))]


def drop_outer_gaps(code: str) -> str:
    """A part of a program without gaps before and behind it: what they stand for is not part of it.

    >>> drop_outer_gaps("# ... existing code ...\\n    x = 1\\n# ... existing code ...\\n")
    '    x = 1\\n'
    """
    lines = code.rstrip().split("\n")
    margin = min((len(line) - len(line.lstrip()) for line in lines if line.strip() and not line.lstrip().startswith("#")), default=0)
    for end in (0, -1):
        while lines and (not lines[end].strip() or _is_outer(lines[end], margin)):
            del lines[end]
    return "\n".join(lines) + "\n"


def _is_outer(line: str, margin: int) -> bool:
    plain = line.lstrip()
    return plain.startswith("#") and len(line) - len(plain) <= margin and is_gap(plain.lstrip("# \t"))
