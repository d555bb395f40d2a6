"""How fast bars are there: a million cached minutes, an upload, a search while somebody types. The best processor time of several."""

import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from core.domain.bars_request import BarsRequest
from core.domain.instrument import Instrument, Listing, Timeframe
from core.market import Market
from core.market.cache import CachedBars, CacheKey
from core.market.cached_source import Download, LookbackLimit
from core.market.instrument_classes import make_instrument
from core.market.price_series import PriceSeries, make_series

BARS = 1_000_000
FIRST = date(2015, 1, 1)
AIM_CACHE = 0.3
REPEATS = 5


class Silent:
    """A remote that is never asked: everything is in the cache."""

    name = "silent"

    def listings(self) -> tuple[Listing, ...]:
        return (self.find_listing("MILLION"),)

    def find_listing(self, symbol: str) -> Listing | None:
        return (
            Listing(instrument=make_instrument("MILLION", exchange="UTC"), has_data=True, source=self.name) if symbol == "MILLION" else None
        )

    def find_native(self, timeframe: Timeframe) -> Timeframe:
        return Timeframe.M1

    def lookback_limit(self, timeframe: Timeframe) -> LookbackLimit:
        return LookbackLimit(default=timedelta(days=3650))

    def download(self, instrument: Instrument, timeframe: Timeframe, start: date, end: date) -> Download:
        raise AssertionError("the cache should have had it")


def run(console: Console) -> None:
    """Print one table."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        market = Market(home, remotes=(Silent(),))
        series = _minutes()
        last = series.time[-1].astype("datetime64[D]").item()
        market.cache.write(
            CacheKey("silent", "MILLION", Timeframe.M1), CachedBars(series, ((FIRST, last),), datetime.now(UTC), "America/New_York")
        )
        request = BarsRequest(symbol="MILLION", start=FIRST, end=last, timeframe=Timeframe.M1)
        table = Table("market", "processor time, best of 5", "per bar or look-up", "share of the aim")
        cached = _best(lambda: market.bars(request))
        _row(table, "1,000,000 one-minute bars from the cache", cached, cached / BARS, f"{cached / AIM_CACHE:.0%} of 0.3 s")
        hours = _best(lambda: market.bars(request.changed(timeframe=Timeframe.H1)))
        _row(table, "the same as hours", hours, hours / BARS, f"{hours / AIM_CACHE:.0%} of 0.3 s")
        bars = market.bars(request)
        hashed = _best(lambda: bars.slice(0, len(bars)).hash)
        _row(table, "and their hash on top", hashed, hashed / BARS, "")
        upload = home / "upload.csv"
        _as_csv(series.take(slice(0, 100_000)), upload)
        read, again = _read_upload(home, upload)
        _row(table, "100,000 bars uploaded as CSV, first time", read, read / 100_000, "")
        _row(table, "the same in another process", again, again / 100_000, "")
        market.search("warm")
        queries = ("apple", "microsft", "eur/usd", "s&p 500", "toyot")
        search = _best(lambda: [market.search(query) for query in queries]) / len(queries)
        _row(table, "a search in the directory", search, search, f"{search / 0.05:.0%} of 0.05 s")
        daily = _best(lambda: Market(home).bars(BarsRequest(symbol="AAPL")))
        _row(table, "AAPL daily, first time", daily, daily / 3270, "")
    console.print(table)


def _read_upload(home: Path, upload: Path) -> tuple[float, float]:
    """Seconds of reading the text, and of reading what was kept of it."""
    request = BarsRequest(path=str(upload), timeframe=Timeframe.M1)
    first = []
    for _ in range(2):
        Market(home).kept_readings.forget(upload)
        first.append(_best(lambda: Market(home).bars(request), repeats=1))
    return min(first), _best(lambda: Market(home).bars(request))


def _best(work: Callable[[], object], repeats: int = REPEATS) -> float:
    times = []
    for _ in range(repeats):
        begun = time.process_time()
        work()
        times.append(time.process_time() - begun)
    return min(times)


def _row(table: Table, what: str, seconds: float, each: float, share: str) -> None:
    table.add_row(what, f"{seconds * 1000:.0f} ms", f"{each * 1e6:.2f} us", share)


def _minutes() -> PriceSeries:
    stream = np.random.RandomState(1)
    time_ = np.datetime64(FIRST, "s") + np.arange(BARS) * np.timedelta64(60, "s")
    close = np.round(100 + np.cumsum(stream.random_sample(BARS) - 0.5) * 0.02, 2)
    return make_series(time_, close, close + 0.02, close - 0.02, close, np.floor(stream.random_sample(BARS) * 5000) + 1)


def _as_csv(series: PriceSeries, path: Path) -> None:
    columns = zip(series.time, series.open, series.high, series.low, series.close, series.volume, strict=True)
    path.write_text(
        "time,open,high,low,close,volume\n" + "".join(f"{t},{o:.2f},{h:.2f},{low:.2f},{c:.2f},{v:.0f}\n" for t, o, h, low, c, v in columns)
    )
