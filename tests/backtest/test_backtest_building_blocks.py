"""Values of building blocks: those of plain Python bar by bar, to the last bit, whatever comes later; and descriptions that are refused."""

import functools
import json
import math
import operator
import random
from collections.abc import Callable

import numpy as np
import pytest

from core.backtest.block_columns import BlockColumns
from core.backtest.building_blocks import FEED_LINES, KINDS, MOST_BLOCKS, Block, find_lookbacks, read_blocks

BARS, FIRST = 120, 40
CLOSE, VOLUME = FEED_LINES.index("close"), FEED_LINES.index("volume")
OWN = len(FEED_LINES)
"""Number of the line of the first block."""
Plain = Callable[[Block, Callable[[int, int], float], float, int], float]
"""One value in plain Python: from the block, what reads an input at a bar, its value on the bar before, and the bar."""


def window(block: Block, read: Callable[[int, int], float], bar: int) -> list[float]:
    return [read(0, at) for at in range(bar - block.period + 1, bar + 1)]


def inputs(block: Block, read: Callable[[int, int], float], bar: int) -> list[float]:
    return [read(place, bar) for place in range(len(block.inputs))]


def binary(operation: Callable[[float, float], float]) -> Plain:
    return lambda block, read, own, bar: operation(read(0, bar), read(1, bar))


def over_window(function: Callable[[list[float]], float]) -> Plain:
    return lambda block, read, own, bar: function(window(block, read, bar))


def over_inputs(function: Callable[[list[float]], float]) -> Plain:
    return lambda block, read, own, bar: function(inputs(block, read, bar))


def divide_or_two_defaults(left: float, right: float, single: float, dual: float) -> float:
    return (dual if left == 0.0 else single) if right == 0.0 else left / right


PLAIN: dict[str, Plain] = {
    "+": binary(operator.add),
    "-": binary(operator.sub),
    "*": binary(operator.mul),
    "/": binary(operator.truediv),
    "**": binary(operator.pow),
    "<": binary(operator.lt),
    ">": binary(operator.gt),
    "<=": binary(operator.le),
    ">=": binary(operator.ge),
    "==": binary(operator.eq),
    "!=": binary(operator.ne),
    "compare": binary(lambda one, other: (one > other) - (one < other)),
    "delay": lambda block, read, own, bar: read(0, bar - block.period),
    "negative": lambda block, read, own, bar: -read(0, bar),
    "absolute": lambda block, read, own, bar: abs(read(0, bar)),
    "divide or default": over_inputs(lambda said: said[0] / said[1] if said[1] else said[2]),
    "divide or two defaults": over_inputs(lambda said: divide_or_two_defaults(*said)),
    "choose": over_inputs(lambda said: said[1] if said[0] else said[2]),
    "largest": over_inputs(max),
    "smallest": over_inputs(min),
    "all": over_inputs(all),
    "any": over_inputs(any),
    "sum": over_inputs(math.fsum),
    "average": over_window(lambda values: math.fsum(values) / len(values)),
    "window sum": over_window(math.fsum),
    "window largest": over_window(max),
    "window smallest": over_window(min),
    "window all": over_window(all),
    "window any": over_window(any),
    "smooth": lambda block, read, own, bar: own * block.numbers[1] + read(0, bar) * block.numbers[0],
    "accumulate": lambda block, read, own, bar: own + read(0, bar),
    "weighted": lambda block, read, own, bar: block.numbers[0] * math.fsum(map(operator.mul, window(block, read, bar), block.numbers[1:])),
    "last difference": lambda block, read, own, bar: (read(0, bar) - read(1, bar)) or own,
}


LEFT_OUT = {"sum", "average", "window sum", "weighted", "window largest", "window smallest"}
"""Kinds that leave bars to the strategy's own process where bulk arithmetic cannot be certified."""


def feed(seed: int, *, odd: bool = False) -> list[np.ndarray]:
    """Seven columns of prices; odd ones hold zeros of both signs, infinities, repeated values and NaN."""
    rng = np.random.default_rng(seed)
    columns = [100.0 * np.exp(np.cumsum(rng.normal(0.0, 0.02, BARS))) for _ in FEED_LINES]
    if odd:
        for column in columns:
            for value in (0.0, -0.0, 1.0, -3.5, math.nan, math.inf, -math.inf, 1e300, 5e-324):
                column[rng.integers(0, BARS, 6)] = value
    return columns


