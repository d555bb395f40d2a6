"""The ledger: reserves before, refuses over a cap, closes after; and the port that every store of it must satisfy."""

import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from core.domain.errors import BudgetError
from core.domain.usage import BalanceState, LedgerRow, LedgerStatus, Price, Usage, UsageSource
from core.llm import Caps, Gateway, LedgerStore, MemoryLedgerStore, SpendingLedger
from core.store import Store
from tests.llm.asking import QUICK, ask, collect
from tests.llm.fault_server import FaultServer, Reply

NOON = datetime(2026, 3, 15, 12, tzinfo=UTC)
PRICE = Price(input=1.0, output=2.0, source="user")


def row(**changes: Any) -> LedgerRow:
    """A pending row of half a cent."""
    facts: dict[str, Any] = {
        "run_id": "r1",
        "provider": "openai",
        "model": "openai/m",
        "started": NOON,
        "price": PRICE,
        "reserved_micros": 5_000,
        "reserved_tokens": 3_000,
    }
    return LedgerRow(**facts | changes)


def closed(pending: LedgerRow, micros: int | None, **changes: Any) -> LedgerRow:
    """The same row with its facts."""
    usage = Usage(prompt_tokens=100, completion_tokens=50, source=UsageSource.PROVIDER)
    return pending.changed(**{"status": LedgerStatus.OK, "usd_micros": micros, "usage": usage, "ended": NOON, **changes})


def ledger(store: LedgerStore, **caps: Any) -> SpendingLedger:
    return SpendingLedger(store, caps=lambda: Caps(**caps), clock=lambda: NOON)


@pytest.fixture(params=["memory", "database"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> LedgerStore:
    return MemoryLedgerStore() if request.param == "memory" else Store.in_folder(tmp_path).ledger


class TestEveryStore:
    """The contract of `LedgerStore`."""

    def test_a_pending_row_counts_at_its_reserve(self, store: LedgerStore) -> None:
        store.reserve(row())
        spent = store.spent(run_id="r1")
        assert (spent.usd_micros, spent.reserved_micros, spent.tokens, spent.calls) == (5_000, 5_000, 3_000, 1)

    def test_a_closed_row_counts_at_its_cost(self, store: LedgerStore) -> None:
        store.close(store.reserve(row()), closed(row(), 120))
        spent = store.spent(run_id="r1")
        assert (spent.usd_micros, spent.reserved_micros, spent.tokens) == (120, 0, 150)

    def test_a_row_is_closed_once(self, store: LedgerStore) -> None:
        number = store.reserve(row())
        store.close(number, closed(row(), 120))
        store.close(number, closed(row(), 999))
        assert [kept.usd_micros for kept in store.rows()] == [120]

    def test_a_refused_row_stays_but_counts_nothing(self, store: LedgerStore) -> None:
        store.close(store.reserve(row()), row(status=LedgerStatus.REFUSED))
        assert store.spent().calls == 0
        assert store.spent().usd_micros == 0
        assert [kept.status for kept in store.rows()] == [LedgerStatus.REFUSED]

    def test_sums_are_by_run_and_by_start(self, store: LedgerStore) -> None:
        store.reserve(row(run_id="r1", started=NOON - timedelta(days=2)))
        store.reserve(row(run_id="r2", started=NOON))
        assert store.spent(run_id="r1").calls == 1
        assert store.spent(since=NOON - timedelta(days=1)).calls == 1
        assert store.spent(since=NOON).calls == 1
        assert store.spent().calls == 2

    def test_unpriced_and_estimated_calls_are_counted_apart(self, store: LedgerStore) -> None:
        store.close(store.reserve(row(price=None)), closed(row(price=None), None))
        guessed = Usage(prompt_tokens=1, source=UsageSource.ESTIMATED)
        store.close(store.reserve(row()), closed(row(), 10, usage=guessed))
        spent = store.spent()
        assert (spent.unpriced, spent.estimated, spent.usd_micros) == (1, 1, 10)

    def test_rows_come_back_whole_newest_first(self, store: LedgerStore) -> None:
        first, second = store.reserve(row(loop=1)), store.reserve(row(loop=2))
        store.close(first, closed(row(loop=1), 7, error="Timeout"))
        assert [kept.id for kept in store.rows()] == [second, first]
        assert store.rows()[1] == closed(row(loop=1), 7, error="Timeout", id=first)
        assert len(store.rows(limit=1)) == 1


@pytest.mark.parametrize("cap", [{"run_usd": 0.008}, {"day_usd": 0.008}, {"month_usd": 0.008}, {"run_tokens": 5_000}])
def test_a_call_that_could_pass_a_cap_is_refused(store: LedgerStore, cap: dict[str, Any]) -> None:
    book = ledger(store, **cap)
    book.reserve(row())
    with pytest.raises(BudgetError, match="would be passed"):
        book.reserve(row())
    assert store.spent().calls == 1


def test_room_comes_back_when_a_call_costs_less_than_its_reserve(store: LedgerStore) -> None:
    book = ledger(store, run_usd=0.008)
    book.close(book.reserve(row()), closed(row(), 100))
    book.reserve(row())
    assert store.spent().usd_micros == 5_100


def test_a_killed_call_keeps_its_reserve_in_the_book(tmp_path: Path) -> None:
    ledger(Store.in_folder(tmp_path).ledger).reserve(row())
    after = ledger(Store.in_folder(tmp_path).ledger, run_usd=0.008)
    with pytest.raises(BudgetError):
        after.reserve(row())


KILLED = """
import sys, threading
from pathlib import Path
from core.domain.model_calls import ModelRequest, Prompt
from core.domain.usage import Price
from core.llm import Gateway, SpendingLedger
from core.store import Store

home, base = sys.argv[1:]
price = Price(input=1.0, output=2.0, source="user")
gateway = Gateway(keys=lambda _: None, ledger=SpendingLedger(Store.in_folder(Path(home)).ledger), prices=lambda _: price)
prompt = Prompt(system="", user="hello", tokens=1, hash="h")
list(gateway.stream(ModelRequest(model="openai/m", prompt=prompt, api_base=base, max_tokens=1000, run_id="r1"), cancel=threading.Event()))
"""


def test_a_process_killed_during_a_call_leaves_a_row_that_counts(server: FaultServer, tmp_path: Path) -> None:
    server.will(Reply(hold_at=1))
    process = subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path), server.base])
    assert server.arrived.acquire(timeout=300)
    process.kill()
    process.wait(300)
    spent = Store.in_folder(tmp_path).ledger.spent(run_id="r1")
    assert spent.usd_micros == spent.reserved_micros > 2_000


