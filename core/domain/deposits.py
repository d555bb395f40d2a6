"""Money that is paid into an account while a run goes on: when, how much, and what the account is worth per unit.

A deposit is a flow, not a profit. As a fund does it, each one buys units at the account's value per unit just before it; the value per
unit, scaled to the cash of the start, is the account weighted by time, from which every return, ratio and drawdown is taken.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING

from pydantic import Field

from core.domain.value import Value

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from core.domain.bars import FloatArray, TimeArray

LARGEST_GROWTH = 60.0
"""Logarithm of the largest growth that a rate is looked for in."""
_MONDAY = 3
"""Days by which 1970-01-01, a Thursday, lies after the Monday of its week."""


class Rhythm(StrEnum):
    """Rhythm of a deposit: it is paid in at the close of the first bar of each new one, never on the first bar of the run."""

    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    YEARLY = "yearly"

    @property
    def period(self) -> str:
        """The stretch of time that it is paid once in.

        >>> [each.period for each in Rhythm]
        ['week', 'month', 'quarter', 'year']
        """
        return self.value.removesuffix("ly")


class Deposit(Value):
    """An amount that is paid in again and again."""

    amount: float = Field(gt=0, le=1e12)
    """Account currency."""
    every: Rhythm


def is_empty(value: object) -> bool:
    """True for what is left out of documents where nothing is paid in: they are then what they always were."""
    return value is None or value == ()


def describe_deposits(deposits: Sequence[Deposit]) -> str:
    """Describe deposits in words; empty without any.

    >>> describe_deposits([Deposit(amount=500, every=Rhythm.MONTHLY), Deposit(amount=2000, every=Rhythm.YEARLY)])
    '500 paid in each month and 2,000 each year'
    """
    parts = [f"{one.amount:,.12g}{'' if place else ' paid in'} each {one.every.period}" for place, one in enumerate(deposits)]
    return " and ".join(parts)


def find_deposits(time: "TimeArray", deposits: Sequence[Deposit], *, before: "TimeArray | None" = None) -> "FloatArray":
    """Find what is paid in at the close of each bar, shape (n,), account currency; `before` are bars right before the first one.

    Days, weeks (from Monday), months and years are those of the bars' own clock.

    >>> import numpy as np
    >>> days = np.array(["2024-01-30", "2024-01-31", "2024-02-01", "2024-02-02", "2024-03-04"], dtype="datetime64[s]")
    >>> find_deposits(days, [Deposit(amount=500, every=Rhythm.MONTHLY)]).tolist()
    [0.0, 0.0, 500.0, 0.0, 500.0]
    """
    import numpy as np

    whole = time if before is None else np.concatenate((before[-1:], time))
    days = whole.astype("datetime64[D]")
    months = days.astype("datetime64[M]").astype(np.int64)
    periods = {
        Rhythm.WEEKLY: (days.astype(np.int64) + _MONDAY) // 7,
        Rhythm.MONTHLY: months,
        Rhythm.QUARTERLY: months // 3,
        Rhythm.YEARLY: months // 12,
    }
    paid: FloatArray = np.zeros(len(whole))
    for one in deposits:
        paid[1:] += np.where(np.diff(periods[one.every]) != 0, one.amount, 0.0)
    return paid[len(whole) - len(time) :]


class DepositCalendar:
    """Tells, bar after bar and from nothing but the days of the bars so far, what is paid in: the same as `find_deposits`."""

    def __init__(self, deposits: Sequence[Deposit]) -> None:
        self._deposits = tuple(deposits)
        self._day = 0
        self._periods: tuple[int, ...] = ()

    def find_amount(self, day: int) -> float:
        """Find what is paid in on a bar of a day (proleptic Gregorian ordinal), which is asked for once for each bar.

        >>> calendar = DepositCalendar([Deposit(amount=500, every=Rhythm.MONTHLY)])
        >>> [calendar.find_amount(date(2024, month, day).toordinal()) for month, day in ((1, 31), (2, 1), (2, 2), (4, 2))]
        [0.0, 500.0, 0.0, 500.0]
        """
        if day == self._day:
            return 0.0
        before, self._day = self._periods, day
        self._periods = tuple(_number_period(day, one.every) for one in self._deposits)
        if not before:
            return 0.0
        paid = 0.0
        for one, old, new in zip(self._deposits, before, self._periods, strict=True):
            if old != new:
                paid += one.amount  # one after the other, as `find_deposits` does: `sum` rounds otherwise from Python 3.12 on
        return paid


def _number_period(day: int, every: Rhythm) -> int:
    if every is Rhythm.WEEKLY:
        return (day - 1) // 7  # day 1 is a Monday
    found = date.fromordinal(day)
    month = found.year * 12 + found.month - 1
    return month // {Rhythm.MONTHLY: 1, Rhythm.QUARTERLY: 3, Rhythm.YEARLY: 12}[every]


@dataclass(frozen=True, slots=True)
class PaidAccount:
    """An account that is paid into, in money; both columns have shape (n,), account currency."""

    value: "FloatArray"
    """Worth of the account at each close, with what is paid in there."""
    paid_in: "FloatArray"
    """Amount that is paid in at each close."""
    start: float
    """Worth of the account before the first bar."""

    @property
    def scale(self) -> "FloatArray":
        """Value per unit as a fraction of the account's worth at each close, shape (n,): 1 until the first deposit.

        An account that is worth nothing when money comes has lost its units for good: 0 from there on.
        """
        import numpy as np

        bars = np.flatnonzero(self.paid_in).astype(np.int64)
        return spread_scale(bars, count_scale(self.value[bars], self.paid_in[bars]), np.arange(len(self.value), dtype=np.int64))

    @property
    def unit_value(self) -> "FloatArray":
        """Value per unit at each close, shape (n,), scaled to what the account began with.

        >>> import numpy as np
        >>> PaidAccount(np.array([100.0, 220.0, 110.0]), np.array([0.0, 110.0, 0.0]), 100.0).unit_value.round(9).tolist()
        [100.0, 110.0, 55.0]
        """
        unit: FloatArray = self.value * self.scale
        return unit

    def cut(self, first: int, stop: int) -> "PaidAccount":
        """The account from bar `first` to bar `stop - 1`, which begins with what it was worth before."""
        start = float(self.value[first - 1]) if first else self.start
        return PaidAccount(self.value[first:stop], self.paid_in[first:stop], start)


def count_scale(values: "FloatArray", amounts: "FloatArray") -> "FloatArray":
    """Scale of the value per unit from each deposit on: `values` are the account's worth there, with the `amounts` in it."""
    import numpy as np

    kept = np.where(values > 0, np.maximum(values - amounts, 0.0) / np.where(values > 0, values, 1.0), 0.0)
    scale: FloatArray = np.cumprod(kept).astype(np.float64)
    return scale


