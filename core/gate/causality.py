"""A proof from a program's text that it reaches bars by nothing but reads that know which of them have happened.

It lists what is harmless, name by name and construct by construct, and doubts everything else. What it proves is that the program has no
other way to a bar than the one on which the run's guard stands (`core.backtest.line_guard`): not that it asks for none that is to come.
"""

import ast
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from core.domain.python_syntax import parse_module_tree
from core.gate.api_names import LINES
from core.gate.harmless_names import CALLBACKS, OF_ITSELF, OWN_ANYWAY, PARTS, PARTS_OF_PYTHON
from core.gate.parsed_source import SCRIPT_RUN
from core.gate.program_names import CLASS_WORDS, DoubtError, ProgramNames, is_harmless_part, list_targets

_PLAIN = (
    *(ast.Module, ast.Expr, ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Return, ast.If, ast.For, ast.While, ast.Break, ast.Continue),
    *(ast.Pass, ast.Raise, ast.Assert, ast.Try, ast.ExceptHandler, ast.Global, ast.Nonlocal, ast.Delete, ast.Import, ast.ImportFrom),
    *(ast.alias, ast.BoolOp, ast.BinOp, ast.UnaryOp, ast.Lambda, ast.IfExp, ast.Dict, ast.Set, ast.List, ast.Tuple, ast.Subscript),
    *(ast.Slice, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.comprehension, ast.Compare, ast.NamedExpr, ast.Starred),
    *(ast.JoinedStr, ast.FormattedValue, ast.Constant, ast.arguments, ast.arg, ast.keyword),
    *(ast.expr_context, ast.boolop, ast.operator, ast.unaryop, ast.cmpop),
)
"""Constructs that do nothing but put others together."""
_SCRIPT_PARTS = frozenset(("strategy", "parameters", "sizer", "sizer_parameters"))
_METHODS_OF_INDICATORS = frozenset(("__init__", "_plotlabel", "_plotinit"))
"""Methods of an indicator that is put together of others. One that computes by itself is computed for all bars at once, before the
strategy sees the first: what it keeps beside its lines comes from later ones."""
_DATA = "data"
_CASH = "cash"
"""The broker has it, too: its account is valued when somebody asks, by what it holds then."""
_OWN_PARAMETERS = frozenset(f"{owner}.{name}" for owner in ("self", "self.strategy") for name in ("p", "params"))
_OWN_LINES = frozenset(("self.lines", "self.l"))
_HOLDERS = frozenset(("datas", "lines", "l"))
"""Parts that are, or may be, lists of the engine's own: what stands in them decides what is computed, and on which bars."""
_LOOKS = frozenset(("len", "enumerate", "zip", "list", "tuple", "iter", "reversed", "sorted", "map", "filter", "any", "all"))
"""Built-in functions that look at what stands in a list, and leave it as it is. Not `max()` and the like, which may hand back the list."""
_OF_LISTS = frozenset(dir(list)) - {"index", "count"}


class PartNames(Protocol):
    """Names under which the objects of a run have parts (`core.backtest.engine_names`)."""

    @property
    def objects(self) -> frozenset[str]:
        """Of anything that a strategy can come by, lines and numbers of indicators left out."""
        ...

    @property
    def strategies(self) -> frozenset[str]:
        """Of a strategy."""
        ...

    @property
    def lines(self) -> frozenset[str]:
        """Lines and numbers of indicators."""
        ...


def find_doubt(code: str, parts: PartNames) -> str:
    """Find the first thing by which a program might reach a later bar past the guard; empty when there is none."""
    try:
        tree = parse_module_tree(code)
        _Proof(ProgramNames(tree), parts).check(tree)
    except DoubtError as doubt:
        return str(doubt)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return "it cannot be read"
    return ""


