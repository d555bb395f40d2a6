"""A real server with the live routes on loopback, over a history of its own, and sockets as a browser would open them."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import uvicorn
from starlette.applications import Starlette
from websockets.sync.client import ClientConnection, connect

from core.domain.backtest import OutcomeStatus, Stage
from core.domain.bars_request import BarsRequest
from core.domain.iteration import Iteration, IterationDetail
from core.domain.metrics import Metrics
from core.domain.run import Run, RunPlan, Status
from core.domain.timing import Timing
from core.domain.workflow import Workflow
from core.services import Services, Settings
from pages.live.routes import LiveSockets, build_live_routes
from pages.live.tokens import TokenScope, load_tokens

PLAN = RunPlan(workflow=Workflow(name="cross"), bars=BarsRequest(symbol="AAPL"), loops=3)


@dataclass
class Served:
    """The routes on a port of their own."""

    parts: Services
    live: LiveSockets
    port: int
    opened: ExitStack = field(default_factory=ExitStack)

    def token(self, run_id: str, use: TokenScope = TokenScope.EVENTS) -> str:
        """What a screen would hand to its component."""
        return load_tokens(self.parts.settings.home).mint(run_id, use)

    def open(
        self,
        run_id: str,
        *,
        after: int = 0,
        token: str | None = None,
        origin: str | None = "own",
        path: str = "/live/runs/",
        use: TokenScope = TokenScope.EVENTS,
    ) -> "Line":
        """A socket of a run; raises what the server answered when it refuses."""
        given = self.token(run_id, use) if token is None else token
        address = f"ws://127.0.0.1:{self.port}{path}{run_id}?token={given}&after={after}"
        page = f"http://127.0.0.1:{self.port}" if origin == "own" else origin
        return Line(self.opened.enter_context(connect(address, origin=page, proxy=None, open_timeout=300, ping_interval=None)))  # type: ignore[arg-type]


@dataclass
class Line:
    """One browser's socket."""

    socket: ClientConnection
    waiting: list[dict[str, Any]] = field(default_factory=list)

    def next(self) -> dict[str, Any]:
        """The next message; fails the test when none comes."""
        while not self.waiting:
            self.waiting = json.loads(self.socket.recv(timeout=300))
        return self.waiting.pop(0)

    def until(self, kind: str) -> list[dict[str, Any]]:
        """Messages up to the first of a kind, that one included; without those that carry no event."""
        found: list[dict[str, Any]] = []
        while not found or found[-1]["kind"] != kind:
            message = self.next()
            if message["kind"] not in ("hello", "ready", "beat"):
                found.append(message)
        return found


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """A server for one test."""
    parts = Services(Settings(home=tmp_path / "home"))
    live = LiveSockets(lambda: parts)
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(Starlette(routes=build_live_routes(live)), log_level="warning", lifespan="off"))
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    until = time.monotonic() + 120
    while not server.started and thread.is_alive() and time.monotonic() < until:
        time.sleep(0.01)
    made = Served(parts, live, listening.getsockname()[1])
    yield made
    made.opened.close()
    server.should_exit = True
    thread.join(timeout=300)
    assert not thread.is_alive()
    parts.close()


def finished(
    run: Run, number: int, *, sharpe: float = 1.0, answer: str = "", equity: Callable[[int], np.ndarray] | None = None
) -> IterationDetail:
    """A finished iteration with a curve."""
    iteration = Iteration(
        run_id=run.id,
        number=number,
        loop=number,
        parent=None if number == 0 else 0,
        status=OutcomeStatus.OK,
        stage=Stage.DONE,
        model="compiler" if number == 0 else "built-in",
        code="secret = 1",
        answer=answer,
        metrics=Metrics(total_return=0.1, sharpe=sharpe, years=4.0, trades=7),
        score=sharpe,
        orders_hash=f"{number}",
        timing=Timing(z=sharpe, exposure=0.5, held=0.4, base=0.4, spread=0.5, days=1_000),
        created=datetime(2026, 1, 1, tzinfo=UTC),
    )
    curve = equity(number) if equity else np.linspace(10_000.0, 11_000.0 + number, 500)
    return IterationDetail(iteration, equity=curve, position=np.zeros(len(curve)), fills=(), trades=())


def end(parts: Services, run: Run, status: Status = Status.COMPLETE) -> None:
    """Write that the run is over."""
    parts.store.save_run(parts.store.read_run(run.id).changed(status=status, message="All loops are done."))


def eventually(condition: Callable[[], bool]) -> None:
    """Wait for something that another thread does; fails the test when it does not happen."""
    until = time.monotonic() + 300
    while not condition():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.01)
