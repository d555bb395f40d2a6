"""Timestamps of rows: text, numbers or typed values into wall times, by date format, day and month order, epoch, offset and zone."""

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.domain.bars import TimeArray

SAMPLE = 200
OFFSET = re.compile(r"\s*(?:Z|UTC|GMT|(?:UTC|GMT)?[+-]\d{2}:?\d{2})$", re.IGNORECASE)
EPOCHS = {10: "s", 13: "ms", 16: "us", 19: "ns"}
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
    (r"\d{1,2}-[A-Za-z]{3}-\d{4}", ("%d-%b-%Y",)),
    (r"\d{1,2}-[A-Za-z]{3}-\d{2}", ("%d-%b-%y",)),
    (r"\d{1,2} [A-Za-z]{3} \d{4}", ("%d %b %Y",)),
    (r"\d{1,2} [A-Za-z]{4,9} \d{4}", ("%d %B %Y",)),
    (r"[A-Za-z]{3} \d{1,2}, \d{4}", ("%b %d, %Y",)),
    (r"[A-Za-z]{4,9} \d{1,2}, \d{4}", ("%B %d, %Y",)),
    (r"[A-Za-z]{3} \d{1,2} \d{4}", ("%b %d %Y",)),
)
TIMES: tuple[tuple[str, str], ...] = (
    (r"\d{1,2}:\d{2}:\d{2}\.\d{1,9}", "%H:%M:%S.%f"),
    (r"\d{1,2}:\d{2}:\d{2}", "%H:%M:%S"),
    (r"\d{1,2}:\d{2}", "%H:%M"),
    (r"\d{6}", "%H%M%S"),
    (r"\d{4}", "%H%M"),
    (r"\d{1,2}:\d{2} ?[APap][Mm]", "%I:%M %p"),
    (r"\d{1,2}:\d{2}:\d{2} ?[APap][Mm]", "%I:%M:%S %p"),
)
OFFSET_ZONES: tuple[tuple[frozenset[int], str], ...] = (
    (frozenset({0}), "UTC"),
    (frozenset({-300, -240}), "America/New_York"),
    (frozenset({-360, -300}), "America/Chicago"),
    (frozenset({0, 60}), "Europe/London"),
    (frozenset({60, 120}), "Europe/Berlin"),
    (frozenset({120, 180}), "Europe/Helsinki"),
    (frozenset({540}), "Asia/Tokyo"),
    (frozenset({480}), "Asia/Hong_Kong"),
    (frozenset({330}), "Asia/Kolkata"),
    (frozenset({600, 660}), "Australia/Sydney"),
    (frozenset({720, 780}), "Pacific/Auckland"),
)
SMALL_YEAR, LARGE_YEAR = np.datetime64("1600-01-01", "s"), np.datetime64("2400-01-01", "s")


@dataclass(frozen=True, slots=True)
class Timestamps:
    """Times of the rows, shape (n,), datetime64[s], NaT where nothing readable stood; `zone` is empty when the file does not tell."""

    wall: TimeArray
    zone: str
    understood: tuple[str, ...]
    problem: str = ""
    """Reason that the times cannot be trusted; empty when they can."""


def recognize_timestamps(dates: Any, times: Any | None, zone: str, *, utc: bool = False) -> Timestamps:
    """Wall times of the columns in `zone` (an instrument's, empty when unknown) or in whatever zone the file speaks of.

    `utc` says that the header calls the times UTC or GMT; days without a time of day stay what they are.
    """
    import pandas

    if pandas.api.types.is_datetime64_any_dtype(dates.dtype):
        return _typed(dates, zone)
    text = dates.astype(str).str.strip()
    if times is not None:
        clock = times.astype(str).str.strip()
        if clock.str.fullmatch(r"\d{3,6}").all():
            clock = clock.str.zfill(6 if clock.str.len().max() > 4 else 4)
        text = (text.str.slice(0, 10) + " " + clock).str.strip()
    found = _written(text, zone)
    if utc and not found.zone and not found.problem and (found.wall != found.wall.astype("datetime64[D]"))[~np.isnat(found.wall)].any():
        return _instants(pandas.Series(found.wall).dt.tz_localize("UTC"), zone, *found.understood)
    return found


