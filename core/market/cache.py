"""Bars that were fetched, kept as Parquet: one file for each source, symbol and timeframe, replaced whole, never half written.

A file holds raw prices and the adjustment factor, so that raw and adjusted bars are two views of it, together with the ranges that are
covered. Readers always see a complete file and need no lock; whoever fetches holds the key's lock, over threads and processes.
"""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from glob import escape
from pathlib import Path
from urllib.parse import quote, unquote

import numpy as np

from core.domain.bars import CacheEntry
from core.domain.errors import MarketDataError
from core.domain.instrument import Timeframe
from core.market.price_series import COLUMNS, PriceSeries
from core.market.series_file import DAMAGED, read_series, write_series

Span = tuple[date, date]
LEFTOVER_SECONDS = 3600
LOCK_SECONDS = 120


@dataclass(frozen=True, slots=True)
class CacheKey:
    """Identity of cached bars; adjustment is part of the content, see the module's words."""

    source: str
    symbol: str
    timeframe: Timeframe


@dataclass(frozen=True, slots=True)
class CachedBars:
    """A file's content: bars, the days for which it is known that there are no others, and when that was learned (UTC)."""

    series: PriceSeries
    covered: tuple[Span, ...]
    fetched: datetime
    zone: str
    """Zone in which the times are written."""
    repaired: tuple[str, ...] = ()
    """Repairs that the bars needed when they came."""


class BarsCache:
    """The folder of kept bars; made when something is first written. Safe for many threads and processes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def lock(self, key: CacheKey) -> Iterator[None]:
        """Hold a key alone while its bars are read, fetched and written. Raises MarketDataError when that cannot be had."""
        from filelock import FileLock, Timeout

        folder = self._folder / ".locks"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            lock = FileLock(folder / f"{key.source}_{self._path(key).stem}.lock", timeout=LOCK_SECONDS)
            lock.acquire()
        except Timeout as problem:
            raise MarketDataError(f"{key.symbol} is being fetched by another process.", hint="Try again in a minute.") from problem
        except OSError as problem:
            raise self._unwritable(problem) from problem
        try:
            yield
        finally:
            lock.release()

    def read(self, key: CacheKey) -> CachedBars | None:
        """The bars kept under the key; None when there is nothing, or nothing readable."""
        path = self._path(key)
        try:
            return _read(path) if path.exists() else None
        except DAMAGED:
            return None

    def write(self, key: CacheKey, kept: CachedBars) -> None:
        """Keep bars, replacing what was there in one step. Raises MarketDataError when the folder cannot be written."""
        try:
            write_series(self._path(key), kept.series, _describe(kept))
        except OSError as problem:
            raise self._unwritable(problem) from problem

    def names(self) -> frozenset[str]:
        """Everything that is kept, by name only: cheap, to notice that something was added or removed."""
        return frozenset(f"{path.parent.name}/{path.stem}" for path in self._files())

    def entries(self, source: str = "*", symbol: str = "") -> tuple[CacheEntry, ...]:
        """Everything that is kept, or what is kept of one source or of one symbol, largest first."""
        name = escape(quote(symbol.upper(), safe="")) if symbol else "*"
        found = [entry for path in self._folder.glob(f"{source}/{name}_*.parquet") if (entry := _entry(path))]
        found = [entry for entry in found if not symbol or entry.symbol == symbol.upper()]
        return tuple(sorted(found, key=lambda entry: entry.bytes, reverse=True))

    def size(self) -> int:
        """Bytes on disk."""
        return sum(_measure(path) for path in self._files())

    def remove(self, key: CacheKey) -> None:
        """Forget one instrument's bars of one timeframe."""
        self._path(key).unlink(missing_ok=True)

    def clear(self) -> int:
        """Forget everything that was fetched; gives the bytes freed."""
        freed = 0
        for path in list(self._files()):
            freed += _measure(path)
            path.unlink(missing_ok=True)
        self.remove_leftovers(older_than=0)
        return freed

    def remove_leftovers(self, *, older_than: float = LEFTOVER_SECONDS) -> int:
        """Remove what killed downloads left behind; gives how many files."""
        removed = 0
        for part in self._folder.glob("*/.*.part"):
            with suppress(FileNotFoundError):  # its download has just put it in place
                if time.time() - part.stat().st_mtime >= older_than:
                    part.unlink()
                    removed += 1
        return removed

    def _unwritable(self, problem: OSError) -> MarketDataError:
        message = f"Fetched bars cannot be kept in {self._folder}: {problem.strerror or problem}."
        return MarketDataError(message, hint="Free some space, or point STRATLOOP_HOME to a writable folder.")

    def _files(self) -> Iterator[Path]:
        return self._folder.glob("*/*.parquet")

    def _path(self, key: CacheKey) -> Path:
        return self._folder / key.source / f"{quote(key.symbol.upper(), safe='')}_{key.timeframe.value}.parquet"


