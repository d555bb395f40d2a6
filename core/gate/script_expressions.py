"""Follows the expressions of a script: the calls that they make, and the functions and methods of the script that these enter."""

import ast
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial

from core.gate.parsed_source import ParsedCode, dotted_name
from core.gate.script_aliases import note_class
from core.gate.script_call import Conditions, ScriptCall, spell_out_method
from core.gate.script_entry import (
    ADDING,
    find_engine,
    find_function,
    list_config_defaults,
    list_option_defaults,
)
from core.gate.script_handed import (
    HandedFunction,
    find_partial,
    list_handed_over,
    list_set_functions,
    list_table_functions,
)
from core.gate.script_names import (
    SELF,
    Function,
    Names,
    bind,
    bind_arguments,
    bind_fields,
)
from core.gate.script_objects import ScriptObjects
from core.gate.script_state import ScriptState
from core.gate.script_steps import ScriptSteps
from core.gate.substitution import decide, list_calls, make_unknown

_DEEPEST = 8


@dataclass
class ScriptExpressions(ABC):
    """State of one walk through a script, and the way in which its expressions are followed."""

    source: ParsedCode
    calls: list[ScriptCall] = field(default_factory=list)
    _depth: int = 0
    _entered: list[str] = field(default_factory=list)
    """Functions and methods that are being walked through, so that none enters itself."""
    _handed: list[HandedFunction] = field(default_factory=list)
    _handed_back: tuple[Function, Names, int] | None = None
    """The function that was gone into last, what its names stood for at its end, and how many of them the call does not give."""
    _inner: dict[str, tuple[Function, Names]] = field(default_factory=dict)
    """Functions inside of functions, with the names that they see."""
    changes: Names | None = None
    """Top-level names that functions or the main block set, with what they stand for when the first engine with a strategy is run."""

    first_run: tuple[int, frozenset[int]] = (0, frozenset())
    """Last line of the top-level statement in which that engine is run, and lines of the calls that gave it something to trade; zero
    where it is not run for certain."""
    _certain: bool = False

    def __post_init__(self) -> None:
        self._objects = ScriptObjects(self.source)
        self._state = ScriptState(self.source, ScriptSteps(self._objects))

    @abstractmethod
    def _walk(self, body: Sequence[ast.stmt], names: Names, conditions: Conditions) -> Conditions:
        """Follow statements; gives the conditions under which what stands below them is reached."""

    def _set_by_itself(self, target: ast.expr, value: ast.expr, names: Names, conditions: Conditions) -> bool:
        """Go into what a class of the script does by itself where an attribute is set; False where it does nothing."""
        if not isinstance(target, ast.Attribute):
            return False
        own = self._owner if dotted_name(target.value) == "self" else ""
        found = (own, self._objects.states.get(own, {})) if own else self._objects.find(self._state.read(target.value, names))
        if found is None or not self._objects.sets_by_itself(found[0], target.attr):
            return False
        if f"{target.attr}=" in self._objects.list_methods(found[0]):
            self._enter_method(f"{target.attr}=", (value,), (), conditions, found)
        else:
            found[1].update({name: make_unknown() for name in (*found[1], f"{SELF}{target.attr}")})
        if not own:
            self._state.set(target, value, names, conditions, inside=self._depth > 0)
        return True

    def _collect(self, node: ast.expr, names: Names, conditions: Conditions) -> ast.expr:
        """Note the calls in an expression, the inner ones first, and go into the script's own functions; gives its value."""
        if isinstance(node, ast.IfExp):
            self._collect(node.test, names, conditions)
            test = self._state.read(node.test, names)
            met = decide(test)
            turned: ast.expr = ast.UnaryOp(op=ast.Not(), operand=test)
            for part, condition, way in ((node.body, test, True), (node.orelse, turned, False)):
                if met is not (not way):
                    self._collect(part, names, conditions if met is way else (*conditions, condition))
            return self._state.read(node, names)
        whole_node = node
        node = self._objects.answer_methods(self._owner, node) if self._owner else node
        for inner in ast.walk(node):
            if isinstance(inner, ast.NamedExpr):
                bind(inner.target, self._state.read(inner.value, names), names)
        outer, names = names, self._state.read_first_round(node, names)
        read = partial(self._state.read, names=names)
        for call in (spell_out_method(self.source, made, read) for made in list_calls(node)):
            args = tuple(map(read, call.args))
            taken = self._state.read_behind(call, names) if call.keywords else names
            keywords = tuple(ast.keyword(arg=keyword.arg, value=self._state.read(keyword.value, taken)) for keyword in call.keywords)
            self._handed += list_handed_over(self.source, ast.Call(func=read(call.func), args=[*args], keywords=[*keywords]))
            if isinstance(call.func, ast.Attribute):
                whole = self.source.resolve_name(call.func)
                engine = find_engine(self.source, read(call.func.value), call.lineno)
                if call.func.attr == "run" and self.changes is None and any(made.name in ADDING for made in self.calls):
                    self.changes = self._state.list_changes()
                    self._certain = not conditions and dotted_name(call.func.value).partition(".")[0] not in self.source.imports
                self.calls.append(ScriptCall(call.func.attr, call.lineno, args, keywords, conditions, whole, engine))
                self._handed_back = None
                self._enter_method(call.func.attr, args, keywords, conditions, self._objects.find_owner(read(call.func.value)))
                if self._handed_back is not None:
                    self._state.take_back(call, *self._handed_back, outer, conditions)
                self._objects.change(call.func.value, call.func.attr, args, keywords, read)
                for set_name in dict.fromkeys(self._set_functions.get(call.func.attr, ())):
                    self._enter(set_name, args, keywords, (*conditions, make_unknown()))
            elif isinstance(call.func, ast.Name):
                self.calls.append(ScriptCall(call.func.id, call.lineno, args, keywords, conditions, self.source.resolve_name(call.func)))
                self._handed_back = None
                made = read(call.func)
                own = made.id if isinstance(made, ast.Name) and made.id in self._objects.helpers else call.func.id
                self._enter(own, args, keywords, conditions, call)
                if self._handed_back is not None:
                    self._state.take_back(call, *self._handed_back, outer, conditions)
            else:
                for choice, function in list_table_functions(self.source, read(call.func)):
                    chosen = (*conditions, *([choice] if choice else []))
                    self._go_in(f"{function.name} of a table", function, bind_arguments(function, args, keywords), chosen)
        value = self._state.read(whole_node, outer)
        self._state.note_changes(node, outer, conditions, inside=self._depth > 0)
        return value

    def _enter(
        self,
        name: str,
        args: Sequence[ast.expr],
        keywords: Sequence[ast.keyword],
        conditions: Conditions,
        call: ast.Call | None = None,
    ) -> None:
        if bound_call := find_partial(self.source, name):
            name, given = bound_call.args[0].id, (*bound_call.args[1:], *args)  # type: ignore[attr-defined]
            self._enter(name, given, (*bound_call.keywords, *keywords), conditions)
            return
        if name in self._inner:
            inner, seen = self._inner[name]
            bound = {**seen, **bind_arguments(inner, args, keywords)}
            self._go_in(name, inner, bound, conditions)
            outer = {kept for part in inner.body if isinstance(part, ast.Nonlocal) for kept in part.names}
            seen.update({kept: bound[kept] for kept in outer if kept in bound})
            self._handed_back = (inner, bound, 0)
            return
        if name in self._objects.helpers:
            values = self._objects.make(name, call)
            if "__init__" in self._objects.list_methods(name):
                self._enter_method("__init__", args, keywords, conditions, (name, values))
            else:
                values |= bind_fields(reversed(self._objects.list_family(name)), args, keywords)
            return
        function = find_function(self.source, name)
        if function is None or name in self.source.factories:
            return
        if not args and not keywords:
            keywords = list_config_defaults(self.source, function)
        keywords = keywords if args else (*list_option_defaults(function), *keywords)
        bound = bind_arguments(function, args, keywords)
        self._go_in(name, function, bound, conditions)
        self._handed_back = (function, bound, 0)

    def _enter_method(
        self,
        name: str,
        args: Sequence[ast.expr],
        keywords: Sequence[ast.keyword],
        conditions: Conditions,
        owner: tuple[str, Names | None] | None = None,
    ) -> None:
        """Go into a method of one of the script's classes: of the one that is named, or of the helper that alone has it and was made."""
        if owner is not None and (own := self._objects.find_class_method(owner[0], name)) is not None:
            cls = [ast.Name(id=owner[0], ctx=ast.Load())] if ast.unparse(own.decorator_list[0]) == "classmethod" else []
            self._go_in(f"{owner[0]}.{name}", own, note_class(own, bind_arguments(own, (*cls, *args), keywords), owner[0]), conditions)
            return
        known = [owner[0]] if owner is not None and owner[0] in self._objects.helpers else self._objects.states
        if len(found := [kept for kept in known if name in self._objects.list_methods(kept)]) != 1:
            return
        method = self._objects.list_methods(found[0])[name]
        marks = {dotted_name(mark) for mark in method.decorator_list}
        first = [] if "staticmethod" in marks else [ast.Name(id=found[0] if "classmethod" in marks else "self", ctx=ast.Load())]
        before = self._objects.states.get(found[0])
        if owner is not None and owner[1] is not None:
            self._objects.states[found[0]] = owner[1]
        elif first and self._owner != found[0] and self._objects.is_one_of_several(found[0]):
            self._objects.states[found[0]] = {}  # of which of them this is asked is not plain
        bound = note_class(method, bind_arguments(method, (*first, *args), keywords), found[0])
        self._go_in(f"{found[0]}.{name}", method, bound, conditions)
        self._handed_back = (method, bound, len(first))
        if before is not None:
            self._objects.states[found[0]] = before

    def _go_in(self, name: str, function: Function, names: Names, conditions: Conditions) -> None:
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
        return owner if dot and owner in self._objects.helpers else ""

    @cached_property
    def _set_functions(self) -> dict[str, list[str]]:
        return list_set_functions(self.source)
