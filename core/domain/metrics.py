"""Performance figures as pure functions of an equity curve, its trades and its fills.

Here: one small function per figure, and `compute_metrics`, which puts them together. Not here: whether a figure is luck
(`core.evidence`), and what the loop maximizes (`core.evidence.scoring.score`).

Three rules hold for every figure. Returns are taken from the account's value at the close of each trading day (each week
for weekly bars): a minute curve is sampled at the day's last bar first, so nothing is ever multiplied up from minutes. The
first return is against the starting cash. A figure that would be an artifact of the arithmetic (no variance, no losing
day, a ruined account) is None.
"""

from collections.abc import Sequence
from math import isfinite, sqrt

import numpy as np

from core.domain.backtest import Fill, Trade
from core.domain.bars import FloatArray, TimeArray
from core.domain.deposits import PaidAccount, money_weighted
from core.domain.metric_values import Metrics

__all__ = [
    "LARGEST_PERIOD_RATIO",
    "SMALLEST_DEVIATION",
    "SUNDAY_OPEN",
    "Metrics",
    "cagr",
    "calmar",
    "compute_metrics",
    "costs",
    "count_years",
    "drawdown_series",
    "expectancy",
    "exposure",
    "find_trading_days",
    "kurtosis",
    "longest_drawdown",
    "max_drawdown",
    "period_returns",
    "profit_factor",
    "sample_daily",
    "select_closed_profits",
    "sharpe",
    "skewness",
    "sortino",
    "total_return",
    "turnover",
    "volatility",
    "win_rate",
]

SMALLEST_DEVIATION = 1e-12
"""Per-period dispersion under which returns are rounding noise, not a strategy (one share in a million is about 1e-9)."""
LARGEST_PERIOD_RATIO = 5.0
"""A mean this many times its own deviation is a constant drip (a fee on every bar), not a ratio (5 a day would be a Sharpe ratio of 79)."""
SUNDAY_OPEN = 12
"""Hour from which a weekend session belongs to Monday (currencies and futures open on Sunday evening)."""


@np.errstate(over="ignore", invalid="ignore", divide="ignore")
def compute_metrics(
    equity: FloatArray,
    *,
    start_value: float,
    position: FloatArray,
    trades: Sequence[Trade],
    fills: Sequence[Fill],
    time: TimeArray,
    periods_per_year: int,
    intraday: bool,
    day_roll: int = 0,
    paid: PaidAccount | None = None,
) -> Metrics:
    """Compute all figures of one run.

    `equity`, `position` and `time` have shape (n,), one entry a bar; `equity` is finite and in account currency.
    Of an account that is paid into, `equity` is its value per unit and `paid` its money.
    `day_roll` is the minute at which the next trading day begins (`Instrument.day_roll`), 0 for midnight.
    Raises ValueError when the shapes differ or a value is not finite.
    """
    _check(equity, position, time, start_value)
    if not len(equity):
        return Metrics(total_return=0.0, final_value=start_value)
    daily = sample_daily(equity, time, periods_per_year=periods_per_year, day_roll=day_roll) if intraday else equity
    returns = period_returns(daily, start_value=start_value)
    ruined = bool(np.any(equity <= 0))
    usable = np.empty(0) if ruined or not np.all(np.isfinite(returns)) else returns
    drawdown = max_drawdown(equity, start_value=start_value)
    growth = -1.0 if ruined else cagr(daily, start_value=start_value, periods_per_year=periods_per_year)
    years = len(returns) / periods_per_year
    return Metrics(
        total_return=total_return(equity, start_value=start_value),
        cagr=growth,
        volatility=volatility(usable, periods_per_year=periods_per_year),
        sharpe=sharpe(usable, periods_per_year=periods_per_year),
        sortino=sortino(usable, periods_per_year=periods_per_year),
        calmar=None if ruined else calmar(growth, drawdown),
        max_drawdown=drawdown,
        max_drawdown_days=float(longest_drawdown(daily, start_value=start_value)),
        exposure=exposure(position),
        trades=sum(trade.exit_bar is not None for trade in trades),
        win_rate=win_rate(trades),
        profit_factor=profit_factor(trades),
        expectancy=expectancy(trades),
        turnover=turnover(fills, equity if paid is None else paid.value, years=years),
        costs=costs(fills),
        final_value=float(equity[-1] if paid is None else paid.value[-1]),
        paid_in=None if paid is None else float(paid.paid_in.sum()),
        profit=None if paid is None else float(paid.value[-1] - paid.start - paid.paid_in.sum()),
        money_weighted=None if paid is None else money_weighted(paid, count_years(time, intraday, periods_per_year, day_roll)),
        bars=len(equity),
        periods=len(returns),
        years=years,
        skew=skewness(usable),
        kurtosis=kurtosis(usable),
    )


