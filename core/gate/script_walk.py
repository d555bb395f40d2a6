"""Follows a script's statements from top to bottom without running them: which calls it makes, with which expressions.

Local names are replaced by the expressions behind them, calls of the script's own functions and of the methods of its own helper
classes are followed (one object of each class: the first), loops are entered once with their first element, and what stands under a
condition keeps it. What cannot be followed is unknown.
"""

import ast
import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import cast

from core.gate.closure import is_main_block
from core.gate.parsed_source import Definition, ParsedCode, dotted_name
from core.gate.script_entry import find_engine, find_function, list_case_tests, list_commands, list_config_defaults, list_option_defaults
from core.gate.script_handed import (
    HandedFunction,
    choose_handed,
    list_handed_over,
    list_set_functions,
    list_table_functions,
)
from core.gate.substitution import AnsweredCalls, is_known, make_unknown, substitute

_SELF = "self."
_ADDING = ("addstrategy", "optstrategy", "add_signal")
_DEEPEST = 8
_MOST_CALLS = 400
Names = dict[str, ast.expr]
Function = ast.FunctionDef | ast.AsyncFunctionDef


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
    engine: tuple[int, int] | None = None
    """Place where the engine was made of which something is asked; None where that is not plain."""


@dataclass
class ScriptWalk:
    """One walk through the script of a piece of code."""

    source: ParsedCode
    calls: list[ScriptCall] = field(default_factory=list)
    _depth: int = 0
    _entered: list[str] = field(default_factory=list)
    """Functions and methods that are being walked through, so that none enters itself."""
    _objects: dict[str, Names] = field(default_factory=dict)
    """Values that objects of the script's own helper classes keep, by class, as `self.name`."""

    _handed: list[HandedFunction] = field(default_factory=list)

    def follow(self) -> list[ScriptCall]:
        """The calls in the order in which they happen."""
        self._walk([node for node in self.source.tree.body if not isinstance(node, Definition)], {}, ())
        if not any(call.name in _ADDING for call in self.calls):
            for each in choose_handed(self._handed) or [HandedFunction(name) for name in list_commands(self.source)]:
                self._enter(each.name, each.args, each.keywords, ())
        return self.calls

    def _walk(self, body: Sequence[ast.stmt], names: Names, conditions: tuple[ast.expr, ...]) -> None:
        for node in body:
            if len(self.calls) > _MOST_CALLS:
                return
            kept = self._objects.get(self._owner, {})
            names.update(kept)
            self._step(node, names, conditions)
            kept.update({name: value for name, value in names.items() if name.startswith(_SELF)})

    def _step(self, node: ast.stmt, names: Names, conditions: tuple[ast.expr, ...]) -> None:
        local = self._depth > 0
        if isinstance(node, ast.If):
            if is_main_block(node):
                self._depth += 1
                self._walk(node.body, names, conditions)
                self._depth -= 1
                return
            self._collect(node.test, names, conditions)
            test = substitute(node.test, names)
            self._walk(node.body, names, (*conditions, test))
            self._walk(node.orelse, names, (*conditions, ast.UnaryOp(op=ast.Not(), operand=test)))
        elif isinstance(node, ast.For | ast.AsyncFor):
            self._collect(node.iter, names, conditions)
            _bind(node.target, _first_of(substitute(node.iter, names)), names)
            self._walk(node.body, names, conditions)
        elif isinstance(node, ast.Match):
            self._collect(node.subject, names, conditions)
            for case, tests in list_case_tests(node):
                self._walk(case.body, names, (*conditions, *(substitute(test, names) for test in tests)))
        elif isinstance(node, ast.Raise | ast.Assert):  # raise SystemExit(main())
            for inner in ast.iter_child_nodes(node):
                self._collect(cast(ast.expr, inner), names, conditions)
        elif isinstance(node, ast.While | ast.With | ast.AsyncWith):
            for item in getattr(node, "items", ()):
                self._collect(item.context_expr, names, conditions)
            self._walk(node.body, names, conditions)
        elif isinstance(node, ast.Try | ast.TryStar):
            for part in (node.body, node.orelse, node.finalbody):
                self._walk(part, names, conditions)
        elif isinstance(node, Definition):
            if local:
                names[node.name] = make_unknown()
        elif isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign | ast.Expr | ast.Return) and node.value is not None:
            self._collect(node.value, names, conditions)
            self._assign(node, names, local, conditions)

    def _assign(self, node: ast.stmt, names: Names, local: bool, conditions: tuple[ast.expr, ...]) -> None:
        if isinstance(node, ast.Assign):
            value = substitute(node.value, names)
            for target in node.targets:
                if isinstance(target, ast.Attribute) and target.attr == "broker":
                    engine = find_engine(self.source, substitute(target, names), node.lineno)
                    self.calls.append(ScriptCall("broker", node.lineno, (value,), (), conditions, engine=engine))
                if local or _mentions(value, names):
                    _bind(target, value, names)
        elif isinstance(node, ast.AnnAssign) and node.value is not None and local:
            _bind(node.target, substitute(node.value, names), names)
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name) and local:
            names[node.target.id] = make_unknown()

    def _collect(self, node: ast.expr, names: Names, conditions: tuple[ast.expr, ...]) -> None:
        """Note the calls in an expression, the inner ones first, and go into the script's own functions."""
        node = self._answer_methods(node)
        names = _with_first_round(node, names)
        for call in _calls_of(node):
            args = tuple(substitute(argument, names) for argument in call.args)
            keywords = tuple(ast.keyword(arg=keyword.arg, value=substitute(keyword.value, names)) for keyword in call.keywords)
            self._handed += list_handed_over(self.source, ast.Call(func=substitute(call.func, names), args=[*args], keywords=[*keywords]))
            if isinstance(call.func, ast.Attribute):
                whole = self.source.resolve_name(call.func)
                engine = find_engine(self.source, substitute(call.func.value, names), call.lineno)
                self.calls.append(ScriptCall(call.func.attr, call.lineno, args, keywords, conditions, whole, engine))
                self._enter_method(call.func.attr, args, keywords, conditions, owner=self._name_helper(call.func.value, names))
                for set_name in list_set_functions(self.source, call.func.attr):
                    self._enter(set_name, args, keywords, (*conditions, make_unknown()))
            elif isinstance(call.func, ast.Name):
                self.calls.append(ScriptCall(call.func.id, call.lineno, args, keywords, conditions, self.source.resolve_name(call.func)))
                self._enter(self._name_helper(call.func, names) or call.func.id, args, keywords, conditions)
            else:
                for test, function in list_table_functions(self.source, substitute(call.func, names)):
                    name = f"{function.name} of a table"
                    self._go_in(name, function, bind_arguments(function, args, keywords), (*conditions, *([test] if test else [])))

    def _enter(self, name: str, args: Sequence[ast.expr], keywords: Sequence[ast.keyword], conditions: tuple[ast.expr, ...]) -> None:
        if partial := self._find_partial(name):
            self._enter(partial.args[0].id, (*partial.args[1:], *args), (*partial.keywords, *keywords), conditions)  # type: ignore[attr-defined]
            return
        helper = self._helpers.get(name)
        if helper is not None:
            if name not in self._objects:
                self._objects[name] = {
                    key: value for part in reversed(self._list_family(name)) for key, value in _class_values(part).items()
                }
                self._enter_method("__init__", args, keywords, conditions, owner=name)
            return
        function = find_function(self.source, name)
        if function is None or name in self.source.factories:
            return
        if not args and not keywords:
            keywords = list_config_defaults(self.source, function)
        keywords = keywords if args else (*list_option_defaults(function), *keywords)
        self._go_in(name, function, bind_arguments(function, args, keywords), conditions)

    def _enter_method(
        self, name: str, args: Sequence[ast.expr], keywords: Sequence[ast.keyword], conditions: tuple[ast.expr, ...], owner: str = ""
    ) -> None:
        """Go into a method of one of the script's helper classes: of the one that is named, or that alone has it and was made."""
        found = [kept for kept in ([owner] if owner else self._objects) if name in self._list_methods(kept)]
        if len(found) != 1:
            return
        method = self._list_methods(found[0])[name]
        marks = {dotted_name(mark) for mark in method.decorator_list}
        first = [] if "staticmethod" in marks else [ast.Name(id=found[0] if "classmethod" in marks else "self", ctx=ast.Load())]
        self._go_in(f"{found[0]}.{name}", method, bind_arguments(method, (*first, *args), keywords), conditions)

    def _name_helper(self, node: ast.expr, names: Names) -> str:
        """The helper class that an expression plainly is, `Runner` or the `cls` of its own method; empty for anything else."""
        found = substitute(node, names)
        return found.id if isinstance(found, ast.Name) and found.id in self._helpers else ""

    def _go_in(self, name: str, function: Function, names: Names, conditions: tuple[ast.expr, ...]) -> None:
        if self._depth >= _DEEPEST or name in self._entered:
            return
        self._depth += 1
        self._entered.append(name)
        self._walk(function.body, names, conditions)
        self._entered.pop()
        self._depth -= 1

    @property
    def _owner(self) -> str:
        """The helper class whose method is being walked through; empty outside of one."""
        owner, dot, _ = self._entered[-1].partition(".") if self._entered else ("", "", "")
        return owner if dot else ""

    @cached_property
    def _helpers(self) -> dict[str, ast.ClassDef]:
        """Classes of the script that are neither strategies nor derived from Backtrader's."""
        return {name: node for name, node in self.source.classes.items() if not self._is_of_backtrader(node)}

    def _is_of_backtrader(self, node: ast.ClassDef, seen: frozenset[str] = frozenset()) -> bool:
        bases = [self.source.resolve_name(base) for base in node.bases]
        own = [self.source.classes[name] for name in bases if name in self.source.classes and name not in seen]
        of_it = any(name.startswith("backtrader.") and not name.endswith(".Cerebro") for name in bases)
        return of_it or any(self._is_of_backtrader(base, seen | {node.name}) for base in own)

    def _list_family(self, name: str) -> list[ast.ClassDef]:
        """The helper class and those that it derives from, the nearest first."""
        found = [self._helpers[name]]
        for node in found:
            bases = (self._helpers.get(self.source.resolve_name(base)) for base in node.bases)
            found.extend(base for base in bases if base is not None and base not in found)
        return found

    def _list_methods(self, name: str) -> dict[str, ast.FunctionDef]:
        family = reversed(self._list_family(name))
        return {part.name: part for node in family for part in node.body if isinstance(part, ast.FunctionDef)}

    def _find_partial(self, name: str) -> ast.Call | None:
        """The call behind `go = functools.partial(run, ...)` at the top level."""
        bound = self.source.definitions(name)
        call = bound[0].value if len(bound) == 1 and isinstance(bound[0], ast.Assign) else None
        known = isinstance(call, ast.Call) and self.source.resolve_name(call.func) == "functools.partial" and call.args
        return call if isinstance(call, ast.Call) and known and isinstance(call.args[0], ast.Name) and call.args[0].id != name else None

    def _answer_methods(self, node: ast.expr) -> ast.expr:
        """The expression with `self.pick()` replaced by the one expression that the method gives back."""
        if not self._owner:
            return node
        methods = self._list_methods(self._owner)
        answers = {f"{_SELF}{name}": body[-1].value for name, part in methods.items() if (body := _plain_body(part))}
        return AnsweredCalls(answers).visit(copy.deepcopy(node)) if answers else node


