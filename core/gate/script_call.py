"""One call that a script makes, as far as it can be read without running it."""

import ast
from collections.abc import Callable
from dataclasses import dataclass

from core.gate.parsed_source import ParsedCode, dotted_name

Conditions = tuple[ast.expr, ...]
"""All that must hold for a statement of a script to be reached."""


@dataclass(frozen=True, slots=True)
class ScriptCall:
    """One call of a method or a function by the script, with its arguments in terms of top-level names."""

    name: str
    """Last part of what is called: `addstrategy`."""
    line: int
    args: tuple[ast.expr, ...]
    keywords: tuple[ast.keyword, ...]
    conditions: Conditions = ()
    """Conditions that must hold for the call to happen."""
    inside: str = ""
    """Dotted name of what is called, with imports resolved."""
    engine: tuple[int, int] | None = None
    """Place where the engine was made of which something is asked; None where that is not plain."""


def spell_out_method(source: ParsedCode, call: ast.Call, read: Callable[[ast.expr], ast.expr]) -> ast.Call:
    """A call of a method under another name (`add = cerebro.addstrategy`), by a text (`getattr`) or of its class, as the plain call."""
    func, args, keywords = call.func, list(call.args), list(call.keywords)
    if isinstance(func, ast.Name) and func.id not in source.imports:
        func = _find_meant(source, read(func), call.lineno)
    if isinstance(func, ast.Call) and source.resolve_name(func.func) == "functools.partial" and func.args:
        args, keywords = [*func.args[1:], *args], [*func.keywords, *keywords]
        func = func.args[0]
    if isinstance(func, ast.Call) and dotted_name(func.func) == "getattr" and len(func.args) > 1:
        name = read(func.args[1])
        if isinstance(name, ast.Constant) and isinstance(name.value, str):
            func = ast.copy_location(ast.Attribute(value=func.args[0], attr=name.value, ctx=ast.Load()), func)
    if not isinstance(func, ast.Attribute):
        return call
    if source.resolve_name(func).startswith("backtrader.Cerebro.") and args:
        func, args = ast.copy_location(ast.Attribute(value=args[0], attr=func.attr, ctx=ast.Load()), func), args[1:]
    elif func is call.func or dotted_name(func).partition(".")[0] in source.imports:
        return call
    return ast.copy_location(ast.Call(func=func, args=args, keywords=keywords), call)


def _find_meant(source: ParsedCode, node: ast.expr, line: int) -> ast.expr:
    """Find what a top-level name stands for on a line; anything else as it is."""
    before = [made for made in source.definitions(node.id) if made.lineno <= line] if isinstance(node, ast.Name) else []
    return before[-1].value if before and isinstance(before[-1], ast.Assign) else node
