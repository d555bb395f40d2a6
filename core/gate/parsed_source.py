"""A parsed piece of strategy code with the facts that the gate asks for: imports, the strategy class, what is reachable from it."""

import ast
from collections.abc import Iterable, Iterator
from functools import cached_property

from core.gate.scope import free_names, stored_names

Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
MAX_NAME_PARTS = 12
"""Parts of a dotted name; nothing that is longer is looked up."""
STRATEGY_MODULES = ("backtrader.strategies.", "backtrader.strategy.")
"""Whatever derives from a class of these modules is a strategy."""
STAR_NAMES = (
    *("Strategy", "SignalStrategy", "Cerebro", "Order", "TimeFrame", "Indicator", "Analyzer", "Observer", "Sizer"),
    *("feeds", "ind", "indicators", "analyzers", "observers", "sizers", "brokers", "stores", "signals"),
)
"""Names of `from backtrader import *` that say what a piece of code is."""
SCRIPT_RUN = "SCRIPT_RUN"
"""The name under which the gate writes down what a script says about its run: class, parameters, sizer, signals, longer bars."""


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
        for alias in self.tree.body:  # Base = bt.Strategy, bt = importlib.import_module("backtrader")
            if isinstance(alias, ast.Assign) and len(alias.targets) == 1 and isinstance(alias.targets[0], ast.Name):
                root, dot, rest = dotted_name(alias.value).partition(".")
                if dot and root in table:
                    table[alias.targets[0].id] = f"{table[root]}.{rest}"
                elif module := _module_by_name(alias.value):
                    table[alias.targets[0].id] = module
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
    def factories(self) -> dict[str, ast.ClassDef]:
        """Functions that make a strategy class, by name, with the class."""
        return {
            name: made for name, nodes in self._functions.items() for node in nodes if (made := self._find_made_class(node)) is not None
        }

    @cached_property
    def strategies(self) -> tuple[ast.ClassDef, ...]:
        """Classes that derive from a Backtrader strategy, those made by functions included, in the order of the text."""
        own = [node for node in self.classes.values() if self.is_strategy(node)]
        return tuple(sorted([*own, *self.factories.values()], key=lambda node: node.lineno))

    @cached_property
    def strategy_names(self) -> tuple[str, ...]:
        """Top-level names of strategy classes, however they are made (class, alias, function, `type()`), in the order of the text."""
        found: dict[str, None] = {}
        for node in _walk_statements(self.tree.body):
            if isinstance(node, ast.ClassDef) and self.is_strategy(node):
                found[node.name] = None
            elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
                target = node.targets[0] if isinstance(node, ast.Assign) else node.target
                made = isinstance(node.value, ast.Call) and self.is_strategy_expression(node.value)
                if isinstance(target, ast.Name) and (made or (isinstance(node.value, ast.Name) and node.value.id in found)):
                    found[target.id] = None
        return tuple(found)

    @cached_property
    def chosen_strategy(self) -> ast.ClassDef | None:
        """The class that runs: the one that the script names, else the last; None when it is made elsewhere, or there is none."""
        for node in self.tree.body:
            if isinstance(node, ast.Assign) and SCRIPT_RUN in stored_names(node):
                named = [part.id for part in ast.walk(node) if isinstance(part, ast.Name)]
                known = [name for name in named if name in self.factories or name in self.strategy_names]
                return (self.factories.get(known[0]) or self.classes.get(known[0])) if known else None
        return self.strategies[-1] if self.strategies else None

    @cached_property
    def roots(self) -> tuple[str, ...]:
        """Names from which everything that is needed can be reached."""
        written = [node for node in self.tree.body if isinstance(node, ast.Assign) and SCRIPT_RUN in stored_names(node)]
        if written:
            by_base = any(isinstance(part, ast.Attribute) and part.attr == "__subclasses__" for node in written for part in ast.walk(node))
            return (SCRIPT_RUN, *(self.strategy_names if by_base else ()))
        return self.strategy_names[-1:] or tuple(self.classes)

    @cached_property
    def live(self) -> frozenset[str]:
        """Top-level names that the strategy needs, directly or through others."""
        return self.reach(self.roots)

    def reach(self, roots: Iterable[str]) -> frozenset[str]:
        """The names and all that they need, directly or through others."""
        needed: set[str] = set()
        waiting = list(roots)
        users = self._users
        while waiting:
            name = waiting.pop()
            if name not in needed:
                needed.add(name)
                waiting.extend(other for node in users.get(name, ()) for other in free_names(node))
        return frozenset(needed)

    def definitions(self, name: str) -> list[ast.stmt]:
        """Top-level statements that bind the name."""
        return self._users.get(name, [])

    @cached_property
    def _functions(self) -> dict[str, list[ast.FunctionDef | ast.AsyncFunctionDef]]:
        table: dict[str, list[ast.FunctionDef | ast.AsyncFunctionDef]] = {}
        for node in _walk_statements(self.tree.body):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                table.setdefault(node.name, []).append(node)
        return table

    @cached_property
    def _users(self) -> dict[str, list[ast.stmt]]:
        table: dict[str, list[ast.stmt]] = {}
        for node in self.tree.body:
            for name in stored_names(node):
                table.setdefault(name, []).append(node)
        return table

    def resolve_name(self, node: ast.AST) -> str:
        """Resolve an attribute chain to its full dotted name (`bt.ind.SMA` is `backtrader.ind.SMA`); empty when it is none."""
        root, dot, rest = dotted_name(node).partition(".")
        return f"{self.imports.get(root, root)}{dot}{rest}"

    def is_strategy(self, node: ast.ClassDef, seen: frozenset[str] = frozenset()) -> bool:
        """True when the class derives from a Backtrader strategy, through its own bases too."""
        return any(self.is_strategy_expression(base, seen | {node.name}) for base in node.bases)

    def is_strategy_expression(self, node: ast.AST, seen: frozenset[str] = frozenset()) -> bool:
        """True when an expression plainly is a strategy class: a name, a subscripted name, or a call of what makes one."""
        if isinstance(node, ast.Subscript):
            return self.is_strategy_expression(node.value, seen)
        if isinstance(node, ast.Call):
            name = self.resolve_name(node.func)
            if name in ("type", "types.new_class") and len(node.args) > 1 and isinstance(node.args[1], ast.Tuple):
                return any(self.is_strategy_expression(base, seen) for base in node.args[1].elts)
            made = (self._find_made_class(one, seen | {name}) for one in self._functions.get(name, ()) if name not in seen)
            return any(one is not None for one in made)
        name = self.resolve_name(node)
        if name.startswith(STRATEGY_MODULES) or name.rpartition(".")[2] in ("Strategy", "SignalStrategy"):
            return True
        other = self.classes.get(name)
        return other is not None and name not in seen and self.is_strategy(other, seen)

    def _find_made_class(self, node: ast.FunctionDef | ast.AsyncFunctionDef, seen: frozenset[str] = frozenset()) -> ast.ClassDef | None:
        """The strategy class that a function defines and gives back; None when it gives back something else."""
        classes = [part for part in ast.walk(node) if isinstance(part, ast.ClassDef)]
        own = {part.name: part for part in classes if self._derives_from_strategy(part, node, seen)}
        returned = [part.value for part in ast.walk(node) if isinstance(part, ast.Return)]
        return next((own[value.id] for value in returned if isinstance(value, ast.Name) and value.id in own), None)

    def _derives_from_strategy(self, part: ast.ClassDef, function: ast.FunctionDef | ast.AsyncFunctionDef, seen: frozenset[str]) -> bool:
        parameters = {argument.arg for argument in (*function.args.args, *function.args.kwonlyargs)}
        return self.is_strategy(part, seen) or any(isinstance(base, ast.Name) and base.id in parameters for base in part.bases)


def _module_by_name(node: ast.AST) -> str:
    """The module that `importlib.import_module("...")` or `__import__("...")` gives; empty for anything else."""
    if not isinstance(node, ast.Call) or dotted_name(node.func).rpartition(".")[2] not in ("import_module", "__import__"):
        return ""
    name = node.args[0] if len(node.args) == 1 else None
    return name.value if isinstance(name, ast.Constant) and isinstance(name.value, str) else ""


def dotted_name(node: ast.AST) -> str:
    """An attribute chain as it is written; empty when it is none, or longer than anything that is looked up."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute) and len(parts) < MAX_NAME_PARTS:
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""


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
            if alias.name == "*" and node.module == "backtrader":
                yield from ((name, f"backtrader.{name}") for name in STAR_NAMES)
