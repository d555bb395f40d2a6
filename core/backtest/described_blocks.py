"""From the strategy's indicators to building blocks that can be computed elsewhere, as far as they are Backtrader's own.

What is described is what each block does, not what it is called: an indicator that a strategy puts together from known blocks is known
too, and one with a `next()` of its own is not, nor is what reads it. Imports Backtrader.
"""

import functools
import math
import operator
from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from types import FunctionType
from typing import Any

from backtrader import functions, linebuffer
from backtrader.indicators import basicops, crossover
from backtrader.linebuffer import LineBuffer, PseudoArray
from backtrader.lineiterator import LineIterator
from backtrader.lineroot import LineRoot

from core.backtest.building_blocks import FEED_LINES, LONGEST_PERIOD, SIGNS, Block, find_lookbacks, fits, to_constant
from core.backtest.schedule import Step, find_targets, line_of

_WAYS = ("prenext", "nextstart", "next", "preonce", "oncestart", "once", "_next", "_once", "home", "buflen")
"""Methods by which an indicator or operation is computed."""
_WRITERS = ("backtrader.", "core.backtest.")
"""Packages whose ways are known to be the same bar by bar and in bulk."""
_WINDOWS: dict[Any, str] = {
    math.fsum: "window sum",
    max: "window largest",
    min: "window smallest",
    all: "window all",
    any: "window any",
}
_LOGIC: dict[Any, str] = {math.fsum: "sum", max: "largest", min: "smallest", all: "all", any: "any"}
_CHAINS: dict[Any, str] = {functions._andlogic: "all", functions._orlogic: "any"}


@dataclass(frozen=True, slots=True)
class Described:
    """The blocks of a strategy that are known, in the order in which they are computed."""

    blocks: tuple[Block, ...]
    places: dict[int, int]
    """By the id of an indicator or operation: the place of its block."""
    lines: frozenset[int] = frozenset()
    """Ids of the lines that they read or write."""


class _Reader:
    """Numbers of the lines that are known so far."""

    def __init__(self, feed: Iterable[Any]) -> None:
        self.numbers = {id(line): number for number, line in enumerate(feed)}

    def line(self, source: Any) -> int | None:
        """Number of a line, or of the first line of what has several; None for one that is not known."""
        if not isinstance(source, LineRoot) or isinstance(source, PseudoArray):
            return None
        line = source if isinstance(source, LineBuffer) else source.lines.lines[0]
        return self.numbers.get(id(line))

    def value(self, source: Any) -> int | float | None:
        """Number of a line, or a constant."""
        if isinstance(source, PseudoArray):
            return to_constant(source.wrapped)
        return self.line(source) if isinstance(source, LineRoot) else None

    def operand(self, source: Any) -> int | float | None:
        """Number of a line, or a constant as it stands in an operation."""
        if isinstance(source, LineRoot):
            return self.line(source) if isinstance(source, LineBuffer) else None
        return to_constant(source)


def describe_blocks(steps: Sequence[Step], feed: Sequence[Any]) -> Described:
    """Describe what is known of what happens on a bar; `feed` are the lines of the run's own bars, in the order of `FEED_LINES`."""
    reader = _Reader(feed)
    writers = count_writers(steps)
    blocks: list[Block] = []
    lines: list[Any] = []
    places: dict[int, int] = {}
    for _, item in steps:
        block = None if item is None else _describe(item, reader)
        if block is None:
            continue
        targets = find_targets(line_of(item))
        if any(writers[id(target)] > 1 for target in targets):
            continue
        places[id(item)] = len(blocks)
        reader.numbers.update((id(target), len(FEED_LINES) + len(blocks)) for target in targets)
        blocks.append(block)
        lines.append(line_of(item))
    if not fits(blocks):
        return Described((), {})
    needed = find_lookbacks(blocks)[len(FEED_LINES) :]
    told = (replace(block, history=_newest(line.array, count)) for block, line, count in zip(blocks, lines, needed, strict=True))
    return Described(tuple(told), places, frozenset(reader.numbers))


def knows_all(steps: Sequence[Step], feed: Sequence[Any]) -> bool:
    """Check that all is known of what happens on a bar: each block is described, or is only put together of others.

    None of them may write to a line that has not grown yet: bar by bar that would be another bar's value, in bulk it is not. Nor may one
    have a way of its own of beginning, or of computing in bulk: bar by bar and in bulk it would differ.
    """
    kinds = {type(item) for _, item in steps if item is not None}
    if not all(map(_keeps_to_backtrader, kinds)) or any(name in vars(item) for _, item in steps if item is not None for name in _WAYS):
        return False
    if not _writes_to_grown_lines(steps):
        return False
    told = [(lines, None if item is None or _is_composite(item) else item) for lines, item in steps]
    described = describe_blocks(told, feed)
    return all(item is None or id(item) in described.places for _, item in told)


def _keeps_to_backtrader(kind: Any) -> bool:
    """Check that a class computes in Backtrader's ways alone, bar by bar and in bulk."""
    ways = (getattr(kind, name, None) for name in _WAYS)
    return all(way is None or (type(way) is FunctionType and way.__module__.startswith(_WRITERS)) for way in ways)


def _writes_to_grown_lines(steps: Sequence[Step]) -> bool:
    grown: set[int] = set()
    for lines, item in steps:
        grown.update(map(id, lines))
        if item is not None and any(id(target) not in grown for first in _own_lines(item) for target in find_targets(first)):
            return False
    return True


def _is_composite(item: Any) -> bool:
    return "next" not in vars(item) and getattr(type(item), "next", None) is LineIterator.next


