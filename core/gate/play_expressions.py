"""Expressions of a script that is played."""

import ast
from collections import ChainMap
from collections.abc import Sequence
from dataclasses import dataclass

from core.gate.play_generators import go_through
from core.gate.play_library import ENVIRONMENT, OWN_FUNCTIONS, read_variable, set_variable
from core.gate.play_objects import ObjectPlay
from core.gate.played_values import (
    UNKNOWN,
    Bound,
    Library,
    LostTrackError,
    PlayedFunction,
    PlayedObject,
    Scope,
    Unknown,
    Value,
    check_key,
    compute,
    copy_deep,
    is_plain,
    take_all,
)
from core.gate.script_entry import ADDING, PARTS, SETTINGS

_MOST_STEPS = 10_000
_NOTED = frozenset((*ADDING, "addsizer", *PARTS, *SETTINGS))


@dataclass(frozen=True, slots=True)
class PlayedCall:
    """A call that gives the engine something: the strategy, a sizer."""

    name: str
    line: int
    args: tuple[Value, ...]
    keywords: dict[str, Value]
    """The values themselves: what is changed of them before the run counts."""
    before: dict[str, Value]
    """The same as they were at the call."""
    whole: bool
    """True where all of its keywords are told."""
    engine: int
    """Number of engines that were made before."""


class EndOfPlayError(Exception):
    """The engine is run with a strategy in it."""


class _UnknownRoundsError(Exception):
    """A comprehension goes through what is unknown, and changes nothing by it."""


