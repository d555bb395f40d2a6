"""Bytes of a file into named columns: container, encoding, delimiter, header. Says nothing about what the columns mean."""

import bz2
import csv
import gzip
import io
import lzma
import re
import tarfile
import warnings
import zipfile
import zlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from itertools import islice
from pathlib import PurePosixPath
from typing import Any
from xml.etree.ElementTree import ParseError

from core.domain.errors import MarketDataError
from core.market import bombs
from core.market.encodings import decode
from core.market.file_currency import find_currency_above, read_units
from core.market.file_kinds import refuse_other_kinds, refuse_other_sheets
from core.market.fixed_columns import read_fixed
from core.market.header_rows import find_header, find_identifier, find_symbol, find_zone, holds_words_alone, lies_sideways
from core.market.headers import choose_columns
from core.market.html_tables import is_page, read_page
from core.market.json_documents import read_json
from core.market.packed_files import ZIP, is_tar, unpack_tar, unpack_zip
from core.market.plain_texts import SAMPLE_LINES, find_cut, list_first, strip_assignment, write_plain
from core.market.record_texts import read_records
from core.market.stacked_tables import choose_stacked
from core.market.table import BAD_SHARE, FEW_ROWS, MOST_ROWS, Table, counts_rows
from core.market.typed_tables import read_book, read_feather, read_parquet
from core.market.volume_units import find_unit_above

MAX_BYTES = 400 * 1024 * 1024
"""Bytes of a file, packed or unpacked, beyond which it is refused."""
SPARE_COLUMNS = 3
"""Columns beyond the usual number, so that longer lines are seen instead of cut."""
DELIMITERS = (",", ";", "\t", "|", "^", "~", " ")
PARQUET, GZIP = b"PAR1", b"\x1f\x8b"
BZIP, XZ = b"BZh", b"\xfd7zXZ\x00"
ARROW = b"ARROW1"
UNREADABLE = (
    OSError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    IndexError,
    EOFError,
    OverflowError,
    RuntimeError,
    zipfile.BadZipFile,
    zlib.error,
    ParseError,
    csv.Error,
    tarfile.TarError,
)
"""Errors that the readers of foreign formats are known to raise on broken input."""


def read_table(data: bytes, name: str, mapping: Mapping[str, str] | None = None, chosen: str = "") -> Table:
    """The table in a file, of several tables or instruments the `chosen` one.

    `mapping` (role to header) helps to find a header in words nobody knows. Raises MarketDataError.
    """
    if not data.strip(b"\x00\r\n\t "):
        raise MarketDataError(f"The file {name} is empty.")
    if data.startswith((GZIP, BZIP, XZ)):
        data = _unpacked(data, name)
    if len(data) > MAX_BYTES:
        raise MarketDataError(f"The file {name} is larger than {MAX_BYTES // 1024**2} MB.", hint="Split it, or save it as Parquet.")
    refuse_other_kinds(data, name)
    try:
        if data[:4] == PARQUET:
            return read_parquet(data, chosen)
        if data.startswith(ARROW):
            return read_feather(data, chosen)
        if data[:4] == ZIP:
            return _zip(data, name, mapping, chosen)
        if is_tar(data):
            return _of_packed(*unpack_tar(data, chosen, MAX_BYTES), "tar", mapping)
        return _text(data, mapping or {}, chosen)
    except UNREADABLE as problem:
        reason = str(problem).strip().splitlines()
        detail = f" ({reason[0][:160]})" if reason else ""
        hint = "Give a CSV, JSON, Excel (.xlsx), Parquet or Feather file of bars, or a ZIP with one of them."
        raise MarketDataError(f"The file {name} cannot be read as a table{detail}.", hint=hint) from problem


