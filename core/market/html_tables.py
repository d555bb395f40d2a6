"""The table of prices in a web page, or in a page that a website saves under an Excel name. Nothing of the page is run or fetched."""

import re
from html.parser import HTMLParser

from core.market.bombs import refuse_empty_table
from core.market.headers import count_price_names

_PAGE = re.compile(
    r"\s*(?:<!doctype html|<html\b|<table\b|<\?xml\b.{0,300}(?:<html|progid=\"Excel|<Workbook)|<body\b|<div\b|<meta\b)", re.I | re.S
)
_ROWS, _CELLS = ("tr", "row"), ("td", "th", "cell")


def is_page(text: str) -> bool:
    """True for text that begins as a page does."""
    return _PAGE.match(text) is not None


def read_page(text: str) -> list[list[str]]:
    """Rows of the table that names most prices, of several the longest. Raises ValueError when there is none."""
    reader = _TableReader()
    reader.feed(text)
    reader.close()
    reader.end_table()
    found = [table for table in reader.tables if any(count_price_names(row) >= 3 for row in table[:25])]
    if not found:
        raise ValueError("no table of dates and prices is in this page")
    table = max(found, key=len)
    width = max(map(len, table))
    refuse_empty_table(len(table), width, sum(map(len, table)))
    return [[*row, *([""] * (width - len(row)))] for row in table]


class _TableReader(HTMLParser):
    """Cells of all tables as text; a table inside a cell is one of its own."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[list[list[str]]] = []
        self._rows: list[list[str]] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self.end_table()
        elif tag in _ROWS:
            self._rows.append([])
        elif tag in _CELLS:
            if not self._rows:
                self._rows.append([])
            self._rows[-1].append("")
            self._inside = True
        elif tag == "br":
            self.handle_data(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag == "table":
            self.end_table()
        elif tag in (*_CELLS, *_ROWS):
            self._inside = False

    def handle_data(self, data: str) -> None:
        if self._inside and self._rows and self._rows[-1]:
            self._rows[-1][-1] += data

    def end_table(self) -> None:
        """Keep the rows so far as a table, without those that hold nothing."""
        rows = [[" ".join(cell.split()) for cell in row] for row in self._rows]
        if rows := [row for row in rows if any(row)]:
            self.tables.append(rows)
        self._rows, self._inside = [], False
