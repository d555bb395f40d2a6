"""The lines of a strategy whose values come with the bars: those that are likely to be read are filled on each bar, the others when
somebody reads them, from the bars that were kept and those that have to be asked for once more. Imports Backtrader.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from backtrader.linebuffer import LineBuffer
from backtrader.lineiterator import LineIterator

from core.backtest.bar_source import Handed
from core.backtest.building_blocks import BEFORE_VALUES, FEED_LINES
from core.backtest.described_blocks import describe_blocks
from core.backtest.schedule import Step, find_targets, line_of
from core.backtest.shared_clock import Clock, make_late
from core.backtest.step_compiler import compile_given, list_prompt_targets
from core.backtest.wide_rows import make_reader, take_columns
from core.domain.bars import FloatArray

BARS_BETWEEN_FILLS = 4_096
"""Bars after which those that were kept are put into late lines when somebody read them before, and dropped when nobody did."""

NOTHING = np.float64(np.nan).tobytes()
"""A number that is none, in bytes."""


class GivenValues:
    """All that comes with the bars of one run from now on."""

    def __init__(self, handed: Handed, run: Callable[..., int | None], read: Callable[[bytes], tuple[Any, ...]]) -> None:
        self.ask, self.leap, self.run, self.read, self._recall = handed.ask, handed.leap, run, read, handed.recall
        """`ask` gives the bytes of the next bar, `read` the numbers in them that `run` puts into lines (`step_compiler.compile_given`)."""
        self.keep: Callable[[bytes], None] | None = None
        """Keeps the bytes of bars for late lines; None when there are none."""
        self.lines: dict[int, int] = {}
        """By the id of a line whose values are given, and of the feed's own: its number in conditions. Empty where not all are given."""
        self._width = 0
        self._prompt: list[tuple[Any, int | None]] = []
        self._late: list[tuple[Any, int | None]] = []
        self._kept: list[bytes] = []
        self._dropped = 0
        """Bars that late lines lack before those that were kept."""
        self._wanted = False
        """True once somebody has read a late line."""

    @classmethod
    def declare(cls, strategy: Any, data: Any, steps: Sequence[Step], clock: Clock) -> "GivenValues | None":
        """Declare what is known of the strategy's indicators, whose lines hang on the clock; None when nothing is, or nobody computes."""
        if data.source.declare is None:
            return None
        described = describe_blocks(steps, data.in_order)
        if not described.blocks and any(item is not None for _, item in steps):
            return None
        places = described.places
        late = _choose_late(strategy, steps) if all(item is None or id(item) in places for _, item in steps) else {}
        run = compile_given(steps, places, late, clock.touched)
        prompt = {places[id(item)] for _, item in steps if item is not None and id(item) in places and list_prompt_targets(item, late)}
        handed = data.source.declare([block.to_wire() for block in described.blocks])
        given = cls(handed, run, make_reader(len(described.blocks), prompt))
        given._width = BEFORE_VALUES + len(described.blocks)
        writers = {id(target): places[id(item)] for _, item in steps if id(item) in places for target in find_targets(line_of(item))}
        given._late = [(line.array, writers.get(number)) for number, line in late.items()]
        given._number_lines(steps, data, places, writers, late)
        given.keep = given._kept.append if late else None
        clock.given, clock.fill, clock.relieve = described.lines, given.fill, given.relieve
        make_late(late.values())
        return given

    def _number_lines(
        self, steps: Sequence[Step], data: Any, places: Mapping[int, int], writers: Mapping[int, int], late: Mapping[int, Any]
    ) -> None:
        """Number the lines where every value of them is given, so that many bars can be taken at once."""
        grown = [line for lines, _ in steps for line in lines]
        numbers = set(map(id, grown))
        if not all(item is None or id(item) in places for _, item in steps) or not writers.keys() <= numbers or len(numbers) != len(grown):
            return
        self._prompt = [(line.array, writers.get(id(line))) for line in grown if id(line) not in late]
        self.lines = {number: len(FEED_LINES) + place for number, place in writers.items()}
        self.lines |= {id(line): number for number, line in enumerate(data.in_order) if FEED_LINES[number] != "openinterest"}

    @property
    def width(self) -> int:
        """Bytes of a bar."""
        return 8 * self._width

    def take(self, data: bytes, bars: int) -> None:
        """Take several bars at once, as they come when they are leapt over."""
        size, nothing = 8 * bars, NOTHING * bars
        for line, place in self._prompt:
            line.frombytes(nothing if place is None else data[(start := (BEFORE_VALUES + place) * size) : start + size])
        if self.keep is not None:
            self.keep(take_columns(data, self.width).T.tobytes())

    def fill(self) -> None:
        """Bring the late lines up to this bar."""
        self._wanted = True
        while self._dropped:
            values = self._read_rows(self._recall())[: self._dropped]
            self._dropped -= len(values)
            _extend(self._late, values)
        if self._kept:
            data = b"".join(self._kept)
            self._kept.clear()
            _extend(self._late, self._read_rows(data))

    def relieve(self) -> None:
        """Do something about bars that were kept for a while."""
        if self._wanted:
            self.fill()
            return
        self._dropped += sum(map(len, self._kept)) // self.width
        self._kept.clear()

    def _read_rows(self, data: bytes) -> FloatArray:
        values: FloatArray = np.frombuffer(data, dtype="<f8").reshape(-1, self._width)
        return values


def _extend(lines: Sequence[tuple[Any, int | None]], values: FloatArray) -> None:
    nothing = np.full(len(values), np.nan).tobytes()
    for line, place in lines:
        line.frombytes(nothing if place is None else values[:, BEFORE_VALUES + place].tobytes())


def _choose_late(strategy: Any, steps: Sequence[Step]) -> dict[int, Any]:
    """By id: the lines inside of other indicators, which a strategy hardly ever reads."""
    prompt: set[int] = set()
    for item in strategy._lineiterators[LineIterator.IndType]:
        prompt.update(id(line) for line in ([item] if isinstance(item, LineBuffer) else item.lines.lines))
    return {id(line): line for lines, _ in steps for line in lines if id(line) not in prompt}