def count_years(time: TimeArray, intraday: bool, periods_per_year: int, day_roll: int) -> FloatArray:
    """Count the years that are over at each bar's close, shape (n,), by the same periods as growth a year."""
    if not intraday:
        return np.arange(1, len(time) + 1) / periods_per_year
    days = find_trading_days(time, periods_per_year=periods_per_year, day_roll=day_roll)
    years: FloatArray = np.cumsum(np.append(True, days[1:] != days[:-1])) / periods_per_year
    return years


def sample_daily(equity: FloatArray, time: TimeArray, *, periods_per_year: int, day_roll: int = 0) -> FloatArray:
    """The account's value at the last bar of each trading day; `time` is exchange-local wall time, oldest first.

    >>> times = np.array(["2024-01-02T09:30", "2024-01-02T15:59", "2024-01-03T09:30"], dtype="datetime64[s]")
    >>> sample_daily(np.array([100.0, 101.0, 102.0]), times, periods_per_year=252).tolist()
    [101.0, 102.0]
    """
    days = find_trading_days(time, periods_per_year=periods_per_year, day_roll=day_roll)
    last = np.append(days[1:] != days[:-1], True)
    sampled: FloatArray = equity[last]
    return sampled


def find_trading_days(time: TimeArray, *, periods_per_year: int, day_roll: int = 0) -> TimeArray:
    """Find the trading day that each bar belongs to, datetime64[D] of shape (n,).

    Bars from minute `day_roll` on belong to the next day. A weekend session that opens at noon or later belongs to the next
    Monday, unless the instrument trades on all days.

    >>> sunday = np.array(["2024-01-05T16:00", "2024-01-07T17:00", "2024-01-08T09:00"], dtype="datetime64[s]")
    >>> [str(day) for day in find_trading_days(sunday, periods_per_year=260)]
    ['2024-01-05', '2024-01-08', '2024-01-08']
    """
    days = (time + np.timedelta64((1_440 - day_roll) % 1_440, "m")).astype("datetime64[D]")
    begins = np.flatnonzero(np.append(True, days[1:] != days[:-1])) if len(days) else np.zeros(0, dtype=np.intp)
    if periods_per_year > 300 or np.is_busday(days[begins]).all():
        return days
    hours = (time - days).astype("timedelta64[h]").astype(int)
    late = ~np.is_busday(days) & ((hours >= SUNDAY_OPEN) | (day_roll > 0))
    return np.where(late, np.busday_offset(days, 0, roll="forward"), days)


def period_returns(equity: FloatArray, *, start_value: float) -> FloatArray:
    """Simple return of each period, the first against the starting cash; shape (n,). NaN or infinite after a value of zero.

    >>> period_returns(np.array([110.0, 99.0]), start_value=100.0).round(6).tolist()
    [0.1, -0.1]
    """
    before = np.concatenate(([start_value], equity[:-1]))
    with np.errstate(divide="ignore", invalid="ignore"):
        changes: FloatArray = equity / before - 1.0
    return changes


def total_return(equity: FloatArray, *, start_value: float) -> float:
    """Gain over the whole run as a fraction of the starting cash; below -1 when more than everything was lost.

    >>> round(total_return(np.array([100.0, 150.0]), start_value=100.0), 6)
    0.5
    """
    return float(equity[-1] / start_value - 1.0) if len(equity) else 0.0


def cagr(equity: FloatArray, *, start_value: float, periods_per_year: int) -> float | None:
    """Compound annual growth rate: `(final / start) ** (periods_per_year / n) - 1`; -1 for a ruined account.

    None without periods, or when a short run extrapolates beyond any number.
    Source: CFA Institute, GIPS Standards Handbook, annualized return.

    >>> round(cagr(np.full(252, 121.0), start_value=100.0, periods_per_year=126), 6)
    0.1
    """
    if not len(equity):
        return None
    if equity[-1] <= 0:
        return -1.0
    try:
        growth = float(equity[-1] / start_value) ** (periods_per_year / len(equity)) - 1.0
    except OverflowError:
        return None
    return growth if isfinite(growth) else None


