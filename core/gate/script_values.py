"""Values that a script's expressions plainly have, without running them: numbers, constants, defaults of a command line."""

import ast
import copy
from dataclasses import replace
from functools import cached_property

from core.gate.parsed_source import ParsedCode, dotted_name
from core.gate.scope import stored_names
from core.gate.script_call import ScriptCall
from core.gate.script_history import PURE, list_wholes
from core.gate.substitution import UNKNOWN, decide, make_unknown, simplify

_PARSING = ("parse_args", "parse_known_args", "parse_intermixed_args")

_LEFT_OUT = "left out"
"""Mark of the nothing that an option is which was not given: it decides conditions and is no value to go on with."""
_ENUMS = frozenset(("Enum", "IntEnum", "StrEnum", "Flag", "IntFlag"))
"""Classes whose values are objects of their own."""


class ScriptValues:
    """Reads values out of one script."""

    def __init__(self, source: ParsedCode) -> None:
        self._source = source

    def find_number(self, node: ast.AST, depth: int = 0) -> float | None:
        """The number that an expression plainly is: literals, arithmetic, a top-level constant, a command line's default."""
        if depth > 12:
            return None
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
            return float(node.value)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            value = self.find_number(node.operand, depth + 1)
            return None if value is None else -value
        if isinstance(node, ast.BinOp):
            return _compute(node.op, self.find_number(node.left, depth + 1), self.find_number(node.right, depth + 1))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("float", "int") and len(node.args) == 1:
            if isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str):
                return _read_text(node.args[0].value)
            return self.find_number(node.args[0], depth + 1)
        if isinstance(node, ast.Name):
            bound = [part for part in self._source.definitions(node.id) if isinstance(part, ast.Assign)]
            return self.find_number(bound[0].value, depth + 1) if len(bound) == 1 and len(self._source.definitions(node.id)) == 1 else None
        return self._find_option(node.attr) if isinstance(node, ast.Attribute) else None

    def _find_option(self, name: str) -> float | None:
        """The number that is the default of a command-line option."""
        default = self.find_default(name)
        return None if default is None else self.find_number(default, 1)

    def find_default(self, name: str) -> ast.expr | None:
        """The default of a command-line option as it is written; None when it has none, or there is no such option."""
        calls = self._calls
        for call in calls:
            if dotted_name(call.func).endswith(".set_defaults") and (given := [word.value for word in call.keywords if word.arg == name]):
                return given[0]
        for call in calls:
            if _name_option(call):
                words = {word.arg: word.value for word in call.keywords}
                if _name_option(call) == name:
                    action = words.get("action")
                    switch = action.value if isinstance(action, ast.Constant) else ""
                    off = {"store_true": False, "store_false": True}.get(str(switch))
                    return _convert(words.get("default"), words.get("type")) or (None if off is None else ast.Constant(off))
        return None

    def _list_options(self) -> dict[str, ast.expr]:
        """Every option of the script's command line with its default; None where it has none."""
        names = [name for call in self._calls if (name := _name_option(call))]
        return {name: self.find_default(name) or ast.Constant(None) for name in names}

    @cached_property
    def _calls(self) -> list[ast.Call]:
        """Calls of methods, those that make a command line among them."""
        return [part for part in ast.walk(self._source.tree) if isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute)]

    def look_up(self, node: ast.expr) -> ast.expr:
        """An entry of a table that is written out, `TABLE["key"]`, also by an option's default; anything else as it is."""
        table = key = None
        if isinstance(node, ast.Subscript):
            table, key = node.value, node.slice
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get" and node.args:
            table, key = node.func.value, node.args[0]
        if isinstance(key, ast.Attribute):
            key = self.find_default(key.attr)
        if isinstance(table, ast.Name):
            bound = self._source.definitions(table.id)
            table = bound[0].value if len(bound) == 1 and isinstance(bound[0], ast.Assign) else None
        if table is None or not isinstance(key, ast.Constant):
            return node
        return _entries(table).get(key.value, node)

    def settle_options(self, node: ast.expr) -> ast.expr:
        """The expression with options of a command line that is made in place (`parser.parse_args().n`) replaced by their defaults."""
        reader = self

        class Settle(ast.NodeTransformer):
            def visit_Call(self, part: ast.Call) -> ast.AST:
                if dotted_name(part.func) == "vars" and len(part.args) == 1 and self._is_parsed(part.args[0]):
                    return reader._write_options(part.args[0])
                return self.generic_visit(part)

            def _is_parsed(self, part: ast.AST) -> bool:
                return _is_parsed_in_place(part) or reader._is_parsed_in_vain(part)

            def visit_Attribute(self, part: ast.Attribute) -> ast.AST:
                if part.attr == "__dict__" and self._is_parsed(part.value):
                    return reader._write_options(part.value)
                if (kept := reader._find_class_value(part)) is not None:
                    return copy.deepcopy(kept)
                if self._is_parsed(part.value):
                    return reader.find_default(part.attr) or (
                        ast.Constant(None, kind=_LEFT_OUT) if reader._may_be_left_out(part.attr) else make_unknown()
                    )
                return self.generic_visit(part)

        settled = simplify(Settle().visit(copy.deepcopy(node)))
        return make_unknown() if any(getattr(part, "kind", None) == _LEFT_OUT for part in ast.walk(settled)) else settled

    def _may_be_left_out(self, name: str) -> bool:
        """True for an option of the command line that is nothing where it is not given."""
        return any(_name_option(call) == name and not _is_required_option(call) for call in self._calls)

    def _find_class_value(self, node: ast.Attribute) -> ast.expr | None:
        """The plain value that a helper class of the script has under a name, `Runner.DEFAULTS`, where nothing sets it anew."""
        owner = self._source.classes.get(node.value.id) if isinstance(node.value, ast.Name) else None
        named = {dotted_name(base).rpartition(".")[2] for base in owner.bases} if owner is not None else set()
        if owner is None or named & _ENUMS or self._source.is_strategy(owner) or node.attr in self._set_later:
            return None
        values = [part.value for part in owner.body if isinstance(part, ast.Assign) and node.attr in stored_names(part)]
        plain = len(values) == 1 and not any(isinstance(part, ast.Name | ast.Call) for part in ast.walk(values[0]))
        return values[0] if plain else None

    @cached_property
    def _set_later(self) -> frozenset[str]:
        """Names of attributes that the script sets, or in which it changes something, whatever they are attributes of."""
        parts = list(ast.walk(self._source.tree))
        stored = [part for part in parts if isinstance(part, ast.Attribute | ast.Subscript) and not isinstance(part.ctx, ast.Load)]
        own = [part for part in stored if isinstance(part, ast.Attribute) and dotted_name(part.value) == "self"]  # of one object alone
        called = [part.func for part in parts if isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute)]
        changed = [part.value for part in called if part.attr not in PURE]
        whole = (each for part in (*(one for one in stored if one not in own), *changed) for each in list_wholes(part))
        return frozenset(each.attr for each in whole if isinstance(each, ast.Attribute))

    def _write_options(self, made: ast.AST) -> ast.expr:
        """The table of all options of a command line with their defaults; unknown where one of them is required."""
        if any(isinstance(part, ast.Call) and _is_required_option(part) for part in ast.walk(self._source.tree)):
            return ast.Name(id=UNKNOWN, ctx=ast.Load())
        options = self._list_options()
        return ast.Dict(keys=[ast.Constant(name) for name in options], values=list(options.values()))

    def _is_parsed_in_vain(self, node: ast.AST) -> bool:
        """True for a call that parses a command line which lacks what it requires: of a parser, or of the script's own function."""
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "parse_args":
            own = list(ast.walk(self._source.tree))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            own = [part for made in self._source.definitions(node.func.id) for part in ast.walk(made)]
        else:
            return False
        return any(isinstance(part, ast.Call) and _is_required_option(part) for part in own)

    def settle_call(self, call: ScriptCall) -> ScriptCall | None:
        """The call with the options of a command line settled, and its conditions; None where these say that it does not happen."""
        plain = call.name in ("addstrategy", "optstrategy")  # their parameters are settled one by one, each with a word about it
        words = call.keywords if plain else tuple(ast.keyword(word.arg, self.settle_options(word.value)) for word in call.keywords)
        conditions = [self.settle_options(part) for part in call.conditions]
        known = [decide(part) for part in conditions]
        if False in known:
            return None
        left = tuple(part for part, value in zip(conditions, known, strict=True) if value is None)
        return replace(call, args=tuple(map(self.settle_options, call.args)), keywords=words, conditions=left)

    def find_option_without_default(self, node: ast.expr) -> str:
        """The command-line option that an expression reads, if it has no default, as it is typed; empty when there is none."""
        called = [part.func for part in ast.walk(node) if isinstance(part, ast.Call)]
        for part in ast.walk(node):
            if (
                isinstance(part, ast.Attribute)
                and part not in called
                and any(
                    isinstance(inner, ast.Call) and dotted_name(inner.func).rpartition(".")[2] in ("parse_args", "ArgumentParser")
                    for inner in ast.walk(part.value)
                )
            ):
                return "" if self.find_default(part.attr) is not None else f"--{part.attr.replace('_', '-')}"
        return ""


