"""The queue between people, over all servers on one history: the same on both databases."""

import threading
import time
from pathlib import Path

import pytest

from core.domain.errors import StoreError, StoreTrouble
from core.domain.people import TooManyRunsError, act_for
from core.domain.run import Run, Status
from core.domain.turns import Turns, WaitingRun
from core.store import Patience, Store
from tests.store.conftest import make_empty_database
from tests.store.samples import plan
from tests.store.test_lost_answers import lose_answers


def make(store: Store, worker: str, *people: str) -> list[Run]:
    """Runs of people on a server, whose worker has claimed them."""
    runs = [store.for_person(act_for(person)).create_run(plan()) for person in people]
    assert all(store.claim(run.id, worker, seconds=600) for run in runs)
    return runs


def wait(runs: list[Run], *, portable: bool = True) -> list[WaitingRun]:
    return [WaitingRun(run.id, portable=portable) for run in runs]


def take(store: Store, worker: str, runs: list[Run], places: int, elsewhere: list[Run] | None = None) -> list[str]:
    """The runs that are given to a server, in order."""
    others = [run.id for run in elsewhere or []]
    return list(store.take_turns(worker, wait(runs), places=places, seconds=600, elsewhere=others).given)


def test_turns_go_round_between_people_and_one_persons_runs_keep_their_order(store: Store) -> None:
    runs = make(store, "one", "ann", "ann", "ann", "bob", "bob", "")

    given = take(store, "one", runs, places=6)

    assert given == [runs[place].id for place in (0, 3, 5, 1, 4, 2)]


def test_places_on_other_servers_count(store: Store) -> None:
    here, there = make(store, "one", "ann", "bob"), make(store, "two", "ann", "ann", "bob")
    assert len(take(store, "two", there, places=3)) == 3

    assert take(store, "one", here, places=1) == [here[1].id], "ann has two places elsewhere, and bob one"


def test_among_people_with_as_many_places_who_was_served_longest_ago_is_next_on_any_server(store: Store) -> None:
    (first,) = make(store, "two", "ann")
    take(store, "two", [first], places=1)
    store.save_run(first.changed(status=Status.COMPLETE))
    here = make(store, "one", "ann", "bob")

    assert take(store, "one", here, places=1) == [here[1].id]


def test_a_run_that_waits_elsewhere_begins_where_a_place_is_free_and_its_server_is_told(store: Store) -> None:
    anns, bobs = make(store, "one", "ann", "ann"), make(store, "two", "bob")
    take(store, "one", anns, places=1)
    store.take_turns("two", wait(bobs), places=0, seconds=600)
    assert store.list_waiting_elsewhere("one") == (bobs[0].id,)

    assert take(store, "one", anns[1:], places=1, elsewhere=bobs) == [bobs[0].id]

    assert store.take_turns("two", wait(bobs), places=1, seconds=600) == Turns(gone=(bobs[0].id,))
    assert not store.claim(bobs[0].id, "two", seconds=600)
    assert store.list_waiting_elsewhere("two") == (anns[1].id,)


def test_what_needs_its_own_server_is_not_offered_to_others_nor_what_was_stopped(store: Store) -> None:
    bound, stopped = make(store, "one", "ann", "ann")
    store.take_turns("one", wait([bound], portable=False), places=0, seconds=600)
    store.take_turns("one", wait([stopped]), places=0, seconds=600)
    store.request_cancel(stopped.id)

    assert store.list_waiting_elsewhere("two") == ()


def test_who_rested_has_a_place_before_who_has_not_begun(store: Store) -> None:
    rested, new = make(store, "one", "ann", "ann")
    take(store, "one", [rested, new], places=1)
    store.leave_place(rested.id, "one")
    waiting = [*wait([new]), WaitingRun(rested.id, again=True)]

    assert store.take_turns("one", waiting, places=1, seconds=600).given == (rested.id,)


def test_places_of_a_server_that_died_count_no_more_when_its_lease_ends(store: Store) -> None:
    dead, alive = make(store, "dead", "ann"), make(store, "one", "ann", "bob")
    store.take_turns("dead", wait(dead), places=1, seconds=-1)
    store.take_turns("one", wait(alive), places=0, seconds=600)

    assert take(store, "one", [alive[1], alive[0]], places=2)[0] == alive[1].id, "bob was never served"
    assert store.claim(dead[0].id, "one", seconds=600)
    assert take(store, "one", dead, places=1) == [dead[0].id], "it waits again where it was taken over"


def test_a_place_is_given_once_when_the_answer_is_lost(store: Store) -> None:
    runs = make(store, "one", "ann", "ann")
    lose_answers(store)

    assert take(store, "one", runs, places=1) == [runs[0].id]
    assert take(store, "one", runs[1:], places=0) == []


def test_a_history_that_does_not_answer_gives_nothing_and_takes_nothing(store: Store) -> None:
    runs = make(store, "one", "ann")
    store._patience = Patience(lambda error, waited: False)
    lose_answers(store, 1)

    with pytest.raises(StoreError) as refused:
        take(store, "one", runs, places=1)

    assert refused.value.trouble is StoreTrouble.DISCONNECTED
    assert take(store, "one", runs, places=1) == [runs[0].id]


def test_many_servers_that_ask_at_once_give_each_run_once(store: Store) -> None:
    runs = make(store, "home", *("ann", "bob", "cy") * 4)
    store.take_turns("home", wait(runs), places=0, seconds=600)
    given: list[str] = []

    def ask(worker: str) -> None:
        given.extend(take(store, worker, [], places=3, elsewhere=runs))

    threads = [threading.Thread(target=ask, args=(f"server {place}",)) for place in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(given) == sorted(run.id for run in runs)


def test_a_wrong_clock_of_one_server_changes_no_turn(postgres: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(make_empty_database(postgres), tmp_path)
    early, late = make(store, "one", "ann", "ann")
    store.take_turns("one", wait([early]), places=0, seconds=600)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now - 86_400)

    assert take(store, "one", [late, early], places=1) == [early.id]
    store.close()


def test_no_more_runs_are_made_than_a_person_may_have_open_on_all_servers(store: Store) -> None:
    anns = store.for_person(act_for("ann"))
    first = anns.create_run(plan(), most_open=1)

    with pytest.raises(TooManyRunsError, match="1 run under way or waiting, and 1 at once is allowed"):
        anns.create_run(plan(), most_open=1)
    assert len(store.list_runs()) == 1
    store.save_run(first.changed(status=Status.CANCELLED))
    anns.create_run(plan(), most_open=1)
    with pytest.raises(TooManyRunsError):
        store.reopen(first.id, most_open=1)
    assert store.read_run(first.id).status is Status.CANCELLED


def test_two_servers_that_make_a_persons_last_run_at_once_make_one(store: Store) -> None:
    made: list[str] = []

    def create() -> None:
        try:
            made.append(store.for_person(act_for("ann")).create_run(plan(), most_open=1).id)
        except TooManyRunsError:
            made.append("refused")

    threads = [threading.Thread(target=create) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert made.count("refused") == 3
    assert len(store.list_runs()) == 1


def test_uploads_on_other_servers_count_and_one_home_counts_once(store: Store) -> None:
    for home, size in (("a", 100), ("b", 50), ("b", 70), ("c", 0)):
        store.note_upload_room("ann", home, size)
    store.note_upload_room("bob", "a", 900)

    assert store.sum_upload_room("ann", but="a") == 70
    assert store.sum_upload_room("ann", but="elsewhere") == 170
    assert store.sum_upload_room("cy", but="a") == 0
