"""A real database server is cut off, stopped and started, and a file is locked for long: everything is stored once, nothing is lost."""

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.domain.errors import StoreError, StoreTrouble
from core.domain.events import LogEvent
from core.domain.run import Run
from core.store import Patience, Store, database
from core.store.patience import WRITE_SECONDS
from tests.store.conftest import make_empty_database
from tests.store.postgres_server import PostgresServer
from tests.store.samples import plan

EVENTS, CUTS = 150, 25


@pytest.fixture
def url(postgres: str) -> str:
    return make_empty_database(postgres)


@pytest.fixture
def history(url: str, tmp_path: Path) -> Iterator[Store]:
    made = Store(url, tmp_path)
    yield made
    made.close()


def listen(said: list[StoreTrouble]) -> Patience:
    """A patience without end that notes what the trouble was."""

    def note(error: StoreError, _waited: float) -> bool:
        said.append(error.trouble)
        return True

    return Patience(note)


def claim(store: Store, patience: Patience) -> tuple[Store, Run]:
    """A run, and the store of the worker that carries it, with its patience."""
    run = store.create_run(plan())
    store.claim(run.id, "worker", seconds=600)
    return store.with_owner("worker", patience), run


def list_texts(store: Store, run: Run) -> list[str]:
    return [event.body.text for event in store.list_events(run.id) if isinstance(event.body, LogEvent)]


def test_events_stand_once_and_in_order_while_connections_are_cut(history: Store, server: PostgresServer, url: str) -> None:
    said: list[StoreTrouble] = []
    mine, run = claim(history, listen(said))
    texts = [str(number) for number in range(EVENTS)]
    writer = threading.Thread(target=lambda: [mine.add_event(run.id, LogEvent(text=text)) for text in texts])

    stored = threading.Event()
    mine.subscribe(lambda _: stored.set())

    writer.start()
    cuts = 0
    while writer.is_alive() and cuts < CUTS:
        if stored.wait(0.1):  # something was stored since, so the writer is in the middle of the next one
            stored.clear()
            cuts += server.cut_connections(url)
    writer.join()

    assert cuts > 0
    assert set(said) <= {StoreTrouble.DISCONNECTED}
    assert list_texts(history, run) == texts


def test_a_transaction_that_is_cut_before_its_end_is_done_again(history: Store, server: PostgresServer, url: str) -> None:
    said: list[StoreTrouble] = []
    mine, run = claim(history, listen(said))
    cut: list[int] = []

    def cut_once(_run_id: str) -> str:
        """Cut the connection while the event is being made, in the middle of its transaction."""
        cut.append(server.cut_connections(url) if not cut else 0)
        return "said"

    class Late(LogEvent):
        def to_data(self) -> dict[str, object]:
            return {"text": cut_once(run.id)}

    mine.add_event(run.id, Late(text=""))

    assert cut[0] > 0
    assert said == [StoreTrouble.DISCONNECTED]
    assert list_texts(history, run) == ["said"]


def test_a_worker_waits_until_a_stopped_server_is_there_again(history: Store, server: PostgresServer) -> None:
    waits: list[StoreTrouble] = []

    def start_after_two(error: StoreError, _waited: float) -> bool:
        waits.append(error.trouble)
        if len(waits) == 2:
            server.start()
        return True

    mine, run = claim(history, Patience(start_after_two))
    server.stop()

    mine.add_event(run.id, LogEvent(text="said"))

    assert waits == [StoreTrouble.DISCONNECTED] * 2
    assert list_texts(history, run) == ["said"]


def test_a_screen_that_gave_up_on_a_stopped_server_reads_again_once_it_is_there(history: Store, server: PostgresServer) -> None:
    history._patience = Patience(lambda error, waited: False)
    run = history.create_run(plan())
    server.stop()

    with pytest.raises(StoreError, match="cannot be reached"):
        history.read_run(run.id)
    server.start()

    assert history.read_run(run.id) == run


def test_a_lock_that_outlasts_the_drivers_own_waiting_is_waited_out_and_everything_is_read_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_MILLISECONDS", 200)
    store = Store.in_folder(tmp_path)
    run = store.create_run(plan())
    locked = sqlite3.connect(tmp_path / "stratloop.db", check_same_thread=False, isolation_level=None)
    locked.execute("BEGIN IMMEDIATE")
    timer = threading.Timer(1.0, lambda: locked.execute("ROLLBACK"))
    timer.start()
    reader = Store.in_folder(tmp_path)

    assert reader.read_run(run.id) == run
    store.add_event(run.id, LogEvent(text="said"))

    timer.join()
    assert list_texts(reader, run) == ["said"]
    locked.close()


def test_a_lock_of_half_a_minute_is_within_what_a_write_waits_for() -> None:
    assert WRITE_SECONDS > 30 > database.BUSY_MILLISECONDS / 1000


def test_a_server_that_lets_nobody_of_that_name_in_is_quoted_at_once(postgres: str, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match='refuses the connection: database "nothere" does not exist') as caught:
        Store(f"{postgres.rpartition('/')[0]}/nothere", tmp_path)

    assert not caught.value.trouble.passing
    assert caught.value.trouble.curable
