"""Waiting out trouble of the database: a call of a repository is done again, whole, until it succeeds or somebody has waited enough.

Each public method of a repository is one unit: it opens its own session and commits once, so it can be repeated. Rows whose key is made
while it runs are added by `rows.add_once`: an attempt that was stored, but whose answer was lost, is recognized by them.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
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


@dataclass(slots=True)
class PatientCall:
    """One call of a repository, over all of its attempts: the rows that it added, in order, as the attempt before knew them."""

    rows: list[Any] = field(default_factory=list)
    place: int = 0

    def recall_row(self) -> Any:
        """Recall the row that the attempt before added at this place; None when there was none."""
        return self.rows[self.place] if self.place < len(self.rows) else None

    def keep_row(self, kept: Any) -> None:
        """Keep the key of the row that was added now, or found, with what tells it from any other one."""
        if self.recall_row() is not kept:
            self.rows[self.place :] = [kept]
        self.place += 1


_inside = threading.local()


def current_call() -> PatientCall:
    """The call that is under way in this thread; one of its own outside of any."""
    unit: PatientCall | None = getattr(_inside, "unit", None)
    return PatientCall() if unit is None else unit


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
        if getattr(_inside, "unit", None) is not None:  # a unit that is part of another one is repeated with it
            return method(self, *arguments, **options)

        unit = PatientCall()

        def act() -> Any:
            unit.place = 0
            _inside.unit = unit
            try:
                return method(self, *arguments, **options)
            finally:
                _inside.unit = None

        return wait_out(act, getattr(self, "_patience", BRIEF))

    return call
