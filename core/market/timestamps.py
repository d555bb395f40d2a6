"""Stamps of rows: text, numbers or typed values into wall times as written and, where the file tells, instants. No zone is chosen here."""

import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from core.domain.bars import TimeArray
from core.market.clock_texts import write_clocks
from core.market.counted_times import LARGE_YEAR, SMALL_YEAR, read_counts, write_out
from core.market.date_orders import choose_days_or_months, is_ordered, restore_afternoons, undo_swaps
from core.market.date_texts import (
    CLOCK_BEHIND,
    OTHER_CALENDAR,
    UNSURE_ZONES,
    ZONE_BEHIND,
    find_zone_behind,
    share_of,
    simplify_dates,
    unwrap_dates,
)

SAMPLE = 200
CENTURY = np.timedelta64(1200, "M")
OFFSET = re.compile(r"\s*(?:Z|UTC|GMT|(?:UTC|GMT)?[+-]\d{2}:?(?:\d{2})?)$", re.IGNORECASE)
DATES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"\d{4}-\d{1,2}-\d{1,2}", ("%Y-%m-%d",)),
    (r"\d{4}\.\d{1,2}\.\d{1,2}", ("%Y.%m.%d",)),
    (r"\d{4}/\d{1,2}/\d{1,2}", ("%Y/%m/%d",)),
    (r"\d{8}(?=$|\D)", ("%Y%m%d",)),
    (r"\d{1,2}/\d{1,2}/\d{4}", ("%m/%d/%Y", "%d/%m/%Y")),
    (r"\d{1,2}-\d{1,2}-\d{4}", ("%m-%d-%Y", "%d-%m-%Y")),
    (r"\d{1,2}\.\d{1,2}\.\d{4}", ("%d.%m.%Y", "%m.%d.%Y")),
    (r"\d{1,2}/\d{1,2}/\d{2}", ("%m/%d/%y", "%d/%m/%y")),
    (r"\d{1,2}-\d{1,2}-\d{2}", ("%m-%d-%y", "%d-%m-%y")),
    (r"\d{1,2}\.\d{1,2}\.\d{2}", ("%d.%m.%y", "%m.%d.%y")),
    *(
        (rf"\d{{1,2}}{re.escape(mark)}[A-Za-z]{{3}}{re.escape(mark)}\d{{{digits}}}", (f"%d{mark}%b{mark}%{year}",))
        for mark in ("-", "/", " ", ".", "")
        for digits, year in ((4, "Y"), (2, "y"))
    ),
    *((rf"\d{{4}}{mark}[A-Za-z]{{3}}{mark}\d{{1,2}}", (f"%Y{mark}%b{mark}%d",)) for mark in ("-", "/", " ")),
    (r"\d{4}-\d{3}(?=$|\D)", ("%Y-%j",)),
    (r"(?:19|20)\d{5}(?=$|\D)", ("%Y%j",)),
    (r"\d{4}-W\d{2}-\d", ("%G-W%V-%u",)),
    (r"\d{6}(?=$|\D)", ("%y%m%d", "%d%m%y", "%m%d%y")),
    (r"[A-Za-z]{3} \d{1,2}, \d{4}", ("%b %d, %Y",)),
    *((rf"[A-Za-z]{{3}}{mark}\d{{1,2}}{mark}\d{{4}}", (f"%b{mark}%d{mark}%Y",)) for mark in ("-", "/")),
    (r"[A-Za-z]{3} \d{1,2} \d{4}", ("%b %d %Y",)),
    (r"[A-Za-z]{3} \d{1,2}, \d{2}", ("%b %d, %y",)),
)
TIMES: tuple[tuple[str, str], ...] = (
    (r"\d{1,2}:\d{2}:\d{2}\.\d{1,9}", "%H:%M:%S.%f"),
    (r"\d{1,2}:\d{2}:\d{2}:\d{3}", "%H:%M:%S:%f"),
    (r"\d{1,2}:\d{2}:\d{2}", "%H:%M:%S"),
    (r"\d{1,2}:\d{2}", "%H:%M"),
    (r"\d{6}", "%H%M%S"),
    (r"\d{4}", "%H%M"),
    (r"\d{1,2}:\d{2} ?[APap][Mm]", "%I:%M %p"),
    (r"\d{1,2}:\d{2}:\d{2} ?[APap][Mm]", "%I:%M:%S %p"),
    (r"\d{1,2}-[APap][Mm]", "%I-%p"),
    (r"\d{1,2} ?[APap][Mm]", "%I %p"),
)
BLANK_DATES = ("", "nan", "nat", "none", "null")
HOUR_24 = re.compile(r"(.*\d)[ T]24:?00(?::?00)?")
"""The end of a day, which is the beginning of the next one unless every row ends a day."""


