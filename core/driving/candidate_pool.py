"""Identity of programs: no program of a run is run twice, whether it worked or not."""

import ast
import copy
import hashlib
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from functools import lru_cache
from types import CodeType
from typing import TypeVar

from core.domain.backtest import Outcome, OutcomeStatus
from core.domain.iteration import Iteration
from core.domain.python_syntax import compile_tree, ignore_warnings, read_module_tree
from core.driving.evaluate import CodeEvaluation

NodeT = TypeVar("NodeT", bound=ast.AST)
PlacedT = TypeVar("PlacedT", bound=ast.stmt | ast.expr)

_TRANSIENT = frozenset({OutcomeStatus.CANCELLED, OutcomeStatus.SUPERVISOR_DIED})
"""Ends that another run of the same program need not have."""


class CandidatePool:
    """Pool of one loop's candidates, so that a program they share is run for one of them only. Safe with several threads."""

    def __init__(self, finished: Sequence[Iteration] = ()) -> None:
        """`finished` are candidates of the loop that were stored before the run was cut short."""
        self.finished = tuple(finished)
        self._runs: dict[str, tuple[int, Future[CodeEvaluation]]] = {}
        self._orders = {one.orders_hash: one.number for one in finished if has_orders(one)}
        self._lock = threading.Lock()

    def run(self, code: str, number: int, work: Callable[[], CodeEvaluation]) -> tuple[CodeEvaluation, int | None]:
        """The result of `work`, or that of the candidate that runs the same program, with its number."""
        with self._lock:
            first, result = self._runs.setdefault(hash_program(code), (number, Future()))
        if first != number:
            return result.result(), first
        try:
            found = work()
        except BaseException as error:
            result.set_exception(error)
            raise
        result.set_result(found)
        return found, None

    def find_duplicate(self, outcome: Outcome, number: int) -> int | None:
        """Find a candidate of this loop that placed the very same orders before; gives its number."""
        if not outcome.orders.placed or not outcome.orders_hash:
            return None
        with self._lock:
            first = self._orders.setdefault(outcome.orders_hash, number)
        return None if first == number else first


def has_orders(iteration: Iteration) -> bool:
    """Check whether there is anything to compare with the orders of others."""
    return bool(iteration.orders.placed and iteration.orders_hash)


def has_result(iteration: Iteration) -> bool:
    """Check whether another run of the same program would bring the same."""
    has_run = iteration.certificate is not None and iteration.status not in _TRANSIENT
    return bool(iteration.code) and has_run and (iteration.metrics is not None or iteration.error is not None)


@lru_cache(maxsize=1024)
def hash_program(code: str) -> str:
    """Hash a program whatever its spaces, comments and docstrings; its text when it does not parse.

    Two programs are the same when Python makes the same instructions of them.

    >>> hash_program("a = 1  # one") == hash_program("a=1")
    True
    >>> hash_program("def f():\\n    'Two.'\\n    return 2") == hash_program("def f():\\n    return 2")
    True
    """
    try:
        text = repr(_describe_instructions(_compile_quietly(code)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        text = code
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _compile_quietly(code: str) -> CodeType:
    """Compile without a word about odd comparisons."""
    with ignore_warnings():
        return compile_tree(_drop_docstrings(read_module_tree(code)))


_BLOCKS = ("body", "orelse", "handlers", "finalbody", "cases")
"""Fields in which statements stand."""
_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def _describe_instructions(made: CodeType) -> tuple[object, ...]:
    """Everything that Python executes of a piece of code, without the lines on which it stood."""
    constants = tuple(_describe_instructions(one) if isinstance(one, CodeType) else one for one in made.co_consts)
    names = (made.co_name, made.co_names, made.co_varnames, made.co_freevars, made.co_cellvars)
    arguments = (made.co_argcount, made.co_posonlyargcount, made.co_kwonlyargcount, made.co_flags)
    return made.co_code, made.co_exceptiontable, names, arguments, constants


def _drop_docstrings(node: NodeT) -> NodeT:
    """A statement, or a whole program, without docstrings and with its classes on line 1; all else is shared with what was given."""
    changed: dict[str, list[ast.AST]] = {}
    for name in _BLOCKS:
        block = getattr(node, name, None)
        if isinstance(block, list):
            inner = [_drop_docstrings(each) for each in block]
            if any(one is not other for one, other in zip(inner, block, strict=True)):
                changed[name] = inner
    if isinstance(node, _DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
        changed["body"] = changed.get("body", [*node.body])[1:] or [ast.copy_location(ast.Pass(), node.body[0])]
    if isinstance(node, ast.ClassDef):  # from Python 3.13 on, a class knows the line on which it begins, that of its first decorator
        changed["decorator_list"] = [_move_to_top(each) for each in node.decorator_list]
        node = _move_to_top(node)
    return _change(node, changed) if changed else node


def _move_to_top(node: PlacedT) -> PlacedT:
    """The same node as if it began on the first line."""
    return _change(node, {"lineno": 1})


def _change(node: NodeT, fields: Mapping[str, object]) -> NodeT:
    made = copy.copy(node)
    for name, value in fields.items():
        setattr(made, name, value)
    return made
