"""State of a script while it is followed: top-level names that its functions and its main block set, and what a class of it is given."""

import ast
import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from core.domain.python_syntax import parse_expression_tree
from core.gate.parsed_source import ParsedCode, dotted_name
from core.gate.scope import stored_names
from core.gate.script_aliases import find_root, list_same, list_second_names, note_alias
from core.gate.script_call import Conditions
from core.gate.script_entry import find_function
from core.gate.script_history import (
    MADE,
    add_step,
    find_first_attribute,
    find_path,
    find_step,
    list_wholes,
    make_call,
    make_setting,
    spell_out_attributes,
)
from core.gate.script_lambdas import forget_late_names, list_late_names
from core.gate.script_names import (
    Function,
    Names,
    bind,
    change_entry,
    change_in_place,
    choose,
    first_of,
    list_changed_parameters,
)
from core.gate.script_steps import ScriptSteps
from core.gate.substitution import is_known, limit, list_calls, make_unknown, mark_changed, substitute

_SEEDING = frozenset(("random.seed", "numpy.random.seed", "decimal.setcontext"))
"""Functions that set what a library keeps for everybody."""
ENVIRONMENT = "os.environ"


@dataclass
class ScriptState:
    """Top-level names and what they stand for at one point of a walk through a script."""

    source: ParsedCode
    steps: ScriptSteps
    declared: set[str] = field(default_factory=set)
    """Names that functions declare as global."""
    main: tuple[Names, frozenset[str]] = ({}, frozenset())
    """Names of the main block, and which of them it sets."""
    _changed: Names = field(default_factory=dict)
    """Top-level names that functions have changed, with what they stand for then."""

    def __post_init__(self) -> None:
        self._late = list_late_names(self.source)

    def is_global(self, name: str) -> bool:
        """True for a name that the top level binds."""
        return bool(self.source.definitions(name))

    def _is_variable(self, name: str) -> bool:
        return self.is_global(name) and name not in self.source.imports and find_function(self.source, name) is None

    def read(self, node: ast.expr, names: Names) -> ast.expr:
        """The expression in terms of top-level names; those that a function changed stand for what they are then."""
        node = forget_late_names(node, self._late) if self._late else node
        anew = {name: value for name, value in self._changed.items() if not _mentions(value, name)}
        return self.steps.answer(substitute(node, {**anew, **names} if anew else names))

    def read_first_round(self, node: ast.expr, names: Names) -> Names:
        """The names, with those that comprehensions in the expression bind standing for their first element, as in loops."""
        loops = [part for part in ast.walk(node) if isinstance(part, ast.comprehension)]
        names = dict(names) if loops else names
        for loop in loops:
            bind(loop.target, first_of(self.read(loop.iter, names)), names)
        return names

    def set(self, target: ast.expr, value: ast.expr, names: Names, conditions: Conditions, inside: bool, in_place: bool = False) -> None:
        """Bind a target where it stands, `inside` of a function or the main block, or at the top level where that is meant.

        What has a second name changes under both, also where it changes as a whole `in_place`: `rows += [5]`.
        """
        for part in (target, *(list_same(target, names) if in_place or not isinstance(target, ast.Name) else ())):
            if in_place and isinstance(part, ast.Name) and part.id not in names and self._is_variable(part.id):
                self._change(part.id, value, ast.Name(id=part.id, ctx=ast.Load()), conditions)
            else:
                self._set_once(part, value, names, conditions, inside)
            self._read_anew(part, names)

    def bind_round(self, node: ast.For | ast.AsyncFor, place: int, each: ast.expr, names: Names) -> None:
        """Bind the target of a loop to what it is in one round: a second name of an element, where what is gone through has a name."""
        bind(node.target, each, names)
        kind = node.iter.func.attr if isinstance(node.iter, ast.Call) and isinstance(node.iter.func, ast.Attribute) else ""
        whole = node.iter.func.value if isinstance(node.iter, ast.Call) and isinstance(node.iter.func, ast.Attribute) else node.iter
        table = self._read_now(whole, names)
        target = node.target.elts[-1] if kind == "items" and isinstance(node.target, ast.Tuple) else node.target
        key: ast.expr | None = ast.Constant(place) if isinstance(table, ast.List | ast.Tuple) and not kind else None
        if isinstance(table, ast.Dict) and kind in ("items", "values") and len(keys := list(table.keys)) > place:
            key = keys[place]
        if key is not None and (find_root(whole) in names or self._is_variable(find_root(whole))):
            note_alias(target, ast.Subscript(value=whole, slice=key, ctx=ast.Load()), names, known=True)

    def _read_anew(self, changed: ast.expr, names: Names) -> None:
        """Let second names of what has changed stand for what it is now."""
        for name, part in list_second_names(find_root(changed), names) if not isinstance(changed, ast.Name) else ():
            if isinstance(names.get(name), ast.Dict | ast.List | ast.Set) or (name in names and self.steps.find_class(names[name])):
                names[name] = names[part.id] if isinstance(part, ast.Name) and part.id in names else self.read(part, names)

    def note_second_names(self, node: ast.Assign, names: Names) -> None:
        """Note what the targets of an assignment are second names of."""
        first, *others = node.targets
        part = copy.deepcopy(node.value)
        for inner in ast.walk(part):
            if isinstance(inner, ast.Subscript):
                inner.slice = self.read(inner.slice, names)
        root = find_root(part)
        note_alias(first, part, names, known=root in names or self._is_variable(root))
        for other in others:
            if isinstance(first, ast.Name):
                note_alias(other, ast.Name(id=first.id, ctx=ast.Load()), names, known=True)

    def _read_now(self, part: ast.expr, names: Names) -> ast.expr:
        """The part of a table as it is after the changes so far, also where the top level has it."""
        root = find_root(part)
        return substitute(self.read(part, names), {root: self._changed[root]} if root in self._changed and root not in names else {})

    def _set_once(self, target: ast.expr, value: ast.expr, names: Names, conditions: Conditions, inside: bool) -> None:
        if inside and isinstance(target, ast.Subscript) and self.source.resolve_name(target.value) == ENVIRONMENT:
            self._set_of_environment(target.value, self.read(target.slice, names), value, conditions)
            return
        if inside and isinstance(target, ast.Attribute) and self._is_of_library(target):
            self._changed[ast.unparse(target)] = limit(make_unknown() if conditions else value)
            return
        if isinstance(target, ast.Attribute | ast.Subscript) and self._set_of_followed(target, value, names, conditions, inside):
            return
        if isinstance(target, ast.Subscript):
            target = ast.Subscript(value=target.value, slice=self.read(target.slice, names), ctx=target.ctx)
            inner = target.value
            if isinstance(inner, ast.Subscript):  # p["s"]["n"] = 5
                table = ast.Subscript(value=inner.value, slice=inner.slice, ctx=ast.Load())
                old = self._read_now(table, names)
                new = change_entry(old, target.slice, value) if is_known(old) else make_unknown()
                self._set_once(inner, limit(new), names, conditions, inside)
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
        self._keep_read(root, names)
        self._change(name, change_entry(old, target.slice, value) if isinstance(target, ast.Subscript) else value, old, conditions)

    def _set_of_followed(
        self, target: ast.Attribute | ast.Subscript, value: ast.expr, names: Names, conditions: Conditions, inside: bool
    ) -> bool:
        """Set an attribute or an entry of an object that is followed step by step; False where it is none."""
        owner = spell_out_attributes(target.value)
        if isinstance(target, ast.Attribute):
            name = target.attr
            return self.take_step(owner, lambda made: make_setting(made, name, value), names, conditions, inside)
        key = self.read(target.slice, names)
        if isinstance(owner, ast.Attribute) and owner.attr == "__dict__" and isinstance(key, ast.Constant):
            return self.take_step(owner.value, lambda made: make_setting(made, str(key.value), value), names, conditions, inside)
        return self.take_step(owner, lambda made: make_call(made, "__setitem__", [key, value], []), names, conditions, inside)

    def take_step(self, owner: ast.expr, build: Callable[[ast.expr], ast.Call], names: Names, conditions: Conditions, inside: bool) -> bool:
        """Add a step to the object that an expression is, or is a part of; False where it is none that is followed."""
        if isinstance(owner, ast.Call) and (kind := self.steps.find_class(owner)) and self.steps.shares(kind):
            self._spoil(kind)
        for base in list_wholes(self.steps.find_spoken_to(owner)):
            value = self._read_now(base, names)
            kind = self.steps.find_class(value)
            if not kind:
                continue
            called = build(self._read_path(self.steps.find_spoken_to(owner), base, names))
            if self.steps.weigh(kind, called).changed != frozenset():
                self.steps.taken = True
                first = find_first_attribute(find_path(called)[0])
                if first and self.steps.is_of_class(kind, first):
                    self._changed[f"{kind}.{first}"] = make_unknown()
                self._keep_step(base, value, called, names, conditions, inside)
            return True
        return False

    def _spoil(self, kind: str) -> None:
        """Objects of a class that share what is set of one of them cannot be told any more."""
        self.steps.spoiled.add(kind)
        self._changed[f"{kind}()"] = make_unknown()

    def call_method(
        self, owner: ast.expr, method: str, args: list[ast.expr], names: Names, conditions: Conditions, *, inside: bool
    ) -> None:
        """Add a call of a method to the object that an expression is, where it is followed."""
        self.take_step(owner, lambda made: make_call(made, method, args, []), names, conditions, inside)

    def _read_path(self, owner: ast.expr, base: ast.expr, names: Names) -> ast.expr:
        """The way from an object to a part of it, from the name that the object has in a step."""
        if owner is base:
            return ast.Name(id=MADE, ctx=ast.Load())
        if isinstance(owner, ast.Subscript):
            return ast.Subscript(value=self._read_path(owner.value, base, names), slice=self.read(owner.slice, names), ctx=ast.Load())
        assert isinstance(owner, ast.Attribute)
        return ast.Attribute(value=self._read_path(owner.value, base, names), attr=owner.attr, ctx=ast.Load())

    def _keep_step(self, base: ast.expr, value: ast.expr, called: ast.Call, names: Names, conditions: Conditions, inside: bool) -> None:
        name = dotted_name(base)
        kept = names.get(name)
        if isinstance(kept, ast.Name) and self._is_variable(kept.id):
            if list_same(base, names):
                return  # the first name of the object gets the step
            name, kept = kept.id, None
        if kept is not None:
            names[name] = add_step(kept, called)
            if self.steps.shares(kind := self.steps.find_class(kept)):
                self._spoil(kind)
        elif name and self._is_variable(name):
            if inside:
                old = self._changed.get(name) or ast.Name(id=name, ctx=ast.Load())
                self._keep_read(name, names)
                self._change(name, add_step(old, called), old, conditions)
        elif not isinstance(base, ast.Name):
            self._set_once(base, add_step(value, called), names, conditions, inside)

    def _set_of_environment(self, table: ast.expr, key: ast.expr, value: ast.expr, conditions: Conditions) -> None:
        """Note a variable of the environment that functions or the main block set."""
        plain = isinstance(key, ast.Constant) and not conditions
        self._changed[ast.unparse(ast.Subscript(value=table, slice=key, ctx=ast.Load()))] = limit(value if plain else make_unknown())

    def _change_environment(self, call: ast.Call, names: Names, conditions: Conditions) -> None:
        """Note what a method changes of the environment: `os.environ.setdefault("N", "7")`."""
        table, method = call.func.value, call.func.attr  # type: ignore[attr-defined]
        args = [self.read(part, names) for part in call.args]
        if method == "setdefault" and len(args) == 2:
            kept = ast.Call(func=ast.Attribute(value=table, attr="get", ctx=ast.Load()), args=args, keywords=[])
            self._set_of_environment(table, args[0], kept, conditions)
        elif method == "update" and all(isinstance(part, ast.Dict) for part in args) and all(word.arg for word in call.keywords):
            given = [pair for part in args if isinstance(part, ast.Dict) for pair in zip(part.keys, part.values, strict=True)]
            given += [(ast.Constant(word.arg), self.read(word.value, names)) for word in call.keywords]
            for key, value in given:
                self._set_of_environment(table, key or make_unknown(), value, conditions)
        elif method in ("update", "pop", "clear", "popitem"):
            self._changed[ast.unparse(table)] = make_unknown()

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

    def _keep_read(self, root: str, names: Names) -> None:
        """Let names that were read of a table at the top level stand for what was read, before the table changes."""
        made = self.source.definitions(root)
        last = made[-1].value if made and isinstance(made[-1], ast.Assign) else None
        before = self._changed.get(root) or (last if last is not None and not _mentions(last, root) else None)
        if before is not None and find_step(before) is not None:  # an object, of which the changes are written one behind the other
            before = substitute(before, {root: last}) if last is not None else make_unknown()
        second = dict(list_second_names(root, names))
        for name, value in list(names.items()) if before is not None else ():
            if find_root(value) == root and not isinstance(value, ast.Name) and before is not None:
                read = self.steps.answer(substitute(value, {root: before}))
                if isinstance(read, ast.Constant) or (name not in second and not name.endswith("&") and is_known(read)):
                    names[name] = read
                elif name in second and before is not None and self.steps.find_class(before) and isinstance(value, ast.Attribute):
                    names[name] = self.steps.read_number(before, value.attr, read)

    def _change(self, name: str, new: ast.expr, old: ast.expr, conditions: Conditions) -> None:
        for condition in conditions:
            new = choose(condition, new, old)
        self._changed[name] = limit(new)

    def enter_main(self, names: Names, body: Sequence[ast.stmt]) -> None:
        """Note the names that a main block sets, or another block at the top level that is followed and not run."""
        self.main = (names, self.main[1].union(*map(stored_names, body)))

    def list_changes(self) -> Names:
        """List what stands under top-level names that the script sets in its main block or in functions."""
        return {name: self.main[0][name] for name in self.main[1] if name in self.main[0]} | self._changed

    def take_back(self, call: ast.Call, function: Function, bound: Names, first: int, names: Names, conditions: Conditions) -> None:
        """Follow what a function of the script did to the tables and objects that a call handed to it, from its `first` parameter on."""
        taken = (*function.args.posonlyargs, *function.args.args)[first:]
        given = {argument.arg: value for argument, value in zip(taken, call.args, strict=False)}
        given |= {word.arg: word.value for word in call.keywords if word.arg}
        for parameter in list_changed_parameters(function) | {name for name in given if find_step(bound.get(name, ast.Constant(0)))}:
            handed = given.get(parameter)
            if isinstance(handed, ast.Subscript) and (find_root(handed) in names or self._is_variable(find_root(handed))):
                self.set(handed, bound[parameter], names, conditions, inside=True)
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

    def note_changes(self, node: ast.expr, names: Names, conditions: Conditions, inside: bool) -> None:
        """Follow what the methods of tables and lists change (`params.update(n=5)`), and what seeds random numbers."""
        for call in list_calls(node):
            if inside and self.source.resolve_name(call.func) in _SEEDING:
                words = [ast.keyword(arg=word.arg, value=self.read(word.value, names)) for word in call.keywords]
                made = ast.Call(func=call.func, args=[self.read(part, names) for part in call.args], keywords=words)
                self._changed[f"{dotted_name(call.func)}()"] = limit(make_unknown() if conditions else made)
            if inside and isinstance(call.func, ast.Attribute) and self.source.resolve_name(call.func.value) == ENVIRONMENT:
                self._change_environment(call, names, conditions)
            if dotted_name(call.func) == "setattr" and len(call.args) == 3:
                name = self.read(call.args[1], names)
                plain = isinstance(name, ast.Constant) and isinstance(name.value, str)
                target = ast.Attribute(value=call.args[0], attr=str(getattr(name, "value", ast.unparse(call.args[1]))), ctx=ast.Store())
                value = self.read(call.args[2], names) if plain else make_unknown()
                self.set(target, value, names, conditions, inside)
            self._note_call(call, names, conditions, inside)

    def _note_call(self, call: ast.Call, names: Names, conditions: Conditions, inside: bool) -> None:
        """Follow what a call of a method, or of an object, changes of what it is asked of."""
        func = call.func
        if not isinstance(func, ast.Attribute) and not (isinstance(func, ast.Name) and func.id in names):
            return
        args = [self.read(part, names) for part in call.args]
        words = [ast.keyword(arg=word.arg, value=self.read(word.value, names)) for word in call.keywords]
        if isinstance(func, ast.Name):
            if self.steps.find_class(names[func.id]):
                self.take_step(func, lambda made: ast.Call(func=made, args=args, keywords=words), names, conditions, inside)
            second = list_same(func, names)
            func = second[0] if second and isinstance(second[0], ast.Attribute) else self.read(func, names)
        if isinstance(func, ast.Attribute):
            for owner in (func.value, *list_same(func.value, names)):
                self._change_by_method(owner, ast.Call(func=func, args=args, keywords=words), names, conditions, inside)
            self._read_anew(func, names)

    def _change_by_method(self, owner: ast.expr, call: ast.Call, names: Names, conditions: Conditions, inside: bool) -> None:
        """Follow what a method changes of a name (`params.update(n=5)`) or of an entry (`params["a"].update(n=5)`)."""
        root, method = find_root(owner), call.func.attr if isinstance(call.func, ast.Attribute) else ""
        owner = spell_out_attributes(owner)
        if self.take_step(owner, lambda made: make_call(made, method, call.args, call.keywords), names, conditions, inside):
            return
        if isinstance(owner, ast.Subscript) and (root in names or (inside and self._is_variable(root))):
            old = self._read_now(owner, names)
            old = ast.Dict(keys=[None], values=[old]) if method == "update" and isinstance(old, ast.Subscript) else old
            entry = change_in_place(old, method, call.args, call.keywords)
            if entry is not None:
                self._set_once(owner, limit(entry), names, conditions, inside)
            return
        key = dotted_name(owner)
        if not (key in names or (inside and key and self._is_variable(key))):
            return
        old = names.get(key) or self._changed.get(key) or self._read_list(key) or ast.Name(id=key, ctx=ast.Load())
        new = change_in_place(old, method, call.args, call.keywords)
        if new is not None and key in names:
            names[key] = limit(new)
        elif new is not None:
            self._keep_read(root, names)
            self._change(key, new, old, conditions)

    def _read_list(self, name: str) -> ast.expr | None:
        """A list of the top level as one that goes on; None for anything else."""
        made = self.source.definitions(name)
        is_list = len(made) == 1 and isinstance(made[0], ast.Assign) and isinstance(made[0].value, ast.List)
        return ast.List(elts=[ast.Starred(value=ast.Name(id=name, ctx=ast.Load()), ctx=ast.Load())], ctx=ast.Load()) if is_list else None


def _mentions(value: ast.expr, name: str) -> bool:
    """True for a value that is made of what the name stood for before: where it is read, the name itself is set anew by then."""
    return any(isinstance(part, ast.Name | ast.Attribute) and dotted_name(part) == name for part in ast.walk(value))
