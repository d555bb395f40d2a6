"""The room's front: picks the source, then adjusts, resamples and cuts what it delivers. Knows no file format and no network."""

import copy
import itertools
import os
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from core.domain.aligned_bars import align_bars, describe_alignment
from core.domain.bars import Bars, CacheEntry, LoadedBars, Preview
from core.domain.bars_request import BarsRequest, FurtherInstrument
from core.domain.basket import build_basket, convert_members
from core.domain.errors import MarketDataError, RefusedBarsError
from core.domain.instrument import Instrument, Listing, Timeframe
from core.domain.quality import Coverage, Quality
from core.domain.readings import Corrections, strip_endings
from core.domain.sessions import SessionBounds, compute_session_bounds
from core.market.adjust import CorporateAction, adjust_series, find_corporate_actions
from core.market.bundled import BundledSource, SyntheticSource
from core.market.cache import BarsCache, CacheKey
from core.market.cached_source import CachedSource, Clock, Remote, utc_now
from core.market.calendars import find_early_closes, find_open_days
from core.market.directory import Directory
from core.market.files import FileCache, preview_file, read_content
from core.market.folder import FolderSource
from core.market.kept_readings import KeptReadings
from core.market.price_series import PriceSeries, to_bars
from core.market.quality import assess_quality, measure_coverage
from core.market.reading_memory import ReadingMemory, hash_data
from core.market.resample import AROUND_THE_CLOCK, SessionShape, resample, shape_of, to_trading_days
from core.market.search import ListingIndex
from core.market.source import Fetched, Source
from core.market.yahoo import NATIVE_TIMEFRAMES, YahooRemote

SHIPPED = Path(__file__).resolve().parents[2] / "data"


