"""The answer to a commit is lost: what was stored is not stored a second time when the call is done again."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from core.domain.errors import StoreError, StoreTrouble
from core.domain.events import LogEvent
from core.domain.run import Status, StopReason
from core.domain.usage import LedgerRow
from core.store import Store
from tests.store.samples import plan


class DeafDatabase:
    """A database whose connection breaks right after a commit, so many times."""

    def __init__(self, real: Any, losses: int) -> None:
        self.real, self.losses = real, losses

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)

    @contextmanager
    def write(self) -> Iterator[Any]:
        with self.real.write() as session:
            yield session
        self.lose()

    @contextmanager
    def begin(self) -> Iterator[Any]:
        with self.real.begin() as connection:
            yield connection
        self.lose()

    def lose(self) -> None:
        if self.losses:
            self.losses -= 1
            raise StoreError("lost", trouble=StoreTrouble.DISCONNECTED, writing=True)


def lose_answers(store: Store, losses: int = 2) -> None:
    """Lose the answers to the next commits of a store."""
    for part in (store, store.ledger):
        part._database = DeafDatabase(part._database, losses)  # type: ignore[assignment]


def call() -> LedgerRow:
    return LedgerRow(run_id="r", provider="p", model="p/m", started=datetime(2026, 1, 1, tzinfo=UTC), reserved_micros=900)


def test_an_event_stands_once(store: Store) -> None:
    run = store.create_run(plan())
    lose_answers(store)

    seq = store.add_event(run.id, LogEvent(text="said"))

    assert [(event.seq, event.body) for event in store.list_events(run.id)][1:] == [(seq, LogEvent(text="said"))]


def test_the_same_words_said_twice_stand_twice(store: Store) -> None:
    run = store.create_run(plan())
    lose_answers(store, 1)
    first, second = store.add_event(run.id, LogEvent(text="said")), store.add_event(run.id, LogEvent(text="said"))

    assert [event.seq for event in store.list_events(run.id)][1:] == [first, second]
    assert first != second


def test_a_run_is_made_once(store: Store) -> None:
    lose_answers(store)

    run = store.create_run(plan())

    assert [one.id for one in store.list_runs()] == [run.id]
    assert len(store.list_events(run.id)) == 1


def test_a_run_that_is_opened_again_says_so_once(store: Store) -> None:
    run = store.create_run(plan())
    store.save_run(run.changed(status=Status.FAILED, stop_reason=StopReason.ERROR))
    lose_answers(store)
    before = store.last_seq(run.id)

    store.reopen(run.id, (LogEvent(text="go on"),))

    assert len(store.list_events(run.id, after=before)) == 2


@pytest.mark.parametrize(
    ("do", "count"),
    [
        (lambda store: store.ledger.reserve(call()), lambda store: len(store.ledger.rows())),
        (lambda store: store.save_workflow(plan().workflow), lambda store: len(store.list_versions(plan().workflow.name))),
        (lambda store: store.add_revision("code", origin="edited"), lambda store: len(store.list_revisions())),
    ],
    ids=["a reserved call", "a version of a workflow", "a revision of the code"],
)
def test_what_is_numbered_by_the_store_is_numbered_once(store: Store, do: Callable[[Store], object], count: Callable[[Store], int]) -> None:
    do(store)
    lose_answers(store)
    store.add_revision("between", origin="edited")
    before = count(store)
    lose_answers(store)

    do(store)

    assert count(store) == before + 1


def test_a_call_that_was_not_stored_is_stored_by_the_next_attempt(tmp_path: Path) -> None:
    store = Store.in_folder(tmp_path)
    run = store.create_run(plan())
    real = store._database
    failed: list[bool] = []

    class Refusing(DeafDatabase):
        @contextmanager
        def write(self) -> Iterator[Any]:
            with real.write() as session:
                yield session
                if not failed:
                    failed.append(True)
                    raise StoreError("lost before the commit", trouble=StoreTrouble.DISCONNECTED, writing=True)

    store._database = Refusing(real, 0)  # type: ignore[assignment]
    store.add_event(run.id, LogEvent(text="said"))

    assert len(store.list_events(run.id)) == 2