class _Proof:
    def __init__(self, names: ProgramNames, parts: PartNames) -> None:
        self._names = names
        self._of_objects, self._of_strategies, self._harmless = parts.objects, parts.strategies, PARTS | parts.lines
        self._of_lines = parts.lines
        self._in_strategy = self._in_making = False
        self._kind = ""
        self._looked_at, self._seeded = set[int](), set[int]()

    def check(self, node: ast.AST) -> None:
        """Look at a part of the program and all that it is made of. Raises DoubtError."""
        self._looked_at.update(id(part) for part in self._list_looked_at(node))
        special = _SPECIAL.get(type(node))
        if special is not None:
            special(self, node)
        elif isinstance(node, _PLAIN):
            self._check_children(node)
        else:
            raise DoubtError(node, f"{type(node).__name__}")

    def _check_children(self, node: ast.AST) -> None:
        for child in ast.iter_child_nodes(node):
            self.check(child)

    def _list_looked_at(self, node: ast.AST) -> Sequence[ast.AST]:
        """List the parts of a construct that it looks at and hands to nobody as they are."""
        if isinstance(node, ast.For | ast.comprehension):
            return [node.iter]
        if isinstance(node, ast.Starred):
            return [node.value]
        if isinstance(node, ast.Compare):
            return node.comparators if all(isinstance(sign, ast.In | ast.NotIn) for sign in node.ops) else []
        if isinstance(node, ast.Subscript):
            own = self._kind == "indicator" and self._in_making and ast.unparse(node.value) in _OWN_LINES
            return [node.value] if isinstance(node.ctx, ast.Load) or own else []
        if isinstance(node, ast.Attribute):
            return [] if node.attr in _OF_LISTS | _HOLDERS else [node.value]
        looks = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and self._names.is_builtin(node.func.id, _LOOKS)
        return node.args if looks and isinstance(node, ast.Call) else []

    def _check_assignment(self, node: ast.Assign) -> None:
        if not any(isinstance(target, ast.Name) and target.id == SCRIPT_RUN for target in node.targets):
            self._check_children(node)
            return
        said = node.value
        if not isinstance(said, ast.Dict) or not all(isinstance(key, ast.Constant) and key.value in _SCRIPT_PARTS for key in said.keys):
            raise DoubtError(node, "the script adds more than a strategy")
        for value in said.values:
            if not self._is_strategy(value):
                self.check(value)

    def _check_name(self, node: ast.Name) -> None:
        self._check_seeding(node)
        if node.id == SCRIPT_RUN or node.id not in self._names.known:
            raise DoubtError(node, f"the name {node.id}")
        if self._is_strategy(node):
            raise DoubtError(node, f"the class {node.id} is handed on")

    def _is_strategy(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Name) and node.id in self._names.strategies

    def _check_class(self, node: ast.ClassDef) -> None:
        usual = self._names.is_at_the_margin(node) and not node.keywords and not getattr(node, "type_params", ())
        if not usual or not all(self._names.is_dataclass(decorator) for decorator in node.decorator_list):
            raise DoubtError(node, f"the class {node.name} is made in a way of its own")
        kind = self._names.find_kind(node)
        if not kind:
            raise DoubtError(node, f"the base of {node.name}")
        for part in node.body:
            self._check_member(part, kind)
        self._in_strategy, self._kind = kind == "strategy" and self._names.itself, kind
        for inside in (*node.decorator_list, *node.body):
            self._in_making = self._names.itself and isinstance(inside, ast.FunctionDef) and inside.name == "__init__"
            self.check(inside)
        self._in_strategy, self._in_making, self._kind = False, False, ""

    def _check_member(self, node: ast.stmt, kind: str) -> None:
        """Look at the name of a member, which must not be one that is meant for something else."""
        if isinstance(node, ast.FunctionDef):
            known = _METHODS_OF_INDICATORS if kind == "indicator" else CALLBACKS if kind != "helper" else ("__init__", "log")
            if node.name not in known and (kind == "indicator" or not self._may_be_member(node.name, kind)):
                raise DoubtError(node, f"the method {node.name} of the {kind}")
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            for target in list_targets(node):
                if not isinstance(target, ast.Name) or not (target.id in CLASS_WORDS or self._may_be_member(target.id, kind)):
                    raise DoubtError(node, f"the member {ast.unparse(target)} of the {kind}")
        elif not isinstance(node, ast.Expr | ast.Pass):
            raise DoubtError(node, "a statement in the body of a class")

    def _may_be_member(self, name: str, kind: str) -> bool:
        return self._is_own_of_strategy(name) if kind == "strategy" else name in OWN_ANYWAY or self._is_own(name)

    def _check_function(self, node: ast.FunctionDef) -> None:
        for decorator in node.decorator_list:
            if not isinstance(decorator, ast.Name) or decorator.id not in ("property", "staticmethod"):
                raise DoubtError(decorator, "a decorator")
        self._check_children(node)

    def _check_seeding(self, node: ast.expr) -> None:
        if self._names.is_seeding(node) and id(node) not in self._seeded:
            raise DoubtError(node, "chance numbers that no other run has")

    def _check_part(self, node: ast.Attribute) -> None:
        self._check_seeding(node)
        if module := self._names.resolve_module(node.value):
            if not is_harmless_part(module, node.attr) or not isinstance(node.ctx, ast.Load):
                raise DoubtError(node, f"{module}.{node.attr}")
            return
        if not self._may_name(node) or (node.attr in _HOLDERS and id(node) not in self._looked_at):
            raise DoubtError(node, f"the part .{node.attr}")
        if not self._is_strategy(node.value):
            self.check(node.value)

    def _may_name(self, node: ast.Attribute) -> bool:
        """Check that a part of an object may be read or, where it stands on the left, be written."""
        name, owner = node.attr, node.value
        if isinstance(node.ctx, ast.Del) or self._names.is_method_by_class(node):
            return False
        of_itself = isinstance(owner, ast.Name) and owner.id == "self"
        if of_itself and self._in_strategy and self._is_own_of_strategy(name):
            return name in self._names.parts or self._is_alias_of_data(name)
        if isinstance(node.ctx, ast.Store):
            return self._may_write(node, of_itself)
        of_base = isinstance(owner, ast.Call) and isinstance(owner.func, ast.Name) and owner.func.id == "super"
        if name == "__init__":
            return of_base
        if name in OF_ITSELF and (of_base or (of_itself and self._in_strategy)):
            return True
        if name in self._names.inner and not of_itself:
            return False  # what an indicator is made of does not move along in a run in bulk
        if name in self._harmless or self._is_alias_of_data(name):
            return True
        of_parameters = self._names.itself and not name.startswith("_") and ast.unparse(owner) in _OWN_PARAMETERS
        return name in self._names.parts and (of_parameters or name in OWN_ANYWAY or self._is_own(name))

    def _may_write(self, node: ast.Attribute, of_itself: bool) -> bool:
        """Check that a part may be written: where the object may be one of the engine's, none of what a run computes with."""
        name = node.attr
        if self._names.is_of_module(node.value) or self._is_alias_of_data(name):
            return False
        if self._kind == "indicator" and self._in_making and ast.unparse(node.value) in _OWN_LINES:
            return name in self._names.lines
        if of_itself and (self._in_strategy or self._in_making):
            return name in OWN_ANYWAY or self._is_own(name)
        return (name in OWN_ANYWAY and name not in LINES and name != _CASH) or (
            self._is_own(name) and name not in self._of_lines | self._names.lines
        )

    def _is_own(self, name: str) -> bool:
        """Check that nothing but the program calls a part by that name."""
        return not name.startswith("__") and name not in self._of_objects and name not in PARTS_OF_PYTHON

    def _is_own_of_strategy(self, name: str) -> bool:
        """Check that a strategy has nothing under that name but what the program put there."""
        return not name.startswith("__") and name not in self._of_strategies

    def _is_alias_of_data(self, name: str) -> bool:
        """Check for Backtrader's own names of feeds and their lines: `data0`, `data_close`, `data1_high`."""
        number, _, line = name.removeprefix(_DATA).partition("_")
        usual = name.startswith(_DATA) and (not number or number.isdigit()) and (not line or line.isalnum())
        return usual and name not in self._of_objects

    def _check_call(self, node: ast.Call) -> None:
        func = node.func
        if [type(part.value) for part in node.args if isinstance(part, ast.Constant)] == [int] and len(node.args) == 1:
            self._seeded.add(id(func))
        if any(said.arg == "where" or (said.arg is None and self._names.has_numpy) for said in node.keywords):
            raise DoubtError(node, "values that numpy may leave as they were in memory")
        if isinstance(func, ast.Name) and func.id in ("getattr", "hasattr", "setattr"):
            self._check_named_part(node, func.id)
        elif isinstance(func, ast.Name) and func.id == "super" and node.args:
            if node.keywords or not self._names.is_class(node.args[0]) or [ast.unparse(part) for part in node.args[1:]] != ["self"]:
                raise DoubtError(node, "super() of something else")
        elif isinstance(func, ast.Attribute) and func.attr == "format" and not self._names.resolve_module(func.value):
            if not isinstance(func.value, ast.Constant) or not _names_no_parts(func.value.value):
                raise DoubtError(node, "a text that may name parts of what it shows")
            for part in (*node.args, *node.keywords):
                self.check(part)
        else:
            self._check_children(node)

    def _check_named_part(self, node: ast.Call, function: str) -> None:
        """A part that is named by a text is one like any other, provided that the text stands there."""
        starred = any(isinstance(part, ast.Starred) for part in node.args)
        if (
            starred
            or len(node.args) < 2
            or node.keywords
            or not isinstance(node.args[1], ast.Constant)
            or not isinstance(node.args[1].value, str)
        ):
            raise DoubtError(node, f"{function}() of a part that is not written out")
        named = ast.Attribute(node.args[0], node.args[1].value, ast.Store() if function == "setattr" else ast.Load())
        self.check(ast.copy_location(named, node))
        for part in node.args[2:]:
            self.check(part)


_SPECIAL: dict[type[ast.AST], Callable[[_Proof, Any], None]] = {
    ast.Assign: _Proof._check_assignment,
    ast.Name: _Proof._check_name,
    ast.ClassDef: _Proof._check_class,
    ast.FunctionDef: _Proof._check_function,
    ast.Attribute: _Proof._check_part,
    ast.Call: _Proof._check_call,
}


def _names_no_parts(text: object) -> bool:
    """Check that the fields of a text for `format()` name no parts of what they show."""
    if not isinstance(text, str):
        return False
    fields = [field.partition("}")[0] for field in text.replace("{{", "").split("{")[1:]]
    return not any(mark in field.partition(":")[0].partition("!")[0] for field in fields for mark in ".[")
