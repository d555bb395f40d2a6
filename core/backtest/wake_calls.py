"""Calls in a strategy's `next()` that do nothing but give a value: some of Python's own, and some of Backtrader's.

What else is called, but for methods of the strategy's own, counts as something that is done. Imports Backtrader.
"""

import ast
import builtins
import datetime as dt
import math
from collections.abc import Sequence
from typing import Any

import backtrader as bt

from core.backtest.recorder import RecordingBroker
from core.backtest.wake_conditions import Truth, both, either, opposite
from core.backtest.wake_known import DATE, MOMENT, NUMBER, TEXT, TIME, WHOLE, Known, Names, Opaque, Series, Thing
from core.backtest.wake_orders import ask_order, is_plain_order
from core.backtest.wake_texts import fill_text
from core.backtest.wake_trace import Origin, UnknownError, apply_surely, keep_typed
from core.backtest.wake_values import ValueReader

_MOST_ITEMS = 16
_BUILTINS = frozenset({"len", "abs", "max", "min", "bool", "any", "all", "int", "round", "float"})
_OF_MOMENTS: dict[tuple[str, str], str] = {
    (MOMENT, "date"): DATE,
    (MOMENT, "time"): TIME,
    **{(kind, name): WHOLE for kind in (DATE, MOMENT) for name in ("weekday", "isoweekday")},
    **{(kind, name): TEXT for kind in (DATE, TIME, MOMENT) for name in ("isoformat", "strftime")},
}
"""Methods of moments, and the kind of value that they give."""
_OF_CLOCKS = {"date": DATE, "time": TIME, "datetime": MOMENT}
_OF_CONSTANTS: dict[str, Any] = {"time": dt.time, "date": dt.date}
_WHOLE = frozenset({"floor", "ceil", "trunc"})


def read_call(reader: ValueReader, expression: ast.Call, names: Names) -> Known:
    """The value of a call. Raises UnknownError for one that may do something."""
    if expression.keywords or any(isinstance(one, ast.Starred) for one in expression.args):
        raise UnknownError
    if isinstance(expression.func, ast.Attribute):
        return _call_method(reader, expression.func, expression.args, names)
    name = expression.func.id if isinstance(expression.func, ast.Name) else ""
    if (kind := reader.function.__globals__.get(name)) in (dt.time, dt.date) and name not in reader.function.__code__.co_varnames:
        reader.enter(reader.evaluate(expression.func, names))
        return _make_constant(kind, [reader.evaluate(one, names) for one in expression.args])
    if name not in _BUILTINS or not is_builtin(reader, name):
        raise UnknownError
    if name in ("any", "all"):
        return _join(reader, name, expression.args, names)
    return _call_builtin(reader, name, [reader.evaluate(one, names) for one in expression.args])


def _call_builtin(reader: ValueReader, name: str, values: Sequence[Known]) -> Known:
    if name in ("max", "min") and len(values) > 1:
        if any(isinstance(one, Opaque) for one in values):
            return reader.mix(*values)
        return Series([name, *map(reader.say_number, values)])
    if name == "round" and len(values) == 2 and _is_written(values[1]):
        return Opaque(NUMBER, reader.make_whole(values[0]).parts)
    if len(values) != 1:
        raise UnknownError
    if name == "abs":
        return reader.change(values[0], "absolute", abs)
    if name in ("int", "round"):
        return reader.make_whole(values[0])
    if name == "float":
        return values[0] if isinstance(values[0], Series) else reader.mix(values[0])
    if name == "len" and isinstance(values[0], Thing) and type(values[0].what) in (list, tuple):
        return Thing(len(reader.look_through(values[0])))
    thing = reader.enter(values[0])
    if name == "len":
        if thing is reader.strategy or thing is reader.strategy.data:
            return Series(["count"])
    elif name == "bool" and isinstance(thing, bt.Position):
        return Thing(bool(thing.size), Origin(("held", id(thing)), lambda: bool(thing.size)))
    raise UnknownError


