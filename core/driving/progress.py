"""Progress of an iteration for whoever watches: its stages, and few points of its equity while the backtest goes on."""

import math
from collections.abc import Callable

from core.domain.backtest import Progress, Stage
from core.domain.events import ProgressEvent, StageEvent
from core.driving.answers import Record
from core.driving.propose import IterationSlot

MAXIMUM_POINTS = 240
"""Points of one growing curve at most: what a chart can show, and what a history can keep of every backtest."""

ProgressWatcher = Callable[[Progress], None]


def build_stage_recorder(record: Record, slot: IterationSlot) -> Callable[[Stage], None]:
    """Build a callback that stores which stage an iteration has come to."""

    def tell(stage: Stage) -> None:
        record(StageEvent(number=slot.number, loop=slot.loop, stage=stage))

    return tell


def build_progress_recorder(record: Record, number: int, *, on_complete: Callable[[], object] = lambda: None) -> ProgressWatcher:
    """Build a watcher of one backtest that stores its curve as it grows, at most `MAXIMUM_POINTS` points of it, none twice.

    `on_complete` is called when every bar was told: what follows are the checks of the order log and of look-ahead.
    """
    shown = -1

    def watch(progress: Progress) -> None:
        nonlocal shown
        bars: list[int] = []
        equity: list[float] = []
        for bar, value in zip(progress.bars, progress.equity, strict=True) if not progress.instruments else ():
            place = bar * MAXIMUM_POINTS // progress.total
            if place > shown and math.isfinite(value):
                shown = place
                bars.append(bar)
                equity.append(float(f"{value:.7g}"))
        if progress.instruments:
            record(_build_basket_event(number, progress))
        elif bars:
            record(ProgressEvent(number=number, done=progress.done, total=progress.total, bars=tuple(bars), equity=tuple(equity)))
        if progress.done == progress.total:
            on_complete()

    return watch


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
