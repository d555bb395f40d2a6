"""A server that misbehaves, and a gateway that asks it."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from core.llm import Gateway, MemoryLedgerStore, SpendingLedger
from tests.llm.asking import QUICK, Collected, ask, collect, warm_up
from tests.llm.fault_server import FaultServer, Reply, fault_server


@pytest.fixture(scope="session")
def running_server() -> Iterator[FaultServer]:
    """One server for all tests of this folder."""
    with fault_server() as running:
        warm_up(running.base)
        yield running


@pytest.fixture
def server(running_server: FaultServer) -> FaultServer:
    """The server as new: everything well, nothing asked."""
    running_server.replies, running_server.seen, running_server.get = [Reply()], [], {}
    while running_server.arrived.acquire(blocking=False):
        pass
    return running_server


@pytest.fixture
def book() -> MemoryLedgerStore:
    """The rows that a gateway of this test writes."""
    return MemoryLedgerStore()


@pytest.fixture
def gateway(book: MemoryLedgerStore) -> Gateway:
    """A gateway without keys and without caps."""
    return Gateway(keys=lambda _: None, ledger=SpendingLedger(book), retry_policy=QUICK)


@pytest.fixture
def call(gateway: Gateway, server: FaultServer) -> Callable[..., Collected]:
    """Ask the loopback server under the name of a model."""

    def made(model: str = "openai/some-model", cancel: threading.Event | None = None, **changes: Any) -> Collected:
        return collect(gateway, ask(model, api_base=server.base, **changes), cancel=cancel)

    return made
