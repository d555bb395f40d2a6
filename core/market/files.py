"""Bars from a file of the user: a first, strict reader of CSV with a header. Raises MarketDataError for everything else."""

import csv
from pathlib import Path

import numpy as np

from core.domain.bars import Loaded
from core.domain.errors import MarketDataError
from core.domain.instrument import Instrument, Timeframe
from core.market.resample import resample, shape_of
from core.market.series import Series, series_of, to_bars
from core.market.source import Fetched


def load_file(path: Path, *, timeframe: Timeframe | None = None, instrument: Instrument | None = None) -> Loaded:
    """Bars of a file in its own timeframe, or in a longer one. Raises MarketDataError."""
    fetched = fetch_file(path, instrument=instrument)
    target = timeframe or fetched.timeframe
    series = resample(fetched.series, fetched.timeframe, target, shape_of(fetched.instrument))
    return Loaded(to_bars(series, fetched.instrument, target, path.name), fetched.repaired, fetched.warnings)


def fetch_file(path: Path, *, label: str = "", instrument: Instrument | None = None) -> Fetched:
    """The file as a source's answer. Raises MarketDataError."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = [row for row in csv.reader(stream) if row]
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        raise MarketDataError(f"The file {path.name} cannot be read: {problem}.", hint="Give a CSV file of bars.") from problem
    series = _series(rows, path)
    order = np.argsort(series.time, kind="stable")
    repaired = () if (np.diff(order) > 0).all() else ("sorted by time",)
    series = series.take(order)
    known = instrument or Instrument(symbol=label or path.stem.upper())
    return Fetched(known, _spacing(series), series, repaired)


def _series(rows: list[list[str]], path: Path) -> Series:
    try:
        names = [name.strip().lower() for name in rows[0]]
        body = [row for row in rows[1:] if len(row) == len(names)]
        columns = dict(zip(names, zip(*body, strict=True), strict=True))
        time = np.array([text.strip().replace(" ", "T") for text in columns.get("date") or columns["datetime"]], dtype="datetime64[s]")
        open_, high, low, close = (np.array(columns[name], dtype=np.float64) for name in ("open", "high", "low", "close"))
        volume = np.array(columns["volume"], dtype=np.float64) if "volume" in columns else None
    except (KeyError, ValueError, IndexError) as problem:
        hint = "The first line must name date, open, high, low and close."
        raise MarketDataError(f"The file {path.name} does not look like bars: {problem}.", hint=hint) from problem
    return series_of(time, open_, high, low, close, volume)


def _spacing(series: Series) -> Timeframe:
    if len(series) < 2:
        return Timeframe.D1
    minutes = int(np.median(np.diff(series.time).astype(np.int64))) // 60
    return max((frame for frame in Timeframe if frame.minutes <= max(minutes, 1)), key=lambda frame: frame.minutes)
