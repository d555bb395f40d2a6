"""The higher timeframes that a row can be read on, and how long each is."""

from collections.abc import Mapping
from types import MappingProxyType

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
    }
)
"""Name to nominal minutes, shortest first."""

WORDS: Mapping[str, str] = MappingProxyType({"1h": "hourly", "1d": "daily", "1w": "weekly"})


def timeframe_words(timeframe: str) -> str:
    """How a sentence says a timeframe: `weekly`, `15-minute`."""
    if timeframe in WORDS:
        return WORDS[timeframe]
    number, unit = timeframe[:-1], timeframe[-1]
    return f"{number}-{'minute' if unit == 'm' else 'hour'}"


def period_code(timeframe: str) -> str:
    """Python of a function from a moment to the bar of that timeframe in which it lies."""
    minutes = HIGHER_TIMEFRAMES[timeframe]
    if timeframe == "1w":
        return "lambda at: at.isocalendar()[:2]"
    if timeframe == "1d":
        return "lambda at: at.date()"
    return f"lambda at: (at.date(), (at.hour * 60 + at.minute) // {minutes})"
