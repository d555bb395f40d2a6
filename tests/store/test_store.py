"""The history on SQLite: append-only, shared by threads and processes, honest about what it cannot do."""

import subprocess
import sys
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from core.domain.backtest import Stage
from core.domain.errors import InputError, LeaseLostError, StoreError
from core.domain.events import EventKind, LogEvent, StageEvent, SteeringCommand, SteeringEvent, select_bodies
from core.domain.fingerprint import compute_fingerprint
from core.domain.instrument import Timeframe
from core.domain.run import RunKind, Status, StopReason
from core.domain.usage import LedgerRow, LedgerStatus
from core.domain.workflow import Workflow
from core.store import Store
from core.store.tables import SettingTable
from tests.evidence.evidence_samples import walk
from tests.store.samples import detail, look, plan


def test_a_stored_iteration_comes_back_bit_for_bit(store: Store) -> None:
    run = store.create_run(plan())
    given = detail(run, 0)

    store.append(given)

    found = store.read_detail(run.id, 0)
    assert found.iteration == given.iteration
    assert found.equity.tobytes() == given.equity.tobytes()
    assert (found.fills, found.trades) == (given.fills, given.trades)


def test_iterations_of_more_runs_than_one_query_can_name_are_read_by_their_places(store: Store) -> None:
    first, last = store.create_run(plan()), store.create_run(plan())
    for run in (first, last):
        store.append(detail(run, 0))

    found = store.read_iterations([(first.id, 0), *((f"{number:08x}", 0) for number in range(1_500)), (last.id, 0)])

    assert {run: iteration.number for run, iteration in found.items()} == {first.id: 0, last.id: 0}


def test_an_iteration_number_is_taken_once(store: Store) -> None:
    run = store.create_run(plan())
    store.append(detail(run, 0))

    with pytest.raises(StoreError, match="already stored"):
        store.append(detail(run, 0, sharpe=9.0))

    assert [iteration.score for iteration in store.list_iterations(run.id)] == [1.0]


def test_events_are_replayed_in_order_after_a_given_one(store: Store) -> None:
    run = store.create_run(plan())
    first = store.add_event(run.id, StageEvent(number=0, stage=Stage.GENERATE))
    store.add_event(run.id, StageEvent(number=0, stage=Stage.RUN))

    assert [event.body for event in store.list_events(run.id, after=first)] == [StageEvent(number=0, stage=Stage.RUN)]
    last = store.find_last_event(run.id, EventKind.STAGE)
    assert last is not None
    assert last.body == StageEvent(number=0, stage=Stage.RUN)


def test_an_event_is_never_older_than_the_one_before_it(store: Store) -> None:
    run = store.create_run(plan())
    ahead = time.time() + 3600
    with store._database.write() as session:
        session.connection().execute(text(f"UPDATE event SET created = {ahead}"))  # the clock went wrong and was set back

    store.add_event(run.id, LogEvent(text="one"))

    created = [event.created for event in store.list_events(run.id)]
    assert created == sorted(created)


def test_a_run_is_found_by_the_beginning_of_its_id(store: Store) -> None:
    run = store.create_run(plan())

    assert store.read_run(run.id[:6]) == run
    with pytest.raises(InputError, match="no run"):
        store.read_run("nothing")
    with pytest.raises(InputError, match="no run"):
        store.read_run("")


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


