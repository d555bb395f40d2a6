"""The lines of a strategy whose values come with the bars: those that are likely to be read are filled on each bar, the others when
somebody reads them. Imports Backtrader.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from backtrader.linebuffer import LineBuffer
from backtrader.lineiterator import LineIterator

from core.backtest.building_blocks import BEFORE_VALUES
from core.backtest.described_blocks import describe_blocks
from core.backtest.schedule import Step, find_targets, line_of
from core.backtest.shared_clock import Clock, make_late
from core.backtest.step_compiler import compile_given, list_prompt_targets
from core.backtest.wide_rows import make_reader

BARS_BETWEEN_FILLS = 4_096
"""Bars after which late lines are filled though nobody reads them."""


class GivenValues:
    """All that comes with the bars of one run from now on."""

    def __init__(self, ask: Callable[[], bytes], run: Callable[..., int | None], read: Callable[[bytes], tuple[Any, ...]]) -> None:
        self.ask, self.run, self.read = ask, run, read
        """`ask` gives the bytes of the next bar, `read` the numbers in them that `run` puts into lines (`step_compiler.compile_given`)."""
        self.keep: Callable[[bytes], None] | None = None
        """Keeps the bytes of a bar for late lines; None when there are none."""
        self._late: list[tuple[Any, int | None]] = []
        self._kept: list[bytes] = []

    @classmethod
    def declare(cls, strategy: Any, data: Any, steps: Sequence[Step], clock: Clock) -> "GivenValues | None":
        """Declare what is known of the strategy's indicators, whose lines hang on the clock; None when nothing is, or nobody computes."""
        if data.source.declare is None:
            return None
        described = describe_blocks(steps, data.in_order)
        if not described.blocks:
            return None
        places = described.places
        late = _choose_late(strategy, steps) if all(item is None or id(item) in places for _, item in steps) else {}
        run = compile_given(steps, places, late, clock.touched)
        prompt = {places[id(item)] for _, item in steps if item is not None and id(item) in places and list_prompt_targets(item, late)}
        ask = data.source.declare([block.to_wire() for block in described.blocks])
        given = cls(ask, run, make_reader(len(described.blocks), prompt))
        writers = {id(target): places[id(item)] for _, item in steps if item is not None and late for target in find_targets(line_of(item))}
        given._late = [(line.array, writers.get(number)) for number, line in late.items()]
        given.keep = given._kept.append if late else None
        clock.given, clock.fill = described.lines, given.fill
        make_late(late.values())
        return given

    def fill(self) -> None:
        """Bring the late lines up to the bars that were kept."""
        if not self._kept:
            return
        values = np.frombuffer(b"".join(self._kept), dtype="<f8").reshape(len(self._kept), -1)
        nothing = np.full(len(self._kept), np.nan).tobytes()
        self._kept.clear()
        for line, place in self._late:
            line.frombytes(nothing if place is None else values[:, BEFORE_VALUES + place].tobytes())


def _choose_late(strategy: Any, steps: Sequence[Step]) -> dict[int, Any]:
    """By id: the lines inside of other indicators, which a strategy hardly ever reads."""
    prompt: set[int] = set()
    for item in strategy._lineiterators[LineIterator.IndType]:
        prompt.update(id(line) for line in ([item] if isinstance(item, LineBuffer) else item.lines.lines))
    return {id(line): line for lines, _ in steps for line in lines if id(line) not in prompt}