class Market:
    """Every bar the product can get. Safe to share between threads.

    `home` is the writable state folder, where fetched bars (`cache/bars`), uploads (`uploads`) and the user's own files (`bars`) lie;
    nothing is made there before it is needed. A symbol may name its source, as in `yahoo:AAPL`; without one the first that has it is
    asked, what ships before the network. `folders` are further folders of bar files, `remotes` further sources behind a network,
    `session` replaces Yahoo's connection, and `clock` gives the time in UTC.
    """

    def __init__(
        self,
        home: Path,
        *,
        folders: tuple[Path, ...] = (),
        remotes: tuple[Remote, ...] = (),
        session: Any = None,
        clock: Clock = utc_now,
    ) -> None:
        self._uploads = home / "uploads"
        self._folders = (home / "bars", home / "uploads", *folders)
        self.cache = BarsCache(home / "cache" / "bars")
        directory = Directory(SHIPPED / "instruments", source=YahooRemote.name, timeframes=tuple(NATIVE_TIMEFRAMES))
        self._yahoo = YahooRemote(directory, home / "cache" / "yahoo", session=session, clock=clock)
        self._shipped: tuple[Source, ...] = (BundledSource(SHIPPED / "bars"), SyntheticSource())
        self._remote = tuple(CachedSource(remote, self.cache, clock=clock) for remote in (self._yahoo, *remotes))
        self.readings = ReadingMemory(home / "readings.json")
        self.kept_readings = KeptReadings(home / "cache" / "readings")
        self._files = FileCache(self._lookup, memory=self.readings, kept=self.kept_readings)
        self._folder = FolderSource(self._folders, self._files, self._lookup)
        self._index: tuple[object, ListingIndex] | None = None
        self._lock = threading.Lock()

    def with_uploads(self, folder: Path) -> "Market":
        """The same market, whose uploads go into a folder of their own and are found before all other files."""
        mine = copy.copy(self)
        mine._uploads = folder
        mine._folders = (folder, *self._folders)
        mine._folder = FolderSource(mine._folders, self._files, self._lookup)
        mine._index, mine._lock = None, threading.Lock()
        return mine

    def pin_uploads(self, request: BarsRequest) -> BarsRequest:
        """The request by file, where its symbol is an upload here: under that name others may have another file, or none."""

        def pin(group: tuple[FurtherInstrument, ...]) -> tuple[FurtherInstrument, ...]:
            return tuple(one.changed(path=one.path or self._find_upload(one.symbol)) for one in group)

        path = request.path or self._find_upload(request.symbol)
        return request.changed(path=path, others=pin(request.others), basket=pin(request.basket))

    def is_found_elsewhere(self, request: BarsRequest) -> bool:
        """True when the bars come from a source that every server has, and not from a file of this one."""
        asked = {(one.path, one.symbol) for one in (*request.each, *request.members)}
        return all(not path and self._find(symbol.strip()) is not None and not self._source_is_folder(symbol) for path, symbol in asked)

    def _find_upload(self, symbol: str) -> str:
        path = self._folder.find_path(symbol) if self._source_is_folder(symbol) else None
        return str(path) if path is not None and path.parent == self._uploads else ""

    def _source_is_folder(self, symbol: str) -> bool:
        found = self._find(symbol.strip())
        return found is not None and found[0] is self._folder

    def bars(self, request: BarsRequest) -> Bars:
        """Cleaned bars of the request. Raises MarketDataError."""
        return self.load(request).bars

    def load(self, request: BarsRequest) -> LoadedBars:
        """The bars with what was repaired and what was noticed; several instruments on common moments. Raises MarketDataError."""
        if request.basket:
            return self._load_basket(request)
        if request.others:
            return _join([self.load(one) for one in request.each])
        fetched, name = self._fetch(request)
        try:
            return fit_to_request(fetched, request, source=name)
        except MarketDataError as problem:
            raise MarketDataError(problem.message, hint=f"{problem.hint}{self._suggest_other_sources(request, name)}") from problem

    def _load_basket(self, request: BarsRequest) -> LoadedBars:
        """The members of a basket, in one currency, with the further instruments that each program reads."""
        members = [self.load(one) for one in request.members]
        bars = build_basket(convert_members([one.bars for one in members], request.rates), [self.bars(one) for one in request.each[1:]])
        return LoadedBars(bars, _tell(members, lambda one: one.repaired), _tell(members, lambda one: one.warnings), members[0].reading)

    def find_corporate_actions(self, request: BarsRequest) -> tuple[CorporateAction, ...]:
        """Splits and dividends that fall into the request's range. Raises MarketDataError."""
        fetched, _ = self._fetch(request)
        first, last = request.start or date.min, request.end or date.max
        return tuple(action for action in find_corporate_actions(fetched.series) if first <= action.day <= last)

    def search(self, query: str, *, limit: int = 20, online: bool = False) -> tuple[Listing, ...]:
        """Instruments by symbol or company name, forgiving typos, those with bars here first; what has bars for an empty query.

        `online` asks Yahoo's own search as well (raises MarketDataError when that fails); what it finds can be loaded from then on.
        """
        if not query.strip():
            return tuple(listing for listing in self._known() if listing.has_data)[:limit]
        if online:
            self._yahoo.search(query)
            self._index = None
        return self._searcher().find(query, limit)

    def find_listing(self, symbol: str) -> Listing | None:
        """The instrument of exactly that symbol, None when unknown."""
        found = self._find(symbol.strip())
        return found[1] if found else None

    def find_instrument(self, request: BarsRequest) -> tuple[Instrument, tuple[str, ...]]:
        """Instrument of a request, and what is not certain about it. Raises RefusedBarsError or MarketDataError."""
        if not request.path:
            source, listing = self._source_of(request.symbol)
            if source is not self._folder:
                return listing.instrument, ()
        fetched, _ = self._fetch(request)
        return fetched.instrument, fetched.reading.questions if fetched.reading else ()

    def offers(self, symbol: str) -> tuple[Listing, ...]:
        """The instrument in every source that has it, the one that would be asked first at the front."""
        return tuple(listing for _, listing in self._offering(symbol.strip()))

    def earliest(self, symbol: str, timeframe: Timeframe) -> date | None:
        """First day for which bars of that length can be had; None when that is not known before asking."""
        found = self._find(symbol.strip())
        if not found:
            return None
        source, listing = found
        return source.earliest(timeframe) if isinstance(source, CachedSource) else listing.first

    def preview(self, source: Path | bytes, name: str = "", corrections: Corrections | None = None) -> Preview:
        """Preview how a file, or the bytes of an upload, would be used with these corrections; `refused` says what is wrong with it."""
        return preview_file(source, name, lookup=self._lookup, memory=self.readings, corrections=corrections)

    def correct(self, source: Path | bytes, corrections: Corrections, name: str = "") -> Preview:
        """Keep what a person says of a file, for every later reading of it and of files with its header; shows the new reading.

        Nothing is kept when the file can still not be used. Raises MarketDataError.
        """
        data = source if isinstance(source, bytes) else read_content(source)
        found = self.preview(data, name or (source.name if isinstance(source, Path) else ""), corrections)
        if found.usable:
            self.readings.remember(hash_data(data), found.reading.headers, corrections)
        return found

    def keep_upload(self, data: bytes, name: str) -> Path:
        """Store an upload that is fit for use, whole or not at all; its path goes into a BarsRequest. Raises RefusedBarsError."""
        preview = self.preview(data, name)
        if not preview.usable:
            words = f"{name} cannot be used: {'; '.join(preview.refused)}."
            raise RefusedBarsError(words, reasons=preview.refused, hint="Nothing was imported.")
        folder = self._uploads
        safe = re.sub(r"[^\w.-]+", "_", Path(name).name).strip("._")[-80:] or "upload.csv"
        folder.mkdir(parents=True, exist_ok=True)
        path = self._find_free_path(folder, safe, data)
        part = folder / f".{path.name}.{os.getpid()}-{threading.get_ident()}.part"
        part.write_bytes(data)
        return part.replace(path)

    def _find_free_path(self, folder: Path, name: str, data: bytes) -> Path:
        """The file's own name; with a mark where another file or an instrument that ships has it. The same bytes keep their place."""
        stem = strip_endings(name)
        for mark in itertools.chain(("", "-own"), (f"-own{number}" for number in itertools.count(2))):
            symbol = f"{stem}{mark}"
            path = folder / f"{symbol}{name[len(stem) :]}"
            if path.is_file() and path.read_bytes() == data:
                return path
            if not any(source.find_listing(symbol) for source in (*self._shipped, self._folder)):
                return path
        raise AssertionError("the marks do not end")

    def read_timeframe(self, path: Path) -> Timeframe:
        """Length of the bars in a file. Raises RefusedBarsError or MarketDataError."""
        return self._files.fetch(path).timeframe

    def assess_quality(self, bars: Bars) -> Quality:
        """Find what is missing, out of hours or implausible in bars, by their instrument's calendar."""
        return assess_quality(bars)

    def measure_coverage(self, bars: Bars) -> Coverage:
        """Measure which trading days are there, and how far."""
        return measure_coverage(bars)

    def compute_session_bounds(self, bars: Bars) -> SessionBounds:
        """Trading day, place in the day, and distance to open and close of each bar, with the calendar's early closes."""
        early = find_early_closes(bars.instrument, bars.first.date(), bars.last.date()) if bars.timeframe.intraday and len(bars) else {}
        return compute_session_bounds(bars, early_closes=early)

    def cached(self) -> tuple[CacheEntry, ...]:
        """Fetched bars that are kept, largest first."""
        return self.cache.entries()

    def forget(self, entry: CacheEntry) -> None:
        """Remove kept bars; they are fetched again when they are asked for."""
        self.cache.remove(CacheKey(entry.source, entry.symbol, entry.timeframe))

    def _fetch(self, request: BarsRequest) -> tuple[Fetched, str]:
        """The raw answer to a request, and the name of where it comes from."""
        _check_order(request)
        if request.path:
            path = Path(request.path)
            return self._files.fetch(path, request.symbol), path.name
        source, listing = self._source_of(request.symbol)
        native = source.find_native(listing.instrument.symbol, request.timeframe)
        if native is None:
            raise _no_timeframe(request, listing, self._suggest_other_sources(request, source.name))
        return source.fetch(listing.instrument.symbol, native, request.start, request.end), source.name

    def _suggest_other_sources(self, request: BarsRequest, asked: str) -> str:
        """The other sources that may have what this one lacks, as an addition to a hint."""
        others = [listing for listing in self.offers(request.symbol) if listing.source != asked] if not request.path else []
        names = " or ".join(f"{listing.source}:{listing.instrument.symbol}" for listing in others)
        return f" Another source may have them: {names}." if names else ""

    def _sources(self) -> Iterator[Source]:
        yield from self._shipped
        yield self._folder
        yield from self._remote

    def _find(self, symbol: str) -> tuple[Source, Listing] | None:
        return next(self._offering(symbol), None)

    def _offering(self, symbol: str) -> Iterator[tuple[Source, Listing]]:
        """Every source that has the symbol, the one that would be asked first at the front; only the named one for `yahoo:AAPL`."""
        name, colon, rest = symbol.partition(":")
        named = [source for source in self._sources() if colon and source.name == name.lower()]
        wanted = rest.strip() if named else symbol
        for source in named or self._sources():
            if listing := source.find_listing(wanted):
                yield source, listing

    def _lookup(self, text: str) -> Instrument | None:
        """Facts of an instrument that a file names; not from the files themselves."""
        for source in (*self._shipped, *self._remote):
            if listing := source.find_listing(text.strip()):
                return listing.instrument
        return None

    def _known(self) -> tuple[Listing, ...]:
        """Every listing once, the source that would be asked first."""
        known: dict[str, Listing] = {}
        for source in self._sources():
            for listing in source.listings():
                known.setdefault(listing.instrument.symbol.upper(), listing)
        return tuple(known.values())

    def _searcher(self) -> ListingIndex:
        """The index, built anew when bars were fetched or files came or went."""
        state = (self.cache.names(), tuple(listing.instrument.symbol for listing in self._folder.listings()))
        with self._lock:
            if self._index is None or self._index[0] != state:
                self._index = (state, ListingIndex(self._known()))
            return self._index[1]

    def _source_of(self, symbol: str) -> tuple[Source, Listing]:
        if not symbol.strip():
            raise MarketDataError("No instrument is chosen.", hint="Give a symbol such as AAPL, or a file of bars.")
        if found := self._find(symbol.strip()):
            return found
        nearest = ", ".join(listing.instrument.symbol for listing in self.search(symbol, limit=3))
        hint = f"Did you mean {nearest}?" if nearest else "Search by symbol or company name, or give a file of bars."
        raise MarketDataError(f"The symbol '{symbol}' is not known.", hint=hint)


