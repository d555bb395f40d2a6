"""Expressions of a script with other expressions in the place of names and calls, and the name for what cannot be read."""

import ast
import copy
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import TypeGuard

from core.gate.parsed_source import dotted_name
from core.gate.scope import stored_names

UNKNOWN = "_unknown_"
"""The name that stands for what cannot be read."""
_LONGEST = 400
"""Nodes of an expression; what grows longer is not followed."""


def is_known(node: ast.AST) -> bool:
    """True when nothing in the expression is unknown, and it is of a sensible length."""
    parts = list(islice(ast.walk(node), _LONGEST + 1))
    return len(parts) <= _LONGEST and not any(isinstance(part, ast.Name) and part.id == UNKNOWN for part in parts)


def limit(node: ast.expr) -> ast.expr:
    """The expression, or the unknown in place of one that is too long to be followed."""
    return node if len(list(islice(ast.walk(node), _LONGEST + 1))) <= _LONGEST else make_unknown()


def make_unknown() -> ast.expr:
    """The expression for what cannot be read."""
    return ast.Name(id=UNKNOWN, ctx=ast.Load())


def mark_changed(node: ast.expr) -> ast.expr:
    """The expression for an object of which something was set: unknown as a whole, what else it has stays."""
    return ast.Call(func=make_unknown(), args=[node], keywords=[])


def find_unchanged(node: ast.expr) -> ast.expr:
    """The object as it was before something of it was set."""
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == UNKNOWN and len(node.args) == 1:
        node = node.args[0]
    return node


class AnsweredCalls(ast.NodeTransformer):
    """Replaces calls without arguments, and reads of properties, by what they give back."""

    def __init__(self, answers: Mapping[str, ast.expr | None], properties: Mapping[str, ast.expr | None]) -> None:
        self._answers, self._properties = answers, properties

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        answer = self._properties.get(dotted_name(node))
        return self.generic_visit(node) if answer is None else copy.deepcopy(answer)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        answer = None if node.args or node.keywords else self._answers.get(dotted_name(node.func))
        return self.generic_visit(node) if answer is None else copy.deepcopy(answer)


class _Substitution(ast.NodeTransformer):
    def __init__(self, names: Mapping[str, ast.expr]) -> None:
        self._names = names

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return copy.deepcopy(self._names.get(node.id, node))

    def visit_NamedExpr(self, node: ast.NamedExpr) -> ast.AST:
        read: ast.AST = self.visit(node.value)
        return read

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        own = {part.arg for part in ast.walk(node.args) if isinstance(part, ast.arg)}
        node.args = self.visit(node.args)
        node.body = _Substitution({name: value for name, value in self._names.items() if name.partition(".")[0] not in own}).visit(
            node.body
        )
        return node

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
        if kept is not None:
            return copy.deepcopy(kept)
        own = node.value.id if isinstance(node.value, ast.Name) else ""
        changed = self.generic_visit(node)
        if isinstance(changed, ast.Attribute) and any(name.startswith(f"{own}.") for name in self._names if own):
            changed.value = find_unchanged(changed.value)
        name = dotted_name(changed)
        again = self._names.get(name) if name.partition(".")[0] not in self._names else None
        return changed if again is None else copy.deepcopy(again)


def substitute(node: ast.expr, names: Mapping[str, ast.expr]) -> ast.expr:
    """The expression with what stands for each name in its place; unknown where it grows too long."""
    if not names:
        return node
    changed = simplify(_Substitution(names).visit(copy.deepcopy(node)))
    return limit(changed)


def decide(node: ast.expr) -> bool | None:
    """Truth of a condition that plain values decide (`5 > 3`, `None is not None`, `{"a": 1}`); None where they do not."""
    if isinstance(node, ast.Constant):
        return bool(node.value)
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        return bool(node.elts) if not any(isinstance(part, ast.Starred) for part in node.elts) else None
    if isinstance(node, ast.Dict):
        return True if any(key is not None for key in node.keys) else None if node.keys else False
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        inner = decide(node.operand)
        return None if inner is None else not inner
    if isinstance(node, ast.BoolOp):
        found = [decide(part) for part in node.values]
        ending = isinstance(node.op, ast.Or)
        return ending if ending in found else None if None in found else not ending
    return _decide_comparison(node) if isinstance(node, ast.Compare) else None


def _decide_comparison(node: ast.Compare) -> bool | None:
    operator, right = node.ops[0], node.comparators[0]
    if len(node.ops) == 1 and isinstance(operator, ast.Is | ast.IsNot) and isinstance(right, ast.Constant) and right.value is None:
        if isinstance(node.left, ast.Constant | ast.Dict | ast.List | ast.Tuple | ast.Set | ast.JoinedStr | ast.Lambda):
            nothing = isinstance(node.left, ast.Constant) and node.left.value is None
            return nothing is isinstance(operator, ast.Is)
        return None
    plain = (ast.Constant, ast.Compare, ast.cmpop, ast.Tuple, ast.List, ast.expr_context)
    if not all(isinstance(part, plain) for part in ast.walk(node)):
        return None
    try:
        return bool(eval(compile(ast.fix_missing_locations(ast.Expression(copy.deepcopy(node))), "<condition>", "eval"), {}))
    except TypeError:
        return None


class _Simplification(ast.NodeTransformer):
    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        self.generic_visit(node)
        if not isinstance(node.slice, ast.Constant) or not isinstance(node.ctx, ast.Load):
            return node
        table, key = node.value, node.slice.value
        if (
            isinstance(table, ast.List | ast.Tuple)
            and isinstance(key, int)
            and not any(isinstance(part, ast.Starred) for part in table.elts)
        ):
            return table.elts[key] if -len(table.elts) <= key < len(table.elts) else node
        entries: dict[object, ast.expr] = {word.arg: word.value for word in table.keywords} if _is_plain_dict(table) else {}
        if isinstance(table, ast.Dict):
            pairs = list(zip(table.keys, table.values, strict=True))
            last = max((place for place, (name, _) in enumerate(pairs) if not isinstance(name, ast.Constant)), default=-1)
            entries = {getattr(name, "value", None): value for name, value in pairs[last + 1 :]}  # what stands before may be another's
        return entries.get(key, node)

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        self.generic_visit(node)
        met = decide(node.test)
        return node if met is None else node.body if met else node.orelse

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.AST:
        self.generic_visit(node)
        ending = isinstance(node.op, ast.Or)
        while len(node.values) > 1 and (first := decide(node.values[0])) is not None:
            if first is ending:
                return node.values[0]
            del node.values[0]
        return node if len(node.values) > 1 else node.values[0]


def _is_plain_dict(node: ast.expr) -> TypeGuard[ast.Call]:
    return isinstance(node, ast.Call) and dotted_name(node.func) == "dict" and not node.args and all(word.arg for word in node.keywords)


def simplify(node: ast.expr) -> ast.expr:
    """The expression without the ways that its plain conditions rule out: `None or 5` is `5`."""
    simple: ast.expr = _Simplification().visit(copy.deepcopy(node))
    return simple


def list_calls(node: ast.AST) -> Iterator[ast.Call]:
    """Calls in an expression in the order in which they happen; those of inner functions do not happen here."""
    if isinstance(node, ast.Lambda):
        return
    for child in ast.iter_child_nodes(node):
        yield from list_calls(child)
    if isinstance(node, ast.Call):
        yield node
