"""Objects, functions and classes of a script that is played: how they are made, read, set and called."""

import ast
from abc import ABC, abstractmethod
from collections.abc import Sequence

from core.gate.play_generators import Managed, gives_one_by_one, play_generator
from core.gate.played_values import (
    UNKNOWN,
    Bound,
    Library,
    LostTrackError,
    PlainMethod,
    PlayedClass,
    PlayedFunction,
    PlayedObject,
    ReturnedError,
    Scope,
    Undecided,
    Unknown,
    Value,
    call_method,
    call_plain,
    check_key,
    is_alike,
    is_plain,
    take_all,
)

_ODD = frozenset(
    ("__getattr__", "__getattribute__", "__setattr__", "__delattr__", "__eq__", "__hash__", "__new__", "__iter__", "__len__", "__bool__")
)
_CALLED_BACK = frozenset(
    ("add_argument", "adddata", "addsizer", "addanalyzer", "addobserver", "addindicator", "add_timer", "setsizer", "append")
)
"""Methods of what is unknown that are given classes and functions of the script, and call none of them before the run."""
_ENDING = frozenset(
    (
        "exit",
        "quit",
        "sys.exit",
        "os._exit",
        "exec",
        "eval",
        "globals",
        "locals",
        "__import__",
        "type",
        "object",
        "delattr",
    )
)
"""Functions behind which nothing can be told."""
_KINDS = {"contextlib.contextmanager": "manager", "functools.cached_property": "cached"}
"""Decorators of Python's library, and the kind of function that they make."""
_REMEMBERING = (Library("functools.lru_cache"), Library("functools.cache"))
"""Decorators that make a function answer the same question once."""
_MOST_ANSWERS = 200
_DEEPEST = 24