def volatility(returns: FloatArray, *, periods_per_year: int) -> float | None:
    """Sample standard deviation of period returns times the root of the periods a year; None under two periods.

    >>> round(volatility(np.array([0.01, -0.01, 0.01, -0.01]), periods_per_year=252), 6)
    0.183303
    """
    if len(returns) < 2:
        return None
    return _finite(float(np.std(returns, ddof=1)) * sqrt(periods_per_year))


def sharpe(returns: FloatArray, *, periods_per_year: int) -> float | None:
    """Mean return over its sample standard deviation, annualized by the root of the periods a year; no risk-free rate.

    None under two periods or when the returns hardly vary.
    Source: Sharpe, The Sharpe Ratio (Journal of Portfolio Management, 1994); scaling as in Lo, The Statistics of Sharpe Ratios (2002).

    >>> round(sharpe(np.array([0.02, -0.01, 0.02, -0.01]), periods_per_year=252), 6)
    4.582576
    """
    if len(returns) < 2:
        return None
    return _ratio(float(np.mean(returns)), float(np.std(returns, ddof=1)), periods_per_year)


def sortino(returns: FloatArray, *, periods_per_year: int) -> float | None:
    """Mean return over its downside deviation against zero (root mean square of losses over *all* periods), annualized.

    None under two periods or when (almost) nothing was lost.
    Source: Sortino and Price, Performance Measurement in a Downside Risk Framework (Journal of Investing, 1994).

    >>> round(sortino(np.array([0.02, -0.01, 0.02, -0.01]), periods_per_year=252), 6)
    11.224972
    """
    if len(returns) < 2:
        return None
    downside = float(np.sqrt(np.mean(np.minimum(returns, 0.0) ** 2)))
    return _ratio(float(np.mean(returns)), downside, periods_per_year)


def calmar(growth: float | None, drawdown: float) -> float | None:
    """Compound annual growth over the depth of the deepest drawdown; None without a drawdown.

    Source: Young, Calmar Ratio: A Smoother Tool (Futures, 1991), over the whole run instead of 36 months.

    >>> calmar(0.2, -0.1)
    2.0
    """
    if growth is None or drawdown > -SMALLEST_DEVIATION:
        return None
    return _finite(growth / abs(drawdown))


def drawdown_series(equity: FloatArray, *, start_value: float) -> FloatArray:
    """Fall from the highest value so far (the starting cash included) as a fraction <= 0; shape (n,).

    Source: Magdon-Ismail and Atiya, Maximum Drawdown (Risk, 2004).

    >>> drawdown_series(np.array([90.0, 120.0, 60.0]), start_value=100.0).round(6).tolist()
    [-0.1, 0.0, -0.5]
    """
    peaks = np.maximum.accumulate(np.concatenate(([start_value], equity)))[1:]
    falls: FloatArray = np.minimum(equity / peaks - 1.0, 0.0)
    return falls


def max_drawdown(equity: FloatArray, *, start_value: float) -> float:
    """Deepest fall from a peak, measured on every bar (not only at day ends); below -1 when more than everything was lost.

    >>> round(max_drawdown(np.array([90.0, 120.0, 60.0]), start_value=100.0), 6)
    -0.5
    """
    return float(drawdown_series(equity, start_value=start_value).min()) if len(equity) else 0.0


def longest_drawdown(equity: FloatArray, *, start_value: float) -> int:
    """Most periods in a row that ended below an earlier peak, the last ones included even when they never recover.

    >>> longest_drawdown(np.array([100.0, 99.0, 98.0, 101.0, 100.0]), start_value=100.0)
    2
    """
    below = drawdown_series(equity, start_value=start_value) < -SMALLEST_DEVIATION  # less is rounding, not a fall
    reset = np.where(~below, np.arange(1, len(below) + 1), 0)
    runs = np.arange(1, len(below) + 1) - np.maximum.accumulate(reset) if len(below) else np.zeros(1, dtype=int)
    return int(runs.max())


def exposure(position: FloatArray) -> float:
    """Fraction of bars with a position at the close, long or short.

    >>> exposure(np.array([0.0, 1.0, -1.0, 0.0]))
    0.5
    """
    return float(np.mean(position != 0)) if len(position) else 0.0


