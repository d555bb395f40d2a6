"""A run belongs to one worker at a time: claims, renewals, what is let go, and what is adopted."""

import threading
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest

from core.domain.errors import StoreError
from core.domain.run import Run, Status
from core.domain.turns import Turns, WaitingRun
from core.driving.ports import Cancel, YieldSlot
from core.driving.run_worker import RunWorker
from core.store import Store
from tests.driving.worker_harness import PLAN, SECONDS, WorkerHarness, wait_until


def test_two_supervisors_never_work_on_one_run(tmp_path: Path) -> None:
    one, two = WorkerHarness(tmp_path), WorkerHarness(tmp_path)
    run = one.store.create_run(PLAN)

    assert one.worker.submit(run.id)
    assert not two.worker.submit(run.id)
    assert two.worker.adopt() == ()
    one.worker.close()
    two.worker.close()


def test_runs_without_a_worker_are_taken_in_the_order_of_their_beginning(tmp_path: Path) -> None:
    harness = WorkerHarness(tmp_path)
    made = [harness.store.create_run(PLAN).id for _ in range(6)]
    harness.let_go.set()

    harness.worker._adopt_orphans()
    assert harness.began == [], "whoever made them may be about to take them"
    harness.worker._adopt_orphans()
    for _ in made:
        assert harness.ended.acquire(timeout=SECONDS)
    harness.worker.close()

    assert harness.began == made


def test_an_abandoned_run_is_adopted(tmp_path: Path) -> None:
    harness = WorkerHarness(tmp_path)
    run = harness.store.create_run(PLAN)
    harness.store.claim(run.id, "a worker of long ago", seconds=-1)

    assert harness.worker.adopt() == (run.id,)
    assert harness.started.acquire(timeout=SECONDS)
    harness.worker.close()


def test_a_run_that_another_worker_took_is_let_go(tmp_path: Path) -> None:
    harness = WorkerHarness(tmp_path)
    run = harness.store.create_run(PLAN)

    def work(run_id: str, cancel: Cancel, yield_slot: YieldSlot) -> Run:
        harness.store.claim(run_id, slow.owner, seconds=-1)
        assert harness.store.claim(run_id, "another", seconds=60)
        while not cancel.is_set():
            assert not harness.let_go.wait(0.01)
        harness.ended.release()
        return run

    slow = RunWorker(harness.store, work)
    slow.submit(run.id)

    assert harness.ended.acquire(timeout=SECONDS)
    slow.close()
    harness.worker.close()
    assert (harness.store.is_claimed(run.id), harness.store.cancel_requested(run.id)) == (True, False)


def test_a_run_whose_worker_dies_later_is_adopted_too(tmp_path: Path) -> None:
    harness = WorkerHarness(tmp_path)
    assert harness.worker.adopt() == ()
    run = harness.store.create_run(PLAN)
    harness.store.claim(run.id, "a worker that dies at once", seconds=-1)

    assert harness.started.acquire(timeout=SECONDS)

    assert harness.began == [run.id]
    harness.worker.close()


def test_who_never_adopted_leaves_the_runs_of_others_alone(tmp_path: Path) -> None:
    harness, server = WorkerHarness(tmp_path), WorkerHarness(tmp_path)
    server.worker.adopt()
    run = harness.store.create_run(PLAN)

    assert server.started.acquire(timeout=SECONDS)

    assert (harness.began, server.began) == ([], [run.id])
    server.worker.close()
    harness.worker.close()


def test_a_run_that_is_taken_while_its_worker_closes_is_left_to_the_next_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    harness = WorkerHarness(tmp_path)
    run, claim = harness.store.create_run(PLAN), harness.store.claim
    closer = threading.Thread(target=harness.worker.close)

    def claim_late(run_id: str, owner: str, *, seconds: float) -> bool:
        taken = claim(run_id, owner, seconds=seconds)
        closer.start()
        closer.join(SECONDS)
        return taken

    monkeypatch.setattr(harness.store, "claim", claim_late)
    assert not harness.worker.submit(run.id)

    assert (closer.is_alive(), harness.worker.works_on(run.id), harness.store.is_claimed(run.id)) == (False, False, False)


def test_a_beat_while_a_run_is_being_claimed_takes_it_from_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    harness = WorkerHarness(tmp_path)
    worker, run, claim = harness.worker, harness.store.create_run(PLAN), harness.store.claim

    def claim_after_a_beat(run_id: str, owner: str, *, seconds: float) -> bool:
        running = dict(worker._cancels)
        worker._cancel_lost(running, harness.store.renew(running, owner, seconds=seconds))
        return claim(run_id, owner, seconds=seconds)

    monkeypatch.setattr(harness.store, "claim", claim_after_a_beat)
    with worker.hold(run.id) as cancel:
        assert not cancel.is_set()
    worker.close()


