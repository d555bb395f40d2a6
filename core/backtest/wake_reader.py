"""Conditions that wake a strategy: the one on later bars without which its `next()` does nothing, from its text and from how it stands.

Whatever is not known here counts as something that `next()` does. Only the strategy's own process believes this: a condition that is wrong
makes it miss its own bars. Imports Backtrader.
"""

import ast
import json
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import backtrader as bt
from backtrader.lineroot import LineRoot

from core.backtest.wake_calls import compare_moments, is_builtin, list_rounds, read_call
from core.backtest.wake_conditions import (
    ALWAYS,
    FURTHEST_BACK,
    MOST_NUMBERS,
    NEVER,
    Truth,
    WakeCondition,
    both,
    either,
    opposite,
    read_condition,
)
from core.backtest.wake_extremes import find_extreme
from core.backtest.wake_known import UNKNOWN, Known, Names, Opaque, Series, Thing
from core.backtest.wake_methods import Functions, OwnMethod, assign, does_nothing, find_functions, find_own_method, find_text, list_assigned
from core.backtest.wake_trace import (
    CONTAINERS,
    PLAIN,
    Trace,
    UnknownError,
    apply_surely,
    are_members,
    find_truth,
    is_an_order,
    is_same,
    keep_typed,
)
from core.backtest.wake_values import TRUTHS, ValueReader

_COMPARISONS: Mapping[type[ast.cmpop], tuple[str, Callable[[Any, Any], Any]]] = {
    ast.Lt: ("<", operator.lt),
    ast.Gt: (">", operator.gt),
    ast.LtE: ("<=", operator.le),
    ast.GtE: (">=", operator.ge),
    ast.Eq: ("==", operator.eq),
    ast.NotEq: ("!=", operator.ne),
}
_ONLY_ONES = (type(None), bool)
_OWN_WAYS = ("__getattribute__", "__getattr__", "__setattr__", "__len__", "__bool__", "__eq__", "getposition")
_DEEPEST, _MOST_FORKS = 4, 40
"""Methods within methods, and branches of theirs that are followed apart."""
_MOST_TRACES = 8
"""Readings that are kept."""


@dataclass(frozen=True, slots=True)
class _KeptReading:
    """A reading that may be used again."""

    text: str
    furthest: int
    trace: Trace
    steps: Mapping[str, int]
    extremes: Sequence[str]


