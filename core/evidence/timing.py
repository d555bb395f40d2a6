"""Measuring the timing of a strategy: its returns against holding its own mean exposure on the same bars.

A strategy that is long half of the time earns half of what a rising market gives to everybody. What is left when that is taken off is
what its entries and exits decided. Without any skill it is zero on average in every market, whatever its drift, so that it can be tested.
"""

from collections.abc import Sequence
from math import sqrt

import numpy as np

from core.domain.backtest import Fill
from core.domain.bars import Bars, FloatArray
from core.domain.basket import scale_fills
from core.domain.iteration import Evaluation
from core.domain.metrics import find_trading_days, period_returns, sample_daily
from core.domain.timing import Timing, TimingGap
from core.evidence.held_inside import measure_held_inside, measure_session_moves

FEWEST_DAYS = 30
LOOK_BACK = 250
"""Bars of the past that a rule may have looked at."""
FADED_ERRORS = 1.645
"""Standard errors by which the last third has to be below the rest."""
STEADY = 0.05
"""Deviation of the exposure, as a share of its mean, under which it is the same all the time."""


def time_account(account: Evaluation, bars: Bars, *, cash: float) -> Timing:
    """Measure the timing of an evaluated account, which began with `cash`, on the bars that it ran on."""
    fills, others = account.fills, account.other_positions_per_unit
    if account.paid is not None:
        scale = account.paid.scale
        fills = tuple(fill.changed(size=fill.size * float(scale[fill.bar])) for fill in fills)
    elif bars.members:  # fills of a basket are those of its members' own accounts
        fills, _ = scale_fills(fills, (), bars.members)
    return measure_timing(account.equity, account.position_per_unit, bars, cash=cash, others=others, fills=fills)


def measure_timing(
    equity: FloatArray, position: FloatArray, bars: Bars, *, cash: float, others: Sequence[FloatArray] = (), fills: Sequence[Fill] = ()
) -> Timing:
    """Measure the timing of one try; `equity` and `position` have one entry a bar. Days are the unit (weeks for weekly bars).

    `others` are the positions in further instruments of the bars; each is held against its own mean exposure. The mean exposure
    is that of the very bars it is held against, so a rule that looks back at them seems skilled or unskilled without
    being either: one that buys after falls, skilled. The covariance of exposure and past returns says by how much, and is taken off.
    Source of that bias: Stambaugh, Predictive Regressions (Journal of Financial Economics, 1999). `fills`, on the scale of the
    positions, tell what was held between the closes.
    """
    traded = list(zip((position, *others), bars.instruments, strict=False))
    names = ["", *(one.instrument.symbol for one in bars.others)]
    gap = _find_gap(equity, traded, bars, cash, fills)
    if gap is not None:
        return Timing(gap=gap)
    before = np.concatenate(([cash], equity[:-1]))
    timed, mean, bias = equity / before - 1.0, 0.0, 0.0
    for place, (held_units, one) in enumerate(traded):
        market = np.concatenate(([0.0], np.diff(one.close) / one.close[:-1]))
        exposure = np.concatenate(([0.0], held_units[:-1] * one.close[:-1])) / before
        share = float(exposure.mean())
        timed = timed - share * market
        bias += _measure_bias(exposure - share, market)
        own = [fill for fill in fills if names.index(fill.instrument) == place]
        inside = measure_held_inside(own, held_units, one, before)
        if inside is not None:
            timed = timed - (inside - share) * measure_session_moves(one)
            share = inside
        mean += share
    days = _sum_days(timed, bars)
    if len(days) < FEWEST_DAYS:
        return Timing(gap=TimingGap.TOO_SHORT)
    returns = period_returns(sample_days(equity, bars), start_value=cash)
    deviation, spread = float(returns.std(ddof=1)), float(days.std(ddof=1))
    if deviation < 1e-12 or spread < 1e-12:
        return Timing(gap=TimingGap.ALWAYS_HELD)
    count, periods = len(days), bars.instrument.periods_per_year(bars.timeframe)
    bias /= count
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


def _find_gap(
    equity: FloatArray, traded: Sequence[tuple[FloatArray, Bars]], bars: Bars, cash: float, fills: Sequence[Fill]
) -> TimingGap | None:
    if len(equity) < FEWEST_DAYS or len(equity) != len(bars):
        return TimingGap.TOO_SHORT
    if cash <= 0 or bool(np.any(equity <= 0)):
        return TimingGap.RUINED
    if bars.others and len(traded) == 1 and _holds_others(equity, traded[0][0], bars, cash):
        return TimingGap.SEVERAL_TRADED
    units = np.array([held for held, _ in traded])
    begun = np.flatnonzero(np.any(units != 0, axis=0))
    if not len(begun) or begun[0] >= len(equity) - 1:
        return None if any(fill.bar < len(equity) - 1 for fill in fills) else TimingGap.NEVER_HELD
    since = units[:, begun[0] :]
    if np.count_nonzero(np.diff(np.sign(since), axis=1)):
        return None
    shares = since * np.array([one.close[begun[0] :] for _, one in traded]) / equity[begun[0] :]
    steady = bool(np.all(shares.std(axis=1) <= STEADY * np.abs(shares.mean(axis=1))))
    return TimingGap.ALWAYS_HELD if steady or bool(np.all(since == since[:, :1])) else None


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


def sample_days(curve: FloatArray, bars: Bars) -> FloatArray:
    """Sample a column of the bars, or a curve on them, at the end of each trading day (or week); shape (periods,)."""
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
    return period_returns(sample_days(equity, bars), start_value=cash)
