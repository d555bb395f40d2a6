"""Port to the history, as small as the sockets need it. The store satisfies it without knowing it."""

from collections.abc import Callable, Mapping
from typing import Protocol

from core.domain.events import Event, EventKind
from core.domain.iteration import Iteration
from core.domain.run import Run


class LiveHistory(Protocol):
    """A history that can be followed while it is written, by this process or by another one."""

    def read_run(self, run_id: str) -> Run:
        """The run as stored now. Raises InputError when unknown."""
        ...

    def list_events(self, run_id: str, *, after: int = 0, limit: int = 1000, kind: EventKind | None = None) -> tuple[Event, ...]:
        """Events with a sequence number above `after`, oldest first; of one kind when it is named."""
        ...

    def find_last_event(self, run_id: str, kind: EventKind) -> Event | None:
        """The newest event of a kind."""
        ...

    def last_seq(self, run_id: str) -> int:
        """Sequence number of the newest event; 0 when there is none."""
        ...

    def list_iterations(self, run_id: str, *, after: int = -1) -> tuple[Iteration, ...]:
        """Finished iterations with a number above `after`, by number."""
        ...

    def read_previews(self, run_id: str, *, after: int = -1) -> Mapping[int, tuple[float, ...]]:
        """A thinned equity curve for each iteration with a number above `after`."""
        ...

    def subscribe(self, callback: Callable[[str], None]) -> Callable[[], None]:
        """Call `callback` with a run's id after an event of it was committed; gives what ends that."""
        ...

    def hears_others(self) -> bool:
        """True while other processes' events are told without asking."""
        ...
