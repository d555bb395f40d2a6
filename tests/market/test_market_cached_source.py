"""The cache around any remote, shown with a small remote of its own, and with ccxt's documented methods."""

import threading
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from core.domain.bars_request import BarsRequest
from core.domain.errors import MarketDataError
from core.domain.instrument import Instrument, Listing, Timeframe
from core.market import Market
from core.market.cache import BarsCache, CachedBars, CacheKey
from core.market.cached_source import CachedSource, Download, LookbackLimit
from core.market.crypto import CcxtRemote, make_ccxt_remote
from core.market.instrument_classes import make_instrument
from core.market.price_series import make_series

NOW = datetime(2024, 3, 11, 2, 0, tzinfo=UTC)


class Counting:
    """A remote whose price is the number of days since 1970, and which remembers what it was asked for."""

    name = "counting"

    def __init__(self, default: int | None = None) -> None:
        self.asked: list[tuple[date, date]] = []
        self.default = timedelta(days=default) if default else None

    def listings(self) -> tuple[Listing, ...]:
        return (Listing(instrument=make_instrument("CNT", "Counting Corp", exchange="XNYS"), has_data=False, source=self.name),)

    def find_listing(self, symbol: str) -> Listing | None:
        return self.listings()[0] if symbol.upper() == "CNT" else None

    def find_native(self, timeframe: Timeframe) -> Timeframe | None:
        return Timeframe.D1

    def lookback_limit(self, timeframe: Timeframe) -> LookbackLimit:
        return LookbackLimit(default=self.default)

    def download(self, instrument: Instrument, timeframe: Timeframe, start: date, end: date) -> Download:
        self.asked.append((start, end))
        days = np.arange(max(np.datetime64(start), np.datetime64("2024-01-01")), np.datetime64(end) + 1)
        price = days.astype(np.float64)
        return Download(instrument, make_series(days, price, price, price, price, price))


def source(home: Path, remote: Counting) -> CachedSource:
    return CachedSource(remote, BarsCache(home), clock=lambda: NOW)


def test_only_missing_days_are_asked_for_on_either_side(tmp_path: Path) -> None:
    remote = Counting(default=365)
    bars = source(tmp_path, remote)
    bars.fetch("CNT", Timeframe.D1, date(2024, 2, 1), date(2024, 2, 10))
    bars.fetch("CNT", Timeframe.D1, date(2024, 2, 3), date(2024, 2, 9))
    found = bars.fetch("CNT", Timeframe.D1, date(2024, 1, 20), date(2024, 2, 20))

    overlap = timedelta(days=10)
    assert remote.asked == [
        (date(2024, 2, 1), date(2024, 2, 10)),
        (date(2024, 1, 20) - overlap, date(2024, 1, 31) + overlap),
        (date(2024, 2, 11) - overlap, date(2024, 2, 20) + overlap),
    ]
    assert (np.diff(found.series.time.astype("datetime64[D]").astype(int)) == 1).all()


def test_a_source_without_limits_is_asked_once_for_everything(tmp_path: Path) -> None:
    remote = Counting()
    bars = source(tmp_path, remote)
    bars.fetch("CNT", Timeframe.D1, None, None)
    bars.fetch("CNT", Timeframe.D1, date(2024, 2, 1), date(2024, 2, 2))

    assert remote.asked == [(date(1900, 1, 1), date(2024, 3, 10))]


def test_days_that_a_clock_took_for_over_too_early_are_asked_for_again(tmp_path: Path) -> None:
    remote = Counting()
    whole = CachedSource(remote, BarsCache(tmp_path), clock=lambda: NOW).fetch("CNT", Timeframe.D1, None, None)
    cache = BarsCache(tmp_path)
    key = CacheKey(remote.name, "CNT", Timeframe.D1)
    ahead = CachedBars(whole.series, ((date(1900, 1, 1), date(2031, 6, 1)),), NOW + timedelta(days=2600), "America/New_York")
    cache.write(key, ahead)
    later = CachedSource(remote, cache, clock=lambda: NOW + timedelta(days=3))
    for _ in range(2):
        found = later.fetch("CNT", Timeframe.D1, None, None)

    assert remote.asked[1:] == [(date(2024, 2, 29), date(2024, 3, 13))]
    assert found.series.time[-1].astype("datetime64[D]").item() == date(2024, 3, 13)


