"""Values of a script that is played: plain ones as they are, the script's own functions, classes and objects, and the unknown."""

import ast
import copy
import itertools
import json
import math
import operator
from collections import ChainMap, OrderedDict, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from core.domain.python_syntax import parse_expression_tree

Value = Any
PLAIN = (bool, int, float, str, type(None))
TABLES = (list, tuple, dict, set, frozenset, range)
_MOST_ELEMENTS = 2_000
_LARGEST = 1e60
_DEEPEST = 24
_MOST_WRITTEN = 200
"""Elements of a value that is written into the code."""


class LostTrackError(Exception):
    """The script does something that cannot be played with certainty."""


class ReturnedError(Exception):
    """A function of the script gives something back."""

    def __init__(self, value: Value) -> None:
        self.value = value


class LoopLeftError(Exception):
    """A loop is left."""


class NextRoundError(Exception):
    """A loop goes on with its next round."""


class Undecided:
    """A function or a class of the script that cannot be played: nothing can be told once it is used."""


class Unknown:
    """A value of which nothing is known: of a library, a file, a feed, the engine."""


UNKNOWN = Unknown()


@dataclass(frozen=True, slots=True)
class Library:
    """A name of a library, or a function that Python has by itself (`builtins.len`)."""

    name: str


@dataclass(eq=False)
class Scope:
    """Names of the script, of a call or of a class body."""

    names: dict[str, Value]
    outer: "Scope | None" = None
    elsewhere: dict[str, "Scope"] = field(default_factory=dict)
    """Names that are declared global or nonlocal."""

    def find(self, name: str) -> "Scope | None":
        """The scope that holds a name."""
        scope: Scope | None = self.elsewhere.get(name, self)
        while scope is not None and name not in scope.names:
            scope = scope.outer
        return scope

    def set(self, name: str, value: Value) -> None:
        """Bind a name where it is bound."""
        self.elsewhere.get(name, self).names[name] = value


@dataclass(eq=False)
class PlayedFunction:
    """A function of the script."""

    args: ast.arguments
    body: list[ast.stmt] | ast.expr
    scope: Scope
    defaults: list[Value]
    word_defaults: list[Value]
    kind: str = ""
    """`property`, `cached` (a property), `classmethod`, `staticmethod`, `setter`, or `manager`."""
    attributes: dict[str, Value] = field(default_factory=dict)
    answers: list[tuple[list[Value], Value]] | None = None
    """Questions that a function which remembers was asked, with its answers."""


@dataclass(eq=False)
class PlayedClass:
    """A class of the script."""

    name: str
    bases: list["PlayedClass"]
    attributes: dict[str, Value]
    foreign: bool = False
    """True where it derives from what is not the script's own."""
    fields: dict[str, Value] | None = None
    """Fields of a data class with their defaults; `UNKNOWN` where a field has none."""

    def family(self) -> list["PlayedClass"]:
        """The class and those that it derives from, the nearest first."""
        found = [self]
        for each in found:
            found.extend(base for base in each.bases if base not in found)
        return found

    def find(self, name: str) -> Value:
        """An attribute of the class or of those above; `UNKNOWN` itself where there is none."""
        return next((each.attributes[name] for each in self.family() if name in each.attributes), UNKNOWN)


