"""Values of building blocks for many bars at once, bit for bit what their `next()` gives bar by bar. No Backtrader here: trusted side.

Each value is made of values of its bar and of bars before it. Where Python would raise on a bar, or where the values up to it cannot be
certified in bulk, the columns end before it. No bar takes another way of computing because of what a later one holds: how long a piece
takes would tell of that.
"""

import contextlib
import functools
import itertools
import math
from array import array
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

import numpy as np

from core.backtest.building_blocks import FEED_LINES, Block, find_lookbacks
from core.backtest.exact_windows import (
    count_certain_rows,
    count_certain_values,
    count_ordered_values,
    find_extremes,
    sum_rows,
    sum_windows,
)
from core.domain.bars import FloatArray

_MOST_PRODUCTS = 1 << 18
"""Products that are held at once."""
Found = tuple[FloatArray | float, int]
"""Values of the bars, and the number of bars before the first one that has none."""


class FeedColumn(Protocol):
    """A column of the feed, of which stretches are asked for."""

    def __getitem__(self, stretch: slice, /) -> FloatArray: ...


class Sources:
    """Everything that a block reads: its inputs on the bars that are computed, and before them."""

    def __init__(self, block: Block, lines: Sequence[FloatArray], own: float, count: int) -> None:
        self.block, self.count = block, count
        self.own = own
        """The block's value before the first bar; NaN when it does not read that."""
        self._lines = lines

    def read(self, place: int) -> FloatArray | float:
        """An input on each bar; a constant as it is."""
        source = self.block.inputs[place]
        return self._shift(source, 0) if type(source) is int else source

    def read_all(self) -> list[FloatArray | float]:
        """Every input on each bar."""
        return [self.read(place) for place in range(len(self.block.inputs))]

    def read_delayed(self) -> FloatArray | float:
        """The first input, `period` bars before."""
        source = self.block.inputs[0]
        return self._shift(source, self.block.period) if type(source) is int else source

    def read_windows(self) -> FloatArray:
        """The one line, from the beginning of the first bar's window on."""
        line = self._lines[int(self.block.inputs[0])]
        return line[len(line) - self.count - self.block.period + 1 :]

    def read_array(self, place: int) -> FloatArray:
        """An input on each bar, as an array also when it is a constant."""
        return np.broadcast_to(np.asarray(self.read(place), dtype=np.float64), (self.count,))

    def _shift(self, number: int, back: int) -> FloatArray:
        line = self._lines[number]
        return line[len(line) - self.count - back : len(line) - back]


class BlockColumns:
    """The blocks of one strategy over the platform's bars, computed piece by piece from the first bar that was not shown yet."""

    def __init__(self, blocks: Sequence[Block], feed: Sequence[FeedColumn]) -> None:
        """`feed` has a column for each of `FEED_LINES`, over all bars."""
        self._blocks, self._feed = tuple(blocks), tuple(feed)
        self._needed = find_lookbacks(blocks)
        self._kept = [_newest(np.array(block.history), self._needed[len(FEED_LINES) + place]) for place, block in enumerate(blocks)]

    def compute(self, start: int, stop: int, check: Callable[[], None]) -> tuple[list[FloatArray], int]:
        """Every block on the bars `start` to `stop - 1`, and the number of those bars before the first that has no values.

        `check` is called before each block, and may raise. Pieces are asked for one after the other.
        """
        count = sound = stop - start
        lines = [column[start - needed : stop] for column, needed in zip(self._feed, self._needed, strict=False)]
        found: list[FloatArray] = []
        with np.errstate(all="ignore"):
            for place, block in enumerate(self._blocks):
                check()
                kept = self._kept[place]
                made, certain = _COMPUTE[block.kind](Sources(block, lines, float(kept[-1]) if len(kept) else math.nan, count))
                values = np.empty(len(kept) + count)
                values[: len(kept)], values[len(kept) :] = kept, made
                lines.append(values)
                found.append(values[len(kept) :])
                sound = min(sound, certain)
                self._kept[place] = _newest(values, len(kept)).copy()
        return found, sound


def _newest(values: FloatArray, count: int) -> FloatArray:
    return values[len(values) - count :]


def _collect(values: Iterable[float], count: int) -> Found:
    """Values that Python computes one by one, up to the first on which it raises."""
    found = array("d")
    with contextlib.suppress(ArithmeticError, TypeError, ValueError):
        found.extend(values)
    sound = len(found)
    found.extend(itertools.repeat(math.nan, count - sound))
    return np.frombuffer(found), sound


def _operate(apply: Callable[[FloatArray | float, FloatArray | float], FloatArray]) -> Callable[[Sources], Found]:
    def compute(sources: Sources) -> Found:
        return apply(sources.read(0), sources.read(1)), sources.count

    return compute


def _divide(sources: Sources) -> Found:
    left, right = sources.read_array(0), sources.read_array(1)
    zeros = np.flatnonzero(right == 0.0)
    return left / right, int(zeros[0]) if len(zeros) else sources.count


def _raise_to_power(sources: Sources) -> Found:
    return _collect(map(pow, sources.read_array(0).tolist(), sources.read_array(1).tolist()), sources.count)


def _delay(sources: Sources) -> Found:
    return sources.read_delayed(), sources.count


def _negate(sources: Sources) -> Found:
    return -sources.read_array(0), sources.count


def _take_absolute(sources: Sources) -> Found:
    return np.abs(sources.read_array(0)), sources.count


def _divide_or_default(sources: Sources) -> Found:
    left, right, zero = (sources.read_array(place) for place in range(3))
    return np.where(right != 0.0, left / right, zero), sources.count


def _divide_or_two_defaults(sources: Sources) -> Found:
    left, right, single, dual = (sources.read_array(place) for place in range(4))
    return np.where(right == 0.0, np.where(left == 0.0, dual, single), left / right), sources.count


