"""Times that are one number: seconds, ticks or days since some start. Where two counts fit, weekdays tell, or it is asked."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np

from core.domain.bars import TimeArray
from core.market.date_texts import share_of

UNITS = ((11, "s", 1), (14, "ms", 1_000), (17, "µs", 1_000_000), (20, "ns", 1_000_000_000))
"""Digits below which a Unix time is in a unit, the unit, and how many make a second."""
TICKS = (
    (62 * 10**16, 65 * 10**16, 621_355_968_000_000_000, "ticks of .NET"),
    (125 * 10**15, 136 * 10**15, 116_444_736_000_000_000, "file times of Windows"),
)
"""Counts of ten-millionths of a second: the least, the most, the one at 1970, their name. As nanoseconds they would span a few months."""
TICK = 10_000_000
OTHER_STARTS = {
    "s": (978_307_200, "seconds since 2001, as Apple's programs count"),
    "ns": (946_684_800, "nanoseconds since 2000, as kdb+ counts"),
}
"""Unix time from which others count in a unit, and their name. Taken for Unix times, the years are those before 1996."""
EXCEL, MAC_EXCEL = "Excel day numbers", "day numbers from 1904 on, as Excel for Mac counted"
SHORT_COUNTS = (
    (EXCEL, -25_569.0),
    (MAC_EXCEL, -24_107.0),
    ("days since 1970-01-01", 0.0),
    ("days since 1960-01-01, as SAS and Stata count", -3_653.0),
)
LONG_COUNTS = (("day numbers of MATLAB", -719_529.0), ("ordinals of Python", -719_163.0))
JULIAN = (("Julian days", -2_440_587.5),)
"""Counts of days and the number that 1970-01-01 has in them, taken away: of five digits, of six and of seven."""
FEWEST_DAYS, FEW_DAYS = 10, 4
"""Days that tell by their weekdays how they are counted: among counts of days, and of seconds."""
MOST_NUMBERS = 0.8
"""Share of a column that has to be numbers."""
NUMBER = r"^\d{5,19}(?:[.,]\d*)?$"
COMPACT = r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])[0-3]\d[0-2]\d[0-5]\d"
FEW_WEEKENDS, MANY_WEEKENDS = 0.02, 0.1
EARLIEST = np.datetime64("1900-01-01", "s")
SMALL_YEAR, LARGE_YEAR = np.datetime64("1600-01-01", "s"), np.datetime64("2400-01-01", "s")


@dataclass(frozen=True, slots=True)
class Counted:
    """Times of a count; `wall` is NaT where no number stood, and means instants where `instants` says so."""

    wall: TimeArray
    unit: str
    instants: bool = False
    problem: str = ""


def read_counts(text: Any, sample: Any) -> Counted | None:
    """Read a column of counts by a sample of it; None for times that are written otherwise. A few words below a table count for nothing."""
    if share_of(sample, NUMBER) < MOST_NUMBERS:
        return None
    sample = sample[sample.str.contains(NUMBER, regex=True)]
    return _seconds(text, sample) or _days(text, sample)


def write_out(text: Any) -> Any | None:
    """Numbers with exponents as whole ones, None where digits are missing: `1.6727040000e+09` tells the second, `1.67E+12` does not."""

    def whole(cell: str) -> str | None:
        number = Decimal(cell)
        exponent = number.as_tuple().exponent
        return format(number, "f") if isinstance(exponent, int) and exponent <= 0 else None

    found = text.where(text.str.fullmatch(r"\d(?:\.\d+)?[eE]\+?\d{1,2}"), "0e0").map(whole)
    return None if found.isna().any() else found.where(found != "0", "")


def _seconds(text: Any, sample: Any) -> Counted | None:
    """Unix times in one unit or several, each row by its size, and other counts as large."""
    import pandas

    digits = sample.str.replace(r"\.\d*$", "", regex=True)
    if not digits.str.fullmatch(r"\d{9,19}").all():
        return None
    lengths = set(digits.str.len())
    if lengths == {17} and digits.str.fullmatch(r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])[0-3]\d[0-2]\d[0-5]\d[0-5]\d{4}").all():
        return None  # a date and a time down to the millisecond, without marks
    if lengths <= {14} or (lengths <= {12} and digits.str.fullmatch(COMPACT).all()):
        return None
    whole = text.str.replace(r"\.\d*$", "", regex=True)
    fitting = whole.str.fullmatch(r"\d{9,19}").to_numpy(dtype=bool)
    number = pandas.to_numeric(whole.where(fitting, "0"), errors="coerce").fillna(0).to_numpy(dtype=np.int64)
    wall = np.full(len(text), "NaT", dtype="datetime64[s]")
    for least, most, start, name in TICKS:
        if ((number[fitting] > least) & (number[fitting] < most)).all():
            wall[fitting] = ((number[fitting] - start) // TICK).astype("datetime64[s]")
            return Counted(wall, name)
    size = whole.str.len().to_numpy()
    used, below = [], 0
    for digits_below, unit, parts in UNITS:
        rows = fitting & (size >= below) & (size < digits_below + (1 if unit == "ns" else 0))
        below = digits_below
        if rows.any():
            used.append(unit)
            wall[rows] = (number[rows] // parts).astype("datetime64[s]")
    wall[(wall < SMALL_YEAR) | (wall > LARGE_YEAR)] = np.datetime64("NaT")
    if len(used) == 1 and used[0] in OTHER_STARTS:
        start, name = OTHER_STARTS[used[0]]
        later: TimeArray = (wall + np.timedelta64(start, "s")).astype("datetime64[s]")
        if _is_better(later, wall):
            return Counted(later, name, instants=True)
    return Counted(wall, f"Unix times in {' and '.join(used)}", instants=True)


def _days(text: Any, sample: Any) -> Counted | None:
    """Counts of days, a fraction the time of day: 44929 is 2023-01-03 in a spreadsheet."""
    import pandas

    counts = next(
        (
            found
            for pattern, found in ((r"\d{5}", SHORT_COUNTS), (r"7\d{5}", LONG_COUNTS), (r"24\d{5}", JULIAN))
            if sample.str.fullmatch(rf"{pattern}(?:[.,]\d+)?").all()
        ),
        None,
    )
    if counts is None or (counts is LONG_COUNTS and pandas.to_datetime(sample, format="%y%m%d", errors="coerce").notna().all()):
        return None
    number = pandas.to_numeric(text.str.replace(",", ".", regex=False), errors="coerce").to_numpy(dtype=np.float64)
    latest = np.datetime64("today", "s") + np.timedelta64(2, "D")
    readings = {name: _from_days(number + start) for name, start in counts}
    plausible = [name for name, wall in readings.items() if np.nanmin(wall) >= EARLIEST and np.nanmax(wall) <= latest]
    chosen, problem = _choose_count(readings, plausible)
    return Counted(readings[chosen], chosen, problem=problem)


def _choose_count(readings: dict[str, TimeArray], plausible: list[str]) -> tuple[str, str]:
    """The count whose days keep clear of weekends, and a problem where several could be meant."""
    usual = next(iter(readings))
    free = [name for name in plausible if _tells(readings[name]) and _weekend_share(readings[name]) <= FEW_WEEKENDS] or plausible
    if usual in free and set(free) <= {usual, MAC_EXCEL}:
        return usual, ""
    if len(free) == 1:
        return free[0], ""
    if not free:
        return usual, ""
    shown = " or ".join(f"{str(np.nanmin(readings[name]))[:10]} ({name})" for name in free)
    return usual, f"the dates are counts of days from a start that nothing tells: the first is {shown}"


def _from_days(number: Any) -> TimeArray:
    wall = np.full(len(number), "NaT", dtype="datetime64[s]")
    rows = ~np.isnan(number)
    wall[rows] = np.rint(number[rows] * 86_400).astype(np.int64).astype("datetime64[s]")
    return wall


def _is_better(other: TimeArray, usual: TimeArray) -> bool:
    """True where the usual reading has many days on weekends, and another, which is not in the future, has none.

    A few days are enough: what would not be in the future is, by the usual reading, from before there were markets at weekends.
    """
    if len(_list_days(usual)) < FEW_DAYS or np.nanmax(other) > np.datetime64("today", "s") + np.timedelta64(2, "D"):
        return False
    return _weekend_share(usual) > MANY_WEEKENDS and _weekend_share(other) <= FEW_WEEKENDS


def _tells(wall: TimeArray) -> bool:
    return len(_list_days(wall)) >= FEWEST_DAYS


def _list_days(wall: TimeArray) -> TimeArray:
    days: TimeArray = np.unique(wall[~np.isnat(wall)].astype("datetime64[D]"))
    return days


def _weekend_share(wall: TimeArray) -> float:
    days = _list_days(wall)
    return 1 - float(np.mean(np.is_busday(days))) if len(days) else 0.0
