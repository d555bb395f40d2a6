"""Days and ranges of days as people write them, one after the other in a cell: `2025-11-28, 2025-12-22..2026-01-02`."""

import re
from datetime import date

MOST = 2_000
"""Days and ranges that one cell may hold."""
DAY = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
RANGE = re.compile(rf"({DAY.pattern})\s*(?:\.\.\.?|to|until|–|—)\s*({DAY.pattern})")


class DayError(ValueError):
    """A text that is no list of days."""


def read_day_ranges(text: str) -> tuple[str, ...]:
    """Read the days and ranges of a text, each as ISO text. Raises DayError.

    >>> read_day_ranges("2025-11-28, 2025/12/22 to 2026-1-2")
    ('2025-11-28', '2025-12-22..2026-01-02')
    """
    found: list[str] = []
    for part in re.split(r"[,;\n]+|(?<=\d)\s+(?=\d{4})", RANGE.sub(lambda range_: f"{range_.group(1)}..{range_.group(5)}", text)):
        part = part.strip()
        if part:
            first, dots, last = part.partition("..")
            days = [_read_day(first), *([_read_day(last)] if dots else [])]
            if days != sorted(days):
                raise DayError(f"`{part[:40]}` ends before it begins.")
            found.append("..".join(day.isoformat() for day in days))
    if not found or len(found) > MOST:
        raise DayError("no day is given." if not found else f"there are {len(found)} days, {MOST} are allowed in one cell.")
    return tuple(found)


def find_days(text: str) -> tuple[str, ...]:
    """Find every date of a file of events, sorted, each once; what is no date is passed over.

    >>> find_days("date,event\\n2025-12-10,rate decision\\n2025-11-07,jobs\\n2025-99-99,none")
    ('2025-11-07', '2025-12-10')
    """
    found = set()
    for parts in DAY.findall(text):
        try:
            found.add(date(*(int(part) for part in parts)).isoformat())
        except ValueError:
            continue
    return tuple(sorted(found))[:MOST]


def _read_day(text: str) -> date:
    parts = DAY.fullmatch(text.strip())
    try:
        if parts:
            return date(*(int(part) for part in parts.groups()))
    except ValueError:
        pass
    raise DayError(f"`{text.strip()[:40]}` is not a date.")
