"""The exceptions of this room: a mistake of the strategy that can have no honest meaning, and a check that ran out of time."""

import time
from dataclasses import dataclass


class StrategyFaultError(Exception):
    """A mistake of the strategy, already in words that its author can act on."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class OverdueCheckError(Exception):
    """Replaying or checking an order log took longer than it may."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """The moment (`time.monotonic`) at which a check of untrusted orders is given up."""

    at: float

    def check(self) -> None:
        """Raise OverdueCheckError once the moment has passed."""
        if time.monotonic() > self.at:
            raise OverdueCheckError


NO_DEADLINE = Deadline(float("inf"))