def win_rate(trades: Sequence[Trade]) -> float | None:
    """Share of closed trades with a profit after commission (break-even is no win); None without closed trades.

    >>> trade = Trade(entry_bar=1, exit_bar=2, size=1, entry_price=10, exit_price=12, profit=2, commission=0)
    >>> win_rate([trade, trade.changed(profit=-1.0)])
    0.5
    """
    profits = select_closed_profits(trades)
    return float(np.mean(profits > 0)) if len(profits) else None


def profit_factor(trades: Sequence[Trade]) -> float | None:
    """Money won over money lost, closed trades after commission; None when nothing was lost.

    >>> trade = Trade(entry_bar=1, exit_bar=2, size=1, entry_price=10, exit_price=12, profit=2, commission=0)
    >>> profit_factor([trade, trade.changed(profit=-1.0)])
    2.0
    """
    profits = select_closed_profits(trades)
    lost = -float(profits[profits < 0].sum())
    return _finite(float(profits[profits > 0].sum()) / lost) if lost > 0 else None


def expectancy(trades: Sequence[Trade]) -> float | None:
    """Mean profit of a closed trade, account currency after commission; None without closed trades.

    >>> trade = Trade(entry_bar=1, exit_bar=2, size=1, entry_price=10, exit_price=12, profit=2, commission=0)
    >>> expectancy([trade, trade.changed(profit=-1.0)])
    0.5
    """
    profits = select_closed_profits(trades)
    return float(np.mean(profits)) if len(profits) else None


def turnover(fills: Sequence[Fill], equity: FloatArray, *, years: float) -> float:
    """Traded value a year, buys and sells added, as a multiple of mean equity; 0 when mean equity is not positive.

    >>> fills = [Fill(order=1, bar=1, size=5, price=10, commission=0), Fill(order=2, bar=2, size=-5, price=10, commission=0)]
    >>> turnover(fills, np.array([100.0, 100.0]), years=0.5)
    2.0
    """
    traded = sum(abs(fill.size) * fill.price for fill in fills)
    mean = float(np.mean(equity)) if len(equity) else 0.0
    return float(traded / mean / years) if mean > 0 and years > 0 else 0.0


def costs(fills: Sequence[Fill]) -> float:
    """Commission paid, account currency; slippage is inside the fill prices and not counted here.

    >>> costs([Fill(order=1, bar=1, size=5, price=10, commission=0.05)])
    0.05
    """
    return float(sum(fill.commission for fill in fills))


def skewness(returns: FloatArray) -> float | None:
    """Third standardized moment (population form); None under three periods or when the returns hardly vary.

    >>> round(skewness(np.array([0.0, 0.0, 3.0])), 6)
    0.707107
    """
    return _moment(returns, 3)


def kurtosis(returns: FloatArray) -> float | None:
    """Fourth standardized moment (population form, 3 for a normal distribution); None as for `skewness`.

    >>> round(kurtosis(np.array([-1.0, 0.0, 1.0])), 6)
    1.5
    """
    return _moment(returns, 4)


def select_closed_profits(trades: Sequence[Trade]) -> FloatArray:
    """Select the profits of the closed trades in their order, account currency; shape (closed,)."""
    return np.array([trade.profit for trade in trades if trade.exit_bar is not None], dtype=np.float64)


def _moment(returns: FloatArray, order: int) -> float | None:
    if len(returns) < 3:
        return None
    deviation = float(np.std(returns))
    if deviation < SMALLEST_DEVIATION:
        return None
    return _finite(float(np.mean(((returns - np.mean(returns)) / deviation) ** order)))


def _ratio(mean: float, deviation: float, periods_per_year: int) -> float | None:
    if deviation < SMALLEST_DEVIATION or deviation * LARGEST_PERIOD_RATIO < abs(mean):
        return None
    return _finite(mean / deviation * sqrt(periods_per_year))


def _finite(number: float) -> float | None:
    return number if isfinite(number) else None


def _check(equity: FloatArray, position: FloatArray, time: TimeArray, start_value: float) -> None:
    if not equity.shape == position.shape == time.shape:
        raise ValueError(f"equity {equity.shape}, position {position.shape} and time {time.shape} must have one entry a bar")
    if start_value <= 0 or not isfinite(start_value):
        raise ValueError(f"the starting cash must be positive, not {start_value}")
    if not np.all(np.isfinite(equity)):
        raise ValueError("equity holds a value that is not finite")
