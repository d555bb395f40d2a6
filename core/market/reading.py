"""A file of bars, read: table, columns, stamps, instrument, numbers, cleaning, in this order. Each step stands in a module of its own."""

import re
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from core.domain.instrument import AssetClass, Instrument, Timeframe
from core.domain.readings import Corrections, FileReading, strip_endings
from core.market.cleaning import Cleaned, clean_series
from core.market.clock_texts import is_clock
from core.market.date_columns import (
    choose_date,
    choose_inside,
    find_date_column,
    find_one_price,
    find_twice,
    lies_in_time,
    remark_one_price,
    says_one_thing,
)
from core.market.file_currency import find_currency, settle_currency
from core.market.file_naming import Lookup, Told, tell_instrument
from core.market.headers import PRICES, Columns, choose_columns
from core.market.instrument_classes import make_instrument
from core.market.long_tables import widen
from core.market.mixed_bars import find_other_length
from core.market.number_parsing import AmbiguousNumbersError, find_unreadable
from core.market.odd_rows import carry_date_lines, drop_unfinished
from core.market.price_series import PriceSeries
from core.market.reading_memory import ReadingMemory, hash_data
from core.market.reading_words import ask_instrument, describe_missing, remark_rolls
from core.market.resample import SessionShape
from core.market.row_times import list_known, read_stamps, refuse_repeated_hour
from core.market.series_numbers import guess_columns, read_numbers
from core.market.several_instruments import (
    ask_contract,
    ask_identifier,
    find_named,
    find_symbol_column,
    find_tickers,
    keep_columns,
    keep_rows,
    list_contracts,
    refuse_divided,
)
from core.market.source import Fetched
from core.market.spacing import Spacing, detect_hours, detect_spacing, has_end_stamps
from core.market.table import BAD_SHARE, FEW_ROWS, RefusedTableError, SeveralInstrumentsError, SeveralTablesError, Table, holds_values
from core.market.tables import read_table
from core.market.timestamps import Stamps
from core.market.trading_hours import ask_times, ask_zone, keeps_hours, refuse_early_coin
from core.market.wall_times import BarTimes, count_weekend_days, find_offset_zone, to_trading_dates, to_wall, to_week_starts
from core.market.wall_times import convert as convert_to_zone


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything that was found out about a file; `fetched` is None when it was refused."""

    understood: tuple[str, ...]
    refused: tuple[str, ...] = ()
    repaired: tuple[str, ...] = ()
    fetched: Fetched | None = None
    facts: FileReading = field(default_factory=FileReading)


@dataclass(frozen=True, slots=True)
class Occasion:
    """Knowledge beside the file's bytes."""

    name: str
    label: str = ""
    instrument: Instrument | None = None
    lookup: Lookup | None = None
    today: date | None = None
    memory: ReadingMemory | None = None
    corrections: Corrections = field(default_factory=Corrections)


def read_bars(data: bytes, occasion: Occasion) -> Reading:
    """Recognize and clean the bytes of a file. Raises MarketDataError when they are no table at all."""
    try:
        return _FileReader(data, occasion).read()
    except SeveralTablesError as problem:
        return Reading((), (problem.message,), facts=FileReading(tables=problem.tables, corrections=occasion.corrections))


