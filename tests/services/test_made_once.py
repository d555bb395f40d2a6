"""What is made at first use is made once, also when two threads ask at the same moment."""

import threading
from functools import cached_property

from core.services import Rooms, Services
from core.services.made_once import MadeOnce


class Desk:
    """Something with a part that takes a while to make, which another thread asks for meanwhile."""

    def __init__(self) -> None:
        self.made, self.given = list[object](), list[object]()
        self.other = threading.Thread(target=lambda: self.given.append(self.part))

    @MadeOnce
    def part(self) -> object:
        """The part."""
        if not self.made:
            self.other.start()
            self.other.join(0.1)
        self.made.append(object())
        return self.made[-1]


def test_who_asks_while_it_is_made_waits_for_it() -> None:
    desk = Desk()

    part = desk.part
    desk.other.join()

    assert desk.made == desk.given == [part]


def test_every_room_and_every_subject_is_made_so() -> None:
    kept = [one for kind in (Rooms, Services) for one in vars(kind).values() if isinstance(one, cached_property)]

    assert len(kept) > 20
    assert [one for one in kept if not isinstance(one, MadeOnce)] == []
