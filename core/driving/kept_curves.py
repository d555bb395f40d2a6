"""Curves of what was tried a moment ago, at hand for whoever judges it, so that they need not be read back from the history."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from core.domain.iteration import IterationDetail
from core.driving.ports import Details

MOST_BYTES = 64 * 1024 * 1024
"""Room for the curves of one run; what does not find any is read."""


class KeptCurves:
    """The newest accounts of a run, and the history behind them. Satisfies `Details`; fills, trades and positions are not kept."""

    def __init__(self, history: Details) -> None:
        self._history = history
        self._kept: dict[tuple[str, int], IterationDetail] = {}
        self._bytes = 0

    def keep(self, details: Iterable[IterationDetail]) -> None:
        """Keep finished iterations that are in the history, as far as there is room."""
        for one in details:
            self._bytes += one.equity.nbytes
            if self._bytes > MOST_BYTES:
                return
            bare = replace(one, position=np.empty(0), fills=(), trades=())
            self._kept[one.iteration.run_id, one.iteration.number] = bare

    def read_detail(self, run_id: str, number: int) -> IterationDetail:
        """One iteration with its account. Raises UnreadableRowError."""
        found = self._kept.get((run_id, number))
        return self._history.read_detail(run_id, number) if found is None else found
