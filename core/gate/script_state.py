"""State of a script while it is followed: top-level names that its functions and its main block set, and what a class of it is given."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field

from core.domain.python_syntax import parse_expression_tree
from core.gate.parsed_source import ParsedCode, dotted_name
from core.gate.scope import stored_names
from core.gate.script_entry import find_function
from core.gate.script_names import (
    SETTLED,
    Function,
    Names,
    bind,
    change_entry,
    change_in_place,
    change_object,
    choose,
    find_made,
    list_changed_parameters,
)
from core.gate.substitution import is_known, limit, list_calls, make_unknown, mark_changed, substitute

_SEEDING = frozenset(("random.seed", "numpy.random.seed", "decimal.setcontext"))
"""Functions that set what a library keeps for everybody."""


@dataclass
class ScriptState:
    """Top-level names and what they stand for at one point of a walk through a script."""

    source: ParsedCode
    declared: set[str] = field(default_factory=set)
    """Names that functions declare as global."""
    main: tuple[Names, frozenset[str]] = ({}, frozenset())
    """Names of the main block, and which of them it sets."""
    _changed: Names = field(default_factory=dict)
    """Top-level names that functions have changed, with what they stand for then."""

    def is_global(self, name: str) -> bool:
        """True for a name that the top level binds."""
        return bool(self.source.definitions(name))

    def _is_variable(self, name: str) -> bool:
        return self.is_global(name) and name not in self.source.imports and find_function(self.source, name) is None

    def read(self, node: ast.expr, names: Names) -> ast.expr:
        """The expression in terms of top-level names; those that a function changed stand for what they are then."""
        anew = {name: value for name, value in self._changed.items() if not _mentions(value, name)}
        return substitute(node, {**anew, **names} if anew else names)

    def set(self, target: ast.expr, value: ast.expr, names: Names, conditions: tuple[ast.expr, ...], inside: bool) -> None:
        """Bind a target where it stands, `inside` of a function or the main block, or at the top level where that is meant."""
        if inside and isinstance(target, ast.Attribute) and self._is_of_library(target):
            self._changed[ast.unparse(target)] = limit(make_unknown() if conditions else value)
            return
        if isinstance(target, ast.Subscript):
            target = ast.Subscript(value=target.value, slice=self.read(target.slice, names), ctx=target.ctx)
            inner = target.value
            if isinstance(inner, ast.Subscript):  # p["s"]["n"] = 5
                table = ast.Subscript(value=inner.value, slice=inner.slice, ctx=ast.Load())
                old = self.read(table, names)
                new = change_entry(old, target.slice, value) if is_known(old) else make_unknown()
                self.set(inner, limit(new), names, conditions, inside)
                return
        name = dotted_name(target.value if isinstance(target, ast.Subscript) else target)
        root = name.partition(".")[0]
        changes = not isinstance(target, ast.Name) and root not in names and self._is_variable(root)
        if root in names and root not in ("self", name):
            entry = target if isinstance(target, ast.Subscript) else None
            self._set_of_object(name, change_entry(self.read(entry.value, names), entry.slice, value) if entry else value, names)
            return
        if not inside or not (changes or name in self.declared):
            bind(target, value, names)
            return
        old = self._changed.get(name) or parse_expression_tree(name)
        self._change(name, change_entry(old, target.slice, value) if isinstance(target, ast.Subscript) else value, old, conditions)

    def _is_of_library(self, target: ast.Attribute) -> bool:
        """True for what a library keeps for everybody and computes with: `bt.ind.SMA = Mine`, `decimal.getcontext().prec = 6`."""
        if isinstance(target.value, ast.Call):
            return self.source.resolve_name(target.value.func) == "decimal.getcontext"
        root = dotted_name(target).partition(".")[0]
        return root in self.source.imports and self.source.resolve_name(target).startswith("backtrader.")

    def _set_of_object(self, name: str, value: ast.expr, names: Names) -> None:
        """Note what an object keeps under a name; the object as a whole is unknown from then on, for where it is handed to."""
        root = name.partition(".")[0]
        old = names[root]
        if isinstance(old, ast.Call) and self.source.resolve_name(old.func).startswith("backtrader."):
            return
        names[name] = value
        names[root] = mark_changed(old)

    def _change(self, name: str, new: ast.expr, old: ast.expr, conditions: tuple[ast.expr, ...]) -> None:
        for condition in conditions:
            new = choose(condition, new, old)
        self._changed[name] = limit(new)

    def enter_main(self, names: Names, body: Sequence[ast.stmt]) -> None:
        """Note the names that a main block sets, or another block at the top level that is followed and not run."""
        self.main = (names, self.main[1].union(*map(stored_names, body)))

    def list_changes(self) -> Names:
        """List what stands under top-level names that the script sets in its main block or in functions."""
        return {name: self.main[0][name] for name in self.main[1] if name in self.main[0]} | self._changed

    def take_back(self, call: ast.Call, function: Function, bound: Names, names: Names, conditions: tuple[ast.expr, ...]) -> None:
        """Follow what a function of the script did to the tables and objects that a call handed to it."""
        given = {argument.arg: value for argument, value in zip((*function.args.posonlyargs, *function.args.args), call.args, strict=False)}
        given |= {word.arg: word.value for word in call.keywords if word.arg}
        for parameter in list_changed_parameters(function):
            handed = given.get(parameter)
            if not isinstance(handed, ast.Name):
                continue
            made = {handed.id: bound[parameter]} if handed.id in names or isinstance(bound[parameter], ast.Dict) else {}
            made |= {f"{handed.id}.{name.partition('.')[2]}": bound[name] for name in bound if name.startswith(f"{parameter}.")}
            for name, value in made.items():
                if handed.id in names:
                    names[name] = value
                elif self._is_variable(handed.id):
                    self._change(name, value, self._changed.get(name) or parse_expression_tree(name), conditions)

    def read_behind(self, call: ast.Call, names: Names) -> Names:
        """The names when keywords are read, behind the arguments before them: `f(kw.pop("n"), **kw)`."""
        after = dict(names)
        for argument in call.args:
            self.note_changes(argument, after, (), inside=False)
        return after

    def note_changes(self, node: ast.expr, names: Names, conditions: tuple[ast.expr, ...], inside: bool) -> None:
        """Follow what the methods of tables and lists change (`params.update(n=5)`), and what seeds random numbers."""
        for call in list_calls(node):
            if inside and self.source.resolve_name(call.func) in _SEEDING:
                words = [ast.keyword(arg=word.arg, value=self.read(word.value, names)) for word in call.keywords]
                made = ast.Call(func=call.func, args=[self.read(part, names) for part in call.args], keywords=words)
                self._changed[f"{dotted_name(call.func)}()"] = limit(make_unknown() if conditions else made)
            if dotted_name(call.func) == "setattr" and len(call.args) == 3:
                name = self.read(call.args[1], names)
                plain = isinstance(name, ast.Constant) and isinstance(name.value, str)
                target = ast.Attribute(value=call.args[0], attr=str(getattr(name, "value", ast.unparse(call.args[1]))), ctx=ast.Store())
                value = self.read(call.args[2], names) if plain else make_unknown()
                self.set(target, value, names, conditions, inside)
            key = dotted_name(call.func.value) if isinstance(call.func, ast.Attribute) else ""
            outside = inside and key not in names and self._is_variable(key)
            if not isinstance(call.func, ast.Attribute) or not (key in names or outside):
                continue
            old = names.get(key) or self._changed.get(key) or ast.Name(id=key, ctx=ast.Load())
            args = [self.read(part, names) for part in call.args]
            words = [ast.keyword(arg=word.arg, value=self.read(word.value, names)) for word in call.keywords]
            settled = self.source.resolve_name(getattr(find_made(old), "func", old)) in SETTLED
            new = (change_object if settled else change_in_place)(old, call.func.attr, args, words)
            if new is not None and key in names:
                names[key] = limit(new)
            elif new is not None:
                self._change(key, new, old, conditions)


def _mentions(value: ast.expr, name: str) -> bool:
    """True for a value that is made of what the name stood for before: where it is read, the name itself is set anew by then."""
    return any(isinstance(part, ast.Name | ast.Attribute) and dotted_name(part) == name for part in ast.walk(value))
