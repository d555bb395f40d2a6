"""The table of prices in a JSON document: of several the one that is meant, of parts the whole, with what is said beside it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from core.market.date_texts import read_zone
from core.market.file_currency import read_currency
from core.market.header_names import split_words
from core.market.headers import Named, count_price_names, find_role, name_columns
from core.market.json_scales import scale_prices
from core.market.json_tables import Rows, build_table, parse_json
from core.market.record_texts import read_records
from core.market.table import SeveralInstrumentsError, SeveralTablesError

MOST_DEPTH = 8
MOST_BESIDE = 200
"""Names in an object beyond which they are the moments of rows."""
MOST_PARTS = 2_000
"""Elements of a list that are looked into where each holds lists or records itself."""
FEWEST_ROWS = 4
"""Rows below which a table may be a part of a record."""
SYMBOLS = ("symbol", "ticker", "instrument", "pair", "dataset_code")
ZONES = ("time zone", "timezone", "time_zone", "exchange_timezone", "exchangetimezonename", "exchangetimezone", "tz")
"""Names of values beside a table, without the numbers before them."""
CURRENCIES = ("currency", "currencycode", "currency_code", "trading_currency", "quotecurrency", "ccy")
MESSAGES = ("note", "message", "error", "information", "error message", "error_message", "detail")
SYMBOL, DAY = re.compile(r"[A-Z0-9][A-Z0-9.:/_=^-]{0,14}"), re.compile(r"\d{4}-\d|\d{8}|\d{9,}$|\d{1,4}$")
GENERAL = split_words("data result results response output body ohlc ohlcv prices price bars candles series values rows d w m 1d 1w 1m h")
"""Words in capitals over a table that are no symbols."""
Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class JsonTable:
    """The table of a document, with what is said of it there."""

    named: Named
    rows: list[list[str]]
    zone: str = ""
    currency: str = ""
    remarks: tuple[str, ...] = ()
    said: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Found:
    """A table at its place."""

    path: Path
    table: Rows
    symbol: str = ""
    """Symbol that is said beside it."""


def read_json(text: str, chosen: str = "") -> JsonTable:
    """The table inside a JSON document, of several the `chosen` one. Raises ValueError or SeveralTablesError."""
    try:
        document = parse_json(text)
    except ValueError:
        if records := read_records(text):  # lines of a log: `[2024-02-01 16:00:00] DEBUG {"o": 1.0, ...}`
            return JsonTable(Named(records[1][0]), records[1][1])
        raise
    tables = _leave_out_mixed(_list_tables(document))
    largest = max(tables, key=lambda found: (len(found.table[1]), len(found.table[0]), len(found.path)))
    several = _list_apart(largest, tables)
    labels = _label(document, several)
    instruments = _are_instruments(several, labels)
    if not instruments and len(several) > 1:  # what stands there twice is one table
        several = [found for place, found in enumerate(several) if all(found.table[1] != each.table[1] for each in several[:place])]
        labels = _label(document, several)
    symbols = list(dict.fromkeys(labels))
    if len(symbols) > 1 and chosen not in symbols:
        if instruments:
            raise SeveralInstrumentsError(symbols)
        listed = " and ".join(label[-40:] for label in symbols[:5]) + (" and others" if len(symbols) > 5 else "")
        raise SeveralTablesError(f"it holds several tables of prices, under {listed}: say which one is meant", symbols)
    meant = [found for found, label in zip(several, labels, strict=True) if len(symbols) == 1 or label == chosen]
    named = name_columns(meant[0].table[0], chosen)
    ticker = named.ticker or meant[0].symbol or _find_beside(document if len(symbols) == 1 else None, SYMBOLS) or _symbol_in(meant[0].path)
    choices = tuple(symbols) if len(symbols) > 1 else named.choices
    said = (f"{len(meant)} parts of one table joined",) if len(meant) > 1 else ()
    zone = read_zone(_find_along(document, meant[0].path, ZONES) or _find_beside(document, ZONES))
    path = meant[0].path
    currency = read_currency(_find_along(document, path, CURRENCIES) or _find_beside(document, CURRENCIES))
    rows = [row for found in meant for row in found.table[1]]
    rows, scaled, remarks = scale_prices(
        named.names, rows, lambda names: _find_along(document, path, names) or _find_beside(document, names)
    )
    return JsonTable(Named(named.names, ticker, choices), rows, zone, currency, remarks, (*said, *scaled))


def _list_tables(document: Any) -> list[_Found]:
    """All tables of prices in a document, else rows without names, else what has dates. Raises ValueError where there is none."""
    words = _find_beside(document, MESSAGES)
    problem = ValueError(f"no table of dates and prices is in this JSON{f'; it says: {words[:100]}' if words else ''}")
    found = []
    for path, node in _nodes(document, ()):
        try:
            table = build_table(node)
        except ValueError as vast:  # what is no table may still hold one
            problem = vast
            continue
        if table and table[1]:
            found.append(_Found(path, table))
    priced = [each for each in found if count_price_names(each.table[0]) >= 3]
    rowed = [each for each in found if not any(each.table[0]) and len(each.table[1][0]) >= 5]
    dated = [
        each for each in found if any(find_role(name) in ("date", "time") for name in each.table[0]) and len(each.table[1]) > FEWEST_ROWS
    ]
    if not priced and not rowed and not dated:
        raise problem
    return priced or rowed or dated


def _nodes(node: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """Every list and object down to MOST_DEPTH, except those inside rows, and its place."""
    if not isinstance(node, dict | list) or len(path) > MOST_DEPTH:
        return
    yield path, node
    inside = node.items() if isinstance(node, dict) else enumerate(node[:MOST_PARTS] if len(node) <= 20 or _holds_parts(node) else node[:2])
    for name, child in inside:
        yield from _nodes(child, (*path, name))


def _holds_parts(node: list[Any]) -> bool:
    """True for a list whose elements hold more than a row does: tables of their own."""
    first = node[0]
    inside = first.values() if isinstance(first, dict) else first if isinstance(first, list) else ()
    return any(isinstance(each, list | dict) and len(each) > FEWEST_ROWS and isinstance(next(iter(each)), list | dict) for each in inside)


def _list_apart(largest: _Found, tables: Sequence[_Found]) -> list[_Found]:
    """The largest table and all that stand elsewhere in the document and hold more than a few other rows, in their own order."""
    kept = [largest]
    for found in sorted(tables, key=lambda each: -len(each.table[1])):
        alike = len(found.table[1]) > FEWEST_ROWS and (any(found.table[0]) or len(found.table[0]) == len(largest.table[0]))
        if alike and all(_stand_apart(found.path, each.path) for each in kept):
            kept.append(found)
    return [found for found in tables if any(found is each for each in kept)]


def _leave_out_mixed(tables: list[_Found]) -> list[_Found]:
    """The tables without those that were made of several others which stand apart inside them."""
    longer = [found for found in tables if len(found.table[1]) > FEWEST_ROWS and any(found.table[0])]

    def is_mixed(found: _Found) -> bool:
        inside = [each.path for each in longer if len(each.path) > len(found.path) and each.path[: len(found.path)] == found.path]
        return any(_stand_apart(inside[0], path) for path in inside[1:])

    return [found for found in tables if not is_mixed(found)]


def _stand_apart(one: Path, other: Path) -> bool:
    shared = min(len(one), len(other))
    return one[:shared] != other[:shared]


def _label(document: Any, several: list[_Found]) -> list[str]:
    """A name for each table: the symbol beside it, else where it stands; one name for all where they are parts of one table."""
    if len(several) < 2:
        return [""]
    shared = next(level for level in range(MOST_DEPTH + 2) if len({found.path[: level + 1] for found in several}) > 1)
    for place, found in enumerate(several):
        several[place] = _Found(found.path, found.table, _find_along(document, found.path, SYMBOLS, beyond=shared))
    own = [".".join(str(part) for part in found.path[shared:] if isinstance(part, str)) for found in several]
    heads = [str(found.path[shared]) if isinstance(found.path[shared], str) else "" for found in several]
    labels = [
        found.symbol or (head if len(set(heads)) == len(heads) else name) for found, head, name in zip(several, heads, own, strict=True)
    ]
    if all(labels) and len(set(labels)) == len(labels):
        years = all(re.fullmatch(r"(?:19|20)\d\d(?:-\d\d)?", label) for label in labels)
        return [""] * len(labels) if years else labels
    spoken = {found.symbol or _find_above(document, found.path[:shared], SYMBOLS) for found in several}
    if "" not in spoken and len(spoken) == len(set(own)) == 1:
        return [""] * len(labels)
    return [".".join(map(str, found.path)) for found in several]


def _are_instruments(several: list[_Found], labels: list[str]) -> bool:
    """True where every table stands under a symbol of its own."""
    return all(found.symbol or (SYMBOL.fullmatch(label) and not DAY.match(label)) for found, label in zip(several, labels, strict=True))


def _symbol_in(path: Path) -> str:
    """The symbol among the names over a table."""
    words = [part for part in path if isinstance(part, str) and SYMBOL.fullmatch(part)]
    return next((part for part in reversed(words) if not DAY.match(part) and part.lower() not in GENERAL), "")


def _find_along(document: Any, path: Path, names: tuple[str, ...], beyond: int = 0) -> str:
    """The text that stands under one of these names nearest to the table, at more than so many steps from the top."""
    node, found = document, ""
    for step, part in enumerate(path):
        node = node[part]
        if step >= beyond:
            found = _find_beside(node, names) or found
    return found


def _find_above(document: Any, path: Path, names: tuple[str, ...]) -> str:
    """The text that stands under one of these names in what the tables share."""
    node, found = document, ""
    for part in (None, *path):
        node = node if part is None else node[part]
        if isinstance(node, dict):
            found = next((value for name, value in node.items() if isinstance(value, str) and name.lower() in names), found)
    return found


def _find_beside(node: Any, names: tuple[str, ...], depth: int = 0) -> str:
    """The text that stands under one of these names, outside the rows."""
    if depth > 4 or not isinstance(node, dict):
        return _find_beside(node[0], names, depth + 1) if isinstance(node, list) and len(node) == 1 else ""
    for name, value in node.items():
        if isinstance(value, str) and name.lower().lstrip("0123456789. ") in names:
            return value
    rows = len(node) > MOST_BESIDE
    return "" if rows else next((found for value in node.values() if (found := _find_beside(value, names, depth + 1))), "")
