"""Belongings of a person are seen by them and by whom they showed it to, on both databases."""

import inspect
import threading
from datetime import UTC, datetime

import pytest

from core.domain.errors import InputError
from core.domain.people import NotYoursError, Person, Role, Share, ShareKind
from core.domain.run import Run
from core.domain.run_query import RunQuery
from core.domain.workflow import Workflow
from core.store import Store
from core.store.visibility import OPEN_TO_ALL, READS
from tests.store.samples import detail, plan

ANN, BOB = Person(id="ann", role=Role.ANALYST), Person(id="bob", role=Role.ANALYST)
BOSS = Person(id="boss", role=Role.ADMIN)


def show(store: Store, run: Run, person: str = "") -> None:
    store.save_share(Share(kind=ShareKind.RUN, owner=run.owner, subject=run.id, person=person, created=datetime.now(UTC)))


def list_seen(store: Store) -> tuple[int, int, int, int]:
    return len(store.list_runs()), len(store.list_open_runs()), store.count_runs(), store.find_runs(RunQuery()).total


def test_a_run_is_seen_by_its_owner_by_admins_and_by_whoever_owns_the_machine(store: Store) -> None:
    run = store.for_person(ANN).create_run(plan())

    assert run.owner == "ann"
    assert [list_seen(one) for one in (store, store.for_person(ANN), store.for_person(BOSS))] == [(1, 1, 1, 1)] * 3
    assert list_seen(store.for_person(BOB)) == (0, 0, 0, 0)
    with pytest.raises(InputError, match="There is no run"):
        store.for_person(BOB).read_run(run.id[:4])


def test_what_belongs_to_nobody_is_seen_by_everybody_and_worked_on_too(store: Store) -> None:
    run = store.create_run(plan())
    store.for_person(BOB).append(detail(run, 0))

    assert list_seen(store.for_person(ANN)) == (1, 1, 1, 1)
    assert len(store.for_person(ANN).list_iterations(run.id)) == 1


@pytest.mark.parametrize("person", ["", "bob"])
def test_a_run_that_was_shown_is_read_and_not_changed(store: Store, person: str) -> None:
    run, bobs = store.for_person(ANN).create_run(plan()), store.for_person(BOB)
    store.for_person(ANN).append(detail(run, 0))
    show(store, run, person)

    assert (list_seen(bobs), bobs.read_detail(run.id, 0).iteration.number) == ((1, 1, 1, 1), 0)
    for change in (lambda: bobs.append(detail(run, 1)), lambda: bobs.request_cancel(run.id), lambda: bobs.save_run(run)):
        with pytest.raises(NotYoursError, match="belongs to somebody else"):
            change()

    store.delete_share(ShareKind.RUN, "ann", run.id, person)
    assert list_seen(bobs) == (0, 0, 0, 0)


def test_every_method_about_a_run_refuses_whoever_does_not_see_it(store: Store) -> None:
    run, bobs = store.for_person(ANN).create_run(plan()), store.for_person(BOB)
    arguments = {"run_id": run.id, "run": run, "detail": detail(run, 0)}
    asked = []
    for name, method in inspect.getmembers(bobs, inspect.ismethod):
        first = next(iter(inspect.signature(method).parameters), "")
        if not name.startswith("_") and first in arguments and name not in OPEN_TO_ALL:
            asked.append(name)
            with pytest.raises(InputError, match="There is no run"):
                method(arguments[first], *("",) * (name in READS and name == "read_detail"))
    assert {"append", "list_events", "request_cancel", "save_run", "add_event", "reopen", "claim"} <= set(asked)
    assert bobs.read_iterations([(run.id, 0)]) == {}


def test_two_people_who_save_one_name_have_a_workflow_each(store: Store) -> None:
    workflow = Workflow(name="cross")
    saved = [one.save_workflow(workflow.changed(description=text)) for one, text in ((store, "nobody's"), (store.for_person(ANN), "ann's"))]
    again = store.for_person(ANN).save_workflow(workflow)

    assert [(one.owner, one.version) for one in (*saved, again)] == [("", 1), ("ann", 1), ("ann", 2)]
    assert [one.version for one in store.for_person(ANN).list_versions("cross")] == [2, 1]
    assert [one.owner for one in store.for_person(BOB).list_workflows()] == [""]
    store.for_person(ANN).delete_workflow("cross")
    assert [one.workflow.description for one in store.list_workflows()] == ["nobody's"]


def test_many_who_save_one_name_of_nobody_at_once_lose_nothing(store: Store) -> None:
    threads = [threading.Thread(target=store.save_workflow, args=(Workflow(name="cross", description=str(place)),)) for place in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    kept = store.list_versions("cross")
    assert sorted(one.version for one in kept) == list(range(1, 9))
    assert {one.workflow.description for one in kept} == {str(place) for place in range(8)}


def test_a_workflow_that_was_shown_is_read_and_not_deleted(store: Store) -> None:
    store.for_person(ANN).save_workflow(Workflow(name="cross"))
    store.save_share(Share(kind=ShareKind.WORKFLOW, owner="ann", subject="cross", person="bob", created=datetime.now(UTC)))

    assert [one.owner for one in store.for_person(BOB).list_versions("cross")] == ["ann"]
    with pytest.raises(NotYoursError):
        store.for_person(BOB).delete_workflow("cross")
    store.for_person(ANN).delete_workflow("cross")
    assert store.list_shares(ShareKind.WORKFLOW, "ann", "cross") == ()


def test_states_of_the_code_are_each_persons_own(store: Store) -> None:
    for one in (store, store.for_person(ANN), store.for_person(BOB)):
        one.add_revision("x = 1", origin="edited")
    store.for_person(ANN).add_revision("x = 2", origin="edited")

    assert [len(one.list_revisions()) for one in (store, store.for_person(ANN), store.for_person(BOB))] == [1, 2, 1]


def test_processor_time_counts_once_for_each_process_however_often_it_is_said(store: Store) -> None:
    for worker, seconds in (("a", 1.0), ("a", 5.0), ("b", 2.5), ("b", 2.5)):
        store.note_processor_time("ann", "2026-03-01", worker, seconds)
    store.note_processor_time("bob", "2026-03-01", "a", 9.0)

    assert store.sum_processor_time("ann", "2026-03-01") == 7.5
    assert store.sum_processor_time("ann", "2026-03-02") == 0.0


def test_runs_take_the_room_of_their_documents_events_and_curves(store: Store) -> None:
    run = store.for_person(ANN).create_run(plan())
    before = store.measure_runs("ann")
    store.append(detail(run, 0))

    assert 0 < before < store.measure_runs("ann")
    assert store.measure_runs("bob") == 0
    assert store.list_open_of("ann") == (run.id,)