@dataclass(frozen=True, slots=True)
class Stamps:
    """Stamps of the rows, shape (n,), datetime64[s], NaT where nothing readable stood."""

    written: TimeArray
    """Wall time as it stands in the file; UTC for Unix times."""
    utc: TimeArray | None
    """The instants, where the file tells them."""
    zone: str
    """Zone that the file speaks of, empty when it does not tell: `UTC` for Unix times, unless offsets tell more."""
    unit: str
    """Kind of stamp in words: `dates`, `Unix times in ms`, `Excel day numbers`."""
    understood: tuple[str, ...] = ()
    problem: str = ""
    """Reason that the stamps cannot be trusted; empty when they can."""
    offsets: tuple[int, ...] = ()
    """Offsets from UTC in minutes that are written beside the times."""
    remedy: str = ""
    """Advice for the problem, where there is some."""
    repaired: tuple[str, ...] = ()
    """Repairs of what was written, in words."""
    unsure: str = ""
    """Letters behind the times that are a zone in several parts of the world."""
    counted: bool = False
    """True for seconds since some start, which programs without zones count in local time."""


def recognize_stamps(dates: Any, times: Any | None = None, *, day_first: bool | None = None, fallback_day_first: bool = False) -> Stamps:
    """Recognize the stamps of a column, or of a date and a time of day in two.

    `day_first` is what a person said of 03/04/2023; `fallback_day_first` decides where nothing else does, as the header's language tells.
    """
    import pandas

    if pandas.api.types.is_datetime64_any_dtype(dates.dtype):
        return _typed(dates)
    text = dates.astype(str).str.strip().str.lstrip("'")
    filled = text != ""
    sparse = times is not None and len(text) > 1 and filled.iloc[0] and filled.mean() < 0.5
    text = text.where(filled).ffill() if sparse else text
    if times is not None:
        clock = write_clocks(times.astype(str).str.strip())
        text = _days_of_excel(text)
        text = (text.str.replace(CLOCK_BEHIND.pattern, "", regex=True) + " " + clock).str.strip()
    stamps = _written(text, day_first, fallback_day_first)
    return replace(stamps, repaired=(*stamps.repaired, "took each date for the rows below it that have none")) if sparse else stamps


def _days_of_excel(text: Any) -> Any:
    """A spreadsheet's numbers of days as dates, beside a column of times."""
    if not len(text) or not text.head(SAMPLE).str.fullmatch(r"\d{5}").all():
        return text
    found = read_counts(text, text)
    if found is None or found.problem:
        return text
    return text.map(dict(zip(text, found.wall.astype("datetime64[D]").astype(str), strict=True)))


def _typed(dates: Any) -> Stamps:
    aware = dates.dt.tz
    if aware is None:
        return Stamps(_seconds(dates), None, "", "typed dates", ("typed dates without a time zone",))
    utc = _seconds(dates.dt.tz_convert("UTC").dt.tz_localize(None))
    return Stamps(_seconds(dates.dt.tz_localize(None)), utc, str(aware), "typed dates", (f"times in {aware}",))


