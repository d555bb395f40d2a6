"""The part of `pytz` that scripts use, made of Python's own time zones: `pytz.timezone("US/Eastern")`, `pytz.utc`, `localize()`."""

import datetime
import zoneinfo
from typing import Any


class UnknownTimeZoneError(KeyError):
    """No time zone has that name."""


class PytzZone(datetime.tzinfo):
    """A time zone with the methods that pytz gives to one."""

    def __init__(self, name: str) -> None:
        try:
            self._zone = zoneinfo.ZoneInfo(name)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise UnknownTimeZoneError(name) from error
        self.zone = name

    def localize(self, moment: datetime.datetime, is_dst: bool = False) -> datetime.datetime:
        """The moment as a time of day of this zone; `is_dst` tells which of two that a change of clocks makes alike is meant."""
        return moment.replace(tzinfo=self, fold=0 if is_dst else moment.fold)

    def normalize(self, moment: datetime.datetime) -> datetime.datetime:
        """The same moment on this zone's clock."""
        return moment.astimezone(self)

    def utcoffset(self, moment: datetime.datetime | None) -> datetime.timedelta | None:
        """Hours from Greenwich."""
        return None if moment is None else self._inside(moment).utcoffset()

    def dst(self, moment: datetime.datetime | None) -> datetime.timedelta | None:
        """Part of the offset that summer time makes."""
        return None if moment is None else self._inside(moment).dst()

    def tzname(self, moment: datetime.datetime | None) -> str | None:
        """The abbreviation in force."""
        return self.zone if moment is None else self._inside(moment).tzname()

    def fromutc(self, moment: datetime.datetime) -> datetime.datetime:
        """A moment of Greenwich on this zone's clock."""
        return self._zone.fromutc(self._inside(moment)).replace(tzinfo=self)

    def _inside(self, moment: datetime.datetime) -> datetime.datetime:
        return moment.replace(tzinfo=self._zone)

    def __str__(self) -> str:
        return self.zone

    def __repr__(self) -> str:
        return f"<DstTzInfo {self.zone!r}>"


def make_pytz() -> dict[str, Any]:
    """The names of the module."""
    zones: dict[str, PytzZone] = {}

    def timezone(name: str) -> PytzZone:
        return zones.setdefault(name, PytzZone(name))

    names = sorted(zoneinfo.available_timezones())
    return {
        "timezone": timezone,
        "utc": timezone("UTC"),
        "UTC": timezone("UTC"),
        "UnknownTimeZoneError": UnknownTimeZoneError,
        "all_timezones": names,
        "common_timezones": names,
        "FixedOffset": lambda minutes: datetime.timezone(datetime.timedelta(minutes=minutes)),
    }
