"""Two servers on one PostgreSQL: events are told across, also after the connection was cut, and leases end by the database's clock."""

import time
from collections.abc import Iterator
from pathlib import Path
from queue import SimpleQueue

import psycopg
import pytest

from core.domain.bars_request import BarsRequest
from core.domain.events import LogEvent
from core.domain.run import RunPlan
from core.domain.workflow import Workflow
from core.store import Store
from tests.store.conftest import make_empty_database

PLAN = RunPlan(workflow=Workflow(name="cross"), bars=BarsRequest(symbol="AAPL"))
PATIENCE = 300.0


@pytest.fixture
def pair(postgres: str, tmp_path: Path) -> Iterator[tuple[Store, Store]]:
    """Two servers with homes of their own and one history."""
    url = make_empty_database(postgres)
    one, two = Store(url, tmp_path / "one"), Store(url, tmp_path / "two")
    yield one, two
    one.close()
    two.close()


def listen(store: Store) -> "SimpleQueue[str]":
    """Runs that a server is told of, from now on."""
    told: SimpleQueue[str] = SimpleQueue()
    store.subscribe(told.put)
    assert store._listener.wait_until_heard(PATIENCE)
    return told


def test_an_event_of_one_server_is_told_on_the_other_and_once_at_home(pair: tuple[Store, Store]) -> None:
    one, two = pair
    here, there = listen(one), listen(two)
    assert one.hears_others()

    run = one.create_run(PLAN)

    assert there.get(timeout=PATIENCE) == run.id
    assert two.read_run(run.id) == run, "it is told when it can be read"
    two.add_event(run.id, LogEvent(text="two"))
    assert [here.get(timeout=PATIENCE), here.get(timeout=PATIENCE)] == [run.id, run.id]
    assert here.empty(), "its own event came once, not by way of the database as well"


def test_a_listener_whose_connection_was_cut_listens_again(pair: tuple[Store, Store], postgres: str) -> None:
    one, two = pair
    told = listen(two)
    run = one.create_run(PLAN)
    assert told.get(timeout=PATIENCE) == run.id
    with psycopg.connect(postgres.replace("+psycopg", ""), autocommit=True) as admin:
        admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND pid <> pg_backend_pid()")

    while told.empty():
        one.add_event(run.id, LogEvent(text="again"))

    assert told.get(timeout=PATIENCE) == run.id


def test_a_server_whose_clock_is_wrong_steals_no_run(pair: tuple[Store, Store], monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = pair
    run = one.create_run(PLAN)
    assert one.claim(run.id, "one", seconds=600)
    now = time.time()

    monkeypatch.setattr(time, "time", lambda: now + 86_400)

    assert not two.claim(run.id, "two", seconds=600)
    assert two.list_unclaimed() == ()
    assert one.renew([run.id], "one", seconds=600) == {run.id}


def test_a_history_in_a_file_hears_nobody(tmp_path: Path) -> None:
    store = Store.in_folder(tmp_path)
    store.subscribe(lambda run_id: None)

    assert not store.hears_others()
    store.close()
