"""Follows a script's statements from top to bottom without running them: which calls it makes, with which expressions.

Local names are replaced by the expressions behind them, calls of the script's own functions and of the methods of its own helper
classes are followed (one object of each class: the first), loops are entered once with their first element, and what stands under a
condition keeps it. What cannot be followed is unknown.
"""

import ast
import copy
from collections.abc import Sequence
from functools import partial
from typing import cast

from core.gate.closure import is_main_block, runs_engine
from core.gate.parsed_source import Definition, dotted_name
from core.gate.script_call import Conditions, ScriptCall
from core.gate.script_entry import (
    ADDING,
    adds_strategy,
    find_engine,
    goes_through_all,
    imports_absent,
    list_case_tests,
    list_commands,
)
from core.gate.script_expressions import ScriptExpressions
from core.gate.script_handed import (
    HandedFunction,
    choose_handed,
)
from core.gate.script_names import (
    MOST_ROUNDS,
    SELF,
    Names,
    bind,
    change_in_place,
    ends,
    first_of,
    forget_changed,
    list_rounds,
    mentions,
    merge_branches,
    replace_names,
)
from core.gate.script_wishes import read_setting
from core.gate.substitution import decide, make_unknown

_MOST_CALLS = 400
_MOST_ROUNDS = 120
"""Rounds of all loops that are followed to their end."""


class ScriptWalk(ScriptExpressions):
    """One walk through the script of a piece of code."""

    _rounds: int = _MOST_ROUNDS

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
            self._assign(node, self._collect(node.value, names, conditions), names, local, conditions)
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
        owners: list[tuple[tuple[str, Names | None], ast.expr]] = []
        for item in node.items:
            self._collect(item.context_expr, names, conditions)
            value = self._state.read(item.context_expr, names)
            if (owner := self._objects.find_owner(value)) is not None:
                owners.append((owner, item.context_expr))
                self._enter_method("__enter__", (), (), conditions, owner)
                self._state.call_method(item.context_expr, "__enter__", [], names, conditions, inside=self._depth > 0)
                if item.optional_vars is not None:
                    bind(item.optional_vars, value, names)
        conditions = self._walk(node.body, names, conditions)
        for owner, manager in reversed(owners):
            self._enter_method("__exit__", (), (), conditions, owner)
            self._state.call_method(manager, "__exit__", [ast.Constant(None)] * 3, names, conditions, inside=self._depth > 0)
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

    def _assign(self, node: ast.stmt, value: ast.expr, names: Names, local: bool, conditions: Conditions) -> None:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if self._set_by_itself(target, value, names, conditions):
                    continue
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
            self._state.set(node.target, value, names, conditions, inside=local)
        elif isinstance(node, ast.AugAssign) and local:
            read = copy.deepcopy(node.target)
            read.ctx = ast.Load()
            value = self._state.read(ast.BinOp(left=read, op=node.op, right=node.value), names)
            self._state.set(
                node.target, value, names, conditions, inside=local, in_place=isinstance(node.value, ast.List | ast.Dict | ast.Set)
            )
