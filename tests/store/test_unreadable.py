"""One row that cannot be read costs itself alone: lists show the rest and say what they left out, single reads say which and why."""

import json
import zlib
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from core.domain.errors import StoreError
from core.domain.history import DocumentKind, UnreadableCause, UnreadableRowError
from core.domain.run import Run, RunKind, Status
from core.domain.usage import LedgerRow
from core.domain.workflow import Workflow
from core.store import Store
from tests.store.samples import detail, plan


def change(store: Store, statement: str, **values: object) -> None:
    with store._database.write() as session:
        session.connection().execute(text(statement), values)


def spoil(store: Store, run: Run, **changes: object) -> None:
    """Write fields into a run's document that this version does not know."""
    document = json.loads(run.model_dump_json()) | changes
    change(store, "UPDATE run SET document = :document WHERE id = :id", document=json.dumps(document), id=run.id)


def make_newer(store: Store, table: str, where: str = "1 = 1") -> None:
    change(store, f"UPDATE {table} SET document_version = 99 WHERE {where}")


SPOILS: dict[str, Callable[[Store, Run], None]] = {
    "an unknown field": lambda store, run: spoil(store, run, color="blue"),
    "an unknown status": lambda store, run: spoil(store, run, status="archived"),
    "a newer version": lambda store, run: make_newer(store, "run", f"id = '{run.id}'"),
    "a damaged document": lambda store, run: change(store, f"UPDATE run SET document = 'x' WHERE id = '{run.id}'"),
}


@pytest.mark.parametrize("how", SPOILS)
def test_a_run_that_cannot_be_read_is_left_out_of_the_lists_and_named(store: Store, how: str) -> None:
    good, bad = store.create_run(plan()), store.create_run(plan())
    SPOILS[how](store, bad)

    for found in (store.list_runs(), store.list_open_runs()):
        assert (found, [(row.kind, row.id) for row in found.left_out]) == ((good,), [(DocumentKind.RUN, bad.id)])
    with pytest.raises(UnreadableRowError, match=f"Run {bad.id} "):
        store.read_run(bad.id)
    assert store.count_runs() == 2


def test_the_newest_runs_are_those_that_can_be_read(store: Store) -> None:
    runs = [store.create_run(plan(), kind=kind) for kind in (RunKind.DRIVE, RunKind.EDITOR, RunKind.DRIVE, RunKind.DRIVE)]
    spoil(store, runs[-1], color="blue")

    newest, only = store.list_runs(limit=2), store.list_runs(limit=1, kind=RunKind.EDITOR)

    assert ([run.id for run in newest], len(newest.left_out)) == ([runs[2].id, runs[1].id], 1)
    assert (only, only.left_out) == ((runs[1],), ())


def test_nobody_is_given_an_open_run_that_cannot_be_read(store: Store) -> None:
    good, bad = store.create_run(plan()), store.create_run(plan())
    spoil(store, bad, color="blue")

    assert store.list_unclaimed() == (good.id,)
    for refused in (store.request_cancel, store.reopen):
        with pytest.raises(UnreadableRowError):
            refused(bad.id)
    assert not store.cancel_requested(bad.id), "nothing of a refused change is kept"


def test_an_older_version_may_still_ask_the_newer_worker_of_a_run_to_stop(store: Store) -> None:
    run = store.create_run(plan())
    store.claim(run.id, "newer", seconds=60)
    make_newer(store, "run")

    store.request_cancel(run.id)

    assert store.cancel_requested(run.id)


def test_an_iteration_that_cannot_be_read_is_left_out_for_readers_and_stops_a_worker(store: Store) -> None:
    run = store.create_run(plan())
    for number in range(3):
        store.append(detail(run, number))
    make_newer(store, "iteration", "number = 1")

    found = store.list_iterations(run.id)

    assert ([one.number for one in found], [row.id for row in found.left_out]) == ([0, 2], [f"{run.id}:1"])
    with pytest.raises(UnreadableRowError, match=f"Iteration 1 of run {run.id} was written by a newer version"):
        store.with_owner("worker").list_iterations(run.id)
    with pytest.raises(UnreadableRowError):
        store.read_detail(run.id, 1)
    assert store.read_detail(run.id, 2).iteration.number == 2


@pytest.mark.parametrize("column", ["equity", "position", "facts", "preview"])
@pytest.mark.parametrize("content", [b"", b"no zlib", zlib.compress(b"{}"), zlib.compress(b'{"fills": [{"size": 1}], "trades": []}')])
def test_a_curve_that_is_damaged_costs_one_iteration(store: Store, column: str, content: bytes) -> None:
    run = store.create_run(plan())
    for number in range(2):
        store.append(detail(run, number))
    change(store, f"UPDATE curve SET {column} = :content WHERE number = 0", content=content)

    if column == "preview":
        assert store.read_previews(run.id).keys() == {1}
    else:
        with pytest.raises(UnreadableRowError, match="The curves of iteration 0 of run"):
            store.read_detail(run.id, 0)
    assert len(store.list_iterations(run.id)) == 2
    assert [row.id for row in store.list_unreadable()] == [f"{run.id}:0"]