def _newest(values: "array[float]", count: int) -> tuple[float, ...]:
    return tuple(values[len(values) - count :])


def count_writers(steps: Sequence[Step]) -> dict[int, int]:
    """By the id of a line: how many blocks write to it. Whoever has a `next()` of its own may write to all of its lines."""
    counts: dict[int, int] = {}
    for _, item in steps:
        if item is None:
            continue
        for line in {id(target) for first in _own_lines(item) for target in find_targets(first)}:
            counts[line] = counts.get(line, 0) + 1
    return counts


def _own_lines(item: Any) -> Sequence[Any]:
    return (item,) if isinstance(item, LineBuffer) else item.lines.lines


def _describe(item: Any, reader: _Reader) -> Block | None:
    describe = None if "next" in vars(item) else _DESCRIPTIONS.get(getattr(type(item), "next", None))
    return None if describe is None else describe(item, reader)


def _block(kind: str, *inputs: int | float | None) -> Block | None:
    found = tuple(source for source in inputs if source is not None)
    return Block(kind, found) if len(found) == len(inputs) else None


def _describe_delay(item: Any, reader: _Reader) -> Block | None:
    source = reader.value(item.a)
    known = source is not None and type(item.ago) is int and -LONGEST_PERIOD <= item.ago <= 0
    return Block("delay", (source,), period=-item.ago) if known and source is not None else None


def _describe_operation(item: Any, reader: _Reader) -> Block | None:
    sign = SIGNS.get(item.operation)
    return None if sign is None or item.btime else _block(sign, reader.operand(item.a), reader.operand(item.b))


def _describe_own(item: Any, reader: _Reader) -> Block | None:
    kind = {operator.__neg__: "negative", operator.__abs__: "absolute"}.get(item.operation)
    return None if kind is None else _block(kind, reader.value(item.a))


def _describe_division(item: Any, reader: _Reader) -> Block | None:
    return _block("divide or default", reader.value(item.a), reader.value(item.b), to_constant(item.zero))


def _describe_division_of_zero(item: Any, reader: _Reader) -> Block | None:
    defaults = to_constant(item.single), to_constant(item.dual)
    return _block("divide or two defaults", reader.value(item.a), reader.value(item.b), *defaults)


def _describe_comparison(item: Any, reader: _Reader) -> Block | None:
    return _block("compare", reader.value(item.a), reader.value(item.b))


def _describe_choice(item: Any, reader: _Reader) -> Block | None:
    return _block("choose", *(reader.value(part) for part in (item.cond, item.a, item.b)))


def _describe_logic(item: Any, reader: _Reader) -> Block | None:
    logic, parts = item.flogic, [reader.value(part) for part in item.args]
    if isinstance(logic, functools.partial):
        chained = logic.func is functools.reduce and not logic.keywords and len(logic.args) == 1 and len(parts) > 1
        kind = _CHAINS.get(logic.args[0]) if chained else None
    else:
        kind = _find(_LOGIC, logic)
    return _block(kind, *parts) if kind is not None and parts else None


def _find(table: dict[Any, str], function: Any) -> str | None:
    """The entry for a function; what cannot be looked up has none."""
    return next((kind for known, kind in table.items() if known is function), None)


def _window(kind: str | None, item: Any, reader: _Reader, numbers: tuple[float, ...] = ()) -> Block | None:
    source, period = reader.line(item.data), item.p.period
    if kind is None or source is None or type(period) is not int or not 0 < period <= LONGEST_PERIOD:
        return None
    return Block(kind, (source,), numbers, period)


def _describe_average(item: Any, reader: _Reader) -> Block | None:
    return _window("average", item, reader)


def _describe_window(item: Any, reader: _Reader) -> Block | None:
    return _window(_find(_WINDOWS, item.func), item, reader)


def _describe_weighted(item: Any, reader: _Reader) -> Block | None:
    numbers = [to_constant(number) for number in (item.p.coef, *item.p.weights)]
    if type(item.p.weights) is not tuple or None in numbers or len(numbers) != item.p.period + 1:
        return None
    return _window("weighted", item, reader, tuple(number for number in numbers if number is not None))


def _describe_smoothing(item: Any, reader: _Reader) -> Block | None:
    source = reader.value(item.data)
    if source is None or type(item.alpha) is not float or type(item.alpha1) is not float:
        return None
    return Block("smooth", (source,), (item.alpha, item.alpha1))


def _describe_sum(item: Any, reader: _Reader) -> Block | None:
    return _block("accumulate", reader.value(item.data))


def _describe_difference(item: Any, reader: _Reader) -> Block | None:
    return _block("last difference", reader.value(item.data0), reader.value(item.data1))


_DESCRIPTIONS: dict[Any, Callable[[Any, _Reader], Block | None]] = {
    linebuffer._LineDelay.next: _describe_delay,
    linebuffer.LinesOperation.next: _describe_operation,
    linebuffer.LineOwnOperation.next: _describe_own,
    functions.DivByZero.next: _describe_division,
    functions.DivZeroByZero.next: _describe_division_of_zero,
    functions.Cmp.next: _describe_comparison,
    functions.If.next: _describe_choice,
    functions.MultiLogic.next: _describe_logic,
    basicops.Average.next: _describe_average,
    basicops.OperationN.next: _describe_window,
    basicops.ExponentialSmoothing.next: _describe_smoothing,
    basicops.Accum.next: _describe_sum,
    basicops.WeightedAverage.next: _describe_weighted,
    crossover.NonZeroDifference.next: _describe_difference,
}
"""By the `next()` of the class, as it was when this was imported: one that is replaced later is not known."""
