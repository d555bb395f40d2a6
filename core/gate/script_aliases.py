"""Second names of tables and objects while a script is followed: `block = CONFIG["a"]`, after which `block["n"] = 5` changes CONFIG."""

import ast
import copy

from core.gate.script_names import Names
from core.gate.substitution import make_unknown

_MARK = "&"
"""Behind a name: the key under which names keep what it is a second name of."""
MOST_NAMES = 8
"""Second names at one point of a script that are followed; with more of them what they stand for is unknown."""
_PART = (ast.Attribute, ast.Subscript)


def find_root(node: ast.AST) -> str:
    """The name with which `CONFIG["a"].b` begins; empty for anything that is no part of a name."""
    while isinstance(node, _PART):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def note_alias(target: ast.expr, value: ast.expr, names: Names, *, known: bool) -> None:
    """Note that a name stands for the same thing as an expression, or no longer does. `known` tells that the script made the thing."""
    if not isinstance(target, ast.Name):
        return
    for name in [name for name, kept in names.items() if name.endswith(_MARK) and find_root(kept) == target.id]:
        del names[name]
    names.pop(target.id + _MARK, None)
    if known and sum(name.endswith(_MARK) for name in names) >= MOST_NAMES:
        names[target.id] = names[find_root(value)] = make_unknown()
    elif known and find_root(value) not in ("", target.id):
        names[target.id + _MARK] = next(iter(list_same(value, names)), value)


def note_class(method: ast.FunctionDef, names: Names, owner: str) -> Names:
    """The names of a class method's call, with its first one as a second name of the class: `cls.n = 5` changes `Config.n`."""
    if any(isinstance(mark, ast.Name) and mark.id == "classmethod" for mark in method.decorator_list) and method.args.args:
        names[method.args.args[0].arg + _MARK] = ast.Name(id=owner, ctx=ast.Load())
    return names


def list_same(part: ast.expr, names: Names) -> list[ast.expr]:
    """The same part under the first name of the thing: `CONFIG["a"]["n"]` for `block["n"]`; none for what has one name."""
    root = find_root(part)
    if (whole := names.get(root + _MARK)) is None or not find_root(whole):
        return []
    return [exchange_root(part, root, whole)]


def list_second_names(root: str, names: Names) -> list[tuple[str, ast.expr]]:
    """Second names of what a name stands for, or of parts of it, each with its part."""
    found = [(name, part) for name, part in names.items() if name.endswith(_MARK)]
    return [(name.removesuffix(_MARK), part) for name, part in found if find_root(part) == root]


def exchange_root(part: ast.expr, root: str, whole: ast.expr) -> ast.expr:
    """A part of one thing as the same part of another: `CONFIG["a"].n` for `block.n`."""
    changed: ast.expr = _RootExchange(root, whole).visit(copy.deepcopy(part))
    return changed


class _RootExchange(ast.NodeTransformer):
    """Puts an expression in the place of one name at the root of another."""

    def __init__(self, name: str, whole: ast.expr) -> None:
        self._name, self._whole = name, whole

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return copy.deepcopy(self._whole) if node.id == self._name else node