def test_previews_of_a_newer_version_are_left_out(store: Store) -> None:
    run = store.create_run(plan())
    store.append(detail(run, 0))
    make_newer(store, "curve")

    assert store.read_previews(run.id) == {}


def test_behind_a_version_of_a_workflow_that_cannot_be_read_stands_the_one_before(store: Store) -> None:
    for name, description in (("cross", "first"), ("cross", "second"), ("other", "only"), ("gone", "only")):
        store.save_workflow(Workflow(name=name, description=description))
    make_newer(store, "workflow", "(name = 'cross' AND version = 2) OR name = 'gone'")

    latest, versions = store.list_workflows(), store.list_versions("cross")

    assert [(saved.name, saved.version) for saved in latest] == [("other", 1), ("cross", 1)]
    assert {row.id for row in latest.left_out} == {"cross:2", "gone:1"}
    assert ([saved.version for saved in versions], [row.id for row in versions.left_out]) == ([1], ["cross:2"])
    assert store.save_workflow(Workflow(name="cross")).version == 3, "a number is never taken twice"


def test_a_call_that_cannot_be_read_still_counts_in_the_sums(store: Store) -> None:
    call = LedgerRow(run_id="r", provider="p", model="p/m", started=datetime(2026, 1, 1, tzinfo=UTC), reserved_micros=900)
    first, second = store.ledger.reserve(call), store.ledger.reserve(call)
    make_newer(store, "ledger", f"id = {second}")

    found = store.ledger.rows(limit=1)

    assert ([row.id for row in found], [row.id for row in found.left_out]) == ([first], [str(second)])
    assert store.ledger.spent().usd_micros == 1800


def test_a_draft_of_a_newer_version_is_no_draft_and_a_setting_of_one_is_not_guessed(store: Store) -> None:
    store.save_draft("builder", "{}")
    store.save_setting("caps", "{}")
    make_newer(store, "draft")
    make_newer(store, "setting")

    assert store.read_draft("builder") is None
    with pytest.raises(StoreError, match="The setting 'caps' was written by a newer version"):
        store.read_setting("caps", "{}")
    store.save_draft("builder", "mine")
    store.save_setting("caps", "mine")
    assert (store.read_draft("builder"), store.read_setting("caps")) == ("mine", "mine")


def test_everything_that_cannot_be_read_is_found_by_one_question(store: Store) -> None:
    run = store.create_run(plan())
    store.append(detail(run, 0))
    store.save_workflow(Workflow(name="cross"))
    store.save_draft("builder", "{}")
    store.save_setting("caps", "{}")
    store.ledger.reserve(LedgerRow(provider="p", model="p/m", started=datetime(2026, 1, 1, tzinfo=UTC)))
    assert store.list_unreadable() == ()
    for table in ("run", "iteration", "curve", "event", "workflow", "draft", "setting", "ledger"):
        make_newer(store, table)

    found = store.list_unreadable()

    assert {row.kind for row in found} == set(DocumentKind)
    assert {row.cause for row in found} == {UnreadableCause.NEWER}
    assert all(row.reason and row.subject for row in found)


def test_what_an_older_version_wrote_is_written_in_this_versions_form_when_it_changes(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.store.documents import STEPS, current_version

    run = store.create_run(plan())
    monkeypatch.setitem(STEPS, DocumentKind.RUN, (*STEPS[DocumentKind.RUN], lambda _, found: {**found, "message": "lifted"}))

    lifted = store.read_run(run.id)
    store.save_run(lifted.changed(status=Status.COMPLETE))

    assert lifted.message == "lifted"
    with store._database.read() as session:
        assert session.connection().execute(text("SELECT document_version FROM run")).scalars().all() == [current_version(DocumentKind.RUN)]


def test_letters_that_are_none_cost_one_row(tmp_path_factory: pytest.TempPathFactory) -> None:
    store = Store.in_folder(tmp_path_factory.mktemp("home"))
    good, bad = store.create_run(plan()), store.create_run(plan())
    change(store, "UPDATE run SET document = CAST(X'7B22FF' AS TEXT) WHERE id = :id", id=bad.id)

    found = store.list_runs()

    assert (found, [row.cause for row in found.left_out]) == ((good,), [UnreadableCause.BROKEN])
    store.close()
