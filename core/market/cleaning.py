"""Rows as they were delivered into bars that can be trusted: what is lossless is repaired and named, what would be a guess is refused.

Repaired: order, repeated rows, rows without prices, weekend rows that repeat the day before, missing volume. Refused: prices that are
zero, negative or contradict each other, dates in the future, too much that cannot be read. Everything else is only remarked upon.
"""

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from core.market.price_series import PriceSeries
from core.market.table import BAD_SHARE, FEW_ROWS

CONFLICT_SHARE = 0.01
ROUNDING = 1e-4
"""Relative amount by which open or close may lie outside high and low through rounding."""
LENIENT_ROUNDING = 0.02
"""The same for a source that nobody here can correct."""
FLAT_WARNING_SHARE = 0.05
ZERO_VOLUME_WARNING_SHARE = 0.02
FEWEST_BARS, LONELY_YEARS = 20, 3
"""Bars among which a few that stand so many years apart are told."""
LEAP = 21.0
"""Ratio of two prices beyond the splits that are named as such."""
SHOWN = 3

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Cleaned:
    """The result; `series` is empty when there are reasons to refuse."""

    series: PriceSeries
    repaired: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


def clean_series(series: PriceSeries, *, today: date, intraday: bool | None = None, strict: bool = True) -> Cleaned:
    """Sorted, unique, consistent bars, or the reasons why that cannot be had. `intraday` None: told by the times of day.

    Not strict, for sources whose bars nobody here can correct: contradictory bars are left out and named instead of refused.
    """
    repaired: list[str] = []
    refused: list[str] = []
    series = _drop_unusable(series, repaired, refused)
    if refused or not len(series):
        return Cleaned(series.take(slice(0, 0)), tuple(repaired), (), tuple(refused) or ("no row holds a date and prices",))
    series = _in_order(series, repaired)
    series = _without_repeats(series, repaired, refused)
    series = _widened(series, repaired, ROUNDING if strict else LENIENT_ROUNDING)
    if strict:
        refused += [f"{what} on {_bars(mask)} ({_places(series, mask)})" for what, mask in _contradictions(series, today)]
    else:
        series = _without_contradictions(series, today, repaired)
    if refused:
        return Cleaned(series.take(slice(0, 0)), tuple(repaired), (), tuple(refused))
    if not (_has_times(series) if intraday is None else intraday):
        series = _without_weekend_fills(series, repaired)
    series = _volume(series, repaired)
    return Cleaned(series, tuple(repaired), find_warnings(series))


def find_warnings(series: PriceSeries) -> tuple[str, ...]:
    """Find oddities of clean bars that may be right: flat bars, missing volume, jumps like splits, bad ticks."""
    found = []
    flat = float(np.mean(series.high == series.low))
    if flat > FLAT_WARNING_SHARE:
        found.append(f"{flat:.0%} of the bars are flat (high equals low)")
    silent = float(np.mean(series.volume == 0))
    if silent == 1:
        found.append("there is no volume")
    elif silent > ZERO_VOLUME_WARNING_SHARE:
        found.append(f"volume is zero on {silent:.0%} of the bars")
    found += [
        f"{_when(series, place)} looks like a {ratio} split that the prices are not adjusted for"
        for place, ratio in find_suspected_splits(series)
    ]
    if lonely := find_lonely(series):
        count, where, years = lonely
        many = "s stand" if count > 1 else " stands"
        found.append(f"{count} bar{many} {years} years from all others ({_when(series, where)}): is the date right?")
    if (place := find_leap(series)) is not None:
        ratio = series.open[place] / series.close[place - 1]
        shown = f"{max(ratio, 1 / ratio):,.0f} times {'higher' if ratio > 1 else 'lower'}"
        found.append(f"the prices from {_when(series, place)} on are {shown} than before: another unit, as pounds among pence, or no bar")
    found += [
        f"{_when(series, place)} looks like a bad tick: the price jumps and comes straight back" for place in find_suspected_spikes(series)
    ]
    return tuple(found)


def find_suspected_splits(series: PriceSeries) -> list[tuple[int, str]]:
    """Bars whose adjusted open is a whole multiple or fraction of the close before, as `(index, ratio)`; at most five."""
    if len(series) < 3:
        return []
    price, opening = series.close * series.factor, series.open * series.factor
    jump = opening[1:] / price[:-1]
    found = []
    for place in np.flatnonzero((jump < 0.7) | (jump > 1.45)):
        for new, old in ((2, 1), (3, 1), (3, 2), (4, 1), (5, 1), (7, 1), (8, 1), (10, 1), (20, 1)):
            forward, reverse = abs(jump[place] * new / old - 1), abs(jump[place] * old / new - 1)
            if min(forward, reverse) < 0.05 and abs(price[place + 1] / opening[place + 1] - 1) < 0.25:
                found.append((int(place) + 1, f"{new}-for-{old}" if forward < reverse else f"{old}-for-{new}"))
                break
    return found[:5]


