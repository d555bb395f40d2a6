"""Splits and dividends: read out of the adjustment factor, and applied to prices and volume so that they never look like signals."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

import numpy as np

from core.domain.bars import FloatArray
from core.market.price_series import PriceSeries

MIN_SPLIT_STEP = 1.2
"""Steps of the factor from here on (or below its inverse) may be a split; the largest special dividends stay under it."""
MIN_DIVIDEND_STEP = 5e-4
"""Relative steps of the factor below this are rounding, not a dividend."""


class ActionKind(StrEnum):
    """Kind of a corporate action."""

    SPLIT = "split"
    DIVIDEND = "dividend"


@dataclass(frozen=True, slots=True)
class CorporateAction:
    """A corporate action on its ex-date: a split (`value` new shares for one old) or a dividend (`value` in currency for each share)."""

    day: date
    kind: ActionKind
    value: float

    @property
    def is_split(self) -> bool:
        """True for a split, False for a dividend."""
        return self.kind is ActionKind.SPLIT

    def __str__(self) -> str:
        if self.is_split:
            ratio = Fraction(self.value).limit_denominator(50)
            return f"{ratio.numerator}-for-{ratio.denominator} split on {self.day}"
        return f"dividend of {self.value:.4g} on {self.day}"


def find_corporate_actions(series: PriceSeries) -> tuple[CorporateAction, ...]:
    """Splits and dividends that the adjustment factor tells of, oldest first."""
    found = []
    steps = factor_steps(series)
    splits = _split_ratios(steps)
    for index in np.nonzero(np.abs(steps - 1) > MIN_DIVIDEND_STEP)[0]:
        day = series.time[index].astype("datetime64[D]").item()
        if splits[index] != 1:
            found.append(CorporateAction(day, ActionKind.SPLIT, float(splits[index])))
        rest = steps[index] / splits[index]
        if rest - 1 > MIN_DIVIDEND_STEP:
            before = float(series.close[index - 1]) / float(splits[index])
            found.append(CorporateAction(day, ActionKind.DIVIDEND, before * (1 - 1 / float(rest))))
    return tuple(found)


def adjust_series(series: PriceSeries, *, as_of: int = -1) -> PriceSeries:
    """Prices as they compare with those of bar `as_of`, volume in the shares of that day; the factor of the result is 1.

    At that bar a price is what was traded. Dividends leave volume alone. What a dividend or split after that bar will do to the
    source's own adjusted prices is not known there yet, and is in none of these.
    """
    if not len(series) or (series.factor == series.factor[as_of]).all():
        return series.with_factor(np.ones(len(series)))
    shares = np.cumprod(_split_ratios(factor_steps(series))[::-1])[::-1]
    later_splits = np.append(shares[1:], 1.0)
    factor = series.factor / series.factor[as_of]
    open_, high, low, close = (column * factor for column in (series.open, series.high, series.low, series.close))
    return PriceSeries(series.time, open_, high, low, close, series.volume * (later_splits / later_splits[as_of]), np.ones(len(series)))


def factor_steps(series: PriceSeries) -> FloatArray:
    """Factor of each bar over the one before, shape (n,); 1 on the first bar."""
    steps = np.ones(len(series))
    if len(series) > 1:
        steps[1:] = series.factor[1:] / series.factor[:-1]
    return steps


def _split_ratios(steps: FloatArray) -> FloatArray:
    """New shares for one old on each bar, 1 where nothing was split."""
    ratios = np.ones(len(steps))
    for index in np.nonzero((steps >= MIN_SPLIT_STEP) | (steps <= 1 / MIN_SPLIT_STEP))[0]:
        ratios[index] = _nearest_ratio(float(steps[index]))
    return ratios


def _nearest_ratio(step: float) -> float:
    """The step as a ratio of small whole numbers when it is one within 3 percent (a dividend may fall on the same day)."""
    large = max(step, 1 / step)
    ratio = Fraction(large).limit_denominator(1 if large > 5 else 2 if large > 1.45 else 5)
    nearest = float(ratio) if abs(float(ratio) / large - 1) < 0.03 else large
    return nearest if step > 1 else 1 / nearest
