"""Lambdas of a script: they read a name of their function as it is when they are called, not when they are made."""

import ast
import copy
from collections.abc import Iterator

from core.gate.closure import is_main_block
from core.gate.parsed_source import ParsedCode
from core.gate.script_aliases import find_root
from core.gate.substitution import make_unknown, substitute

Place = tuple[int, int]


def list_late_names(source: ParsedCode) -> dict[Place, frozenset[str]]:
    """Names that a lambda reads and that its function binds again before the run, by the place of the lambda."""
    found: dict[Place, frozenset[str]] = {}
    for scope in ast.walk(source.tree):
        main = isinstance(scope, ast.If) and is_main_block(scope)
        if not (main or isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef)):
            continue
        parts = list(_list_parts(scope))
        for part in parts:
            if isinstance(part, ast.Lambda) and (names := _list_bound_later(part, parts)):
                found[_start(part)] = names
    return found


def forget_late_names(node: ast.expr, late: dict[Place, frozenset[str]]) -> ast.expr:
    """The expression, in which what its lambdas will read is unknown where that is not plain yet."""
    if not any(isinstance(part, ast.Lambda) and _start(part) in late for part in ast.walk(node)):
        return node
    node = copy.deepcopy(node)
    for part in ast.walk(node):
        if isinstance(part, ast.Lambda) and _start(part) in late:
            part.body = substitute(part.body, {name: make_unknown() for name in late[_start(part)]})
    return node


def _list_bound_later(made: ast.Lambda, parts: list[ast.expr | ast.stmt]) -> frozenset[str]:
    behind = _end(made)
    runs = [
        _start(part) for part in parts if isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute) and part.func.attr == "run"
    ]
    run = min((place for place in runs if place > behind), default=(1 << 30, 0))
    bound = {part.id for part in parts if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}
    own = {part.arg for part in ast.walk(made.args) if isinstance(part, ast.arg)}
    changed = [(part, name) for part in parts if (name := _find_changed(part)) in bound - own]
    later = {name for part, name in changed if behind < _start(part) < run}
    for loop in parts:
        if isinstance(loop, ast.For | ast.While) and _start(loop) < behind <= _end(loop) < run:
            later |= {name for part, name in changed if _start(loop) < _start(part) < _end(loop)}
    return frozenset({part.id for part in ast.walk(made.body) if isinstance(part, ast.Name)} & later)


def _find_changed(node: ast.expr | ast.stmt) -> str:
    """The name that a part of a function binds, or of which it changes an entry, an attribute or the whole by a method."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Attribute):
        return find_root(node.value.func)
    stores = isinstance(node, ast.Name | ast.Attribute | ast.Subscript) and not isinstance(node.ctx, ast.Load)
    return find_root(node) if stores else ""


def _list_parts(scope: ast.AST) -> Iterator[ast.expr | ast.stmt]:
    """Parts of a function, without those of functions and classes inside of it."""
    for child in ast.iter_child_nodes(scope):
        if isinstance(child, ast.expr | ast.stmt):
            yield child
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield from _list_parts(child)


def _start(node: ast.expr | ast.stmt) -> Place:
    return (node.lineno, node.col_offset)


def _end(node: ast.expr | ast.stmt) -> Place:
    return (node.end_lineno or node.lineno, node.end_col_offset or 0)