class WakeReader:
    """Reads the conditions of one strategy, whose lines have numbers by id."""

    @classmethod
    def prepare(cls, strategy: Any, lines: Mapping[int, int]) -> "WakeReader | None":
        """Read the text of `next()`; None where it is not at hand, or the strategy has ways of its own of being read."""
        kind = type(strategy)
        own = [base for base in kind.__mro__ if base is not object and not base.__module__.startswith("backtrader")]
        if "next" in vars(strategy) or any(name in vars(base) for base in own for name in _OWN_WAYS):
            return None
        functions = find_functions()
        found = None if kind.next is bt.Strategy.next else find_text(kind.next, functions)
        if kind.next is not bt.Strategy.next and (found is None or kind.next.__code__.co_argcount != 1 or found.decorator_list):
            return None
        return cls(strategy, lines, [] if found is None else found.body, functions)

    def __init__(self, strategy: Any, lines: Mapping[int, int], statements: Sequence[ast.stmt], functions: Functions) -> None:
        self._strategy, self._lines, self._statements, self._functions = strategy, lines, statements, functions
        self.count = 1 + max(lines.values(), default=0)
        """Lines that have numbers."""
        self._function = type(strategy).next
        self._values = self._begin()
        self._known: list[_KeptReading] = []
        self._acts: Truth = False
        """Truth of "something is done, or may be", as far as `next()` was read."""
        self._depth = self._forks = 0

    def _begin(self) -> ValueReader:
        return ValueReader(self._strategy, self._lines, self._function, self._judge_surely, self._call, self._call_own)

    def read(self) -> WakeCondition | None:
        """Read the condition of now; None where the strategy's `next` has become another one."""
        if type(self._strategy).next is not self._function or "next" in vars(self._strategy):
            return None
        for place, known in enumerate(self._known):
            if known.furthest < len(self._strategy) and known.trace.holds():
                try:
                    numbers = known.trace.read_numbers()
                except UnknownError:
                    continue
                if place:
                    self._known.insert(0, self._known.pop(place))
                return WakeCondition(known.text, numbers if known.text != NEVER else [], known.steps, known.extremes)
        return self._read_anew()

    def _read_anew(self) -> WakeCondition:
        values = self._values = self._begin()
        self._acts, self._depth, self._forks = False, 0, 0
        try:
            self._go(self._statements, {}, True)
            text = self._write_condition()
            numbers = values.trace.read_numbers() if text != ALWAYS else []
        except (ValueError, RecursionError, UnknownError):  # a large one, or one with other numbers than can be said
            text, numbers = ALWAYS, []
        if text != ALWAYS and values.furthest >= len(self._strategy):
            return WakeCondition(ALWAYS, [])
        extremes = tuple(values.carried.extremes)
        self._known = [_KeptReading(text, values.furthest, values.trace, values.carried.steps, extremes), *self._known[: _MOST_TRACES - 1]]
        return WakeCondition(text, numbers if text != NEVER else [], values.carried.steps, extremes)

    def _write_condition(self) -> str:
        """The text of when something is done. Raises ValueError and RecursionError for one that is larger than what is read."""
        values = self._values
        if self._acts is True or (self._acts is False and not values.carried.extremes):
            return ALWAYS if self._acts else NEVER
        if values.furthest > FURTHEST_BACK or values.trace.count > MOST_NUMBERS:
            return ALWAYS
        acts = ["never"] if self._acts is False else self._acts
        text = json.dumps(
            ["with extremes", list(values.carried.extremes.values()), acts] if values.carried.extremes else acts, separators=(",", ":")
        )
        read_condition(text, self.count)
        return text

    def _go(self, statements: Sequence[ast.stmt], names: dict[str, Known], reached: Truth) -> Truth:
        """Go through statements that are reached under a condition; gives when what follows them is reached without anything done."""
        for one in statements:
            if reached is False:
                return False
            if does_nothing(one):
                continue
            before = reached
            try:
                reached = self._go_on(one, names, reached)
            except UnknownError:
                self._acts = either(self._acts, before)
                return False
            self._note_raises(before)
        return reached

    def _note_raises(self, reached: Truth) -> None:
        """Let a bar on which something raises have its turn."""
        self._acts, self._values.raises = either(self._acts, both(reached, self._values.raises)), False

    def _go_on(self, one: ast.stmt, names: dict[str, Known], reached: Truth) -> Truth:
        if self._carry_extreme(one, names, reached):
            return reached
        if isinstance(one, ast.If):
            return self._branch(one, names, reached)
        if isinstance(one, ast.For):
            self._repeat(one, names, reached)
            return reached
        if isinstance(one, ast.Continue | ast.Break):
            return False
        if isinstance(one, ast.Return):
            if one.value is not None:
                self._values.evaluate(one.value, names)
            return False
        if isinstance(one, ast.Expr) and (found := self._find_own_method(one.value, names)) is not None:
            self._go_inside(found, lambda body, inner: self._go(body, inner, reached))
        elif isinstance(one, ast.AugAssign) and isinstance(one.target, ast.Attribute):
            step = self._values.evaluate(one.value, names)
            simple = isinstance(one.op, ast.Add) and reached is True and self._acts is False and self._values.raises is False
            if not simple or not self._values.is_own(one.target) or not isinstance(step, Thing) or step.origin:
                raise UnknownError
            self._values.carried.count_on(one.target.attr, step.what)
        else:
            assign(self._values, one, names)
        return reached

    def _repeat(self, one: ast.For, names: dict[str, Known], reached: Truth) -> None:
        """Go through the body of a loop for each of a few things. Who leaves early is taken to stay, which wakes too often, never late."""
        unsure = (
            dict.fromkeys(list_assigned(one.body), UNKNOWN)
            if any(isinstance(each, ast.Continue | ast.Break) for each in ast.walk(one))
            else {}
        )
        for bound in list_rounds(self._values, one, names):
            names |= bound
            self._go(one.body, names, reached)
            names |= unsure

    def _find_own_method(self, expression: ast.expr, names: Names) -> OwnMethod | None:
        return find_own_method(self._values, self._functions, expression, names)

    def _go_inside(self, method: OwnMethod, go: Callable[[list[ast.stmt], dict[str, Known]], Any]) -> Any:
        """Do something with the body of a method, in which its own names count."""
        if self._depth == _DEEPEST:
            raise UnknownError
        before, self._values.function, self._depth = self._values.function, method.function, self._depth + 1
        try:
            return go(method.text.body, method.names)
        finally:
            self._values.function, self._depth = before, self._depth - 1

    def _call(self, expression: ast.Call, names: Names) -> Known:
        found = self._find_own_method(expression, names)
        return read_call(self._values, expression, names) if found is None else self._read_own(found)

    def _call_own(self, function: Any) -> Known:
        """The value of a property. Raises UnknownError."""
        text = find_text(function, self._functions)
        if text is None or [getattr(one, "id", "") for one in text.decorator_list] != ["property"]:
            raise UnknownError
        return self._read_own(OwnMethod(function, text, {}))

    def _read_own(self, method: OwnMethod) -> Known:
        values = self._values
        return self._go_inside(method, lambda body, names: self._find_result(body, names, values.evaluate, values.choose))  # type: ignore[no-any-return]

    def _find_result(
        self, statements: Sequence[ast.stmt], names: dict[str, Known], read: Callable[[ast.expr, Names], Any], choose: Callable[..., Any]
    ) -> Any:
        """Result of statements, as `read` reads it, and `choose` chooses where that follows from the bar. Raises UnknownError."""
        for place, one in enumerate(statements):
            if isinstance(one, ast.Return):
                return read(one.value or ast.Constant(None), names)
            if isinstance(one, ast.If):
                test, rest = self._judge_surely(one.test, names), statements[place + 1 :]
                if isinstance(test, bool):
                    return self._find_result([*(one.body if test else one.orelse), *rest], names, read, choose)
                self._forks += 1
                if self._forks > _MOST_FORKS:
                    raise UnknownError
                ways = [self._find_result([*body, *rest], dict(names), read, choose) for body in (one.body, one.orelse)]
                return choose(test, *ways)
            if not does_nothing(one):
                assign(self._values, one, names)
        return read(ast.Constant(None), names)

    def _carry_extreme(self, one: ast.stmt, names: Names, reached: Truth) -> bool:
        """Note a statement that keeps the largest or smallest value so far in an attribute; true where it is one."""
        values, found = self._values, find_extreme(one) if reached is True else None
        if found is None or not values.is_own(found.target) or not is_builtin(values, found.word):
            return False
        try:
            value = values.evaluate(found.value, names)
            if values.raises is not False:
                return False
            values.carried.carry_extreme(found.target.attr, found.word, value, first=found.first)
        except UnknownError:
            return False
        return True

    def _branch(self, one: ast.If, names: dict[str, Known], reached: Truth) -> Truth:
        test, unknown = self._judge(one.test, names)
        self._note_raises(reached)
        self._acts = either(self._acts, both(reached, unknown))
        sure, branches = both(reached, opposite(unknown)), (dict(names), dict(names))
        after = self._go(one.body, branches[0], both(sure, test))
        otherwise = self._go(one.orelse, branches[1], both(sure, opposite(test)))
        left = branches[1] if after is False else branches[0]
        for name in {*branches[0], *branches[1]}:
            same = after is False or otherwise is False or branches[0].get(name) is branches[1].get(name)
            names[name] = left.get(name, UNKNOWN) if same else self._choose(test, *(branch.get(name, UNKNOWN) for branch in branches))
        return either(after, otherwise)

    def _choose(self, test: Truth, one: Known, other: Known) -> Known:
        """The value of a name after two branches."""
        try:
            return UNKNOWN if one is UNKNOWN or other is UNKNOWN else self._values.choose(test, one, other)
        except UnknownError:
            return UNKNOWN

    def _judge_surely(self, expression: ast.expr, names: Names) -> Truth:
        truth, unknown = self._judge(expression, names)
        if unknown is not False:
            raise UnknownError
        return truth

    def _judge(self, expression: ast.expr, names: Names) -> tuple[Truth, Truth]:
        """Judge whether an expression is true, and when that is not known."""
        if isinstance(expression, ast.BoolOp):
            return self._judge_chain(expression, names)
        if isinstance(expression, ast.UnaryOp) and isinstance(expression.op, ast.Not):
            truth, unknown = self._judge(expression.operand, names)
            return opposite(truth), unknown
        try:
            if isinstance(expression, ast.Compare):
                return self._compare(expression, names), False
            if (found := self._find_own_method(expression, names)) is not None:
                return self._go_inside(found, lambda body, inner: self._find_result(body, inner, self._judge_surely, _choose_truth)), False
            return self._find_truth(self._values.evaluate(expression, names)), False
        except UnknownError:
            return False, True

    def _judge_chain(self, expression: ast.BoolOp, names: Names) -> tuple[Truth, Truth]:
        joins = isinstance(expression.op, ast.And)
        whole: Truth = joins
        unknown: Truth = False
        goes_on: Truth = True
        for part in expression.values:
            truth, open_ = self._judge(part, names)
            unknown = either(unknown, both(goes_on, open_))
            goes_on = both(goes_on, truth if joins else opposite(truth))
            whole = both(whole, truth) if joins else either(whole, truth)
            if goes_on is False:
                break
        return whole, unknown

    def _compare(self, expression: ast.Compare, names: Names) -> Truth:
        whole: Truth = True
        left = self._values.evaluate(expression.left, names)
        for sign, other in zip(expression.ops, expression.comparators, strict=True):
            right = self._find_members(other, names) if isinstance(sign, ast.In | ast.NotIn) else self._values.evaluate(other, names)
            whole = both(whole, self._compare_two(sign, left, right))
            if whole is False:
                break
            left = right
        return whole

    def _find_members(self, expression: ast.expr, names: Names) -> Known:
        """The container that a thing is looked for in, as written or as it is."""
        if isinstance(expression, ast.List | ast.Tuple | ast.Set):
            found = [self._values.evaluate(one, names) for one in expression.elts]
            if all(isinstance(one, Thing) and one.origin is None for one in found):
                return Thing([one.what for one in found if isinstance(one, Thing)])
        raise UnknownError

    def _compare_two(self, sign: ast.cmpop, left: Known, right: Known) -> Truth:
        things = [one.what for one in (left, right) if isinstance(one, Thing)]
        if isinstance(sign, ast.Eq | ast.NotEq | ast.Is | ast.IsNot) and are_members(things):
            for each in (left, right):
                self._values.enter(each)
            equal = things[0] == things[1] if isinstance(sign, ast.Eq | ast.NotEq) else things[0] is things[1]
            return bool(equal) is isinstance(sign, ast.Eq | ast.Is)
        if isinstance(sign, ast.Is | ast.IsNot):
            return self._compare_identity(left, right) is isinstance(sign, ast.Is)
        if isinstance(sign, ast.Eq | ast.NotEq) and any(one is None for one in things) and any(map(is_an_order, things)):
            return self._compare_identity(left, right) is isinstance(sign, ast.Eq)
        if isinstance(sign, ast.In | ast.NotIn):
            if len(things) < 2 or type(things[1]) not in CONTAINERS or not all(type(one) in PLAIN for one in (things[0], *things[1])):
                raise UnknownError
            self._note_plain(left)
            return (things[0] in things[1]) is isinstance(sign, ast.In)
        word, compare = _COMPARISONS[type(sign)]
        if len(things) == 2 and all(type(one) in PLAIN for one in things):
            known = [one.origin for one in (left, right) if isinstance(one, Thing)]
            if known == [None, None] or not all(type(one) in (int, float) for one in things):
                self._note_plain(left)
                self._note_plain(right)
                return bool(apply_surely(compare, *things))
        opaque = isinstance(left, Opaque) or isinstance(right, Opaque)
        return compare_moments(self._values, word, left, right) if opaque else [word, self._values.say(left), self._values.say(right)]

    def _compare_identity(self, left: Known, right: Known) -> bool:
        """Check whether two things are one, where one of them is None or a truth that is written."""
        for one, other in ((left, right), (right, left)):
            if isinstance(one, Thing) and isinstance(other, Thing) and other.origin is None and type(other.what) in _ONLY_ONES:
                look = is_same(other.what)
                self._values.trace.note(one.origin, look, look(one.what))
                return look(one.what)
        raise UnknownError

    def _note_plain(self, value: Known) -> None:
        if isinstance(value, Thing):
            self._values.trace.note(value.origin, keep_typed, keep_typed(value.what))

    def _find_truth(self, value: Known) -> Truth:
        if isinstance(value, Series):
            return value.said if value.said[0] in TRUTHS else ["nonzero", value.said]
        if isinstance(value, Opaque):
            raise UnknownError
        if isinstance(value.what, LineRoot):
            return ["nonzero", self._values.say(value)]
        truth = find_truth(value.what)
        self._values.trace.note(self._values.trace.find_place(value.what, value.origin), find_truth, truth)
        return truth


def _choose_truth(test: Truth, one: Truth, other: Truth) -> Truth:
    return either(both(test, one), both(opposite(test), other))