class _FileReader:
    """One file on its way; what was understood and asked gathers here, so that a refusal can tell it too."""

    def __init__(self, data: bytes, occasion: Occasion) -> None:
        self._occasion = occasion
        self._understood: list[str] = []
        self._questions: list[str] = []
        self._repaired: tuple[str, ...] = ()
        self._own_name = ""
        said = occasion.corrections
        self._hash = hash_data(data) if occasion.memory else ""
        if occasion.memory:
            said = occasion.memory.find(self._hash).merge(said)
        self._table = read_table(data, occasion.name, dict(said.columns), said.table)
        if occasion.memory:
            said = occasion.memory.find(self._hash, self._table.names).merge(said)
        self._said = said
        headers = tuple(name.strip() for name in self._table.names)
        self._facts = FileReading(corrections=said, headers=headers, tables=self._table.choices)

    def read(self) -> Reading:
        """Read, or refuse with everything that was understood before."""
        try:
            return self._read()
        except RefusedTableError as refusal:
            return Reading((*self._understood, *refusal.understood), refusal.reasons, self._repaired, None, self._facts)
        except SeveralTablesError as problem:
            facts = self._facts.changed(tables=problem.tables)
            return Reading(tuple(self._understood), (problem.message,), self._repaired, None, facts)

    def _read(self) -> Reading:
        columns = self._columns()
        table, columns = carry_date_lines(keep_rows(self._table, columns, self._said.table), columns)
        table = self._table = drop_unfinished(table, columns)
        self._understood += table.understood
        self._facts = self._facts.changed(tables=table.choices)
        if self._said.table and not table.choices:
            raise RefusedTableError(f"it holds one table of one instrument, and none that is called {self._said.table[:40]!r}")
        told = self._told(columns)
        self._questions += ask_contract(table, columns, told.instrument) if told and told.by_letters else ()
        stamps = self._stamps(columns, told)
        try:
            found = read_numbers(table, columns.places, stamps.written, self._said, told.instrument if told else None)
        except AmbiguousNumbersError as problem:
            raise RefusedTableError(f"the numbers cannot be read: {problem}") from problem
        if found.units is not None:
            columns = replace(columns, places={**columns.places, "volume": found.units})
            self._facts = self._facts.changed(columns=self._named(columns))
        told = self._unless_contradicted(told, stamps)
        times, spacing = self._times(stamps, told)
        series = replace(found.series, time=times.wall)
        self._understood += [*stamps.understood, *times.said, *self._describe_columns(columns), *found.notes, *columns.said]
        refuse_divided(table, columns, series)
        cleaned = clean_series(series, today=self._occasion.today or date.today(), intraday=_is_intraday(spacing))
        if found.unreadable > max(FEW_ROWS, BAD_SHARE * len(series)):
            cleaned = Cleaned(
                series.take(slice(0, 0)), refused=(self._describe_unreadable(columns, found.decimal_comma, found.unreadable),)
            )
        self._repaired = (*table.repaired, *stamps.repaired, *found.repaired, *times.repaired, *cleaned.repaired)
        if cleaned.refused:
            raise RefusedTableError(*cleaned.refused)
        currency, mixed = find_currency(table, columns.places)
        self._understood += [f"prices in {currency}"] if currency.isalpha() else []
        remarks = (*remark_rolls(list_contracts(table, columns)), *table.remarks, *mixed, *found.remarks)
        return self._conclude(replace(cleaned, warnings=(*remarks, *cleaned.warnings)), told, stamps, times, currency)

    def _columns(self) -> Columns:
        table = self._table
        table = self._table = widen(table) if any(table.names) else table
        columns = find_tickers(table, self._chosen_columns(table)) if any(table.names) else guess_columns(table)
        meant = self._said.table
        if close := find_named(table, by_name := self._chosen_columns(table, alone=True), dict(self._said.columns)) if not meant else "":
            columns, meant = find_tickers(table, by_name), close
        if meant in columns.instruments:
            self._table = table = keep_columns(table, columns, meant)
            columns = self._chosen_columns(table)
        columns = find_symbol_column(table, columns)
        columns = find_one_price(table, columns if "date" in columns.places else find_date_column(table, columns))
        columns = choose_inside(table, self._with_values(columns))
        if twice := find_twice(table, columns):
            raise RefusedTableError(f"the column '{twice}' stands there twice with different values: give each a name of its own")
        if columns.instruments:
            raise SeveralInstrumentsError(columns.instruments, beside=True)
        missing = [role for role in ("date", *PRICES) if role not in columns.places]
        self._facts = self._facts.changed(columns=self._named(columns))
        if missing:
            raise RefusedTableError(
                describe_missing(
                    missing,
                    table.names,
                    columns,
                    [name.strip() for name, column in zip(table.names, table.columns, strict=True) if name and not holds_values(column)],
                )
            )
        return columns

    def _chosen_columns(self, table: Table, *, alone: bool = False) -> Columns:
        """Columns by what a person said and by their names, or by these `alone`; one in which nothing stands has none."""
        filled = tuple(name if holds_values(column) else "" for name, column in zip(table.names, table.columns, strict=True))
        return choose_columns(filled, {} if alone else dict(self._said.columns))

    def _with_values(self, columns: Columns) -> Columns:
        """Two columns of dates, or a time beside a date, told apart by what stands in them."""
        places, said = dict(columns.places), list(columns.said)
        second = places.pop("date2", None)
        if second is not None and "date" in places:
            first = places["date"]
            if says_one_thing(self._table.columns[second]) and not is_clock(self._table.columns[first]):
                said.append(f"'{self._table.names[second].strip()}' says the same on every row and is no time")
            elif is_clock(self._table.columns[second]) and not is_clock(self._table.columns[first]):
                places.setdefault("time", second)
            elif is_clock(self._table.columns[first]) and not is_clock(self._table.columns[second]):
                places |= {"date": second, "time": first}
            else:
                places["date"] = choose_date(self._table, first, second, said)
        if "time" in places and not is_clock(self._table.columns[places["time"]]):
            left, time = self._table.names[places["time"]].strip(), places.pop("time")
            if "date" in places and lies_in_time(self._table, places["date"], time):
                said.append(f"time is '{left}': '{self._table.names[places['date']].strip()}' never changes")
                places["date"] = time
            else:
                said.append(f"'{left}' holds no times of day and is left out")
        return replace(columns, places=places, said=tuple(said))

    def _told(self, columns: Columns) -> Told | None:
        """The instrument, by what a person said, then by the label, the name and the ticker in the file."""
        occasion, said = self._occasion, self._said
        if said.symbol or said.asset_class:
            return self._by_person()
        if occasion.instrument:
            return Told(occasion.instrument, "whoever asked for it")
        ticker = self._ticker(columns)
        name = strip_endings(Path(occasion.name).name)
        by_name = tell_instrument(name, occasion.lookup) or tell_instrument(self._table.packed, occasion.lookup)
        by_ticker = tell_instrument(ticker, occasion.lookup, ticker=True) if ticker else None
        if by_name and by_ticker and by_name.instrument.symbol.startswith(f"{ticker.upper()}."):
            return by_name
        if by_name and by_ticker and by_name.instrument.symbol != by_ticker.instrument.symbol:
            self._questions.append(
                f"its name says {by_name.instrument.symbol}, and {ticker} stands in it: taken as {by_ticker.instrument.symbol}; "
                "say the instrument if that is wrong"
            )
        by_label = tell_instrument(occasion.label, occasion.lookup, ticker=True) if occasion.label else None
        return by_ticker or by_name or by_label

    def _by_person(self) -> Told:
        said, occasion = self._said, self._occasion
        name = said.symbol or strip_endings(Path(occasion.name).name)
        known = tell_instrument(name, occasion.lookup, ticker=True)
        if known and said.asset_class in (None, known.instrument.asset_class):
            return replace(known, by="what you said")
        made = make_instrument(name.upper(), asset_class=said.asset_class or AssetClass.EQUITY)
        return Told(made, "what you said")

    def _ticker(self, columns: Columns) -> str:
        """The instrument that the file itself names."""
        if self._table.ticker or "symbol" not in columns.places:
            return self._table.ticker
        priced = self._table.columns[columns.places["open"]].astype(str).str.strip() != ""
        symbols = self._table.columns[columns.places["symbol"]][priced].astype(str).str.strip()
        symbol = next((each for each in symbols.head(50) if each not in ("", "nan")), "")
        self._own_name = symbol if re.search(r"[A-Za-z]", symbol) else ""
        return symbol

    def _stamps(self, columns: Columns, told: Told | None) -> Stamps:
        known = told.instrument.zone if told else ""
        return read_stamps(self._table, columns, self._said, zone=told.zone if told else "", home=known)

    def _unless_contradicted(self, told: Told | None, stamps: Stamps) -> Told | None:
        """An instrument that only the letters of a name told gives way where an identifier or offsets in the file are of elsewhere."""
        plain = told is not None and told.by_letters and "." not in told.instrument.symbol
        if told is not None and plain and (doubt := ask_identifier(self._table, told.instrument)):
            self._questions.append(doubt)
            return None
        if told is None or not plain or not stamps.offsets or stamps.utc is None or told.instrument.calendar in ("24/7", "24/5"):
            return told
        if set(stamps.offsets) == {0} or not _is_intraday(detect_spacing(list_known(stamps.utc))):
            return told
        own = (convert_to_zone(stamps.utc, told.instrument.zone) - stamps.utc).astype(np.int64) // 60
        if set(np.unique(own)) & set(stamps.offsets) or keeps_hours(told.instrument, convert_to_zone(stamps.utc, told.instrument.zone)):
            return told
        self._questions.append(
            f"the name says {told.instrument.symbol}, but the times are of another zone than {told.instrument.zone}: say the instrument"
        )
        return None

    def _times(self, stamps: Stamps, told: Told | None) -> tuple[BarTimes, Spacing]:
        """Times as bars have them: days for daily and longer bars, wall time otherwise."""
        known = told.instrument if told else None
        spacing = detect_spacing(list_known(stamps.written if stamps.utc is None else stamps.utc))
        if spacing.timeframe is None or spacing.timeframe.intraday:
            weekends = known is None and stamps.utc is not None and _trades_at_weekends(list_known(stamps.utc))
            times = to_wall(stamps, known.zone if known else "", around_the_clock=weekends)
            refuse_repeated_hour(stamps)
            return times, spacing
        times = to_trading_dates(stamps, known)
        if spacing.timeframe is Timeframe.W1:
            monday, said = to_week_starts(times.wall)
            times = replace(times, wall=monday, said=(*times.said, *said), questions=())
        return times, spacing

    def _conclude(self, cleaned: Cleaned, told: Told | None, stamps: Stamps, times: BarTimes, currency: str) -> Reading:
        """Timeframe and instrument of clean bars, and with them the answer."""
        spacing = detect_spacing(cleaned.series.time)
        if spacing.timeframe is None:
            raise RefusedTableError(spacing.problem)
        series, frame = cleaned.series, spacing.timeframe
        if other := find_other_length(series.time, frame):
            raise RefusedTableError(other)
        symbol = self._name_of_unknown()
        found = told.instrument if told else _unknown_instrument(symbol, series, frame, times.zone)
        if frame.intraday and times.zone and times.zone != found.zone:
            found = found.changed(zone=times.zone)
        if stamps.counted:
            refuse_early_coin(found, series.time)
        found, doubts = settle_currency(found, currency, told=told is not None)
        self._questions += doubts
        warnings = [*cleaned.warnings, *_remarks(series, spacing, stamps, found)]
        questions = [*self._questions, *times.questions]
        if told is None:
            questions.append(ask_instrument(symbol, found))
        else:
            questions += ask_times(found, series.time, frame)
            if frame.intraday and (stamps.counted or (stamps.utc is None and not stamps.zone)):
                questions += ask_zone(found, series.time, frame)
        self._understood.append(f"{len(series)} {frame.value} bars of {found.symbol}")
        self._facts = self._facts.changed(
            unit=stamps.unit, zone=found.zone, instrument=found, told_by=told.by if told else "", questions=tuple(questions)
        )
        fetched = Fetched(found, frame, series, self._repaired, (*warnings, *questions), self._facts)
        return Reading(tuple(self._understood), (), self._repaired, fetched, self._facts)

    def _name_of_unknown(self) -> str:
        return self._table.ticker or self._occasion.label or self._own_name or strip_endings(Path(self._occasion.name).name)

    def _named(self, columns: Columns) -> tuple[tuple[str, str], ...]:
        return tuple((role, self._table.names[place].strip()) for role, place in columns.places.items())

    def _describe_columns(self, columns: Columns) -> list[str]:
        named = [f"{role} from '{header}'" for role, header in self._named(columns) if header]
        return [f"columns: {', '.join(named)}"] if named else [f"columns by position: {', '.join(columns.places)}"]

    def _describe_unreadable(self, columns: Columns, comma: bool, count: int) -> str:
        """The first cell that is no number, with its row and column."""
        what = f"{count} cells hold text where a number should stand"
        for role in PRICES:
            place = columns.places[role]
            if found := find_unreadable(self._table.columns[place], decimal_comma=comma):
                table, where = self._table, self._table.names[place].strip()[:30] or role
                row = f"row {found[0] + 1} of {table.part}" if table.part else f"row {found[0] + table.first_row}"
                return f"{what}, the first is '{found[1][:30]}' in {row}, column {where}: correct it or say which column is which"
        return what


