"""Rows of a table that stand above its data: the names of the columns, what is written before them, a symbol in either."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from core.market.headers import PRICES, count_price_names, find_role

HEADER_LINES = 25
"""Filled lines among which the header is sought."""


def find_header(head: list[list[str]], mapping: Mapping[str, str]) -> tuple[list[str], int, str]:
    """Names of the columns, how many rows stand before the data, and the ticker of Yahoo's second header row."""
    for place, row in enumerate(head[:HEADER_LINES]):
        if count_price_names(row) < 3 and not (mapping and set(mapping.values()) <= {cell.strip() for cell in row}):
            continue
        below = head[place + 1] if place + 1 < len(head) else []
        third = head[place + 2] if place + 2 < len(head) else []
        if below and below[0].strip().lower() == "ticker":
            tickers = {cell for cell in below[1:] if cell}
            if len(tickers) > 1:
                raise ValueError(f"it holds several instruments: {', '.join(sorted(tickers)[:5])}")
            dated = bool(third) and not any(third[1:])
            names = [third[0] if dated and third[0] else "Date", *row[1:]]
            return names, place + (3 if dated else 2), "".join(tickers)
        above = head[place - 1] if place else []
        _refuse_several(row, above)
        if above and above[0].strip().lower() == "ticker":
            named = bool(below) and not any(below[1:])
            return [below[0] if named else "Date", *row[1:]], place + (2 if named else 1), next((cell for cell in above[1:] if cell), "")
        return list(row), place + 1, ""
    return _unknown_header(head)


def _refuse_several(row: list[str], above: list[str]) -> None:
    """Raise where every price stands twice under one name: the prices of several instruments side by side."""
    names = Counter(cell.strip().lower() for cell in row if cell.strip())
    if sum(names[name] > 1 for name in names if find_role(name) in PRICES) >= 4:
        listed = ", ".join(list(dict.fromkeys(cell for cell in above[1:] if cell))[:5])
        raise ValueError(f"it holds several instruments side by side{': ' if listed else ''}{listed}; save one file for each")


def _unknown_header(head: list[list[str]]) -> tuple[list[str], int, str]:
    """The words right above the first row of numbers are a header in words nobody knows; without such words there is none."""
    width = max((len(row) for row in head), default=0)
    first = next((place for place, row in enumerate(head) if _holds_data(row, min(4, width))), 0)
    above = head[first - 1] if first else []
    named = [cell for cell in above if cell and not re.fullmatch(r"[\d.,:/ -]+", cell)]
    if len(named) >= 4 or (len(above) >= len(head[first]) - 1 and len(named) >= 2):
        return list(above), first, ""
    return [""] * width, first, ""


def _holds_data(row: list[str], least: int) -> bool:
    """At least so many cells are numbers; a date counts as one."""
    return sum(bool(re.fullmatch(r"[$€£¥]?[+-]?\d[\d.,:'’ /\u00a0-]*([KMB%]|[ T].*)?", cell)) for cell in row) >= least


def find_symbol(rows: Iterable[Sequence[str]]) -> str:
    """The symbol that lines above a header name: `Symbol: AAPL`, or `Security` and `AAPL US Equity` in two cells; empty without one.

    >>> find_symbol([["Historical prices"], ["# symbol: MSFT"]]), find_symbol([["Security", "", "AAPL US Equity"]])
    ('MSFT', 'AAPL US Equity')
    """
    for row in rows:
        cells = [cell.strip() for cell in row if cell.strip()]
        said = re.match(r"^[#\W]*([A-Za-z]+)\s*[:=]\s*(\S.*)?$", cells[0]) if cells else None
        name, value = (said[1], said[2]) if said else (cells[0].lstrip("# "), None) if cells else ("", None)
        value = value or (cells[1] if len(cells) > 1 else "")
        if name.lower() in ("symbol", "ticker", "security", "instrument", "contract") and re.fullmatch(
            r"[\w.:/^=!-]+( [A-Z]{2})?( \w+)?", value
        ):
            return value
    return ""
