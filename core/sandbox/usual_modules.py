"""The modules that most programs need, and the programs that need more. Nothing is imported here."""

import ast
import functools

from core.domain.python_syntax import list_nodes, read_module_tree
from core.gate.importable import MODULES

USUAL_MODULES = tuple(name for name in MODULES if name.partition(".")[0] not in ("pandas", "zoneinfo", "sqlite3"))
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


@functools.lru_cache(maxsize=128)
def needs_everything(code: str) -> bool:
    """Decide whether a program may want more than `import_usual` has: another module, a time zone, or names that are put together."""
    try:
        nodes = list_nodes(read_module_tree(code))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return True
    spelled = {id(node.func) for node in nodes if isinstance(node, ast.Call) and _spells_attribute(node)}
    return any(id(node) not in spelled and _reaches_far(node) for node in nodes)


def _spells_attribute(call: ast.Call) -> bool:
    """Check for `getattr` of a name that is written out, and that is as harmless as after a dot."""
    if not isinstance(call.func, ast.Name) or call.func.id != "getattr" or len(call.args) < 2:
        return False
    name = call.args[1]
    return isinstance(name, ast.Constant) and isinstance(name.value, str) and name.value not in _FAR_REACHING


def _reaches_far(node: ast.AST) -> bool:
    """Check whether a part of a program names what is not among the usual."""
    if isinstance(node, ast.Name):
        return node.id in _FAR_REACHING
    if isinstance(node, ast.Attribute):
        return node.attr in _FAR_REACHING
    if isinstance(node, ast.Import):
        return any(alias.name not in _USUAL for alias in node.names)
    if isinstance(node, ast.ImportFrom):
        return (node.module or "") not in _USUAL or any(alias.name in _FAR_REACHING for alias in node.names)
    return False
