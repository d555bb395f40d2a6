"""The bars of a run in lock-step as bytes, one after the other, with the values of what the child declares. Trusted side."""

import time
from collections.abc import Iterator
from typing import Any

import numpy as np

from core.backtest.building_blocks import read_blocks
from core.backtest.steady_pace import SteadyPace
from core.backtest.wide_rows import Leap, WideRows, end_row
from core.domain.bars import PRICE_COLUMNS
from core.sandbox.child_protocol import NO_MORE_BARS, ChildOverdueError
from core.sandbox.frames import FrameError, bar_rows, decode_columns


class BarRows:
    """Bars of one run, one piece after the other; from a declaration on, each with the values of the declared blocks."""

    def __init__(self, data: bytes | memoryview, instruments: int) -> None:
        self.pieces: Iterator[bytes] = bar_rows(data, instruments)
        """Bars that are left, one piece a bar."""
        self.end = NO_MORE_BARS
        """Piece that is sent in place of a bar when there are no more."""
        self._data, self._several = data, instruments > 1
        self._wide: WideRows | None = None

    def declare(self, raw: object, shown: int, deadline: float) -> None:
        """Take the child's description of blocks, after so many bars. Raises FrameError for one that cannot be.

        Every further piece may raise ChildOverdueError: what a child declares may take long to compute.
        """
        if self._wide is not None or self._several:
            raise FrameError("blocks that nobody asked for")
        try:
            blocks = read_blocks(raw, shown)
        except ValueError as error:
            raise FrameError(str(error)) from None
        columns = decode_columns(self._data)
        prices = [np.ascontiguousarray(columns[name]) for name in PRICE_COLUMNS]
        self.pieces = self._wide = WideRows(blocks, columns["time"], prices, shown, lambda: _check(deadline), SteadyPace(blocks))
        self.end = end_row(len(blocks))

    def leap(self, said: dict[str, Any]) -> Leap:
        """Hand out bars up to the child's condition. Raises FrameError for one that cannot be, or before a declaration."""
        if self._wide is None or said.keys() != {"until", "numbers", "bounds"} or not isinstance(said["until"], str):
            raise FrameError("a leap that nobody can make")
        try:
            return self._wide.leap(said["until"], said["numbers"], said["bounds"], self.end)
        except ValueError as error:
            raise FrameError(str(error)) from None

    def recall(self) -> bytes:
        """Hand out bars with their values once more. Raises FrameError where none was handed out that was not handed out twice."""
        if self._wide is None:
            raise FrameError("bars with values that nobody declared")
        try:
            return self._wide.recall()
        except ValueError as error:
            raise FrameError(str(error)) from None


def _check(deadline: float) -> None:
    if time.monotonic() > deadline:
        raise ChildOverdueError
