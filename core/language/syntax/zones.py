"""Time zones as people name them, to the names of the tz database."""

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from zoneinfo import available_timezones

ZONE_ALIASES: Mapping[str, str] = MappingProxyType(
    {"utc": "UTC", "gmt": "UTC", "z": "UTC"}
    | dict.fromkeys(("new york", "ny", "nyc", "est", "edt", "et", "eastern"), "America/New_York")
    | dict.fromkeys(("chicago", "cst", "cdt", "ct", "central"), "America/Chicago")
    | dict.fromkeys(("london", "uk", "bst"), "Europe/London")
    | dict.fromkeys(("berlin", "frankfurt", "cet", "cest", "paris", "zurich", "madrid"), "Europe/Berlin")
    | dict.fromkeys(("tokyo", "jst"), "Asia/Tokyo")
    | {"hong kong": "Asia/Hong_Kong", "singapore": "Asia/Singapore", "sydney": "Australia/Sydney", "mumbai": "Asia/Kolkata"}
)


@lru_cache(maxsize=1)
def _list_zones() -> Mapping[str, str]:
    return {name.lower(): name for name in available_timezones()}


def find_zone(text: str) -> str | None:
    """Find the zone that a text names; None when it names none.

    >>> find_zone("utc"), find_zone("london"), find_zone("Mars")
    ('UTC', 'Europe/London', None)
    """
    plain = " ".join(text.lower().replace("_", " ").split())
    return ZONE_ALIASES.get(plain) or _list_zones().get(plain.replace(" ", "_"))