def _is_written(value: Known) -> bool:
    """Check for a whole number that is written out."""
    return isinstance(value, Thing) and value.origin is None and type(value.what) is int


def is_builtin(reader: ValueReader, name: str) -> bool:
    """Check that a name stands for Python's own function."""
    code, stock = reader.function.__code__, getattr(builtins, name)
    local = name in code.co_varnames or name in code.co_cellvars
    known = reader.function.__globals__
    reader.trace.note_same(Origin(("global", name), lambda: known.get(name, stock)), known.get(name, stock))
    return not local and known.get(name, stock) is stock


def _join(reader: ValueReader, name: str, arguments: Sequence[ast.expr], names: Names) -> Known:
    """`any` or `all` of what is asked of each thing in a short list."""
    asked = arguments[0] if len(arguments) == 1 else None
    if not isinstance(asked, ast.GeneratorExp | ast.ListComp) or len(asked.generators) != 1:
        raise UnknownError
    each = asked.generators[0]
    things = _list_things(reader, each.iter, names)
    if not isinstance(each.target, ast.Name) or each.is_async or len(things) > _MOST_ITEMS:
        raise UnknownError
    whole: Truth = name == "all"
    join = both if whole else either
    for thing in things:
        inner = {**names, each.target.id: thing}
        kept: Truth = True
        for test in each.ifs:
            kept = both(kept, reader.judge(test, inner))
        truth = reader.judge(asked.elt, inner)
        whole = join(whole, either(opposite(kept), truth) if name == "all" else both(kept, truth))
    return Thing(whole) if isinstance(whole, bool) else Series(whole)


def _list_things(reader: ValueReader, expression: ast.expr, names: Names) -> list[Thing]:
    """The things in a list, or in a range of known numbers."""
    if isinstance(expression, ast.Call) and isinstance(expression.func, ast.Name) and expression.func.id == "range":
        if not is_builtin(reader, "range") or expression.keywords or not 1 <= len(expression.args) <= 3:
            raise UnknownError
        numbers = []
        for one in (reader.evaluate(each, names) for each in expression.args):
            if not isinstance(one, Thing) or type(one.what) is not int:
                raise UnknownError
            reader.trace.note(one.origin, keep_typed, keep_typed(one.what))
            numbers.append(one.what)
        return list(map(Thing, apply_surely(range, *numbers)))
    return reader.look_through(reader.evaluate(expression, names))


def list_rounds(reader: ValueReader, loop: ast.For, names: Names) -> list[dict[str, Known]]:
    """List what the names of a loop stand for in each of its rounds. Raises UnknownError where that is not known, or they are many."""
    through, targets, counts = loop.iter, [loop.target], False
    if isinstance(through, ast.Call) and isinstance(through.func, ast.Name) and through.func.id == "enumerate":
        if not is_builtin(reader, "enumerate") or len(through.args) != 1 or through.keywords or not isinstance(loop.target, ast.Tuple):
            raise UnknownError
        through, targets, counts = through.args[0], loop.target.elts, True
    things = _list_things(reader, through, names)
    spelled = [one.id for one in targets if isinstance(one, ast.Name)]
    if loop.orelse or len(things) > _MOST_ITEMS or len(spelled) != len(targets) or len(targets) != 1 + counts:
        raise UnknownError
    rounds = [(Thing(place), thing) if counts else (thing,) for place, thing in enumerate(things)]
    return [dict(zip(spelled, one, strict=True)) for one in rounds]


