"""The part of the text around it that a strategy needs: the only statements that are executed.

A statement stays when it binds a name that the strategy needs, directly or through others, or when it acts on such a name
(`PARAMS.update(...)`, `np.random.seed(1)`). Everything else goes, whether it could run here or not.
"""

import ast
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from core.gate.parsed_source import Definition, ParsedCode, dotted_name
from core.gate.refusals import ENGINE_NAMES, SCRIPT_STATE, is_absent, is_refused, walk_certain
from core.gate.scope import free_names, stored_names
from core.gate.script_handed import list_set_functions

_MUTATORS = (ast.Expr, ast.AugAssign, ast.Delete, ast.Assert, ast.If, ast.For, ast.While, ast.With, ast.Try, ast.Match)
_EVERYTHING = frozenset(("globals", "__main__"))


@dataclass(frozen=True)
class Closure:
    """One reading of the code from the given roots."""

    source: ParsedCode
    roots: tuple[str, ...]

    @cached_property
    def unrunnable(self) -> frozenset[str]:
        """Names that come from an engine, a feed, a file or an absent module, or from what reads such a name."""
        body = [node for node in self.source.tree.body if not isinstance(node, ast.Import | ast.ImportFrom)]
        readers: dict[str, list[ast.stmt]] = defaultdict(list)
        for node in body:
            for name in self._needs(node):
                readers[name].append(node)
        bad: set[str] = set()
        waiting = [*_absent_names(self.source), *(name for node in body if self._cannot_run(node) for name in stored_names(node))]
        while waiting:
            name = waiting.pop()
            if name not in bad:
                bad.add(name)
                waiting.extend(other for node in readers.get(name, ()) for other in stored_names(node))
        return frozenset(bad)

    @cached_property
    def live(self) -> frozenset[str]:
        """Top-level names that the strategy needs, also through statements that act on them."""
        live = self.source.reach(self.roots)
        if self._reads_all_names(live):
            stored = frozenset().union(*(stored_names(node) for node in self.source.tree.body))
            live = self.source.reach([*self.roots, *(stored - self.unrunnable)])
        while True:
            more = {name for names in self._actors.values() if names & live for name in names} - live
            if not more:
                return live
            live = self.source.reach([*live, *more])

    @cached_property
    def _actors(self) -> dict[int, frozenset[str]]:
        """Statements that change something and can run, with the names that they read."""
        found: dict[int, frozenset[str]] = {}
        for node in self.source.tree.body:
            if isinstance(node, ast.ClassDef) and node.decorator_list and not self._cannot_run(node):
                found[id(node)] = self.source.reach(frozenset().union(*map(free_names, node.decorator_list))) | self._read_at_once(node)
                continue  # a decorator may enter the class into a table
            target = _changed_root(node)
            if self._comes_too_late(node) or (
                is_main_block(node)
                or isinstance(node, Definition | ast.Import | ast.ImportFrom)
                or not (isinstance(node, _MUTATORS) or target)
            ):
                continue
            read = free_names(node) | ({target} if target else set())
            read |= frozenset().union(*(self._aliases.get(name, ()) for name in _list_acted_on(node)))
            if not (read & self.unrunnable or self._cannot_run(node) or _is_print(node) or self._touches_script(node)):
                found[id(node)] = read
        return found

    @cached_property
    def _aliases(self) -> dict[str, frozenset[str]]:
        """Names of a part of what other names stand for (`block = CONFIG["a"]`, `add = RULES.append`), with those others."""
        found: dict[str, frozenset[str]] = {}
        for name, other in _list_aliases(self.source):
            found[name] = found.get(name, frozenset()) | {other} | found.get(other, frozenset())
        return found

    def is_needed(self, node: ast.stmt) -> bool:
        """True when the statement has to be executed, or does nothing when it is."""
        if self._comes_too_late(node) or runs_engine(self.source, node):
            return False
        return bool(stored_names(node) & self.live) or bool(self._actors.get(id(node), frozenset()) & self.live) or self._is_harmless(node)

    @cached_property
    def _run_place(self) -> tuple[int, int]:
        """Line and column of the first top-level statement that runs an engine with a strategy in it; far below where there is none."""
        added = False
        for node in self.source.tree.body:
            if isinstance(node, Definition) or is_main_block(node):
                continue
            calls = [part.func for part in ast.walk(node) if isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute)]
            added = added or any(call.attr in ("addstrategy", "optstrategy", "add_signal") for call in calls)
            if added and any(call.attr == "run" and _root(call.value) in self.unrunnable for call in calls):
                return _place(node)
        return (sys.maxsize, 0)

    def _comes_too_late(self, node: ast.stmt) -> bool:
        """Check whether the statement acts on what the run has left (`conn.close()`, `TRADES = pd.DataFrame(TRADES)`)."""
        if _place(node) <= self._run_place or isinstance(node, Definition | ast.Import | ast.ImportFrom):
            return False
        before = (other for name in stored_names(node) for other in self.source.definitions(name) if _place(other) < self._run_place)
        return isinstance(node, _MUTATORS) or bool(_changed_root(node)) or any(before)

    def find_clash(self, node: ast.stmt) -> str:
        """Find what a needed statement wants that is not there: the first name or call; empty when it can run."""
        if isinstance(node, Definition):
            return ""
        for part in walk_certain(node):
            if isinstance(part, ast.Call) and is_refused(part, self.source):
                return self.source.resolve_name(part.func)
            if isinstance(part, ast.Attribute | ast.Name) and self.source.resolve_name(part).startswith(ENGINE_NAMES):
                return self.source.resolve_name(part)
        read = {part.id for part in walk_certain(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load)}
        return min(read & (self.unrunnable - stored_names(node)) - self._definitions, default="")

    @cached_property
    def _definitions(self) -> frozenset[str]:
        """Functions that are needed: what is called in them may still not happen."""
        return frozenset(node.name for node in self.source.tree.body if isinstance(node, Definition))

    def _needs(self, node: ast.stmt) -> frozenset[str]:
        """Names without which the statement cannot be executed; what a method reads does not matter before it is called."""
        if isinstance(node, ast.ClassDef):
            heads = [*node.bases, *node.decorator_list, *(keyword.value for keyword in node.keywords)]
            return frozenset().union(*(free_names(head) for head in heads))
        return frozenset() if _is_guarded_import(node) else free_names(node)

    def _read_at_once(self, node: ast.ClassDef) -> frozenset[str]:
        """Names that the statement of a class reads by itself, before any of its methods is called."""
        own = [part for part in node.body if not isinstance(part, Definition)]
        return (self._needs(node) | read_names(own)) - frozenset().union(*map(stored_names, node.body))

    def _cannot_run(self, node: ast.stmt) -> bool:
        """Check whether the statement, or the function when it is called, needs an engine, a feed, a file or the like."""
        if isinstance(node, ast.ClassDef) and self.source.is_strategy(node):
            return False
        for part in ast.walk(node):
            if isinstance(part, ast.Call) and (is_refused(part, self.source) or dotted_name(part.func) in self._engine_methods):
                return True
            if isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute) and part.func.attr in self._engine_attributes:
                return True
            if isinstance(part, ast.Attribute | ast.Name) and self.source.resolve_name(part).startswith(ENGINE_NAMES):
                return True
        return False

    @cached_property
    def _engine_attributes(self) -> frozenset[str]:
        """Names under which a command line keeps functions that make an engine: `set_defaults(func=run)`, for `args.func(args)`."""
        kept = list_set_functions(self.source)
        return frozenset(
            name for name, made in kept.items() if any(_makes_engine(self.source, each) for each in self._reach_functions(made))
        )

    def _reach_functions(self, names: Iterable[str]) -> Iterator[ast.stmt]:
        reached = (made for name in self.source.reach(names) for made in self.source.definitions(name))
        return (made for made in reached if isinstance(made, ast.FunctionDef | ast.AsyncFunctionDef))

    @cached_property
    def _engine_methods(self) -> frozenset[str]:
        """Methods of strategies that make an engine, as they are called: `Trend.backtest`."""
        methods = ((node.name, part) for node in self.source.strategies for part in node.body if isinstance(part, ast.FunctionDef))
        return frozenset(f"{name}.{part.name}" for name, part in methods if _makes_engine(self.source, part))

    def _touches_script(self, node: ast.stmt) -> bool:
        """Check whether the statement sets what only a script has: module paths, the look of charts."""
        dotted = (self.source.resolve_name(part) for part in ast.walk(node) if isinstance(part, ast.Attribute | ast.Name))
        return any(name.startswith(SCRIPT_STATE) for name in dotted)

    def _reads_all_names(self, live: frozenset[str]) -> bool:
        """Check whether something that is needed looks names up by text."""
        for name in live:
            for node in self.source.definitions(name):
                for part in ast.walk(node):
                    if (isinstance(part, ast.Name) and part.id in _EVERYTHING) or (
                        isinstance(part, ast.Attribute) and self.source.resolve_name(part) == "sys.modules"
                    ):
                        return True
        return False

    def _is_harmless(self, node: ast.stmt) -> bool:
        """Check whether the statement only gives a name to a plain value, or to a function that reads nothing here."""
        if isinstance(node, ast.Pass) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            return True
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            return _is_literal(node.value)
        if isinstance(node, ast.FunctionDef):
            return not node.decorator_list and not self.unrunnable & {node.name} and not _reads_at_definition(node)
        return False


