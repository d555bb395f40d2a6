"""The queue of one process: fair between people, and nobody loses a slot."""

from core.driving.slot_queue import SlotQueue, Ticket


def serve(places: SlotQueue, waiting: dict[str, Ticket]) -> list[str]:
    """The order in which waiting tickets are served when each gives its slot back at once."""
    order: list[str] = []
    while len(order) < len(waiting):
        name = next(name for name, ticket in waiting.items() if ticket.ready.is_set() and name not in order)
        order.append(name)
        places.release(waiting[name])
    return order


def test_who_rested_has_a_place_before_who_has_not_begun() -> None:
    places = SlotQueue(1)
    now = places.enqueue()
    waiting = {"new": places.enqueue(), "back": places.enqueue(first=True)}
    places.release(now)

    assert serve(places, waiting) == ["back", "new"]


def test_one_persons_many_runs_do_not_keep_another_waiting() -> None:
    places = SlotQueue(1)
    now = places.enqueue("ann")
    waiting = {f"ann {place}": places.enqueue("ann") for place in range(4)}
    waiting |= {"bob": places.enqueue("bob"), "cy": places.enqueue("cy")}
    places.release(now)

    assert serve(places, waiting) == ["bob", "cy", "ann 0", "ann 1", "ann 2", "ann 3"]


def test_who_has_fewest_places_is_next_whatever_the_order_in_which_they_came() -> None:
    places = SlotQueue(3)
    held = [places.enqueue("ann"), places.enqueue("ann"), places.enqueue("bob")]
    third, second = places.enqueue("ann"), places.enqueue("bob")

    places.release(held[2])
    assert (third.ready.is_set(), second.ready.is_set()) == (False, True), "ann has two, and bob none"
    places.release(held[0])
    assert third.ready.is_set()


def test_who_is_stopped_in_the_line_leaves_it_and_takes_nobodys_place() -> None:
    places = SlotQueue(1)
    first, stopped = places.enqueue(), places.enqueue()
    places.wait(first, lambda: False)
    places.wait(stopped, lambda: True)  # would wait forever otherwise
    places.release(first)
    places.release(stopped)

    places.wait(places.enqueue(), lambda: False)
    assert places._free == 0