def bind_arguments(function: Function, args: Sequence[ast.expr], keywords: Sequence[ast.keyword]) -> Names:
    """Bind each parameter to what it stands for in one call."""
    positional = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
    names: Names = dict(zip(positional[len(positional) - len(function.args.defaults) :], function.args.defaults, strict=True))
    for argument, default in zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True):
        names[argument.arg] = default if default is not None else make_unknown()
    names = {name: names.get(name, make_unknown()) for name in positional} | names
    placed = dict(zip(positional, _spread(args, len(positional)), strict=False))
    for keyword in keywords:
        if keyword.arg is not None:
            names[keyword.arg] = keyword.value
        else:
            names |= _entries_of(keyword.value, names)
    names |= placed  # no table can give what is given by its place
    for rest in (function.args.vararg, function.args.kwarg):
        if rest is not None:
            names[rest.arg] = _rest_of(rest is function.args.kwarg, positional, args, keywords)
    return names


def _spread(args: Sequence[ast.expr], most: int) -> list[ast.expr]:
    """Arguments one by one: `*values` stands for as many as there is room for."""
    found: list[ast.expr] = []
    for argument in args:
        if not isinstance(argument, ast.Starred):
            found.append(argument)
        elif isinstance(argument.value, ast.Tuple | ast.List):
            found.extend(argument.value.elts)
        else:
            room = range(most - len(found))
            found.extend(ast.Subscript(value=argument.value, slice=ast.Constant(place), ctx=ast.Load()) for place in room)
    return found


