"""Rows that are no bars of their own: lines of a date above the times of its day, and the bar that was still being made."""

from dataclasses import replace
from typing import Any

from core.market.headers import Columns
from core.market.table import FEW_ROWS, Table

CLOCK = r"\d{1,2}:\d{2}(?::\d{2})?(?: ?[APap]\.?[Mm]\.?)?"
DONE = ("complete", "completed", "iscomplete", "final", "isfinal", "closed", "isclosed", "confirm", "confirmed", "finished")
"""Names of a column that says whether a bar is complete; a stream of candles calls it x."""
FEWEST_ROWS = 10
"""Rows from which on a column without a name may say it."""
YES_AND_NO = ({"true", "false"}, {"1", "0"}, {"yes", "no"})
EITHER = {word for pair in YES_AND_NO for word in pair}


def carry_date_lines(table: Table, columns: Columns) -> tuple[Table, Columns]:
    """The table with the date of each line that holds nothing else beside the times below it, where only times stand in the rows."""
    date, opening = columns.places["date"], columns.places["open"]
    if "time" in columns.places or table.columns[date].dtype.kind in "biufMm" or table.columns[opening].dtype.kind in "biufMm":
        return table, columns
    cells, bare = (table.columns[place].astype(str).str.strip() for place in (date, opening))
    bare = bare == ""
    if not len(bare) or not bare.iloc[0] or bare.all() or not cells[~bare].head(50).str.fullmatch(CLOCK).all():
        return table, columns
    dated = bare & cells.str.contains(r"\d") & ~cells.str.fullmatch(CLOCK)
    if not dated.iloc[0] or not cells[~bare].str.fullmatch(CLOCK).all():
        return table, columns
    days = cells.where(dated).ffill()
    parts = [*(days if place == date else column for place, column in enumerate(table.columns)), cells]
    kept = tuple(column[~dated].reset_index(drop=True) for column in parts)
    said = f"{int(dated.sum())} lines of a date hold for the times below them"
    carried = replace(table, names=(*table.names, "Time"), columns=kept, understood=(*table.understood, said))
    return carried, replace(columns, places={**columns.places, "time": len(table.columns)})


def drop_unfinished(table: Table, columns: Columns) -> Table:
    """The table without bars that its own column says were not complete: a few, or such as stand beside a complete one of their time.

    A column that says so of many others means something else. One without a name counts where it says no of the newest bar alone.
    """
    times = table.columns[columns.places["date"]].astype(str)
    used = set(columns.places.values())
    for place, (name, column) in enumerate(zip(table.names, table.columns, strict=True)):
        known = "".join(filter(str.isalpha, name.lower()))
        unnamed = not any(table.names) and place not in used and len(column) >= FEWEST_ROWS
        if known not in DONE and known != "x" and not (unnamed and set(column.head(FEWEST_ROWS).astype(str).str.lower()) <= EITHER):
            continue
        cells = column.astype(str).str.strip().str.lower().str.removesuffix(".0")
        made = cells.isin(("false", "0", "no"))
        words = YES_AND_NO if known in DONE or unnamed else YES_AND_NO[:1]
        if not any(set(cells.unique()) <= pair for pair in words) or not made.any() or made.all():
            continue
        if made.sum() > FEW_ROWS and (~times[made].isin(times[~made])).sum() > FEW_ROWS:
            continue
        if unnamed and (made.sum() != 1 or not made.iloc[_find_newest(times)]):
            continue
        count = int(made.sum())
        shown = name.strip() or f"column {place + 1}"
        said = f"dropped {count} bar{'s' * (count > 1)} that '{shown}' says {'were' if count > 1 else 'was'} not complete"
        kept = tuple(each[~made].reset_index(drop=True) for each in table.columns)
        return replace(table, columns=kept, repaired=(*table.repaired, said))
    return table


def _find_newest(times: Any) -> int:
    """The place of the newest row, the first or the last one."""
    return 0 if times.iloc[0] > times.iloc[-1] else -1
