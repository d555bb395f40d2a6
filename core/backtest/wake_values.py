"""Values of expressions in a strategy's `next()`, as far as they are known without running them: present contents of what is remembered,
and numbers that follow from the bar.

As long as nothing happens to orders and `next()` does nothing, what the strategy remembers stays as it is, so each of its attributes counts
with its present contents; what was looked at is noted in a trace. Imports Backtrader.
"""

import ast
import enum
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from types import FunctionType
from typing import Any

import backtrader as bt
from backtrader.linebuffer import LineBuffer
from backtrader.lineroot import LineRoot
from backtrader.lineseries import Lines, LineSeries
from backtrader.order import OrderBase

from core.backtest.wake_carried import CarriedAttributes
from core.backtest.wake_conditions import Truth, either
from core.backtest.wake_known import (
    DATE,
    MOMENT,
    NUMBER,
    TIME,
    UNKNOWN,
    WHOLE,
    Judge,
    Known,
    Names,
    Opaque,
    Read,
    Series,
    Thing,
    derive,
    keep_plain,
)
from core.backtest.wake_orders import ask_order, is_plain_order, list_orders, take_item
from core.backtest.wake_texts import fill_text, read_text
from core.backtest.wake_trace import MISSING, Origin, Trace, UnknownError, find_truth, keep_typed, list_ids

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
_HUGE, _TINY, _PLAIN, _MOST_MIXED = 1e30, 1e-30, 1e6, 8
"""Numbers of which others are made stay between the two, so that what a few of them make is finite."""
_OF_DATES = ("year", "month", "day")
_OF_TIMES = {"hour": (3_600_000_000, 0), "minute": (60_000_000, 60), "second": (1_000_000, 60)}
"""Millionths of a second in each, and how many there are before the count begins again."""
_OF_MOMENTS = {DATE: _OF_DATES, TIME: _OF_TIMES, MOMENT: (*_OF_DATES, *_OF_TIMES)}