def make_block(kind: str, seed: int) -> Block:
    """A random block of that kind over the feed's lines and constants."""
    rng, rules = random.Random(seed), KINDS[kind]
    count = rules.inputs if rules.inputs > 0 else rng.randint(1, 4)
    sources = [
        rng.randrange(len(FEED_LINES)) if rules.windowed or rng.random() < 0.8 else rng.choice([0.0, 2.0, 0.5]) for _ in range(count)
    ]
    period = rng.randint(1, 20) if rules.windowed else rng.randint(0, 20) if kind == "delay" else 0
    numbers = tuple(rng.uniform(-1.0, 1.0) for _ in range(period + 1 if rules.numbers < 0 else rules.numbers))
    return Block(kind, tuple(sources), numbers, period, (rng.uniform(-5.0, 5.0),) if rules.recursive else ())


def compute_plainly(block: Block, columns: list[np.ndarray]) -> list[float]:
    """The block bar by bar, up to the first bar on which Python raises."""
    lists = [column.tolist() for column in columns]

    def read(place: int, bar: int) -> float:
        source = block.inputs[place]
        return lists[source][bar] if type(source) is int else float(source)

    found: list[float] = []
    for bar in range(FIRST, BARS):
        own = found[-1] if found else block.history[0] if block.history else math.nan
        try:
            value = PLAIN[block.kind](block, read, own, bar)
            found.append(float(value))
        except (ArithmeticError, ValueError, TypeError):
            break
    return found


def compute_in_pieces(block: Block, columns: list[np.ndarray], *sizes: int) -> list[float]:
    columns_of = BlockColumns((block,), columns)
    found: list[float] = []
    for start, stop in zip((FIRST, *sizes), (*sizes, BARS), strict=True):
        (values,), sound = columns_of.compute(start, stop, lambda: None)
        found += values[:sound].tolist()
        if sound < stop - start:
            break
    return found


def as_bytes(values: list[float]) -> bytes:
    """To the last bit, but for the sign and payload that a NaN may carry."""
    return np.array([math.nan if value != value else value for value in values]).tobytes()


@pytest.mark.parametrize("kind", KINDS)
def test_a_block_has_the_values_that_python_computes_bar_by_bar(kind: str) -> None:
    for seed in range(25):
        block, columns = make_block(kind, seed), feed(seed)
        assert as_bytes(compute_in_pieces(block, columns, 70, 71)) == as_bytes(compute_plainly(block, columns)), block


@pytest.mark.parametrize("kind", KINDS)
def test_a_block_over_odd_values_has_those_of_python_for_as_long_as_they_are_certain(kind: str) -> None:
    for seed in range(25):
        block, columns = make_block(kind, seed), feed(seed, odd=True)
        found, plain = compute_in_pieces(block, columns, 70, 71), compute_plainly(block, columns)
        assert as_bytes(found) == as_bytes(plain[: len(found)]), block
        assert len(found) == len(plain) or kind in LEFT_OUT, block


@pytest.mark.parametrize("kind", KINDS)
def test_no_block_knows_a_later_bar(kind: str) -> None:
    for seed in range(10):
        block, columns = make_block(kind, seed), feed(seed)
        changed = [np.concatenate((column[:80], later[80:])) for column, later in zip(columns, feed(seed + 99, odd=True), strict=True)]
        found, other = compute_in_pieces(block, columns), compute_in_pieces(block, changed)
        assert as_bytes(found[: 80 - FIRST]) == as_bytes(other[: 80 - FIRST])
        assert min(len(found), 80 - FIRST) == min(len(other), 80 - FIRST)  # where values end tells of no later bar either


def test_a_block_reads_another_one_also_before_the_first_bar() -> None:
    average = Block("average", (CLOSE,), period=3, history=(7.0, 8.0))
    before = Block("delay", (OWN,), period=2)
    columns = [np.arange(10.0) for _ in FEED_LINES]
    (first, second), sound = BlockColumns((average, before), columns).compute(5, 9, lambda: None)
    assert first.tolist() == [4.0, 5.0, 6.0, 7.0]
    assert second.tolist() == [7.0, 8.0, 4.0, 5.0]
    assert sound == 4


