"""Stamps into the times of bars: instants into wall time of one zone for intraday bars, and the day that is meant for longer ones.

A date is not an instant: midnight in any zone is the date as written, and an evening stamp belongs to the trading day that it opens.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.domain.bars import TimeArray
from core.domain.instrument import Instrument
from core.market.timestamps import Stamps

NOON, DAY = 720, 1440
LAST_MINUTE = DAY - 1
FEWEST_OTHERS = 6
"""Days among which one with another hour is told."""
SAMPLE = 200
MIDNIGHT_SHARE = 0.95
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
LIKELY_ZONES = ("Europe/Berlin", "Europe/London", "America/New_York", "America/Chicago", "Asia/Tokyo", "Asia/Hong_Kong", "Asia/Kolkata")


@dataclass(frozen=True, slots=True)
class BarTimes:
    """Times of the rows as the product writes them, the zone, and what was done in words."""

    wall: TimeArray
    zone: str
    said: tuple[str, ...] = ()
    repaired: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()


def to_wall(stamps: Stamps, zone: str, *, around_the_clock: bool = False) -> BarTimes:
    """Wall time in `zone` (an instrument's, empty when unknown) or in whatever zone the file speaks of.

    An hour that the change of clocks repeats must not vanish: where wall time would say one moment twice, the times stay in UTC. So do
    those of an unknown instrument that trades `around_the_clock`.
    """
    if stamps.utc is None:
        return BarTimes(stamps.written, stamps.zone or zone)
    found = find_offset_zone(stamps.offsets, stamps.utc) if stamps.offsets else stamps.zone
    target = zone or ("UTC" if around_the_clock else found) or "UTC"
    wall = stamps.written if target == found and stamps.zone in ("", found) else convert(stamps.utc, target)
    if len(np.unique(wall)) < len(np.unique(stamps.utc)):
        said = (f"times in UTC, because {target} repeats an hour when the clock is set back",)
        return BarTimes(stamps.utc, "UTC", said)
    if stamps.offsets and target == found:
        return BarTimes(wall, target, (f"offsets of {found}, kept as local time" if found != "UTC" else "times in UTC",))
    if stamps.offsets and target == "UTC":
        listed = ", ".join(f"{minutes // 60:+03d}:{minutes % 60:02d}" for minutes in stamps.offsets[:4])
        return BarTimes(wall, target, (f"offsets {listed} converted to UTC",))
    if target == "UTC":
        return BarTimes(wall, target, ("times in UTC",))
    return BarTimes(wall, target, (f"times converted from {found or 'UTC'} to {target}",) if target != found else ())


def convert(utc: TimeArray, zone: str) -> TimeArray:
    """Wall time of instants in a zone, shape (n,)."""
    import pandas

    aware = pandas.Series(utc.astype("datetime64[s]")).dt.tz_localize("UTC").dt.tz_convert(zone)
    return np.asarray(aware.dt.tz_localize(None).to_numpy()).astype("datetime64[s]")


def find_offset_zone(offsets: tuple[int, ...], utc: TimeArray | None) -> str:
    """The usual zone whose clock has these offsets at these instants: one hour from UTC is Berlin in January and London in July."""
    found = frozenset(offsets)
    exact = next((zone for known, zone in OFFSET_ZONES if known == found), "")
    if exact or len(found) != 1 or found == frozenset({0}) or utc is None:
        return exact
    known = utc[~np.isnat(utc)]
    sample = known[np.unique(np.linspace(0, len(known) - 1, SAMPLE).astype(int))] if len(known) else known
    clocks = (zone for each, zone in OFFSET_ZONES if found < each)
    return next((zone for zone in clocks if set(((convert(sample, zone) - sample).astype(np.int64) // 60).tolist()) == found), "")


def to_trading_dates(stamps: Stamps, instrument: Instrument | None, zone: str = "") -> BarTimes:
    """The day of each daily or longer bar, at midnight; the instrument's zone and day roll decide where a stamp has a time of day."""
    times = _to_days(stamps, instrument, zone)
    return replace(times, questions=(*times.questions, *_ask_last(stamps, instrument)))


def _ask_last(stamps: Stamps, instrument: Instrument | None) -> tuple[str, ...]:
    """The question for a newest day with a time before the close, where all others carry one hour: it may not have been over."""
    wall = convert(stamps.utc, instrument.zone) if stamps.utc is not None and instrument and instrument.zone else stamps.written
    wall = np.sort(wall[~np.isnat(wall)])
    minute = minutes_of_day(wall)
    if len(minute) < FEWEST_OTHERS or len(np.unique(minute[:-1])) != 1:
        return ()
    usual, last = int(minute[0]), int(minute[-1])
    closing = instrument.session_close if instrument else DAY
    if last == usual or last >= min(closing, usual or DAY, LAST_MINUTE):
        return ()
    return (f"the last day carries the time {last // 60}:{last % 60:02}, unlike all others: if it was not over, remove its row",)


def _to_days(stamps: Stamps, instrument: Instrument | None, zone: str) -> BarTimes:
    own = zone or (instrument.zone if instrument else "")
    shown = own or find_offset_zone(stamps.offsets, stamps.utc) or stamps.zone
    for wall, said, guessed in _readings(stamps, own, around_the_clock=instrument is not None and instrument.calendar == "24/7"):
        minute = minutes_of_day(wall)
        if np.mean(minute[minute >= 0] == 0) < MIDNIGHT_SHARE:
            continue
        days = (wall + np.timedelta64(1, "h")).astype("datetime64[D]").astype("datetime64[s]")
        if not guessed or count_weekend_days(days) <= count_weekend_days(stamps.written):
            return _checked(days, shown, said, instrument)
    wall = convert(stamps.utc, own) if stamps.utc is not None and own else stamps.written
    days, said, asked = _evenings(wall, instrument)
    dated = _checked(days, shown, said, instrument)
    return BarTimes(dated.wall, shown, dated.said, ("removed the time of day from daily bars",), (*asked, *dated.questions))


def _readings(stamps: Stamps, own: str, *, around_the_clock: bool = False) -> Iterator[tuple[TimeArray, str, bool]]:
    """The stamps in each zone in which they may be midnights, the likeliest first, and whether the zone is a guess.

    A coin's days are those of its exchange, which may count them by its own midnight.
    """
    yield stamps.written, "days as written", False
    if stamps.utc is None:
        return
    if own:
        yield convert(stamps.utc, own), f"days by midnight in {own}", False
    yield stamps.utc, "days by midnight UTC", False
    for zone in () if own and not around_the_clock else LIKELY_ZONES:
        yield convert(stamps.utc, zone), f"days by midnight in {zone}", not around_the_clock


def _evenings(wall: TimeArray, instrument: Instrument | None) -> tuple[TimeArray, str, tuple[str, ...]]:
    """Stamps with a time of day: of their own day or, in the evening, of the next one, whichever keeps clear of weekends."""
    roll = instrument.day_roll if instrument else 0
    same = wall.astype("datetime64[D]").astype("datetime64[s]")
    minute = minutes_of_day(wall)
    late = minute >= (min(roll - 60, NOON + 240) if roll else NOON)
    following = np.where(late, same + np.timedelta64(1, "D"), same)
    if not late.any() or (instrument is not None and instrument.calendar == "24/7"):
        return same, "days as written, the time of day left out", ()
    before, after = count_weekend_days(same), count_weekend_days(following)
    if before > 0 and after < before:
        return following, "evening stamps belong to the trading day that they open", ()
    if after > 0 and before < after:
        return same, "days as written, the time of day left out", ()
    if roll:
        return following, "evening stamps belong to the trading day that they open", ()
    asked: tuple[str, ...] = (
        "the days carry an evening hour and are taken as written; if each bar begins on the evening before, say the instrument",
    )
    return same, "days as written, the time of day left out", asked if np.mean(minute >= 1020) > 0.9 else ()


def _checked(days: TimeArray, zone: str, said: str, instrument: Instrument | None) -> BarTimes:
    """The days, with a question where a market of weekdays would trade at weekends."""
    asked: tuple[str, ...] = ()
    known = instrument is not None and instrument.calendar not in ("", "24/7")
    weekend = count_weekend_days(days)
    if known and instrument is not None and weekend and instrument.calendar not in ("XTAE", "XSAU"):
        first = days[is_weekend(days)][0]
        asked = (
            f"{weekend} day{'s' * (weekend > 1)} fall on a weekend, the first on {str(first)[:10]}, though {instrument.symbol} trades on "
            "weekdays: is it this instrument, and are the dates right?",
        )
    return BarTimes(days, zone, (said,), (), asked)


def to_week_starts(days: TimeArray) -> tuple[TimeArray, tuple[str, ...]]:
    """The Monday of each weekly stamp: Sundays open the week after them, every other day lies in its own."""
    number = days.astype("datetime64[D]").astype(np.int64)
    weekday = (number + 3) % 7
    monday = np.where(weekday == 6, number + 1, number - weekday)
    moved = np.where(np.isnat(days), days, monday.astype("datetime64[D]").astype("datetime64[s]"))
    usual = np.bincount(weekday[~np.isnat(days)], minlength=7)
    if (moved == days)[~np.isnat(days)].all():
        return days, ()
    if usual[6] > 0.5 * usual.sum():
        return moved, ("weeks are dated by the Sunday before them and carry the Monday now",)
    names = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    return moved, (f"weeks are dated by their {names[int(np.argmax(usual))]} and carry the Monday now",)


def minutes_of_day(wall: TimeArray) -> NDArray[np.int64]:
    """Minute after midnight of each time, -1 where there is none."""
    seconds = wall.astype("datetime64[s]").astype(np.int64)
    minutes: NDArray[np.int64] = np.where(np.isnat(wall), -1, (seconds % 86_400) // 60)
    return minutes


def is_weekend(days: TimeArray) -> NDArray[np.bool_]:
    """True on Saturdays and Sundays."""
    weekday = (days.astype("datetime64[D]").astype(np.int64) + 3) % 7
    return np.asarray((weekday >= 5) & ~np.isnat(days))


def count_weekend_days(days: TimeArray) -> int:
    """Count the days that are a Saturday or Sunday."""
    return int(is_weekend(days).sum())
