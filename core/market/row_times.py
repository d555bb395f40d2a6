"""Times of the rows of a table: dates, times of day, parts of either, and the zone that is said beside them."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from core.domain.bars import TimeArray
from core.domain.readings import Corrections
from core.market.clock_texts import join_parts
from core.market.date_texts import UNSURE_ZONES, choose_shared_zone, find_zone_in_words, is_zone, read_zone
from core.market.headers import Columns
from core.market.reading_words import LEFT_OUT
from core.market.table import RefusedTableError, Table
from core.market.timestamps import Stamps, place_in_zone, recognize_stamps
from core.market.wall_times import count_weekend_days

HOUR_ENDS = re.compile(r"hour[ _]?end(?:ing)?\b.*|h\.?e\.?", re.IGNORECASE)
"""Names of a column of hours that are counted by their ends, from 1 to 24."""


BAR_ENDS = re.compile(r"(?i)\b(?:close[ _]?time$|(?:interval|period|bar|time|hour|candle)[ _]?end(?:s|ing)?(?![a-z])|time[ _]?right\b)")
"""Names of a column of moments at which bars end."""
FEWEST_EVENINGS = 6
BITMEX = {"timestamp", "homeNotional", "foreignNotional"}
"""Names by which the bars of BitMEX are told, which carry their ends."""
MINUTE, DAY = 60, 86_400
WEEKENDS = 0.2
"""Share of days on a weekend from which on bars are made around the clock, and a day ends at midnight."""
EVENING, LATEST_OPEN = 17, 18
"""Hours from which on a trading day may begin on the evening before, and by which one around the clock has begun."""


def read_stamps(table: Table, columns: Columns, said: Corrections, *, zone: str = "", home: str = "") -> Stamps:
    """The stamps of all rows, as instants where a zone is told; `zone` is what the file's name tells, `home` the instrument's.

    Raises RefusedTableError.
    """
    places = columns.places
    if table.columns[places["date"]].isin(LEFT_OUT).any():
        raise RefusedTableError("rows are left out of it ('...'), as a program prints a long table: write the whole table into a file")
    times = table.columns[places["time"]] if "time" in places else None
    dates = table.columns[places["date"]]
    if "year" in places and "month" in places:
        dates = _join_date(table, places, dates)
    if "minute" in places and (joined := join_parts(times, table.columns[places["minute"]])) is not None:
        times = joined
    stamps = recognize_stamps(dates, times, day_first=said.day_first, fallback_day_first=bool(columns.language))
    if stamps.problem:
        raise RefusedTableError(": ".join(part for part in (stamps.problem, stamps.remedy) if part), understood=stamps.understood)
    if "time" in places and (HOUR_ENDS.fullmatch(table.names[places["time"]].strip()) or _counts_from_one(table.columns[places["time"]])):
        begins = ("each hour is named by its end and carries its beginning now",)
        stamps = replace(stamps, written=stamps.written - np.timedelta64(1, "h"), understood=(*stamps.understood, *begins))
    elif step := _find_end(table, places["date"], stamps.written, counted=stamps.counted):
        begins = ("each bar is named by its end and carries its beginning now",)
        utc = None if stamps.utc is None else stamps.utc - step
        stamps = replace(stamps, written=stamps.written - step, utc=utc, understood=(*stamps.understood, *begins))
    if "time" in places:
        stamps = carry_evenings(stamps)
    return _place(table, places, stamps, said.zone, zone, home)


def carry_evenings(stamps: Stamps) -> Stamps:
    """Stamps whose dates are those of trading days that begin on the evening before, with the dates of the calendar.

    The order of the rows tells: within a date the evening stands before the morning. Raises RefusedTableError for a market with a night
    session of its own, since that of a Monday may be on Friday.
    """
    known = np.flatnonzero(~np.isnat(stamps.written))
    if len(known) < FEWEST_EVENINGS:
        return stamps
    rows = known[::-1] if stamps.written[known[0]].astype("datetime64[D]") > stamps.written[known[-1]].astype("datetime64[D]") else known
    time = stamps.written[rows]
    days = time.astype("datetime64[D]")
    hours = (time - days).astype(np.int64) // 3600
    falls = (days[1:] == days[:-1]) & (time[1:] < time[:-1])
    if (days[1:] < days[:-1]).any() or falls.sum() < max(2, 0.8 * (len(np.unique(days)) - 1)) or (hours[:-1][falls] < EVENING).any():
        return stamps
    evening = hours >= EVENING
    if not hours[evening].min() <= LATEST_OPEN or (hours[1:][falls] > 0).any():
        first = str(days[1:][falls][0])
        raise RefusedTableError(f"the dates are those of trading days, and the evening of {first} comes before it: write calendar dates")
    moved = stamps.written.copy()
    moved[rows[evening]] -= np.timedelta64(1, "D")
    said = "the dates are those of trading days, whose evenings are dated by the calendar now"
    return (
        replace(stamps, written=moved, repaired=(*stamps.repaired, said)) if (np.diff(moved[rows].astype(np.int64)) > 0).all() else stamps
    )


def _place(table: Table, places: Mapping[str, int], stamps: Stamps, said: str, told: str, home: str) -> Stamps:
    """The stamps in the zone that a person, the header, a column, the lines above it or the file's name tells, in this order."""
    header = " ".join(table.names[places[role]] for role in ("date", "time") if role in places)
    zone = said or find_zone_in_words(header) or _find_zone_column(table, places) or table.zone or told
    if said and stamps.counted:
        stamps = replace(stamps, utc=None, zone="", counted=False, understood=(*stamps.understood, f"counted in the wall time of {said}"))
    naive = stamps.utc is None and bool((stamps.written != stamps.written.astype("datetime64[D]"))[~np.isnat(stamps.written)].any())
    if naive and not zone and (unsure := _find_unsure_zone(table, places, f"{header} {stamps.unsure}")):
        zone = choose_shared_zone(unsure, home)
        if not zone:
            raise RefusedTableError(f"{unsure} is the zone of {' and of '.join(UNSURE_ZONES[unsure].values())}: say which one is meant")
    if zone and not is_zone(zone):
        raise RefusedTableError(f"'{zone[:40]}' is no time zone: write it as Europe/Berlin or America/New_York")
    placed = place_in_zone(stamps, zone) if zone and naive else stamps
    if placed.problem:
        raise RefusedTableError(f"{placed.problem}: {placed.remedy}")
    return placed


