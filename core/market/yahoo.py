"""Yahoo Finance through yfinance: its symbols, its look-back limits, its errors in words. Imported lazily; the cache is elsewhere.

Yahoo's prices are already split-adjusted. Here the splits are taken out again, so that raw prices are what was traded and the factor
carries splits and dividends. yfinance keeps one process-wide session: calls are made one at a time.
"""

import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from core.domain.errors import MarketDataError
from core.domain.instrument import AssetClass, Instrument, Listing, Timeframe
from core.market.cached_source import Clock, Download, LookbackLimit, utc_now
from core.market.directory import Directory
from core.market.instrument_classes import find_exchange, make_instrument, parse_currency_pair
from core.market.price_series import PriceSeries, make_series

TIMEOUT_SECONDS = 15
HOST, PROBE_SECONDS = "query2.finance.yahoo.com", 4
CHUNK_DAYS = 7
"""Days of 1-minute bars in one request; Yahoo allows eight."""
PAUSE_SECONDS = 0.4
"""Between the requests of one download."""
LOOKBACK_LIMITS: dict[Timeframe, timedelta | None] = {
    Timeframe.M1: timedelta(days=29),
    Timeframe.M2: timedelta(days=59),
    Timeframe.M5: timedelta(days=59),
    Timeframe.M15: timedelta(days=59),
    Timeframe.H1: timedelta(days=729),
    Timeframe.D1: None,
}
"""Intervals that Yahoo offers natively, with the days they reach back; a day less than its limits, which count to the second."""
NATIVE_TIMEFRAMES: dict[Timeframe, Timeframe] = {
    **{timeframe: timeframe for timeframe in LOOKBACK_LIMITS},
    Timeframe.M3: Timeframe.M1,
    Timeframe.M10: Timeframe.M5,
    Timeframe.M30: Timeframe.M15,
    Timeframe.H2: Timeframe.H1,
    Timeframe.H4: Timeframe.H1,
    Timeframe.W1: Timeframe.D1,
}
OLDEST = date(1930, 1, 1)
FIRST_WAIT, LONGEST_WAIT = 60.0, 900.0
"""Seconds to leave Yahoo alone after it said that it was asked too often, doubling each time."""
ASSET_CLASSES = {
    "EQUITY": AssetClass.EQUITY,
    "ETF": AssetClass.ETF,
    "MUTUALFUND": AssetClass.ETF,
    "INDEX": AssetClass.INDEX,
    "CURRENCY": AssetClass.FOREX,
    "CRYPTOCURRENCY": AssetClass.CRYPTO,
    "FUTURE": AssetClass.FUTURE,
}
EXCHANGE_CODES = {"NMS": "XNAS", "NGM": "XNAS", "NCM": "XNAS", "NYQ": "XNYS", "PCX": "ARCX", "ASE": "US", "BTS": "US"}


@dataclass(frozen=True, slots=True)
class ErrorText:
    """Message and hint of an error."""

    message: str
    hint: str


ERRORS: dict[str, ErrorText] = {
    "YFRateLimitError": ErrorText(
        "Yahoo was asked too often and answers no more for a while (HTTP 429).", "Wait some minutes, or upload the bars as a file."
    ),
    "YFPricesMissingError": ErrorText(
        "Yahoo has no prices of {symbol} for that range and timeframe.", "Choose another range or a longer timeframe."
    ),
    "YFTzMissingError": ErrorText(
        "Yahoo knows no instrument '{symbol}', or it is no longer listed.", "Check the symbol in the search field."
    ),
    "YFTickerMissingError": ErrorText(
        "Yahoo knows no instrument '{symbol}', or it is no longer listed.", "Check the symbol in the search field."
    ),
    "YFEarningsDateMissing": ErrorText("Yahoo has no earnings dates of {symbol}.", "Bars do not need them: try again."),
    "YFInvalidPeriodError": ErrorText("Yahoo does not offer that range for {symbol}.", "Choose another range."),
    "YFDataException": ErrorText("Yahoo is down or answers with nonsense.", "Try again later, or upload the bars as a file."),
    "YFNotImplementedError": ErrorText("Yahoo's library cannot do that for {symbol}.", "Upload the bars as a file."),
    "YFException": ErrorText("Yahoo did not deliver the bars of {symbol}.", "Try again later, or upload the bars as a file."),
    "Timeout": ErrorText("Yahoo did not answer within {seconds} seconds.", "Check the connection and try again."),
    "JSONDecodeError": ErrorText("Yahoo answered with a page instead of data.", "It may ask for consent or be down: try again later."),
    "HTTPError": ErrorText("Yahoo refuses to answer (HTTP {status}).", "Try again later, or upload the bars as a file."),
    "OSError": ErrorText("Yahoo cannot be reached from here.", "Check the connection; bundled instruments and files work without one."),
    "ValueError": ErrorText("Yahoo's answer for {symbol} makes no sense.", "Try again later, or upload the bars as a file."),
    "LookupError": ErrorText("Yahoo's answer for {symbol} is incomplete.", "Try again later, or upload the bars as a file."),
    "TypeError": ErrorText("Yahoo's answer for {symbol} is incomplete.", "Try again later, or upload the bars as a file."),
    "AttributeError": ErrorText("Yahoo's answer for {symbol} is incomplete.", "Try again later, or upload the bars as a file."),
}
"""By class name, looked up along an exception's ancestry; a test fails when yfinance has a class that is missing here."""


