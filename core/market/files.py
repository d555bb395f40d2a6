"""Bars from files of the user: recognized, cleaned, previewed, or refused with reasons. Nothing is ever half imported."""

import shlex
import threading
from collections import OrderedDict
from datetime import date
from pathlib import Path

from core.domain.bars import Bars, Preview
from core.domain.errors import MarketDataError, RefusedBarsError
from core.domain.instrument import Instrument, Timeframe
from core.domain.readings import Corrections
from core.market.adjust import adjust_series
from core.market.calendars import find_open_days
from core.market.file_naming import Lookup
from core.market.kept_readings import KeptReadings
from core.market.price_series import to_bars
from core.market.reading import Occasion, read_bars
from core.market.reading_memory import ReadingMemory
from core.market.resample import resample, shape_of
from core.market.source import Fetched

MOST_FILES, FEW_FILES = 24, 4
"""Files whose reading is kept: all of a basket, and of large ones so many."""
MOST_BARS = 1_000_000
"""Bars that are kept beyond the few files."""


class FileCache:
    """Files read lately, so that many requests for one file parse it once; a file that changed on disk is read again."""

    def __init__(self, lookup: Lookup | None = None, *, memory: ReadingMemory | None = None, kept: KeptReadings | None = None) -> None:
        self._lookup = lookup
        self._memory = memory
        self._read = kept.read if kept else read_bars
        self._lock = threading.Lock()
        self._known: OrderedDict[tuple[object, ...], Fetched] = OrderedDict()

    def fetch(self, path: Path, label: str = "") -> Fetched:
        """The file as a source's answer. Raises RefusedBarsError or MarketDataError."""
        occasion = Occasion(path.name, label=label, lookup=self._lookup, memory=self._memory)
        try:
            state = path.stat()
            key = (str(path.resolve()), label, state.st_mtime_ns, state.st_size, self._memory.state if self._memory else None)
        except OSError:
            return self._fetch(path, occasion)
        with self._lock:
            if key in self._known:
                self._known.move_to_end(key)
                return self._known[key]
        fetched = self._fetch(path, occasion)
        with self._lock:
            self._known[key] = fetched
            while self._holds_too_much():
                self._known.popitem(last=False)
        return fetched

    def _holds_too_much(self) -> bool:
        many = len(self._known)
        return many > MOST_FILES or (many > FEW_FILES and sum(len(one.series) for one in self._known.values()) > MOST_BARS)

    def _fetch(self, path: Path, occasion: Occasion) -> Fetched:
        """The file as a source's answer, in its own timeframe. Raises RefusedBarsError or MarketDataError."""
        reading = self._read(read_content(path), occasion)
        if reading.fetched is None:
            message = f"The bars in {path.name} cannot be used: {'; '.join(reading.refused)}."
            hint = "Correct the file and try again; nothing was imported."
            if reading.facts.tables and not reading.facts.corrections.table:
                hint = f"`bars {shlex.quote(path.name)} --table {shlex.quote(reading.facts.tables[0])}` says so, for every later run."
            raise RefusedBarsError(message, reasons=reading.refused, hint=hint)
        return reading.fetched


def preview_file(
    source: Path | bytes,
    name: str = "",
    *,
    instrument: Instrument | None = None,
    lookup: Lookup | None = None,
    today: date | None = None,
    memory: ReadingMemory | None = None,
    corrections: Corrections | None = None,
) -> Preview:
    """Preview how a file, or the bytes of an upload, would be used. Never raises for what is in it: `refused` says what is wrong."""
    shown = name or (source.name if isinstance(source, Path) else "upload")
    occasion = Occasion(shown, instrument=instrument, lookup=lookup, today=today, memory=memory, corrections=corrections or Corrections())
    try:
        data = source if isinstance(source, bytes) else read_content(source)
        reading = read_bars(data, occasion)
        bars = _bars(reading.fetched, reading.fetched.timeframe, shown) if reading.fetched else None
    except MarketDataError as problem:
        return Preview(shown, refused=(str(problem),))
    warnings = reading.fetched.warnings if reading.fetched else ()
    return Preview(shown, reading.understood, reading.repaired, warnings, reading.refused, bars, reading.facts)


def read_content(path: Path) -> bytes:
    """The bytes of a file. Raises MarketDataError."""
    try:
        return path.read_bytes()
    except OSError as problem:
        reason = "does not exist" if isinstance(problem, FileNotFoundError) else f"cannot be read ({problem.strerror})"
        raise MarketDataError(f"The file {path.name} {reason}.", hint="Give the path of a file of bars.") from problem


def _bars(fetched: Fetched, target: Timeframe, source: str) -> Bars:
    if target.minutes < fetched.timeframe.minutes or target.minutes % fetched.timeframe.minutes:
        message = f"{source} holds {fetched.timeframe.adjective} bars, from which {target.adjective} bars cannot be made."
        raise MarketDataError(message, hint=f"Choose {fetched.timeframe.value} or a longer timeframe.")
    week = find_open_days(fetched.instrument, fetched.series.time) if target is Timeframe.W1 else None
    series = resample(adjust_series(fetched.series), fetched.timeframe, target, shape_of(fetched.instrument), week)
    if not len(series):
        raise MarketDataError(f"{source} holds no complete {target.value} bar.", hint="Choose a shorter timeframe.")
    return to_bars(series, fetched.instrument, target, source)
