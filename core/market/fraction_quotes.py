"""Prices of bonds and grains as exchanges quote them: digits behind a mark are 32nds, with parts of them, or eighths."""

import re
from typing import Any

import numpy as np

from core.domain.bars import FloatArray
from core.market.number_parsing import BLANK, list_filled

HEAD = 50
FEWEST_QUOTES = 12
"""Cells that must all look like fractions before they are read so."""
FEWEST_DECIMALS, FEWEST_PARTS, FEWEST_WHOLE = 100, 8, 3
"""Cells, different fractions and different whole parts without which decimals that stay below 32 may be so by chance."""
THIRTY_SECONDS = r"(\d{2,3})['’-]([0-2]\d|3[01])([0-7+]?)"
EIGHTHS = r"(\d{1,5})['’-]([0-7])"
QUARTERS = {"": 0.0, "0": 0.0, "2": 0.25, "5": 0.5, "+": 0.5, "7": 0.75}
"""Parts of a 32nd whose last digit is cut off, as exchanges write them."""
PARTS = {"": 0.0, "+": 0.5, **{str(number): number / 8 for number in range(8)}}
"""Eighths of a 32nd, as dealers write them."""


def parse_quotes(columns: list[Any]) -> tuple[list[FloatArray], str] | None:
    """Prices of which every cell is a whole number and a fraction behind a mark, and words for it; None where not all cells are such.

    Thousands that look like that on every row would be a coincidence: the digits behind the mark stay below 32, or are one below eight.

    >>> import pandas
    >>> prices = parse_quotes([pandas.Series(["112'165", "112'00", "-", "111'317"] * 4)])[0]
    >>> prices[0][:4].tolist(), parse_quotes([pandas.Series(["112'165", "112'865"] * 6)])
    ([112.515625, 112.0, nan, 111.9921875], None)
    >>> parse_quotes([pandas.Series(["645'2", "650'0"] * 6)])[1]
    'prices in eighths, as grains are quoted'
    """
    if any(column.dtype.kind in "fiu" for column in columns) or any(_reads_as_number(column) for column in columns):
        return None
    cells = [cell for column in columns for cell in list_filled(column, zero=True)]
    if len(cells) < FEWEST_QUOTES:
        return None
    found = [re.fullmatch(THIRTY_SECONDS, cell) for cell in cells]
    if all(found):
        digits = {each[3] for each in found if each}
        parts, exact = (QUARTERS, "") if digits <= QUARTERS.keys() else (PARTS, " and their eighths")
        return [_read(column, THIRTY_SECONDS, 32, parts) for column in columns], f"prices in 32nds{exact}, as bonds are quoted"
    if all(re.fullmatch(EIGHTHS, cell) for cell in cells):
        return [_read(column, EIGHTHS, 8, {"": 0.0}) for column in columns], "prices in eighths, as grains are quoted"
    return None


def suspect_quotes(prices: list[FloatArray]) -> tuple[str, ...]:
    """Words about prices that may be 32nds behind a point, `112.16` for 112 and 16 / 32; none where other fractions occur."""
    every = np.concatenate(prices)
    hundredths = np.round(every[~np.isnan(every)] * 100)
    parts = hundredths % 100
    usual = len(parts) < FEWEST_DECIMALS or np.abs(hundredths / 100 - every[~np.isnan(every)]).max() > 1e-9
    if usual or parts.max() > 31 or len(np.unique(parts)) < FEWEST_PARTS or len(np.unique(hundredths // 100)) < FEWEST_WHOLE:
        return ()
    return ("no price has more than 31 behind its point: if these are 32nds, write them as 112'16",)


def _read(column: Any, pattern: str, whole: int, parts: dict[str, float]) -> FloatArray:
    cells = column.astype(str).str.strip()
    known = {cell: _read_cell(cell, pattern, whole, parts) for cell in cells.unique()}
    return np.array([known[cell] for cell in cells], dtype=np.float64)


def _read_cell(cell: str, pattern: str, whole: int, parts: dict[str, float]) -> float:
    """The price in a cell, NaN for a blank."""
    found = re.fullmatch(pattern, cell)
    if found is None or cell.lower() in BLANK:
        return float("nan")
    part = found[3] if found.re.groups > 2 else ""
    return float(found[1]) + (float(found[2]) + parts[part]) / whole


def _reads_as_number(column: Any) -> bool:
    """True where one of the first cells is a plain number, which no price in fractions is."""
    return any(re.fullmatch(r"[+-]?\d+(?:[.,]\d+)?", cell) for cell in list_filled(column.head(HEAD)))