def _unpacked(data: bytes, name: str) -> bytes:
    packed = io.BytesIO(data)
    try:
        with gzip.open(packed) if data[:2] == GZIP else bz2.open(packed) if data[:3] == BZIP else lzma.open(packed) as stream:
            unpacked = bytearray()
            while len(unpacked) <= MAX_BYTES and (more := stream.read(1 << 20)):
                unpacked += more
                bombs.refuse_ratio(len(data), len(unpacked))
            return bytes(unpacked)
    except ValueError as problem:
        raise MarketDataError(f"The file {name} is refused: {problem}.", hint="Give the table itself.") from problem
    except (OSError, EOFError, zlib.error, lzma.LZMAError) as problem:
        raise MarketDataError(f"The file {name} is a damaged packed file: {problem}.", hint="Download it again.") from problem


def _zip(data: bytes, name: str, mapping: Mapping[str, str] | None, chosen: str) -> Table:
    bombs.refuse_entries(data)
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        bombs.refuse_archive(packed, len(data))
        if sum(entry.file_size for entry in packed.infolist()) > MAX_BYTES:
            raise ValueError("unpacks to more than is allowed")
        if "[Content_Types].xml" in packed.namelist():
            bombs.refuse_vast_sheets(packed)
            return read_book(data, packed, chosen)
        refuse_other_sheets(packed, name)
        unpacked = unpack_zip(packed, chosen)
    return _of_packed(*unpacked, "ZIP", mapping)


def _of_packed(meant: str, data: bytes, choices: tuple[str, ...], chosen: str, kind: str, mapping: Mapping[str, str] | None) -> Table:
    """The table in a packed file."""
    name = PurePosixPath(meant).name
    table = read_table(data, name, mapping, chosen)
    return replace(table, understood=(f"{kind} with {name}", *table.understood), choices=choices or table.choices, packed=name)


def _of_rows(names: list[str], rows: list[list[str]], kind: str, ticker: str = "", first_row: int = 1) -> Table:
    import pandas

    frame = pandas.DataFrame(rows, dtype=str) if rows else pandas.DataFrame()
    columns = tuple(frame[place].fillna("") for place in frame.columns)
    return Table(tuple(names), columns, (kind, *([] if any(names) else ["no header line"])), ticker, first_row=first_row)


def _without_delimiter(text: str, chosen: str) -> Table | None:
    """Read JSON, a page, or records one after the other; None for a table of delimited text."""
    text = strip_assignment(text)
    if text.lstrip()[:1] in ("[", "{"):
        found = read_json(text, chosen)
        table = _of_rows(found.named.names, found.rows, "JSON", found.named.ticker)
        return replace(
            table,
            zone=found.zone,
            currency=found.currency,
            remarks=found.remarks,
            choices=found.named.choices,
            understood=(*table.understood, *found.said),
        )
    if is_page(text):
        page, choices = read_page(text, chosen)
        named, start = find_header(page[:SAMPLE_LINES], {}, chosen)
        return replace(
            _of_rows(named.names, page[start:], "a table of a web page", named.ticker, start + 1), choices=choices or named.choices
        )
    if fixed := read_fixed(text):
        return _of_rows(*fixed, "columns of a fixed width, as B3 writes them", first_row=0)
    records = read_records(text)
    return _of_rows(*records[1], records[0], first_row=0) if records else None


def _without_rules(frame: Any, names: list[str]) -> tuple[Any, tuple[str, ...], list[str]]:
    """Lines that repeat the header, rule it off, or name units below it, go; those units are kept beside."""
    ends = frame.index < FEW_ROWS
    ends |= frame.index >= len(frame) - FEW_ROWS
    drawn = frame[0] != frame[0]
    drawn[ends] = frame.loc[ends, min(1, frame.shape[1] - 1)].str.fullmatch(r"[ :+=-]*[-=]{2,}[ :+=-]*")
    units: list[str] = []
    if any(names) and len(frame) > 1:
        words = holds_words_alone(frame.iloc[0].tolist()) and not holds_words_alone(frame.iloc[1].tolist())
        drawn.iloc[0] |= words
        units = frame.iloc[0].tolist() if words else []
    again = (frame[0] != "") & (frame[0].str.lower() == (names or [""])[0].lower())
    if again.any():
        shown = [name.strip().lower() for name in names]
        rows = [[cell.strip().lower() for cell in row[: len(names)]] == shown for row in frame[again].values.tolist()]
        again.loc[again] = rows
    count = int(again.sum())
    if not count and not drawn.any():
        return frame, (), units
    kept = frame.loc[~(again | drawn)].reset_index(drop=True)
    return kept, (f"dropped {count} repeated header line{'s' * (count > 1)}",) if count else (), units


