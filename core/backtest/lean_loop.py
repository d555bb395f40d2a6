"""The two loops of a run without what happens on no bar of it: one feed, one strategy, the recording broker, lines on one clock.

On a bar on which no order waits the account is not even valued until somebody asks; nothing is told to a strategy that does not listen.
What is done is done in Backtrader's own order. Whatever is out of the ordinary is left to `engine` and `schedule`. Imports Backtrader.
"""

import math
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Any

import backtrader as bt
from backtrader.lineiterator import LineIterator

from core.backtest.bar_source import day_number
from core.backtest.building_blocks import FEED_LINES
from core.backtest.described_blocks import knows_all
from core.backtest.feed import BulkFeed, LockStepFeed
from core.backtest.given_values import BARS_BETWEEN_FILLS, GivenValues
from core.backtest.leaps import BulkLeaper, Leaper
from core.backtest.named_lines import name_lines
from core.backtest.recorder import RecordingBroker
from core.backtest.schedule import Step, collect_bulk_lines, collect_steps, count_indicators
from core.backtest.shared_clock import Clock, can_hang, hang_up, take_down
from core.backtest.step_compiler import compile_steps
from core.backtest.wide_rows import END

_OWN_WAYS = ("_oncepost", "_next", "_notify", "_addnotification", "_getminperstatus", "_clk_update", "clear", "forward")
"""Methods that a strategy must not have in a way of its own."""


def is_lean(cerebro: Any, strategy: Any) -> bool:
    """Check that neither the run nor the strategy asks for anything that the lean loops leave out."""
    if cerebro._timers or cerebro._timerscheat or cerebro.p.cheat_on_open or cerebro.p.quicknotify or strategy._oldsync:
        return False
    if not isinstance(cerebro._broker, RecordingBroker) or cerebro._broker.altered or len(strategy.lines.lines) != 1:
        return False
    kind = type(strategy)
    return all(getattr(kind, name) is getattr(bt.Strategy, name) and name not in vars(strategy) for name in _OWN_WAYS)


def listens(strategy: Any, *names: str) -> bool:
    """Check whether a strategy has a way of its own of being told, by the names of its methods for that."""
    kind = type(strategy)
    return any(name in vars(strategy) or getattr(kind, name) is not getattr(bt.Strategy, name) for name in names)


_NOBODY: tuple[Any, ...] = (None,) * 4


class _LeanRun:
    """One run of a strategy: what both loops do on a bar before and after its indicators."""

    def __init__(self, cerebro: Any, strategy: Any, bar: int, lines: Sequence[Any]) -> None:
        self._cerebro, self._strategy, self._broker = cerebro, strategy, cerebro._broker
        self._clock, self._lines = Clock(bar), lines
        self._warm_up = strategy._minperiods[0]
        observers = strategy._lineiterators[LineIterator.ObsType]
        self._watched = bool(len(strategy.analyzers) or strategy._slave_analyzers or observers)
        self._told = self._watched or listens(strategy, "notify_cashvalue", "notify_fund")
        self._broker.unheard = not self._told and not listens(strategy, "notify_order")
        name_lines(strategy)

    def _turn_of_broker(self) -> None:
        """The broker's turn, on a bar on which something waits for it."""
        broker, strategy = self._broker, self._strategy
        broker.next()
        while broker.notifs:
            order = broker.notifs.popleft()
            (strategy if order.owner is None else order.owner)._addnotification(order, quicknotify=False)

    def _turn_of_listener(self) -> None:
        """Tell the strategy what became of its orders and trades, and of its account if it wants to know."""
        strategy = self._strategy
        if self._told:
            strategy._notify()
            return
        for order in strategy._orderspending:
            if order.exectype != bt.Order.Historical or order.histnotify:
                strategy.notify_order(order)
        for trade in strategy._tradespending:
            strategy.notify_trade(trade)

    def _turn_of_watchers(self, missing: int, *, once: bool) -> None:
        strategy = self._strategy
        strategy._next_analyzers(missing, once=once)
        strategy._next_observers(missing, once=once)