def spread_scale(deposits: "NDArray[np.int64]", scale: "FloatArray", bars: "NDArray[np.int64]") -> "FloatArray":
    """Spread scales that hold from each deposit's bar on over `bars`; 1 before the first."""
    import numpy as np

    spread: FloatArray = np.concatenate(([1.0], scale))[np.searchsorted(deposits, bars, side="right")]
    return spread


def pay_into(curve: "FloatArray", paid_in: "FloatArray", start: float) -> PaidAccount:
    """Pay into an account of which only the value per unit is known: what the deposits would have become in it, without further costs.

    >>> import numpy as np
    >>> pay_into(np.array([100.0, 110.0, 55.0]), np.array([0.0, 110.0, 0.0]), 100.0).value.round(9).tolist()
    [100.0, 220.0, 110.0]
    """
    import numpy as np

    units, stops = 1.0, [*np.flatnonzero(paid_in).tolist(), len(curve)]
    value = np.array(curve, dtype=np.float64)
    for bar, stop in pairwise(stops):
        if curve[bar] > 0:
            units += float(paid_in[bar]) / float(curve[bar])
        value[bar:stop] = curve[bar:stop] * units
    return PaidAccount(value, paid_in, start)


def money_weighted(paid: PaidAccount, years: "FloatArray") -> float | None:
    """Yearly rate at which all that the account was given would have grown to what it is worth at the end (internal rate of return).

    -1 for a ruined account; None when no rate leads there, or a short run extrapolates beyond any number. Without deposits it is the
    growth a year.
    Source: CFA Institute, GIPS Standards Handbook, money-weighted return.

    >>> import numpy as np
    >>> account = PaidAccount(np.array([100.0, 220.0, 242.0]), np.array([0.0, 110.0, 0.0]), 100.0)
    >>> round(money_weighted(account, np.array([0.0, 1.0, 2.0])), 9)
    0.1
    """
    import numpy as np

    final, end = float(paid.value[-1]), float(years[-1])
    bars = np.flatnonzero(paid.paid_in)
    amounts, rests = np.append(paid.start, paid.paid_in[bars]), end - np.append(0.0, years[bars])
    if final <= 0:
        return -1.0
    if final <= float(amounts[rests <= 0].sum()):
        return None
    low, high, middle = -LARGEST_GROWTH / end, LARGEST_GROWTH / end, 0.0
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (low, middle) if float(np.sum(amounts * np.exp(middle * rests))) > final else (middle, high)
    inside = abs(middle) < 0.999 * LARGEST_GROWTH * min(1.0, 1.0 / end)
    return float(np.expm1(middle)) if inside else None