def _compare(sources: Sources) -> Found:
    left, right = sources.read_array(0), sources.read_array(1)
    return (left > right).astype(np.float64) - (left < right), sources.count


def _choose(sources: Sources) -> Found:
    condition, one, other = sources.read_all()
    return np.where(np.not_equal(condition, 0.0), one, other), sources.count


def _choose_largest(sources: Sources) -> Found:
    return functools.reduce(lambda best, value: np.where(np.greater(value, best), value, best), sources.read_all()), sources.count


def _choose_smallest(sources: Sources) -> Found:
    return functools.reduce(lambda best, value: np.where(np.less(value, best), value, best), sources.read_all()), sources.count


def _are_all(sources: Sources) -> Found:
    return np.logical_and.reduce([sources.read_array(place) != 0.0 for place in range(len(sources.block.inputs))]), sources.count


def _is_any(sources: Sources) -> Found:
    return np.logical_or.reduce([sources.read_array(place) != 0.0 for place in range(len(sources.block.inputs))]), sources.count


def _add_inputs(sources: Sources) -> Found:
    rows = np.stack([sources.read_array(place) for place in range(len(sources.block.inputs))], axis=1)
    return _sum_each(rows, sources.count)


def _sum_each(rows: FloatArray, count: int) -> Found:
    """The correctly rounded sum of each row."""
    sums = sum_rows(rows)
    if sums is not None:
        return sums, count
    certain = count_certain_rows(rows, rows.shape[1])
    return _fill(sum_rows(rows[:certain]), certain, count)


def _fill(found: FloatArray | None, certain: int, count: int) -> Found:
    """Values of the first bars, and none after them. Nothing was certain where none were found."""
    values = np.full(count, math.nan)
    if found is None:
        return values, 0
    values[:certain] = found[:certain]
    return values, certain


def _sum_windows(sources: Sources) -> Found:
    values, period = sources.read_windows(), sources.block.period
    sums = sum_windows(values, period)
    if sums is not None:
        return sums, sources.count
    usable = count_certain_values(values, period)
    certain = max(0, usable - period + 1)
    return _fill(sum_windows(values[:usable], period) if certain else None, certain, sources.count)


def _average(sources: Sources) -> Found:
    sums, sound = _sum_windows(sources)
    return np.divide(sums, sources.block.period), sound


def _extreme(choose: Callable[[FloatArray, FloatArray], FloatArray]) -> Callable[[Sources], Found]:
    def compute(sources: Sources) -> Found:
        values, period = sources.read_windows(), sources.block.period
        usable = count_ordered_values(values)
        certain = max(0, usable - period + 1)
        return _fill(find_extremes(values[:usable], period, choose) if certain else None, certain, sources.count)

    return compute


def _count_windows(sources: Sources) -> FloatArray:
    """Values of each window that are not zero."""
    running = np.concatenate(([0], np.cumsum(sources.read_windows() != 0.0)))
    return running[sources.block.period :] - running[: -sources.block.period]


def _is_window_full(sources: Sources) -> Found:
    return (_count_windows(sources) == sources.block.period).astype(np.float64), sources.count


def _is_in_window(sources: Sources) -> Found:
    return (_count_windows(sources) > 0).astype(np.float64), sources.count


def _smooth(sources: Sources) -> Found:
    alpha, kept = sources.block.numbers
    last = sources.own
    return np.array([last := last * kept + part for part in (sources.read_array(0) * alpha).tolist()]), sources.count


def _accumulate(sources: Sources) -> Found:
    return np.add.accumulate(np.concatenate(([sources.own], sources.read_array(0))))[1:], sources.count


def _weigh(sources: Sources) -> Found:
    factor, *weights = sources.block.numbers
    windows = np.lib.stride_tricks.sliding_window_view(sources.read_windows(), sources.block.period)
    rows = max(1, _MOST_PRODUCTS // sources.block.period)
    found, sound = [], 0
    for start in range(0, sources.count, rows):
        piece = windows[start : start + rows] * np.array(weights)
        sums, certain = _sum_each(piece, len(piece))
        found.append(np.multiply(factor, sums))
        sound += certain if sound == start else 0
    return np.concatenate(found), sound


def _keep_last_difference(sources: Sources) -> Found:
    difference = sources.read_array(0) - sources.read_array(1)
    last = np.maximum.accumulate(np.where(difference != 0.0, np.arange(sources.count), -1))
    return np.where(last >= 0, difference[last], sources.own), sources.count


_COMPUTE: dict[str, Callable[[Sources], Found]] = {
    "+": _operate(np.add),
    "-": _operate(np.subtract),
    "*": _operate(np.multiply),
    "/": _divide,
    "**": _raise_to_power,
    "<": _operate(np.less),
    ">": _operate(np.greater),
    "<=": _operate(np.less_equal),
    ">=": _operate(np.greater_equal),
    "==": _operate(np.equal),
    "!=": _operate(np.not_equal),
    "delay": _delay,
    "negative": _negate,
    "absolute": _take_absolute,
    "divide or default": _divide_or_default,
    "divide or two defaults": _divide_or_two_defaults,
    "compare": _compare,
    "choose": _choose,
    "largest": _choose_largest,
    "smallest": _choose_smallest,
    "all": _are_all,
    "any": _is_any,
    "sum": _add_inputs,
    "average": _average,
    "window sum": _sum_windows,
    "window largest": _extreme(np.maximum),
    "window smallest": _extreme(np.minimum),
    "window all": _is_window_full,
    "window any": _is_in_window,
    "smooth": _smooth,
    "accumulate": _accumulate,
    "weighted": _weigh,
    "last difference": _keep_last_difference,
}
