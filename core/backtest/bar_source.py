"""Sources of one run's bars: all at once, or one after another. No Backtrader here."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.domain.bars import Bars, FloatArray, TimeArray
from core.domain.instrument import Timeframe
from core.domain.longer_bars import DayHours, read_day_hours


def list_day_hours(bars: Bars) -> tuple[DayHours, ...]:
    """List the trading day of each instrument of a run."""
    return tuple(read_day_hours(one.instrument) for one in bars.instruments)


@dataclass(frozen=True, slots=True)
class Handed:
    """Ways of asking for bars that come with values."""

    ask: Callable[[], bytes]
    """Gives the next bar."""
    leap: Callable[[str, list[float], Sequence[float] | None], tuple[bytes, bool]]
    """Gives the bars up to the first that meets a condition (`wake_conditions`), with its numbers, or that leaves bounds; or a part of
    them, and False."""
    recall: Callable[[], bytes]
    """Gives the bars that were handed out once more, from the first on, a part at each call."""


BarRow = tuple[int, float, float, float, float, float]
"""One bar: seconds since 1970 in exchange-local wall time, open, high, low, close, volume."""

_CHUNK = 4_096
"""Moments that are turned into rows at once."""
EPOCH_ORDINAL = 719_163
"""Proleptic Gregorian ordinal of 1970-01-01, the origin of numpy's datetime64."""


@dataclass(frozen=True, slots=True, eq=False)
class AllBars:
    """Fast mode: every bar at once. Arrays have shape (n,); times are datetime64[s], prices float64; nothing is written to."""

    timeframe: Timeframe
    time: TimeArray
    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray
    volume: FloatArray
    hours: tuple[DayHours, ...] = ()
    """The trading day of each instrument, which longer bars count from; what is left out is learned from the bars."""

    @classmethod
    def from_bars(cls, bars: Bars) -> "AllBars":
        """The same columns, without the instrument: a strategy does not learn what it trades."""
        return cls(bars.timeframe, bars.time, bars.open, bars.high, bars.low, bars.close, bars.volume, list_day_hours(bars))


@dataclass(frozen=True, slots=True)
class BarStream:
    """Lock-step: `next_bar` blocks until the next bar is there, and gives None after the last one.

    It is called only after every order of the previous bar has been emitted.
    """

    timeframe: Timeframe
    next_bar: Callable[[], BarRow | None]
    hours: tuple[DayHours, ...] = ()
    declare: "Callable[[list[Any]], Handed] | None" = None
    """Takes the building blocks of the strategy's indicators (`Block.to_wire`), once, and gives what asks for bars together with their
    values on them (`wide_rows`). None where nobody computes them."""

    @classmethod
    def from_bars(cls, bars: Bars) -> "BarStream":
        """Bars that are already here, handed out one at a time."""
        rows = iter(to_rows(bars))
        return cls(bars.timeframe, lambda: next(rows, None), list_day_hours(bars))


Moment = tuple[BarRow | None, ...]
"""One moment of several instruments: a row for each of them, None for one that has no bar then."""


@dataclass(frozen=True, slots=True)
class MomentStream:
    """Several instruments: `next_moment` gives the rows of the next moment, and None after the last one.

    As with `BarStream`, it is called only after every order of the moment before has been emitted.
    """

    timeframe: Timeframe
    symbols: tuple[str, ...]
    """Symbols of the instruments, the run's first one at the front: code asks for feeds by name."""
    next_moment: Callable[[], Moment | None]
    hours: tuple[DayHours, ...] = ()

    @classmethod
    def from_bars(cls, bars: Bars) -> "MomentStream":
        """Bars that are already here, handed out one moment at a time."""
        moments = iterate_moments(bars)
        symbols = tuple(one.instrument.symbol for one in bars.instruments)
        return cls(bars.timeframe, symbols, lambda: next(moments, None), list_day_hours(bars))


BarSource = AllBars | BarStream | MomentStream


def iterate_moments(bars: Bars) -> Iterator[Moment]:
    """Every moment of several instruments as rows of plain numbers."""
    for start in range(0, len(bars), _CHUNK):
        yield from zip(*(_to_rows_or_none(one) for one in bars.slice(start, start + _CHUNK).instruments), strict=True)


def _to_rows_or_none(bars: Bars) -> list[BarRow | None]:
    there = [True] * len(bars) if bars.present is None else bars.present.tolist()
    return [row if is_there else None for row, is_there in zip(to_rows(bars), there, strict=True)]


def to_rows(bars: Bars) -> list[BarRow]:
    """Every bar as one row of plain numbers, in the order and types that `next_bar` gives."""
    seconds = bars.time.astype("datetime64[s]").astype(np.int64).tolist()
    columns = (bars.open.tolist(), bars.high.tolist(), bars.low.tolist(), bars.close.tolist(), bars.volume.tolist())
    return list(zip(seconds, *columns, strict=True))


def day_number(seconds: int) -> float:
    """Backtrader's clock for one moment: days since year 1 as a float, bit for bit what its own `date2num` gives."""
    days, rest = divmod(seconds, 86_400)
    hour, rest = divmod(rest, 3_600)
    minute, second = divmod(rest, 60)
    return math.fsum((float(days + EPOCH_ORDINAL), hour / 24.0, minute / 1_440.0, second / 86_400.0))


def day_numbers(time: TimeArray) -> FloatArray:
    """`day_number` for every element of `time` (datetime64[s], shape (n,)), shape (n,).

    The sum is rounded once, like `math.fsum`: the terms are split into a sum and its exact error (Knuth's two-sum), and the
    errors together need fewer than 53 bits, so adding them loses nothing.
    """
    seconds = time.astype("datetime64[s]").astype(np.int64)
    days, rest = np.divmod(seconds, 86_400)
    hour, rest = np.divmod(rest, 3_600)
    minute, second = np.divmod(rest, 60)
    total, first = _two_sum(hour / 24.0, minute / 1_440.0)
    total, second_error = _two_sum(total, second / 86_400.0)
    total, third = _two_sum((days + EPOCH_ORDINAL).astype(np.float64), total)
    numbers: FloatArray = total + (third + (first + second_error))
    return numbers


def _two_sum(a: FloatArray, b: FloatArray) -> tuple[FloatArray, FloatArray]:
    total = a + b
    part = total - a
    return total, (a - (total - part)) + (b - part)