def find_missing(wanted: Span, covered: tuple[Span, ...]) -> tuple[Span, ...]:
    """Find the days of a range that no span covers, as spans.

    >>> find_missing((date(2020, 1, 1), date(2020, 1, 9)), ((date(2020, 1, 3), date(2020, 1, 5)),))
    ((datetime.date(2020, 1, 1), datetime.date(2020, 1, 2)), (datetime.date(2020, 1, 6), datetime.date(2020, 1, 9)))
    """
    start, end = wanted[0].toordinal(), wanted[1].toordinal()
    gaps = []
    for first, last in sorted((span[0].toordinal(), span[1].toordinal()) for span in covered):
        if start > end:
            break
        if first > start:
            gaps.append((start, min(first - 1, end)))
        start = max(start, last + 1)
    if start <= end:
        gaps.append((start, end))
    return tuple((date.fromordinal(first), date.fromordinal(last)) for first, last in gaps)


def join_spans(spans: tuple[Span, ...]) -> tuple[Span, ...]:
    """The same days in as few spans as possible.

    >>> join_spans(((date(2020, 1, 4), date(2020, 1, 6)), (date(2020, 1, 1), date(2020, 1, 3))))
    ((datetime.date(2020, 1, 1), datetime.date(2020, 1, 6)),)
    """
    result: list[Span] = []
    for first, last in sorted(spans):
        if result and first.toordinal() <= result[-1][1].toordinal() + 1:
            result[-1] = (result[-1][0], max(last, result[-1][1]))
        else:
            result.append((first, last))
    return tuple(result)


def merge_series(old: PriceSeries, new: PriceSeries) -> PriceSeries:
    """Bars of both, in order; where both have a bar the new one counts."""
    time = np.concatenate([old.time, new.time])
    order = np.argsort(time, kind="stable")
    last = np.append(np.diff(time[order].astype(np.int64)) > 0, True) if len(time) else np.zeros(0, dtype=bool)
    chosen = order[last]
    return PriceSeries(*(np.concatenate([getattr(old, name), getattr(new, name)])[chosen] for name in COLUMNS))


def _measure(path: Path) -> int:
    """Measure a file's bytes; 0 for one that another process has just removed."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _entry(path: Path) -> CacheEntry | None:
    """Read what a file says about itself, without reading its bars; None when it is damaged."""
    import pyarrow.parquet as parquet

    symbol, _, timeframe = path.stem.rpartition("_")
    try:
        with path.open("rb") as stream:
            metadata = parquet.ParquetFile(stream).metadata
        about = json.loads(metadata.metadata[b"stratloop"])
        return CacheEntry(
            source=path.parent.name,
            symbol=unquote(symbol),
            timeframe=Timeframe(timeframe),
            bars=metadata.num_rows,
            first=about["first"],
            last=about["last"],
            bytes=path.stat().st_size,
            fetched=about["fetched"],
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _read(path: Path) -> CachedBars:
    series, about = read_series(path)
    covered = tuple((date.fromisoformat(first), date.fromisoformat(last)) for first, last in about["covered"])
    return CachedBars(series, covered, datetime.fromisoformat(about["fetched"]), about["zone"], tuple(about["repaired"]))


def _describe(kept: CachedBars) -> dict[str, object]:
    return {
        "covered": [[first.isoformat(), last.isoformat()] for first, last in kept.covered],
        "fetched": kept.fetched.astimezone(UTC).isoformat(),
        "zone": kept.zone,
        "repaired": list(kept.repaired),
        "first": str(kept.series.time[0].astype("datetime64[D]")),
        "last": str(kept.series.time[-1].astype("datetime64[D]")),
    }
