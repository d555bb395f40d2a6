"""Follows a script's statements from top to bottom without running them: which calls it makes, with which expressions.

Local names are replaced by the expressions behind them, calls of the script's own functions and of the methods of its own helper
classes are followed (one object of each class: the first), loops are entered once with their first element, and what stands under a
condition keeps it. What cannot be followed is unknown.
"""

import ast
import copy
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import cast

from core.gate.closure import is_main_block, runs_engine
from core.gate.parsed_source import Definition, ParsedCode, dotted_name
from core.gate.script_call import Conditions, ScriptCall, spell_out_method
from core.gate.script_entry import (
    ADDING,
    adds_strategy,
    find_engine,
    find_function,
    goes_through_all,
    imports_absent,
    list_case_tests,
    list_commands,
    list_config_defaults,
    list_option_defaults,
)
from core.gate.script_handed import (
    HandedFunction,
    choose_handed,
    find_partial,
    list_handed_over,
    list_set_functions,
    list_table_functions,
)
from core.gate.script_names import (
    MOST_ROUNDS,
    SELF,
    Function,
    Names,
    bind,
    bind_arguments,
    bind_fields,
    change_in_place,
    ends,
    first_of,
    forget_changed,
    list_rounds,
    mentions,
    merge_branches,
    replace_names,
)
from core.gate.script_objects import ScriptObjects
from core.gate.script_state import ScriptState
from core.gate.script_wishes import read_setting
from core.gate.substitution import decide, list_calls, make_unknown

_DEEPEST = 8
_MOST_CALLS = 400
_MOST_ROUNDS = 120
"""Rounds of all loops that are followed to their end."""


