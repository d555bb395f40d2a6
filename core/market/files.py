"""Bars from files of the user: recognized, cleaned, previewed, or refused with reasons. Nothing is ever half imported."""

import re
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from core.domain.bars import Bars, LoadedBars, Preview
from core.domain.errors import MarketDataError, RefusedBarsError
from core.domain.instrument import AssetClass, Instrument, Timeframe
from core.market.adjust import adjust_series
from core.market.cleaning import Cleaned, clean_series
from core.market.headers import PRICES, find_roles
from core.market.instrument_classes import make_instrument, parse_currency_pair
from core.market.number_parsing import AmbiguousNumbersError, parse_numbers, uses_decimal_comma
from core.market.price_series import PriceSeries, make_series, to_bars
from core.market.resample import SessionShape, resample, shape_of
from core.market.source import Fetched
from core.market.spacing import detect_hours, detect_spacing, has_end_stamps
from core.market.tables import BAD_SHARE, FEW_ROWS, Table, read_table
from core.market.timestamps import Timestamps, recognize_timestamps

UPLOAD_MARK = r"-[0-9a-f]{8}$"
"""Ending of a kept upload's name, so that two files of one name can lie side by side."""
Lookup = Callable[[str], Instrument | None]


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything that was found out about a file; `fetched` is None when it was refused."""

    understood: tuple[str, ...]
    refused: tuple[str, ...] = ()
    repaired: tuple[str, ...] = ()
    fetched: Fetched | None = None


class FileCache:
    """Files read lately, so that many requests for one file parse it once; a file that changed on disk is read again."""

    def __init__(self, lookup: Lookup | None = None, *, keep: int = 4) -> None:
        self._lookup = lookup
        self._keep = keep
        self._lock = threading.Lock()
        self._known: OrderedDict[tuple[str, str, int, int], Fetched] = OrderedDict()

    def fetch(self, path: Path, label: str = "") -> Fetched:
        """The file as a source's answer. Raises RefusedBarsError or MarketDataError."""
        try:
            state = path.stat()
            key = (str(path.resolve()), label, state.st_mtime_ns, state.st_size)
        except OSError:
            return fetch_file(path, label=label, lookup=self._lookup)
        with self._lock:
            if key in self._known:
                self._known.move_to_end(key)
                return self._known[key]
        fetched = fetch_file(path, label=label, lookup=self._lookup)
        with self._lock:
            self._known[key] = fetched
            while len(self._known) > self._keep:
                self._known.popitem(last=False)
        return fetched


def load_file(path: Path, *, timeframe: Timeframe | None = None, instrument: Instrument | None = None) -> LoadedBars:
    """Bars of a CSV, Excel or Parquet file, adjusted when it holds an adjusted close, in its own timeframe or a longer one.

    Raises RefusedBarsError with every reason when repair would be guessing, MarketDataError when there is no such file.
    """
    fetched = fetch_file(path, instrument=instrument)
    target = timeframe or fetched.timeframe
    bars = _bars(fetched, target, path.name)
    return LoadedBars(bars, fetched.repaired, fetched.warnings)


def preview_file(
    source: Path | bytes, name: str = "", *, instrument: Instrument | None = None, lookup: Lookup | None = None, today: date | None = None
) -> Preview:
    """Preview how a file, or the bytes of an upload, would be used. Never raises for what is in it: `refused` says what is wrong."""
    shown = name or (source.name if isinstance(source, Path) else "upload")
    try:
        data = source if isinstance(source, bytes) else _content(source)
        reading = read_bars(data, shown, instrument=instrument, lookup=lookup, today=today)
        bars = _bars(reading.fetched, reading.fetched.timeframe, shown) if reading.fetched else None
    except MarketDataError as problem:
        return Preview(shown, refused=(str(problem),))
    warnings = reading.fetched.warnings if reading.fetched else ()
    return Preview(shown, reading.understood, reading.repaired, warnings, reading.refused, bars)


def fetch_file(path: Path, *, label: str = "", instrument: Instrument | None = None, lookup: Lookup | None = None) -> Fetched:
    """The file as a source's answer, in its own timeframe. Raises RefusedBarsError or MarketDataError."""
    reading = read_bars(_content(path), path.name, label=label, instrument=instrument, lookup=lookup)
    if reading.fetched is None:
        message = f"The bars in {path.name} cannot be used: {'; '.join(reading.refused)}."
        raise RefusedBarsError(message, reasons=reading.refused, hint="Correct the file and try again; nothing was imported.")
    return reading.fetched