def _find_end(table: Table, place: int, time: TimeArray, *, counted: bool) -> np.timedelta64 | None:
    """Distance of each time of day from the beginning of its bar: a step where the name says so, a second less at the last one of a bar."""
    step = _find_step(time)
    known = list_known(time)
    if set(table.names) >= BITMEX and len(known) > 1:
        return step or np.timedelta64(int(np.median(np.diff(known).astype(np.int64))), "s")
    if step and (known.astype(np.int64) % MINUTE == MINUTE - 1).all():
        return step - np.timedelta64(1, "s")
    if not BAR_ENDS.search(table.names[place]):
        return None
    days = len(known) > 1 and not step and bool((known.astype(np.int64) % DAY == 0).all())
    exact = counted or (count_weekend_days(known) > WEEKENDS * len(known) and _holds_clocks(table.columns[place]))
    return np.timedelta64(1, "D") if days and exact and float(np.median(np.diff(known).astype(np.int64))) == DAY else step


def _holds_clocks(column: Any) -> bool:
    """True for moments that are written with a time of day."""
    return column.dtype.kind != "M" and bool(column.head(FEWEST_EVENINGS).astype(str).str.contains(":").all())


def _counts_from_one(hours: Any) -> bool:
    """True for hours of the day from 1 to 24, none of them 0: the first one begins at midnight."""
    cells = hours.astype(str).str.strip()
    return bool(cells.str.fullmatch(r"0?[1-9]|1\d|2[0-4]").all()) and {"1", "24"} <= set(cells.str.lstrip("0"))


def _find_step(time: TimeArray) -> np.timedelta64 | None:
    """The most common distance of times within a day; None for days and longer bars."""
    steps = np.diff(list_known(time).astype(np.int64))
    if not len(steps):
        return None
    values, counts = np.unique(steps, return_counts=True)
    usual = int(values[np.argmax(counts)])
    return np.timedelta64(usual, "s") if usual < DAY else None


def refuse_repeated_hour(stamps: Stamps) -> None:
    """Raise RefusedTableError for local times without a zone in which an hour stands twice on a Sunday: the clock was set back."""
    if stamps.utc is not None:
        return
    wall = list_known(stamps.written, unique=False)
    values, counts = np.unique(wall, return_counts=True)
    twice = values[counts > 1]
    if not len(twice) or len(twice) > 120:
        return
    sundays = (twice.astype("datetime64[D]").astype(np.int64) + 3) % 7 == 6
    month = twice.astype("datetime64[M]").astype(np.int64) % 12
    early = (twice - twice.astype("datetime64[D]")).astype(np.int64) < 4 * 3600
    if (sundays & early & np.isin(month, (3, 9, 10))).all():
        raise RefusedTableError(
            f"{str(twice[0]).replace('T', ' ')[:16]} stands twice, because the clock was set back: say the zone of the times, "
            "for example Europe/Berlin, and both hours are kept"
        )


def list_known(time: TimeArray, *, unique: bool = True) -> TimeArray:
    """The times that are there, sorted and each once, or as they stand."""
    there = time[~np.isnat(time)]
    return np.unique(there) if unique else there


def _find_unsure_zone(table: Table, places: Mapping[str, int], words: str) -> str:
    """Letters in the words or in a column of zones that are a zone in several parts of the world."""
    named = {str(name) for name in table.columns[places["zone"]].unique()} if "zone" in places else set()
    return next((letters for letters in UNSURE_ZONES if letters in {*named, *re.split(r"[^A-Za-z]+", words)}), "")


def _join_date(table: Table, places: Mapping[str, int], days: Any) -> Any:
    """The date out of a column for each of its parts."""
    year, month = (table.columns[places[role]].astype(str).str.strip() for role in ("year", "month"))
    return year + "-" + month.str.zfill(2) + "-" + days.astype(str).str.strip().str.zfill(2)


def _find_zone_column(table: Table, places: Mapping[str, int]) -> str:
    """The zone that a column of its own names on every row."""
    if "zone" not in places:
        return ""
    zones = {read_zone(str(name)) for name in table.columns[places["zone"]].unique() if str(name).strip()}
    return zones.pop() if len(zones) == 1 else ""