@dataclass(eq=False)
class PlayedObject:
    """An object of a class of the script."""

    made_of: PlayedClass
    attributes: dict[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Bound:
    """A method with what it is asked of, or a function with its first arguments."""

    function: Value
    first: tuple[Value, ...]
    words: tuple[tuple[str, Value], ...] = ()


@dataclass(frozen=True, slots=True)
class PlainMethod:
    """A method of a plain value."""

    owner: Value
    name: str


def is_plain(value: Value) -> bool:
    """True for a number, a text, a table or the like, whatever is in it."""
    return type(value) in (*PLAIN, *TABLES, OrderedDict, defaultdict, ChainMap)


def knows_all(value: Value) -> bool:
    """True for a plain value in which everything is plain; one of very many elements, each counted wherever it stands, is given up."""
    waiting, count = [value], 0
    while waiting:
        each = waiting.pop()
        count += 1
        if count > 2 * _MOST_ELEMENTS:
            raise LostTrackError
        if not is_plain(each):
            return False
        if isinstance(each, ChainMap):
            waiting.extend(each.maps)
        elif isinstance(each, list | tuple | set | frozenset | dict):
            waiting.extend(part for pair in each.items() for part in pair) if isinstance(each, dict) else waiting.extend(each)
    return True


def take_all(value: Value) -> list[Value]:
    """All elements of a table, or of what gives them one by one."""
    if not is_plain(value) and not hasattr(value, "__next__"):
        raise LostTrackError
    elements = list(itertools.islice(value, _MOST_ELEMENTS + 1))
    if len(elements) > _MOST_ELEMENTS:
        raise LostTrackError
    return elements


def check_key(value: Value) -> Value:
    """The value, where it can be a key of a table or an element of a set."""
    if not knows_all(value):
        raise LostTrackError
    return value


def copy_deep(value: Value, memo: dict[int, Value] | None = None) -> Value:
    """A copy with everything in it, objects of the script among them."""
    memo = {} if memo is None else memo
    if id(value) in memo:
        return memo[id(value)]
    if isinstance(value, PlayedObject):
        memo[id(value)] = made = PlayedObject(value.made_of)
        made.attributes = copy_deep(value.attributes, memo)
        return made
    if isinstance(value, dict):
        memo[id(value)] = table = copy.copy(value)
        table.clear()
        table.update({copy_deep(key, memo): copy_deep(each, memo) for key, each in value.items()})
        return table
    if isinstance(value, ChainMap):
        memo[id(value)] = ChainMap(*(copy_deep(each, memo) for each in value.maps))
        return memo[id(value)]
    if isinstance(value, list):
        memo[id(value)] = elements = list[Value]()
        elements.extend(copy_deep(each, memo) for each in value)
        return elements
    if isinstance(value, tuple):
        memo[id(value)] = tuple(copy_deep(each, memo) for each in value)
        return memo[id(value)]
    return value


def is_alike(one: Value, other: Value, depth: int = 0) -> bool:
    """True where two values, one of them a copy of the other, hold the same, objects of the script compared by their attributes."""
    if isinstance(one, PlayedObject) and isinstance(other, PlayedObject) and depth < _DEEPEST:
        return is_alike(one.attributes, other.attributes, depth + 1)
    if isinstance(one, dict) and isinstance(other, dict):
        return [*one] == [*other] and all(is_alike(one[key], other[key], depth + 1) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(is_alike(*pair, depth + 1) for pair in zip(one, other, strict=True))
    return one is other or (type(one) is type(other) and is_plain(one) and bool(one == other))


def write_value(value: Value) -> ast.expr | None:
    """The expression that makes a plain value; None for anything else, and for what is long."""
    count, waiting = 0, [value]
    while waiting:
        each = waiting.pop()
        count += 1
        if count > _MOST_WRITTEN or type(each) not in (*PLAIN, list, tuple, dict) or (isinstance(each, float) and not math.isfinite(each)):
            return None
        waiting.extend(part for pair in each.items() for part in pair) if isinstance(each, dict) else None
        waiting.extend(each) if isinstance(each, list | tuple) else None
    return parse_expression_tree(repr(value))


_OPERATORS: dict[type, Callable[[Value, Value], Value]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.BitOr: operator.or_,
    ast.BitAnd: operator.and_,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
    ast.In: lambda one, other: one in other,
    ast.NotIn: lambda one, other: one not in other,
}
_IN_PLACE: dict[type, Callable[[Value, Value], Value]] = {ast.Add: operator.iadd, ast.BitOr: operator.ior, ast.BitAnd: operator.iand}


def compute(kind: type, left: Value, right: Value, *, in_place: bool = False) -> Value:
    """Two plain values under an operator; unknown where one is, or where the result may be large."""
    if kind in (ast.Is, ast.IsNot) and (left is None or right is None) and not isinstance(left, Unknown | Library):
        return (left is right) == (kind is ast.Is)
    if not (is_plain(left) and is_plain(right)) or kind not in _OPERATORS:
        if isinstance(left, PlayedObject) or isinstance(right, PlayedObject) or hasattr(right, "__next__"):
            raise LostTrackError
        return UNKNOWN
    if kind in (ast.Is, ast.IsNot) and not (isinstance(left, bool) and isinstance(right, bool)):
        return UNKNOWN
    asked = list(right) if kind in (ast.In, ast.NotIn) and isinstance(right, dict) else right
    if kind in (ast.Eq, ast.NotEq, ast.In, ast.NotIn) and not (knows_all(left) and knows_all(asked)):
        return UNKNOWN
    numbers = isinstance(left, int | float) and isinstance(right, int | float)
    if kind is ast.Pow and (not numbers or abs(right) > 64 or abs(left) > 1e6):
        return UNKNOWN
    if not numbers and (_measure(left) + _measure(right)) * max(_size(left, right), 1) > _MOST_ELEMENTS:
        raise LostTrackError
    if numbers and max(abs(left), abs(right)) > _LARGEST:
        return UNKNOWN
    if kind is ast.Mod and isinstance(left, str):
        return UNKNOWN
    return (_IN_PLACE.get(kind, _OPERATORS[kind]) if in_place else _OPERATORS[kind])(left, right)


def _measure(value: Value) -> int:
    return len(value) if hasattr(value, "__len__") else 1


def _size(left: Value, right: Value) -> float:
    return max([abs(each) for each in (left, right) if isinstance(each, int | float)], default=0)


METHODS: dict[type, frozenset[str]] = {
    dict: frozenset(("get", "items", "keys", "values", "pop", "popitem", "update", "setdefault", "copy", "clear", "move_to_end")),
    ChainMap: frozenset(("get", "items", "keys", "values", "pop", "update", "setdefault", "copy", "new_child")),
    list: frozenset(("append", "extend", "insert", "pop", "remove", "index", "count", "copy", "clear", "reverse", "sort")),
    set: frozenset(("add", "discard", "remove", "update", "union", "intersection", "difference", "copy", "clear", "pop")),
    str: frozenset(
        (
            "upper",
            "lower",
            "strip",
            "lstrip",
            "rstrip",
            "split",
            "replace",
            "startswith",
            "endswith",
            "join",
            "title",
            "capitalize",
            "isdigit",
        )
    ),
    tuple: frozenset(("index", "count")),
}
_FUNCTIONS: dict[str, Callable[..., Value]] = {
    **{
        each.__name__: each for each in (int, float, str, bool, len, min, max, sum, abs, round, list, dict, tuple, set, frozenset, any, all)
    },
    "sorted": sorted,
    "reversed": lambda value: list(value)[::-1],
    "zip": lambda *values: list(zip(*values, strict=False)),
    "enumerate": lambda value, start=0: list(enumerate(value, start)),
    "iter": iter,
    "divmod": divmod,
}
_LIBRARY: dict[str, Callable[..., Value]] = {
    "itertools.product": lambda *values: list(itertools.product(*values)),
    "itertools.chain": lambda *values: list(itertools.chain(*values)),
    "collections.OrderedDict": OrderedDict,
    "json.loads": json.loads,
    **{f"math.{name}": getattr(math, name) for name in ("floor", "ceil", "sqrt", "log", "exp")},
}
_NEED_ALL = frozenset(
    ("min", "max", "sum", "sorted", "any", "all", "int", "float", "str", "bool", "round", "abs", "set", "frozenset", "divmod")
)
"""Functions that ask what is in their arguments."""
_TAKING_ALL = frozenset(("list", "tuple", "dict", "set", "frozenset", "sorted", "sum", "min", "max", "collections.OrderedDict"))
"""Functions that take all elements of what gives them one by one."""


def call_plain(name: str, args: list[Value], words: dict[str, Value]) -> Value:
    """A function of Python or of its library on plain values; unknown where it is not one of those that are known."""
    function = _FUNCTIONS.get(name.removeprefix("builtins.")) if name.startswith("builtins.") else _LIBRARY.get(name)
    if function is None or "key" in words or "object_hook" in words:
        return UNKNOWN
    if any(hasattr(each, "__next__") for each in args):
        if name.removeprefix("builtins.") not in _TAKING_ALL:
            raise LostTrackError
        args = [take_all(each) if hasattr(each, "__next__") else each for each in args]
    asks = name.removeprefix("builtins.") in _NEED_ALL or name in _LIBRARY
    if not all(map(knows_all if asks else is_plain, (*args, *words.values()))):
        return UNKNOWN
    if any(_measure(each) > _MOST_ELEMENTS for each in args) or (
        name == "itertools.product" and math.prod(map(_measure, args)) > _MOST_ELEMENTS
    ):
        raise LostTrackError
    return function(*args, **words)


def call_method(method: PlainMethod, args: list[Value], words: dict[str, Value]) -> Value:
    """A method of a plain value."""
    owner, name = method.owner, method.name
    known = next((names for kind, names in METHODS.items() if isinstance(owner, kind)), frozenset())
    if name in ("update", "extend", "join", "union"):
        args = [take_all(each) if hasattr(each, "__next__") else each for each in args]
    if any(_measure(each) > _MOST_ELEMENTS for each in (owner, *args)):
        raise LostTrackError
    if name not in known:
        if isinstance(owner, str | tuple | int | float):
            return UNKNOWN
        raise LostTrackError
    if name == "sort" and ("key" in words or not knows_all(owner)):
        raise LostTrackError
    if any(isinstance(each, Unknown | Library) for each in args) and name not in ("append", "insert", "get", "setdefault"):
        if isinstance(owner, str | tuple):
            return UNKNOWN
        raise LostTrackError
    if name in ("get", "setdefault", "pop") and args:
        check_key(args[0])
    if name in ("index", "count", "remove") or isinstance(owner, set | frozenset):
        check_key([owner, *args])
    made = getattr(owner, name)(*args, **words)
    return list(made) if name in ("items", "keys", "values") else made
