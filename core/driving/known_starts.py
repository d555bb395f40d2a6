"""Facts of the versions that the prompts of a run start from, kept while the run goes on. They are worked out in `start_facts`."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StartFacts:
    """Facts of a version that a prompt starts from: sentences on what it did, and the noise of its score, None where that is not known."""

    details: tuple[str, ...]
    noise: float | None


class KnownStarts:
    """Facts of the versions that prompts started from, each worked out once: one is started from again and again, and never changes."""

    def __init__(self) -> None:
        self._known: dict[int, StartFacts] = {}

    def recall(self, number: int, measure: Callable[[], StartFacts]) -> StartFacts:
        """The facts of an iteration; two threads may work out the same ones."""
        found = self._known.get(number)
        if found is None:
            found = self._known[number] = measure()
        return found
