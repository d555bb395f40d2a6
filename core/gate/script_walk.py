"""Follows a script's statements from top to bottom without running them: which calls it makes, with which expressions.

Local names are replaced by the expressions behind them, calls of the script's own functions are followed, loops are entered once
with their first element, and what stands under a condition keeps it. What cannot be followed is `UNKNOWN`.
"""

import ast
import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from core.gate.closure import is_main_block
from core.gate.parsed_source import Definition, ParsedCode

UNKNOWN = "_unknown_"
"""The name that stands for what cannot be read."""
_DEEPEST = 8
_MOST_CALLS = 400
_LONGEST = 400
"""Nodes of an expression; what grows longer is not followed."""
Names = dict[str, ast.expr]


@dataclass(frozen=True, slots=True)
class ScriptCall:
    """One call of a method or a function by the script, with its arguments in terms of top-level names."""

    name: str
    """Last part of what is called: `addstrategy`."""
    line: int
    args: tuple[ast.expr, ...]
    keywords: tuple[ast.keyword, ...]
    conditions: tuple[ast.expr, ...] = ()
    """Conditions that must hold for the call to happen."""
    inside: str = ""
    """Dotted name of what is called, with imports resolved."""


@dataclass(slots=True)
class ScriptWalk:
    """One walk through the script of a piece of code."""

    source: ParsedCode
    calls: list[ScriptCall] = field(default_factory=list)
    _depth: int = 0

    def follow(self) -> list[ScriptCall]:
        """The calls in the order in which they happen."""
        self._walk([node for node in self.source.tree.body if not isinstance(node, Definition)], {}, ())
        return self.calls

    def _walk(self, body: Sequence[ast.stmt], names: Names, conditions: tuple[ast.expr, ...]) -> None:
        for node in body:
            if len(self.calls) > _MOST_CALLS:
                return
            self._step(node, names, conditions)

    def _step(self, node: ast.stmt, names: Names, conditions: tuple[ast.expr, ...]) -> None:
        local = self._depth > 0
        if isinstance(node, ast.If):
            if is_main_block(node):
                self._depth += 1
                self._walk(node.body, names, conditions)
                self._depth -= 1
                return
            self._collect(node.test, names, conditions)
            test = _substitute(node.test, names)
            self._walk(node.body, names, (*conditions, test))
            self._walk(node.orelse, names, (*conditions, ast.UnaryOp(op=ast.Not(), operand=test)))
        elif isinstance(node, ast.For):
            self._collect(node.iter, names, conditions)
            _bind(node.target, _first_of(_substitute(node.iter, names)), names)
            self._walk(node.body, names, conditions)
        elif isinstance(node, ast.While | ast.With):
            for item in getattr(node, "items", ()):
                self._collect(item.context_expr, names, conditions)
            self._walk(node.body, names, conditions)
        elif isinstance(node, ast.Try):
            for part in (node.body, node.orelse, node.finalbody):
                self._walk(part, names, conditions)
        elif isinstance(node, Definition):
            if local:
                names[node.name] = _unknown()
        elif isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign | ast.Expr | ast.Return) and node.value is not None:
            self._collect(node.value, names, conditions)
            self._assign(node, names, local, conditions)

    def _assign(self, node: ast.stmt, names: Names, local: bool, conditions: tuple[ast.expr, ...]) -> None:
        if isinstance(node, ast.Assign):
            value = _substitute(node.value, names)
            for target in node.targets:
                if isinstance(target, ast.Attribute) and target.attr == "broker":
                    self._note("broker", node.lineno, (value,), conditions)
                if local or _mentions(value, names):
                    _bind(target, value, names)
        elif isinstance(node, ast.AnnAssign) and node.value is not None and local:
            _bind(node.target, _substitute(node.value, names), names)
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name) and local:
            names[node.target.id] = _unknown()

    def _note(self, name: str, line: int, args: tuple[ast.expr, ...], conditions: tuple[ast.expr, ...]) -> None:
        self.calls.append(ScriptCall(name, line, args, (), conditions))

    def _collect(self, node: ast.expr, names: Names, conditions: tuple[ast.expr, ...]) -> None:
        """Note the calls in an expression, the inner ones first, and go into the script's own functions."""
        names = _with_first_round(node, names)
        for call in _calls_of(node):
            args = tuple(_substitute(argument, names) for argument in call.args)
            keywords = tuple(ast.keyword(arg=keyword.arg, value=_substitute(keyword.value, names)) for keyword in call.keywords)
            if isinstance(call.func, ast.Attribute):
                whole = self.source.resolve_name(call.func)
                self.calls.append(ScriptCall(call.func.attr, call.lineno, args, keywords, conditions, whole))
            elif isinstance(call.func, ast.Name):
                self.calls.append(ScriptCall(call.func.id, call.lineno, args, keywords, conditions, self.source.resolve_name(call.func)))
                self._enter(call.func.id, args, keywords, conditions)

    def _enter(self, name: str, args: Sequence[ast.expr], keywords: Sequence[ast.keyword], conditions: tuple[ast.expr, ...]) -> None:
        function = next((node for node in self.source.definitions(name) if isinstance(node, ast.FunctionDef)), None)
        if function is None or self._depth >= _DEEPEST or name in self.source.factories:
            return
        self._depth += 1
        self._walk(function.body, bind_arguments(function, args, keywords), conditions)
        self._depth -= 1


