"""Indicators that the compiler steps bar by bar, in bulk: their own statements, with every line read where it lies in its array.

`Stepwise.replay` moves all lines to a bar, calls `next()`, and goes on. Here the methods are written anew: `self.data[-i]` becomes the
place `bar - i` of an array, and nothing has to be moved. The statements are the same, in the same order, on the same numbers. What goes
over the last bars of a line, one after the other, is given them in one piece. A class that does anything else with a line than to read and
write it by its number is stepped as before. Imports Backtrader.
"""

import ast
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any, TypeGuard

from backtrader.linebuffer import LineBuffer
from backtrader.lineroot import LineRoot
from backtrader.lineseries import Lines, LineSeries

FIRST_BARS = 64
"""Bars that are stepped all the same, under the eyes of the line guard: reading outside the data shows at the first ones."""
BASE = "Stepwise"
_MOVING = """
def oncestart(self, start, end):
    self.replay(start, end, self.nextstart)

def once(self, start, end):
    self.replay(start, end, self.next)

def replay(self, start, end, step):
    sources = [self, *self.datas, *self._lineiterators[self.IndType]]
    lines = [line for source in sources for line in source.lines]
    for place in range(start, end):
        for line in lines:
            line.idx = place
        step()
"""
_KNOWN = [ast.dump(one) for one in ast.parse(_MOVING).body]
_BAR = "_bar_"
_WINDOW = "_window_"
_WHOLE = "whole_"
_TAKES_ALL = frozenset(("fsum", "sum", "min", "max", "sorted"))
"""Functions that take all values they are given before they answer: a list says the same to them, and sooner."""
_UNREAD = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Global, ast.Nonlocal, ast.Await, ast.Yield, ast.YieldFrom, ast.Delete)
_SCOPES = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.Lambda, ast.NamedExpr)
"""Expressions that may give a name of theirs another meaning."""
Path = tuple[str, ...]


class _UnknownMethodError(Exception):
    """A method does with its lines what is not known here."""


@dataclass(frozen=True, slots=True)
class _ArrayMethods:
    """The methods of a class, written anew."""

    make: Callable[..., Callable[[int, int], None]]
    lines: tuple[Path, ...]
    stored: frozenset[Path]
    numbers: tuple[str, ...]
    plain: tuple[str, ...]
    """Attributes that must not be lines."""
    whole: tuple[Path, ...]
    """Lines of which several bars are read at once, which takes less time in a list."""


class StepwiseColumns:
    """Computes the stepwise indicators of one module in bulk."""

    def __init__(self, module: ModuleType, classes: Iterable[ast.stmt]) -> None:
        self._module = module
        self._classes = {one.name: one for one in classes if isinstance(one, ast.ClassDef)}
        self._written: dict[tuple[type, str, frozenset[Path]], _ArrayMethods | None] = {}
        self.stepped = 0
        """Runs that were stepped."""

    def install(self) -> None:
        """Take the place of the base's own way, provided that it is the one that is known."""
        base = self._classes.get(BASE)
        if base is None or [ast.dump(one) for one in base.body if isinstance(one, ast.FunctionDef)] != _KNOWN:
            return
        stock = self._module.__dict__[BASE].replay

        def replay(indicator: Any, start: int, end: int, step: Callable[[], None]) -> None:
            first = min(end, start + FIRST_BARS)
            stock(indicator, start, first, step)
            if first < end and not self._compute(indicator, first, end, step.__name__):
                self.stepped += 1
                stock(indicator, first, end, step)

        self._module.__dict__[BASE].replay = replay

    def _compute(self, indicator: Any, start: int, end: int, step: str) -> bool:
        """Compute these bars; False when they have to be stepped."""
        moved = [line for source in (indicator, *indicator.datas, *indicator._lineiterators[indicator.IndType]) for line in source.lines]
        try:
            methods = self._find_methods(type(indicator), step)
            bases = {path: _find_line(indicator, path) for path in _list_bases(methods.values())}
        except _UnknownMethodError:
            return False
        found = {path: line for path, line in bases.items() if line is not None}
        key = (type(indicator), step, frozenset(found))
        if key not in self._written:
            self._written[key] = self._write(methods, step, key[2])
        written = self._written[key]
        known = {id(line) for line in moved}
        if written is None or any(id(line) not in known or line.mode or len(line.array) < end for line in found.values()):
            return False
        if any(found[path].bindings for path in written.stored) or any(_is_line(getattr(indicator, name, None)) for name in written.plain):
            return False
        numbers = [getattr(indicator.p, name) for name in written.numbers]
        stored = {id(found[path]) for path in written.stored}
        whole = [found[path].array if id(found[path]) in stored else found[path].array.tolist() for path in written.whole]
        written.make(_read_window, indicator, *(found[path].array for path in written.lines), *numbers, *whole)(start, end)
        for line in moved:
            line.idx = end - 1
        return True

    def _find_methods(self, kind: type, step: str) -> dict[str, ast.FunctionDef]:
        """Find the methods that one bar may call."""
        found: dict[str, ast.FunctionDef] = {}
        wanted = [step]
        while wanted:
            name = wanted.pop()
            if name in found:
                continue
            found[name] = self._find_method(kind, name)
            calls = [node.func for node in ast.walk(found[name]) if isinstance(node, ast.Call)]
            wanted += [path[0] for path in map(_read_path, calls) if path is not None and len(path) == 1]
        return found

    def _find_method(self, kind: type, name: str) -> ast.FunctionDef:
        for base in kind.__mro__:
            if name in base.__dict__:
                body = self._classes[base.__name__].body if base.__name__ in self._classes else []
                for one in body:
                    if isinstance(one, ast.FunctionDef) and one.name == name and not one.decorator_list and not one.args.defaults:
                        return one
                break
        raise _UnknownMethodError(name)

    def _write(self, methods: Mapping[str, ast.FunctionDef], step: str, lines: frozenset[Path]) -> _ArrayMethods | None:
        """Write the methods as functions of a bar, inside one that is given the arrays."""
        ordered = tuple(sorted(lines))
        writer = _ArrayWriter({path: f"_line_{place}_" for place, path in enumerate(ordered)}, frozenset(methods))
        try:
            body: list[ast.stmt] = [writer.write(one) for one in methods.values()]
        except _UnknownMethodError:
            return None
        numbers = tuple(sorted(writer.numbers))
        loop = f"def run(start, end):\n for {_BAR} in range(start, end):\n  _m_{step}({_BAR})"
        whole = tuple(sorted(writer.whole))
        names = [_WINDOW, "self", *(writer.lines[path] for path in ordered)]
        names += [*(f"_p_{name}" for name in numbers), *(writer.lines[path] + _WHOLE for path in whole)]
        made: Any = ast.parse(f"def make({', '.join(names)}): pass")
        made.body[0].body = [*body, *ast.parse(loop).body, ast.Return(ast.Name("run", ast.Load()))]
        space: dict[str, Any] = {}
        exec(compile(ast.fix_missing_locations(made), "stepwise", "exec"), self._module.__dict__, space)
        return _ArrayMethods(space["make"], ordered, frozenset(writer.stored), numbers, tuple(sorted(writer.plain)), whole)


