"""One result in parts: by month, by year, by the state of the market, and over time."""

from enum import StrEnum
from math import sqrt

import numpy as np

from core.domain.bars import Bars, FloatArray, TimeArray
from core.domain.iteration import Evaluation
from core.domain.metrics import period_returns, sample_daily, sharpe
from core.domain.value import Value

TREND_PERIODS = 100
"""Periods of the average that tells a rising market from a falling one."""
VOLATILITY_PERIODS = 20
"""Periods over which the market's volatility is measured."""


class MonthReturn(Value):
    """Return of one calendar month (or of a year, with month 0), as a fraction."""

    year: int
    month: int
    value: float


class MarketState(StrEnum):
    """State of the market that a result is split by."""

    RISING = "rising"
    FALLING = "falling"
    CALM = "calm"
    USUAL = "usual"
    TURBULENT = "turbulent"


class Regime(Value):
    """Result of the strategy in one state of the market."""

    state: MarketState
    share: float
    """Part of all periods."""
    total_return: float
    sharpe: float | None
    market_return: float
    """Return of the instrument itself in the same periods."""


def monthly_returns(equity: FloatArray, time: TimeArray, *, start_value: float) -> tuple[MonthReturn, ...]:
    """Return of each calendar month in which there are bars, oldest first; the months multiply to the total return.

    >>> times = np.array(["2024-01-02", "2024-01-31", "2024-02-01"], dtype="datetime64[s]")
    >>> [(each.month, round(each.value, 3)) for each in monthly_returns(np.array([100.0, 110.0, 99.0]), times, start_value=100.0)]
    [(1, 0.1), (2, -0.1)]
    """
    return _calendar(equity, time.astype("datetime64[M]"), start_value, months=True)


def yearly_returns(equity: FloatArray, time: TimeArray, *, start_value: float) -> tuple[MonthReturn, ...]:
    """Return of each calendar year in which there are bars, oldest first, `month` being 0."""
    return _calendar(equity, time.astype("datetime64[Y]"), start_value, months=False)


def split_by_regime(evaluation: Evaluation, bars: Bars, *, start_value: float) -> tuple[Regime, ...]:
    """Split the result by trend (close above or below its 100-period average) and by volatility (thirds of the 20-period deviation).

    Each state is known on the evening before the period it is counted for. Empty with fewer than 240 periods.
    """
    periods = bars.instrument.periods_per_year(bars.timeframe)
    prices, equity = (_sampled(column, bars, periods) for column in (bars.close, evaluation.equity))
    if len(prices) < 2 * (TREND_PERIODS + VOLATILITY_PERIODS) or np.any(equity <= 0):
        return ()
    own, market = period_returns(equity, start_value=start_value), period_returns(prices, start_value=float(bars.open[0]))
    average = np.convolve(prices, np.ones(TREND_PERIODS) / TREND_PERIODS, mode="valid")[:-1]
    swings = np.lib.stride_tricks.sliding_window_view(market, VOLATILITY_PERIODS).std(axis=1)[TREND_PERIODS - VOLATILITY_PERIODS : -1]
    low, high = np.quantile(swings, [1 / 3, 2 / 3])
    rising = prices[TREND_PERIODS - 1 : -1] > average
    states = {
        MarketState.RISING: rising,
        MarketState.FALLING: ~rising,
        MarketState.CALM: swings <= low,
        MarketState.USUAL: (swings > low) & (swings <= high),
        MarketState.TURBULENT: swings > high,
    }
    return tuple(_regime(state, mask, own[TREND_PERIODS:], market[TREND_PERIODS:], periods) for state, mask in states.items())


def rolling_sharpe(returns: FloatArray, *, window: int, periods_per_year: int) -> FloatArray:
    """Annualized Sharpe ratio over the last `window` periods, shape (n,); NaN before the window is full and where nothing varied."""
    found = np.full(len(returns), np.nan)
    if window < 2 or len(returns) < window:
        return found
    views = np.lib.stride_tricks.sliding_window_view(returns, window)
    deviation = views.std(axis=1, ddof=1)
    varied = deviation > 1e-12
    found[window - 1 :] = np.where(varied, views.mean(axis=1) / np.where(varied, deviation, 1.0) * sqrt(periods_per_year), np.nan)
    return found


def _calendar(equity: FloatArray, labels: np.ndarray, start_value: float, *, months: bool) -> tuple[MonthReturn, ...]:
    if not len(equity):
        return ()
    last = np.append(labels[1:] != labels[:-1], True)
    changes = period_returns(equity[last], start_value=start_value)
    numbers = labels[last].astype("datetime64[M]").astype(int)
    return tuple(
        MonthReturn(year=1970 + int(number) // 12, month=int(number) % 12 + 1 if months else 0, value=float(change))
        for number, change in zip(numbers, changes, strict=True)
        if np.isfinite(change)
    )


def _sampled(column: FloatArray, bars: Bars, periods: int) -> FloatArray:
    if not bars.timeframe.intraday:
        return column
    return sample_daily(column, bars.time, periods_per_year=periods, day_roll=bars.instrument.day_roll)


def _regime(state: MarketState, mask: np.ndarray, own: FloatArray, market: FloatArray, periods: int) -> Regime:
    return Regime(
        state=state,
        share=float(np.mean(mask)),
        total_return=float(np.prod(1.0 + own[mask]) - 1.0),
        sharpe=sharpe(own[mask], periods_per_year=periods),
        market_return=float(np.prod(1.0 + market[mask]) - 1.0),
    )