def find_lonely(series: PriceSeries) -> tuple[int, int, int] | None:
    """Find bars that stand years apart from all others at one end: their count, the place of one, the years; None where there are none."""
    if len(series) < FEWEST_BARS:
        return None
    years = np.diff(series.time.astype("datetime64[D]")).astype(np.int64) // 365
    place = int(np.argmax(years))
    alone = min(place + 1, len(series) - place - 1)
    if years[place] < LONELY_YEARS or alone > FEW_ROWS:
        return None
    return alone, place if place + 1 == alone else place + 1, int(years[place])


def find_leap(series: PriceSeries) -> int | None:
    """The first bar whose open is more than twenty times the close before, or less than that part of it; None without one."""
    if len(series) < 2:
        return None
    ratio = (series.open[1:] * series.factor[1:]) / (series.close[:-1] * series.factor[:-1])
    found = np.flatnonzero((ratio > LEAP) | (ratio < 1 / LEAP))
    return int(found[0]) + 1 if len(found) else None


def find_suspected_spikes(series: PriceSeries) -> list[int]:
    """Bars whose close leaves its two neighbors by more than half and returns; at most five."""
    if len(series) < 3:
        return []
    before, here, after = series.close[:-2], series.close[1:-1], series.close[2:]
    away = np.maximum(here / before, before / here) > 1.5
    back = np.maximum(after / before, before / after) < 1.1
    return [int(place) + 1 for place in np.flatnonzero(away & back)[:5]]


def _drop_unusable(series: PriceSeries, repaired: list[str], refused: list[str]) -> PriceSeries:
    """Rows without a time or with holes go; too many of them, and the whole is refused."""
    prices = np.stack([series.open, series.high, series.low, series.close])
    undated, missing = np.isnat(series.time), np.isnan(prices)
    empty = missing.all(axis=0)
    holes = missing.any(axis=0) & ~empty & ~undated
    lost = undated & ~empty
    for what, mask in (("with a date that cannot be read", lost), ("with missing prices", holes)):
        count = int(mask.sum())
        if count > max(FEW_ROWS, BAD_SHARE * max(1, int((~empty).sum()))):
            refused.append(f"{count} of {len(series)} rows {what} ({_places(series, mask)})")
        elif count:
            repaired.append(f"dropped {count} row{'s' * (count > 1)} {what} ({_places(series, mask)})")
    blank = int((empty & ~undated).sum())
    if blank:
        repaired.append(f"dropped {blank} row{'s' * (blank > 1)} without any price")
    zeros = _all_zero(prices) & ~undated
    count = int(zeros.sum())
    if 0 < count <= max(1, BAD_SHARE * len(series)) and count < len(series):
        repaired.append(f"dropped {count} row{'s' * (count > 1)} whose prices are all zero ({_places(series, zeros)})")
        undated = undated | zeros
    return series.take(~(undated | empty | holes))


def _all_zero(prices: np.ndarray) -> Mask:
    return np.asarray((prices == 0).all(axis=0))


def _in_order(series: PriceSeries, repaired: list[str]) -> PriceSeries:
    steps = np.diff(series.time.astype(np.int64))
    if (steps >= 0).all():
        return series
    repaired.append("sorted by time (it was newest first)" if (steps <= 0).all() else "sorted by time")
    if (steps <= 0).all():
        return series.take(slice(None, None, -1))
    return series.take(np.argsort(series.time, kind="stable"))


def _without_repeats(series: PriceSeries, repaired: list[str], refused: list[str]) -> PriceSeries:
    """One bar for each time: identical repeats go silently into the report, a few differing ones keep the last, many are refused."""
    same_time = np.append(False, np.diff(series.time.astype(np.int64)) == 0)
    if not same_time.any():
        return series
    columns = (series.open, series.high, series.low, series.close, series.volume)
    equal = np.append(False, np.logical_and.reduce([(c[1:] == c[:-1]) | (np.isnan(c[1:]) & np.isnan(c[:-1])) for c in columns]))
    identical, differing = int((same_time & equal).sum()), int((same_time & ~equal).sum())
    if differing > max(FEW_ROWS, CONFLICT_SHARE * len(series)):
        refused.append(f"{differing} times occur more than once with different prices ({_places(series, same_time & ~equal)})")
        return series
    if identical:
        repaired.append(f"dropped {identical} duplicate bar{'s' * (identical > 1)}")
    if differing:
        where = _places(series, same_time & ~equal)
        repaired.append(
            f"kept the later of {differing} pair{'s' * (differing > 1)} of bars with the same time and different prices ({where})"
        )
    return series.take(~np.append(same_time[1:], False))