class LeanBulkRun(_LeanRun):
    """After bulk computing: all that moves is the clock."""

    known = False
    """True when every indicator is known to compute from bars up to its own, none was added on the way, and nobody wrote to a line."""
    _indicators = 0

    @classmethod
    def prepare(cls, cerebro: Any, strategy: Any, data: Any) -> "LeanBulkRun | None":
        """Hang every line on one clock before the first bar; None when something is out of the ordinary."""
        if not isinstance(data, BulkFeed) or not is_lean(cerebro, strategy):
            return None
        found = collect_bulk_lines(strategy, data)
        lines = None if found is None else (*data.lines.lines, *found, *strategy.lines.lines)
        if lines is None or not all(can_hang(line, -1) for line in lines):
            return None
        own = strategy.lines.datetime
        if own.bindings:
            return None
        own.array = data.lines.datetime.array
        run = cls(cerebro, strategy, -1, lines)
        steps = collect_steps(strategy, data, 0, warm=False)
        run._clock.given = frozenset(map(id, lines))
        run._indicators = count_indicators(strategy)
        run.known = steps is not None and knows_all(steps, [getattr(data.lines, name) for name in FEED_LINES])
        return run

    def run(self) -> None:
        """Run every bar."""
        hang_up(self._lines, self._clock)
        try:
            self._run(len(self._strategy.lines.datetime.array))
            self.known = self.known and not self._clock.touched and count_indicators(self._strategy) == self._indicators
        finally:
            take_down(self._lines)

    def _run(self, bars: int) -> None:
        cerebro, strategy, broker, clock = self._cerebro, self._strategy, self._broker, self._clock
        warm_up, told, watched = self._warm_up, self._told, self._watched
        paid = broker.calendar is not None
        tell = broker.tell_progress
        prices = cerebro.datas[0].lines
        opens, highs, lows, moments = (line.array for line in (prices.open, prices.high, prices.low, prices.datetime))
        leaper = None if told or watched else BulkLeaper.prepare(cerebro, strategy, self._lines)
        bar = -1
        while (bar := bar + 1) < bars:
            if leaper is not None and bar >= warm_up:
                bar = leaper.find(bar, bars)
                if bar == bars:
                    clock.bar, broker.behind = bars - 1, True
                    break
            clock.bar = bar
            if tell is not None and monotonic() >= broker.next_mark:
                tell()
            waits = broker.pending or broker._resting
            if waits and (bounds := broker.bounds) is not None and bounds.hold(opens[bar], highs[bar], lows[bar], moments[bar]):
                waits = None
            if waits or broker.notifs or broker.submitted or broker._cash_addition or broker.altered or paid:
                self._turn_of_broker()
            else:
                broker.behind = True
            if cerebro._event_stop:
                return
            if told or strategy._orderspending or strategy._tradespending:
                self._turn_of_listener()
            missing = warm_up - bar - 1
            if missing < 0:
                strategy.next()
            elif missing == 0:
                strategy.nextstart()
            else:
                strategy.prenext()
            if watched:
                self._turn_of_watchers(missing, once=True)
            if strategy._orderspending or strategy._tradespending:
                strategy.clear()
            if cerebro._event_stop:
                return
        self._cerebro.datas[0].over = True


