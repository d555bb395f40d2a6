"""Python source as a tree, for every room that reads code without running it."""

import ast
import threading

_PARSE_LOCK = threading.Lock()
"""Some CPython versions count a tree's depth in one place for all threads; two that parse at once can trip each other (SystemError)."""

_TRIES = 5


def parse_module_tree(text: str) -> ast.Module:
    """Parse a program into its tree, safely from several threads. Raises what `ast.parse` raises."""
    tree = _parse(text, "exec")
    if not isinstance(tree, ast.Module):
        raise TypeError(type(tree).__name__)
    return tree


def parse_expression_tree(text: str) -> ast.expr:
    """Parse one expression into its tree, safely from several threads. Raises what `ast.parse` raises."""
    tree = _parse(text, "eval")
    if not isinstance(tree, ast.Expression):
        raise TypeError(type(tree).__name__)
    return tree.body


def _parse(text: str, mode: str) -> ast.AST:
    for left in reversed(range(_TRIES)):
        try:
            with _PARSE_LOCK:
                return compile(text, "<unknown>", mode, ast.PyCF_ONLY_AST)
        except SystemError:  # a library parsed in another thread at the same moment
            if not left:
                raise
    raise AssertionError("unreachable")
