"""Python source as a tree, for every room that reads code without running it."""

import ast
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, lru_cache
from types import CodeType

_PARSE_LOCK = threading.Lock()
"""Some CPython versions count a tree's depth in one place for all threads; two that parse at once can trip each other (SystemError)."""

_WARNINGS_LOCK = threading.RLock()
"""Filters of warnings are one list for all threads: of two that put it back, the later one would bring back what the other had set."""

_TRIES = 5

KEPT_TREES = 32
"""Programs whose trees are kept, some 200 kB each: an answer and all that is asked of it while its loop goes on."""


@contextmanager
def ignore_warnings() -> Iterator[None]:
    """Hear of no warnings while source is read: doubtful escapes and odd comparisons are no reason to speak up."""
    with _WARNINGS_LOCK, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def parse_module_tree(text: str) -> ast.Module:
    """Parse a program into its tree, safely from several threads. Raises what `ast.parse` raises."""
    tree = _parse(text, "exec")
    if not isinstance(tree, ast.Module):
        raise TypeError(type(tree).__name__)
    return tree


@lru_cache(maxsize=KEPT_TREES)
def read_module_tree(text: str) -> ast.Module:
    """Read a program's tree, once for all who read the same program: nobody may change it. Raises what `ast.parse` raises."""
    return parse_module_tree(text)


@lru_cache(maxsize=KEPT_TREES)
def list_nodes(tree: ast.Module) -> tuple[ast.AST, ...]:
    """List the nodes of a tree that nobody changes, in the order of `ast.walk`, which takes twice the time; once.

    Left out are the marks of what is read and what is written, which hold nothing.
    """
    found: list[ast.AST] = [tree]
    for node in found:  # grows on the way
        for name in _list_fields(node._fields):
            value = getattr(node, name, None)
            if value.__class__ is list:
                found.extend([each for each in value if isinstance(each, ast.AST)])
            elif isinstance(value, ast.AST):
                found.append(value)
    return tuple(found)


def is_same_tree(one: ast.AST, other: ast.AST) -> bool:
    """True when two trees say the same, wherever it stands on its lines; found out up to the first difference.

    >>> is_same_tree(parse_module_tree("a = 1  # one"), parse_module_tree("a=1"))
    True
    """
    pairs: list[tuple[object, object]] = [(one, other)]
    while pairs:
        left, right = pairs.pop()
        if left.__class__ is not right.__class__:
            return False
        if isinstance(left, ast.AST):
            pairs.extend((getattr(left, name, None), getattr(right, name, None)) for name in reversed(left._fields))
        elif isinstance(left, list) and isinstance(right, list):
            if len(left) != len(right):
                return False
            pairs.extend(zip(reversed(left), reversed(right), strict=True))
        elif repr(left) != repr(right):  # 0.0 and -0.0 are not the same, and nan is
            return False
    return True


@cache
def _list_fields(fields: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in fields if name != "ctx")


def parse_expression_tree(text: str) -> ast.expr:
    """Parse one expression into its tree, safely from several threads. Raises what `ast.parse` raises."""
    tree = _parse(text, "eval")
    if not isinstance(tree, ast.Expression):
        raise TypeError(type(tree).__name__)
    return tree.body


def compile_tree(tree: ast.Module) -> CodeType:
    """Compile a program's tree, safely from several threads and without running it. Raises what `compile` raises."""
    made = _compile(tree, "exec", 0)
    if not isinstance(made, CodeType):
        raise TypeError(type(made).__name__)
    return made


def _parse(text: str, mode: str) -> object:
    return _compile(text, mode, ast.PyCF_ONLY_AST)


def _compile(source: str | ast.Module, mode: str, flags: int) -> object:
    for left in reversed(range(_TRIES)):
        try:
            with _PARSE_LOCK:
                return compile(source, "<unknown>", mode, flags)
        except SystemError:  # a library parsed in another thread at the same moment
            if not left:
                raise
    raise AssertionError("unreachable")
