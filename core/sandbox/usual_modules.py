"""The modules that most programs need, and the programs that need more. Nothing is imported here."""

import ast
from collections.abc import Iterator

from core.gate.importable import MODULES

USUAL_MODULES = tuple(name for name in MODULES if name.partition(".")[0] not in ("pandas", "numpy", "zoneinfo", "sqlite3"))
_USUAL = frozenset(USUAL_MODULES)
_FAR_REACHING = frozenset(
    (
        *("__import__", "importlib", "import_module", "exec", "eval", "compile", "modules", "getattr", "__dict__", "globals", "vars"),
        *("pytz", "tz"),
        *("packages", "frompackages"),
        *("OLS_Slope_InterceptN", "OLS_TransformationN", "OLS_BetaN", "CointN", "PyFolio"),
    )
)
"""Names by which a program may reach what it does not import, or a time zone; the last ones are Backtrader's own that import on use."""


def needs_everything(code: str) -> bool:
    """Decide whether a program may want more than `import_usual` has: another module, a time zone, or names that are put together."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return True
    return not _FAR_REACHING.isdisjoint(_list_names(tree)) or not set(_list_imports(tree)) <= _USUAL


def _list_names(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.ImportFrom):
            yield from (alias.name for alias in node.names)


def _list_imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
