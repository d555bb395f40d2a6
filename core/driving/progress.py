"""How far an iteration has come, for whoever watches a run: its stages, and few points of its equity while the backtest goes on."""

import math
from collections.abc import Callable

from core.domain.backtest import Progress, Stage
from core.driving.generate import Note, Turn

KIND = "progress"
POINTS = 240
"""Points of one growing curve at most: what a chart can show, and what a history can keep of every backtest."""

Watch = Callable[[Progress], None]


def stages(note: Note, turn: Turn) -> Callable[[Stage], None]:
    """Stores which stage an iteration has come to."""

    def tell(stage: Stage) -> None:
        note("stage", number=turn.number, loop=turn.loop, stage=stage.value)

    return tell


def growing(note: Note, number: int, *, over: Callable[[], object] = lambda: None) -> Watch:
    """A watcher of one backtest that stores its curve as it grows, at most `POINTS` points of it, none twice.

    `over` is called when every bar was told: what follows are the checks of the order log and of look-ahead.

    An event holds `number` (the iteration), `done` and `total` (bars), and `bars` with the account value at the close of each.
    """
    shown = -1

    def watch(progress: Progress) -> None:
        nonlocal shown
        bars: list[int] = []
        equity: list[float] = []
        for bar, value in zip(progress.bars, progress.equity, strict=True):
            place = bar * POINTS // progress.total
            if place > shown and math.isfinite(value):
                shown = place
                bars.append(bar)
                equity.append(float(f"{value:.8g}"))
        if bars:
            note(KIND, number=number, done=progress.done, total=progress.total, bars=bars, equity=equity)
        if progress.done == progress.total:
            over()

    return watch
