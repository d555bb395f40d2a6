"""Looking up a dotted name or a path in the source tree, without importing anything."""

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
QUOTED = re.compile(r"`+([^`\n]+)`+")
DOTTED = re.compile(r"(?:core|pages|tests)(?:\.\w+)+")
FILE = re.compile(r"(?:core|pages|tests|docs|data)/[\w./-]*")


def list_code_names(text: str) -> list[str]:
    """Dotted names and paths of the tree that stand between backticks in a text; calls without their arguments."""
    quoted = [match.partition("(")[0].strip() for match in QUOTED.findall(text)]
    return [name for name in quoted if DOTTED.fullmatch(name) or (FILE.fullmatch(name) and not name.startswith("data/local"))]


def exists(name: str) -> bool:
    """Tell whether a module, what it defines, a member of its class, or a path is in the tree.

    >>> exists("core.driving.drive"), exists("core.domain.run.RunPlan.loops"), exists("core/nothing.py"), exists("core.domain.run.Nothing")
    (True, True, False, False)
    """
    if "/" in name:
        return (ROOT / name).exists()
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        base = ROOT.joinpath(*parts[:length])
        file = base.with_suffix(".py") if base.with_suffix(".py").exists() else base / "__init__.py"
        if file.exists():
            return _has_member(parse(file).body, parts[length:])
    return False


def _has_member(body: list[ast.stmt], names: list[str]) -> bool:
    if not names:
        return True
    for node in body:
        if names[0] in _list_defined(node):
            return _has_member(node.body, names[1:]) if isinstance(node, ast.ClassDef) else len(names) == 1
    return False


def _list_defined(node: ast.stmt) -> set[str]:
    if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        return {node.name}
    if isinstance(node, ast.Import | ast.ImportFrom):
        return {alias.asname or alias.name for alias in node.names}
    if isinstance(node, ast.If):  # what a package offers lazily is imported for readers of types alone
        return set().union(*map(_list_defined, node.body))
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return {part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)}


@cache
def parse(file: Path) -> ast.Module:
    """The tree of a file, read once for all tests of a process."""
    return ast.parse(file.read_text(encoding="utf-8"))
