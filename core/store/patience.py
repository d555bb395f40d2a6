"""Waiting out trouble of the database: a call of a repository is done again, whole, until it succeeds or somebody has waited enough.

Each public method of a repository is one unit: it opens its own session and commits once, so it can be repeated.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from types import FunctionType
from typing import Any, TypeVar

from core.domain.errors import StoreError

READ_SECONDS, WRITE_SECONDS = 12.0, 60.0
"""Time after which a call gives up by itself, for what passes by itself: a lock, a lost connection."""
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 5.0

OwnerT = TypeVar("OwnerT")
ResultT = TypeVar("ResultT")


def _wait_briefly(error: StoreError, waited: float) -> bool:
    return error.trouble.passing and waited < (WRITE_SECONDS if error.writing else READ_SECONDS)


@dataclass(frozen=True, slots=True)
class Patience:
    """The will to wait: `goes_on` is asked before each pause, with the seconds so far; `is_over` is told when it is over."""

    goes_on: Callable[[StoreError, float], bool] = _wait_briefly
    is_over: Callable[[], object] = lambda: None


BRIEF = Patience()
_inside = threading.local()


def wait_out(act: Callable[[], ResultT], patience: Patience = BRIEF) -> ResultT:
    """Do something until it succeeds, with growing pauses. Raises StoreError when patience ends."""
    began, pause, waited = time.monotonic(), FIRST_PAUSE, False
    while True:
        try:
            result = act()
        except StoreError as error:
            if not patience.goes_on(error, time.monotonic() - began):
                raise
        else:
            if waited:
                patience.is_over()
            return result
        waited = True
        time.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)


def patient(*, but: tuple[str, ...] = ()) -> Callable[[type[OwnerT]], type[OwnerT]]:
    """Make public methods of a repository wait out trouble, `but` those that touch no database; with its `_patience`, where it has one."""

    def change(owner: type[OwnerT]) -> type[OwnerT]:
        for name, method in list(vars(owner).items()):
            if isinstance(method, FunctionType) and not name.startswith("_") and name not in but:
                setattr(owner, name, _make_patient(method))
        return owner

    return change


def _make_patient(method: FunctionType) -> Any:
    @wraps(method)
    def call(self: Any, *arguments: Any, **options: Any) -> Any:
        if getattr(_inside, "unit", False):  # a unit that is part of another one is repeated with it
            return method(self, *arguments, **options)

        def act() -> Any:
            _inside.unit = True
            try:
                return method(self, *arguments, **options)
            finally:
                _inside.unit = False

        return wait_out(act, getattr(self, "_patience", BRIEF))

    return call
