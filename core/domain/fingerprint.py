"""Fingerprint of bars: on which day they moved by how much. Copies under another name, in another scale or timeframe have the same one."""

import hashlib
import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.domain.bars import Bars
from core.domain.instrument import Timeframe
from core.domain.metrics import find_trading_days

UNIT = 5e-4
"""Log return that moves are rounded to."""
SAME_SHARE = 0.3
"""Share of the common days with the same move from which bars are the same. Different shares of a market have 3 to 7% in common."""
FEWEST_SHIFTED = 20
"""Common days under which a shifted date is not looked for: a few moves are alike by chance."""
WEEK_OFFSET = 3
"""Days from the Monday before 1970 to its first day, a Thursday."""

Column = NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Fingerprint:
    """Moves of bars, by day and by week; shape (n,) each. Weekly bars have weeks alone."""

    day: Column
    """Days since 1970, ascending, without the first one, which has no move."""
    move: Column
    """Log return of the day, in units of `UNIT`."""
    week: Column
    week_move: Column

    def pack(self) -> bytes:
        """The fingerprint as compressed bytes."""
        head = np.array([len(self.day), len(self.week)], dtype="<i4")
        return zlib.compress(b"".join(part.astype("<i4").tobytes() for part in (head, self.day, self.move, self.week, self.week_move)))

    @property
    def digest(self) -> str:
        """Name of the fingerprint: the same moves have the same one."""
        return hashlib.sha256(self.pack()).hexdigest()[:32]

    @property
    def span(self) -> tuple[int, int]:
        """First and last day since 1970; of weekly bars, the days that their weeks reach over."""
        days = self.day if len(self.day) else np.concatenate((self.week * 7 - WEEK_OFFSET, self.week * 7 + 6 - WEEK_OFFSET))
        return (int(days.min()), int(days.max())) if len(days) else (0, -1)


def unpack_fingerprint(data: bytes) -> Fingerprint:
    """The fingerprint that was packed."""
    columns = np.frombuffer(zlib.decompress(data), dtype="<i4").astype(np.int32)
    days, weeks = int(columns[0]), int(columns[1])
    parts = np.split(columns[2:], np.cumsum([days, days, weeks]))
    return Fingerprint(*parts)


def compute_fingerprint(bars: Bars) -> Fingerprint:
    """Compute the fingerprint of bars; of several instruments it is the first one's, as it has it alone."""
    bars = bars if bars.present is None else bars.drop_repeated()
    none = np.zeros(0, dtype=np.int32)
    if len(bars) < 2:
        return Fingerprint(none, none, none, none)
    if bars.timeframe.intraday:
        periods = bars.instrument.periods_per_year(bars.timeframe)
        days = find_trading_days(bars.time, periods_per_year=periods, day_roll=bars.instrument.day_roll)
    else:
        days = bars.time.astype("datetime64[D]")
    number = days.astype(np.int64).astype(np.int32)
    week = ((number + WEEK_OFFSET) // 7).astype(np.int32)
    weeks = _moves(week, bars)
    return Fingerprint(none, none, *weeks) if bars.timeframe is Timeframe.W1 else Fingerprint(*_moves(number, bars), *weeks)


def compute_further_fingerprints(bars: Bars) -> tuple[Fingerprint, ...]:
    """Compute the fingerprints of the further instruments of the bars, each as it has it alone."""
    return tuple(compute_fingerprint(other) for other in bars.others)


def count_common(one: Fingerprint, other: Fingerprint) -> int:
    """Count the days (weeks where one has no days) that both have, if they are the same bars there; 0 when they are not.

    Days that are dated one too early or too late, as many files have them, are the same days. A price turned over (euros in dollars
    for dollars in euros) is the same too: who knows the one knows the other.
    """
    by_day = len(one.day) > 0 and len(other.day) > 0
    first, second = ((one.day, one.move), (other.day, other.move)) if by_day else ((one.week, one.week_move), (other.week, other.week_move))
    common, mine, theirs = np.intersect1d(first[0], second[0], assume_unique=True, return_indices=True)
    if len(common) and _is_same(first[1][mine], second[1][theirs]):
        return len(common)
    return max(_count_shifted(first, second, lag) for lag in (-1, 1)) if by_day else 0


def _is_same(mine: Column, theirs: Column) -> bool:
    alike = max(np.count_nonzero(np.abs(mine - other) <= 1) for other in (theirs, -theirs))
    return bool(alike >= SAME_SHARE * len(mine))


def _count_shifted(first: tuple[Column, Column], second: tuple[Column, Column], lag: int) -> int:
    """Count the common days when those of the second are `lag` days of the first away from their own date; 0 when that is not so."""
    near = np.searchsorted(first[0], second[0])
    at = near + lag
    inside = np.flatnonzero((near < len(first[0])) & (at >= 0) & (at < len(first[0])) & (second[0] >= first[0][0]))
    mine, theirs = first[1][at[inside]], second[1][inside]
    return len(inside) if len(inside) >= FEWEST_SHIFTED and _is_same(mine, theirs) else 0


def _moves(period: Column, bars: Bars) -> tuple[Column, Column]:
    """Moves from the last close of a period to that of the next one."""
    last = np.append(period[1:] != period[:-1], True)
    steps = np.rint(np.diff(np.log(bars.close[last])) / UNIT)
    return period[last][1:], np.clip(steps, -(2**30), 2**30).astype(np.int32)
