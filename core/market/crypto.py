"""Crypto exchanges through ccxt, an optional extra: `pip install ccxt` and name an exchange. Imported only then."""

import importlib
import re
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np

from core.domain.errors import MarketDataError
from core.domain.instrument import AssetClass, Instrument, Listing, Timeframe
from core.market.cached_source import Download, LookbackLimit
from core.market.instrument_classes import make_instrument, parse_currency_pair
from core.market.price_series import make_series

PAGE_BARS = 1000
MOST_PAGES = 2000
FIRST_DAY = date(2010, 1, 1)
"""There were no exchanges before; asking for earlier days makes some of them answer nothing."""
DEFAULT_DAYS = {Timeframe.M1: 30, Timeframe.M5: 90, Timeframe.M15: 180, Timeframe.M30: 365, Timeframe.H1: 730, Timeframe.H4: 1460}
"""Days fetched when no start is asked for; longer timeframes are fetched whole."""
ERRORS = {
    "BadSymbol": ("{exchange} does not trade {symbol}.", "Write pairs as BTC/USDT."),
    "RateLimitExceeded": ("{exchange} was asked too often.", "Wait a minute and try again."),
    "DDoSProtection": ("{exchange} was asked too often.", "Wait a minute and try again."),
    "AuthenticationError": ("{exchange} wants an account for this.", "Choose an exchange with public prices."),
    "RequestTimeout": ("{exchange} did not answer in time.", "Check the connection and try again."),
    "ExchangeNotAvailable": ("{exchange} is down.", "Try again later."),
    "NetworkError": ("{exchange} cannot be reached from here.", "Check the connection and try again."),
    "NotSupported": ("{exchange} has no bars of that timeframe.", "Choose another timeframe."),
    "BaseError": ("{exchange} did not deliver the bars of {symbol}.", "Try again later, or choose another exchange."),
}
"""By class name of ccxt's errors, looked up along an exception's ancestry."""


class CcxtRemote:
    """One exchange of ccxt as a remote: `exchange` is ccxt's object, `errors` the base of what it raises."""

    def __init__(self, exchange: Any, *, errors: type[Exception], sleep: Callable[[float], None] = time.sleep) -> None:
        self._exchange = exchange
        self._errors = errors
        self._sleep = sleep

    @property
    def name(self) -> str:
        """For example `ccxt-kraken`."""
        return f"ccxt-{self._exchange.id}"

    def listings(self) -> tuple[Listing, ...]:
        """Nothing without a network: exchanges list thousands of pairs, any of which can be asked for by its name."""
        return ()

    def find_listing(self, symbol: str) -> Listing | None:
        """Any pair written with a slash, unless it is one of currencies."""
        pair = symbol.upper().strip()
        if not re.fullmatch(r"[A-Z0-9]{2,12}/[A-Z0-9]{2,12}(:[A-Z0-9]+)?", pair) or parse_currency_pair(pair):
            return None
        instrument = make_instrument(
            pair, f"{pair} on {self._exchange.id}", AssetClass.CRYPTO, str(self._exchange.id), pair.split("/")[1].split(":")[0]
        )
        return Listing(instrument=instrument, has_data=False, source=self.name, timeframes=self._timeframes())

    def find_native(self, timeframe: Timeframe) -> Timeframe | None:
        """The longest timeframe of the exchange that divides the one asked for."""
        fitting = [offered for offered in self._timeframes() if timeframe.minutes % offered.minutes == 0 and offered is not Timeframe.W1]
        return max(fitting, key=lambda offered: offered.minutes, default=None)

    def lookback_limit(self, timeframe: Timeframe) -> LookbackLimit:
        """No limit that exchanges agree upon; see DEFAULT_DAYS."""
        days = DEFAULT_DAYS.get(timeframe)
        return LookbackLimit(default=timedelta(days=days) if days else None)

    def download(self, instrument: Instrument, timeframe: Timeframe, start: date, end: date) -> Download:
        """Bars page by page, at the pace the exchange asks for. Raises MarketDataError."""
        since = _milliseconds(max(start, FIRST_DAY))
        stop = _milliseconds(end + timedelta(days=1))
        rows: list[list[float]] = []
        for _ in range(MOST_PAGES):
            page = self._page(instrument.symbol, timeframe, since)
            rows += [row for row in page if since <= row[0] < stop]
            if not page or page[-1][0] >= stop - timeframe.minutes * 60_000 or page[-1][0] < since:
                break
            since = int(page[-1][0]) + 1
            self._sleep(float(getattr(self._exchange, "rateLimit", 1000)) / 1000)
        table = np.array(rows, dtype=np.float64).reshape(-1, 6)
        moments = table[:, 0].astype("datetime64[ms]").astype("datetime64[s]")
        return Download(instrument, make_series(moments, table[:, 1], table[:, 2], table[:, 3], table[:, 4], table[:, 5]))

    def _page(self, symbol: str, timeframe: Timeframe, since: int) -> list[list[float]]:
        try:
            page = self._exchange.fetch_ohlcv(symbol, timeframe.value, since, PAGE_BARS)
        except self._errors as problem:
            message, hint = ERRORS[
                next((ancestor.__name__ for ancestor in type(problem).__mro__ if ancestor.__name__ in ERRORS), "BaseError")
            ]
            raise MarketDataError(message.format(exchange=self._exchange.id, symbol=symbol), hint=hint) from problem
        return [[float(value) if value is not None else np.nan for value in row[:6]] for row in page]

    def _timeframes(self) -> tuple[Timeframe, ...]:
        offered = getattr(self._exchange, "timeframes", None) or {}
        return tuple(timeframe for timeframe in Timeframe if timeframe.value in offered)


def make_ccxt_remote(exchange: str) -> CcxtRemote:
    """The exchange of that ccxt id. Raises MarketDataError when ccxt is not installed or has no such exchange."""
    try:
        ccxt = importlib.import_module("ccxt")
    except ImportError as problem:
        raise MarketDataError("Crypto exchanges need the package ccxt, which is not installed.", hint="Run: pip install ccxt") from problem
    if exchange not in ccxt.exchanges:
        raise MarketDataError(f"ccxt knows no exchange '{exchange}'.", hint="Use its id, for example kraken or coinbase.")
    return CcxtRemote(getattr(ccxt, exchange)({"enableRateLimit": True}), errors=ccxt.BaseError)


def _milliseconds(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)
