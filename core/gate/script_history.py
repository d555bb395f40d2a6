"""An object of a script with all that happened to it, as one expression that makes it again: `Config()`, and then `.set(n=4)`.

Each step is a call on the object, of a method, of `setattr()` or of itself, in the script's order. Where one attribute is read, the
steps that cannot have changed it are left out, so that a step which cannot be had here matters for what it changes alone.
"""

import ast
import copy
from collections.abc import Callable
from dataclasses import dataclass

from core.gate.parsed_source import dotted_name
from core.gate.script_aliases import exchange_root, find_root
from core.gate.substitution import find_unchanged, limit, make_unknown, mark_changed

MADE = "_made_"
"""The name that an object has in its steps."""
READING = frozenset(("read", "read_file", "readfp"))
"""Methods that give an object of the standard library what stands in a file."""
PURE = frozenset(
    ("get", "items", "keys", "values", "copy", "index", "count", "format", "join", "split", "strip", "lower", "upper", "encode")
)
"""Methods of tables, lists and texts that change nothing."""
_PLAIN = frozenset(("print", "len", "int", "float", "str", "bool", "list", "dict", "tuple", "set", "min", "max", "sum", "abs", "round"))
_PLAIN_TOO = frozenset(("range", "sorted", "isinstance", "zip", "enumerate", "repr", "any", "all", "hasattr", "getattr", "super"))
"""Functions that change nothing of what they are given."""


@dataclass(frozen=True, slots=True)
class Effects:
    """Attributes that a step can change, and those that decide how."""

    changed: frozenset[str] | None = frozenset()
    """Names of attributes; None for any."""
    read: frozenset[str] | None = frozenset()
    """Names of attributes; None for any."""

    def join(self, other: "Effects") -> "Effects":
        """The effects of both."""
        changed = None if self.changed is None or other.changed is None else self.changed | other.changed
        return Effects(changed, None if self.read is None or other.read is None else self.read | other.read)


ANYTHING = Effects(None, None)


def add_step(value: ast.expr, called: ast.Call) -> ast.expr:
    """The object after one more call of `MADE`, the name that it has in its steps; marked as changed where that grows too long."""
    made = ast.Name(id=MADE, ctx=ast.Load())
    behind = ast.Call(func=_make_lambda(MADE, "_called_", body=made), args=[made, called], keywords=[])
    whole = ast.Call(func=_make_lambda(MADE, body=behind), args=[value], keywords=[])
    return whole if limit(whole) is whole else mark_changed(find_made(value))


def find_step(value: ast.expr) -> tuple[ast.expr, ast.Call] | None:
    """The object before its last step, and the call that is this step; None for an object without one."""
    if not (isinstance(value, ast.Call) and isinstance(value.func, ast.Lambda) and len(value.args) == 1):
        return None
    behind = value.func.body
    called = behind.args[1] if isinstance(behind, ast.Call) and len(behind.args) == 2 else None
    return (value.args[0], called) if isinstance(called, ast.Call) and value.func.args.args[0].arg == MADE else None


def find_made(value: ast.expr) -> ast.expr:
    """The expression that made an object, before anything happened to it."""
    while True:
        value = find_unchanged(value)
        if (step := find_step(value)) is None:
            return value
        value = step[0]


def write_steps(name: str, value: ast.expr) -> list[str]:
    """The steps of the object that a name stands for, as statements in their order; none where it is another object."""
    found: list[str] = []
    while (step := find_step(value)) is not None:
        value, called = step
        call = exchange_root(called, MADE, ast.Name(id=name, ctx=ast.Load()))
        plain = dotted_name(called.func) == "setattr" and isinstance(called.args[1], ast.Constant) and isinstance(call, ast.Call)
        found.insert(0, f"{ast.unparse(call.args[0])}.{called.args[1].value} = {ast.unparse(call.args[2])}" if plain else ast.unparse(call))  # type: ignore[attr-defined]
    return found if isinstance(value, ast.Name) and value.id == name else []


def read_attribute(value: ast.expr, name: str, needed: frozenset[str] | None, weigh: Callable[[ast.Call], Effects]) -> ast.expr:
    """One attribute of an object: the value that was set last, or that of the object with the steps alone that can have changed it.

    `needed` are the attributes that decide it; None for any.
    """
    if isinstance(value, ast.IfExp):
        ways = (read_attribute(way, name, needed, weigh) for way in (value.body, value.orelse))
        return ast.IfExp(test=value.test, body=next(ways), orelse=next(ways))
    kept: list[ast.Call] = []
    while (step := find_step(value)) is not None:
        value, called = step
        effects = weigh(called)
        if effects.changed is not None and needed is not None and not effects.changed & needed:
            continue
        if not kept and is_set_plainly(called, name) and effects == Effects(frozenset((name,))):
            return called.args[2]
        kept.append(called)
        needed = None if needed is None or effects.read is None or effects.changed is None else needed | effects.read | effects.changed
    for called in reversed(kept):
        value = add_step(value, copy.deepcopy(called))
    return ast.Attribute(value=value, attr=name, ctx=ast.Load())


def is_set_plainly(called: ast.Call, name: str) -> bool:
    """True for a step that sets this attribute of the object itself."""
    if dotted_name(called.func) != "setattr" or not isinstance(called.args[0], ast.Name):
        return False
    return isinstance(called.args[1], ast.Constant) and called.args[1].value == name