def _join(found: Sequence[LoadedBars]) -> LoadedBars:
    """Several instruments as one; what is said of each names it. Raises MarketDataError when they cannot be run together."""
    bars = align_bars([loaded.bars for loaded in found])
    warnings = (*_tell(found, lambda loaded: loaded.warnings), *describe_alignment(bars))
    return LoadedBars(bars, _tell(found, lambda loaded: loaded.repaired), warnings, found[0].reading)


def _tell(found: Sequence[LoadedBars], texts: Callable[[LoadedBars], tuple[str, ...]]) -> tuple[str, ...]:
    """Texts on each instrument, with its name."""
    return tuple(f"{loaded.bars.instrument.symbol}: {text}" for loaded in found for text in texts(loaded))


def fit_to_request(fetched: Fetched, request: BarsRequest, *, source: str) -> LoadedBars:
    """Adjust, resample and cut a source's answer to what was asked. Raises MarketDataError when nothing is left."""
    if request.timeframe.minutes < fetched.timeframe.minutes or request.timeframe.minutes % fetched.timeframe.minutes:
        raise MarketDataError(
            f"There are no {request.timeframe.adjective} bars of {fetched.instrument.symbol}: its data are {fetched.timeframe.adjective}.",
            hint=f"Choose {fetched.timeframe.value} or a longer timeframe that is a multiple of it.",
        )
    if not len(fetched.series):
        raise MarketDataError(f"{fetched.instrument.symbol} has no bars at all.", hint="Choose another instrument.")
    covered = _days(fetched.series, fetched)
    series = adjust_series(fetched.series, as_of=_last_asked(fetched, request)) if request.adjusted else fetched.series
    week = find_open_days(fetched.instrument, series.time) if request.timeframe is Timeframe.W1 else None
    series = resample(series, fetched.timeframe, request.timeframe, shape_of(fetched.instrument), week)
    series = _cut(series, request, fetched, covered)
    warnings = (*fetched.warnings, *_range_warnings(request, covered))
    return LoadedBars(to_bars(series, fetched.instrument, request.timeframe, source), fetched.repaired, warnings, fetched.reading)