def test_a_run_that_is_taken_again_while_it_is_given_back_keeps_its_lease(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    harness = WorkerHarness(tmp_path)
    run, release, again = harness.store.create_run(PLAN), harness.store.release, list[threading.Thread]()

    def release_late(run_id: str, owner: str) -> None:
        if not again:
            again.append(threading.Thread(target=harness.worker.submit, args=(run_id,)))
            again[0].start()
            again[0].join(0.2)  # long enough for a claim that nothing keeps waiting
        release(run_id, owner)

    monkeypatch.setattr(harness.store, "release", release_late)
    with harness.worker.hold(run.id):
        pass
    again[0].join(SECONDS)

    assert harness.started.acquire(timeout=SECONDS)
    assert harness.store.is_claimed(run.id)
    harness.worker.close()


def test_a_run_that_is_resumed_before_its_thread_has_ended_goes_on(tmp_path: Path) -> None:
    store, began, ended = Store.in_folder(tmp_path), list[str](), threading.Semaphore(0)

    def work(run_id: str, cancel: Cancel, yield_slot: YieldSlot) -> Run:
        began.append(run_id)
        run = store.read_run(run_id).changed(status=Status.COMPLETE)
        store.save_run(run)
        if len(began) == 1:  # whoever sees its end does this before the thread has tidied up
            store.reopen(run_id)
            assert worker.submit(run_id)
        ended.release()
        return run

    worker, run = RunWorker(store, work), store.create_run(PLAN)
    assert worker.submit(run.id)
    assert all(ended.acquire(timeout=SECONDS) for _ in range(2))
    wait_until(lambda: not worker.works_on(run.id))
    worker.close()

    assert (began, store.read_run(run.id).status) == ([run.id] * 2, Status.COMPLETE)


def test_a_run_that_was_stopped_and_resumed_while_turns_were_taken_is_not_let_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    harness = WorkerHarness(tmp_path)
    worker, store, take_turns = harness.worker, harness.store, harness.store.take_turns
    run = store.create_run(PLAN)
    monkeypatch.setattr(worker, "_start_serving", lambda: None)

    def take_turns_late(name: str, waiting: Sequence[WaitingRun], **said: Any) -> Turns:
        worker.cancel(run.id)
        assert harness.ended.acquire(timeout=SECONDS)
        until = time.monotonic() + 0.5  # long enough for an end that nothing keeps waiting
        while worker.works_on(run.id) and time.monotonic() < until:
            time.sleep(0.01)
        turns = take_turns(name, waiting, **said)
        if not worker.works_on(run.id):
            store.reopen(run.id)
            worker.submit(run.id)
        return turns

    monkeypatch.setattr(store, "take_turns", take_turns_late)
    worker.submit(run.id)
    worker._serve_once()

    assert not worker._lost
    worker.close()


def test_a_run_that_is_held_while_its_worker_closes_is_told_to_stop(tmp_path: Path) -> None:
    harness = WorkerHarness(tmp_path)
    run = harness.store.create_run(PLAN)
    harness.worker.close()

    with harness.worker.hold(run.id) as cancel:
        assert cancel.is_set()


def test_who_closes_waits_for_a_run_that_is_at_its_very_end(tmp_path: Path) -> None:
    harness, arrived, go_on = WorkerHarness(tmp_path), threading.Event(), threading.Event()
    worker = RunWorker(harness.store, harness.work, after=lambda run: (arrived.set(), go_on.wait(SECONDS)))
    harness.let_go.set()
    worker.submit(harness.store.create_run(PLAN).id)
    assert arrived.wait(SECONDS)

    closer = threading.Thread(target=worker.close)
    closer.start()
    closer.join(0.6)  # longer than a beat, which it waits for as well
    assert closer.is_alive()

    go_on.set()
    closer.join(SECONDS)
    assert not closer.is_alive()
    harness.worker.close()


def test_a_run_for_which_no_thread_can_be_had_is_begun_later_and_takes_no_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    harness = WorkerHarness(tmp_path)
    first, second = harness.store.create_run(PLAN), harness.store.create_run(PLAN)

    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        assert not harness.worker.submit(first.id)
    assert (harness.worker.works_on(first.id), harness.store.is_claimed(first.id)) == (False, False)

    harness.let_go.set()
    for run in (second, first):
        assert harness.worker.submit(run.id)
        assert harness.ended.acquire(timeout=SECONDS)
    harness.worker.close()


def test_leases_are_renewed_whatever_a_look_for_cancel_commands_brings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    harness = WorkerHarness(tmp_path)
    run, renewed, renew = harness.store.create_run(PLAN), threading.Event(), harness.store.renew

    def fail(run_id: str) -> bool:
        raise StoreError("not now")

    def note(run_ids: Iterable[str], owner: str, *, seconds: float) -> frozenset[str]:
        renewed.set()
        return renew(run_ids, owner, seconds=seconds)

    monkeypatch.setattr(harness.store, "cancel_requested", fail)
    monkeypatch.setattr(harness.store, "renew", note)
    harness.worker.submit(run.id)

    assert renewed.wait(SECONDS)
    harness.worker.close()