class LeanStepRun(_LeanRun):
    """Bar by bar, once every warm-up is over: a bar is asked for, lines grow by one value."""

    def __init__(self, cerebro: Any, strategy: Any, bar: int, lines: Sequence[Any], steps: Sequence[Step]) -> None:
        super().__init__(cerebro, strategy, bar, lines)
        self._steps = steps

    def _compile(self) -> Callable[[], None]:
        """Compile what happens on a bar, for bars whose values are computed here: where all of them are given, that is never."""
        compiled = compile_steps(self._steps)
        self._cerebro.left_to_backtrader = compiled.left_to_backtrader
        return compiled.run

    @classmethod
    def prepare(cls, cerebro: Any, strategy: Any, data: Any) -> "LeanStepRun | None":
        """Hang every line on one clock between two bars; None when it is too early, or something is out of the ordinary."""
        if not isinstance(data, LockStepFeed) or not is_lean(cerebro, strategy) or strategy._minperiods[0] > len(data):
            return None
        bars = len(data)
        steps = collect_steps(strategy, data, bars)
        if steps is None or strategy.lines.datetime.bindings or any(line.bindings for line in data.lines):
            return None
        lines = (*data.lines.lines, *strategy.lines.lines, *(line for grown, _ in steps for line in grown))
        if not all(can_hang(line, bars - 1) and len(line.array) == bars for line in lines):
            return None
        return cls(cerebro, strategy, bars - 1, lines, steps)

    def run(self) -> bool:
        """Run bar by bar to the end; False when an indicator was added on the way, from which on this is not enough."""
        hang_up(self._lines, self._clock)
        try:
            over = self._run(GivenValues.declare(self._strategy, self._cerebro.datas[0], self._steps, self._clock))
            if not over:
                self._clock.fill()
            return over
        finally:
            take_down(self._lines)

    def _compute_rest(self, done: int) -> None:
        """Compute here what is left of a bar after so many steps: a block wrote to a line whose values are given."""
        for _, item in self._steps[done:]:
            if item is not None:
                item.next()

    def _run(self, given: GivenValues | None) -> bool:
        cerebro, strategy, broker, clock = self._cerebro, self._strategy, self._broker, self._clock
        data, step = cerebro.datas[0], None if given is not None else self._compile()
        ask, told, watched, nothing, touched = data.source.next_bar, self._told, self._watched, math.nan, clock.touched
        wide, paid = given is not None, broker.calendar is not None
        ask_given, read, put, keep = _NOBODY if given is None else (given.ask, given.read, given.run, given.keep)
        leaper = None if told or watched else Leaper.prepare(cerebro, strategy, clock, given)
        top = strategy._lineiterators[LineIterator.IndType]
        known = len(top)
        moments, opened, high, low, close, volume, interest = (line.array.append for line in data.in_order)
        own_moments = strategy.lines.datetime.array.append
        while not cerebro._event_stop:
            if wide:
                piece = None if leaper is None or touched else leaper.leap()
                if piece is None:
                    piece = ask_given()
                elif not piece:
                    continue
                row = read(piece)
                moment = row[6]
            else:
                row = ask()
                moment = math.nan
            if row is None or row[0] == END:
                data.over = True
                return True
            if moment != moment:  # nobody computed for this bar
                moment, wide = day_number(row[0]), False
            moments(moment)
            opened(row[1])
            high(row[2])
            low(row[3])
            close(row[4])
            volume(row[5])
            interest(nothing)
            clock.bar += 1
            waits = broker.pending or broker._resting
            if waits and (bounds := broker.bounds) is not None and bounds.hold(row[1], row[2], row[3], moment):
                waits = None
            if waits or broker.notifs or broker.submitted or broker._cash_addition or broker.altered or paid:
                self._turn_of_broker()
            else:
                broker.behind = True
            own_moments(moment)
            if wide and not touched:
                if keep is not None:
                    keep(piece)
                    if not clock.bar % BARS_BETWEEN_FILLS:
                        clock.relieve()
                if (done := put(row)) is not None:
                    self._compute_rest(done)
            else:
                if step is None:
                    wide = False
                    clock.fill()
                    step = self._compile()
                step()
            if told or strategy._orderspending or strategy._tradespending:
                self._turn_of_listener()
            strategy.next()
            if watched:
                self._turn_of_watchers(-1, once=False)
            if strategy._orderspending or strategy._tradespending:
                strategy.clear()
            if len(top) != known:
                strategy._dlens = [clock.bar + 1]
                return False
        return True
