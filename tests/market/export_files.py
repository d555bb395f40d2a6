"""Files as tools, languages and brokers write them, made of one small series whose right reading is known beforehand.

Each case says how the series is dressed; what must come out is the series itself, so the right answer never passes through the reader.
"""

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from core.domain.instrument import AssetClass

DAYS = tuple(date(2023, 1, 3) + timedelta(days=number) for number in (0, 1, 2, 3, 6, 7, 8, 9, 10, 13, 14, 15))
"""Twelve weekdays from Tuesday, 2023-01-03, over two weekends."""
SUMMER = tuple(day + timedelta(days=182) for day in DAYS)
"""Twelve weekdays from Tuesday, 2023-07-04."""
CLOSES = tuple(round(1200.5 + 3.25 * ((number * 7) % 11), 2) for number in range(12))
VOLUMES = tuple(100_000 + 1_100 * ((number * 5) % 7) for number in range(12))


@dataclass(frozen=True)
class Case:
    """One file and what it must be read as."""

    title: str
    name: str
    content: bytes
    times: tuple[str, ...]
    symbol: str = ""
    asset_class: AssetClass | None = None
    zone: str = ""
    volumes: tuple[float, ...] = VOLUMES
    closes: tuple[float, ...] = CLOSES
    said: tuple[str, ...] = field(default=())
    """Words that must be among what is understood, repaired or remarked upon."""


Stamp = Callable[[date], str]
Number = Callable[[float], str]


def prices(number: int) -> tuple[float, float, float, float]:
    """Open, high, low and close of a row."""
    close = CLOSES[number]
    opening = round(close - 1.75, 2)
    return opening, round(close + 2.5, 2), round(opening - 1.25, 2), close


def plain(value: float) -> str:
    return f"{value:.2f}"


def comma(value: float) -> str:
    """1.234,50"""
    return f"{value:,.2f}".translate(str.maketrans(",.", ".,"))


def apostrophe(value: float) -> str:
    """1'234.50"""
    return f"{value:,.2f}".replace(",", "'")


def english(value: float) -> str:
    return f"{value:,.2f}"


def iso(day: date) -> str:
    return day.isoformat()


def instants(zone: str, clock: str = "00:00", *, before: int = 0, unit: int = 1) -> Stamp:
    """Unix times of a wall-clock time on (or `before` days before) each day."""
    hour, minute = map(int, clock.split(":"))

    def write(day: date) -> str:
        moment = datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZoneInfo(zone)) - timedelta(days=before)
        return str(int(moment.astimezone(UTC).timestamp()) * unit)

    return write


def with_offset(zone: str, clock: str = "00:00", *, before: int = 0, layout: str = "%Y-%m-%d %H:%M:%S%z") -> Stamp:
    """Local times with their offset."""
    hour, minute = map(int, clock.split(":"))

    def write(day: date) -> str:
        return (datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZoneInfo(zone)) - timedelta(days=before)).strftime(layout)

    return write


def table(
    header: str,
    stamp: Stamp = iso,
    number: Number = plain,
    volume: Number = lambda value: str(int(value)),
    *,
    mark: str = ",",
    order: str = "DOHLCV",
    days: tuple[date, ...] = DAYS,
    encoding: str = "utf-8",
    extra: str = "",
    before: str = "",
    after: str = "",
    newest_first: bool = False,
) -> bytes:
    """A table of the series; `order` names the columns: D date, O H L C, V volume, X a filler of 7, T the turnover, N a count of trades."""
    rows = []
    for place, day in enumerate(days):
        opening, high, low, close = prices(place)
        cells = {
            "D": stamp(day),
            "O": number(opening),
            "H": number(high),
            "L": number(low),
            "C": number(close),
            "V": volume(VOLUMES[place]),
            "X": number(7.0),
            "T": volume(VOLUMES[place] * 1200),
            "N": "42",
            "A": number(round(close + 0.5, 2)),
            "S": extra,
        }
        rows.append(mark.join(f'"{cells[letter]}"' if mark in cells[letter] else cells[letter] for letter in order))
    lines = [header, *(rows[::-1] if newest_first else rows)]
    return (before + "\n".join(line for line in lines if line) + "\n" + after).encode(encoding)


def packed(content: bytes, *names: str) -> bytes:
    """A ZIP with the content under the first name and a line of text under each further one."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for place, name in enumerate(names):
            archive.writestr(name, content if not place else b"read me")
    return buffer.getvalue()


def records(names: tuple[str, ...], stamp: Stamp) -> list[dict[str, object]]:
    """JSON records of the series under these six names."""
    found = []
    for place, day in enumerate(DAYS):
        values = (stamp(day), *prices(place), VOLUMES[place])
        found.append(dict(zip(names, values, strict=True)))
    return found


def as_json(document: object) -> bytes:
    return json.dumps(document).encode()


def days_of(days: tuple[date, ...] = DAYS) -> tuple[str, ...]:
    return tuple(day.isoformat() for day in days)