def _text(data: bytes, mapping: Mapping[str, str], chosen: str) -> Table:
    text, encoding = decode(data)
    if words := find_cut(text):
        raise ValueError(f"rows are left out of it: {words[:60]!r}; write the whole table into a file")
    if table := _without_delimiter(text, chosen):
        return table
    return _delimited(write_plain(text), encoding, mapping, chosen)


def _delimited(text: str, encoding: str, mapping: Mapping[str, str], chosen: str) -> Table:
    """The table in a text of one line for each row, of several below each other the `chosen` one."""
    import pandas

    if re.match(r"[^\n]*\S {2,}\\\r?\n", text):
        raise ValueError("its columns are printed in several blocks below each other: write the table into a file")
    if text.count('"') % 2:
        raise ValueError("a quotation mark is opened and not closed")
    lines = list_first(text)
    delimiter, width = _dialect(lines)
    head = [[cell.strip() for cell in row] for row in csv.reader(lines, delimiter=delimiter, skipinitialspace=True)]
    if lies_sideways(head):
        return _sideways(text, delimiter)
    if width > bombs.MOST_COLUMNS:
        raise ValueError(f"more than {bombs.MOST_COLUMNS:,} columns")
    found, start = find_header(head, mapping, chosen)
    names, ticker = found.names, found.ticker
    above = head[: max(0, start - 1)]
    skipped = _line_of(text, start)
    rows = len(text) - len(text.split("\n", skipped)[-1])
    if any(names) and (meant := choose_stacked(text, rows, delimiter, names, above, chosen)):
        table = _delimited(meant.text, encoding, mapping, "")
        part = meant.title or chosen if meant.choices else ""
        return replace(
            table,
            understood=(*table.understood, *meant.said),
            ticker=meant.title or table.ticker,
            choices=meant.choices or table.choices,
            part=part,
        )
    symbol = ticker or find_symbol(above)
    blanks = " \r\n" if delimiter == "\t" else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", pandas.errors.ParserWarning)
        frame = pandas.read_csv(
            io.StringIO(text),
            sep=delimiter,
            header=None,
            names=range(max(width, len(names)) + SPARE_COLUMNS),
            index_col=False,
            dtype=str,
            keep_default_na=False,
            na_filter=False,
            skiprows=skipped,
            skipinitialspace=True,
            skip_blank_lines=True,
            on_bad_lines="error",
            nrows=MOST_ROWS,
        )
    if len(frame) != sum(1 for line in islice(io.StringIO(text), skipped, None) if line.strip(blanks)):
        raise ValueError("a quotation mark spans several lines")
    frame, again, units = _without_rules(frame, names)
    frame, repaired = _without_long_lines(frame, max(width, len(names)), skipped + 1)
    repaired = (*again, *repaired)
    currency, volume_unit = read_units(names, units)
    columns, named = _widths(frame, names)
    shown = {"\t": "tab", " ": "space"}.get(delimiter, f"'{delimiter}'")
    understood = [f"text, {encoding}, separated by {shown}"]
    understood += [] if any(names) else ["no header line"]
    understood += ["the header lacks a name for the time column"] if any(names) and len(named) > len(names) and named[1] == "Time" else []
    understood += [f"{start - 1} lines before the header left out"] if start > 1 and not ticker else []
    understood += ["three header rows as Yahoo exports have them"] if ticker and start > 1 else []
    return Table(
        tuple(named),
        columns,
        tuple(understood),
        symbol,
        repaired,
        skipped + 1,
        found.choices,
        zone=find_zone(above),
        currency=currency or find_currency_above(above),
        identifier=find_identifier(above),
        volume_unit=volume_unit or find_unit_above(above),
    )


