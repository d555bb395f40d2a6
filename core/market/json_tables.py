"""JSON into rows and columns: records, lists of rows, columns side by side, days as keys, nested or flat, JSON lines.

What is said beside the table, the symbol and the zone of its times, is found by the names that services give to these.
"""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from core.market.bombs import refuse_empty_table
from core.market.date_texts import read_zone
from core.market.headers import count_price_names, name_columns
from core.market.record_texts import read_literal, read_records
from core.market.table import SeveralInstrumentsError

MOST_DEPTH = 8
FEWEST_ROWS = 4
"""Rows below which a table may be a part of a record."""
Rows = tuple[list[str], list[list[str]]]
SYMBOLS = ("symbol", "ticker", "instrument", "pair", "dataset_code")
ZONES = ("time zone", "timezone", "time_zone", "exchange_timezone", "exchangetimezonename", "exchangetimezone", "tz")
"""Names of values beside a table, without the numbers before them."""
MESSAGES = ("note", "message", "error", "information", "error message", "error_message", "detail")
NAMES, CELLS = ("columns", "column_names", "fields", "header", "headers"), ("data", "rows", "values")
"""Names under which a list of names stands beside a list of rows."""
SYMBOL, DAY = re.compile(r"[A-Z0-9][A-Z0-9.:/_=^-]{0,14}"), re.compile(r"\d{4}-\d|\d{8}|\d{9,}$")


def read_json(text: str) -> tuple[list[str], list[list[str]], str, str]:
    """Names, rows, ticker and zone of the largest table inside a JSON document. Raises ValueError when there is none."""
    try:
        document = _parse(text)
    except ValueError:
        if records := read_records(text):  # lines of a log: `[2024-02-01 16:00:00] DEBUG {"o": 1.0, ...}`
            return *records[1], "", ""
        raise
    tables: list[Rows] = []
    places: list[str] = []
    words = _find_beside(document, MESSAGES)
    problem = ValueError(f"no table of dates and prices is in this JSON{f'; it says: {words[:100]}' if words else ''}")
    for place, node in _nodes(document, ""):
        try:
            table = _as_table(node)
        except ValueError as vast:  # what is no table may still hold one
            problem = vast
            continue
        if table and table[1]:
            tables.append(table)
            places.append(place)
    priced = [table for table in tables if count_price_names(table[0]) >= 3]
    rowed = [table for table in tables if not any(table[0]) and len(table[1][0]) >= 5]
    found = max(priced or rowed, key=lambda table: len(table[1]), default=None)
    if found is None:
        raise problem
    ticker_of_tables = _ticker_of_tables(document)
    names, ticker = name_columns(found[0])
    _refuse_others(found, places[tables.index(found)], tables, places)
    return names, found[1], ticker or _find_beside(document, SYMBOLS) or ticker_of_tables, _zone_beside(document)


def _parse(text: str) -> Any:
    try:
        return json.loads(text, parse_float=str, parse_int=str)
    except RecursionError as problem:
        raise ValueError("the JSON is nested too deeply") from problem
    except ValueError as problem:
        if "'" in text:
            with suppress(ValueError):
                return _stringify(read_literal(text))
        lines = [line for line in text.splitlines() if line.strip()]
        if len(lines) < 2 or not all(line.lstrip().startswith(("{", "[")) for line in lines[:5]):
            raise ValueError(f"the JSON is damaged ({str(problem)[:80]})") from problem
        return [json.loads(line.rstrip().rstrip(","), parse_float=str, parse_int=str) for line in lines]


