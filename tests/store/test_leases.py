"""A run in the history belongs to one worker at a time; it is asked to stop, given back, and opened again."""

import subprocess
import sys
from pathlib import Path

import pytest

from core.domain.errors import InputError, LeaseLostError
from core.domain.events import EventKind, LogEvent, SteeringCommand, SteeringEvent, select_bodies
from core.domain.run import RunKind, Status, StopReason
from core.store import Store
from tests.store.samples import detail, plan


def test_a_run_has_one_worker_at_a_time(store: Store) -> None:
    run = store.create_run(plan())

    assert store.claim(run.id, "one", seconds=60)
    assert not store.claim(run.id, "two", seconds=60)
    assert store.list_unclaimed() == ()
    store.release(run.id, "one")
    assert store.list_unclaimed() == (run.id,)
    assert store.claim(run.id, "two", seconds=60)


def test_a_dead_workers_run_becomes_free_when_its_lease_ends(store: Store) -> None:
    run = store.create_run(plan())
    store.claim(run.id, "dead", seconds=-1)

    assert store.list_unclaimed() == (run.id,)
    assert store.claim(run.id, "alive", seconds=60)


def test_an_open_run_without_a_worker_is_cancelled_at_once_and_a_held_one_is_asked(store: Store) -> None:
    idle, busy = store.create_run(plan()), store.create_run(plan())
    store.claim(busy.id, "somebody", seconds=60)

    store.request_cancel(idle.id)
    store.request_cancel(busy.id)

    assert (store.read_run(idle.id).status, store.read_run(busy.id).status) == (Status.CANCELLED, Status.QUEUED)
    assert (store.is_claimed(busy.id), store.is_claimed(idle.id)) == (True, False)
    with pytest.raises(InputError, match="being worked on"):
        store.reopen(busy.id)
    assert store.cancel_requested(busy.id), "a refused resume withdraws no cancel"


def test_a_run_that_was_asked_to_stop_after_its_worker_looked_last_is_cancelled_when_it_is_given_back(store: Store) -> None:
    asked, left = store.create_run(plan()), store.create_run(plan())
    for run in (asked, left):
        store.claim(run.id, "somebody", seconds=60)
    store.request_cancel(asked.id)

    store.release(asked.id, "somebody else")
    assert store.read_run(asked.id).status is Status.QUEUED
    for run in (asked, left):
        store.release(run.id, "somebody")

    assert (store.read_run(asked.id).status, store.read_run(left.id).status) == (Status.CANCELLED, Status.QUEUED)
    assert store.list_unclaimed() == (left.id,)


def test_a_run_that_is_resumed_before_its_worker_gave_it_back_is_nobodys(store: Store) -> None:
    run = store.create_run(plan())
    store.claim(run.id, "one", seconds=60)
    store.save_run(store.read_run(run.id).changed(status=Status.CANCELLED))

    store.reopen(run.id)

    assert store.claim(run.id, "two", seconds=60)
    store.release(run.id, "one")
    assert store.is_claimed(run.id)


def test_a_finished_run_cannot_be_claimed(store: Store) -> None:
    run = store.create_run(plan())
    store.save_run(run.changed(status=Status.COMPLETE))

    assert not store.claim(run.id, "one", seconds=60)


def test_a_run_is_free_at_once_when_its_worker_died_without_a_word(tmp_path: Path) -> None:
    script = (
        "import os, sys; from pathlib import Path; from core.store import Store; store = Store.in_folder(Path(sys.argv[1]));"
        "store.announce('dead'); store.claim(sys.argv[2], 'dead', seconds=600); os._exit(9)"
    )
    store = Store.in_folder(tmp_path)
    run = store.create_run(plan())

    subprocess.run([sys.executable, "-c", script, str(tmp_path), run.id], check=False)

    assert store.list_unclaimed() == (run.id,)
    assert store.claim(run.id, "alive", seconds=60)


def test_a_finished_run_is_opened_again_with_what_was_said_to_it(store: Store) -> None:
    run = store.create_run(plan())
    store.request_cancel(run.id)

    assert store.reopen(run.id, [SteeringEvent(command=SteeringCommand.LOOPS, text="9")]).status is Status.QUEUED
    assert not store.cancel_requested(run.id)
    assert [said.text for said in select_bodies(store.list_events(run.id, kind=EventKind.STEER), SteeringEvent)] == ["9"]


def test_a_run_that_came_to_its_end_counts_its_iterations_when_it_is_opened_again(store: Store) -> None:
    run = store.create_run(plan())
    store.save_run(run.changed(status=Status.COMPLETE, stop_reason=StopReason.PATIENCE, iterations=4))

    again = store.reopen(run.id)

    assert (again.status, again.stop_reason, again.reopened) == (Status.QUEUED, None, 4)


def test_a_complete_generation_has_nothing_to_go_on_with(store: Store) -> None:
    run = store.create_run(plan(), kind=RunKind.GENERATE)
    store.save_run(run.changed(status=Status.COMPLETE))

    with pytest.raises(InputError, match="complete"):
        store.reopen(run.id)


def test_a_worker_writes_only_to_runs_that_it_holds(store: Store) -> None:
    run = store.create_run(plan())
    mine = store.with_owner("one")
    assert store.claim(run.id, "one", seconds=-1)
    mine.append(detail(run, 0))
    assert store.claim(run.id, "two", seconds=60)

    for write in (lambda: mine.append(detail(run, 1)), lambda: mine.save_run(run), lambda: mine.add_event(run.id, LogEvent(text="one"))):
        with pytest.raises(LeaseLostError):
            write()

    assert (store.renew([run.id], "one", seconds=60), store.renew([run.id], "two", seconds=60)) == (frozenset(), {run.id})
    assert [iteration.number for iteration in store.list_iterations(run.id)] == [0]


def test_a_run_that_is_over_goes_on_only_when_it_is_opened_again(store: Store) -> None:
    run = store.create_run(plan())
    store.save_run(run.changed(status=Status.CANCELLED))

    with pytest.raises(LeaseLostError):
        store.save_run(run.changed(status=Status.RUNNING))

    store.reopen(run.id)
    store.save_run(run.changed(status=Status.RUNNING))


def test_a_session_is_nobodys_to_take_and_never_opened_again(store: Store) -> None:
    session = store.create_run(plan(), kind=RunKind.SESSION)

    assert session.id not in store.list_unclaimed()
    with pytest.raises(InputError, match="is a session"):
        store.reopen(session.id)
    assert not session.changed(status=Status.CANCELLED).reopenable
