"""Bars of a run in lock-step together with the values of declared building blocks, each bar as one piece of bytes. Trusted side only.

A piece is the bar as it is handed out without blocks, then its time by Backtrader's clock, then one value a block. It is made of that
bar and of bars before it. No Backtrader here.
"""

import json
import math
import struct
from array import array
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from core.backtest.bar_source import BarRow, BarStream, Handed, MomentStream, day_numbers, list_day_hours, to_rows
from core.backtest.block_columns import BlockColumns
from core.backtest.building_blocks import BEFORE_VALUES, FEED_LINES, NOT_COMPUTED, Block, read_blocks
from core.backtest.steady_pace import SteadyPace
from core.backtest.wake_conditions import BOUNDED, FURTHEST_BACK, BarCondition, Bounds, read_bounds, read_condition, read_numbers
from core.domain.bars import Bars, FloatArray, TimeArray

END = -(2**63)
"""In place of a bar's time: there are no more bars."""
_BAR = struct.Struct("<q5d")
LEAP_HEAD = struct.Struct("<q")
LEAP_BYTES = 48 * 1024
"""Bytes of bars that are sent at once: a pipe takes them whole, so that nobody waits for a process that does not read."""
_BOUNDED = tuple(map(FEED_LINES.index, BOUNDED))
_PIECES = (512, 4_096)
"""Bars that are computed at once: few at first, for a run that ends early."""
_MOST_MADE = 64
"""Bars that are made pieces at once, where they are asked for one after the other."""


def row_format(blocks: int) -> str:
    """Layout of a bar with the values of so many blocks, in its bytes."""
    return f"<q{6 + blocks}d"


def make_reader(blocks: int, wanted: Collection[int]) -> Callable[[bytes], tuple[Any, ...]]:
    """Make the reader of a bar: its numbers, and of its blocks those at the places that are wanted."""
    return struct.Struct("<q6d" + "".join("d" if place in wanted else "8x" for place in range(blocks))).unpack


def end_row(blocks: int) -> bytes:
    """The piece that says that there are no more bars."""
    return struct.pack(row_format(blocks), END, *(0.0 for _ in range(6 + blocks)))


class Leap(NamedTuple):
    """Bars that are handed out at once."""

    data: bytes
    """Numbers of those that were leapt over, line by line, and then of the one that was reached. `take_columns` reads the first."""
    bars: int
    """Number of them; 0 for the piece that says that there are no more."""
    reached: bool
    """True when the last one met the condition."""

    @property
    def message(self) -> bytes:
        """The bars as they are sent: first their number, negative while the condition was not met."""
        count = max(1, self.bars)
        return LEAP_HEAD.pack(count if self.reached else -count) + self.data


