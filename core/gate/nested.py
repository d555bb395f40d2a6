"""Takes a strategy class out of the function, the class or the main block that it stands in: the same lines, moved to the left margin.

Only where no class stands at the margin already, and where what is left is Python. What the class reads of the function's own names is
moved with it; a parameter without a default cannot be, and is named instead.
"""

import ast
import re
from dataclasses import dataclass

from core.domain.annotation import Annotation
from core.domain.python_syntax import parse_module_tree
from core.gate.closure import Closure, is_main_block
from core.gate.parsed_source import ParsedCode
from core.gate.scope import free_names, stored_names
from core.gate.script_entry import ADDING
from core.gate.script_run import ScriptReader
from core.gate.text_lines import split_lines, strip_ending

_HINT = "Move the class to the left margin."


@dataclass(frozen=True, slots=True)
class Unnested:
    """Code with its class at the margin, and what was said about it."""

    code: str
    remarks: tuple[Annotation, ...] = ()


def move_to_margin(source: ParsedCode) -> Unnested:
    """The code with its strategy at the top level; as it was when it is there already, or cannot be moved."""
    for block in source.tree.body:
        if not isinstance(block, ast.If) or not is_main_block(block):
            continue
        wanted = _binds_what_is_read(source, block) if source.strategy_names else bool(_strategies_in(source, block.body))
        if wanted and (code := _dedent(source, block, block.body)) is not None:
            return Unnested(code)
    for node in source.tree.body if source.strategy_names else ():
        if isinstance(node, ast.FunctionDef) and (own := _find_added(node, _strategies_in(source, node.body))) is not None:
            return _take_out(source, node, own)
    if source.strategy_names or _adds_made_class(source):
        return Unnested(source.code)
    for node in source.tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and (found := _strategies_in(source, node.body)):
            return _take_out(source, node, found[-1]) if isinstance(node, ast.FunctionDef) else _take_out_of_class(source, node, found[-1])
    return Unnested(source.code)


def _find_added(function: ast.FunctionDef, strategies: list[ast.ClassDef]) -> ast.ClassDef | None:
    """Find the class of a function that the function itself adds."""
    calls = [part for part in ast.walk(function) if isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute)]
    added = {ast.unparse(call.args[0]) for call in calls if call.func.attr in ADDING and call.args}  # type: ignore[attr-defined]
    return next((node for node in strategies if node.name in added), None)


def _adds_made_class(source: ParsedCode) -> bool:
    """Check whether the script adds what its own function makes, with arguments that can be had: `addstrategy(make(fast=5))`."""
    return bool(source.factories) and "strategy" in ScriptReader(source, Closure(source, source.roots).unrunnable).read().entries


def _take_out(source: ParsedCode, function: ast.FunctionDef, strategy: ast.ClassDef) -> Unnested:
    needed = _needed_names(function, strategy)
    defaults = dict(zip(reversed([argument.arg for argument in function.args.args]), reversed(function.args.defaults), strict=False))
    parameters = {argument.arg for argument in (*function.args.args, *function.args.kwonlyargs)} & needed
    missing = sorted(parameters - {name for name, value in defaults.items() if isinstance(value, ast.Constant)})
    if missing:
        message = f"The class {strategy.name} stands inside {function.name}() and reads its {', '.join(missing)}."
        hint = f"{_HINT} Write {', '.join(missing)} into its params."
        return Unnested(source.code, (Annotation(line=strategy.lineno, severity="error", message=message, hint=hint),))
    heads = "; ".join(f"{name} = {ast.unparse(defaults[name])}" for name in sorted(parameters))
    code = _dedent(source, function, function.body, heads)
    if code is None:
        message = f"The class {strategy.name} stands inside {function.name}()."
        return Unnested(source.code, (Annotation(line=strategy.lineno, severity="error", message=message, hint=_HINT),))
    message = f"The class {strategy.name} stands inside {function.name}(); it was taken out of it."
    return Unnested(code, (Annotation(line=strategy.lineno, severity="info", message=message),))


def _take_out_of_class(source: ParsedCode, outer: ast.ClassDef, strategy: ast.ClassDef) -> Unnested:
    """Put everything in a class at the margin; what was read as `Outer.name` is read by its name alone then."""
    place = f"The class {strategy.name} stands inside the class {outer.name}"
    own = "|".join(sorted(frozenset[str]().union(*(stored_names(node) for node in outer.body))))
    code = _dedent(source, outer, outer.body)
    code = code and re.sub(rf"(?<![\w.]){outer.name}\.(?=(?:{own})\b)", "", code)
    moved = parse_module_tree(code) if code else None
    found = next((node for node in moved.body if isinstance(node, ast.ClassDef) and node.name == strategy.name), None) if moved else None
    if code is None or found is None or outer.name in free_names(found):
        reads = f" and reads {outer.name} itself" if found else ""
        return Unnested(source.code, (Annotation(line=strategy.lineno, severity="error", message=f"{place}{reads}.", hint=_HINT),))
    message = f"{place}; it was taken out of it."
    return Unnested(code, (Annotation(line=strategy.lineno, severity="info", message=message),))


def _strategies_in(source: ParsedCode, body: list[ast.stmt]) -> list[ast.ClassDef]:
    """Strategy classes among the statements, also through bases that stand beside them."""
    local = {node.name: node for node in body if isinstance(node, ast.ClassDef)}

    def is_one(node: ast.ClassDef, seen: frozenset[str] = frozenset()) -> bool:
        bases = [base.id for base in node.bases if isinstance(base, ast.Name) and base.id in local and base.id not in seen]
        return source.is_strategy(node) or any(is_one(local[name], seen | {node.name}) for name in bases)

    return [node for node in local.values() if is_one(node)]


def _binds_what_is_read(source: ParsedCode, block: ast.If) -> bool:
    """Check whether the strategy reads a name that only the main block gives a value."""
    elsewhere = frozenset().union(*(stored_names(node) for node in source.tree.body if node is not block))
    without = [name for name in source.live if name in stored_names(block) and name not in elsewhere]
    return bool(without)


def _needed_names(function: ast.FunctionDef, strategy: ast.ClassDef) -> frozenset[str]:
    """Names that the class reads, directly or through the function's own statements."""
    needed, before = free_names(strategy), frozenset[str]()
    while needed != before:
        before = needed
        needed |= frozenset().union(*(free_names(node) for node in function.body if stored_names(node) & needed))
    return needed


def _dedent(source: ParsedCode, block: ast.stmt, body: list[ast.stmt], heads: str = "") -> str | None:
    """The block's statements at the margin, on their own lines, without `return`; None when that is no Python."""
    lines = split_lines(source.code)
    first = _first_line(block)
    start, indent = _first_line(body[0]), body[0].col_offset
    if start == block.lineno or not indent:
        return None
    end = block.end_lineno or block.lineno
    returns = {
        number for node in body if isinstance(node, ast.Return) for number in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    for number in range(first, end + 1):
        text = strip_ending(lines[number - 1])
        ending = lines[number - 1][len(text) :]
        if number < start or number in returns:
            lines[number - 1] = (heads if number == first and heads else "") + ending
        elif text[:indent].strip() == "":
            lines[number - 1] = text[indent:] + ending
    code = "".join(lines)
    try:
        parse_module_tree(code)
    except (SyntaxError, ValueError):
        return None
    return code


def _first_line(node: ast.stmt) -> int:
    return int(min([node.lineno, *(decorator.lineno for decorator in getattr(node, "decorator_list", []))]))
