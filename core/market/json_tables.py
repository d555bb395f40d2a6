"""JSON into rows and columns: records, lists of rows, columns side by side, days as keys, nested or flat, JSON lines."""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from core.market.bombs import refuse_empty_table
from core.market.headers import count_price_names
from core.market.record_texts import read_literal, read_records

MOST_DEPTH = 8
Rows = tuple[list[str], list[list[str]]]


def read_json(text: str) -> tuple[list[str], list[list[str]], str]:
    """Names, rows and the ticker of the largest table inside a JSON document. Raises ValueError when there is none."""
    try:
        document = _parse(text)
    except ValueError:
        if records := read_records(text):  # lines of a log: `[2024-02-01 16:00:00] DEBUG {"o": 1.0, ...}`
            return *records[1], ""
        raise
    tables = [table for node in _nodes(document, 0) if (table := _as_table(node)) and len(table[1]) > 0]
    priced = [table for table in tables if count_price_names(table[0]) >= 3]
    rowed = [table for table in tables if not any(table[0]) and len(table[1][0]) >= 5]
    found = max(priced or rowed, key=lambda table: len(table[1]), default=None)
    if found is None:
        raise ValueError("no table of dates and prices is in this JSON")
    return found[0], found[1], _ticker(document) or _ticker_of_lists(document)


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


def _nodes(node: Any, depth: int) -> Iterator[Any]:
    """Every list and object down to MOST_DEPTH, except those inside rows."""
    if not isinstance(node, dict | list) or depth > MOST_DEPTH:
        return
    yield node
    inside = list(node.values()) if isinstance(node, dict) else node if len(node) <= 20 else node[:2]
    for child in inside:
        yield from _nodes(child, depth + 1)


def _as_table(node: Any) -> Rows | None:
    if isinstance(node, list):
        return _of_list(node)
    if "columns" in node and "data" in node and isinstance(node["data"], list):
        return _of_split(node)
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
    """The form that pandas writes with `orient="split"`."""
    if not all(isinstance(row, list) for row in node["data"]) or not isinstance(node["columns"], list):
        return None
    refuse_empty_table(len(node["data"]), len(node["columns"]), sum(map(len, node["data"])))
    names = [_text(name) for name in node["columns"]]
    rows = [[_text(cell) for cell in row] for row in node["data"]]
    index = node.get("index")
    if isinstance(index, list) and len(index) == len(rows):
        return ["", *names], [[_text(label), *row] for label, row in zip(index, rows, strict=True)]
    return names, rows


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
        if isinstance(value, dict):
            flat |= _flat(value, f"{before}{name}.")
        else:
            flat[f"{before}{name}"] = _text(value)
    return flat


def _text(cell: Any) -> str:
    return "" if cell is None else str(cell) if not isinstance(cell, dict | list) else ""


def _ticker_of_lists(node: Any, depth: int = 0) -> str:
    """The key of the one list of rows in a document that keeps bars by their symbols. Raises ValueError where there are several."""
    if depth > 3 or not isinstance(node, dict):
        return ""
    rows = {name: value for name, value in node.items() if isinstance(value, list) and value and isinstance(value[0], dict | list)}
    named = [name for name in rows if re.fullmatch(r"[A-Z0-9][A-Z0-9.:/_=^-]{0,14}", name) and _as_table(rows[name]) is not None]
    if len(named) > 1:
        raise ValueError(f"it holds several instruments: {', '.join(named[:5])}; split it into one file for each")
    if named:
        return str(named[0])
    return next((found for value in node.values() if (found := _ticker_of_lists(value, depth + 1))), "")


def _ticker(node: Any, depth: int = 0) -> str:
    """The text that stands under a key that means the symbol, outside the rows."""
    if depth > 4 or not isinstance(node, dict):
        return _ticker(node[0], depth + 1) if isinstance(node, list) and len(node) == 1 else ""
    for name, value in node.items():
        if isinstance(value, str) and name.lower().lstrip("0123456789. ") in ("symbol", "ticker", "instrument", "pair"):
            return value
    return next((found for value in node.values() if (found := _ticker(value, depth + 1))), "")
