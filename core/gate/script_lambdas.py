"""Lambdas of a script: they read a name of their function as it is when they are called, not when they are made."""

import ast
import copy
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.gate.closure import is_main_block
from core.gate.parsed_source import ParsedCode
from core.gate.script_aliases import find_root
from core.gate.substitution import make_unknown, substitute

Place = tuple[int, int]
_LAST: Place = (sys.maxsize, 0)


def list_late_names(source: ParsedCode) -> dict[Place, frozenset[str]]:
    """Names that a lambda reads and that its function binds again before the run, by the place of the lambda."""
    found: dict[Place, frozenset[str]] = {}
    for scope in ast.walk(source.tree):
        main = isinstance(scope, ast.If) and is_main_block(scope)
        if not (main or isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef)):
            continue
        parts = list(_list_parts(scope))
        lambdas = [part for part in parts if isinstance(part, ast.Lambda)]
        course = _Course.read(parts) if lambdas else _Course()
        found |= {_start(part): names for part in lambdas if (names := course.list_bound_later(part))}
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


@dataclass(frozen=True, slots=True)
class _Course:
    """The changes of a function, its runs and its loops, each by its place."""

    changes: tuple[tuple[Place, str], ...] = ()
    runs: tuple[Place, ...] = ()
    loops: tuple[tuple[Place, Place], ...] = ()

    @classmethod
    def read(cls, parts: Sequence[ast.expr | ast.stmt]) -> "_Course":
        bound = {part.id for part in parts if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}
        changes = tuple((_start(part), name) for part in parts if (name := _find_changed(part)) in bound)
        calls = [part for part in parts if isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute)]
        runs = tuple(_start(call) for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr == "run")
        return cls(changes, runs, tuple((_start(part), _end(part)) for part in parts if isinstance(part, ast.For | ast.While)))

    def list_bound_later(self, made: ast.Lambda) -> frozenset[str]:
        behind = _end(made)
        run = min((place for place in self.runs if place > behind), default=_LAST)
        around = [(start, end) for start, end in self.loops if start < behind <= end < run]
        spans = [(behind, run), *around]
        later = {name for place, name in self.changes if any(start < place < end for start, end in spans)}
        own = {part.arg for part in ast.walk(made.args) if isinstance(part, ast.arg)}
        return frozenset({part.id for part in ast.walk(made.body) if isinstance(part, ast.Name)} & later - own)


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
