"""A listing tells which bars of its instrument were fetched before."""

from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np

from core.domain.instrument import Timeframe
from core.market import Market
from core.market.cache import BarsCache, CachedBars, CacheKey
from core.market.price_series import make_series


def kept(days: list[str]) -> CachedBars:
    """Bars of some days, as fetched."""
    prices = np.full(len(days), 10.0)
    series = make_series(np.array(days, dtype="datetime64[s]"), prices, prices, prices, prices)
    return CachedBars(series, ((date(2024, 1, 1), date(2024, 2, 1)),), datetime(2024, 2, 2, tzinfo=UTC), "America/New_York")


def test_a_symbol_whose_bars_were_fetched_is_told_as_here_over_all_its_timeframes(tmp_path: Path) -> None:
    market = Market(tmp_path)
    assert not market.find_listing("TSLA").has_data
    market.cache.write(CacheKey("yahoo", "TSLA", Timeframe.D1), kept(["2024-01-02", "2024-01-03"]))
    market.cache.write(CacheKey("yahoo", "TSLA", Timeframe.M1), kept(["2024-01-05T09:30"]))
    found = market.find_listing("tsla")
    assert (found.has_data, found.first, found.last) == (True, date(2024, 1, 2), date(2024, 1, 5))


def test_a_symbol_does_not_take_the_bars_of_one_that_only_begins_like_it(tmp_path: Path) -> None:
    cache = BarsCache(tmp_path)
    cache.write(CacheKey("yahoo", "A_B", Timeframe.D1), kept(["2024-01-02"]))
    assert cache.entries("yahoo", "A") == ()
    assert len(cache.entries("yahoo", "A_B")) == 1
