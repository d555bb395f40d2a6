"""A parsed piece of strategy code with the facts that the gate asks for: imports, the strategy class, what is reachable from it."""

import ast
from collections.abc import Iterable, Iterator
from functools import cached_property

from core.gate.scope import free_names, stored_names

Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
MAX_NAME_PARTS = 12
"""Parts of a dotted name; nothing that is longer is looked up."""
STRATEGIES = frozenset(
    ("backtrader.Strategy", "backtrader.SignalStrategy", "backtrader.strategy.Strategy", "backtrader.strategy.SignalStrategy")
)


class ParsedCode:
    """Code and its tree; everything else is computed on demand and once."""

    def __init__(self, code: str, tree: ast.Module) -> None:
        self.code = code
        self.tree = tree

    @cached_property
    def imports(self) -> dict[str, str]:
        """Name bound by a top-level import to the full dotted name behind it."""
        table: dict[str, str] = {}
        for node in walk_imports(self.tree.body):
            table.update(dict(_bindings(node)))
        return table

    @cached_property
    def classes(self) -> dict[str, ast.ClassDef]:
        """Classes at the top level, also inside `if` and `try`, by name."""
        return {node.name: node for node in _walk_statements(self.tree.body) if isinstance(node, ast.ClassDef)}

    @cached_property
    def tries_talib(self) -> bool:
        """True when TA-Lib is imported in a `try`: the author knows that it may be absent, and the code decides by itself."""
        tried = [part for node in _walk_statements(self.tree.body) if isinstance(node, ast.Try) for part in walk_imports(node.body)]
        return any(name.partition(".")[0] == "talib" for node in tried for _, name in _bindings(node))

    @cached_property
    def strategies(self) -> tuple[ast.ClassDef, ...]:
        """Classes that derive from a Backtrader strategy, in the order of the text."""
        return tuple(node for node in self.classes.values() if self.is_strategy(node))

    @cached_property
    def live(self) -> frozenset[str]:
        """Top-level names that the strategy needs, directly or through others."""
        roots = [node.name for node in self.strategies[-1:]] or list(self.classes)
        needed: set[str] = set()
        waiting = list(roots)
        users = self._users
        while waiting:
            name = waiting.pop()
            if name not in needed:
                needed.add(name)
                waiting.extend(other for node in users.get(name, ()) for other in free_names(node))
        return frozenset(needed)

    @cached_property
    def _users(self) -> dict[str, list[ast.stmt]]:
        table: dict[str, list[ast.stmt]] = {}
        for node in self.tree.body:
            for name in stored_names(node):
                table.setdefault(name, []).append(node)
        return table

    def resolve_name(self, node: ast.AST) -> str:
        """Resolve an attribute chain to its full dotted name (`bt.ind.SMA` is `backtrader.ind.SMA`); empty when it is none."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute) and len(parts) < MAX_NAME_PARTS:
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return ""
        return ".".join([self.imports.get(node.id, node.id), *reversed(parts)])

    def is_strategy(self, node: ast.ClassDef, seen: frozenset[str] = frozenset()) -> bool:
        """True when the class derives from a Backtrader strategy, through its own bases too."""
        for base in node.bases:
            name = self.resolve_name(base)
            if name in STRATEGIES or name.rpartition(".")[2] in ("Strategy", "SignalStrategy"):
                return True
            other = self.classes.get(name)
            if other is not None and other is not node and name not in seen and self.is_strategy(other, seen | {name}):
                return True
        return False


def walk_imports(body: Iterable[ast.stmt]) -> Iterator[ast.Import | ast.ImportFrom]:
    """Imports at the top level, also inside `if`, `try` and `with`."""
    return (node for node in _walk_statements(body) if isinstance(node, ast.Import | ast.ImportFrom))


def _walk_statements(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    for node in body:
        yield node
        if isinstance(node, ast.If | ast.Try | ast.With | ast.For | ast.While):
            for name in ("body", "orelse", "finalbody"):
                yield from _walk_statements(getattr(node, name, ()))
            for handler in getattr(node, "handlers", ()):
                yield from _walk_statements(handler.body)


def _bindings(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, str]]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            first = alias.name.partition(".")[0]
            yield (alias.asname, alias.name) if alias.asname else (first, first)
    else:
        for alias in node.names:
            yield alias.asname or alias.name, f"{node.module or ''}.{alias.name}"
