"""Cerebro's two loops for the common case, one feed: the same steps in the same order, without those that concern nobody here.

Left out: stores, live feeds, notifications of feeds that send none, the alignment of several feeds. With more than one feed, or
with anything else out of the ordinary, Backtrader's own loops run. A faster engine can take this module's place.
"""

from typing import Any

import backtrader as bt

from core.backtest.faults import StrategyFaultError
from core.backtest.lean_loop import LeanBulkRun, LeanStepRun
from core.backtest.schedule import StepSchedule, WarmUpSchedule, bulk_schedule, step_schedule, warm_up_schedule
from core.backtest.warm_up import BulkWarmUp


def warm_up_error(needed: int, bars: int) -> StrategyFaultError:
    """The error for a longest warm-up that does not fit into the data; Backtrader raises a riddle, or stays silent bar by bar."""
    message = f"the longest indicator needs {needed} bars before next() is called, but there are only {bars}"
    return StrategyFaultError(message, hint="Use shorter periods (they add up when indicators nest) or a longer range of dates.")


def _is_due(bars: int, strategy: Any) -> bool:
    """Decide whether to look for a schedule: right after the longest warm-up, and once more a little later (an inner one may be longer)."""
    over = bars - int(strategy._minperiod)
    return over in (1, 2, 8, 64, 512)


class Engine(bt.Cerebro):  # type: ignore[misc]
    """A Cerebro for one strategy in the strategy's own process."""

    way = "stock"
    """The loop that ran: `lean`, `schedule` (flat, but every line moves by itself), or `stock`; for the benchmark."""
    known = False
    """True when a run in bulk went through the lean loop, and all of its indicators compute from bars up to their own."""
    left_to_backtrader: tuple[str, ...] = ()
    """Class names of what was computed bar by bar by its own `next()`."""

    def _is_ordinary(self) -> bool:
        unusual = self.stores or self._doreplay or self.runwriters or self._fhistory or self.p.live
        filtered = any(data._filters or data._ffilters or data._barstack for data in self.datas)  # they may hold a last bar back
        return len(self.datas) == 1 and len(self.runningstrats) == 1 and not unusual and not filtered

    def _runnext(self, runstrats: Any) -> None:
        if not self._is_ordinary():
            super()._runnext(runstrats)
            return
        data, strategy = self.datas[0], runstrats[0]
        schedule: StepSchedule | None = None
        warm_up: WarmUpSchedule | None = None
        bulk: BulkWarmUp | None = None
        while not self._event_stop and data.next(ticks=False):
            self._prepare_bar(data.datetime[0], runstrats, strategy._next_open)
            if self._event_stop:
                return
            if len(data) == 1:
                warm_up = warm_up_schedule(strategy, data)
                bulk = BulkWarmUp.prepare(self, strategy, data, warm_up)
            if bulk is not None:
                if len(data) < bulk.bars:
                    continue
                bulk.finish()
                bulk = None
                if (lean := LeanStepRun.prepare(self, strategy, data)) is not None:
                    self._run_lean(lean, data, strategy, runstrats)
                    return
                continue
            if schedule is None and _is_due(len(data), strategy):
                schedule = step_schedule(strategy, data)
                self.way = self.way if schedule is None else "schedule"
            if schedule is not None and schedule.holds:
                schedule.run_bar()
            elif schedule is None and warm_up is not None and warm_up.holds:
                warm_up.run_bar()
            else:
                strategy._next()
            if _is_due(len(data), strategy) and (lean := LeanStepRun.prepare(self, strategy, data)) is not None:
                self._run_lean(lean, data, strategy, runstrats)
                return
        if bulk is not None:
            bulk.step()  # there were fewer bars than it needs

    def _run_lean(self, lean: LeanStepRun, data: Any, strategy: Any, runstrats: Any) -> None:
        self.way = "lean"
        if not lean.run():
            self._carry_on(data, strategy, runstrats)

    def _carry_on(self, data: Any, strategy: Any, runstrats: Any) -> None:
        """Bar by bar in Backtrader's own way: an indicator was added while the run went on."""
        self.way = "stock"
        while not self._event_stop and data.next(ticks=False):
            self._prepare_bar(data.datetime[0], runstrats, strategy._next_open)
            if self._event_stop:
                return
            strategy._next()

    def _runonce(self, runstrats: Any) -> None:
        if not self._is_ordinary():
            super()._runonce(runstrats)
            return
        data, strategy = self.datas[0], runstrats[0]
        if strategy._minperiod > data.buflen():
            self._runnext(runstrats)  # computing in bulk breaks where the warm-up is longer than the data
            return
        strategy._once()
        strategy.reset()
        if (lean := LeanBulkRun.prepare(self, strategy, data)) is not None:
            self.way = "lean"
            lean.run()
            self.known = lean.known
            return
        schedule = bulk_schedule(strategy, data)
        self.way = "stock" if schedule is None else "schedule"
        while not self._event_stop and (moment := data.advance_peek()) != float("inf"):
            data.advance()
            self._prepare_bar(moment, runstrats, strategy._oncepost_open)
            if self._event_stop:
                return
            if schedule is not None and schedule.holds:
                schedule.run_bar(moment)
            else:
                strategy._oncepost(moment)

    def _prepare_bar(self, moment: float, runstrats: Any, on_open: Any) -> None:
        """Do everything of a bar that comes before the strategy's `next`."""
        if self._timerscheat:
            self._check_timers(runstrats, moment, cheat=True)
        if self.p.cheat_on_open:
            on_open()
            if self._event_stop:
                return
        broker = self._broker
        broker.next()
        while broker.notifs:
            order = broker.get_notification()
            if order is not None:
                (runstrats[0] if order.owner is None else order.owner)._addnotification(order, quicknotify=self.p.quicknotify)
        if self._timers and not self._event_stop:
            self._check_timers(runstrats, moment, cheat=False)
