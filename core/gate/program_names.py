"""The names that a program gives, and what each of them stands for, as far as a proof about the program rests on it."""

import ast
import builtins
from collections import Counter
from collections.abc import Iterable, Iterator

from core.gate.api_names import INDICATORS
from core.gate.harmless_names import FUNCTIONS, MODULES

CLASS_WORDS = frozenset(("params", "lines", "plotinfo", "plotlines"))
"""Members of a class that Backtrader reads. Not `alias`: it gives the class another name in the program."""
_RESERVED = frozenset(("super", "getattr", "hasattr", "setattr", "property", "staticmethod"))
"""Names whose meaning is relied on."""
_OTHER_FUNCTIONS = frozenset(dir(builtins)) - FUNCTIONS
"""Built-in names that are not harmless: where a program gives one to something of its own, it still has the old meaning elsewhere."""
_ROOMS = ("backtrader.ind", "backtrader.indicators")
_AVERAGES = tuple(f"{room}.{name}" for room in (*_ROOMS, "backtrader") for name in ("MovAv", "MovingAverage"))
_OF_AVERAGES = INDICATORS | {"Simple", "Exponential", "Weighted", "Smoothed", "Wilder", "Hull", "ZeroLag"}
_KINDS = {"backtrader.Strategy": "strategy", "backtrader.Indicator": "indicator", "backtrader.Sizer": "sizer"}
_SEEDING = ("random.Random", "random.seed", "numpy.random.seed")
_HELPERS = ("object", "enum.Enum", "enum.IntEnum")


class DoubtError(Exception):
    """Something in a program of which it is not known that it is harmless."""

    def __init__(self, node: ast.AST, what: str) -> None:
        super().__init__(f"line {getattr(node, 'lineno', 0)}: {what}")


class ProgramNames:
    """The names of one program. Making it raises DoubtError where one of them means several things, or a thing that is not known."""

    def __init__(self, tree: ast.Module) -> None:
        self._modules: dict[str, str] = {}
        self._imported: dict[str, str] = {}
        self._bound = Counter[str]()
        self.known = set(FUNCTIONS)
        """Names that stand for something harmless."""
        self.parts = set[str]()
        """Names of parts that the program gives: what it writes to, methods, members of classes, parameters and lines."""
        nodes = list(ast.walk(tree))
        for node in nodes:
            if isinstance(node, ast.Import | ast.ImportFrom):
                self._learn_import(node)
        for node in nodes:
            self._learn(node)
        classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
        self._bases = {node.name: node.bases for node in classes}
        if again := next((name for name in self._bases if self._bound[name] > 1), ""):
            raise DoubtError(tree, f"{again} has two meanings")
        self._at_the_margin = {id(node) for node in classes}
        kinds = {node.name: self.find_kind(node) for node in classes}
        self.strategies = {name for name, kind in kinds.items() if kind == "strategy"}
        """Names of strategy classes."""
        self.inner = {part for node in classes if kinds[node.name] == "indicator" for part in _list_written_to_itself(node)}
        """Names of parts that indicators of the program's own are made of."""
        self._methods = {part.name for node in classes for part in node.body if isinstance(part, ast.FunctionDef)}
        self.lines = {text for node in classes if kinds[node.name] == "indicator" for text in _list_lines(node)}
        """Names of lines of the program's own indicators."""
        self.has_numpy = any(meaning.startswith("numpy") for meaning in (*self._modules.values(), *self._imported.values()))
        self.itself = _is_nothing_else(classes, nodes, self._methods)
        """True when `self` in a method is nothing but the object whose method it is."""

    def _learn_import(self, node: ast.Import | ast.ImportFrom) -> None:
        for alias in node.names:
            bound = alias.asname or alias.name.partition(".")[0]
            if isinstance(node, ast.Import):
                meaning = alias.name if alias.asname else bound
                whole = is_module(alias.name)
            else:
                meaning = f"{node.module}.{alias.name}" if node.module and not node.level else ""
                whole = is_module(meaning)
            harmless = whole or is_harmless_part(*meaning.rpartition(".")[::2])
            if not harmless or bound in _RESERVED or (self._modules | self._imported).get(bound, meaning) != meaning:
                raise DoubtError(node, f"import of {meaning or alias.name}")
            (self._modules if whole else self._imported)[bound] = meaning
        self.known.update(self._imported)

    def _learn(self, node: ast.AST) -> None:
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            self._bind(node, node.id)
        elif isinstance(node, ast.arg):
            self._bind(node, node.arg)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            self._bind(node, node.name)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            self._bind(node, node.name)
            if isinstance(node, ast.ClassDef):
                self._learn_members(node)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            self.parts.add(node.attr)

    def _bind(self, node: ast.AST, name: str) -> None:
        taken = name in self._modules or name in self._imported or name in _RESERVED or name in _OTHER_FUNCTIONS
        if taken or (name.startswith("__") and name != "__init__"):
            raise DoubtError(node, f"{name} is given another meaning")
        self.known.add(name)
        self._bound[name] += 1

    def _learn_members(self, node: ast.ClassDef) -> None:
        for part in node.body:
            if isinstance(part, ast.FunctionDef):
                self.parts.add(part.name)
            elif isinstance(part, ast.Assign | ast.AnnAssign):
                names = [target.id for target in list_targets(part) if isinstance(target, ast.Name)]
                self.parts.update(names)
                if CLASS_WORDS.intersection(names) and part.value is not None:
                    self.parts.update(_list_texts(part.value))

    def find_kind(self, node: ast.ClassDef) -> str:
        """The kind of a class by its bases: `strategy`, `indicator`, `sizer`, `helper`; empty for any other."""
        return self._find_kind_of_bases(node.bases, frozenset((node.name,)))

    def _find_kind_of_bases(self, bases: Iterable[ast.expr], seen: frozenset[str]) -> str:
        kinds = {self._find_kind_of_base(base, seen) for base in bases} or {"helper"}
        return kinds.pop() if len(kinds) == 1 else ""

    def _find_kind_of_base(self, base: ast.expr, seen: frozenset[str]) -> str:
        if isinstance(base, ast.Name) and base.id in self._bases:
            return "" if base.id in seen else self._find_kind_of_bases(self._bases[base.id], seen | {base.id})
        name = ""
        if isinstance(base, ast.Name):
            name = self._imported.get(base.id, base.id if base.id not in self._bound else "")
        elif isinstance(base, ast.Attribute):
            name = f"{self.resolve_module(base.value)}.{base.attr}"
        return _KINDS.get(name, "helper" if name in _HELPERS else "")

    def resolve_module(self, node: ast.expr) -> str:
        """The module that an expression is; empty when it is none."""
        if isinstance(node, ast.Name):
            return self._modules.get(node.id, "")
        if isinstance(node, ast.Attribute) and (outer := self.resolve_module(node.value)):
            module = f"{outer}.{node.attr}"
            return module if is_module(module) else ""
        return ""

    def is_at_the_margin(self, node: ast.ClassDef) -> bool:
        """Check that a class stands in nothing else."""
        return id(node) in self._at_the_margin

    def is_dataclass(self, node: ast.expr) -> bool:
        """Check for the decorator of that name."""
        maker = node.func if isinstance(node, ast.Call) else node
        return isinstance(maker, ast.Name) and self._imported.get(maker.id) == "dataclasses.dataclass"

    def is_method_by_class(self, node: ast.Attribute) -> bool:
        """Check for a method that is taken from its class: it may be given any object for itself."""
        return isinstance(node.value, ast.Name) and node.value.id in self._bases and node.attr in self._methods

    def is_builtin(self, name: str, names: frozenset[str]) -> bool:
        """Check for one of some built-in names to which the program gives no other meaning."""
        return name in names and not self._bound[name] and name not in self._imported

    def is_seeding(self, node: ast.expr) -> bool:
        """Check for what begins a row of chance numbers: given no number, it takes one of the machine's."""
        if isinstance(node, ast.Attribute):
            return node.attr == "seed" or f"{self.resolve_module(node.value)}.{node.attr}" in _SEEDING
        return isinstance(node, ast.Name) and self._imported.get(node.id) in _SEEDING

    def is_of_module(self, node: ast.expr) -> bool:
        """Check for what is reached from a module, or imported from one, by its parts alone."""
        while isinstance(node, ast.Attribute):
            node = node.value
        return isinstance(node, ast.Name) and (node.id in self._modules or node.id in self._imported)

    def is_class(self, node: ast.expr) -> bool:
        """Check for the name of a class of the program."""
        return isinstance(node, ast.Name) and node.id in self._bases