def _widened(series: PriceSeries, repaired: list[str], tolerance: float) -> PriceSeries:
    """Open and close that stick out by no more than the tolerance are let in."""
    top, bottom = np.maximum(series.open, series.close), np.minimum(series.open, series.close)
    over = (top > series.high) & (top <= series.high * (1 + tolerance))
    under = (bottom < series.low) & (bottom >= series.low * (1 - tolerance)) & (bottom > 0)
    count = int((over | under).sum())
    if not count:
        return series
    repaired.append(f"widened high or low of {count} bar{'s' * (count > 1)} slightly, so that open and close lie inside")
    return replace(series, high=np.where(over, top, series.high), low=np.where(under, bottom, series.low))


def _contradictions(series: PriceSeries, today: date) -> list[tuple[str, Mask]]:
    """List what cannot be true of a bar, with the bars that it is found in."""
    prices = np.stack([series.open, series.high, series.low, series.close])
    checks = (
        ("prices are zero or negative", np.asarray((prices <= 0).any(axis=0))),
        ("high is below low", series.high < series.low),
        ("open or close lies outside high and low", _outside(series)),
        ("the date is in the future", series.time >= np.datetime64(today, "s") + np.timedelta64(2, "D")),
        ("volume is negative", series.volume < 0),
        ("adjusted prices are zero or negative", np.asarray(~(series.factor > 0))),
    )
    return [(what, mask) for what, mask in checks if mask.any()]


def _without_contradictions(series: PriceSeries, today: date, repaired: list[str]) -> PriceSeries:
    found = _contradictions(series, today)
    if not found:
        return series
    repaired += [f"left out {_bars(mask)} because {what} ({_places(series, mask)})" for what, mask in found]
    return series.take(~np.logical_or.reduce([mask for _, mask in found]))


def _outside(series: PriceSeries) -> Mask:
    top, bottom = np.maximum(series.open, series.close), np.minimum(series.open, series.close)
    return np.asarray((top > series.high) | (bottom < series.low))


def _without_weekend_fills(series: PriceSeries, repaired: list[str]) -> PriceSeries:
    """Saturday and Sunday rows that only repeat the bar before go, unless the market trades at weekends."""
    weekend = (series.time.astype("datetime64[D]").astype(np.int64) + 3) % 7 >= 5
    if not weekend.any():
        return series
    repeat = np.append(False, (series.close[1:] == series.close[:-1]) & _repeats_previous(series)[1:])
    fills = weekend & repeat
    if not fills.any() or fills.sum() < 0.8 * weekend.sum():
        return series
    repaired.append(f"dropped {int(fills.sum())} weekend bars that only repeat the day before")
    return series.take(~fills)


def _repeats_previous(series: PriceSeries) -> Mask:
    """Rows that carry nothing new: flat, or the same four prices as the row before."""
    copied = np.logical_and.reduce([column[1:] == column[:-1] for column in (series.open, series.high, series.low)])
    return np.asarray((series.high == series.low) | np.append(False, copied))


def _volume(series: PriceSeries, repaired: list[str]) -> PriceSeries:
    missing = np.isnan(series.volume)
    if not missing.any():
        return series
    if not missing.all():
        repaired.append(f"missing volume of {_bars(missing)} set to 0")
    return replace(series, volume=np.where(missing, 0.0, series.volume))


def _has_times(series: PriceSeries) -> bool:
    days = series.time.astype("datetime64[D]")
    return len(np.unique(days)) < 0.7 * len(days)


def _bars(mask: Mask) -> str:
    count = int(mask.sum())
    return f"{count} bar{'s' * (count > 1)}"


def _places(series: PriceSeries, mask: Mask) -> str:
    """The first few rows that are meant, by their time, or by row number where there is none."""
    places = np.flatnonzero(mask)
    shown = ", ".join(_when(series, place) for place in places[:SHOWN])
    return f"{shown}, ..." if len(places) > SHOWN else shown


def _when(series: PriceSeries, place: int) -> str:
    moment = series.time[place]
    if np.isnat(moment):
        return f"row {place + 1}"
    text = str(moment).replace("T", " ")
    return text[:10] if text.endswith("00:00:00") else text[:16]
