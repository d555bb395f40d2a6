"""A pace for computing pieces of later bars that tells nothing of these. No Backtrader here: trusted side.

Untrusted code chooses what is computed, and may measure how long it waits for a bar. So a piece is handed out when a time is over that
follows from the description and the number of bars alone; numbers that a processor is slow with take no longer than that.
"""

import math
import time
from collections.abc import Callable, Sequence

from core.backtest.building_blocks import KINDS, Block, measure_work

_NANOSECONDS = {
    **dict.fromkeys(KINDS, 60),
    "/": 80,
    "**": 700,
    "divide or default": 100,
    "divide or two defaults": 100,
    "sum": 300,
    "smooth": 600,
    "average": 450,
    "window sum": 450,
}
"""For one value of each kind, the slowest input there is: half as much again as was measured on a slow processor."""
_OF_EACH_INPUT = {"largest": 20, "smallest": 20, "all": 20, "any": 20, "sum": 120}
_OF_EACH_WEIGHT = 150
_FIXED_SECONDS = 3e-5
"""For each block of a piece, whatever its length."""


class SteadyPace:
    """Rounds up the time that each piece takes."""

    def __init__(
        self, blocks: Sequence[Block], clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._clock, self._sleep = clock, sleep
        self._fixed = _FIXED_SECONDS * (1 + len(blocks))
        self._each = 1e-9 * (sum(map(_estimate_nanoseconds, blocks)) + measure_work(blocks))

    def bound(self, bars: int) -> float:
        """Seconds that a piece of so many bars takes at most where nothing else is to do."""
        return self._fixed + self._each * bars

    def begin(self, bars: int) -> Callable[[], None]:
        """Begin with a piece; gives what waits until its time is over: the bound, or on a busy machine a multiple of it."""
        began, bound = self._clock(), self.bound(bars)

        def wait() -> None:
            passed = self._clock() - began
            self._sleep(max(0.0, math.ceil(passed / bound) * bound - passed))

        return wait


def _estimate_nanoseconds(block: Block) -> int:
    weights = _OF_EACH_WEIGHT * block.period if block.kind == "weighted" else 0
    return _NANOSECONDS[block.kind] + _OF_EACH_INPUT.get(block.kind, 0) * len(block.inputs) + weights