def _last_asked(fetched: Fetched, request: BarsRequest) -> int:
    """Place of the last bar that lies in the request's range; of the last one at all where the range ends before the data begin."""
    if request.end is None:
        return len(fetched.series) - 1
    days = to_trading_days(fetched.series.time, _day_shape(fetched.instrument, fetched.timeframe))
    stop = int(np.searchsorted(days, np.datetime64(request.end, "D").astype(np.int64), side="right"))
    return stop - 1 if stop else len(days) - 1


def _days(series: PriceSeries, fetched: Fetched) -> tuple[date, date]:
    ends = to_trading_days(series.time[[0, -1]], _day_shape(fetched.instrument, fetched.timeframe))
    first, last = (np.datetime64(int(day), "D").item() for day in ends)
    return first, last


def _cut(series: PriceSeries, request: BarsRequest, fetched: Fetched, covered: tuple[date, date]) -> PriceSeries:
    first = to_trading_days(series.time, _day_shape(fetched.instrument, request.timeframe))
    last = first + (4 if request.timeframe is Timeframe.W1 else 0)
    begin = np.searchsorted(first, np.datetime64(request.start, "D").astype(np.int64)) if request.start else 0
    stop = np.searchsorted(last, np.datetime64(request.end, "D").astype(np.int64), side="right") if request.end else len(first)
    if stop > begin:
        return series.take(slice(int(begin), int(stop)))
    if (request.start and request.start > covered[1]) or (request.end and request.end < covered[0]):
        message = f"{fetched.instrument.symbol} has no bars {_describe_range(request)}."
    else:
        message = f"No complete {request.timeframe.value} bar of {fetched.instrument.symbol} lies {_describe_range(request)}."
    raise MarketDataError(message, hint=f"Bars exist from {covered[0]} to {covered[1]}: choose a range inside it.")