class _ArrayWriter(ast.NodeTransformer):
    """Writes a method anew."""

    def __init__(self, lines: Mapping[Path, str], methods: frozenset[str]) -> None:
        self.lines, self._methods = lines, methods
        self.stored: set[Path] = set()
        self.numbers: set[str] = set()
        self.plain: set[str] = set()
        self.whole: set[Path] = set()

    def write(self, method: ast.FunctionDef) -> ast.stmt:
        """The method as a function of the bar. Raises _UnknownMethodError."""
        said = method.args
        inner = (node for one in method.body for node in ast.walk(one))
        if said.vararg or said.kwarg or said.kwonlyargs or said.posonlyargs or any(isinstance(one, _UNREAD) for one in inner):
            raise _UnknownMethodError(method.name)
        names = [ast.arg(_BAR), *(ast.arg(one.arg) for one in said.args[1:])]
        args = ast.arguments(posonlyargs=[], args=names, kwonlyargs=[], kw_defaults=[], defaults=[])
        copied: Any = ast.parse(ast.unparse(method)).body[0]
        body: list[ast.stmt] = [self.visit(one) for one in copied.body]
        return ast.FunctionDef(name=f"_m_{method.name}", args=args, body=body, decorator_list=[])

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        """A line by its number becomes a place of its array."""
        path = _read_path(node.value)
        if path is None or path not in self.lines:
            return self.generic_visit(node)
        if isinstance(node.slice, ast.Slice):
            raise _UnknownMethodError("a slice of a line")
        if not isinstance(node.ctx, ast.Load):
            self.stored.add(path)
        bar = ast.Name(_BAR, ast.Load())
        ago = self.visit(node.slice)
        if isinstance(ago, ast.UnaryOp) and isinstance(ago.op, ast.USub):
            place: ast.expr = ast.BinOp(bar, ast.Sub(), ago.operand)
        else:
            place = bar if isinstance(ago, ast.Constant) and ago.value == 0 else ast.BinOp(bar, ast.Add(), ago)
        return ast.Subscript(ast.Name(self.lines[path], ast.Load()), place, node.ctx)

    def visit_ListComp(self, node: ast.ListComp) -> ast.AST:
        """Code that goes over the last bars of a line is given them in one piece."""
        return self._write_in_one_piece(node) or self.generic_visit(node)

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> ast.AST:
        """Code that goes over the last bars of a line is given them in one piece."""
        return self._write_in_one_piece(node) or self.generic_visit(node)

    def _write_in_one_piece(self, node: ast.ListComp | ast.GeneratorExp) -> ast.AST | None:
        """Write `f(line[-i]) for i in range(...)`, where `i` says nothing else, as `f(i) for i in` the values themselves."""
        one, counted = node.generators[0], node.generators[0].iter
        inner = (each for each in ast.walk(node.elt) if isinstance(each, _SCOPES))
        if len(node.generators) > 1 or one.ifs or not isinstance(one.target, ast.Name) or any(inner) or not _is_range(counted):
            return None
        name = one.target.id
        reads = [each for each in ast.walk(node.elt) if isinstance(each, ast.Subscript) and _is_minus(each.slice, name)]
        paths = {_read_path(each.value) for each in reads}
        path = paths.pop() if len(paths) == 1 else None
        said = sum(isinstance(each, ast.Name) and each.id == name for each in ast.walk(node))
        if path is None or path not in self.lines or said != len(reads) + 1:
            return None
        bounds: list[ast.expr] = [self.visit(each) for each in counted.args]
        node.elt = self.visit(_ReadReplacer(reads, name).visit(node.elt))
        self.whole.add(path)
        line, bar = ast.Name(self.lines[path] + _WHOLE, ast.Load()), ast.Name(_BAR, ast.Load())
        one.iter = ast.Call(ast.Name(_WINDOW, ast.Load()), [line, bar, *([ast.Constant(0)] * (2 - len(bounds))), *bounds], [])
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """A call of another method hands the bar on."""
        if _read_last_name(node.func) in _TAKES_ALL and len(node.args) == 1 and isinstance(node.args[0], ast.GeneratorExp):
            node.args[0] = ast.ListComp(node.args[0].elt, node.args[0].generators)
        path = _read_path(node.func)
        if path is None or len(path) != 1 or path[0] not in self._methods:
            return self.generic_visit(node)
        args = [self.visit(one) for one in node.args]
        return ast.Call(
            ast.Name(f"_m_{path[0]}", ast.Load()), [ast.Name(_BAR, ast.Load()), *args], [self.visit(one) for one in node.keywords]
        )

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        """A number of `params` becomes a local name; what else is kept must be no line."""
        path = _read_path(node)
        if path is None:
            return self.generic_visit(node)
        if path[0] in ("p", "params") and len(path) == 2 and isinstance(node.ctx, ast.Load):
            self.numbers.add(path[1])
            return ast.Name(f"_p_{path[1]}", ast.Load())
        if path[0] in ("p", "params", "lines", "l", *self._methods):
            raise _UnknownMethodError(".".join(path))
        self.plain.add(path[0])
        return node

    def visit_Name(self, node: ast.Name) -> ast.AST:
        """The indicator itself goes nowhere."""
        if node.id in ("self", "super", _BAR):
            raise _UnknownMethodError("the indicator itself")
        return node