def find_path(called: ast.Call) -> tuple[ast.expr, str]:
    """Find the part of the object that a step acts on, `_made_.table`, and the method that it calls; `setattr` where it sets something."""
    if dotted_name(called.func) == "setattr":
        return called.args[0], "setattr"
    return (called.func.value, called.func.attr) if isinstance(called.func, ast.Attribute) else (called.func, "__call__")


def find_first_attribute(node: ast.expr) -> str:
    """The first attribute on the way from a name: `table` in `self.table["x"].y`; empty where there is none."""
    found = ""
    while isinstance(node, ast.Attribute | ast.Subscript):
        found = node.attr if isinstance(node, ast.Attribute) else ""
        node = node.value
    return found


def weigh_method(method: ast.FunctionDef, ask: Callable[[str], Effects | None]) -> Effects:
    """Find what a method can change of its object; `ask` tells it of another method or a property, and gives None for what is neither."""
    marks = {dotted_name(mark).rpartition(".")[2] for mark in method.decorator_list}
    if marks & {"staticmethod", "classmethod"} or not method.args.args:
        return Effects()
    own, whole, spoken = method.args.args[0].arg, Effects(), set[int]()
    for node in ast.walk(method):
        if isinstance(node, ast.Call):
            owner = node.func.value if isinstance(node.func, ast.Attribute) else None
            if isinstance(owner, ast.Name) and owner.id == own and isinstance(node.func, ast.Attribute):
                whole = whole.join(ask(node.func.attr) or ANYTHING)
                spoken |= {id(owner), id(node.func)}
            elif owner is not None and find_root(owner) == own and isinstance(node.func, ast.Attribute) and node.func.attr not in PURE:
                part = frozenset((find_first_attribute(owner),))
                whole = whole.join(Effects(part, part))
            if isinstance(owner, ast.Call) and dotted_name(owner.func) == "super":
                return ANYTHING
            if dotted_name(node.func) not in _PLAIN | _PLAIN_TOO:
                given = [*node.args, *(word.value for word in node.keywords)]
                handed = {find_first_attribute(part) for part in given if find_root(part) == own}
                whole = whole.join(Effects(frozenset(handed - {""})))
        elif isinstance(node, ast.Attribute | ast.Subscript) and not isinstance(node.ctx, ast.Load) and find_root(node) == own:
            first = find_first_attribute(node)
            whole = whole.join(Effects(frozenset((first,)), frozenset((first,))) if first else ANYTHING).join(ask(f"{first}=") or Effects())
        elif isinstance(node, ast.Return) and isinstance(node.value, ast.Name):
            spoken.add(id(node.value))
    for node in ast.walk(method):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == own:
            spoken.add(id(node.value))
            if id(node) not in spoken and node.attr.startswith("__"):
                return ANYTHING
            if id(node) not in spoken:
                whole = whole.join(Effects(read=frozenset((node.attr,)))).join(ask(node.attr) or Effects())
    alone = (node for node in ast.walk(method) if isinstance(node, ast.Name) and node.id == own and id(node) not in spoken)
    return ANYTHING if any(True for _ in alone) else whole


def gives_itself(method: ast.FunctionDef) -> bool:
    """True for a method that gives back its object and nothing else."""
    given = [node.value for node in ast.walk(method) if isinstance(node, ast.Return)]
    return bool(given and method.args.args) and all(isinstance(part, ast.Name) and part.id == method.args.args[0].arg for part in given)


def make_setting(owner: ast.expr, name: str, value: ast.expr) -> ast.Call:
    """The step that sets an attribute."""
    return ast.Call(func=ast.Name(id="setattr", ctx=ast.Load()), args=[owner, ast.Constant(name), value], keywords=[])


def make_call(owner: ast.expr, method: str, args: list[ast.expr], keywords: list[ast.keyword]) -> ast.Call:
    """The step that calls a method."""
    if method in READING:
        args = [make_unknown()]
    return ast.Call(func=ast.Attribute(value=owner, attr=method, ctx=ast.Load()), args=args, keywords=keywords)


def _make_lambda(*names: str, body: ast.expr) -> ast.Lambda:
    args = ast.arguments(posonlyargs=[], args=[ast.arg(name) for name in names], kwonlyargs=[], kw_defaults=[], defaults=[])
    return ast.Lambda(args=args, body=body)


def list_wholes(part: ast.expr) -> list[ast.expr]:
    """A part of what a name stands for, and what it is a part of in its turn, up to the name; none for anything else.

    >>> [ast.unparse(each) for each in list_wholes(ast.parse("app.jobs[0]", mode="eval").body)]
    ['app.jobs[0]', 'app.jobs', 'app']
    """
    found = [part]
    while isinstance(part, ast.Attribute | ast.Subscript):
        part = part.value
        found.append(part)
    return found if isinstance(part, ast.Name) else []


def spell_out_attributes(node: ast.expr) -> ast.expr:
    """`vars(config)` as `config.__dict__`; anything else as it is."""
    if isinstance(node, ast.Call) and dotted_name(node.func) == "vars" and len(node.args) == 1:
        return ast.Attribute(value=node.args[0], attr="__dict__", ctx=ast.Load())
    return node
