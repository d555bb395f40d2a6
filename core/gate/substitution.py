"""Expressions of a script with other expressions in the place of names and calls, and the name for what cannot be read."""

import ast
import copy
from collections.abc import Mapping

from core.gate.parsed_source import dotted_name
from core.gate.scope import stored_names

UNKNOWN = "_unknown_"
"""The name that stands for what cannot be read."""
_LONGEST = 400
"""Nodes of an expression; what grows longer is not followed."""


def is_known(node: ast.AST) -> bool:
    """True when nothing in the expression is unknown, and it is of a sensible length."""
    parts = list(ast.walk(node))
    return len(parts) <= _LONGEST and not any(isinstance(part, ast.Name) and part.id == UNKNOWN for part in parts)


def make_unknown() -> ast.expr:
    """The expression for what cannot be read."""
    return ast.Name(id=UNKNOWN, ctx=ast.Load())


class AnsweredCalls(ast.NodeTransformer):
    """Replaces calls without arguments by what they give back."""

    def __init__(self, answers: Mapping[str, ast.expr | None]) -> None:
        self._answers = answers

    def visit_Call(self, node: ast.Call) -> ast.AST:
        answer = None if node.args or node.keywords else self._answers.get(dotted_name(node.func))
        return self.generic_visit(node) if answer is None else copy.deepcopy(answer)


class _Substitution(ast.NodeTransformer):
    def __init__(self, names: Mapping[str, ast.expr]) -> None:
        self._names = names

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return copy.deepcopy(self._names.get(node.id, node))

    def visit_DictComp(self, node: ast.DictComp) -> ast.AST:
        return self._visit_scope(node)

    def visit_ListComp(self, node: ast.ListComp) -> ast.AST:
        return self._visit_scope(node)

    def visit_SetComp(self, node: ast.SetComp) -> ast.AST:
        return self._visit_scope(node)

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> ast.AST:
        return self._visit_scope(node)

    def _visit_scope(self, node: ast.DictComp | ast.ListComp | ast.SetComp | ast.GeneratorExp) -> ast.AST:
        """A comprehension has its own names for what it goes through."""
        own = frozenset().union(*(stored_names(loop.target) for loop in node.generators))
        return _Substitution({name: value for name, value in self._names.items() if name not in own}).generic_visit(node)

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        kept = self._names.get(dotted_name(node))
        return self.generic_visit(node) if kept is None else copy.deepcopy(kept)


def substitute(node: ast.expr, names: Mapping[str, ast.expr]) -> ast.expr:
    """The expression with what stands for each name in its place; unknown where it grows too long."""
    if not names:
        return node
    changed: ast.expr = _Substitution(names).visit(copy.deepcopy(node))
    return changed if len(list(ast.walk(changed))) <= _LONGEST else make_unknown()