def _typed(dates: Any, zone: str) -> Timestamps:
    aware = dates.dt.tz
    if aware is None:
        return Timestamps(_seconds(dates), "", ("typed dates without a time zone",))
    if zone and str(aware) != zone:
        return Timestamps(_seconds(dates.dt.tz_convert(zone).dt.tz_localize(None)), zone, (f"times converted from {aware} to {zone}",))
    return Timestamps(_seconds(dates.dt.tz_localize(None)), str(aware), (f"times in {aware}",))


def _written(text: Any, zone: str) -> Timestamps:
    import pandas

    filled = text[~text.str.lower().isin(("", "nan", "nat", "none", "null"))]
    if not len(filled):
        return _nothing(len(text), "the date column is empty")
    sample = filled.iloc[np.unique(np.linspace(0, len(filled) - 1, SAMPLE).astype(int))]
    if epoch := _epoch(sample):
        number = pandas.to_numeric(text, errors="coerce")
        return _instants(pandas.to_datetime(number, unit=epoch, utc=True, errors="coerce"), zone, f"Unix times in {epoch}")
    offsets = bool(
        (sample.str.contains(r"\d{1,2}:\d{2}", regex=True) & sample.str.contains(OFFSET.pattern, regex=True, case=False)).mean() > 0.5
    )
    bare = text.str.replace(OFFSET.pattern, "", regex=True, case=False) if offsets else text
    bare = bare.str.replace("T", " ", n=1, regex=False) if sample.str.match(r"\d{4}-?\d{2}-?\d{2}T").any() else bare
    candidates = Counter(formats for value in bare[sample.index] if (formats := _formats(value)))
    if not candidates:
        return _nothing(len(text), f"the dates are in no known format, for example '{sample.iloc[0][:40]}'")
    wall, shown, problem = _parsed(bare, candidates)
    if offsets and not problem:
        return _with_offsets(text, wall, zone, shown)
    return Timestamps(wall, "", (shown,), problem)


def _nothing(count: int, problem: str) -> Timestamps:
    return Timestamps(np.full(count, "NaT", dtype="datetime64[s]"), "", (), problem)


def _epoch(sample: Any) -> str:
    digits = sample.str.replace(r"\.\d*$", "", regex=True)
    if not digits.str.fullmatch(r"\d{9,19}").all():
        return ""
    lengths = set(digits.str.len())
    if lengths <= {14} or lengths <= {12}:
        return ""
    return next((unit for length, unit in EPOCHS.items() if lengths <= {length - 1, length}), "")


def _formats(value: str) -> tuple[str, ...]:
    """Formats that a single text may be in: one, two where day and month could be either, none when unknown."""
    if re.fullmatch(r"\d{14}|\d{12}", value):
        return ("%Y%m%d%H%M%S" if len(value) == 14 else "%Y%m%d%H%M",)
    for pattern, dates in DATES:
        found = re.match(pattern, value)
        if not found:
            continue
        rest = value[found.end() :]
        if not rest:
            return dates
        separator = re.match(r"[ ,;T]+", rest)
        clock = rest[separator.end() :] if separator else ""
        for time_pattern, time_format in TIMES:
            if separator and re.fullmatch(time_pattern, clock):
                spaced = time_format if " " in clock or "%p" not in time_format else time_format.replace(" %p", "%p")
                return tuple(f"{day}{separator.group()}{spaced}" for day in dates)
    return ()


def _parsed(text: Any, candidates: Counter[tuple[str, ...]]) -> tuple[TimeArray, str, str]:
    """Times by the most frequent formats, how that reads in words, and why it is not certain."""
    wall = np.full(len(text), "NaT", dtype="datetime64[s]")
    shown, problem = "", ""
    for formats, _ in candidates.most_common(4):
        open_rows = np.isnat(wall)
        if not open_rows.any():
            break
        rest = text[open_rows]
        attempt, chosen, doubt = _unambiguous(rest, formats)
        wall[open_rows] = attempt
        if not shown:
            shown, problem = f"dates as {_readable(chosen)}", doubt
    return wall, shown, problem


