"""The bars before a strategy's first `next()`, taken as one: they are asked for one after the other, and the indicators computed in bulk.

Nothing of a strategy runs on them where it has no `prenext()` of its own, so it makes no difference when its indicators are computed.
Only where all of them are known to give in bulk what they give bar by bar; whatever else comes up is stepped through. Imports Backtrader.
"""

from array import array
from collections.abc import Sequence
from typing import Any

import backtrader as bt
from backtrader.lineiterator import LineIterator

from core.backtest.described_blocks import knows_all
from core.backtest.feed import LockStepFeed
from core.backtest.lean_loop import is_lean, listens
from core.backtest.schedule import Step, WarmUpSchedule

MOST_BARS = 4_096
"""Longer warm-ups are stepped through: nothing of a run would be seen for too long."""


class BulkWarmUp:
    """The warm-up of one strategy, from its first bar on."""

    def __init__(self, strategy: Any, data: Any, schedule: WarmUpSchedule, steps: Sequence[Step]) -> None:
        self._strategy, self._data, self._schedule = strategy, data, schedule
        self._lines = [line for grown, _ in steps for line in grown]
        self.bars = max(strategy._minperiods)
        """Bars until the strategy's first turn, that one included."""

    @classmethod
    def prepare(cls, cerebro: Any, strategy: Any, data: Any, schedule: WarmUpSchedule | None) -> "BulkWarmUp | None":
        """Prepare it on the first bar, before anything of the strategy has moved; None where it has to be stepped through."""
        broker, kind = cerebro._broker, type(strategy)
        if schedule is None or not isinstance(data, LockStepFeed) or data.source.declare is None or not is_lean(cerebro, strategy):
            return None
        if not 2 < max(strategy._minperiods) <= MOST_BARS or kind.prenext is not bt.Strategy.prenext or "prenext" in vars(strategy):
            return None
        watched = len(strategy.analyzers) or strategy._slave_analyzers or strategy._lineiterators[LineIterator.ObsType]
        busy = broker.pending or broker._resting or broker.notifs or broker.submitted or broker._cash_addition
        if watched or busy or listens(strategy, "notify_cashvalue", "notify_fund") or strategy.lines.datetime.bindings:
            return None
        steps = schedule.steps
        usual = all(prenext is None for _, _, _, prenext in schedule.turns) and not any(line.bindings for line in data.lines)
        return cls(strategy, data, schedule, steps) if usual and knows_all(steps, data.in_order) else None

    def finish(self) -> None:
        """Compute the indicators up to this bar, on which the warm-up ends, and give the strategy its first turn."""
        if not self._try_compute():
            self.step()
            return
        strategy = self._strategy
        strategy.lines.datetime.array = array("d", self._data.lines.datetime.array[:-1])
        self._place(strategy.lines.lines, self.bars - 1)
        strategy._dlens = [self.bars - 1]
        strategy._clk_update()
        self._schedule.take_turn()

    def _try_compute(self) -> bool:
        try:
            self._compute()
        except (ArithmeticError, ValueError, LookupError, TypeError):  # it comes up again at its own bar, and in Backtrader's own words
            return False
        return True

    def _compute(self) -> None:
        for item in self._strategy._lineiterators[LineIterator.IndType]:
            item._once()
        if any(len(line.array) != self.bars for line in self._lines):
            raise ValueError("a line that was not filled")
        self._place((*self._data.lines.lines, *self._lines), self.bars)

    def step(self) -> None:
        """Step through the bars that there are, as if each had just come."""
        feed, seen = self._data.lines.lines, len(self._data.lines.datetime.array)
        for grown in self._lines:
            grown.array = array("d")
        self._place(self._lines, 0)
        for bar in range(1, seen + 1):
            self._place(feed, bar)
            self._schedule.run_bar()

    @staticmethod
    def _place(lines: Sequence[Any], bars: int) -> None:
        for line in lines:
            line._idx, line.lencount = bars - 1, bars