def _unknown_instrument(symbol: str, series: PriceSeries, timeframe: Timeframe, zone: str) -> Instrument:
    """An instrument nobody knows, with what its bars tell: weekend trading, hours, zone."""
    weekends = timeframe is not Timeframe.W1 and _trades_at_weekends(series.time)
    hours = detect_hours(series.time, timeframe) if timeframe.intraday else SessionShape()
    base = make_instrument(symbol, asset_class=AssetClass.CRYPTO if weekends else AssetClass.EQUITY)
    told = zone if timeframe.intraday else ""
    return base.changed(session_open=hours.open, session_close=hours.close, zone=told or base.zone)


def _remarks(series: PriceSeries, spacing: Spacing, stamps: Stamps, found: Instrument) -> list[str]:
    frame = spacing.timeframe
    if frame is None:
        return []
    remarks = [*(["the bars are not evenly spaced: many minutes have no bar"] if spacing.irregular else []), *remark_one_price(series)]
    if has_end_stamps(series.time, frame):
        remarks.append("the times look like the end of each bar, not its start; hours of the day are one bar late")
    if stamps.utc is None and not stamps.zone and frame.intraday:
        remarks.append(f"the file names no time zone: its times are taken as wall time in {found.zone}")
    if stamps.offsets and not find_offset_zone(stamps.offsets, stamps.utc) and frame.intraday:
        remarks.append(f"the offsets in the file belong to no zone that is known by them; the times are in {found.zone}")
    return remarks


def _is_intraday(spacing: Spacing) -> bool | None:
    return None if spacing.timeframe is None else spacing.timeframe.intraday


def _trades_at_weekends(time: Any) -> bool:
    return count_weekend_days(time) > 0.2 * len(time)