def _written(text: Any, day_first: bool | None, fallback: bool) -> Stamps:
    filled = text[~text.str.lower().isin(BLANK_DATES)]
    if not len(filled):
        return _nothing(len(text), "the date column is empty")
    sample = filled.iloc[np.unique(np.linspace(0, len(filled) - 1, SAMPLE).astype(int))]
    text = unwrap_dates(text, sample)
    sample = text[sample.index]
    if unsure := next((letters for letters in UNSURE_ZONES if share_of(sample, f" {letters}$") == 1), ""):
        return replace(_written(text.str.removesuffix(f" {unsure}"), day_first, fallback), unsure=unsure)
    if share_of(sample, r"^\d(?:\.\d+)?[eE]\+\d+$"):
        if (whole := write_out(text)) is None:
            return _nothing(len(text), f"the times were shortened by a spreadsheet ('{sample.iloc[0][:20]}'): export them again as text")
        text, sample = whole, whole[sample.index]
    if found := read_counts(text, sample):
        utc = found.wall if found.instants else None
        zone = "UTC" if found.instants else ""
        return Stamps(found.wall, utc, zone, found.unit, (found.unit,), found.problem, counted=found.instants)
    zone = find_zone_behind(sample)
    if zone:
        text = text.str.replace(ZONE_BEHIND.pattern, "", regex=True)
    text = simplify_dates(text, text[sample.index])
    sample = text[sample.index]
    if not zone and (zone := find_zone_behind(sample)):
        text = text.str.replace(ZONE_BEHIND.pattern, "", regex=True)
        sample = text[sample.index]
    if share_of(sample, OTHER_CALENDAR) > 0.5:
        remedy = "write the dates of the Gregorian calendar, as 2023-01-31"
        return _nothing(len(text), f"the years are of another calendar, for example '{sample.iloc[0][:20]}'", remedy)
    offsets = not zone and sum(bool(re.search(r"\d{1,2}:\d{2}", cell) and OFFSET.search(cell)) for cell in sample) > 0.5 * len(sample)
    bare = text.str.replace(OFFSET.pattern, "", regex=True, case=False) if offsets else text
    bare = bare.str.replace("T", " ", n=1, regex=False) if share_of(sample, r"^\d{4}-?\d{2}-?\d{2}T") else bare
    candidates = Counter(formats for value in bare[sample.index] if (formats := _formats(value)))
    if not candidates:
        remedy = "write them as 2023-01-31, or say which column holds the date"
        return _nothing(len(text), f"the dates are in no known format, for example '{sample.iloc[0][:40]}'", remedy)
    wall, shown, problem, undone = _parsed(bare, candidates, day_first, fallback)
    unit = "dates and times" if _has_clock(wall) else "dates"
    stamps = Stamps(wall, None, zone, unit, (shown,), problem, repaired=(undone,) if undone else ())
    if offsets and not problem:
        return _with_offsets(text, stamps)
    return place_in_zone(stamps, zone) if zone and not problem and _has_clock(wall) else replace(stamps, zone=zone)


def place_in_zone(stamps: Stamps, zone: str) -> Stamps:
    """The same wall times as instants of a zone; an hour that the clock repeats is told by the order of the rows."""
    import pandas

    wall = pandas.Series(stamps.written)
    order = np.argsort(stamps.written, kind="stable")
    steps = np.diff(stamps.written.astype(np.int64))
    if (steps[~np.isnat(stamps.written[1:]) & ~np.isnat(stamps.written[:-1])] <= 0).mean() > 0.5:
        order = np.arange(len(wall))[::-1]
    elif (steps < 0).mean() < 0.05:
        order = np.arange(len(wall))
    ordered = wall.iloc[order].reset_index(drop=True)
    skipped = ordered[ordered.dt.tz_localize(zone, ambiguous=np.ones(len(ordered), dtype=bool), nonexistent="NaT").isna() & ordered.notna()]
    if len(skipped):
        problem = f"{skipped.iloc[0]:%Y-%m-%d %H:%M} is no time of {zone}, because the clock was set forward"
        return replace(stamps, problem=problem, remedy="say the zone of the times")
    try:
        aware = ordered.dt.tz_localize(zone, ambiguous="infer", nonexistent="shift_forward")
    except ValueError:
        aware = ordered.dt.tz_localize(zone, ambiguous=np.ones(len(ordered), dtype=bool), nonexistent="shift_forward")
    utc = np.empty(len(wall), dtype="datetime64[s]")
    utc[order] = _seconds(aware.dt.tz_convert("UTC").dt.tz_localize(None))
    return replace(stamps, utc=utc, zone=zone, understood=(*stamps.understood, f"times in {zone}"))


def _nothing(count: int, problem: str, remedy: str = "") -> Stamps:
    return Stamps(np.full(count, "NaT", dtype="datetime64[s]"), None, "", "", (), problem, remedy=remedy)