class ObjectPlay(ABC):
    """The part of a play that is about what the script makes itself."""

    def __init__(self) -> None:
        self._depth = 0
        self.environment: dict[str, Value] = {}
        """Variables of the environment that the script sets; of all others nothing is known."""

    @abstractmethod
    def count_step(self) -> None:
        """Count one step of the play; too many end it."""

    @abstractmethod
    def is_true(self, value: Value) -> bool | None:
        """True where a value counts as true; None where that is unknown."""

    @abstractmethod
    def set(self, target: ast.expr, value: Value, scope: Scope) -> None:
        """Bind a target."""

    @abstractmethod
    def run(self, body: Sequence[ast.stmt], scope: Scope) -> None:
        """Play statements."""

    @abstractmethod
    def call_own(self, name: str, args: list[Value], words: dict[str, Value]) -> tuple[Value] | None:
        """A function that asks about objects of the script, with its answer; None for any other."""

    @abstractmethod
    def run_one(self, node: ast.stmt, scope: Scope) -> None:
        """Play one statement."""

    @abstractmethod
    def read(self, node: ast.expr, scope: Scope) -> Value:
        """The value of an expression."""

    def set_attribute(self, owner: Value, name: str, value: Value) -> None:
        if isinstance(owner, PlayedObject):
            setter = owner.made_of.find(f"{name}=")
            if isinstance(setter, PlayedFunction):
                self.enter(setter, [owner, value], {})
            elif isinstance(found := owner.made_of.find(name), PlayedFunction | PlayedObject) and getattr(found, "kind", "") != "cached":
                raise LostTrackError
            else:
                owner.attributes[name] = value
        elif isinstance(owner, PlayedClass | PlayedFunction):
            owner.attributes[name] = value
        elif isinstance(owner, Library) or not isinstance(owner, Unknown):
            raise LostTrackError

    def get_attribute(self, owner: Value, name: str) -> Value:
        if isinstance(owner, PlayedObject):
            return self._get_attribute_of(owner, name)
        if isinstance(owner, PlayedClass):
            found = owner.find(name)
            if isinstance(found, PlayedFunction) and found.kind == "classmethod":
                return Bound(found, (owner,))
            if isinstance(found, Unknown) and not owner.foreign:
                raise LostTrackError
            return found
        if isinstance(owner, PlayedFunction):
            return owner.attributes[name]
        if isinstance(owner, Library):
            return Library(f"{owner.name}.{name}") if len(owner.name) < 100 else UNKNOWN
        if isinstance(owner, Unknown):
            return UNKNOWN
        if is_plain(owner):
            return PlainMethod(owner, name)
        raise LostTrackError

    def _get_attribute_of(self, owner: PlayedObject, name: str) -> Value:
        if name == "__dict__":
            return owner.attributes
        found = owner.made_of.find(name)
        if isinstance(found, PlayedFunction):
            if found.kind == "property":
                return self.enter(found, [owner], {})
            if found.kind == "cached":
                if name not in owner.attributes:
                    owner.attributes[name] = self.enter(found, [owner], {})
                return owner.attributes[name]
            if found.kind == "staticmethod":
                return found
            return Bound(found, (owner.made_of if found.kind == "classmethod" else owner,))
        if name in owner.attributes:
            return owner.attributes[name]
        if name == "__class__":
            return owner.made_of
        if isinstance(found, PlayedObject | Unknown):
            raise LostTrackError
        return found

    def call(self, function: Value, args: list[Value], words: dict[str, Value], node: ast.expr | ast.stmt) -> Value:
        if isinstance(function, Bound):
            return self.call(function.function, [*function.first, *args], {**dict(function.words), **words}, node)
        if isinstance(function, PlayedFunction):
            return self.enter(function, args, words)
        if isinstance(function, PlayedClass):
            return self.make_object(function, args, words, node)
        if isinstance(function, PlayedObject):
            return self.call(self.get_attribute(function, "__call__"), args, words, node)
        if isinstance(function, Library):
            return self._call_library(function.name, args, words, node)
        if isinstance(function, PlainMethod):
            if function.name == "sort" and type(function.owner) is list and "key" in words and not args:
                function.owner[:] = self.sort_by_key(function.owner, words, node)
                return None
            return call_method(function, args, words)
        if not isinstance(function, Unknown):
            raise LostTrackError
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _CALLED_BACK):
            self.check_handed([*args, *words.values()])
        return UNKNOWN

    def check_handed(self, values: Sequence[Value]) -> None:
        """Functions, classes and objects of the script may be called by what they are given to."""
        own = (PlayedFunction, PlayedClass, PlayedObject, Bound)
        for value in values:
            inner = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple | set) else ()
            if isinstance(value, own) or hasattr(value, "__next__") or any(isinstance(each, own) for each in inner):
                raise LostTrackError

    def _call_library(self, name: str, args: list[Value], words: dict[str, Value], node: ast.expr | ast.stmt) -> Value:
        short = name.removeprefix("builtins.")
        if (own := self.call_own(name, args, words)) is not None:
            return own[0]
        if name == "functools.partial":
            return Bound(args[0], tuple(args[1:]), tuple(words.items()))
        if short in _ENDING:
            raise LostTrackError
        if short in ("print", "logging.info", "logging.debug", "pprint.pprint"):
            return None if short == "print" else UNKNOWN
        if name.startswith(("random.", "numpy.random.", "heapq.", "bisect.")) and any(isinstance(each, list) for each in args):
            raise LostTrackError
        if short in ("sorted", "min", "max") and "key" in words and len(args) == 1 and not isinstance(args[0], Unknown | Library):
            ordered = self.sort_by_key(take_all(args[0]), words, node, backwards=short == "max")
            return ordered if short == "sorted" else ordered[0]
        made = call_plain(name, args, words)
        if isinstance(made, Unknown):
            self.check_handed([*args, *words.values()])
        return made

    def sort_by_key(
        self, elements: list[Value], words: dict[str, Value], node: ast.expr | ast.stmt, *, backwards: bool = False
    ) -> list[Value]:
        """Sort by what a function of the script says of each element; equals stay in their order."""
        keys = [check_key(self.call(words["key"], [each], {}, node)) for each in elements]
        backwards = backwards or self.is_true(words.get("reverse", False)) is not False
        if set(words) - {"key", "reverse"}:
            raise LostTrackError
        return [elements[at] for at in sorted(range(len(keys)), key=lambda at: keys[at], reverse=backwards)]

    def enter(self, function: PlayedFunction, args: list[Value], words: dict[str, Value]) -> Value:
        asked = [*args, *words.items()]
        for before, answer in function.answers or ():
            if is_alike(before, asked):
                return answer
        answer = self._enter_anew(function, args, words)
        if function.answers is not None:
            if len(function.answers) >= _MOST_ANSWERS:
                raise LostTrackError
            function.answers.append((asked, answer))
        return answer

    def _enter_anew(self, function: PlayedFunction, args: list[Value], words: dict[str, Value]) -> Value:
        if self._depth >= _DEEPEST:
            raise LostTrackError
        scope = Scope(self._bind(function, args, words), function.scope)
        if isinstance(function.body, list) and gives_one_by_one(function.body):
            steps = play_generator(self, function.body, scope)
            return Managed(steps) if function.kind == "manager" else steps
        self._depth += 1
        try:
            if isinstance(function.body, ast.expr):
                return self.read(function.body, scope)
            self.run(function.body, scope)
        except ReturnedError as returned:
            return returned.value
        finally:
            self._depth -= 1
        return None

    def _bind(self, function: PlayedFunction, args: list[Value], words: dict[str, Value]) -> dict[str, Value]:
        taken = function.args
        positional = [one.arg for one in (*taken.posonlyargs, *taken.args)]
        names = dict(zip(positional[len(positional) - len(function.defaults) :], function.defaults, strict=True))
        names |= {one.arg: value for one, value in zip(taken.kwonlyargs, function.word_defaults, strict=True) if value is not UNKNOWN}
        if len(args) > len(positional) and taken.vararg is None:
            raise LostTrackError
        names |= dict(zip(positional, args, strict=False))
        own = {*positional, *(one.arg for one in taken.kwonlyargs)}
        names |= {name: value for name, value in words.items() if name in own}
        rest = {name: value for name, value in words.items() if name not in own}
        if (rest and taken.kwarg is None) or own - set(names):
            raise LostTrackError
        if taken.vararg is not None:
            names[taken.vararg.arg] = tuple(args[len(positional) :])
        if taken.kwarg is not None:
            names[taken.kwarg.arg] = rest
        return names

    def make_object(self, made_of: PlayedClass, args: list[Value], words: dict[str, Value], node: ast.expr | ast.stmt) -> Value:
        if made_of.foreign:
            self.check_handed([*args, *words.values()])
            return UNKNOWN
        made = PlayedObject(made_of)
        start = made_of.find("__init__")
        fields = next((each.fields for each in made_of.family() if each.fields is not None), None)
        if isinstance(start, PlayedFunction):
            self.enter(start, [made, *args], words)
        elif fields is not None:
            given = dict(zip(fields, args, strict=False)) | words
            if set(given) - set(fields):
                raise LostTrackError
            for name, default in fields.items():
                value = (
                    given[name] if name in given else self.call(default.function, [], {}, node) if isinstance(default, Bound) else default
                )
                if isinstance(value, Unknown) and name not in given:
                    raise LostTrackError
                made.attributes[name] = value
            if isinstance(after := made_of.find("__post_init__"), PlayedFunction):
                self.enter(after, [made], {})
        elif args or words:
            raise LostTrackError
        return made

    def read_defaults(self, args: ast.arguments, scope: Scope) -> tuple[list[Value], list[Value]]:
        words = [UNKNOWN if part is None else self.read(part, scope) for part in args.kw_defaults]
        return [self.read(part, scope) for part in args.defaults], words

    def make_function(self, node: ast.FunctionDef, scope: Scope) -> Value:
        if any(isinstance(part, ast.Await) for part in ast.walk(node)):
            return Undecided()
        made = PlayedFunction(node.args, node.body, scope, *self.read_defaults(node.args, scope))
        for mark in reversed(node.decorator_list):
            if isinstance(mark, ast.Name) and mark.id in ("property", "classmethod", "staticmethod"):
                made.kind = mark.id
            elif isinstance(mark, ast.Attribute) and mark.attr == "setter":
                made.kind = "setter"
            elif not ast.unparse(mark).endswith("abstractmethod"):
                return self._decorate(mark, made, scope)
        return made

    def _decorate(self, mark: ast.expr, made: Value, scope: Scope) -> Value:
        """Call the script's own decorator; what one of a library makes of a function is not told."""
        decorator = self.read(mark.func if isinstance(mark, ast.Call) else mark, scope)
        if decorator in _REMEMBERING and isinstance(made, PlayedFunction):
            made.answers = []
            return made
        decorator = self.read(mark, scope) if isinstance(mark, ast.Call) else decorator
        if isinstance(decorator, PlayedFunction | Bound):
            return self.call(decorator, [made], {}, mark)
        if isinstance(decorator, Library) and decorator.name in _KINDS and isinstance(made, PlayedFunction):
            made.kind = _KINDS[decorator.name]
            return made
        return Undecided()

    def make_class(self, node: ast.ClassDef, scope: Scope) -> Value:
        bases = [self.read(base, scope) for base in node.bases]
        own = [base for base in bases if isinstance(base, PlayedClass)]
        harmless = [base for base in bases if isinstance(base, Library) and base.name in ("builtins.object", "abc.ABC")]
        foreign = any(base.foreign for base in own) or len(own) + len(harmless) < len(bases)
        inner = Scope({}, scope)
        made = PlayedClass(node.name, own, inner.names, foreign)
        methods = Scope({"__class__": made}, scope)
        is_data = any("dataclass" in ast.unparse(mark) for mark in node.decorator_list)
        fields: dict[str, Value] = {name: value for base in reversed(own) for name, value in (base.fields or {}).items()}
        for part in node.body:
            if foreign and not isinstance(part, ast.FunctionDef):
                continue
            if isinstance(part, ast.FunctionDef):
                function = self.make_function(part, methods)
                inner.names[f"{part.name}=" if getattr(function, "kind", "") == "setter" else part.name] = function
            elif isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name):
                value = UNKNOWN if part.value is None else self._read_field(part.value, inner)
                inner.names |= {} if isinstance(value, Unknown | Bound) else {part.target.id: value}
                fields[part.target.id] = value
            else:
                self.run_one(part, inner)
        made.fields = fields if is_data else None
        odd = _ODD & set(inner.names) or node.keywords or (node.decorator_list and not is_data)
        if any("__init_subclass__" in each.attributes for each in made.family()[1:]):
            raise LostTrackError
        if foreign and node.decorator_list:
            return self._decorate(node.decorator_list[0], made, scope) if len(node.decorator_list) == 1 else Undecided()
        if foreign:
            library = [base.name for base in bases if isinstance(base, Library)]
            return made if not any(name.startswith("builtins.") for name in library) else Undecided()
        return Undecided() if odd or any(isinstance(value, Undecided) for value in inner.names.values()) else made

    def _read_field(self, node: ast.expr, scope: Scope) -> Value:
        """The default of a data class's field; a function that makes it as something bound."""
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "field":
            words = {word.arg: word.value for word in node.keywords}
            if set(words) - {"default", "default_factory"} or node.args:
                return UNKNOWN
            return (
                Bound(self.read(words["default_factory"], scope), ()) if "default_factory" in words else self.read(words["default"], scope)
            )
        return self.read(node, scope)
