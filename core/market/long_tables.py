"""A table with a row for each price: its kind in one column, the number in another. Brought into a row for each time."""

from dataclasses import replace
from typing import Any

from core.market.headers import PRICES, count_price_names, find_role
from core.market.number_parsing import holds_numbers
from core.market.table import RefusedTableError, Table

MOST_KINDS = 60
NUMBERED = ("result", "table", "")
"""Names of columns that number the rows or parts of such a table."""


def widen(table: Table) -> Table:
    """The table with a column for each kind that one of its columns names; as it is where none names open, high, low and close.

    Raises RefusedTableError where a price stands there twice.
    """
    import pandas

    if count_price_names(table.names) >= 3 or not (kinds := _find_kinds(table)):
        return table
    at, cells = kinds
    numeric = [place for place, column in enumerate(table.columns) if place != at and _is_value(table.names[place], column)]
    if len(numeric) != 1:
        return table
    rest = [place for place in range(len(table.columns)) if place not in (at, numeric[0]) and table.names[place].strip() not in NUMBERED]
    keys = [place for place in rest if find_role(table.names[place]) in ("date", "time", "symbol")]
    if not keys:
        return table
    frame = pandas.DataFrame({place: table.columns[place] for place in [*keys, at, numeric[0]]})
    frame = frame[frame[at].isin(cells)]
    if frame.duplicated([*keys, at]).any():
        again = frame[frame.duplicated([*keys, at])].iloc[0]
        raise RefusedTableError(f"'{again[at]}' stands there twice for {again[keys[0]]}: a column tells them apart that is not known")
    wide = frame.pivot(index=keys, columns=at, values=numeric[0]).reset_index().fillna("")
    names = tuple(str(table.names[name]) if isinstance(name, int) else str(name) for name in wide.columns)
    said = f"a row for each price: '{table.names[at].strip()}' names it, '{table.names[numeric[0]].strip()}' holds it"
    return replace(
        table, names=names, columns=tuple(wide[name] for name in wide.columns), understood=(*table.understood, said), first_row=0
    )


def _find_kinds(table: Table) -> tuple[int, list[str]] | None:
    """The place of the column that names the prices, and its words."""
    for place, column in enumerate(table.columns):
        if column.dtype.kind in "biufMm" or column.head(1000).nunique() > MOST_KINDS:
            continue
        cells = [str(cell) for cell in column.unique()]
        if len(cells) <= MOST_KINDS and set(PRICES) <= {find_role(cell).rpartition(" ")[2] for cell in cells}:
            return place, [cell for cell in cells if cell.strip()]
    return None


def _is_value(name: str, column: Any) -> bool:
    return find_role(name) not in ("date", "time", "symbol") and name.strip() not in NUMBERED and holds_numbers(column)
