"""A table that holds several instruments, below each other or side by side: told from one, and brought down to the one that is meant."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from core.domain.instrument import AssetClass, Instrument
from core.market.date_columns import says_one_thing
from core.market.header_names import split_words
from core.market.headers import Columns, find_role, find_words
from core.market.number_parsing import parse_numbers
from core.market.price_series import PriceSeries
from core.market.table import SeveralInstrumentsError, Table

SYMBOL = re.compile(r"[A-Za-z^#$][\w.:/=^&-]{0,19}")
TICKER = re.compile(r"[A-Z^][A-Z0-9.:=^/-]{0,11}")
ONE_LEVEL = 1.5
"""Times the lowest that the highest of four or more columns may be where they may be four prices of one instrument under unknown names."""
NAME = re.compile(r"[^\W\d_][^\t\n]{0,39}")
"""The name of an instrument in words."""
IDENTIFIER = re.compile(r"(?:^|[\W_])(?:id|code|key|no|number)$|[a-z]Id$", re.IGNORECASE)
CONTRACT = re.compile(r"@?([A-Z0-9]{1,4}?) ?(?:[FGHJKMNQUVXZ]\d{1,4}|(?:0[1-9]|1[0-2])-\d\d)(?:[ .-][A-Za-z]+)?")
"""A contract of a future: its root, and the month in which it ends."""
OPEN_INTEREST = frozenset(("openinterest", "openint", "oi", "previousdayopeninterest"))
ISIN = re.compile(r"([A-Z]{2})[A-Z0-9]{9}\d")
AT_HOME = split_words("AT AU BE BR CN DE DK ES FI FR IN IT JP KR MX NO PL PT SE TH TR TW ZA")
"""Countries whose shares trade in New York as receipts with a number of the United States, if at all."""
NO_NAMES = re.compile(r"(?:level_\d|Unnamed: \d+|index)?")
"""Names that programs give to columns which have none."""


def find_symbol_column(table: Table, columns: Columns) -> Columns:
    """The columns with a symbol, where one without a name holds such on every row, each many times."""
    if "symbol" in columns.places or not any(table.names):
        return columns
    for place, (name, column) in enumerate(zip(table.names, table.columns, strict=True)):
        if (place in columns.places.values() and place != columns.places.get("date")) or not NO_NAMES.fullmatch(name.strip()):
            continue
        cells = _list_cells(column)
        if 0 < 2 * len(cells) <= len(column) and all(SYMBOL.fullmatch(cell) for cell in cells) and cells != ["nan"]:
            places = {role: at for role, at in columns.places.items() if at != place}
            return replace(columns, places={**places, "symbol": place})
    return columns


def ask_contract(table: Table, columns: Columns, found: Instrument) -> tuple[str, ...]:
    """Ask whether a file with settlements or an open interest is of the share that its name spells, or of a contract of that name."""
    if found.asset_class not in (AssetClass.EQUITY, AssetClass.ETF) or "." in found.symbol:
        return ()
    held = [place for place, name in enumerate(table.names) if "".join(filter(str.isalpha, name.lower())) in OPEN_INTEREST]
    settled = find_role(table.names[columns.places["close"]]) == "settle"
    if not settled and not any((parse_numbers(table.columns[place])[0] > 0).any() for place in held):
        return ()
    what = "settlement prices" if settled else "an open interest"
    return (f"the file has {what}, and {found.symbol} is a share: if it is the contract of that name, say {found.symbol}=F",)


def ask_identifier(table: Table, found: Instrument) -> str:
    """The question for a share of New York that a name spells, where the file carries the number of a share that is traded at home."""
    if found.asset_class not in (AssetClass.EQUITY, AssetClass.ETF) or found.zone != "America/New_York":
        return ""
    firsts = ((str(column.iloc[0]), column) for column in table.columns if len(column))
    named = [first for first, column in firsts if ISIN.fullmatch(first.strip()) and says_one_thing(column)]
    numbers = [number for cell in (table.identifier, *named) if (number := ISIN.fullmatch(cell.strip())) and number[1] in AT_HOME]
    return f"the name says {found.symbol} in New York, and {numbers[0][0]} stands in the file: say the instrument" if numbers else ""


def find_tickers(table: Table, columns: Columns) -> Columns:
    """The columns as those of several instruments, where only a date and symbols over prices are there: closes of a list of shares."""
    others = [place for place in range(len(table.columns)) if place != columns.places.get("date")]
    names = tuple(table.names[place].strip() for place in others)
    if "date" not in columns.places or len(names) < 2 or set(names) - set(columns.unknown) or not all(map(TICKER.fullmatch, names)):
        return columns
    prices = [parse_numbers(_fill_head(table.columns[place]))[0] for place in others]
    if not all((price > 0).any() for price in prices):
        return columns
    levels = [float(np.median(price[price > 0])) for price in prices]
    if len(levels) > 3 and max(levels) < ONE_LEVEL * min(levels):
        return columns
    return replace(columns, instruments=names)


def keep_rows(table: Table, columns: Columns, chosen: str) -> Table:
    """The rows of the `chosen` one of several instruments. Raises SeveralInstrumentsError where several are there and none is chosen."""
    if "symbol" in columns.places and not table.ticker:
        column = _fill_down(table.columns[columns.places["symbol"]])
        cells = _list_cells(column)
        if len(cells) > 1:  # a line of words below the table has no prices
            cells = _list_cells(column[table.columns[columns.places["open"]].astype(str).str.strip() != ""])
        if len(cells) > 1 and not chosen and list_contracts(table, columns):
            return table
        if len(cells) > 1 and chosen not in cells:
            raise SeveralInstrumentsError(cells)
        if len(cells) > 1:
            return _take(table, column, cells, chosen)
    for place in _list_dividers(table, columns) if chosen and not table.choices else ():
        if chosen in (cells := _list_cells(table.columns[place])):
            return _take(table, table.columns[place], cells, chosen)
    return table


def list_contracts(table: Table, columns: Columns) -> list[str]:
    """The contracts of one future that follow each other, each on rows of its own and no time twice: one series that rolls; else empty."""
    if "symbol" not in columns.places or table.ticker or table.part:
        return []
    column = table.columns[columns.places["symbol"]].astype(str).str.strip()
    blocks = column[column != column.shift()].tolist()
    found = [CONTRACT.fullmatch(cell) for cell in blocks]
    if len(blocks) < 2 or len(set(blocks)) < len(blocks) or len({each[1] if each else "" for each in found}) > 1 or not found[0]:
        return []
    when = [table.columns[columns.places[role]] for role in ("year", "month", "date", "time", "minute") if role in columns.places]
    stamps = when[0].astype(str)
    for each in when[1:]:
        stamps = stamps + " " + each.astype(str)
    return [] if stamps.duplicated().any() else blocks


def find_named(table: Table, columns: Columns, said: Mapping[str, str]) -> str:
    """The instrument that a person named as the column of the close, where every column is another instrument's; empty otherwise.

    `columns` are those that the names alone tell.
    """
    close = said.get("close", "")
    return close if close and not {"open", "high", "low"} & set(said) and close in find_tickers(table, columns).instruments else ""


def _take(table: Table, column: Any, cells: list[str], chosen: str) -> Table:
    kept = (column.astype(str).str.strip().str.casefold() == chosen.casefold()).to_numpy(dtype=bool)
    parts = tuple(each[kept].reset_index(drop=True) for each in table.columns)
    said = f"the rows of {chosen}, one of {len(cells)} instruments"
    return replace(table, columns=parts, choices=tuple(cells), understood=(*table.understood, said), part=chosen)


def _fill_down(column: Any) -> Any:
    """The column with each name for the rows below it that have none, where most have none, as merged cells do."""
    if column.dtype.kind in "biufMm" or (column.head(100) != "").all():
        return column
    filled = column.astype(str).str.strip() != ""
    return column.where(filled).ffill() if len(column) and filled.iloc[0] and filled.mean() < 0.5 else column


def keep_columns(table: Table, columns: Columns, chosen: str) -> Table:
    """The table without columns of other instruments than the `chosen` one: `Open_MSFT`, or `MSFT`, where AAPL is meant."""
    others = set(columns.instruments) - {chosen}
    kept = [place for place, name in enumerate(table.names) if find_words(name)[0] not in others and name.strip() not in others]
    names, parts = tuple(table.names[place] for place in kept), tuple(table.columns[place] for place in kept)
    return replace(table, names=names, columns=parts, ticker=chosen, choices=columns.instruments)


def refuse_divided(table: Table, columns: Columns, series: PriceSeries) -> None:
    """Raise SeveralInstrumentsError where times stand there several times with other prices, and a column tells these rows apart."""
    order = np.argsort(series.time, kind="stable")
    again = series.time[order][1:] == series.time[order][:-1]
    if not again.any() or not any((price[order][1:] != price[order][:-1])[again].any() for price in (series.open, series.close)):
        return
    times = np.asarray(series.time.astype(np.int64))
    for place in _list_dividers(table, columns):
        cells = _list_cells(table.columns[place])
        codes = table.columns[place].astype(str).str.strip().map({cell: number for number, cell in enumerate(cells)}).to_numpy()
        if len(np.unique(np.stack([times, codes.astype(np.int64)]), axis=1).T) == len(times):
            raise SeveralInstrumentsError(cells, column=table.names[place].strip())


def _fill_head(column: Any) -> Any:
    """The first cells of a column that hold something."""
    return (column[column != ""] if column.dtype.kind not in "biufMm" else column.dropna()).head(50)


def _list_dividers(table: Table, columns: Columns) -> list[int]:
    """Columns of no known use with a few words that may tell rows apart."""
    found = []
    for place, column in enumerate(table.columns):
        if place in columns.places.values() or column.dtype.kind in "bfMm":
            continue
        cells = _list_cells(column) if column.head(1000).nunique() <= 500 else []
        named = all(NAME.fullmatch(cell) for cell in cells[:50]) or bool(IDENTIFIER.search(table.names[place].strip()))
        if 1 < len(cells) <= len(table) // 2 and named:
            found.append(place)
    return found


def _list_cells(column: Any) -> list[str]:
    """The different cells of a column that are no blanks, sorted; `aapl` and `AAPL` are one."""
    cells = sorted({str(cell).strip() for cell in column.unique()} - {"", "nan"})
    return list({cell.casefold(): cell for cell in reversed(cells)}.values())[::-1]
