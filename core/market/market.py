"""The room's front: picks the source, then adjusts, resamples and cuts what it delivers. Knows no file format and no network."""

from datetime import date
from pathlib import Path

import numpy as np

from core.domain.bars import Bars, Loaded, Preview
from core.domain.errors import MarketDataError
from core.domain.instrument import Instrument, Listing, Timeframe
from core.domain.run import BarsRequest
from core.market.adjust import adjusted
from core.market.bundled import BundledSource, SyntheticSource
from core.market.files import OpenFiles, preview_file
from core.market.resample import AROUND_THE_CLOCK, SessionShape, resample, shape_of, trading_days
from core.market.search import Index
from core.market.series import Series, to_bars
from core.market.source import Fetched, Source

SHIPPED = Path(__file__).resolve().parents[2] / "data"


class Market:
    """Every bar the product can get. Safe to share between threads.

    `home` is the writable state folder, made when something is first cached; `bundled` the shipped `data` folder.
    """

    def __init__(self, home: Path, *, bundled: Path | None = None) -> None:
        shipped = bundled or SHIPPED
        self._home = home
        self._sources: tuple[Source, ...] = (BundledSource(shipped / "bars"), SyntheticSource())
        self._index: Index | None = None
        self._files = OpenFiles(self._lookup)

    def bars(self, request: BarsRequest) -> Bars:
        """Cleaned bars of the request. Raises MarketDataError."""
        return self.load(request).bars

    def load(self, request: BarsRequest) -> Loaded:
        """The same with what was repaired and what was noticed. Raises MarketDataError."""
        _check_order(request)
        if request.path:
            path = Path(request.path)
            return finish(self._files.fetch(path, request.symbol), request, source=path.name)
        source = self._source_of(request.symbol)
        native = source.native(request.symbol, request.timeframe)
        if native is None:
            raise _no_timeframe(request, source.listing(request.symbol))
        return finish(source.fetch(request.symbol, native, request.start, request.end), request, source=source.name)

    def search(self, query: str, *, limit: int = 20) -> tuple[Listing, ...]:
        """Instruments by symbol or company name, forgiving typos, those with bars here first; everything known for an empty query."""
        if not query.strip():
            return self._known()[:limit]
        if self._index is None:
            self._index = Index(self._known())
        return self._index.find(query, limit)

    def listing(self, symbol: str) -> Listing | None:
        """The instrument of exactly that symbol, None when unknown."""
        cleaned = symbol.strip()
        return next((listing for source in self._sources if (listing := source.listing(cleaned))), None)

    def preview(self, source: Path | bytes, name: str = "") -> Preview:
        """What a file, or the bytes of an upload, would be used as; `refused` says what is wrong with it."""
        return preview_file(source, name, lookup=self._lookup)

    def _lookup(self, text: str) -> Instrument | None:
        found = self.listing(text.upper())
        return found.instrument if found else None

    def _known(self) -> tuple[Listing, ...]:
        return tuple(listing for source in self._sources for listing in source.listings())

    def _source_of(self, symbol: str) -> Source:
        if not symbol.strip():
            raise MarketDataError("No instrument is chosen.", hint="Give a symbol such as AAPL, or a file of bars.")
        for source in self._sources:
            if source.listing(symbol.strip()):
                return source
        nearest = ", ".join(listing.instrument.symbol for listing in self.search(symbol, limit=3))
        hint = f"Did you mean {nearest}?" if nearest else "Search by symbol or company name, or give a file of bars."
        raise MarketDataError(f"The symbol '{symbol}' is not known.", hint=hint)


def finish(fetched: Fetched, request: BarsRequest, *, source: str) -> Loaded:
    """Adjust, resample and cut a source's answer to what was asked. Raises MarketDataError when nothing is left."""
    if request.timeframe.minutes < fetched.timeframe.minutes or request.timeframe.minutes % fetched.timeframe.minutes:
        raise MarketDataError(
            f"There are no {request.timeframe.value} bars of {fetched.instrument.symbol}: the data are {fetched.timeframe.value} bars.",
            hint=f"Choose {fetched.timeframe.value} or a longer timeframe that is a multiple of it.",
        )
    if not len(fetched.series):
        raise MarketDataError(f"{fetched.instrument.symbol} has no bars at all.")
    series = adjusted(fetched.series) if request.adjusted else fetched.series
    covered = _days(series, fetched)
    series = resample(series, fetched.timeframe, request.timeframe, shape_of(fetched.instrument))
    series = _cut(series, request, fetched, covered)
    warnings = (*fetched.warnings, *_range_warnings(request, covered))
    return Loaded(to_bars(series, fetched.instrument, request.timeframe, source), fetched.repaired, warnings)


def _days(series: Series, fetched: Fetched) -> tuple[date, date]:
    ends = trading_days(series.time[[0, -1]], _day_shape(fetched.instrument, fetched.timeframe))
    first, last = (np.datetime64(int(day), "D").item() for day in ends)
    return first, last


def _cut(series: Series, request: BarsRequest, fetched: Fetched, covered: tuple[date, date]) -> Series:
    first = trading_days(series.time, _day_shape(fetched.instrument, request.timeframe))
    last = first + (4 if request.timeframe is Timeframe.W1 else 0)
    kept = np.ones(len(series), dtype=bool)
    if request.start:
        kept &= first >= np.datetime64(request.start, "D").astype(np.int64)
    if request.end:
        kept &= last <= np.datetime64(request.end, "D").astype(np.int64)
    if kept.any():
        return series.take(kept)
    if (request.start and request.start > covered[1]) or (request.end and request.end < covered[0]):
        message = f"{fetched.instrument.symbol} has no bars {_asked(request)}."
    else:
        message = f"No complete {request.timeframe.value} bar of {fetched.instrument.symbol} lies {_asked(request)}."
    raise MarketDataError(message, hint=f"Bars exist from {covered[0]} to {covered[1]}: choose a range inside it.")


def _day_shape(instrument: Instrument, timeframe: Timeframe) -> SessionShape:
    """Hours by which a bar's stamp is put on its trading day; daily and weekly stamps are that day already."""
    return shape_of(instrument) if timeframe.intraday else AROUND_THE_CLOCK


def _asked(request: BarsRequest) -> str:
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


def _no_timeframe(request: BarsRequest, listing: Listing | None) -> MarketDataError:
    offered = ", ".join(timeframe.value for timeframe in listing.timeframes) if listing else ""
    return MarketDataError(
        f"There are no {request.timeframe.value} bars of {request.symbol}.",
        hint=f"Available: {offered}. SYN-1M has synthetic 1-minute bars to try things on." if offered else "",
    )
