"""Files whose cells have types: workbooks and columns of Arrow. A missing cell is blank, as it is in a text."""

import io
import zipfile
from typing import Any

from core.market import bombs
from core.market.file_currency import find_currency_above, read_units
from core.market.header_rows import HEADER_LINES, find_header, find_identifier, find_symbol, find_zone, holds_words_alone, lies_sideways
from core.market.headers import count_price_names, name_columns
from core.market.plain_texts import SAMPLE_LINES
from core.market.stacked_tables import cut_sheet
from core.market.table import MOST_ROWS, Table, choose_table
from core.market.volume_units import find_unit_above


def read_parquet(data: bytes, chosen: str = "") -> Table:
    """The table in a Parquet file. Raises ValueError or SeveralInstrumentsError."""
    return _from_frame(bombs.read_parquet(data, MOST_ROWS), "Parquet file", chosen)


def read_feather(data: bytes, chosen: str = "") -> Table:
    """The table in a Feather file. Raises ValueError or SeveralInstrumentsError."""
    return _from_frame(bombs.read_feather(data, MOST_ROWS), "Feather file", chosen)


def read_book(data: bytes, packed: zipfile.ZipFile, chosen: str) -> Table:
    """The sheet of a workbook that holds prices, of several the `chosen` one. Raises ValueError or SeveralTablesError."""
    import pandas

    with pandas.ExcelFile(io.BytesIO(data), engine="openpyxl") as book:
        bombs.refuse_many_sheets([str(name) for name in book.sheet_names], packed)
        sheets = pandas.read_excel(book, sheet_name=None, header=None, nrows=MOST_ROWS)
        hidden = {name for name in book.sheet_names if book.book[name].sheet_state != "visible"}
    heads = {sheet: _head_of(frame) for sheet, frame in sheets.items()}
    priced = [sheet for sheet, head in heads.items() if any(count_price_names(row) >= 3 for row in head[:HEADER_LINES])]
    aside = [sheet for sheet in priced if sheet in hidden] if set(priced) - hidden else []
    priced = [sheet for sheet in priced if sheet not in aside]
    if (len(priced) > 1 and chosen) or chosen in sheets:
        best = choose_table("{} of its sheets have that name", [str(sheet) for sheet in sheets], chosen)
    elif priced:
        best = choose_table("{} of its sheets hold prices", priced, "")
    else:
        best = max(sheets, key=lambda sheet: sheets[sheet].size)
    frame = sheets[best].dropna(how="all").reset_index(drop=True)
    if lies_sideways(heads[best]):
        frame = frame.T.reset_index(drop=True)
        heads[best] = _head_of(frame)
    named, start = find_header(heads[best], {}, chosen)
    above = heads[best][: max(0, start - 1)]
    ticker = named.ticker or find_symbol(above)
    unseen = (f"the hidden sheets {', '.join(map(repr, aside[:3]))} left out",) if aside and best not in aside else ()
    first, second = ([*heads[best], [], []][start + below] for below in (0, 1))
    units = first if holds_words_alone(first) and not holds_words_alone(second) else []
    start += bool(units)
    currency, volume_unit = read_units(named.names, units)
    frame, left = cut_sheet(frame, start, named.names)
    columns = tuple(_fill(frame.iloc[start:, place]).reset_index(drop=True) for place in range(frame.shape[1]))
    choices = tuple(priced) if len(priced) > 1 else (chosen,) if chosen in sheets else named.choices
    return Table(
        tuple(named.names),
        columns,
        (f"Excel sheet '{best}'", *unseen, *left),
        ticker,
        first_row=start + 1,
        choices=choices,
        zone=find_zone(above),
        currency=currency or find_currency_above(above),
        identifier=find_identifier(above),
        volume_unit=volume_unit or find_unit_above(above),
    )


def _head_of(frame: Any) -> list[list[str]]:
    """The first filled rows of a sheet as text."""
    rows = frame.dropna(how="all").head(SAMPLE_LINES).values.tolist()
    return [["" if cell is None or cell != cell else str(cell) for cell in row] for row in rows]


def _from_frame(frame: Any, kind: str, chosen: str) -> Table:
    """A typed frame; a named or dated index is a column like the others."""
    import pandas

    if not isinstance(frame.index, pandas.RangeIndex):
        frame = frame.reset_index()
    named = name_columns(list(frame.columns), chosen)
    columns = tuple(_fill(frame.iloc[:, place]) for place in range(frame.shape[1]))
    return Table(tuple(named.names), columns, (kind,), named.ticker, first_row=0, choices=named.choices)


def _fill(column: Any) -> Any:
    """A column of text or of mixed cells with blanks where nothing stands; numbers and moments as they are."""
    if column.dtype.kind in "biufMm" or not column.isna().any():
        return column
    return column.astype(object).where(column.notna(), "")
