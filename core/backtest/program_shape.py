"""Parts of a program of the compiler's own: its indicators, what it remembers, and what its methods read that changes by the bar.

A program that has anything else than this knows is not read at all: it runs the way that every program can. No Backtrader here.
"""

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from core.backtest.program_text import ProgramText

MODULES = frozenset({"math", "datetime", "zoneinfo"})
OWN_ACTIONS = frozenset({"buy", "sell", "close", "cancel"})
"""Abilities of the platform's own strategy; a program's methods build on it."""
BY_THE_BAR = frozenset({"data", "broker"})
"""Attributes of a strategy whose contents change from bar to bar."""
_GIVEN = frozenset({"p", "position"}) | OWN_ACTIONS | BY_THE_BAR
_TOLD = ("notify_trade", "notify_order")
_FUNCTIONS = frozenset(
    (
        *("abs", "all", "any", "bool", "enumerate", "float", "int", "isinstance", "len", "list"),
        *("max", "min", "range", "round", "set", "sorted", "str", "sum", "tuple", "zip"),
    )
)
_UNREAD = (
    *(ast.Lambda, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Try, ast.With, ast.AsyncWith, ast.Import, ast.ImportFrom),
    *(ast.Global, ast.Nonlocal, ast.Await, ast.Yield, ast.YieldFrom, ast.Delete, ast.NamedExpr, ast.Raise, ast.AsyncFor),
)


class UnknownProgramError(Exception):
    """The program holds something that is not known here."""


@dataclass(frozen=True, slots=True)
class IndicatorStatement:
    """One statement of `__init__` that makes an indicator."""

    statement: ast.stmt
    sources: tuple[str, ...]
    """Indicators that have to be made before it, in that order."""
    numbers: tuple[str, ...]
    """Entries of `params` that it and its sources read."""


@dataclass(frozen=True, slots=True)
class ProgramShape:
    """A program without its numbers."""

    text: ProgramText
    helpers: tuple[ast.stmt, ...]
    """Imports and functions of the module."""
    classes: tuple[ast.stmt, ...]
    """The module's own indicators."""
    indicators: Mapping[str, IndicatorStatement]
    """By the attribute that holds each."""
    setup: tuple[ast.stmt, ...]
    """Statements of `__init__` that begin what is remembered."""
    methods: Mapping[str, ast.FunctionDef]
    memory: frozenset[str]
    """Attributes that are remembered from bar to bar."""
    changing: frozenset[str]
    """Attributes and methods from which more comes out than what is remembered, and another thing on each bar."""

    def describe_indicators(self) -> dict[str, tuple[str, ...]]:
        """Describe each indicator by all that it is made of but numbers: whatever program says the same has the same indicator."""
        own = "\n".join(map(self._read_text, (*self.helpers, *self.classes)))
        texts = {name: self._read_text(one.statement) for name, one in self.indicators.items()}
        return {name: (name, own, *(texts[part] for part in (*one.sources, name))) for name, one in self.indicators.items()}

    def _read_text(self, one: ast.stmt) -> str:
        """The lines of a statement."""
        return "\n".join(self.text.lines[one.lineno - 1 : one.end_lineno])


def read_program(code: str) -> ProgramShape:
    """Read a program. Raises UnknownProgramError, and SyntaxError for one that is none."""
    if "\r" in code:
        raise UnknownProgramError("its lines end in another way")
    tree = ast.parse(code)
    helpers, classes = _sort_module(tree.body)
    if not classes or "LinePlotterIndicator" in code:
        raise UnknownProgramError("the module holds no strategy")
    strategy = classes.pop()
    params, methods = _sort_strategy(strategy)
    indicators, setup = _sort_init(methods.pop("__init__", None), frozenset(one.name for one in classes))
    nodes = {name: list(ast.walk(method)) for name, method in methods.items()}
    functions = frozenset(one.name for one in helpers if isinstance(one, ast.FunctionDef))
    memory = frozenset(_list_stored([*(list(ast.walk(one)) for one in setup), *nodes.values()]))
    if memory & (_GIVEN | indicators.keys() | methods.keys()) or "next" not in methods:
        raise UnknownProgramError("a name stands for two things")
    for name, method in methods.items():
        _check_method(method, nodes[name], functions, memory | _GIVEN | indicators.keys() | methods.keys())
    _check_told(methods)
    try:
        commented = _list_commented(tree.body[0].lineno, strategy, nodes.values())
        text = ProgramText.read(code, {entry.value.lineno - 1: str(entry.arg) for entry in params}, commented)
    except ValueError as error:
        raise UnknownProgramError(str(error)) from None
    return ProgramShape(
        text=text,
        helpers=tuple(helpers),
        classes=tuple(classes),
        indicators=indicators,
        setup=tuple(setup),
        methods=methods,
        memory=memory,
        changing=_find_changing(nodes, BY_THE_BAR | indicators.keys()),
    )


