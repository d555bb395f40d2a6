"""The tables behind the Perspective viewer: one server of its own for each run that is viewed, growing with the run.

A viewer can do with its server whatever Perspective can, so no two runs share one. Only training bars are in it: the hold-out
has one look, at the end of the run, and this is not it.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

import anyio
import numpy as np
from anyio import to_thread
from starlette.websockets import WebSocket, WebSocketDisconnect

from core.domain.bars import FloatArray, TimeArray
from core.domain.errors import StratloopError
from core.domain.run import Run
from core.evidence import evaluate_benchmark
from pages.live.run_feed import Feeds

if TYPE_CHECKING:
    from core.services import Services

TABLE = "curves"
HOLDING = "Holding"
"""The curve of buy and hold: a name that the viewer's legend does not cut."""
POINTS = 400
"""Most points of one curve."""
FEWEST_POINTS = 60
ROWS_AIMED_AT = 150_000
REQUEST_BYTES = 1_000_000
"""A longer request is none of the viewer's."""
MAX_QUEUED_ANSWERS = 2_000
"""Answers waiting for a browser that does not read; then it is let go."""
RETRY_SECONDS = 1.0
UNAVAILABLE = 1011
"""Close code: the server cannot do what was asked."""

log = logging.getLogger(__name__)


class PerspectiveTable:
    """Equity and drawdown of every iteration of a run as one Perspective table, with buy and hold. Used from threads."""

    def __init__(self, parts: "Services", run: Run) -> None:
        """Raises MarketDataError when the bars of the run cannot be had."""
        import perspective

        self._parts, self._run = parts, run
        training = parts.workbench.load_training_bars(run.plan)
        planned = run.plan.loops * run.plan.candidates + 1
        points = max(FEWEST_POINTS, min(POINTS, ROWS_AIMED_AT // (planned + 1)))
        self._kept = np.unique(np.round(np.linspace(0, len(training) - 1, min(points, len(training)))).astype(int))
        self._times = to_column_times(training.time[self._kept], intraday=training.timeframe.intraday)
        self._width = len(str(planned))
        self._shown: set[int] = set()
        self._whole = -1
        """Every iteration up to this one is in the table; candidates of a loop are stored as they are ready, in any order."""
        self._sizes: dict[int, int] = {}
        """Points of each curve that is in the table."""
        self._highest: tuple[float, int] | None = None
        """Score and negative number of the best so far: the earlier one on a tie."""
        self._best: int | None = None
        self.server: Any = perspective.Server()
        time = "string" if training.timeframe.intraday else "date"
        schema = {"row": "integer", "time": time, "curve": "string", "equity": "float", "drawdown": "float"}
        self._table: Any = self.server.new_local_client().table(schema, name=TABLE, index="row")
        self._add(None, evaluate_benchmark(training, run.plan.backtest).equity)

    def catch_up(self) -> None:
        """Add the iterations that were finished since the last time, and mark the best one. Raises StratloopError."""
        for iteration in self._parts.store.list_iterations(self._run.id, after=self._whole):
            if iteration.number in self._shown:
                continue
            self._shown.add(iteration.number)
            if iteration.error is None and iteration.metrics is not None:
                self._add(iteration.number, self._parts.store.read_detail(self._run.id, iteration.number).equity)
                if iteration.score is not None:
                    self._highest = max(self._highest or (-np.inf, 0), (iteration.score, -iteration.number))
        while self._whole + 1 in self._shown:
            self._whole += 1
        self._mark_best()

    def _mark_best(self) -> None:
        """Give the best curve its name, and the one before it an ordinary one; what the run says counts once it is over."""
        run = self._parts.store.read_run(self._run.id)
        best = run.best if run.status.finished else -self._highest[1] if self._highest else None
        before, self._best = self._best, best
        if best != before:
            for number in (before, best):
                if number is not None and number in self._sizes:
                    self._table.update({"row": self._rows(number), "curve": [self._name(number)] * self._sizes[number]})

    def _name(self, number: int | None) -> str:
        """A name short enough for the legend. The best one comes first in it, then buy and hold, so each keeps its color."""
        if number is None:
            return HOLDING
        return f"Best: {number}" if number == self._best else f"No. {number:0{self._width}d}"

    def _rows(self, number: int) -> list[int]:
        first = (number + 1) * len(self._kept)
        return list(range(first, first + self._sizes[number]))

    def _add(self, number: int | None, equity: FloatArray) -> None:
        kept = self._kept[self._kept < len(equity)]
        if not len(kept):
            return
        place = -1 if number is None else number
        self._sizes[place] = len(kept)
        start = self._run.plan.backtest.cash
        peak = np.maximum.accumulate(np.maximum(equity, start))
        self._table.update(
            {
                "row": self._rows(place),
                "time": self._times[: len(kept)],
                "curve": [self._name(number)] * len(kept),
                "equity": equity[kept].tolist(),
                "drawdown": (equity / peak - 1.0)[kept].tolist(),
            }
        )

    def close(self) -> None:
        """Give the memory back."""
        self._table.delete(lazy=True)


def to_column_times(times: TimeArray, *, intraday: bool) -> list[int] | list[str]:
    """Convert bar times for a column: days to milliseconds since 1970, or wall times to text, which no browser moves to its own zone.

    >>> to_column_times(np.array(["2024-01-02T09:30"], dtype="datetime64[s]"), intraday=True)
    ['2024-01-02 09:30']
    """
    if intraday:
        return [text.replace("T", " ") for text in np.datetime_as_string(times, unit="m").tolist()]
    days: list[int] = times.astype("datetime64[ms]").astype(np.int64).tolist()
    return days


class SharedTable:
    """The table of one run, shared by all of its viewers."""

    def __init__(self, feeds: Feeds, parts: "Services", run: Run) -> None:
        self.viewers = 0
        self.made = asyncio.create_task(to_thread.run_sync(PerspectiveTable, parts, run), name=f"curves of {run.id}")
        self.following = asyncio.create_task(self._follow(feeds, parts, run), name=f"following {run.id}")

    async def _follow(self, feeds: Feeds, parts: "Services", run: Run) -> None:
        """Let the table grow until cancelled."""
        try:
            curves = await asyncio.shield(self.made)
        except StratloopError:
            return  # the viewers are told
        try:
            async with feeds.watch(parts.store, run.id) as feed:
                while not feed.ended:
                    news = feed.news
                    pause = await self._grow(curves)
                    with suppress(TimeoutError):
                        async with asyncio.timeout(pause):
                            await news.wait()
                await self._grow(curves)  # the end says which one is the best
        finally:
            curves.close()

    async def _grow(self, curves: PerspectiveTable) -> float | None:
        """None when there is nothing to do before the next news; otherwise seconds after which to try again."""
        try:
            await to_thread.run_sync(curves.catch_up)
        except StratloopError as error:
            log.warning("the viewer's curves are behind: %s", error)
            return RETRY_SECONDS
        return None


class TablePool:
    """The tables of the runs that are viewed right now, one for each run."""

    def __init__(self, feeds: Feeds) -> None:
        self._feeds = feeds
        self._shared: dict[str, SharedTable] = {}

    def __len__(self) -> int:
        """Number of runs that are viewed."""
        return len(self._shared)

    @asynccontextmanager
    async def share(self, parts: "Services", run: Run) -> AsyncIterator[PerspectiveTable]:
        """Share the table of a run; it is gone when the last viewer is. Raises StratloopError."""
        if run.id not in self._shared:
            self._shared[run.id] = SharedTable(self._feeds, parts, run)
        shared = self._shared[run.id]
        shared.viewers += 1
        try:
            yield await asyncio.shield(shared.made)
        finally:
            shared.viewers -= 1
            if shared.viewers == 0:
                del self._shared[run.id]
                shared.following.cancel()


async def relay_requests(socket: WebSocket, curves: PerspectiveTable) -> None:
    """Carry a viewer's requests to its server and the answers back, until the browser leaves; it may leave at any moment."""
    loop = asyncio.get_running_loop()
    answers: asyncio.Queue[bytes] = asyncio.Queue()

    def answer(message: bytes) -> None:
        with suppress(RuntimeError):  # the loop is closed: the server is going down
            loop.call_soon_threadsafe(answers.put_nowait, bytes(message))

    async def send() -> None:
        with suppress(WebSocketDisconnect):
            while answers.qsize() <= MAX_QUEUED_ANSWERS:
                await socket.send_bytes(await answers.get())
        group.cancel_scope.cancel()

    session = curves.server.new_session(answer)
    try:
        async with anyio.create_task_group() as group:
            group.start_soon(send)
            while 0 < len(request := await _request(socket)) <= REQUEST_BYTES:  # an empty one would abort the engine
                await to_thread.run_sync(session.handle_request, request)
            group.cancel_scope.cancel()
    finally:
        session.close()


async def _request(socket: WebSocket) -> bytes:
    """The viewer's next request; empty when the browser left or said something else."""
    message = await socket.receive()
    return message.get("bytes") or b""


async def serve_viewer(socket: WebSocket, viewings: TablePool, parts: "Services", run: Run) -> None:
    """Serve one viewer from the first to the last word."""
    await socket.accept()
    try:
        async with viewings.share(parts, run) as curves:
            await relay_requests(socket, curves)
    except StratloopError as error:
        log.warning("the curves of run %s cannot be viewed: %s", run.id, error)
        with suppress(RuntimeError):  # the browser was faster
            await socket.close(UNAVAILABLE, error.message[:100])
