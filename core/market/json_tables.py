"""Lists and objects of JSON into rows and columns: records, lists of rows, columns side by side, days as keys, nested or flat."""

import csv
import json
import re
from contextlib import suppress
from typing import Any

from core.market.bombs import MOST_COLUMNS, refuse_empty_table
from core.market.headers import CLOSES, PRICES, SIDES, count_price_names, find_role
from core.market.json_cells import read_cell
from core.market.json_charts import read_chart
from core.market.number_parsing import parse_number
from core.market.record_texts import read_literal
from core.market.script_texts import write_json

MOST_DEPTH = 8
Rows = tuple[list[str], list[list[str]]]
NAMES, CELLS = ("columns", "column_names", "fields", "header", "headers", "cols"), ("data", "rows", "values")
"""Names under which a list of names stands beside a list of rows."""
FEWEST_ROWS = 4
MOMENT = re.compile(r"\d{9,}|\d{4}[-/.]?\d\d?[-/.]?\d\d?|\d\d?[./]\d\d?[./]\d{4}")
INITIALS = {role[0]: role for role in (*PRICES, "volume")}
"""Letters of a name that spells what a list under it holds: `ohlcv`."""


def parse_json(text: str) -> Any:
    """The value of a JSON text, of JSON lines or of what Python or JavaScript wrote; numbers stay text. Raises ValueError."""
    try:
        return json.loads(text, parse_float=str, parse_int=str)
    except RecursionError as problem:
        raise ValueError("the JSON is nested too deeply") from problem
    except ValueError as problem:
        if "'" in text or text.lstrip().startswith("[("):
            with suppress(ValueError):
                return _stringify(read_literal(text))
        if not str(problem).startswith("Extra data"):  # as one line of JSON after the other gives
            with suppress(ValueError):
                return json.loads(write_json(text), parse_float=str, parse_int=str)
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


def build_table(node: Any) -> Rows | None:
    """Names and rows of a list or an object; None where it is no table. Raises ValueError for one that is vast."""
    if isinstance(node, list):
        return _of_list(node)
    if found := read_chart(node) or _of_split(node):
        return found
    if found := _of_pairs(node) or _of_moments(node):
        return found
    if len(node) > 1 and all(isinstance(value, dict) for value in node.values()):
        return _of_keyed(node)
    return _of_columns(node)


def _of_list(node: list[Any]) -> Rows | None:
    if not node:
        return None
    if all(isinstance(row, dict) for row in node):
        refuse_empty_table(1, max(map(len, node)), 0)
        if all(_is_moment_and_prices(row) for row in node):
            return build_table(
                [[cell for value in row.values() for cell in (value if isinstance(value, list) else [value])] for row in node]
            )
        flat = [_flat(row) for row in node]
        names = list(dict.fromkeys(name for row in flat for name in row))
        refuse_empty_table(len(flat), len(names), sum(map(len, flat)))
        return names, [[row.get(name, "") for name in names] for row in flat]
    if all(isinstance(row, str) and row.count(",") >= len(PRICES) for row in node):
        return build_table(list(csv.reader(node)))
    if all(isinstance(row, list) for row in node):
        width = max(len(row) for row in node)
        refuse_empty_table(len(node), width, sum(map(len, node)))
        head = [_text(cell) for cell in node[0]]
        rows = [[_text(cell) for cell in row] + [""] * (width - len(row)) for row in node]
        return (head, rows[1:]) if count_price_names(head) >= 3 else ([""] * width, rows)
    return None


def _is_moment_and_prices(row: dict[str, Any]) -> bool:
    """True for a moment and a list whose second number is the highest and the third the lowest: `{"x": 1672704000, "y": [1, 2, 0, 1]}`."""
    if len(row) != 2:
        return False
    (_, moment), (name, prices) = row.items()
    if not isinstance(moment, str) or not isinstance(prices, list) or len(prices) not in (4, 5) or _spell(name, prices):
        return False
    numbers = [parse_number(_text(cell), decimal_comma=False) for cell in prices[:4]]
    filled = [number for number in numbers if number is not None and number == number]
    return len(filled) < 4 or (filled[1] == max(filled) and filled[2] == min(filled))


def _spell(name: str, cells: list[Any]) -> dict[str, str]:
    """The cells of a list by the roles that the letters of its name spell; empty where they spell none."""
    roles = [INITIALS.get(letter, "") for letter in name.lower()]
    spelled = len(roles) == len(cells) and set(PRICES) <= set(roles) and len(set(roles)) == len(roles)
    return {role: _text(cell) for role, cell in zip(roles, cells, strict=True)} if spelled else {}


