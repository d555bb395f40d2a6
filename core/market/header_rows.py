"""Rows of a table that stand above its data: the names of the columns, what is written before them, a symbol in either."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest

from core.market.date_texts import find_zone_in_words, read_zone
from core.market.headers import PRICES, Named, count_price_names, find_role, name_columns
from core.market.table import SeveralInstrumentsError

HEADER_LINES = 25
"""Filled lines among which the header is sought."""


MERGED = ("date", "time", *PRICES, "adjusted", "volume")
"""Roles of columns whose names may stand a line above the others."""
DATED = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[./]\d{1,2}[./]\d{2,4}")
"""A date at the beginning of a row, which may hold no number besides."""
COMMENTS = ("#", "%", "//", ";", "--")
"""Marks of a comment, which may stand before the names of columns that blanks separate."""


def find_header(head: list[list[str]], mapping: Mapping[str, str], chosen: str = "") -> tuple[Named, int]:
    """Names of the columns, with the ticker of Yahoo's second header row, and how many rows stand before the data.

    Raises SeveralInstrumentsError.
    """
    for place, row in enumerate(head[:HEADER_LINES]):
        if count_price_names(row) < 3 and not (mapping and set(mapping.values()) <= {cell.strip() for cell in row}):
            continue
        below = head[place + 1] if place + 1 < len(head) else []
        third = head[place + 2] if place + 2 < len(head) else []
        above = head[place - 1] if place else []
        if _names_tickers(below, third):
            dated = _names_dates(third)
            return _of_one([third[0] if dated and third[0] else "Date", *row[1:]], ["", *below[1:]], chosen), place + (3 if dated else 2)
        if _names_tickers(above, below):
            dated = _names_dates(below)
            return _of_one([below[0] if dated else "Date", *row[1:]], ["", *above[1:]], chosen), place + (2 if dated else 1)
        if _stands_twice(row):
            tickers = _fill_right(above, len(row))
            found = _of_one(row, tickers if row.count(row[0]) > 1 else ["", *tickers[1:]], chosen)
            if _stands_twice(found.names):
                raise SeveralInstrumentsError(list(dict.fromkeys(filter(None, tickers))), beside=True, apart=True)
            return found, place + 1
        commented = row[0].strip() in COMMENTS and len(below) == len(row) - 1
        return name_columns(row[1:] if commented else _fill_down(above, row), chosen), place + 1
    return _unknown_header(head)


def lies_sideways(head: list[list[str]]) -> bool:
    """True where the prices are named below each other, each before its own row of numbers: a table on its side."""
    if len(head) > HEADER_LINES or any(count_price_names(row) >= 3 for row in head):
        return False
    named = [row for row in head if row and find_role(row[0]) in (*PRICES, "volume")]
    return count_price_names(row[0] for row in named) == len(PRICES) and all(_holds_data(row[1:], 3) for row in named)


def _names_tickers(row: list[str], below: list[str]) -> bool:
    """True for a line of tickers beside that of the prices: so called, or without a name where the name of the dates alone follows."""
    if not row or row[0].strip().lower() in ("ticker", "tickers", "symbol", "symbols"):
        return len(row) > 1 and not find_role(row[1])
    return len(row) > 1 and not row[0] and all(row[1:]) and _names_dates(below)


def _names_dates(row: list[str]) -> bool:
    return bool(row) and bool(row[0]) and not any(row[1:])


def _of_one(names: list[str], tickers: list[str], chosen: str) -> Named:
    """Names of the columns of the one ticker, or of the chosen one. Raises SeveralInstrumentsError."""
    every = list(dict.fromkeys(cell for cell in tickers if cell))
    if len(every) < 2:
        return Named(names, "".join(every))
    if chosen not in every:
        raise SeveralInstrumentsError(every, beside=True)
    kept = [name if ticker in ("", chosen) else "" for name, ticker in zip(names, tickers, strict=False)]
    return Named(kept, chosen, tuple(every))


def _stands_twice(row: list[str]) -> bool:
    """True where every price stands twice under one name: the prices of several instruments side by side."""
    names = Counter(cell.strip().lower() for cell in row if cell.strip())
    return sum(names[name] > 1 for name in names if find_role(name) in PRICES) >= 4


def _fill_right(row: list[str], width: int) -> list[str]:
    """A line above the header whose words hold for the columns right of them too, as merged cells do."""
    filled: list[str] = []
    for cell in row:
        filled.append(cell or (filled or [""])[-1])
    return [*filled, *[(filled or [""])[-1]] * (width - len(filled))]


def _fill_down(above: list[str], row: list[str]) -> list[str]:
    """A header whose blank cells were merged with the named ones above them."""
    named = [cell if find_role(cell) in MERGED else "" for cell in above]
    return [cell or name for cell, name in zip_longest(row, named[: len(row)], fillvalue="")]


def _unknown_header(head: list[list[str]]) -> tuple[Named, int]:
    """The words right above the first row of numbers are a header in words nobody knows; without such words there is none."""
    width = max((len(row) for row in head), default=0)
    firsts = [next((place for place, row in enumerate(head) if _holds_data(row, least)), None) for least in (min(4, width), 2, 1)]
    found = list(dict.fromkeys(place for place in firsts if place is not None)) or [0]
    for first in found[:2]:  # rows of young instruments begin with blanks
        while first and DATED.match(head[first - 1][0]):
            first -= 1
        above = head[first - 1] if first else []
        named = [cell for cell in above if cell and not re.fullmatch(r"[\d.,:/ -]+", cell)]
        if len(named) >= 4 or (len(above) >= len(head[first]) - 1 and len(named) >= 2):
            return Named(list(above)), first
    return Named([""] * width), found[0]


def _holds_data(row: list[str], least: int) -> bool:
    """At least so many cells are numbers; a date counts as one."""
    return sum(bool(re.fullmatch(r"[$€£¥]?[+-]?\d[\d.,:'’ /\u00a0-]*([KMB%]|[ T].*)?", cell)) for cell in row) >= least


def holds_words_alone(row: list[str]) -> bool:
    """True for a line of units or types, such as `,USD,USD,shares` and `Date,Float64,Float64`: every cell begins with no digit."""
    filled = [cell.strip() for cell in row if cell.strip()]
    words = [cell for cell in filled if cell[0].isalpha() and not re.fullmatch(r"(?i)nan|na|null|none|n/a", cell)]
    return bool(filled) and (not any(letter.isdigit() for cell in filled for letter in cell) or len(words) == len(filled))


def find_symbol(rows: Iterable[Sequence[str]]) -> str:
    """The symbol that lines above a header name: `Symbol: AAPL`, or `Security` and `AAPL US Equity` in two cells; empty without one.

    >>> find_symbol([["Historical prices"], ["# symbol: MSFT"]]), find_symbol([["Security", "", "AAPL US Equity"]])
    ('MSFT', 'AAPL US Equity')
    """
    for name, value in map(pair_of, rows):
        if name.lower() in ("symbol", "ticker", "security", "instrument", "contract") and re.fullmatch(
            r"[\w.:/^=!-]+( [A-Z]{2})?( \w+)?", value
        ):
            return value
    return ""


def find_identifier(rows: Iterable[Sequence[str]]) -> str:
    """The international number of a security in lines above the header; empty without one, or with several.

    >>> find_identifier([["Historical Data"], ["FR0000121014"]]), find_identifier([["SAP SE | ISIN: DE0007164600"]])
    ('FR0000121014', 'DE0007164600')
    """
    found = {number for row in rows for cell in row for number in re.findall(r"\b[A-Z]{2}[A-Z0-9]{9}\d\b", cell)}
    return found.pop() if len(found) == 1 else ""


def find_zone(rows: Iterable[Sequence[str]]) -> str:
    """The zone that lines above the header name: `Time zone: Europe/Berlin`, `All times are UTC`; empty without one.

    >>> find_zone([["Time zone", "America/New_York"]]), find_zone([["All times are in GMT"]]), find_zone([["Made at time 10:00 UTC"]])
    ('America/New_York', 'UTC', '')
    """
    for row in rows:
        name, value = pair_of(row)
        words = " ".join(cell.strip() for cell in row if cell.strip())
        if name.lower() in ("time zone", "timezone", "tz", "zone", "zeitzone") and (zone := read_zone(value)):
            return zone
        if re.search(r"\btimes?\b", words, re.IGNORECASE) and not re.search(r"\d{3}|:", words) and (zone := find_zone_in_words(words)):
            return zone
    return ""


def pair_of(row: Sequence[str]) -> tuple[str, str]:
    """The name in a line and its value, which may stand in the next cell."""
    cells = [cell.strip() for cell in row if cell.strip()]
    if not cells:
        return "", ""
    said = re.match(r"^[#\W]*([^\W\d_]+(?: [^\W\d_]+)?)\s*[:=]\s*(\S.*)?$", cells[0])
    name, value = (said[1], said[2] or "") if said else (cells[0].lstrip("# "), "")
    return name, value or (cells[1] if len(cells) > 1 else "")
