"""Which programs are the same, and which were run already: no program of a run is run twice, whether it worked or not."""

import ast
import hashlib
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import lru_cache

from core.domain.backtest import Outcome, OutcomeStatus
from core.domain.iteration import Iteration
from core.domain.syntax import module_tree
from core.driving.evaluate import Evaluated

_BY_CHANCE = frozenset({OutcomeStatus.CANCELLED, OutcomeStatus.SUPERVISOR_DIED})
"""Ends that another run of the same program need not have."""


class Siblings:
    """What the candidates of one loop run at the moment, so that one program is run for one of them only. Safe with several threads."""

    def __init__(self, finished: Sequence[Iteration] = ()) -> None:
        """`finished` are candidates of the loop that were stored before the run was cut short."""
        self.finished = tuple(finished)
        self._runs: dict[str, tuple[int, Future[Evaluated]]] = {}
        self._orders = {one.orders_hash: one.number for one in finished if _traded(one)}
        self._lock = threading.Lock()

    def run(self, code: str, number: int, work: Callable[[], Evaluated]) -> tuple[Evaluated, int | None]:
        """The result of `work`, or that of the candidate that runs the same program, with its number."""
        with self._lock:
            first, result = self._runs.setdefault(program_hash(code), (number, Future()))
        if first != number:
            return result.result(), first
        try:
            found = work()
        except BaseException as error:
            result.set_exception(error)
            raise
        result.set_result(found)
        return found, None

    def twin(self, outcome: Outcome, number: int) -> int | None:
        """Number of a candidate of this loop that placed the very same orders before."""
        if not outcome.orders.placed or not outcome.orders_hash:
            return None
        with self._lock:
            first = self._orders.setdefault(outcome.orders_hash, number)
        return None if first == number else first


def same_program(code: str, done: Sequence[Iteration]) -> Iteration | None:
    """An earlier iteration of the same program, whose result would be had again."""
    identity = program_hash(code)
    return next((one for one in done if _settled(one) and program_hash(one.code) == identity), None)


def twin_of(outcome: Outcome, done: Sequence[Iteration]) -> Iteration | None:
    """An earlier iteration that placed the very same orders; without any order there is nothing to compare."""
    if not outcome.orders.placed or not outcome.orders_hash:
        return None
    return next((one for one in done if one.orders_hash == outcome.orders_hash and _traded(one)), None)


def _traded(iteration: Iteration) -> bool:
    return bool(iteration.orders.placed and iteration.orders_hash)


def _settled(iteration: Iteration) -> bool:
    has_run = iteration.certificate is not None and iteration.status not in _BY_CHANCE
    return bool(iteration.code) and has_run and (iteration.metrics is not None or iteration.error is not None)


@lru_cache(maxsize=1024)
def program_hash(code: str) -> str:
    """Identity of a program whatever its spaces, comments and docstrings; of the text when it does not parse.

    >>> program_hash("a = 1  # one") == program_hash("a=1")
    True
    >>> program_hash("def f():\\n    'Two.'\\n    return 2") == program_hash("def f():\\n    return 2")
    True
    """
    try:
        text = ast.dump(_without_docstrings(module_tree(code)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        text = code
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _without_docstrings(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return tree
