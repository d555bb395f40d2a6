"""Columns on their way through the room: raw prices beside their adjustment factor. Nothing here knows where they come from."""

from dataclasses import dataclass, replace

import numpy as np

from core.domain.bars import Bars, FloatArray, TimeArray
from core.domain.instrument import Instrument, Timeframe

COLUMNS = ("time", "open", "high", "low", "close", "volume", "factor")


@dataclass(frozen=True, slots=True, eq=False)
class PriceSeries:
    """Raw OHLCV, oldest first; every array has shape (n,).

    `time` is datetime64[s] in exchange-local wall time, start of the bar. `factor` turns a raw price into an adjusted one
    (`adjusted = price * factor`); it is 1 everywhere when the source knows no adjustment.
    """

    time: TimeArray
    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray
    volume: FloatArray
    factor: FloatArray

    def __len__(self) -> int:
        return len(self.time)

    def take(self, selection: slice | np.ndarray) -> "PriceSeries":
        """The chosen rows."""
        return PriceSeries(*(getattr(self, name)[selection] for name in COLUMNS))

    def with_factor(self, factor: FloatArray) -> "PriceSeries":
        """The same prices with another adjustment."""
        return replace(self, factor=factor)


def make_series(
    time: np.ndarray,
    open_: np.ndarray,
    high: np.ndarray,
    low: np.ndarray,
    close: np.ndarray,
    volume: np.ndarray | None = None,
    factor: np.ndarray | None = None,
) -> PriceSeries:
    """A series from whatever arrays are at hand; absent volume is 0, absent factor is 1."""
    count = len(time)
    numbers = (open_, high, low, close, np.zeros(count) if volume is None else volume, np.ones(count) if factor is None else factor)
    return PriceSeries(
        np.ascontiguousarray(time, dtype="datetime64[s]"), *(np.ascontiguousarray(column, dtype=np.float64) for column in numbers)
    )


def to_bars(series: PriceSeries, instrument: Instrument, timeframe: Timeframe, source: str) -> Bars:
    """The value that leaves the room."""
    return Bars(
        instrument=instrument,
        timeframe=timeframe,
        time=series.time,
        open=series.open,
        high=series.high,
        low=series.low,
        close=series.close,
        volume=series.volume,
        source=source,
    )
