"""The equity curve of a run that is still going on: the platform's own replay, as far as the orders can be known. Trusted side only.

Nothing here comes from the child but its orders, and in fast mode its word that no order for some bars will follow, which it is held
to. An order log that cannot be replayed ends the preview, and the final checks decide as if there had been none.
"""

import contextlib
import time
from collections.abc import Callable

import numpy as np

from core.backtest.faults import OverdueCheckError
from core.backtest.orders import OrderRecord
from core.backtest.replay import OrderReplayer
from core.domain.backtest import Progress

MAX_POINTS = 200
"""Points in one report; the bars between them are left out."""
_FIRST_SECONDS = 0.05
_SECONDS = 0.25
"""Least time between two reports."""
_STRIDE = 256
"""Bars that are replayed before the clock is looked at again."""


class LiveReplay:
    """Replays a run while it goes on, and tells its account from time to time."""

    def __init__(self, replayer: OrderReplayer, count: int, tell: Callable[[Progress], bool]) -> None:
        """`tell` passes a report on and says whether it could."""
        self._replayer: OrderReplayer | None = replayer
        self._count = count
        self._tell = tell
        self._taken = 0
        self._told = 0
        self._due = time.monotonic() + _FIRST_SECONDS

    def follow(self, records: list[OrderRecord], known: int) -> None:
        """Replay the first `known` bars: no order placed at their closes is still to come. `records` is the whole log so far.

        Raises OverdueCheckError after the deadline.
        """
        replayer = self._replayer
        if replayer is None:
            return
        try:
            if len(records) > self._taken:
                for record in records[self._taken :]:
                    replayer.take(record)
                self._taken = len(records)
            while replayer.bar < min(known, self._count):
                replayer.advance(min(known, self._count, replayer.bar + _STRIDE))
                if time.monotonic() >= self._due:
                    self._report(replayer)
        except ValueError:
            self._replayer = None

    @property
    def open_orders(self) -> int:
        """Orders that wait to be filled, as far as is known."""
        return 0 if self._replayer is None else self._replayer.open_orders

    def finish(self, records: list[OrderRecord]) -> OrderReplayer | None:
        """The replay, once the whole log is there and every bar was told; None when there was trouble on the way."""
        with contextlib.suppress(OverdueCheckError):  # the replayer keeps to its deadline, and says so again to whoever asks it for figures
            self.follow(records, self._count)
            if self._replayer is not None:
                self._report(self._replayer)
        return self._replayer

    def _report(self, replayer: OrderReplayer) -> None:
        bars = thin_bars(self._told, replayer.bar)
        progress = Progress(done=replayer.bar, total=self._count, bars=bars, equity=tuple(replayer.compute_unit_value(bars).tolist()))
        if bars and self._tell(progress):
            self._told = replayer.bar
        self._due = time.monotonic() + _SECONDS


def thin_bars(start: int, stop: int) -> tuple[int, ...]:
    """At most `MAX_POINTS` of the bars from `start` to `stop - 1`, evenly spread, both ends included."""
    if stop - start <= MAX_POINTS:
        return tuple(range(start, stop))
    return tuple(np.linspace(start, stop - 1, MAX_POINTS).round().astype(int).tolist())
