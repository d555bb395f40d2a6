"""Objects of a script's own helper classes while it is followed: what each keeps under `self.name`, told apart by where it is made."""

import ast
import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import cast

from core.gate.parsed_source import ParsedCode, dotted_name
from core.gate.scope import stored_names
from core.gate.script_history import find_made
from core.gate.script_names import SELF, Names, change_entry, change_in_place, find_plain_body, list_class_values, list_rounds
from core.gate.substitution import AnsweredCalls, limit, make_unknown


@dataclass
class ScriptObjects:
    """Objects that one walk through a script has made."""

    source: ParsedCode
    states: dict[str, Names] = field(default_factory=dict)
    """Values of the object of each class that is meant where none is named: the first, or the one whose method is walked through."""
    _made: dict[tuple[int, int], tuple[str, Names]] = field(default_factory=dict)
    """Class and values of each object, by line and column of the call that makes it."""
    _repeated: set[str] = field(default_factory=set)
    """Classes of which one call has made several objects."""

    def make(self, name: str, call: ast.Call | None) -> Names:
        """An object of a class, with the values that every one of them has from the beginning."""
        values = {key: value for part in reversed(self.list_family(name)) for key, value in list_class_values(part).items()}
        place = _find_place(call)
        again = place in self._made and self.states.get(name) is self._made[place][1]
        if place in self._made:
            self._repeated.add(name)
        self._made[place] = (name, values)
        if again or name not in self.states:
            self.states[name] = values
        return values

    def find(self, node: ast.expr) -> tuple[str, Names] | None:
        """Class and values of the object that an expression plainly is: a variable, or what a chain of methods begins with."""
        node = find_made(node)
        if isinstance(node, ast.IfExp):
            one, other = self.find(node.body), self.find(node.orelse)
            return one if one is not None and other is not None and one[1] is other[1] else None
        if isinstance(node, ast.Name):
            before = [made for made in self.source.definitions(node.id) if made.lineno <= getattr(node, "lineno", 0)]
            node = before[-1].value if before and isinstance(before[-1], ast.Assign) else node
        while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            node = node.func.value
        node = self._find_element(node)
        return self._made.get(_find_place(node)) if isinstance(node, ast.Call) else None

    def find_owner(self, node: ast.expr) -> tuple[str, Names | None] | None:
        """Class of the script that an expression plainly is (`Runner`, the `cls` of its own method), or that of an object."""
        return (node.id, None) if isinstance(node, ast.Name) and node.id in self.source.classes else self.find(node)

    def _find_element(self, node: ast.expr) -> ast.expr:
        """The element at a place of a list that is written out, `jobs[1]`, or first in it, `next(iter(jobs))`; anything else as it is."""
        table, place = (node.value, node.slice) if isinstance(node, ast.Subscript) else (None, ast.Constant(0))
        if isinstance(node, ast.Call) and dotted_name(node.func) == "next" and node.args and isinstance(node.args[0], ast.Call):
            table = node.args[0].args[0] if node.args[0].args else None
        elements = list_rounds(table, self.source.definitions) if table is not None else []
        at = place.value if isinstance(place, ast.Constant) else None
        return elements[at] if isinstance(at, int) and -len(elements) <= at < len(elements) else node

    def is_one_of_several(self, name: str) -> bool:
        """True for a class of which more than one object was made."""
        return name in self._repeated or sum(owner == name for owner, _ in self._made.values()) > 1

    def set(self, target: ast.expr, value: ast.expr, read: Callable[[ast.expr], ast.expr], *, certain: bool) -> None:
        """Follow what is set of an object from outside: `job.size = 5`, `job.params["n"] = 5`."""
        entry = target if isinstance(target, ast.Subscript) else None
        attribute = entry.value if entry is not None else target
        found = self.find(read(attribute.value)) if isinstance(attribute, ast.Attribute) else None
        if found is None or not isinstance(attribute, ast.Attribute):
            return
        name = f"{SELF}{attribute.attr}"
        if entry is not None:
            value = change_entry(found[1].get(name, make_unknown()), read(entry.slice), value)
        found[1][name] = limit(value) if certain else make_unknown()

    def change(
        self, owner: ast.expr, method: str, args: Sequence[ast.expr], words: Sequence[ast.keyword], read: Callable[[ast.expr], ast.expr]
    ) -> None:
        """Follow what a method changes of what an object keeps: `job.params.update(n=5)`."""
        found = self.find(read(owner.value)) if isinstance(owner, ast.Attribute) else None
        name = f"{SELF}{owner.attr}" if isinstance(owner, ast.Attribute) else ""
        if found is not None and name in found[1] and (new := change_in_place(found[1][name], method, args, words)) is not None:
            found[1][name] = limit(new)

    def list_methods(self, name: str) -> dict[str, ast.FunctionDef]:
        """Methods of a helper class, those of its bases among them; what sets a property `n` is `n=`."""
        found = {}
        for node in reversed(self.list_family(name)):
            for part in node.body:
                marks = [mark.attr for mark in getattr(part, "decorator_list", ()) if isinstance(mark, ast.Attribute)]
                if isinstance(part, ast.FunctionDef) and "deleter" not in marks:
                    found[f"{part.name}=" if "setter" in marks else part.name] = part
        return found

    def sets_by_itself(self, name: str, attribute: str) -> bool:
        """True for a class that does something by itself where an attribute is set: a property, `__setattr__`, `__set__`."""
        methods = self.list_methods(name)
        if "__setattr__" in methods or f"{attribute}=" in methods:
            return True
        made = [
            part.value.func.id
            for node in self.list_family(name)
            for part in node.body
            if isinstance(part, ast.Assign) and isinstance(part.value, ast.Call) and isinstance(part.value.func, ast.Name)
            if attribute in stored_names(part)
        ]
        return any(each in self.helpers and "__set__" in self.list_methods(each) for each in made)

    def answer_methods(self, owner: str, node: ast.expr) -> ast.expr:
        """The expression with `self.pick()` replaced by the one expression that the method of its owner gives back."""
        plain = {name: (part, body[-1].value) for name, part in self.list_methods(owner).items() if (body := find_plain_body(part))}
        found: tuple[Names, Names] = ({}, {})
        for name, (part, value) in plain.items():
            is_property = any(dotted_name(mark).rpartition(".")[2] in ("property", "cached_property") for mark in part.decorator_list)
            found[is_property][f"{SELF}{name}"] = cast(ast.expr, value)
        return AnsweredCalls(*found).visit(copy.deepcopy(node)) if plain else node

    def list_family(self, name: str) -> list[ast.ClassDef]:
        """The helper class and those that it derives from, the nearest first."""
        found = [self.helpers[name]]
        for node in found:
            bases = (self.helpers.get(self.source.resolve_name(base)) for base in node.bases)
            found.extend(base for base in bases if base is not None and base not in found)
        return found

    def find_class_method(self, owner: str, name: str) -> ast.FunctionDef | None:
        """The method of a strategy class that needs no object of it: `Trend.backtest(n=5)`."""
        node = self.source.classes.get(owner)
        methods = [part for part in node.body if isinstance(part, ast.FunctionDef) and part.name == name] if node is not None else []
        marks = {mark.id for part in methods for mark in part.decorator_list if isinstance(mark, ast.Name)}
        return methods[0] if owner not in self.helpers and marks & {"classmethod", "staticmethod"} else None

    @cached_property
    def helpers(self) -> dict[str, ast.ClassDef]:
        """Classes of the script that are neither strategies nor derived from Backtrader's."""
        return {name: node for name, node in self.source.classes.items() if not self._is_of_backtrader(node)}

    def _is_of_backtrader(self, node: ast.ClassDef, seen: frozenset[str] = frozenset()) -> bool:
        bases = [self.source.resolve_name(base) for base in node.bases]
        own = [self.source.classes[name] for name in bases if name in self.source.classes and name not in seen]
        of_it = any(name.startswith("backtrader.") and not name.endswith(".Cerebro") for name in bases)
        return of_it or any(self._is_of_backtrader(base, seen | {node.name}) for base in own)


def _find_place(call: ast.Call | None) -> tuple[int, int]:
    return (getattr(call, "lineno", 0), getattr(call, "col_offset", 0))
