"""Source text of a script's expressions: to compare them, to write them down, to repeat them in a remark."""

import ast
import copy
from collections.abc import Sequence

from core.gate.script_call import ScriptCall
from core.gate.script_history import find_made, find_step

_LONGEST_SAID = 60
"""Characters of an expression that a remark repeats."""


def dump(node: ast.AST | None) -> str:
    """The tree as text, to compare; empty for nothing."""
    return "" if node is None else ast.dump(node)


def unparse(node: ast.AST | None) -> str:
    """The expression as it is written; empty for nothing."""
    return "" if node is None else ast.unparse(node)


def find_first_combination(value: ast.expr) -> ast.expr:
    """The first of the values that optstrategy() goes through; a plain value stands for itself."""
    if isinstance(value, ast.Constant):
        return value
    if isinstance(value, ast.Tuple | ast.List):
        return value.elts[0] if value.elts else value
    inner = ast.Call(func=ast.Name(id="iter", ctx=ast.Load()), args=[value], keywords=[])
    return ast.Call(func=ast.Name(id="next", ctx=ast.Load()), args=[inner], keywords=[])


def render_dict(pairs: Sequence[tuple[str | None, ast.expr]]) -> str:
    """A table of parameters, those without a name as tables in it."""
    keys: list[ast.expr | None] = [ast.Constant(name) if name else None for name, _ in pairs]
    return ast.unparse(ast.Dict(keys=keys, values=[value for _, value in pairs]))


def shorten(node: ast.AST) -> str:
    """The expression as a remark repeats it."""
    text = ast.unparse(_WithoutSteps().visit(copy.deepcopy(node)))
    return text if len(text) <= _LONGEST_SAID else f"{text[: _LONGEST_SAID - 3]}..."


def describe_what(call: ScriptCall) -> str:
    """The first argument of a call, in short; empty without one."""
    return ast.unparse(call.args[0])[:60] if call.args else ""


class _WithoutSteps(ast.NodeTransformer):
    """Names objects by what made them, without what happened to them."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        return self.generic_visit(find_made(node) if find_step(node) is not None else node)