def _entries_of(table: ast.expr, names: Names) -> Names:
    """Parameters that `**table` gives: an entry of each name, or what the name stands for without it."""
    if isinstance(table, ast.Dict):
        return {
            key.value: value
            for key, value in zip(table.keys, table.values, strict=True)
            if isinstance(key, ast.Constant) and isinstance(key.value, str)
        }
    found: Names = {}
    for name, otherwise in names.items():
        key = ast.Constant(name)
        if is_known(otherwise):
            get = ast.Attribute(value=table, attr="get", ctx=ast.Load())
            found[name] = ast.Call(func=get, args=[key, otherwise], keywords=[])
        else:
            found[name] = ast.Subscript(value=table, slice=key, ctx=ast.Load())
    return found


def _plain_body(method: ast.FunctionDef) -> list[ast.Return]:
    """The one statement of a method without arguments that gives something back; empty for other methods."""
    body = [part for part in method.body if not (isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant))]
    plain = len(body) == 1 and len(method.args.args) == 1 and isinstance(body[0], ast.Return) and body[0].value is not None
    return [part for part in body if isinstance(part, ast.Return)] if plain else []


def _class_values(node: ast.ClassDef) -> Names:
    """Values that every object of a class has from the beginning."""
    return {
        f"{_SELF}{target.id}": part.value
        for part in node.body
        if isinstance(part, ast.Assign)
        for target in part.targets
        if isinstance(target, ast.Name)
    }


def _rest_of(by_name: bool, positional: Sequence[str], args: Sequence[ast.expr], keywords: Sequence[ast.keyword]) -> ast.expr:
    if by_name:
        others = [keyword for keyword in keywords if keyword.arg not in positional]
        return ast.Dict(
            keys=[None if keyword.arg is None else ast.Constant(keyword.arg) for keyword in others],
            values=[keyword.value for keyword in others],
        )
    return ast.Tuple(elts=list(args[len(positional) :]), ctx=ast.Load())


def _mentions(value: ast.expr, names: Mapping[str, ast.expr]) -> bool:
    return any(isinstance(part, ast.Name) and part.id in names for part in ast.walk(value))


def _bind(target: ast.expr, value: ast.expr, names: Names) -> None:
    if isinstance(target, ast.Name):
        names[target.id] = value if is_known(value) else make_unknown()
    elif isinstance(target, ast.Attribute) and (kept := dotted_name(target)).startswith(_SELF):
        names[kept] = value if is_known(value) else make_unknown()
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
        _bind(loop.target, _first_of(substitute(loop.iter, names)), names)
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
