"""A table on its way through the room: named columns, what was recognized of their layout, and the tables that it was chosen from."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from core.domain.errors import MarketDataError

MOST_ROWS = 10_000_000
FEW_ROWS = 3
BAD_SHARE = 0.05
"""Rows that may be left out before the file is refused: this share, or FEW_ROWS if that is more."""


@dataclass(frozen=True, slots=True)
class Table:
    """Columns of equal length beside their names; `columns` holds pandas Series, text for CSV and typed otherwise."""

    names: tuple[str, ...]
    columns: tuple[Any, ...]
    understood: tuple[str, ...]
    """The layout that was recognized, in words."""
    ticker: str = ""
    """Symbol that stands in an extra header row or beside the table."""
    repaired: tuple[str, ...] = ()
    first_row: int = 1
    """Line of the file on which the first row of data stands; 0 where the file has no lines."""
    choices: tuple[str, ...] = ()
    """Sheets, packed files or instruments among which this one was chosen."""
    part: str = ""
    """Instrument whose rows these are, where the file has rows of others."""
    packed: str = ""
    """Name of the packed file that it was read from."""
    zone: str = ""
    """Zone that is named above the table or beside it."""
    currency: str = ""
    """Currency that is named there."""
    identifier: str = ""
    """International number of a security that a line above the table names."""
    volume_unit: str = ""
    """Words for what the volume is counted in, from a line above the table or one below its header."""
    remarks: tuple[str, ...] = ()
    """Points of the layout that may be meant otherwise."""

    def __len__(self) -> int:
        return len(self.columns[0]) if self.columns else 0


class RefusedTableError(Exception):
    """The reasons why a table cannot be used, and what was understood of it before."""

    def __init__(self, *reasons: str, understood: tuple[str, ...] = ()) -> None:
        super().__init__(*reasons)
        self.reasons = reasons
        self.understood = understood


class SeveralTablesError(MarketDataError):
    """A file holds several tables of prices, and nobody said which one is meant."""

    def __init__(self, message: str, tables: Sequence[str]) -> None:
        super().__init__(message)
        self.tables = tuple(tables)


class SeveralInstrumentsError(SeveralTablesError):
    """A table holds the prices of several instruments; `apart` where their rows cannot be chosen by a name."""

    def __init__(self, symbols: Sequence[str], *, beside: bool = False, apart: bool = False, column: str = "") -> None:
        listed = ", ".join(symbol[:20] for symbol in symbols[:5]) + (", ..." if len(symbols) > 5 else "")
        where = " side by side" if beside else f" by the column '{column[:30]}'" if column else ""
        what = f"it holds several instruments{where}"
        remedy = "save one file for each" if apart or not listed else "say which one is meant, or save one file for each"
        super().__init__(f"{what}{': ' if listed else ''}{listed}; {remedy}", () if apart else symbols)


def holds_values(column: Any) -> bool:
    """False for a column in which nothing stands on any row."""
    if column.dtype.kind in "biufMm":
        return not column.isna().all()
    return any(cell != "" for cell in column.head(50)) or bool((column != "").any())


def choose_table(words: str, tables: Sequence[str], chosen: str) -> str:
    """The table that is meant; by its whole name, or by what stands behind the last slash. Raises SeveralTablesError."""
    listed = ", ".join(PurePosixPath(name).name[:40] for name in tables[:5]) + (", ..." if len(tables) > 5 else "")
    named = [name for name in tables if chosen in (name, PurePosixPath(name).name)] if chosen else list(tables)
    if len(named) == 1:
        return named[0]
    if chosen and not named:
        raise SeveralTablesError(f"none of its tables is called {chosen!r}: there are {listed}", tables)
    raise SeveralTablesError(f"{words.format(len(tables))} ({listed}): say which one is meant", tables)


def counts_rows(column: Any) -> bool:
    """True for row numbers, which R writes without a name."""
    head = column.head(20).str.strip().str.strip('"')
    return bool(head.str.fullmatch(r"\d+").all()) and list(head.astype(int).diff().dropna().unique()) in ([1], [])
