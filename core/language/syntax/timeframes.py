"""The higher timeframes that a row can be read on, and how long each is."""

from collections.abc import Mapping
from types import MappingProxyType

from core.domain.instrument import Timeframe

HIGHER_TIMEFRAMES: Mapping[str, int] = MappingProxyType(
    {
        "2m": 2,
        "3m": 3,
        "5m": 5,
        "10m": 10,
        "15m": 15,
        "30m": 30,
        "1h": 60,
        "2h": 120,
        "4h": 240,
        "1d": 1_440,
        "1w": 10_080,
        "1mo": 43_200,
    }
)
"""Name to nominal minutes, shortest first."""

TIMEFRAME_ALIASES: Mapping[str, str] = MappingProxyType(
    dict.fromkeys(("d", "day", "daily", "1day"), "1d")
    | dict.fromkeys(("w", "week", "weekly", "1week", "1wk"), "1w")
    | dict.fromkeys(("mo", "month", "monthly", "1month", "1mon", "mn1"), "1mo")
    | dict.fromkeys(("h", "hour", "hourly", "1hour", "60m", "60min"), "1h")
    | {"120m": "2h", "2hour": "2h", "240m": "4h", "4hour": "4h", "h1": "1h", "h2": "2h", "h4": "4h", "d1": "1d", "w1": "1w"}
    | {f"{length}{unit}": f"{length}m" for length in (2, 3, 5, 10, 15, 30) for unit in ("min", "minute", "minutes")}
    | {f"m{length}": f"{length}m" for length in (2, 3, 5, 10, 15, 30)}
)
"""People's names for a timeframe, in small letters without spaces and hyphens, to its name."""


def resolve_timeframe(text: str) -> str:
    """Resolve a timeframe that somebody wrote to its name; a text that means none stays as it is.

    >>> resolve_timeframe("Weekly"), resolve_timeframe("15 min"), resolve_timeframe("7d")
    ('1w', '15m', '7d')
    """
    plain = text.lower().replace(" ", "").replace("-", "")
    if text.strip() in ("M", "1M"):
        return "1mo"
    return plain if plain in HIGHER_TIMEFRAMES else TIMEFRAME_ALIASES.get(plain, text)


def describe_timeframe(timeframe: str) -> str:
    """Describe a timeframe as a sentence says it: `weekly`, `15-minute`."""
    return "monthly" if timeframe == "1mo" else Timeframe(timeframe).adjective