@dataclass(slots=True)
class ValueReader:
    """Reads values for one strategy, whose lines have numbers by id."""

    strategy: Any
    lines: Mapping[int, int]
    function: Any
    """The strategy's `next`."""
    judge: Judge
    call: Callable[[ast.Call, Names], Known]
    """Reads a call. Raises UnknownError."""
    call_own: Callable[[Any], Known]
    """Reads what a method of the strategy's own gives, without arguments. Raises UnknownError."""
    trace: Trace = field(default_factory=Trace)
    """All that was looked at."""
    furthest: int = 0
    """Bars that it looks back."""
    carried: CarriedAttributes = field(init=False)
    """Attributes that change on each bar."""
    raises: Truth = False
    """Truth of "what was read so far would raise"."""
    _asked: set[str] = field(default_factory=set)
    """Attributes whose contents were asked for."""

    def __post_init__(self) -> None:
        self.carried = CarriedAttributes(self.strategy, self.trace, self._asked)

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
        if isinstance(value, Opaque):
            raise UnknownError
        if isinstance(value.what, LineRoot):
            self.trace.only_plain = True
            return self._say_line(self.enter(value), 0)
        return ["number", self.trace.place_number(value.origin, value.what)]

    def say_number(self, value: Known) -> list[Any]:
        """Say a value where no line can stand for its own present number. Raises UnknownError."""
        if isinstance(value, Thing) and isinstance(value.what, LineRoot):
            raise UnknownError
        return self.say(value)

    def enter(self, value: Known) -> Any:
        """The object itself, to look into: it matters which one it is. Raises UnknownError for a value of each bar."""
        if not isinstance(value, Thing):
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
            return derive(apply, word, *plain)
        if word in _DIVIDES:
            self._guard_divisor(right)
        if isinstance(left, Opaque) or isinstance(right, Opaque):
            return self.mix(left, right, divided=word in _DIVIDES)
        return Series([word, self.say_number(left) if word == "%" else self.say(left), self.say(right)])

    def _guard_divisor(self, value: Known) -> None:
        """Note when a division by a value raises. Raises UnknownError where that cannot be said."""
        if isinstance(value, Series):
            self.raises = either(self.raises, ["==", value.said, self.say(Thing(0))])
            return
        if isinstance(value, Opaque) or type(value.what) not in (int, float) or not value.what:
            raise UnknownError
        self.trace.note(value.origin, find_truth, find_truth(value.what))

    def mix(self, *values: Known, divided: bool = False) -> Opaque:
        """The number that several make, as an opaque one. Raises UnknownError for what is no number."""
        parts = tuple(part for value in values for part in self._list_parts(value))
        if len(parts) > _MOST_MIXED:
            raise UnknownError
        if divided:
            for part in self._list_parts(values[-1]):
                self.raises = either(self.raises, ["not", [">", ["absolute", part], self.say(Thing(_TINY))]])
        return Opaque(NUMBER, parts)

    def _list_parts(self, value: Known) -> tuple[Any, ...]:
        if isinstance(value, Opaque):
            if value.kind not in (NUMBER, WHOLE):
                raise UnknownError
            return value.parts
        if isinstance(value, Thing) and value.origin is None and type(value.what) in (int, float) and 1 / _PLAIN < abs(value.what) < _PLAIN:
            return ()
        return (self.say_number(value),)

    def make_whole(self, value: Known) -> Opaque:
        """The whole number near a number: it raises where that is none, or infinite. Raises UnknownError."""
        made = self.mix(value)
        for part in made.parts:
            self.raises = either(self.raises, ["not", ["<", ["absolute", part], self.say(Thing(_HUGE))]])
        return Opaque(WHOLE, made.parts)

    def choose(self, truth: Truth, one: Known, other: Known) -> Known:
        """The one value or the other. Raises UnknownError where they have nothing in common."""
        if isinstance(truth, bool) or one is other:
            return one if truth else other
        if isinstance(one, Opaque) or isinstance(other, Opaque):
            return self.mix(one, other)
        first, second = self.say_number(one), self.say_number(other)
        nothing = self.say(Thing(0))
        if first[0] == "+" and first[1] == second:  # so that points that are counted one by one stay short
            return Series(["+", second, ["choose", truth, first[2], nothing]])
        if second[0] == "+" and second[1] == first:
            return Series(["+", first, ["choose", truth, nothing, second[2]]])
        return Series(["choose", truth, first, second])

    def is_own(self, target: ast.Attribute) -> bool:
        """Check whether an attribute is one of the strategy itself."""
        return isinstance(target.value, ast.Name) and target.value.id == self.function.__code__.co_varnames[0]

    def _read_constant(self, expression: ast.Constant, names: Names) -> Known:
        return Thing(expression.value)

    def _read_name(self, expression: ast.Name, names: Names) -> Known:
        name, code = expression.id, self.function.__code__
        if name in names:
            if names[name] is UNKNOWN:
                raise UnknownError
            return names[name]
        if name == code.co_varnames[0]:
            return Thing(self.strategy)
        known = self.function.__globals__
        if name in code.co_varnames or name in code.co_cellvars or name not in known:
            raise UnknownError
        return Thing(known[name], Origin(("global", name), partial(known.get, name, MISSING)))

    def _read_attribute(self, expression: ast.Attribute, names: Names) -> Known:
        of, name = self.evaluate(expression.value, names), expression.attr
        if isinstance(of, Opaque):
            return self._read_part(of, name)
        if isinstance(of, Thing) and name == "status" and is_plain_order(of.what):
            return ask_order(self.trace, of, name)
        if (owner := self.enter(of)) is self.strategy:
            return self._find_own(name)
        if owner is vars(self.strategy).get("p"):
            return keep_plain(getattr(owner, name, MISSING), Origin(("p", name), partial(getattr, owner, name, MISSING)))
        if isinstance(owner, bt.Position) and name in ("size", "price"):
            return Thing(getattr(owner, name), Origin((id(owner), name), partial(getattr, owner, name)))
        if isinstance(owner, OrderBase):
            return keep_plain(MISSING if name in vars(owner) else getattr(bt.Order, name, MISSING))
        if isinstance(owner, LineSeries) and _is_ordinary(owner):
            if name in ("lines", "l") and vars(owner).get(name) is not None:
                return Thing(vars(owner)[name])
            if name in owner.lines._getlines() and not any(name in vars(base) for base in type(owner).__mro__):
                line = getattr(owner.lines, name)
                return Thing(vars(owner).get(name, line), Origin((id(owner), name), partial(vars(owner).get, name, line)))
        elif isinstance(owner, Lines) and name in owner._getlines():
            return Thing(getattr(owner, name))
        elif isinstance(owner, enum.EnumMeta) and name in owner.__members__:
            return Thing(owner.__members__[name])
        elif owner is bt and name == "Order":
            return Thing(bt.Order)
        elif owner is bt.Order:
            return keep_plain(getattr(owner, name, MISSING))
        raise UnknownError

    def _read_part(self, moment: Opaque, name: str) -> Known:
        """A part of a moment: the hour, the minute. Raises UnknownError for any other attribute."""
        if name not in _OF_MOMENTS.get(moment.kind, ()):
            raise UnknownError
        if name not in _OF_TIMES or not moment.parts:
            return Opaque(WHOLE)
        time = ["time of day", moment.parts[0]] if moment.kind == MOMENT else moment.parts[0]
        length, most = _OF_TIMES[name]
        part = ["//", time, self.say(Thing(length))]
        return Series(["%", part, self.say(Thing(most))] if most else part)

    def _find_own(self, name: str) -> Known:
        """An attribute of the strategy: its own, or a plain one of its class."""
        strategy, kept = self.strategy, vars(self.strategy)
        if (carried := self.carried.read(name)) is not None:
            return carried
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
                if type(own := vars(base)[name]) is property and type(own.fget) is FunctionType:
                    self.trace.note_same(Origin(("class", name), partial(getattr, type(strategy), name)), own)
                    return self.call_own(own.fget)
                keep_plain(vars(base)[name])
                return Thing(getattr(strategy, name), Origin(("own", name), partial(getattr, strategy, name, MISSING)))
        if name not in kept:
            raise UnknownError
        return Thing(kept[name], origin)

    def _read_item(self, expression: ast.Subscript, names: Names) -> Known:
        base, place = self.evaluate(expression.value, names), self.evaluate(expression.slice, names)
        if isinstance(base, Thing) and type(base.what) is dict:
            return self._look_up(base, place)
        if not (isinstance(place, Thing) and type(place.what) is int):
            raise UnknownError
        self.trace.note(place.origin, keep_typed, keep_typed(place.what))
        number = place.what
        if isinstance(base, Thing) and type(base.what) in (list, tuple) and -len(base.what) <= number < len(base.what):
            return self.look_through(base)[number]
        if isinstance(thing := self.enter(base), LineRoot) and number <= 0:
            return Series(self._say_line(thing, -number))
        raise UnknownError

    def _look_up(self, base: Thing, place: Known) -> Known:
        table, key = self.enter(base), self.enter(place)
        if type(key) not in (str, int) and not any(key is one for one in self.strategy.datas):
            raise UnknownError
        if (found := table.get(key, MISSING)) is MISSING:
            raise UnknownError
        return Thing(found, Origin(("key", id(table), id(key)), partial(table.get, key, MISSING)))

    def _read_calculation(self, expression: ast.BinOp, names: Names) -> Known:
        if isinstance(expression.op, ast.Mod) and isinstance(expression.left, ast.Constant) and type(text := expression.left.value) is str:
            parts = expression.right.elts if isinstance(expression.right, ast.Tuple) else [expression.right]
            return fill_text(self.trace, lambda *values: text % values, [self.evaluate(one, names) for one in parts])
        return self.calculate(expression.op, self.evaluate(expression.left, names), self.evaluate(expression.right, names))

    def _read_sign(self, expression: ast.UnaryOp, names: Names) -> Known:
        if not isinstance(expression.op, ast.USub):
            return self._read_truth(expression, names)
        return self.change(self.evaluate(expression.operand, names), "negative", operator.neg)

    def change(self, value: Known, word: str, apply: Callable[[Any], Any]) -> Known:
        """A number with another sign. Raises UnknownError."""
        if isinstance(value, Opaque):
            return self.mix(value)
        if isinstance(value, Thing) and type(value.what) in (int, float) and value.origin is None:
            return Thing(apply(value.what))
        return Series([word, self.say(value)])

    def _read_truth(self, expression: ast.expr, names: Names) -> Known:
        """A comparison, or several that are joined: Python gives a truth for each of these, and no other value."""
        if not self._gives_truth(expression, names):
            raise UnknownError
        truth = self.judge(expression, names)
        self.trace.only_plain = True
        return Thing(truth) if isinstance(truth, bool) else Series(truth)

    def _gives_truth(self, expression: ast.expr, names: Names) -> bool:
        if isinstance(expression, ast.BoolOp):
            return all(self._gives_truth(one, names) for one in expression.values)
        if isinstance(expression, ast.Name) and expression.id in names:
            value = names[expression.id]
            return value.said[0] in TRUTHS if isinstance(value, Series) else isinstance(value, Thing) and type(value.what) is bool
        if isinstance(expression, ast.Call):
            return isinstance(expression.func, ast.Name) and expression.func.id in ("bool", "any", "all")
        return isinstance(expression, ast.Compare) or (isinstance(expression, ast.UnaryOp) and isinstance(expression.op, ast.Not))

    def _read_choice(self, expression: ast.IfExp, names: Names) -> Known:
        truth = self.judge(expression.test, names)
        if isinstance(truth, bool):
            return self.evaluate(expression.body if truth else expression.orelse, names)
        return self.choose(truth, *(self.evaluate(part, names) for part in (expression.body, expression.orelse)))

    def _read_call(self, expression: ast.Call, names: Names) -> Known:
        return self.call(expression, names)

    def _read_text(self, expression: ast.JoinedStr, names: Names) -> Known:
        return read_text(self.trace, expression, lambda one: self.evaluate(one, names))

    def look_through(self, value: Known) -> list[Thing]:
        """List what a list holds, and note it: that they are orders, or nothing, where that is all that matters. Raises UnknownError."""
        if not isinstance(value, Thing) or type(value.what) not in (list, tuple):
            raise UnknownError
        things, origin = value.what, value.origin
        if origin is not None and all(one is None or is_plain_order(one) for one in things):
            self.trace.note(origin, list_orders, list_orders(things))
            return [Thing(one, Origin((origin.key, place), partial(take_item, origin.get, place))) for place, one in enumerate(things)]
        self.enter(value)
        self.trace.keep(tuple(things))
        self.trace.note(Origin(("list", id(things)), lambda: things), list_ids, list_ids(things))
        return list(map(Thing, things))

    def _say_line(self, thing: Any, back: int) -> list[Any]:
        if isinstance(thing, LineSeries):
            if not _is_ordinary(thing):
                raise UnknownError
            thing = thing.lines[0]
        if not isinstance(thing, LineBuffer) or thing._opstage != 2 or id(thing) not in self.lines:
            raise UnknownError
        self.furthest = max(self.furthest, back)
        return ["line", self.lines[id(thing)], back]


_READERS: Mapping[type[ast.expr], Read] = {
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
    ast.JoinedStr: ValueReader._read_text,
}


def _is_ordinary(series: Any) -> bool:
    """Check that lines are read in Backtrader's own way."""
    kind = type(series)
    return series._opstage == 2 and all(getattr(kind, name) is getattr(LineSeries, name) for name in _LINE_WAYS)