def _sideways(text: str, delimiter: str) -> Table:
    """A table whose rows are the prices and whose columns are the days, turned."""
    rows = [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(text), delimiter=delimiter, skipinitialspace=True)]
    rows = [row for row in rows if any(row)]
    width = max(map(len, rows))
    names, *turned = zip(*([*row, *[""] * (width - len(row))] for row in rows), strict=True)
    return _of_rows([names[0] or "Date", *names[1:]], [list(row) for row in turned], "a row for each price, turned", first_row=0)


def _without_long_lines(frame: Any, width: int, first_row: int) -> tuple[Any, tuple[str, ...]]:
    """Lines with more fields than the others are damaged: a few are left out, many spoil the file."""
    long = (frame.iloc[:, width:] != "").any(axis=1)
    count = int(long.sum())
    if count > max(FEW_ROWS, BAD_SHARE * len(frame)):
        raise ValueError(f"{count} lines have more than {width} fields, first in row {int(long.idxmax()) + first_row}")
    kept = frame.loc[~long, list(range(width))].reset_index(drop=True)
    return kept, (f"dropped {count} line{'s' * (count > 1)} with too many fields",) if count else ()


def _dialect(lines: list[str]) -> tuple[str, int]:
    """Delimiter and usual number of fields: the one that cuts most lines into the same number of at least five, and into most fields.

    Where none does, the file may have one price a day: then two to four fields on nearly every line below the first third are enough.
    """
    best, narrow = (0.0, ",", 0), (0.9, 1.0, 0, ",")
    for delimiter in DELIMITERS:
        widths = Counter(len(row) for row in csv.reader(lines, delimiter=delimiter, skipinitialspace=True))
        width, count = max(widths.items(), key=lambda pair: (pair[1], pair[0]))
        weight = count / len(lines) * (1.0 if delimiter != " " else 0.5)
        wider = delimiter != " " and weight > best[0] - 1e-9 and (width > best[2] or (best[1] == "," and delimiter in ";\t|"))
        if width >= 5 and (weight > best[0] + 1e-9 or wider):
            best = (weight, delimiter, width)
        elif 2 <= width < 5:
            below = [len(row) for row in csv.reader(lines[len(lines) // 3 :], delimiter=delimiter, skipinitialspace=True)]
            share = below.count(width) / len(below) * (1.0 if delimiter != " " else 0.5)
            narrow = max(narrow, (share, weight, width, delimiter), key=lambda found: found[:3])
    if not best[2] and not narrow[2]:
        raise ValueError("no delimiter cuts its lines into a date and four prices, or a date and one")
    return (best[1], best[2]) if best[2] else (narrow[3], narrow[2])


def _line_of(text: str, rows: int) -> int:
    """Count the physical lines that hold the first `rows` non-empty ones."""
    if not rows:
        return 0
    seen = 0
    for number, line in enumerate(io.StringIO(text)):
        seen += bool(line.strip())
        if seen == rows:
            return number + 1
    return rows


def _widths(frame: Any, names: list[str]) -> tuple[tuple[Any, ...], list[str]]:
    """Names and columns of the same number: an empty last column goes, a missing name is put where it is missing."""
    columns = [frame[place] for place in frame.columns]
    while len(columns) > 1 and len(columns) >= len(names) and (columns[-1] == "").all() and not (names[len(columns) - 1 :] or [""])[0]:
        columns.pop()
        names = names[: len(columns)]
    if len(columns) == len(names) + 1:
        if _looks_like_time(columns[1]):
            names = [names[0], "Time", *names[1:]]
        elif "date" in choose_columns(tuple(names)).places and not counts_rows(columns[0]):
            raise ValueError(f"the rows have {len(columns)} fields and the header names {len(names)}: name the column that has no name")
        else:
            names = ["", *names]
    names = names[: len(columns)] + [""] * (len(columns) - len(names))
    return tuple(columns), names


def _looks_like_time(column: Any) -> bool:
    head = column.head(20).str.strip()
    return bool(head.str.fullmatch(r"\d{1,2}:\d{2}(:\d{2})?(\.\d+)?").mean() > 0.9)
