"""The table of prices in a web page, or in a page that a website saves under an Excel name. Nothing of the page is run or fetched."""

import re
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser

from core.market.bombs import MOST_COLUMNS, refuse_empty_table
from core.market.headers import count_price_names
from core.market.table import choose_table

_PAGE = re.compile(
    r"\s*(?:<!doctype html|<html\b|<table\b|<\?xml\b.{0,300}(?:<html|progid=\"Excel|<Workbook)|<(?:body|div|meta|h[1-6]|p)\b)",
    re.I | re.S,
)
_ROWS, _CELLS = ("tr", "row"), ("td", "th", "cell")
_TITLES = ("caption", "h1", "h2", "h3", "h4", "h5", "h6")
MOST_SPANNED = 10_000
"""Cells of a page that names over several columns may add."""
FEWEST_ROWS = 5
"""Rows below which a table is no series beside another one."""


def is_page(text: str) -> bool:
    """True for text that begins as a page does."""
    return _PAGE.match(text) is not None


def read_page(text: str, chosen: str = "") -> tuple[list[list[str]], tuple[str, ...]]:
    """Rows of the table of prices, of several the `chosen` one, and the names of these. Raises ValueError or SeveralTablesError."""
    reader = _TableReader()
    reader.feed(text)
    reader.close()
    reader.end_table()
    found = {name: table for name, table in _name_tables(reader) if any(count_price_names(row) >= 3 for row in table[:25])}
    if not found:
        raise ValueError("no table of dates and prices is in this page")
    several = [name for name, table in found.items() if len(table) > FEWEST_ROWS]
    if len(several) > 1:
        table = found[choose_table("the page holds {} tables of prices", several, chosen)]
    else:
        table = max(found.values(), key=len)
    width = max(map(len, table))
    refuse_empty_table(len(table), width, sum(map(len, table)))
    return [[*row, *([""] * (width - len(row)))] for row in table], tuple(several) if len(several) > 1 else ()


def _name_tables(reader: "_TableReader") -> Iterator[tuple[str, list[list[str]]]]:
    """Each table once, by the title over it or by its number."""
    known: list[list[list[str]]] = []
    titles = Counter(reader.titles)
    for number, (title, table) in enumerate(zip(reader.titles, reader.tables, strict=True), 1):
        if table not in known:
            known.append(table)
            yield (title if title and titles[title] == 1 else f"table {number}"), table


class _TableReader(HTMLParser):
    """Cells of all tables as text; a table inside a cell is one of its own."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[list[list[str]]] = []
        self.titles: list[str] = []
        """The caption of each table, or the heading before it."""
        self._title = ""
        self._in_title = False
        self._span = 1
        self._spare = MOST_SPANNED
        self._rows: list[list[str]] = []
        self._inside = False

    def updatepos(self, i: int, j: int) -> int:
        """Count no lines: nothing asks where a tag stood."""
        return j

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _TITLES:
            self._title, self._in_title = "", True
        elif tag == "table":
            self.end_table()
        elif tag in _ROWS:
            self._rows.append([])
        elif tag in _CELLS:
            if not self._rows:
                self._rows.append([])
            self._rows[-1].append("")
            self._inside = True
            span = dict(attrs).get("colspan") or "1"
            self._span = min(int(span), MOST_COLUMNS) if tag == "th" and span.isdecimal() else 1
        elif tag == "br":
            self.handle_data(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag == "table":
            self.end_table()
        elif tag in _TITLES:
            self._in_title = False
        elif tag in (*_CELLS, *_ROWS):
            if self._inside and self._span > 1:  # a name over several columns is that of each
                count = min(self._span - 1, self._spare)
                self._spare -= count
                self._rows[-1] += [self._rows[-1][-1]] * count
            self._inside, self._span = False, 1

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self._title += data
        if self._inside and self._rows and self._rows[-1]:
            self._rows[-1][-1] += data

    def end_table(self) -> None:
        """Keep the rows so far as a table, without those that hold nothing."""
        rows = [[" ".join(cell.split()) for cell in row] for row in self._rows]
        if rows := [row for row in rows if any(row)]:
            self.tables.append(rows)
            self.titles.append(" ".join(self._title.split())[:60])
        self._rows, self._inside = [], False
