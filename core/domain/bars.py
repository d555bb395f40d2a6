"""Price bars as columns of numbers, with the identity (hash) that makes a figure repeatable."""

import hashlib
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.domain.instrument import Instrument, Timeframe
from core.domain.readings import FileReading
from core.domain.value import Value

PRICE_COLUMNS = ("open", "high", "low", "close", "volume")

FloatArray = NDArray[np.float64]
TimeArray = NDArray[np.datetime64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Bars:
    """OHLCV of one instrument, oldest first; every array has shape (n,).

    `time` is datetime64[s] in exchange-local wall time (the zone is `instrument.zone`), the start of the bar for
    intraday bars and midnight for daily ones; prices are float64 in the instrument's currency, volume in units.
    The arrays are read-only.
    """

    instrument: Instrument
    timeframe: Timeframe
    time: TimeArray
    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray
    volume: FloatArray
    source: str = ""
    """Origin of the bars, for people: `bundled`, `synthetic`, a file's name."""
    others: tuple["Bars", ...] = ()
    """Further instruments of the run, each on the same moments as these bars."""
    present: BoolArray | None = None
    """Moments on which the instrument has a bar of its own, shape (n,); on the others its last close is repeated, without volume.
    None: on all of them."""
    members: int = 0
    """Number of the `others`, the first of them, that make a basket: a program is run on each of these alone, with an account of its own,
    and these bars are their equal-weight index, which nothing trades. 0: one program runs on all instruments together."""
    _hash: list[str] = field(default_factory=list, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "time", _frozen(self.time, np.dtype("datetime64[s]")))
        for name in PRICE_COLUMNS:
            column = _frozen(getattr(self, name), np.dtype(np.float64))
            if column.shape != self.time.shape:
                raise ValueError(f"column {name} has shape {column.shape}, time has {self.time.shape}")
            object.__setattr__(self, name, column)
        if self.present is not None:
            object.__setattr__(self, "present", _frozen(self.present, np.dtype(np.bool_)))
        if any(other.others or not np.array_equal(other.time, self.time) for other in self.others):
            raise ValueError("further instruments must be on the same moments, and have none of their own")

    def __len__(self) -> int:
        return len(self.time)

    @property
    def first(self) -> datetime:
        """Wall time of the first bar."""
        return self._time_at(0)

    @property
    def last(self) -> datetime:
        """Wall time of the last bar."""
        return self._time_at(-1)

    @property
    def hash(self) -> str:
        """SHA-256 over times and columns of all instruments: the same prices give the same hash on every machine."""
        if not self._hash:
            digest = hashlib.sha256()
            digest.update(self.time.astype("<i8").tobytes())
            for name in PRICE_COLUMNS:
                digest.update(getattr(self, name).astype("<f8").tobytes())
            if self.present is not None:
                digest.update(self.present.tobytes())
            for other in self.others:
                digest.update(other.hash.encode())
            if self.members:
                digest.update(f"basket of {self.members}".encode())
            self._hash.append(digest.hexdigest())
        return self._hash[0]

    @property
    def instruments(self) -> tuple["Bars", ...]:
        """The bars of every instrument of the run, this one first."""
        return (self, *self.others)

    @property
    def further(self) -> tuple["Bars", ...]:
        """The instruments that a program reads beside its own; the members of a basket are none."""
        return self.others[self.members :]

    def find_instrument(self, symbol: str) -> "Bars":
        """The bars of one of the run's instruments; an empty symbol is the first one's, as in fills and trades. Raises KeyError."""
        for other in self.others:
            if other.instrument.symbol == symbol:
                return other
        if symbol and symbol != self.instrument.symbol:
            raise KeyError(symbol)
        return self

    def slice(self, start: int, stop: int) -> "Bars":
        """Bars `start` to `stop - 1` as a value of their own, of every instrument."""
        columns: dict[str, Any] = {name: getattr(self, name)[start:stop] for name in ("time", *PRICE_COLUMNS)}
        present = None if self.present is None else self.present[start:stop]
        return replace(self, **columns, present=present, others=tuple(other.slice(start, stop) for other in self.others), _hash=[])

    def drop_repeated(self) -> "Bars":
        """This instrument's own bars alone, without the moments on which only others have one."""
        columns: dict[str, Any] = {name: getattr(self, name) for name in ("time", *PRICE_COLUMNS)}
        if self.present is not None:
            columns = {name: column[self.present] for name, column in columns.items()}
        return replace(self, **columns, present=None, others=(), members=0, _hash=[])

    def split(self, hold_out: float) -> tuple["Bars", "Bars"]:
        """Training part and hold-out part; `hold_out` is the fraction of bars at the end that the loop never sees."""
        cut = len(self) - round(len(self) * hold_out)
        return self.slice(0, cut), self.slice(cut, len(self))

    def scale(self, price: float, volume: float) -> "Bars":
        """Multiply prices and volume by a constant each: the same bars in another measure."""
        columns: dict[str, Any] = {name: getattr(self, name) * price for name in ("open", "high", "low", "close")}
        return replace(self, **columns, volume=self.volume * volume, _hash=[])

    def concat(self, later: "Bars") -> "Bars":
        """Put later bars of the same instruments behind these."""
        columns: dict[str, Any] = {name: np.concatenate((getattr(self, name), getattr(later, name))) for name in ("time", *PRICE_COLUMNS)}
        present = None if self.present is None or later.present is None else np.concatenate((self.present, later.present))
        others = tuple(one.concat(other) for one, other in zip(self.others, later.others, strict=True))
        return replace(self, **columns, present=present, others=others, _hash=[])

    def _time_at(self, index: int) -> datetime:
        moment: datetime = self.time[index].astype("datetime64[s]").item()
        return moment


@dataclass(frozen=True, slots=True)
class LoadedBars:
    """Bars with the repairs that were needed to get them."""

    bars: Bars
    repaired: tuple[str, ...] = ()
    """Each repair in words, for example `sorted by time` or `dropped 3 duplicate bars`."""
    warnings: tuple[str, ...] = ()
    """Observations that were left as they are: gaps, suspected splits, flat bars; then what is not certain of the reading."""
    reading: FileReading | None = None
    """Reading of the file; None when the bars are of no file."""


@dataclass(frozen=True, slots=True)
class Preview:
    """Reading of a file of bars, before anything is done with it."""

    name: str
    understood: tuple[str, ...] = ()
    """The way it was read: dialect, header, date format, zone, columns."""
    repaired: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    """Reason that it cannot be used; empty when it can."""
    bars: Bars | None = None
    """The bars as they would be used; None when refused."""
    reading: FileReading = field(default_factory=FileReading)

    @property
    def usable(self) -> bool:
        """True when the bars can be used as they stand."""
        return self.bars is not None


class CacheEntry(Value):
    """Bars of one instrument and timeframe that were fetched and kept."""

    source: str
    symbol: str
    timeframe: Timeframe
    bars: int
    first: date
    last: date
    bytes: int
    """Size on disk."""
    fetched: datetime
    """UTC; when the source was last asked."""


def _frozen(column: np.ndarray, dtype: np.dtype) -> np.ndarray:
    array = np.ascontiguousarray(column, dtype=dtype)
    if array is column or array.base is not None:
        array = array.copy() if array.flags.writeable else array
    array.setflags(write=False)
    return array
