"""All that happens to a strategy on one bar, written out flat: which lines move and which `next()` run, in Backtrader's own order.

Backtrader finds this out anew on every bar, node by node: how long is the clock, am I behind, is my warm-up over. With one feed,
and once every warm-up is over, the answers no longer change. Where a class does anything of its own here, or an indicator is added
later, there is no schedule and Backtrader's own way is taken. Imports Backtrader.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

import backtrader as bt
from backtrader.linebuffer import LineActions, LineBuffer, LinesOperation, PseudoArray, _LineDelay
from backtrader.lineiterator import LineIterator
from backtrader.lineroot import LineRoot
from backtrader.lineseries import LineSeries

Act = Callable[[], object]
Step = tuple[tuple[Any, ...], Any]
"""Lines that grow by one value, and then the indicator or operation whose turn it is; None when it does nothing itself."""


class Schedule:
    """Base: the strategy, its top-level indicators as they were counted, and the end of its work on a bar."""

    def __init__(self, strategy: Any) -> None:
        self._strategy = strategy
        self._top = strategy._lineiterators[LineIterator.IndType]
        self._count = len(self._top)

    @property
    def holds(self) -> bool:
        """False once an indicator was added in the middle of the run."""
        return len(self._top) == self._count

    def _finish(self, once: bool) -> None:
        strategy = self._strategy
        strategy._notify()
        status = strategy._getminperstatus()
        if status < 0:
            strategy.next()
        elif status == 0:
            strategy.nextstart()
        else:
            strategy.prenext()
        strategy._next_analyzers(status, once=once)
        strategy._next_observers(status, once=once)
        strategy.clear()


class BulkSchedule(Schedule):
    """After bulk computation: every line only moves on by one."""

    def __init__(self, strategy: Any, lines: list[Any]) -> None:
        super().__init__(strategy)
        self._lines = lines

    def run_bar(self, moment: float) -> None:
        """Do on one bar what `Strategy._oncepost` does."""
        for line in self._lines:
            line._idx += 1
            line.lencount += 1
        strategy = self._strategy
        strategy.forward()
        strategy.lines.datetime[0] = moment
        self._finish(once=True)


class StepSchedule(Schedule):
    """Bar by bar: all lines grow by one value, then one indicator after the other computes it."""

    def __init__(self, strategy: Any, steps: list[tuple[tuple[Any, ...], Act]]) -> None:
        super().__init__(strategy)
        self._lines = [line for lines, _ in steps for line in lines]
        self._acts = [act for _, act in steps]

    def run_bar(self) -> None:
        """Do on one bar what `Strategy._next` does."""
        self._strategy._clk_update()
        grow(self._lines)
        for act in self._acts:
            act()
        self._finish(once=False)


class WarmUpSchedule(Schedule):
    """Bar by bar from the first one on, for as long as some warm-up is not over: each indicator is asked how far it is."""

    def __init__(self, strategy: Any, feed: Any, steps: Sequence[Step]) -> None:
        super().__init__(strategy)
        self._feed = feed
        self.steps = steps
        """Lines and indicators in the order of a bar, as they were collected on the first."""
        self.turns = [(lines, item, None if item is None else _bind_next(item), _find_prenext(item)) for lines, item in steps]
        self._lines = [line for lines, _ in steps for line in lines]
        inner = [item._lineiterators[LineIterator.IndType] for _, item in steps if isinstance(item, LineIterator)]
        self._parts = [(made, len(made)) for made in (self._top, *inner)]

    @property
    def holds(self) -> bool:
        """False once an indicator was added in the middle of the run, to the strategy or inside of another."""
        return all(len(made) == count for made, count in self._parts)

    def run_bar(self) -> None:
        """Do on one bar what `Strategy._next` does."""
        self._strategy._clk_update()
        grow(self._lines)
        bars = len(self._feed)
        for _, item, act, prenext in self.turns:
            if act is None:
                continue
            if bars > item._minperiod:
                act()
            elif bars == item._minperiod:
                item.nextstart()
            elif prenext is not None:
                prenext()
        self._finish(once=False)

    def take_turn(self) -> None:
        """Do what comes after the indicators on a bar."""
        self._finish(once=False)


def grow(lines: Sequence[Any]) -> None:
    """Let lines grow before anything is computed: an operation may write to a line of the indicator that reads it, made after it.

    Bar by bar Backtrader lets that line grow too late, so that its value lands on the bar before; in bulk, by default, it does not.
    """
    nothing = math.nan
    for line in lines:
        line._idx += 1
        line.lencount += 1
        line.array.append(nothing)


def _find_prenext(item: Any) -> Act | None:
    """The way of an item before its warm-up is over; None when it does nothing then."""
    stock = item is None or (type(item).prenext in (LineIterator.prenext, LineRoot.prenext) and "prenext" not in vars(item))
    return None if stock else item.prenext


def bulk_schedule(strategy: Any, feed: Any) -> BulkSchedule | None:
    """The schedule after bulk computation, made before the first bar; None when something is out of the ordinary."""
    if type(strategy)._oncepost is not bt.Strategy._oncepost or strategy._oldsync:
        return None
    lines = collect_bulk_lines(strategy, feed)
    return None if lines is None else BulkSchedule(strategy, lines)


def collect_bulk_lines(strategy: Any, feed: Any) -> list[Any] | None:
    """Lines that move on by one on each bar after bulk computation, those of the feed left out; None for unusual ones."""
    moved = {id(line) for line in feed.lines}
    lines: list[Any] = []
    for item in strategy._lineiterators[LineIterator.IndType]:
        own = _lines_of(item)
        usual = type(item).advance in (bt.Indicator.advance, LineBuffer.advance)
        if own is None or not usual or id(_clock_line(item)) not in moved or any(line.lencount for line in own):
            return None
        moved.update(id(line) for line in own)
        lines.extend(own)
    return lines


def step_schedule(strategy: Any, feed: Any) -> StepSchedule | None:
    """The schedule bar by bar, made when the feed has moved on to a bar and the strategy has not; None when it is too early or unusual."""
    if type(strategy)._next is not bt.Strategy._next or strategy._oldsync:
        return None
    steps = collect_steps(strategy, feed, len(feed) - 1)
    if steps is None:
        return None
    return StepSchedule(strategy, [(lines, _do_nothing if item is None else _bind_next(item)) for lines, item in steps])


def warm_up_schedule(strategy: Any, feed: Any) -> WarmUpSchedule | None:
    """The schedule from the first bar on, made when the feed has moved on to it and the strategy has not; None for unusual ones."""
    if type(strategy)._next is not bt.Strategy._next or strategy._oldsync or len(feed) != 1:
        return None
    steps = collect_steps(strategy, feed, 0, warm=False)
    return None if steps is None else WarmUpSchedule(strategy, feed, steps)


def collect_steps(strategy: Any, feed: Any, bars: int, *, warm: bool = True) -> list[Step] | None:
    """List what happens to the strategy's indicators, which have seen `bars` bars, on each further one; None when some are unusual.

    Where every warm-up has to be over (`warm`), it is also None before that.
    """
    grown = {id(line) for line in (*feed.lines, *strategy.lines)}
    steps: list[Step] = []
    pending: list[Any] = []
    if not _collect(strategy._lineiterators[LineIterator.IndType], bars, warm, grown, pending, steps):
        return None
    if pending:
        steps.append((tuple(pending), None))
    return steps


def _collect(items: list[Any], bars: int, warm: bool, grown: set[int], pending: list[Any], steps: list[Step]) -> bool:
    """Depth first, as Backtrader goes: an indicator's lines grow, then its parts are computed, then itself."""
    for item in items:
        own = _lines_of(item)
        if own is None or id(_clock_line(item)) not in grown or any(line.lencount != bars for line in own):
            return False
        if warm and item._minperiod > bars:
            return False
        grown.update(id(line) for line in own)
        pending.extend(own)
        if isinstance(item, LineIterator) and not _collect(item._lineiterators[LineIterator.IndType], bars, warm, grown, pending, steps):
            return False
        if type(item).next is not LineIterator.next or not warm:
            steps.append((tuple(pending), item))
            pending.clear()
    return True