def _stringify(value: Any) -> Any:
    """Python's lists and dictionaries as JSON has them, numbers as text."""
    if isinstance(value, dict):
        return {str(name): _stringify(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_stringify(each) for each in value]
    return value if value is None or isinstance(value, bool) else str(value)


def _nodes(node: Any, place: str) -> Iterator[tuple[str, Any]]:
    """Every list and object down to MOST_DEPTH, except those inside rows, and its place."""
    if not isinstance(node, dict | list) or place.count("/") > MOST_DEPTH:
        return
    yield place, node
    inside = node.items() if isinstance(node, dict) else enumerate(node if len(node) <= 20 else node[:2])
    for name, child in inside:
        yield from _nodes(child, f"{place}{str(name).replace('/', ' ')}/")


def _refuse_others(found: Rows, place: str, tables: list[Rows], places: list[str]) -> None:
    """Raise where another table of the same names, and half as long at least, stands elsewhere in the document."""
    for other, elsewhere in zip(tables, places, strict=True):
        apart = not place.startswith(elsewhere) and not elsewhere.startswith(place)
        if apart and set(other[0]) == set(found[0]) and 2 * len(other[1]) >= len(found[1]) > FEWEST_ROWS and other[1] != found[1]:
            listed = " and ".join(each.strip("/").replace("/", ".")[-40:] for each in (place, elsewhere))
            raise ValueError(f"it holds several tables of prices, under {listed}: save one file for each")


def _as_table(node: Any) -> Rows | None:
    if isinstance(node, list):
        return _of_list(node)
    if found := _of_split(node):
        return found
    if len(node) > 1 and all(isinstance(value, dict) for value in node.values()):
        return _of_keyed(node)
    return _of_columns(node)


def _of_list(node: list[Any]) -> Rows | None:
    if not node:
        return None
    if all(isinstance(row, dict) for row in node):
        refuse_empty_table(1, max(map(len, node)), 0)
        flat = [_flat(row) for row in node]
        names = list(dict.fromkeys(name for row in flat for name in row))
        refuse_empty_table(len(flat), len(names), sum(map(len, flat)))
        return names, [[row.get(name, "") for name in names] for row in flat]
    if all(isinstance(row, list) for row in node):
        width = max(len(row) for row in node)
        refuse_empty_table(len(node), width, sum(map(len, node)))
        head = [_text(cell) for cell in node[0]]
        rows = [[_text(cell) for cell in row] + [""] * (width - len(row)) for row in node]
        return (head, rows[1:]) if count_price_names(head) >= 3 else ([""] * width, rows)
    return None


def _of_split(node: dict[str, Any]) -> Rows | None:
    """A list of names beside a list of rows, as pandas writes with `orient="split"`, and many services."""
    head = next((node[name] for name in NAMES if isinstance(node.get(name), list)), None)
    cells = next((node[name] for name in CELLS if isinstance(node.get(name), list)), None)
    if not head or not cells or not all(isinstance(row, list) and len(row) == len(head) for row in cells):
        return None
    refuse_empty_table(len(cells), len(head), sum(map(len, cells)))
    names = _names_of(head)
    rows = [[_text(cell) for cell in row] for row in cells]
    index = node.get("index")
    if isinstance(index, list) and len(index) == len(rows):
        return ["", *names], [[_text(label), *row] for label, row in zip(index, rows, strict=True)]
    return names, rows


def _names_of(head: list[Any]) -> list[str]:
    """Names that stand alone, in records of their own, or in levels: `"Close"`, `{"name": "Close"}`, `["Close", "AAPL"]`."""
    plain = [
        next((_text(name[key]) for key in ("name", "label", "id") if key in name), "") if isinstance(name, dict) else name for name in head
    ]
    return [str(tuple(map(_text, name))) if isinstance(name, list) else _text(name) for name in plain]


def _of_keyed(node: dict[str, Any]) -> Rows | None:
    """Days as keys of records, or columns as keys of days."""
    if count_price_names(list(node)) >= 3:
        days = list(dict.fromkeys(day for column in node.values() for day in column))
        refuse_empty_table(len(days), len(node), sum(map(len, node.values())))
        return ["", *node], [[day, *(_text(column.get(day, "")) for column in node.values())] for day in days]
    flat = {key: _flat(row) for key, row in node.items()}
    names = list(dict.fromkeys(name for row in flat.values() for name in row))
    refuse_empty_table(len(flat), len(names), sum(map(len, flat.values())))
    if any(name.lower() in ("date", "time", "datetime") for name in names):
        return names, [[row.get(name, "") for name in names] for row in flat.values()]
    return ["", *names], [[key, *(row.get(name, "") for name in names)] for key, row in flat.items()]


def _of_columns(node: dict[str, Any]) -> Rows | None:
    """Lists of one length under names, however deep, as chart services write them."""
    columns: dict[str, list[Any]] = {}
    _collect(node, columns, 0)
    if not columns:
        return None
    length = max((len(column) for column in columns.values()), default=0)
    refuse_empty_table(length, len(columns), sum(map(len, columns.values())))
    kept = {name: column for name, column in columns.items() if len(column) == length}
    if length < 1 or len(kept) < 5:
        return None
    return list(kept), [[_text(column[row]) for column in kept.values()] for row in range(length)]


def _collect(node: Any, columns: dict[str, list[Any]], depth: int) -> None:
    if isinstance(node, list) and len(node) == 1 and isinstance(node[0], dict):
        node = node[0]
    if not isinstance(node, dict) or depth > MOST_DEPTH:
        return
    for name, value in node.items():
        if isinstance(value, list) and value and not any(isinstance(cell, dict | list) for cell in value):
            columns.setdefault(name, value)
        else:
            _collect(value, columns, depth + 1)


def _flat(row: dict[str, Any], before: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for name, value in row.items():
        if isinstance(value, dict) and {"year", "month", "day"} <= value.keys():
            flat[f"{before}{name}"] = "-".join(_text(value[part]).zfill(2) for part in ("year", "month", "day"))
        elif isinstance(value, dict):
            flat |= _flat(value, f"{before}{name}.")
        else:
            flat[f"{before}{name}"] = _text(value)
    return flat


def _text(cell: Any) -> str:
    return "" if cell is None else str(cell) if not isinstance(cell, dict | list) else ""


def _ticker_of_tables(node: Any, depth: int = 0) -> str:
    """The key of the one table in a document that keeps bars by their symbols. Raises SeveralInstrumentsError where there are several."""
    if depth > 3 or not isinstance(node, dict):
        return ""
    named = [name for name, value in node.items() if SYMBOL.fullmatch(name) and not DAY.match(name) and _holds_bars(value)]
    if len(named) > 1:
        raise SeveralInstrumentsError(named)
    if named:
        return str(named[0])
    return next((found for value in node.values() if (found := _ticker_of_tables(value, depth + 1))), "")


def _holds_bars(value: Any) -> bool:
    """True for a list of rows, and for records or columns under their names."""
    if isinstance(value, list):
        return bool(value) and isinstance(value[0], dict | list) and _as_table(value) is not None
    table = _as_table(value) if isinstance(value, dict) and len(value) > 1 else None
    return table is not None and count_price_names(table[0]) >= 3


def _find_beside(node: Any, names: tuple[str, ...], depth: int = 0) -> str:
    """The text that stands under one of these names, outside the rows."""
    if depth > 4 or not isinstance(node, dict):
        return _find_beside(node[0], names, depth + 1) if isinstance(node, list) and len(node) == 1 else ""
    for name, value in node.items():
        if isinstance(value, str) and name.lower().lstrip("0123456789. ") in names:
            return value
    return next((found for value in node.values() if (found := _find_beside(value, names, depth + 1))), "")


def _zone_beside(document: Any) -> str:
    return read_zone(_find_beside(document, ZONES))
