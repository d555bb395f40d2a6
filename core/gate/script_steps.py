"""Steps of a script's objects: which expressions are objects that are followed step by step, and what each step can change of them."""

import ast
from dataclasses import dataclass, field

from core.gate.parsed_source import dotted_name
from core.gate.scope import stored_names
from core.gate.script_entry import is_of_data
from core.gate.script_history import (
    ANYTHING,
    PURE,
    READING,
    Effects,
    find_first_attribute,
    find_made,
    find_path,
    find_step,
    gives_itself,
    read_attribute,
    weigh_method,
)
from core.gate.script_names import SELF, SETTING, SETTLED
from core.gate.script_objects import ScriptObjects
from core.gate.substitution import make_unknown

_OF_ATTRIBUTES = frozenset(("types.SimpleNamespace", "argparse.Namespace"))
"""Classes of the standard library whose objects are what was set of them."""


@dataclass
class ScriptSteps:
    """Steps of one walk through a script."""

    objects: ScriptObjects
    taken: bool = False
    """True once an object has a step."""
    spoiled: set[str] = field(default_factory=set)
    """Classes whose objects share what was set of one of them: what a further one is like cannot be told."""
    _weighed: dict[tuple[str, str], Effects] = field(default_factory=dict)

    def find_class(self, value: ast.expr) -> str:
        """Class of the object that an expression is, or of which it is a method's answer; empty for what is not followed."""
        value = find_made(value)
        if isinstance(value, ast.IfExp):
            found = self.find_class(value.body)
            return found if found == self.find_class(value.orelse) else ""
        if isinstance(value, ast.Name):
            made = [node for node in self.objects.source.definitions(value.id) if isinstance(node, ast.Assign)]
            before = [node for node in made if node.lineno <= getattr(value, "lineno", node.lineno)]
            return self.find_class(before[-1].value) if before and not isinstance(before[-1].value, ast.Name) else ""
        part: ast.expr = value
        while isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute):
            part = find_made(part.func.value)
            if isinstance(part, ast.Name):
                return part.id if part.id in self.objects.helpers else self._find_standard(value)
        if isinstance(part, ast.Call) and isinstance(part.func, ast.Name) and part.func.id in self.objects.helpers:
            return part.func.id
        return self._find_standard(part)

    def _find_standard(self, value: ast.expr) -> str:
        name = self.objects.source.resolve_name(value.func) if isinstance(value, ast.Call) else ""
        return name if name in SETTLED | _OF_ATTRIBUTES else ""

    def weigh(self, owner: str, called: ast.Call) -> Effects:
        """Find what a step can change of an object of a class."""
        path, method = find_path(called)
        if owner in SETTLED:
            return ANYTHING if method in SETTING | READING else Effects()
        if not isinstance(path, ast.Name):
            first = find_first_attribute(path)
            plain = first and not first.startswith("__") and self._ask(owner, first) is None
            return Effects() if method in PURE else Effects(frozenset((first,)), frozenset((first,))) if plain else ANYTHING
        if method != "setattr":
            return self._ask(owner, method) or (Effects() if method in PURE else ANYTHING)
        name = called.args[1].value if isinstance(called.args[1], ast.Constant) else None
        if not isinstance(name, str):
            return ANYTHING
        if owner in self.objects.helpers and self.objects.sets_by_itself(owner, name):
            return self._ask(owner, f"{name}=") or ANYTHING
        return Effects(frozenset((name,)))

    def read_number(self, whole: ast.expr, name: str, read: ast.expr) -> ast.expr:
        """The attribute that was read of an object before it changes, where it is a plain value; unknown where it may change too."""
        found = self.objects.find(whole)
        return read if found is not None and isinstance(found[1].get(f"{SELF}{name}"), ast.Constant) else make_unknown()

    def _ask(self, owner: str, name: str) -> Effects | None:
        """Effects of a method, or of reading a property; None for what is neither."""
        methods = self.objects.list_methods(owner) if owner in self.objects.helpers else {}
        if name not in methods:
            return None
        if (owner, name) not in self._weighed:
            self._weighed[owner, name] = Effects()  # asked again while it is weighed
            self._weighed[owner, name] = weigh_method(methods[name], lambda other: self._ask(owner, other))
        return self._weighed[owner, name]

    def answer(self, node: ast.expr) -> ast.expr:
        """The expression with attributes of objects read where that is plain, and without steps that do not matter for the others."""
        return _Answer(self).visit(node) if self.taken or self.spoiled else node

    def shares(self, owner: str) -> bool:
        """True for a class whose objects may be one and the same, or have their attributes in common."""
        family = self.objects.list_family(owner) if owner in self.objects.helpers else []
        marks = [mark.func if isinstance(mark, ast.Call) else mark for node in family for mark in node.decorator_list]
        stored = [part for node in family for part in ast.walk(node) if isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Store)]
        return (
            any(node.keywords for node in family)
            or any(not is_of_data(node) for node in family if node.decorator_list and marks)
            or "__new__" in (self.objects.list_methods(owner) if family else ())
            or any(part.attr == "__dict__" for part in stored)
        )

    def is_of_class(self, owner: str, attribute: str) -> bool:
        """True for an attribute that is one and the same for all objects of a class."""
        family = self.objects.list_family(owner) if owner in self.objects.helpers else []
        stored = {
            part.attr for node in family for part in ast.walk(node) if isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Store)
        }
        return attribute not in stored and any(
            attribute in stored_names(part) for node in family if not is_of_data(node) for part in node.body if isinstance(part, ast.Assign)
        )

    def find_spoken_to(self, node: ast.expr) -> ast.expr:
        """The object of which methods are called in a row, each of which gives it back: `job` of `job.on("A").size(2)`."""
        part = node
        while isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute):
            part = part.func.value
        if part is node or not isinstance(part, ast.Name | ast.Attribute | ast.Subscript):
            return node
        methods = {each.func.attr for each in ast.walk(node) if isinstance(each, ast.Call) and isinstance(each.func, ast.Attribute)}
        made = [
            self.objects.list_methods(name)[one]
            for one in methods
            for name in self.objects.helpers
            if one in self.objects.list_methods(name)
        ]
        return part if len(made) >= len(methods) and all(map(gives_itself, made)) else node

    def read(self, node: ast.Attribute) -> ast.expr:
        """One attribute of an object that has steps, or a method of it."""
        owner = self.find_class(node.value)
        if not owner:
            return node
        asked = self._ask(owner, node.attr)
        needed = (
            frozenset((node.attr,))
            if asked is None
            else None
            if asked.read is None or asked.changed is None
            else asked.read | asked.changed
        )
        return read_attribute(node.value, node.attr, needed, lambda called: self.weigh(owner, called))


class _Answer(ast.NodeTransformer):
    def __init__(self, steps: ScriptSteps) -> None:
        self._steps = steps

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        return make_unknown() if isinstance(node.func, ast.Name) and node.func.id in self._steps.spoiled else node

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        self.generic_visit(node)
        sides = (node.value.body, node.value.orelse) if isinstance(node.value, ast.IfExp) else (node.value,)
        has_steps = any(find_step(side) is not None for side in sides)
        return self._steps.read(node) if has_steps and isinstance(node.ctx, ast.Load) and dotted_name(node) == "" else node
