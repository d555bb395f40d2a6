"""Readings of large files of bars, kept beside the files: a text is parsed once, and not again by each process and after each start.

A kept reading is used only where a new one would say the same: for the same bytes under the same name, by the same release of the readers,
where what they looked up has the same answers and nobody has corrected the file since. It may be removed at any time.
"""

import hashlib
import json
import logging
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from core.domain.instrument import Instrument, Timeframe
from core.domain.readings import Corrections, FileReading
from core.market.price_series import COLUMNS, PriceSeries
from core.market.reading import Occasion, Reading, read_bars
from core.market.reading_memory import hash_data
from core.market.series_file import DAMAGED, read_series, write_series
from core.market.source import Fetched

SMALLEST = 250_000
"""Bytes of a file from which on its reading is kept; a smaller one is read in a few hundredths of a second."""
MOST_BYTES = 500_000_000
"""Room for all of them; those that were not used for the longest time go first."""
LEFTOVER_SECONDS = 3600
ROOM = Path(__file__).parent
READERS = (*sorted(ROOM.glob("*.py")), *(ROOM.parent / "domain" / f"{name}.py" for name in ("bars", "instrument", "readings")))
"""Everything that a reading depends on and that may change with a release."""

log = logging.getLogger(__name__)


class KeptReadings:
    """A folder of readings, made when the first one is kept. Safe for many threads and processes."""

    def __init__(self, folder: Path, *, smallest: int = SMALLEST, most_bytes: int = MOST_BYTES, release: str = "") -> None:
        self._folder = folder
        self._smallest = smallest
        self._most_bytes = most_bytes
        self._release = release

    def read(self, data: bytes, occasion: Occasion) -> Reading:
        """Read the bytes of a file as `read_bars`, or find what was read of them before. Raises as that does."""
        if len(data) < self._smallest or occasion.instrument or occasion.today or occasion.corrections != Corrections():
            return read_bars(data, occasion)
        content = hash_data(data)
        path = self._find_path(content, occasion)
        found = _load(path, content, occasion) if path.exists() else None
        if found is not None:
            with suppress(OSError):
                os.utime(path)
            return found
        asked: dict[str, Instrument | None] = {}
        reading = read_bars(data, replace(occasion, lookup=_note_answers(occasion, asked)))
        if reading.fetched is not None:
            self._keep(path, reading, reading.fetched, asked)
        return reading

    def forget(self, file: Path) -> None:
        """Forget what was read of a file, under whatever name; of one that cannot be read nothing was."""
        with suppress(OSError):
            for path in self._folder.glob(f"{hash_data(file.read_bytes())}-*.parquet"):
                path.unlink(missing_ok=True)

    def _find_path(self, content: str, occasion: Occasion) -> Path:
        said = json.dumps([self._release or find_release(), occasion.name, occasion.label, occasion.lookup is None])
        return self._folder / f"{content}-{hashlib.sha256(said.encode()).hexdigest()[:16]}.parquet"

    def _keep(self, path: Path, reading: Reading, fetched: Fetched, asked: dict[str, Instrument | None]) -> None:
        """Keep a reading; where there is no room for it the next process reads the text again, and the log says why."""
        try:
            words = _describe(reading, fetched, asked)
            write_series(path, fetched.series, {"words": words, "seal": _seal(words, fetched.series)})
            self._make_room()
        except OSError as problem:
            log.info("what was read of a file of bars is not kept: %s", problem)

    def _make_room(self) -> None:
        """Remove what was not used for the longest time beyond the room that there is, and what killed processes left behind."""
        for part in self._folder.glob(".*.part"):
            with suppress(OSError):
                if time.time() - part.stat().st_mtime > LEFTOVER_SECONDS:
                    part.unlink()
        held = 0
        for _, size, path in sorted(self._list_files(), reverse=True):
            held += size
            if held > self._most_bytes:
                path.unlink(missing_ok=True)

    def _list_files(self) -> Iterator[tuple[float, int, Path]]:
        for path in self._folder.glob("*.parquet"):
            with suppress(OSError):  # another process has just removed it
                state = path.stat()
                yield state.st_mtime, state.st_size, path


@cache
def find_release() -> str:
    """Name the release of the readers, by their own text and that of the libraries which parse: another one reads anew."""
    digest = hashlib.sha256()
    for path in READERS:
        digest.update(path.read_bytes())
    digest.update(f"{version('pandas')} {version('numpy')}".encode())
    return digest.hexdigest()


def _note_answers(occasion: Occasion, asked: dict[str, Instrument | None]) -> Any:
    """The occasion's own lookup, with its answers noted."""
    lookup = occasion.lookup
    if lookup is None:
        return None

    def look_up(text: str) -> Instrument | None:
        asked[text] = lookup(text)
        return asked[text]

    return look_up


def _describe(reading: Reading, fetched: Fetched, asked: dict[str, Instrument | None]) -> str:
    words = {
        "understood": reading.understood,
        "repaired": reading.repaired,
        "facts": reading.facts.model_dump(mode="json"),
        "instrument": fetched.instrument.model_dump(mode="json"),
        "timeframe": fetched.timeframe.value,
        "warnings": fetched.warnings,
        "asked": {text: None if answer is None else answer.model_dump(mode="json") for text, answer in asked.items()},
    }
    return json.dumps(words)


def _seal(words: str, series: PriceSeries) -> str:
    """Name of everything that was kept: whatever happened to the file in between, another content has another name."""
    digest = hashlib.sha256(words.encode())
    for name in COLUMNS:
        digest.update(np.ascontiguousarray(getattr(series, name)).tobytes())
    return digest.hexdigest()


def _load(path: Path, content: str, occasion: Occasion) -> Reading | None:
    """Load a kept reading; None for one that is damaged, or that a new one would not repeat."""
    try:
        series, kept = read_series(path)
        if _seal(kept["words"], series) != kept["seal"]:
            return None
        about = json.loads(kept["words"])
        facts = FileReading.model_validate(about["facts"])
        instrument, timeframe = Instrument.model_validate(about["instrument"]), Timeframe(about["timeframe"])
        asked = {text: None if answer is None else Instrument.model_validate(answer) for text, answer in about["asked"].items()}
        understood, repaired, warnings = (tuple(map(str, about[name])) for name in ("understood", "repaired", "warnings"))
    except (*DAMAGED, AttributeError):
        return None
    said = occasion.memory.find(content, facts.headers) if occasion.memory else Corrections()
    if said != facts.corrections or any(occasion.lookup is None or occasion.lookup(text) != answer for text, answer in asked.items()):
        return None
    return Reading(understood, (), repaired, Fetched(instrument, timeframe, series, repaired, warnings, facts), facts)