def take_columns(data: bytes, width: int) -> FloatArray:
    """Numbers of bars that were leapt over, of so many bytes each: a line each, so that those of a line lie side by side."""
    columns: FloatArray = np.frombuffer(data, dtype="<f8").reshape(width // 8, -1)
    return columns


class _Moments:
    """Time of each bar by Backtrader's clock, worked out for a stretch of them when it is asked for."""

    def __init__(self, time: TimeArray) -> None:
        self._time = time

    def __getitem__(self, stretch: slice) -> FloatArray:
        return day_numbers(self._time[stretch])


class _RowMaker:
    """Makes the numbers of bars with the values of their blocks, stretch after stretch."""

    def __init__(self, blocks: Sequence[Block], time: TimeArray, prices: Sequence[FloatArray]) -> None:
        self.known = True
        """False from the first bar on that has no values."""
        self._time, self._prices, self._moments, self._height = time, prices, _Moments(time), BEFORE_VALUES + len(blocks)
        nothing = np.broadcast_to(np.float64(math.nan), len(time))
        self._columns = BlockColumns(blocks, (self._moments, *prices, nothing))

    def make(self, start: int, stop: int, check: Callable[[], None]) -> tuple[FloatArray, int]:
        """Make the bars `start` to `stop - 1`, a column each; gives how many of them have values, too."""
        matrix = np.full((self._height, stop - start), NOT_COMPUTED)
        seconds = self._time[start:stop].astype("datetime64[s]").astype("<i8").view("<f8")
        matrix[:6] = [seconds, *(column[start:stop] for column in self._prices)]
        sound = 0
        if self.known:
            values, sound = self._columns.compute(start, stop, check)
            matrix[6, :sound] = self._moments[start : start + sound]
            for place, column in enumerate(values, BEFORE_VALUES):
                matrix[place, :sound] = column[:sound]
            self.known = sound == stop - start
        return matrix, sound


class WideRows:
    """Iterates over the bars from `first` on, one piece a bar, or a stretch of them up to a condition."""

    def __init__(
        self,
        blocks: Sequence[Block],
        time: TimeArray,
        prices: Sequence[FloatArray],
        first: int,
        check: Callable[[], None],
        pace: SteadyPace | None = None,
    ) -> None:
        """`prices` are open, high, low, close and volume; `check` is called on the way, and may raise.

        From the first bar that has no values the place of the time holds `NOT_COMPUTED`: the strategy's process computes there itself,
        and raises where Python does. `pace` says when a piece is handed out; without one it is told by nobody's clock.
        """
        self._blocks, self._bars, self._check, self._pace = blocks, len(time), check, pace
        self._maker, self._again = (_RowMaker(blocks, time, prices) for _ in range(2))
        self._sizes = _sizes()
        self._recalled = self._start = self._stop = first
        """Bars of the stretch that is computed."""
        self._place = 0
        self._pieces: list[bytes] = []
        """Those behind the place that are made already, the next one last."""
        self._made_at_once = 1
        self._matrix = np.empty((BEFORE_VALUES + len(blocks), 0))
        self._sound = 0
        self._before = self._matrix
        self._lines: dict[int, array[float]] = {}

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if self._place == self._matrix.shape[1]:
            self._compute()
        if not self._pieces:
            rows = np.ascontiguousarray(self._matrix[:, self._place : self._place + self._made_at_once].T)
            self._pieces = rows.view(f"V{len(self._matrix) * 8}").ravel().tolist()[::-1]
            self._made_at_once = min(_MOST_MADE, 2 * self._made_at_once)
        self._place += 1
        return self._pieces.pop()

    def _compute(self) -> None:
        """Compute the next stretch. Raises StopIteration after the last one."""
        start, stop = self._stop, min(self._stop + next(self._sizes), self._bars)
        if start >= stop:
            raise StopIteration
        kept = self._matrix[:, -FURTHEST_BACK:].copy()
        wait = self._pace.begin(stop - start) if self._pace and self._maker.known else _no_limit
        matrix, sound = self._maker.make(start, stop, self._check)
        wait()
        self._start, self._stop, self._place, self._matrix, self._sound = start, stop, 0, matrix, sound
        self._pieces, self._before, self._lines = [], kept, {}

    def recall(self) -> bytes:
        """The bars that were handed out once more, from the first on, as many as are sent at once: their number, and their bytes.

        Nothing behind them is computed. Raises ValueError when all were handed out twice.
        """
        start, width = self._recalled, BEFORE_VALUES + len(self._blocks)
        stop = min(self._start + self._place, start + max(1, LEAP_BYTES // (8 * width)))
        if stop <= start:
            raise ValueError("bars that were not handed out")
        self._recalled = stop
        return LEAP_HEAD.pack(stop - start) + self._again.make(start, stop, self._check)[0].T.tobytes()

    def leap(self, text: str, numbers: object, bounds: object, end: bytes) -> Leap:
        """Hand out the bars up to the first that meets a condition or leaves bounds, or as many as are sent at once.

        Raises ValueError for a condition that cannot be.
        """
        condition = read_condition(text, len(FEED_LINES) + len(self._blocks))
        known, limits = read_numbers(numbers, condition), read_bounds(bounds)
        if self._place == self._matrix.shape[1]:
            try:
                self._compute()
            except StopIteration:
                return Leap(end, 0, reached=True)
        first, last = self._place, min(self._sound, self._place + max(1, LEAP_BYTES // (8 * len(self._matrix))))
        found = first if first >= last else self._find(condition, known, limits, first, last)
        reached = found < last or first >= last
        self._place = stop = found + 1 if reached else last
        self._pieces, self._made_at_once = [], 1
        passed = self._matrix[:, first:found].tobytes()
        return Leap(passed + self._matrix[:, found].tobytes() if reached else passed, stop - first, reached)

    def _find(self, condition: BarCondition, numbers: Sequence[float], bounds: Bounds | None, first: int, last: int) -> int:
        before = self._before.shape[1]
        if first + before < condition.furthest:
            return first
        wanted = condition.columns if bounds is None else (*_BOUNDED, *condition.columns)
        columns = [self._read_line(6 if line == 0 else line) for line in wanted]
        find = condition.find if bounds is None else condition.find_bounded
        more = self._start + 1 - before
        try:
            found: int = find(first + before, last + before, more, numbers, bounds or (), columns)
        except ArithmeticError:
            raise ValueError("a condition that divides by nothing") from None
        return found - before

    def _read_line(self, row: int) -> "array[float]":
        """A line's values, with those of some bars before this stretch. No list: most lines of a condition are read on few bars."""
        found = self._lines.get(row)
        if found is None:
            found = self._lines[row] = array("d", self._before[row].tobytes() + self._matrix[row].tobytes())
        return found


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
        self._wide: WideRows | None = None
        self._end = b""

    def next_bar(self) -> BarRow | None:
        """The next bar alone."""
        if self._wide is not None:
            return read_bar(self._ask())
        self._shown += 1
        return next(self._rows, None)

    def declare(self, raw: list[Any]) -> "Handed":
        """Take blocks; gives what asks for bars with their values."""
        bars, blocks = self._bars, read_blocks(json.loads(json.dumps(raw)), self._shown)
        prices = (bars.open, bars.high, bars.low, bars.close, bars.volume)
        self._wide, self._end = WideRows(blocks, bars.time, prices, self._shown, _no_limit), end_row(len(blocks))
        return Handed(self._ask, self._leap, self._recall)

    def _recall(self) -> bytes:
        assert self._wide is not None
        return self._wide.recall()[LEAP_HEAD.size :]

    def _leap(self, text: str, numbers: list[float], bounds: Sequence[float] | None) -> tuple[bytes, bool]:
        assert self._wide is not None
        said = json.loads(json.dumps([numbers, bounds]))
        found = self._wide.leap(text, said[0], said[1], self._end)
        return found.data, found.reached

    def _ask(self) -> bytes:
        assert self._wide is not None
        return next(self._wide, self._end)


def read_bar(piece: bytes) -> BarRow | None:
    """The bar alone, without the values that came with it; None when there are no more."""
    row: BarRow = _BAR.unpack_from(piece)
    return None if row[0] == END else row


def _no_limit() -> None:
    return
