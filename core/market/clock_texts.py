"""Times of day in a column of their own, beside a date: written with a colon whatever they were counted or written in."""

import re
from typing import Any

SAMPLE = 200
CLOCK = re.compile(
    r"\d{1,2}:\d{2}(:\d{2})?([.:]\d+)?(\s?[APap]\.?\s?[Mm]\.?)?|\d{1,6}|\d{7,8}|[01]\d{8}|2[0-3]\d{7}|\d{3,5}\.\d+|\d{1,2}\.\d{2}"
    r"|0 days \d{2}:\d{2}:\d{2}|\d{1,2}:\d{2}(:\d{2})?\s*-\s*\d{1,2}:\d{2}.*|\d{1,2}\s*-\s*\d{1,2}|0[.,]\d{3,}|\d{1,2}[.,]\d+"
)
COMPACT_DATE = re.compile(r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
DAY = 86_400


def is_clock(column: Any) -> bool:
    """True for a column of times of day without a date."""
    import pandas

    if pandas.api.types.is_datetime64_any_dtype(column.dtype):
        return False
    head = column.head(50).astype(str).str.strip()
    if head.str.fullmatch(COMPACT_DATE).mean() > 0.9:
        return False
    return bool((head.str.fullmatch(CLOCK) | (head == "")).mean() > 0.9)


def write_clocks(clock: Any) -> Any:
    """Times of day with a colon: `09.30`, the beginning of `09:30-09:31`, a fraction of a day, a count from midnight."""
    clock = clock.str.removeprefix("0 days ")
    head = clock.head(SAMPLE)
    if (
        head.str.fullmatch(r"0(?:[.,]\d+)?").all()
        and clock.str.fullmatch(r"0(?:[.,]\d+)?").all()
        and clock.str.contains(r"\d[.,]\d{3}").any()
    ):
        return clock.str.replace(",", ".", regex=False).astype(float).mul(DAY).map(_write_second)
    if head.str.contains(r"\d\s*-\s*\d", regex=True).any():
        clock = clock.str.replace(r"\s*-\s*\d{1,2}(?::\d{2}.*)?$", "", regex=True)
    form = r"\d{1,2}(?:[.,]\d+)?"
    if head.str.fullmatch(form).all() and head.str.contains(r"[.,]", regex=True).any() and clock.str.fullmatch(form).all():
        return _write_fractions(clock)
    if width := _seconds_each(clock, head):
        return (clock.astype(float) * width).map(_write_second)
    if head.str.fullmatch(r"\d{8,9}").all():
        return clock.str.zfill(9).str.replace(r"^(\d\d)(\d\d)(\d\d)(\d{3})$", r"\1:\2:\3.\4", regex=True)
    if head.str.fullmatch(r"\d{1,6}").all() and clock.str.fullmatch(r"\d{1,6}").all() and (clock.str.len() > 2).any():
        return clock.str.zfill(6 if clock.str.len().max() > 4 else 4)
    if clock.str.fullmatch(r"\d{1,2}").all() and clock.astype(int).max() <= 24:
        return clock + ":00"
    dotted = head.str.fullmatch(r"\d{1,2}\.\d{2}").all()  # a few cells are no times
    return clock.str.replace(r"^(\d{1,2})\.(\d{2})$", r"\1:\2", regex=True) if dotted else clock


def join_parts(hours: Any | None, minutes: Any) -> Any | None:
    """The clock of hours and minutes in two columns, or of minutes alone that are counted from midnight; None where neither is so."""
    minute = minutes.astype(str).str.strip()
    if not minute.str.fullmatch(r"\d{1,4}").all():
        return None
    if hours is None:
        return minute.astype(int).mul(60).map(_write_second) if minute.astype(int).max() > 59 else None
    hour = hours.astype(str).str.strip()
    return hour.str.zfill(2) + ":" + minute.str.zfill(2) if hour.str.fullmatch(r"\d{1,2}").all() else None


def _write_fractions(clock: Any) -> Any:
    """Hours with a mark and digits behind it: minutes, or a fraction of an hour where no clock would show that or its steps are more even.

    A spreadsheet makes 9.3 of 9:30. Where nothing tells, the texts stay as they are, which is no time of day.

    >>> import pandas
    >>> [_write_fractions(pandas.Series(cells)).tolist() for cells in (["9.75", "10"], ["9.5", "10.0", "10.5"], ["9.3", "9.4", "10"])]
    [['09:45:00', '10:00:00'], ['09:30:00', '10:00:00', '10:30:00'], ['09:30:00', '09:40:00', '10:00:00']]
    >>> [_write_fractions(pandas.Series(cells)).tolist() for cells in (["9.30", "10.30"], ["9.50", "10.50"])]
    [['09:30:00', '10:30:00'], ['9.50', '10.50']]
    """
    hours = clock.str.replace(",", ".", regex=False).astype(float)
    counted = (hours * 60).map(_round_near_minute)
    digits = clock.str.extract(r"[.,](\d+)$", expand=False).fillna("0")
    minutes = digits.str.ljust(2, "0").astype(int)
    if (digits.str.len() > 2).any() or (minutes > 59).any():
        return (counted * 60).map(_write_second)
    shown = hours.astype(int) * 60 + minutes
    even, better = _share_steps(counted), _share_steps(shown)
    if even == better and (counted != shown).any() and not clock.str.match("0").any() and ((counted % 5 == 0) | (shown % 5 != 0)).all():
        return clock
    return ((counted if even > better else shown) * 60).map(_write_second)


def _share_steps(minutes: Any) -> float:
    """Share of the most common step among those within a day."""
    steps = minutes.diff().abs()
    steps = steps[steps > 0].round(3)
    return float(steps.value_counts(normalize=True).max()) if len(steps) else 0.0


def _round_near_minute(minutes: float) -> float:
    """The full minute beside one that was rounded as a fraction of an hour."""
    return float(round(minutes)) if abs(minutes - round(minutes)) <= 1 / 30 else minutes


def _write_second(second: float) -> str:
    whole = round(second)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def _seconds_each(clock: Any, head: Any) -> float:
    """Seconds of one count from midnight: 60, 1 or a thousandth, where some cells could be no hour and minute; 0 for other times."""
    if head.str.fullmatch(r"\d{3,5}\.\d+").all() and clock.str.fullmatch(r"\d{1,5}(?:\.\d+)?").all():
        return 1 if clock.astype(float).max() < DAY else 0
    if not head.str.fullmatch(r"\d{1,9}").all() or not clock.str.fullmatch(r"\d{1,9}").all():
        return 0
    number = clock.astype(int)
    if number.max() > 999_999:
        valid = (number // 100_000 % 100 < 60).all() and (number // 1000 % 100 < 60).all()
        return 0 if valid or number.max() >= DAY * 1000 else 0.001
    if number.max() > 99_999 or ((number % 100 < 60).all() and (number // 100 % 100 < 60).all()):
        return 0
    return 60 if number.max() < 1440 else 1 if number.max() < DAY else 0