class ExpressionPlay(ObjectPlay):
    """The part of a play that is about expressions."""

    def __init__(self) -> None:
        super().__init__()
        self._steps = 0
        self._trying = 0
        self._engines = 0
        self.skipped: set[int] = set()
        """Lines of which it cannot be told whether they happen."""
        self.calls: list[PlayedCall] = []

    @property
    def _has_strategy(self) -> bool:
        return any(call.name in ADDING for call in self.calls)

    def count_step(self) -> None:
        """Count one step of the play; too many end it."""
        self._steps += 1
        if self._steps > _MOST_STEPS:
            raise LostTrackError

    def call_own(self, name: str, args: list[Value], words: dict[str, Value]) -> tuple[Value] | None:
        """A function that asks about objects of the script, with its answer; None for any other."""
        own = OWN_FUNCTIONS.get(name)
        return None if own is None else (own(self, args, words),)

    def check_without_effect(self, body: Sequence[ast.AST], scope: Scope) -> None:
        leaving = (
            ast.Return,
            ast.Break,
            ast.Continue,
            ast.Global,
            ast.Nonlocal,
            ast.Delete,
            ast.ClassDef,
            ast.FunctionDef,
            ast.Await,
            ast.Yield,
        )
        for node in (part for each in body for part in ast.walk(each)):
            self.skipped.update(range(node.lineno, (node.end_lineno or 0) + 1) if isinstance(node, ast.expr | ast.stmt) else ())
            if isinstance(node, leaving) or (isinstance(node, ast.Raise) and self._trying):
                raise LostTrackError
            root: ast.AST = node.func if isinstance(node, ast.Call) else node
            stores = isinstance(node, ast.Attribute | ast.Subscript) and not isinstance(node.ctx, ast.Load)
            if not isinstance(node, ast.Call) and not stores:
                continue
            if isinstance(root, ast.Attribute) and root.attr in ADDING:
                raise LostTrackError
            while isinstance(root, ast.Attribute | ast.Subscript | ast.Call):
                root = root.func if isinstance(root, ast.Call) else root.value
            if isinstance(root, ast.Constant | ast.JoinedStr):
                continue
            if not isinstance(root, ast.Name):
                raise LostTrackError
            holder = scope.find(root.id)
            value = holder.names[root.id] if holder else Library(f"builtins.{root.id}")
            library = value.name if isinstance(value, Library) else ""
            if not isinstance(value, Unknown | Library) or library in ("builtins.setattr", "builtins.next", "os", ENVIRONMENT.name):
                raise LostTrackError

    def set(self, target: ast.expr, value: Value, scope: Scope) -> None:
        if isinstance(target, ast.Name):
            scope.set(target.id, value)
        elif isinstance(target, ast.Attribute):
            self.set_attribute(self.read(target.value, scope), target.attr, value)
        elif isinstance(target, ast.Subscript):
            owner = self.read(target.value, scope)
            if isinstance(owner, PlayedObject):
                self.call(self.get_attribute(owner, "__setitem__"), [self.read(target.slice, scope), value], {}, target)
            elif is_plain(owner):
                key = self.read(target.slice, scope)
                owner[check_key(key)] = value
            elif owner == ENVIRONMENT:
                set_variable(self, [self.read(target.slice, scope), value], {})
            elif not isinstance(owner, Unknown | Library):
                raise LostTrackError
        elif isinstance(target, ast.Tuple | ast.List):
            if isinstance(value, Unknown):
                for part in target.elts:
                    self.set(part, UNKNOWN, scope)
                return
            self._unpack(target.elts, take_all(value), scope)
        else:
            raise LostTrackError

    def _unpack(self, targets: Sequence[ast.expr], values: list[Value], scope: Scope) -> None:
        rest = next((place for place, part in enumerate(targets) if isinstance(part, ast.Starred)), None)
        if rest is not None:
            end = len(values) - (len(targets) - rest - 1)
            if end < rest:
                raise LostTrackError
            values = [*values[:rest], values[rest:end], *values[end:]]
        if len(values) != len(targets):
            raise LostTrackError
        for part, each in zip(targets, values, strict=True):
            self.set(part.value if isinstance(part, ast.Starred) else part, each, scope)

    def is_true(self, value: Value) -> bool | None:
        if is_plain(value):
            return bool(value)
        return None if isinstance(value, Unknown | Library) else True

    def read(self, node: ast.expr, scope: Scope) -> Value:
        self.count_step()
        match node:
            case ast.Constant():
                return node.value
            case ast.Name():
                holder = scope.find(node.id)
                return holder.names[node.id] if holder else Library(f"builtins.{node.id}")
            case ast.Attribute():
                return self.get_attribute(self.read(node.value, scope), node.attr)
            case ast.Subscript():
                return self._entry(self.read(node.value, scope), node, scope)
            case ast.Call():
                return self._read_a_call(node, scope)
            case ast.BinOp():
                return compute(type(node.op), self.read(node.left, scope), self.read(node.right, scope))
            case ast.Compare():
                return self._compare(node, scope)
            case ast.BoolOp():
                return self._join(node, scope)
            case ast.UnaryOp():
                return self._turn(node, scope)
            case ast.IfExp():
                met = self.is_true(self.read(node.test, scope))
                if met is None:
                    self.check_without_effect([node.body, node.orelse], scope)
                    return UNKNOWN
                return self.read(node.body if met else node.orelse, scope)
            case ast.List():
                return self._spread(node.elts, scope)
            case ast.Tuple():
                return tuple(self._spread(node.elts, scope))
            case ast.Set():
                return set(check_key(self._spread(node.elts, scope)))
            case ast.Dict():
                return self._table(node, scope)
            case ast.Lambda():
                return PlayedFunction(node.args, node.body, scope, *self.read_defaults(node.args, scope))
            case ast.NamedExpr():
                value = self.read(node.value, scope)
                self.set(node.target, value, scope)
                return value
            case ast.ListComp() | ast.GeneratorExp() | ast.SetComp() | ast.DictComp():
                return self._comprehend(node, scope)
            case ast.JoinedStr() | ast.Slice():
                return self._format(node, scope) if isinstance(node, ast.JoinedStr) else self._slice(node, scope)
            case _:
                raise LostTrackError

    def _slice(self, node: ast.Slice, scope: Scope) -> Value:
        ends = [None if part is None else self.read(part, scope) for part in (node.lower, node.upper, node.step)]
        return slice(*ends) if all(part is None or type(part) is int for part in ends) else UNKNOWN

    def _format(self, node: ast.JoinedStr, scope: Scope) -> Value:
        texts: list[Value] = []
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                value = self.read(part.value, scope)
                if not isinstance(value, str | int) or part.format_spec is not None or part.conversion != -1:
                    texts.append(UNKNOWN)
                    continue
                texts.append(str(value))
            else:
                texts.append(self.read(part, scope))
        whole = "".join(each for each in texts if isinstance(each, str))
        return whole if all(isinstance(each, str) for each in texts) and len(whole) < _MOST_STEPS else UNKNOWN

    def _compare(self, node: ast.Compare, scope: Scope) -> Value:
        left, whole = self.read(node.left, scope), True
        for operator, part in zip(node.ops, node.comparators, strict=True):
            right = self.read(part, scope)
            met = compute(type(operator), left, right)
            if not isinstance(met, bool):
                return UNKNOWN
            whole, left = whole and met, right
        return whole

    def _join(self, node: ast.BoolOp, scope: Scope) -> Value:
        value: Value = UNKNOWN
        for place, part in enumerate(node.values):
            value = self.read(part, scope)
            met = self.is_true(value)
            if met is None:
                self.check_without_effect(node.values[place + 1 :], scope)
                return UNKNOWN
            if met is isinstance(node.op, ast.Or):
                return value
        return value

    def _turn(self, node: ast.UnaryOp, scope: Scope) -> Value:
        value = self.read(node.operand, scope)
        if isinstance(node.op, ast.Not):
            met = self.is_true(value)
            return UNKNOWN if met is None else not met
        if not isinstance(value, int | float):
            return UNKNOWN
        return -value if isinstance(node.op, ast.USub) else value if isinstance(node.op, ast.UAdd) else UNKNOWN

    def _spread(self, parts: Sequence[ast.expr], scope: Scope) -> list[Value]:
        found: list[Value] = []
        for part in parts:
            if isinstance(part, ast.Starred):
                found.extend(take_all(self.read(part.value, scope)))
            else:
                found.append(self.read(part, scope))
        return found

    def _table(self, node: ast.Dict, scope: Scope) -> Value:
        table: dict[Value, Value] = {}
        for key, part in zip(node.keys, node.values, strict=True):
            if key is None:
                value = self.read(part, scope)
                if not isinstance(value, dict | ChainMap):
                    raise LostTrackError
                table.update(value)
            else:
                name = check_key(self.read(key, scope))
                table[name] = self.read(part, scope)
        return table

    def _comprehend(self, node: ast.ListComp | ast.GeneratorExp | ast.SetComp | ast.DictComp, scope: Scope) -> Value:
        own = Scope({}, scope)
        made: list[Value] = []

        def go(loops: Sequence[ast.comprehension]) -> None:
            if not loops:
                pair = isinstance(node, ast.DictComp)
                made.append((self.read(node.key, own), self.read(node.value, own)) if pair else self.read(node.elt, own))  # type: ignore[union-attr]
                return
            rounds = self.read(loops[0].iter, own)
            if isinstance(rounds, Unknown | Library) and not isinstance(node, ast.DictComp) and len(node.generators) == 1:
                self.set(loops[0].target, UNKNOWN, own)
                self.check_without_effect([node.elt, *loops[0].ifs], own)
                raise _UnknownRoundsError
            for each in go_through(rounds):
                self.set(loops[0].target, each, own)
                met = [self.is_true(self.read(test, own)) for test in loops[0].ifs]
                if None in met:
                    raise LostTrackError
                if all(met):
                    go(loops[1:])

        try:
            go(node.generators)
        except _UnknownRoundsError:
            return UNKNOWN
        if isinstance(node, ast.DictComp):
            return {check_key(key): value for key, value in made}
        return set(check_key(made)) if isinstance(node, ast.SetComp) else made

    def _entry(self, owner: Value, node: ast.Subscript, scope: Scope) -> Value:
        key = self.read(node.slice, scope)
        if isinstance(owner, PlayedObject):
            return self.call(self.get_attribute(owner, "__getitem__"), [key], {}, node)
        if owner == ENVIRONMENT:
            return read_variable(self, [key], {})
        if not is_plain(owner) or isinstance(key, Unknown | Library):
            return UNKNOWN
        return owner[key]

    def _read_a_call(self, node: ast.Call, scope: Scope) -> Value:
        if isinstance(node.func, ast.Name) and node.func.id == "super" and scope.find("super") is None:
            raise LostTrackError
        above = node.func.value if isinstance(node.func, ast.Attribute) else None
        if isinstance(node.func, ast.Attribute) and isinstance(above, ast.Call) and ast.unparse(above) == "super()":
            return self._call_above(node.func.attr, node, scope)
        function = self.read(node.func, scope)
        args, words, whole = self.read_arguments(node, scope)
        if isinstance(node.func, ast.Attribute) and node.func.attr in _NOTED and not isinstance(function, Bound | PlayedFunction):
            before = copy_deep(words)
            given = before if node.func.attr == "optstrategy" else words  # which goes through what it is given at once
            self.calls.append(PlayedCall(node.func.attr, node.lineno, tuple(args), given, before, whole, self._engines))
            return UNKNOWN
        if isinstance(function, Unknown) and isinstance(node.func, ast.Attribute) and node.func.attr == "run" and self._has_strategy:
            raise EndOfPlayError
        if not whole and not isinstance(function, Unknown | Library):
            raise LostTrackError
        self._engines += isinstance(function, Library) and function.name.endswith(".Cerebro")
        return self.call(function, args, words, node)

    def read_arguments(self, node: ast.Call, scope: Scope) -> tuple[list[Value], dict[str, Value], bool]:
        args = self._spread(node.args, scope)
        words: dict[str, Value] = {}
        whole = True
        for word in node.keywords:
            value = self.read(word.value, scope)
            if word.arg is not None:
                words[word.arg] = value
            elif isinstance(value, dict | ChainMap):
                words.update(value)
            else:
                whole = False
        return args, words, whole

    def _call_above(self, name: str, node: ast.Call, scope: Scope) -> Value:
        """A method of the class above: `super().__init__(n)`."""
        holder = scope.find("__class__")
        first = scope.find("self") or scope.find("cls")
        if holder is None or first is None:
            raise LostTrackError
        own = first.names.get("self", first.names.get("cls"))
        above = next((each.attributes[name] for each in holder.names["__class__"].family()[1:] if name in each.attributes), None)
        args, words, whole = self.read_arguments(node, scope)
        if above is None and name == "__init__" and not holder.names["__class__"].foreign:
            return None
        if not isinstance(above, PlayedFunction) or not whole:
            raise LostTrackError
        return self.enter(above, [own, *args], words)