def _place(node: ast.stmt) -> tuple[int, int]:
    return (node.lineno, node.col_offset)


def _is_literal(node: ast.AST) -> bool:
    return not any(
        isinstance(part, ast.Call | ast.Name | ast.Attribute | ast.Subscript | ast.BinOp | ast.JoinedStr) for part in ast.walk(node)
    )


def _reads_at_definition(node: ast.FunctionDef) -> bool:
    heads: list[ast.AST | None] = [*node.args.defaults, *node.args.kw_defaults, node.returns]
    heads += [argument.annotation for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
    plain = ("int", "float", "str", "bool", "list", "dict", "tuple", "object")
    return any(free_names(head) - set(plain) for head in heads if head is not None)


def _changed_root(node: ast.stmt) -> str:
    """The name at the root of what an assignment changes: `S.params = ...`, `TABLE["x"] = ...`, `y = TABLE.pop("x")`."""
    if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
        for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
            if isinstance(target, ast.Attribute | ast.Subscript):
                return _root(target)
    return ""


def _root(node: ast.AST) -> str:
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def _list_acted_on(node: ast.stmt) -> set[str]:
    """Names of which a statement sets a part, or calls a method or themselves."""
    acted = {_root(part.func) for part in ast.walk(node) if isinstance(part, ast.Call)}
    acted |= {
        _root(part) for part in ast.walk(node) if isinstance(part, ast.Attribute | ast.Subscript) and not isinstance(part.ctx, ast.Load)
    }
    acted |= {_root(node.target)} if isinstance(node, ast.AugAssign) else set()
    return acted - {""}


def _list_aliases(source: ParsedCode) -> Iterator[tuple[str, str]]:
    """Pairs of a name and another one of the top level, of which it is a part or a second name."""
    for node in source.tree.body:
        if not isinstance(node, ast.Assign | ast.AnnAssign) or node.value is None:
            continue
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        names = [target.id for target in targets if isinstance(target, ast.Name)]
        yield from ((name, other) for name in names for other in names if name != other)  # a = b = []
        pairs = [(target, node.value) for target in targets]
        pairs += [pair for target in targets for pair in _pair_up(target, node.value)]
        for target, value in pairs:
            if isinstance(target, ast.Name) and (other := _find_whole(value)) and source.definitions(other) and other not in source.imports:
                yield target.id, other


def _pair_up(target: ast.expr, value: ast.expr) -> list[tuple[ast.expr, ast.expr]]:
    both = isinstance(target, ast.Tuple | ast.List) and isinstance(value, ast.Tuple | ast.List)
    return list(zip(target.elts, value.elts, strict=False)) if both else []  # type: ignore[attr-defined]


def _find_whole(node: ast.expr) -> str:
    """The name of which an expression may be a part: `CONFIG["a"]`, `parser.add_argument_group()`; empty for what a function gives."""
    part: ast.AST = node
    while isinstance(part, ast.Attribute | ast.Subscript | ast.Call):
        if isinstance(part, ast.Call) and isinstance(part.func, ast.Name):
            return ""
        part = part.func if isinstance(part, ast.Call) else part.value
    return part.id if isinstance(part, ast.Name) else ""


def _is_print(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Call)
        and isinstance(node.value.func, ast.Name)
        and node.value.func.id == "print"
    )