def test_a_cap_of_the_run_itself_goes_before_the_general_one(store: LedgerStore) -> None:
    book = ledger(store, run_usd=1.0)
    with pytest.raises(BudgetError, match=r"\$0\.001 for this run"):
        book.reserve(row(), run_cap_usd=0.001)


def test_days_and_months_begin_anew(store: LedgerStore) -> None:
    book = ledger(store, day_usd=0.006, month_usd=0.011)
    store.close(store.reserve(row(started=NOON - timedelta(days=1))), closed(row(started=NOON - timedelta(days=1)), 5_000))
    store.close(store.reserve(row(started=NOON - timedelta(days=30))), closed(row(started=NOON - timedelta(days=30)), 5_000))
    book.reserve(row())
    assert [round(balance.spent.usd, 3) for balance in book.balances()] == [0.005, 0.01]


def test_without_a_price_a_money_cap_cannot_be_kept_so_the_call_is_refused(store: LedgerStore) -> None:
    with pytest.raises(BudgetError, match="price of openai/m is not known"):
        ledger(store, day_usd=5.0).reserve(row(price=None, reserved_micros=0))
    ledger(store, day_usd=5.0, run_tokens=9_000).reserve(row(price=None, reserved_micros=0))
    ledger(store).reserve(row(price=None, reserved_micros=0))


def test_what_costs_nothing_is_never_refused_for_money(store: LedgerStore) -> None:
    free = row(price=Price(input=0.0, output=0.0, source="free"), reserved_micros=0, reserved_tokens=0)
    book = ledger(store, run_usd=0.001, run_tokens=1)
    store.close(store.reserve(row()), closed(row(), 5_000))
    assert book.reserve(free) > 0


