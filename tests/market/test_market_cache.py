import multiprocessing
import os
import signal
import sys
import threading
import types
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest

from core.domain.errors import MarketDataError
from core.domain.instrument import Timeframe
from core.market.cache import BarsCache, CachedBars, CacheKey, merge_series
from core.market.price_series import PriceSeries, make_series

KEY = CacheKey("yahoo", "^GSPC", Timeframe.D1)
FETCHED = datetime(2024, 3, 11, tzinfo=UTC)


def daily(first: str, closes: list[float], factor: float = 1.0) -> PriceSeries:
    time = np.datetime64(first, "D") + np.arange(len(closes))
    close = np.array(closes)
    return make_series(time, close, close + 1, close - 1, close, np.arange(len(closes)), np.full(len(closes), factor))


def kept(series: PriceSeries) -> CachedBars:
    return CachedBars(series, ((date(2024, 1, 1), date(2024, 1, 9)),), FETCHED, "America/New_York", ("sorted by time",))


def test_what_is_kept_comes_back_to_the_last_bit(tmp_path: Path) -> None:
    cache = BarsCache(tmp_path)
    cache.write(KEY, kept(daily("2024-01-02", [0.1 + 0.2, 1 / 3, 7e9], factor=0.97)))

    found = cache.read(KEY)

    assert found is not None
    assert found.series.close.tolist() == [0.1 + 0.2, 1 / 3, 7e9]
    assert found.series.factor.tolist() == [0.97] * 3
    assert [str(moment) for moment in found.series.time] == [f"2024-01-0{day}T00:00:00" for day in (2, 3, 4)]
    assert (found.covered, found.fetched, found.zone, found.repaired) == (
        ((date(2024, 1, 1), date(2024, 1, 9)),),
        FETCHED,
        "America/New_York",
        ("sorted by time",),
    )


def test_nothing_kept_reads_as_none_and_makes_no_folder(tmp_path: Path) -> None:
    assert BarsCache(tmp_path / "cache").read(KEY) is None
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize("damage", [b"", b"PAR1", b"not parquet at all"])
def test_a_damaged_file_reads_as_none_and_can_be_replaced(tmp_path: Path, damage: bytes) -> None:
    cache = BarsCache(tmp_path)
    cache.write(KEY, kept(daily("2024-01-02", [1.0])))
    (path,) = tmp_path.glob("*/*.parquet")
    path.write_bytes(damage)

    assert cache.read(KEY) is None
    assert cache.entries() == ()
    cache.write(KEY, kept(daily("2024-01-02", [2.0])))
    assert cache.read(KEY) is not None


def test_files_that_are_gone_when_they_are_looked_at_count_for_nothing(tmp_path: Path) -> None:
    cache = BarsCache(tmp_path)
    cache.write(KEY, kept(daily("2024-01-02", [1.0])))
    size = cache.size()
    for name in ("GONE_1d.parquet", ".GONE_1d.parquet.1-2.part"):  # there when names are read, and gone when they are opened
        (tmp_path / "yahoo" / name).symlink_to(tmp_path / "gone")

    assert (cache.size(), len(cache.entries()), cache.remove_leftovers(older_than=0)) == (size, 1, 0)
    assert cache.clear() == size


def test_entries_tell_size_and_range_and_can_be_removed(tmp_path: Path) -> None:
    cache = BarsCache(tmp_path)
    cache.write(KEY, kept(daily("2024-01-02", [1.0, 2.0])))
    cache.write(CacheKey("yahoo", "AAPL", Timeframe.M1), kept(daily("2024-01-02", [1.0] * 500)))

    first, second = cache.entries()

    assert (first.symbol, first.bars, second.symbol, second.first, second.last) == (
        "AAPL",
        500,
        "^GSPC",
        date(2024, 1, 2),
        date(2024, 1, 3),
    )
    assert cache.size() == first.bytes + second.bytes
    cache.remove(KEY)
    assert [entry.symbol for entry in cache.entries()] == ["AAPL"]
    assert cache.clear() == first.bytes
    assert cache.size() == 0


def test_merging_prefers_the_newer_answer() -> None:
    both = merge_series(daily("2024-01-01", [1.0, 2.0, 3.0]), daily("2024-01-03", [30.0, 40.0]))

    assert both.close.tolist() == [1.0, 2.0, 30.0, 40.0]


def test_a_folder_that_cannot_be_written_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(MarketDataError, match="cannot be kept"):
        BarsCache(tmp_path / "file").write(KEY, kept(daily("2024-01-02", [1.0])))


def test_readers_never_see_half_a_file_while_others_write(tmp_path: Path) -> None:
    cache = BarsCache(tmp_path)
    cache.write(KEY, kept(daily("2024-01-02", [1.0] * 10)))
    stop, seen = threading.Event(), set()

    def write(value: float) -> None:
        while not stop.is_set():
            cache.write(KEY, kept(daily("2024-01-02", [value] * int(value * 1000))))

    writers = [threading.Thread(target=write, args=(value,)) for value in (1.0, 2.0)]
    for writer in writers:
        writer.start()
    try:
        for _ in range(60):
            found = cache.read(KEY)
            assert found is not None
            assert len(set(found.series.close.tolist())) == 1
            seen.add(len(found.series))
    finally:
        stop.set()
        for writer in writers:
            writer.join()

    assert seen <= {10, 1000, 2000}
    assert not list(tmp_path.glob("*/.*.part"))


def _write_and_die(folder: Path) -> None:
    """A download that is killed while it writes: the moment before the file would be put in place."""
    import core.market.series_file as module

    def die(*_: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    module._replace = die
    BarsCache(folder).write(KEY, kept(daily("2024-01-02", [9.0] * 5000)))


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
def test_a_killed_download_leaves_the_old_file_and_is_swept_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "__main__", types.ModuleType("__main__"))  # a spawned child runs the main module again
    cache = BarsCache(tmp_path)
    cache.write(KEY, kept(daily("2024-01-02", [1.0, 2.0])))
    process = multiprocessing.get_context("spawn").Process(target=_write_and_die, args=(tmp_path,))
    process.start()
    process.join()

    found = cache.read(KEY)

    assert process.exitcode == -signal.SIGKILL
    assert found is not None
    assert found.series.close.tolist() == [1.0, 2.0]
    assert cache.remove_leftovers(older_than=0) == 1
    assert [entry.bars for entry in cache.entries()] == [2]