def is_module(name: str) -> bool:
    """Check for a module, or what is as good as one, of which it is known what is harmless in it."""
    return name in MODULES or name in _ROOMS or name in _AVERAGES


def is_harmless_part(module: str, name: str) -> bool:
    """Check that a module's part is known to be harmless, and is no module itself."""
    if module in _ROOMS:
        return name in INDICATORS or name in MODULES["backtrader"]
    if module in _AVERAGES:
        return name in _OF_AVERAGES
    return name in MODULES.get(module, ()) and not is_module(f"{module}.{name}")


def list_targets(node: ast.Assign | ast.AnnAssign) -> list[ast.expr]:
    """List what an assignment writes to."""
    return node.targets if isinstance(node, ast.Assign) else [node.target]


def _list_written_to_itself(node: ast.ClassDef) -> Iterator[str]:
    for part in ast.walk(node):
        if isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Store) and isinstance(part.value, ast.Name):
            yield part.attr


def _list_lines(node: ast.ClassDef) -> Iterator[str]:
    for part in node.body:
        if isinstance(part, ast.Assign) and any(isinstance(target, ast.Name) and target.id == "lines" for target in part.targets):
            yield from _list_texts(part.value)


def _is_nothing_else(classes: Iterable[ast.ClassDef], nodes: Iterable[ast.AST], methods: set[str]) -> bool:
    members = [part for node in classes for part in node.body]
    methods_alone = [part for part in members if isinstance(part, ast.FunctionDef) and not _is_static(part)]
    own = {id(argument) for part in methods_alone for argument in (*part.args.posonlyargs, *part.args.args)[:1]}
    taken = [part for member in members for outside in _list_outside(member) for part in ast.walk(outside)]
    handed_on = any(isinstance(part, ast.Name) and part.id in methods and isinstance(part.ctx, ast.Load) for part in taken)
    return not handed_on and not any(_gives_name(node, "self") and id(node) not in own for node in nodes)


def _list_outside(member: ast.stmt) -> list[ast.AST]:
    """List what is computed where the class is made: all of a member but the body of a method."""
    if not isinstance(member, ast.FunctionDef):
        return [member]
    return [part for part in ast.iter_child_nodes(member) if not isinstance(part, ast.stmt)]


def _is_static(node: ast.FunctionDef) -> bool:
    return any(isinstance(decorator, ast.Name) and decorator.id == "staticmethod" for decorator in node.decorator_list)


def _gives_name(node: ast.AST, name: str) -> bool:
    if isinstance(node, ast.arg):
        return node.arg == name
    if isinstance(node, ast.ExceptHandler | ast.FunctionDef | ast.ClassDef):
        return node.name == name
    return isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load)


def _list_texts(node: ast.AST) -> Iterator[str]:
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part.value
        elif isinstance(part, ast.keyword) and part.arg is not None:
            yield part.arg