def test_two_that_reserve_at_once_never_pass_a_cap_together(store: LedgerStore) -> None:
    book, granted = ledger(store, day_usd=0.0101), []

    def try_one() -> None:
        try:
            granted.append(book.reserve(row()))
        except BudgetError:
            return

    threads = [threading.Thread(target=try_one) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(granted) <= 2
    assert store.spent().usd_micros == 5_000 * len(granted)


@pytest.mark.parametrize(
    ("spent", "state"),
    [(0, "fine"), (7_400, "fine"), (7_500, "low"), (9_000, "critical"), (10_000, "exhausted"), (12_000, "exhausted")],
)
def test_a_balance_says_how_worried_to_be(spent: int, state: str) -> None:
    store = MemoryLedgerStore()
    store.close(store.reserve(row()), closed(row(), spent))
    day, month = ledger(store, day_usd=0.01).balances()
    assert day.state == state
    assert day.left_usd == pytest.approx(max(0.0, 0.01 - spent / 1e6))
    assert (month.state, month.left_usd) == (BalanceState.UNLIMITED, None)


Asked = Callable[..., tuple[Any, MemoryLedgerStore]]


@pytest.fixture
def asked(server: FaultServer) -> Asked:
    """One call of a priced model under caps, and the book afterwards."""

    def made(caps: dict[str, Any], **changes: Any) -> tuple[Any, MemoryLedgerStore]:
        store = MemoryLedgerStore()
        gateway = Gateway(
            keys=lambda _: None, ledger=SpendingLedger(store, caps=lambda: Caps(**caps)), prices=lambda _: PRICE, retry_policy=QUICK
        )
        return collect(gateway, ask("openai/m", api_base=server.base, **changes)), store

    return made


def test_the_gateway_sends_nothing_when_the_worst_case_is_over_the_cap(asked: Asked, server: FaultServer) -> None:
    collected, store = asked({"day_usd": 0.001}, max_tokens=4_000)
    assert isinstance(collected.error, BudgetError)
    assert server.seen == []
    assert store.rows()[0].status is LedgerStatus.REFUSED


def test_the_reserve_is_written_before_the_request_is_sent(server: FaultServer) -> None:
    store, states = MemoryLedgerStore(), []
    server.will(Reply(hold_at=-1))
    cancel = threading.Event()
    watcher = threading.Thread(target=lambda: (server.arrived.acquire(timeout=300), states.append(store.rows()[0]), cancel.set()))
    watcher.start()
    gateway = Gateway(keys=lambda _: None, ledger=SpendingLedger(store), prices=lambda _: PRICE)
    collect(gateway, ask("openai/m", api_base=server.base, max_tokens=1_000), cancel=cancel)
    watcher.join()
    assert states[0].status is LedgerStatus.PENDING
    assert states[0].reserved_micros >= 2_000


def test_each_attempt_is_a_row_with_its_facts(asked: Asked, server: FaultServer) -> None:
    server.will(Reply(status=503, error="overloaded"), Reply())
    _, store = asked({}, run_id="r7", loop=3, purpose="repair")
    last, first = store.rows()
    assert (first.attempt, first.status, first.error, first.usd_micros) == (1, LedgerStatus.ERROR, "ServiceUnavailableError", 0)
    assert (last.attempt, last.status, last.finish_reason, last.usd_micros) == (2, LedgerStatus.OK, "stop", 254)
    assert (last.run_id, last.loop, last.purpose, last.price, last.prompt_hash) == ("r7", 3, "repair", PRICE, "h")
    assert last.ended is not None
    assert last.ended >= last.started
    assert last.first_token_seconds is not None


def test_an_answer_that_costs_more_than_its_reserve_is_stopped_at_the_cap(asked: Asked, server: FaultServer) -> None:
    server.will(Reply(pieces=tuple(f"line {number} that was not asked for\n" for number in range(3_000)), drip=0.001))
    collected, store = asked({"day_usd": 0.0006}, max_tokens=200)
    assert isinstance(collected.error, BudgetError)
    assert store.rows()[0].status is LedgerStatus.CANCELLED
    assert server.seen[0].left.wait(300)


def test_a_single_generation_is_not_held_to_the_cap_of_runs(asked: Asked, server: FaultServer) -> None:
    collected, _ = asked({"run_usd": 0.000001})
    assert collected.finished.text == "Hello world"
    collected, _ = asked({"run_usd": 0.000001}, run_id="r1")
    assert isinstance(collected.error, BudgetError)
    assert len(server.seen) == 1


def test_calls_of_a_dead_worker_count_at_their_prompt_and_leave_room_under_the_cap(store: LedgerStore) -> None:
    book = ledger(store, run_usd=0.006)
    book.reserve(row(prompt_tokens=1_000))
    with pytest.raises(BudgetError):
        book.reserve(row(prompt_tokens=1_000))

    assert book.settle_abandoned("r1") == 1

    (_, abandoned) = store.rows(run_id="r1")
    assert (abandoned.status, abandoned.usd_micros, abandoned.usage.prompt_tokens) == (LedgerStatus.ERROR, 1_000, 1_000)
    assert (store.spent(run_id="r1").usd_micros, store.spent(run_id="r1").estimated) == (1_000, 1)
    assert book.reserve(row(prompt_tokens=1_000)) > 0


def test_an_abandoned_call_without_an_estimate_counts_at_its_reserve_and_a_free_one_at_nothing(store: LedgerStore) -> None:
    book = ledger(store)
    book.reserve(row())
    book.reserve(row(run_id="r2", price=Price(input=0.0, output=0.0, source="free"), reserved_micros=0, reserved_tokens=0))

    assert (book.settle_abandoned("r1"), book.settle_abandoned("r2"), book.settle_abandoned("r2")) == (1, 1, 0)

    assert (store.spent(run_id="r1").tokens, store.spent(run_id="r1").usd_micros) == (3_000, 3_000)
    assert (store.spent(run_id="r2").tokens, store.spent(run_id="r2").unpriced) == (0, 0)