def test_many_threads_write_at_once_and_nothing_is_lost(store: Store) -> None:
    run = store.create_run(plan())
    threads = [threading.Thread(target=lambda: [store.add_event(run.id, LogEvent(text=str(n))) for n in range(25)]) for _ in range(8)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    sequence = [event.seq for event in store.list_events(run.id) if event.body.kind is EventKind.LOG]
    assert len(sequence) == 200
    assert sequence == sorted(set(sequence))


def test_two_stores_on_one_file_see_each_other(tmp_path: Path) -> None:
    one, two = Store.in_folder(tmp_path), Store.in_folder(tmp_path)

    run = one.create_run(plan())
    two.request_cancel(run.id)

    assert one.cancel_requested(run.id)


def test_a_file_that_is_no_database_is_named_as_such(tmp_path: Path) -> None:
    (tmp_path / "stratloop.db").write_bytes(b"hello " * 1000)

    with pytest.raises(StoreError, match="not a Stratloop database"):
        Store.in_folder(tmp_path)


def test_a_folder_that_cannot_be_made_is_explained(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")

    with pytest.raises(StoreError, match="cannot be created"):
        Store.in_folder(tmp_path / "taken" / "home")


def test_each_save_of_a_workflow_is_a_version(store: Store) -> None:
    store.save_workflow(Workflow(name="cross", description="first"))
    store.save_workflow(Workflow(name="cross", description="second"), tags=("trend",))

    assert [saved.version for saved in store.list_versions("cross")] == [2, 1]
    (latest,) = store.list_workflows()
    assert (latest.workflow.description, latest.tags) == ("second", ("trend",))
    store.delete_workflow("cross")
    assert store.list_workflows() == ()


def test_drafts_and_settings_keep_the_last_value(store: Store) -> None:
    store.save_draft("builder", "one")
    store.save_draft("builder", "two")
    store.save_setting("theme", "dark")

    assert store.read_draft("builder") == "two"
    assert store.read_draft("other") is None
    assert (store.read_setting("theme"), store.read_setting("missing", "light")) == ("dark", "light")


def test_the_same_code_twice_in_a_row_is_one_revision(store: Store) -> None:
    store.add_revision("a = 1", origin="generated")
    store.add_revision("a = 1", origin="edited")
    store.add_revision("a = 2", origin="edited")

    assert [revision.code for revision in store.list_revisions()] == ["a = 2", "a = 1"]


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


def test_a_ledger_row_counts_at_its_reserve_until_it_is_closed_once(store: Store) -> None:
    row = LedgerRow(
        run_id="r", provider="p", model="p/m", started=datetime(2026, 1, 1, tzinfo=UTC), reserved_micros=900, reserved_tokens=70
    )
    number = store.ledger.reserve(row)
    assert (store.ledger.spent(run_id="r").usd_micros, store.ledger.spent(run_id="r").reserved_micros) == (900, 900)

    store.ledger.close(number, row.changed(status=LedgerStatus.OK, usd_micros=250))
    store.ledger.close(number, row.changed(status=LedgerStatus.OK, usd_micros=999))

    assert (store.ledger.spent(run_id="r").usd_micros, store.ledger.spent(run_id="r").reserved_micros) == (250, 0)
    assert [kept.id for kept in store.ledger.rows()] == [number]
    assert store.ledger.spent(since=datetime(2026, 1, 2, tzinfo=UTC)).calls == 0


def test_looks_at_the_same_bars_are_counted_over_all_runs(store: Store) -> None:
    one, two = store.create_run(plan()), store.create_run(plan())

    counts = [
        store.record_hold_out(look(one, 3)),
        store.record_hold_out(look(two, 3, first=9, last=20)),
        store.record_hold_out(look(two, 7, first=10, last=20)),
        store.record_hold_out(look(two, 8, instrument="MSFT")),
        store.record_hold_out(look(two, 9, timeframe=Timeframe.H1)),
        store.record_hold_out(look(one, 5, first=1, last=30)),
    ]

    assert counts == [1, 2, 2, 1, 1, 4]


def test_looks_are_counted_by_the_bars_whatever_they_are_called(store: Store) -> None:
    run, prices = store.create_run(plan()), walk(300, seed=3)
    moved = prices.slice(250, 300).scale(2.0, 1.0)
    named = {number: f"file{number}.csv" for number in range(1, 5)}

    counts = [
        store.record_hold_out(look(run, number, instrument=named[number]), compute_fingerprint(bars))
        for number, bars in enumerate((prices, walk(300, seed=4), moved, prices.slice(0, 100)), 1)
    ]

    assert counts == [1, 1, 2, 2], "a copy of some days shares the looks, other bars do not, and days that do not meet neither"


def test_a_look_at_several_instruments_is_a_look_at_each_of_them(store: Store) -> None:
    run, (a, b, c) = store.create_run(plan()), (compute_fingerprint(walk(100, seed=seed)) for seed in (3, 4, 5))

    counts = [
        store.record_hold_out(look(run, 1), a, (b,)),
        store.record_hold_out(look(run, 2, instrument="B"), b),
        store.record_hold_out(look(run, 3, instrument="C"), c),
        store.record_hold_out(look(run, 4, instrument="C"), c, (a, b)),
    ]

    assert counts == [1, 2, 1, 4]


def test_a_training_on_further_instruments_counts_for_each_of_them_and_a_run_once(store: Store) -> None:
    run, other, (a, b) = store.create_run(plan()), store.create_run(plan()), (compute_fingerprint(walk(100, seed=seed)) for seed in (3, 4))
    store.record_training(other.id, a, (b,))

    assert [store.count_trainings(run.id, a), store.count_trainings(run.id, b), store.count_trainings(run.id, b, (a,))] == [1, 1, 1]
    assert store.count_trainings(other.id, b) == 0


def test_a_look_of_an_earlier_version_still_counts_by_its_name(store: Store) -> None:
    run = store.create_run(plan())
    store.record_hold_out(look(run, 1))

    assert store.record_hold_out(look(run, 2), compute_fingerprint(walk(100))) == 2


def test_tries_of_earlier_runs_on_the_same_bars_are_counted_once(store: Store) -> None:
    bars, runs = compute_fingerprint(walk(300, seed=3)), [store.create_run(plan()) for _ in range(3)]
    for run, codes in zip(runs, (("a", "b"), ("b", "c"), ("c",)), strict=True):
        store.record_training(run.id, bars)
        for number, code in enumerate(codes):
            store.append(replace(detail(run, number), iteration=detail(run, number).iteration.changed(code=code)))

    assert [store.count_earlier_tries(run.id, bars) for run in runs] == [0, 1, 2]
    assert store.count_earlier_tries(runs[2].id, bars, joining="a") == 1  # this run tries it too, at this moment
    assert store.count_earlier_tries(runs[2].id, bars, joining="d") == 2
    assert store.count_earlier_tries(runs[2].id, compute_fingerprint(walk(300, seed=4))) == 0


def test_tries_that_another_run_makes_meanwhile_are_counted_until_the_newest_of_ones_own(store: Store) -> None:
    bars, first, second = compute_fingerprint(walk(300, seed=3)), store.create_run(plan()), store.create_run(plan())
    for minute, (run, number) in enumerate(((first, 0), (second, 0), (first, 1), (second, 1))):
        store.record_training(run.id, bars)
        made = detail(run, number).iteration.changed(code=f"{run.id} {number}", created=datetime.now(UTC) + timedelta(minutes=minute))
        store.append(replace(detail(run, number), iteration=made))

    assert [store.count_earlier_tries(run.id, bars) for run in (first, second)] == [1, 2]


def test_runs_that_were_trained_on_held_out_days_are_counted(store: Store) -> None:
    run, other, prices = store.create_run(plan()), store.create_run(plan()), walk(300, seed=3)
    store.record_training(run.id, compute_fingerprint(prices.slice(0, 200)))
    store.record_training(other.id, compute_fingerprint(prices))

    assert store.count_trainings(run.id, compute_fingerprint(prices.slice(200, 300))) == 1


def test_a_look_repeated_after_a_kill_is_the_same_look(store: Store) -> None:
    run = store.create_run(plan())

    assert (store.record_hold_out(look(run, 3)), store.record_hold_out(look(run, 3))) == (1, 1)


def test_runs_that_hold_out_days_of_training_are_counted_from_their_beginning(store: Store) -> None:
    run, other, prices = store.create_run(plan()), store.create_run(plan()), walk(300, seed=3)
    first, last = compute_fingerprint(prices.slice(0, 200)), compute_fingerprint(prices.slice(200, 300))

    counts = [store.record_held_out(run.id, [last], [first]), store.record_held_out(other.id, [], [compute_fingerprint(prices)])]

    assert counts == [0, 1], "nobody looked yet, and yet it is known what is held out"
    assert store.record_held_out(run.id, [last], [first]) == 0
    assert store.record_hold_out(look(run, 1), last) == 1, "what is held out is no look"


def test_a_look_is_known_to_hold_out_its_bars(store: Store) -> None:
    seen, later, bars = store.create_run(plan()), store.create_run(plan()), walk(100, seed=3)
    store.record_hold_out(look(seen, 4), compute_fingerprint(bars))

    assert store.record_held_out(later.id, [], [compute_fingerprint(bars)]) == 1


def test_a_session_is_nobodys_to_take_and_never_opened_again(store: Store) -> None:
    session = store.create_run(plan(), kind=RunKind.SESSION)

    assert session.id not in store.list_unclaimed()
    with pytest.raises(InputError, match="is a session"):
        store.reopen(session.id)
    assert not session.changed(status=Status.CANCELLED).reopenable


def test_a_setting_that_two_servers_save_for_the_first_time_at_once_is_the_later_ones(store: Store) -> None:
    later = threading.Thread(target=store.save_setting, args=("caps", "later"))
    with store._database.write() as session:
        session.add(SettingTable(key="caps", value="first"))
        session.flush()
        later.start()
        later.join(0.3)  # it does not see the first one yet, and waits for its commit
    later.join()

    assert store.read_setting("caps") == "later"
    store.save_setting("caps", "once more")
    assert store.read_setting("caps") == "once more"