def count_indicators(item: Any) -> int:
    """Count the indicators and operations of a strategy, those inside of others too."""
    made = item._lineiterators[LineIterator.IndType]
    return len(made) + sum(count_indicators(part) for part in made if isinstance(part, LineIterator))


def line_of(item: Any) -> Any:
    """The line that an indicator or operation writes to."""
    return item if isinstance(item, LineBuffer) else item.lines.lines[0]


def find_targets(line: Any) -> list[Any]:
    """A line, and those that are bound to it, as an assignment reaches them."""
    return [line, *(target for bound in line.bindings for target in find_targets(bound))] if line.bindings else [line]


def _bind_next(item: Any) -> Act:
    """The item's own `next()`, or the same assignment without the detours for the two commonest operations."""
    if type(item) is _LineDelay and type(item.a) is PseudoArray:
        return _constant(item, item.a.wrapped)
    if type(item) is _LineDelay and isinstance(item.a, LineBuffer):
        return _delayed(item, item.a, item.ago)
    if type(item) is LinesOperation and item.bline and isinstance(item.a, LineBuffer):
        return _operated(item, item.a, item.b, item.operation)
    return item.next  # type: ignore[no-any-return]


def _constant(line: Any, value: Any) -> Act:
    def act() -> None:
        line[0] = value

    return act


def _delayed(line: Any, source: Any, ago: int) -> Act:
    def act() -> None:
        line[0] = source.array[source._idx + ago]

    return act


def _operated(line: Any, left: Any, right: Any, operation: Callable[[Any, Any], Any]) -> Act:
    def act() -> None:
        line[0] = operation(left.array[left._idx], right.array[right._idx])

    return act


def _lines_of(item: Any) -> tuple[Any, ...] | None:
    """Lines of an indicator or of a line operation that keeps to Backtrader's own bookkeeping; None for any other."""
    kind = type(item)
    if isinstance(item, LineActions):
        plain = kind._next is LineActions._next and kind.forward is LineBuffer.forward
        lines = (item,)
    elif isinstance(item, LineIterator):
        plain = (
            kind._next is LineIterator._next
            and kind._clk_update is LineIterator._clk_update
            and kind._notify is LineIterator._notify
            and kind.forward is LineSeries.forward
        )
        lines = tuple(item.lines.lines)
    else:
        return None
    return lines if plain and not any(line.mode for line in lines) else None


def _clock_line(item: Any) -> Any:
    clock = item._clock
    return clock if isinstance(clock, LineBuffer) else clock.lines[0]


def _do_nothing() -> None:
    return
