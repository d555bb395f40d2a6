"""Values of expressions in a strategy's `next()`, as far as they are known without running them: present contents of what is remembered,
and numbers that follow from the bar.

As long as nothing happens to orders and `next()` does nothing, what the strategy remembers stays as it is, so each of its attributes counts
with its present contents; what was looked at is noted in a trace. Imports Backtrader.
"""

import ast
import builtins
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import backtrader as bt
from backtrader.linebuffer import LineBuffer
from backtrader.lineroot import LineRoot
from backtrader.lineseries import Lines, LineSeries
from backtrader.order import OrderBase

from core.backtest.recorder import RecordingBroker
from core.backtest.wake_conditions import Truth, both, either, opposite
from core.backtest.wake_trace import MISSING, PLAIN, Origin, Trace, UnknownError, apply_surely, find_truth, keep_typed, list_ids

_MOST_ITEMS = 16
TRUTHS = frozenset({"and", "or", "not", "nonzero", "<", ">", "<=", ">=", "==", "!="})
"""Kinds of conditions."""
_ARITHMETIC: Mapping[type[ast.operator], tuple[str, Callable[[Any, Any], Any]]] = {
    ast.Add: ("+", operator.add),
    ast.Sub: ("-", operator.sub),
    ast.Mult: ("*", operator.mul),
    ast.Div: ("/", operator.truediv),
    ast.Mod: ("%", operator.mod),
    ast.FloorDiv: ("//", operator.floordiv),
}
_DIVIDES = frozenset({"/", "%", "//"})
_LINE_WAYS = (
    "__getitem__",
    "__getattr__",
    "__bool__",
    "_operation",
    "_operationown",
    "__lt__",
    "__gt__",
    "__le__",
    "__ge__",
    "__eq__",
    "__ne__",
)
_BUILTINS = frozenset({"len", "abs", "max", "min", "bool", "any", "all"})


@dataclass(frozen=True, slots=True)
class Thing:
    """An object that an expression stands for, and where it was found; None for what cannot become another."""

    what: Any
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """A value that follows from the bar, as plain data (`wake_conditions`)."""

    said: list[Any]


Known = Thing | Series
Names = Mapping[str, Known]
UNKNOWN = Thing(object())
"""In place of a name whose value is not known."""
Judge = Callable[[ast.expr, Names], Truth]
"""Gives the truth of an expression that has one, and evaluates nothing unknown. Raises UnknownError for any other."""