def _entries(table: ast.expr) -> dict[object, ast.expr]:
    """Entries of a table that is written out, `{"a": 1}` or `dict(a=1)`; none of anything else."""
    if isinstance(table, ast.Dict):
        pairs = zip(table.keys, table.values, strict=True)
        return {key.value: value for key, value in pairs if isinstance(key, ast.Constant)}
    if isinstance(table, ast.Call) and dotted_name(table.func) == "dict" and not table.args:
        return {word.arg: word.value for word in table.keywords}
    return {}


def _compute(operator: ast.operator, left: float | None, right: float | None) -> float | None:
    if left is None or right is None or abs(left) > 1e100 or abs(right) > 1e100:
        return None
    if isinstance(operator, ast.Add):
        return left + right
    if isinstance(operator, ast.Sub):
        return left - right
    if isinstance(operator, ast.Mult):
        return left * right
    if isinstance(operator, ast.Div) and right:
        return left / right
    if isinstance(operator, ast.Pow) and abs(right) < 20 and left > 0:
        return float(left**right)
    return None


def _name_option(call: ast.Call) -> str:
    """The name under which a command line keeps an option that a call adds; empty for any other call."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr != "add_argument":
        return ""
    dest = next((word.value for word in call.keywords if word.arg == "dest"), None)
    texts = [part.value for part in call.args if isinstance(part, ast.Constant) and isinstance(part.value, str)]
    said = dest.value if isinstance(dest, ast.Constant) else max(texts, key=len, default="").lstrip("-").replace("-", "_")
    return str(said)


def _read_text(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _convert(default: ast.expr | None, kind: ast.expr | None) -> ast.expr | None:
    """A default as a command line hands it on: a text goes through the option's type, `type=int, default="20"`."""
    if isinstance(default, ast.Constant) and isinstance(default.value, str) and isinstance(kind, ast.Name) and kind.id in ("int", "float"):
        return ast.Call(func=kind, args=[default], keywords=[])
    return default


def _is_required_option(call: ast.Call) -> bool:
    """True for `add_argument("file")` and `add_argument("--n", required=True)`."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr != "add_argument":
        return False
    words = {word.arg: word.value for word in call.keywords}
    required, many = words.get("required"), words.get("nargs")
    first = call.args[0] if call.args else None
    positional = isinstance(first, ast.Constant) and isinstance(first.value, str) and not first.value.startswith("-")
    optional = isinstance(many, ast.Constant) and many.value in ("?", "*")
    return (isinstance(required, ast.Constant) and bool(required.value)) or (positional and not optional)


def _is_parsed_in_place(node: ast.AST) -> bool:
    """True for `ArgumentParser(...).parse_args()`: what was added to the parser in between is not part of the expression."""
    if (
        isinstance(node, ast.Subscript)
        and isinstance(node.value, ast.Call)
        and isinstance(node.slice, ast.Constant)
        and not node.slice.value
    ):
        node = node.value  # parse_known_args()[0]
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.func.attr not in _PARSING:
        return False
    made = node.func.value
    return isinstance(made, ast.Call) and dotted_name(made.func).rpartition(".")[2] == "ArgumentParser"
