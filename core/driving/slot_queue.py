"""Slots of one process for work that no other server could do, fair between people."""

import threading
from collections import Counter, deque
from collections.abc import Callable

POLL_SECONDS = 0.1
"""Time between two looks of who waits whether it was stopped."""


class Ticket:
    """A place in the queue; it is set when a slot is there."""

    def __init__(self, owner: str) -> None:
        self.owner = owner
        self.ready = threading.Event()


class SlotQueue:
    """Queue of slots for so many runs at once, fair between people: of those who wait, whoever has the fewest slots has the next one.

    Among people with as many, it is the one whose last slot was given longest ago. One person's runs keep their order, and of these
    who yielded goes before who has not begun.
    """

    def __init__(self, count: int) -> None:
        self._free = count
        self._line: deque[Ticket] = deque()
        self._held: Counter[str] = Counter()
        self._served: dict[str, int] = {}
        """Turn in which each owner was given a slot last."""
        self._turn = 0
        self._lock = threading.Lock()

    def enqueue(self, owner: str = "", *, first: bool = False) -> Ticket:
        """Join the queue with a run of a person; gives a ticket."""
        ticket = Ticket(owner)
        with self._lock:
            if first:
                self._line.appendleft(ticket)
            else:
                self._line.append(ticket)
            self._admit_next()
        return ticket

    def wait(self, ticket: Ticket, stopped: Callable[[], bool]) -> None:
        """Wait for a slot, or until `stopped`; there is a slot then too, since who is stopped only tidies up."""
        while not ticket.ready.wait(POLL_SECONDS):
            with self._lock:
                if stopped() and ticket in self._line:
                    self._line.remove(ticket)
                    self._give(ticket)
                    return

    def release(self, ticket: Ticket) -> None:
        """Give the slot of a ticket to the next one."""
        with self._lock:
            self._free += 1
            self._held[ticket.owner] -= 1
            self._admit_next()

    def _admit_next(self) -> None:
        while self._free > 0 and self._line:
            ticket = min(self._line, key=lambda one: (self._held[one.owner], self._served.get(one.owner, 0)))
            self._line.remove(ticket)
            self._give(ticket)

    def _give(self, ticket: Ticket) -> None:
        self._free -= 1
        self._turn += 1
        self._held[ticket.owner] += 1
        self._served[ticket.owner] = self._turn
        ticket.ready.set()
