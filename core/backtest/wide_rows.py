"""Bars of a run in lock-step together with the values of declared building blocks, each bar as one piece of bytes. Trusted side only.

A piece is the bar as it is handed out without blocks, then its time by Backtrader's clock, then one value a block. It is made of that
bar and of bars before it. No Backtrader here.
"""

import json
import math
import struct
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any

import numpy as np

from core.backtest.bar_source import BarRow, BarStream, MomentStream, day_numbers, list_day_hours, to_rows
from core.backtest.block_columns import BlockColumns
from core.backtest.building_blocks import NOT_COMPUTED, Block, read_blocks
from core.backtest.steady_pace import SteadyPace
from core.domain.bars import Bars, FloatArray, TimeArray

END = -(2**63)
"""In place of a bar's time: there are no more bars."""
_BAR = struct.Struct("<q5d")
_PIECES = (256, 1_024, 4_096)
"""Bars that are computed at once: few at first, for a run that ends early."""


def row_format(blocks: int) -> str:
    """Layout of a bar with the values of so many blocks, in its bytes."""
    return f"<q{6 + blocks}d"


def make_reader(blocks: int, wanted: Collection[int]) -> Callable[[bytes], tuple[Any, ...]]:
    """Make the reader of a bar: its numbers, and of its blocks those at the places that are wanted."""
    return struct.Struct("<q6d" + "".join("d" if place in wanted else "8x" for place in range(blocks))).unpack


def end_row(blocks: int) -> bytes:
    """The piece that says that there are no more bars."""
    return struct.pack(row_format(blocks), END, *(0.0 for _ in range(6 + blocks)))


def iterate_rows(
    blocks: Sequence[Block],
    time: TimeArray,
    prices: Sequence[FloatArray],
    first: int,
    check: Callable[[], None],
    pace: SteadyPace | None = None,
) -> Iterator[bytes]:
    """Every bar from `first` on. `prices` are open, high, low, close and volume; `check` is called on the way, and may raise.

    From the first bar that has no values the place of the time holds `NOT_COMPUTED`: the strategy's process computes there itself, and
    raises where Python does. `pace` says when a piece is handed out; without one it is told by nobody's clock.
    """
    moments = day_numbers(time)
    seconds = time.astype("datetime64[s]").astype("<i8").view("<f8")
    columns = BlockColumns(blocks, (moments, *prices, np.full(len(time), math.nan)))
    known, start = True, first
    for size in _sizes():
        stop = min(start + size, len(time))
        if start >= stop:
            return
        matrix = np.full((7 + len(blocks), stop - start), NOT_COMPUTED)
        matrix[:6] = [seconds[start:stop], *(column[start:stop] for column in prices)]
        wait = pace.begin(stop - start) if pace and known else _no_limit
        if known:
            values, sound = columns.compute(start, stop, check)
            matrix[6, :sound] = moments[start : start + sound]
            for place, column in enumerate(values, 7):
                matrix[place, :sound] = column[:sound]
            known = sound == stop - start
        rows = np.ascontiguousarray(matrix.T)
        pieces = rows.view(f"V{rows.shape[1] * 8}").ravel().tolist()
        wait()
        yield from pieces
        start = stop


def _sizes() -> Iterator[int]:
    yield from _PIECES
    while True:
        yield _PIECES[-1]


def make_stream(bars: Bars) -> BarStream | MomentStream:
    """Bars that are already here, one after the other, with values of declared blocks; moments for several instruments."""
    if bars.others:
        return MomentStream.from_bars(bars)
    held = _HeldBars(bars)
    return BarStream(bars.timeframe, held.next_bar, list_day_hours(bars), held.declare)


class _HeldBars:
    """Hands out bars of this process as a run monitor hands out its own."""

    def __init__(self, bars: Bars) -> None:
        self._bars, self._rows, self._shown = bars, iter(to_rows(bars)), 0
        self._wide: Iterator[bytes] | None = None
        self._end = b""

    def next_bar(self) -> BarRow | None:
        """The next bar alone."""
        if self._wide is not None:
            return read_bar(self._ask())
        self._shown += 1
        return next(self._rows, None)

    def declare(self, raw: list[Any]) -> Callable[[], bytes]:
        """Take blocks; gives what asks for the next bar with their values."""
        bars, blocks = self._bars, read_blocks(json.loads(json.dumps(raw)), self._shown)
        prices = (bars.open, bars.high, bars.low, bars.close, bars.volume)
        self._wide, self._end = iterate_rows(blocks, bars.time, prices, self._shown, _no_limit), end_row(len(blocks))
        return self._ask

    def _ask(self) -> bytes:
        assert self._wide is not None
        return next(self._wide, self._end)


def read_bar(piece: bytes) -> BarRow | None:
    """The bar alone, without the values that came with it; None when there are no more."""
    row: BarRow = _BAR.unpack_from(piece)
    return None if row[0] == END else row


def _no_limit() -> None:
    return