def _unambiguous(text: Any, formats: tuple[str, ...]) -> tuple[TimeArray, str, str]:
    attempts = [_strptime(text, each) for each in formats]
    if len(formats) == 1:
        return attempts[0], formats[0], ""
    failures = [int(np.isnat(attempt).sum()) for attempt in attempts]
    if failures[0] != failures[1]:
        best = int(np.argmin(failures))
        return attempts[best], formats[best], ""
    if (attempts[0] == attempts[1]).all() or formats[0].startswith("%d."):  # with dots the day comes first wherever it can
        return attempts[0], formats[0], ""
    ordered = [_ordered(attempt) for attempt in attempts]
    if ordered[0] != ordered[1]:
        best = ordered.index(True)
        return attempts[best], formats[best], ""
    steps = [_usual_days(attempt) for attempt in attempts]
    if min(steps) <= 7 and max(steps) >= 20:
        best = int(np.argmin(steps))
        return attempts[best], formats[best], ""
    first = text.iloc[0][:10]
    return (
        attempts[0],
        formats[0],
        f"day and month cannot be told apart: '{first}' may be {_readable(formats[0])} or {_readable(formats[1])}",
    )


def _ordered(wall: TimeArray) -> bool:
    known = wall[~np.isnat(wall)].astype(np.int64)
    steps = np.diff(known)
    return bool((steps >= 0).all() or (steps <= 0).all())


def _usual_days(wall: TimeArray) -> float:
    """Median distance of neighbors in days: daily bars read as months are told by it."""
    known = wall[~np.isnat(wall)].astype(np.int64)
    return float(np.median(np.abs(np.diff(known)))) / 86_400 if len(known) > 1 else 0.0


def _strptime(text: Any, chosen: str) -> TimeArray:
    import pandas

    return _seconds(pandas.to_datetime(text, format=chosen, errors="coerce"))


def _with_offsets(text: Any, wall: TimeArray, zone: str, shown: str) -> Timestamps:
    """Times written with their offset: the wall time as written, or converted when the instrument's zone is another."""
    written = text.str.extract(r"(Z|UTC|GMT|[+-]\d{2}:?\d{2})$", flags=re.IGNORECASE, expand=False).fillna("Z")
    minutes = {value: _offset_minutes(value) for value in written.unique()}
    instants = wall - np.array([minutes[value] for value in written], dtype="timedelta64[m]")
    found = _zone_of(frozenset(minutes.values()))
    target = zone or found
    if not target:
        listed = ", ".join(sorted(str(value) for value in minutes)[:4])
        return Timestamps(instants.astype("datetime64[s]"), "UTC", (shown, f"offsets {listed} converted to UTC"))
    if target == found:
        return Timestamps(wall, found, (shown, f"offsets of {found}, kept as local time"))
    import pandas

    aware = pandas.Series(instants.astype("datetime64[s]")).dt.tz_localize("UTC")
    return _instants(aware, target, shown)


def _instants(aware: Any, zone: str, shown: str) -> Timestamps:
    """Moments known in UTC, as wall time of the zone that is asked for."""
    target = zone or "UTC"
    return Timestamps(
        _seconds(aware.dt.tz_convert(target).dt.tz_localize(None)),
        target,
        (shown, f"times converted from UTC to {target}") if zone else (shown, "times in UTC"),
    )


def _offset_minutes(text: str) -> int:
    digits = re.sub(r"[^\d]", "", text)
    if len(digits) != 4:
        return 0
    sign = -1 if text.startswith("-") else 1
    return sign * (int(digits[:2]) * 60 + int(digits[2:]))


def _zone_of(offsets: frozenset[int]) -> str:
    """The usual zone of a set of offsets: both halves of the year tell it, one offset alone only where there is no daylight saving."""
    exact = next((zone for known, zone in OFFSET_ZONES if known == offsets), "")
    if exact or len(offsets) != 1:
        return exact
    return next((zone for known, zone in OFFSET_ZONES if offsets < known and offsets != frozenset({0})), "")


def _seconds(moments: Any) -> TimeArray:
    wall = np.asarray(moments.to_numpy()).astype("datetime64[s]")
    wall[(wall < SMALL_YEAR) | (wall > LARGE_YEAR)] = np.datetime64("NaT")
    return wall


def _readable(chosen: str) -> str:
    words = {
        "%Y": "year",
        "%y": "year",
        "%m": "month",
        "%d": "day",
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