def test_columns_end_before_a_bar_on_which_python_raises() -> None:
    columns = [np.ones(10) for _ in FEED_LINES]
    columns[VOLUME] = np.array([1.0, 1.0, 1.0, 1.0, 2.0, 4.0, 0.0, 1.0, 1.0, 1.0])
    (values,), sound = BlockColumns((Block("/", (CLOSE, VOLUME)),), columns).compute(4, 10, lambda: None)
    assert (values[:sound].tolist(), sound) == ([0.5, 0.25], 2)


def test_a_description_survives_the_wire() -> None:
    blocks = (
        Block("average", (CLOSE,), period=3, history=(math.nan, 0.1)),
        Block("choose", (OWN, 2.5, VOLUME)),
        Block("delay", (OWN,), period=2),
    )
    assert repr(read_blocks(json.loads(json.dumps([block.to_wire() for block in blocks])), 3)) == repr(blocks)
    assert find_lookbacks(blocks) == [0, 0, 0, 0, 2, 0, 0, 2, 0, 0]


GOOD = ["average", [CLOSE], [], 3, []]
HOSTILE = {
    "no list": {"average": 1},
    "nothing": None,
    "a text": "average",
    "too many": [GOOD] * (MOST_BLOCKS + 1),
    "too much work": [["average", [CLOSE], [], 5_000, []]] * 9,
    "an unknown kind": [["exec", [CLOSE], [], 0, []]],
    "a kind that is no text": [[["average"], [CLOSE], [], 3, []]],
    "too few parts": [GOOD[:4]],
    "too many parts": [[*GOOD, 1]],
    "a later block": [["+", [OWN, CLOSE], [], 0, [1.0]]],
    "a line that is not there": [["+", [OWN + 5, CLOSE], [], 0, []]],
    "a line before the first": [["+", [-1, CLOSE], [], 0, []]],
    "a line of truth": [["+", [True, CLOSE], [], 0, []]],
    "a line in words": [["+", ["close", CLOSE], [], 0, []]],
    "a line of lists": [["+", [[[]], CLOSE], [], 0, []]],
    "too few lines": [["+", [CLOSE], [], 0, []]],
    "too many lines": [["+", [CLOSE] * 3, [], 0, []]],
    "no lines": [["largest", [], [], 0, []]],
    "lines without end": [["largest", [CLOSE] * 1_000, [], 0, []]],
    "tomorrow": [["delay", [CLOSE], [], -1, []]],
    "a window of nothing": [["average", [CLOSE], [], 0, []]],
    "a window of tomorrow": [["average", [CLOSE], [], -3, []]],
    "a window without end": [["average", [CLOSE], [], 10**30, []]],
    "half a window": [["average", [CLOSE], [], 2.5, []]],
    "a window over a constant": [["average", [1.0], [], 3, []]],
    "a period that is none": [["+", [CLOSE, CLOSE], [], 3, []]],
    "weights that are missing": [["weighted", [CLOSE], [1.0, 1.0], 3, []]],
    "weights that are none": [["weighted", [CLOSE], [1.0, "1", 1.0, 1.0], 3, []]],
    "a state that is missing": [["smooth", [CLOSE], [0.1, 0.9], 0, []]],
    "a state that is none": [["smooth", [CLOSE], [0.1, 0.9], 0, [None]]],
    "a state of whole numbers": [["smooth", [CLOSE], [0.1, 0.9], 0, [1]]],
    "a history that is missing": [["+", [CLOSE, CLOSE], [], 0, []], ["average", [OWN], [], 3, []]],
    "a history without end": [["+", [CLOSE, CLOSE], [], 0, [1.0] * 10_000]],
    "bars that were not shown": [["average", [CLOSE], [], 50, []]],
}


@pytest.mark.parametrize("raw", HOSTILE.values(), ids=HOSTILE)
def test_a_description_that_cannot_be_is_refused_in_words(raw: object) -> None:
    with pytest.raises(ValueError, match="block"):
        read_blocks(raw, 40)


def test_a_long_list_of_blocks_is_taken() -> None:
    chain = [["+", [CLOSE if place == 0 else OWN + place - 1, 1.0], [], 0, []] for place in range(MOST_BLOCKS)]
    blocks = read_blocks(chain, 0)
    columns = [np.zeros(3) for _ in FEED_LINES]
    found, sound = BlockColumns(blocks, columns).compute(0, 3, lambda: None)
    assert functools.reduce(lambda _, column: column[-1], found, 0.0) == MOST_BLOCKS
    assert sound == 3