def _formats(value: str) -> tuple[str, ...]:
    """Formats that a single text may be in: one, two where day and month could be either, none when unknown."""
    if re.fullmatch(r"\d{17}", value):
        return ("%Y%m%d%H%M%S%f",)
    if re.fullmatch(r"\d{14}|\d{12}", value):
        return ("%Y%m%d%H%M%S" if len(value) == 14 else "%Y%m%d%H%M",)
    for pattern, dates in DATES:
        found = re.match(pattern, value)
        if not found:
            continue
        rest = value[found.end() :]
        if not rest:
            return dates
        separator = re.match(r"[ ,;T:_/-]+", rest)
        clock = rest[separator.end() :] if separator else ""
        for time_pattern, time_format in TIMES:
            if separator and re.fullmatch(time_pattern, clock):
                spaced = time_format if " " in clock or "%p" not in time_format else time_format.replace(" %p", "%p")
                return tuple(f"{day}{separator.group()}{spaced}" for day in dates)
    return ()


def _parsed(text: Any, candidates: Counter[tuple[str, ...]], day_first: bool | None, fallback: bool) -> tuple[TimeArray, str, str, str]:
    """Times by the most frequent formats, how that reads in words, why it is not certain, and what was repaired."""
    wall = np.full(len(text), "NaT", dtype="datetime64[s]")
    used: list[tuple[str, np.ndarray]] = []
    problem = ""
    for formats, _ in candidates.most_common(4):
        open_rows = np.isnat(wall)
        if not open_rows.any():
            break
        attempt, chosen, reason = _unambiguous(text[open_rows], formats, day_first, fallback)
        wall[open_rows] = attempt
        if (read := open_rows & ~np.isnat(wall)).any() or not used:
            used.append((chosen, read))
            problem = problem or reason
    late = np.flatnonzero(np.isnat(wall))
    if len(late) and (hours := text.iloc[late].str.fullmatch(HOUR_24.pattern)).any():
        late = late[hours.to_numpy(dtype=bool)]
        days = _parsed(text.iloc[late].str.replace(HOUR_24.pattern, r"\1 00:00", regex=True), candidates, day_first, fallback)[0]
        wall[late] = days if len(late) == len(wall) else days + np.timedelta64(1, "D")
    wall, undone, swapped = undo_swaps(wall, used)
    if not undone and not any("%p" in form for form, _ in used):
        wall, undone = restore_afternoons(wall)
    return wall, f"dates as {_readable(used[0][0])}", problem or swapped, undone


def _unambiguous(text: Any, formats: tuple[str, ...], day_first: bool | None, fallback: bool) -> tuple[TimeArray, str, str]:
    if len(formats) > 1 and day_first is not None:
        formats = (next(each for each in formats if each.startswith("%d") is day_first and not each.startswith("%y")),)
    attempts = [_strptime(text, each) for each in formats]
    if len(formats) == 1:
        return attempts[0], formats[0], ""
    failures = [int(np.isnat(attempt).sum()) for attempt in attempts]
    if len(formats) > 2:
        return _by_order(text, formats, attempts, failures)
    if failures[0] != failures[1]:
        best = int(np.argmin(failures))
        if formats[0].endswith("%y") and _usual_days(attempts[best]) >= 20:
            by_year = _strptime(text, _year_first(formats[0]))
            if np.isnat(by_year).sum() <= min(failures) and _usual_days(by_year) <= 7:
                return by_year, _year_first(formats[0]), ""
        return attempts[best], formats[best], ""
    if (attempts[0] == attempts[1]).all() or formats[0].startswith("%d."):  # with dots the day comes first wherever it can
        return attempts[0], formats[0], ""
    ordered = [is_ordered(attempt) for attempt in attempts]
    if ordered[0] != ordered[1]:
        best = ordered.index(True)
        return attempts[best], formats[best], ""
    steps = [_usual_days(attempt) for attempt in attempts]
    if min(steps) >= 20 and formats[0].endswith("%y") and _usual_days(by_year := _strptime(text, _year_first(formats[0]))) <= 7:
        return by_year, _year_first(formats[0]), ""
    if min(steps) <= 7 and max(steps) >= 20:
        days, months = int(np.argmin(steps)), int(np.argmax(steps))
        if (meant := choose_days_or_months(attempts[days], attempts[months])) is not None:
            place = days if meant == "days" else months
            return attempts[place], formats[place], ""
    if fallback:
        best = next(place for place, each in enumerate(formats) if each.startswith("%d"))
        return attempts[best], formats[best], ""
    first = text.iloc[0][:10]
    return (
        attempts[0],
        formats[0],
        f"day and month cannot be told apart: '{first}' may be {_readable(formats[0])} or {_readable(formats[1])}: say which comes first",
    )


