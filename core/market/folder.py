"""Folders of bar files as a source: every readable file is an instrument, named by its name without the endings."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from core.domain.instrument import AssetClass, Listing, Timeframe
from core.domain.readings import strip_endings
from core.market.file_naming import Lookup, tell_instrument
from core.market.files import FileCache
from core.market.instrument_classes import make_instrument
from core.market.source import Fetched

_PACKED = tuple(f".{table}.{packed}" for table in ("csv", "txt") for packed in ("gz", "bz2", "xz"))
ENDINGS = (
    ".csv",
    ".txt",
    ".tsv",
    ".xlsx",
    ".xls",
    ".html",
    ".htm",
    ".parquet",
    ".feather",
    ".json",
    ".jsonl",
    ".ndjson",
    ".zip",
    ".tar",
    ".tgz",
    *_PACKED,
)


class FolderSource:
    """Files of the user's own folders, the earlier folder first; looked through at each request, so new files appear at once."""

    name = "folder"

    def __init__(self, folders: tuple[Path, ...], files: FileCache, lookup: Lookup) -> None:
        self._folders = folders
        self._files = files
        self._lookup = lookup

    def listings(self) -> tuple[Listing, ...]:
        """One for each file; their range is not known before they are read."""
        return tuple(self._listing(symbol) for symbol in self._paths())

    def find_listing(self, symbol: str) -> Listing | None:
        """The file of that name, whatever its case."""
        return self._listing(symbol.upper()) if symbol.upper() in self._paths() else None

    def find_path(self, symbol: str) -> Path | None:
        """The file of that name, whatever its case; None where there is none."""
        return self._paths().get(symbol.rpartition(":")[2].strip().upper())

    def find_native(self, symbol: str, timeframe: Timeframe) -> Timeframe | None:
        """Told when the file is read."""
        return timeframe

    def fetch(self, symbol: str, timeframe: Timeframe, start: date | None, end: date | None) -> Fetched:
        """The whole file, in its own timeframe. Raises RefusedBarsError or MarketDataError."""
        return self._files.fetch(self._paths()[symbol.upper()], symbol)

    def _listing(self, symbol: str) -> Listing:
        told = tell_instrument(symbol, self._lookup, ticker=True)
        instrument = told.instrument if told else make_instrument(symbol, f"{symbol} (file)", AssetClass.EQUITY)
        return Listing(instrument=instrument.changed(symbol=symbol), has_data=True, source=self.name)

    def _paths(self) -> dict[str, Path]:
        found: dict[str, Path] = {}
        for path in self._candidates():
            found.setdefault(strip_endings(path.name).upper(), path)
        return found

    def _candidates(self) -> Iterator[Path]:
        for folder in self._folders:
            if folder.is_dir():
                yield from sorted(path for path in folder.iterdir() if path.is_file() and path.name.lower().endswith(ENDINGS))