@dataclass
class ScriptWalk:
    """One walk through the script of a piece of code."""

    source: ParsedCode
    calls: list[ScriptCall] = field(default_factory=list)
    _depth: int = 0
    _rounds: int = _MOST_ROUNDS
    _entered: list[str] = field(default_factory=list)
    """Functions and methods that are being walked through, so that none enters itself."""
    _handed: list[HandedFunction] = field(default_factory=list)
    _handed_back: tuple[Function, Names] | None = None
    """The function that was gone into last, with what its names stood for at its end."""
    _inner: dict[str, tuple[Function, Names]] = field(default_factory=dict)
    """Functions inside of functions, with the names that they see."""
    changes: Names | None = None
    """Top-level names that functions or the main block set, with what they stand for when the first engine with a strategy is run."""

    first_run: tuple[int, frozenset[int]] = (0, frozenset())
    """Last line of the top-level statement in which that engine is run, and lines of the calls that gave it something to trade; zero
    where it is not run for certain."""
    _certain: bool = False

    def __post_init__(self) -> None:
        self._state = ScriptState(self.source)
        self._objects = ScriptObjects(self.source)

    def follow(self) -> list[ScriptCall]:
        """The calls in the order in which they happen."""
        names, conditions = dict[str, ast.expr](), Conditions()
        for node in self.source.tree.body:
            before = self.changes
            if not isinstance(node, Definition):
                inside = runs_engine(self.source, node) and not (isinstance(node, ast.If) and is_main_block(node))
                self._state.enter_main(names, [node] if inside else [])
                self._depth += inside
                conditions = self._walk([node], names, conditions)
                self._depth -= inside
            if before is None and self.changes is not None and self._certain:
                self.first_run = (node.end_lineno or 0, frozenset(call.line for call in self.calls if call.name in ADDING))
        if not any(call.name in ADDING for call in self.calls):
            for each in choose_handed(self._handed) or [HandedFunction(name) for name in list_commands(self.source)]:
                self._enter(each.name, each.args, each.keywords, ())
        self.changes = self._state.list_changes() if self.changes is None else self.changes
        return self.calls

    def _walk(self, body: Sequence[ast.stmt], names: Names, conditions: Conditions) -> Conditions:
        """Follow statements; gives the conditions under which what stands below them is reached."""
        for node in body:
            if len(self.calls) > _MOST_CALLS or (conditions and decide(conditions[-1]) is False):
                break
            names.update(kept := self._objects.states.get(self._owner, {}))
            before = dict(names)
            conditions = self._step(node, names, conditions)
            kept.update({name: value for name, value in names.items() if name.startswith(SELF) and before.get(name) is not value})
        return conditions

    def _step(self, node: ast.stmt, names: Names, conditions: Conditions) -> Conditions:
        local = self._depth > 0
        if isinstance(node, ast.If):
            return self._follow_branches(node, names, conditions)
        if isinstance(node, ast.For | ast.AsyncFor | ast.While):
            self._follow_loop(node, names, conditions)
        elif isinstance(node, ast.Match):
            self._collect(node.subject, names, conditions)
            for case, tests in list_case_tests(node):
                met = [self._state.read(test, names) for test in tests]
                own = dict(names)
                self._walk(case.body, own, (*conditions, *met))
                whole = ast.BoolOp(op=ast.And(), values=met) if len(met) > 1 else met[0] if met else ast.Constant(True)
                replace_names(names, merge_branches(whole, own, names, self._state.is_global))
        elif isinstance(node, ast.Raise | ast.Assert):  # raise SystemExit(main())
            for inner in ast.iter_child_nodes(node):
                self._collect(cast(ast.expr, inner), names, conditions)
        elif isinstance(node, ast.With | ast.AsyncWith):
            return self._follow_with(node, names, conditions)
        elif isinstance(node, ast.Try | ast.TryStar):
            failing = node.handlers and any(imports_absent(part) for part in node.body)
            for part in (node.handlers[0].body,) if failing else (node.body, node.orelse):
                conditions = self._walk(part, names, conditions)
            return self._walk(node.finalbody, names, conditions)
        elif isinstance(node, ast.Delete):
            for target in node.targets:
                if isinstance(target, ast.Subscript) and (kept := dotted_name(target.value)) in names:
                    names[kept] = change_in_place(names[kept], "pop", [self._state.read(target.slice, names)], []) or make_unknown()
        elif isinstance(node, ast.Global):
            self._state.declared.update(node.names)
        elif isinstance(node, Definition):
            if local:
                names[node.name] = make_unknown()
                if not isinstance(node, ast.ClassDef):
                    self._inner[node.name] = (node, names)
        elif isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign | ast.Expr | ast.Return) and node.value is not None:
            self._collect(node.value, names, conditions)
            self._assign(node, names, local, conditions)
        return conditions

    def _follow_branches(self, node: ast.If, names: Names, conditions: Conditions) -> Conditions:
        """Both ways of a condition, or the one that plain values choose; each name stands behind them for what the condition chooses."""
        if is_main_block(node):
            self._state.enter_main(names, node.body)
            self._depth += 1
            self._walk(node.body, names, conditions)
            self._depth -= 1
            return conditions
        self._collect(node.test, names, conditions)
        test = self._state.read(node.test, names)
        met = decide(test)
        if met is not None:
            chosen = node.body if met else node.orelse
            conditions = self._walk(chosen, names, conditions)
            return (*conditions, ast.Constant(False)) if ends(chosen) else conditions
        turned = ast.UnaryOp(op=ast.Not(), operand=test)
        kept = self._objects.states.get(self._owner, {})
        before, ways, adding = dict(kept), [], []
        for body, condition in ((node.body, test), (node.orelse, turned)):
            replace_names(kept, before)
            own, made = dict(names), len(self.calls)
            self._walk(body, own, (*conditions, condition))
            ways.append(own)
            adding.append(any(call.name in ADDING for call in self.calls[made:]))
        replace_names(kept, before)
        ended = (ends(node.body), ends(node.orelse))
        if ended[0] != ended[1]:
            replace_names(names, ways[1] if ended[0] else ways[0])
            goes_on = turned if ended[0] else test
            return (*conditions, goes_on) if adding[0 if ended[0] else 1] else conditions
        replace_names(names, merge_branches(test, ways[0], ways[1], self._state.is_global))
        return conditions

    def _follow_with(self, node: ast.With | ast.AsyncWith, names: Names, conditions: Conditions) -> Conditions:
        """A block within managers: what the script's own classes do when it begins and when it ends belongs to it."""
        owners = []
        for item in node.items:
            self._collect(item.context_expr, names, conditions)
            value = self._state.read(item.context_expr, names)
            if (owner := self._objects.find_owner(value)) is not None:
                owners.append(owner)
                self._enter_method("__enter__", (), (), conditions, owner)
                if item.optional_vars is not None:
                    bind(item.optional_vars, value, names)
        conditions = self._walk(node.body, names, conditions)
        for owner in reversed(owners):
            self._enter_method("__exit__", (), (), conditions, owner)
        return conditions

    def _follow_loop(self, node: ast.For | ast.AsyncFor | ast.While, names: Names, conditions: Conditions) -> None:
        """The first round of a loop, or the first that adds a strategy where plain values tell; what it changes is unknown behind it."""
        before = dict(names)
        if isinstance(node, ast.While):
            self._collect(node.test, names, conditions)
            self._walk(node.body, names, conditions)
        else:
            self._collect(node.iter, names, conditions)
            value = self._state.read(node.iter, names)
            known = list_rounds(value, self.source.definitions)
            first, *others = known or [first_of(value)]
            chosen = any(isinstance(part, ast.If | ast.IfExp) for part in ast.walk(node)) and adds_strategy(self.source, node)
            if 0 < len(known) < min(MOST_ROUNDS, self._rounds) and goes_through_all(node) and not adds_strategy(self.source, node):
                self._follow_rounds(node, known, names, conditions)
                return
            rounds = [first, *(others if chosen else ())]
            for each, last in ((one, rounds[-1]) for one in rounds):
                made = len(self.calls)
                bind(node.target, each, names)
                self._walk(node.body, names, conditions)
                if any(call.name in ADDING for call in self.calls[made:]) or each is last:
                    break
                del self.calls[made:]  # a round that adds nothing is not the one that is run
        forget_changed(before, names)

    def _follow_rounds(self, node: ast.For | ast.AsyncFor, rounds: Sequence[ast.expr], names: Names, conditions: Conditions) -> None:
        """Every round of a loop for what it changes; of its calls those of the first round count."""
        made = 0
        self._rounds -= len(rounds)
        for place, each in enumerate(rounds):
            self._state.bind_round(node, place, each, names)
            self._walk(node.body, names, conditions)
            made = made if place else len(self.calls)
            del self.calls[made:]

    def _assign(self, node: ast.stmt, names: Names, local: bool, conditions: Conditions) -> None:
        if isinstance(node, ast.Assign):
            value = self._state.read(node.value, names)
            for target in node.targets:
                self._objects.set(target, value, partial(self._state.read, names=names), certain=not conditions)
                if isinstance(target, ast.Attribute) and (setting := read_setting(target, value)) is not None:
                    owner, name, given, words = setting
                    engine = find_engine(self.source, self._state.read(owner, names), node.lineno)
                    self.calls.append(ScriptCall(name, node.lineno, given, words, conditions, engine=engine))
                if local or mentions(value, names):
                    self._state.set(target, value, names, conditions, inside=local)
            if local:
                self._state.note_second_names(node, names)
        elif isinstance(node, ast.AnnAssign) and node.value is not None and local:
            self._state.set(node.target, self._state.read(node.value, names), names, conditions, inside=local)
        elif isinstance(node, ast.AugAssign) and local:
            read = copy.deepcopy(node.target)
            read.ctx = ast.Load()
            value = self._state.read(ast.BinOp(left=read, op=node.op, right=node.value), names)
            self._state.set(
                node.target, value, names, conditions, inside=local, in_place=isinstance(node.value, ast.List | ast.Dict | ast.Set)
            )

    def _collect(self, node: ast.expr, names: Names, conditions: Conditions) -> None:
        """Note the calls in an expression, the inner ones first, and go into the script's own functions."""
        if isinstance(node, ast.IfExp):
            self._collect(node.test, names, conditions)
            test = self._state.read(node.test, names)
            met = decide(test)
            turned: ast.expr = ast.UnaryOp(op=ast.Not(), operand=test)
            for part, condition, way in ((node.body, test, True), (node.orelse, turned, False)):
                if met is not (not way):
                    self._collect(part, names, conditions if met is way else (*conditions, condition))
            return
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
                self._enter_method(call.func.attr, args, keywords, conditions, self._objects.find_owner(read(call.func.value)))
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
        self._state.note_changes(node, outer, conditions, inside=self._depth > 0)

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
            self._handed_back = (inner, bound)
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
        self._handed_back = (function, bound)

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
            self._go_in(f"{owner[0]}.{name}", own, bind_arguments(own, (*cls, *args), keywords), conditions)
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
        self._go_in(f"{found[0]}.{name}", method, bind_arguments(method, (*first, *args), keywords), conditions)
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