def _by_order(text: Any, formats: tuple[str, ...], attempts: list[TimeArray], failures: list[int]) -> tuple[TimeArray, str, str]:
    """The reading of six digits that fails least, and of equal ones the only one in which the dates grow or fall by days."""
    if not np.isnat(months := _strptime(text, "%Y%m")).any() and len(months) > 1:  # no day of the month is above twelve
        return months, "%Y%m", ""
    least = [place for place in range(len(formats)) if failures[place] == min(failures)]
    close = [place for place in least if is_ordered(attempts[place]) and _usual_days(attempts[place]) <= 7]
    if len(least) == 1 or len(close) == 1:
        best = (least if len(least) == 1 else close)[0]
        return attempts[best], formats[best], ""
    listed = " or ".join(_readable(formats[place]) for place in least)
    return (
        attempts[least[0]],
        formats[least[0]],
        f"year, month and day cannot be told apart: '{text.iloc[0][:10]}' may be {listed}: write 2023-01-31",
    )


def _year_first(chosen: str) -> str:
    """The format of a date with two digits for the year, with the year first: `%y/%m/%d` of `%m/%d/%y`."""
    return chosen[2].join(("%y", "%m", "%d"))


def _usual_days(wall: TimeArray) -> float:
    """Median distance of the days that occur: daily bars read as months are told by it."""
    days = np.unique(wall[~np.isnat(wall)].astype("datetime64[D]").astype(np.int64))
    return float(np.median(np.diff(days))) if len(days) > 1 else 0.0


def _strptime(text: Any, chosen: str) -> TimeArray:
    import pandas

    wall = _seconds(pandas.to_datetime(text, format=chosen, errors="coerce"))
    if "%y" not in chosen:
        return wall
    month = wall.astype("datetime64[M]")
    before = (month - CENTURY).astype("datetime64[s]") + (wall - month.astype("datetime64[s]"))
    return np.where(wall > np.datetime64("today", "s") + np.timedelta64(2, "D"), before, wall)


def _with_offsets(text: Any, stamps: Stamps) -> Stamps:
    """Times written with their offset: the instants, and the zone that the set of offsets tells."""
    written = text.str.extract(r"(Z|UTC|GMT|[+-]\d{2}:?(?:\d{2})?)$", flags=re.IGNORECASE, expand=False).fillna("Z")
    minutes = {value: _offset_minutes(value) for value in written.unique()}
    instants = stamps.written - np.array([minutes[value] for value in written], dtype="timedelta64[m]")
    return replace(stamps, utc=instants.astype("datetime64[s]"), offsets=tuple(sorted(set(minutes.values()))))


def _offset_minutes(text: str) -> int:
    digits = re.sub(r"[^\d]", "", text)
    if len(digits) not in (2, 4):
        return 0
    sign = -1 if text.startswith("-") else 1
    return sign * (int(digits[:2]) * 60 + int(digits[2:] or 0))


def _has_clock(wall: TimeArray) -> bool:
    return bool((wall != wall.astype("datetime64[D]"))[~np.isnat(wall)].any())


def _seconds(moments: Any) -> TimeArray:
    """Whole seconds; a moment less than a thousandth below one is that one, unless the moments are the ends of days."""
    exact = np.asarray(moments.to_numpy()).astype("datetime64[us]")
    wall = exact.astype("datetime64[s]")
    below = (exact - wall) > np.timedelta64(999_000, "us")
    if below.any() and (wall[below] + np.timedelta64(1, "s") != wall[below].astype("datetime64[D]") + np.timedelta64(1, "D")).any():
        wall = wall + below.astype("timedelta64[s]")
    wall[(wall < SMALL_YEAR) | (wall > LARGE_YEAR)] = np.datetime64("NaT")
    return wall


def _readable(chosen: str) -> str:
    words = {
        "%Y": "year",
        "%y": "year",
        "%m": "month",
        "%d": "day",
        "%j": "day of the year",
        "%G": "year",
        "%V": "week",
        "%u": "weekday",
        "%b": "month",
        "%B": "month",
        "%H": "hour",
        "%I": "hour",
        "%M": "minute",
        "%S": "second",
        "%f": "fraction",
        "%p": "am/pm",
    }
    return re.sub(r"%[A-Za-z]", lambda found: words[found.group()], chosen)