def read_bars(
    data: bytes,
    name: str,
    *,
    label: str = "",
    instrument: Instrument | None = None,
    lookup: Lookup | None = None,
    today: date | None = None,
) -> Reading:
    """Recognize and clean the bytes of a file. Raises MarketDataError when they are no table at all."""
    table = read_table(data, name)
    places = find_roles(table.names) if any(table.names) else _guessed_roles(table)
    understood = list(table.understood)
    missing = [role for role in ("date", *PRICES) if role not in places]
    if missing:
        found = ", ".join(name for name in table.names if name) or f"{len(table.names)} unnamed columns"
        return Reading(tuple(understood), (f"there is no column for {', '.join(missing)} (found: {found})",))
    ticker, several = _ticker(table, places, label)
    if several:
        return Reading(tuple(understood), (several,))
    known = instrument or _instrument(ticker, label, name, lookup)
    moments = _timestamps(table, places, known)
    understood += [*moments.understood, *_columns_in_words(table, places)]
    if moments.problem:
        return Reading(tuple(understood), (moments.problem,))
    try:
        series, unreadable, notes = _numbers(table, places, moments)
    except AmbiguousNumbersError as problem:
        return Reading(tuple(understood), (f"the numbers cannot be read: {problem}",))
    cleaned = clean_series(series, today=today or date.today())
    if unreadable > max(FEW_ROWS, BAD_SHARE * len(series)):
        cleaned = Cleaned(cleaned.series.take(slice(0, 0)), refused=(f"{unreadable} cells hold text where a number should stand",))
    cleaned = replace(cleaned, repaired=table.repaired + cleaned.repaired)
    return _concluded(cleaned, [*understood, *notes], known, moments, ticker or label or Path(name).name.split(".")[0])


def _concluded(cleaned: Cleaned, understood: list[str], known: Instrument | None, moments: Timestamps, symbol: str) -> Reading:
    """Timeframe and instrument of clean bars, and with them the answer."""
    if cleaned.refused:
        return Reading(tuple(understood), cleaned.refused, cleaned.repaired)
    spacing = detect_spacing(cleaned.series.time)
    if spacing.timeframe is None:
        return Reading(tuple(understood), (spacing.problem,), cleaned.repaired)
    series, repaired = cleaned.series, list(cleaned.repaired)
    if not spacing.timeframe.intraday:
        series = _at_midnight(series, repaired)
    found = known or _unknown_instrument(symbol, series, spacing.timeframe, moments.zone)
    warnings = list(cleaned.warnings)
    if spacing.irregular:
        warnings.append("the bars are not evenly spaced: many minutes have no bar")
    if has_end_stamps(series.time, spacing.timeframe):
        warnings.append("the times look like the end of each bar, not its start; hours of the day are one bar late")
    if not moments.zone and spacing.timeframe.intraday:
        warnings.append(f"the file names no time zone: its times are taken as wall time in {found.zone}")
    understood.append(f"{len(series)} {spacing.timeframe.value} bars of {found.symbol}")
    fetched = Fetched(found, spacing.timeframe, series, tuple(repaired), tuple(warnings))
    return Reading(tuple(understood), (), tuple(repaired), fetched)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as problem:
        reason = "does not exist" if isinstance(problem, FileNotFoundError) else f"cannot be read ({problem.strerror})"
        raise MarketDataError(f"The file {path.name} {reason}.", hint="Give the path of a CSV, Excel or Parquet file of bars.") from problem


def _bars(fetched: Fetched, target: Timeframe, source: str) -> Bars:
    if target.minutes < fetched.timeframe.minutes or target.minutes % fetched.timeframe.minutes:
        message = f"{source} holds {fetched.timeframe.value} bars, from which {target.value} bars cannot be made."
        raise MarketDataError(message, hint=f"Choose {fetched.timeframe.value} or a longer timeframe.")
    series = resample(adjust_series(fetched.series), fetched.timeframe, target, shape_of(fetched.instrument))
    if not len(series):
        raise MarketDataError(f"{source} holds no complete {target.value} bar.", hint="Choose a shorter timeframe.")
    return to_bars(series, fetched.instrument, target, source)


def _guessed_roles(table: Table) -> dict[str, list[int]]:
    """Columns of a file without a header: date, perhaps time, open, high, low, close, perhaps volume, in the usual order."""
    second = table.columns[1].head(50).astype(str).str.strip() if len(table.columns) > 1 else None
    timed = second is not None and second.str.fullmatch(r"\d{1,2}:?\d{2}(:?\d{2})?").mean() > 0.9 and len(table.columns) > 5
    order = ["date", *(["time"] if timed else []), *PRICES, "volume"]
    return {role: [place] for place, role in enumerate(order) if place < len(table.columns)}


def _ticker(table: Table, places: dict[str, list[int]], label: str) -> tuple[str, str]:
    """The instrument that the file names, and the reason to refuse when it names several."""
    if table.ticker or "symbol" not in places:
        return table.ticker, ""
    symbols = sorted({str(symbol).strip() for symbol in table.columns[places["symbol"][0]].unique()} - {"", "nan"})
    if len(symbols) > 1:
        return "", f"it holds several instruments: {', '.join(symbols[:5])}{', ...' if len(symbols) > 5 else ''}"
    return (symbols[0] if symbols else label), ""


