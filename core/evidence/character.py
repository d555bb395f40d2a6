"""The character of a stretch of bars, in numbers and in sentences: what a strategy for this instrument has to live with.

Computed on the training bars only; the sentences go into the prompt. They name no date, no symbol and no price.
"""

from math import sqrt

import numpy as np

from core.domain.bars import Bars, FloatArray
from core.domain.metrics import drawdown_series, sample_daily
from core.domain.value import Value

MINIMUM_PERIODS = 60
"""Periods under which nothing is said."""


class Profile(Value):
    """Figures of the instrument itself, per trading day (or week)."""

    volatility: float
    """Annualized."""
    drift: float
    """Annualized mean log return."""
    deepest_fall: float
    trend_share: float
    """Share of periods with the close above its 100-period average."""
    autocorrelation: float
    """Of returns with the ones before: positive carries on, negative turns back."""
    variance_ratio: float
    """Variance of 10-period returns over 10 times that of one period: above 1 trends, below 1 reverts."""
    clustering: float
    """Autocorrelation of absolute returns: how much wild periods come together."""
    tail: float
    """Kurtosis of returns; 3 is normal."""
    gap_share: float
    """Share of bars that open more than 1% away from the close before."""
    range_median: float
    """Median of (high - low) / close of a bar."""
    flat_share: float
    """Share of bars without any range."""


def profile_bars(bars: Bars) -> Profile | None:
    """Profile the character of the bars; None under 60 trading days (or weeks)."""
    periods = bars.instrument.periods_per_year(bars.timeframe)
    closes = _sampled(bars, periods)
    if len(closes) < MINIMUM_PERIODS:
        return None
    returns = np.diff(np.log(closes))
    gaps = np.abs(bars.open[1:] / bars.close[:-1] - 1.0)
    return Profile(
        volatility=float(returns.std(ddof=1)) * sqrt(periods),
        drift=float(returns.mean()) * periods,
        deepest_fall=float(drawdown_series(closes, start_value=float(closes[0])).min()),
        trend_share=_trend_share(closes),
        autocorrelation=_correlation(returns[1:], returns[:-1]),
        variance_ratio=_variance_ratio(returns, 10),
        clustering=_correlation(np.abs(returns[1:]), np.abs(returns[:-1])),
        tail=_kurtosis(returns),
        gap_share=float(np.mean(gaps > 0.01)),
        range_median=float(np.median((bars.high - bars.low) / bars.close)),
        flat_share=float(np.mean(bars.high == bars.low)),
    )


def describe_profile(found: Profile) -> tuple[str, ...]:
    """Describe the profile in words, what stands out and what follows from it, for people and for the prompt."""
    told = [
        f"volatility {found.volatility:.0%} a year, a usual bar spans {found.range_median:.2%}; deepest fall {-found.deepest_fall:.0%}",
        f"log drift {found.drift:+.0%} a year; {found.trend_share:.0%} of the time above the 100-period average",
        _describe_persistence(found),
    ]
    if found.clustering > 0.15:
        told.append("volatility clusters: measure distances in ATR instead of percent")
    if found.tail > 6:
        told.append(f"fat tails (kurtosis {found.tail:.0f}): single periods decide, limit the loss of each position")
    if found.gap_share > 0.02:
        told.append(f"{found.gap_share:.0%} of the bars open with a gap over 1%: a stop may be filled well beyond its price")
    if found.flat_share > 0.02:
        told.append(f"{found.flat_share:.0%} of the bars have no range: guard divisions by high - low")
    return tuple(told)


def _describe_persistence(found: Profile) -> str:
    words = f"variance ratio over 10 periods {found.variance_ratio:.2f}, autocorrelation {found.autocorrelation:+.2f}"
    if found.variance_ratio > 1.15:
        return f"moves tend to go on ({words})"
    if found.variance_ratio < 0.85:
        return f"moves tend to turn back ({words})"
    return f"close to a random walk ({words})"


def _sampled(bars: Bars, periods: int) -> FloatArray:
    if not bars.timeframe.intraday:
        return bars.close
    return sample_daily(bars.close, bars.time, periods_per_year=periods, day_roll=bars.instrument.day_roll)


def _trend_share(closes: FloatArray) -> float:
    length = min(100, len(closes) // 2)
    average = np.convolve(closes, np.ones(length) / length, mode="valid")
    return float(np.mean(closes[length - 1 :] > average))


def _variance_ratio(returns: FloatArray, step: int) -> float:
    single = float(returns.var(ddof=1))
    sums = np.convolve(returns, np.ones(step), mode="valid")
    return float(sums.var(ddof=1)) / (step * single) if single > 1e-18 else 1.0


def _correlation(first: FloatArray, second: FloatArray) -> float:
    if first.std() < 1e-12 or second.std() < 1e-12:
        return 0.0
    return float(np.corrcoef(first, second)[0, 1])


def _kurtosis(returns: FloatArray) -> float:
    deviation = float(returns.std())
    return float(np.mean(((returns - returns.mean()) / deviation) ** 4)) if deviation > 1e-12 else 3.0