class _ReadReplacer(ast.NodeTransformer):
    """Puts a name in the place of some reads of lines."""

    def __init__(self, reads: Sequence[ast.Subscript], name: str) -> None:
        self._reads, self._name = {id(one) for one in reads}, name

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        """One of them becomes the name."""
        return ast.Name(self._name, ast.Load()) if id(node) in self._reads else self.generic_visit(node)


def _read_window(line: Any, bar: int, first: int, end: int) -> Any:
    """The values of a line `first` to `end - 1` bars before a bar, the later ones first."""
    if first >= 0 and end <= bar:
        return line[bar - first : bar - end : -1]
    return [line[bar - ago] for ago in range(first, end)]


def _read_last_name(node: ast.AST) -> str:
    """`fsum` of `math.fsum`, `sum` of `sum`; empty for any other expression."""
    if isinstance(node, ast.Attribute):
        return node.attr if isinstance(node.value, ast.Name) and node.value.id == "math" else ""
    return node.id if isinstance(node, ast.Name) else ""


def _is_minus(node: ast.AST, name: str) -> bool:
    if not isinstance(node, ast.UnaryOp) or not isinstance(node.operand, ast.Name):
        return False
    return isinstance(node.op, ast.USub) and node.operand.id == name


def _is_range(node: ast.expr) -> TypeGuard[ast.Call]:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        return False
    return node.func.id == "range" and len(node.args) in (1, 2) and not node.keywords


def _read_path(node: ast.AST) -> Path | None:
    """The names of `self.a.b`; None for any other expression."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return tuple(reversed(parts)) if parts and isinstance(node, ast.Name) and node.id == "self" else None


def _list_bases(methods: Iterable[ast.FunctionDef]) -> set[Path]:
    """List what is read by a number in these methods."""
    nodes = [node.value for method in methods for node in ast.walk(method) if isinstance(node, ast.Subscript)]
    return {path for path in map(_read_path, nodes) if path is not None}


def _find_line(indicator: Any, path: Sequence[str]) -> Any:
    """The line that a path leads to; None for anything that is none. Raises _UnknownMethodError where it leads nowhere."""
    found = indicator
    for name in path:
        try:
            found = getattr(found, name)
        except AttributeError:
            raise _UnknownMethodError(name) from None
    if isinstance(found, LineBuffer):
        return found
    if isinstance(found, Lines):
        raise _UnknownMethodError("lines by number")
    return found.lines.lines[0] if isinstance(found, LineSeries) else None


def _is_line(value: object) -> bool:
    return isinstance(value, LineRoot | Lines)