def _list_commented(first: int, strategy: ast.ClassDef, nodes: Iterable[Sequence[ast.AST]]) -> list[range]:
    """List stretches of lines on which no text goes on from the line before: those above the first statement, and inside the methods."""
    found = [range(first - 1)]
    for method in nodes:
        start, texts = method[0].lineno, set[int]()  # type: ignore[attr-defined]
        for one in method:
            if isinstance(one, ast.Constant | ast.JoinedStr) and one.lineno != one.end_lineno:
                texts.update(range(one.lineno - 1, one.end_lineno or one.lineno))
        found += [range(place, place + 1) for place in range(start, method[0].end_lineno or start) if place not in texts]  # type: ignore[attr-defined]
    return found


def read_self_attribute(node: ast.AST) -> str | None:
    """The name of an attribute of the strategy itself; None for any other node."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self":
        return node.attr
    return None


def list_attributes(node: ast.AST) -> Iterator[str]:
    """List the attributes of the strategy that are named anywhere inside a node."""
    return (name for inner in ast.walk(node) if (name := read_self_attribute(inner)) is not None)


def _sort_module(body: Iterable[ast.stmt]) -> tuple[list[ast.stmt], list[ast.ClassDef]]:
    helpers: list[ast.stmt] = []
    classes: list[ast.ClassDef] = []
    for one in body:
        if isinstance(one, ast.Import):
            if any(name.name not in MODULES and (name.name, name.asname) != ("backtrader", "bt") for name in one.names):
                raise UnknownProgramError("it imports what is not known")
            helpers.append(one)
        elif isinstance(one, ast.FunctionDef) and not classes and not one.decorator_list:
            helpers.append(one)
        elif isinstance(one, ast.ClassDef) and not one.decorator_list and not one.keywords:
            classes.append(one)
        else:
            raise UnknownProgramError(f"the module holds {type(one).__name__}")
    return helpers, classes


def _sort_strategy(strategy: ast.ClassDef) -> tuple[list[ast.keyword], dict[str, ast.FunctionDef]]:
    if [ast.unparse(base) for base in strategy.bases] != ["bt.Strategy"]:
        raise UnknownProgramError("the last class is no plain strategy")
    params: list[ast.keyword] = []
    methods: dict[str, ast.FunctionDef] = {}
    for one in strategy.body:
        if isinstance(one, ast.FunctionDef) and not one.decorator_list and one.name not in methods:
            methods[one.name] = one
        elif isinstance(one, ast.Assign) and [ast.unparse(target) for target in one.targets] == ["params"] and not params:
            params = _read_params(one.value)
        elif not (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant)):
            raise UnknownProgramError(f"the strategy holds {type(one).__name__}")
    return params, methods


def _read_params(said: ast.expr) -> list[ast.keyword]:
    if isinstance(said, ast.Call) and ast.unparse(said.func) == "dict" and not said.args and all(one.arg for one in said.keywords):
        return said.keywords
    raise UnknownProgramError("its params are not written out")


def _sort_init(init: ast.FunctionDef | None, classes: frozenset[str]) -> tuple[dict[str, IndicatorStatement], list[ast.stmt]]:
    indicators: dict[str, IndicatorStatement] = {}
    setup: list[ast.stmt] = []
    for one in [] if init is None else init.body:
        if isinstance(one, ast.Pass):
            continue
        if not isinstance(one, ast.Assign) or len(one.targets) != 1 or any(isinstance(inner, _UNREAD) for inner in ast.walk(one)):
            raise UnknownProgramError(f"__init__ holds {type(one).__name__}")
        names = {inner.id for inner in ast.walk(one.value) if isinstance(inner, ast.Name)}
        attributes = set(list_attributes(one.value))
        if not (names & ({"bt"} | classes) or attributes & ({"data"} | indicators.keys())):
            if attributes - {"p"} or names - {"self", "math", "set", "bytearray"}:
                raise UnknownProgramError("__init__ reads what is not known")
            setup.append(one)
            continue
        target = read_self_attribute(one.targets[0])
        if target is None or target in indicators or attributes - {"p", "data"} - indicators.keys():
            raise UnknownProgramError("an indicator is made of what is not known")
        indicators[target] = _describe_indicator(one, indicators)
    return indicators, setup


def _describe_indicator(statement: ast.Assign, made: Mapping[str, IndicatorStatement]) -> IndicatorStatement:
    direct = [name for name in made if name in set(list_attributes(statement.value))]
    needed = {source for name in direct for source in (*made[name].sources, name)}
    numbers = {inner.attr for inner in ast.walk(statement) if isinstance(inner, ast.Attribute) and read_self_attribute(inner.value) == "p"}
    numbers |= {number for name in needed for number in made[name].numbers}
    return IndicatorStatement(statement, tuple(name for name in made if name in needed), tuple(sorted(numbers)))


def _list_stored(nodes: Iterable[Iterable[ast.AST]]) -> Iterator[str]:
    for some in nodes:
        for inner in some:
            if isinstance(inner, ast.Attribute) and isinstance(inner.ctx, ast.Store):
                name = read_self_attribute(inner)
                if name is None:
                    raise UnknownProgramError("it writes into what is not its own")
                yield name


def _check_method(method: ast.FunctionDef, nodes: Sequence[ast.AST], functions: frozenset[str], attributes: frozenset[str]) -> None:
    """Check that a method names nothing but what is known. Raises UnknownProgramError."""
    named = [one for one in nodes if isinstance(one, ast.Name)]
    stored = {one.id for one in named if isinstance(one.ctx, ast.Store)}
    own = stored | {one.arg for one in (*method.args.args, *([method.args.vararg] if method.args.vararg else []))}
    reads = [one for one in nodes if isinstance(one, ast.Attribute)]
    if own & (functions | MODULES | _FUNCTIONS | {"bt"}) or "self" in stored:
        raise UnknownProgramError("a local name hides another one")
    if any(isinstance(one, _UNREAD) for one in nodes[1:]):
        raise UnknownProgramError(f"{method.name} holds a statement that is not known")
    if unknown := {one.id for one in named} - own - functions - MODULES - _FUNCTIONS - {"bt", "self"}:
        raise UnknownProgramError(f"{method.name} names {', '.join(sorted(unknown))}")
    held = {id(one.value) for one in reads}
    if any(one.id in ("self", "bt") and id(one) not in held for one in named):
        raise UnknownProgramError(f"{method.name} hands the strategy itself on")
    for one in reads:
        whose = one.value.id if isinstance(one.value, ast.Name) else ""
        if one.attr.startswith("__") or (whose == "bt" and one.attr not in ("Order", "TimeFrame")):
            raise UnknownProgramError(f"{method.name} reads {one.attr}")
        if whose == "self" and one.attr not in attributes:
            raise UnknownProgramError(f"{method.name} reads self.{one.attr}")


def _check_told(methods: Mapping[str, ast.FunctionDef]) -> None:
    """Check that no method of the engine is replaced but those that are told of orders and trades. Raises UnknownProgramError."""
    import backtrader as bt

    for name in methods:
        if name not in ("next", *_TOLD) and hasattr(bt.Strategy, name):
            raise UnknownProgramError(f"it has its own way of {name}()")
    told = methods.get("notify_order")
    first = [one for one in told.body if not _is_docstring(one)][:1] if told is not None else []
    if told is not None and [ast.unparse(one) for one in first] != ["if order.status != order.Completed:\n    return"]:
        raise UnknownProgramError("it listens to more than executions")


def _is_docstring(one: ast.stmt) -> bool:
    return isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant)


def _find_changing(nodes: Mapping[str, Iterable[ast.AST]], first: frozenset[str]) -> frozenset[str]:
    found = frozenset(first)
    named = {name: {attribute for one in method if (attribute := read_self_attribute(one)) is not None} for name, method in nodes.items()}
    while True:
        more = found | {name for name, attributes in named.items() if attributes & found}
        if more == found:
            return found
        found = more