def _of_split(node: dict[str, Any]) -> Rows | None:
    """A list of names beside a list of rows, as pandas writes with `orient="split"`, and many services."""
    head = next((node[name] for name in NAMES if isinstance(node.get(name), list)), None)
    cells = next((node[name] for name in CELLS if isinstance(node.get(name), list)), None)
    cells = [_cells_of_chart(row) for row in cells or ()]
    if not head or not cells or not all(isinstance(row, list) and len(row) == len(head) for row in cells):
        return None
    refuse_empty_table(len(cells), len(head), sum(map(len, cells)))
    names = _names_of(head)
    rows = [[_text(cell) for cell in row] for row in cells]
    index = node.get("index")
    if isinstance(index, list) and len(index) == len(rows):
        return ["", *names], [[_text(label), *row] for label, row in zip(index, rows, strict=True)]
    return names, rows


def _cells_of_chart(row: Any) -> Any:
    """The values of a row as a chart of Google has it: `{"c": [{"v": 1.5}, null]}`."""
    cells = row.get("c") if isinstance(row, dict) else None
    return [cell.get("v") if isinstance(cell, dict) else cell for cell in cells] if isinstance(cells, list) else row


def _of_pairs(node: dict[str, Any]) -> Rows | None:
    """Lists of pairs of a moment and a number under names, one of them a price: `{"prices": [[1672704000000, 1.5]], ...}`."""
    lists = {name: value for name, value in node.items() if isinstance(value, list) and value}
    pairs = {name: value for name, value in lists.items() if all(isinstance(cell, list) and len(cell) == 2 for cell in value)}
    priced = [name for name in pairs if find_role(name) in CLOSES]
    if len(priced) != 1 or any(isinstance(each, dict | list) for each in pairs[priced[0]][0]):
        return None
    beside = {name: {_text(moment): _text(value) for moment, value in pairs[name]} for name in pairs if name != priced[0]}
    refuse_empty_table(len(pairs[priced[0]]), len(pairs) + 1, sum(map(len, pairs.values())))
    rows = [
        [_text(moment), _text(value), *(column.get(_text(moment), "") for column in beside.values())] for moment, value in pairs[priced[0]]
    ]
    return ["time", priced[0], *beside], rows


def _of_moments(node: dict[str, Any]) -> Rows | None:
    """Lists of prices under their moments, or beside a list of these: `{"2023-01-03": [1, 2, 0, 1]}`, `{"dates": [], "ohlc": [[]]}`."""
    if len(node) >= FEWEST_ROWS and all(isinstance(row, list) for row in node.values()) and all(map(MOMENT.match, node)):
        rows = [[moment, *row] for moment, row in node.items()]
    else:
        lists = [value for value in node.values() if isinstance(value, list) and len(value) >= FEWEST_ROWS]
        moments = [value for value in lists if all(isinstance(cell, str) and MOMENT.match(cell) for cell in value)]
        cells = [value for value in lists if all(isinstance(row, list) and len(row) >= len(PRICES) for row in value)]
        if len(moments) != 1 or len(cells) != 1 or len(moments[0]) != len(cells[0]):
            return None
        rows = [[moment, *row] for moment, row in zip(moments[0], cells[0], strict=True)]
    alike = len({len(row) for row in rows}) == 1 and len(rows[0]) > len(PRICES)
    return build_table(rows) if alike and not any(isinstance(cell, dict | list) for cell in rows[0]) else None


def _names_of(head: list[Any]) -> list[str]:
    """Names that stand alone, in records of their own, or in levels: `"Close"`, `{"name": "Close"}`, `["Close", "AAPL"]`."""
    plain = [
        next((_text(name[key]) for key in ("name", "label", "id") if key in name), "") if isinstance(name, dict) else name for name in head
    ]
    return [str(tuple(map(_text, name))) if isinstance(name, list) else _text(name) for name in plain]


def _of_keyed(node: dict[str, Any]) -> Rows | None:
    """Days as keys of records, or columns as keys of days."""
    if len(node) <= MOST_COLUMNS and count_price_names(node) >= 3:
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
    priced = [name for name, value in row.items() if isinstance(value, dict) and count_price_names(value) == len(PRICES)]
    only = priced[0] if len(priced) == 1 and priced[0] not in SIDES else ""
    for name, value in row.items():
        if isinstance(value, dict) and {"year", "month", "day"} <= value.keys():
            flat[f"{before}{name}"] = "-".join(_text(value[part]).zfill(2) for part in ("year", "month", "day"))
        elif isinstance(value, dict) and (number := read_cell(value)) is not None:
            flat[f"{before}{name}"] = number
        elif isinstance(value, dict):
            flat |= _flat(value, before if name == only else f"{before}{name}.")
        elif isinstance(value, list) and (spelled := _spell(name, value)):
            flat |= {f"{before}{role}": cell for role, cell in spelled.items()}
        else:
            flat[f"{before}{name}"] = _text(value)
    return flat


def _text(cell: Any) -> str:
    return "" if cell is None else str(cell) if not isinstance(cell, dict | list) else ""