def _call_method(reader: ValueReader, function: ast.Attribute, arguments: Sequence[ast.expr], names: Names) -> Known:
    called, name = reader.evaluate(function.value, names), function.attr
    values = [reader.evaluate(one, names) for one in arguments]
    if isinstance(called, Opaque):
        return _call_opaque(reader, called, name, values)
    if isinstance(called, Thing) and type(called.what) is str and called.origin is None and name == "format":
        return fill_text(reader.trace, called.what.format, values)
    if isinstance(called, Thing) and name == "alive" and not values and is_plain_order(called.what):
        return ask_order(reader.trace, called, name)
    owner = reader.enter(called)
    if name in getattr(owner, "__dict__", {}) and owner is not math and owner is not dt:
        raise UnknownError
    if owner is reader.strategy and name == "getposition":
        if not values or (len(values) == 1 and isinstance(values[0], Thing) and values[0].what is reader.strategy.data):
            return Thing(reader.strategy.position)
    elif isinstance(owner, RecordingBroker) and not values:
        if name in ("getcash", "get_cash"):
            return Thing(float(owner.getcash()), Origin("cash", owner.getcash))
        if name in ("getvalue", "get_value"):
            return Opaque(NUMBER)
    elif owner is reader.strategy.data.lines.datetime and name in _OF_CLOCKS and all(map(_is_present, values)):
        if not values or len(values) == 1:
            line = reader.say(Thing(owner))
            return Opaque(_OF_CLOCKS[name], () if owner._tz is not None else (["time of day", line] if name == "time" else line,))
    elif owner is dt and name in _OF_CONSTANTS:
        return _make_constant(_OF_CONSTANTS[name], values)
    elif owner is math and len(values) == 1 and name in _WHOLE:
        return reader.make_whole(values[0])
    elif owner is math and len(values) == 1 and name == "isnan":
        said = reader.say_number(values[0])
        return Series(["!=", said, said])
    raise UnknownError


def _is_present(value: Known) -> bool:
    """Check for the place of the present bar."""
    return _is_written(value) and isinstance(value, Thing) and value.what == 0


def _call_opaque(reader: ValueReader, called: Opaque, name: str, values: Sequence[Known]) -> Known:
    made = _OF_MOMENTS.get((called.kind, name))
    texts = [one for one in values if isinstance(one, Thing) and one.origin is None and type(one.what) is str and one.what.isascii()]
    if made is None or len(texts) != len(values) or len(values) != (name == "strftime"):
        raise UnknownError
    if name in ("weekday", "isoweekday") and called.parts:
        one, six, seven = (reader.say(Thing(number)) for number in (1, 6, 7))
        day = ["%", ["+", ["day", called.parts[0]], six], seven]
        return Series(day if name == "weekday" else ["+", day, one])
    if made == TIME:
        return Opaque(TIME, tuple(["time of day", part] for part in called.parts))
    return Opaque(made, called.parts if made == DATE else ())


def _make_constant(kind: Any, values: Sequence[Known]) -> Known:
    """A time or date that is written out. Raises UnknownError for any other."""
    if not all(map(_is_written, values)):
        raise UnknownError
    return Thing(apply_surely(kind, *(one.what for one in values if isinstance(one, Thing))))


def compare_moments(reader: ValueReader, word: str, left: Known, right: Known) -> Truth:
    """Compare a bar's day or time of day with one that is known. Raises UnknownError for anything else."""
    said = []
    for one, other in ((left, right), (right, left)):
        if isinstance(one, Opaque) and isinstance(other, Thing):
            if (
                len(one.parts) != 1
                or type(other.what) is not {DATE: dt.date, TIME: dt.time}.get(one.kind)
                or getattr(other.what, "tzinfo", None)
            ):
                raise UnknownError
            reader.trace.note(other.origin, keep_typed, keep_typed(other.what))
            said.append(one.parts[0] if one.kind == TIME else ["day", one.parts[0]])
        elif isinstance(one, Thing) and isinstance(other, Opaque):
            said.append(reader.say(Thing(_count(one.what))))
        else:
            raise UnknownError
    return [word, *said]


def _count(moment: Any) -> int:
    """A day as Backtrader counts them, or the millionths of a second since midnight. Raises UnknownError for anything else."""
    if type(moment) is dt.date:
        return moment.toordinal()
    if type(moment) is not dt.time:
        raise UnknownError
    return ((moment.hour * 60 + moment.minute) * 60 + moment.second) * 1_000_000 + moment.microsecond
