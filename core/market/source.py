"""The interface of every source of bars: list its instruments, hand out raw series. The sources themselves live in modules of their own."""

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from core.domain.instrument import Instrument, Listing, Timeframe
from core.domain.readings import FileReading
from core.market.price_series import PriceSeries


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer of a source: a raw series of one native timeframe, not yet adjusted, resampled or cut to the range."""

    instrument: Instrument
    timeframe: Timeframe
    series: PriceSeries
    repaired: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    reading: FileReading | None = None
    """Reading of the file that the bars come from; None for every other source."""


class Source(Protocol):
    """One place that bars come from."""

    @property
    def name(self) -> str:
        """Short and stable, for people and for the cache: `bundled`, `yahoo`."""
        ...

    def listings(self) -> tuple[Listing, ...]:
        """Everything the source knows by itself, without a network; empty when that is not knowable."""
        ...

    def find_listing(self, symbol: str) -> Listing | None:
        """The instrument of that exact symbol, None when the source has no such thing. No network."""
        ...

    def find_native(self, symbol: str, timeframe: Timeframe) -> Timeframe | None:
        """The timeframe to fetch so that `timeframe` can be made from it; None when that is impossible."""
        ...

    def fetch(self, symbol: str, timeframe: Timeframe, start: date | None, end: date | None) -> Fetched:
        """Raw bars of a native timeframe that cover at least the range, as far as they exist. Raises MarketDataError."""
        ...