class YahooRemote:
    """Yahoo as a remote. `session` replaces the connection (a requests or curl_cffi session), `folder` keeps yfinance's own small files."""

    name = "yahoo"

    def __init__(
        self,
        directory: Directory,
        folder: Path,
        *,
        session: Any = None,
        clock: Clock = utc_now,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._directory = directory
        self._folder = folder
        self._session = session
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._found: dict[str, Listing] = {}
        self._wait = FIRST_WAIT
        self._quiet_until: datetime | None = None
        self._reached = False

    def listings(self) -> tuple[Listing, ...]:
        """The bundled directory, and what was found online since."""
        return (*self._directory.listings.values(), *self._found.values())

    def find_listing(self, symbol: str) -> Listing | None:
        """An instrument of the directory or one found online."""
        return self._directory.find_listing(symbol) or self._found.get(symbol.upper())

    def find_native(self, timeframe: Timeframe) -> Timeframe | None:
        """See NATIVE_TIMEFRAMES."""
        return NATIVE_TIMEFRAMES.get(timeframe)

    def lookback_limit(self, timeframe: Timeframe) -> LookbackLimit:
        """See LOOKBACK_LIMITS."""
        return LookbackLimit(limit=LOOKBACK_LIMITS[timeframe], default=LOOKBACK_LIMITS[timeframe])

    def search(self, query: str, limit: int = 10) -> tuple[Listing, ...]:
        """Ask Yahoo's own search; what it finds is known from then on. Raises MarketDataError."""
        import_yfinance(self._folder)
        import yfinance

        def ask() -> Any:
            return yfinance.Search(query, max_results=limit, news_count=0, lists_count=0, session=self._session).quotes

        listings = tuple(found for quote in self._call(ask, query) if (found := _listing(quote)))
        self._found.update(
            {found.instrument.symbol.upper(): found for found in listings if not self._directory.find_listing(found.instrument.symbol)}
        )
        return listings

    def download(self, instrument: Instrument, timeframe: Timeframe, start: date, end: date) -> Download:
        """Bars of the days `start` to `end` in the instrument's zone; daily ones always until now, because later splits matter."""
        import_yfinance(self._folder)
        import yfinance

        start = max(start, OLDEST)
        ticker = yfinance.Ticker(to_yahoo_symbol(instrument), session=self._session)
        stop = end if timeframe.intraday else max(end, self._clock().date())
        parts = []
        for place, (first, last) in enumerate(_chunks(start, stop, timeframe)):
            if place:
                self._sleep(PAUSE_SECONDS)
            parts.append(self._history(ticker, timeframe, first, last, instrument.symbol))
        return _download(instrument, timeframe, [part for part in parts if len(part)])

    def _history(self, ticker: Any, timeframe: Timeframe, first: date, last: date, symbol: str) -> Any:
        from yfinance.exceptions import YFPricesMissingError

        def ask() -> Any:
            try:
                return ticker.history(
                    interval=timeframe.value,
                    start=first.isoformat(),
                    end=(last + timedelta(days=1)).isoformat(),
                    auto_adjust=False,
                    actions=True,
                    prepost=False,
                    timeout=TIMEOUT_SECONDS,
                )
            except YFPricesMissingError as problem:
                if problem.yahoo_reason:
                    raise
                return ()

        return self._call(ask, symbol)

    def _call(self, ask: Callable[[], Any], symbol: str) -> Any:
        """One request, one at a time, with every failure in words. Raises MarketDataError."""
        from yfinance.exceptions import YFException, YFNotImplementedError  # the second is none of the first

        with self._lock:
            if self._quiet_until and self._clock() < self._quiet_until:
                until = self._quiet_until.astimezone(UTC)
                raise MarketDataError("Yahoo was asked too often and is left alone for now.", hint=f"Try again after {until:%H:%M} UTC.")
            try:
                self._probe_connection()
                answer = ask()
            except (YFException, YFNotImplementedError, OSError, ValueError, LookupError, TypeError, AttributeError) as problem:
                self._forget_answers()
                if type(problem).__name__ == "YFRateLimitError":
                    self._quiet_until = self._clock() + timedelta(seconds=self._wait)
                    self._wait = min(self._wait * 2, LONGEST_WAIT)
                raise translate_error(problem, symbol) from problem
            self._wait, self._quiet_until = FIRST_WAIT, None
            return answer

    def _probe_connection(self) -> None:
        """Fail within seconds where there is no way out, instead of after yfinance's many attempts. Raises OSError."""
        from urllib.request import getproxies

        if self._session is None and not self._reached and not getproxies():
            socket.create_connection((HOST, 443), timeout=PROBE_SECONDS).close()
            self._reached = True

    def _forget_answers(self) -> None:
        """yfinance remembers answers for the life of the process; a bad one must not stick."""
        from yfinance.data import YfData

        YfData.cache_get.cache_clear()


def import_yfinance(folder: Path) -> None:
    """Prepare yfinance: errors raised instead of logged, its time zones and cookies kept in our folder."""
    import logging

    import yfinance

    yfinance.config.debug.hide_exceptions = False
    logging.getLogger("yfinance").setLevel(logging.CRITICAL)
    folder.mkdir(parents=True, exist_ok=True)
    yfinance.set_tz_cache_location(str(folder))


def translate_error(problem: BaseException, symbol: str) -> MarketDataError:
    """A failure of yfinance or the network as a message and what to do next."""
    reason = str(getattr(problem, "yahoo_reason", None) or "")[:200]
    status = getattr(getattr(problem, "response", None), "status_code", None)
    if "delisted" in reason or status == 404:
        words = ERRORS["YFTzMissingError"]
        return MarketDataError(words.message.format(symbol=symbol), hint=words.hint)
    for ancestor in type(problem).__mro__:
        known = ancestor.__name__ if ancestor.__name__ in ERRORS else "Timeout" if "timeout" in ancestor.__name__.lower() else ""
        if known:
            words = ERRORS[known]
            break
    else:
        words = ERRORS["YFException"]
    message = words.message.format(symbol=symbol, seconds=TIMEOUT_SECONDS, status=status)
    return MarketDataError(f"{message} Yahoo says: {reason}" if reason else message, hint=words.hint)


def to_yahoo_symbol(instrument: Instrument) -> str:
    """Write a symbol as Yahoo does: currency pairs carry `=X`."""
    if instrument.asset_class is AssetClass.FOREX and (pair := parse_currency_pair(instrument.symbol)):
        return f"{pair}=X"
    return instrument.symbol


def _chunks(start: date, end: date, timeframe: Timeframe) -> list[tuple[date, date]]:
    """The range in pieces that Yahoo answers in one go."""
    if timeframe is not Timeframe.M1:
        return [(start, end)]
    days = (end - start).days + 1
    firsts = [start + timedelta(days=offset) for offset in range(0, days, CHUNK_DAYS)]
    return [(first, min(first + timedelta(days=CHUNK_DAYS - 1), end)) for first in firsts]


def _download(instrument: Instrument, timeframe: Timeframe, parts: list[Any]) -> Download:
    import pandas

    if not parts:
        return Download(instrument, _empty())
    frame = pandas.concat(parts)
    zone = str(frame.index.tz) if frame.index.tz is not None else instrument.zone
    known = instrument if instrument.calendar else instrument.changed(zone=zone)
    if timeframe.intraday and zone != known.zone:
        frame.index = frame.index.tz_convert(known.zone)
    time_ = frame.index.tz_localize(None).to_numpy().astype("datetime64[s]")
    if not timeframe.intraday:
        time_ = time_.astype("datetime64[D]").astype("datetime64[s]")
    open_, high, low, close = (frame[name].to_numpy(dtype=np.float64) for name in ("Open", "High", "Low", "Close"))
    adjusted = frame["Adj Close"].to_numpy(dtype=np.float64) if "Adj Close" in frame and not timeframe.intraday else close
    volume = frame["Volume"].to_numpy(dtype=np.float64)
    later = _later_splits(frame) if not timeframe.intraday else np.ones(len(frame))
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.where(np.isfinite(adjusted / close), adjusted / close, 1.0)
    series = make_series(time_, open_ * later, high * later, low * later, close * later, volume / later, factor / later)
    return Download(known, series)


def _later_splits(frame: Any) -> np.ndarray:
    """Shares of today for one share of each day: the product of all splits after it."""
    splits = frame["Stock Splits"].to_numpy(dtype=np.float64) if "Stock Splits" in frame else np.zeros(len(frame))
    ratios = np.where(splits > 0, splits, 1.0)
    return np.append(np.cumprod(ratios[::-1])[::-1][1:], 1.0)


def _empty() -> PriceSeries:
    nothing = np.empty(0)
    return make_series(nothing, nothing, nothing, nothing, nothing)


def _listing(quote: dict[str, Any]) -> Listing | None:
    """A search hit of Yahoo as a listing; None for kinds that have no bars."""
    asset_class = ASSET_CLASSES.get(str(quote.get("quoteType", "")).upper())
    symbol = str(quote.get("symbol", ""))
    if asset_class is None or not symbol:
        return None
    if asset_class is AssetClass.FOREX:
        symbol = parse_currency_pair(symbol) or symbol
    place = find_exchange(symbol)
    code = (
        place.code
        if place
        else EXCHANGE_CODES.get(str(quote.get("exchange", "")), str(quote.get("exchDisp") or quote.get("exchange") or ""))
    )
    name = str(quote.get("longname") or quote.get("shortname") or symbol)
    return Listing(
        instrument=make_instrument(symbol, name, asset_class, code), has_data=False, source="yahoo", timeframes=tuple(NATIVE_TIMEFRAMES)
    )
