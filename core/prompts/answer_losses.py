"""Code that a new version of a program has lost to a comment: what stood there before is gone, and only words stand in its place.

What the words say, and in which language, does not matter: the version before tells that there was code. What stands for code in a
program by its own words alone is found by `answer_gaps`.
"""

import ast
import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from core.prompts.answer_code import find_strategies, parse
from core.prompts.answer_gaps import tells_of_before

_TAKEN_OUT = re.compile(
    r"\b(?:remov|delet|dropp|disabl|without|instead|replac|merg|moved|handled|no longer|not needed|not used|unused|obsolete|redundant|gone"
    r"|now |never |skip|entf(?:ern|äll|allen)|gelöscht|gestrichen|ersetzt|verschoben|ohne "
    r"|statt|nicht mehr|jetzt|supprim|retir|enlev|remplac"
    r"|désormais|déplac|eliminad|quitad|reemplaz|sustitu|ahora|movid|removid|substitu|agora|rimoss|eliminat|sostitu|spostat|удал|убра|замен"
    r"|теперь|перене|usuni|zastąp|verwijder|vervang)|[删刪移去替取].?[除掉换換消]|削除|置き換|不要|제거|삭제|대체",
    re.IGNORECASE,
)
"""Words by which an author says that code is gone on purpose."""
_NOTHING = re.compile(
    r"^\W*(?:(?:no|kein\w*|without|pas de|sin|senza|sem|без|нет)\b(?! (?:further |other )?chang)|end\b|ende\b|fin\b|[-=#*~_ ]+$"
    r"|(?:just |we |then )*(?:hold|wait|stay|do nothing|nothing to do|ignore|let)\b"
    r"(?!.*\b(?:as before|unchanged|same|original|previous)\b))",
    re.IGNORECASE,
)
"""Comments that say what is not or that nothing is done, or only end something."""
_ORDERS = re.compile(r"\.(?:buy|sell|close|cancel|order_target\w*)\(|\.(?P<three>(?:buy|sell)_bracket)\(")
_TELLING = re.compile(r"\s*(?:#|print\(|self\.log\(|log\w*[.(])")
"""Lines without which a program trades as before."""
_SPEAKS = re.compile(
    r"\s+(?:print|self\.log|log(?:ger|ging)?\.\w+)\(f?[\"'][^\"'{]*\b"
    r"(?:omitted|unchanged|(?:same )?as (?:before|above|in|previously)|ausgelassen|unverändert|wie bisher|omitido|inchangé\w*"
    r"|(?:existing|original|previous|same) (?:\w+ ){0,2}(?:logic|code|rules?|exits?|entr(?:y|ies)|here))\b",
    re.IGNORECASE,
)
"""Lines that tell in the run of code which is not there."""
_EMPTY = re.compile(r"\s+[\w.]+ *= *(?:None|True|False|0|0\.0|\[\]|\{\}) *#")
_KEPT = re.compile(r"self\.(\w+) *[-+*/]?=(?!=)")
MOST_LINES = 3_000
"""Lines of a program that are compared; one of so many is no answer to read line by line."""


def find_loss(code: str, base: str) -> tuple[int, str] | None:
    """Find a comment of a new program that stands where the version before, `base`, has code: its line and text; None without one.

    It counts where it heads nothing (a blank line, less indentation, or the end is below it), or names a method that is gone.

    >>> find_loss("def f():\\n    a()\\n    # wie gehabt\\n", "def f():\\n    a()\\n    b()\\n")
    (3, '# wie gehabt')
    >>> find_loss("def f():\\n    # go\\n    a()\\n", "def f():\\n    b()\\n    a()\\n")
    """
    old, new = _split(base), _split(code)
    if base.strip() and (emptied := _find_emptied(code, base) or _find_placeholder(code, base)):
        return emptied
    if not base.strip() or max(len(old), len(new)) > MOST_LINES or not any("#" in line or _SPEAKS.match(line) for line in new):
        return None
    gone = _list_functions(base).keys() - _list_functions(code).keys()
    for at, removed in _list_places(old, new):
        said = new[at][new[at].index("#") :] if "#" in new[at] else new[at].strip()
        stands_alone = not _is_followed(new, at) or any(re.search(rf"\b{re.escape(name)}\b", said) for name in gone)
        on_purpose = _TAKEN_OUT.search(said) or _NOTHING.match(said.lstrip("# ")) or _was_code(said, removed)
        if stands_alone and not on_purpose and _is_missed(removed, code, base):
            return at + 1, said[:80]
    return None


