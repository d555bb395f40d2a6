"""The part of a run's history that its loop has not read yet: each iteration and each command is read once, however long it goes on.

Others may speak to a run, reject an iteration or complete its certificate meanwhile, so the history is asked before each loop; but what
cannot have changed is not read again.
"""

import threading
from collections.abc import Sequence

from core.domain.events import Event, EventKind
from core.domain.iteration import Iteration
from core.driving.finished import FinishedIterations
from core.driving.ports import History

PAGE_SIZE = 1000


class HeardEvents:
    """Events of one run, of the kinds that were asked for. Safe with several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: dict[EventKind, int] = {}
        """Number up to which events of a kind were looked for."""
        self._heard: dict[EventKind, tuple[Event, ...]] = {}

    def read(self, history: History, run_id: str, kind: EventKind) -> tuple[Event, ...]:
        """All events of a kind so far, oldest first; only the new ones are asked for."""
        with self._lock:
            last, after = history.last_seq(run_id), self._seen.get(kind, 0)
            while after < last:
                page = [event for event in history.list_events(run_id, after=after, limit=PAGE_SIZE, kind=kind) if event.seq <= last]
                self._heard[kind] = (*self._heard.get(kind, ()), *page)
                after = self._seen[kind] = page[-1].seq if len(page) == PAGE_SIZE else last
            return self._heard.get(kind, ())


class KnownIterations:
    """The finished iterations of one run, by number."""

    def __init__(self, history: History, run_id: str) -> None:
        self._history, self._run_id = history, run_id
        self._settled = FinishedIterations()
        """From number 0 on, those that stay as they are."""

    def read(self) -> FinishedIterations:
        """All of them; asked for are those behind the first that is missing, or whose certificate may still be completed."""
        newer = self._history.list_iterations(self._run_id, after=len(self._settled) - 1)
        known = self._settled.followed_by(newer)
        settled = _count_settled(newer, len(self._settled))
        if settled:
            self._settled = known if settled == len(newer) else self._settled.followed_by(newer[:settled])
        return known


def _count_settled(newer: Sequence[Iteration], first: int) -> int:
    """Count the iterations that stand in a row from number `first` on and will not change any more."""
    count = 0
    while count < len(newer) and newer[count].number == first + count and _is_settled(newer[count]):
        count += 1
    return count


def _is_settled(iteration: Iteration) -> bool:
    return not iteration.awaits_confirmation