def _instrument(ticker: str, label: str, name: str, lookup: Lookup | None) -> Instrument | None:
    """The instrument by what the file or the caller calls it; None when that tells nothing."""
    stem = Path(name).name.split(".")[0]
    for text in (label, ticker, ticker.removesuffix(".US"), stem, re.sub(UPLOAD_MARK, "", stem)):
        if not text:
            continue
        found = lookup(text) if lookup else None
        if found:
            return found
        if pair := parse_currency_pair(text):
            return make_instrument(pair, f"{pair[:3]}/{pair[3:]}", AssetClass.FOREX)
        if coin := _coin(text, lookup):
            return coin
    return None


def _coin(text: str, lookup: Lookup | None) -> Instrument | None:
    """A coin against dollars or euros, however it is written, when the directory knows the coin."""
    found = re.match(r"^([A-Z0-9]{2,6}?)[-/_]?(USDT|USDC|USD|EUR)(?![A-Z0-9])", text.upper())
    known = lookup(f"{found.group(1)}-USD") if found and lookup else None
    if not found or not known or known.asset_class is not AssetClass.CRYPTO:
        return None
    symbol = f"{found.group(1)}/{found.group(2)}"
    return make_instrument(symbol, known.name.split(" / ")[0], AssetClass.CRYPTO, currency=found.group(2))


def _unknown_instrument(symbol: str, series: PriceSeries, timeframe: Timeframe, zone: str) -> Instrument:
    """An instrument nobody knows, with what its bars tell: weekend trading, hours, zone."""
    weekday = (series.time.astype("datetime64[D]").astype(np.int64) + 3) % 7
    weekends = timeframe is not Timeframe.W1 and float(np.mean(weekday >= 5)) > 0.2
    hours = detect_hours(series.time, timeframe) if timeframe.intraday else SessionShape()
    base = make_instrument(symbol, asset_class=AssetClass.CRYPTO if weekends else AssetClass.EQUITY)
    facts = {"session_open": hours.open, "session_close": hours.close, "zone": zone or base.zone}
    return base.model_copy(update=facts)


def _timestamps(table: Table, places: dict[str, list[int]], known: Instrument | None) -> Timestamps:
    dates = table.columns[places["date"][0]]
    times = table.columns[places["time"][0]] if "time" in places else None
    header = " ".join(table.names[at[0]] for role, at in places.items() if role in ("date", "time")).lower()
    return recognize_timestamps(dates, times, known.zone if known else "", utc=bool(re.search(r"\b(utc|gmt)\b", header)))


def _numbers(table: Table, places: dict[str, list[int]], moments: Timestamps) -> tuple[PriceSeries, int, list[str]]:
    """The series as it stands in the file, how many of its price cells are no numbers, and what is worth telling."""
    prices = [table.columns[places[role][0]] for role in PRICES]
    comma = uses_decimal_comma(prices)
    columns, unreadable = [], 0
    for column in prices:
        values, bad = parse_numbers(column, decimal_comma=comma)
        columns.append(values)
        unreadable += bad
    notes = ["decimal comma"] if comma else []
    volume, note = _volume(table, places, comma=comma)
    factor = None
    if "adjusted" in places:
        close, _ = parse_numbers(table.columns[places["adjusted"][0]], decimal_comma=comma)
        with np.errstate(divide="ignore", invalid="ignore"):
            factor = np.where(np.isnan(close) | np.isnan(columns[3]), 1.0, close / columns[3])
        notes.append("adjusted close used to adjust all prices")
    return make_series(moments.wall, columns[0], columns[1], columns[2], columns[3], volume, factor), unreadable, notes + note


def _volume(table: Table, places: dict[str, list[int]], *, comma: bool) -> tuple[Any, list[str]]:
    """Volume, or the number of ticks where the file has no volume worth the name."""
    columns = {
        role: parse_numbers(table.columns[places[role][0]], decimal_comma=comma)[0] for role in ("volume", "ticks") if role in places
    }
    traded, counted = (float(np.mean(np.nan_to_num(columns[role]) > 0)) if role in columns else 0.0 for role in ("volume", "ticks"))
    if counted > 0 and traded < counted / 2:
        return columns["ticks"], ["tick count taken as volume"]
    return columns.get("volume"), [] if "volume" in columns else ["no volume column"]


def _columns_in_words(table: Table, places: dict[str, list[int]]) -> list[str]:
    named = [f"{role} from '{table.names[at[0]]}'" for role, at in places.items() if table.names[at[0]]]
    return [f"columns: {', '.join(named)}"] if named else ["columns by position: date, open, high, low, close, volume"]


def _at_midnight(series: PriceSeries, repaired: list[str]) -> PriceSeries:
    """Daily and weekly bars carry a date only."""
    days = series.time.astype("datetime64[D]").astype("datetime64[s]")
    if (days == series.time).all():
        return series
    unique = np.append(True, np.diff(days.astype(np.int64)) > 0)
    repaired.append("removed the time of day from daily bars")
    moved = PriceSeries(days, series.open, series.high, series.low, series.close, series.volume, series.factor)
    return moved if unique.all() else moved.take(unique)
