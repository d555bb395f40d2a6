"""Building blocks of indicators as plain data: what a strategy's process may declare, and what is checked before anything is computed.

No Backtrader here: whoever computes a block knows it by its kind alone. A description comes from untrusted code.
"""

import math
import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

FEED_LINES = ("datetime", "open", "high", "low", "close", "volume", "openinterest")
"""Lines of the feed; they have the first numbers, the blocks follow in their order."""
MOST_BLOCKS = 800
LONGEST_PERIOD = 5_000
MOST_WORK = 40_000
"""Values that all blocks together may read on one bar."""
_MOST_INPUTS = 32
_ANY = -1
SIGNS: Mapping[Any, str] = {
    operator.__add__: "+",
    operator.__sub__: "-",
    operator.__mul__: "*",
    operator.__truediv__: "/",
    operator.__pow__: "**",
    operator.__lt__: "<",
    operator.__gt__: ">",
    operator.__le__: "<=",
    operator.__ge__: ">=",
    operator.__eq__: "==",
    operator.__ne__: "!=",
}
"""Python's operations on two values, each with its sign."""


@dataclass(frozen=True, slots=True)
class BlockKind:
    """Rules for one kind of block."""

    inputs: int = 1
    """Number of lines or constants that it reads; -1 for any number of them."""
    numbers: int = 0
    """Number of parameters; -1 for one more than the period."""
    windowed: bool = False
    """True when it reads the newest `period` values of its one line."""
    recursive: bool = False
    """True when it reads its own value of the bar before."""


_WINDOW = BlockKind(windowed=True)
_SEVERAL = BlockKind(inputs=_ANY)
KINDS: dict[str, BlockKind] = {
    **dict.fromkeys(SIGNS.values(), BlockKind(inputs=2)),
    "delay": BlockKind(),
    "negative": BlockKind(),
    "absolute": BlockKind(),
    "divide or default": BlockKind(inputs=3),
    "divide or two defaults": BlockKind(inputs=4),
    "compare": BlockKind(inputs=2),
    "choose": BlockKind(inputs=3),
    "largest": _SEVERAL,
    "smallest": _SEVERAL,
    "all": _SEVERAL,
    "any": _SEVERAL,
    "sum": _SEVERAL,
    "average": _WINDOW,
    "window sum": _WINDOW,
    "window largest": _WINDOW,
    "window smallest": _WINDOW,
    "window all": _WINDOW,
    "window any": _WINDOW,
    "smooth": BlockKind(numbers=2, recursive=True),
    "accumulate": BlockKind(recursive=True),
    "weighted": BlockKind(numbers=_ANY, windowed=True),
    "last difference": BlockKind(inputs=2, recursive=True),
}
"""Every kind reads values of this bar and of bars before it, and no other: there is no way to name a later one."""


@dataclass(frozen=True, slots=True)
class Block:
    """One value a bar, computed from others."""

    kind: str
    inputs: tuple[int | float, ...]
    """Whole number: a line. Float: a constant."""
    numbers: tuple[float, ...] = ()
    """Parameters: the weights of an exponential average; a factor and the weights of a weighted one."""
    period: int = 0
    """Length of the window; for `delay` the bars between."""
    history: tuple[float, ...] = ()
    """Its newest values before the first bar that is computed, as far as others, or it itself, read them; the oldest first."""

    def to_wire(self) -> list[object]:
        """The block as JSON."""
        return [self.kind, list(self.inputs), list(self.numbers), self.period, list(self.history)]

    @property
    def lookback(self) -> int:
        """Bars before this one that it reads of each of its inputs."""
        return self.period - 1 if KINDS[self.kind].windowed else self.period


def find_lookbacks(blocks: Sequence[Block]) -> list[int]:
    """For each line, those of the feed first: the number of its values before a bar that are read on it."""
    found = [0] * (len(FEED_LINES) + len(blocks))
    for number, block in enumerate(blocks, len(FEED_LINES)):
        found[number] = max(found[number], int(KINDS[block.kind].recursive))
        for source in block.inputs:
            if type(source) is int:
                found[source] = max(found[source], block.lookback)
    return found


def measure_work(blocks: Sequence[Block]) -> int:
    """Values that all blocks together read on one bar."""
    return sum(block.period if KINDS[block.kind].windowed else len(block.inputs) for block in blocks)


def read_blocks(raw: object, shown: int) -> tuple[Block, ...]:
    """The blocks of an untrusted description, made when `shown` bars had been shown. Raises ValueError in words, whatever it is."""
    blocks = tuple(_read_block(said, place) for place, said in enumerate(_list(raw, MOST_BLOCKS)))
    if measure_work(blocks) > MOST_WORK:
        raise ValueError("blocks that read too much on one bar")
    for number, needed in enumerate(find_lookbacks(blocks)):
        there = shown if number < len(FEED_LINES) else len(blocks[number - len(FEED_LINES)].history)
        if needed > there:
            raise ValueError("a block whose earlier values are missing")
    return blocks


def _read_block(said: object, place: int) -> Block:
    parts = _list(said, 5)
    if len(parts) != 5 or not isinstance(parts[0], str) or parts[0] not in KINDS:
        raise ValueError("a block of no known kind")
    kind = KINDS[parts[0]]
    inputs = tuple(_read_input(source, len(FEED_LINES) + place) for source in _list(parts[1], _MOST_INPUTS))
    period = parts[3]
    if type(period) is not int or not int(kind.windowed) <= period <= LONGEST_PERIOD * (kind.windowed or parts[0] == "delay"):
        raise ValueError("a block with an impossible period")
    numbers, history = (_read_floats(part, LONGEST_PERIOD + 1) for part in (parts[2], parts[4]))
    if len(inputs) != kind.inputs and not (kind.inputs == _ANY and inputs):
        raise ValueError("a block with another number of inputs")
    if len(numbers) != (period + 1 if kind.numbers == _ANY else kind.numbers):
        raise ValueError("a block with another number of parameters")
    if kind.windowed and type(inputs[0]) is not int:
        raise ValueError("a block with a window over a constant")
    return Block(parts[0], inputs, numbers, period, history)


def _read_input(said: object, lines: int) -> int | float:
    if type(said) is float or (type(said) is int and 0 <= said < lines):
        return said
    raise ValueError("a block that reads what is not there")


def _read_floats(said: object, most: int) -> tuple[float, ...]:
    values = tuple(_list(said, most))
    if not all(type(value) is float for value in values):
        raise ValueError("a block whose numbers are none")
    return values


def _list(said: object, most: int) -> list[Any]:
    if type(said) is not list or len(said) > most:
        raise ValueError("a description of blocks that is none")
    return said


def to_constant(value: object) -> float | None:
    """A plain number that a float holds exactly, as a float; None for anything else."""
    if type(value) is float or type(value) is bool:
        return float(value)
    return float(value) if type(value) is int and abs(value) < 2**53 else None


def fits(blocks: Sequence[Block]) -> bool:
    """Check that a description is not larger than what is computed for a strategy."""
    few = len(blocks) <= MOST_BLOCKS and measure_work(blocks) <= MOST_WORK
    return few and all(block.period <= LONGEST_PERIOD and len(block.inputs) <= _MOST_INPUTS for block in blocks)


BEFORE_VALUES = 7
"""Numbers of a bar that stand before the values of its blocks: its time, five of its own, and its time by Backtrader's clock."""
NOT_COMPUTED = math.nan
"""In place of a bar's time by Backtrader's clock: from this bar on the values are left to the strategy's own process."""
