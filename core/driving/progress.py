"""Progress of an iteration for whoever watches: its stages, and few points of its equity while the backtest goes on."""

import math
from collections.abc import Callable

from core.domain.backtest import Progress, Stage
from core.domain.events import ProgressEvent, RunEvent, StageEvent
from core.driving.answers import Record
from core.driving.propose import IterationSlot

MAXIMUM_POINTS = 240
"""Points of one growing curve at most: what a chart can show, and what a history can keep of every backtest."""


ProgressWatcher = Callable[[Progress], None]


class IterationReporter:
    """Stores which stage an iteration has come to, and its curve as it grows, at most `MAXIMUM_POINTS` points of it, none twice.

    What happens at one moment is stored together: the run's stage with the first points, the end of it with the last.
    """

    def __init__(self, record: Record, slot: IterationSlot) -> None:
        self._record, self._slot = record, slot
        self._shown = -1
        self._waiting: list[RunEvent] = []

    def tell(self, stage: Stage) -> None:
        """Store that a stage begins; that of the run at the first report of it, which follows at once."""
        event = StageEvent(number=self._slot.number, loop=self._slot.loop, stage=stage)
        if stage is Stage.RUN:
            self._waiting.append(event)
        else:
            self._store(event)

    def watch(self, progress: Progress) -> None:
        """Store how far one backtest has come. When every bar was told, the checks of the order log and of look-ahead follow."""
        told = _build_basket_event(self._slot.number, progress) if progress.instruments else self._build_points(progress)
        over = progress.done == progress.total
        ended = [StageEvent(number=self._slot.number, loop=self._slot.loop, stage=Stage.FILL_AUDIT)] if over else []
        self._store(*([] if told is None else [told]), *ended)

    def _store(self, *events: RunEvent) -> None:
        together, self._waiting = [*self._waiting, *events], []
        if together:
            self._record(*together)

    def _build_points(self, progress: Progress) -> ProgressEvent | None:
        """The points that are new; None without any."""
        bars: list[int] = []
        equity: list[float] = []
        for bar, value in zip(progress.bars, progress.equity, strict=True):
            place = bar * MAXIMUM_POINTS // progress.total
            if place > self._shown and math.isfinite(value):
                self._shown = place
                bars.append(bar)
                equity.append(float(f"{value:.7g}"))
        if not bars:
            return None
        return ProgressEvent(number=self._slot.number, done=progress.done, total=progress.total, bars=tuple(bars), equity=tuple(equity))


def _build_basket_event(number: int, progress: Progress) -> ProgressEvent:
    """The whole curve of the account so far, thinned out, with the instruments that are done."""
    kept = [place for place, value in enumerate(progress.equity) if math.isfinite(value)]
    kept = kept[:: max(1, math.ceil(len(kept) / MAXIMUM_POINTS))]
    return ProgressEvent(
        number=number,
        done=progress.done,
        total=progress.total,
        bars=tuple(progress.bars[place] for place in kept),
        equity=tuple(float(f"{progress.equity[place]:.7g}") for place in kept),
        instruments=progress.instruments,
    )