def test_many_threads_fetch_the_same_bars_once(tmp_path: Path) -> None:
    remote = Counting()
    bars = source(tmp_path, remote)
    threads = [threading.Thread(target=bars.fetch, args=("CNT", Timeframe.D1, None, None)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(remote.asked) == 1


def test_what_was_fetched_is_found_first_and_can_be_forgotten(tmp_path: Path) -> None:
    market = Market(tmp_path, remotes=(Counting(),), clock=lambda: NOW)
    before = market.search("counting")[0].has_data
    market.bars(BarsRequest(symbol="CNT"))

    assert (before, market.search("counting")[0].has_data) == (False, True)
    market.forget(market.cached()[0])
    assert market.cached() == ()
    assert not market.search("counting")[0].has_data


class BadSymbol(Exception):  # noqa: N818 (ccxt's name)
    """What an exchange raises for a pair it does not trade, by the name that ccxt gives it."""


class Exchange:
    """ccxt's documented methods: fetch_ohlcv pages of at most `limit` rows from `since` on."""

    id = "fakex"
    rateLimit = 50  # noqa: N815 (ccxt's name)
    timeframes = {"1m": "1m", "5m": "5m", "1h": "1h", "1d": "1d"}  # noqa: RUF012 (ccxt has it so)

    def __init__(self) -> None:
        self.calls: list[tuple[str, str, int, int]] = []

    def fetch_ohlcv(self, symbol: str, timeframe: str, since: int, limit: int) -> list[list[float]]:
        self.calls.append((symbol, timeframe, since, limit))
        if not symbol.startswith("BTC"):
            raise BadSymbol(symbol)
        step = {"1m": 60_000, "5m": 300_000, "1h": 3_600_000, "1d": 86_400_000}[timeframe]
        first = -(-since // step) * step
        now = int(NOW.timestamp() * 1000)
        return [[float(moment), 10.0, 11.0, 9.0, 10.5, 2.0] for moment in range(first, min(first + limit * step, now), step)]


def crypto_market(home: Path) -> tuple[Market, Exchange, list[float]]:
    exchange, slept = Exchange(), list[float]()
    return Market(home, remotes=(CcxtRemote(exchange, errors=BadSymbol, sleep=slept.append),), clock=lambda: NOW), exchange, slept


def test_a_crypto_pair_is_paged_at_the_pace_of_the_exchange(tmp_path: Path) -> None:
    market, exchange, slept = crypto_market(tmp_path)

    bars = market.bars(BarsRequest(symbol="btc/usdt", start=date(2024, 3, 1), end=date(2024, 3, 2), timeframe=Timeframe.M1))

    assert len(bars) == 2 * 1440
    assert (bars.instrument.zone, bars.instrument.days_per_year, bars.instrument.currency) == ("UTC", 365, "USDT")
    assert len(exchange.calls) == 3
    assert slept == [0.05, 0.05]


def test_a_timeframe_the_exchange_lacks_is_made_from_a_shorter_one(tmp_path: Path) -> None:
    market, exchange, _ = crypto_market(tmp_path)

    bars = market.bars(BarsRequest(symbol="BTC/USDT", start=date(2024, 3, 1), end=date(2024, 3, 2), timeframe=Timeframe.H4))

    assert len(bars) == 12
    assert {call[1] for call in exchange.calls} == {"1h"}


def test_a_pair_that_the_exchange_does_not_trade_is_told_in_words(tmp_path: Path) -> None:
    with pytest.raises(MarketDataError, match="fakex does not trade XYZ/USDT"):
        crypto_market(tmp_path)[0].bars(BarsRequest(symbol="XYZ/USDT"))


def test_without_ccxt_the_remedy_is_named() -> None:
    try:
        import ccxt  # noqa: F401
    except ImportError:
        with pytest.raises(MarketDataError, match="pip install ccxt"):
            make_ccxt_remote("kraken")
    else:
        with pytest.raises(MarketDataError, match="no exchange 'nowhere'"):
            make_ccxt_remote("nowhere")