def bind_arguments(function: ast.FunctionDef, args: Sequence[ast.expr], keywords: Sequence[ast.keyword]) -> Names:
    """Bind each parameter to what it stands for in one call."""
    positional = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
    names: Names = dict(zip(positional[len(positional) - len(function.args.defaults) :], function.args.defaults, strict=True))
    for argument, default in zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True):
        names[argument.arg] = default if default is not None else _unknown()
    names = {name: names.get(name, _unknown()) for name in positional} | names
    for name, value in zip(positional, args, strict=False):
        names[name] = value
    for keyword in keywords:
        if keyword.arg is not None:
            names[keyword.arg] = keyword.value
    for rest in (function.args.vararg, function.args.kwarg):
        if rest is not None:
            names[rest.arg] = _rest_of(rest is function.args.kwarg, positional, args, keywords)
    return names


def _rest_of(by_name: bool, positional: Sequence[str], args: Sequence[ast.expr], keywords: Sequence[ast.keyword]) -> ast.expr:
    if by_name:
        others = [keyword for keyword in keywords if keyword.arg not in positional]
        return ast.Dict(
            keys=[None if keyword.arg is None else ast.Constant(keyword.arg) for keyword in others],
            values=[keyword.value for keyword in others],
        )
    return ast.Tuple(elts=list(args[len(positional) :]), ctx=ast.Load())


def is_known(node: ast.AST) -> bool:
    """True when nothing in the expression is unknown, and it is of a sensible length."""
    parts = list(ast.walk(node))
    return len(parts) <= _LONGEST and not any(isinstance(part, ast.Name) and part.id == UNKNOWN for part in parts)


def _unknown() -> ast.expr:
    return ast.Name(id=UNKNOWN, ctx=ast.Load())


def _mentions(value: ast.expr, names: Mapping[str, ast.expr]) -> bool:
    return any(isinstance(part, ast.Name) and part.id in names for part in ast.walk(value))


def _bind(target: ast.expr, value: ast.expr, names: Names) -> None:
    if isinstance(target, ast.Name):
        names[target.id] = value if is_known(value) else _unknown()
    elif isinstance(target, ast.Tuple | ast.List):
        for place, part in enumerate(target.elts):
            if isinstance(value, ast.Tuple | ast.List) and place < len(value.elts):
                _bind(part, value.elts[place], names)
            else:
                _bind(part, ast.Subscript(value=value, slice=ast.Constant(place), ctx=ast.Load()), names)


def _with_first_round(node: ast.expr, names: Names) -> Names:
    """The names, with those that comprehensions in the expression bind standing for their first element, as in loops."""
    loops = [part for part in ast.walk(node) if isinstance(part, ast.comprehension)]
    if not loops:
        return names
    names = dict(names)
    for loop in loops:
        _bind(loop.target, _first_of(_substitute(loop.iter, names)), names)
    return names


def _first_of(value: ast.expr) -> ast.expr:
    """The first element of what a loop goes through."""
    if isinstance(value, ast.Tuple | ast.List) and value.elts:
        return value.elts[0]
    inner = ast.Call(func=ast.Name(id="iter", ctx=ast.Load()), args=[value], keywords=[])
    return ast.Call(func=ast.Name(id="next", ctx=ast.Load()), args=[inner], keywords=[])


def _calls_of(node: ast.AST) -> Iterator[ast.Call]:
    """Calls in an expression in the order in which they happen; those of inner functions do not happen here."""
    if isinstance(node, ast.Lambda):
        return
    for child in ast.iter_child_nodes(node):
        yield from _calls_of(child)
    if isinstance(node, ast.Call):
        yield node


class _Substitution(ast.NodeTransformer):
    def __init__(self, names: Mapping[str, ast.expr]) -> None:
        self._names = names

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return copy.deepcopy(self._names.get(node.id, node))


def _substitute(node: ast.expr, names: Mapping[str, ast.expr]) -> ast.expr:
    if not names:
        return node
    changed: ast.expr = _Substitution(names).visit(copy.deepcopy(node))
    return changed if len(list(ast.walk(changed))) <= _LONGEST else _unknown()
