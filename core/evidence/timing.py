"""Measuring the timing of a strategy: its returns against holding its own mean exposure on the same bars.

A strategy that is long half of the time earns half of what a rising market gives to everybody. What is left when that is taken off is
what its entries and exits decided. Without any skill it is zero on average in every market, whatever its drift, so that it can be tested.
"""

from math import sqrt

import numpy as np

from core.domain.bars import Bars, FloatArray
from core.domain.metrics import find_trading_days, period_returns, sample_daily
from core.domain.timing import Timing, TimingGap

FEWEST_DAYS = 30
LOOK_BACK = 250
"""Bars of the past that a rule may have looked at."""
FADED_ERRORS = 1.645
"""Standard errors by which the last third has to be below the rest."""
STEADY = 0.05
"""Deviation of the exposure, as a share of its mean, under which it is the same all the time."""


def measure_timing(equity: FloatArray, position: FloatArray, bars: Bars, *, cash: float) -> Timing:
    """Measure the timing of one try; `equity` and `position` have one entry a bar. Days are the unit (weeks for weekly bars).

    The mean exposure is that of the very bars it is held against, so a rule that looks back at them seems skilled or unskilled without
    being either: one that buys after falls, skilled. The covariance of exposure and past returns says by how much, and is taken off.
    Source of that bias: Stambaugh, Predictive Regressions (Journal of Financial Economics, 1999).
    """
    gap = _find_gap(equity, position, bars, cash)
    if gap is not None:
        return Timing(gap=gap)
    before = np.concatenate(([cash], equity[:-1]))
    market = np.concatenate(([0.0], np.diff(bars.close) / bars.close[:-1]))
    exposure = np.concatenate(([0.0], position[:-1] * bars.close[:-1])) / before
    mean = float(exposure.mean())
    timed = equity / before - 1.0 - mean * market
    days = _sum_days(timed, bars)
    returns = period_returns(_sample(equity, bars), start_value=cash)
    deviation, spread = float(returns.std(ddof=1)), float(days.std(ddof=1))
    if len(days) < FEWEST_DAYS:
        return Timing(gap=TimingGap.TOO_SHORT)
    if deviation < 1e-12 or spread < 1e-12:
        return Timing(gap=TimingGap.ALWAYS_HELD)
    count, periods = len(days), bars.instrument.periods_per_year(bars.timeframe)
    bias = _measure_bias(exposure - mean, market) / count
    annual = sqrt(periods) / deviation
    held = float(returns.mean() - days.mean()) * annual
    return Timing(
        z=float(days.mean() + bias) / spread * sqrt(count),
        exposure=mean,
        held=held,
        base=held - bias * annual,
        spread=spread / sqrt(count) * annual,
        days=count,
        faded=has_faded(days),
    )


def has_faded(gains: FloatArray, *, fewest: int = FEWEST_DAYS) -> bool:
    """True when the rest of `gains` (of days, or of trades) shows an edge, and the last third none and clearly less.

    >>> has_faded(np.tile([0.02, -0.01], 60)), has_faded(np.concatenate((np.tile([0.02, -0.01], 40), np.tile([0.01, -0.02], 20))))
    (False, True)
    """
    cut = len(gains) - len(gains) // 3
    rest, last = gains[:cut], gains[cut:]
    if len(last) < 2 or len(gains) < fewest:
        return False
    errors = [float(part.var(ddof=1)) / len(part) for part in (rest, last)]
    apart = sqrt(sum(errors))
    if apart < 1e-12:
        return False
    had = float(rest.mean()) > sqrt(errors[0])
    return had and float(last.mean()) <= 0.0 and float(rest.mean() - last.mean()) > FADED_ERRORS * apart


def _find_gap(equity: FloatArray, position: FloatArray, bars: Bars, cash: float) -> TimingGap | None:
    if len(equity) < FEWEST_DAYS or len(equity) != len(bars):
        return TimingGap.TOO_SHORT
    if cash <= 0 or bool(np.any(equity <= 0)):
        return TimingGap.RUINED
    if bars.others and _holds_others(equity, position, bars, cash):
        return TimingGap.SEVERAL_TRADED
    held = np.flatnonzero(position)
    if not len(held) or held[0] >= len(position) - 1:
        return TimingGap.NEVER_HELD
    since = position[held[0] :]
    if np.count_nonzero(np.diff(np.sign(since))):
        return None
    share = since * bars.close[held[0] :] / equity[held[0] :]
    steady = float(share.std()) < STEADY * abs(float(share.mean())) or bool(np.all(since == since[0]))
    return TimingGap.ALWAYS_HELD if steady else None


def _holds_others(equity: FloatArray, position: FloatArray, bars: Bars, cash: float) -> bool:
    """True when the account moves on bars on which neither the first instrument nor a change of its position explains it."""
    kept = np.diff(position) == 0
    unexplained = np.diff(equity) - position[:-1] * np.diff(bars.close)
    return bool(np.any(np.abs(unexplained[kept]) > 1e-6 * cash))


def _measure_bias(away: FloatArray, market: FloatArray) -> float:
    """Covariance of the exposure with the sum of the market's returns in the look-back before each bar."""
    total = np.concatenate(([0.0], np.cumsum(market)))
    at = np.arange(len(market))
    past = total[at] - total[np.maximum(at - LOOK_BACK, 0)]
    return float((away * (past - past.mean())).mean())


def _sample(curve: FloatArray, bars: Bars) -> FloatArray:
    if not bars.timeframe.intraday:
        return curve
    periods = bars.instrument.periods_per_year(bars.timeframe)
    return sample_daily(curve, bars.time, periods_per_year=periods, day_roll=bars.instrument.day_roll)


def _sum_days(column: FloatArray, bars: Bars) -> FloatArray:
    """Sums of a column over each trading day; the column itself where a bar is a day or a week."""
    if not bars.timeframe.intraday:
        return column
    periods = bars.instrument.periods_per_year(bars.timeframe)
    days = find_trading_days(bars.time, periods_per_year=periods, day_roll=bars.instrument.day_roll)
    starts = np.flatnonzero(np.concatenate(([True], days[1:] != days[:-1])))
    sums: FloatArray = np.add.reduceat(column, starts)
    return sums


def sample_returns(equity: FloatArray, bars: Bars, *, cash: float) -> FloatArray:
    """Sample the returns of a curve per trading day (or week), the first against the cash; shape (days,)."""
    return period_returns(_sample(equity, bars), start_value=cash)