def _find_emptied(code: str, base: str) -> tuple[int, str] | None:
    """Find a method that did something before and does nothing now, with words in it that do not say why: its line and the words."""
    before, lines = _list_functions(base), code.split("\n")
    for name, node in _list_functions(code).items():
        if name not in before or not _is_empty(node) or not _acts(before[name]):
            continue
        rows = lines[node.lineno - 1 : node.end_lineno]
        comments = [row.partition("#")[2].strip() for row in rows if "#" in row]
        said = " ".join(filter(None, [ast.get_docstring(node) or "", *comments]))
        if said and not _TAKEN_OUT.search(said):
            return node.lineno, said[:80]
    return None


def _find_placeholder(code: str, base: str) -> tuple[int, str] | None:
    """Find what only stands for code that the version before has: a failing statement, or an empty value that is said to be as before."""
    known = {_strip(line) for line in base.split("\n")}
    method = ""
    for number, line in enumerate(code.split("\n"), 1):
        method = found[1] if (found := re.match(r"\s+def (\w+)\(", line)) else method
        said, called = line.partition("#")[2].strip(), re.match(r"\s+self\.(\w+)\([^#]*\) *#", line)
        fails = re.match(r"\s+raise NotImplementedError\b", line) is not None and code.count(f"def {method}(") < 2
        empty = _EMPTY.match(line) or (called and not re.search(rf"\bdef {called[1]}\b|\b{called[1]} *=", code))
        if (fails or (said and empty and tells_of_before(said))) and _strip(line) not in known:
            return number, line.strip()[:80]
    return None


def _strip(line: str) -> str:
    return line.partition("#")[0].replace(" ", "")


def _acts(node: ast.FunctionDef) -> bool:
    """True for a method that orders something or keeps something, and does not only tell."""
    stores = any(isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Store) for part in ast.walk(node))
    return stores or _count_orders(ast.unparse(node)) > 0


def _is_empty(node: ast.FunctionDef) -> bool:
    """True for a method that does nothing, or only what its base class does."""
    again = rf"super\([^()]*\)\.{node.name}\("
    return all(isinstance(part, ast.Pass) or _is_text(part) or re.match(again, ast.unparse(part)) for part in node.body)


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _split(code: str) -> list[str]:
    return [line.rstrip() for line in code.rstrip().split("\n")]


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith("#")


def _list_places(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[int, Sequence[str]]]:
    """Each last comment of lines that are nothing but comments, with the lines that stood there before, code among them."""
    for kind, first, last, start, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        removed = [line.strip() for line in old[first:last] if line.strip()]
        written = [at for at in range(start, end) if new[at].strip()]
        comments = [at for at in written if "#" in new[at] or _SPEAKS.match(new[at])]
        empty = all(_does_nothing(new[at]) for at in written)
        if kind == "replace" and comments and empty and not all(map(_is_comment, removed)):
            yield comments[-1], removed


def _does_nothing(line: str) -> bool:
    """True for a comment, a `pass`, a line that only speaks of code, and a `return` that is said to be as before."""
    before, _, said = line.partition("#")
    plain = not before.strip() or re.match(r"\s*pass\b", line) is not None or _SPEAKS.match(line) is not None
    return plain or (before.strip() == "return" and tells_of_before(said))


def _is_followed(lines: Sequence[str], at: int) -> bool:
    """True for a comment that heads the code below it."""
    following = lines[at + 1] if at + 1 < len(lines) else ""
    return following.strip() not in ("", "pass") and len(following) - len(following.lstrip()) >= len(lines[at]) - len(lines[at].lstrip())


def _is_missed(removed: Sequence[str], code: str, base: str) -> bool:
    """True where something of the removed lines is nowhere in the new program, or orders are fewer: what was moved is still there."""
    lines = [line.partition("#")[0] for line in removed if not _TELLING.match(line)]
    names = {name for line in lines for name in re.findall(r"\b[^\W\d]\w*", line)}
    kept = {name for line in lines for name in _KEPT.findall(line)}
    gone = names - set(re.findall(r"\w+", code)) or kept - set(_KEPT.findall(code))
    return bool(gone) or _count_orders(code) < _count_orders(base)


def has_fewer_orders(code: str, base: str) -> bool:
    """True where a program gives fewer orders than the version before, or has lost a method of it."""
    return bool(_list_functions(base).keys() - _list_functions(code).keys()) or _count_orders(code) < _count_orders(base)


def _count_orders(code: str) -> int:
    return sum(3 if found["three"] else 1 for found in _ORDERS.finditer(code))


def _was_code(said: str, removed: Sequence[str]) -> bool:
    """True for a line that was made a comment as it is."""
    return said.lstrip("# ").rstrip() in removed


def _list_functions(code: str) -> dict[str, ast.FunctionDef]:
    """Methods of a program's strategies, by name."""
    tree = parse(code)
    strategies = find_strategies(tree) if tree is not None else []
    return {part.name: part for node in strategies for part in node.body if isinstance(part, ast.FunctionDef)}
