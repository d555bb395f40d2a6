"""Completeness and plausibility of bars: a report for people, and a map of which days are there."""

from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from numpy.typing import NDArray

from core.domain.bars import TimeArray
from core.domain.value import Value


class Gap(Value):
    """Bars that a calendar expects and that are not there."""

    first: datetime
    """Wall time of the first missing bar."""
    last: datetime
    """Wall time of the last missing bar."""
    bars: int


class Quality(Value):
    """Findings about bars, as they are used."""

    bars: int
    expected: int
    """Bars that the calendar has between the first and the last one."""
    calendar: str
    """By which the gaps were found: a code, `weekdays` or `every day` where the instrument's own is unknown."""
    gaps: tuple[Gap, ...] = ()
    """The largest first, at most twenty."""
    missing: int = 0
    """Bars in all gaps together."""
    outside: int = 0
    """Bars at times when the calendar says that the market is closed."""
    flat_share: float = 0.0
    """Share of bars whose high equals their low."""
    silent_share: float = 0.0
    """Share of bars without volume."""
    suspected_splits: tuple[str, ...] = ()
    suspected_spikes: tuple[str, ...] = ()
    largest_move: float = 0.0
    """Largest relative change from one close to the next, by size."""
    largest_move_at: datetime | None = None

    @property
    def completeness(self) -> float:
        """Share of the expected bars that are there."""
        return 1.0 - self.missing / self.expected if self.expected else 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Coverage:
    """One entry a trading day, shape (days,): how many bars it should have and how many it has."""

    day: TimeArray
    """datetime64[D], ascending."""
    expected: NDArray[np.int64]
    present: NDArray[np.int64]

    @property
    def share(self) -> NDArray[np.float64]:
        """Bars there over bars expected, 0 to 1; 1 on days of which nothing is expected."""
        share: NDArray[np.float64] = np.minimum(self.present / np.maximum(self.expected, 1), 1.0)
        return share


def describe_quality(found: Quality, expecting: str = "") -> tuple[str, ...]:
    """Describe the report in short lines for people; `expecting` says in words what its calendar expects, where its name does not."""
    measure = f"expecting {expecting}" if expecting else f"by the calendar {found.calendar}"
    lines = [f"{found.expected - found.missing:,} of {found.expected:,} expected bars are there ({found.completeness:.1%}), {measure}"]
    lines += [f"largest gap: {gap.bars} bars from {gap.first:%Y-%m-%d %H:%M} to {gap.last:%Y-%m-%d %H:%M}" for gap in found.gaps[:1]]
    lines += [f"{found.outside} bars lie outside trading hours"] if found.outside else []
    lines += [f"{found.flat_share:.0%} of the bars are flat (high equals low)"] if found.flat_share > 0.01 else []
    lines += ["there is no volume"] if found.silent_share == 1 else []
    lines += [f"{found.silent_share:.0%} of the bars have no volume"] if 0.01 < found.silent_share < 1 else []
    lines += [f"looks like a split that is not adjusted for: {when}" for when in found.suspected_splits]
    lines += [f"looks like a bad tick: {when}" for when in found.suspected_spikes]
    if found.largest_move_at:
        lines.append(f"largest move: {found.largest_move:+.1%} on {_format_day(found.largest_move_at)}")
    return tuple(lines)


def _format_day(moment: datetime | date) -> str:
    text = f"{moment:%Y-%m-%d %H:%M}"
    return text.removesuffix(" 00:00")