@dataclass(slots=True)
class ValueReader:
    """Reads values for one strategy, whose lines have numbers by id."""

    strategy: Any
    lines: Mapping[int, int]
    function: Any
    """The strategy's `next`."""
    judge: Judge
    trace: Trace = field(default_factory=Trace)
    """All that was looked at."""
    furthest: int = 0
    """Bars that it looks back."""
    steps: dict[str, int] = field(default_factory=dict)
    """Counters among the strategy's attributes: what `next()` adds to them on each bar."""
    _asked: set[str] = field(default_factory=set)
    """Attributes whose contents were asked for."""

    def evaluate(self, expression: ast.expr, names: Names) -> Known:
        """The value of an expression whose evaluation leaves no trace. Raises UnknownError for any other."""
        read = _READERS.get(type(expression))
        if read is None:
            raise UnknownError
        return read(self, expression, names)

    def say(self, value: Known) -> list[Any]:
        """Say a value as plain data. Raises UnknownError for one that is no number."""
        if isinstance(value, Series):
            return value.said
        if isinstance(value.what, LineRoot):
            return self._say_line(self._enter(value), 0)
        return ["number", self.trace.place_number(value.origin, value.what)]

    def _enter(self, value: Known) -> Any:
        """The object itself, to look into: it matters which one it is. Raises UnknownError for a value of each bar."""
        if isinstance(value, Series):
            raise UnknownError
        self.trace.note_same(value.origin, value.what)
        return value.what

    def calculate(self, sign: ast.operator, left: Known, right: Known) -> Known:
        """Calculate with two values. Raises UnknownError where that may fail."""
        if type(sign) not in _ARITHMETIC:
            raise UnknownError
        word, apply = _ARITHMETIC[type(sign)]
        plain = [one for one in (left, right) if isinstance(one, Thing) and type(one.what) in (int, float, bool)]
        if len(plain) == 2 and not (float in {type(one.what) for one in plain} and any(one.origin for one in plain)):
            for one in plain:
                self.trace.note(one.origin, keep_typed, keep_typed(one.what))
            return Thing(apply_surely(apply, *(one.what for one in plain)))
        if isinstance(right, Thing) and word in _DIVIDES:
            self.trace.note(right.origin, find_truth, find_truth(right.what))
        if word in _DIVIDES and not (isinstance(right, Thing) and type(right.what) in (int, float) and right.what):
            raise UnknownError
        return Series([word, self.say(left), self.say(right)])

    def count_on(self, name: str, step: Any) -> None:
        """Note that a whole number is added to an attribute on each bar. Raises UnknownError where that is not all."""
        kept = vars(self.strategy)
        if name in self.steps or name in self._asked or type(step) is not int or type(kept.get(name)) is not int:
            raise UnknownError
        for base in type(self.strategy).__mro__:
            _keep_plain(vars(base).get(name))
        self.trace.note(Origin(("own", name), partial(kept.get, name, MISSING)), type, int)
        self.steps[name] = step

    def is_own(self, target: ast.Attribute) -> bool:
        """Check whether an attribute is one of the strategy itself."""
        return isinstance(target.value, ast.Name) and target.value.id == self.function.__code__.co_varnames[0]

    def _read_counter(self, name: str) -> Known:
        """A counter on each bar, after it was moved on: it runs beside the number of bars."""
        kept, strategy, step = vars(self.strategy), self.strategy, self.steps[name]

        def find_start() -> int:
            if type(kept.get(name)) is not int:
                raise UnknownError
            return kept[name] - step * len(strategy)  # type: ignore[no-any-return]

        start = ["number", self.trace.place_number(Origin(("start", name), find_start), find_start())]
        moved: list[Any] = ["count"] if step == 1 else ["*", ["number", self.trace.place_number(None, step)], ["count"]]
        return Series(["+", start, moved])

    def _read_constant(self, expression: ast.Constant, names: Names) -> Known:
        return Thing(expression.value)

    def _read_name(self, expression: ast.Name, names: Names) -> Known:
        name, code = expression.id, self.function.__code__
        if name == code.co_varnames[0]:
            return Thing(self.strategy)
        if name in names:
            if names[name] is UNKNOWN:
                raise UnknownError
            return names[name]
        known = self.function.__globals__
        if name in code.co_varnames or name in code.co_cellvars or name not in known:
            raise UnknownError
        return Thing(known[name], Origin(("global", name), partial(known.get, name, MISSING)))

    def _read_attribute(self, expression: ast.Attribute, names: Names) -> Known:
        owner, name = self._enter(self.evaluate(expression.value, names)), expression.attr
        if owner is self.strategy:
            return self._find_own(name)
        if owner is vars(self.strategy).get("p"):
            return _keep_plain(getattr(owner, name, MISSING), Origin(("p", name), partial(getattr, owner, name, MISSING)))
        if isinstance(owner, bt.Position) and name in ("size", "price"):
            return Thing(getattr(owner, name), Origin((id(owner), name), partial(getattr, owner, name)))
        if isinstance(owner, OrderBase):
            if name == "status":
                return Thing(owner.status, Origin((id(owner), name), partial(getattr, owner, name)))
            return _keep_plain(MISSING if name in vars(owner) else getattr(bt.Order, name, MISSING))
        if isinstance(owner, LineSeries) and _is_ordinary(owner):
            if name in ("lines", "l") and vars(owner).get(name) is not None:
                return Thing(vars(owner)[name])
            if name in owner.lines._getlines() and not any(name in vars(base) for base in type(owner).__mro__):
                line = getattr(owner.lines, name)
                return Thing(vars(owner).get(name, line), Origin((id(owner), name), partial(vars(owner).get, name, line)))
        elif isinstance(owner, Lines) and name in owner._getlines():
            return Thing(getattr(owner, name))
        elif owner is bt and name == "Order":
            return Thing(bt.Order)
        elif owner is bt.Order:
            return _keep_plain(getattr(owner, name, MISSING))
        raise UnknownError

    def _find_own(self, name: str) -> Known:
        """An attribute of the strategy: its own, or a plain one of its class."""
        strategy, kept = self.strategy, vars(self.strategy)
        if name in self.steps:
            return self._read_counter(name)
        self._asked.add(name)
        if name == "position":
            if type(strategy).position is bt.Strategy.position and name not in kept:
                return Thing(strategy.position)
            raise UnknownError
        origin = Origin(("own", name), partial(kept.get, name, MISSING))
        if name in ("p", "params", "broker") and name in kept:
            return Thing(kept[name], origin)
        for base in type(strategy).__mro__:
            if name in vars(base):
                _keep_plain(vars(base)[name])
                return Thing(getattr(strategy, name), Origin(("own", name), partial(getattr, strategy, name, MISSING)))
        if name not in kept:
            raise UnknownError
        return Thing(kept[name], origin)

    def _read_item(self, expression: ast.Subscript, names: Names) -> Known:
        base, place = self.evaluate(expression.value, names), self.evaluate(expression.slice, names)
        if not (isinstance(place, Thing) and type(place.what) is int):
            raise UnknownError
        self.trace.note(place.origin, keep_typed, keep_typed(place.what))
        thing, number = self._enter(base), place.what
        if isinstance(thing, LineRoot) and number <= 0:
            return Series(self._say_line(thing, -number))
        if type(thing) in (list, tuple) and -len(thing) <= number < len(thing):
            self._look_through(thing)
            return Thing(thing[number])
        raise UnknownError

    def _read_calculation(self, expression: ast.BinOp, names: Names) -> Known:
        return self.calculate(expression.op, self.evaluate(expression.left, names), self.evaluate(expression.right, names))

    def _read_sign(self, expression: ast.UnaryOp, names: Names) -> Known:
        if not isinstance(expression.op, ast.USub):
            return self._read_truth(expression, names)
        return self._change(self.evaluate(expression.operand, names), "negative", operator.neg)

    def _change(self, value: Known, word: str, apply: Callable[[Any], Any]) -> Known:
        if isinstance(value, Thing) and type(value.what) in (int, float) and value.origin is None:
            return Thing(apply(value.what))
        return Series([word, self.say(value)])

    def _read_truth(self, expression: ast.expr, names: Names) -> Known:
        """A comparison, or several that are joined: Python gives a truth for each of these, and no other value."""
        if not self._gives_truth(expression, names):
            raise UnknownError
        truth = self.judge(expression, names)
        return Thing(truth) if isinstance(truth, bool) else Series(truth)

    def _gives_truth(self, expression: ast.expr, names: Names) -> bool:
        if isinstance(expression, ast.BoolOp):
            return all(self._gives_truth(one, names) for one in expression.values)
        if isinstance(expression, ast.Name) and expression.id in names:
            value = names[expression.id]
            return value.said[0] in TRUTHS if isinstance(value, Series) else type(value.what) is bool
        if isinstance(expression, ast.Call):
            return isinstance(expression.func, ast.Name) and expression.func.id in ("bool", "any", "all")
        return isinstance(expression, ast.Compare) or (isinstance(expression, ast.UnaryOp) and isinstance(expression.op, ast.Not))

    def _read_choice(self, expression: ast.IfExp, names: Names) -> Known:
        truth = self.judge(expression.test, names)
        if isinstance(truth, bool):
            return self.evaluate(expression.body if truth else expression.orelse, names)
        one, other = (self.say(self.evaluate(part, names)) for part in (expression.body, expression.orelse))
        return Series(["choose", truth, one, other])

    def _read_call(self, expression: ast.Call, names: Names) -> Known:
        if expression.keywords or any(isinstance(one, ast.Starred) for one in expression.args):
            raise UnknownError
        if isinstance(expression.func, ast.Attribute):
            return self._call_method(expression.func, expression.args, names)
        name = expression.func.id if isinstance(expression.func, ast.Name) else ""
        if name not in _BUILTINS or not self._is_builtin(name):
            raise UnknownError
        if name in ("any", "all"):
            return self._join(name, expression.args, names)
        values = [self.evaluate(one, names) for one in expression.args]
        if name in ("max", "min") and len(values) > 1:
            return Series([name, *map(self.say, values)])
        if len(values) != 1:
            raise UnknownError
        if name == "abs":
            return self._change(values[0], "absolute", abs)
        thing = self._enter(values[0])
        if name == "len":
            if thing is self.strategy or thing is self.strategy.data:
                return Series(["count"])
            if type(thing) in (list, tuple):
                self._look_through(thing)
                return Thing(len(thing))
        elif name == "bool" and isinstance(thing, bt.Position):
            return Thing(bool(thing.size), Origin(("held", id(thing)), lambda: bool(thing.size)))
        raise UnknownError

    def _is_builtin(self, name: str) -> bool:
        """Check that a name stands for Python's own function."""
        code, stock = self.function.__code__, getattr(builtins, name)
        local = name in code.co_varnames or name in code.co_cellvars
        return not local and self.function.__globals__.get(name, stock) is stock

    def _look_through(self, things: Any) -> None:
        """Note what a list holds."""
        self.trace.keep(tuple(things))
        self.trace.note(Origin(("list", id(things)), lambda: things), list_ids, list_ids(things))

    def _join(self, name: str, arguments: Sequence[ast.expr], names: Names) -> Known:
        """`any` or `all` of what is asked of each thing in a short list."""
        asked = arguments[0] if len(arguments) == 1 else None
        if not isinstance(asked, ast.GeneratorExp | ast.ListComp) or len(asked.generators) != 1:
            raise UnknownError
        each = asked.generators[0]
        things = self._list_things(each.iter, names)
        if not isinstance(each.target, ast.Name) or each.is_async or len(things) > _MOST_ITEMS:
            raise UnknownError
        whole: Truth = name == "all"
        join = both if whole else either
        for thing in things:
            inner = {**names, each.target.id: Thing(thing)}
            kept: Truth = True
            for test in each.ifs:
                kept = both(kept, self.judge(test, inner))
            truth = self.judge(asked.elt, inner)
            whole = join(whole, either(opposite(kept), truth) if name == "all" else both(kept, truth))
        return Thing(whole) if isinstance(whole, bool) else Series(whole)

    def _list_things(self, expression: ast.expr, names: Names) -> tuple[Any, ...]:
        """The things in a list, or in a range of known numbers."""
        if isinstance(expression, ast.Call) and isinstance(expression.func, ast.Name) and expression.func.id == "range":
            if not self._is_builtin("range") or expression.keywords or not 1 <= len(expression.args) <= 3:
                raise UnknownError
            numbers = [self.evaluate(one, names) for one in expression.args]
            if not all(isinstance(one, Thing) and type(one.what) is int for one in numbers):
                raise UnknownError
            for one in numbers:
                self.trace.note(one.origin, keep_typed, keep_typed(one.what))  # type: ignore[union-attr]
            return tuple(apply_surely(range, *(one.what for one in numbers)))  # type: ignore[union-attr]
        things = self._enter(self.evaluate(expression, names))
        if type(things) not in (list, tuple):
            raise UnknownError
        self._look_through(things)
        return tuple(things)

    def _call_method(self, function: ast.Attribute, arguments: Sequence[ast.expr], names: Names) -> Known:
        owner = self._enter(self.evaluate(function.value, names))
        values = [self.evaluate(one, names) for one in arguments]
        if function.attr in getattr(owner, "__dict__", {}):
            raise UnknownError
        if isinstance(owner, OrderBase) and function.attr == "alive" and not values and type(owner).alive is OrderBase.alive:
            return Thing(bool(owner.alive()), Origin((id(owner), "alive"), owner.alive))
        if owner is self.strategy and function.attr == "getposition":
            if not values or (len(values) == 1 and isinstance(values[0], Thing) and values[0].what is self.strategy.data):
                return Thing(self.strategy.position)
        elif isinstance(owner, RecordingBroker) and function.attr in ("getcash", "get_cash") and not values:
            return Thing(float(owner.getcash()), Origin("cash", owner.getcash))
        raise UnknownError

    def _say_line(self, thing: Any, back: int) -> list[Any]:
        if isinstance(thing, LineSeries):
            if not _is_ordinary(thing):
                raise UnknownError
            thing = thing.lines[0]
        if not isinstance(thing, LineBuffer) or thing._opstage != 2 or id(thing) not in self.lines:
            raise UnknownError
        self.furthest = max(self.furthest, back)
        return ["line", self.lines[id(thing)], back]


_READERS: Mapping[type[ast.expr], Callable[[ValueReader, Any, Names], Known]] = {
    ast.Constant: ValueReader._read_constant,
    ast.Name: ValueReader._read_name,
    ast.Attribute: ValueReader._read_attribute,
    ast.Subscript: ValueReader._read_item,
    ast.BinOp: ValueReader._read_calculation,
    ast.UnaryOp: ValueReader._read_sign,
    ast.Compare: ValueReader._read_truth,
    ast.BoolOp: ValueReader._read_truth,
    ast.IfExp: ValueReader._read_choice,
    ast.Call: ValueReader._read_call,
}


def _keep_plain(found: Any, origin: Origin | None = None) -> Thing:
    if type(found) not in PLAIN:
        raise UnknownError
    return Thing(found, origin)


def _is_ordinary(series: Any) -> bool:
    """Check that lines are read in Backtrader's own way."""
    kind = type(series)
    return series._opstage == 2 and all(getattr(kind, name) is getattr(LineSeries, name) for name in _LINE_WAYS)
