"""The order of dates as a witness: which reading of them can be right, and what a spreadsheet did to them."""

from collections.abc import Sequence

import numpy as np

from core.domain.bars import TimeArray

FEWEST = 3
"""Dates of each form without which two forms tell nothing."""

HOUR = 3_600
EARLIEST_HOUR = 6
"""Hour before which no morning begins where the clock counts to twelve: what stands there would be an afternoon without a noon."""


def is_ordered(wall: TimeArray) -> bool:
    """True for times that only grow or only fall."""
    steps = np.diff(wall[~np.isnat(wall)].astype(np.int64))
    return bool((steps >= 0).all() or (steps <= 0).all())


def choose_days_or_months(days: TimeArray, months: TimeArray) -> str | None:
    """`days` or `months` for dates whose one reading is close days and the other one far ones; None where neither is told.

    Every first of a month is a day of January as well. Twelve such days and then a year's gap are months; so may be days that take no
    notice of weekends.
    """
    apart = np.diff(np.unique(months[~np.isnat(months)].astype("datetime64[D]"))).astype(np.int64)
    if not ((apart >= 28) & (apart <= 31)).all():
        return "days"
    single = np.unique(days[~np.isnat(days)].astype("datetime64[D]"))
    if (np.diff(single).astype(np.int64) > 31).any():
        return "months"
    return "days" if np.is_busday(single).all() else None


def undo_swaps(wall: TimeArray, used: Sequence[tuple[str, np.ndarray]]) -> tuple[TimeArray, str, str]:
    """Times whose day and month a spreadsheet did not exchange, what was undone, and the problem where that is not certain.

    A spreadsheet of another country makes dates of its own of 03/04/2023, and leaves 13/04/2023 a text: the days of one form are all
    above twelve then, those of the other are none.
    """
    none = np.zeros(len(wall), dtype=bool)
    texts, dated = (np.any([none, *(rows for form, rows in used if form[:2] in kinds)], axis=0) for kinds in (("%d", "%m"), ("%Y",)))
    if np.sum(texts) < FEWEST or np.sum(dated) < FEWEST:
        return wall, "", ""
    months = wall.astype("datetime64[M]")
    day = (wall.astype("datetime64[D]") - months.astype("datetime64[D]")).astype(np.int64) + 1
    if (day[texts] <= 12).any() or (day[dated] > 12).any() or is_ordered(wall):
        return wall, "", ""
    years = wall.astype("datetime64[Y]")
    month = (months - years.astype("datetime64[M]")).astype(np.int64) + 1
    exchanged = (years.astype("datetime64[M]") + (day - 1)).astype("datetime64[D]") + (month - 1)
    restored = np.where(dated, exchanged + (wall - wall.astype("datetime64[D]")), wall).astype("datetime64[s]")
    if is_ordered(restored):
        return restored, f"put day and month of {int(np.sum(dated))} dates right, which a spreadsheet had exchanged", ""
    return (
        wall,
        "",
        "the dates stand in two forms, one for days up to 12 and one for later ones: a spreadsheet took days for months",
    )


def restore_afternoons(wall: TimeArray) -> tuple[TimeArray, str]:
    """Times of a clock of twelve hours without am and pm, whose afternoons follow their mornings, and words about it; others unchanged."""
    known = np.flatnonzero(~np.isnat(wall))
    if not len(known):
        return wall, ""
    rows = known[::-1] if wall[known[0]] > wall[known[-1]] else known
    ordered = wall[rows]
    days = ordered.astype("datetime64[D]")
    hours = (ordered - days).astype(np.int64) // HOUR
    falls = np.append(False, (days[1:] == days[:-1]) & (ordered[1:] < ordered[:-1]))
    if not falls.any() or hours.max() > 12 or hours.min() < 1 or (hours[np.flatnonzero(falls) - 1] < 12).any():
        return wall, ""
    begins = np.maximum.accumulate(np.where(np.append(True, days[1:] != days[:-1]), np.arange(len(rows)), 0))
    count = np.cumsum(falls)
    after = (count - count[begins]) > 0
    restored = np.where(after, ordered + np.timedelta64(12, "h"), ordered)
    if (np.diff(restored.astype(np.int64)) <= 0).any() or (hours[~after] < EARLIEST_HOUR).any():
        return wall, ""
    moved = wall.copy()
    moved[rows] = restored
    return moved, "the clock counts to twelve and names no afternoons: those behind a noon are"