def is_main_block(node: ast.stmt) -> bool:
    """True for `if __name__ == "__main__":`, which never runs here."""
    if not isinstance(node, ast.If) or not isinstance(node.test, ast.Compare):
        return False
    return any(isinstance(part, ast.Name) and part.id == "__name__" for part in ast.walk(node.test))


def _is_guarded_import(node: ast.stmt) -> bool:
    return isinstance(node, ast.Try) and all(isinstance(part, ast.Import | ast.ImportFrom) for part in node.body)


def _absent_names(source: ParsedCode) -> set[str]:
    """Names that an unguarded import of an absent module would have bound."""
    found: set[str] = set()
    for node in source.tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            found |= {bound_name(alias) for alias in node.names if is_absent(module_of(node, alias))}
    return found


def bound_name(alias: ast.alias) -> str:
    """The name that an import binds."""
    return alias.asname or alias.name.partition(".")[0]


def module_of(node: ast.Import | ast.ImportFrom, alias: ast.alias) -> str:
    """The module that an import asks for."""
    return alias.name if isinstance(node, ast.Import) else (node.module or "")


def read_names(nodes: Iterable[ast.stmt]) -> frozenset[str]:
    """Names that any of the statements reads."""
    return frozenset().union(*(free_names(node) for node in nodes))


def runs_engine(source: ParsedCode, node: ast.stmt) -> bool:
    """True for a block at the top level that makes an engine, itself or through functions: it is followed, not run."""
    if not isinstance(node, ast.If | ast.For | ast.While | ast.With | ast.Try | ast.Match):
        return False
    called = {part.func.id for part in ast.walk(node) if isinstance(part, ast.Call) and isinstance(part.func, ast.Name)}
    reached = (made for name in source.reach(called) for made in source.definitions(name))
    functions = [made for made in reached if isinstance(made, ast.FunctionDef | ast.AsyncFunctionDef)]
    return any(_makes_engine(source, each) for each in (node, *functions))


def _makes_engine(source: ParsedCode, node: ast.AST) -> bool:
    calls = (part.func for part in ast.walk(node) if isinstance(part, ast.Call))
    return any(source.resolve_name(call).rpartition(".")[2] == "Cerebro" for call in calls)


def kept_statements(closure: Closure) -> Sequence[ast.stmt]:
    """Statements, imports aside, that stay."""
    return [
        node
        for node in closure.source.tree.body
        if not isinstance(node, ast.Import | ast.ImportFrom) and not is_main_block(node) and closure.is_needed(node)
    ]