def _day_shape(instrument: Instrument, timeframe: Timeframe) -> SessionShape:
    """Hours by which a bar's stamp is put on its trading day; daily and weekly stamps are that day already."""
    return shape_of(instrument) if timeframe.intraday else AROUND_THE_CLOCK


def _describe_range(request: BarsRequest) -> str:
    if request.start and request.end:
        return f"between {request.start} and {request.end}"
    return f"from {request.start} on" if request.start else f"until {request.end}" if request.end else "in the data"


def _range_warnings(request: BarsRequest, covered: tuple[date, date]) -> tuple[str, ...]:
    warnings = []
    if request.start and (covered[0] - request.start).days > 4:
        warnings.append(f"the data begin on {covered[0]}, later than the {request.start} that was asked for")
    if request.end and (request.end - covered[1]).days > 4:
        warnings.append(f"the data end on {covered[1]}, earlier than the {request.end} that was asked for")
    return tuple(warnings)


def _check_order(request: BarsRequest) -> None:
    if request.start and request.end and request.start > request.end:
        raise MarketDataError(f"The range is reversed: it starts on {request.start} and ends on {request.end}.", hint="Swap the two dates.")


def _no_timeframe(request: BarsRequest, listing: Listing, elsewhere: str) -> MarketDataError:
    offered = ", ".join(timeframe.value for timeframe in listing.timeframes)
    return MarketDataError(
        f"There are no {request.timeframe.adjective} bars of {listing.instrument.symbol}.",
        hint=f"Available: {offered}.{elsewhere} SYN-1M has synthetic 1-minute bars to try things on.",
    )
