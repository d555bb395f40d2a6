"""Sources behind a network: look-back limits said before the call, a polite cache, completeness of the newest bars.

A remote only knows how to download. Everything that has to be got right once for all of them is here.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

import numpy as np

from core.domain.bars import CacheEntry
from core.domain.errors import MarketDataError
from core.domain.instrument import Instrument, Listing, Timeframe
from core.market.cache import BarsCache, CachedBars, CacheKey, Span, find_missing, join_spans, merge_series
from core.market.cleaning import clean_series, find_warnings
from core.market.price_series import PriceSeries
from core.market.resample import AROUND_THE_CLOCK, shape_of, to_trading_days
from core.market.source import Fetched

Clock = Callable[[], datetime]
EARLIEST = date(1900, 1, 1)
OVERLAP_DAYS = 10
"""Days that are fetched again with new ones, to notice changed adjustments."""
SETTLING_MINUTES = 30
"""After the close, before a day's bar is taken as final."""
ADJUSTMENT_TOLERANCE = 1e-4
CLOCKS_APART = timedelta(minutes=5)
"""Difference of clocks of machines that share a cache."""


def utc_now() -> datetime:
    """The default clock."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class LookbackLimit:
    """Look-back limit of a source for one timeframe."""

    limit: timedelta | None = None
    """Nothing older can be had; None without a limit."""
    default: timedelta | None = None
    """Span to fetch when no start is asked for; None: everything until now, in one call."""


@dataclass(frozen=True, slots=True)
class Download:
    """An answer from a network: raw bars in `instrument.zone`, as delivered."""

    instrument: Instrument
    series: PriceSeries


class Remote(Protocol):
    """A source behind a network."""

    @property
    def name(self) -> str:
        """Short and stable: `yahoo`."""
        ...

    def listings(self) -> tuple[Listing, ...]:
        """Every instrument that is known without a network."""
        ...

    def find_listing(self, symbol: str) -> Listing | None:
        """That instrument, if it is known without a network."""
        ...

    def find_native(self, timeframe: Timeframe) -> Timeframe | None:
        """The timeframe to download so that `timeframe` can be made from it."""
        ...

    def lookback_limit(self, timeframe: Timeframe) -> LookbackLimit:
        """Look-back limit of the source for a native timeframe."""
        ...

    def download(self, instrument: Instrument, timeframe: Timeframe, start: date, end: date) -> Download:
        """Bars of the days `start` to `end`, both included. Raises MarketDataError; an empty series when there are none."""
        ...


@dataclass(frozen=True, slots=True)
class CleanDownload:
    """A download made fit for use."""

    series: PriceSeries
    zone: str
    repaired: tuple[str, ...] = ()


class CachedSource:
    """A remote with its cache, as a source."""

    def __init__(self, remote: Remote, cache: BarsCache, *, clock: Clock = utc_now) -> None:
        self._remote = remote
        self._cache = cache
        self._clock = clock

    @property
    def name(self) -> str:
        """The remote's."""
        return self._remote.name

    def listings(self) -> tuple[Listing, ...]:
        """The remote's instruments, marked with what is kept here."""
        kept: dict[str, list[CacheEntry]] = {}
        for entry in self._cache.entries(self.name):
            kept.setdefault(entry.symbol.upper(), []).append(entry)
        return tuple(_marked(listing, kept.get(listing.instrument.symbol.upper(), ())) for listing in self._remote.listings())

    def find_listing(self, symbol: str) -> Listing | None:
        """The remote's, marked likewise."""
        listing = self._remote.find_listing(symbol)
        return _marked(listing, self._cache.entries(self.name, listing.instrument.symbol)) if listing else None

    def find_native(self, symbol: str, timeframe: Timeframe) -> Timeframe | None:
        """The remote's."""
        return self._remote.find_native(timeframe)

    def earliest(self, timeframe: Timeframe) -> date | None:
        """First day for which the source has bars of that timeframe; None when it goes back as far as they exist."""
        native = self._remote.find_native(timeframe)
        limit = self._remote.lookback_limit(native).limit if native else None
        return self._first_day_within(limit) if limit else None

    def fetch(self, symbol: str, timeframe: Timeframe, start: date | None, end: date | None) -> Fetched:
        """Bars from the cache, completed from the network where days are missing. Raises MarketDataError."""
        listing = self._remote.find_listing(symbol)
        if listing is None:
            raise MarketDataError(f"{self.name} does not know '{symbol}'.")
        instrument = listing.instrument
        key = CacheKey(self.name, instrument.symbol, timeframe)
        kept = self._read_kept(key)
        if kept and not find_missing(self._wanted(instrument, timeframe, start, end), kept.covered):
            return self._as_fetched(instrument, timeframe, kept, ())
        with self._cache.lock(key):
            kept = self._read_kept(key)
            wanted = self._wanted(instrument, timeframe, start, end)
            gaps = find_missing(wanted, kept.covered if kept else ())
            notes: tuple[str, ...] = ()
            if gaps or kept is None:
                self._check_lookback(timeframe, gaps, instrument)
                try:
                    kept = self._completed(instrument, timeframe, wanted, gaps, kept)
                except MarketDataError as problem:
                    if kept is None or not _overlaps(kept.series, wanted):
                        raise
                    notes = (f"{problem.message} What was fetched on {kept.fetched:%Y-%m-%d} is used instead.",)
                else:
                    self._cache.write(key, kept)
        return self._as_fetched(instrument, timeframe, kept, notes)

    def _read_kept(self, key: CacheKey) -> CachedBars | None:
        """Read what is kept; days from its last bar on are missing where the clock was ahead when it was fetched, and ended them early."""
        kept = self._cache.read(key)
        if kept is None or kept.fetched <= self._clock() + CLOCKS_APART or not len(kept.series):
            return kept
        known = kept.series.time[-1].astype("datetime64[D]").item() - timedelta(days=1)
        return replace(kept, covered=tuple((first, min(last, known)) for first, last in kept.covered if first <= known))

    def _as_fetched(self, instrument: Instrument, timeframe: Timeframe, kept: CachedBars, notes: tuple[str, ...]) -> Fetched:
        known = instrument if kept.zone == instrument.zone else instrument.changed(zone=kept.zone)
        return Fetched(known, timeframe, kept.series, kept.repaired, (*notes, *find_warnings(kept.series)))

    def _wanted(self, instrument: Instrument, timeframe: Timeframe, start: date | None, end: date | None) -> Span:
        """Days to have. Without a look-back limit everything until now is fetched: it is one call, and tells of every later split."""
        settled = self._settled(instrument)
        default = self._remote.lookback_limit(timeframe).default
        last = min(end, settled) if end and default else settled
        first = start or (self._first_day_within(default) if default else EARLIEST)
        return min(first, last), last

    def _first_day_within(self, span: timedelta) -> date:
        """First day of the last `span`."""
        return self._clock().date() - span + timedelta(days=1)

    def _settled(self, instrument: Instrument) -> date:
        """The last day of which every bar is final, in the exchange's own time."""
        local = self._clock().astimezone(ZoneInfo(instrument.zone))
        close = instrument.session_close if instrument.session_close < 1440 else 1440 + 1
        done = local.hour * 60 + local.minute >= close + SETTLING_MINUTES
        return local.date() if done else local.date() - timedelta(days=1)

    def _check_lookback(self, timeframe: Timeframe, gaps: tuple[Span, ...], instrument: Instrument) -> None:
        limit = self._remote.lookback_limit(timeframe).limit
        if not limit or not gaps or gaps[0][0] >= self._first_day_within(limit):
            return
        message = f"{self.name} keeps {timeframe.adjective} bars for {limit.days} days only; {gaps[0][0]} is too long ago."
        nearest = f"{self._first_day_within(limit)} to {self._settled(instrument)}"
        hint = f"The nearest range that works is {nearest}; daily bars go back as far as they exist."
        raise MarketDataError(message, hint=hint)

    def _completed(
        self, instrument: Instrument, timeframe: Timeframe, wanted: Span, gaps: tuple[Span, ...], kept: CachedBars | None
    ) -> CachedBars:
        """Join what is kept and what is missing; everything anew when the source has changed its adjustments since."""
        if kept is None or not len(kept.series):
            return self._download_everything(instrument, timeframe, wanted, ())
        series, repaired = kept.series, kept.repaired
        for first, last in gaps:
            begin = first if first <= EARLIEST else first - timedelta(days=OVERLAP_DAYS)
            finish = min(last + timedelta(days=OVERLAP_DAYS), self._settled(instrument))
            answer = self._downloaded(instrument, timeframe, begin, finish)
            if not _same_adjustment(series, answer.series):
                return self._download_everything(instrument, timeframe, wanted, kept.covered)
            series = merge_series(series, answer.series)
            repaired = tuple(dict.fromkeys((*repaired, *answer.repaired)))
        return CachedBars(series, join_spans((*kept.covered, *gaps)), self._clock(), kept.zone, repaired)

    def _download_everything(self, instrument: Instrument, timeframe: Timeframe, wanted: Span, covered: tuple[Span, ...]) -> CachedBars:
        """Everything that is wanted or was kept, downloaded in one piece."""
        spans = (wanted, *covered)
        whole = (min(span[0] for span in spans), max(span[1] for span in spans))
        answer = self._downloaded(instrument, timeframe, *whole)
        if not len(answer.series):
            message = f"{self.name} has no {timeframe.adjective} bars of {instrument.symbol} between {wanted[0]} and {wanted[1]}."
            raise MarketDataError(message, hint="Choose another range or timeframe, or upload the bars as a file.")
        return CachedBars(answer.series, (whole,), self._clock(), answer.zone, answer.repaired)

    def _downloaded(self, instrument: Instrument, timeframe: Timeframe, start: date, end: date) -> CleanDownload:
        """Cleaned bars of settled days. Raises MarketDataError when what came is not fit for use."""
        if limit := self._remote.lookback_limit(timeframe).limit:
            start = max(start, self._first_day_within(limit))
        download = self._remote.download(instrument, timeframe, start, end)
        zone = download.instrument.zone
        if not len(download.series):
            return CleanDownload(download.series, zone)
        cleaned = clean_series(download.series, today=self._clock().date(), intraday=timeframe.intraday, strict=False)
        if cleaned.refused:
            message = f"The bars of {instrument.symbol} from {self.name} cannot be used: {'; '.join(cleaned.refused)}."
            raise MarketDataError(message, hint="Choose another range, or upload the bars as a file.")
        shape = shape_of(instrument) if timeframe.intraday else AROUND_THE_CLOCK
        settled = to_trading_days(cleaned.series.time, shape) <= np.datetime64(end, "D").astype(np.int64)
        return CleanDownload(cleaned.series.take(settled), zone, cleaned.repaired)


def _marked(listing: Listing, kept: Sequence[CacheEntry]) -> Listing:
    """A listing that says which of its bars are here, in any timeframe."""
    if not kept:
        return listing
    first, last = min(entry.first for entry in kept), max(entry.last for entry in kept)
    return listing.changed(has_data=True, first=first, last=last)


def _overlaps(series: PriceSeries, wanted: Span) -> bool:
    days = series.time.astype("datetime64[D]")
    return bool(((days >= np.datetime64(wanted[0])) & (days <= np.datetime64(wanted[1]))).any())


def _same_adjustment(old: PriceSeries, new: PriceSeries) -> bool:
    """Check whether bars that both have agree in factor and raw close: they do not once a dividend or split has re-scaled the past."""
    _, at_old, at_new = np.intersect1d(old.time, new.time, return_indices=True)
    if not len(at_old):
        return True
    factor = np.abs(old.factor[at_old] / new.factor[at_new] - 1)
    close = np.abs(old.close[at_old] / new.close[at_new] - 1)
    return bool(np.max(factor) < ADJUSTMENT_TOLERANCE and np.median(close) < ADJUSTMENT_TOLERANCE)
